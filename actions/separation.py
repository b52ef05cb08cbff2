"""Plots, or buildings, whose outlines overlap and that are separate all the same: staff say so, and why."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

from actions.asset import home_of
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Invalid, NotFound
from domain.facts import refuse, value_faults
from store import asset
from store.db import Database


async def separate_assets(
    db: Database, actor: Actor, asset_id: UUID, other_id: UUID, reason: str, *, once: Once | None, today: date
) -> Answer:
    """Two plots, or two buildings, that overlap on paper are separate: either may be let beside the other.

    Raises: Invalid for units that are not two roots of one level in one park; Conflict where that is recorded already.
    """
    refuse(value_faults({"reason": reason}))
    home = await home_of(db, actor, asset_id)
    async with db.write(actor, home.park_id, once=once) as act:
        await asset.lock(act, [asset_id, other_id])
        row, other = await asset.by_key(act, asset_id), await asset.by_key(act, other_id)
        if row is None:
            raise NotFound("no_such")
        if other is None:
            raise Invalid("unknown_reference", "other_id")
        is_root = row["parent_id"] is None and other["parent_id"] is None
        if asset_id == other_id or not is_root or row["level"] != other["level"]:
            raise Invalid("not_two_roots", "other_id")
        await asset.separate(act, asset_id, other_id, reason)
        act.did("asset.separated", "asset", asset_id, other_id=other_id, reason=reason)
        act.did("asset.separated", "asset", other_id, other_id=asset_id, reason=reason)
        changed = await asset.relate(act, [asset_id], [other_id])
        await asset.refresh(act, [], changed, today)
        body = {"asset_id": str(asset_id), "other_id": str(other_id), "reason": reason}
        act.answer = Answer(json.dumps(body, ensure_ascii=False), 201, location=f"/api/v1/assets/{asset_id}")
    return act.answer
