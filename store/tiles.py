"""Vector tiles of the collections of /ogc: public rows alone, the same bytes for the same rows.

From `UNITS_FROM` on a tile holds what lies in it; below, a point a park with what the collection holds there. Parks are
drawn at every zoom. Nothing stands in a tile that the version of its cells does not tell of: what is drawn beyond its
edge reaches no farther than a cell is widened (migration 0023).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import asyncpg

from domain.collections import COLLECTIONS, Collection, Thing
from domain.field import Field, Type
from geo.tile_matrix_set import TileAddress, in_degrees
from store.features import ON_OFFER, PUBLISHED, RELATION, TEXTS, expression, place
from store.sql import fill, load
from store.statistics import AREAS

SQL = load("tiles")
#: From this zoom on tiles hold units.
UNITS_FROM: Final = 12
#: Part of a tile that is drawn beyond its edge: 64 of 4096 steps.
BUFFER: Final = 1 / 64
#: What a tile says of a park below `UNITS_FROM`, by what the collection holds.
PARK: Final[Mapping[Thing, Mapping[str, Type]]] = {
    "asset": {"code": "text", "name_zh": "text", "units": "integer", "area_mu": "number", "area_m2": "number"},
    "revitalization": {
        "code": "text", "name_zh": "text", "units": "integer", "land_area_mu": "number", "factory_area_m2": "number",
    },
}  # fmt: skip


@dataclass(frozen=True)
class TileState:
    """What tells the states of a tile apart, and those of the outlines of parks."""

    version: int
    parks: int


async def states(conn: asyncpg.Connection, addresses: Sequence[TileAddress]) -> list[TileState]:
    """How tiles stand, whatever their collection."""
    rows = await conn.fetch(SQL.states, *(list(ends) for ends in zip(*(a.cells for a in addresses), strict=True)))
    return [TileState(*row) for row in rows]


async def tile(conn: asyncpg.Connection, collection: Collection, address: TileAddress) -> tuple[TileState, bytes]:
    """The state that a tile is of, and its bytes; none where it is empty."""
    text = _statement(collection.id, address.z >= UNITS_FROM)
    row = await conn.fetchrow(text, *address.box_m, *_drawn(address), *address.cells)
    return TileState(row["version"], row["parks"]), row["body"]


def _drawn(address: TileAddress) -> tuple[float, float, float, float]:
    """The box in degrees whose features are drawn: no wider around a large tile than around one of `UNITS_FROM`."""
    west, south, east, north = address.box_m
    buffer = (east - west) / 2 ** max(UNITS_FROM - address.z, 0) * BUFFER
    return in_degrees((west - buffer, south - buffer, east + buffer, north + buffer))


def tag(collection: Collection, address: TileAddress, version: object) -> str:
    """The strong tag of a tile: another statement, or other words in it, makes it another too."""
    form = _form(collection.id, address.z >= UNITS_FROM)
    return f'"{form}-{address.z}-{address.row}-{address.column}-{version}"'


@cache
def _form(collection_id: str, has_units: bool) -> str:
    text = f"{TEXTS} {_statement(collection_id, has_units)}"
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


@cache
def _statement(collection_id: str, has_units: bool) -> str:
    collection = COLLECTIONS[collection_id]
    return fill(SQL.tile, layer=f"'{collection_id}'", rows=_rows(collection, has_units=has_units))


def _rows(collection: Collection, *, has_units: bool) -> str:
    parts = {"relation": RELATION[collection.thing], "conditions": _conditions(collection)}
    if collection.thing != "park" and not has_units:
        return _park_points(collection, parts)
    properties = ", ".join(f"{_property(collection, field)} AS {name}" for name, field in collection.on_map.items())
    text = SQL.outlines if collection.thing == "park" else SQL.features
    return fill(text, place=place(collection), properties=properties, **parts)


def _conditions(collection: Collection) -> str:
    """What a collection holds, wherever it lies; the views show the public its own rows alone."""
    if collection.thing != "asset":
        return "true"
    offered = ON_OFFER if collection.is_on_offer else PUBLISHED
    return f"kind = '{collection.kind}' AND retired_on IS NULL AND {offered}"


def _park_points(collection: Collection, parts: Mapping[str, str]) -> str:
    is_of_units = collection.thing == "asset"
    return fill(
        SQL.park_points,
        relation=parts["relation"],
        sums=SQL.sums_of_units if is_of_units else fill(SQL.sums_of_revivals, **AREAS),
        counted=fill(SQL.counted_units, **parts) if is_of_units else parts["conditions"],
    )


def _property(collection: Collection, field: Field) -> str:
    """A property in a type that tiles have."""
    column = expression(collection, field)
    return f"({column})::{_TILE_TYPE[field.type]}" if field.type in _TILE_TYPE else column


_TILE_TYPE: Final[Mapping[Type, str]] = {"number": "float8", "day": "text", "id": "text"}
