"""What the ranking reads: every unit on offer as columns, and the token that tells whether they are still true."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from store.db import Database
from store.reference import scheme_in_force, sections
from store.sql import load

SQL = load("catalogue")


@dataclass(frozen=True)
class Token:
    """Up to where a snapshot has seen each scope; opaque outside this module."""

    epoch: UUID
    revs: Mapping[UUID, int]


@dataclass(frozen=True)
class Snapshot:
    """Everything a ranking needs, as it was when `token` was read or later."""

    token: Token
    columns: Mapping[str, Sequence[Any]]
    park_facts: Sequence[Mapping[str, Any]]
    sections: Mapping[str, str]
    parameters: Mapping[str, Any]
    chain_version: str
    chain_edges: Sequence[tuple[str, str, float]]


async def changed_since(db: Database, token: Token | None) -> Token | None:
    """The newer token, or None where nothing changed. Another epoch counts as all changed."""
    known = {} if token is None else token.revs
    async with db.system() as conn:
        row = await conn.fetchrow(SQL.changed, list(known), list(known.values()))
        if token is not None and row["epoch"] != token.epoch:
            row = await conn.fetchrow(SQL.changed, [], [])
            known = {}
    moved = dict(zip(row["scopes"] or [], row["revs"] or [], strict=True))
    if not moved and token is not None and row["epoch"] == token.epoch:
        return None
    return Token(row["epoch"], {**known, **moved})


async def snapshot(db: Database, token: Token) -> Snapshot:
    """Reads after the token was taken: it may hold more than the token says, never less."""
    async with db.system() as conn:
        rows = await conn.fetch(SQL.columns)
        facts = await conn.fetch(SQL.facts)
        chain = await scheme_in_force(conn, "chain")
        parameters = await scheme_in_force(conn, "matching")
        letters = await sections(conn)
    if chain is None or parameters is None:
        raise RuntimeError("reference data is not loaded: panhuo load reference")
    return Snapshot(
        token,
        _columns(rows),
        [dict(row) for row in facts],
        letters,
        parameters[1],
        chain[0],
        [(upstream, downstream, float(weight)) for upstream, downstream, _, weight in chain[1]["edges"]],
    )


_NAMES = """
  id park_id facts_key kind available_area_m2 area_m2 measured_area_m2 is_divisible min_divisible_m2 clear_height_m
  clear_height_at floor_load_kn_m2 power_kva expandable_kva fire_hazard_class allowed_paths allowed_industries
  forbidden_industries rent_yuan_m2_month property_fee_yuan_m2_month price_yuan_m2 contribution_yuan available_from
  idle_since title_is_registered mortgage is_seized works effluent_types effluent_free_t_d lon_e7 lat_e7 x_e9 y_e9 z_e9
""".split()  # noqa: SIM905


def _columns(rows: Sequence[asyncpg.Record]) -> dict[str, list[Any]]:
    columns = {name: [row[name] for row in rows] for name in _NAMES}
    columns["works"] = [json.loads(text) for text in columns["works"]]
    return columns


async def names(conn: asyncpg.Connection, asset_ids: Sequence[str]) -> dict[str, str]:
    """What a list of results shows of each unit the caller sees, as JSON text by id."""
    rows = await conn.fetch(SQL.names, [UUID(one) for one in asset_ids])
    return {row["id"]: row["shown"] for row in rows}


async def unit(db: Database, asset_id: UUID) -> dict[str, list[Any]]:
    """One unit as the ranking takes it, on offer or not: columns of one row."""
    async with db.system() as conn:
        return _columns(await conn.fetch(SQL.unit, asset_id))


async def availability(conn: asyncpg.Connection, asset_id: UUID) -> str | None:
    """Whether a unit is on offer, or why not. Empty: None for a unit the caller does not see."""
    found: str | None = await conn.fetchval(SQL.offered, asset_id)
    return found


async def outlines(conn: asyncpg.Connection, asset_ids: Sequence[str]) -> dict[str, str]:
    """The outline of each unit the caller sees, GeoJSON text by id."""
    rows = await conn.fetch(SQL.outlines, [UUID(one) for one in asset_ids])
    return {row["id"]: row["geometry"] for row in rows}


async def neighbours(
    db: Database, kinds: Sequence[str], land_most: Decimal | None, floor_most: Decimal | None, limit: int
) -> list[asyncpg.Record]:
    """Pairs of units on offer that lie next to each other, with their floors; areas in m²."""
    async with db.system() as conn:
        return list(await conn.fetch(SQL.neighbours, land_most, floor_most, kinds, limit))
