"""Features of the collections of /ogc: pages, single ones, counts, by statements of fixed parts with values bound."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal
from uuid import UUID

import asyncpg

from domain.collections import COLLECTIONS, Collection, Shape, Thing
from domain.field import Field
from geo.reference_systems import Box
from store.cql2 import FilterColumn, FilterType
from store.db import portions
from store.flat import FORM, stated
from store.migrations import FOLDER
from store.sql import fill, load, places

SQL = load("features")
RELATION: Final[Mapping[Thing, str]] = {
    "asset": "asset_visible",
    "park": "park_visible",
    "revitalization": "revitalization_visible",
}
#: Property of a unit, and of what was revived → the column of its park.
NAMES_OF_PARK: Final = {"park_code": "code", "park_name": "name_zh"}
#: Where a feature lies; a park has its outline alone.
PLACE: Final[Mapping[Shape, str]] = {"outline": "geom", "point": "label", "none": "NULL::geometry"}
#: A number that other texts of the same rows make another.
TEXTS: Final = f"{FORM[:12]}.{sum(1 for _ in FOLDER.glob('[0-9]*.sql'))}"
#: As the indexes of units that the public is shown, and of those on offer, ask it (migration 0028).
PUBLISHED: Final = "(listing = 'published') IS TRUE AND lapsed_on IS NULL"
ON_OFFER: Final = "availability = 'available' AND lapsed_on IS NULL"
#: Beyond so many they are not counted for one request; nor, of a collection of more than a few, for longer than this.
MOST_COUNTED, FEW, COUNT_S = 100_000, 20_000, 0.15
#: The counters that say whether a page of revivals is still the same: those of units too, whose outlines it shows.
UNITS = [f"{kind}{ending}" for kind in ("land", "factory") for ending in ("", "-points", "-unplaced")]
#: Condition by name, of `features.sql`, or a text of its own with its places; and its values.
Condition = tuple[str, tuple[object, ...]]
#: The same, and how many values.
ConditionForm = tuple[str, int]
#: Statements that a process keeps.
MOST_TEXTS = 500


@dataclass(frozen=True)
class GeometryForm:
    """How geometries are written: the system, whether north comes first, decimals, for which zoom; None: whole.

    `notation`: `wkb` in hex, little endian and not rounded; `wkt` as text. Both as texts of JSON.
    """

    srid: int = 4326
    is_north_first: bool = False
    places: int = 7
    zoom: int | None = None
    notation: Literal["geojson", "wkb", "wkt"] = "geojson"


#: As features are kept.
DEGREES: Final = GeometryForm()


@dataclass(frozen=True)
class FeatureKey:
    """The last feature of the page before, and its sort value as text."""

    id: UUID
    value: str | None = None


@dataclass(frozen=True)
class Sorted:
    """What a page is sorted by: a property, and whether it falls; unknown values come last."""

    field: Field
    falls: bool


def expression(collection: Collection, field: Field) -> str:
    """A property as SQL, of the row of the collection's relation; one of several values as the text that shows them."""
    relation = RELATION[collection.thing]
    if field.name in NAMES_OF_PARK:
        return f"(SELECT k.{NAMES_OF_PARK[field.name]} FROM park_visible AS k WHERE k.id = {relation}.park_id)"
    column = stated(field, relation) if field.store == "attributes" else f"{relation}.{field.name}"
    if field.name == "inherited":
        return f"(SELECT string_agg(k, ',' ORDER BY k) FROM jsonb_object_keys({column} - 'illustrative') AS k)"
    if field.type in ("words", "codes", "texts", "names", "ids"):
        return f"array_to_string({column}, ',')"
    return f"{column}::text" if field.type in ("object", "objects", "id") else column


def filter_columns(collection: Collection, fields: Iterable[Field]) -> dict[str, FilterColumn]:
    """What a filter may ask about: these properties, and the geometry."""
    columns = {field.name: FilterColumn(expression(collection, field), FILTER_TYPES.get(field.type, "text"))
               for field in fields}  # fmt: skip
    if collection.shape != "none":
        columns["geometry"] = FilterColumn(place(collection), "geometry")
    return columns


def place(collection: Collection) -> str:
    """Where a feature of a collection lies, as SQL."""
    return "boundary" if collection.thing == "park" else PLACE[collection.shape]


def counters(collection: Collection) -> list[str]:
    """The counters that change with a collection."""
    return [*UNITS, "revivals", "parks"] if collection.thing == "revitalization" else [collection.id]


#: How many features a collection has, None where nobody counts; what tells its states apart.
State = tuple[int | None, str]


async def state(conn: asyncpg.Connection, collection: Collection, *, is_staff: bool) -> State:
    """How a collection stands for the caller; for staff with the drafts of their parks."""
    row = await conn.fetchrow(SQL.state, counters(collection), is_staff and collection.is_written)
    return _state(collection, row["n"], row["version"])


