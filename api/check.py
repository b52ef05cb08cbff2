"""Checks of listings, and how complete units are, over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from msgspec import UNSET

from actions import check
from api.asset import ROUTE, TAGS
from api.bodies import NewCheck
from api.request import RequestContext, request_context
from api.response import PER_CALLER, Reply, written
from domain.completeness import completeness
from domain.errors import NotFound
from store import asset


@post(f"{ROUTE}/{{asset_id:uuid}}/checks", opt={"body": NewCheck}, status_code=200, tags=TAGS)
async def check_asset(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Records that the listing of a unit was found true: seen, told or by a file; one that had lapsed is back.

    For staff of its park. The days after which it lapses count from the day of the check, which is today unless it is
    stated.
    """
    context = await request_context(request)
    answer = await check.check_asset(
        context.db, context.actor, asset_id, read_check(context, context.body), once=context.once, today=context.today
    )
    return written(answer)


def read_check(context: RequestContext, body: NewCheck) -> check.ListingCheck:
    """A check as its act takes it."""
    return check.ListingCheck(
        body.how,
        context.today if body.checked_on is UNSET else body.checked_on,
        None if body.note is UNSET else body.note,
    )


@get(f"{ROUTE}/{{asset_id:uuid}}/completeness", tags=TAGS)
async def asset_completeness(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Which important facts of a unit are known and which are missing; what a part takes from its whole is known."""
    context = await request_context(request)
    async with context.db.read(context.actor) as conn:
        visible = await asset.visible(conn, asset_id)
    if visible is None:
        raise NotFound("no_such")
    document = {"asset_id": str(asset_id), **completeness(json.loads(visible[0])).document()}
    return Reply(json.dumps(document).encode(), headers=PER_CALLER)


ROUTES = [check_asset, asset_completeness]
