"""What a restore checks in the database before it, and sets after it; PostgreSQL's programs make the copy itself."""

from __future__ import annotations

import asyncpg

from store.migrations import SQL as MIGRATIONS
from store.sql import load

SQL = load("backup")


async def is_clear(url: str) -> bool:
    """Whether the database holds no records."""
    conn = await asyncpg.connect(url)
    try:
        return bool(await conn.fetchval(SQL.is_clear))
    finally:
        await conn.close()


async def raise_epoch(url: str) -> None:
    """Makes every snapshot and position of before the restore void."""
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(MIGRATIONS.become_owner)
        await conn.execute(SQL.raise_epoch)
    finally:
        await conn.close()
