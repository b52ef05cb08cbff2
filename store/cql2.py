"""Filters in CQL2 as conditions of SQL: only what stands in the tables below, every value bound.

Nothing of the caller's text becomes SQL but by a table: a property is a column that the caller of `compiled` declares,
an operator or function one of `cql2.sql` and `COMPARISONS`. What is left to run cannot fail, whatever the rows hold.
Source: OGC 21-065r2.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from domain.errors import Malformed
from geo.cql2_geometry import Transform, literal_ewkb
from geo.cql2_text import FILTER, WRITTEN, Node
from store.sql import fill, load, places

SQL = load("cql2")
COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")
ARITHMETIC = {
    "+": "plus", "-": "minus", "*": "times", "/": "divided", "%": "remainder", "div": "quotient", "^": "power",
}  # fmt: skip
#: Of 308 digits at most each: far from the 131,072 that a `numeric` holds.
MOST_CALCULATIONS = 64
SPATIAL = frozenset(name for name in vars(SQL) if name.startswith("s_"))
TEMPORAL = frozenset(name for name in vars(SQL) if name.startswith("t_"))
OF_INSTANTS = frozenset({"t_after", "t_before", "t_disjoint", "t_intersects", "t_equals"})
TEXT = ("casei", "accenti")
#: What a caller is told that there is, as it is written.
FUNCTIONS = sorted(WRITTEN[name] for name in (*SPATIAL, *TEMPORAL, *TEXT))
#: Geometries of several dimensions, which the other predicates of PostGIS do not take.
OF_MIXED = frozenset({"s_intersects", "s_disjoint"})
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})", re.IGNORECASE
)
SQL_TYPES = {"text": "text", "boolean": "boolean", "date": "date", "timestamp": "timestamptz"}

FilterType = Literal["text", "number", "integer", "boolean", "date", "timestamp", "geometry"]


@dataclass(frozen=True)
class FilterColumn:
    """What a property is in SQL: an expression without places, of the type; `timestamp` is a `timestamptz`."""

    sql: str
    type: FilterType


@dataclass(frozen=True)
class _Value:
    """An operand in SQL; `subject` is what a refusal calls it. `type` is `any` of an open end of an interval.

    `is_calculated`: a `numeric` that a float may be too small for.
    """

    sql: str
    type: str
    subject: str
    is_calculated: bool = False


def compiled(
    node: Node, columns: Mapping[str, FilterColumn], *, transform: Transform | None = None
) -> tuple[str, list[object]]:
    """A filter as a condition with places `{p1}`, `{p2}`, … and the values they bind, in their order.

    `columns`: by the name of the property. `transform`: from the axes of `filter-crs` to longitude and latitude;
    geometry columns are in 4326. An instant beside a date is compared as its day in Asia/Shanghai.
    Raises: Malformed for `filter`, naming what is unknown or of another type.
    """
    compiler = _Compiler(columns, transform)
    return compiler.typed(node, "boolean", "filter").sql, compiler.values


class _Compiler:
    """Binds the values of one filter as it walks through it."""

    def __init__(self, columns: Mapping[str, FilterColumn], transform: Transform | None) -> None:
        self.columns = columns
        self.transform = transform
        self.values: list[object] = []
        self.calculations = 0

    def bound(self, value: object, sql_type: str) -> str:
        self.values.append(value)
        return f"{{p{len(self.values)}}}::{sql_type}"

    def value(self, node: Node, *, may_be_mixed: bool = False) -> _Value:
        match node:
            case bool():
                return _Value(self.bound(node, "boolean"), "boolean", str(node).upper())
            case int() if -(2**63) <= node < 2**63:
                return _Value(self.bound(node, "bigint"), "number", str(node))
            case int() | float():
                return _Value(self.bound(Decimal(repr(node)), "numeric"), "number", str(node))
            case str():
                return _Value(self.bound(unicodedata.normalize("NFC", node), "text"), "text", f"'{node[:40]}'")
            case {"property": str(name)}:
                return self.column(name)
            case {"date": str(text)}:
                return self.instant(text, _DATE)
            case {"timestamp": str(text)}:
                return self.instant(text, _INSTANT)
            case {"interval": _}:
                return _Value("", "interval", "INTERVAL")
            case {"op": str(operator), "args": list(args)}:
                return self.operation(operator, args)
            case dict():
                ewkb = literal_ewkb(node, self.transform, may_be_mixed=may_be_mixed)
                subject = str(node.get("type", "BBOX"))
                return _Value(f"ST_GeomFromEWKB({self.bound(ewkb, 'bytea')})", "geometry", subject)
            case _:
                return _Value("", "array", "( , )")

    def typed(self, node: Node, expected: str, operator: str) -> _Value:
        """The operand, which has to be of this type."""
        value = self.value(node, may_be_mixed=operator in OF_MIXED)
        if value.type != expected:
            raise _wrong_type(operator, value, expected)
        return value

    def column(self, name: str) -> _Value:
        column = self.columns.get(name)
        if column is None:
            raise Malformed("filter_property", FILTER, name=name[:60], known=sorted(self.columns))
        return _Value(column.sql, "number" if column.type == "integer" else column.type, name)

    def instant(self, text: str, form: re.Pattern[str]) -> _Value:
        """A date or an instant; of the years 0000 and 0001 before all others, of 9999 after all."""
        try:
            if form.fullmatch(text) is None:
                raise ValueError
            year, rest = text[:4], text[4:].upper()
            kind, sql_type = ("date", "date") if form is _DATE else ("timestamp", "timestamptz")
            moment = datetime.fromisoformat(f"{'2000' if year in ('0000', '0001', '9999') else year}{rest}")
        except ValueError as fault:
            raise Malformed("filter_instant", FILTER, value=text[:40]) from fault
        if year in ("0000", "0001"):
            return _Value(f"'-infinity'::{sql_type}", kind, text)
        if year == "9999":
            return _Value(f"'infinity'::{sql_type}", kind, text)
        return _Value(self.bound(moment.date() if kind == "date" else moment, sql_type), kind, text)

    def operation(self, operator: str, args: Sequence[Node]) -> _Value:
        name = operator.lower()
        if name in ("and", "or"):
            _count(operator, args, 1, None)
            parts = [self.typed(arg, "boolean", operator.upper()).sql for arg in args]
            return _boolean(f"({f' {name.upper()} '.join(parts)})", operator)
        if name == "not":
            _count(operator, args, 1)
            return _boolean(f"(NOT {self.typed(args[0], 'boolean', 'NOT').sql})", operator)
        if name == "isnull":
            _count(operator, args, 1)
            return self.is_null(args[0])
        if name in COMPARISONS:
            _count(operator, args, 2)
            return self.comparison(name, args)
        if name == "between":
            _count(operator, args, 3)
            value, least, most = self.alike("BETWEEN", args)
            return _boolean(f"({_ordered(value)} BETWEEN {least.sql} AND {most.sql})", operator)
        if name == "in":
            _count(operator, args, 2)
            return self.among(args)
        if name == "like":
            _count(operator, args, 2)
            value = self.typed(args[0], "text", "LIKE")
            return _boolean(f"({value.sql} LIKE {self.pattern(args[1])})", operator)
        if name in ARITHMETIC:
            _count(operator, args, 2)
            return self.calculation(name, args)
        if name in TEXT:
            _count(operator, args, 1)
            return _Value(fill(getattr(SQL, name), a=self.typed(args[0], "text", name.upper()).sql), "text", operator)
        if name in SPATIAL:
            _count(operator, args, 2)
            a, b = (self.typed(arg, "geometry", name).sql for arg in args)
            return _boolean(fill(getattr(SQL, name), a=a, b=b), operator)
        if name in TEMPORAL:
            _count(operator, args, 2)
            return self.temporal(name, args)
        raise Malformed("filter_function", FILTER, name=operator[:60], known=FUNCTIONS)

    def is_null(self, node: Node) -> _Value:
        value = self.value(node, may_be_mixed=True)
        if value.type in ("interval", "array"):
            raise _wrong_type("IS NULL", value, "text", "number", "date", "geometry")
        return _boolean(f"({value.sql} IS NULL)", "IS NULL")

    def comparison(self, operator: str, args: Sequence[Node]) -> _Value:
        a, b = self.alike(operator, args)
        left = a.sql if operator in ("=", "<>") else _ordered(a)
        return _boolean(f"({left} {operator} {b.sql})", operator)

    def among(self, args: Sequence[Node]) -> _Value:
        if not isinstance(args[1], list) or not args[1]:
            raise Malformed("filter_list", FILTER)
        value, *others = self.alike("IN", [args[0], *args[1]])
        return _boolean(f"({value.sql} IN ({', '.join(other.sql for other in others)}))", "IN")

    def alike(self, operator: str, nodes: Sequence[Node]) -> list[_Value]:
        """Operands that have to be of one type with the first; instants beside dates become days."""
        values = [self.value(node) for node in nodes]
        first = values[0]
        if first.type not in (*SQL_TYPES, "number"):
            raise _wrong_type(operator, first, "text", "number", "date", "timestamp")
        if {value.type for value in values} == {"date", "timestamp"}:
            return _days(values)
        for value in values:
            if value.type != first.type:
                raise _wrong_type(operator, value, first.type)
        if any(value.is_calculated for value in values):
            return [replace(value, sql=f"({value.sql})::numeric") for value in values]
        return values

    def pattern(self, node: Node) -> str:
        """A text, in CASEI or ACCENTI or not; PostgreSQL fails on one whose last backslash escapes nothing."""
        match node:
            case str():
                if (len(node) - len(node.rstrip("\\"))) % 2:
                    raise Malformed("filter_pattern", FILTER)
                return self.value(node).sql
            case {"op": "casei" | "accenti" as name, "args": [inner]}:
                return fill(getattr(SQL, name), a=self.pattern(inner))
            case _:
                raise Malformed("filter_pattern", FILTER)

    def calculation(self, operator: str, args: Sequence[Node]) -> _Value:
        self.calculations += 1
        if self.calculations > MOST_CALCULATIONS:
            raise Malformed("filter_calculations", FILTER, most=MOST_CALCULATIONS)
        a, b = (f"{self.typed(arg, 'number', operator).sql}::numeric" for arg in args)
        return _Value(fill(getattr(SQL, ARITHMETIC[operator]), a=a, b=b), "number", operator, is_calculated=True)

    def temporal(self, name: str, args: Sequence[Node]) -> _Value:
        query = getattr(SQL, name)
        compared = places(query)
        ends = [end for side, arg in zip("ab", args, strict=True) for end in self.span(name, arg, side, compared)]
        types = {end.type for end in ends} - {"any"}
        if len(types) > 1:
            ends = _days(ends)
        sql_type = SQL_TYPES[types.pop()] if len(types) == 1 else "date" if types else "timestamptz"
        ends = [replace(end, sql=f"'{end.sql}'::{sql_type}") if end.type == "any" else end for end in ends]
        parts = dict(zip(("a1", "a2", "b1", "b2"), (end.sql for end in ends), strict=True))
        return _boolean(fill(query, **{place: parts[place] for place in compared}), name)

    def span(self, name: str, node: Node, side: str, compared: Collection[str]) -> list[_Value]:
        """The first and the last instant of an operand, which are one where it is no interval.

        An end that is not compared binds nothing: PostgreSQL takes no value that stands nowhere.
        """
        if isinstance(node, dict) and isinstance(nodes := node.get("interval"), list):
            if len(nodes) != 2:
                raise Malformed("filter_interval", FILTER)
            ends = []
            for place, end, open_end in zip((f"{side}1", f"{side}2"), nodes, ("-infinity", "infinity"), strict=True):
                before = len(self.values)
                ends.append(self.end(name, end, open_end))
                if place not in compared:
                    del self.values[before:]
            return ends
        if name not in OF_INSTANTS:
            raise Malformed("filter_needs_intervals", FILTER, name=WRITTEN[name])
        return [self.end(name, node, "")] * 2

    def end(self, name: str, node: Node, open_end: str) -> _Value:
        if open_end and node == "..":
            return _Value(open_end, "any", "..")
        if open_end and isinstance(node, str):
            return self.instant(node, _DATE if _DATE.fullmatch(node) else _INSTANT)
        value = self.value(node)
        if value.type not in ("date", "timestamp"):
            raise _wrong_type(name, value, "date", "timestamp")
        return value


def _boolean(sql: str, operator: str) -> _Value:
    return _Value(sql, "boolean", operator.upper())


def _ordered(value: _Value) -> str:
    """Texts in the order of their characters, whatever the locale of the database."""
    return f'{value.sql} COLLATE "C"' if value.type == "text" else value.sql


def _days(values: Sequence[_Value]) -> list[_Value]:
    return [
        replace(value, sql=f"({value.sql} AT TIME ZONE 'Asia/Shanghai')::date", type="date")
        if value.type == "timestamp"
        else value
        for value in values
    ]


def _count(operator: str, args: Sequence[Node], least: int, most: int | None = 0) -> None:
    """Raises: Malformed where there are not as many operands; `most` 0: just `least`, None: or more."""
    if len(args) < least or (most == 0 and len(args) > least):
        raise Malformed("filter_arguments", FILTER, name=operator[:60], count=least, got=len(args))


def _wrong_type(operator: str, value: _Value, *expected: str) -> Malformed:
    return Malformed(
        "filter_type", FILTER, operator=operator, subject=value.subject, got=value.type, expected=list(expected)
    )
