"""Rankings over HTTP: made for a need, read again, and explained."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath

from actions import demand as demand_actions
from actions import ranking
from actions.comparison import compare_rankings as compare
from actions.explanation import explain_asset as explain
from actions.replay import replay
from api.bodies import AnonymousNeed, sent_fields
from api.demand import DEMANDS
from api.paging import after_id, keyed, listed
from api.queries import DifferenceQuery, PageQuery, RankingQuery, RankQuery
from api.reasons import collection, compared, explained, readable
from api.request import RequestContext, request_context
from api.response import GEOJSON, JSON, NO_STORE, Reply
from domain.actor import ANONYMOUS
from domain.address import network_of
from domain.errors import NotFound
from store import catalogue, pin
from store import ranking as ranking_store
from texts.lookup import tag

RANKINGS = "/api/v1/rankings"


@post(
    RANKINGS,
    opt={"query": RankingQuery, "body": AnonymousNeed, "not_once": True, "also": [GEOJSON]},
    status_code=200,
    tags=["rankings"],
)
async def rank_need(request: Request[Any, Any, Any]) -> Reply:
    """Ranks space for a need given here, with reasons; nothing is kept. Strangers may ask some times a minute."""
    context = await request_context(request)
    if context.actor is ANONYMOUS:
        most = context.state.settings.anonymous_rankings_per_minute
        context.state.limits.spend("ranking", network_of(context.address), most)
    facts = {name: value for name, value in sent_fields(context.body).items() if value is not None}
    answer = await ranking.rank_for(
        context.db, context.state.snapshot_cache, context.actor, facts, options=_options(context), today=context.today
    )
    return await _ranking(context, request, answer)


@post(
    f"{DEMANDS}/{{demand_id:uuid}}/rankings",
    opt={"query": RankingQuery, "also": [GEOJSON]},
    status_code=201,
    tags=["rankings"],
)
async def rank_demand(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """Ranks space for a stored need and keeps what was shown; GeoJSON with `Accept: application/geo+json`.

    For the firm, and for staff by its mandate; others rank the same need by `POST /api/v1/rankings`, which keeps
    nothing.
    """
    context = await request_context(request)
    document = await ranking.rank_demand(
        context.db,
        context.state.snapshot_cache,
        context.actor,
        demand_id,
        options=_options(context),
        once=context.once,
        today=context.today,
    )
    return await _ranking(context, request, document, status=201, location=f"{RANKINGS}/{document['id']}")


@get(f"{DEMANDS}/{{demand_id:uuid}}/rankings", opt={"query": PageQuery}, tags=["rankings"])
async def list_rankings(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """The rankings kept of a need, the oldest first."""
    context = await request_context(request)
    firm_id = await demand_actions.demand_home(context.db, context.actor, demand_id, verb="ranking.read")
    route = f"{DEMANDS}/{demand_id}/rankings"
    async with context.db.read(context.actor, scope_id=firm_id) as conn:
        rows = await ranking_store.page(conn, firm_id, demand_id, after_id(context, route), context.query.limit + 1)
    return listed(context, route, *keyed(rows, context.query.limit, "id", "document"))


@get(f"{RANKINGS}/{{ranking_id:uuid}}", opt={"also": [GEOJSON]}, tags=["rankings"])
async def read_ranking(request: Request[Any, Any, Any], ranking_id: FromPath[UUID]) -> Reply:
    """A kept ranking as it was shown, its sentences in the caller's language."""
    context = await request_context(request)
    firm_id, _ = await demand_actions.ranking_home(context.db, context.actor, ranking_id)
    async with context.db.read(context.actor, scope_id=firm_id) as conn:
        row = await ranking_store.read(conn, firm_id, ranking_id)
    if row is None:
        raise NotFound("no_such")
    answer = json.loads(row["answer"])
    return await _ranking(
        context, request, ranking.ranking_document(ranking_id, row["demand_id"], row["demand_version"], answer)
    )


@get(f"{RANKINGS}/{{ranking_id:uuid}}/difference", opt={"query": DifferenceQuery}, tags=["rankings"])
async def compare_rankings(request: Request[Any, Any, Any], ranking_id: FromPath[UUID]) -> Reply:
    """What changed since another ranking of the same need: units that entered, left and moved, by which criterion.

    Beside them what changed of the need, the day, the versions and the facts of the parks.
    """
    context = await request_context(request)
    difference = await compare(context.db, context.actor, ranking_id, context.query.other)
    entries = [e for part in difference["lists"].values() for name in ("entered", "left", "moved") for e in part[name]]
    names = await _names(context, sorted({asset_id for entry in entries for asset_id in entry["asset_ids"]}))
    return _read(context, compared(difference, names, context.language))


