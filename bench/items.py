"""Plain reads beside two anchors, on synthetic units: a bare handler, and tipg on a view with the same properties.

The bare handler returns the text of one prepared statement that makes the same page with the same count. All are served
by one process with one worker; rounds are interleaved and the median is taken. Then what grows: the same page among ten
times the units, the 400th page beside the first, a page that has not changed, the memory of a worker.
`make bench-items` prints the tables kept in docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from json import loads
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

import asyncpg

from fixtures.load import load_reference
from ops.premises import die_with_parent
from store.db import Database
from store.flat import FLAT
from store.migrations import migrate
from store.roles import ensure_roles

ROUNDS, SECONDS, CONNECTIONS = 3, 8, 16
SIZES = [int(size) for size in os.environ.get("PANHUO_TEST_BENCH_ASSETS", "100000,1000000").split(",")]
FOLDER = Path(__file__).parent
FILL, VIEW = ((FOLDER / name).read_text(encoding="utf-8") for name in ("items.sql", "items_view.sql"))
FILL = FILL.replace(":flat", FLAT)
OURS, BARE, TIPG = 8431, 8432, 8433
UVICORN = FOLDER.parent / ".venv-bench" / "bin" / "uvicorn"
#: About a hundred units whatever the number of all: they stand 0.001° apart in rows 0.01° apart.
BOX = "105.2,29.2,105.2995,29.2005"
RANGE = "kind=factory&area_m2_min=2700&area_m2_max=2703"


def url(user: str | None, name: str) -> str:
    parts = urlsplit(os.environ["PANHUO_TEST_ADMIN_URL"])
    at = parts.netloc if user is None else f"{quote(user)}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(("postgresql", at, f"/{name}", parts.query, ""))


async def empty(name: str) -> None:
    """A new database with migrations and reference tables, and no unit."""
    admin = await asyncpg.connect(os.environ["PANHUO_TEST_ADMIN_URL"])
    await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    await ensure_roles(url(None, name), service="panhuo_service", admin="panhuo_admin", password=None)
    await migrate(url("panhuo_admin", name))
    db = await Database.connect(url("panhuo_service", name), size=1, public_size=1)
    await load_reference(db)
    await db.close()


async def prepare(name: str, assets: int, anchors: str = VIEW) -> str:
    """A database of synthetic units and what the anchors read; the id of one unit."""
    await empty(name)
    conn = await asyncpg.connect(url(None, name))
    await conn.execute(FILL.replace(":assets", str(assets)))
    await conn.execute(anchors)
    await conn.execute("VACUUM ANALYZE")
    some = await conn.fetchval("SELECT id FROM panhuo.asset ORDER BY id OFFSET $1 LIMIT 1", assets // 2)
    await conn.close()
    return str(some)


@contextmanager
def served(name: str, command: list[str], port: int, path: str = "/health/live", **more: str) -> Iterator[int]:
    """One worker of an application, without access log; the process that answers."""
    environ = {**os.environ, "DATABASE_URL": url("panhuo_service", name), "PORT": str(port), **more}
    # One left behind by a benchmark that was killed would answer in the next one's stead.
    ends = die_with_parent(signal.SIGTERM)
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env=environ, stdout=quiet, stderr=quiet, preexec_fn=ends)
    try:
        _wait(port, path)
        yield server.pid
    finally:
        server.terminate()
        server.wait()


def _wait(port: int, path: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nothing answers on {port}")


def panhuo(name: str, port: int = OURS, **more: str) -> AbstractContextManager[int]:
    settings = {"PANHUO_WORK": "false", "PANHUO_LOG_LEVEL": "error"} | more
    return served(name, [sys.executable, "-P", "-m", "ops.cli", "serve"], port, **settings)


def tipg(name: str) -> AbstractContextManager[int]:
    settings = {
        "DATABASE_URL": _with_host(url(None, name)),
        "TIPG_DB_SCHEMAS": '["bench"]',
        "TIPG_MAX_FEATURES_PER_QUERY": "10000",
    }
    command = [str(UVICORN), "tipg.main:app", f"--port={TIPG}", "--log-level=error", "--no-access-log"]
    return served(name, command, TIPG, "/healthz", **settings)


def _with_host(address: str) -> str:
    """The address with the folder of its socket as its host, as tipg wants it."""
    parts = urlsplit(address)
    parameters = dict(parse_qsl(parts.query))
    if "host" not in parameters:
        return address
    at = f"{parts.username}@{quote(parameters['host'], safe='')}:{parameters.get('port', 5432)}"
    return urlunsplit((parts.scheme, at, parts.path, "", ""))


def rate(port: int, path: str, seconds: int = SECONDS, *headers: str) -> float:
    """Requests a second, by wrk with one thread."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *(f"-H{header}" for header in headers)]
    output = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True)
    if "Non-2xx" in output.stdout:
        raise SystemExit(f"{path} was refused:\n{output.stdout}")
    match = re.search(r"Requests/sec:\s+([\d.]+)", output.stdout)
    assert match is not None
    return float(match[1])


