"""What staff state of a plot's development, for the clock of Order 53."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from actions import revival
from actions.authorization import match_revision, require_hidden
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.entity_tags import revision_tag
from domain.errors import Conflict, Fault, NotFound
from domain.facts import refuse, value_faults
from domain.words import Kind
from store import asset, development
from store.db import Database

#: What has happened cannot lie ahead; the agreed start may.
PAST = ("delivered_on", "land_permit_on", "started_on", "stopped_on", "determined_on")


async def state_development(
    db: Database,
    actor: Actor,
    asset_id: UUID,
    facts: Mapping[str, Any],
    *,
    reason: str | None = None,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """Takes the place of what was stated of a plot before; a start of construction may make a deal on it count.

    Raises: Conflict for what is no land, or (year_closed) where a closed year would change without a `reason`.
    """
    home = await asset.home(db, asset_id)
    if home is None:
        raise NotFound("no_such")
    require_hidden(actor, "asset.write", is_visible=home.is_public, park_id=home.park_id)
    refuse(value_faults({**facts, "reason": reason}) + _faults(facts, today))
    async with db.write(actor, home.park_id, once=once) as act:
        roots = await asset.lock(act, [asset_id])
        row = await development.locked(act, asset_id)
        if row is None:
            raise NotFound("no_such")
        if row["revision"] is not None or if_match is not None:
            match_revision(if_match, row["revision"] or 0)
        if row["kind"] != Kind.land:
            raise Conflict("not_land", "asset_id")
        revision = await development.state(act, asset_id, facts)
        act.did("asset.development_stated", "asset", asset_id, **facts)
        await revival.judge(act, await asset.leaves_of(act, [asset_id]), reason=reason)
        await asset.refresh(act, roots, [], today)
        act.answer = Answer(json.dumps(facts, ensure_ascii=False, default=str), etag=revision_tag(revision))
    return act.answer


def _faults(facts: Mapping[str, Any], today: date) -> list[Fault]:
    """What contradicts itself; the same rules stand as constraints."""
    faults = [
        Fault("in_the_future", name, {"today": today})
        for name in PAST
        if facts.get(name) is not None and facts[name] > today
    ]
    started, stopped = facts.get("started_on"), facts.get("stopped_on")
    for name in ("started_on", "stopped_on"):
        if facts.get(name) is not None and facts.get("has_started") is not True:
            faults.append(Fault("goes_together", name, {"other": "has_started"}))
    if started is not None and stopped is not None and stopped < started:
        faults.append(Fault("dates_reversed", "stopped_on", {"other": "started_on"}))
    developed, due = facts.get("developed_area_m2"), facts.get("due_area_m2")
    if developed is not None and due is not None and developed.is_finite() and due.is_finite() and developed > due:
        faults.append(Fault("bounds_reversed", "due_area_m2", {"other": "developed_area_m2"}))
    for name, other in (("determination_no", "determined_on"), ("determined_on", "determination_no")):
        if facts.get(name) is not None and facts.get(other) is None:
            faults.append(Fault("goes_together", name, {"other": other}))
    return faults
