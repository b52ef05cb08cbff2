"""What a park states of itself for its figures, over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from litestar import Request, post
from litestar.params import FromPath
from msgspec import Struct

from actions import books
from api.bodies import Text
from api.replies import Reply, written
from api.request import opened
from domain.words import Kind


class ParkTotal(Struct, forbid_unknown_fields=True, kw_only=True):
    """The whole industrial land or factory space of a park, registered or not; who states it, and as of when."""

    kind: Kind
    area_m2: Decimal
    source: Text


@post("/api/v1/parks/{park_id:uuid}/totals", opt={"body": ParkTotal}, status_code=200, tags=["parks"])
async def state_total(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """States the whole area of a park, so that vacancy can be told; a later statement takes its place."""
    call = await opened(request)
    told = call.body
    answer = await books.state_total(
        call.db, call.actor, park_id, kind=told.kind, area_m2=told.area_m2, source=told.source, once=call.once
    )
    return written(answer)


ROUTES = [state_total]
