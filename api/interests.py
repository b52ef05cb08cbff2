"""What firms did with the units they were shown, and what units are refused for, over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath

from actions import interests, needs
from api.bodies import NewInterest, given
from api.figures import period
from api.needs import DEMANDS
from api.paging import after_id, keyed, listed
from api.queries import PageQuery, RefusalQuery
from api.replies import Reply, written
from api.request import opened
from matching.sentences.labels import name_of
from store import interest

OTHER_REASON = {"zh": "其他", "en": "Other"}


@post(f"{DEMANDS}/{{demand_id:uuid}}/interests", opt={"body": NewInterest}, status_code=201, tags=["rankings"])
async def record_interest(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """Records that the firm viewed, shortlisted, visited, refused or let go of a unit it was shown or asked about.

    For the firm, and for staff of the unit's park. Signing and moving in are told by the deal that names the ranking.
    """
    call = await opened(request)
    facts = {name: value for name, value in given(call.body).items() if value is not None}
    return written(
        await interests.record_interest(call.db, call.actor, demand_id, facts, once=call.once, today=call.today)
    )


@get(f"{DEMANDS}/{{demand_id:uuid}}/interests", opt={"query": PageQuery}, tags=["rankings"])
async def list_interests(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """What the firm did with the units of a need, the oldest first, and the deals that followed.

    Staff read those of their parks.
    """
    call = await opened(request)
    firm_id = await needs.demand_home(call.db, call.actor, demand_id, verb="interest.write")
    route = f"{DEMANDS}/{demand_id}/interests"
    async with call.db.read(call.actor) as conn:
        rows = await interest.page(conn, firm_id, demand_id, after_id(call, route), call.query.limit + 1)
        deals = [json.loads(text) for text in await interest.deals(conn, firm_id, demand_id)]
    items, last = keyed(rows, call.query.limit, "id", "document")
    return listed(call, route, [_with_deals(json.loads(item), deals) for item in items], last)


def _with_deals(item: dict[str, Any], deals: list[dict[str, Any]]) -> str:
    """An interest with the deals of the same need on the same unit."""
    followed = [
        {name: deal[name] for name in ("id", "ranking_id", "path", "stage", "signed_on", "revived_on", "ended_on")}
        for deal in deals
        if item["asset_id"] in [one["asset_id"] for one in deal["assets"] or ()]
    ]
    return json.dumps({**item, "outcomes": followed}, ensure_ascii=False)


@get("/api/v1/stats/refusals", opt={"query": RefusalQuery}, tags=["statistics"])
async def refusals(request: Request[Any, Any, Any]) -> Reply:
    """What units were refused for in a period; for staff. Counts below 5 of other parks are hidden.

    `own`: by park, of the caller's parks; `others`: all other parks together, null where there are fewer than `fewest`.
    """
    call = await opened(request)
    starts_on, ends_on = period(call)
    found = await interests.refusals(call.db, call.actor, starts_on, ends_on, park_id=call.query.park)
    about = {"from": starts_on.isoformat(), "to": ends_on.isoformat(), "fewest": interests.FEWEST_TOLD}
    named = {
        whose: [{**row, "name": _reason(row["id"], call.language)} for row in rows] for whose, rows in found.items()
    }
    return Reply(msgspec.json.encode({**about, **named}))


def _reason(reason: str, language: Any) -> str:
    return OTHER_REASON[language] if reason == interests.OTHER else name_of(reason, language)


ROUTES = [record_interest, list_interests, refusals]
