"""The fields of every record as a document, docs/attributes.md: `make fields` writes it, a test holds it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from domain.field import Field
from domain.fields import TABLES
from domain.words import KIND_OF_LEVEL, Kind, Level
from texts.lookup import field_label, label, languages, side_by_side

DOCUMENT = Path(__file__).parent.parent / "docs/attributes.md"
COLUMNS = ("type", "unit", "range", "levels", "entry", "reader", "meaning", "source", "headings")


def markdown() -> str:
    """The whole document, in every language at once."""
    heads = [_text("column", "name"), *languages(), *(_text("column", name) for name in COLUMNS)]
    parts = [f"# {_text('document', 'title')}\n", side_by_side("fields", "document", "about", between="\n\n") + "\n"]
    for thing, fields in TABLES.items():
        table = [heads, ["---"] * len(heads), *_rows(thing, list(fields.values()))]
        lines = "\n".join(f"| {' | '.join(cells)} |" for cells in table)
        parts.append(f"## {_text('thing', thing)}\n\n{lines}\n")
    return "\n".join(parts)


def _rows(thing: str, fields: list[Field]) -> Iterator[list[str]]:
    for field in fields:
        labels = [field_label(thing, field.name, language) for language in languages()]
        kind = f"{field.type}, in attributes" if field.store == "attributes" else field.type
        about = [field.entry, field.reader, _text(f"{thing}_meaning", field.name), field.source]
        headings = ", ".join(field.headings)
        yield [f"`{field.name}`", *labels, kind, _unit(field), _range(field), _levels(thing, field), *about, headings]


def _text(table: str, key: str) -> str:
    return side_by_side("fields", table, key)


def _unit(field: Field) -> str:
    return " ".join(dict.fromkeys(label("unit", field.unit, language) for language in languages()))


def _levels(thing: str, field: Field) -> str:
    """The levels of a unit it applies to, or the kinds of space; nothing: all."""
    levels = [level for level in Level if level in field.levels and KIND_OF_LEVEL[level] in field.kinds]
    if thing != "asset":
        return " ".join(kind for kind in Kind if kind in field.kinds) if len(field.kinds) == 1 else ""
    return "" if len(levels) == len(Level) else " ".join(f"`{level}`" for level in levels)


def _range(field: Field) -> str:
    if field.words:
        return " ".join(f"`{word}`" for word in field.words)
    if field.bound is not None:
        return f"{field.bound.least} … {field.bound.most}"
    return "" if field.most is None else f"≤ {field.most}"


if __name__ == "__main__":
    DOCUMENT.write_text(markdown(), encoding="utf-8")
