"""What the pages of units and parks show, as the public sees it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from geo.reference_systems import Box
from store.sql import load

SQL = load("unit_page")


@dataclass(frozen=True)
class PageState:
    """What a page is about, and how the park of it stands."""

    id: UUID
    rev: int


@dataclass(frozen=True)
class UnitAddress:
    """Where the page of a unit is; `is_shown`: whether that address shows it, and no other of the same code."""

    park_code: str
    code: str
    is_shown: bool
    rev: int


@dataclass(frozen=True)
class LeafUse:
    """A leaf of a unit: since when it is known to be idle, and when it is in use; no end: for ever."""

    leaf_id: UUID
    idle_since: date | None
    during: Sequence[tuple[date | None, date | None]]


async def units(conn: asyncpg.Connection, codes: Sequence[tuple[str, str]]) -> list[PageState | None]:
    """The published unit of each pair of codes, of a park and of itself."""
    rows = await conn.fetch(SQL.units, *(list(column) for column in zip(*codes, strict=True)))
    return [None if row["id"] is None else PageState(*row) for row in rows]


async def park(conn: asyncpg.Connection, code: str) -> PageState | None:
    row = await conn.fetchrow(SQL.park, code)
    return None if row is None else PageState(*row)


async def address(conn: asyncpg.Connection, asset_id: UUID) -> UnitAddress | None:
    row = await conn.fetchrow(SQL.address, asset_id)
    if row is None:
        return None
    return UnitAddress(row["park_code"], row["code"], row["shown_id"] == asset_id, row["rev"])


async def facts(conn: asyncpg.Connection, asset_id: UUID) -> dict[str, Any] | None:
    """The unit as a Feature, and its park, zone and whole by name."""
    row = await conn.fetchrow(SQL.facts, asset_id)
    if row is None:
        return None
    feature = json.loads(row["feature"])
    boundary = None if row["boundary"] is None else json.loads(row["boundary"])
    return {**dict(row), "feature": feature, "boundary": boundary}


async def parts(conn: asyncpg.Connection, asset_id: UUID) -> list[dict[str, Any]]:
    """What belongs to a unit, or was built on it."""
    return [dict(row) for row in await conn.fetch(SQL.parts, asset_id)]


async def neighbours(conn: asyncpg.Connection, park_id: UUID, asset_id: UUID, box: Box) -> list[dict[str, Any]]:
    """Outlines of other units in the box, as GeoJSON geometries."""
    return [json.loads(row[0]) for row in await conn.fetch(SQL.neighbours, park_id, asset_id, *box)]


async def uses(conn: asyncpg.Connection, asset_id: UUID) -> list[LeafUse]:
    """When the leaves of a unit are in use."""
    leaves: dict[UUID, LeafUse] = {}
    for row in await conn.fetch(SQL.uses, asset_id):
        leaf = leaves.get(row["leaf_id"], LeafUse(row["leaf_id"], row["idle_since"], []))
        is_used = row["begins_on"] is not None or row["ends_on"] is not None
        more = [(row["begins_on"], row["ends_on"])] if is_used else []
        leaves[leaf.leaf_id] = LeafUse(leaf.leaf_id, leaf.idle_since, [*leaf.during, *more])
    return list(leaves.values())


async def park_facts(conn: asyncpg.Connection, park_id: UUID) -> dict[str, Any]:
    """The park as a Feature."""
    feature: dict[str, Any] = json.loads(await conn.fetchval(SQL.park_facts, park_id))
    return feature


async def on_offer(conn: asyncpg.Connection, park_id: UUID) -> list[dict[str, Any]]:
    """What a park has on offer."""
    return [dict(row) for row in await conn.fetch(SQL.on_offer, park_id)]


async def parks(conn: asyncpg.Connection) -> list[dict[str, Any]]:
    """Every park, with what it has on offer."""
    return [dict(row) for row in await conn.fetch(SQL.parks)]
