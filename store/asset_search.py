"""Searches of units: a statement made of fixed conditions, the caller's values bound, one plan for each combination."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from uuid import UUID

import asyncpg

from domain.field import Field, can_be_missing, filters_of
from domain.fields import ASSET
from domain.words import KIND_OF_LEVEL, Level
from store.asset import feature_of
from store.db import portions
from store.features import DEGREES, UNIT_PLACE, GeometryForm, geometry_as_text, listed_feature
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
#: Condition by a declared fact → its text.
BY_FIELD = {
    name: fill(getattr(SQL, by.compares), column=by.field.name, p1="{p1}") for name, by in filters_of(ASSET).items()
}
#: Column of a table that a feature does not hold → how the selection finds it.
BESIDE = {name: getattr(SQL, name) for name in ("parent_code", "plot_code", "wkt")}
#: A migration may write other features at the revisions that are.
FORM = sum(1 for _ in FOLDER.glob("[0-9]*.sql"))
#: How a version, `id/revision`, begins.
UUID_CHARS = 36
Condition = tuple[str, tuple[object, ...]]


def _missing(field: Field) -> str:
    """The condition that nobody stated a fact of a unit that can have it."""
    column = f"nullif({field.name}, '{{}}')" if field.is_never_null else field.name
    if field.store == "geometry":
        column = "geom"
    elif field.store == "attributes":
        column = f"attributes ->> '{field.name}'"
    levels = [level for level in Level if level in field.levels and KIND_OF_LEVEL[level] in field.kinds]
    return fill(SQL.missing, column=column, levels=", ".join(f"'{level}'" for level in levels))


#: Fact that can be missing → the name of its condition.
MISSING = {name: f"missing_{name}" for name, field in ASSET.items() if can_be_missing(field)}
BY_FIELD |= {MISSING[name]: _missing(ASSET[name]) for name in MISSING}


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
    crs: GeometryForm = DEGREES,
) -> Page:
    """The units the caller sees that meet all conditions; by id, or where something was typed the best first."""
    query = "page_for_staff" if is_signed_in else "page"

    async def rows(more: Sequence[Condition], order: str, after: After | None, n: int) -> Sequence[asyncpg.Record]:
        text, values = _with_values([*more, *conditions], order, after, query, crs)
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
    return Page(
        _features(got[:limit], is_signed_in), following, _tag(got, is_signed_in, crs) if typed is None else None
    )


def _features(rows: Sequence[asyncpg.Record], is_signed_in: bool) -> list[bytes]:
    return [feature_of(row[0], row[3]) for row in rows] if is_signed_in else [row[0] for row in rows]


def _id_in(version: str) -> UUID:
    return UUID(version[:UUID_CHARS])


def _tag(rows: Sequence[asyncpg.Record], is_signed_in: bool, crs: GeometryForm) -> str:
    """A hash of ids and revisions, marked where the caller reads staff facts too; and the system if it is another."""
    if is_signed_in:
        versions = [f"{row[1]}{'' if row[3] is None else '+'}" for row in rows]
    else:
        versions = [row[1] for row in rows]
    return f"{FORM}.{hashlib.sha256(','.join(versions).encode()).hexdigest()}{_of_system(crs)}"


def _of_system(crs: GeometryForm) -> str:
    return "" if crs == DEGREES else f".{crs.srid}"


async def tag_of(
    conn: asyncpg.Connection,
    conditions: Sequence[Condition],
    *,
    sort: str | None,
    after: After | None,
    limit: int,
    is_signed_in: bool,
    crs: GeometryForm = DEGREES,
) -> str:
    """The tag of the page that `search` would give where nothing was typed, without fetching it."""
    text, values = _with_values(conditions, sort or "id", after, "tag_for_staff" if is_signed_in else "tag")
    return f"{FORM}.{await conn.fetchval(text, *values, limit + 1)}{_of_system(crs)}"


def _with_values(
    conditions: Sequence[Condition], sort: str, after: After | None, query: str, crs: GeometryForm = DEGREES
) -> tuple[str, list[object]]:
    """The statement of these conditions and the values it binds."""
    whole = [*conditions, *_after(sort, after)]
    return _statement(sort, _shape(whole), query, crs), _values(whole)


def _after(sort: str, after: After | None) -> list[Condition]:
    if after is None:
        return []
    if sort == "id":
        return [("after_id", (after.id,))]
    if after.value is None:
        return [("after_unknown", (after.id,))]
    _, falls = SORTS[sort]
    return [("after_id_falling" if falls else "after_id_rising", (Decimal(after.value), after.id))]


async def portions_of(
    conn: asyncpg.Connection,
    conditions: Sequence[Condition],
    *,
    typed: str | None,
    names: Collection[str],
    is_staff: bool,
    crs: GeometryForm = DEGREES,
) -> AsyncIterator[list[asyncpg.Record]]:
    """All units the caller sees that meet all conditions, by id, in portions; in the transaction of a snapshot.

    What was typed selects as the pages of the list do, but for names that are only alike. Beside its feature a row has
    what of `BESIDE` is among the names, what staff read of it, and its geometry where it is wanted in another system.
    """
    whole = [*await _typed_conditions(conn, typed, conditions, is_sorted=False), *conditions]
    beside = [BESIDE[name] for name in BESIDE if name in names] + ([SQL.staff_facts] if is_staff else [])
    if crs != DEGREES:
        beside.append(fill(SQL.geometry_in, geometry=geometry_as_text(UNIT_PLACE, crs)))
    text = fill(SQL.selection, conditions=_where(_shape(whole), "id"), beside="".join(f", {part}" for part in beside))
    async for rows in portions(conn, text, *_values(whole)):
        yield rows


async def selected_ids(
    conn: asyncpg.Connection, conditions: Sequence[Condition], *, typed: str | None, limit: int
) -> list[UUID]:
    """The first units of the selection of `portions_of`."""
    whole = [*await _typed_conditions(conn, typed, conditions, is_sorted=False), *conditions]
    values = _values(whole)
    text = fill(SQL.ids, conditions=_where(_shape(whole), "id"), n=f"${len(values) + 1}")
    return [row["id"] for row in await conn.fetch(text, *values, limit)]


async def count(
    conn: asyncpg.Connection, conditions: Sequence[Condition], *, typed: str | None = None, is_sorted: bool = False
) -> int:
    """How many units the caller sees that meet all conditions."""
    whole = [*await _typed_conditions(conn, typed, conditions, is_sorted=is_sorted), *conditions]
    return int(await conn.fetchval(fill(SQL.count, conditions=_where(_shape(whole), "id")), *_values(whole)))


async def outlines(conn: asyncpg.Connection, code: str) -> str | None:
    """The outlines of the parks and units the caller sees by this code, hex EWKB; None: there is none."""
    outline: str | None = await conn.fetchval(SQL.outlines, code)
    return outline


async def _typed_conditions(
    conn: asyncpg.Connection, typed: str | None, conditions: Sequence[Condition], *, is_sorted: bool
) -> list[Condition]:
    """What a typed text means as a condition: the loose meaning where nothing meets the others, as in `search_page`."""
    if typed is None:
        return []
    queries = await asyncio.to_thread(text_queries, typed)
    if queries is None:
        return [("none", ())]
    meant: Condition = ("q", (queries.all,))
    if is_sorted or await count(conn, [meant, *conditions]):
        return [meant]
    return [("q", (queries.loose,))]


def _shape(conditions: Sequence[Condition]) -> tuple[tuple[str, int], ...]:
    return tuple((name, len(values)) for name, values in conditions)


def _values(conditions: Sequence[Condition]) -> list[object]:
    return [value for _, values in conditions for value in values]


@cache
def _statement(sort: str, conditions: tuple[tuple[str, int], ...], query: str, crs: GeometryForm) -> str:
    """The text of one combination."""
    column, falls = SORTS[sort]
    order = "id" if sort == "id" else f"{column} {'DESC' if falls else 'ASC'} NULLS LAST, id"
    value = "NULL" if sort == "id" else column
    n = sum(size for _, size in conditions) + 1
    shown = {"feature": listed_feature(crs)} if "feature" in places(getattr(SQL, query)) else {}
    return _filled(getattr(SQL, query), value, conditions=_where(conditions, column), order=order, n=f"${n}", **shown)


def _where(conditions: tuple[tuple[str, int], ...], column: str) -> str:
    """All conditions, and that of every list; {p1}, {p2}, … of each are the parameters after those before it."""
    parts, used = [SQL.listed], 0
    for name, count in conditions:
        bound = {f"p{n}": f"${used + n}" for n in range(1, count + 1)}
        parts.append(_filled(BY_FIELD.get(name) or getattr(SQL, name), column, **bound))
        used += count
    return " AND ".join(parts)


def _filled(query: str, value: str, **parts: str) -> str:
    """The query with its parts; with the value that is sorted by where it speaks of it."""
    return fill(query, **parts, **({"value": value} if "value" in places(query) else {}))
