"""Units: current facts, their trees, and what readers see of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import asyncpg

from domain.errors import Conflict
from domain.fields import ASSET
from store.db import Act, Database
from store.idle import LEAVES_OF_ROOTS, LEAVES_WITHOUT_START
from store.spelling import searched
from store.sql import columns, fill, load

SQL = load("asset")
COLUMNS = columns(ASSET)
INSERT = fill(SQL.insert, columns=COLUMNS)
AMEND = fill(SQL.amend, columns=COLUMNS)
VERSIONS = fill(SQL.versions, columns=COLUMNS)
REFRESH = fill(SQL.refresh_availability, idle_leaves=LEAVES_OF_ROOTS)
OVERTAKEN = fill(SQL.overtaken, idle_leaves=LEAVES_WITHOUT_START)


@dataclass(frozen=True)
class AssetHome:
    """Where a unit is kept, found before its act opens."""

    park_id: UUID
    root_id: UUID
    is_public: bool


async def home(db: Database, asset_id: UUID) -> AssetHome | None:
    """The park and tree of a unit, for any caller; nothing of it is shown."""
    async with db.system() as conn:
        row = await conn.fetchrow(SQL.home, asset_id)
    return None if row is None else AssetHome(row["park_id"], row["root_id"], row["is_public"])


async def lock(act: Act, asset_ids: Sequence[UUID]) -> list[UUID]:
    """Locks the roots of these units in one order and fixes the act's instant. Empty: none is the caller's."""
    row = await act.conn.fetchrow(SQL.lock_roots, act.scope_id, list(asset_ids))
    await act.fix_instant(row["at"])
    return list(row["roots"] or [])


async def lock_dealt(act: Act, asset_ids: Sequence[UUID]) -> list[UUID]:
    """Locks all that a deal on these units touches in one order and fixes the act's instant.

    Answers the roots of their trees and the buildings on these. Empty: none is the caller's.
    """
    row = await act.conn.fetchrow(SQL.lock_dealt, act.scope_id, list(asset_ids))
    await act.fix_instant(row["at"])
    return await dealt_roots(act, asset_ids)


async def dealt_roots(act: Act, asset_ids: Sequence[UUID]) -> list[UUID]:
    """The roots of the trees of these units, and the buildings on these."""
    return [row["id"] for row in await act.conn.fetch(SQL.dealt_roots, act.scope_id, list(asset_ids))]


async def lock_drawn(
    act: Act,
    asset_ids: Sequence[UUID],
    *,
    plot_id: UUID | None = None,
    outline: str | None = None,
    is_root: bool,
) -> list[UUID]:
    """Locks all that an act which draws, moves or names a unit touches and fixes the act's instant.

    Answers the roots near a root before and after, for `relate`.
    """
    await act.conn.execute(SQL.lock_drawing, str(act.scope_id))
    row = await act.conn.fetchrow(SQL.lock_drawn, act.scope_id, list(asset_ids), plot_id, outline, is_root)
    await act.fix_instant(row["at"])
    return list(row["near"] or [])


async def relate(act: Act, root_id: UUID, near: Sequence[UUID]) -> list[UUID]:
    """Makes issues of what overlaps a root or what it stands on; the units whose issues changed."""
    return [row["id"] for row in await act.conn.fetch(SQL.relate, act.scope_id, root_id, list(near))]


async def by_key(act: Act, asset_id: UUID) -> asyncpg.Record | None:
    return await act.conn.fetchrow(SQL.by_key, act.scope_id, asset_id)


async def is_code_taken(conn: asyncpg.Connection, park_id: UUID, code: str) -> bool:
    """Whether a unit of the park has this code, however it is spelled."""
    return bool(await conn.fetchval(SQL.is_code_taken, park_id, code))


async def insert(act: Act, facts: Mapping[str, object], issues: list[dict[str, object]]) -> None:
    named = await asyncio.to_thread(searched, str(facts["name"]), str(facts["code"]))
    await act.conn.execute(INSERT, _json({**facts, **named}), _json(issues))


async def amend(act: Act, asset_id: UUID, changed: Mapping[str, object]) -> None:
    if changed.keys() & {"name", "code"}:
        after = {**await act.conn.fetchrow(SQL.named, act.scope_id, asset_id), **changed}
        changed = {**changed, **await asyncio.to_thread(searched, after["name"], after["code"])}
    await act.conn.execute(AMEND, act.scope_id, asset_id, _json(changed))


async def set_issues(act: Act, asset_id: UUID, issues: list[dict[str, object]]) -> None:
    await act.conn.execute(SQL.set_issues, act.scope_id, asset_id, _json(issues))


async def list_as(act: Act, asset_id: UUID, listing: str) -> None:
    await act.conn.execute(SQL.list_as, act.scope_id, asset_id, listing)


async def titles(act: Act, asset_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    return list(await act.conn.fetch(SQL.titles, act.scope_id, list(asset_ids)))


async def areas(act: Act, asset_ids: Sequence[UUID]) -> list[Decimal | None]:
    """Stated areas in m², None where unknown."""
    return [row["area_m2"] for row in await act.conn.fetch(SQL.areas, act.scope_id, list(asset_ids))]


async def withdraw_trees(act: Act, asset_ids: Sequence[UUID]) -> list[UUID]:
    """Takes units and their parts off offer; those that were on it."""
    return [row["id"] for row in await act.conn.fetch(SQL.withdraw_trees, act.scope_id, list(asset_ids))]


async def open_for_parts(act: Act, whole_id: UUID) -> bool:
    """Makes a leaf a whole with parts; False where a claim lies on it."""
    return bool(await act.conn.fetchval(SQL.open_for_parts, act.scope_id, whole_id))


async def placement(act: Act, zone_id: UUID | None, outline: str) -> asyncpg.Record | None:
    return await act.conn.fetchrow(SQL.placement, act.scope_id, zone_id, outline)


async def outside_whole_m2(act: Act, whole_id: UUID, outline: str) -> float:
    return float(await act.conn.fetchval(SQL.outside_whole, act.scope_id, whole_id, outline) or 0.0)


async def worst_overlap(
    act: Act, root_id: UUID, whole_id: UUID, asset_id: UUID, floor_no: int | None, outline: str
) -> asyncpg.Record | None:
    """The sibling on the same floor that overlaps most, with `overlap_m2`."""
    return await act.conn.fetchrow(SQL.overlaps, act.scope_id, root_id, whole_id, asset_id, floor_no, outline)


async def outgrown_by_m2(act: Act, whole_id: UUID) -> float | None:
    grown = await act.conn.fetchval(SQL.outgrown_by, act.scope_id, whole_id)
    return None if grown is None else float(grown)


async def worst_part_outside(act: Act, root_id: UUID, whole_id: UUID, outline: str) -> asyncpg.Record | None:
    return await act.conn.fetchrow(SQL.part_outside, act.scope_id, root_id, whole_id, outline)


async def meet_neighbours(act: Act, asset_id: UUID, whole_id: UUID | None = None) -> list[UUID]:
    """Recomputes the neighbours of a unit that was drawn; the whole it is a part of has none any more.

    Under `lock_drawn`. Answers the former neighbours of either that no longer are.
    """
    redrawn = [asset_id] if whole_id is None else [asset_id, whole_id]
    before = await act.conn.fetch(SQL.forget_neighbours, act.scope_id, redrawn)
    after = await act.conn.fetch(SQL.find_neighbours, act.scope_id, asset_id)
    were, are = ({unit_id for pair in pairs for unit_id in pair} for pairs in (before, after))
    return sorted(were - are - set(redrawn))


async def separate(act: Act, asset_id: UUID, other_id: UUID, reason: str) -> None:
    await act.conn.execute(SQL.separate, act.scope_id, *sorted((asset_id, other_id)), reason)


async def void(act: Act, asset_id: UUID, near: Sequence[UUID]) -> tuple[list[UUID], list[UUID]]:
    """Deletes a unit; who lay beside it, and whose issues named it. Raises Conflict while anything refers to it."""
    pairs = await act.conn.fetch(SQL.forget_neighbours, act.scope_id, [asset_id])
    beside = {unit_id for pair in pairs for unit_id in pair} - {asset_id}
    freed = [row["id"] for row in await act.conn.fetch(SQL.unrelate, act.scope_id, asset_id, list(near))]
    try:
        await act.conn.execute(SQL.void, act.scope_id, asset_id)
    except asyncpg.ForeignKeyViolationError as fault:
        raise Conflict("referred_to", "", by=fault.table_name) from fault
    return sorted(beside), freed


async def close_for_parts(act: Act, whole_id: UUID) -> bool:
    """Makes a whole a leaf again; False while it has parts."""
    return bool(await act.conn.fetchval(SQL.close_for_parts, act.scope_id, whole_id))


async def settle_code(act: Act, code: str) -> list[UUID]:
    """Recomputes which unit holds a code that another spelling of it gave up; the units that changed."""
    return [row["id"] for row in await act.conn.fetch(SQL.settle_code, act.scope_id, code)]


async def refresh(act: Act, roots: Sequence[UUID], touched: Sequence[UUID], today: date) -> list[UUID]:
    """Recomputes what readers see of these trees; the units whose availability or idle start changed."""
    rows = await act.conn.fetch(REFRESH, None, act.scope_id, today, list(roots))
    changed = [row["id"] for row in rows]
    await act.conn.execute(SQL.refresh_features, act.scope_id, sorted({*changed, *touched}))
    return changed


async def leaves_of(act: Act, asset_ids: Sequence[UUID]) -> list[UUID]:
    return [row["id"] for row in await act.conn.fetch(SQL.leaves_of, act.scope_id, list(asset_ids))]


async def visible(conn: asyncpg.Connection, asset_id: UUID) -> tuple[bytes, int] | None:
    """Feature and revision as the caller sees them."""
    row = await conn.fetchrow(SQL.visible, asset_id)
    return None if row is None else (feature_of(row["feature"], row["staff_facts"]), row["revision"])


def feature_of(feature: bytes, staff_facts: bytes | None) -> bytes:
    """The feature, with the member `staff` for those who may read it."""
    return feature if staff_facts is None else b'%s,"staff":%s}' % (feature[:-1], staff_facts)


async def history(conn: asyncpg.Connection, park_id: UUID, asset_id: UUID) -> tuple[list[str], list[str]]:
    """Versions and events of a unit, the latest first, each as JSON text."""
    versions = await conn.fetch(VERSIONS, park_id, asset_id)
    events = await conn.fetch(SQL.events, park_id, asset_id)
    return [row[0] for row in versions], [row[0] for row in events]


async def overtaken(db: Database, today: date) -> list[tuple[UUID, list[UUID]]]:
    """Park by park, the trees whose stored availability or idle start the day has overtaken."""
    async with db.system() as conn:
        rows = await conn.fetch(OVERTAKEN, None, None, today)
    return [(row["park_id"], list(row["roots"])) for row in rows]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
