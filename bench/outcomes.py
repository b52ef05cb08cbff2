"""Figures and an act on 100,000 revivals with 1,000,000 reports, beside bare SQL on one table of the same rows.

A figure reads the records and, asked as of a day, their twins; the bare aggregate reads a table that holds nothing
else, with its index. The act (a report) is measured at `actions`, beside one transaction of all the INSERTs it makes.
One process, without HTTP, rounds in turn, medians. `make bench-outcomes` prints what docs/benchmarks.md keeps.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from actions.supervision import report
from bench.items import empty, url
from domain.actor import Actor
from domain.answer import Once
from domain.words import Role
from store.db import Database
from store.statistics import figures

NAME, ROUNDS, ACTS = os.environ.get("PANHUO_TEST_BENCH_NAME", "panhuo_bench_outcomes"), 7, 150
FILL = (Path(__file__).parent / "outcomes.sql").read_text(encoding="utf-8")
THEN = datetime(2026, 3, 1, tzinfo=UTC)
YEAR = (date(2024, 1, 1), date(2024, 12, 31))
BARE_REVIVED = """SELECT kind, sum(area_mu), sum(area_m2), count(DISTINCT outcome_id), sum(area_mu) FILTER (WHERE
  is_illustrative) FROM flat_revived WHERE revived_on BETWEEN $1 AND $2 GROUP BY kind"""
BARE_REPORT = """SELECT name, unit, per, count(*), sum(promised), sum(delivered) FROM flat_report WHERE year = $1
  GROUP BY name, unit, per"""
#: A figure without a report of this quarter yet.
PROMISES = """SELECT i.outcome_id, i.id, i.unit, i.park_id FROM panhuo.indicator AS i
  WHERE i.park_id = md5('park1')::uuid ORDER BY i.id LIMIT $1"""
#: What an act wrote beside its report, to be written again: the answer, the bodies of its events, the light.
WRITTEN = """SELECT (SELECT body FROM panhuo.idempotency WHERE actor_id = $1) AS answer,
  (SELECT array_agg(body ORDER BY n) FROM panhuo.event WHERE actor_id = $1) AS bodies,
  l.colour, l.behind_points, l.reasons, l.version, l.on_day, l.next_on FROM panhuo.light AS l WHERE l.outcome_id = $2"""


async def timed(act: Callable[[], Awaitable[Any]]) -> float:
    begun = time.perf_counter()
    await act()
    return (time.perf_counter() - begun) * 1000


async def figures_beside_bare(db: Database, bare: asyncpg.Connection) -> None:
    """A year's figures now and as of a day, in turn with the bare aggregates."""

    async def read(name: str, as_of: datetime | None) -> None:
        async with figures(db, as_of=as_of, park_id=None) as known:
            await (known.revived(*YEAR) if name == "revived" else known.promised(2024))

    sides: dict[str, Callable[[], Awaitable[Any]]] = {
        "bare revived": lambda: bare.fetch(BARE_REVIVED, *YEAR),
        "revived": lambda: read("revived", None),
        "revived as of": lambda: read("revived", THEN),
        "bare reports": lambda: bare.fetch(BARE_REPORT, 2024),
        "delivered": lambda: read("delivered", None),
        "delivered as of": lambda: read("delivered", THEN),
    }
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            taken[name].append(await timed(side))
    now = {name: statistics.median(times) for name, times in taken.items()}
    for name, base in (("revived", "bare revived"), ("delivered", "bare reports")):
        then = now[f"{name} as of"]
        ratios = f"{now[name]:.0f} | {now[name] / now[base]:.2f} | {then:.0f} | {then / now[name]:.2f}"
        print(f"| {name} | {now[base]:.0f} | {ratios} |", flush=True)


