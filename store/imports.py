"""Imports: files on their way into the register, and what becomes of their rows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from store.db import Act, Database, portions
from store.sql import load

SQL = load("imports")
#: Rows that one statement writes.
WRITTEN_AT_ONCE = 5_000
#: A run that says nothing for so long has died; so often one is begun.
DEAD_AFTER_S, MOST_ATTEMPTS = 60.0, 3


@dataclass(frozen=True)
class ClaimedImport:
    """An import that this process runs. `decisions` None: it is only tried."""

    park_id: UUID
    import_id: UUID
    account_id: UUID
    file_name: str
    file_sha256: str
    options: Mapping[str, Any]
    decisions: Mapping[str, Any] | None


@dataclass(frozen=True)
class StoredUnit:
    """A unit of the register as a row of a file is compared with it: its facts by column, its place as GeoJSON."""

    asset_id: UUID
    revision: int
    code_key: str | None
    facts: Mapping[str, Any]
    geometry: Mapping[str, Any] | None


@dataclass(frozen=True)
class ParkNames:
    """What a park is called, and its zones by what each is called."""

    names: frozenset[str]
    zones: Mapping[str, UUID]


async def insert(
    act: Act, import_id: UUID, file_name: str, file_sha256: str, file_bytes: int, options: Mapping[str, Any]
) -> None:
    values = (import_id, act.actor.id, file_name, file_sha256, file_bytes, _json(options))
    await act.conn.execute(SQL.insert, act.scope_id, *values)


async def home(db: Database, import_id: UUID) -> UUID | None:
    """The park of an import, for any caller; nothing of it is shown."""
    async with db.system() as conn:
        park_id: UUID | None = await conn.fetchval(SQL.home, import_id)
    return park_id


async def page(
    conn: asyncpg.Connection, park_id: UUID | None, before: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    """The latest first; `document` is JSON text."""
    return list(await conn.fetch(SQL.page, park_id, before, limit))


async def read(conn: asyncpg.Connection, park_id: UUID, import_id: UUID) -> dict[str, Any] | None:
    """An import, its faults without words."""
    document = await conn.fetchval(SQL.read, park_id, import_id)
    return None if document is None else json.loads(document)


async def lock(act: Act, import_id: UUID) -> asyncpg.Record | None:
    return await act.conn.fetchrow(SQL.lock, act.scope_id, import_id)


async def queue(
    act: Act, import_id: UUID, options: Mapping[str, Any] | None, decisions: Mapping[str, Any] | None
) -> None:
    texts = [None if value is None else _json(value) for value in (options, decisions)]
    await act.conn.execute(SQL.queue, act.scope_id, import_id, *texts)


async def cancel(act: Act, import_id: UUID) -> str | None:
    """The state of an import that waited or ran; None where it does neither."""
    state: str | None = await act.conn.fetchval(SQL.cancel, act.scope_id, import_id)
    return state


async def claim(db: Database) -> ClaimedImport | None:
    """The next import to run, this process's from now on. Empty: None is due."""
    async with db.system(is_read_only=False) as conn:
        row = await conn.fetchrow(SQL.claim, DEAD_AFTER_S, MOST_ATTEMPTS)
    if row is None or row["state"] != "running":
        return None
    return ClaimedImport(
        row["park_id"],
        row["id"],
        row["account_id"],
        row["file_name"],
        row["file_sha256"],
        json.loads(row["options"]),
        None if row["decisions"] is None else json.loads(row["decisions"]),
    )


async def advance(db: Database, claimed: ClaimedImport, stage: str, done: int, total: int) -> bool:
    """Says how far a run is; False where it was cancelled."""
    async with db.system(is_read_only=False) as conn:
        values = (claimed.park_id, claimed.import_id, stage, done, total)
        return bool(await conn.fetchval(SQL.advance, *values))


async def finish(
    conn: asyncpg.Connection,
    claimed: ClaimedImport,
    state: str,
    *,
    result: Mapping[str, Any] | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
    faults: Sequence[Mapping[str, Any]] = (),
    batch_id: UUID | None = None,
) -> None:
    """Ends a run; `rows` take the place of those of an earlier one."""
    key = (claimed.park_id, claimed.import_id)
    if rows is not None:
        await conn.execute(SQL.forget_rows, *key)
        for first in range(0, len(rows), WRITTEN_AT_ONCE):
            await conn.execute(SQL.put_rows, *key, _json(rows[first : first + WRITTEN_AT_ONCE]))
    text = None if result is None else _json(result)
    await conn.execute(SQL.finish, *key, state, text, _json(list(faults)), batch_id)


async def rows(
    conn: asyncpg.Connection,
    park_id: UUID,
    import_id: UUID,
    *,
    verdict: str | None,
    with_issues: bool,
    after: int,
    limit: int,
) -> list[asyncpg.Record]:
    """Rows in their order; `document` is JSON text, its issues without words."""
    return list(await conn.fetch(SQL.rows, park_id, import_id, verdict, with_issues, after, limit))


def preview(conn: asyncpg.Connection, park_id: UUID, import_id: UUID) -> AsyncIterator[list[asyncpg.Record]]:
    """Rows that say where they lie, in portions."""
    return portions(conn, SQL.preview, park_id, import_id)


async def last_mapping(conn: asyncpg.Connection, park_id: UUID) -> dict[str, Any] | None:
    """How the columns of the park's last saved ledger were read."""
    text = await conn.fetchval(SQL.last_mapping, park_id)
    return None if text is None else json.loads(text)


async def units(
    conn: asyncpg.Connection, park_id: UUID, ids: Sequence[UUID], code_keys: Sequence[str], names: Sequence[str]
) -> list[StoredUnit]:
    """Units of the park that rows of a file name, by id, folded code or name."""
    return [
        StoredUnit(
            row["id"],
            row["revision"],
            row["code_key"],
            _facts(row["facts"]) or {},
            None if row["geometry"] is None else json.loads(row["geometry"]),
        )
        for row in await conn.fetch(SQL.units, park_id, list(ids), list(code_keys), list(names))
    ]


async def seen(
    conn: asyncpg.Connection, park_id: UUID, revisions: Mapping[UUID, int]
) -> dict[UUID, Mapping[str, Any] | None]:
    """The facts that units had at these revisions; None where that is not known."""
    fetched = await conn.fetch(SQL.seen, park_id, list(revisions), list(revisions.values()))
    return {row["id"]: _facts(row["facts"]) for row in fetched}


async def others(conn: asyncpg.Connection, park_id: UUID, ids: Sequence[UUID]) -> list[dict[str, str]]:
    """Units of the park beside these, the first thousand by code."""
    fetched = await conn.fetch(SQL.others, park_id, list(ids))
    return [{"asset_id": str(row["id"]), "code": row["code"], "name": row["name"]} for row in fetched]


async def park_names(conn: asyncpg.Connection, park_id: UUID) -> ParkNames:
    names: set[str] = set()
    zones: dict[str, UUID] = {}
    for row in await conn.fetch(SQL.park_names, park_id):
        spellings = [str(row[name]) for name in ("code", "name_zh", "name_en") if row[name] is not None]
        if row["zone_id"] is None:
            names |= {str(row["id"]), *spellings}
        else:
            zones |= dict.fromkeys([str(row["zone_id"]), *spellings], row["zone_id"])
    return ParkNames(frozenset(names), zones)


def _facts(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text, parse_float=Decimal)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
