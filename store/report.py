"""What papers are made of: records with the names of who and what they are about, as the caller may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from store.sql import load

SQL = load("report")
MOST_ROWS = 10_000


async def outcomes(conn: asyncpg.Connection, park_id: UUID | None) -> list[asyncpg.Record]:
    """The first deals by the day they were opened, `count` of them in all."""
    return list(await conn.fetch(SQL.outcomes, park_id, None, MOST_ROWS, None, None))


async def revived(
    conn: asyncpg.Connection, park_id: UUID | None, starts_on: date, ends_on: date
) -> list[asyncpg.Record]:
    """Every deal of a park, or of all that the caller sees, that counts in a period."""
    return list(await conn.fetch(SQL.outcomes, park_id, None, None, starts_on, ends_on))


async def outcome(conn: asyncpg.Connection, outcome_id: UUID) -> asyncpg.Record | None:
    """One deal, with what its supervision knows."""
    return await conn.fetchrow(SQL.outcomes, None, outcome_id, 1, None, None)


async def demand(conn: asyncpg.Connection, firm_id: UUID, demand_id: UUID) -> asyncpg.Record | None:
    return await conn.fetchrow(SQL.need, firm_id, demand_id)


async def parks(conn: asyncpg.Connection, park_id: UUID | None) -> list[asyncpg.Record]:
    """The park named, else those whose rows the caller reads."""
    return list(await conn.fetch(SQL.parks, park_id))


async def industries(conn: asyncpg.Connection, codes: Sequence[str]) -> dict[str, str]:
    """Names of industries by code."""
    return {row["code"]: row["name_zh"] for row in await conn.fetch(SQL.industries, list(codes))}
