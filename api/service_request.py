"""What firms ask of a park (企业吹哨), whom they turn to, and visits to them, over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, delete, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct, structs

from actions import service_request as acts
from actions.authorization import require
from api.bodies import Text
from api.paging import after_id, keyed, listed
from api.queries import PageQuery
from api.request import RequestContext, request_context
from api.response import NO_STORE, Reply, conditional, written
from domain.actor import ANONYMOUS
from domain.errors import Invalid, NotFound, NotSignedIn
from outcomes.service_request import RequestStage, Topic
from store import firm, service_request

ROUTE, TAGS = "/api/v1/service-requests", ["service requests"]
OFFICER, VISITS = "/api/v1/firms/{firm_id:uuid}/officer", "/api/v1/firms/{firm_id:uuid}/visits"
Words = Annotated[str, Meta(max_length=4000)]


class RequestQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """Requests to one park, of one firm, or at one stage."""

    park: UUID | None = None
    firm: UUID | None = None
    stage: RequestStage | None = None


class VisitQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """Visits to a firm by one park."""

    park: UUID | None = None


class NewRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a firm asks of a park; staff name the firm."""

    park_id: UUID
    topic: Topic
    request: Words
    firm_id: UUID | None = None
    outcome_id: UUID | None = None


class RequestStep(Struct, forbid_unknown_fields=True, kw_only=True):
    """One step of a request: dispatched to a department, answered, closed."""

    stage: RequestStage
    department: Text | None = None
    due_on: date | None = None
    answer: Words | None = None
    is_satisfied: bool | None = None


class Officer(Struct, forbid_unknown_fields=True, kw_only=True):
    """Whom a firm turns to in a park."""

    park_id: UUID
    name: Text
    phone: Text | None = None


class NewVisit(Struct, forbid_unknown_fields=True, kw_only=True):
    """A visit of the park to a firm."""

    park_id: UUID
    visited_on: date
    note: Words
    outcome_id: UUID | None = None


async def _signed_in(request: Request[Any, Any, Any]) -> RequestContext:
    context = await request_context(request)
    if context.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    return context


async def _require_firm(conn: Any, firm_id: UUID) -> None:
    if await firm.visible(conn, firm_id) is None:
        raise NotFound("no_such")


@get(ROUTE, opt={"query": RequestQuery}, tags=TAGS)
async def list_requests(request: Request[Any, Any, Any]) -> Reply:
    """Requests to the caller's parks, or of the caller's firm; for an admin to every park."""
    context = await _signed_in(request)
    query = context.query
    async with context.db.read(context.actor, park_id=query.park) as conn:
        after = after_id(context, ROUTE)
        rows = await service_request.page(conn, query.park, query.firm, query.stage, after, query.limit + 1)
    return listed(context, ROUTE, *keyed(rows, query.limit, "id", "document"))


@post(ROUTE, opt={"body": NewRequest}, status_code=201, tags=TAGS)
async def raise_request(request: Request[Any, Any, Any]) -> Reply:
    """Raises a request: a firm for itself, on a deal or not; staff for a firm."""
    context = await _signed_in(request)
    body = context.body
    firm_id = body.firm_id or context.actor.firm_id
    if firm_id is None:
        raise Invalid("missing", "firm_id")
    answer = await acts.raise_request(
        context.db,
        context.actor,
        body.park_id,
        firm_id,
        topic=body.topic,
        request=body.request,
        outcome_id=body.outcome_id,
        once=context.once,
        today=context.today,
    )
    return written(answer)


@get(f"{ROUTE}/{{request_id:uuid}}", tags=TAGS)
async def read_request(request: Request[Any, Any, Any], request_id: FromPath[UUID]) -> Reply:
    """One request, with its ETag."""
    context = await _signed_in(request)
    async with context.db.read(context.actor) as conn:
        visible = await service_request.visible(conn, request_id)
    if visible is None:
        raise NotFound("no_such")
    return conditional(context, *visible)


@post(f"{ROUTE}/{{request_id:uuid}}/stages", opt={"body": RequestStep, "if_match": True}, status_code=200, tags=TAGS)
async def step_request(request: Request[Any, Any, Any], request_id: FromPath[UUID]) -> Reply:
    """Dispatches a request to a department, answers it, or closes it; needs If-Match."""
    context = await _signed_in(request)
    facts = {name: value for name, value in structs.asdict(context.body).items() if value is not None}
    stage = facts.pop("stage")
    answer = await acts.step_request(
        context.db,
        context.actor,
        request_id,
        stage=stage,
        facts=facts,
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


@get(OFFICER, tags=["firms"])
async def firm_officers(request: Request[Any, Any, Any], firm_id: FromPath[UUID]) -> Reply:
    """Whom a firm turns to, park by park: for the firm itself, and for staff of those parks."""
    context = await _signed_in(request)
    require(context.actor, "contact.read", firm_id=context.actor.firm_id)
    async with context.db.read(context.actor) as conn:
        await _require_firm(conn, firm_id)
        officers = await service_request.officers(conn, firm_id)
    return Reply(f'{{"items":[{",".join(officers)}],"next":null}}'.encode(), headers=NO_STORE)


@post(OFFICER, opt={"body": Officer}, status_code=200, tags=["firms"])
async def set_officer(request: Request[Any, Any, Any], firm_id: FromPath[UUID]) -> Reply:
    """Says whom a firm turns to in a park (服务企业专员); who was before is erased. For its staff."""
    context = await _signed_in(request)
    body = context.body
    answer = await acts.set_officer(
        context.db, context.actor, body.park_id, firm_id, name=body.name, phone=body.phone, once=context.once
    )
    return written(answer)


@delete("/api/v1/contacts/{contact_id:uuid}", status_code=200, tags=["firms"])
async def erase_contact(request: Request[Any, Any, Any], contact_id: FromPath[UUID]) -> Reply:
    """Erases a person's name and telephone for good, with every contact of the park in which both are the same."""
    context = await _signed_in(request)
    return written(await acts.erase_contact(context.db, context.actor, contact_id, once=context.once))


@get(VISITS, opt={"query": VisitQuery}, tags=["firms"])
async def list_visits(request: Request[Any, Any, Any], firm_id: FromPath[UUID]) -> Reply:
    """Visits to a firm by the caller's parks; for an admin by every park."""
    context = await _signed_in(request)
    route = VISITS.replace("{firm_id:uuid}", str(firm_id))
    async with context.db.read(context.actor, park_id=context.query.park) as conn:
        await _require_firm(conn, firm_id)
        rows = await service_request.visits(
            conn, firm_id, context.query.park, after_id(context, route), context.query.limit + 1
        )
    return listed(context, route, *keyed(rows, context.query.limit, "id", "document"))


@post(VISITS, opt={"body": NewVisit}, status_code=201, tags=["firms"])
async def note_visit(request: Request[Any, Any, Any], firm_id: FromPath[UUID]) -> Reply:
    """Notes a visit to a firm (走访), on a deal or not; for staff."""
    context = await _signed_in(request)
    body = context.body
    answer = await acts.note_visit(
        context.db,
        context.actor,
        body.park_id,
        firm_id,
        visited_on=body.visited_on,
        note=body.note,
        outcome_id=body.outcome_id,
        once=context.once,
        today=context.today,
    )
    return written(answer)


ROUTES = [
    list_requests,
    raise_request,
    read_request,
    step_request,
    firm_officers,
    set_officer,
    erase_contact,
    list_visits,
    note_visit,
]
