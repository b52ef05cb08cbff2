"""Which newly published units firms were notified of, and the position of the round under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from store.db import Act, Database
from store.demand import facts_of
from store.sql import load

SQL = load("notice")


@dataclass(frozen=True)
class Round:
    """A round under way: the units it is about, and the last demand it has handled. Empty: None before the first."""

    number: int
    fresh: Sequence[str]
    demand_id: UUID | None


@dataclass(frozen=True)
class PublishedDemand:
    """A published need as it is ranked."""

    firm_id: UUID
    id: UUID
    version: int
    facts: dict[str, object]


async def current(db: Database) -> Round | None:
    """The round under way, or a new one. Empty: None where nothing has happened in any park since the last."""
    async with db.system(is_read_only=False) as conn:
        row = await conn.fetchrow(SQL.round)
        number = row["round"]
        if not row["is_running"]:
            if not await conn.fetch(SQL.look):
                return None
            number = await conn.fetchval(SQL.start)
        fresh = [asset["id"] for asset in await conn.fetch(SQL.fresh)]
    return Round(number, fresh, row["demand_id"] if row["is_running"] else None)


async def demands(db: Database, after: UUID | None, limit: int) -> list[PublishedDemand]:
    async with db.system() as conn:
        rows = await conn.fetch(SQL.needs, after, limit)
    return [PublishedDemand(row["firm_id"], row["id"], row["version"], facts_of(row)) for row in rows]


async def save_position(db: Database, running: Round, demand_id: UUID) -> None:
    async with db.system(is_read_only=False) as conn:
        await conn.execute(SQL.come_to, running.number, running.demand_id, demand_id)


async def finish(db: Database, running: Round) -> None:
    async with db.system(is_read_only=False) as conn:
        await conn.execute(SQL.finish, running.number)


async def insert(act: Act, demand: PublishedDemand, asset_id: UUID, kind: str, place: int, status: str) -> bool:
    """Records that the firm is notified of a unit; False where it was already, or the unit is no longer on offer."""
    is_new = await act.conn.fetchval(SQL.insert, act.scope_id, demand.id, demand.version, asset_id, kind, place, status)
    return bool(is_new)
