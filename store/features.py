"""Features of the collections of /ogc: pages, single ones, counts, by statements of fixed parts with values bound."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

import asyncpg

from domain.collections import Collection, Shape, Thing
from domain.field import Field
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
#: As the indexes of published units ask it (migration 0023).
PUBLISHED: Final = "(listing = 'published') IS TRUE"
#: Beyond so many they are not counted for one request.
MOST_COUNTED = 100_000
#: The counters that say whether a page of revivals is still the same: those of units too, whose outlines it shows.
UNITS = [f"{kind}{ending}" for kind in ("land", "factory") for ending in ("", "-points", "-unplaced")]
#: Condition by name, of `features.sql`, or a text of its own with its places; and its values.
Condition = tuple[str, tuple[object, ...]]


@dataclass(frozen=True)
class Crs:
    """How geometries are written: the system, whether north comes first, decimals; the form.

    `wkb`: in hex, little endian and not rounded; `wkt`: as text. Both as texts of JSON.
    """

    srid: int = 4326
    is_north_first: bool = False
    places: int = 7
    form: Literal["geojson", "wkb", "wkt"] = "geojson"


#: As features are kept.
DEGREES: Final = Crs()


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


async def state(conn: asyncpg.Connection, collection: Collection, *, is_staff: bool) -> tuple[int | None, str]:
    """How many features a collection has for the caller, None where nobody counts; what tells its states apart."""
    sees_drafts = is_staff and collection.is_written
    row = await conn.fetchrow(SQL.state, counters(collection), sees_drafts)
    return None if collection.thing == "revitalization" else row["n"], f"{TEXTS}.{row['version']}"


def _shown(collection: Collection, *, is_staff: bool) -> list[str]:
    """The conditions of a collection: of units, those that the caller sees."""
    if collection.thing == "park":
        return ["true"]
    at = {"outline": "geom IS NOT NULL", "point": "label IS NOT NULL"}
    if collection.thing == "revitalization":
        return [at.get(collection.shape, "geom IS NULL")]
    parts = [f"kind = '{collection.kind}'", "retired_on IS NULL", at.get(collection.shape, "label IS NULL")]
    if collection.is_on_offer:
        return [*parts, "availability = 'available'"]
    return parts if is_staff else [*parts, PUBLISHED]


def _geometry(collection: Collection, crs: Crs) -> str:
    """The geometry of the row `f` as a text of GeoJSON."""
    if collection.shape == "none":
        return "'null'"
    if collection.thing == "asset" and collection.shape == "outline" and crs == DEGREES:
        return "geometry_text(f.feature)"
    return written(f"f.{place(collection)}", crs)


def written(at: str, crs: Crs) -> str:
    """A geometry, as SQL, as the text of it that is asked for, as SQL; null for none."""
    if crs.srid not in (4326, 4490):
        at = f"ST_Transform({at}, {crs.srid})"
    at = f"ST_FlipCoordinates({at})" if crs.is_north_first else at
    if crs.form == "geojson":
        return f"ST_AsGeoJSON({at}, {crs.places}, 0)"  # no member `crs`
    text = f"ST_AsText({at}, {crs.places})" if crs.form == "wkt" else f"encode(ST_AsBinary({at}, 'NDR'), 'hex')"
    return f"""'"' || {text} || '"'"""


#: Where a unit lies in the REST list: its outline, else its point.
UNIT_PLACE: Final = "coalesce(geom, point)"


def listed_feature(crs: Crs, at: str = UNIT_PLACE) -> str:
    """The feature of the REST list, of a row that has it and lies `at`, with its geometry in a system, as SQL."""
    return "feature" if crs == DEGREES else fill(SQL.listed_feature, geometry=written(at, crs))


def _feature(collection: Collection, crs: Crs) -> str:
    geometry = _geometry(collection, crs)
    if collection.thing == "asset":
        return f"f.flat || {geometry} || '}}'"
    text = SQL.park_feature if collection.thing == "park" else SQL.revitalization_feature
    return fill(text, geometry=geometry)


async def page(
    conn: asyncpg.Connection,
    collection: Collection,
    conditions: Sequence[Condition],
    *,
    crs: Crs,
    by: Sorted | None,
    after: FeatureKey | None,
    limit: int,
    is_staff: bool,
) -> tuple[list[bytes], FeatureKey | None]:
    """Features in the order asked for, then by id; and where the next page begins."""
    value = _value(collection, by)
    whole = [*conditions, *_after(by, after)]
    values = [v for _, bound in whole for v in bound]
    text = fill(
        SQL.page,
        feature=_feature(collection, crs),
        relation=RELATION[collection.thing],
        value=value,
        conditions=_where(collection, whole, value, by, is_staff=is_staff),
        order=_order(value, by),
        n=f"${len(values) + 1}",
    )
    rows = await conn.fetch(text, *values, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return [row[0] for row in rows[:limit]], None if last is None else FeatureKey(last["id"], last["value"])


def _value(collection: Collection, by: Sorted | None) -> str:
    return "NULL" if by is None else expression(collection, by.field)


def _order(value: str, by: Sorted | None) -> str:
    return "id" if by is None else f"{value} {'DESC' if by.falls else 'ASC'} NULLS LAST, id"


async def selection(
    conn: asyncpg.Connection,
    collection: Collection,
    conditions: Sequence[Condition],
    *,
    crs: Crs,
    by: Sorted | None,
    is_staff: bool,
) -> AsyncIterator[list[bytes]]:
    """All features that meet the conditions, in the order asked for, in portions; in the transaction of a snapshot."""
    value = _value(collection, by)
    text = fill(
        SQL.selection,
        feature=_feature(collection, crs),
        relation=RELATION[collection.thing],
        conditions=_where(collection, conditions, value, by, is_staff=is_staff),
        order=_order(value, by),
    )
    async for rows in portions(conn, text, *(v for _, bound in conditions for v in bound)):
        yield [row[0] for row in rows]


async def single(
    conn: asyncpg.Connection, collection: Collection, feature_id: UUID, *, crs: Crs, is_staff: bool
) -> tuple[bytes, int] | None:
    """A feature and its revision; None where the collection has none of this id for the caller."""
    text = fill(
        SQL.single,
        feature=_feature(collection, crs),
        relation=RELATION[collection.thing],
        revision="0" if collection.thing == "revitalization" else "revision",
        conditions=" AND ".join(_shown(collection, is_staff=is_staff)),
        p1="$1",
    )
    row = await conn.fetchrow(text, feature_id)
    return None if row is None else (row["feature"], row["revision"])


async def count(
    conn: asyncpg.Connection, collection: Collection, conditions: Sequence[Condition], *, is_staff: bool
) -> int | None:
    """How many features meet the conditions; None where they are too many to count for one request."""
    values = [v for _, bound in conditions for v in bound]
    text = fill(
        SQL.count,
        relation=RELATION[collection.thing],
        conditions=_where(collection, conditions, "NULL", None, is_staff=is_staff),
        n=f"${len(values) + 1}",
    )
    n: int = await conn.fetchval(text, *values, MOST_COUNTED + 1)
    return n if n <= MOST_COUNTED else None


async def extent(conn: asyncpg.Connection) -> tuple[float, float, float, float] | None:
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
    collection: Collection, conditions: Sequence[Condition], value: str, by: Sorted | None, *, is_staff: bool
) -> str:
    """All conditions; {p1}, {p2}, … of each are the parameters after those before it."""
    parts, used = _shown(collection, is_staff=is_staff), 0
    about = {
        "geom": place(collection),
        "instant": collection.instant or "NULL",
        "value": value,
        "kind": "text" if by is None else SQL_TYPES.get(by.field.type, "text"),
    }
    for name, values in conditions:
        text = NAMED.get(name, name)
        wanted = places(text)
        bound = {f"p{n}": f"${used + n}" for n in range(1, len(values) + 1)}
        parts.append(fill(text, **bound, **{key: part for key, part in about.items() if key in wanted}))
        used += len(values)
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
