"""Requests of firms to a park, the officer in charge of each firm, and visits to them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg

from store.db import Act, Database
from store.sql import load

SQL = load("service_request")


async def home(db: Database, request_id: UUID) -> tuple[UUID, UUID] | None:
    """Park and firm of a request, for any caller; nothing of it is shown."""
    async with db.system() as conn:
        row = await conn.fetchrow(SQL.home, request_id)
    return None if row is None else (row["park_id"], row["firm_id"])


async def insert(act: Act, facts: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.insert, _json(facts))


async def lock(act: Act, request_id: UUID) -> asyncpg.Record | None:
    """Locks a request and fixes the instant of the act."""
    row = await act.conn.fetchrow(SQL.lock, act.scope_id, request_id)
    await act.fix_instant(None if row is None else row["at"])
    return row


async def advance(act: Act, request_id: UUID, changed: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.advance, act.scope_id, request_id, _json(changed))


async def visible(conn: asyncpg.Connection, request_id: UUID) -> tuple[str, int] | None:
    row = await conn.fetchrow(SQL.visible, request_id)
    return None if row is None else (row["document"], row["revision"])


async def page(
    conn: asyncpg.Connection,
    park_id: UUID | None,
    firm_id: UUID | None,
    stage: str | None,
    after: UUID | None,
    limit: int,
) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.page, park_id, firm_id, stage, after, limit))


async def set_officer(act: Act, firm_id: UUID, contact_id: UUID, name: str, phone: str | None) -> None:
    """Sets the officer in charge of a firm; the name of the one before is erased. Fixes the instant after its lock."""
    await lock_contacts(act)
    await insert_contact(act, contact_id, name, phone)
    await act.conn.execute(SQL.set_officer, act.scope_id, firm_id, contact_id)
    await erase_former(act)


async def lock_contacts(act: Act) -> None:
    """Makes acts that name or erase people of the park wait for each other; fixes the instant after the lock."""
    await act.conn.execute(SQL.lock_contacts, str(act.scope_id))
    await act.fix_instant()


async def insert_contact(act: Act, contact_id: UUID, name: str, phone: str | None) -> None:
    await act.conn.execute(SQL.insert_contact, act.scope_id, contact_id, name, phone)


async def erase_former(act: Act) -> None:
    """Erases the people whom neither a firm nor the public turns to any more."""
    await act.conn.execute(SQL.erase_former, act.scope_id)


async def park_of_contact(db: Database, contact_id: UUID) -> UUID | None:
    """The park of a contact, for any caller; nothing of it is shown."""
    async with db.system() as conn:
        park_id: UUID | None = await conn.fetchval(SQL.park_of_contact, contact_id)
    return park_id


async def erase_contact(act: Act, contact_id: UUID) -> list[UUID]:
    """The contacts that were this person; fixes the instant after its lock. Empty: none, for one erased already."""
    await lock_contacts(act)
    return [row["id"] for row in await act.conn.fetch(SQL.erase_contact, act.scope_id, contact_id)]


async def officers(conn: asyncpg.Connection, firm_id: UUID) -> list[str]:
    return [row["document"] for row in await conn.fetch(SQL.officers, firm_id)]


async def insert_visit(act: Act, facts: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.insert_visit, _json(facts))


async def visits(
    conn: asyncpg.Connection, firm_id: UUID, park_id: UUID | None, after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.visits, firm_id, park_id, after, limit))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
