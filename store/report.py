"""What papers are made of: records with the names of who and what they are about, as the caller may see them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from store.sql import load

SQL = load("report")
MOST_ROWS = 10_000


async def outcomes(conn: asyncpg.Connection, park_id: UUID | None) -> list[asyncpg.Record]:
    return list(await conn.fetch(SQL.outcomes, park_id, None, MOST_ROWS))


async def outcome(conn: asyncpg.Connection, outcome_id: UUID) -> asyncpg.Record | None:
    """One deal, with what its supervision knows."""
    return await conn.fetchrow(SQL.outcomes, None, outcome_id, 1)


async def need(conn: asyncpg.Connection, firm_id: UUID, demand_id: UUID) -> asyncpg.Record | None:
    return await conn.fetchrow(SQL.need, firm_id, demand_id)


async def parks(conn: asyncpg.Connection, park_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    return list(await conn.fetch(SQL.parks, list(park_ids)))
