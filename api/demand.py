"""Firms and their needs, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get, patch, post
from litestar.params import FromPath

from actions import demand as demand_actions
from api.bodies import DemandPatch, FirmPatch, NewDemand, NewFirm, sent_fields
from api.paging import after_id, after_position, keyed, listed, search_page
from api.queries import DemandQuery, FirmQuery
from api.request import RequestContext, request_context
from api.response import Reply, conditional, written
from domain.actor import ANONYMOUS
from domain.errors import Invalid, NotFound, NotSignedIn
from domain.words import Listing
from store import demand, firm

FIRMS, DEMANDS = "/api/v1/firms", "/api/v1/demands"


@get(FIRMS, opt={"query": FirmQuery}, tags=["firms"])
async def list_firms(request: Request[Any, Any, Any]) -> Reply:
    """Firms by name, credit code and industry; for whoever is signed in."""
    context = await request_context(request)
    _signed_in(context)
    code, limit = context.query.credit_code, context.query.limit
    async with context.db.read(context.actor) as conn:
        if context.query.q is not None:
            return search_page(
                context, FIRMS, await firm.search(conn, context.query.q, code, after_position(context, FIRMS), limit)
            )
        rows = await firm.page(conn, code, after_id(context, FIRMS), limit + 1)
    return listed(context, FIRMS, *keyed(rows, limit, "id", "document"))


@get(f"{FIRMS}/{{firm_id:uuid}}", tags=["firms"])
async def read_firm(request: Request[Any, Any, Any], firm_id: FromPath[UUID]) -> Reply:
    """One firm; for whoever is signed in."""
    context = await request_context(request)
    _signed_in(context)
    async with context.db.read(context.actor) as conn:
        visible = await firm.visible(conn, firm_id)
    if visible is None:
        raise NotFound("no_such")
    return conditional(context, *visible)


@post(FIRMS, opt={"body": NewFirm}, status_code=201, tags=["firms"])
async def add_firm(request: Request[Any, Any, Any]) -> Reply:
    """A new firm; for staff and admins. The park that registers it keeps it until the firm has an account."""
    context = await request_context(request)
    body = context.body
    answer = await demand_actions.add_firm(
        context.db,
        context.actor,
        name=body.name,
        credit_code=body.credit_code,
        parent_credit_code=body.parent_credit_code,
        parent_credit_code_source=body.parent_credit_code_source,
        industry_code=body.industry_code,
        is_above_scale=body.is_above_scale,
        lon=body.lon,
        lat=body.lat,
        park_id=body.park_id,
        once=context.once,
    )
    return written(answer)


@patch(f"{FIRMS}/{{firm_id:uuid}}", opt={"body": FirmPatch, "if_match": True}, tags=["firms"])
async def amend_firm(request: Request[Any, Any, Any], firm_id: FromPath[UUID]) -> Reply:
    """Changes a firm; needs If-Match. For the firm, an admin, and staff whom it gave a mandate.

    A park that has a deal with it may say its parent, with the source.
    """
    context = await request_context(request)
    answer = await demand_actions.amend_firm(
        context.db, context.actor, firm_id, _changes(context), if_match=context.if_match, once=context.once
    )
    return written(answer)


@get(DEMANDS, opt={"query": DemandQuery}, tags=["demands"])
async def list_demands(request: Request[Any, Any, Any]) -> Reply:
    """Needs the caller may read: public ones, for staff all that are published, for a firm its own."""
    context = await request_context(request)
    async with context.db.read(context.actor) as conn:
        rows = await demand.page(conn, context.query.firm, after_id(context, DEMANDS), context.query.limit + 1)
    return listed(context, DEMANDS, *keyed(rows, context.query.limit, "id", "document"))


@get(f"{DEMANDS}/{{demand_id:uuid}}", tags=["demands"])
async def read_demand(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """One need, as the caller may read it."""
    context = await request_context(request)
    async with context.db.read(context.actor) as conn:
        visible = await demand.visible(conn, demand_id)
    if visible is None:
        raise NotFound("no_such")
    return conditional(context, *visible)


@post(DEMANDS, opt={"body": NewDemand}, status_code=201, tags=["demands"])
async def post_demand(request: Request[Any, Any, Any]) -> Reply:
    """Posts a need, private until published; staff name the firm that gave them a mandate to post it."""
    context = await request_context(request)
    facts = {name: value for name, value in sent_fields(context.body).items() if value is not None}
    firm_id = facts.pop("firm_id", context.actor.firm_id)
    if firm_id is None:
        _signed_in(context)
        raise Invalid("missing", "firm_id")
    return written(await demand_actions.post_demand(context.db, context.actor, firm_id, facts, once=context.once))


@patch(f"{DEMANDS}/{{demand_id:uuid}}", opt={"body": DemandPatch, "if_match": True}, tags=["demands"])
async def amend_demand(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """A new version of a need; needs If-Match."""
    context = await request_context(request)
    answer = await demand_actions.amend_demand(
        context.db, context.actor, demand_id, _changes(context), if_match=context.if_match, once=context.once
    )
    return written(answer)


async def _list_as(context: RequestContext, demand_id: UUID, word: Listing) -> Reply:
    return written(
        await demand_actions.list_demand(
            context.db, context.actor, demand_id, word, if_match=context.if_match, once=context.once
        )
    )


@post(f"{DEMANDS}/{{demand_id:uuid}}/publish", opt={"if_match": True}, status_code=200, tags=["demands"])
async def publish_demand(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """Shows a need to its audience; needs If-Match."""
    return await _list_as(await request_context(request), demand_id, Listing.published)


@post(f"{DEMANDS}/{{demand_id:uuid}}/withdraw", opt={"if_match": True}, status_code=200, tags=["demands"])
async def withdraw_demand(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """Hides a need again; needs If-Match."""
    return await _list_as(await request_context(request), demand_id, Listing.withdrawn)


def _changes(context: RequestContext) -> dict[str, Any]:
    changed = sent_fields(context.body)
    if not changed:
        raise Invalid("body_missing", "body")
    return changed


def _signed_in(context: RequestContext) -> None:
    if context.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")


ROUTES = [
    list_firms,
    read_firm,
    add_firm,
    amend_firm,
    list_demands,
    read_demand,
    post_demand,
    amend_demand,
    publish_demand,
    withdraw_demand,
]
