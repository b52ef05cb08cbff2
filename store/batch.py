"""Batches: acts on many units at once, and what it takes to undo them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from store.db import Act, Database
from store.sql import load

SQL = load("batch")


class BatchCounts(NamedTuple):
    """Units by what became of them, in the order of the table's columns."""

    registered: int = 0
    amended: int = 0
    published: int = 0
    withdrawn: int = 0
    voided: int = 0
    checked: int = 0


@dataclass(frozen=True)
class UnitOfBatch:
    """What a batch did to a unit, the facts it wrote, and all facts of the unit before; None: it was not there."""

    asset_id: UUID
    act: str
    written: Mapping[str, Any]
    before: Mapping[str, Any] | None


async def zone_ids(act: Act) -> set[UUID]:
    """Of the park of an act."""
    return {row["id"] for row in await act.conn.fetch(SQL.zones, act.scope_id)}


async def insert(
    act: Act,
    batch_id: UUID,
    kind: str,
    counts: BatchCounts,
    *,
    file_name: str | None = None,
    file_sha256: str | None = None,
    undoes: UUID | None = None,
) -> None:
    values = (kind, act.actor.id, file_name, file_sha256, undoes, *counts)
    await act.conn.execute(SQL.insert, act.scope_id, batch_id, *values)


async def page(
    conn: asyncpg.Connection, park_id: UUID | None, before: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    """The latest first; `document` is JSON text."""
    return list(await conn.fetch(SQL.page, park_id, before, limit))


async def home(db: Database, batch_id: UUID) -> UUID | None:
    """The park of a batch, for any caller; nothing of it is shown."""
    async with db.system() as conn:
        park_id: UUID | None = await conn.fetchval(SQL.home, batch_id)
    return park_id


async def read(conn: asyncpg.Connection, park_id: UUID, batch_id: UUID) -> str | None:
    """A batch as JSON text."""
    document: str | None = await conn.fetchval(SQL.read, park_id, batch_id)
    return document


async def instant(act: Act, batch_id: UUID) -> datetime:
    at: datetime = await act.conn.fetchval(SQL.instant, act.scope_id, batch_id)
    return at


async def is_undone(act: Act, batch_id: UUID) -> bool:
    return bool(await act.conn.fetchval(SQL.is_undone, act.scope_id, batch_id))


async def units(act: Act, batch_id: UUID) -> list[UnitOfBatch]:
    rows = await act.conn.fetch(SQL.units, act.scope_id, batch_id)
    return [
        UnitOfBatch(
            row["id"], row["act"], json.loads(row["body"]), None if row["before"] is None else json.loads(row["before"])
        )
        for row in rows
    ]


async def built_on(act: Act, batch_id: UUID, asset_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Units on which anything was built since a batch, each with the act, or `claim`."""
    rows = await act.conn.fetch(SQL.built_on, act.scope_id, batch_id, list(asset_ids))
    return {row["id"]: row["act"] for row in rows}
