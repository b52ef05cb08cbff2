"""A caller that goes away in the middle of a statement leaves the pool's connections as they were."""

from __future__ import annotations

import asyncio

import pytest

from domain.actor import SYSTEM
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
