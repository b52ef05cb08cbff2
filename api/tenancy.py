"""Tenancies over HTTP: who is where from when to when, and how they end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from msgspec import structs

from actions import tenancy as tenancy_actions
from api.bodies import sent_fields
from api.outcome import check_days, signed_in
from api.outcome_bodies import NewRenewal, TenantLeft, TenantStays
from api.paging import after_id, keyed, listed
from api.queries import TenancyQuery
from api.request import request_context
from api.response import Reply, conditional, written
from domain.errors import NotFound
from store import tenancy

ROUTE = "/api/v1/tenancies"
TENANCY_ROUTE = f"{ROUTE}/{{tenancy_id:uuid}}"
TAGS = ["tenancies"]


@get(ROUTE, opt={"query": TenancyQuery}, tags=TAGS)
async def list_tenancies(request: Request[Any, Any, Any]) -> Reply:
    """Who is where from when to when, in the caller's parks or of the caller's firm; for an admin in every park.

    `state=to_verify` are those past their term of which nobody said whether the tenant left, stays or has renewed;
    `ends_before` is a day after the last.
    """
    context = await request_context(request)
    signed_in(context)
    query = context.query
    async with context.db.read(context.actor, park_id=query.park) as conn:
        rows = await tenancy.page(
            conn,
            park_id=query.park,
            asset_id=query.asset,
            firm_id=query.firm,
            state=query.state,
            ends_before=query.ends_before,
            open_ended=query.open_ended,
            after=after_id(context, ROUTE),
            limit=query.limit + 1,
        )
    return listed(context, ROUTE, *keyed(rows, query.limit, "id", "document"))


@get(TENANCY_ROUTE, tags=TAGS)
async def read_tenancy(request: Request[Any, Any, Any], tenancy_id: FromPath[UUID]) -> Reply:
    """One tenancy, with its ETag."""
    context = await request_context(request)
    signed_in(context)
    async with context.db.read(context.actor) as conn:
        visible = await tenancy.visible(conn, tenancy_id)
    if visible is None:
        raise NotFound("no_such")
    return conditional(context, *visible)


@post(f"{TENANCY_ROUTE}/left", opt={"body": TenantLeft, "if_match": True}, status_code=200, tags=TAGS)
async def tenant_left(request: Request[Any, Any, Any], tenancy_id: FromPath[UUID]) -> Reply:
    """The tenant left: its last day, which may lie after the term; it ends the deal; needs If-Match."""
    context = await request_context(request)
    facts = structs.asdict(context.body)
    check_days(facts)
    answer = await tenancy_actions.leave(
        context.db,
        context.actor,
        tenancy_id,
        **facts,
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


@post(f"{TENANCY_ROUTE}/stays", opt={"body": TenantStays, "if_match": True}, status_code=200, tags=TAGS)
async def tenant_stays(request: Request[Any, Any, Any], tenancy_id: FromPath[UUID]) -> Reply:
    """The tenant stays after its term and nobody objects: without a term, Civil Code 734; needs If-Match."""
    context = await request_context(request)
    answer = await tenancy_actions.stay(
        context.db,
        context.actor,
        tenancy_id,
        source=context.body.source,
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


@post(
    f"{TENANCY_ROUTE}/renewal",
    opt={"body": NewRenewal, "if_match": True},
    status_code=201,
    tags=TAGS,
)
async def renew_tenancy(request: Request[Any, Any, Any], tenancy_id: FromPath[UUID]) -> Reply:
    """Renews a tenancy: a new deal, signed, that needs no handover and begins on its first day; needs If-Match."""
    context = await request_context(request)
    facts = {name: value for name, value in sent_fields(context.body).items() if value is not None}
    check_days(facts)
    answer = await tenancy_actions.renew(
        context.db, context.actor, tenancy_id, facts, if_match=context.if_match, once=context.once, today=context.today
    )
    return written(answer)


ROUTES = [list_tenancies, read_tenancy, tenant_left, tenant_stays, renew_tenancy]
