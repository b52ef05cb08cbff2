"""What was shown to firms, and what a replay of it rests on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import asyncpg

from store.db import Act, Database
from store.sql import load

SQL = load("ranking")


async def insert(
    act: Act,
    ranking_id: UUID,
    demand_id: UUID,
    version: int,
    day: date,
    models: tuple[str, str],
    inputs: Mapping[str, object],
    answer: Mapping[str, object],
) -> None:
    """Keeps what was shown; `models` is the version of the model and of the chain table."""
    await act.conn.execute(
        SQL.insert,
        act.scope_id,
        ranking_id,
        demand_id,
        version,
        day,
        *models,
        json.dumps(inputs, ensure_ascii=False, default=_exact),
        json.dumps(answer, ensure_ascii=False, default=str),
    )


def _exact(value: object) -> object:
    """Figures of a need as numbers, as the ranking takes them."""
    return float(value) if isinstance(value, Decimal) else str(value)


async def home(db: Database, ranking_id: UUID) -> UUID | None:
    """The need a ranking answered."""
    async with db.system() as conn:
        demand_id: UUID | None = await conn.fetchval(SQL.home, ranking_id)
    return demand_id


async def read(conn: asyncpg.Connection, firm_id: UUID, ranking_id: UUID) -> asyncpg.Record | None:
    return await conn.fetchrow(SQL.read, firm_id, ranking_id)


async def replayable(conn: asyncpg.Connection, firm_id: UUID, ranking_id: UUID) -> asyncpg.Record | None:
    return await conn.fetchrow(SQL.replayable, firm_id, ranking_id)


async def page(
    conn: asyncpg.Connection, firm_id: UUID, demand_id: UUID, after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.page, firm_id, demand_id, after, limit))


async def shown(act: Act, demand_id: UUID, ranking_id: UUID, asset_id: UUID) -> asyncpg.Record | None:
    """The day of a ranking of the need, and whether it showed the unit. Empty: None where there is no such ranking."""
    return await act.conn.fetchrow(SQL.shown, act.scope_id, demand_id, ranking_id, str(asset_id))
