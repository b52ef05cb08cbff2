"""What parks state of themselves for their figures."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import asyncpg

from store.db import Act
from store.sql import load

SQL = load("closed_year")
#: 50,000 reports of a year are marked in six seconds.
PATIENCE_S = 61.0


async def state_total(act: Act, kind: str, area_m2: Decimal, source: str) -> None:
    await act.conn.execute(SQL.state_total, act.scope_id, kind, area_m2, source)


async def open_year(act: Act, year: int) -> None:
    """A year is opened with its first report, or to be closed."""
    await act.conn.execute(SQL.open_year, act.scope_id, year)


async def closed_among(act: Act, years: Sequence[int]) -> list[int]:
    """Which of some years are closed; the others stay open to the end of the act."""
    await act.conn.execute(SQL.open_years, act.scope_id, list(years))
    return [row["year"] for row in await act.conn.fetch(SQL.closed_among, act.scope_id, list(years))]


async def lock_year(act: Act, year: int) -> bool:
    """Locks a year and fixes the instant of the act after it; whether it is closed."""
    await open_year(act, year)
    row = await act.conn.fetchrow(SQL.lock_year, act.scope_id, year)
    await act.fix_instant(row["at"])
    return bool(row["is_closed"])


async def close_year(act: Act, year: int, note: str) -> None:
    """Closes a year; its instant is written into every report of it, which may take longer than is usual."""
    await act.conn.execute(SQL.patiently)
    await act.conn.execute(SQL.close_year, act.scope_id, year, act.at, note, timeout=PATIENCE_S)


async def closed_years(conn: asyncpg.Connection, park_id: UUID) -> list[str]:
    return [row[0] for row in await conn.fetch(SQL.closed_years, park_id)]
