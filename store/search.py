"""Pages of a search: the ways a typed text may be meant, from the best down, each by key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg

from store.spelling import ways

MOST_ALIKE = 20  # names that are only like what was typed: the nearest, on one page
Rows = Awaitable[Sequence[asyncpg.Record]]


@dataclass(frozen=True)
class Place:
    """Where a page ended: the way its last row was found by, and its key."""

    way: int
    key: str


@dataclass(frozen=True)
class Found:
    """One page, and where the next begins; None at the end."""

    rows: Sequence[asyncpg.Record]
    rest: Place | None


async def found(
    typed: str,
    by_query: Callable[[str, str | None, int], Rows],
    by_spelling: Callable[[str, int], Rows],
    key: str,
    *,
    after: Place | None,
    limit: int,
) -> Found:
    """One page, the better ways first, by key within each; where none meets a row, the loose one; then spellings.

    `by_query` answers a tsquery after a key, ordered by it; `by_spelling` the nearest to a spelling.
    """
    asked = await asyncio.to_thread(ways, typed)
    if asked is None:
        return Found([], None)
    met: list[tuple[Place, asyncpg.Record]] = []
    first = 0 if after is None else after.way
    for way, query in list(enumerate([*asked.ranked, asked.loose]))[first:]:
        if way == len(asked.ranked) and (met or (after is not None and after.way < way)):
            break
        begin = after.key if after is not None and first == way else None
        rows = await by_query(query, begin, limit + 1 - len(met))
        met += [(Place(way, str(row[key])), row) for row in rows]
        if len(met) > limit:
            return Found([row for _, row in met[:limit]], met[limit - 1][0])
    if not met and after is None and asked.spelling is not None:
        return Found(await by_spelling(asked.spelling, min(limit, MOST_ALIKE)), None)
    return Found([row for _, row in met], None)
