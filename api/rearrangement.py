"""Units split and merged, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, post
from litestar.params import FromPath
from msgspec import UNSET

from actions import rearrangement
from api.asset import ROUTE
from api.bodies import Merge, Split, sent_fields
from api.request import request_context
from api.response import Reply, written

TAGS = ["assets"]


@post(f"{ROUTE}/{{asset_id:uuid}}/split", opt={"body": Split, "if_match": True}, status_code=201, tags=TAGS)
async def split_asset(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Splits a unit into parts, which have its past and all that is claimed of it; needs If-Match.

    A plot or part is split into parts, a building into floors, a floor into bays: with outlines, or by stated areas
    alone. Where the parts do not tile the unit, `remainder` names the part that is left; without it the split is
    refused. The parts are listed as the unit was, and have from it what holds of each of them, such as the paths it
    may go by, unless they say otherwise. Undone as a change of many units, by its `batch_id`.
    """
    context = await request_context(request)
    body: Split = context.body
    answer = await rearrangement.split_asset(
        context.db,
        context.actor,
        asset_id,
        [rearrangement.NewPart(sent_fields(part.properties), part.geometry) for part in body.parts],
        None if body.remainder is UNSET else sent_fields(body.remainder.properties),
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


@post(f"{ROUTE}/{{asset_id:uuid}}/merge", opt={"body": Merge, "if_match": True}, status_code=201, tags=TAGS)
async def merge_assets(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Merges a part and its sisters into a new unit from today on; needs If-Match for it, and each sister's revision.

    The units merged are retired: they stay readable with their past, and are on no list and no offer any more. Their
    outlines become one, their stated areas are summed. What differs between them, such as the paths they may go by, has
    to be stated. Refused where they are held by different deals. Undone as a change of many units, by its `batch_id`.
    """
    context = await request_context(request)
    body: Merge = context.body
    answer = await rearrangement.merge_assets(
        context.db,
        context.actor,
        asset_id,
        [rearrangement.Sister(sister.asset_id, sister.revision) for sister in body.sisters],
        sent_fields(body.properties),
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


ROUTES = [split_asset, merge_assets]
