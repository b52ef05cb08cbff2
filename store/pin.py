"""Units that staff pinned for a need, or set aside."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import asyncpg

from store.db import Act, Database
from store.sql import load

SQL = load("pin")


async def insert(
    act: Act, demand_id: UUID, asset_id: UUID, firm_id: UUID, placement: str, reason: str, note: str | None
) -> None:
    await act.conn.execute(SQL.insert, act.scope_id, demand_id, asset_id, firm_id, placement, reason, note)


async def lock(act: Act, demand_id: UUID, asset_id: UUID) -> str | None:
    """Locks a pin of the act's park and fixes the instant. Empty: None where there is none."""
    row = await act.conn.fetchrow(SQL.lock, act.scope_id, demand_id, asset_id)
    await act.fix_instant(None if row is None else row["at"])
    return None if row is None else str(row["placement"])


async def delete(act: Act, demand_id: UUID, asset_id: UUID) -> None:
    await act.conn.execute(SQL.delete, act.scope_id, demand_id, asset_id)


async def of_demand(conn: asyncpg.Connection, demand_id: UUID) -> list[str]:
    """What the caller sees of the pins of a need, JSON text."""
    return [row[0] for row in await conn.fetch(SQL.of_demand, demand_id)]


async def past(db: Database, firm_id: UUID, demand_id: UUID, park_ids: Collection[UUID] | None) -> list[str]:
    """Pins of a need in these parks, or in all, those taken away too, JSON text."""
    async with db.system() as conn:
        rows = await conn.fetch(SQL.past, firm_id, demand_id, None if park_ids is None else list(park_ids))
    return [row[0] for row in rows]
