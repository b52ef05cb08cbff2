"""Deals, tenancies and the district's figures over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath

from actions import deals
from api.bodies import NewLease, Step
from api.paging import after_id, keyed, listed
from api.queries import OutcomeQuery, RevitalizedQuery, TenancyQuery
from api.replies import NO_CACHE, Reply, conditional, written
from api.request import SHANGHAI, Call, opened
from domain.actor import ANONYMOUS, may
from domain.errors import Fault, Forbidden, Invalid, Malformed, NotFound, NotSignedIn
from domain.facts import FIRST_DAY, LAST_DAY
from domain.quantity import decimal_text, shown_mu, two_places
from domain.words import Role
from store import outcome, statistics

ROUTE, TENANCIES = "/api/v1/outcomes", "/api/v1/tenancies"
TAGS = ["outcomes"]
#: Stage → the dates and figures its step needs, and those it may carry.
STEP_FIELDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "reserved": (frozenset({"reserved_until"}), frozenset()),
    "signed": (frozenset({"signed_on"}), frozenset({"starts_on", "ends_on", "rent_yuan_m2_month"})),
    "handed_over": (frozenset({"handed_over_on"}), frozenset()),
    "ended": (frozenset({"ended_on"}), frozenset()),
    "withdrawn": (frozenset({"reason"}), frozenset()),
    "corrected": (frozenset({"reason"}), frozenset()),
}


def _signed_in(call: Call) -> None:
    if call.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")


@get(ROUTE, opt={"query": OutcomeQuery}, tags=TAGS)
async def list_outcomes(request: Request[Any, Any, Any]) -> Reply:
    """Deals of the caller's parks, or of the caller's firm; an admin names the park."""
    call = await opened(request)
    _signed_in(call)
    query = call.query
    async with call.db.read(call.actor, park_id=query.park) as conn:
        rows = await outcome.page(conn, query.park, query.stage, after_id(call, ROUTE), query.limit + 1)
    return listed(call, ROUTE, *keyed(rows, query.limit, "id", "document"))


@get(f"{ROUTE}/{{outcome_id:uuid}}", tags=TAGS)
async def read_outcome(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """One deal, with its ETag."""
    call = await opened(request)
    _signed_in(call)
    async with call.db.read(call.actor, park_id=await _park_for_admin(call, outcome_id)) as conn:
        seen = await outcome.visible(conn, outcome_id)
    if seen is None:
        raise NotFound("no_such")
    return conditional(call, *seen)


@get(f"{ROUTE}/{{outcome_id:uuid}}/history", tags=TAGS)
async def outcome_history(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """Who did what to a deal, the latest first; for staff of its park."""
    call = await opened(request)
    _signed_in(call)
    home = await outcome.home(call.db, outcome_id)
    if home is None:
        raise NotFound("no_such")
    park_id, firm_id = home
    if not may(call.actor, "outcome.explain", park_id=park_id):
        raise Forbidden("not_yours") if firm_id == call.actor.firm_id else NotFound("no_such")
    async with call.db.read(call.actor, park_id=park_id) as conn:
        events = await outcome.events(conn, park_id, outcome_id)
    body = f'{{"outcome_id":"{outcome_id}","events":[{",".join(events)}]}}'
    return Reply(body.encode())


async def _park_for_admin(call: Call, outcome_id: UUID) -> UUID | None:
    home = await outcome.home(call.db, outcome_id) if call.actor.role is Role.admin else None
    return None if home is None else home[0]


@post(ROUTE, opt={"body": NewLease}, status_code=201, tags=TAGS)
async def open_outcome(request: Request[Any, Any, Any]) -> Reply:
    """Opens a lease: from now on no other deal may touch the space."""
    call = await opened(request)
    body: NewLease = call.body
    _check_days(body)
    answer = await deals.open_lease(
        call.db,
        call.actor,
        body.asset_ids,
        body.firm_id,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        opened_on=body.opened_on,
        demand_id=body.demand_id,
        ranking_id=body.ranking_id,
        promises={"revenue_yuan_year": body.revenue_yuan_year, "tax_yuan_year": body.tax_yuan_year},
        source=body.source,
        once=call.once,
        today=call.today,
    )
    return written(answer)


@post(f"{ROUTE}/{{outcome_id:uuid}}/stages", opt={"body": Step}, status_code=200, tags=TAGS)
async def step_outcome(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """Moves a deal one stage on: reserved, signed, handed_over, ended; or withdrawn, corrected. Needs If-Match."""
    call = await opened(request)
    body: Step = call.body
    _check_days(body)
    told = _step_fields(body)
    acts: Mapping[str, Any] = {
        "reserved": deals.reserve,
        "signed": deals.sign,
        "handed_over": deals.hand_over,
        "ended": deals.end,
        "withdrawn": deals.withdraw,
        "corrected": deals.correct,
    }
    if "reserved_until" in told:
        told["until"] = told.pop("reserved_until")
    answer = await acts[body.stage](
        call.db, call.actor, outcome_id, **told, if_match=call.if_match, once=call.once, today=call.today
    )
    return written(answer)


def _step_fields(body: Step) -> dict[str, Any]:
    """What the body tells of the step. Raises Invalid for what is missing and for what belongs to another stage."""
    told = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not None}
    stage = told.pop("stage")
    needed, allowed = STEP_FIELDS[stage]
    faults = [Fault("missing", name) for name in sorted(needed - set(told))]
    faults += [Fault("other_stage", name, {"stage": stage}) for name in sorted(set(told) - needed - allowed)]
    if faults:
        raise Invalid.of(faults)
    return told


def _check_days(body: msgspec.Struct) -> None:
    faults = [
        Fault("out_of_range", name, {"least": FIRST_DAY, "most": LAST_DAY})
        for name, value in msgspec.structs.asdict(body).items()
        if isinstance(value, date) and not FIRST_DAY <= value <= LAST_DAY
    ]
    if faults:
        raise Invalid.of(faults)


@get(TENANCIES, opt={"query": TenancyQuery}, tags=["tenancies"])
async def list_tenancies(request: Request[Any, Any, Any]) -> Reply:
    """Who is where from when to when, in the caller's parks or of the caller's firm; an admin names the park."""
    call = await opened(request)
    _signed_in(call)
    query = call.query
    async with call.db.read(call.actor, park_id=query.park) as conn:
        rows = await outcome.tenancies_page(conn, query.park, query.asset, after_id(call, TENANCIES), query.limit + 1)
    return listed(call, TENANCIES, *keyed(rows, query.limit, "id", "document"))


@get("/api/v1/stats/revitalized", opt={"query": RevitalizedQuery}, tags=["statistics"])
async def revitalized(request: Request[Any, Any, Any]) -> Reply:
    """Idle land (in mu) and factory space (in m²) put back to use in a period, as known now or at an instant."""
    call = await opened(request)
    query: RevitalizedQuery = call.query
    for name, day in (("from", query.starts_on), ("to", query.ends_on)):
        if not FIRST_DAY <= day <= LAST_DAY:
            raise Malformed("out_of_range", name, least=FIRST_DAY, most=LAST_DAY)
    if query.starts_on > query.ends_on:
        raise Malformed("period_reversed", "from")
    as_of = None if query.as_of is None else instant_of(query.as_of, call.now)
    rows, stated = await statistics.revitalized(
        call.db, query.starts_on, query.ends_on, as_of=as_of, park_id=query.park
    )
    body = {
        "from": query.starts_on.isoformat(),
        "to": query.ends_on.isoformat(),
        "as_of": None if as_of is None else as_of.isoformat(),
        "land": _land(rows.get("land")),
        "factory": _factory(rows.get("factory")),
        "stated_by_source": [
            {name: one[name] for name in ("area_mu", "area_m2", "source") if name in one} for one in stated
        ],
    }
    return Reply(json.dumps(body, ensure_ascii=False).encode(), headers=NO_CACHE)


def instant_of(text: str, now: datetime) -> datetime:
    """An instant, or the end of a day in Asia/Shanghai. Raises Malformed for another text, or the future."""
    try:
        if len(text) == 10:
            day = date.fromisoformat(text) + timedelta(days=1)
            at = datetime.combine(day, time(), SHANGHAI) - timedelta(microseconds=1)
            # The day that is not over yet is known as of now.
            at = now if day - timedelta(days=1) == now.astimezone(SHANGHAI).date() else at
        else:
            at = datetime.fromisoformat(text.replace(" ", "+"))
    except (ValueError, OverflowError) as fault:
        raise Malformed("as_of_form", "as_of") from fault
    if at.tzinfo is None:
        raise Malformed("as_of_form", "as_of")
    if at > now:
        raise Malformed("as_of_future", "as_of")
    if at.date() < FIRST_DAY:
        raise Malformed("out_of_range", "as_of", least=FIRST_DAY, most=now.date())
    return at


def _land(row: Any) -> dict[str, Any]:
    area_mu, illustrative_mu, area_m2 = _figures(row, "area_mu", "illustrative_area_mu", "area_m2")
    return {
        "area_mu": shown_mu(area_mu),
        "area_m2": decimal_text(two_places(area_m2)),
        "cases": _count(row, "cases"),
        "illustrative_area_mu": shown_mu(illustrative_mu),
        "cases_without_area": _count(row, "cases_without_area"),
    }


def _factory(row: Any) -> dict[str, Any]:
    area_m2, illustrative_m2 = _figures(row, "area_m2", "illustrative_area_m2")
    return {
        "area_m2": decimal_text(two_places(area_m2)),
        "cases": _count(row, "cases"),
        "illustrative_area_m2": decimal_text(two_places(illustrative_m2)),
        "cases_without_area": _count(row, "cases_without_area"),
    }


def _figures(row: Any, *names: str) -> list[Decimal]:
    return [Decimal(0) if row is None or row[name] is None else row[name] for name in names]


def _count(row: Any, name: str) -> int:
    return 0 if row is None else int(row[name])


ROUTES = [
    list_outcomes,
    read_outcome,
    outcome_history,
    open_outcome,
    step_outcome,
    list_tenancies,
    revitalized,
]
