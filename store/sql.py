"""Named queries: the text of a `.sql` file by name.

A file is a list of `-- name: <name>` lines, each followed by one sentence of comment and one statement. Where a part of
a statement depends on who asks, the statement has a `{place}`; the head of the file says what is filled in, by `fill`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from domain.field import Fields

_PLACE = re.compile(r"\{([a-z][a-z_0-9]*)\}")
_NAME = re.compile(r"^-- name: ([a-z_0-9]+)$", re.MULTILINE)


@cache
def load(noun: str) -> SimpleNamespace:
    """The queries of `store/<noun>.sql` as attributes, comments stripped."""
    parts = _NAME.split((Path(__file__).parent / f"{noun}.sql").read_text(encoding="utf-8"))
    names, bodies = parts[1::2], parts[2::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{noun}.sql names a query twice")
    return SimpleNamespace(**{name: _statement(body) for name, body in zip(names, bodies, strict=True)})


def _statement(body: str) -> str:
    lines = [line for line in body.splitlines() if line.strip() and not line.lstrip().startswith("--")]
    return "\n".join(lines).rstrip().rstrip(";")


def fill(query: str, **parts: str) -> str:
    """The query with each `{place}` replaced by the part of that name. A part may hold places for a later filling.

    Raises: ValueError where a part is named that the query has no place for, or a place is not filled.
    """
    if (wanted := places(query)) != parts.keys():
        raise ValueError(f"places {sorted(wanted)}, parts {sorted(parts)}")
    return _PLACE.sub(lambda place: parts[place[1]], query)


def places(query: str) -> set[str]:
    """Names of the places in a query."""
    return set(_PLACE.findall(query))


def columns(fields: Fields) -> str:
    """The columns of the facts that can change, with commas between."""
    return ", ".join(name for name, field in fields.items() if field.entry == "any" and field.store == "column")
