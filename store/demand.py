"""What firms need, and what was shown to them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import asyncpg

from domain.fields import DEMAND
from store.db import Act, Database
from store.sql import columns, fill, load

SQL = load("demand")
COLUMNS = columns(DEMAND)
INSERT = fill(SQL.insert, columns=COLUMNS)
AMEND = fill(SQL.amend, columns=COLUMNS)


async def home(db: Database, demand_id: UUID) -> UUID | None:
    """The firm of a demand, for any caller; nothing of it is shown."""
    async with db.system() as conn:
        row = await conn.fetchrow(SQL.home, demand_id)
    return None if row is None else row["firm_id"]


async def lock(act: Act, demand_id: UUID) -> asyncpg.Record | None:
    """Locks a need of the act's firm and fixes the instant; None where it is not there."""
    row = await act.conn.fetchrow(SQL.lock, act.scope_id, demand_id)
    await act.fix_instant(None if row is None else row["at"])
    return row


async def insert(act: Act, facts: Mapping[str, object]) -> None:
    await act.conn.execute(INSERT, _json(facts))


async def amend(act: Act, demand_id: UUID, changed: Mapping[str, object]) -> None:
    await act.conn.execute(AMEND, act.scope_id, demand_id, _json(changed))


async def list_as(act: Act, demand_id: UUID, listing: str) -> None:
    await act.conn.execute(SQL.list_as, act.scope_id, demand_id, listing)


async def own(act: Act, demand_id: UUID) -> tuple[str, int]:
    """Document and revision of a need of the act's firm, whether or not it is published."""
    row = await act.conn.fetchrow(SQL.own, act.scope_id, demand_id)
    return row["document"], row["revision"]


async def visible(conn: asyncpg.Connection, demand_id: UUID) -> tuple[str, int] | None:
    row = await conn.fetchrow(SQL.visible, demand_id)
    return None if row is None else (row["document"], row["revision"])


async def page(
    conn: asyncpg.Connection, firm_id: UUID | None, after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.page, firm_id, after, limit))


async def published(conn: asyncpg.Connection, limit: int) -> list[dict[str, object]]:
    """Published needs as the ranking takes them, the newest first."""
    return [facts_of(row) for row in await conn.fetch(SQL.published, limit)]


async def facts(db: Database, firm_id: UUID, demand_id: UUID) -> tuple[int, dict[str, object]] | None:
    """Version and facts of a need as ranked; `registered_industry_code` where no product is declared."""
    async with db.system() as conn:
        row = await conn.fetchrow(SQL.facts, firm_id, demand_id)
    if row is None:
        return None
    return row["version"], facts_of(row)


def facts_of(row: asyncpg.Record) -> dict[str, object]:
    """The facts of a need as ranked, from its document and the registered industry."""
    document: dict[str, object] = json.loads(row["document"], parse_float=Decimal)
    registered = row["registered_industry_code"]
    return document if registered is None else {**document, "registered_industry_code": registered}


async def insert_ranking(
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
        SQL.insert_ranking,
        act.scope_id,
        ranking_id,
        demand_id,
        version,
        day,
        *models,
        json.dumps(inputs, ensure_ascii=False, default=_exact),
        _json(answer),
    )


async def ranking_home(db: Database, ranking_id: UUID) -> UUID | None:
    """The need a ranking answered."""
    async with db.system() as conn:
        demand_id: UUID | None = await conn.fetchval(SQL.ranking_home, ranking_id)
    return demand_id


async def ranking(conn: asyncpg.Connection, firm_id: UUID, ranking_id: UUID) -> asyncpg.Record | None:
    return await conn.fetchrow(SQL.ranking, firm_id, ranking_id)


async def replayable(conn: asyncpg.Connection, firm_id: UUID, ranking_id: UUID) -> asyncpg.Record | None:
    return await conn.fetchrow(SQL.replayable, firm_id, ranking_id)


async def rankings_page(
    conn: asyncpg.Connection, firm_id: UUID, demand_id: UUID, after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.rankings_page, firm_id, demand_id, after, limit))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _exact(value: object) -> object:
    """Figures of a need as numbers, as the ranking takes them."""
    return float(value) if isinstance(value, Decimal) else str(value)
