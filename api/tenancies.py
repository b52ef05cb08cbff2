"""Tenancies over HTTP: who is where from when to when, and what is said of their ends."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from msgspec import structs

from actions import tenancies
from api.bodies import given
from api.deal_bodies import NewRenewal, TenantLeft, TenantStays
from api.outcomes import check_days, signed_in
from api.paging import after_id, keyed, listed
from api.queries import TenancyQuery
from api.replies import Reply, conditional, written
from api.request import opened
from domain.errors import NotFound
from domain.words import Role
from store import tenancy

ROUTE = "/api/v1/tenancies"
ONE = f"{ROUTE}/{{tenancy_id:uuid}}"
TAGS = ["tenancies"]


@get(ROUTE, opt={"query": TenancyQuery}, tags=TAGS)
async def list_tenancies(request: Request[Any, Any, Any]) -> Reply:
    """Who is where from when to when, in the caller's parks or of the caller's firm; an admin names the park.

    `state=to_verify` are those past their term of which nobody said whether the tenant left, stays or has renewed;
    `ends_before` is a day after the last.
    """
    call = await opened(request)
    signed_in(call)
    query = call.query
    async with call.db.read(call.actor, park_id=query.park) as conn:
        rows = await tenancy.page(
            conn,
            park_id=query.park,
            asset_id=query.asset,
            firm_id=query.firm,
            state=query.state,
            ends_before=query.ends_before,
            open_ended=query.open_ended,
            after=after_id(call, ROUTE),
            limit=query.limit + 1,
        )
    return listed(call, ROUTE, *keyed(rows, query.limit, "id", "document"))


@get(ONE, tags=TAGS)
async def read_tenancy(request: Request[Any, Any, Any], tenancy_id: FromPath[UUID]) -> Reply:
    """One tenancy, with its ETag."""
    call = await opened(request)
    signed_in(call)
    home = await tenancy.home(call.db, tenancy_id) if call.actor.role is Role.admin else None
    async with call.db.read(call.actor, park_id=None if home is None else home.park_id) as conn:
        seen = await tenancy.visible(conn, tenancy_id)
    if seen is None:
        raise NotFound("no_such")
    return conditional(call, *seen)


@post(f"{ONE}/left", opt={"body": TenantLeft, "if_match": True}, status_code=200, tags=TAGS)
async def tenant_left(request: Request[Any, Any, Any], tenancy_id: FromPath[UUID]) -> Reply:
    """The tenant left: its last day, which may lie after the term; it ends the deal; needs If-Match."""
    call = await opened(request)
    told = structs.asdict(call.body)
    check_days(told)
    answer = await tenancies.leave(
        call.db, call.actor, tenancy_id, **told, if_match=call.if_match, once=call.once, today=call.today
    )
    return written(answer)


@post(f"{ONE}/stays", opt={"body": TenantStays, "if_match": True}, status_code=200, tags=TAGS)
async def tenant_stays(request: Request[Any, Any, Any], tenancy_id: FromPath[UUID]) -> Reply:
    """The tenant stays after its term and nobody objects: without a term, Civil Code 734; needs If-Match."""
    call = await opened(request)
    answer = await tenancies.stay(
        call.db,
        call.actor,
        tenancy_id,
        source=call.body.source,
        if_match=call.if_match,
        once=call.once,
        today=call.today,
    )
    return written(answer)


@post(f"{ONE}/renewal", opt={"body": NewRenewal, "if_match": True}, status_code=201, tags=TAGS)
async def renew_tenancy(request: Request[Any, Any, Any], tenancy_id: FromPath[UUID]) -> Reply:
    """Renews a tenancy: a new deal, signed, that needs no handover and begins on its first day; needs If-Match."""
    call = await opened(request)
    told = {name: value for name, value in given(call.body).items() if value is not None}
    check_days(told)
    answer = await tenancies.renew(
        call.db, call.actor, tenancy_id, told, if_match=call.if_match, once=call.once, today=call.today
    )
    return written(answer)


ROUTES = [list_tenancies, read_tenancy, tenant_left, tenant_stays, renew_tenancy]
