"""What a park states of itself for its figures, over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from actions import books
from api.bodies import Text
from api.replies import NO_STORE, Reply, written
from api.request import opened
from domain.actor import ANONYMOUS, may
from domain.errors import Forbidden, NotFound, NotSignedIn
from domain.words import Kind
from store import book, park


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
    call = await opened(request)
    told = call.body
    answer = await books.state_total(
        call.db, call.actor, park_id, kind=told.kind, area_m2=told.area_m2, source=told.source, once=call.once
    )
    return written(answer)


@post("/api/v1/parks/{park_id:uuid}/closed-years", opt={"body": ClosedYear}, status_code=200, tags=["parks"])
async def close_year(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """Closes a year for good: its reports then change by corrections with a reason alone; for staff."""
    call = await opened(request)
    body = call.body
    answer = await books.close_year(
        call.db, call.actor, park_id, body.year, note=body.note, once=call.once, today=call.today
    )
    return written(answer)


@get("/api/v1/parks/{park_id:uuid}/closed-years", tags=["parks"])
async def list_closed_years(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """The closed years of a park, the latest first; for its staff."""
    call = await opened(request)
    if call.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    if not may(call.actor, "book.write", park_id=park_id):
        raise Forbidden("not_yours")
    async with call.db.read(call.actor, park_id=park_id) as conn:
        if await park.visible(conn, park_id) is None:
            raise NotFound("no_such_park")
        found = await book.closed_years(conn, park_id)
    return Reply(f'{{"items":[{",".join(found)}],"next":null}}'.encode(), headers=NO_STORE)


ROUTES = [state_total, close_year, list_closed_years]
