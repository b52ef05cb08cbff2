"""The ranking beside its yardstick, an indexed SQL query, and a plain COPY, on the yardstick's own figures.

Over HTTP: one worker, anonymous, the best twenty with their reasons; the empty request is the same route and body
against a catalogue without units, asked in turn with the full one and with the yardstick, so that all three meet the
same machine.
In process: many demands at once, every minimal relaxation, and what grows from a tenth of the units to all of them.
`make bench-rank` prints the tables kept in docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import io
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np

from actions.snapshot_cache import Offer, SnapshotCache
from bench import yardstick
from bench.items import FOLDER, empty, panhuo, url
from bench.yardstick import Criteria, Table
from fixtures.reference import industries
from matching import Buckets, Catalogue, Demand, rank, rank_many
from matching.answers.relaxations import relaxations
from matching.codes import PATH_BITS
from matching.parks import Parks
from matching.ranking.order import order
from matching.ranking.question import Question
from store import catalogue as store
from store.db import Database
from store.packed import copied

UNITS = int(os.environ.get("PANHUO_TEST_BENCH_ASSETS", "1000000"))
ROUNDS, MANY, AMONG, CHANGES = 40, 1000, 100_000, 1000
#: Parks, firms in each and distinct codes of a large region.
PARKS, TENANTS, CODES = 1666, 40, 600
TODAY = date(2025, 6, 1)
FILL, QUERY, CHANGE, NEIGHBOURS = (
    (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    for name in ("rank", "rank_query", "rank_change", "rank_neighbours")
)
FULL, EMPTY = 8441, 8442
PATHS = {1: "lease", 2: "sale", 4: "equity_swap", 8: "sublease"}
#: As rank.sql makes them.
PARK_IDS = [str(UUID(hashlib.md5(f"park{place}".encode(), usedforsecurity=False).hexdigest())) for place in range(600)]
PLAIN = """
  SELECT id, park_id, zone_id, kind, available_area_m2, area_m2, measured_area_m2, is_divisible, min_divisible_m2,
    clear_height_m, clear_height_at, floor_load_kn_m2, power_kva, expandable_kva, fire_hazard_class, allowed_paths,
    allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2,
    contribution_yuan, available_from, idle_since, title_is_registered, mortgage, is_seized, works, effluent_types,
    effluent_free_t_d, lon_e7, lat_e7, x_e9, y_e9, z_e9
  FROM asset WHERE availability = 'available'
"""


def demand_of(criteria: Criteria) -> dict[str, Any]:
    """The same criteria as a demand: the yardstick's slack is written into the bounds."""
    prefix = "floor_area_m2" if criteria["kind"] == 0 else "land_area_m2"
    return {
        "kinds": ["factory" if criteria["kind"] == 0 else "land"],
        f"{prefix}_min": round(criteria["least"] * 0.9, 2),
        f"{prefix}_pref": round(criteria["best"], 2),
        f"{prefix}_max": round(criteria["most"] * 1.5, 2),
        "clear_height_m_min": criteria["height"],
        "floor_load_kn_m2_min": criteria["load"] / 100,
        "power_kva_min": round(criteria["power"] / 2, 1),
        "power_kva_pref": round(criteria["power"] * 1.2, 1),
        "fire_hazard_class": "ABCDE"[int(criteria["hazard"]) - 1],
        "product_codes": ["3752"],
        "accepted_paths": [PATHS[int(criteria["tenure"])]],
        "rent_yuan_m2_month_max": round(criteria["rent"] * 1.1, 2),
        "need_on": (TODAY + timedelta(days=int(criteria["day"]))).isoformat(),
        "timing_tolerance_days": 90,
        "places": [{"lon": 105 + criteria["x"] / 1e5, "lat": 29 + criteria["y"] / 1e5}],
    }


