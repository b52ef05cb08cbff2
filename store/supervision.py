"""Agreements with their figures, plans, reports, approvals and lights of deals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from store.db import Act, Database
from store.sql import fill, load

SQL = load("supervision")
NO_LIGHT = (None,) * 7


async def agreed(act: Act, outcome_id: UUID) -> dict[str, Any]:
    """The agreements of a deal and the figures they promise, by column name."""
    return dict(json.loads(await act.conn.fetchval(SQL.agreed, act.scope_id, outcome_id)))


async def put_agreements(
    act: Act,
    outcome_id: UUID,
    agreements: Sequence[Mapping[str, object]],
    figures: Sequence[Mapping[str, object]],
    reason: str | None,
) -> None:
    """Writes agreements and figures, new or in the place of their earlier versions, and which reports now count."""
    await act.conn.execute(SQL.put_agreements, _json(agreements))
    await act.conn.execute(SQL.put_indicators, _json(figures))
    await act.conn.execute(SQL.count_reports, act.scope_id, outcome_id, reason)


async def plan(act: Act, outcome_id: UUID, stage: str, planned_on: date, precision: str) -> None:
    await act.conn.execute(SQL.plan, act.scope_id, outcome_id, stage, planned_on, precision)


class LightRow(NamedTuple):
    """The light of a deal as it is kept."""

    colour: str
    behind_points: Decimal | None
    late_days: int | None
    reasons: Sequence[str]
    version: str
    on_day: date
    next_on: date | None


async def put_report(act: Act, facts: Mapping[str, object], light: LightRow | None) -> None:
    """A report, or its correction, and the light it leaves. Empty: a deal that is over has none."""
    names = ("id", "indicator_id", "year", "quarter", "value", "unit", "source", "reason", "illustrative")
    values = [facts[name] for name in names]
    await act.conn.execute(
        fill(SQL.put_report_and_light, report=SQL.put_report, light=SQL.put_light),
        act.scope_id,
        facts["outcome_id"],
        *(light or NO_LIGHT),
        *values,
    )


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


async def lit(act: Act, outcome_id: UUID, year: int | None = None) -> dict[str, Any]:
    """What the light of a deal is computed from, its colour, the thresholds in force, and whether a year is closed.

    Empty: `is_closed` is None for a year that nobody reported on yet.
    """
    return dict(json.loads(await act.conn.fetchval(SQL.lit, act.scope_id, outcome_id, year)))


async def put_light(act: Act, outcome_id: UUID, light: LightRow) -> None:
    await act.conn.execute(SQL.put_light, act.scope_id, outcome_id, *light)


async def drop_light(act: Act, outcome_id: UUID) -> None:
    await act.conn.execute(SQL.drop_light, act.scope_id, outcome_id)


async def may_change(db: Database, today: date) -> list[tuple[UUID, UUID]]:
    """Park and deal of each light that the day may have changed."""
    async with db.system() as conn:
        return [(row["park_id"], row["outcome_id"]) for row in await conn.fetch(SQL.may_change, today)]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
