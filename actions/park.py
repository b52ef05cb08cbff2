"""Parks, and the zones inside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from actions.authorization import new_id, require, require_in_park
from actions.outline import read
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.entity_tags import entity_tag
from domain.errors import Conflict, Invalid, NotFound
from domain.facts import value_faults
from store import park
from store.db import NIL, Act, Database
from store.reference import unknown_industries

#: What surveying leaves between the edge of a zone and that of its park.
EDGE_SLACK_M2 = 1.0


async def add_park(
    db: Database, actor: Actor, geometry: object, facts: Mapping[str, Any], *, once: Once | None
) -> Answer:
    """A new park; only an admin makes one. It is the tenant of everything in it."""
    require(actor, "park.write")
    boundary = await read(geometry, beside=value_faults(facts, "properties."))
    park_id = new_id()
    async with db.write(actor, NIL, once=once) as act:
        await act.fix_instant()
        await _check(act, facts)
        await park.insert(act, {**facts, "id": park_id, "boundary": boundary.ewkb.hex()})
        act.did("park.added", "park", park_id, **facts)
        act.answer = await _answer(act, park_id)
    return act.answer


async def add_zone(
    db: Database, actor: Actor, park_id: UUID, geometry: object, facts: Mapping[str, Any], *, once: Once | None
) -> Answer:
    """A new zone inside a park. Raises Conflict where it reaches outside."""
    await require_in_park(db, actor, "zone.write", park_id, "park_id")
    boundary = await read(geometry, beside=value_faults(facts, "properties."))
    zone_id = new_id()
    async with db.write(actor, park_id, once=once) as act:
        if not await park.lock(act):
            raise NotFound("no_such_park", "park_id")
        await _check(act, facts)
        outside = await park.zone_outside_m2(act, boundary.ewkb.hex())
        if outside is not None and outside > EDGE_SLACK_M2:
            raise Conflict("outside_park", "geometry", area_m2=f"{outside:.2f}")
        await park.insert_zone(act, {**facts, "id": zone_id, "park_id": park_id, "boundary": boundary.ewkb.hex()})
        act.did("zone.added", "zone", zone_id, **facts)
        act.answer = await _answer(act, zone_id)
    return act.answer


async def _check(act: Act, facts: Mapping[str, Any]) -> None:
    for name in ("leading_industries", "negative_list"):
        unknown = await unknown_industries(act.conn, facts[name]) if facts.get(name) else []
        if unknown:
            raise Invalid("unknown_industry", f"properties.{name}", value=", ".join(unknown))


async def _answer(act: Act, park_id: UUID) -> Answer:
    visible = await park.visible(act.conn, park_id)
    if visible is None:
        raise NotFound("no_such_park")
    return Answer(visible[0], status=201, etag=entity_tag(visible[0], visible[1]), location=f"/api/v1/parks/{park_id}")
