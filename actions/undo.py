"""A batch is undone by an act that gives each of its units back what it had, while nothing was built on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.authorization import require_hidden
from actions.batch import UnitRow, prepare, write_rows
from actions.bulk_change import list_units, record_batch
from actions.draft import void_units
from actions.rearrangement import be_parts_again, be_whole_again, take_back_merge, take_back_split
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Fault, NotFound
from domain.fields import ASSET
from domain.words import Listing
from store import asset, batch
from store.batch import BatchCounts, UnitOfBatch
from store.db import Act, Database


async def undo_batch(db: Database, actor: Actor, batch_id: UUID, *, once: Once | None, today: date) -> Answer:
    """Voids the units that a batch registered, and gives back the facts and listings it changed.

    What it published is withdrawn, as others have seen it. A unit that was split is whole, and units that became one
    are parts again, with what was claimed of them: what the act itself moved does not stand against it.
    Raises: NotFound, Conflict where the batch was undone before, undid a registration itself, or anything was built on
    one of its units since, each named.
    """
    park_id = await batch.home(db, batch_id)
    if park_id is None:
        raise NotFound("no_such")
    require_hidden(actor, "asset.write", is_visible=False, park_id=park_id)
    async with db.write(actor, park_id, once=once) as act:
        units = await batch.units(act, batch_id)
        by_act = {name: [unit for unit in units if unit.act == f"asset.{name}"] for name in BatchCounts._fields}
        if not units:
            raise Conflict("nothing_to_undo", "")
        ids = [unit.asset_id for unit in units]
        near = await _lock(act, units)
        if await batch.is_undone(act, batch_id):
            raise Conflict("undone_already", "")
        there = {unit["id"]: unit for unit in await asset.by_keys(act, ids)}
        await _refuse_built_on(act, batch_id, units, there)
        await _amend_back(act, by_act["amended"], there, near, today)
        for name, listing in (("published", Listing.withdrawn), ("withdrawn", Listing.published)):
            rows = [UnitRow({}, unit.asset_id) for unit in by_act[name]]
            await list_units(act, rows, listing, today)
        voided = [there[unit.asset_id] for unit in by_act["registered"]]
        split = [unit.asset_id for unit in units if unit.act == "asset.split"]
        retired = [unit.asset_id for unit in units if unit.act == "asset.retired"]
        at, new_ids = await batch.instant(act, batch_id), [unit["id"] for unit in voided]
        if split:
            await take_back_split(act, split[0], new_ids, at)
        if retired:
            await take_back_merge(act, new_ids[0], retired, at)
        if voided:
            await void_units(act, voided, near, today, reason=None)
        if split:
            await be_whole_again(act, split[0], at, today)
        if retired:
            await be_parts_again(act, retired, today)
        counts = BatchCounts(
            amended=len(by_act["amended"]) + len(retired),
            published=len(by_act["withdrawn"]),
            withdrawn=len(by_act["published"]),
            voided=len(by_act["registered"]),
        )
        undo_id = await record_batch(act, "undo", counts, undoes=batch_id)
        act.answer = Answer(await batch.read(act.conn, park_id, undo_id) or "", status=201)
    return act.answer


async def _lock(act: Act, units: list[UnitOfBatch]) -> list[UUID]:
    """Locks what the units touch, now and as they were; the roots near them."""
    ids = [unit.asset_id for unit in units]
    befores = [unit.before for unit in units if unit.before is not None]
    plots = {UUID(before["plot_id"]) for before in befores if before["plot_id"] is not None}
    return await asset.lock_many(act, ids, drawn=ids, plot_ids=sorted(plots), outlines=[])


async def _refuse_built_on(
    act: Act, batch_id: UUID, units: list[UnitOfBatch], there: Mapping[UUID, Any]
) -> None:
    codes = {unit.asset_id: there[unit.asset_id]["code"] for unit in units if unit.asset_id in there}
    built = await batch.built_on(act, batch_id, [unit.asset_id for unit in units])
    faults = [
        Fault("built_on_since", "", {"unit": codes.get(asset_id, str(asset_id)), "act": name})
        for asset_id, name in built.items()
    ]
    if faults:
        raise Conflict.of(faults)


async def _amend_back(
    act: Act, units: list[UnitOfBatch], there: Mapping[UUID, Any], near: list[UUID], today: date
) -> None:
    if not units:
        return
    rows = await prepare([UnitRow(_facts_before(unit, there[unit.asset_id]), unit.asset_id) for unit in units])
    await write_rows(act, rows, today, near=near)
    if faults := [fault for row in rows for fault in row.faults]:
        raise Conflict.of(faults)


def _facts_before(unit: UnitOfBatch, now: Any) -> dict[str, Any]:
    """The facts that a batch wrote, as a patch back to what they were."""
    assert unit.before is not None, "a unit that was there has a past"
    facts = {name: _value(name, unit.before[name]) for name in unit.written if name in ASSET and name in unit.before}
    if "attributes" in facts:
        facts["attributes"] = dict.fromkeys(json.loads(now["attributes"])) | facts["attributes"]
    if facts.pop("measured_area_m2", None) is not None or "measured_area_m2" in unit.written:
        facts["geometry"] = unit.before["geom"] or unit.before["point"]
    return facts


def _value(name: str, stored: Any) -> Any:
    """A stored value as a body has it."""
    if stored is None:
        return None
    kind = ASSET[name].type
    if kind == "day":
        return date.fromisoformat(stored)
    if kind == "id":
        return UUID(stored)
    return Decimal(str(stored)) if isinstance(stored, float) else stored
