"""A search of units in each way, beside the plain ILIKE that a search without derived columns would be.

Both read the public view as the public does, in one process, without HTTP: 100,000 units with made-up names, the first
100 that are met, rounds in turn, medians. `make bench-search` prints the table kept in docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from bench.items import empty, url
from domain.actor import ANONYMOUS
from store.asset_search import search
from store.db import Database
from store.spelling import spelling, vector

NAME, ASSETS = "panhuo_bench_search", 100_000
ROUNDS = 15
SAME = 5  # units of one name, told apart by their code
PLACES = ("双桥", "高新", "大足", "龙水", "万古", "邮亭", "珠溪", "三驱")
BRANDS = "宏锐盛嘉申智鼎联畅金若恒泰永兴华远天成瑞丰德利安达通新明海龙凤祥云星辰光耀科创力源佳美康乐富强正大同和顺平"
KINDS = ("标准厂房", "钢结构厂房", "重型厂房", "仓库", "车间", "地块", "研发楼", "冷库")
#: $1 names, $2 vectors, $3 spellings, $4 units of each; a feature is as long as one of a unit with its facts.
FILL = """
INSERT INTO asset (park_id, id, root_id, level, kind, code, name, geom, measured_area_m2, listing, feature, search,
  spelling)
SELECT p.id, u.id, u.id, 'plot', 'land', 'B-' || i || '-' || m, n.name, p.boundary, 1, 'published', rpad('{}', 1500),
  n.search::tsvector || (' ''=b' || i || m || ''':99')::tsvector, n.spelling
FROM park AS p, unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS n (name, search, spelling, i)
CROSS JOIN generate_series(1, $4) AS m CROSS JOIN LATERAL (SELECT md5(i || '/' || m)::uuid AS id) AS u"""
ANCHOR = """SELECT feature, id::text AS key FROM asset_visible
  WHERE name ILIKE '%' || $1 || '%' OR code ILIKE '%' || $1 || '%' ORDER BY id LIMIT 101"""
TYPED = {
    "code": "B-7777-3",
    "2 characters, few": "锐鼎",
    "2 characters, a third of all": "厂房",
    "1 character": "若",
    "characters and number": "宏锐18",
    "full pinyin": "ruiding",
    "full pinyin, broken off": "shuangqiaohongr",
    "full pinyin, a third of all": "changfang",
    "initials": "sqrd",
    "initials, a third of all": "cf",
    "mixed": "dazu 锐ding",
    "characters in another order: by sound": "锐鼎双桥厂房",
    "slip": "龙水洪瑞号标淮厂方",
    "no such characters: by sound": "巧克力",
}


def names() -> list[str]:
    draw = random.Random(4754)
    return [
        f"{draw.choice(PLACES)}{draw.choice(BRANDS)}{draw.choice(BRANDS)}{draw.randrange(1, 400)}号{draw.choice(KINDS)}"
        for _ in range(ASSETS // SAME)
    ]


async def fill() -> str:
    """Synthetic units, with the anchor's own index; what the table and its indexes for text weigh."""
    conn = await asyncpg.connect(url(None, NAME))
    named = names()
    begun = time.perf_counter()
    vectors, spelt = [vector(name, None) for name in named], [spelling(name) for name in named]
    each = (time.perf_counter() - begun) / len(named) * 1000
    await conn.execute("SET search_path = panhuo, public; DROP INDEX asset_search, asset_spelling")
    await conn.execute(
        """INSERT INTO park (id, code, name_zh, boundary) VALUES ('00000000-0000-7000-8000-000000000001', 'bench',
           '基准园区', ST_Multi(ST_MakeEnvelope(105, 29, 107, 31, 4326)))"""
    )
    await conn.execute(FILL, named, vectors, spelt, SAME)
    await conn.execute("CREATE INDEX asset_search ON asset USING gin (search)")
    await conn.execute("CREATE INDEX asset_spelling ON asset USING gin (spelling gin_trgm_ops)")
    await conn.execute("CREATE INDEX asset_name ON asset USING gin (name gin_trgm_ops)")
    await conn.execute("VACUUM ANALYZE asset")
    sizes = await conn.fetchval(
        """SELECT string_agg(relname || ' ' || pg_size_pretty(pg_relation_size(oid)), ', ' ORDER BY relname)
           FROM pg_class WHERE relname IN ('asset_search', 'asset_spelling', 'asset_name', 'asset')"""
    )
    await conn.close()
    return f"{each:.2f} ms to spell a name; {sizes}"


async def timed(act: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    begun = time.perf_counter()
    got = await act()
    return (time.perf_counter() - begun) * 1000, got


async def main() -> None:
    await empty(NAME)
    print(f"{ASSETS} units; {await fill()}", flush=True)
    db = await Database.connect(url("panhuo_service", NAME), size=1, public_size=1)
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in TYPED}
    met: dict[str, tuple[int, int]] = {}
    async with db.read(ANONYMOUS) as conn:
        for _ in range(ROUNDS):
            for name, typed in TYPED.items():
                mine, page = await timed(
                    lambda typed=typed: search(conn, [], typed=typed, limit=100, is_signed_in=False)  # type: ignore[misc]
                )
                theirs, rows = await timed(lambda typed=typed: conn.fetch(ANCHOR, typed))  # type: ignore[misc]
                taken[name].append((mine, theirs))
                met[name] = (len(page.features), min(len(rows), 100))
    await db.close()
    for name, typed in TYPED.items():
        mine, theirs = (statistics.median(side) for side in zip(*taken[name], strict=True))
        print(f"| {name} | `{typed}` | {mine:.1f} | {met[name][0]} | {theirs:.1f} | {met[name][1]} |")


if __name__ == "__main__":
    asyncio.run(main())
