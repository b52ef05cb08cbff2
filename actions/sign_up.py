"""Somebody wants an account for a firm, by its credit code. What they are answered says nothing of what is known.

Until a park has seen a proof there is no account. A known firm is accepted by the park that keeps it or has a deal with
it, a new one by the park that was named; a firm that has an account is joined by its invitation alone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from actions.account import hashed_password
from actions.authorization import new_id, require
from actions.enquiry import sender_faults
from actions.sign_in import LOGIN, hashed, slow_digest
from domain import credit_code as codes
from domain.actor import SYSTEM, Actor
from domain.answer import Answer, Once
from domain.enquiry_terms import CONSENT
from domain.errors import Conflict, Fault, Invalid, KeyReused, NotFound
from domain.facts import refuse, value_faults
from domain.question import SolvedQuestion
from domain.reachable import kept_reach
from domain.text import text_fault
from domain.words import Role
from store import account, firm, invitation, park, sign_up
from store.db import NIL, Act, Database
from store.spelling import load_dictionary

DECIDE = "sign_up.decide"
#: The same bytes for whoever signs up for whatever firm.
RECEIVED = Answer(json.dumps({"received": True}), 202)
MOST_TOKEN = 100
FACTS = ("firm_name", "login", "name", "phone", "mail")


def check_applicant(facts: Mapping[str, Any]) -> None:
    """Raises Invalid for all that is wrong with what was filled in; nothing that is known decides."""
    code = codes.fault(codes.normalise(facts["credit_code"]))
    faults = [] if code is None else [Fault(code.code, "credit_code", code.params)]
    faults += value_faults({"firm_name": facts["firm_name"]}) + sender_faults(facts)
    if LOGIN.fullmatch(facts["login"]) is None:
        faults.append(Fault("login_form", "login"))
    hidden = None if facts["invitation"] is None else text_fault(facts["invitation"], max_chars=MOST_TOKEN)
    refuse(faults + ([] if hidden is None else [Fault(hidden.code, "invitation", hidden.params)]))


async def sign_up_once(question: SolvedQuestion, digest: bytes) -> Once:
    """What spends a question; the body holds a password, so its fingerprint is slow to guess from."""
    key = f"question {question.nonce}"
    return Once(key, await asyncio.to_thread(slow_digest, digest, key))


async def receive_sign_up(
    db: Database,
    facts: Mapping[str, Any],
    password: str,
    token: str | None,
    *,
    question: SolvedQuestion | None,
    once: Once | None,
    today: date,
) -> Answer:
    """Keeps a sign-up until a park decides on it; with the token of an open invitation the account is there at once.

    Raises: Invalid for a weak password, NotFound for a park that is not there, as parks are public.
    """
    if not await park.is_there(db, facts["park_id"]):
        raise NotFound("no_such_park", "park_id")
    row = {name: facts.get(name) for name in FACTS}
    row = kept_reach(row) | {"park_id": facts["park_id"], "credit_code": codes.normalise(facts["credit_code"])}
    row |= {"password_hash": await hashed_password(password, facts["login"]), "id": new_id()}
    row |= {"consent": CONSENT if question is None else question.consent}
    try:
        if token is None or not await _join(db, row, token, once, today):
            await _keep(db, row, once)
    except KeyReused as spent:
        if question is None:
            raise
        raise Conflict("question_spent", "question.token") from spent
    return RECEIVED


async def _keep(db: Database, row: Mapping[str, Any], once: Once | None) -> None:
    """An act in the nil scope: in that of a park it would tell whose the firm is."""
    async with db.write(SYSTEM, NIL, once=once) as act:
        await act.fix_instant()
        await sign_up.insert(act, row)
        act.did("sign_up.received", "sign_up", row["id"], park_id=row["park_id"])
        act.answer = RECEIVED


async def _join(db: Database, row: Mapping[str, Any], token: str, once: Once | None, today: date) -> bool:
    """Whether an invitation let them in. One that is over, of another firm, or a login that is taken is none."""
    invited = await invitation.open_one(db, hashed(token), today)
    if invited is None or invited["credit_code"] not in (None, row["credit_code"]):
        return False
    try:
        async with db.write(SYSTEM, invited["firm_id"], once=once) as act:
            await firm.lock(act)
            account_id = await _add_account(act, row["login"], row["password_hash"], invited["firm_id"])
            if not await invitation.use(act, invited["id"], account_id):
                raise Conflict("taken", "token")
            act.did("firm.joined", "firm", invited["firm_id"], invitation_id=invited["id"], account_id=account_id)
            act.answer = RECEIVED
    except Conflict:
        return False
    return True


async def _add_account(act: Act, login: str, password_hash: str, firm_id: UUID) -> UUID:
    account_id = new_id()
    await account.insert(act, account_id, login, password_hash, Role.firm, firm_id, [])
    act.did("account.added", "account", account_id, role=Role.firm.value, firm_id=firm_id)
    return account_id


def parks_of(actor: Actor) -> Collection[UUID] | None:
    """The parks in whose name the caller decides; None: an admin, for all. Raises for who may not decide."""
    require(actor, DECIDE)
    return None if actor.role is Role.admin else actor.park_ids


async def accept_sign_up(
    db: Database, actor: Actor, sign_up_id: UUID, *, proof: str, login: str | None, once: Once | None
) -> Answer:
    """The account is there, and its firm where it is new; the event records the proof that was seen.

    Raises: NotFound where it is not the caller's to decide; Conflict for a login that is taken, so that they give
    another, and where somebody else was quicker.
    """
    parks = parks_of(actor)
    refuse(value_faults({"proof": proof}))
    if login is not None and LOGIN.fullmatch(login) is None:
        raise Invalid("login_form", "login")
    await db.replay(actor, once)
    known = await _waiting(db, parks, sign_up_id)
    firm_id = known["firm_id"] or new_id()
    await load_dictionary()
    async with db.write(replace(actor, role=Role.system), firm_id, once=once) as act:
        row = await sign_up.lock(act, parks, sign_up_id)
        if row is None or row["firm_id"] != known["firm_id"]:
            raise NotFound("no_such")
        if known["firm_id"] is None:
            await _add_firm(act, firm_id, row)
        elif await firm.lock(act) is None or await sign_up.has_account(act, firm_id):
            raise NotFound("no_such")
        account_id = await _add_account(act, login or row["login"], row["password_hash"], firm_id)
        await sign_up.remove_all(act, row["credit_code"])
        accepted = {"sign_up_id": sign_up_id, "account_id": account_id, "proof": proof}
        act.did("sign_up.accepted", "firm", firm_id, **accepted, park_ids=sorted(parks or ()))
        act.answer = Answer(json.dumps({"firm_id": str(firm_id), "account_id": str(account_id)}))
    return act.answer


async def _waiting(db: Database, parks: Collection[UUID] | None, sign_up_id: UUID) -> Any:
    rows = await sign_up.page(db, parks, sign_up_id=sign_up_id, after=None, limit=1)
    if not rows:
        raise NotFound("no_such")
    return rows[0]


async def _add_firm(act: Act, firm_id: UUID, row: Mapping[str, Any]) -> None:
    """A firm that nobody knew, kept by the park that was named. Raises Conflict where it was added meanwhile."""
    await act.fix_instant()
    facts = {"name": row["firm_name"], "credit_code": row["credit_code"], "registering_park_id": row["park_id"]}
    await firm.insert(act, {**facts, "id": firm_id, "illustrative": []})
    act.did("firm.added", "firm", firm_id, **facts)


async def refuse_sign_up(db: Database, actor: Actor, sign_up_id: UUID, *, once: Once | None) -> Answer:
    """The sign-up is gone with who signed up; they are told nothing."""
    parks = parks_of(actor)
    await db.replay(actor, once)
    known = await _waiting(db, parks, sign_up_id)
    async with db.write(replace(actor, role=Role.system), NIL, once=once) as act:
        await act.fix_instant()
        if not await sign_up.remove(act, sign_up_id):
            raise NotFound("no_such")
        act.did("sign_up.refused", "sign_up", sign_up_id, park_id=known["park_id"])
        act.answer = Answer(json.dumps({"id": str(sign_up_id), "refused": True}))
    return act.answer
