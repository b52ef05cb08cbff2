"""Migrations: one runner at a time, each file once, no applied file ever changed, a failing file leaves nothing."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import asyncpg
import pytest

from store.migrations import FOLDER, MigrationFault, migrate
from tests.conftest import Dazu

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
