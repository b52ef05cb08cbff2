"""What firms did with the units they were shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import asyncpg

from store.db import Act, Database
from store.sql import load

SQL = load("interest")


async def insert(act: Act, facts: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.insert, json.dumps(facts, ensure_ascii=False, default=str))


async def document(act: Act, interest_id: UUID) -> str:
    """What was recorded by an act of the firm's scope, JSON text."""
    text: str = await act.conn.fetchval(SQL.document, act.scope_id, interest_id)
    return text


async def page(
    conn: asyncpg.Connection, firm_id: UUID, demand_id: UUID, after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.page, firm_id, demand_id, after, limit))


async def outcomes(conn: asyncpg.Connection, firm_id: UUID, demand_id: UUID) -> list[str]:
    """The deals that came of a need, as the caller reads them, JSON text."""
    return [row[0] for row in await conn.fetch(SQL.deals, firm_id, demand_id)]


async def refusals(db: Database, starts_on: date, ends_on: date, park_id: UUID | None) -> Sequence[asyncpg.Record]:
    """Refusals of a period by park and by reason, for any caller."""
    async with db.system() as conn:
        return list(await conn.fetch(SQL.refusals, starts_on, ends_on, park_id))
