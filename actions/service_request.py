"""What a firm asks of a park and what becomes of it; whom it turns to; visits to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from actions.authorization import match_revision, new_id, require_hidden, require_in_park
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.entity_tags import entity_tag
from domain.errors import Fault, Invalid, NotFound
from domain.facts import refuse, value_faults
from outcomes.service_request import RequestStage, Topic, step
from store import outcome, service_request
from store.db import Act, Database

__all__ = [
    "RequestStage",
    "Topic",
    "erase_contact",
    "note_visit",
    "raise_request",
    "set_officer",
    "step_request",
]

#: Stage → the fields its step needs, and those it may have.
STEP_FIELDS: Mapping[RequestStage, tuple[frozenset[str], frozenset[str]]] = {
    RequestStage.dispatched: (frozenset({"department"}), frozenset({"due_on"})),
    RequestStage.answered: (frozenset({"answer"}), frozenset()),
    RequestStage.closed: (frozenset(), frozenset({"is_satisfied"})),
}
DAYS = {
    RequestStage.dispatched: "dispatched_on",
    RequestStage.answered: "answered_on",
    RequestStage.closed: "closed_on",
}


async def raise_request(
    db: Database,
    actor: Actor,
    park_id: UUID,
    firm_id: UUID,
    *,
    topic: Topic,
    request: str,
    outcome_id: UUID | None,
    once: Once | None,
    today: date,
) -> Answer:
    """A firm asks something of a park, on a deal of its own or not; staff may write it down for the firm."""
    await require_in_park(db, actor, "request.raise", park_id, "park_id", firm_id=firm_id)
    refuse(value_faults({"request": request}))
    await _require_own_outcome(db, park_id, firm_id, outcome_id)
    request_id = new_id()
    facts = {"firm_id": firm_id, "outcome_id": outcome_id, "topic": topic.value, "raised_on": today}
    async with db.write(actor, park_id, once=once) as act:
        await act.fix_instant()
        stage = RequestStage.raised.value
        await service_request.insert(
            act, {**facts, "park_id": park_id, "id": request_id, "request": request, "stage": stage}
        )
        act.did("request.raised", "service_request", request_id, **facts)
        act.answer = await _answer(act, request_id, status=201)
    return act.answer


async def _require_own_outcome(db: Database, park_id: UUID, firm_id: UUID, outcome_id: UUID | None) -> None:
    """Raises Invalid where the deal is not there, or is another firm's or park's."""
    if outcome_id is not None:
        home = await outcome.home(db, outcome_id)
        if home is None or home.park_id != park_id or firm_id not in home.firm_ids:
            raise Invalid("unknown_reference", "outcome_id")


async def step_request(
    db: Database,
    actor: Actor,
    request_id: UUID,
    *,
    stage: RequestStage,
    facts: Mapping[str, Any],
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """Dispatches, answers or closes a request. The park dispatches and answers; the firm too may close."""
    home = await service_request.home(db, request_id)
    if home is None:
        raise NotFound("no_such")
    park_id, firm_id = home
    verb = "request.close" if stage is RequestStage.closed else "request.handle"
    require_hidden(actor, verb, is_visible=actor.firm_id == firm_id, park_id=park_id, firm_id=firm_id)
    _check(stage, facts, today)
    async with db.write(actor, park_id, once=once) as act:
        row = await service_request.lock(act, request_id)
        if row is None:
            raise NotFound("no_such")
        match_revision(if_match, row["revision"])
        step(RequestStage(row["stage"]), stage)
        cleared = {"answer": None, "answered_on": None} if stage is RequestStage.dispatched else {}
        changed = {**cleared, "due_on": None} if stage is RequestStage.dispatched else {}
        await service_request.advance(act, request_id, {**changed, **facts, "stage": stage.value, DAYS[stage]: today})
        act.did(f"request.{stage.value}", "service_request", request_id, **facts)
        act.answer = await _answer(act, request_id)
    return act.answer


def _check(stage: RequestStage, facts: Mapping[str, Any], today: date) -> None:
    if stage not in STEP_FIELDS:
        raise Invalid("not_in_vocabulary", "stage", allowed=list(STEP_FIELDS))
    needed, allowed = STEP_FIELDS[stage]
    faults = [Fault("missing", name) for name in sorted(needed - set(facts))]
    faults += [Fault("other_stage", name, {"stage": stage}) for name in sorted(set(facts) - needed - allowed)]
    refuse(faults + value_faults(facts))
    if facts.get("due_on", today) < today:
        raise Invalid("in_the_past", "due_on", today=today)


async def set_officer(
    db: Database, actor: Actor, park_id: UUID, firm_id: UUID, *, name: str, phone: str | None, once: Once | None
) -> Answer:
    """Says whom a firm turns to in a park, and erases whom it turned to before, where nobody else does.

    Event and stored answer hold the person's id only.
    """
    await require_in_park(db, actor, "firm.serve", park_id, "park_id")
    refuse(value_faults({"name": name, "phone": phone}))
    contact_id = new_id()
    async with db.write(actor, park_id, once=once) as act:
        await service_request.set_officer(act, firm_id, contact_id, name, phone)
        act.did("firm.officer_set", "firm", firm_id, contact_id=contact_id)
        body = {"park_id": str(park_id), "firm_id": str(firm_id), "contact_id": str(contact_id)}
        act.answer = Answer(json.dumps(body))
    return act.answer


async def erase_contact(db: Database, actor: Actor, contact_id: UUID, *, once: Once | None) -> Answer:
    """Erases the name and telephone of a person, under other ids too where both are the same; events keep the ids.

    Source: Personal Information Protection Law (PIPL) article 47.
    """
    park_id = await service_request.park_of_contact(db, contact_id)
    if park_id is None:
        raise NotFound("no_such")
    require_hidden(actor, "firm.serve", is_visible=False, park_id=park_id)
    async with db.write(actor, park_id, once=once) as act:
        erased = [str(erased_id) for erased_id in await service_request.erase_contact(act, contact_id)]
        if not erased:
            raise NotFound("no_such")
        act.did("contact.erased", "contact", contact_id, contact_ids=erased)
        act.answer = Answer(json.dumps({"park_id": str(park_id), "contact_ids": erased}))
    return act.answer


async def note_visit(
    db: Database,
    actor: Actor,
    park_id: UUID,
    firm_id: UUID,
    *,
    visited_on: date,
    note: str,
    outcome_id: UUID | None,
    once: Once | None,
    today: date,
) -> Answer:
    """A visit of the park to a firm, with its note."""
    await require_in_park(db, actor, "firm.serve", park_id, "park_id")
    refuse(value_faults({"visited_on": visited_on, "note": note}))
    if visited_on > today:
        raise Invalid("in_the_future", "visited_on", today=today)
    await _require_own_outcome(db, park_id, firm_id, outcome_id)
    visit_id = new_id()
    facts = {"firm_id": firm_id, "outcome_id": outcome_id, "visited_on": visited_on}
    async with db.write(actor, park_id, once=once) as act:
        await act.fix_instant()
        await service_request.insert_visit(act, {**facts, "park_id": park_id, "id": visit_id, "note": note})
        act.did("firm.visited", "visit", visit_id, **facts)
        body = {"park_id": park_id, "id": visit_id, **facts, "note": note}
        act.answer = Answer(json.dumps(body, ensure_ascii=False, default=str), status=201)
    return act.answer


async def _answer(act: Act, request_id: UUID, *, status: int = 200) -> Answer:
    visible = await service_request.visible(act.conn, request_id)
    if visible is None:
        raise NotFound("no_such")
    location = f"/api/v1/service-requests/{request_id}" if status == 201 else None
    return Answer(visible[0], status, entity_tag(*visible), location)
