"""What a park states of itself for its figures, over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from actions import closed_year
from api.bodies import Text
from api.request import request_context
from api.response import NO_STORE, Reply, written
from domain.actor import ANONYMOUS, may
from domain.errors import Forbidden, NotFound, NotSignedIn
from domain.words import Kind
from store import closed_year as closed_year_store
from store import park


class ParkTotal(Struct, forbid_unknown_fields=True, kw_only=True):
    """The whole industrial land or factory space of a park, registered or not; who states it, and as of when."""

    kind: Kind
    area_m2: Decimal
    source: Text


class ClosedYear(Struct, forbid_unknown_fields=True, kw_only=True):
    """A year to close, and what the closing rests on."""

    year: Annotated[int, Meta(ge=1990, le=2199)]
    note: Text


@post("/api/v1/parks/{park_id:uuid}/totals", opt={"body": ParkTotal}, status_code=200, tags=["parks"])
async def state_total(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """States the whole area of a park, so that vacancy can be told; a later statement takes its place."""
    context = await request_context(request)
    body = context.body
    answer = await closed_year.state_total(
        context.db, context.actor, park_id, kind=body.kind, area_m2=body.area_m2, source=body.source, once=context.once
    )
    return written(answer)


@post("/api/v1/parks/{park_id:uuid}/closed-years", opt={"body": ClosedYear}, status_code=200, tags=["parks"])
async def close_year(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """Closes a year for good: its reports then change by corrections with a reason alone; for staff."""
    context = await request_context(request)
    body = context.body
    answer = await closed_year.close_year(
        context.db, context.actor, park_id, body.year, note=body.note, once=context.once, today=context.today
    )
    return written(answer)


@get("/api/v1/parks/{park_id:uuid}/closed-years", tags=["parks"])
async def list_closed_years(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """The closed years of a park, the latest first; for its staff."""
    context = await request_context(request)
    if context.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    if not may(context.actor, "book.read", park_id=park_id):
        raise Forbidden("not_yours")
    async with context.db.read(context.actor, park_id=park_id) as conn:
        if await park.visible(conn, park_id) is None:
            raise NotFound("no_such_park")
        years = await closed_year_store.closed_years(conn, park_id)
    return Reply(f'{{"items":[{",".join(years)}],"next":null}}'.encode(), headers=NO_STORE)


ROUTES = [state_total, close_year, list_closed_years]
