"""The OGC API beside tipg, pygeoapi and, where asked for, Martin, on synthetic units with the same properties.

The anchors read one plain table; all sides count (`numberMatched`), none compresses, each is one process with one
worker. Rounds are interleaved, medians are taken, and before anything is measured the sides must agree on what they
answer. `make bench-ogc` prints the tables kept in docs/benchmarks.md; `--anchors` leaves ours out, `--martin` adds
Martin from crates.io.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import math
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from actions.account import add_account, add_key
from bench.items import BOX, FOLDER, ROUNDS, SECONDS, medians, panhuo, prepare, served, tipg, url
from bench.items import OURS as OUR_PORT
from bench.items import TIPG as TIPG_PORT
from domain.actor import SYSTEM
from domain.collections import COLLECTIONS
from domain.instants import SHANGHAI
from domain.words import Role
from store.db import Database
from store.features import expression

PYGEOAPI_PORT, MARTIN_PORT, MEMORY_PORT, SECOND_PORT = 8434, 8435, 8436, 8437
UNITS = COLLECTIONS["factory"]
#: The types that the anchors' tables have, as their makers advise: numbers of machines, texts.
_TYPES: Final = {"number": "float8", "integer": "integer", "flag": "boolean", "day": "date", "instant": "timestamptz"}
TABLE = (
    (FOLDER / "ogc.sql")
    .read_text(encoding="utf-8")
    .replace(
        ":properties",
        ", ".join(
            f"({expression(UNITS, field)})::{_TYPES.get(field.type, 'text')} AS {field.name}"
            for field in UNITS.properties.values()
        ),
    )
)
BIN = FOLDER.parent / ".venv-bench" / "bin"
#: The last of these that builds with Rust 1.94.
MARTIN = "1.14.0"
#: Where the units stand: west, south, and how far the first 100,000 reach in degrees.
WEST, SOUTH, REACH = 105.0, 29.0, 1.0
#: Tiles asked for the first time in a round, of each side.
FRESH = 30


@dataclass(frozen=True)
class Side:
    """A service: where it listens and how it names the items and a tile of the units."""

    name: str
    port: int
    items: str
    tile: str
    more: str = ""

    def path(self, query: str) -> str:
        """The path of a request for items, in this side's dialect."""
        if self.name == "pygeoapi":
            query = query.replace("filter-lang=cql2-text", "filter-lang=cql-text")
        return self.items + query + (("&" if "?" in query else "?") + self.more if self.more else "")


OURS = Side(
    "Panhuo", OUR_PORT, "/ogc/collections/factory/items", "/ogc/collections/factory/tiles/WebMercatorQuad/{z}/{y}/{x}"
)
TIPG = Side(
    "tipg", TIPG_PORT, "/collections/bench.unit/items",
    "/collections/bench.unit/tiles/WebMercatorQuad/{z}/{x}/{y}", "f=geojson",
)  # fmt: skip
PYGEOAPI = Side("pygeoapi", PYGEOAPI_PORT, "/collections/unit/items", "", "f=json")
MARTIN_SIDE = Side("Martin", MARTIN_PORT, "", "/unit/{z}/{x}/{y}")


#: How many times the speed of an anchor is asked of a tile that is not kept yet.
TILE_GOALS = {TIPG.name: 1.7, MARTIN_SIDE.name: 0.7}


@dataclass(frozen=True)
class Comparison:
    """One request for items, the same of every side, and how many times tipg's speed is asked of ours."""

    name: str
    query: str
    goal: float


def comparisons(some: str) -> list[Comparison]:
    def filtered(text: str) -> str:
        return f"?filter={quote(text)}&filter-lang=cql2-text&limit=100"

    return [
        Comparison("a box of about 100", f"?bbox={BOX}&limit=1000", 13),
        Comparison("a page of 1000", "?limit=1000", 15),
        Comparison("one item", f"/{some}", 5),
        Comparison("filter, a text is equal", filtered("code = 'B-77777'"), 6),
        Comparison("filter, a number is above", filtered("area_m2 >= 3690"), 6),
    ]


async def with_table(name: str, assets: int) -> tuple[str, str]:
    """A database of synthetic units and the anchors' table; the id of one unit, and an administrator's API key."""
    some = await prepare(name, assets, TABLE)
    return some, await key_of_admin(name)


