"""Deals over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from msgspec import structs

from actions import idle_period, outcome_view
from actions import outcome as outcome_actions
from api.bodies import sent_fields
from api.outcome_bodies import IdleCorrection, NewOutcome, Step
from api.paging import after_id, keyed, listed
from api.queries import OutcomeQuery
from api.request import RequestContext, request_context
from api.response import Reply, conditional, written
from domain.actor import ANONYMOUS, may
from domain.errors import Fault, Forbidden, NotFound, NotSignedIn
from domain.facts import FIRST_DAY, LAST_DAY, refuse
from domain.words import Path
from outcomes.stages import Stage
from store import outcome

ROUTE = "/api/v1/outcomes"
TAGS = ["outcomes"]
#: What the record of a unit says of its idle period.
IDLE = ("stated_idle_since", "stated_idle_since_precision", "idle_basis")
#: What a deal promises, a year.
PROMISES = ("revenue_yuan_year", "output_yuan_year", "tax_yuan_year")


def signed_in(context: RequestContext) -> None:
    """Raises NotSignedIn for a stranger."""
    if context.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")


@get(ROUTE, opt={"query": OutcomeQuery}, tags=TAGS)
async def list_outcomes(request: Request[Any, Any, Any]) -> Reply:
    """Deals of the caller's parks, or of the caller's firm; for an admin of every park."""
    context = await request_context(request)
    signed_in(context)
    query = context.query
    async with context.db.read(context.actor, park_id=query.park) as conn:
        rows = await outcome.page(conn, query.park, query.stage, after_id(context, ROUTE), query.limit + 1)
    return listed(context, ROUTE, *keyed(rows, query.limit, "id", "document"))


@get(f"{ROUTE}/{{outcome_id:uuid}}", tags=TAGS)
async def read_outcome(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """One deal, with its ETag; staff of its park see in `next` the stages it may go to, and what each takes."""
    context = await request_context(request)
    signed_in(context)
    shown = await outcome_view.read(context.db, context.actor, outcome_id)
    if shown is None:
        raise NotFound("no_such")
    return conditional(context, *shown)


@get(f"{ROUTE}/{{outcome_id:uuid}}/history", tags=TAGS)
async def outcome_history(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """Who did what to a deal, the latest first; for staff of its park."""
    context = await request_context(request)
    signed_in(context)
    home = await outcome.home(context.db, outcome_id)
    if home is None:
        raise NotFound("no_such")
    if not may(context.actor, "outcome.explain", park_id=home.park_id):
        raise Forbidden("not_yours") if context.actor.firm_id in home.firm_ids else NotFound("no_such")
    async with context.db.read(context.actor, park_id=home.park_id) as conn:
        events = await outcome.events(conn, home.park_id, outcome_id)
    body = f'{{"outcome_id":"{outcome_id}","events":[{",".join(events)}]}}'
    return Reply(body.encode())


@post(ROUTE, opt={"body": NewOutcome}, status_code=201, tags=TAGS)
async def open_outcome(request: Request[Any, Any, Any]) -> Reply:
    """Opens a deal on one of thirteen paths: from now on no other deal may touch the space."""
    context = await request_context(request)
    facts = {name: value for name, value in structs.asdict(context.body).items() if name not in PROMISES}
    facts["promises"] = {name: getattr(context.body, name) for name in PROMISES}
    check_days(facts)
    path = Path(context.body.__struct_config__.tag)
    return written(
        await outcome_actions.open_outcome(
            context.db, context.actor, path, **facts, once=context.once, today=context.today
        )
    )


@post(
    f"{ROUTE}/{{outcome_id:uuid}}/stages",
    opt={"body": Step, "if_match": True},
    status_code=200,
    tags=TAGS,
)
async def step_outcome(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """Moves a deal on along its path, back with a reason, or out: withdrawn, rejected, corrected; needs If-Match."""
    context = await request_context(request)
    facts = {name: value for name, value in sent_fields(context.body).items() if value is not None}
    check_days(facts)
    stage = Stage(facts.pop("stage"))
    answer = await outcome_actions.advance(
        context.db,
        context.actor,
        outcome_id,
        stage,
        facts,
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


@post(
    f"{ROUTE}/{{outcome_id:uuid}}/idle-corrections",
    opt={"body": IdleCorrection, "if_match": True},
    status_code=200,
    tags=TAGS,
)
async def correct_idle_period(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """Corrects the idle period that a revival ended, with a reason; it is judged again at once; needs If-Match."""
    context = await request_context(request)
    body = context.body
    facts = {name: getattr(body, name) for name in IDLE}
    answer = await idle_period.correct_idle_period(
        context.db,
        context.actor,
        outcome_id,
        body.asset_id,
        facts,
        source=body.source,
        reason=body.reason,
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


def check_days(facts: Mapping[str, Any]) -> None:
    """Raises Invalid for days that lie out of reach."""
    bounds = {"least": FIRST_DAY, "most": LAST_DAY}
    refuse(
        [
            Fault("out_of_range", name, bounds)
            for name, value in facts.items()
            if isinstance(value, date) and not FIRST_DAY <= value <= LAST_DAY
        ]
    )


ROUTES = [list_outcomes, read_outcome, outcome_history, open_outcome, step_outcome, correct_idle_period]
