"""The gap over HTTP: which published needs nothing fits."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get

from actions.gap import unmet_needs
from api.replies import NO_STORE, Reply
from api.request import opened
from matching.sentences.near_misses import relaxation_sentence


@get("/api/v1/stats/gap", tags=["statistics"])
async def unmet(request: Request[Any, Any, Any]) -> Reply:
    """Which published needs nothing on offer fits today: by height, load, power, hazard class, area and industry.

    For staff and admins: what a need asks for is theirs to see, and a count by band would tell it of a single one.
    """
    call = await opened(request)
    body = await unmet_needs(call.db, call.office.shelf, call.actor, today=call.today)
    for one in body["needs"]:
        if one["nearest"] is not None:
            one["nearest"] = {**one["nearest"], "text": relaxation_sentence(one["nearest"], call.language)}
    headers = {**NO_STORE, "Content-Language": "zh-CN" if call.language == "zh" else "en"}
    return Reply(msgspec.json.encode(body), headers=headers)


ROUTES = [unmet]
