"""What the rules of law ask of units and tenancies before an act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from store.db import Act
from store.sql import load

SQL = load("law")


async def land_ends_on(act: Act, asset_ids: Sequence[UUID]) -> date | None:
    """The earliest end of the right to the land that these units are or stand on; None unknown."""
    day: date | None = await act.conn.fetchval(SQL.land_ends_on, act.scope_id, list(asset_ids))
    return day


async def head_lease_ends_on(act: Act, asset_ids: Sequence[UUID], tenant: UUID, starts_on: date) -> date | None:
    """The last day of the lease of a tenant who lets on; None: open-ended, or none recorded."""
    day: date | None = await act.conn.fetchval(SQL.head_lease_ends_on, act.scope_id, list(asset_ids), tenant, starts_on)
    return day


async def investments(act: Act, asset_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    """How the land of each unit is held, the share of the investment made, whether it is built."""
    return list(await act.conn.fetch(SQL.investments, act.scope_id, list(asset_ids)))


async def tenants(act: Act, leaves: Sequence[UUID], on: date, taker: UUID) -> list[UUID]:
    """Who sits in the buildings among these leaves as a tenant on a day, the taker of a deal left out."""
    return [row["firm_id"] for row in await act.conn.fetch(SQL.tenants, act.scope_id, list(leaves), on, taker)]
