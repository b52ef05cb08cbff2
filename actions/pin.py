"""Staff pin a unit of their park for a need, or set it aside: beside the computed order, never in it."""

from __future__ import annotations

import json
from uuid import UUID

from actions.asset import park_of
from actions.demand import demand_home
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Invalid, NotFound
from domain.facts import refuse, value_faults
from store import asset, pin
from store.db import Database


async def pin_asset(
    db: Database,
    actor: Actor,
    demand_id: UUID,
    asset_id: UUID,
    *,
    placement: str,
    reason: str,
    note: str | None,
    once: Once | None,
) -> Answer:
    """Pins a unit or sets it aside; the firm reads the reason, the park alone the note.

    Raises: Conflict where the unit is pinned or set aside for this need already.
    """
    firm_id = await demand_home(db, actor, demand_id, verb="pin.write")
    refuse(value_faults({"reason": reason, "note": note}))
    home = await asset.home(db, asset_id)
    park_id = park_of(actor, "pin.write", home, unknown=Invalid("unknown_reference", "asset_id"))
    async with db.write(actor, park_id, once=once) as act:
        await act.fix_instant()
        await pin.insert(act, demand_id, asset_id, firm_id, placement, reason, note)
        facts = {"demand_id": str(demand_id), "placement": placement, "reason": reason, "note": note}
        act.did(f"unit.{placement}", "asset", asset_id, **facts)
        act.answer = Answer(
            json.dumps({"asset_id": str(asset_id), "park_id": str(park_id), **facts}, ensure_ascii=False),
            201,
            location=f"/api/v1/demands/{demand_id}/pins",
        )
    return act.answer


async def unpin(db: Database, actor: Actor, demand_id: UUID, asset_id: UUID, *, once: Once | None) -> Answer:
    """Takes a pin away; its past is kept."""
    await demand_home(db, actor, demand_id, verb="pin.write")
    home = await asset.home(db, asset_id)
    park_id = park_of(actor, "pin.write", home, unknown=NotFound("no_such"))
    async with db.write(actor, park_id, once=once) as act:
        placement = await pin.lock(act, demand_id, asset_id)
        if placement is None:
            raise NotFound("no_such")
        await pin.delete(act, demand_id, asset_id)
        act.did("unit.unpinned", "asset", asset_id, demand_id=demand_id, placement=placement)
        act.answer = Answer(json.dumps({"demand_id": str(demand_id), "asset_id": str(asset_id), "removed": True}))
    return act.answer
