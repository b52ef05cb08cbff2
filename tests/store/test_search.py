"""The derived columns: true of every row, there after an upgrade, and read through their index."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from store.spelling import spelling, text_queries, vector
from tests.conftest import Dazu

PARK = "00000000-0000-7000-8000-000000000001"
SQUARE = "ST_Multi(ST_MakeEnvelope(105, 29, 105.1, 29.1, 4326))"
#: $1 names, $2 vectors, $3 spellings, $4 how many of each.
UNITS = f"""
  INSERT INTO asset (park_id, id, root_id, level, kind, code, name, geom, measured_area_m2, listing,
    feature, search, spelling)
  SELECT '{PARK}', u.id, u.id, 'plot', 'land', 'X-' || i || '-' || m, n.name, {SQUARE}, 1, 'published', '{{}}',
    n.search::tsvector, n.spelling
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS n (name, search, spelling, i)
  CROSS JOIN generate_series(1, $4) AS m CROSS JOIN LATERAL (SELECT md5(i || '/' || m)::uuid AS id) AS u"""


@pytest_asyncio.fixture(loop_scope="session")
async def superuser(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(dazu.superuser_url)
    await conn.execute("SET search_path = panhuo, public")
    yield conn
    await conn.close()


async def test_stored_search_is_that_of_the_name(superuser: asyncpg.Connection) -> None:
    for table, code in (("asset", "code"), ("firm", "credit_code"), ("industry", "code")):
        name = "name_zh" if table == "industry" else "name"
        rows = await superuser.fetch(f"SELECT {name} AS name, {code} AS code, search::text, spelling FROM {table}")
        made = await superuser.fetch(
            "SELECT v::tsvector::text AS v FROM unnest($1::text[]) WITH ORDINALITY AS m (v, n) ORDER BY n",
            [vector(row["name"], row["code"]) for row in rows],
        )
        assert len(rows) > 20
        assert [row["search"] for row in rows] == [row["v"] for row in made], table
        assert [row["spelling"] for row in rows] == [spelling(row["name"]) for row in rows], table


async def test_a_search_reads_what_it_finds(dazu: Dazu, superuser: asyncpg.Connection) -> None:
    """100 units among 100,000, by two characters, pinyin, initials and a slip: few other rows are looked at."""
    named = [f"{a}{b}{n}号标准厂房" for a in "宏锐盛嘉恒泰永兴华远" for b in "天成瑞丰德利安达通新" for n in range(10)]
    named.append("矿棉仓储")
    await superuser.execute(
        f"INSERT INTO park (id, code, name_zh, boundary) VALUES ('{PARK}', 'past', '园区', {SQUARE})"
    )
    vectors, spelt = [vector(name, None) for name in named], [spelling(name) for name in named]
    await superuser.execute(UNITS, named, vectors, spelt, 100)
    await superuser.execute("VACUUM ANALYZE asset")
    await superuser.execute("SET ROLE panhuo_public")

    for typed in ("矿棉", "kuangmian", "km", "矿mian"):
        meant = text_queries(typed)
        assert meant is not None
        looked = [await looked_at(superuser, "search @@ $1::tsquery", query) for query in meant.ranked]
        assert 100 <= sum(looked) <= 400, (typed, looked)
    assert 100 <= await looked_at(superuser, "$1 <% spelling", spelling("矿绵苍储")) <= 200


async def looked_at(conn: asyncpg.Connection, condition: str, value: str) -> int:
    """Rows of the table that a search for the first hundred met, kept or not."""
    lines = await conn.fetch(
        "EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) "
        f"SELECT feature FROM asset_visible WHERE {condition} ORDER BY id LIMIT 101",
        value,
    )
    plan = "\n".join(line[0] for line in lines)
    kept = re.findall(r"(?:Index|Heap|Seq) Scan (?:using \w+ )?on asset(?: a)? \(actual rows=(\d+)", plan)
    return sum(map(int, kept + re.findall(r"Rows Removed by [^:]+: (\d+)", plan)))
