"""Deals over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from msgspec import structs

from actions import deals, idle_period
from api.bodies import given
from api.deal_bodies import IdleCorrection, NewOutcome, Step
from api.paging import after_id, keyed, listed
from api.queries import OutcomeQuery
from api.replies import Reply, conditional, written
from api.request import Call, opened
from domain.actor import ANONYMOUS, may
from domain.errors import Fault, Forbidden, NotFound, NotSignedIn
from domain.facts import FIRST_DAY, LAST_DAY, refuse
from domain.words import Path, Role
from outcomes.stages import Stage
from store import outcome

ROUTE = "/api/v1/outcomes"
TAGS = ["outcomes"]
#: What the record of a unit says of its idle period.
IDLE = ("stated_idle_since", "stated_idle_since_precision", "idle_basis")
#: What a deal promises, a year.
PROMISES = ("revenue_yuan_year", "output_yuan_year", "tax_yuan_year")


def signed_in(call: Call) -> None:
    """Raises NotSignedIn for a stranger."""
    if call.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")


@get(ROUTE, opt={"query": OutcomeQuery}, tags=TAGS)
async def list_outcomes(request: Request[Any, Any, Any]) -> Reply:
    """Deals of the caller's parks, or of the caller's firm; an admin names the park."""
    call = await opened(request)
    signed_in(call)
    query = call.query
    async with call.db.read(call.actor, park_id=query.park) as conn:
        rows = await outcome.page(conn, query.park, query.stage, after_id(call, ROUTE), query.limit + 1)
    return listed(call, ROUTE, *keyed(rows, query.limit, "id", "document"))


@get(f"{ROUTE}/{{outcome_id:uuid}}", tags=TAGS)
async def read_outcome(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """One deal, with its ETag."""
    call = await opened(request)
    signed_in(call)
    async with call.db.read(call.actor, park_id=await park_for_admin(call, outcome_id)) as conn:
        seen = await outcome.visible(conn, outcome_id)
    if seen is None:
        raise NotFound("no_such")
    return conditional(call, *seen)


@get(f"{ROUTE}/{{outcome_id:uuid}}/history", tags=TAGS)
async def outcome_history(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """Who did what to a deal, the latest first; for staff of its park."""
    call = await opened(request)
    signed_in(call)
    home = await outcome.home(call.db, outcome_id)
    if home is None:
        raise NotFound("no_such")
    if not may(call.actor, "outcome.explain", park_id=home.park_id):
        raise Forbidden("not_yours") if call.actor.firm_id in home.firm_ids else NotFound("no_such")
    async with call.db.read(call.actor, park_id=home.park_id) as conn:
        events = await outcome.events(conn, home.park_id, outcome_id)
    body = f'{{"outcome_id":"{outcome_id}","events":[{",".join(events)}]}}'
    return Reply(body.encode())


async def park_for_admin(call: Call, outcome_id: UUID) -> UUID | None:
    """The park an admin looks behind: that of the deal."""
    home = await outcome.home(call.db, outcome_id) if call.actor.role is Role.admin else None
    return None if home is None else home.park_id


@post(ROUTE, opt={"body": NewOutcome}, status_code=201, tags=TAGS)
async def open_outcome(request: Request[Any, Any, Any]) -> Reply:
    """Opens a deal on one of thirteen paths: from now on no other deal may touch the space."""
    call = await opened(request)
    told = {name: value for name, value in structs.asdict(call.body).items() if name not in PROMISES}
    told["promises"] = {name: getattr(call.body, name) for name in PROMISES}
    check_days(told)
    path = Path(call.body.__struct_config__.tag)
    return written(await deals.open_deal(call.db, call.actor, path, **told, once=call.once, today=call.today))


@post(f"{ROUTE}/{{outcome_id:uuid}}/stages", opt={"body": Step, "if_match": True}, status_code=200, tags=TAGS)
async def step_outcome(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """Moves a deal on along its path, back with a reason, or out: withdrawn, rejected, corrected; needs If-Match."""
    call = await opened(request)
    told = {name: value for name, value in given(call.body).items() if value is not None}
    check_days(told)
    stage = Stage(told.pop("stage"))
    answer = await deals.advance(
        call.db, call.actor, outcome_id, stage, told, if_match=call.if_match, once=call.once, today=call.today
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
    call = await opened(request)
    body = call.body
    facts = {name: getattr(body, name) for name in IDLE}
    answer = await idle_period.correct_idle_period(
        call.db,
        call.actor,
        outcome_id,
        body.asset_id,
        facts,
        source=body.source,
        reason=body.reason,
        if_match=call.if_match,
        once=call.once,
        today=call.today,
    )
    return written(answer)


def check_days(told: Mapping[str, Any]) -> None:
    """Raises Invalid for days that are slips of the pen."""
    bounds = {"least": FIRST_DAY, "most": LAST_DAY}
    refuse(
        [
            Fault("out_of_range", name, bounds)
            for name, value in told.items()
            if isinstance(value, date) and not FIRST_DAY <= value <= LAST_DAY
        ]
    )


ROUTES = [list_outcomes, read_outcome, outcome_history, open_outcome, step_outcome, correct_idle_period]
