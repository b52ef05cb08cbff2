"""Records to try the interface with: those that the caller sees."""

from __future__ import annotations

import json
from collections.abc import Collection
from uuid import UUID

import asyncpg

from store.sql import load

SQL = load("example")


async def ids(conn: asyncpg.Connection, park_ids: Collection[UUID]) -> dict[str, str]:
    """A record of each kind by the parameter that names it. Empty: what there is none of is left out."""
    text = await conn.fetchval(SQL.ids, sorted(park_ids))
    records: dict[str, str] = json.loads(text)
    return records
