"""Tenancies: their terms, how they ended, and how their claims follow.

How one ended holds for all of its deal: they are one contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import asyncpg

from store.db import Act, Database
from store.sql import load

SQL = load("tenancy")


class TenancyHome(NamedTuple):
    """Where a tenancy lies, and the deal it is of."""

    park_id: UUID
    outcome_id: UUID


async def home(db: Database, tenancy_id: UUID) -> TenancyHome | None:
    """The home of a tenancy, for any caller; nothing of it is shown."""
    async with db.system() as conn:
        row = await conn.fetchrow(SQL.home, tenancy_id)
    return None if row is None else TenancyHome(row["park_id"], row["outcome_id"])


async def lock(act: Act, tenancy_id: UUID, today: date) -> asyncpg.Record:
    return await act.conn.fetchrow(SQL.lock, act.scope_id, tenancy_id, today)


async def leave(act: Act, outcome_id: UUID, left_on: date, ends_before: date) -> None:
    await act.conn.execute(SQL.leave, act.scope_id, outcome_id, left_on, ends_before)


async def stay(act: Act, outcome_id: UUID) -> None:
    await act.conn.execute(SQL.stay, act.scope_id, outcome_id)


async def renew(act: Act, outcome_id: UUID, renewed_from: date | None) -> None:
    await act.conn.execute(SQL.renew, act.scope_id, outcome_id, renewed_from)


async def renewed(act: Act, tenancy_id: UUID) -> asyncpg.Record | None:
    return await act.conn.fetchrow(SQL.renewed, act.scope_id, tenancy_id)


async def followers(act: Act, leaves: Sequence[UUID], outcome_id: UUID, from_day: date) -> list[UUID]:
    """Deals of others that have the use of these leaves from that day on or later."""
    rows = await act.conn.fetch(SQL.followers, act.scope_id, list(leaves), outcome_id, from_day)
    return [row["source_id"] for row in rows]


async def make_way(act: Act, outcome_id: UUID, used_until: date, until: date) -> list[UUID]:
    """Claims that follow those of a deal begin later; the deals that were moved."""
    rows = await act.conn.fetch(SQL.make_way, act.scope_id, outcome_id, used_until, until)
    return sorted({row["source_id"] for row in rows})


async def move_end(act: Act, outcome_id: UUID, used_until: date, until: date | None) -> None:
    """The claims of a deal that reach the end of its use end another day; the constraint has the last word."""
    await act.conn.execute(SQL.move_end, act.scope_id, outcome_id, used_until, until)


async def claimed_from(act: Act, outcome_id: UUID) -> date | None:
    day: date | None = await act.conn.fetchval(SQL.claimed_from, act.scope_id, outcome_id)
    return day


async def to_verify_before(
    act: Act, outcome_id: UUID, leaves: Sequence[UUID], starts_on: date, today: date
) -> asyncpg.Record | None:
    """A tenancy before a deal's, on one of its leaves, whose end nobody has recorded."""
    return await act.conn.fetchrow(SQL.to_verify_before, act.scope_id, outcome_id, list(leaves), starts_on, today)


async def first_of(act: Act, tenancy_id: UUID) -> date:
    """The first day of a tenancy, or of the first of those it renews."""
    day: date = await act.conn.fetchval(SQL.first_of, act.scope_id, tenancy_id)
    return day


async def unnoticed(db: Database, today: date) -> list[UUID]:
    """Parks with a tenancy whose end is near, or past, and that no event has reported."""
    async with db.system() as conn:
        return [row["park_id"] for row in await conn.fetch(SQL.unnoticed, today)]


async def notice(act: Act, today: date) -> list[asyncpg.Record]:
    """Notes for each such tenancy of the park how near its end is, as `days`: 180, 90 or 30; 0: it is past."""
    row = await act.conn.fetchrow(SQL.lock_unnoticed, act.scope_id, today)
    await act.fix_instant(row["at"])
    return list(await act.conn.fetch(SQL.notice, act.scope_id, row["ids"] or [], today))


async def visible(conn: asyncpg.Connection, tenancy_id: UUID) -> tuple[str, int] | None:
    row = await conn.fetchrow(SQL.visible, tenancy_id)
    return None if row is None else (row["document"], row["revision"])


async def of_outcome(conn: asyncpg.Connection, outcome_id: UUID) -> list[UUID]:
    return [row["id"] for row in await conn.fetch(SQL.of_deal, outcome_id)]


async def page(
    conn: asyncpg.Connection,
    *,
    park_id: UUID | None,
    asset_id: UUID | None,
    firm_id: UUID | None,
    state: str | None,
    ends_before: date | None,
    open_ended: bool | None,
    after: UUID | None,
    limit: int,
) -> Sequence[asyncpg.Record]:
    filters = (park_id, asset_id, firm_id, state, ends_before, open_ended, after, limit)
    return list(await conn.fetch(SQL.page, *filters))
