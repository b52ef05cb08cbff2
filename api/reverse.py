"""The reverse list over HTTP: the needs a unit would serve."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get
from litestar.params import FromPath

from actions.reverse import demands_for
from api.queries import RankQuery
from api.request import request_context
from api.response import NO_STORE, Reply
from matching.sentences.reasons import sentence
from texts.lookup import tag


@get("/api/v1/assets/{asset_id:uuid}/demands", opt={"query": RankQuery}, tags=["rankings"])
async def asset_demands(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Published needs a unit would serve, by what both sides gain: the firm's score and the park's value, apart.

    For staff of the unit's park; `limit` is how many to show.
    """
    context = await request_context(request)
    body = await demands_for(
        context.db,
        context.state.snapshot_cache,
        context.actor,
        asset_id,
        limit=context.query.limit,
        today=context.today,
    )
    for result in body["results"]:
        result["href"] = context.state.link(f"/api/v1/demands/{result['demand_id']}")
        for part in ("hard", "soft"):
            result[part] = [{**entry, "text": sentence(entry, context.language)} for entry in result[part]]
    headers = {**NO_STORE, "Content-Language": tag(context.language)}
    return Reply(msgspec.json.encode(body), headers=headers)


ROUTES = [asset_demands]
