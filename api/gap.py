"""The gap over HTTP: which published needs nothing fits."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get

from actions.gap import unmet_demands
from api.request import request_context
from api.response import NO_STORE, Reply
from matching.sentences.near_misses import relaxation_sentence
from texts.lookup import tag


@get("/api/v1/stats/gap", tags=["statistics"])
async def unmet(request: Request[Any, Any, Any]) -> Reply:
    """Which published needs nothing on offer fits today: by height, load, power, hazard class, area and industry.

    For staff and admins: what a need asks for is theirs to see, and a count by band would tell it of a single one.
    """
    context = await request_context(request)
    body = await unmet_demands(context.db, context.state.snapshot_cache, context.actor, today=context.today)
    for demand in body["needs"]:
        if demand["nearest"] is not None:
            demand["nearest"] = {**demand["nearest"], "text": relaxation_sentence(demand["nearest"], context.language)}
    headers = {**NO_STORE, "Content-Language": tag(context.language)}
    return Reply(msgspec.json.encode(body), headers=headers)


ROUTES = [unmet]
