"""The fields of every record as a document, docs/attributes.md: `make fields` writes it, a test holds it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from domain.field import Field
from domain.fields import TABLES
from texts.lookup import field_label, languages, tables

DOCUMENT = Path(__file__).parent.parent / "docs/attributes.md"
COLUMNS = ("name", "type", "unit", "range", "entry", "reader", "meaning", "headings")


def markdown() -> str:
    """The whole document."""
    heads = " | ".join([_both("column", COLUMNS[0]), *languages(), *(_both("column", name) for name in COLUMNS[1:])])
    parts = [f"# {_both('document', 'title')}\n\n{_both('document', 'about', between=chr(10) * 2)}\n"]
    for thing, fields in TABLES.items():
        rows = "\n".join(_rows(thing, list(fields.values())))
        parts.append(f"## {_both('thing', thing)}\n\n| {heads} |\n|{'---|' * (heads.count(' | ') + 1)}\n{rows}\n")
    return "\n".join(parts)


def _both(table: str, key: str, *, between: str = " ") -> str:
    """A text in every language, one after the other."""
    return between.join(tables("fields", language)[table][key] for language in languages())


def _rows(thing: str, fields: list[Field]) -> Iterator[str]:
    for field in fields:
        name = field.name
        kind = f"{field.type}, in attributes" if field.store == "attributes" else field.type
        cells = (
            f"`{name}`", *(field_label(thing, name, language) for language in languages()), kind, field.unit,
            _range(field), field.entry, field.reader, _both(f"{thing}_meaning", name), ", ".join(field.headings),
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def _range(field: Field) -> str:
    if field.words:
        return " ".join(f"`{word}`" for word in field.words)
    if field.bound is not None:
        return f"{field.bound.least} … {field.bound.most}"
    return "" if field.most is None else f"≤ {field.most}"


if __name__ == "__main__":
    DOCUMENT.write_text(markdown(), encoding="utf-8")
