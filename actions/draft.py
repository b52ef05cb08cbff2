"""Drafts that were registered by mistake go again."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

from actions.asset import at_revision, home_of, record_parted, settle_code
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, NotFound
from domain.facts import refuse, value_faults
from domain.words import Listing, Role
from store import asset
from store.db import NIL, Database


async def void_asset(
    db: Database,
    actor: Actor,
    asset_id: UUID,
    reason: str | None,
    *,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """A draft that nothing refers to never was: its code is free again, and a whole without other parts a leaf again.

    Raises: Conflict for a unit that was published, or that anything refers to.
    """
    refuse(value_faults({"reason": reason}))
    try:
        home = await home_of(db, actor, asset_id)
    except NotFound:
        if once is None or actor.role is Role.anonymous:
            raise
        async with db.write(actor, NIL, once=once):  # a repetition of the voiding is answered before this
            raise
    async with db.write(actor, home.park_id, once=once) as act:
        near = await asset.lock_drawn(act, [asset_id], is_root=home.root_id == asset_id)
        before = await at_revision(act, asset_id, if_match)
        if before["listing"] != Listing.draft:
            raise Conflict("not_a_draft", "listing", listing=before["listing"])
        beside, related = await asset.void(act, asset_id, near)
        act.did("asset.voided", "asset", asset_id, code=before["code"], reason=reason)
        record_parted(act, beside, asset_id)
        for other_id in related:
            act.did("asset.related", "asset", other_id, other_id=asset_id)
        touched = related + await settle_code(act, before, {"code": None})
        if before["parent_id"] is not None and await asset.close_for_parts(act, before["parent_id"]):
            record_parted(act, await asset.meet_neighbours(act, before["parent_id"]), asset_id)
            act.did("asset.closed_for_parts", "asset", before["parent_id"], is_leaf=True)
            touched.append(before["parent_id"])
        await asset.refresh(act, [before["root_id"]], touched, today)
        act.answer = Answer(
            json.dumps({"id": str(asset_id), "code": before["code"], "voided": True}, ensure_ascii=False)
        )
    return act.answer
