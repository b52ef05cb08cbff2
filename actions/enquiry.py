"""What people ask of a park, without an account or as a firm: received, and who asks kept apart from it.

The event holds ids alone. The sender gets a reference and nothing else.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from actions.authorization import new_id, require
from actions.demand import demand_home, ranking_home
from domain.actor import READERS, SYSTEM, Actor
from domain.answer import Answer, Once
from domain.enquiry_terms import CONSENT
from domain.errors import Conflict, Fault, Forbidden, Invalid, KeyReused, NotFound, NotSignedIn
from domain.facts import refuse
from domain.question import SolvedQuestion, solved
from domain.reachable import kept_reach, reach_faults
from domain.text import text_fault
from domain.words import Role
from domain.working_hours import after_working_hours
from store import asset, enquiry, park
from store.db import Database
from store.enquiry import EnquiryFilter

#: Crockford's base 32: no letter that is read as a digit. Two groups are 40 bits, which nobody guesses within limits.
REFERENCE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MOST_NAME, MOST_MESSAGE = 100, 2000
PERSON = ("name", "phone", "mail", "message")


@dataclass(frozen=True)
class EnquirySubject:
    """What an enquiry is about, once it is known that the sender may know of it."""

    park_id: UUID
    asset_id: UUID | None
    firm_id: UUID | None
    demand_id: UUID | None
    ranking_id: UUID | None


async def check_question(db: Database, token: str, answer: int, now_s: int) -> SolvedQuestion:
    """What a stranger's right answer gives. Raises Invalid for another one."""
    return solved(await db.cursor_key(), token, answer, now_s)


def check_sender(facts: Mapping[str, Any]) -> None:
    """Raises Invalid for all that is wrong with what the sender says of themselves and asks."""
    refuse(sender_faults(facts) + _text_faults("message", facts["message"], MOST_MESSAGE, is_multiline=True))


def sender_faults(facts: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with how somebody who has no account yet names themselves; without their consent that too."""
    consent = [] if facts["consent"] else [Fault("consent_needed", "consent")]
    return [*_text_faults("name", facts["name"], MOST_NAME), *reach_faults(facts), *consent]


def _text_faults(name: str, text: str, most: int, *, is_multiline: bool = False) -> list[Fault]:
    fault = text_fault(text, max_chars=most, is_multiline=is_multiline) if text.strip() else Fault("empty")
    return [] if fault is None else [Fault(fault.code, name, fault.params)]


def refuse_readers(actor: Actor) -> None:
    """Raises Forbidden for whoever only reads."""
    if actor.role in READERS:
        raise Forbidden("not_yours")


async def subject_of(db: Database, actor: Actor, facts: Mapping[str, Any]) -> EnquirySubject:
    """What an enquiry is about. Raises Invalid for a unit, a need or a ranking that the sender may not know of."""
    refuse_readers(actor)
    demand_id, ranking_id = facts.get("demand_id"), facts.get("ranking_id")
    if actor.role is Role.anonymous and not (demand_id is None and ranking_id is None):
        raise NotSignedIn("sign_in")
    park_id = await _park_of(db, facts)
    if actor.role is not Role.anonymous:
        require(actor, "enquiry.make", park_id=park_id, firm_id=actor.firm_id)
    firm_id = actor.firm_id
    try:
        if ranking_id is not None:
            firm_id, ranked = await ranking_home(db, actor, ranking_id, field="ranking_id")
            if demand_id not in (None, ranked):
                raise Invalid("unknown_reference", "demand_id")
            demand_id = ranked
        elif demand_id is not None:
            firm_id = await demand_home(db, actor, demand_id, verb="ranking.read", field="demand_id")
    except NotFound as hidden:
        raise Invalid("unknown_reference", hidden.faults[0].field) from hidden
    return EnquirySubject(park_id, facts.get("asset_id"), firm_id, demand_id, ranking_id)


async def _park_of(db: Database, facts: Mapping[str, Any]) -> UUID:
    """The park that is to answer: of the unit, which is public, or the one that is named."""
    park_id: UUID | None = facts.get("park_id")
    if facts.get("asset_id") is None:
        if park_id is None:
            raise Invalid("unit_or_park", "asset_id")
        if not await park.is_there(db, park_id):
            raise NotFound("no_such_park", "park_id")
        return park_id
    home = await asset.home(db, facts["asset_id"])
    if home is None or not home.is_public:
        raise Invalid("unknown_reference", "asset_id")
    if park_id not in (None, home.park_id):
        raise Invalid("unknown_reference", "park_id")
    return home.park_id


async def id_of(db: Database, actor: Actor, reference: str) -> UUID:
    """The enquiry of a reference, as somebody names it on the telephone. Raises NotFound."""
    async with db.read(actor) as conn:
        rows = await enquiry.page(conn, EnquiryFilter(reference=reference), after=None, limit=1)
    if not rows:
        raise NotFound("no_such")
    enquiry_id: UUID = rows[0]["id"]
    return enquiry_id


async def receive(
    db: Database,
    actor: Actor,
    subject: EnquirySubject,
    facts: Mapping[str, Any],
    *,
    question: SolvedQuestion | None,
    once: Once | None,
) -> Answer:
    """Keeps an enquiry: as an act of the service, in the sender's name where they signed in.

    A question is spent by it: the same enquiry again gets the same reference, another one is refused.
    """
    writer = SYSTEM if actor.role is Role.anonymous else replace(actor, role=Role.system)
    enquiry_id, letters = new_id(), [secrets.choice(REFERENCE_LETTERS) for _ in range(8)]
    reference = f"{''.join(letters[:4])}-{''.join(letters[4:])}"
    named = {"asset_id": subject.asset_id, "firm_id": subject.firm_id}
    named |= {"demand_id": subject.demand_id, "ranking_id": subject.ranking_id}
    try:
        async with db.write(writer, subject.park_id, once=once) as act:
            received_at = await act.fix_instant()
            hours, _ = await enquiry.terms(act.conn, subject.park_id)
            row: dict[str, Any] = {**named, "park_id": subject.park_id, "id": enquiry_id, "reference": reference}
            row |= {"wants_visit": facts["wants_visit"], "consent": CONSENT if question is None else question.consent}
            row |= {"received_at": received_at, "due_at": after_working_hours(received_at, hours)}
            await enquiry.insert(act, row, kept_reach({name: facts.get(name) for name in PERSON}))
            act.did("enquiry.received", "enquiry", enquiry_id, **named, wants_visit=facts["wants_visit"])
            act.answer = Answer(json.dumps({"reference": reference}), 201)
    except KeyReused as spent:
        if question is None:
            raise
        raise Conflict("question_spent", "question.token") from spent
    return act.answer