async def states(conn: asyncpg.Connection, ids: Sequence[str]) -> list[State]:
    """How collections stand for the public."""
    rows = {row["collection"]: row for row in await conn.fetch(SQL.states)}
    read = []
    for collection in (COLLECTIONS[collection_id] for collection_id in ids):
        own = [rows[name] for name in counters(collection) if name in rows]
        read.append(_state(collection, sum(row["n"] for row in own), sum(row["version"] for row in own)))
    return read


def _state(collection: Collection, n: int, version: int) -> State:
    return None if collection.thing == "revitalization" else n, f"{TEXTS}.{version}"


def _shown(collection: Collection, *, is_staff: bool) -> list[str]:
    """The conditions of a collection: of units, those that the caller sees."""
    if collection.thing == "park":
        return ["true"]
    at = {"outline": "geom IS NOT NULL", "point": "label IS NOT NULL"}
    if collection.thing == "revitalization":
        return [at.get(collection.shape, "geom IS NULL")]
    parts = [f"kind = '{collection.kind}'", "retired_on IS NULL", at.get(collection.shape, "label IS NULL")]
    if collection.is_on_offer:
        return [*parts, ON_OFFER]
    return [*parts, SQL.listed if is_staff else PUBLISHED]


def _feature(collection: Collection, form: GeometryForm) -> str:
    """The row `f` as a text of GeoJSON."""
    if collection.thing == "asset" and (
        collection.shape == "none" or (collection.shape == "outline" and form == DEGREES)
    ):
        return "f.flat"
    text = {"asset": SQL.asset_feature, "park": SQL.park_feature, "revitalization": SQL.revitalization_feature}
    return fill(text[collection.thing], geometry=_geometry(collection, form))


def _geometry(collection: Collection, form: GeometryForm) -> str:
    """The geometry of the row `f` as a text of GeoJSON."""
    if collection.shape == "none":
        return "'null'"
    at = f"f.{place(collection)}"
    if form.zoom is not None and collection.shape == "outline":
        at = f"ST_Multi(ST_SimplifyPreserveTopology({at}, {360 / 256 / 2**form.zoom}))"  # a pixel of a tile of 256
    return geometry_as_text(at, form)


def geometry_as_text(at: str, form: GeometryForm) -> str:
    """A geometry, as SQL, as the text of it that is asked for, as SQL; null for none."""
    if form.srid not in (4326, 4490):
        at = f"ST_Transform({at}, {form.srid})"
    at = f"ST_FlipCoordinates({at})" if form.is_north_first else at
    if form.notation == "geojson":
        return f"ST_AsGeoJSON({at}, {form.places}, 0)"  # no member `crs`
    text = f"ST_AsText({at}, {form.places})" if form.notation == "wkt" else f"encode(ST_AsBinary({at}, 'NDR'), 'hex')"
    return f"""'"' || {text} || '"'"""


#: Where a unit lies in the REST list: its outline, else its point.
UNIT_PLACE: Final = "coalesce(geom, point)"


def listed_feature(crs: GeometryForm, at: str = UNIT_PLACE) -> str:
    """The feature of the REST list, of a row that has it and lies `at`, with its geometry in a system, as SQL."""
    return "feature" if crs == DEGREES else fill(SQL.listed_feature, geometry=geometry_as_text(at, crs))


def _forms(conditions: Sequence[Condition]) -> tuple[ConditionForm, ...]:
    """Conditions without their values, which alone differ from request to request."""
    return tuple((name, len(values)) for name, values in conditions)


@lru_cache(MOST_TEXTS)
def _page_text(
    collection: Collection, form: GeometryForm, by: Sorted | None, forms: tuple[ConditionForm, ...], is_staff: bool
) -> str:
    value = _value(collection, by)
    return fill(
        SQL.page,
        feature=_feature(collection, form),
        columns=_columns(collection),
        relation=RELATION[collection.thing],
        value=value,
        conditions=_where(collection, forms, value, by, is_staff=is_staff),
        order=_order(value, by),
        n=f"${sum(places for _, places in forms) + 1}",
    )


@cache
def _single_text(collection: Collection, form: GeometryForm, is_staff: bool) -> str:
    return fill(
        SQL.single,
        feature=_feature(collection, form),
        relation=RELATION[collection.thing],
        revision="0" if collection.thing == "revitalization" else "revision",
        conditions=" AND ".join(_shown(collection, is_staff=is_staff)),
        p1="$1",
    )


