"""100,000 new units committed by one act, beside their search text and a bare `INSERT … SELECT` of the finished rows.

The act is what a ledger import does once its file is read and typed: `prepare`, then, under its locks, `write_rows` and
the record of the batch. Of every five units one is a plot with an outline, two are buildings drawn on it and naming it,
one is a building with a point and one has a stated area alone. The bare side makes the same search text in Python and
inserts the rows as the act left them from an unlogged copy into an empty table `LIKE asset INCLUDING ALL`: the same
columns, defaults, checks and indexes; no foreign keys, no row-level security, no events, and nothing sent from Python.
Rounds in turn, each in a database of its own; medians; in seconds, and in seconds of a processor that this process and
its backend take, which other work on the machine does not lengthen. `make bench-commit` prints the tables kept in
docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from actions.authorization import new_id
from actions.batch import UnitRow, prepare, write_rows
from actions.bulk_change import counts_of, record_batch
from bench.items import empty, url
from domain.actor import Actor
from domain.words import Role
from store import asset, batch, claim, db
from store.db import Database
from store.spelling import load_dictionary, searched

SIZES = [int(size) for size in os.environ.get("PANHUO_TEST_BENCH_UNITS", "20000,100000").split(",")]
ROUNDS = int(os.environ.get("PANHUO_TEST_BENCH_ROUNDS", "3"))
NAME = os.environ.get("PANHUO_TEST_BENCH_NAME", "panhuo_bench_commit")
TODAY, PARK = date(2031, 6, 1), UUID("00000000-0000-7000-8000-000000000001")
STAFF = Actor(UUID("00000000-0000-7000-8000-000000000002"), Role.staff, park_ids=frozenset({PARK}))
FILL = f"""INSERT INTO panhuo.head (scope_id, kind) VALUES ('{PARK}', 'park');
INSERT INTO panhuo.park (id, code, name_zh, boundary)
  VALUES ('{PARK}', 'bench', '基准园区', ST_Multi(ST_MakeEnvelope(105, 29, 107, 31, 4326)));"""
STORED = """SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
  WHERE attrelid = 'panhuo.asset'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"""
#: Parts of the act → the statements they consist of. What no statement takes is ours, in Python.
PARTS = {
    "write": [asset.INSERT],
    "judge": [asset.SQL.misplaced, asset.SQL.outside_wholes, asset.SQL.overlapping_parts, asset.SQL.outgrown],
    "relate": [asset.SQL.forget_neighbours, asset.SQL.find_neighbours, asset.SQL.relate, claim.SQL.lacking],
    "refresh": [asset.REFRESH, asset.SQL.refresh_features],
    "events": [db.SQL.append_events, batch.SQL.insert],
}


def units(count: int) -> list[UnitRow]:
    """So many new units, five to a group, as rows that were read and typed."""
    draw, rows = Random(4754), []
    for n in range(count // 5):
        x, y, plot_id = 105.01 + n % 150 * 0.013, 29.01 + n // 150 * 0.01, new_id()
        rows.append(_unit(draw, n, "plot", "地块", _outline(x, y, 0.010, 0.008), plot_id))
        for k, at in enumerate((x + 0.001, x + 0.006), 1):
            outline = _outline(at, y + 0.001, 0.003, 0.006)
            rows.append(_unit(draw, n, "building", f"{k}号厂房", outline, new_id(), plot_id=plot_id))
        point = {"type": "Point", "coordinates": [x, y + 0.009]}
        rows.append(_unit(draw, n, "building", "3号厂房", point, new_id()))
        rows.append(_unit(draw, n, "building", "4号厂房", None, new_id()))
    return rows


def _outline(x: float, y: float, width: float, height: float) -> dict[str, Any]:
    """An L of eight corners, as a surveyor would send it."""
    right, top = x + width, y + height
    ring = [(x, y), (right, y), (right, top), (right - width / 4, top), (right - width / 4, y + height * 0.9)]
    ring += [(x + width / 4, y + height * 0.9), (x + width / 4, top), (x, top), (x, y)]
    return {"type": "Polygon", "coordinates": [[list(position) for position in ring]]}


def _unit(draw: Random, n: int, level: str, name: str, place: object, asset_id: UUID, **more: object) -> UnitRow:
    """A unit with some twenty facts, as a ledger of a park states them."""
    idle_since = date(2019, 1, 1) + timedelta(draw.randrange(2_000))
    facts: dict[str, Any] = {
        "level": level,
        "code": f"GX-{n:05d}-{name}",
        "name": f"大足高新区{n % 400 + 1}号标准厂房{n}{name}",
        "stated_area": Decimal(draw.randrange(20_000, 2_000_000)) / 100,
        "stated_area_unit": "m2",
        "allowed_paths": draw.choice((["lease"], ["lease", "sale"], ["sale"])),
        "is_divisible": draw.random() < 0.5,
        "power_kva": Decimal(draw.choice((200, 315, 630, 1000))),
        "idle_basis": "vacant_building" if level == "building" else "supplied_unused",
        "stated_idle_since": idle_since.replace(day=1),
        "stated_idle_since_precision": "month",
        "title_is_registered": draw.random() < 0.5,
        "mortgage": draw.choice(("none", "unreleased")),
        "allowed_industries": draw.choice((None, ["33"])),
        "attributes": {"address": f"大足区万古镇园区路{draw.randrange(1, 500)}号"},
        "source": "2031年闲置资产台账",
        **more,
    }
    if level == "building":
        facts |= {
            "storeys": draw.randrange(1, 7),
            "clear_height_m": draw.choice((Decimal("4.5"), Decimal(6), Decimal("7.2"), Decimal(9))),
            "floor_load_kn_m2": Decimal(draw.choice((5, 10, 15, 20))),
            "crane_t": Decimal(draw.choice((0, 5, 10, 20))),
            "span_m": Decimal(draw.choice((12, 18, 24, 30))),
            "fire_hazard_class": draw.choice(("C", "D", "E")),
            "rent_yuan_m2_month": Decimal(draw.randrange(60, 200)) / 10,
            "available_from": date(2031, 1, 1) + timedelta(draw.randrange(365)),
            "completed_on": date(2005, 1, 1) + timedelta(draw.randrange(6_000)),
        }
    stated = {fact: value for fact, value in facts.items() if value is not None}
    return UnitRow(stated | {"geometry": place}, asset_id, is_new=True, path=f"rows.{n}")


async def act(database: Database, rows: Sequence[UnitRow]) -> dict[str, float]:
    """The act, as `actions/ledger_import` does it; seconds by part."""
    taken: defaultdict[str, float] = defaultdict(float)
    async with database.system() as conn:
        backend: int = conn.get_server_pid()
    worked = processor_s(backend)
    begun = time.perf_counter()

    def log(query: Any) -> None:
        name = next((part for part, texts in PARTS.items() if query.query in texts), "other statements")
        name = "commit" if query.query.startswith("COMMIT") else name
        taken[name] += query.elapsed
        if query.query == asset.SQL.lock_drawing:
            taken["unlocked"] = time.perf_counter() - begun

    prepared = await prepare(rows)
    taken["prepare"] = time.perf_counter() - begun
    async with database.write(STAFF, PARK) as write:
        write.conn.add_query_logger(log)
        await write_rows(write, prepared, TODAY)
        assert not any(row.faults for row in prepared), [row.faults for row in prepared if row.faults][:3]
        await record_batch(write, "import", counts_of(prepared), file_name="ledger.xlsx", file_sha256="0" * 64)
    taken["whole"] = time.perf_counter() - begun
    taken["whole, processor"] = processor_s(backend) - worked
    taken["locked"] = taken["whole"] - taken.pop("unlocked")
    spent = sum(taken[name] for name in (*PARTS, "other statements", "commit", "prepare"))
    taken["python"] = taken["whole"] - spent
    return taken


def processor_s(backend: int) -> float:
    """Seconds of a processor that this process and a backend on the same machine have taken."""
    fields = Path(f"/proc/{backend}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def bare(conn: asyncpg.Connection, rows: Sequence[UnitRow]) -> dict[str, float]:
    """Seconds for the search text, and for the rows of the act inserted into a table like theirs."""
    columns = await conn.fetchval(STORED)
    await conn.execute("CREATE TABLE public.bare (LIKE panhuo.asset INCLUDING ALL)")
    await conn.execute(f"CREATE UNLOGGED TABLE public.finished AS SELECT {columns} FROM panhuo.asset ORDER BY ctid")
    await conn.execute("CHECKPOINT")
    worked = processor_s(conn.get_server_pid())
    begun = time.perf_counter()
    for row in rows:
        searched(row.facts["name"], row.facts["code"])
    made = time.perf_counter()
    await conn.execute(f"INSERT INTO public.bare ({columns}) SELECT {columns} FROM public.finished")
    done = time.perf_counter()
    return {
        "search text": made - begun,
        "insert": done - made,
        "bare": done - begun,
        "bare, processor": processor_s(conn.get_server_pid()) - worked,
    }


async def one_round(count: int) -> dict[str, float]:
    """One round of both sides, in a database without a unit."""
    await empty(NAME)
    conn = await asyncpg.connect(url(None, NAME), server_settings={"jit": "off", "search_path": "panhuo, public"})
    await conn.execute(FILL)
    await conn.execute("CHECKPOINT")
    rows = units(count)
    database = await Database.connect(url("panhuo_service", NAME), size=1, public_size=1, statement_timeout_ms=600_000)
    taken = await act(database, rows)
    await database.close()
    beside = await bare(conn, rows)
    await conn.close()
    return {**taken, **beside}


async def main() -> None:
    await load_dictionary()
    for count in SIZES:
        rounds = [await one_round(count) for _ in range(ROUNDS)]
        taken = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
        print(f"{count:,} units, locks held {taken['locked']:.1f} s")
        print("| | search text | insert | bare | the act | times | range |")
        for clock in ("", ", processor"):
            ratios = sorted(each[f"whole{clock}"] / each[f"bare{clock}"] for each in rounds)
            shown = ["", ""] if clock else [f"{taken[side]:.1f}" for side in ("search text", "insert")]
            shown += [f"{taken[f'{side}{clock}']:.1f}" for side in ("bare", "whole")]
            times = f"{statistics.median(ratios):.2f} | {ratios[0]:.2f}–{ratios[-1]:.2f}"
            print(f"| seconds{clock} | {' | '.join(shown)} | {times} |")
        for name in ("prepare", *PARTS, "other statements", "commit", "python"):
            print(f"| {name} | {taken[name]:.1f} |", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
