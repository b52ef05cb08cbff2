"""Firms: who seeks, takes or leaves space."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg

from store.db import Act
from store.search import SearchPage, SearchPosition, search_page
from store.spelling import searched
from store.sql import load

SQL = load("firm")


async def insert(act: Act, facts: Mapping[str, object]) -> None:
    """A new firm with a head of its own."""
    await act.open_scope(UUID(str(facts["id"])), "firm")
    credit_code = facts["credit_code"]
    named = await asyncio.to_thread(searched, str(facts["name"]), None if credit_code is None else str(credit_code))
    await act.conn.execute(SQL.insert, json.dumps({**facts, **named}, ensure_ascii=False, default=str))


async def lock(act: Act) -> int | None:
    """Locks the firm of the act, fixes its instant, and gives its revision; None where it is not the caller's."""
    row = await act.conn.fetchrow(SQL.lock, act.scope_id)
    await act.fix_instant(None if row is None else row["at"])
    return None if row is None else row["revision"]


async def place(act: Act) -> asyncpg.Record:
    """Longitude and latitude of the firm of the act."""
    return await act.conn.fetchrow(SQL.place, act.scope_id)


async def amend(act: Act, changed: Mapping[str, object]) -> None:
    if changed.keys() & {"name", "credit_code"}:
        after = {**await act.conn.fetchrow(SQL.named, act.scope_id), **changed}
        changed = {**changed, **await asyncio.to_thread(searched, after["name"], after["credit_code"])}
    await act.conn.execute(SQL.amend, act.scope_id, json.dumps(changed, ensure_ascii=False, default=str))


async def count_fact(act: Act) -> None:
    """Makes rankings read again what parks know of firms; the last statement before the act's answer."""
    await act.conn.execute(SQL.count_fact)


async def visible(conn: asyncpg.Connection, firm_id: UUID) -> tuple[str, int] | None:
    row = await conn.fetchrow(SQL.visible, firm_id)
    return None if row is None else (row["document"], row["revision"])


async def page(
    conn: asyncpg.Connection, credit_code: str | None, after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.page, credit_code, after, limit))


async def search(
    conn: asyncpg.Connection, typed: str, credit_code: str | None, after: SearchPosition | None, limit: int
) -> SearchPage:
    """Firms the caller sees by what was typed of name or credit code, the best first."""
    return await search_page(
        typed,
        lambda query, key, n: conn.fetch(SQL.found, query, credit_code, None if key is None else UUID(key), n),
        lambda spelt, n: conn.fetch(SQL.alike, spelt, credit_code, n),
        "id",
        after=after,
        limit=limit,
    )
