"""Streams of the real server: they end when it is told to stop, and a reader that reads nothing costs it nothing.

A table ends as a whole or is seen to be cut.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import geopandas
import httpx
import pyogrio
import pytest

from tests.api.story import Headers
from tests.conftest import Dazu
from tests.server import serving

pytestmark = pytest.mark.slow
ROUTE = "/api/v1/events"
#: An act's worth of rows, planted where a stream reads them: far more than any buffer between the two ends holds.
PLANT = """WITH park AS (SELECT id FROM panhuo.park WHERE code = 'shuangqiao'), bumped AS (
  UPDATE panhuo.head SET rev = rev + 1 FROM park WHERE scope_id = park.id RETURNING scope_id, rev)
INSERT INTO panhuo.event SELECT scope_id, rev, n, '00000000-0000-0000-0000-000000000000', 'park.turned_over', 'park',
  scope_id, now(), '{}', '' FROM bumped, generate_series(1, 200000) AS n"""


@pytest.fixture
def served(dazu: Dazu) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`panhuo serve` on the test's database, and its port."""
    with serving(dazu.url) as server:
        yield server


async def test_a_stop_ends_the_streams_cleanly(
    served: tuple[subprocess.Popen[bytes], int], keys: dict[str, Headers]
) -> None:
    server, port = served
    sent = keys["demo-shuangqiao"] | {"Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(timeout=30) as http,
        http.stream("GET", f"http://127.0.0.1:{port}{ROUTE}", headers=sent) as answer,
    ):
        lines = answer.aiter_lines()
        assert (await anext(lines)).startswith("retry: ")
        requested_at = time.monotonic()
        server.send_signal(signal.SIGTERM)
        rest = [line async for line in lines]  # a cut connection would raise

    assert rest[0].startswith("id: ")
    assert await asyncio.to_thread(server.wait, 30) == 0
    assert time.monotonic() - requested_at < 10


async def test_a_reader_that_reads_nothing_holds_no_memory(
    served: tuple[subprocess.Popen[bytes], int], dazu: Dazu, keys: dict[str, Headers]
) -> None:
    server, port = served
    conn = await asyncpg.connect(dazu.superuser_url)
    await conn.execute(PLANT)
    await conn.close()
    with socket.create_connection(("127.0.0.1", port)) as reader:
        before = resident_mb(server.pid)
        key = keys["demo-shuangqiao"]["X-API-Key"]
        text = f"GET {ROUTE}?after=start HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nX-API-Key: {key}\r\n\r\n"
        reader.sendall(text.encode())
        await asyncio.sleep(5)
        # All of it would be about 90 MB.
        assert resident_mb(server.pid) - before < 30
        assert b"200 OK" in reader.recv(1000)


def resident_mb(pid: int) -> int:
    """Memory of a server's processes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    pages = [int(Path(f"/proc/{child}/statm").read_text(encoding="ascii").split()[1]) for child in children]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") >> 20


#: Units like one that is published, each with its feature: 20 MB of a table, more than any buffer holds.
UNITS = """
INSERT INTO panhuo.asset (park_id, id, root_id, level, kind, code, name, geom, measured_area_m2, allowed_paths, listing,
  availability, search, spelling, recorded_at, changed_at, feature)
SELECT a.park_id, u.id, u.id, a.level, a.kind, 'U-' || n, a.name, a.geom, a.measured_area_m2, a.allowed_paths,
  a.listing, a.availability, a.search, a.spelling, a.recorded_at, a.changed_at,
  replace(a.feature, a.id::text, u.id::text)
FROM (SELECT * FROM panhuo.asset WHERE listing = 'published' AND root_id = id ORDER BY id LIMIT 1) AS a,
  generate_series(1, 20000) AS n, LATERAL (SELECT md5('u' || n)::uuid AS id) AS u"""
READING = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction' "
    "AND query LIKE '%asset_visible%'"
)


async def reading(conn: asyncpg.Connection, count: int) -> list[int]:
    """The connections that read a table, once there are so many."""
    give_up_at = time.monotonic() + 20
    while len(pids := [row["pid"] for row in await conn.fetch(READING)]) != count:
        assert time.monotonic() < give_up_at, pids
        await asyncio.sleep(0.05)
    return pids


async def test_a_table_is_read_whole_or_seen_to_be_cut(served: tuple[subprocess.Popen[bytes], int], dazu: Dazu) -> None:
    """GDAL reads every unit by the address; who reads nothing costs no memory, who hangs up ends the query."""
    server, port = served
    place = f"http://127.0.0.1:{port}/api/v1/assets"
    conn = await asyncpg.connect(dazu.superuser_url)
    await conn.execute(UNITS)
    units = await conn.fetchval("SELECT count(*) FROM panhuo.asset WHERE listing = 'published'")
    address = f"{place}.geojson?fields=code,park_code"

    by_gdal = await asyncio.to_thread(pyogrio.read_dataframe, f"GeoJSON:{address}")
    by_geopandas = await asyncio.to_thread(geopandas.read_file, address)
    assert len(by_gdal) == len(by_geopandas) == units > 20_000

    before = resident_mb(server.pid)
    with socket.create_connection(("127.0.0.1", port)) as reader:
        reader.sendall(b"GET /api/v1/assets.geojson HTTP/1.1\r\nHost: x\r\n\r\n")
        await reading(conn, 1)
        await asyncio.sleep(3)
        assert resident_mb(server.pid) - before < 20
    await reading(conn, 0)

    async with httpx.AsyncClient(timeout=30) as http, http.stream("GET", f"{place}.csv") as answer:
        chunks = answer.aiter_bytes()
        await anext(chunks)
        await conn.execute("SELECT pg_terminate_backend($1)", (await reading(conn, 1))[0])
        with pytest.raises(httpx.RemoteProtocolError):
            async for _ in chunks:
                pass
    await conn.close()
