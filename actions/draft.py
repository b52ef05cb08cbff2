"""Drafts that were registered by mistake go again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from actions.asset import Answering, at_revision, home_of, record_parted, settle_code
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, NotFound
from domain.facts import refuse, value_faults
from domain.words import Listing, Role
from store import asset
from store.db import NIL, Act, Database


async def void_asset(
    db: Database,
    actor: Actor,
    asset_id: UUID,
    reason: str | None,
    *,
    if_match: str | None,
    once: Once | None,
    today: date,
    answering: Answering | None = None,
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
        await void_units(act, [before], near, today, reason=reason)
        if answering is None:
            voided = {"id": str(asset_id), "code": before["code"], "voided": True}
            act.answer = Answer(json.dumps(voided, ensure_ascii=False))
        else:
            act.answer = await answering(act, asset_id, 200)
    return act.answer


async def void_units(act: Act, units: Sequence[Any], near: Sequence[UUID], today: date, *, reason: str | None) -> None:
    """Drafts under their locks that never were; `near`: the roots near them."""
    ids = [unit["id"] for unit in units]
    beside, related = await asset.void(act, ids, near)
    for unit in units:
        act.did("asset.voided", "asset", unit["id"], code=unit["code"], reason=reason)
    record_parted(act, beside, ids[0])
    for other_id in related:
        act.did("asset.related", "asset", other_id, other_id=ids[0])
    touched = list(related)
    for unit in units:
        touched += await settle_code(act, unit, {"code": None})
    wholes = sorted({unit["parent_id"] for unit in units if unit["parent_id"] is not None} - {*ids})
    closed = await asset.close_for_parts(act, wholes) if wholes else []
    if closed:
        record_parted(act, await asset.meet_neighbours(act, closed), ids[0])
    for whole_id in closed:
        act.did("asset.closed_for_parts", "asset", whole_id, is_leaf=True)
    await asset.refresh(act, sorted({unit["root_id"] for unit in units}), [*touched, *closed], today)