@contextmanager
def pygeoapi(name: str) -> Iterator[int]:
    """pygeoapi on the anchors' table."""
    parts = urlsplit(url(None, name))
    parameters = dict(parse_qsl(parts.query))
    environment = {
        "BENCH_HOST": parameters.get("host", parts.hostname or ""),
        "BENCH_PORT": parameters.get("port", str(parts.port or 5432)),
        "BENCH_DATABASE": name,
        "BENCH_USER": parts.username or "",
        "BENCH_PASSWORD": unquote(parts.password or ""),
        "PYGEOAPI_CONFIG": str(FOLDER / "pygeoapi.yml"),
    }
    with TemporaryDirectory() as folder:
        environment["PYGEOAPI_OPENAPI"] = str(Path(folder) / "openapi.yml")
        words = ["openapi", "generate", environment["PYGEOAPI_CONFIG"], "--output-file"]
        command = [str(BIN / "pygeoapi"), *words, environment["PYGEOAPI_OPENAPI"]]
        subprocess.run(command, env=os.environ | environment, stdout=subprocess.DEVNULL, check=True)
        command = [str(BIN / "uvicorn"), "pygeoapi.starlette_app:APP", f"--port={PYGEOAPI_PORT}"]
        with served(name, [*command, "--log-level=error", "--no-access-log"], PYGEOAPI_PORT, "/", **environment) as pid:
            yield pid


@contextmanager
def martin(name: str) -> Iterator[int]:
    """Martin on the anchors' table, without a cache; built from crates.io the first time."""
    place = FOLDER.parent / ".martin"
    if not (program := place / "bin" / "martin").exists():
        words = ["--locked", "--root", str(place), "--no-default-features", "--features", "postgres"]
        subprocess.run(["cargo", "install", f"martin@{MARTIN}", *words], check=True)
    words = ["--listen-addresses", f"127.0.0.1:{MARTIN_PORT}", "--workers", "1", "--cache-size", "0"]
    words += ["--pool-size", "1"]  # a connection is quick from its sixth tile on, when PostgreSQL keeps a plan for all
    command = [str(program), *words, url(None, name)]
    with served(name, command, MARTIN_PORT, "/health") as pid:
        yield pid


def answer(side: Side, path: str, **headers: str) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{side.port}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as opened:
        return bytes(opened.read())


def counts(body: bytes) -> tuple[int, int | None]:
    """How many features an answer holds, and of how many; a single feature is one of one."""
    parsed = json.loads(body)
    return (1, 1) if parsed["type"] == "Feature" else (len(parsed["features"]), parsed.get("numberMatched"))


def items(sides: list[Side], some: str, key: str) -> None:
    """Every comparison on every side: milliseconds a request, and ours in times of tipg's speed.

    What the public asks of ours again is kept; made anew it is for staff.
    """
    heads = [f"{side.name} ms (kB)" for side in sides] + (["Panhuo, anew"] if sides[0] is OURS else [])
    print(f"\n| items | features, of | {' | '.join(heads)} | times tipg, asked |")
    print("|---|---|" + "---|" * len(heads) + "---|")
    for comparison in comparisons(some):
        bodies = [answer(side, side.path(comparison.query)) for side in sides]
        counted = [counts(body) for body in bodies]
        if len(set(counted)) != 1 or counted[0][1] is None:
            raise SystemExit(f"{comparison.name}: the sides do not agree on features and how many match: {counted}")
        requests: list[tuple[int, str, tuple[str, ...]]]
        requests = [(side.port, side.path(comparison.query), ()) for side in sides]
        if sides[0] is OURS:
            requests.append((OURS.port, OURS.path(comparison.query), (f"X-API-Key: {key}",)))
        rates = medians(*requests)
        cells = [f"{1000 / rate:.2f} ({len(body) / 1e3:.1f})" for rate, body in zip(rates, bodies, strict=False)]
        times = ""
        if sides[0] is OURS:
            cells.append(f"{1000 / rates[-1]:.2f}")
            theirs = rates[sides.index(TIPG)]
            times = f"{rates[0] / theirs:.1f}, anew {rates[-1] / theirs:.1f}"
        share = ", ".join(map(str, counted[0]))
        print(f"| {comparison.name} | {share} | {' | '.join(cells)} | {times}, {comparison.goal:g} |", flush=True)


def pages(key: str) -> None:
    """Ours, made anew: page 400 beside page 1, and a page that has not changed beside one that is sent."""
    as_staff = (f"X-API-Key: {key}",)
    first = OURS.path("?limit=100")
    late = first
    for _ in range(399):
        links = json.loads(answer(OURS, late, **{"X-API-Key": key}))["links"]
        target = urlsplit(next(link["href"] for link in links if link["rel"] == "next"))
        late = f"{target.path}?{target.query}"
    early_rate, late_rate = medians((OURS.port, first, as_staff), (OURS.port, late, as_staff))
    print(f"page 400 of 100 costs {early_rate / late_rate:.2f} times page 1, asked 1.2")
    whole = OURS.path("?limit=1000")
    with urllib.request.urlopen(f"http://127.0.0.1:{OURS.port}{whole}", timeout=60) as opened:
        tag = opened.headers["ETag"]
    unchanged = (OURS.port, whole, (f"If-None-Match: {tag}",))
    anew, kept, known = medians((OURS.port, whole, as_staff), (OURS.port, whole, ()), unchanged)
    print(f"a 304 costs {anew / known:.2f} of a page of 1000 made anew, {kept / known:.2f} of one kept, asked 0.3")


