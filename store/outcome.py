"""Deals, what they revive, the tenancies they make, and the claims they lay on leaves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import asyncpg

from domain.words import Path
from store.db import Act, Database, Lock
from store.sql import load

SQL = load("outcome")


class OutcomeHome(NamedTuple):
    """Where a deal lies, how it is made, and the firms it is with."""

    park_id: UUID
    path: Path
    firm_ids: frozenset[UUID]


async def home(db: Database, outcome_id: UUID) -> OutcomeHome | None:
    """The home of a deal, for any caller; nothing of it is shown."""
    async with db.system() as conn:
        row = await conn.fetchrow(SQL.home, outcome_id)
    return None if row is None else OutcomeHome(row["park_id"], Path(row["path"]), frozenset(row["firm_ids"]))


async def assets(act: Act, outcome_id: UUID) -> list[UUID]:
    return [row["asset_id"] for row in await act.conn.fetch(SQL.units, act.scope_id, outcome_id)]


async def lock(act: Act, outcome_id: UUID) -> asyncpg.Record | None:
    return await act.conn.fetchrow(SQL.lock, act.scope_id, outcome_id)


def hold(park_id: UUID, outcome_id: UUID) -> Lock:
    """What an act locks that does not move the deal."""
    return Lock(SQL.hold, (park_id, outcome_id))


async def insert(act: Act, facts: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.insert, _json(facts))


async def take_assets(act: Act, outcome_id: UUID, asset_ids: Sequence[UUID]) -> None:
    await act.conn.execute(SQL.take_units, act.scope_id, outcome_id, list(asset_ids))


async def agree_area(act: Act, outcome_id: UUID, area_m2: Decimal) -> None:
    await act.conn.execute(SQL.agree_area, act.scope_id, outcome_id, area_m2)


async def copy_areas(act: Act, outcome_id: UUID) -> None:
    await act.conn.execute(SQL.copy_areas, act.scope_id, outcome_id)


async def advance(act: Act, outcome_id: UUID, changed: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.advance, act.scope_id, outcome_id, _json(changed))


async def claim(
    act: Act,
    ids: Sequence[UUID],
    leaves: Sequence[UUID],
    claim: str,
    source_kind: str,
    outcome_id: UUID,
    holder_id: UUID,
    starts_on: date,
    ends_before: date | None,
) -> None:
    """Takes these leaves; the constraint no_double_letting has the last word."""
    await act.conn.execute(
        SQL.claim,
        act.scope_id,
        list(ids),
        list(leaves),
        claim,
        source_kind,
        outcome_id,
        holder_id,
        starts_on,
        ends_before,
    )


async def free_leaves(act: Act, leaves: Sequence[UUID], from_day: date) -> list[UUID]:
    """Leaves whose use nobody has from that day on."""
    return [row["leaf_id"] for row in await act.conn.fetch(SQL.free_leaves, act.scope_id, list(leaves), from_day)]


async def yield_use(act: Act, leaves: Sequence[UUID], tenant: UUID, starts_on: date) -> None:
    """A tenant's own claims end before a day; they begin again with `resume_use`."""
    await act.conn.execute(SQL.yield_from, act.scope_id, list(leaves), tenant, starts_on)
    await act.conn.execute(SQL.yield_use, act.scope_id, list(leaves), tenant, starts_on)


async def resume_use(
    act: Act, ids: Sequence[UUID], leaves: Sequence[UUID], tenant: UUID, starts_on: date | None
) -> None:
    await act.conn.execute(SQL.resume_use, act.scope_id, list(ids), list(leaves), tenant, starts_on)


async def release(act: Act, outcome_id: UUID, source_kinds: Sequence[str]) -> None:
    await act.conn.execute(SQL.release, act.scope_id, outcome_id, list(source_kinds))


