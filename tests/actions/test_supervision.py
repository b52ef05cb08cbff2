"""A report at `actions`: the statements it takes, whose deal it finds without asking where that lies, and its lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from actions import light as light_actions
from actions.supervision import report
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import NotFound
from domain.words import Role
from store import supervision
from store.db import Database, Replayed
from tests.conftest import Dazu

PROMISED = """SELECT i.park_id, i.outcome_id, i.id, i.unit, (SELECT p.id FROM panhuo.park AS p WHERE p.id <> i.park_id
  ORDER BY p.id LIMIT 1) AS elsewhere FROM panhuo.indicator AS i WHERE i.per = 'year' AND i.due_on IS NULL
  ORDER BY i.id LIMIT 1"""

KEPT = "SELECT colour, behind_points, next_on FROM light WHERE outcome_id = $1"
REPORTED_ON = date(2039, 1, 1)


@dataclass
class Promise:
    """A figure promised of the demo, told over one connection."""

    db: Database
    park_id: UUID
    elsewhere: UUID
    figure: dict[str, Any]

    @property
    def staff(self) -> Actor:
        return Actor(UUID(int=7), Role.staff, park_ids=frozenset({self.park_id}))

    async def report(self, actor: Actor, quarter: int, key: str | None = None) -> Answer:
        once = Once(uuid4().hex if key is None else key, b"x")
        facts = {**self.figure, "year": 2030, "quarter": quarter, "value": Decimal(7), "source": "季报"}
        return await report(self.db, actor, **facts, once=once, today=REPORTED_ON)


@pytest_asyncio.fixture(loop_scope="session")
async def promise(dazu: Dazu) -> AsyncIterator[Promise]:
    conn = await asyncpg.connect(dazu.superuser_url)
    row = await conn.fetchrow(PROMISED)
    await conn.close()
    db = await Database.connect(dazu.url, size=1, public_size=1)
    facts = {"outcome_id": row["outcome_id"], "indicator_id": row["id"], "unit": row["unit"]}
    yield Promise(db, row["park_id"], row["elsewhere"], facts)
    await db.close()


async def test_a_report_takes_six_statements(promise: Promise) -> None:
    await promise.report(promise.staff, 1)  # reads the scheme, and opens the year
    statements: list[str] = []
    async with promise.db._app.acquire() as lent:
        conn = lent._con
    conn.add_query_logger(lambda row: statements.append(row.query))

    await promise.report(promise.staff, 2)

    begin, claim_and_lock, _look, write, events, commit = statements
    assert (begin[:5], commit[:6]) == ("BEGIN", "COMMIT")
    assert ["FOR NO KEY UPDATE" in claim_and_lock, "INTO report" in write, "INTO panhuo.event" in events] == [True] * 3


@pytest.mark.parametrize("quarter", [1, 4])
async def test_staff_of_another_park_find_no_deal(promise: Promise, quarter: int) -> None:
    """Neither where the report would be new nor where it would repeat one."""
    await promise.report(promise.staff, 1, "once")
    moved = replace(promise.staff, park_ids=frozenset({promise.elsewhere}))

    with pytest.raises(NotFound):
        await promise.report(moved, quarter, "once")

    with pytest.raises(Replayed):
        await promise.report(promise.staff, 1, "once")


async def test_reports_at_once_are_each_in_the_light_that_stands(promise: Promise, dazu: Dazu) -> None:
    together = replace(promise, db=dazu.db)

    await asyncio.gather(*(together.report(promise.staff, quarter) for quarter in (1, 2, 3, 4)))

    async with dazu.db.write(promise.staff, promise.park_id) as act:
        known = await supervision.lit(act, promise.figure["outcome_id"])
        light = await light_actions.compute(act, known, REPORTED_ON)
        kept = await act.conn.fetchrow(KEPT, promise.figure["outcome_id"])
        await act.fix_instant()
        act.did("light.looked_at", "outcome", promise.figure["outcome_id"])
    assert sum(report["year"] == 2030 for report in known["reports"]) == 4
    assert light is not None
    assert (kept["colour"], kept["behind_points"], kept["next_on"]) == (
        light.colour,
        light.behind_points,
        light.next_on,
    )


async def test_a_report_waits_for_a_deal_that_moves_and_is_told_after_it(promise: Promise, dazu: Dazu) -> None:
    conn = await asyncpg.connect(dazu.superuser_url)
    try:
        async with conn.transaction():
            await conn.execute(
                "UPDATE panhuo.outcome SET revision = revision + 1 WHERE id = $1", promise.figure["outcome_id"]
            )
            telling = asyncio.create_task(promise.report(promise.staff, 1))
            await asyncio.sleep(0.2)
            moved_at = await conn.fetchval("SELECT clock_timestamp()")
            assert not telling.done()

        assert (await telling).status == 201

        query = "SELECT recorded_at FROM panhuo.report WHERE outcome_id = $1 AND year = 2030"
        assert await conn.fetchval(query, promise.figure["outcome_id"]) > moved_at
    finally:
        await conn.close()


async def test_a_report_told_again_does_not_wait_for_a_deal_that_moves(promise: Promise, dazu: Dazu) -> None:
    await promise.report(promise.staff, 1, "once")
    conn = await asyncpg.connect(dazu.superuser_url)
    try:
        async with conn.transaction():
            await conn.execute("SELECT FROM panhuo.outcome WHERE id = $1 FOR UPDATE", promise.figure["outcome_id"])
            with pytest.raises(Replayed):
                await asyncio.wait_for(promise.report(promise.staff, 1, "once"), 1)
    finally:
        await conn.close()
