"""Searches of units: a statement made of fixed conditions, the caller's values bound, one plan for each combination."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from uuid import UUID

import asyncpg

from store.asset import feature_text
from store.sql import load

SQL = load("asset_search")
#: Sort word → column and whether it falls. Ids rise within equal values; unknown values come last.
SORTS: dict[str, tuple[str, bool]] = {
    "id": ("id", False),
    "area_m2": ("usable_area_m2", False),
    "-area_m2": ("usable_area_m2", True),
    "rent_yuan_m2_month": ("rent_yuan_m2_month", False),
    "-rent_yuan_m2_month": ("rent_yuan_m2_month", True),
}
Condition = tuple[str, tuple[object, ...]]
_HOLE = re.compile(r"\?(\d?)")


@dataclass(frozen=True)
class After:
    """The last row of the page before; `value` is None where its sort value is unknown."""

    value: str | None
    id: UUID


@dataclass(frozen=True)
class Page:
    """Features as JSON texts, and where the next page begins."""

    features: Sequence[str]
    after: After | None
    tag: str


async def search(
    conn: asyncpg.Connection,
    conditions: Sequence[Condition],
    *,
    sort: str = "id",
    after: After | None = None,
    limit: int,
    is_signed_in: bool,
) -> Page:
    """The units the caller sees that meet all conditions."""
    text, values = _asked(conditions, sort, after, "page_for_staff" if is_signed_in else "page")
    rows = await conn.fetch(text, *values, limit + 1)
    shown = rows[:limit]
    features = [feature_text(row[0], row[4]) for row in shown] if is_signed_in else [row[0] for row in shown]
    last = shown[-1] if len(rows) > limit else None
    tag = hashlib.sha256(",".join([f"{row[1]}/{row[3]}" for row in rows]).encode()).hexdigest()
    return Page(features, None if last is None else After(last["value"], UUID(last["key"])), tag)


async def tag_of(
    conn: asyncpg.Connection, conditions: Sequence[Condition], *, sort: str = "id", after: After | None, limit: int
) -> str:
    """The tag of the page that `search` would give, without fetching it."""
    text, values = _asked(conditions, sort, after, "tag")
    tag: str = await conn.fetchval(text, *values, limit + 1)
    return tag


def _asked(conditions: Sequence[Condition], sort: str, after: After | None, query: str) -> tuple[str, list[object]]:
    asked = [*conditions, *_after(sort, after)]
    text = _statement(sort, tuple((name, len(values)) for name, values in asked), query)
    return text, [value for _, values in asked for value in values]


def _after(sort: str, after: After | None) -> list[Condition]:
    if after is None:
        return []
    if sort == "id":
        return [("after_id", (after.id,))]
    if after.value is None:
        return [("after_unknown", (after.id,))]
    _, falls = SORTS[sort]
    return [("after_id_falling" if falls else "after_id_rising", (Decimal(after.value), after.id))]


@cache
def _statement(sort: str, conditions: tuple[tuple[str, int], ...], query: str) -> str:
    """The text of one combination; `?` becomes the next parameter of a condition, `?2` its second again."""
    column, falls = SORTS[sort]
    parts, used = [], 0
    for name, count in conditions:
        parts.append(_bound(getattr(SQL, name).format(value=column), used, count))
        used += count
    order = "id" if sort == "id" else f"{column} {'DESC' if falls else 'ASC'} NULLS LAST, id"
    whole: str = getattr(SQL, query)
    return whole.format(
        conditions=" AND ".join(parts) or SQL.all,
        order=order,
        value="NULL" if sort == "id" else column,
        n=f"${used + 1}",
    )


def _bound(condition: str, used: int, count: int) -> str:
    following = iter(range(used + 1, used + count + 1))
    return _HOLE.sub(lambda hole: f"${used + int(hole[1]) if hole[1] else next(following)}", condition)
