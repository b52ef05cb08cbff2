"""What firms did with the units they were shown, and what units are refused for, over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath

from actions import demand
from actions import interest as interest_actions
from api.bodies import NewInterest, sent_fields
from api.demand import DEMANDS
from api.figures import period
from api.paging import after_id, keyed, listed
from api.queries import PageQuery, RefusalQuery
from api.request import request_context
from api.response import Reply, written
from matching.sentences.labels import name_of
from store import interest
from texts.lookup import Language, heading, label


@post(f"{DEMANDS}/{{demand_id:uuid}}/interests", opt={"body": NewInterest}, status_code=201, tags=["rankings"])
async def record_interest(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """Records that the firm viewed, shortlisted, visited, refused or let go of a unit it was shown or asked about.

    For the firm, and by its mandate for staff of the unit's park. Signing and moving in are told by the deal that
    names the ranking.
    """
    context = await request_context(request)
    facts = {name: value for name, value in sent_fields(context.body).items() if value is not None}
    return written(
        await interest_actions.record_interest(
            context.db, context.actor, demand_id, facts, once=context.once, today=context.today
        )
    )


@get(f"{DEMANDS}/{{demand_id:uuid}}/interests", opt={"query": PageQuery}, tags=["rankings"])
async def list_interests(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """What the firm did with the units of a need, the oldest first, and the deals that followed.

    Staff read those of their parks.
    """
    context = await request_context(request)
    firm_id = await demand.demand_home(context.db, context.actor, demand_id, verb="interest.read")
    route = f"{DEMANDS}/{demand_id}/interests"
    async with context.db.read(context.actor) as conn:
        rows = await interest.page(conn, firm_id, demand_id, after_id(context, route), context.query.limit + 1)
        outcomes = [json.loads(text) for text in await interest.outcomes(conn, firm_id, demand_id)]
    items, last = keyed(rows, context.query.limit, "id", "document")
    return listed(context, route, [_with_outcomes(json.loads(item), outcomes) for item in items], last)


def _with_outcomes(item: dict[str, Any], outcomes: list[dict[str, Any]]) -> str:
    """An interest with the deals of the same need on the same unit."""
    followed = [
        {name: outcome[name] for name in ("id", "ranking_id", "path", "stage", "signed_on", "revived_on", "ended_on")}
        for outcome in outcomes
        if item["asset_id"] in [row["asset_id"] for row in outcome["assets"] or ()]
    ]
    return json.dumps({**item, "outcomes": followed}, ensure_ascii=False)


@get("/api/v1/stats/refusals", opt={"query": RefusalQuery}, tags=["statistics"])
async def refusals(request: Request[Any, Any, Any]) -> Reply:
    """What units were refused for in a period; for staff. Counts below 5 of other parks are hidden.

    `own`: by park, of the caller's parks; `others`: all other parks together, null where there are fewer than `fewest`.
    """
    context = await request_context(request)
    starts_on, ends_on = period(context)
    counts = await interest_actions.refusals(context.db, context.actor, starts_on, ends_on, park_id=context.query.park)
    about = {"from": starts_on.isoformat(), "to": ends_on.isoformat(), "fewest": interest_actions.FEWEST_SHOWN}
    named = {
        whose: [{**row, "name": _reason(row["id"], context.language)} for row in rows] for whose, rows in counts.items()
    }
    return Reply(msgspec.json.encode({**about, **named}))


def _reason(reason: str, language: Language) -> str:
    return (
        heading(label("refused_for", reason, language))
        if reason == interest_actions.OTHER
        else name_of(reason, language)
    )


ROUTES = [record_interest, list_interests, refusals]
