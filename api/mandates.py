"""What firms let the staff of parks write in their name, over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from actions import mandates
from api.bodies import Text
from api.paging import after_id, keyed, listed
from api.queries import PageQuery
from api.replies import Reply, written
from api.request import opened
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
    call = await opened(request)
    if call.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    query = call.query
    async with call.db.read(call.actor) as conn:
        rows = await mandate.page(conn, query.firm, query.park, after_id(call, ROUTE), query.limit + 1)
    return listed(call, ROUTE, *keyed(rows, query.limit, "id", "document"))


@post(OF_FIRM, opt={"body": NewMandate}, status_code=201, tags=TAGS)
async def give_mandate(request: Request[Any, Any, Any], firm_id: FromPath[UUID]) -> Reply:
    """A firm lets the staff of a park write in its name (授权), for its data or its demands, until a day.

    For the firm; an admin records one that was given on paper, with its source.
    """
    call = await opened(request)
    body: NewMandate = call.body
    answer = await mandates.give_mandate(
        call.db,
        call.actor,
        firm_id,
        park_id=body.park_id,
        purposes=body.purposes,
        ends_on=body.ends_on,
        source=body.source,
        once=call.once,
        today=call.today,
    )
    return written(answer)


@post(f"{OF_FIRM}/{{mandate_id:uuid}}/withdrawal", status_code=200, tags=TAGS)
async def withdraw_mandate(
    request: Request[Any, Any, Any], firm_id: FromPath[UUID], mandate_id: FromPath[UUID]
) -> Reply:
    """Takes a mandate back at once; for the firm and for an admin."""
    call = await opened(request)
    return written(await mandates.withdraw_mandate(call.db, call.actor, firm_id, mandate_id, once=call.once))


ROUTES = [list_mandates, give_mandate, withdraw_mandate]
