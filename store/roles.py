"""Roles, logins and extensions: what a database must have before the first migration, made or shown.

The statements that are missing come from one query; they are run where the login may, and shown where it may not.
Roles belong to the whole server: several databases may ask for them at the same moment.
"""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from domain.errors import Unavailable
from store.sql import load

SQL = load("roles")
TRIES = 20
SHOWN_PASSWORD = "choose-a-password"
# Another process made the same role, grant or extension between the look and the step: look again.
OVERTAKEN = (
    asyncpg.UniqueViolationError,
    asyncpg.DuplicateObjectError,
    asyncpg.InternalServerError,
    asyncpg.DeadlockDetectedError,
)

# The login may not, or the server lacks the extension's files.
NOT_POSSIBLE = (asyncpg.InsufficientPrivilegeError, asyncpg.FeatureNotSupportedError, asyncpg.UndefinedFileError)


async def ensure_roles(url: str, *, service: str, admin: str, password: str | None = None) -> list[str]:
    """Makes what is missing in the database of `url`: roles, the logins `service` and `admin`, grants, extensions.

    Returns the statements that were run. `password` is given to a login that has to be made.
    Raises: `Unavailable` roles_missing with the exact SQL in `sql` where the login may not; database_unsuited.
    """
    conn = await _connect(url)
    try:
        unsuited = [row["reason"] for row in await conn.fetch(SQL.unsuited)]
        if unsuited:
            raise Unavailable("database_unsuited", "DATABASE_URL", reason=", ".join(unsuited))
        for attempt in range(TRIES):
            try:
                return await _make_missing(conn, service, admin, password)
            except OVERTAKEN:
                await asyncio.sleep(0.02 * (attempt + 1))
        raise Unavailable("roles_contended", "DATABASE_URL")
    except NOT_POSSIBLE:
        sql = await _missing(conn, service, admin, SHOWN_PASSWORD)
        raise Unavailable("roles_missing", "DATABASE_ADMIN_URL", sql=";\n".join(sql) + ";") from None
    finally:
        await conn.close()


async def lacking(url: str, *, service: str, admin: str) -> list[str]:
    """Why the database of `url` cannot serve, and the statements still to be run in it. Empty: nothing is missing."""
    conn = await _connect(url)
    try:
        unsuited = [row["reason"] for row in await conn.fetch(SQL.unsuited)]
        return unsuited + await _missing(conn, service, admin, SHOWN_PASSWORD)
    finally:
        await conn.close()


async def _connect(url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(url, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as wrong:
        raise Unavailable("database_unreachable", "DATABASE_URL", reason=str(wrong) or type(wrong).__name__) from wrong


async def _make_missing(conn: asyncpg.Connection, service: str, admin: str, password: str | None) -> list[str]:
    statements = await _missing(conn, service, admin, password)
    async with conn.transaction():
        for statement in statements:
            await conn.execute(statement)
    return statements


async def _missing(conn: asyncpg.Connection, service: str, admin: str, password: str | None) -> list[str]:
    return [row["statement"] for row in await conn.fetch(SQL.missing, service, admin, password)]


async def may_migrate(url: str) -> bool:
    """Whether the login of `url` is a member of the owner role."""
    conn = await _connect(url)
    try:
        return bool(await conn.fetchval(SQL.is_owner))
    finally:
        await conn.close()


def login_of(url: str) -> tuple[str | None, str | None]:
    """The login and password that a database address names; None for what it leaves out."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    user = unquote(parts.username) if parts.username else query.get("user", [None])[0]
    password = unquote(parts.password) if parts.password else query.get("password", [None])[0]
    return user, password
