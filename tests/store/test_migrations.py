"""Migrations: one runner at a time, each file once, no applied file ever changed, a failing file leaves nothing."""

from __future__ import annotations

import asyncio
import json
import shutil
import uuid
from pathlib import Path

import asyncpg
import pytest

from store.migrations import FOLDER, MigrationFault, migrate
from store.roles import ensure_roles
from tests.conftest import Dazu, address
from tests.conftest import superuser as as_superuser

LAST = len(list(FOLDER.glob("[0-9]*.sql")))


@pytest.fixture
def superuser(dazu: Dazu) -> str:
    """The address of the test's database, for a login that may do anything there."""
    return dazu.superuser_url


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the migrations that a test may add to."""
    return Path(shutil.copytree(FOLDER, tmp_path / "migrations"))


def add(folder: Path, text: str) -> None:
    (folder / f"{LAST + 1:04d}_planted.sql").write_text(text, encoding="utf-8")


async def exists(url: str, relation: str) -> bool:
    conn = await asyncpg.connect(url)
    try:
        return await conn.fetchval("SELECT to_regclass($1) IS NOT NULL", relation)
    finally:
        await conn.close()


async def test_of_several_runners_one_applies_a_file(superuser: str, folder: Path) -> None:
    add(folder, "SELECT pg_sleep(0.3); CREATE TABLE panhuo.planted (id uuid);")

    done = await asyncio.gather(*(migrate(superuser, folder=folder) for _ in range(4)))

    assert sorted(len(one) for one in done) == [0, 0, 0, 1]
    assert await migrate(superuser, folder=folder) == []


async def test_a_changed_file_is_refused(superuser: str, folder: Path) -> None:
    first = next(folder.glob("0001_*.sql"))
    first.write_text(first.read_text(encoding="utf-8") + "\n-- changed", encoding="utf-8")

    with pytest.raises(MigrationFault, match="0001 was changed"):
        await migrate(superuser, folder=folder)


async def test_a_database_ahead_of_the_files_is_refused(superuser: str, folder: Path) -> None:
    next(folder.glob(f"{LAST:04d}_*.sql")).unlink()

    with pytest.raises(MigrationFault, match="update it"):
        await migrate(superuser, folder=folder)


async def test_a_gap_in_the_numbers_is_refused(superuser: str, folder: Path) -> None:
    next(folder.glob("0002_*.sql")).unlink()

    with pytest.raises(MigrationFault, match="without gaps"):
        await migrate(superuser, folder=folder)


async def test_a_failing_file_leaves_nothing(superuser: str, folder: Path) -> None:
    add(folder, "CREATE TABLE panhuo.planted (id uuid); SELECT 1 / 0;")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(superuser, folder=folder)

    assert not await exists(superuser, "panhuo.planted")
    add(folder, "CREATE TABLE panhuo.planted (id uuid);")
    assert len(await migrate(superuser, folder=folder)) == 1


#: $1 park, $2 units: a code and a level each, and the west of a square 0.001° wide.
OLD_UNITS = """
WITH unit AS (
  SELECT gen_random_uuid() AS id, code, level, ST_Multi(ST_MakeEnvelope(west, 29.5, west + 0.001, 29.501, 4326)) AS geom
  FROM json_to_recordset($2::json) AS u (code text, level text, west float)
)
INSERT INTO panhuo.asset (park_id, id, root_id, level, kind, code, name, geom, measured_area_m2, search, spelling)
SELECT $1, id, id, level, CASE level WHEN 'plot' THEN 'land' ELSE 'factory' END, code, 'old', geom,
  ST_Area(geom::geography)::numeric, '', '' FROM unit
"""


async def test_what_was_doubled_or_overlapped_before_stays_and_becomes_an_issue(superuser: str, folder: Path) -> None:
    name, park_id = f"panhuo_test_{uuid.uuid4().hex[:12]}", uuid.uuid4()
    number = int(next(folder.glob("*_nothing_let_twice.sql")).name[:4])
    for file in folder.glob("[0-9]*.sql"):
        if int(file.name[:4]) >= number:
            file.unlink()
    units = [
        ("X", "building", 105.70),
        (" x", "building", 105.7006),
        ("Ｘ ", "building", 105.72),
        ("Y", "plot", 105.70),
    ]
    asked = json.dumps([{"code": code, "level": level, "west": west} for code, level, west in units])
    await as_superuser(f"CREATE DATABASE {name}")
    try:
        await ensure_roles(address(None, name), service="panhuo_service", admin="panhuo_admin")
        await migrate(address("panhuo_admin", name), folder=folder)
        conn = await asyncpg.connect(address(None, name), server_settings={"search_path": "panhuo, public"})
        try:
            await conn.execute(
                "INSERT INTO park (id, code, name_zh, boundary) "
                "VALUES ($1, 'old', 'old', ST_Multi(ST_MakeEnvelope(105, 29, 106, 30, 4326)))",
                park_id,
            )
            await conn.execute(OLD_UNITS, park_id, asked)

            await migrate(address("panhuo_admin", name))

            rows = await conn.fetch("SELECT code, is_code_doubled, issues FROM asset ORDER BY code")
        finally:
            await conn.close()
    finally:
        await as_superuser(f"DROP DATABASE {name} WITH (FORCE)")
    found = {row["code"]: [(one["code"], one.get("other")) for one in json.loads(row["issues"])] for row in rows}
    assert sum(row["is_code_doubled"] for row in rows) == 2
    assert found == {
        "X": [("code_doubled", None), ("roots_overlap", " x"), ("plot_not_named", "Y")],
        " x": [("code_doubled", None), ("roots_overlap", "X")],
        "Ｘ ": [("code_doubled", None)],
        "Y": [],
    }