async def act_beside_inserts(db: Database, bare: asyncpg.Connection) -> None:
    """Reports recorded through the act, in turn with one transaction of the same INSERTs."""
    park = await bare.fetchval("SELECT id FROM panhuo.park WHERE code = 'bench-1'")
    staff = Actor(uuid4(), Role.staff, park_ids=frozenset({park}))
    promises = await bare.fetch(PROMISES, 2 * ACTS + 1)
    await bare.execute("DELETE FROM panhuo.report WHERE quarter IS NOT NULL")
    acts: list[float] = []
    inserts: list[float] = []
    first, *rest = promises
    await _act(db, bare, staff, park, first)
    rows = await bare.fetchrow(WRITTEN, staff.id, first["outcome_id"])
    for n, promise in enumerate(rest):
        act = _act(db, bare, staff, park, promise) if n % 2 else _inserts(bare, rows, staff, park, promise)
        begun = time.perf_counter()
        await act
        (acts if n % 2 else inserts).append((time.perf_counter() - begun) * 1000)
    ours, theirs = statistics.median(acts), statistics.median(inserts)
    print(f"| a report | {theirs:.2f} | {ours:.2f} | {ours / theirs:.2f} |", flush=True)


async def _act(db: Database, _: Any, staff: Actor, park: UUID, promise: asyncpg.Record) -> None:
    facts = {"year": 2025, "quarter": 4, "value": Decimal(7), "unit": promise["unit"], "source": "季报"}
    once = Once(uuid4().hex, b"x")
    await report(db, staff, promise["outcome_id"], promise["id"], **facts, once=once, today=date(2031, 6, 1))


async def _inserts(
    bare: asyncpg.Connection, rows: asyncpg.Record, staff: Actor, park: UUID, promise: asyncpg.Record
) -> None:
    async with bare.transaction():
        await bare.execute(
            "INSERT INTO panhuo.idempotency (actor_id, key, fingerprint, status, body) VALUES ($1, $2, 'x', 201, $3)",
            staff.id,
            uuid4().hex,
            rows["answer"],
        )
        await bare.execute(
            "INSERT INTO panhuo.report (park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source) "
            "VALUES ($1, gen_random_uuid(), $2, $3, 2025, 4, 7, $4, '季报')",
            park,
            promise["outcome_id"],
            promise["id"],
            promise["unit"],
        )
        await bare.execute(
            "INSERT INTO panhuo.light (park_id, outcome_id, colour, behind_points, reasons, version, on_day, next_on) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
            park,
            promise["outcome_id"],
            *list(rows.values())[2:],
        )
        rev = await bare.fetchval(
            "UPDATE panhuo.head SET rev = rev + 1, hash = sha256(hash || int8send(rev + 1)) WHERE scope_id = $1 "
            "RETURNING rev",
            park,
        )
        await bare.execute(
            "INSERT INTO panhuo.event (scope_id, rev, n, actor_id, act, subject_kind, subject_id, at, body, digest) "
            "SELECT $1, $2, n, $3, 'report.added', 'outcome', $4, now(), body, sha256('x') "
            "FROM unnest($5::text[]) WITH ORDINALITY AS e (body, n)",
            park,
            rev,
            staff.id,
            promise["outcome_id"],
            rows["bodies"],
        )


async def main() -> None:
    if os.environ.get("PANHUO_TEST_BENCH_KEEP") is None:
        await empty(NAME)
    bare = await asyncpg.connect(url(None, NAME), server_settings={"jit": "off"})
    if os.environ.get("PANHUO_TEST_BENCH_KEEP") is None:
        await bare.execute(FILL)
        await bare.execute("VACUUM ANALYZE")
    print(
        await bare.fetchval(
            "SELECT (SELECT count(*) FROM panhuo.outcome) || ' revivals, ' || (SELECT count(*) FROM panhuo.report) "
            "|| ' reports'"
        ),
        flush=True,
    )
    db = await Database.connect(url("panhuo_service", NAME), size=2, public_size=1, statement_timeout_ms=60_000)
    await figures_beside_bare(db, bare)
    await act_beside_inserts(db, bare)
    await db.close()
    await bare.close()


if __name__ == "__main__":
    asyncio.run(main())