async def prepare(name: str, figures: Table) -> None:
    """A database of these units; none of them, only the parks."""
    await empty(name)
    conn = await asyncpg.connect(url(None, name))
    await conn.execute(
        "CREATE UNLOGGED TABLE bench_figure (n int, kind text, area_m2 numeric(16, 2), height_m numeric(6, 2), "
        "load_kn_m2 numeric(8, 2), crane_t numeric(8, 2), power_kva numeric(12, 1), hazard text, tenure int, "
        "effluent int, rent numeric(12, 2), day int, x float8, y float8, park int)"
    )
    await conn.copy_to_table("bench_figure", source=io.BytesIO(_text(figures)))
    await conn.execute(FILL.replace(":today", f"'{TODAY}'"), timeout=None)
    await conn.execute("DROP TABLE bench_figure")
    await conn.execute("VACUUM ANALYZE panhuo.asset")
    await conn.close()


def _text(figures: Table) -> bytes:
    """The figures as COPY takes them."""
    kinds = np.where(figures["kind"] == 0, "factory", "land")
    hazards = np.array(list("ABCDE"))[figures["hazard"] - 1]
    columns: list[tuple[Any, str]] = [
        (figures["id"], "d"), (kinds, "s"), (np.maximum(figures["area"], 1), ".2f"), (figures["height"], ".2f"),
        (figures["load"] / 100, ".2f"), (figures["crane"], ".2f"), (figures["power"], ".1f"), (hazards, "s"),
        (figures["tenure"], "d"), (figures["effluent"], "d"), (figures["rent"], ".2f"), (figures["day"], "d"),
        (figures["x"], ".1f"), (figures["y"], ".1f"), (figures["park"], "d"),
    ]  # fmt: skip
    texts = [[format(value, form) for value in values.tolist()] for values, form in columns]
    return "".join("\t".join(row) + "\n" for row in zip(*texts, strict=True)).encode()


def request_ms(line: http.client.HTTPConnection, body: bytes) -> float:
    """Milliseconds of one request."""
    start = time.perf_counter()
    line.request("POST", "/api/v1/rankings?limit=20", body, {"Content-Type": "application/json"})
    answer = line.getresponse()
    content = answer.read()
    took = time.perf_counter() - start
    if answer.status != 200:
        raise SystemExit(f"{answer.status}: {content.decode()}")
    return 1e3 * took


