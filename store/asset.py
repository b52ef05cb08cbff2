"""Units: current facts, their trees, and what readers see of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from domain.errors import Conflict
from domain.fields import ASSET, SHARED
from domain.quantity import area_m2, area_mu
from domain.words import AreaUnit
from store.db import Act, Database
from store.features import DEGREES, GeometryForm, listed_feature
from store.flat import FLAT
from store.idle import LEAVES_OF_ROOTS, LEAVES_WITHOUT_START
from store.spelling import searched
from store.sql import columns, fill, load

SQL = load("asset")
COLUMNS = columns(ASSET)
#: Units that one statement writes.
WRITTEN_AT_ONCE = 2000
INSERT = fill(SQL.insert, columns=COLUMNS, flat=FLAT)
AMEND = fill(SQL.amend, columns=COLUMNS)
AMEND_ALL = fill(SQL.amend_all, columns=COLUMNS)
SHARED_FACTS = fill(SQL.shared_facts, shared=", ".join(f"a.{name}" for name in SHARED))
VERSIONS = fill(SQL.versions, columns=COLUMNS)
REFRESH = fill(SQL.refresh_availability, idle_leaves=LEAVES_OF_ROOTS)
REFRESH_FEATURES = fill(SQL.refresh_features, flat=FLAT)
OVERTAKEN = fill(SQL.overtaken, idle_leaves=LEAVES_WITHOUT_START)


@dataclass(frozen=True)
class AssetHome:
    """Where a unit is kept, found before its act opens."""

    park_id: UUID
    root_id: UUID
    level: str
    is_public: bool


async def home(db: Database, asset_id: UUID) -> AssetHome | None:
    """The park and tree of a unit, for any caller; nothing of it is shown."""
    async with db.system() as conn:
        row = await conn.fetchrow(SQL.home, asset_id)
    return None if row is None else AssetHome(**row)


async def lock(act: Act, asset_ids: Sequence[UUID]) -> list[UUID]:
    """Locks the roots of these units in one order and fixes the act's instant. Empty: none is the caller's."""
    row = await act.conn.fetchrow(SQL.lock_roots, act.scope_id, list(asset_ids))
    await act.fix_instant(row["at"])
    return list(row["roots"] or [])


async def lock_roots(act: Act, asset_ids: Sequence[UUID]) -> None:
    """Locks the roots of these units in one order; the act's instant is yet to be fixed, by its last lock."""
    await act.conn.execute(SQL.lock_roots, act.scope_id, list(asset_ids))


async def lock_for_outcome(act: Act, asset_ids: Sequence[UUID]) -> list[UUID]:
    """Locks all that a deal on these units touches in one order and fixes the act's instant.

    Answers the roots of their trees and the buildings on these. Empty: none is the caller's.
    """
    row = await act.conn.fetchrow(SQL.lock_for_outcome, act.scope_id, list(asset_ids))
    await act.fix_instant(row["at"])
    return await roots_for_outcome(act, asset_ids)


async def roots_for_outcome(act: Act, asset_ids: Sequence[UUID]) -> list[UUID]:
    """The roots of the trees of these units, and the buildings on these."""
    return [row["id"] for row in await act.conn.fetch(SQL.roots_for_outcome, act.scope_id, list(asset_ids))]


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


async def lock_many(
    act: Act,
    asset_ids: Sequence[UUID],
    *,
    drawn: Sequence[UUID],
    plot_ids: Sequence[UUID],
    outlines: Sequence[str],
) -> list[UUID]:
    """The same for many units: those that change or get parts, of which `drawn` are drawn or named anew."""
    await act.conn.execute(SQL.lock_drawing, str(act.scope_id))
    values = (list(asset_ids), list(drawn), list(plot_ids), list(outlines))
    row = await act.conn.fetchrow(SQL.lock_many, act.scope_id, *values)
    await act.fix_instant(row["at"])
    return list(row["near"] or [])


async def relate(act: Act, root_ids: Sequence[UUID], near: Sequence[UUID]) -> list[UUID]:
    """Makes issues of what overlaps these roots or what they stand on; the units whose issues changed."""
    return [row["id"] for row in await act.conn.fetch(SQL.relate, act.scope_id, list(root_ids), list(near))]


