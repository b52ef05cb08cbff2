"""Whom the public calls about a park or a unit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

import asyncpg

from store.db import Act
from store.sql import load

SQL = load("public_contact")


async def state(act: Act, facts: Mapping[str, object]) -> None:
    """Sets whom the public calls about the thing `id`, in place of whom it called before."""
    await act.conn.execute(SQL.state, json.dumps(facts, ensure_ascii=False, default=str))


async def remove(act: Act, thing_id: UUID) -> bool:
    """Whether there was one to remove."""
    return await act.conn.fetchval(SQL.remove, act.scope_id, thing_id) is not None


async def of_park(conn: asyncpg.Connection, park_id: UUID) -> tuple[str | None, int] | None:
    """Document and revision. Empty: no document where nobody is named, None where there is no such park or zone."""
    return _shown(await conn.fetchrow(SQL.of_park, park_id))


async def of_unit(conn: asyncpg.Connection, asset_id: UUID) -> tuple[str | None, int] | None:
    """The same of a unit: its own, or that of what it lies in."""
    return _shown(await conn.fetchrow(SQL.of_unit, asset_id))


def _shown(row: asyncpg.Record | None) -> tuple[str | None, int] | None:
    return None if row is None else (row["document"], row["revision"] or 0)
