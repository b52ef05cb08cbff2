"""Figures of the district, from the records as they were known."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from store.db import Database
from store.sql import load

SQL = load("statistics")


async def revitalized(
    db: Database, starts_on: date, ends_on: date, *, as_of: datetime | None, park_id: UUID | None
) -> tuple[dict[str, asyncpg.Record], list[dict[str, Any]]]:
    """Per kind what was revived in the period, and what sources state for periods inside it; public figures."""
    async with db.system() as conn:
        rows = await conn.fetch(SQL.revitalized, starts_on, ends_on, as_of, park_id)
        stated = [figure for row in await conn.fetch(SQL.stated_figures) for figure in json.loads(row[0])["figures"]]
    inside = [
        one
        for one in stated
        if starts_on <= date.fromisoformat(one["from"]) and date.fromisoformat(one["to"]) <= ends_on
    ]
    return {row["kind"]: row for row in rows}, inside
