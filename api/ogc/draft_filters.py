"""Filters as GDAL writes them, in the language of an early draft of part 3, which it sends where a service names it.

It has no literals of dates and flags: a text beside a property that is a date is one, and a whole number beside a flag.
Without it GDAL sends a condition on any date as `datetime`, which is about one property, and whatever else it evaluates
by itself after reading everything. Source: GDAL, driver OAPIF; 3.6.2 and 3.12.4 as they were recorded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from geo.cql2 import parse
from geo.cql2_text import Node
from store.cql2 import FilterColumn

#: The name of the language.
DRAFT: Final = "cql-text"
_STRING_OR_ILIKE = re.compile(r"'(?:[^']|'')*'|(\w+) ILIKE ('(?:[^']|'')*')")
_WHEN = re.compile(r"(\d{4}-\d{2}-\d{2})T?(?:(\d{2}:\d{2}(?::\d{2})?)Z)?")


def parse_draft(text: str, columns: Mapping[str, FilterColumn]) -> Node:
    """The tree of a filter, its literals of the types of the properties beside them. Raises as `geo.cql2.parse`."""
    return _typed(parse(_STRING_OR_ILIKE.sub(_without_ilike, text), "cql2-text"), columns)


def _without_ilike(match: re.Match[str]) -> str:
    return match[0] if match[1] is None else f"CASEI({match[1]}) LIKE CASEI({match[2]})"


def _typed(node: Any, columns: Mapping[str, FilterColumn]) -> Node:
    if not isinstance(node, dict) or "args" not in node:
        return node
    args = [_typed(arg, columns) for arg in node["args"]]
    names = [str(arg["property"]) for arg in args if isinstance(arg, dict) and "property" in arg]
    column = columns.get(names[0]) if len(names) == 1 else None
    if column is not None and len(args) == 2:
        args = [_literal(arg, column) for arg in args]
    return {**node, "args": args}


def _literal(value: Node, column: FilterColumn) -> Node:
    if column.type == "boolean" and value in (0, 1) and not isinstance(value, bool):
        return bool(value)
    when = _WHEN.fullmatch(value) if column.type in ("date", "timestamp") and isinstance(value, str) else None
    if when is None:
        return value
    if when[2] is None:
        return {"date": when[1]}
    return {"timestamp": f"{when[1]}T{when[2]}{':00' if len(when[2]) == 5 else ''}Z"}
