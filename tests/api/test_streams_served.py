"""Streams of the real server: they end when it is told to stop, and a reader that reads nothing costs it nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.api.story import Headers
from tests.conftest import Dazu

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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    own = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    own |= {"DATABASE_URL": dazu.url, "PORT": str(port), "PANHUO_WORK": "false", "PANHUO_LOG_LEVEL": "warning"}
    server = subprocess.Popen([sys.executable, "-m", "ops.cli", "serve"], env=own, start_new_session=True)
    give_up_at = time.monotonic() + 60
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=2)
            break
        except httpx.TransportError:
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
    yield server, port
    with suppress(ProcessLookupError):  # its worker would outlive it
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


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
