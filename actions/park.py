"""Parks, and the zones inside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from actions.authorization import match_revision, new_id, require, require_in_park
from actions.geometry import read_outline
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.entity_tags import entity_tag
from domain.errors import Conflict, Invalid, NotFound
from domain.facts import refuse, value_faults
from store import park
from store.db import NIL, Act, Database
from store.reference import unknown_industries

#: What surveying leaves between the edge of a zone and that of its park.
EDGE_SLACK_M2 = 1.0
INDUSTRIES = ("leading_industries", "negative_list")
#: Days without a check after which the listings of a park lapse that says nothing of it; as the column's default.
LAPSE_AFTER_DAYS = 90


async def add_park(
    db: Database, actor: Actor, geometry: object, facts: Mapping[str, Any], *, once: Once | None
) -> Answer:
    """A new park; only an admin makes one. It is the tenant of everything in it."""
    require(actor, "park.write")
    boundary = await read_outline(geometry, beside=value_faults(facts, "properties."))
    park_id = new_id()
    async with db.write(actor, NIL, once=once) as act:
        await act.fix_instant()
        await _check(act, facts)
        await park.insert(act, {**facts, "id": park_id, "boundary": boundary.ewkb.hex()})
        act.did("park.added", "park", park_id, **facts)
        act.answer = await _answer(act, park_id)
    return act.answer


async def amend_park(
    db: Database,
    actor: Actor,
    park_id: UUID,
    geometry: object | None,
    changed: Mapping[str, Any],
    *,
    if_match: str | None,
    once: Once | None,
) -> Answer:
    """Changes facts of a park or zone: what is absent stays, None clears. Zones take from their park what they lack.

    An admin changes parks, the staff of a park its zones too.
    Raises: Conflict where a zone or a unit of it would lie off its new outline, or a zone off its park.
    """
    home_id = await park.home_of_zone(db, park_id)
    zone_id = None if home_id is None else park_id
    verb = "park.write" if zone_id is None else "zone.write"
    await require_in_park(db, actor, verb, home_id or park_id, "park_id")
    faults = value_faults(changed, "properties.")
    boundary = None if geometry is None else await read_outline(geometry, beside=faults)
    refuse(faults)
    async with db.write(actor, home_id or park_id, once=once) as act:
        if not await park.lock(act):
            raise NotFound("no_such_park", "park_id")
        match_revision(if_match, await park.revision(act, zone_id))
        await _check(act, changed)
        row = {**changed, **(_emptied(changed) if zone_id is None else {})}
        if boundary is not None:
            row["boundary"] = boundary.ewkb.hex()
            await _check_outline(act, row["boundary"], zone_id)
        await park.amend(act, row, zone_id)
        subject = "park" if zone_id is None else "zone"
        act.did(f"{subject}.amended", subject, park_id, **changed, is_redrawn=boundary is not None)
        act.answer = await _answer(act, park_id, status=200)
    return act.answer


def _emptied(changed: Mapping[str, Any]) -> dict[str, Any]:
    """What is cleared of a park, where a zone takes that of its park: lists are empty, days are the usual ones."""
    usual: dict[str, Any] = {**{name: [] for name in INDUSTRIES}, "lapse_after_days": LAPSE_AFTER_DAYS}
    return {name: value for name, value in usual.items() if name in changed and changed[name] is None}


async def _check_outline(act: Act, boundary: str, zone_id: UUID | None) -> None:
    """Raises Conflict where a zone would reach outside its park, or leave outside what lies in it."""
    if zone_id is None:
        zones, units = await park.left_outside(act, boundary, EDGE_SLACK_M2)
    else:
        await _check_inside_park(act, boundary)
        zones, units = 0, await park.left_outside_zone(act, boundary, zone_id)
    if zones or units:
        raise Conflict("park_leaves_outside", "geometry", zones=zones, units=units)


async def _check_inside_park(act: Act, boundary: str) -> None:
    outside = await park.zone_outside_m2(act, boundary)
    if outside is not None and outside > EDGE_SLACK_M2:
        raise Conflict("outside_park", "geometry", area_m2=f"{outside:.2f}")


async def add_zone(
    db: Database, actor: Actor, park_id: UUID, geometry: object, facts: Mapping[str, Any], *, once: Once | None
) -> Answer:
    """A new zone inside a park. Raises Conflict where it reaches outside."""
    await require_in_park(db, actor, "zone.write", park_id, "park_id")
    boundary = await read_outline(geometry, beside=value_faults(facts, "properties."))
    zone_id = new_id()
    async with db.write(actor, park_id, once=once) as act:
        if not await park.lock(act):
            raise NotFound("no_such_park", "park_id")
        await _check(act, facts)
        await _check_inside_park(act, boundary.ewkb.hex())
        await park.insert_zone(act, {**facts, "id": zone_id, "park_id": park_id, "boundary": boundary.ewkb.hex()})
        act.did("zone.added", "zone", zone_id, **facts)
        act.answer = await _answer(act, zone_id)
    return act.answer


async def _check(act: Act, facts: Mapping[str, Any]) -> None:
    for name in INDUSTRIES:
        unknown = await unknown_industries(act.conn, facts[name]) if facts.get(name) else []
        if unknown:
            raise Invalid("unknown_industry", f"properties.{name}", value=", ".join(unknown))


async def _answer(act: Act, park_id: UUID, *, status: int = 201) -> Answer:
    visible = await park.visible(act.conn, park_id)
    if visible is None:
        raise NotFound("no_such_park")
    location = f"/api/v1/parks/{park_id}" if status == 201 else None
    return Answer(visible[0], status=status, etag=entity_tag(visible[0], visible[1]), location=location)
