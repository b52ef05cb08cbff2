"""A report at `actions`: the statements it takes, and whose deal it finds without asking where that lies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from actions.supervision import report
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import NotFound
from domain.words import Role
from store.db import Database, Replayed
from tests.conftest import Dazu

PROMISED = """SELECT i.park_id, i.outcome_id, i.id, i.unit, (SELECT p.id FROM panhuo.park AS p WHERE p.id <> i.park_id
  ORDER BY p.id LIMIT 1) AS elsewhere FROM panhuo.indicator AS i WHERE i.per = 'year' AND i.due_on IS NULL
  ORDER BY i.id LIMIT 1"""


@dataclass
class Promise:
    """A figure promised of the demo, told over one connection."""

    db: Database
    park_id: UUID
    elsewhere: UUID
    told: dict[str, Any]

    @property
    def staff(self) -> Actor:
        return Actor(UUID(int=7), Role.staff, park_ids=frozenset({self.park_id}))

    async def report(self, actor: Actor, quarter: int, key: str | None = None) -> Answer:
        once = Once(uuid4().hex if key is None else key, b"x")
        said = {**self.told, "year": 2030, "quarter": quarter, "value": Decimal(7), "source": "季报"}
        return await report(self.db, actor, **said, once=once, today=date(2039, 1, 1))


@pytest_asyncio.fixture(loop_scope="session")
async def promise(dazu: Dazu) -> AsyncIterator[Promise]:
    conn = await asyncpg.connect(dazu.superuser_url)
    row = await conn.fetchrow(PROMISED)
    await conn.close()
    db = await Database.connect(dazu.url, size=1, public_size=1)
    told = {"outcome_id": row["outcome_id"], "indicator_id": row["id"], "unit": row["unit"]}
    yield Promise(db, row["park_id"], row["elsewhere"], told)
    await db.close()


async def test_a_report_takes_as_many_statements_as_its_inserts_would(promise: Promise) -> None:
    await promise.report(promise.staff, 1)  # reads the scheme, and opens the year
    statements: list[str] = []
    async with promise.db._app.acquire() as lent:
        conn = lent._con
    conn.add_query_logger(lambda told: statements.append(told.query))

    await promise.report(promise.staff, 2)

    assert len(statements) == 7, statements


@pytest.mark.parametrize("quarter", [1, 4])
async def test_staff_of_another_park_find_no_deal(promise: Promise, quarter: int) -> None:
    """Neither where the report would be new nor where it would repeat one."""
    await promise.report(promise.staff, 1, "once")
    moved = replace(promise.staff, park_ids=frozenset({promise.elsewhere}))

    with pytest.raises(NotFound):
        await promise.report(moved, quarter, "once")

    with pytest.raises(Replayed):
        await promise.report(promise.staff, 1, "once")