def tile_at(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Column and row. Source: OGC 17-083r4, annex D, WebMercatorQuad."""
    across = (lon + 180) / 360
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int(across * 2**z), int(down * 2**z)


def tile_path(side: Side, z: int, x: int, y: int) -> str:
    return side.tile.format(z=z, x=x, y=y)


def fresh_tiles(sides: list[Side]) -> None:
    """Milliseconds of tiles that nobody asked for before, one at a time on one connection."""
    print("\n| tile, uncached | " + " | ".join(f"{side.name} ms (kB)" for side in sides) + " | times, asked |")
    print("|---|" + "---|" * len(sides) + "---|")
    for z in (12, 14):
        (west, south), (east, north) = tile_at(WEST, SOUTH, z), tile_at(WEST + REACH, SOUTH + REACH, z)
        tiles = [(x, y) for x in range(west + 1, east) for y in range(north + 1, south)][: FRESH * ROUNDS]
        taken: dict[str, list[float]] = {side.name: [] for side in sides}
        sizes: dict[str, list[int]] = {side.name: [] for side in sides}
        connections = [http.client.HTTPConnection("127.0.0.1", side.port, timeout=60) for side in sides]
        for x, y in tiles:
            for side, connection in zip(sides, connections, strict=True):
                begun = time.perf_counter()
                connection.request("GET", tile_path(side, z, x, y))
                sizes[side.name].append(len(connection.getresponse().read()))
                taken[side.name].append(1000 * (time.perf_counter() - begun))
        costs = [statistics.median(taken[side.name]) for side in sides]
        kilobytes = [statistics.median(sizes[side.name]) / 1e3 for side in sides]
        cells = [f"{cost:.2f} ({size:.1f})" for cost, size in zip(costs, kilobytes, strict=True)]
        others = zip(sides[1:], costs[1:], strict=True) if sides[0] is OURS else ()
        times = [f"{cost / costs[0]:.1f} {side.name}, {TILE_GOALS[side.name]}" for side, cost in others]
        print(f"| z{z}, {len(tiles)} tiles | {' | '.join(cells)} | {'; '.join(times)} |", flush=True)


def kept_tiles(some: str, key: str) -> None:
    """Ours asked again and again while a unit in the tile is written once a second, beside tipg; none may be stale."""
    feature = json.loads(answer(OURS, f"/api/v1/assets/{some}"))
    lon, lat = feature["geometry"]["coordinates"][0][0][0]
    for z, goal in ((12, 25), (14, 15)):
        ours, theirs = (tile_path(side, z, *tile_at(lon, lat, z)) for side in (OURS, TIPG))
        with written(some, key, ours) as seen:
            mine, other = medians((OURS.port, ours, ()), (TIPG.port, theirs, ()))
        stale, writes = seen.count(False), len(seen)
        print(f"z{z} cached: {1000 / mine:.2f} ms, tipg {1000 / other:.2f} ms, {mine / other:.0f} times, asked {goal};")
        print(f"  {writes} writes, {stale} stale", flush=True)


@contextmanager
def written(some: str, key: str, tile: str) -> Iterator[list[bool]]:
    """A unit renamed once a second; of each write whether the tile held the new name as soon as it was answered."""
    seen: list[bool] = []
    ended = threading.Event()

    def write() -> None:
        while not ended.wait(1.0):
            name = f"renamed {len(seen)}"
            rename(some, key, name)
            seen.append(name.encode() in answer(OURS, tile))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield seen
    finally:
        ended.set()
        writer.join()


def rename(some: str, key: str, name: str) -> None:
    path = f"http://127.0.0.1:{OURS.port}/api/v1/assets/{some}"
    with urllib.request.urlopen(path, timeout=60) as opened:
        tag = opened.headers["ETag"]
    body = json.dumps({"properties": {"name": name}}).encode()
    headers = {"X-API-Key": key, "If-Match": tag, "Content-Type": "application/merge-patch+json"}
    urllib.request.urlopen(urllib.request.Request(path, body, headers, method="PATCH"), timeout=60).read()


async def key_of_admin(name: str) -> str:
    """An API key that may write, of an administrator made for it."""
    db = await Database.connect(url("panhuo_service", name), size=1, public_size=1)
    await add_account(db, SYSTEM, login="bench-admin", password=secrets.token_urlsafe(16), role=Role.admin)
    made = await add_key(db, SYSTEM, label="bench", login="bench-admin", once=None, today=datetime.now(SHANGHAI).date())
    await db.close()
    return str(json.loads(made.body)["key"])


def geopackages(name: str, sides: list[Side]) -> None:
    """Seconds of GDAL to copy all units into a GeoPackage, beside the first side's same pages from memory."""
    layers = {"Panhuo": "factory", "tipg": "bench.unit"}
    roots = {side.name: f"http://127.0.0.1:{side.port}{'/ogc' if side is OURS else ''}" for side in sides}
    behind = sides[0]
    ready = "/ogc" if behind is OURS else "/"
    roots["memory"] = f"http://127.0.0.1:{MEMORY_PORT}{ready.rstrip('/')}"
    layers["memory"] = layers[behind.name]
    environment = {"PANHUO_TEST_BENCH_BEHIND": str(behind.port)}
    taken: dict[str, list[float]] = {side: [] for side in roots}
    with served(name, [sys.executable, "-P", "-m", "bench.memory"], MEMORY_PORT, ready, **environment):
        copied(roots["memory"], layers["memory"])  # fills the memory
        for _ in range(ROUNDS):
            for side, root in roots.items():
                taken[side].append(copied(root, layers[side]))
    costs = {side: statistics.median(seconds) for side, seconds in taken.items()}
    print(f"\nGeoPackage by GDAL, 1000 a page: {', '.join(f'{side} {cost:.1f} s' for side, cost in costs.items())};")
    print(f"  {behind.name} {costs[behind.name] / costs['memory']:.2f} times memory, asked 1.3", flush=True)


def copied(root: str, layer: str) -> float:
    command = [sys.executable, "-P", "-m", "bench.geopackage", root, layer]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.split()[-1])


