"""When we knew it: one instant an act, no version lost to a second write, a clock stepped back or a rival's lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest_asyncio

from tests.conftest import Dazu

Headers = dict[str, str]
RENAME = "UPDATE panhuo.asset SET name = $2 WHERE id = $1"
PAST = """SELECT name, recorded_at, superseded_at FROM history.asset
WHERE id = $1 AND recorded_at >= $2 ORDER BY superseded_at"""
KNOWN = "SELECT name FROM panhuo.asset_known WHERE id = $1 AND recorded_at <= $2 AND superseded_at > $2"


@pytest_asyncio.fixture(loop_scope="session")
async def conn(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection, which sees what an act left behind."""
    conn = await asyncpg.connect(dazu.superuser_url)
    yield conn
    await conn.close()


@pytest_asyncio.fixture(loop_scope="session")
async def unit(conn: asyncpg.Connection) -> asyncpg.Record:
    """A unit on offer; what follows its `recorded_at` is the test's."""
    row = await conn.fetchrow(
        "SELECT id, name, recorded_at FROM panhuo.asset WHERE availability = 'available' ORDER BY id LIMIT 1"
    )
    assert row is not None
    return row


async def renamed(conn: asyncpg.Connection, unit: asyncpg.Record, at: datetime, *names: str) -> None:
    """Renames the unit within one act at an instant."""
    async with conn.transaction():
        await conn.execute("SELECT set_config('app.act_at', $1, true)", at.isoformat())
        for name in names:
            await conn.execute(RENAME, unit["id"], name)


async def test_an_act_that_writes_twice_keeps_one_past(conn: asyncpg.Connection, unit: asyncpg.Record) -> None:
    at = unit["recorded_at"] + timedelta(hours=1)

    await renamed(conn, unit, at, "first", "second")

    assert [tuple(row) for row in await conn.fetch(PAST, unit["id"], unit["recorded_at"])] == [
        (unit["name"], unit["recorded_at"], at)
    ]


async def test_a_clock_that_stepped_back_loses_no_version(conn: asyncpg.Connection, unit: asyncpg.Record) -> None:
    ahead = unit["recorded_at"] + timedelta(hours=1)

    await renamed(conn, unit, ahead, "written ahead")
    await renamed(conn, unit, unit["recorded_at"], "written after the step back")

    past = await conn.fetch(PAST, unit["id"], unit["recorded_at"])
    assert [row["name"] for row in past] == [unit["name"], "written ahead"]
    assert past[1]["superseded_at"] == ahead + timedelta(microseconds=1)
    assert await conn.fetchval(KNOWN, unit["id"], ahead) == "written ahead"
    assert await conn.fetchval(KNOWN, unit["id"], past[1]["superseded_at"]) == "written after the step back"


async def test_the_instant_is_read_after_the_wait_for_a_lock(
    client: httpx.AsyncClient, keys: dict[str, Headers], conn: asyncpg.Connection, unit: asyncpg.Record
) -> None:
    root = await conn.fetchval("SELECT root_id FROM panhuo.asset WHERE id = $1", unit["id"])
    place, admin = f"/api/v1/assets/{unit['id']}", keys["demo-admin"] | {"If-Match": "*"}
    async with conn.transaction():
        await conn.execute("SELECT FROM panhuo.asset WHERE id = $1 FOR NO KEY UPDATE", root)
        waiting = asyncio.create_task(client.patch(place, headers=admin, json={"properties": {"name": "waited"}}))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        released = await conn.fetchval("SELECT clock_timestamp()")

    assert (await waiting).status_code == 200
    assert await conn.fetchval("SELECT recorded_at FROM panhuo.asset WHERE id = $1", unit["id"]) > released


async def test_ten_rivals_leave_ten_versions_that_follow_each_other(
    client: httpx.AsyncClient, keys: dict[str, Headers], conn: asyncpg.Connection, unit: asyncpg.Record
) -> None:
    place, admin = f"/api/v1/assets/{unit['id']}", keys["demo-admin"] | {"If-Match": "*"}

    async def rename(n: int) -> Any:
        return await client.patch(place, headers=admin, json={"properties": {"name": f"rival {n}"}})

    answers = await asyncio.gather(*(rename(n) for n in range(10)))

    assert {answer.status_code for answer in answers} == {200}
    past = await conn.fetch(PAST, unit["id"], unit["recorded_at"])
    now = await conn.fetchrow("SELECT name, recorded_at FROM panhuo.asset WHERE id = $1", unit["id"])
    assert [row["superseded_at"] for row in past] == [*(row["recorded_at"] for row in past[1:]), now["recorded_at"]]
    assert {row["name"] for row in past} | {now["name"]} == {unit["name"], *(f"rival {n}" for n in range(10))}
