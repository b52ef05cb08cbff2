"""Searches of units: a statement made of fixed conditions, the caller's values bound, one plan for each combination."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from uuid import UUID

import asyncpg

from domain.fields import ASSET
from store.asset import feature_of
from store.migrations import FOLDER
from store.search import SearchPosition, search_page
from store.spelling import text_queries
from store.sql import fill, load, places

SQL = load("asset_search")
#: What a field is sorted by, where that is another column.
SORTED_BY = {"area_m2": "usable_area_m2"}
#: Sort word → column and whether it falls. Ids rise within equal values; unknown values come last.
SORTS: dict[str, tuple[str, bool]] = {
    "id": ("id", False),
    "alike": ("word_similarity($1, spelling)", True),  # ours alone: the condition of that name stands first
} | {
    f"{'-' if falls else ''}{name}": (SORTED_BY.get(name, name), falls)
    for name, field in ASSET.items()
    if field.is_sort
    for falls in (False, True)
}
#: Condition on the least value of a column → the column.
MINIMUMS = {f"{name}_min": name for name, field in ASSET.items() if field.is_filter}
#: A migration may write other features at the revisions that are.
FORM = sum(1 for _ in FOLDER.glob("[0-9]*.sql"))
#: How a version, `id/revision`, begins.
UUID_CHARS = 36
Condition = tuple[str, tuple[object, ...]]


@dataclass(frozen=True)
class After:
    """The last row of the page before; `value` is its sort value, None where unknown, or the number of its query."""

    value: str | None
    id: UUID


@dataclass(frozen=True)
class Page:
    """Features as JSON bytes, where the next page begins, and a tag that differs for another page of the same query.

    `tag` is None where something was typed: such a page is put together from several queries.
    """

    features: Sequence[bytes]
    after: After | None
    tag: str | None = None


async def search(
    conn: asyncpg.Connection,
    conditions: Sequence[Condition],
    *,
    typed: str | None = None,
    sort: str | None = None,
    after: After | None = None,
    limit: int,
    is_signed_in: bool,
) -> Page:
    """The units the caller sees that meet all conditions; by id, or where something was typed the best first."""
    query = "page_for_staff" if is_signed_in else "page"

    async def rows(more: Sequence[Condition], order: str, after: After | None, n: int) -> Sequence[asyncpg.Record]:
        text, values = _with_values([*more, *conditions], order, after, query)
        return list(await conn.fetch(text, *values, n))

    if typed is not None and sort is None:
        met = await search_page(
            typed,
            lambda query, key, n: rows([("q", (query,))], "id", None if key is None else After(None, _id_in(key)), n),
            lambda spelt, n: rows([("alike", (spelt,))], "alike", None, n),
            "version",
            after=None if after is None else SearchPosition(int(after.value or 0), str(after.id)),
            limit=limit,
        )
        following = None if met.rest is None else After(str(met.rest.query_no), _id_in(met.rest.key))
        return Page(_features(met.rows, is_signed_in), following)
    queries = None if typed is None else await asyncio.to_thread(text_queries, typed)
    if typed is not None and queries is None:
        return Page([], None)
    got = await rows([] if queries is None else [("q", (queries.all,))], sort or "id", after, limit + 1)
    last = got[limit - 1] if len(got) > limit else None
    following = None if last is None else After(last["value"], _id_in(last["version"]))
    return Page(_features(got[:limit], is_signed_in), following, _tag(got, is_signed_in) if typed is None else None)


def _features(rows: Sequence[asyncpg.Record], is_signed_in: bool) -> list[bytes]:
    return [feature_of(row[0], row[3]) for row in rows] if is_signed_in else [row[0] for row in rows]


def _id_in(version: str) -> UUID:
    return UUID(version[:UUID_CHARS])


def _tag(rows: Sequence[asyncpg.Record], is_signed_in: bool) -> str:
    """A hash of ids and revisions, marked where the caller reads staff facts too."""
    if is_signed_in:
        versions = [f"{row[1]}{'' if row[3] is None else '+'}" for row in rows]
    else:
        versions = [row[1] for row in rows]
    return f"{FORM}.{hashlib.sha256(','.join(versions).encode()).hexdigest()}"


async def tag_of(
    conn: asyncpg.Connection,
    conditions: Sequence[Condition],
    *,
    sort: str | None,
    after: After | None,
    limit: int,
    is_signed_in: bool,
) -> str:
    """The tag of the page that `search` would give where nothing was typed, without fetching it."""
    text, values = _with_values(conditions, sort or "id", after, "tag_for_staff" if is_signed_in else "tag")
    return f"{FORM}.{await conn.fetchval(text, *values, limit + 1)}"


def _with_values(
    conditions: Sequence[Condition], sort: str, after: After | None, query: str
) -> tuple[str, list[object]]:
    """The statement of these conditions and the values it binds."""
    whole = [*conditions, *_after(sort, after)]
    text = _statement(sort, tuple((name, len(values)) for name, values in whole), query)
    return text, [value for _, values in whole for value in values]


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
    """The text of one combination; {p1}, {p2}, … of a condition become the parameters that follow those before it."""
    column, falls = SORTS[sort]
    parts, used = [], 0
    for name, count in conditions:
        bound = {f"p{n}": f"${used + n}" for n in range(1, count + 1)}
        least = MINIMUMS.get(name)
        parts.append(
            _filled(getattr(SQL, name), column, **bound) if least is None else fill(SQL.least, column=least, **bound)
        )
        used += count
    order = "id" if sort == "id" else f"{column} {'DESC' if falls else 'ASC'} NULLS LAST, id"
    value = "NULL" if sort == "id" else column
    return _filled(getattr(SQL, query), value, conditions=" AND ".join(parts) or SQL.all, order=order, n=f"${used + 1}")


def _filled(query: str, value: str, **parts: str) -> str:
    """The query with its parts; with the value that is sorted by where it speaks of it."""
    return fill(query, **parts, **({"value": value} if "value" in places(query) else {}))