async def page(
    conn: asyncpg.Connection,
    collection: Collection,
    conditions: Sequence[Condition],
    *,
    form: GeometryForm,
    by: Sorted | None,
    after: FeatureKey | None,
    limit: int,
    is_staff: bool,
) -> tuple[list[bytes], FeatureKey | None]:
    """Features in the order asked for, then by id; and where the next page begins."""
    whole = [*conditions, *_after(by, after)]
    values = [v for _, bound in whole for v in bound]
    text = _page_text(collection, form, by, _forms(whole), is_staff)
    rows = await conn.fetch(text, *values, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return [row[0] for row in rows[:limit]], None if last is None else FeatureKey(last["id"], last["value"])


def _columns(collection: Collection) -> str:
    """What `_feature` reads of a row."""
    return "id, flat, geom, label" if collection.thing == "asset" else "*"


def _value(collection: Collection, by: Sorted | None) -> str:
    return "NULL" if by is None else expression(collection, by.field)


def _order(value: str, by: Sorted | None) -> str:
    return "id" if by is None else f"{value} {'DESC' if by.falls else 'ASC'} NULLS LAST, id"


async def selection(
    conn: asyncpg.Connection,
    collection: Collection,
    conditions: Sequence[Condition],
    *,
    form: GeometryForm,
    by: Sorted | None,
    is_staff: bool,
) -> AsyncIterator[list[bytes]]:
    """All features that meet the conditions, in the order asked for, in portions; in the transaction of a snapshot."""
    value = _value(collection, by)
    text = fill(
        SQL.selection,
        feature=_feature(collection, form),
        columns=_columns(collection),
        relation=RELATION[collection.thing],
        conditions=_where(collection, _forms(conditions), value, by, is_staff=is_staff),
        order=_order(value, by),
    )
    async for rows in portions(conn, text, *(v for _, bound in conditions for v in bound)):
        yield [row[0] for row in rows]


async def single(
    conn: asyncpg.Connection, collection: Collection, feature_id: UUID, *, form: GeometryForm, is_staff: bool
) -> tuple[bytes, int] | None:
    """A feature and its revision; None where the collection has none of this id for the caller."""
    row = await conn.fetchrow(_single_text(collection, form, is_staff), feature_id)
    return None if row is None else (row["feature"], row["revision"])


async def count(
    conn: asyncpg.Connection, collection: Collection, conditions: Sequence[Condition], *, is_staff: bool, in_all: int
) -> int | None:
    """How many features of `in_all` meet the conditions; None where that takes too long for one request."""
    values = [v for _, bound in conditions for v in bound]
    text = fill(
        SQL.count,
        relation=RELATION[collection.thing],
        conditions=_where(collection, _forms(conditions), "NULL", None, is_staff=is_staff),
        n=f"${len(values) + 1}",
    )
    timeout = COUNT_S if in_all > FEW else None
    is_within = timeout is not None and conn.is_in_transaction()
    if is_within:
        await conn.execute("SAVEPOINT before_count")
    try:
        n: int = await conn.fetchval(text, *values, MOST_COUNTED + 1, timeout=timeout)
    except TimeoutError:  # the driver has stopped it
        if is_within:
            await conn.execute("ROLLBACK TO SAVEPOINT before_count")
        return None
    return n if n <= MOST_COUNTED else None


async def extent(conn: asyncpg.Connection) -> Box | None:
    """The box around all parks: west, south, east, north; None where there is none."""
    row = await conn.fetchrow(SQL.extent)
    return None if row["west"] is None else tuple(row.values())


def _after(by: Sorted | None, after: FeatureKey | None) -> list[Condition]:
    if after is None:
        return []
    if by is None:
        return [("after_id", (after.id,))]
    if after.value is None:
        return [("after_unknown", (after.id,))]
    return [("after_falling" if by.falls else "after_rising", (after.value, after.id))]


def _where(
    collection: Collection, forms: Sequence[ConditionForm], value: str, by: Sorted | None, *, is_staff: bool
) -> str:
    """All conditions; {p1}, {p2}, … of each are the parameters after those before it."""
    parts, used = _shown(collection, is_staff=is_staff), 0
    about = {
        "geom": place(collection),
        "instant": collection.instant or "NULL",
        "value": value,
        "kind": "text" if by is None else SQL_TYPES.get(by.field.type, "text"),
    }
    for name, n_values in forms:
        text = NAMED.get(name, name)
        wanted = places(text)
        bound = {f"p{n}": f"${used + n}" for n in range(1, n_values + 1)}
        parts.append(fill(text, **bound, **{key: part for key, part in about.items() if key in wanted}))
        used += n_values
    return " AND ".join(f"({part})" for part in parts)


SQL_TYPES: Final = {
    "number": "numeric", "integer": "numeric", "flag": "boolean", "day": "date", "instant": "timestamptz",
}  # fmt: skip


NAMED: Final[Mapping[str, str]] = vars(SQL)


FILTER_TYPES: Final[Mapping[str, FilterType]] = {
    "number": "number", "integer": "integer", "flag": "boolean", "day": "date", "instant": "timestamp",
}  # fmt: skip


def equal(collection: Collection, field: Field) -> str:
    """The condition that a property is {p1}."""
    return f"{expression(collection, field)} = {{p1}}::{SQL_TYPES.get(field.type, 'text')}"
