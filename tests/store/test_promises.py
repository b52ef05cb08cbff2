"""Figures promised twice in a database of before: the upgrade counts one, keeps the past, and names the others."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest_asyncio

from store import doctor
from store.db import Database
from store.migrations import FOLDER, migrate
from store.statistics import figures
from tests.conftest import TODAY, Dazu

ID = "01990000-0000-7000-8000-0000000000"
PARK = f"{ID}01"
SQUARE = "ST_Multi(ST_MakeEnvelope(105.70, 29.50, 105.71, 29.51, 4326))"
#: One agreement sent three times, the second with the reports; the fourth begins later, the fifth is a total.
PLANTED = f"""SET search_path = panhuo, public;
INSERT INTO park (id, code, name_zh, boundary) VALUES ('{PARK}', 'past', '园区', {SQUARE});
INSERT INTO firm (id, name, search, spelling) VALUES ('{PARK}', '企业', '', ''), ('{ID}02', '原主', '', '');
INSERT INTO outcome (park_id, id, path, paths_version, stage, firm_id, opened_on, owner_firm_id)
  VALUES ('{PARK}', '{PARK}', 'sale', 'paths-1', 'proposed', '{PARK}', '2024-01-01', '{ID}02');
INSERT INTO agreement (park_id, id, outcome_id, signed_on, source)
  SELECT '{PARK}', ('{ID}' || n)::uuid, '{PARK}', '2024-01-01', '协议' FROM generate_series(11, 15) AS n;
INSERT INTO indicator (park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on)
SELECT '{PARK}', ('{ID}' || n)::uuid, '{PARK}', ('{ID}' || n)::uuid, 'tax', 1200, 'yuan', per, first::date, last::date
FROM (VALUES (11, 'year', '2025-01-01', '2025-12-31'), (12, 'year', '2025-01-01', '2025-12-31'),
  (13, 'year', '2025-06-01', '2025-12-31'), (14, 'year', '2026-01-01', NULL), (15, 'total', '2025-01-01', '2027-12-31')
) AS v (n, per, first, last);
INSERT INTO reporting_year (park_id, year) VALUES ('{PARK}', 2025);
INSERT INTO report (park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source)
VALUES ('{PARK}', '{ID}21', '{PARK}', '{ID}12', 2025, 1, 100, 'yuan', '季报');
"""


@pytest_asyncio.fixture(loop_scope="session")
async def upgraded(dazu: Dazu, tmp_path: Path) -> AsyncIterator[tuple[Database, str]]:
    """A database from before with figures promised twice, upgraded; and the instant before that."""
    name = f"panhuo_test_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(dazu.superuser_url)
    await admin.execute(f"CREATE DATABASE {name}")
    parts = urlsplit(dazu.superuser_url)
    url = urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
    before = Path(shutil.copytree(FOLDER, tmp_path / "migrations"))
    first = next(int(path.name[:4]) for path in before.glob("*_terms_and_agreements.sql"))
    for path in before.glob("[0-9]*.sql"):
        if int(path.name[:4]) >= first:
            path.unlink()
    conn = await asyncpg.connect(url)
    for extension in ("postgis", "btree_gist", "pg_trgm"):
        await conn.execute(f"CREATE EXTENSION {extension} SCHEMA public")
    await conn.execute(
        f"GRANT CREATE ON DATABASE {name} TO panhuo_owner; GRANT USAGE, CREATE ON SCHEMA public TO panhuo_owner"
    )
    await migrate(url, folder=before)
    await conn.execute(PLANTED)
    then = await conn.fetchval("SELECT clock_timestamp()")
    await migrate(url)
    await conn.close()
    db = await Database.connect(url, size=1, public_size=1)
    yield db, then
    await db.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def test_of_figures_promised_twice_one_counts_and_doctor_names_the_others(
    upgraded: tuple[Database, str],
) -> None:
    db, then = upgraded

    async with db.system() as conn:
        states = await conn.fetch("SELECT right(id::text, 2) AS id, state FROM indicator ORDER BY id")
    found = await doctor.findings(db, "promises", today=TODAY, most=20)
    sums = []
    for as_of in (None, then):
        async with figures(db, as_of=as_of, park_id=None) as known:  # type: ignore[arg-type]
            sums.append({row["per"]: (row["promised"], row["delivered"]) for row in await known.promised(2025)})

    assert {row["id"]: row["state"] for row in states} == {
        "11": "double",
        "12": "in_force",
        "13": "double",
        "14": "in_force",
        "15": "in_force",
    }
    assert [one.partition(": ")[2] for one in found] == [
        f"tax 2025-01-01 – 2025-12-31, agreement {ID}11",
        f"tax 2025-06-01 – 2025-12-31, agreement {ID}13",
    ]
    assert sums[0] == {"year": (1200, 100)}
    assert sums[1]["year"][0] > 3000 and sums[1]["year"][1] == 100  # as it was shown
