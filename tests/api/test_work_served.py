"""`panhuo work` as it runs: it dies in the middle of a delivery, comes back, and nothing is lost or out of order."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

from tests.api.receiver import receiving
from tests.api.story import Headers
from tests.api.test_events import act, heads, written
from tests.api.test_webhooks import added, private
from tests.conftest import Dazu

__all__ = ["private"]

pytestmark = pytest.mark.slow


@pytest.fixture
async def environment(app: Litestar, dazu: Dazu) -> AsyncIterator[dict[str, str]]:
    own = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    yield own | {"DATABASE_URL": dazu.url, "PANHUO_WEBHOOK_ALLOW_PRIVATE": "true", "PANHUO_LOG_LEVEL": "error"}


async def test_a_worker_killed_while_it_sends(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: dict[str, object], environment: dict[str, str]
) -> None:
    scope = str(park["id"])
    command = [sys.executable, "-m", "ops.cli", "work"]
    async with receiving("200 OK") as receiver:
        before = await heads(dazu, [scope])
        await added(client, staff, scope, receiver)
        for _ in range(5):
            await act(dazu.db, scope)
        receiver.takes_s = 5.0
        first = subprocess.Popen(command, env=environment)
        async with asyncio.timeout(30):
            while not receiver.busy:
                await asyncio.sleep(0.02)
        first.kill()
        first.wait()
        receiver.takes_s = 0.0
        for _ in range(5):
            await act(dazu.db, scope)
        second, third = (subprocess.Popen(command, env=environment) for _ in range(2))
        try:
            expected = await written(dazu, [scope], before)
            async with asyncio.timeout(60):  # the lease of the dead one holds for 30 s
                while expected[-1] not in receiver.ids():
                    await asyncio.sleep(0.1)
        finally:
            for worker in (second, third):
                worker.terminate()
                worker.wait()

    assert list(dict.fromkeys(receiver.ids())) == expected
    assert receiver.got[0][1]["webhook-id"] == receiver.got[1][1]["webhook-id"]
    assert receiver.got[0][2] == receiver.got[1][2]
    assert len(receiver.got) == 3  # the batch twice, what came later once, whichever of the two sent it
