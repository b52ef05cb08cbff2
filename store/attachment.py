"""Files of units, parks, deals, their stages, and requests: the rows; their bytes lie in `store/files`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import UUID

import asyncpg

from store.db import Act, Database, portions
from store.sql import load

SQL = load("attachment")
#: What a file may be of, and the query that finds its park.
PARK_OF_SUBJECT: Final = {
    "asset": SQL.of_asset,
    "park": SQL.of_park,
    "outcome": SQL.of_outcome,
    "service_request": SQL.of_service_request,
}


@dataclass(frozen=True)
class AttachmentSubject:
    """What a file is of. `stage`: of a deal."""

    kind: Literal["asset", "park", "outcome", "service_request"]
    id: UUID
    stage: str | None = None

    def columns(self) -> dict[str, object]:
        """The columns that name it."""
        if self.kind == "park":
            return {"is_of_park": True}
        return {"is_of_park": False, f"{self.kind}_id": self.id, "stage": self.stage}


async def park_of(conn: asyncpg.Connection, subject: AttachmentSubject) -> UUID | None:
    """The park of what a file is of; None where it is not there for the caller."""
    park_id: UUID | None = await conn.fetchval(PARK_OF_SUBJECT[subject.kind], subject.id)
    return park_id


async def visible(conn: asyncpg.Connection, attachment_id: UUID) -> asyncpg.Record | None:
    return await conn.fetchrow(SQL.visible, attachment_id)


async def listed(conn: asyncpg.Connection, subject: AttachmentSubject) -> list[str]:
    """What the caller sees of the files of something, JSON text; of a deal those of its stages too."""
    return [row["document"] for row in await conn.fetch(SQL.listed, subject.id, subject.stage)]


async def lock_subject(act: Act, subject: AttachmentSubject) -> int:
    """How many files it has, while no other act adds any; fixes the instant."""
    await act.conn.execute(SQL.lock_subject, str(subject.id))
    await act.fix_instant()
    count: int = await act.conn.fetchval(SQL.count, act.scope_id, subject.id)
    return count


async def kinds(act: Act, subject_id: UUID) -> set[str]:
    """The kinds of files that something has."""
    return {row["kind"] for row in await act.conn.fetch(SQL.kinds, act.scope_id, subject_id)}


async def insert(act: Act, facts: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.insert, json.dumps(facts, ensure_ascii=False, default=str))


async def lock(act: Act, attachment_id: UUID) -> asyncpg.Record | None:
    """Locks a file that was not dropped and fixes the instant."""
    row = await act.conn.fetchrow(SQL.lock, act.scope_id, attachment_id)
    await act.fix_instant(None if row is None else row["at"])
    return row


async def amend(act: Act, attachment_id: UUID, changed: Mapping[str, object]) -> None:
    values = json.dumps(changed, ensure_ascii=False, default=str)
    await act.conn.execute(SQL.amend, act.scope_id, attachment_id, values)


async def drop(act: Act, attachment_id: UUID, day: date, reason: str) -> None:
    await act.conn.execute(SQL.drop, act.scope_id, attachment_id, day, reason)


async def referenced(db: Database, since: date) -> set[str]:
    """The SHA-256 of all bytes that a file, a picture or an import refers to, or a file dropped since that day."""
    async with db.system() as conn:
        return {row[0] for row in await conn.fetch(SQL.referenced, since)}


def kept(conn: asyncpg.Connection) -> AsyncIterator[list[asyncpg.Record]]:
    """Every file that is there, with what has to lie in the folder, in portions."""
    return portions(conn, SQL.kept)
