"""Filters in CQL2 text, read by our own parser: in time that grows with the text, and never deeper than `MOST_DEPTH`.

Source: OGC 21-065r2, annex B. Operators bind as `POWERS` says. Taken beyond the grammar, as other servers do:
`!=`, a sign before what is no number, heights and `Z` in geometries, lists of one level for functions of arrays.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, NoReturn, TypeAlias

from domain.errors import Malformed

Node: TypeAlias = "dict[str, Node] | list[Node] | str | int | float | bool"

FILTER = "filter"
#: Expressions within each other: in brackets, behind an operator, a NOT or a sign; nodes of a tree likewise.
MOST_DEPTH = 64
#: How tightly an operator holds its operands.
POWERS = {
    "or": 1, "and": 2,
    "=": 4, "<>": 4, "!=": 4, "<": 4, ">": 4, "<=": 4, ">=": 4,
    "not": 4, "is": 4, "like": 4, "between": 4, "in": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "div": 6, "^": 7,
}  # fmt: skip
LOOSEST, NEGATED, ARITHMETIC = 1, 3, 5
#: Words that are no property unless they stand in double quotes.
KEYWORDS = frozenset({"and", "or", "not", "is", "like", "between", "in", "div", "null"})
#: Functions whose name is written with a capital letter in JSON.
WRITTEN = {
    name.lower(): name
    for name in ("t_finishedBy", "t_metBy", "t_overlappedBy", "t_startedBy", "a_containedBy", "isNull")
} | {
    name: name
    for name in (
        "s_contains", "s_crosses", "s_disjoint", "s_equals", "s_intersects", "s_overlaps", "s_touches", "s_within",
        "t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishes", "t_intersects",
        "t_meets", "t_overlaps", "t_starts", "a_contains", "a_equals", "a_overlaps", "casei", "accenti",
    )
}  # fmt: skip
#: Geometry in text → its name in GeoJSON, and how deep its positions are nested.
GEOMETRIES = {
    "point": ("Point", 0), "multipoint": ("MultiPoint", 1), "linestring": ("LineString", 1),
    "multilinestring": ("MultiLineString", 2), "polygon": ("Polygon", 2), "multipolygon": ("MultiPolygon", 3),
    "geometrycollection": ("GeometryCollection", 0),
}  # fmt: skip

_START = (
    ":_A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1ffe\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_BLANK = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(
    rf"""(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)
    |(?P<text>'(?:[^']|'')*+')
    |(?P<quoted>"(?:[^"]|"")*+")
    |(?P<name>[{_START}][{_START}.0-9\u0300-\u036f\u203f\u2040]*)
    |(?P<sign><>|<=|>=|!=|[-+*/^%=<>(),])""",
    re.VERBOSE,
)


class _Token(NamedTuple):
    """`kind` is a group of `_TOKEN`, or `end`; `word`, in lower case, is what is compared; `at` counts from 0."""

    kind: str
    text: str
    word: str
    at: int


def read_text(text: str) -> Node:
    """The tree of a filter in CQL2 text. Raises: Malformed that says at which character, counted from 1."""
    return _Parser(text).whole()


def number(text: str) -> int | float:
    """A number as it is written; more than 18 digits as a float. Raises: Malformed beyond what a float holds."""
    value = float(text)
    if not math.isfinite(value):
        raise Malformed("filter_number", FILTER, value=text[:40])
    return int(text) if text.lstrip("+-").isdigit() and len(text) <= 18 else value


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while True:
        blank = _BLANK.match(text, at)
        at = at if blank is None else blank.end()
        if at == len(text):
            yield _Token("end", "", "", at)
            return
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            code = "filter_quote_open" if text[at] in "'\"" else "filter_character"
            raise Malformed(code, FILTER, position=at + 1, character=text[at])
        kind = match.lastgroup
        yield _Token(kind, match[0], match[0].lower() if kind in ("name", "sign") else "", at)
        at = match.end()


class _Parser:
    """By precedence: an operand, then operators that bind at least as tightly as the caller asks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.index = 0
        self.depth = 0

    def whole(self) -> Node:
        node = self.expression()
        if self.token.kind != "end":
            self.fail("filter_operator")
        return node

    @property
    def token(self) -> _Token:
        return self.tokens[self.index]

    def accept(self, *words: str) -> str | None:
        """The word, where the next token is one of these; the token is then behind us."""
        word = self.token.word
        if word not in words:
            return None
        self.index += 1
        return word

    def expect(self, word: str) -> None:
        if self.accept(word) is None:
            self.fail("filter_sign", expected=word.upper())

    def fail(self, code: str, expected: str = "") -> NoReturn:
        at = self.token.at
        if self.token.kind == "end":
            raise Malformed("filter_ends_early", FILTER, after=self.text.rstrip()[-20:])
        raise Malformed(code, FILTER, position=at + 1, near=self.text[at : at + 20], expected=expected)

    @contextmanager
    def level(self) -> Iterator[None]:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise Malformed("filter_too_deep", FILTER, most=MOST_DEPTH)
        yield
        self.depth -= 1

    def expression(self, least: int = LOOSEST) -> Node:
        with self.level():
            left = self.operand()
            while (power := POWERS.get(self.token.word, -1)) >= least:
                operator = self.token.word
                self.index += 1
                left = self.joined(operator, power, left)
        return left

    def joined(self, operator: str, power: int, left: Node) -> Node:
        match operator:
            case "and" | "or":
                return _operation(operator, *_parts(operator, left), *_parts(operator, self.expression(power + 1)))
            case "not":
                word = self.accept("like", "between", "in")
                if word is None:
                    self.fail("filter_sign", expected="LIKE, BETWEEN, IN")
                return _operation("not", self.joined(word, power, left))
            case "is":
                is_negated = self.accept("not") is not None
                self.expect("null")
                return _operation("not", _operation("isNull", left)) if is_negated else _operation("isNull", left)
            case "between":
                least = self.expression(ARITHMETIC)
                self.expect("and")
                return _operation("between", left, least, self.expression(ARITHMETIC))
            case "in":
                self.expect("(")
                return _operation("in", left, self.listed())
            case "^":  # from the right
                return _operation("^", left, self.expression(power))
            case _:
                return _operation("<>" if operator == "!=" else operator, left, self.expression(power + 1))

    def operand(self) -> Node:
        token = self.token
        if self.accept("not"):
            return _operation("not", self.expression(NEGATED))
        if self.accept("("):
            nodes = self.listed()
            return nodes[0] if len(nodes) == 1 else nodes
        if sign := self.accept("-", "+"):
            if self.token.kind == "number":
                return self.signed(sign)
            with self.level():
                return self.operand() if sign == "+" else _operation("*", -1, self.operand())
        if token.kind == "name":
            return self.named(token)
        if token.kind not in ("number", "text", "quoted"):
            self.fail("filter_value")
        self.index += 1
        if token.kind == "number":
            return number(token.text)
        inner = token.text[1:-1]
        return inner.replace("''", "'") if token.kind == "text" else {"property": inner.replace('""', '"')}

    def listed(self) -> list[Node]:
        """Expressions up to the closing bracket, whose opening one is behind us."""
        nodes = [self.expression()]
        while self.accept(","):
            nodes.append(self.expression())
        self.expect(")")
        return nodes

    def named(self, token: _Token) -> Node:
        if token.word == "null":
            self.fail("filter_null")
        if token.word in KEYWORDS:
            self.fail("filter_value")
        self.index += 1
        if token.word in ("true", "false"):
            return token.word == "true"
        if token.word in GEOMETRIES and self.token.word in ("(", "z", "empty"):
            return self.geometry(token.word)
        if not self.accept("("):
            return {"property": token.text}
        if token.word in ("date", "timestamp"):
            if self.token.kind != "text":
                self.fail("filter_value")
            return {token.word: self.listed()[0]}
        if token.word in ("interval", "bbox"):
            return {token.word: self.listed()}
        name = WRITTEN.get(token.word, token.text)
        return _operation(name) if self.accept(")") else _operation(name, *self.listed())

    def geometry(self, word: str) -> Node:
        if self.accept("empty"):
            raise Malformed("geometry_empty", FILTER)
        self.accept("z")
        kind, depth = GEOMETRIES[word]
        if kind == "GeometryCollection":
            return {"type": kind, "geometries": self.nested(self.member)}
        if kind == "Point":
            return {"type": kind, "coordinates": self.nested(self.position)[0]}
        return {"type": kind, "coordinates": self.positions(depth, is_multipoint=kind == "MultiPoint")}

    def member(self) -> Node:
        word = self.token.word
        if word not in GEOMETRIES:
            self.fail("filter_value")
        self.index += 1
        with self.level():
            return self.geometry(word)

    def positions(self, depth: int, *, is_multipoint: bool) -> Node:
        if depth:
            return self.nested(lambda: self.positions(depth - 1, is_multipoint=is_multipoint))
        if is_multipoint and self.token.word == "(":
            return self.nested(self.position)[0]
        return self.position()

    def nested(self, read: Callable[[], Node]) -> list[Node]:
        """What is read between commas, in brackets."""
        self.expect("(")
        nodes = [read()]
        while self.accept(","):
            nodes.append(read())
        self.expect(")")
        return nodes

    def position(self) -> Node:
        numbers: list[Node] = []
        while self.token.word in ("-", "+") or self.token.kind == "number":
            numbers.append(self.signed(self.accept("-", "+") or ""))
        if not numbers:
            self.fail("filter_value")
        return numbers

    def signed(self, sign: str) -> int | float:
        if self.token.kind != "number":
            self.fail("filter_value")
        self.index += 1
        return number(sign + self.tokens[self.index - 1].text)


def _operation(operator: str, *args: Node) -> dict[str, Node]:
    return {"op": operator, "args": list(args)}


def _parts(operator: str, node: Node) -> list[Node]:
    """Operands of the same AND or OR are those of one."""
    if isinstance(node, dict) and node.get("op") == operator and isinstance(args := node["args"], list):
        return args
    return [node]
