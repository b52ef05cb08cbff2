"""A caller that goes away in the middle of a statement leaves the pool's connections as they were."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from domain.actor import SYSTEM
from domain.errors import Unavailable
from store.faults import as_refusal
from tests.conftest import Dazu


async def test_a_read_cancelled_anywhere_leaves_no_transaction_open(
    dazu: Dazu, caplog: pytest.LogCaptureFixture
) -> None:
    async def read() -> None:
        async with dazu.db.read(SYSTEM) as conn:
            await conn.fetchval("SELECT count(*) FROM asset")

    await read()
    for steps in range(60):
        reading = asyncio.create_task(read())
        for _ in range(steps):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
    for tenths_ms in range(100):  # every statement of it, BEGIN and COMMIT too, is met half-way by some of these
        reading = asyncio.create_task(read())
        await asyncio.sleep(tenths_ms / 10_000)
        reading.cancel()
        await asyncio.wait([reading])

    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
    await asyncio.gather(*(read() for _ in range(8)))


def test_geometry_at_the_end_of_its_time_is_no_fault_of_ours() -> None:
    interrupted = asyncpg.InternalServerError("lwgeom_pointonsurface: GEOS Error: InterruptedException: Interrupted!")

    refusal = as_refusal(interrupted)

    assert isinstance(refusal, Unavailable)
    assert refusal.faults[0].code == "busy"
    assert as_refusal(other := asyncpg.InternalServerError("something else")) is other
