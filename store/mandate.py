"""What firms let the staff of parks write in their name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from store.db import Act
from store.sql import load

SQL = load("mandate")


async def held(conn: asyncpg.Connection, firm_id: UUID) -> frozenset[str] | None:
    """What staff of the caller's parks may write for a firm. Empty: None where there is no such firm."""
    row = await conn.fetchrow(SQL.held, firm_id)
    return None if row is None else frozenset(row["purposes"])


async def hold(act: Act) -> None:
    """Keeps what decides who writes for the act's firm as it is until the act is over."""
    await act.conn.execute(SQL.hold, act.scope_id)


async def insert(
    act: Act, mandate_id: UUID, park_id: UUID, purposes: Sequence[str], ends_on: date, source: str | None
) -> None:
    await act.conn.execute(SQL.insert, act.scope_id, mandate_id, park_id, list(purposes), ends_on, source)


async def withdraw(act: Act, mandate_id: UUID) -> bool:
    """Takes a mandate of the act's firm back; False where that was done before."""
    return bool(await act.conn.fetchval(SQL.withdraw, act.scope_id, mandate_id))


async def document(act: Act, mandate_id: UUID) -> str | None:
    """A mandate of the act's firm, JSON text; None where there is none such."""
    row = await act.conn.fetchrow(SQL.page, act.scope_id, None, mandate_id, None, 1)
    return None if row is None else row["document"]


async def page(
    conn: asyncpg.Connection, firm_id: UUID | None, park_id: UUID | None, after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Mandates that the caller gave, or that were given to its parks."""
    return list(await conn.fetch(SQL.page, firm_id, park_id, None, after, limit))
