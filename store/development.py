"""What was agreed for a plot and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import asyncpg

from store.db import Act
from store.sql import load

SQL = load("development")


async def locked(act: Act, asset_id: UUID) -> asyncpg.Record | None:
    """Kind and revision of what is stated of a unit, under the lock of its tree."""
    return await act.conn.fetchrow(SQL.locked, act.scope_id, asset_id)


async def state(act: Act, asset_id: UUID, facts: Mapping[str, object]) -> int:
    """Keeps the facts; their revision."""
    whole = {**facts, "park_id": act.scope_id, "asset_id": asset_id}
    await act.conn.execute(SQL.state, json.dumps(whole, ensure_ascii=False, default=str))
    return int(await act.conn.fetchval(SQL.revision, act.scope_id, asset_id))


async def known(
    conn: asyncpg.Connection, park_id: UUID, asset_id: UUID, as_of: datetime | None
) -> asyncpg.Record | None:
    return await conn.fetchrow(SQL.known, park_id, asset_id, as_of)


async def revision(conn: asyncpg.Connection, park_id: UUID, asset_id: UUID) -> int | None:
    current: int | None = await conn.fetchval(SQL.revision, park_id, asset_id)
    return current


async def labels(conn: asyncpg.Connection, park_id: UUID, asset_id: UUID) -> asyncpg.Record:
    return await conn.fetchrow(SQL.labels, park_id, asset_id)