def timed(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return 1e3 * (time.perf_counter() - start)


def spread(times: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return statistics.median(times), sorted(times)[int(0.95 * (len(times) - 1))]


def over_http(figures: Table) -> None:
    """One demand over HTTP, less the same request without units, beside the yardstick."""
    full, none = (http.client.HTTPConnection("127.0.0.1", port, timeout=120) for port in (FULL, EMPTY))
    print("\n| request | Panhuo ms | p95 | empty ms | yardstick ms | p95 | net ratio |\n|---|---|---|---|---|---|---|")
    for name, criteria in (("strict", yardstick.STRICT), ("loose", yardstick.LOOSE)):
        body = json.dumps(demand_of(criteria)).encode()
        for _ in range(5):
            request_ms(full, body), request_ms(none, body), yardstick.rank(figures, criteria)
        rounds = [
            (request_ms(full, body), request_ms(none, body), timed(lambda: yardstick.rank(figures, criteria)))  # noqa: B023
            for _ in range(ROUNDS)
        ]
        (ours, ours_95), (nothing, _), (theirs, theirs_95) = (spread(side) for side in zip(*rounds, strict=True))
        print(
            f"| {name} | {ours:.1f} | {ours_95:.1f} | {nothing:.1f} | {theirs:.2f} | {theirs_95:.2f} "
            f"| {(ours - nothing) / theirs:.1f} |",
            flush=True,
        )


async def beside_sql(name: str, offer: Offer) -> None:
    """One indexed SQL query with the hard rules and five of the criteria, beside the ranking in process."""
    conn = await asyncpg.connect(url(None, name))
    await conn.execute("SET search_path = panhuo, public; SET jit = off")
    query = await conn.prepare(QUERY)
    for label, criteria in (("strict", yardstick.STRICT), ("loose", yardstick.LOOSE)):
        demand = demand_of(criteria)
        arguments = [
            demand["floor_area_m2_min"], demand["floor_area_m2_pref"], demand["floor_area_m2_max"],
            demand["clear_height_m_min"], demand["floor_load_kn_m2_min"], demand["power_kva_min"],
            demand["power_kva_pref"], demand["fire_hazard_class"], demand["accepted_paths"],
            demand["rent_yuan_m2_month_max"], date.fromisoformat(demand["need_on"]), 90, demand["product_codes"][0][:2],
        ]  # fmt: skip
        theirs, ours = [], []
        for _ in range(9):
            start = time.perf_counter()
            await query.fetch(*arguments)
            theirs.append(1e3 * (time.perf_counter() - start))
            ours.append(timed(lambda: ranked(offer, demand)))  # noqa: B023
        sql, own = statistics.median(theirs[1:]), statistics.median(ours[1:])
        print(f"{label}: SQL {sql:.1f} ms, ranking in process {own:.1f} ms: {sql / own:.1f} times faster", flush=True)
    await conn.close()


def parsed(demand: dict[str, Any]) -> dict[str, Any]:
    """The demand as the ranking reads it."""
    return {**demand, "need_on": date.fromisoformat(demand["need_on"])}


def ranked(offer: Offer, demand: dict[str, Any]) -> dict[str, Any]:
    """The answer as the service makes it."""
    return rank(parsed(demand), offer.catalogue, offer.model(TODAY), limit=20).to_document()


async def measure_catalogue(name: str) -> Offer:
    """Its memory, how long it takes to build beside a plain COPY and to follow changes; the same with neighbours."""
    db = await Database.connect(url("panhuo_service", name), size=2, public_size=1)
    async with db.system() as conn:
        await conn.execute(store.SQL.one_snapshot)
        copy = min([await _seconds(copied(conn, PLAIN)) for _ in range(3)])
    acts = await asyncpg.connect(url(None, name))
    await acts.execute("SET search_path = panhuo, public")
    offer = await _built_and_followed(db, acts, copy)
    rooms = [units.room for units in offer.catalogue.tables.values() if units.room is not None]
    size = sum(array.nbytes for room in rooms for array in room.arrays.values())
    print(f"{size / len(offer.catalogue):.0f} bytes a unit")
    await acts.execute(NEIGHBOURS, timeout=None)
    print("with two neighbours beside every unit: ", end="")
    await _built_and_followed(db, acts, copy)
    await acts.close()
    await db.close()
    return offer


async def _built_and_followed(db: Database, acts: asyncpg.Connection, copy: float) -> Offer:
    built, caches = [], []
    for _ in range(3):
        caches = [SnapshotCache(db)]
        built.append(await _seconds(caches[0].current()))
    (cache,), took = caches, min(built)
    offer = await cache.current()
    print(f"built in {took:.1f} s, a plain COPY {copy:.1f} s: {took / copy:.1f} times; ", end="")
    followed: list[float] = []
    for _ in range(5):
        await acts.execute(CHANGE, CHANGES)
        for _ in range(3):  # a worker at work: one that has slept finds its memory cold, as building anew does not
            ranked(offer, demand_of(yardstick.STRICT))
        followed.append(await _seconds(cache.current()))
    each = statistics.median(followed)
    print(f"{CHANGES} changes followed in {1e3 * each:.0f} ms: 1/{took / each:.0f} of building")
    return await cache.current()


def columns(figures: Table, closed_to: str = "37") -> dict[str, Any]:
    """The figures as the library reads them; what the yardstick cuts by effluent is closed to an industry here."""
    count = len(figures["id"])
    paths = sum((figures["tenure"] & bit != 0) * PATH_BITS[name] for bit, name in PATHS.items())
    return {
        "id": figures["id"],
        "park_id": [PARK_IDS[place] for place in figures["park"].tolist()],
        "kind": np.where(figures["kind"] == 0, "factory", "land"),
        "available_area_m2": np.round(figures["area"].astype(np.float64), 2),
        "is_divisible": np.zeros(count, np.bool_),
        "clear_height_m": figures["height"],
        "clear_height_at": np.full(count, "under_beam"),
        "floor_load_kn_m2": figures["load"] / 100,
        "power_kva": np.round(figures["power"].astype(np.float64), 1),
        "fire_hazard_class": np.array(list("ABCDE"))[figures["hazard"] - 1],
        "allowed_paths": np.asarray(paths),
        "forbidden_industries": [[] if free else [closed_to] for free in figures["effluent"].tolist()],
        "rent_yuan_m2_month": np.round(figures["rent"].astype(np.float64), 2),
        "property_fee_yuan_m2_month": np.zeros(count),
        "available_from": np.datetime64(TODAY) + figures["day"],
        "lon": 105 + figures["x"].astype(np.float64) / 1e5,
        "lat": 29 + figures["y"].astype(np.float64) / 1e5,
    }


def many_at_once(offer: Offer) -> None:
    """Many demands over their buckets, beside the bucketed yardstick; the making of both is not timed."""
    figures, samples = yardstick.figures(AMONG), list(yardstick.random_criteria(MANY))
    buckets, tables = Buckets.of(Catalogue.from_columns(columns(figures))), yardstick.buckets(figures)

    def theirs() -> None:
        for criteria in samples:
            yardstick.rank_bucketed(tables, criteria)

    for made, products in (("one product", ["3752"]), ("90 products", [str(code) for code in range(3710, 3800)])):
        demands = [
            Demand.from_fields(parsed(demand_of(criteria)) | {"product_codes": [products[place % len(products)]]})
            for place, criteria in enumerate(samples)
        ]

        def ours() -> None:
            rank_many(demands, buckets, replace(offer, sections={}).model(TODAY), limit=20)  # noqa: B023

        own, other = side_by_side(ours, theirs, 7)
        print(f"{MANY} demands of {made} x {AMONG:,} units: {own:.0f} ms, bucketed yardstick {other:.0f} ms", end="")
        print(f": {own / other:.1f} times")
    as_they_are(offer, figures, tables, samples)


def manufacturing(count: int) -> list[str]:
    """So many classes of manufacturing, spread over its divisions."""
    classes = [row.code for row in industries() if row.level == 4 and "13" <= row.code[:2] <= "43"]
    return [classes[place * len(classes) // count] for place in range(count)]


def parks_as_they_are(codes: Sequence[str]) -> Parks:
    """Parks with leading industries, forty tenants and ten anchors each, drawn of these codes."""
    rng = np.random.default_rng(11)

    def drawn(count: int) -> list[str]:
        return [codes[place] for place in rng.integers(0, len(codes), count)]

    return Parks.of(
        {
            str(place): {
                "leading_industries": drawn(3),
                "negative_list": [],
                "is_chemical_park": False,
                "tenants": drawn(TENANTS),
                "anchors": list(zip(drawn(10), rng.uniform(0, 40_000, 10).tolist(), strict=True)),
                "policies": [],
            }
            for place in range(PARKS)
        }
    )


def as_they_are(offer: Offer, figures: Table, tables: dict[int, Table], samples: Sequence[Criteria]) -> None:
    """Demands of 600 products among parks with tenants and anchors of as many: without parks, with them, with a chain.

    What the yardstick cuts for all is closed to all of manufacturing, so that both rank as many units.
    """
    codes = manufacturing(CODES)
    values = columns(figures, closed_to="C") | {"park_id": [str(n % PARKS) for n in range(AMONG)]}
    buckets, parks = Buckets.of(Catalogue.from_columns(values)), parks_as_they_are(codes)
    demands = [
        Demand.from_fields(parsed(demand_of(criteria)) | {"product_codes": [codes[place % CODES]]})
        for place, criteria in enumerate(samples)
    ]
    with_chain = replace(offer.model(TODAY), parks=parks)
    models = {
        "without parks": replace(with_chain, parks=None, chain=None),
        f"{PARKS} parks": replace(with_chain, chain=None),
        f"{PARKS} parks and a chain": with_chain,
    }

    def theirs() -> None:
        for criteria in samples:
            yardstick.rank_bucketed(tables, criteria)

    rounds = [
        [timed(lambda: rank_many(demands, buckets, model, limit=20)) for model in models.values()] + [timed(theirs)]  # noqa: B023
        for _ in range(8)
    ]
    *ours, other = (statistics.median(times[1:]) for times in zip(*rounds, strict=True))
    for name, own in zip(models, ours, strict=True):
        print(f"{MANY} demands of {CODES} products, {name}: {own:.0f} ms, {own / ours[0]:.2f} times", end="")
        print(f" without parks, {own / other:.1f} times the bucketed yardstick's {other:.0f} ms")


def minimal_relaxations(offer: Offer, figures: Table) -> None:
    """Every minimal relaxation of a demand that nothing fits, beside the yardstick's masks and counts."""
    criteria = yardstick.STRICT | {"height": 16}
    model = offer.model(TODAY)
    question = Question(
        Demand.from_fields(parsed(demand_of(criteria))),
        "factory",
        offer.catalogue.of_kind("factory"),
        model,
        model.facts_of(offer.catalogue.facts_keys),
    )  # fmt: skip
    ordered = order(question)
    own, other = side_by_side(
        lambda: relaxations(question, ordered.screened, ordered.best, ordered.weights),
        lambda: yardstick.relaxations(figures, criteria),
        9,
    )
    print(f"minimal relaxations: {own:.1f} ms, yardstick {other:.1f} ms: {own / other:.1f} times")


def what_grows(offer: Offer, figures: Table) -> None:
    """The cost of a unit among all, beside that among a tenth, ours and the yardstick's."""
    tenth = {name: values[: UNITS // 10] for name, values in figures.items()}
    few = replace(offer, catalogue=Catalogue.from_columns(columns(tenth)))
    for name, criteria in (("strict", yardstick.STRICT), ("loose", yardstick.LOOSE)):
        demand = demand_of(criteria)
        own, other = side_by_side(lambda: ranked(offer, demand), lambda: yardstick.rank(figures, criteria), 15)  # noqa: B023
        own_10, other_10 = side_by_side(lambda: ranked(few, demand), lambda: yardstick.rank(tenth, criteria), 15)  # noqa: B023
        ours, theirs = own / own_10 / 10, other / other_10 / 10
        print(f"{name}: a unit among ten times as many costs {ours:.2f}, the yardstick's {theirs:.2f}", end="")
        print(f": {ours / theirs:.2f} times")


def side_by_side(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median milliseconds of both, in turn."""
    ours(), theirs()
    own, other = zip(*((timed(ours), timed(theirs)) for _ in range(rounds)), strict=True)
    return statistics.median(own), statistics.median(other)


async def _seconds(waited: Any) -> float:
    start = time.perf_counter()
    await waited
    return time.perf_counter() - start


def main() -> None:
    figures = yardstick.figures(UNITS)
    if "PANHUO_TEST_BENCH_FILLED" not in os.environ:
        for name, units in (("panhuo_bench_rank", figures), ("panhuo_bench_rank_none", yardstick.figures(0))):
            asyncio.run(prepare(name, units))
    print(f"{UNITS:,} units, {ROUNDS} rounds in turn")
    many = {"PANHUO_ANONYMOUS_RANKINGS_PER_MINUTE": "100000"}
    with panhuo("panhuo_bench_rank", FULL, **many), panhuo("panhuo_bench_rank_none", EMPTY, **many):
        over_http(figures)
    offer = asyncio.run(measure_catalogue("panhuo_bench_rank"))
    asyncio.run(beside_sql("panhuo_bench_rank", offer))
    many_at_once(offer)
    minimal_relaxations(offer, figures)
    what_grows(offer, figures)


if __name__ == "__main__":
    main()
