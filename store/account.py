"""Accounts, sessions and keys. Login, refresh and logout are no acts: they write `session` and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import asyncpg

from domain.actor import Actor
from domain.words import Role
from store.db import Act, Database
from store.sql import load

SQL = load("account")


async def insert(
    act: Act, account_id: UUID, login: str, password_hash: str, role: Role, firm_id: UUID | None, parks: Sequence[UUID]
) -> None:
    await act.conn.execute(SQL.insert, account_id, login, password_hash, role.value, firm_id)
    await act.conn.execute(SQL.join_parks, account_id, list(parks))


async def by_login(db: Database, login: str) -> asyncpg.Record | None:
    async with db.system() as conn:
        return await conn.fetchrow(SQL.by_login, login)


async def by_id(db: Database, account_id: UUID) -> asyncpg.Record | None:
    async with db.system() as conn:
        return await conn.fetchrow(SQL.by_id, account_id)


async def by_access(db: Database, access_hash: bytes) -> Actor | None:
    """Who holds this bearer token."""
    async with db.system() as conn:
        return _actor(await conn.fetchrow(SQL.by_access, access_hash))


async def by_key(db: Database, key_hash: bytes, today: date) -> Actor | None:
    """Who holds this API key."""
    async with db.system() as conn:
        return _actor(await conn.fetchrow(SQL.by_key, key_hash, today))


async def named(db: Database, login: str) -> Actor | None:
    """Who an account is, for an act that the operator of the machine does in its name."""
    row = await by_login(db, login)
    return _actor(await by_id(db, row["id"])) if row is not None and row["is_active"] else None


def _actor(row: asyncpg.Record | None) -> Actor | None:
    return None if row is None else Actor(row["id"], Role(row["role"]), frozenset(row["park_ids"]), row["firm_id"])


async def open_session(
    db: Database, session_id: UUID, account_id: UUID, access: bytes, refresh: bytes, lives: Sequence[timedelta]
) -> None:
    """`lives` of the access token, of the refresh token, and of the session at the longest."""
    async with db.system() as conn:
        await conn.execute(SQL.open_session, session_id, account_id, access, lives[0], refresh, lives[1], lives[2])


async def rotate(db: Database, old: bytes, access: bytes, refresh: bytes, lives: Sequence[timedelta]) -> bool:
    """Spends a refresh token. One shown twice was stolen or lost: its session ends, and False is the answer."""
    async with db.system() as conn:
        row = await conn.fetchrow(SQL.session_by_refresh, old)
        if row is None:
            return False
        if row["is_spent"]:
            await conn.execute(SQL.revoke_session, row["id"])
            return False
        await conn.execute(SQL.rotate, row["id"], access, lives[0], refresh, lives[1])
        return True


async def log_out(db: Database, access_hash: bytes) -> None:
    async with db.system() as conn:
        await conn.execute(SQL.revoke_by_access, access_hash)


async def insert_key(
    act: Act, key_id: UUID, account_id: UUID, label: str, prefix: str, key_hash: bytes, expires_on: date | None
) -> None:
    await act.conn.execute(SQL.insert_key, key_id, account_id, label, prefix, key_hash, expires_on)


async def keys(conn: asyncpg.Connection, account_id: UUID) -> list[str]:
    return [row[0] for row in await conn.fetch(SQL.keys, account_id)]


async def revoke_key(act: Act, key_id: UUID, account_id: UUID) -> bool:
    return bool(await act.conn.fetchval(SQL.revoke_key, key_id, account_id))
