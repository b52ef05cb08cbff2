"""Accounts, sessions and keys. Login, refresh and logout are no acts: they write sessions and tries and no event."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID

import asyncpg

from domain.actor import Actor
from domain.errors import TooMany
from domain.words import Role
from store.db import Act, Database
from store.sql import load

SQL = load("account")


async def insert(
    act: Act, account_id: UUID, login: str, password_hash: str, role: Role, firm_id: UUID | None, parks: Sequence[UUID]
) -> None:
    await act.conn.execute(SQL.insert, account_id, login, password_hash, role.value, firm_id)
    await act.conn.execute(SQL.join_parks, account_id, list(parks))


async def lock(act: Act, account_id: UUID) -> tuple[asyncpg.Record | None, int]:
    """The account, locked, with `login`, `role`, `is_active`, `password_hash`; of an admin, how many more are active.

    Empty: None where there is no such account.
    """
    rows = await act.conn.fetch(SQL.lock, account_id)
    others = sum(row["is_active"] and row["id"] != account_id for row in rows)
    return next((row for row in rows if row["id"] == account_id), None), others


async def set_active(act: Act, account_id: UUID, *, is_active: bool) -> None:
    await act.conn.execute(SQL.set_active, account_id, is_active)


async def set_password(act: Act, account_id: UUID, password_hash: str) -> None:
    await act.conn.execute(SQL.set_password, account_id, password_hash)


async def set_parks(act: Act, account_id: UUID, parks: Sequence[UUID]) -> None:
    await act.conn.execute(SQL.leave_parks, account_id, list(parks))
    await act.conn.execute(SQL.join_parks, account_id, list(parks))


async def end_sessions(act: Act, account_id: UUID, *, but: bytes | None = None) -> None:
    """Ends the sessions of an account, `but` that of an access token by its hash."""
    await act.conn.execute(SQL.end_sessions, account_id, but)


async def revoke_keys(act: Act, account_id: UUID) -> None:
    await act.conn.execute(SQL.revoke_keys, account_id)


async def page(
    db: Database, park_ids: Collection[UUID] | None, after: UUID | None, limit: int | None
) -> Sequence[asyncpg.Record]:
    """Accounts of these parks, None: all."""
    async with db.system() as conn:
        parks = None if park_ids is None else list(park_ids)
        return list(await conn.fetch(SQL.page, None, parks, after, limit))


async def document(conn: asyncpg.Connection, account_id: UUID, park_ids: Collection[UUID] | None = None) -> str | None:
    """One account as JSON text, where one of its parks is among these; None: whatever its parks."""
    row = await conn.fetchrow(SQL.page, account_id, None if park_ids is None else list(park_ids), None, 1)
    return None if row is None else str(row["document"])


async def by_login(db: Database, login: str) -> asyncpg.Record | None:
    async with db.system() as conn:
        return await conn.fetchrow(SQL.by_login, login)


async def by_id(db: Database, account_id: UUID) -> asyncpg.Record | None:
    async with db.system() as conn:
        return await conn.fetchrow(SQL.by_id, account_id)


async def secret_of(conn: asyncpg.Connection, account_id: UUID) -> asyncpg.Record | None:
    """`login` and `password_hash` of an account."""
    return await conn.fetchrow(SQL.secret_of, account_id)


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


async def acting(db: Database, account_id: UUID) -> Actor | None:
    """Who an account is now, for work that it set going; None where it was disabled."""
    async with db.system() as conn:
        return _actor(await conn.fetchrow(SQL.acting, account_id))


def _actor(row: asyncpg.Record | None) -> Actor | None:
    return None if row is None else Actor(row["id"], Role(row["role"]), frozenset(row["park_ids"]), row["firm_id"])


async def open_session(
    db: Database, session_id: UUID, holder: asyncpg.Record, access: bytes, refresh: bytes, lives: Sequence[timedelta]
) -> bool:
    """`lives` of the access token, of the refresh token, and of the session at the longest.

    `holder`: the account as `by_login` gave it; False where it was changed since.
    """
    async with db.system(is_read_only=False) as conn:
        opened = await conn.fetchval(
            SQL.open_session, session_id, holder["id"], access, lives[0], refresh, lives[1], lives[2],
            holder["password_hash"],
        )  # fmt: skip
    return bool(opened)


async def lock_session(conn: asyncpg.Connection, refresh: bytes) -> tuple[UUID, asyncpg.Record] | None:
    """The session of a refresh token, spent or not, locked, with `account_id` and its present `refresh_hash`.

    Empty: there is none, or it is over.
    """
    session_id = await conn.fetchval(SQL.session_of_refresh, refresh)  # who waits for the lock finds it spent
    row = None if session_id is None else await conn.fetchrow(SQL.lock_session, session_id)
    return None if row is None else (session_id, row)


async def spent_token(conn: asyncpg.Connection, token: bytes, recent: timedelta) -> asyncpg.Record | None:
    """`salt` and `is_recent` of a refresh token that was used; None for one that was not."""
    return await conn.fetchrow(SQL.spent_token, token, recent)


async def rotate(
    conn: asyncpg.Connection,
    session_id: UUID,
    spent: bytes,
    salt: bytes,
    access: bytes,
    refresh: bytes,
    lives: Sequence[timedelta],
) -> None:
    """Spends a refresh token; `access` and `refresh` are the hashes of the tokens that follow it."""
    await conn.execute(SQL.spend, session_id, spent, salt)
    await conn.execute(SQL.rotate, session_id, access, lives[0], refresh, lives[1])


async def revoke_session(conn: asyncpg.Connection, session_id: UUID) -> None:
    await conn.execute(SQL.revoke_session, session_id)


async def log_out(db: Database, access_hash: bytes) -> UUID | None:
    """Ends the session of an access token, its present or a former one; whose it was, None where there is none."""
    async with db.system(is_read_only=False) as conn:
        account_id: UUID | None = await conn.fetchval(SQL.revoke_by_access, access_hash)
    return account_id


async def count_try(db: Database, limited: Sequence[tuple[bytes, int]], key: bytes, life: timedelta) -> int:
    """Counts a try to sign in; how many there are now by `key`.

    Raises TooMany where there are more by one of `limited` than its most; nothing is counted then.
    """
    async with db.system(is_read_only=False) as conn:
        rows = await conn.fetch(SQL.count_tries, [key, *(limited_key for limited_key, _ in limited)], life)
        counted = {row["key"]: row for row in rows}
        for limited_key, most in limited:
            if counted[limited_key]["tries"] > most:
                raise TooMany("too_many_logins", retry_after_s=max(1, counted[limited_key]["seconds_left"]))
    tries: int = counted[key]["tries"]
    return tries


async def forget_tries(db: Database, keys: Sequence[bytes]) -> None:
    """Counting begins anew."""
    async with db.system(is_read_only=False) as conn:
        await conn.execute(SQL.forget_tries, list(keys))


async def take_back_tries(db: Database, keys: Sequence[bytes]) -> None:
    """One try less of each."""
    async with db.system(is_read_only=False) as conn:
        await conn.execute(SQL.take_back_tries, list(keys))


async def purge(db: Database) -> None:
    """Forgets tries that count no more, and spent tokens of sessions that are over."""
    async with db.system(is_read_only=False) as conn:
        await conn.execute(SQL.purge_tries)
        await conn.execute(SQL.purge_spent_tokens)


async def insert_key(
    act: Act, key_id: UUID, account_id: UUID, label: str, prefix: str, key_hash: bytes, expires_on: date
) -> None:
    await act.conn.execute(SQL.insert_key, key_id, account_id, label, prefix, key_hash, expires_on)


async def keys(conn: asyncpg.Connection, account_id: UUID) -> list[str]:
    return [row[0] for row in await conn.fetch(SQL.keys, account_id)]


async def revoke_key(act: Act, key_id: UUID, account_id: UUID | None) -> UUID | None:
    """Whose key was revoked, of this account or None: any; None where there is none in use."""
    owner_id: UUID | None = await act.conn.fetchval(SQL.revoke_key, key_id, account_id)
    return owner_id
