"""What deals revived, leaf by leaf, with the verdict of the rule of counting on each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from store.db import Act, Database
from store.sql import load

SQL = load("revival")


async def touched_leaves(act: Act, leaf_ids: Sequence[UUID]) -> list[UUID]:
    """These leaves and every other leaf of the deals on them."""
    return [row["id"] for row in await act.conn.fetch(SQL.touched_leaves, act.scope_id, list(leaf_ids))]


async def outcomes(act: Act, leaf_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    return list(await act.conn.fetch(SQL.deals, act.scope_id, list(leaf_ids)))


async def uses(act: Act, leaf_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    return list(await act.conn.fetch(SQL.uses, act.scope_id, list(leaf_ids)))


async def facts(act: Act, leaf_ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    return {row["leaf_id"]: row for row in await act.conn.fetch(SQL.facts, act.scope_id, list(leaf_ids))}


async def with_unused_building(act: Act, reached: Sequence[tuple[UUID, UUID, date]]) -> set[tuple[UUID, UUID]]:
    """Which of these deals on leaves of land found a completed building there, on its day, that nobody else used."""
    outcome_ids, leaf_ids, days = zip(*reached, strict=True)
    rows = await act.conn.fetch(SQL.unused_buildings, act.scope_id, list(leaf_ids), list(days), list(outcome_ids))
    return {(row["outcome_id"], row["leaf_id"]) for row in rows if row["is_there"]}


async def judged(act: Act, leaf_ids: Sequence[UUID]) -> dict[tuple[UUID, UUID], dict[str, Any]]:
    """The verdicts there are, by deal and leaf."""
    rows = await act.conn.fetch(SQL.judged, act.scope_id, list(leaf_ids))
    return {(row["outcome_id"], row["leaf_id"]): json.loads(row["document"], parse_float=Decimal) for row in rows}


async def put(act: Act, rows: Sequence[Mapping[str, object]]) -> None:
    """Writes verdicts; those that count come last, so that a leaf never counts twice in a year on the way."""
    for counts in (False, True):
        some = [row for row in rows if (row["verdict"] == "counted") is counts]
        if some:
            await act.conn.execute(SQL.put, json.dumps(some, ensure_ascii=False, default=str))


async def closings(act: Act, years: Sequence[int]) -> dict[int, datetime]:
    """Which of these years are closed, and when; no closing comes between this and the end of the act."""
    await act.conn.execute(SQL.open_years, act.scope_id, list(years))
    return {row["year"]: row["closed_at"] for row in await act.conn.fetch(SQL.closings, act.scope_id, list(years))}


async def touch_outcomes(act: Act, outcome_ids: Sequence[UUID]) -> None:
    await act.conn.execute(SQL.touch_outcomes, act.scope_id, list(outcome_ids))


async def not_judged(db: Database) -> list[tuple[UUID, list[UUID]]]:
    """Park by park the leaves of what the earlier version of the rule counted."""
    async with db.system() as conn:
        return [(row["park_id"], list(row["leaf_ids"])) for row in await conn.fetch(SQL.not_judged)]


async def move(act: Act, leaf_id: UUID, part_ids: Sequence[UUID], areas: Sequence[Decimal], reason: str) -> None:
    """The verdicts on a leaf are those on its new parts, which share its area by theirs."""
    await act.conn.execute(SQL.move_to, act.scope_id, leaf_id, list(part_ids), list(areas), reason)
    await act.conn.execute(SQL.judged_as, act.scope_id, [str(leaf_id)], str(part_ids[0]), reason)
    await act.conn.execute(SQL.take_away, act.scope_id, [leaf_id])


async def move_back(act: Act, leaf_id: UUID, part_ids: Sequence[UUID], at: datetime, reason: str) -> None:
    """The verdicts on a leaf as they were before an act at that instant moved them to its parts."""
    await act.conn.execute(SQL.judged_as, act.scope_id, [str(part_id) for part_id in part_ids], str(leaf_id), reason)
    await act.conn.execute(SQL.take_away, act.scope_id, list(part_ids))
    await act.conn.execute(SQL.restore, act.scope_id, leaf_id, at, reason)
