"""Answers that a process keeps: each made once a version, the longest unused forgotten, none too large."""

from __future__ import annotations

import asyncio

from api.answer_cache import BESIDE_EACH, AnswerCache, MadeAnswer

ROOM = 16 * (1000 + BESIDE_EACH)


async def test_the_longest_unused_are_forgotten() -> None:
    cache, made = AnswerCache(ROOM), []

    async def ask(n: int, version: int = 1) -> bytes:
        async def make() -> MadeAnswer:
            made.append(n)
            await asyncio.sleep(0)
            return MadeAnswer(version, bytes([n]) * 1000)

        return (await cache.answer(n, version, make)).body

    bodies = await asyncio.gather(*(ask(1) for _ in range(5)))
    assert bodies == [b"\x01" * 1000] * 5 and made == [1]
    for n in (*range(2, 17), 1, 17):
        await ask(n)
    assert made == [*range(1, 18)] and cache.size == ROOM
    await ask(1)
    assert made[17:] == []
    await ask(2)
    await ask(1, version=2)
    assert made[17:] == [2, 1] and cache.size == ROOM


async def test_what_takes_too_much_room_is_made_each_time() -> None:
    cache, made = AnswerCache(ROOM), 0

    async def make() -> MadeAnswer:
        nonlocal made
        made += 1
        return MadeAnswer(1, b"x" * (ROOM // 8), {"a": "b"})

    for n in (1, 2):
        kept = await cache.answer("large", 1, make)
        assert (made, cache.size, kept.headers) == (n, 0, {"a": "b"})
        assert len(await cache.gzipped("large", kept)) < 100 and cache.size == 0


async def test_one_who_hangs_up_does_not_end_it_for_the_others() -> None:
    cache, is_going_on = AnswerCache(), asyncio.Event()

    async def make() -> MadeAnswer:
        await is_going_on.wait()
        return MadeAnswer(1, b"x")

    waiting = [asyncio.create_task(cache.answer("key", 1, make)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    is_going_on.set()
    kept = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(kept[0], asyncio.CancelledError) and kept[1] is kept[2]


async def test_only_the_first_to_ask_need_not_know_a_version() -> None:
    cache, is_going_on = AnswerCache(), asyncio.Event()

    async def make() -> MadeAnswer:
        await is_going_on.wait()
        return MadeAnswer(7, b"x")

    first = asyncio.create_task(cache.first_answer("key", make))
    await asyncio.sleep(0)
    assert await cache.first_answer("key", make) is None  # what is being made may be older than this call
    is_going_on.set()
    kept = await first
    assert kept is not None and kept.version == 7
    assert await cache.first_answer("key", make) is None
    assert await cache.answer("key", 7, make) is kept
