"""Who wants an account for a firm; read and written as the service alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

import asyncpg

from store.db import Act, Database
from store.sql import fill, load

SQL = load("sign_up")
DECIDERS = {"deciders": SQL.deciders.rstrip(";")}
PAGE, LOCK = fill(SQL.page, **DECIDERS), fill(SQL.lock, **DECIDERS)
KEPT_DAYS = 30


async def insert(act: Act, facts: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.insert, json.dumps(facts, ensure_ascii=False, default=str))


async def page(
    db: Database, parks: Collection[UUID] | None, *, sign_up_id: UUID | None = None, after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Those that the staff of these parks decide on, None: an admin."""
    async with db.system() as conn:
        return list(await conn.fetch(PAGE, _listed(parks), sign_up_id, after, limit))


async def lock(act: Act, parks: Collection[UUID] | None, sign_up_id: UUID) -> asyncpg.Record | None:
    """The sign-up, locked; None where it is not, or not any more, for these parks to decide on."""
    return await act.conn.fetchrow(LOCK, _listed(parks), sign_up_id)


async def has_account(act: Act, firm_id: UUID) -> bool:
    return bool(await act.conn.fetchval(SQL.has_account, firm_id))


async def remove(act: Act, sign_up_id: UUID) -> bool:
    return await act.conn.fetchval(SQL.remove, sign_up_id) is not None


async def remove_all(act: Act, credit_code: str) -> None:
    await act.conn.execute(SQL.remove_all, credit_code)


async def purge(db: Database, today: date) -> None:
    """Forgets those that nobody decided on."""
    async with db.system(is_read_only=False) as conn:
        await conn.execute(SQL.purge, today, KEPT_DAYS)


def _listed(parks: Collection[UUID] | None) -> list[UUID] | None:
    return None if parks is None else sorted(parks)
