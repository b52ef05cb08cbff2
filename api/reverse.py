"""The reverse list over HTTP: the needs a unit would serve."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get
from litestar.params import FromPath

from actions.reverse import demands_for
from api.queries import RankQuery
from api.replies import NO_STORE, Reply
from api.request import opened
from matching.sentences.reasons import sentence


@get("/api/v1/assets/{asset_id:uuid}/demands", opt={"query": RankQuery}, tags=["rankings"])
async def asset_demands(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Published needs a unit would serve, by what both sides gain: the firm's score and the park's value, apart.

    For staff of the unit's park; `limit` is how many to show.
    """
    call = await opened(request)
    body = await demands_for(call.db, call.office.shelf, call.actor, asset_id, limit=call.query.limit, today=call.today)
    for one in body["results"]:
        one["href"] = f"/api/v1/demands/{one['demand_id']}"
        for part in ("hard", "soft"):
            one[part] = [{**entry, "text": sentence(entry, call.language)} for entry in one[part]]
    headers = {**NO_STORE, "Content-Language": "zh-CN" if call.language == "zh" else "en"}
    return Reply(msgspec.json.encode(body), headers=headers)


ROUTES = [asset_demands]
