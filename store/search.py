"""Pages of a search: one query after the other for what a typed text may mean, the best first, each by key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg

from store.spelling import text_queries

MOST_ALIKE = 20  # names that are only like what was typed: the nearest, on one page
Rows = Awaitable[Sequence[asyncpg.Record]]


@dataclass(frozen=True)
class SearchPosition:
    """Where a page ended: the number of the query that met its last row, and the row's key."""

    query_no: int
    key: str


@dataclass(frozen=True)
class SearchPage:
    """One page, and where the next begins; None at the end."""

    rows: Sequence[asyncpg.Record]
    rest: SearchPosition | None


async def search_page(
    typed: str,
    by_query: Callable[[str, str | None, int], Rows],
    by_spelling: Callable[[str, int], Rows],
    key: str,
    *,
    after: SearchPosition | None,
    limit: int,
) -> SearchPage:
    """One page: rows of the better queries first, by key within each; without any, of the loose one; then spellings.

    `by_query` answers a tsquery after a key, ordered by it; `by_spelling` the nearest to a spelling.
    """
    queries = await asyncio.to_thread(text_queries, typed)
    if queries is None:
        return SearchPage([], None)
    met: list[tuple[SearchPosition, asyncpg.Record]] = []
    first = 0 if after is None else after.query_no
    for query_no, query in list(enumerate([*queries.ranked, queries.loose]))[first:]:
        if query_no == len(queries.ranked) and (met or (after is not None and after.query_no < query_no)):
            break
        begin = after.key if after is not None and first == query_no else None
        rows = await by_query(query, begin, limit + 1 - len(met))
        met += [(SearchPosition(query_no, str(row[key])), row) for row in rows]
        if len(met) > limit:
            return SearchPage([row for _, row in met[:limit]], met[limit - 1][0])
    if not met and after is None and queries.spelling is not None:
        return SearchPage(await by_spelling(queries.spelling, min(limit, MOST_ALIKE)), None)
    return SearchPage([row for _, row in met], None)
