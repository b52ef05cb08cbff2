"""Title and equity: transactions that are only added, and who holds what now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import asyncpg

from outcomes.title import Instrument, Line
from store.db import Act
from store.sql import load

SQL = load("title")


async def held(act: Act, title: UUID) -> dict[UUID, Decimal]:
    """Who holds a title, locked until the act ends. Empty: it was never recorded."""
    return {row["party"]: row["share"] for row in await act.conn.fetch(SQL.held, act.scope_id, title)}


async def recorded(act: Act, asset_ids: Sequence[UUID]) -> list[UUID]:
    """Of these units those whose title is recorded by itself."""
    return [row["title"] for row in await act.conn.fetch(SQL.recorded, act.scope_id, list(asset_ids))]


async def owners(act: Act, asset_id: UUID, day: date) -> list[UUID]:
    """Who held the title of a unit, or of one above it, on a day; none where it was not recorded then."""
    return [row["party"] for row in await act.conn.fetch(SQL.owners, act.scope_id, asset_id, day)]


async def held_along(act: Act, asset_id: UUID) -> UUID | None:
    """A unit above or below this one whose title is recorded by itself."""
    other_id: UUID | None = await act.conn.fetchval(SQL.held_along, act.scope_id, asset_id)
    return other_id


async def put(act: Act, title: UUID, instrument: Instrument, shares: Mapping[UUID, Decimal]) -> None:
    """Who holds a title from now on; the constraint holdings_are_whole has the last word."""
    asset_id, firm_id = (title, None) if instrument == "title" else (None, title)
    await act.conn.execute(SQL.put, act.scope_id, asset_id, firm_id, list(shares), list(shares.values()))


async def append(
    act: Act,
    transaction_id: UUID,
    outcome_id: UUID,
    lines: Sequence[Line],
    *,
    effective_on: date,
    precision: str,
    reverses: UUID | None = None,
) -> None:
    """A transaction; the constraint ledger_is_balanced has the last word."""
    await act.conn.execute(
        SQL.append,
        act.scope_id,
        transaction_id,
        outcome_id,
        effective_on,
        precision,
        [line.title for line in lines],
        [line.instrument for line in lines],
        [line.party for line in lines],
        [line.amount for line in lines],
        reverses,
    )


async def of_outcome(act: Act, outcome_id: UUID) -> dict[UUID, tuple[date, str, list[Line]]]:
    """The transactions of a deal that still stand: day of effect, its precision, lines."""
    transactions: dict[UUID, tuple[date, str, list[Line]]] = {}
    for row in await act.conn.fetch(SQL.of_outcome, act.scope_id, outcome_id):
        _, _, lines = transactions.setdefault(row["id"], (row["effective_on"], row["effective_on_precision"], []))
        lines.append(Line(row["title"], row["instrument"], row["party"], row["amount"]))
    return transactions


async def holdings(
    conn: asyncpg.Connection, park_id: UUID, asset_id: UUID, *, as_of: datetime | None, on: date
) -> tuple[str, str]:
    """Who holds a unit's title on a day, and the transactions that made it so, as known at an instant; JSON text."""
    holders = await conn.fetchval(SQL.rights, park_id, asset_id, as_of, on)
    return holders, await conn.fetchval(SQL.transactions, park_id, asset_id, as_of)
