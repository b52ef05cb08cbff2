"""What a packet holds of a unit, a deal or a period, read in one snapshot: acts, their place in the chain, files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from store.db import portions
from store.sql import load

SQL = load("packet")


async def attachments(conn: asyncpg.Connection, park_id: UUID, subject_id: UUID) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.attachments, park_id, subject_id))


async def attachments_of_period(
    conn: asyncpg.Connection, park_id: UUID, first: datetime, end: datetime
) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.attachments_of_period, park_id, first, end))


async def acts(conn: asyncpg.Connection, park_id: UUID, subject_id: UUID) -> list[int]:
    """The acts that did something to a subject or its files, by rev."""
    return [row["rev"] for row in await conn.fetch(SQL.acts, park_id, [subject_id])]


async def acts_of_period(conn: asyncpg.Connection, park_id: UUID, first: datetime, end: datetime) -> list[int]:
    return [row["rev"] for row in await conn.fetch(SQL.acts_of_period, park_id, first, end)]


def events(conn: asyncpg.Connection, park_id: UUID, revs: Sequence[int]) -> AsyncIterator[list[asyncpg.Record]]:
    """All events of these acts, in portions."""
    return portions(conn, SQL.events, park_id, list(revs))


def digests(conn: asyncpg.Connection, park_id: UUID) -> AsyncIterator[list[asyncpg.Record]]:
    """The digest of every act of a park, in portions."""
    return portions(conn, SQL.digests, park_id)


async def head(conn: asyncpg.Connection, park_id: UUID) -> asyncpg.Record:
    return await conn.fetchrow(SQL.head, park_id)
