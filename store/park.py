"""Parks and the zones inside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg

from store.db import Act, Database
from store.sql import load

SQL = load("park")


async def insert(act: Act, facts: Mapping[str, object]) -> None:
    """A new park with a head of its own."""
    await act.open_scope(UUID(str(facts["id"])), "park")
    await act.conn.execute(SQL.insert, json.dumps(facts, ensure_ascii=False, default=str))
    await act.conn.execute(SQL.refresh_feature, facts["id"])


async def insert_zone(act: Act, facts: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.insert_zone, json.dumps(facts, ensure_ascii=False, default=str))
    await act.conn.execute(SQL.refresh_zone_feature, act.scope_id, facts["id"])


async def zone_outside_m2(act: Act, boundary: str) -> float | None:
    """Area of a zone outside its park; None where there is no such park."""
    outside = await act.conn.fetchval(SQL.zone_inside, act.scope_id, boundary)
    return None if outside is None else float(outside)


async def is_there(db: Database, park_id: UUID) -> bool:
    async with db.system() as conn:
        return bool(await conn.fetchval(SQL.is_there, park_id))


async def lock(act: Act) -> bool:
    """Locks the park of the act and fixes its instant; False where there is none the caller may write."""
    row = await act.conn.fetchrow(SQL.lock, act.scope_id)
    await act.fix_instant(row["at"])
    return bool(row["found"])


async def page(conn: asyncpg.Connection, after: UUID | None, limit: int) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.page, after, limit))


async def visible(conn: asyncpg.Connection, park_id: UUID) -> tuple[str, int, UUID | None] | None:
    """Feature text, revision, and the park it is a zone of."""
    row = await conn.fetchrow(SQL.visible, park_id)
    return None if row is None else (row["feature"], row["revision"], row["zone_of"])