async def cut(act: Act, outcome_id: UUID, source_kind: str, ends_before: date) -> None:
    """Shortens claims to end before a day; one shortened to nothing is deleted."""
    await act.conn.execute(SQL.release_from, act.scope_id, outcome_id, source_kind, ends_before)
    await act.conn.execute(SQL.cut, act.scope_id, outcome_id, source_kind, ends_before)


async def insert_tenancy(act: Act, facts: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.insert_tenancy, _json(facts))


async def tenancy_days(act: Act, outcome_id: UUID) -> asyncpg.Record:
    return await act.conn.fetchrow(SQL.tenancy_days, act.scope_id, outcome_id)


async def hand_over(act: Act, outcome_id: UUID, on: date) -> None:
    await act.conn.execute(SQL.hand_over, act.scope_id, outcome_id, on)


async def void_tenancies(act: Act, outcome_id: UUID) -> None:
    await act.conn.execute(SQL.void_tenancies, act.scope_id, outcome_id)


async def insert_swap(act: Act, outcome_id: UUID) -> None:
    await act.conn.execute(SQL.insert_swap, act.scope_id, outcome_id)


async def swap(act: Act, outcome_id: UUID) -> asyncpg.Record:
    return await act.conn.fetchrow(SQL.swap, act.scope_id, outcome_id)


async def agree(act: Act, outcome_id: UUID, figures: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.agree, act.scope_id, outcome_id, _json(figures))


async def reach_milestone(
    act: Act,
    outcome_id: UUID,
    kind: str,
    happened_on: date | None,
    precision: str | None,
    evidence: str,
    about: Mapping[str, object],
    source: str | None,
) -> None:
    """A stage is reached, now or anew; `about` are the facts recorded with it."""
    facts = {name: value for name, value in about.items() if name != "amount_yuan"}
    amount_yuan = about.get("amount_yuan")
    await act.conn.execute(
        SQL.reach_milestone,
        act.scope_id,
        outcome_id,
        kind,
        happened_on,
        precision,
        evidence,
        amount_yuan,
        source,
        json.dumps(facts, ensure_ascii=False, default=_plain),
    )


async def reverse_milestones(act: Act, outcome_id: UUID, kinds: Sequence[str], reason: str) -> None:
    await act.conn.execute(SQL.reverse_milestones, act.scope_id, outcome_id, list(kinds), reason)


async def stage_figure(act: Act, outcome_id: UUID, kind: str, name: str) -> Decimal | None:
    """A figure recorded with a stage."""
    figure: Decimal | None = await act.conn.fetchval(SQL.told, act.scope_id, outcome_id, kind, name)
    return figure


async def milestones(act: Act, outcome_id: UUID) -> list[asyncpg.Record]:
    return list(await act.conn.fetch(SQL.milestones, act.scope_id, outcome_id))


async def expired_reservations(db: Database, today: date) -> list[tuple[UUID, UUID]]:
    """Park and deal of each reservation that has run out."""
    async with db.system() as conn:
        return [(row["park_id"], row["id"]) for row in await conn.fetch(SQL.expired_reservations, today)]


async def renewals_begun(db: Database, today: date) -> list[tuple[UUID, UUID]]:
    """Park and deal of each renewal whose first day has come."""
    async with db.system() as conn:
        return [(row["park_id"], row["id"]) for row in await conn.fetch(SQL.renewals_begun, today)]


async def visible(conn: asyncpg.Connection, outcome_id: UUID) -> tuple[str, int] | None:
    row = await conn.fetchrow(SQL.visible, outcome_id)
    return None if row is None else (row["document"], row["revision"])


async def page(
    conn: asyncpg.Connection, park_id: UUID | None, stage: str | None, after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.page, park_id, stage, after, limit))


async def events(conn: asyncpg.Connection, park_id: UUID, outcome_id: UUID) -> list[str]:
    return [row[0] for row in await conn.fetch(SQL.events, park_id, outcome_id)]


def _plain(value: object) -> object:
    """A decimal as the number it is, in at most 15 digits."""
    if not isinstance(value, Decimal):
        return str(value)
    return int(value) if value == value.to_integral_value() else float(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