@get(f"{RANKINGS}/{{ranking_id:uuid}}/replay", tags=["rankings"])
async def replay_ranking(request: Request[Any, Any, Any], ranking_id: FromPath[UUID]) -> Reply:
    """Ranks again from what was kept with a ranking. `identical`: the same comes out; else `differences` say where.

    Scores, statuses, contributions and order are computed anew; counts over the whole catalogue are recorded facts.
    """
    context = await request_context(request)
    return Reply(msgspec.json.encode(await replay(context.db, context.actor, ranking_id)))


@get(f"{DEMANDS}/{{demand_id:uuid}}/assets/{{asset_id:uuid}}/explanation", opt={"query": RankQuery}, tags=["rankings"])
async def explain_asset(request: Request[Any, Any, Any], demand_id: FromPath[UUID], asset_id: FromPath[UUID]) -> Reply:
    """Why a unit stands where it stands for a need today: every rule, its place, its distance to the last one shown.

    For any unit the caller sees, on offer or not; `limit` is how many a ranking would show per kind.
    """
    context = await request_context(request)
    explanation = await explain(
        context.db,
        context.state.snapshot_cache,
        context.actor,
        demand_id,
        asset_id,
        limit=context.query.limit,
        today=context.today,
    )
    names = await _names(context, explanation["result"]["asset_ids"])
    return _read(context, explained(explanation, names, context.language))


def _options(context: RequestContext) -> ranking.RankingOptions:
    query = context.query
    return ranking.RankingOptions(query.limit, query.near_misses, query.robustness, query.include_lapsed)


async def _ranking(
    context: RequestContext,
    request: Request[Any, Any, Any],
    answer: dict[str, Any],
    *,
    status: int = 200,
    location: str | None = None,
) -> Reply:
    """A ranking as people read it, each unit with its name and place, each reason as a sentence; or as GeoJSON."""
    parts = answer["lists"].values()
    ids = {asset_id for part in parts for result in part["results"] for asset_id in result["asset_ids"]}
    ids |= {relaxation["asset_id"] for part in parts for relaxation in part.get("relaxations") or ()}
    bundles = [bundle for part in parts for bundle in (part.get("alternatives") or {"bundles": ()})["bundles"]]
    ids |= {asset_id for bundle in bundles for asset_id in bundle["asset_ids"]}
    shown = readable(answer, await _names(context, sorted(ids)), context.language, await _pins(context, answer))
    if GEOJSON not in request.headers.get("accept", ""):
        return _read(context, shown, status=status, location=location)
    async with context.db.read(context.actor) as conn:
        outlines = await catalogue.outlines(conn, sorted(ids))
    return _read(context, collection(shown, outlines), status=status, location=location, media_type=GEOJSON)


async def _pins(context: RequestContext, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What the caller sees of the pins of the need that was ranked; a need given in the request has none."""
    if "demand" not in answer:
        return []
    async with context.db.read(context.actor) as conn:
        return [json.loads(text) for text in await pin.of_demand(conn, UUID(answer["demand"]["id"]))]


async def _names(context: RequestContext, asset_ids: Sequence[str]) -> dict[str, Any]:
    """Where units are read, and what the caller sees of them, by id."""
    async with context.db.read(context.actor) as conn:
        names = await catalogue.names(conn, asset_ids)
    return {
        asset_id: {"href": context.state.link(f"/api/v1/assets/{asset_id}"), **json.loads(names.get(asset_id, "{}"))}
        for asset_id in asset_ids
    }


def _read(
    context: RequestContext,
    body: dict[str, Any],
    *,
    status: int = 200,
    location: str | None = None,
    media_type: str = JSON,
) -> Reply:
    """An answer in the caller's language."""
    headers = {**NO_STORE, "Content-Language": tag(context.language), "Vary": "Accept"}
    if location is not None:
        headers["Location"] = location
    return Reply(msgspec.json.encode(body), media_type, status=status, headers=headers)


ROUTES = [rank_need, rank_demand, list_rankings, read_ranking, compare_rankings, replay_ranking, explain_asset]
