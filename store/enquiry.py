"""Enquiries, who made them, and how parks treat them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from uuid import UUID

import asyncpg

from domain.enquiry_terms import ANSWER_HOURS, KEPT_DAYS
from store.db import Act, Database
from store.sql import load

SQL = load("enquiry")


@dataclass(frozen=True)
class EnquiryFilter:
    """Which enquiries are listed. Empty: all that the caller sees."""

    park_id: UUID | None = None
    asset_id: UUID | None = None
    state: str | None = None
    is_overdue: bool = False
    reference: str | None = None


async def home(db: Database, enquiry_id: UUID) -> tuple[UUID, UUID | None] | None:
    """Park and firm of an enquiry, for any caller; nothing of it is shown."""
    async with db.system() as conn:
        row = await conn.fetchrow(SQL.home, enquiry_id)
    return None if row is None else (row["park_id"], row["firm_id"])


async def terms(conn: asyncpg.Connection, park_id: UUID) -> tuple[int, int]:
    """Working hours within which a park answers, and days for which it keeps who asked."""
    row = await conn.fetchrow(SQL.terms, park_id)
    return (ANSWER_HOURS, KEPT_DAYS) if row is None else (row["answer_hours"], row["kept_days"])


async def state_terms(act: Act, answer_hours: int, kept_days: int) -> None:
    await act.conn.execute(SQL.state_terms, act.scope_id, answer_hours, kept_days)


async def insert(act: Act, facts: Mapping[str, object], enquirer: Mapping[str, object]) -> None:
    """An enquiry, and apart from it who asks and in which words."""
    await act.conn.execute(SQL.insert, _json(facts))
    about = {"park_id": facts["park_id"], "enquiry_id": facts["id"]}
    await act.conn.execute(SQL.insert_enquirer, _json({**enquirer, **about}))


async def lock(act: Act, enquiry_id: UUID) -> asyncpg.Record | None:
    """Locks an enquiry and fixes the instant of the act."""
    row = await act.conn.fetchrow(SQL.lock, act.scope_id, enquiry_id)
    await act.fix_instant(None if row is None else row["at"])
    return row


async def change(act: Act, enquiry_id: UUID, changed: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.change, act.scope_id, enquiry_id, _json(changed))


async def change_enquirer(act: Act, enquiry_id: UUID, changed: Mapping[str, object]) -> bool:
    """Whether there is a person still whose words these are."""
    return await act.conn.fetchval(SQL.change_enquirer, act.scope_id, enquiry_id, _json(changed)) is not None


async def visible(conn: asyncpg.Connection, enquiry_id: UUID) -> asyncpg.Record | None:
    """`document`, `person` (JSON text, null for who may not read it) and `revision`."""
    return await conn.fetchrow(SQL.visible, enquiry_id)


async def page(
    conn: asyncpg.Connection, wanted: EnquiryFilter, *, after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.page, *astuple(wanted), after, limit))


async def meeting(conn: asyncpg.Connection, enquiry_id: UUID) -> asyncpg.Record | None:
    """`unit` and the names of the park, for a visit."""
    return await conn.fetchrow(SQL.meeting, enquiry_id)


async def same_person(act: Act, enquiry_id: UUID) -> list[UUID]:
    """The enquiries of the park that the same person made. Empty: the person was erased."""
    return [row["id"] for row in await act.conn.fetch(SQL.same_person, act.scope_id, enquiry_id)]


async def outlived(db: Database, today: date) -> list[tuple[UUID, list[UUID]]]:
    """By park, the enquiries whose person is to be kept no longer."""
    async with db.system() as conn:
        rows = await conn.fetch(SQL.outlived, today, KEPT_DAYS)
    return [(row["park_id"], row["ids"]) for row in rows]


async def erase(act: Act, enquiry_ids: Sequence[UUID]) -> list[UUID]:
    """Those of these enquiries that had a person still."""
    return [row["id"] for row in await act.conn.fetch(SQL.erase, act.scope_id, list(enquiry_ids))]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
