"""Filters in CQL2, text or JSON, as one tree: the JSON form of CQL2, of dicts, lists, texts, numbers and booleans.

A dict is `{"op", "args"}`, `{"property"}`, `{"date"}`, `{"timestamp"}`, `{"interval": [from, to]}`, `{"bbox"}`, or a
geometry of GeoJSON. Which operators and properties there are is for `store/cql2.py`.
Source: OGC 21-065r2.
"""

from __future__ import annotations

import json
from typing import Literal, NoReturn

from domain.errors import Malformed
from geo.cql2_text import FILTER, MOST_DEPTH, Node, number, read_text

FilterLanguage = Literal["cql2-text", "cql2-json"]

#: Characters: an outline of some 500 corners; far below what a request line may hold.
MOST_CHARS = 16_384
#: Members that an object of the JSON form has; a text, or one of `LISTS`.
FORMS = (
    {"op", "args"}, {"property"}, {"date"}, {"timestamp"}, {"interval"}, {"bbox"}, {"type", "coordinates"},
    {"type", "geometries"},
)  # fmt: skip
LISTS = frozenset({"args", "interval", "bbox", "coordinates", "geometries"})


def parse(text: str, language: FilterLanguage) -> Node:
    """The tree of a filter; the same for both languages.

    Raises: Malformed for `filter` that says what is wrong, and at which character where it is text.
    """
    if len(text) > MOST_CHARS:
        raise Malformed("filter_too_long", FILTER, chars=len(text), most=MOST_CHARS)
    _check_characters(text)
    node = read_text(text) if language == "cql2-text" else _read_json(text)
    _check(node, 0)
    return node


def _check_characters(text: str) -> None:
    """PostgreSQL takes neither NUL nor half a character."""
    for position, character in enumerate(text, start=1):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            code = "text_control" if character == "\0" else "text_surrogate"
            raise Malformed(code, FILTER, character=f"U+{ord(character):04X}", position=position)


def _read_json(text: str) -> Node:
    def refuse(constant: str) -> NoReturn:
        raise Malformed("filter_number", FILTER, value=constant)

    try:
        node: Node = json.loads(text, parse_int=number, parse_float=number, parse_constant=refuse)
    except json.JSONDecodeError as fault:
        raise Malformed("filter_json", FILTER, position=fault.pos + 1) from fault
    except RecursionError as fault:
        raise Malformed("filter_too_deep", FILTER, most=MOST_DEPTH) from fault
    return node


def _check(node: object, depth: int) -> None:
    """That the tree has the forms there are, and is not too deep."""
    if depth > MOST_DEPTH:
        raise Malformed("filter_too_deep", FILTER, most=MOST_DEPTH)
    if isinstance(node, str):
        _check_characters(node)
    elif isinstance(node, list):
        for item in node:
            _check(item, depth + 1)
    elif isinstance(node, dict):
        if node.keys() not in FORMS or any(
            not isinstance(member, list if name in LISTS else str) for name, member in node.items()
        ):
            raise Malformed("filter_json_form", FILTER, value=json.dumps(node)[:60])
        for member in node.values():
            for item in member if isinstance(member, list) else [member]:
                _check(item, depth + 1)
    elif node is None:
        raise Malformed("filter_null", FILTER)