def grown(few: tuple[str, str], many: tuple[str, str]) -> None:
    """Ours, made anew: a page by box among ten times the units, both served at once. Databases, and keys of theirs."""
    path = OURS.path(f"?bbox={BOX}&limit=1000")
    with panhuo(few[0]), panhuo(many[0], SECOND_PORT):
        requests = ((OURS.port, few[1]), (SECOND_PORT, many[1]))
        small, large = medians(*((port, path, (f"X-API-Key: {key}",)) for port, key in requests))
    print(f"a box among ten times the units costs {small / large:.2f} times, asked 1.3")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100000", help="numbers of units, the second to see what grows")
    parser.add_argument("--anchors", action="store_true", help="without ours")
    parser.add_argument("--tiles", action="store_true", help="the tiles alone")
    parser.add_argument("--martin", action="store_true", help="beside Martin too, built by cargo")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    names = {size: f"panhuo_bench_ogc_{size}" for size in sizes}
    facts = {size: asyncio.run(with_table(name, size)) for size, name in names.items()}
    print(f"{sizes[0]:,} units; {ROUNDS} rounds of {SECONDS} s, one worker each; load {os.getloadavg()[0]:.1f}")
    with ExitStack() as stack:
        stack.enter_context(tipg(names[sizes[0]]))
        if not options.anchors:
            stack.enter_context(panhuo(names[sizes[0]]))
        if options.tiles:
            sides = [TIPG] if options.anchors else [OURS, TIPG]
            tiles_beside(sides, names[sizes[0]], *facts[sizes[0]], with_martin=options.martin)
            return
        beside_anchors(names[sizes[0]], *facts[sizes[0]], anchors=options.anchors, with_martin=options.martin)
    if len(sizes) > 1 and not options.anchors:
        grown(*((names[size], facts[size][1]) for size in sizes[:2]))


def beside_anchors(name: str, some: str, key: str, *, anchors: bool, with_martin: bool) -> None:
    """Everything on one size; tipg and, unless it is left out, ours are served."""
    sides = [TIPG] if anchors else [OURS, TIPG]
    with pygeoapi(name):
        items([*sides, PYGEOAPI], some, key)
    if not anchors:
        pages(key)
    tiles_beside(sides, name, some, key, with_martin=with_martin)
    geopackages(name, sides)


def tiles_beside(sides: list[Side], name: str, some: str, key: str, *, with_martin: bool) -> None:
    """Tiles of all sides, those of ours also as they are kept."""
    if with_martin and shutil.which("cargo") is None:
        print("no cargo, so not beside Martin")
        with_martin = False
    with martin(name) if with_martin else nullcontext():
        fresh_tiles([*sides, MARTIN_SIDE] if with_martin else sides)
    if sides[0] is OURS:
        kept_tiles(some, key)


if __name__ == "__main__":
    main()
