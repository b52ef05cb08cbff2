"""One reading for all who ask at once: nobody gets what was read before they asked; one that fails says so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from api.shared_reading import SharedReading


async def test_whoever_asks_waits_for_a_reading_that_begins_afterwards() -> None:
    shared: SharedReading[int, tuple[int, int]] = SharedReading()
    now = readings = 0

    async def read(keys: Sequence[int]) -> list[tuple[int, int]]:
        nonlocal readings
        readings += 1
        at = now
        await asyncio.sleep(0.005)
        return [(at, key) for key in keys]

    async def ask(key: int) -> None:
        before = now
        at, answered = await shared.value(key, read)
        assert at >= before and answered == key

    waiting = []
    for n in range(200):
        now += 1
        waiting.append(asyncio.create_task(ask(n % 7)))
        await asyncio.sleep(0.0005)
    await asyncio.gather(*waiting)
    assert readings < 100


async def test_a_reading_that_fails_fails_for_those_who_wait_and_for_nobody_after() -> None:
    shared: SharedReading[str, str] = SharedReading()

    async def fail(keys: Sequence[str]) -> list[str]:
        await asyncio.sleep(0)
        raise ConnectionError

    async def read(keys: Sequence[str]) -> list[str]:
        return list(keys)

    refused = await asyncio.gather(*(shared.value(key, fail) for key in "abc"), return_exceptions=True)
    assert [type(fault) for fault in refused] == [ConnectionError] * 3
    assert await shared.value("d", read) == "d"


async def test_one_who_hangs_up_does_not_end_it_for_the_others() -> None:
    shared: SharedReading[str, str] = SharedReading()

    async def read(keys: Sequence[str]) -> list[str]:
        await asyncio.sleep(0.01)
        return list(keys)

    leaving, staying = (asyncio.create_task(shared.value(key, read)) for key in "ab")
    await asyncio.sleep(0.001)
    leaving.cancel()
    assert await staying == "b"
    with pytest.raises(asyncio.CancelledError):
        await leaving
