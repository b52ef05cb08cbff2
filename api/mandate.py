"""What firms let the staff of parks write in their name, over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from actions import mandate as mandate_actions
from api.bodies import Text
from api.paging import after_id, keyed, listed
from api.queries import PageQuery
from api.request import request_context
from api.response import Reply, written
from domain.actor import ANONYMOUS
from domain.errors import NotSignedIn
from domain.words import Purpose
from store import mandate

ROUTE, OF_FIRM, TAGS = "/api/v1/mandates", "/api/v1/firms/{firm_id:uuid}/mandates", ["firms"]


class MandateQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """Mandates of one firm, or for one park."""

    firm: UUID | None = None
    park: UUID | None = None


class NewMandate(Struct, forbid_unknown_fields=True, kw_only=True):
    """To the staff of which park, for what, its last day; `source` is the paper it was given on."""

    park_id: UUID
    purposes: Annotated[list[Purpose], Meta(min_length=1, max_length=len(Purpose))]
    ends_on: date
    source: Text | None = None


@get(ROUTE, opt={"query": MandateQuery}, tags=TAGS)
async def list_mandates(request: Request[Any, Any, Any]) -> Reply:
    """Mandates that the caller's firm gave or the caller's parks were given, ended ones too; an admin reads all."""
    context = await request_context(request)
    if context.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    query = context.query
    async with context.db.read(context.actor) as conn:
        rows = await mandate.page(conn, query.firm, query.park, after_id(context, ROUTE), query.limit + 1)
    return listed(context, ROUTE, *keyed(rows, query.limit, "id", "document"))


@post(OF_FIRM, opt={"body": NewMandate}, status_code=201, tags=TAGS)
async def give_mandate(request: Request[Any, Any, Any], firm_id: FromPath[UUID]) -> Reply:
    """A firm lets the staff of a park write in its name (授权), for its data or its demands, until a day.

    For the firm; an admin records one that was given on paper, with its source.
    """
    context = await request_context(request)
    body: NewMandate = context.body
    answer = await mandate_actions.give_mandate(
        context.db,
        context.actor,
        firm_id,
        park_id=body.park_id,
        purposes=body.purposes,
        ends_on=body.ends_on,
        source=body.source,
        once=context.once,
        today=context.today,
    )
    return written(answer)


@post(f"{OF_FIRM}/{{mandate_id:uuid}}/withdrawal", status_code=200, tags=TAGS)
async def withdraw_mandate(
    request: Request[Any, Any, Any], firm_id: FromPath[UUID], mandate_id: FromPath[UUID]
) -> Reply:
    """Takes a mandate back at once; for the firm and for an admin."""
    context = await request_context(request)
    return written(
        await mandate_actions.withdraw_mandate(context.db, context.actor, firm_id, mandate_id, once=context.once)
    )


ROUTES = [list_mandates, give_mandate, withdraw_mandate]
