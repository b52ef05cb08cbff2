"""What counted before there was a rule of counting: shown as it was until the upgrade, judged once after it."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import AsyncIterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest_asyncio

from actions import revival
from fixtures.load import load_reference
from store.db import Database
from store.migrations import FOLDER, migrate
from store.roles import ensure_roles
from store.statistics import figures
from tests.conftest import address, superuser

NUMBER = int(next(FOLDER.glob("*_revivals.sql")).name[:4])
PERIODS = [(date(year, 1, 1), date(year, 12, 31)) for year in (2020, 2021, 2022)]
PERIODS.append((date(2021, 3, 1), date(2021, 3, 15)))  # a month counts only where all of it lies inside
PLANTED = (Path(__file__).parent / "counted_before.sql").read_text(encoding="utf-8")
CORRECTED = """
UPDATE outcome SET stage = 'corrected', revived_on = NULL, revived_on_precision = NULL, reason = '误录'
WHERE id = md5('wrong')::uuid;
UPDATE tenancy SET is_corrected = true WHERE outcome_id = md5('wrong')::uuid;
DELETE FROM occupancy WHERE source_id = md5('wrong')::uuid;
"""
#: The old rule: all units of deals that had reached their day, temporary use apart.
OLD_RULE = """
SELECT path = 'temporary_use', sum(stated_area), count(DISTINCT outcome_id) FROM outcome_asset_known
WHERE recorded_at <= $1 AND superseded_at > $1 AND revived_from BETWEEN $2 AND $3 AND revived_to <= $3
GROUP BY 1 ORDER BY 1
"""
#: Whether it stands beside the figure, area, deals.
Shown = list[tuple[bool, Decimal, int]]


@pytest_asyncio.fixture(loop_scope="session")
async def before(template: Any, tmp_path: Path) -> AsyncIterator[tuple[str, asyncpg.Connection]]:
    """A database as it was before the rule, with what it counted; its name, and a superuser's connection."""
    name, files = f"panhuo_test_{uuid.uuid4().hex[:12]}", Path(shutil.copytree(FOLDER, tmp_path / "migrations"))
    for file in files.glob("[0-9]*.sql"):
        if int(file.name[:4]) >= NUMBER:
            file.unlink()
    await superuser(f"CREATE DATABASE {name}")
    await superuser(f"GRANT CREATE ON DATABASE {name} TO panhuo_owner, panhuo_admin")
    await ensure_roles(address(None, name), service="panhuo_service", admin="panhuo_admin", password=None)
    await migrate(address("panhuo_admin", name), folder=files)
    conn = await asyncpg.connect(address(None, name))
    await conn.execute("SET search_path = panhuo, public")
    yield name, conn
    await conn.close()
    await superuser(f"DROP DATABASE {name} WITH (FORCE)")


async def shown(db: Database, at: datetime | None) -> list[Shown]:
    """Per period what is counted and what is temporary use, at an instant; other lines are not the old rule's."""
    found = []
    for days in PERIODS:
        async with figures(db, as_of=at, park_id=None) as known:
            rows = await known.revived(*days)
        found.append(sorted((row["verdict"] != "counted", row["area_m2"], row["cases"]) for row in rows))
    return found


async def test_the_past_stays_as_shown_and_is_judged_once(before: tuple[str, asyncpg.Connection]) -> None:
    name, conn = before
    await conn.execute(PLANTED)
    instants = [await conn.fetchval("SELECT clock_timestamp()")]
    await conn.execute(CORRECTED)
    await conn.execute("UPDATE reporting_year SET closed_at = clock_timestamp(), note = '已报' WHERE year = 2021")
    instants.append(await conn.fetchval("SELECT clock_timestamp()"))
    old = [[sorted(map(tuple, await conn.fetch(OLD_RULE, at, *days))) for days in PERIODS] for at in instants]
    assert [rows[1] for rows in old] == [[(False, 400, 4)], [(False, 300, 3)]]

    await migrate(address("panhuo_admin", name))
    db = await Database.connect(address("panhuo_service", name), size=2, public_size=1)
    try:
        unjudged = await shown(db, None)
        await load_reference(db)
        now, then = await shown(db, None), [await shown(db, at) for at in instants]
        async with figures(db, as_of=None, park_id=None) as known:
            closed = await known.revived_as_closed(2021, *PERIODS[1])
        again = await revival.judge_what_counted_before(db)
        rows = await conn.fetch("SELECT xmin::text FROM revival ORDER BY 1")
        await load_reference(db)
    finally:
        await db.close()

    assert then == old
    assert unjudged == old[1]
    assert now == [
        [(False, 100, 1)],
        [(False, 140, 2), (True, 50, 1), (True, 100, 1)],
        [(True, 100, 1)],
        [],
    ]
    verdicts = await conn.fetch(
        "SELECT a.code, r.revived_from, r.verdict, r.adds, r.stated_area, r.version FROM revival AS r "
        "JOIN asset AS a ON a.id = r.leaf_id ORDER BY r.revived_from, a.code"
    )
    assert [(row["code"], str(row["revived_from"]), row["verdict"], row["stated_area"]) for row in verdicts] == [
        ("hall", "2020-02-01", "counted", 100),
        ("hall", "2021-01-01", "renewal", 100),
        ("month", "2021-03-01", "counted", 100),
        ("one", "2021-06-01", "counted", 40),
        ("two", "2021-06-01", "first_letting", 50),
        ("hall", "2022-02-01", "temporary_use", 100),
    ]
    assert {(row["adds"], row["version"]) for row in verdicts} == {(True, "revival-1")}
    assert [(row["area_m2"], row["cases"]) for row in closed] == [(300, 3)]
    assert again == 0
    assert rows == await conn.fetch("SELECT xmin::text FROM revival ORDER BY 1")
    events = await conn.fetch("SELECT act, count(*) FROM event GROUP BY 1 ORDER BY 1")
    told = {row["act"]: row["count"] for row in events}
    assert (told["park.revivals_judged"], told["park.closed_year_changed"]) == (1, 1)