async def by_key(act: Act, asset_id: UUID) -> asyncpg.Record | None:
    return await act.conn.fetchrow(SQL.by_key, act.scope_id, asset_id)


async def by_keys(act: Act, asset_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    return list(await act.conn.fetch(SQL.by_keys, act.scope_id, list(asset_ids)))


async def by_codes(act: Act, codes: Sequence[str]) -> list[UUID | None]:
    """The unit of the park that has each code, however it is spelled; None where none has."""
    return [row["id"] for row in await act.conn.fetch(SQL.by_codes, act.scope_id, list(codes))]


async def is_code_taken(conn: asyncpg.Connection, park_id: UUID, code: str) -> bool:
    """Whether a unit of the park has this code, however it is spelled."""
    return bool(await conn.fetchval(SQL.is_code_taken, park_id, code))


async def insert(act: Act, facts: Mapping[str, object], issues: list[dict[str, object]]) -> None:
    named = await asyncio.to_thread(searched, str(facts["name"]), str(facts["code"]))
    await insert_all(act, [{**facts, **named, "issues": issues}])


async def insert_all(act: Act, units: Sequence[Mapping[str, object]]) -> None:
    """Registers units by their columns, `search` and `spelling` among them; wholes stand before their parts."""
    for portion in _portions(units):
        await act.conn.execute(INSERT, await asyncio.to_thread(_with_areas, portion))


def _with_areas(units: Sequence[Mapping[str, Any]]) -> str:
    """Units as JSON with their areas as the table derives them: for its readers before it has."""
    whole = []
    for unit in units:
        areas: dict[str, Any] = {}
        if unit.get("stated_area") is not None:
            stated = Decimal(unit["stated_area"]), AreaUnit(unit["stated_area_unit"])
            areas = {"area_m2": area_m2(*stated), "area_mu": area_mu(*stated)}
        usable = (unit.get("available_area_m2"), areas.get("area_m2"), unit.get("measured_area_m2"))
        areas["usable_area_m2"] = next((area for area in usable if area is not None), None)
        whole.append({**unit, **areas})
    return _json(whole)


async def amend(act: Act, asset_id: UUID, changed: Mapping[str, object]) -> None:
    if changed.keys() & {"name", "code"}:
        after = {**await act.conn.fetchrow(SQL.named, act.scope_id, asset_id), **changed}
        changed = {**changed, **await asyncio.to_thread(searched, after["name"], after["code"])}
    await act.conn.execute(AMEND, act.scope_id, asset_id, _json(changed))


async def amend_all(act: Act, rows: Sequence[Mapping[str, object]]) -> None:
    """Changes facts of many units, each `id` its own `changed` and `issues`."""
    for portion in _portions(rows):
        await act.conn.execute(AMEND_ALL, act.scope_id, await asyncio.to_thread(_json, portion))


def _portions(rows: Sequence[Mapping[str, object]]) -> Iterator[Sequence[Mapping[str, object]]]:
    """So many rows as one statement writes within its time."""
    for first in range(0, len(rows), WRITTEN_AT_ONCE):
        yield rows[first : first + WRITTEN_AT_ONCE]


async def set_issues(act: Act, asset_id: UUID, issues: list[dict[str, object]]) -> None:
    await act.conn.execute(SQL.set_issues, act.scope_id, asset_id, _json(issues))


async def list_as(act: Act, asset_id: UUID, listing: str) -> None:
    await act.conn.execute(SQL.list_as, act.scope_id, asset_id, listing)


async def list_all_as(act: Act, asset_ids: Sequence[UUID], listing: str) -> None:
    await act.conn.execute(SQL.list_all_as, act.scope_id, list(asset_ids), listing)


async def titles(act: Act, asset_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    return list(await act.conn.fetch(SQL.titles, act.scope_id, list(asset_ids)))


async def areas(act: Act, asset_ids: Sequence[UUID]) -> list[Decimal | None]:
    """Stated areas in m², None where unknown."""
    return [row["area_m2"] for row in await act.conn.fetch(SQL.areas, act.scope_id, list(asset_ids))]


async def withdraw_trees(act: Act, asset_ids: Sequence[UUID]) -> list[UUID]:
    """Takes units and their parts off offer; those that were on it."""
    return [row["id"] for row in await act.conn.fetch(SQL.withdraw_trees, act.scope_id, list(asset_ids))]


async def open_for_parts(act: Act, whole_ids: Sequence[UUID]) -> set[UUID]:
    """Makes leaves wholes with parts; those that are now, as no claim lies on them."""
    return {row["id"] for row in await act.conn.fetch(SQL.open_for_parts, act.scope_id, list(whole_ids))}


async def placement(act: Act, zone_id: UUID | None, geometry: str | None) -> asyncpg.Record | None:
    return await act.conn.fetchrow(SQL.placement, act.scope_id, zone_id, geometry)


async def outside_whole_m2(act: Act, whole_id: UUID, outline: str) -> float:
    return float(await act.conn.fetchval(SQL.outside_whole, act.scope_id, whole_id, outline) or 0.0)


async def worst_overlap(
    act: Act, root_id: UUID, whole_id: UUID, asset_id: UUID, floor_no: int | None, outline: str
) -> asyncpg.Record | None:
    """The sibling on the same floor that overlaps most, with `overlap_m2`."""
    return await act.conn.fetchrow(SQL.overlaps, act.scope_id, root_id, whole_id, asset_id, floor_no, outline)


async def outgrown(act: Act, asset_ids: Sequence[UUID], slack_m2: float) -> dict[UUID, Decimal]:
    """Of these units and their wholes those that their parts exceed, each with by how much."""
    rows = await act.conn.fetch(SQL.outgrown, act.scope_id, list(asset_ids), slack_m2)
    return {row["id"]: row["beyond_m2"] for row in rows}


async def worst_part_outside(act: Act, root_id: UUID, whole_id: UUID, outline: str) -> asyncpg.Record | None:
    return await act.conn.fetchrow(SQL.part_outside, act.scope_id, root_id, whole_id, outline)


async def meet_neighbours(act: Act, asset_ids: Sequence[UUID], whole_ids: Sequence[UUID] = ()) -> list[UUID]:
    """Recomputes the neighbours of units that were drawn; the wholes they are parts of have none any more.

    Under `lock_drawn`. Answers the former neighbours of any that no longer are.
    """
    redrawn = [*asset_ids, *whole_ids]
    before = await act.conn.fetch(SQL.forget_neighbours, act.scope_id, redrawn)
    after = await act.conn.fetch(SQL.find_neighbours, act.scope_id, list(asset_ids))
    were, are = ({unit_id for pair in pairs for unit_id in pair} for pairs in (before, after))
    return sorted(were - are - set(redrawn))


async def misplaced(act: Act, asset_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    """Of these units those that leave their park or miss their zone."""
    return list(await act.conn.fetch(SQL.misplaced, act.scope_id, list(asset_ids)))


async def outside_wholes(
    act: Act, asset_ids: Sequence[UUID], slack_m2: float, slack_share: float
) -> list[asyncpg.Record]:
    """Parts that leave their whole, where either is among these units just drawn; the worst first."""
    return list(await act.conn.fetch(SQL.outside_wholes, act.scope_id, list(asset_ids), slack_m2, slack_share))


async def overlapping_parts(
    act: Act, asset_ids: Sequence[UUID], slack_m2: float, slack_share: float
) -> list[asyncpg.Record]:
    """Of these units just drawn those that overlap a sister on their floor; the worst first."""
    return list(await act.conn.fetch(SQL.overlapping_parts, act.scope_id, list(asset_ids), slack_m2, slack_share))


async def beside_a_past(act: Act, asset_ids: Sequence[UUID]) -> list[UUID]:
    """Of these parts those in whose tree anything is or was claimed."""
    return [row["id"] for row in await act.conn.fetch(SQL.beside_a_past, act.scope_id, list(asset_ids))]


async def add_issue(act: Act, asset_ids: Sequence[UUID], issue: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.add_issues, act.scope_id, list(asset_ids), _json([issue]))


async def separate(act: Act, asset_id: UUID, other_id: UUID, reason: str) -> None:
    await act.conn.execute(SQL.separate, act.scope_id, *sorted((asset_id, other_id)), reason)


async def void(act: Act, asset_ids: Sequence[UUID], near: Sequence[UUID]) -> tuple[list[UUID], list[UUID]]:
    """Deletes units; who lay beside them, and whose issues named them. Raises Conflict while anything refers to one."""
    pairs = await act.conn.fetch(SQL.forget_neighbours, act.scope_id, list(asset_ids))
    beside = {unit_id for pair in pairs for unit_id in pair} - {*asset_ids}
    freed = await act.conn.fetch(SQL.unrelate, act.scope_id, list(asset_ids), list(near))
    try:
        await act.conn.execute(SQL.void, act.scope_id, list(asset_ids))
    except asyncpg.ForeignKeyViolationError as fault:
        raise Conflict("referred_to", "", by=fault.table_name) from fault
    return sorted(beside), [row["id"] for row in freed]


async def shared_facts(act: Act, asset_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What holds of each part of a unit, of these units in their order, and which of it is invented."""
    rows = await act.conn.fetch(SHARED_FACTS, act.scope_id, list(asset_ids))
    return {
        row["id"]: {name: value for name, value in row.items() if name != "id" and value is not None} for row in rows
    }


async def rest_of_whole(
    act: Act, whole_id: UUID, outlines: Sequence[str], piece_m2: float
) -> tuple[dict[str, Any] | None, Decimal]:
    """What parts leave of the outline of a whole, decoded GeoJSON, without pieces of that area, and its area in m²."""
    row = await act.conn.fetchrow(SQL.rest_of_whole, act.scope_id, whole_id, list(outlines), piece_m2)
    return None if row["outline"] is None else json.loads(row["outline"]), row["m2"]


async def joined(act: Act, asset_ids: Sequence[UUID]) -> tuple[dict[str, Any], list[tuple[UUID, UUID]]]:
    """The outlines of units as one, decoded GeoJSON, and each two of them that lie next to each other, both ways."""
    row = await act.conn.fetchrow(SQL.joined, act.scope_id, list(asset_ids))
    return json.loads(row["outline"]), [(unit_id, other) for unit_id, other in row["pairs"] or ()]


async def retire(act: Act, asset_ids: Sequence[UUID], day: date) -> None:
    await act.conn.execute(SQL.retire, act.scope_id, list(asset_ids), day)


async def unretire(act: Act, asset_ids: Sequence[UUID], at: datetime) -> None:
    """Makes units of those again that an act at that instant retired."""
    await act.conn.execute(SQL.unretire, act.scope_id, list(asset_ids), at)


async def close_for_parts(act: Act, whole_ids: Sequence[UUID]) -> list[UUID]:
    """Makes wholes that have no part any more leaves again; which."""
    return [row["id"] for row in await act.conn.fetch(SQL.close_for_parts, act.scope_id, list(whole_ids))]


async def settle_code(act: Act, code: str) -> list[UUID]:
    """Recomputes which unit holds a code that another spelling of it gave up; the units that changed."""
    return [row["id"] for row in await act.conn.fetch(SQL.settle_code, act.scope_id, code)]


async def refresh(act: Act, roots: Sequence[UUID], touched: Sequence[UUID], today: date) -> list[UUID]:
    """Recomputes what readers see of these trees; the units whose availability or idle start changed.

    `touched`: units that the act changed besides; of new ones it is there already.
    """
    rows = await act.conn.fetch(REFRESH, None, act.scope_id, today, list(roots))
    changed = [row["id"] for row in rows]
    await act.conn.execute(REFRESH_FEATURES, act.scope_id, sorted({*changed, *touched}))
    return changed


async def leaves_of(act: Act, asset_ids: Sequence[UUID]) -> list[UUID]:
    return [row["id"] for row in await act.conn.fetch(SQL.leaves_of, act.scope_id, list(asset_ids))]


async def visible(conn: asyncpg.Connection, asset_id: UUID, crs: GeometryForm = DEGREES) -> tuple[bytes, int] | None:
    """Feature and revision as the caller sees them."""
    row = await conn.fetchrow(fill(SQL.visible, feature=listed_feature(crs)), asset_id)
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
