"""Forward-only, numbered migrations: one transaction a file, one runner at a time, no applied file ever changed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from store.search import fill
from store.sql import load

SQL = load("migrations")
FOLDER = Path(__file__).parent / "migrations"
#: What a file's columns are filled with in its own transaction, where SQL alone cannot; by name, without its number.
AFTER = {"search_columns": fill}
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
    """Applies what is missing; the names of it. Raises MigrationFault on a changed file or a newer database."""
    wanted = migrations(folder)
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(SQL.become_owner)
        await _wait_for_lock(conn)
        try:
            await conn.execute(SQL.make_table)
            done = _checked(wanted, await conn.fetch(SQL.applied))
            for migration in wanted[done:]:
                await _apply(conn, migration)
            return [f"{migration.number:04d}_{migration.name}" for migration in wanted[done:]]
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


def check(applied: Sequence[tuple[int, str]]) -> None:
    """Raises MigrationFault where records of these migrations (number, checksum) are none that this version can bring
    up to date."""
    rows = [{"number": number, "checksum": checksum} for number, checksum in sorted(applied)]
    _checked(migrations(), rows)


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
        if migration.name in AFTER:
            await AFTER[migration.name](conn)
        await conn.execute(SQL.record, migration.number, migration.name, migration.checksum)


async def status(url: str) -> list[tuple[str, bool]]:
    """Each file, and whether it was applied."""
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(SQL.become_owner)
        await conn.execute(SQL.make_table)
        done = _checked(migrations(), await conn.fetch(SQL.applied))
        return [(f"{migration.number:04d}_{migration.name}", migration.number <= done) for migration in migrations()]
    finally:
        await conn.close()
