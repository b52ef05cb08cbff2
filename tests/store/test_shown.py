"""Counters and tile versions: they are what the tables hold, and a write changes those it must and no others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from domain.collections import COLLECTIONS
from store import features, flat
from tests.conftest import Dazu

COUNTED = """
SELECT park_id, c.collection, listing = 'published' AS is_public, count(*) AS n
FROM asset CROSS JOIN LATERAL collections_of(kind, geom, label, availability) AS c (collection)
WHERE retired_on IS NULL GROUP BY 1, 2, 3
UNION ALL SELECT coalesce(zone_of, id), 'parks', true, count(*) FROM park_visible GROUP BY 1
"""
Cells = dict[tuple[Any, ...], int]


@pytest_asyncio.fixture(loop_scope="session")
async def conn(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(dazu.superuser_url, server_settings={"search_path": "panhuo, public"})
    yield conn
    await conn.close()


async def counters(conn: asyncpg.Connection) -> Cells:
    rows = await conn.fetch("SELECT park_id, collection, is_public, n FROM counter WHERE n <> 0")
    return {(row[0], row[1], row[2]): row[3] for row in rows}


async def held(conn: asyncpg.Connection) -> Cells:
    return {(row[0], row[1], row[2]): row[3] for row in await conn.fetch(COUNTED)}


async def versions(conn: asyncpg.Connection) -> Cells:
    return {
        (row[0], row[1], row[2]): row[3] for row in await conn.fetch("SELECT park_id, x, y, version FROM tile_version")
    }


async def test_the_demo_is_counted_as_it_is(conn: asyncpg.Connection) -> None:
    assert await counters(conn) == await held(conn)
    assert await conn.fetchval("SELECT count(*) FROM asset WHERE flat IS NULL") == 0


async def test_every_cell_with_something_public_has_a_version(conn: asyncpg.Connection) -> None:
    wanted = await conn.fetch(
        """SELECT DISTINCT park_id, c.x, c.y FROM asset CROSS JOIN LATERAL cells_of(coalesce(geom, label)) AS c
           WHERE listing = 'published'"""
    )
    assert {tuple(row) for row in wanted} <= (await versions(conn)).keys()


async def test_a_flat_feature_is_as_its_statement_writes_it(conn: asyncpg.Connection) -> None:
    """Whatever act wrote it last."""
    differing = await conn.fetch(
        f"SELECT a.id FROM asset AS a JOIN park AS p ON p.id = a.park_id WHERE a.flat IS DISTINCT FROM {flat.FLAT}"
    )
    assert differing == []


async def test_a_write_counts_for_its_park_and_its_cells_alone(
    client: httpx.AsyncClient, keys: dict[str, dict[str, str]], conn: asyncpg.Connection
) -> None:
    staff = keys["demo-shuangqiao"]
    own = (await client.get("/ogc/collections/factory/items", headers=staff)).json()["features"]
    own = [f for f in own if f["properties"]["park_code"] == "shuangqiao"]
    unit = next(
        f for f in own if f["properties"]["listing"] == "published" and f["properties"]["availability"] == "available"
    )
    cells = await conn.fetch(
        """SELECT p.id, c.x, c.y FROM park AS p CROSS JOIN LATERAL (
             SELECT * FROM cells_of((SELECT geom FROM asset WHERE id = $1))
             UNION SELECT * FROM cells_of(ST_PointOnSurface(p.boundary))) AS c WHERE p.code = 'shuangqiao'""",
        unit["id"],
    )
    before = await versions(conn)

    withdrawn = await client.post(f"/api/v1/assets/{unit['id']}/withdraw", headers={**staff, "If-Match": "*"})
    assert withdrawn.status_code == 200, withdrawn.text

    after = await versions(conn)
    assert {cell for cell in after if after[cell] != before.get(cell)} == {tuple(row) for row in cells}
    assert await counters(conn) == await held(conn)


async def test_a_draft_changes_no_tile(
    client: httpx.AsyncClient, keys: dict[str, dict[str, str]], conn: asyncpg.Connection
) -> None:
    staff, before = keys["demo-shuangqiao"], await versions(conn)
    park_id = await conn.fetchval("SELECT id FROM park WHERE code = 'shuangqiao'")
    facts = {"park_id": str(park_id), "level": "building", "code": "draft-1", "name": "草稿", "stated_area": 100,
             "stated_area_unit": "m2"}  # fmt: skip
    made = await client.post(
        "/api/v1/assets", headers=staff, json={"type": "Feature", "geometry": None, "properties": facts}
    )
    assert made.status_code == 201, made.text

    assert await versions(conn) == before
    assert await counters(conn) == await held(conn)
    unplaced = "/ogc/collections/factory-unplaced/items"
    assert (await client.get(unplaced, headers=staff)).json()["numberMatched"] == 1
    assert (await client.get(unplaced)).json()["numberMatched"] == 0
    gone = await client.delete(
        f"/api/v1/assets/{made.json()['id']}?reason=test", headers={**staff, "If-Match": made.headers["etag"]}
    )
    assert gone.status_code == 200, gone.text
    assert await counters(conn) == await held(conn)


async def test_an_outline_on_a_border_lies_in_the_cells_on_both_sides(conn: asyncpg.Connection) -> None:
    """A tile of zoom 10 is 360/1024° wide; its neighbour draws what lies within the buffer of a tile of zoom 12."""
    edge, width = 105 - 105 % (360 / 1024), 360 / 1024
    buffer = width / 4 / 64
    for offset, columns in ((0.0, 2), (buffer * 0.9, 2), (buffer * 1.1, 1)):
        point = await conn.fetch("SELECT * FROM cells_of(ST_SetSRID(ST_MakePoint($1, 29.5), 4326))", edge + offset)
        assert len({row["x"] for row in point}) == columns, offset


async def test_no_index_serves_half_of_what_the_view_asks(conn: asyncpg.Connection) -> None:
    """Else all that is published is read for each of many units joined by place: 18 s of 20,000 units, not 1.4."""
    halves = await conn.fetch(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'asset'::regclass "
        "AND pg_get_expr(indpred, indrelid) ~ '\\(listing = ''published''::text\\)(?! IS TRUE)'"
    )
    assert halves == []


@pytest.mark.parametrize("name", ["factory", "factory-points", "idle-land", "land-unplaced"])
async def test_a_page_for_everyone_is_read_by_its_index(conn: asyncpg.Connection, name: str) -> None:
    indexes = {"factory": "asset_drawn", "idle-land": "asset_on_offer", "land-unplaced": "asset_unplaced"}
    await conn.execute("SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off")
    queries: list[Any] = []
    with conn.query_logger(queries.append):
        await features.page(
            conn, COLLECTIONS[name], [], form=features.GeometryForm(), by=None, after=None, limit=10, is_staff=False
        )
    await asyncio.sleep(0)  # the driver tells it in its own turn
    (read,) = queries
    plan = "\n".join(row[0] for row in await conn.fetch(f"EXPLAIN {read.query.replace('$1', '10')}"))
    assert indexes.get(name, "asset_published") in plan, plan


async def test_a_park_that_lies_elsewhere_changes_the_cells_where_it_lay(
    client: httpx.AsyncClient, keys: dict[str, dict[str, str]], conn: asyncpg.Connection
) -> None:
    admin, edge = keys["demo-admin"], 105 - 105 % (360 / 1024)

    def around(lon: float) -> dict[str, Any]:
        ring = [[lon, 29.3], [lon + 0.01, 29.3], [lon + 0.01, 29.31], [lon, 29.31], [lon, 29.3]]
        return {"type": "Polygon", "coordinates": [ring]}

    sent = {"type": "Feature", "geometry": around(edge - 0.1), "properties": {"code": "moved", "name_zh": "迁移园区"}}
    made = await client.post("/api/v1/parks", headers=admin, json=sent)
    before = await versions(conn)
    moved = await client.patch(
        f"/api/v1/parks/{made.json()['id']}", headers={**admin, "If-Match": "*"}, json={"geometry": around(edge + 0.1)}
    )
    assert moved.status_code == 200, moved.text

    after = await versions(conn)
    column = round((edge + 180) / 360 * 1024)
    assert {cell[1] for cell in after if after[cell] != before.get(cell)} == {column - 1, column}
