"""Whom the public calls about a park, or about a unit where that is another office; a person only who agreed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from actions.asset import park_of
from actions.authorization import new_id, require_in_park
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Fault, NotFound
from domain.facts import refuse, value_faults
from domain.reachable import kept_reach, reach_faults
from store import asset, public_contact, service_request
from store.db import Database

VERB = "public_contact.write"


async def state_park_contact(
    db: Database, actor: Actor, park_id: UUID, facts: Mapping[str, Any], *, once: Once | None, today: date
) -> Answer:
    """Says whom to call about a park, in place of whom one called before."""
    await require_in_park(db, actor, VERB, park_id, "park_id")
    return await _state(db, actor, park_id, park_id, facts, once=once, today=today)


async def state_unit_contact(
    db: Database, actor: Actor, asset_id: UUID, facts: Mapping[str, Any], *, once: Once | None, today: date
) -> Answer:
    """Says whom to call about a unit and its parts, where that is not the office of its park."""
    return await _state(db, actor, await _park_of(db, actor, asset_id), asset_id, facts, once=once, today=today)


async def _park_of(db: Database, actor: Actor, asset_id: UUID) -> UUID:
    return park_of(actor, VERB, await asset.home(db, asset_id), unknown=NotFound("no_such"))


async def _state(
    db: Database,
    actor: Actor,
    park_id: UUID,
    thing_id: UUID,
    facts: Mapping[str, Any],
    *,
    once: Once | None,
    today: date,
) -> Answer:
    """Event and stored answer hold the person's id only, and of telephone and mail that there are some."""
    person = facts.get("person")
    office = {name: value for name, value in facts.items() if name != "person"}
    refuse(_faults(office, person, today))
    person_id = new_id()
    contact_id = None if person is None else person_id
    agreed = {name: None if person is None else person[name] for name in ("agreed_on", "agreement")}
    async with db.write(actor, park_id, once=once) as act:
        await service_request.lock_contacts(act)
        if person is not None:
            kept = kept_reach(person)
            await service_request.insert_contact(act, person_id, kept["name"], kept["phone"])
        row = {**kept_reach(office), **agreed, "contact_id": contact_id, "park_id": park_id, "id": thing_id}
        await public_contact.state(act, row)
        await service_request.erase_former(act)
        shown = {"office": office["office"], "hours": office.get("hours"), "contact_id": contact_id, **agreed}
        reached = {f"has_{name}": office.get(name) is not None for name in ("phone", "mail")}
        kind = "park" if thing_id == park_id else "asset"
        act.did(f"{kind}.public_contact_stated", kind, thing_id, **shown, **reached)
        body = {"park_id": park_id, "asset_id": None if kind == "park" else thing_id, "contact_id": contact_id}
        act.answer = Answer(json.dumps(body, default=str))
    return act.answer


def _faults(office: Mapping[str, Any], person: Mapping[str, Any] | None, today: date) -> list[Fault]:
    faults = value_faults(office) + reach_faults(office)
    if person is None:
        return faults
    faults += value_faults(person, "person.") + reach_faults(person, "person.", needs_one=False)
    if person["agreed_on"] > today:
        faults.append(Fault("in_the_future", "person.agreed_on", {"today": today}))
    return faults


async def remove_park_contact(db: Database, actor: Actor, park_id: UUID, *, once: Once | None) -> Answer:
    """Nobody is named to the public any more; a person who was is erased."""
    await require_in_park(db, actor, VERB, park_id, "park_id")
    return await _remove(db, actor, park_id, park_id, once=once)


async def remove_unit_contact(db: Database, actor: Actor, asset_id: UUID, *, once: Once | None) -> Answer:
    """From now on the unit has that of what it lies in. Raises NotFound where it had none of its own."""
    return await _remove(db, actor, await _park_of(db, actor, asset_id), asset_id, once=once)


async def _remove(db: Database, actor: Actor, park_id: UUID, thing_id: UUID, *, once: Once | None) -> Answer:
    async with db.write(actor, park_id, once=once) as act:
        await service_request.lock_contacts(act)
        if not await public_contact.remove(act, thing_id):
            raise NotFound("no_public_contact")
        await service_request.erase_former(act)
        kind = "park" if thing_id == park_id else "asset"
        act.did(f"{kind}.public_contact_removed", kind, thing_id)
        body = {"park_id": str(park_id), "asset_id": None if kind == "park" else str(thing_id), "removed": True}
        act.answer = Answer(json.dumps(body))
    return act.answer
