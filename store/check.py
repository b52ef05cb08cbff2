"""Checks of listings, and listings that lapse as nobody checked them for long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from store.db import Act, Database
from store.sql import fill, load

SQL = load("check")
DUE = fill(SQL.due, days=SQL.days)
TOO_OLD = fill(SQL.too_old, days=SQL.days)
UNCHECKED = fill(SQL.unchecked, due=DUE)
LAPSE = fill(SQL.lapse, due=DUE)


async def check(act: Act, asset_ids: Sequence[UUID], checked_on: date, how: str, note: str | None) -> None:
    """Records a check by the account of the act; what readers get is yet to be written."""
    await act.conn.execute(SQL.check, act.scope_id, list(asset_ids), checked_on, how, act.actor.id, note)


async def too_old(act: Act, asset_ids: Sequence[UUID], checked_on: date, today: date) -> set[UUID]:
    """Of these units the lapsed ones that a check of that day would not keep on offer."""
    rows = await act.conn.fetch(TOO_OLD, act.scope_id, list(asset_ids), checked_on, today)
    return {row["id"] for row in rows}


async def unchecked(db: Database, today: date) -> list[tuple[UUID, list[UUID]]]:
    """Park by park, the units whose listings lapse."""
    async with db.system() as conn:
        return [(row["park_id"], list(row["ids"])) for row in await conn.fetch(UNCHECKED, today)]


async def lapse(act: Act, asset_ids: Sequence[UUID], today: date) -> list[UUID]:
    """Lets listings lapse where nobody checked them meanwhile; which. What readers get is yet to be written."""
    return [row["id"] for row in await act.conn.fetch(LAPSE, today, act.scope_id, list(asset_ids))]
