"""Accounts for firms: signed up for by credit code, accepted by a park; joined by invitation. Over HTTP."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from actions import enquiry, invitation
from actions import sign_up as acts
from api.bodies import Password, Text, sent_fields
from api.enquiry import HOUR_S, PER_PARK, QuestionAnswer, spend_network
from api.paging import after_id, keyed, listed
from api.queries import PageQuery
from api.request import request_context
from api.response import NO_STORE, Reply, written
from domain.actor import ANONYMOUS
from domain.errors import Invalid
from store import invitation as invitations
from store import sign_up

ROUTE, TAGS = "/api/v1/sign-ups", ["auth"]
INVITATIONS = "/api/v1/firms/{firm_id:uuid}/invitations"


class SignUp(Struct, forbid_unknown_fields=True, kw_only=True):
    """Who wants an account for which firm, and the park that looks at it where the firm is new."""

    credit_code: Annotated[str, Meta(max_length=64)]
    firm_name: Text
    park_id: UUID
    login: Annotated[str, Meta(max_length=64)]
    password: Password
    name: Annotated[str, Meta(max_length=enquiry.MOST_NAME)]
    phone: Text | None = None
    mail: Text | None = None
    consent: bool
    invitation: Annotated[str, Meta(max_length=acts.MOST_TOKEN)] | None = None
    question: QuestionAnswer | None = None


class SignUpAcceptance(Struct, forbid_unknown_fields=True, kw_only=True):
    """The proof that was seen; another login where the one wanted is taken."""

    proof: Text
    login: Annotated[str, Meta(max_length=64)] | None = None


@post(ROUTE, opt={"body": SignUp, "has_password": True}, status_code=202, tags=TAGS)
async def sign_up_firm(request: Request[Any, Any, Any]) -> Reply:
    """Signs up for an account of a firm by its credit code; the answer is the same whatever is known.

    A firm that is known is accepted by the park that keeps it or has a deal with it, another by the park named here,
    after a proof was seen; until then there is no account. Who joins a firm that has one brings its invitation.
    Strangers send the answer to a question of `GET /api/v1/enquiries/question`.
    """
    context = await request_context(request)
    enquiry.refuse_readers(context.actor)
    body: SignUp = context.body
    facts = {name: value for name, value in sent_fields(body).items() if name not in ("password", "question")}
    if context.actor is ANONYMOUS:
        spend_network(context, "sign-up")
    acts.check_applicant(facts)
    question, once = None, context.once
    if context.actor is ANONYMOUS:
        if body.question is None:
            raise Invalid("missing", "question")
        now_s = int(context.now.timestamp())
        question = await enquiry.check_question(context.db, body.question.token, body.question.answer, now_s)
        context.state.limits.spend("sign-ups of a park", str(body.park_id), PER_PARK, window_s=HOUR_S)
        once = await acts.sign_up_once(question, hashlib.sha256(msgspec.json.encode(body)).digest())
    answer = await acts.receive_sign_up(
        context.db, facts, body.password, body.invitation, question=question, once=once, today=context.today
    )
    return written(answer)


@get(ROUTE, opt={"query": PageQuery}, tags=TAGS)
async def list_sign_ups(request: Request[Any, Any, Any]) -> Reply:
    """Sign-ups that the staff of the caller's parks decide on; for an admin all that anybody decides on."""
    context = await request_context(request)
    parks, after = acts.parks_of(context.actor), after_id(context, ROUTE)
    rows = await sign_up.page(context.db, parks, after=after, limit=context.query.limit + 1)
    return listed(context, ROUTE, *keyed(rows, context.query.limit, "id", "document"))


@post(f"{ROUTE}/{{sign_up_id:uuid}}/acceptance", opt={"body": SignUpAcceptance}, status_code=200, tags=TAGS)
async def accept_sign_up(request: Request[Any, Any, Any], sign_up_id: FromPath[UUID]) -> Reply:
    """Accepts a sign-up and records the proof that was seen: from now on there is the account, and its firm."""
    context = await request_context(request)
    body: SignUpAcceptance = context.body
    answer = await acts.accept_sign_up(
        context.db, context.actor, sign_up_id, proof=body.proof, login=body.login, once=context.once
    )
    return written(answer)


@delete(f"{ROUTE}/{{sign_up_id:uuid}}", status_code=200, tags=TAGS)
async def refuse_sign_up(request: Request[Any, Any, Any], sign_up_id: FromPath[UUID]) -> Reply:
    """Refuses a sign-up: it is gone, with the person."""
    context = await request_context(request)
    return written(await acts.refuse_sign_up(context.db, context.actor, sign_up_id, once=context.once))


@post(INVITATIONS, status_code=201, tags=TAGS)
async def invite(request: Request[Any, Any, Any], firm_id: FromPath[UUID]) -> Reply:
    """Invites somebody to join the caller's firm: the token is shown this once, and is good once within a week."""
    context = await request_context(request)
    return written(await invitation.invite(context.db, context.actor, firm_id, once=context.once, today=context.today))


@get(INVITATIONS, tags=TAGS)
async def list_invitations(request: Request[Any, Any, Any], firm_id: FromPath[UUID]) -> Reply:
    """The invitations of a firm, the latest first; for the firm itself."""
    context = await request_context(request)
    await invitation.require_own(context.db, context.actor, firm_id)
    async with context.db.read(context.actor) as conn:
        items = await invitations.page(conn, firm_id, context.today)
    return Reply(f'{{"items":[{",".join(items)}],"next":null}}'.encode(), headers=NO_STORE)


@delete(f"{INVITATIONS}/{{invitation_id:uuid}}", status_code=200, tags=TAGS)
async def withdraw_invitation(
    request: Request[Any, Any, Any], firm_id: FromPath[UUID], invitation_id: FromPath[UUID]
) -> Reply:
    """Takes an invitation back, while nobody has joined by it."""
    context = await request_context(request)
    answer = await invitation.withdraw_invitation(context.db, context.actor, firm_id, invitation_id, once=context.once)
    return written(answer)


ROUTES = [
    sign_up_firm,
    list_sign_ups,
    accept_sign_up,
    refuse_sign_up,
    invite,
    list_invitations,
    withdraw_invitation,
]
