"""Agreements with their figures, plans, reports, approvals and lights of deals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from store.db import Act, Database
from store.sql import load

SQL = load("supervision")


async def insert_agreement(act: Act, facts: Mapping[str, object], figures: Sequence[Mapping[str, object]]) -> None:
    await act.conn.execute(SQL.insert_agreement, _json(facts))
    await act.conn.execute(SQL.insert_indicators, _json(figures))


async def plan(act: Act, outcome_id: UUID, stage: str, planned_on: date, precision: str) -> None:
    await act.conn.execute(SQL.plan, act.scope_id, outcome_id, stage, planned_on, precision)


async def period(
    act: Act, outcome_id: UUID, indicator_id: UUID, year: int, quarter: int | None
) -> asyncpg.Record | None:
    """A figure promised, with what the rules of a report of that period look at."""
    return await act.conn.fetchrow(SQL.period, act.scope_id, outcome_id, indicator_id, year, quarter)


async def put_report(act: Act, facts: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.put_report, _json(facts))


async def insert_approvals(act: Act, items: Sequence[Mapping[str, object]]) -> list[str]:
    """Those that are new."""
    return [row["item"] for row in await act.conn.fetch(SQL.insert_approvals, _json(items))]


async def approval(act: Act, outcome_id: UUID, approval_id: UUID) -> asyncpg.Record | None:
    return await act.conn.fetchrow(SQL.approval, act.scope_id, outcome_id, approval_id)


async def amend_approval(act: Act, approval_id: UUID, changed: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.amend_approval, act.scope_id, approval_id, _json(changed))


async def visible(conn: asyncpg.Connection, outcome_id: UUID) -> dict[str, Any] | None:
    """What supervision knows of a deal, as the caller sees it."""
    document = await conn.fetchval(SQL.visible, outcome_id)
    return None if document is None else dict(json.loads(document))


async def lit(act: Act, outcome_id: UUID) -> dict[str, Any] | None:
    """What the light of a deal is computed from, its colour as it stands, and the version of the thresholds in force.

    Empty: None where nothing is promised or planned.
    """
    found = await act.conn.fetchval(SQL.lit, act.scope_id, outcome_id)
    return None if found is None else dict(json.loads(found))


async def put_light(act: Act, outcome_id: UUID, *facts: object) -> None:
    """Colour, points behind, days late, reasons, version, day, next day."""
    await act.conn.execute(SQL.put_light, act.scope_id, outcome_id, *facts)


async def may_change(db: Database, today: date) -> list[tuple[UUID, UUID]]:
    """Park and deal of each light that the day may have changed."""
    async with db.system() as conn:
        return [(row["park_id"], row["outcome_id"]) for row in await conn.fetch(SQL.may_change, today)]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
