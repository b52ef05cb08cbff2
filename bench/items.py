"""A page of units by bbox and one unit, beside a bare handler that returns the text of one prepared statement.

Both are served by the same server in one process each, one worker, from the same database of synthetic units; rounds
are interleaved and the median is taken. `make bench-items` prints the table kept in docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from fixtures.load import load_reference
from store.db import Database
from store.migrations import migrate
from store.roles import ensure_roles

ASSETS = int(os.environ.get("PANHUO_TEST_BENCH_ASSETS", "100000"))
ROUNDS, SECONDS, CONNECTIONS = 3, 8, 16
NAME = "panhuo_bench"
FILL = (Path(__file__).parent / "items.sql").read_text(encoding="utf-8")
OURS, BARE = 8431, 8432


def url(user: str, name: str) -> str:
    parts = urlsplit(os.environ["PANHUO_TEST_ADMIN_URL"])
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(("postgresql", f"{quote(user)}@{host}", f"/{name}", parts.query, ""))


async def prepare() -> str:
    """A database of synthetic units; the id of one of them."""
    admin = await asyncpg.connect(os.environ["PANHUO_TEST_ADMIN_URL"])
    await admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
    await admin.execute(f"CREATE DATABASE {NAME}")
    await admin.close()
    superuser = urlsplit(os.environ["PANHUO_TEST_ADMIN_URL"])
    mine = urlunsplit(("postgresql", superuser.netloc, f"/{NAME}", superuser.query, ""))
    await ensure_roles(mine, service="panhuo_service", admin="panhuo_admin", password=None)
    await migrate(url("panhuo_admin", NAME))
    db = await Database.connect(url("panhuo_service", NAME), size=1, public_size=1)
    await load_reference(db)
    await db.close()
    conn = await asyncpg.connect(mine)
    await conn.execute(FILL.replace(":assets", str(ASSETS)))
    await conn.execute("VACUUM ANALYZE panhuo.asset")
    some = await conn.fetchval("SELECT id FROM panhuo.asset ORDER BY id OFFSET $1 LIMIT 1", ASSETS // 2)
    await conn.close()
    return str(some)


def serve(module: str, port: int) -> subprocess.Popen[bytes]:
    """One worker of an application, without access log or compression asked for."""
    environ = os.environ | {
        "DATABASE_URL": url("panhuo_service", NAME),
        "PORT": str(port),
        "PANHUO_WORK": "false",
        "PANHUO_LOG_LEVEL": "error",
    }
    command = [sys.executable, "-P", "-m", *module.split()]
    server = subprocess.Popen(command, env=environ)
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=1).read()
            return server
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{module} did not start")


def rate(port: int, path: str, seconds: int = SECONDS) -> float:
    """Requests a second, by wrk with one thread."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"http://127.0.0.1:{port}{path}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"{path} was refused:\n{said}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found is not None
    return float(found[1])


def main() -> None:
    some = asyncio.run(prepare())
    ours, bare = serve("api.cli serve", OURS), serve("bench.bare", BARE)
    paths = {
        "page by bbox": "/api/v1/assets?bbox=105.50,29.50,105.5316,29.5316&limit=100",
        "limit=1000": "/api/v1/assets?limit=1000",
        "one unit": f"/api/v1/assets/{some}",
    }
    try:
        print(f"{ASSETS} units, {ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections, medians, requests/s")
        for name, path in paths.items():
            for port in (OURS, BARE):
                rate(port, path, 1)
            rounds = [(rate(OURS, path), rate(BARE, path)) for _ in range(ROUNDS)]
            mine, theirs = (statistics.median(side) for side in zip(*rounds, strict=True))
            print(f"| {name} | {mine:.0f} | {theirs:.0f} | {mine / theirs:.2f} |", flush=True)
    finally:
        for server in (ours, bare):
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
