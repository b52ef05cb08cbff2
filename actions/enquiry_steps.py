"""What staff do with an enquiry: answer, arrange a visit, link what came of it, close; erase who asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from actions.authorization import match_revision, require_hidden, require_in_park
from actions.demand import demand_home
from domain.actor import SYSTEM, Actor
from domain.answer import Answer, Once
from domain.entity_tags import entity_tag
from domain.errors import Conflict, Invalid, NotFound
from domain.facts import refuse, value_faults
from domain.instants import SHANGHAI
from outcomes.enquiry import AnswerMeans, ClosedAs, EnquiryState, after_answer, require_open
from store import enquiry, firm, outcome
from store.db import Act, Database

__all__ = [
    "AnswerMeans",
    "answer_enquiry",
    "arrange_visit",
    "close_enquiry",
    "erase_enquirer",
    "erase_outlived",
    "link_enquiry",
    "state_terms",
]

HANDLE = "enquiry.handle"


@asynccontextmanager
async def _handled(
    db: Database, actor: Actor, enquiry_id: UUID, if_match: str | None, once: Once | None
) -> AsyncIterator[tuple[Act, Any]]:
    """One act on an enquiry under its lock, with how it stands; its answer holds nothing of the person."""
    park_id = await _park_of(db, actor, enquiry_id)
    async with db.write(actor, park_id, once=once) as act:
        row = await enquiry.lock(act, enquiry_id)
        if row is None:
            raise NotFound("no_such")
        match_revision(if_match, row["revision"])
        yield act, row
        visible = await enquiry.visible(act.conn, enquiry_id)
        if visible is None:
            raise NotFound("no_such")
        act.answer = Answer(visible["document"], etag=entity_tag(visible["document"], visible["revision"]))


async def _park_of(db: Database, actor: Actor, enquiry_id: UUID) -> UUID:
    home = await enquiry.home(db, enquiry_id)
    if home is None:
        raise NotFound("no_such")
    park_id, firm_id = home
    is_visible = park_id in actor.park_ids or (firm_id is not None and actor.firm_id == firm_id)
    require_hidden(actor, HANDLE, is_visible=is_visible, park_id=park_id)
    return park_id


async def answer_enquiry(
    db: Database,
    actor: Actor,
    enquiry_id: UUID,
    *,
    means: AnswerMeans,
    answer: str,
    if_match: str | None,
    once: Once | None,
) -> Answer:
    """Notes how an enquiry was answered and in which words, which go with its person."""
    refuse(value_faults({"answer": answer}))
    async with _handled(db, actor, enquiry_id, if_match, once) as (act, row):
        state = after_answer(EnquiryState(row["state"]))
        await _write_down(act, enquiry_id, {"answer": answer})
        answered_at = row["answered_at"] or act.at
        await enquiry.change(act, enquiry_id, {"state": state, "answered_at": answered_at, "answered_by": means})
        act.did("enquiry.answered", "enquiry", enquiry_id, answered_by=means.value)
    return _done(act)


async def _write_down(act: Act, enquiry_id: UUID, words: Mapping[str, object]) -> None:
    """Free words stand with the person. Raises Conflict where the person was erased."""
    if not await enquiry.change_enquirer(act, enquiry_id, words):
        raise Conflict("enquirer_erased")


def _done(act: Act) -> Answer:
    assert act.answer is not None, "every step answers"
    return act.answer


async def arrange_visit(
    db: Database,
    actor: Actor,
    enquiry_id: UUID,
    *,
    visit_on: date,
    starts: time,
    minutes: int,
    meeting_place: str | None,
    if_match: str | None,
    once: Once | None,
    now: datetime,
) -> Answer:
    """A visit on a day to come, in the time of Asia/Shanghai; a visit that stood before is moved."""
    refuse(value_faults({"visit_on": visit_on, "meeting_place": meeting_place}))
    starts_at = datetime.combine(visit_on, starts, SHANGHAI)
    if starts_at <= now:
        raise Invalid("in_the_past", "visit_on", today=now.astimezone(SHANGHAI).date())
    ends_at = starts_at + timedelta(minutes=minutes)
    async with _handled(db, actor, enquiry_id, if_match, once) as (act, row):
        require_open(EnquiryState(row["state"]))
        await _write_down(act, enquiry_id, {"meeting_place": meeting_place})
        visit = {"visit_starts_at": starts_at, "visit_ends_at": ends_at}
        await enquiry.change(act, enquiry_id, {"state": EnquiryState.visit_arranged, **visit})
        act.did("enquiry.visit_arranged", "enquiry", enquiry_id, **visit)
    return _done(act)


async def link_enquiry(
    db: Database,
    actor: Actor,
    enquiry_id: UUID,
    links: Mapping[str, UUID],
    *,
    if_match: str | None,
    once: Once | None,
) -> Answer:
    """Says which firm, need or deal came of an enquiry: the firm first, then its need, then a deal with it.

    Raises: Invalid for what is not there or not of that firm and park; Conflict for another firm than the known one.
    """
    if not links:
        raise Invalid("body_missing", "body")
    await _park_of(db, actor, enquiry_id)
    place = None if "outcome_id" not in links else await outcome.home(db, links["outcome_id"])
    if "demand_id" in links:
        await _require_demand(db, actor, links["demand_id"])
    async with _handled(db, actor, enquiry_id, if_match, once) as (act, row):
        firm_id = links.get("firm_id", row["firm_id"])
        if row["firm_id"] not in (None, firm_id):
            raise Conflict("enquiry_of_another_firm", "firm_id")
        if "firm_id" in links and await firm.visible(act.conn, firm_id) is None:
            raise Invalid("unknown_reference", "firm_id")
        if firm_id is None:
            raise Invalid("firm_before_need", "firm_id")
        if "outcome_id" in links and (place is None or place.park_id != act.scope_id or firm_id not in place.firm_ids):
            raise Invalid("unknown_reference", "outcome_id")
        await enquiry.change(act, enquiry_id, links)
        act.did("enquiry.linked", "enquiry", enquiry_id, **links)
    return _done(act)


async def _require_demand(db: Database, actor: Actor, demand_id: UUID) -> None:
    """Raises Invalid for a need that the caller may not know of; whose it is the key of the enquiry holds."""
    try:
        await demand_home(db, actor, demand_id, verb="ranking.read", field="demand_id")
    except NotFound as hidden:
        raise Invalid("unknown_reference", "demand_id") from hidden


async def close_enquiry(
    db: Database, actor: Actor, enquiry_id: UUID, *, closed_as: ClosedAs, if_match: str | None, once: Once | None
) -> Answer:
    """Closes an enquiry for good. Raises Conflict for one that is closed already."""
    async with _handled(db, actor, enquiry_id, if_match, once) as (act, row):
        require_open(EnquiryState(row["state"]))
        closed = {"state": EnquiryState.closed, "closed_at": act.at, "closed_as": closed_as}
        await enquiry.change(act, enquiry_id, closed)
        act.did("enquiry.closed", "enquiry", enquiry_id, closed_as=closed_as.value)
    return _done(act)


async def erase_enquirer(db: Database, actor: Actor, enquiry_id: UUID, *, once: Once | None) -> Answer:
    """Erases who asked, with all words of the enquiry, from every enquiry of the park by the same person.

    Source: Personal Information Protection Law (PIPL) article 47.
    """
    park_id = await _park_of(db, actor, enquiry_id)
    async with db.write(actor, park_id, once=once) as act:
        await enquiry.lock(act, enquiry_id)
        erased = await _erase(act, await enquiry.same_person(act, enquiry_id))
        if not erased:
            raise NotFound("no_such")
        act.answer = Answer(json.dumps({"park_id": str(park_id), "enquiry_ids": [str(item) for item in erased]}))
    return act.answer


async def _erase(act: Act, enquiry_ids: list[UUID]) -> list[UUID]:
    erased = sorted(await enquiry.erase(act, enquiry_ids))
    for enquiry_id in erased:
        act.did("enquiry.person_erased", "enquiry", enquiry_id)
    return erased


async def erase_outlived(db: Database, today: date) -> int:
    """Erases who asked longer ago than their park keeps people; how many acts that took, one a park."""
    done = 0
    for park_id, enquiry_ids in await enquiry.outlived(db, today):
        async with db.write(SYSTEM, park_id) as act:
            await act.fix_instant()
            if not await _erase(act, enquiry_ids):
                act.did("park.turned_over", "park", park_id, day=today)
        done += 1
    return done


async def state_terms(
    db: Database, actor: Actor, park_id: UUID, *, answer_hours: int, kept_days: int, once: Once | None
) -> Answer:
    """Within how many working hours a park answers, and for how many days it keeps who asked, from now on."""
    await require_in_park(db, actor, HANDLE, park_id, "park_id")
    async with db.write(actor, park_id, once=once) as act:
        await act.fix_instant()
        await enquiry.state_terms(act, answer_hours, kept_days)
        stated = {"answer_hours": answer_hours, "kept_days": kept_days}
        act.did("park.enquiry_terms_stated", "park", park_id, **stated)
        act.answer = Answer(json.dumps({"park_id": str(park_id), **stated}))
    return act.answer