def medians(*sides: tuple[int, str, tuple[str, ...]]) -> list[float]:
    """The median rate of each side, rounds interleaved."""
    for port, path, headers in sides:
        rate(port, path, 1, *headers)
    rounds = [[rate(port, path, SECONDS, *headers) for port, path, headers in sides] for _ in range(ROUNDS)]
    return [statistics.median(side) for side in zip(*rounds, strict=True)]


def get(path: str) -> tuple[dict[str, Any], str]:
    """An answer of ours as JSON, and its ETag."""
    with urllib.request.urlopen(f"http://127.0.0.1:{OURS}{path}", timeout=30) as answer:
        return loads(answer.read()), answer.headers.get("ETag", "")


def page_after(pages: int) -> str:
    """The path of a later page of 100 units, by following the links."""
    path = "/api/v1/assets?limit=100"
    for _ in range(pages - 1):
        page, _ = get(path)
        (link,) = page["links"]
        path = urlsplit(link["href"]).path + "?" + urlsplit(link["href"]).query
    return path


def beside_anchors(some: str) -> None:
    """Our four reads, each beside the same of the bare handler and of tipg."""
    items = "/collections/bench.unit/items"
    reads = {
        f"page by bbox, {len(get(f'/api/v1/assets?bbox={BOX}&limit=1000')[0]['features'])} units": (
            f"/api/v1/assets?bbox={BOX}&limit=1000",
            f"{items}?bbox={BOX}&limit=1000&f=geojson",
        ),
        "`limit=1000`": ("/api/v1/assets?limit=1000", f"{items}?limit=1000&f=geojson"),
        "one unit": (f"/api/v1/assets/{some}", f"{items}/{some}?f=geojson"),
        "kind and area range, 100 units": (
            f"/api/v1/assets?{RANGE}&limit=100",
            f"{items}?kind=factory&filter=area_m2%20BETWEEN%202700%20AND%202703&filter-lang=cql2-text&limit=100&f=geojson",
        ),
    }
    print("| request | Panhuo | bare | ratio | tipg | times |\n|---|---|---|---|---|---|")
    for name, (path, theirs) in reads.items():
        mine, bare, other = medians((OURS, path, ()), (BARE, path, ()), (TIPG, theirs, ()))
        row = f"| {name} | {mine:.0f} | {bare:.0f} | {mine / bare:.2f} | {other:.1f} | {mine / other:.1f} |"
        print(row, flush=True)


def page_of_a_unit(some: str) -> None:
    """Its page for people, as it is kept, beside the bare handler of its feature."""
    code = get(f"/api/v1/assets/{some}")[0]["properties"]["code"]
    mine, bare = medians((OURS, f"/a/bench/{quote(code)}", ()), (BARE, f"/api/v1/assets/{some}", ()))
    print(f"the page of a unit: {mine:.0f}, bare feature {bare:.0f}, ratio {mine / bare:.2f}, asked 0.5")


def what_grows() -> None:
    """A late page beside the first, a page of 1000 beside one that has not changed."""
    first, late = medians((OURS, "/api/v1/assets?limit=100", ()), (OURS, page_after(400), ()))
    print(f"page 400 of 100 units costs {first / late:.2f} times page 1")
    path = "/api/v1/assets?limit=1000"
    _, tag = get(path)
    whole, unchanged = medians((OURS, path, ()), (OURS, path, (f"If-None-Match: {tag}",)))
    print(f"a 304 costs {whole / unchanged:.2f} of a page of 1000")


def memory_mb(pid: int) -> dict[str, int]:
    """Resident memory of every process of a server, by its command's first words."""
    listed = subprocess.run(["ps", "-o", "pid=,rss=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return {line.split()[0]: int(line.split()[1]) // 1024 for line in listed.stdout.splitlines()}


def main() -> None:
    print(f"{ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections, one worker each, medians, requests/s")
    box = f"/api/v1/assets?bbox={BOX}&limit=1000"
    costs = {}
    for assets in SIZES:
        name = f"panhuo_bench_{assets}"
        some = asyncio.run(prepare(name, assets))
        with panhuo(name) as pid:
            if assets == SIZES[0]:
                print(f"\n{assets:,} units\n")
                bare = [sys.executable, "-P", "-m", "bench.bare"]
                with served(name, bare, BARE), tipg(name):
                    beside_anchors(some)
                    page_of_a_unit(some)
                what_grows()
                print(f"a worker holds {max(memory_mb(pid).values())} MB")
            (costs[assets],) = medians((OURS, box, ()))
    if len(costs) > 1:
        few, many = min(costs), max(costs)
        print(f"a bbox page among {many:,} units costs {costs[few] / costs[many]:.2f} times one among {few:,}")


if __name__ == "__main__":
    main()
