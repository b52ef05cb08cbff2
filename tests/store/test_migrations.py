"""Migrations: one runner at a time, each file once, no applied file ever changed, a failing file leaves nothing;
databases of version 0.1 are taken over, or refused by name."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from store.migrations import (
    COMMIT_OF_0_1,
    FILES_OF_0_2,
    FIRST_OF_0_1,
    FOLDER,
    LAST_OF_0_1,
    MigrationFault,
    migrate,
    migrations,
    status,
)
from tests.conftest import Dazu, address

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

    assert sorted(len(item) for item in done) == [0, 0, 0, 1]
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


#: Digest of the files of version 0.2.0. A file of these that changes is refused by every database that applied it: what
#: is to be another way is said by the next file.
FROZEN = "80a7e4b630fa6ad346669a9dad96aa5f8d3ebbb353e6df71f44aba5985fc3bc6"


def test_the_files_of_the_release_stay_as_they_are() -> None:
    files = migrations()[:FILES_OF_0_2]

    assert hashlib.sha256("".join(file.checksum for file in files).encode()).hexdigest() == FROZEN


async def records(conn: asyncpg.Connection) -> list[str]:
    rows = await conn.fetch("SELECT number, name FROM public.migration ORDER BY number")
    return [f"{row['number']:04d}_{row['name']}" for row in rows]


@pytest.fixture
def old(last_of_0_1: str) -> str:
    """The address of a database as version 0.1 left it, for a login that may do anything there."""
    return address(None, last_of_0_1)


@pytest_asyncio.fixture(loop_scope="session")
async def conn(old: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to the old database."""
    conn = await asyncpg.connect(old, server_settings={"search_path": "panhuo, public"})
    yield conn
    await conn.close()


async def test_the_last_database_of_version_0_1_is_taken_over(old: str, conn: asyncpg.Connection) -> None:
    heads = await conn.fetch("SELECT scope_id, rev, hash FROM head ORDER BY scope_id")
    pending = [applied for _, applied in await status(old)]

    done = await migrate(old)

    assert not any(pending)
    assert done == [f"{LAST_OF_0_1} = 0013_webhooks", *(file.file for file in migrations()[FILES_OF_0_2:])]
    assert await records(conn) == [file.file for file in migrations()]
    assert await conn.fetch("SELECT scope_id, rev, hash FROM head ORDER BY scope_id") == heads
    assert not await exists(old, "panhuo_before.head")
    assert await migrate(old) == []


async def test_an_older_database_is_refused_by_name(old: str, conn: asyncpg.Connection) -> None:
    await conn.execute("UPDATE public.migration SET (number, name) = (41, 'revivals') WHERE number <> 1")

    for act in (migrate, status):
        with pytest.raises(MigrationFault, match=f"0041_revivals .* {LAST_OF_0_1}: .*0.1 .commit {COMMIT_OF_0_1}"):
            await act(old)

    assert await records(conn) == [FIRST_OF_0_1, "0041_revivals"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("ALTER TABLE firm ADD COLUMN planted text", "column firm.planted"),
        ("COMMENT ON COLUMN firm.name IS 'planted [public]'", "column firm.name"),
        ("ALTER TABLE firm ALTER COLUMN name DROP NOT NULL", "column firm.name"),
        ("ALTER TABLE outcome DROP CONSTRAINT giver_is_not_taker", "constraint outcome.giver_is_not_taker"),
        ("DROP INDEX asset_parent", "relation asset_parent"),
        ("GRANT DELETE ON firm TO panhuo_app", "relation firm"),
        ("CREATE TABLE history.planted (id uuid)", "column history.planted.id, relation history.planted"),
        ("ALTER TABLE asset DISABLE TRIGGER keep_past", "trigger asset.keep_past"),
        ("ALTER POLICY tenant ON asset USING (true)", "policy asset.tenant"),
        ("CREATE OR REPLACE FUNCTION folded_code(code text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS "
         "'SELECT code'", "function folded_code(text)"),
        ("CREATE OR REPLACE VIEW scheme_visible AS SELECT kind, version, body, recorded_at FROM scheme WHERE true",
         "relation scheme_visible"),
    ],
)  # fmt: skip
async def test_a_schema_that_is_not_that_of_version_0_1_is_refused(
    old: str, conn: asyncpg.Connection, change: str, named: str
) -> None:
    await conn.execute(change)

    with pytest.raises(MigrationFault) as fault:
        await migrate(old)

    assert str(fault.value) == f"the database is not as {LAST_OF_0_1} left it: {named}"
    assert await records(conn) == [FIRST_OF_0_1, LAST_OF_0_1]


@pytest.mark.parametrize("holds", [True, False])
async def test_a_rule_for_new_rows_alone_holds_for_all_where_it_can(
    old: str, conn: asyncpg.Connection, holds: bool
) -> None:
    rule = "FOREIGN KEY (park_id) REFERENCES park NOT VALID"
    await conn.execute("ALTER TABLE account_park DROP CONSTRAINT staff_of_a_park")
    if not holds:
        await conn.execute("INSERT INTO account_park SELECT id, gen_random_uuid() FROM account LIMIT 1")
    await conn.execute(f"ALTER TABLE account_park ADD CONSTRAINT staff_of_a_park {rule}")

    await migrate(old)

    assert await conn.fetchval("SELECT convalidated FROM pg_constraint WHERE conname = 'staff_of_a_park'") is holds
