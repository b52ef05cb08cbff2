"""Forward-only, numbered migrations: one transaction a file, one runner at a time, no applied file ever changed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from store.sql import fill, load

SQL = load("migrations")
FOLDER = Path(__file__).parent / "migrations"
#: The first and the last file of version 0.1, whose schema the first files of version 0.2 make anew, topic by topic;
#: and a commit of that version, for databases that are not there yet.
FIRST_OF_0_1, LAST_OF_0_1, COMMIT_OF_0_1 = "0001_records", "0045_sign_out_and_firms", "662019e"
FILES_OF_0_2 = 13
LOCK_TRIES = 600  # at 0.1 s: a minute, longer than any one file takes


class MigrationFault(Exception):
    """The files and the database's list of those applied do not agree."""


@dataclass(frozen=True)
class Migration:
    """One file; `name` is the file's stem after its number."""

    number: int
    name: str
    text: str

    @property
    def file(self) -> str:
        return f"{self.number:04d}_{self.name}"

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """The files in order. Raises MigrationFault when a number is missing or stands twice."""
    files = [
        Migration(int(path.name[:4]), path.stem[5:], path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("[0-9]*.sql"))
    ]
    if [migration.number for migration in files] != list(range(1, len(files) + 1)):
        raise MigrationFault("migrations are not numbered 1, 2, 3, … without gaps")
    return files


async def migrate(url: str, *, folder: Path = FOLDER) -> list[str]:
    """Applies what is missing and says which. Raises MigrationFault on a changed file, a newer or too old database."""
    wanted = migrations(folder)
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(SQL.become_owner)
        await _wait_for_lock(conn)
        try:
            await conn.execute(SQL.make_table)
            is_of_0_1 = _is_of_0_1(await conn.fetch(SQL.applied))
            taken_over = await _take_over(conn, wanted[:FILES_OF_0_2]) if is_of_0_1 else []
            done = _checked(wanted, await conn.fetch(SQL.applied))
            for migration in wanted[done:]:
                await _apply(conn, migration)
            return taken_over + [migration.file for migration in wanted[done:]]
        finally:
            await conn.execute(SQL.unlock)
    finally:
        await conn.close()


async def _wait_for_lock(conn: asyncpg.Connection) -> None:
    for _ in range(LOCK_TRIES):
        if await conn.fetchval(SQL.try_lock):
            return
        await asyncio.sleep(0.1)
    raise MigrationFault("another migration has been running for a minute")


def check(applied: Sequence[tuple[int, str, str]]) -> None:
    """Raises MigrationFault where records of these migrations (number, name, checksum) are none that this version can
    bring up to date."""
    rows = [{"number": number, "name": name, "checksum": checksum} for number, name, checksum in sorted(applied)]
    if not _is_of_0_1(rows):
        _checked(migrations(), rows)


def _is_of_0_1(applied: Sequence[Mapping[str, Any]]) -> bool:
    """Whether version 0.1 made this database; refuses one that it has not brought to its last file."""
    files = [f"{row['number']:04d}_{row['name']}" for row in applied]
    if not files or files[0] != FIRST_OF_0_1:
        return False
    if files[-1] != LAST_OF_0_1:
        raise MigrationFault(
            f"the database is at {files[-1]} of version 0.1; this version takes over from {LAST_OF_0_1}: "
            f"run db migrate of version 0.1 (commit {COMMIT_OF_0_1}) first"
        )
    return True


async def _take_over(conn: asyncpg.Connection, files: Sequence[Migration]) -> list[str]:
    """Writes down these files as applied to a database of version 0.1, where they would have made its schema; says so.

    They are run beside it and undone. Raises: MigrationFault names what is not as they make it.
    """
    async with conn.transaction():
        there = await _schema(conn)
        beside = conn.transaction()
        await beside.start()
        await conn.execute(SQL.set_aside)
        for file in files:
            await conn.execute(file.text)
        wanted = await _schema(conn)
        await beside.rollback()
        if differing := sorted({name for name, _ in there ^ wanted}):
            raise MigrationFault(f"the database is not as {LAST_OF_0_1} left it: {', '.join(differing[:5])}")
        await conn.execute(SQL.forget)
        for file in files:
            await conn.execute(SQL.record, file.number, file.name, file.checksum)
        await _validate(conn)
    return [f"{LAST_OF_0_1} = {files[-1].file}"]


async def _schema(conn: asyncpg.Connection) -> set[tuple[str, str]]:
    await conn.execute(SQL.look)
    return {(row["object"], row["definition"]) for row in await conn.fetch(SQL.schema)}


async def _validate(conn: asyncpg.Connection) -> None:
    """Makes rules that were set for new rows alone hold for all; `doctor` names those that old rows break."""
    for row in await conn.fetch(SQL.not_validated):
        try:
            async with conn.transaction():
                await conn.execute(fill(SQL.validate, relation=row["relation"], rule=row["rule"]))
        except asyncpg.IntegrityConstraintViolationError:
            continue


def _checked(wanted: list[Migration], applied: Sequence[Mapping[str, Any]]) -> int:
    """How many are done; refuses a database that is ahead of, or differs from, the files."""
    if len(applied) > len(wanted):
        raise MigrationFault(f"the database is at {applied[-1]['number']}, this version knows {len(wanted)}: update it")
    for migration, row in zip(wanted, applied, strict=False):
        if (migration.number, migration.checksum) != (row["number"], row["checksum"]):
            raise MigrationFault(f"migration {migration.number:04d} was changed after it was applied")
    return len(applied)


async def _apply(conn: asyncpg.Connection, migration: Migration) -> None:
    if migration.text.startswith("-- no transaction"):
        await conn.execute(migration.text)
        await conn.execute(SQL.record, migration.number, migration.name, migration.checksum)
        return
    async with conn.transaction():
        await conn.execute(migration.text)
        await conn.execute(SQL.record, migration.number, migration.name, migration.checksum)


async def status(url: str) -> list[tuple[str, bool]]:
    """Each file, and whether it was applied."""
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(SQL.become_owner)
        await conn.execute(SQL.make_table)
        applied = await conn.fetch(SQL.applied)
        done = 0 if _is_of_0_1(applied) else _checked(migrations(), applied)
        return [(migration.file, migration.number <= done) for migration in migrations()]
    finally:
        await conn.close()
