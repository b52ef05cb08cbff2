"""Invitations of firms: who holds the token of one may join it, once."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import asyncpg

from store.db import Act, Database
from store.sql import load

SQL = load("invitation")


async def insert(act: Act, invitation_id: UUID, token_hash: bytes, expires_on: date) -> None:
    await act.conn.execute(SQL.insert, act.scope_id, invitation_id, token_hash, expires_on)


async def withdraw(act: Act, invitation_id: UUID) -> bool:
    """Whether it was open until now."""
    return await act.conn.fetchval(SQL.withdraw, act.scope_id, invitation_id) is not None


async def page(conn: asyncpg.Connection, firm_id: UUID, today: date) -> list[str]:
    return [row[0] for row in await conn.fetch(SQL.page, firm_id, today)]


async def open_one(db: Database, token_hash: bytes, today: date) -> asyncpg.Record | None:
    """`firm_id`, `id` and `credit_code` of the firm, for a token that is good."""
    async with db.system() as conn:
        return await conn.fetchrow(SQL.open, token_hash, today)


async def use(act: Act, invitation_id: UUID, account_id: UUID) -> bool:
    """Whether the account comes of it, rather than another's."""
    return await act.conn.fetchval(SQL.use, act.scope_id, invitation_id, account_id) is not None
