"""Rankings over HTTP: made for a need, read again, and explained."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath

from actions import matchmaking, needs
from actions.comparison import compare_rankings as compare
from actions.explanation import explain_unit
from actions.replay import replay
from api.bodies import AnonymousNeed, given
from api.needs import DEMANDS
from api.paging import after_id, keyed, listed
from api.queries import DifferenceQuery, PageQuery, RankingQuery, RankQuery
from api.reasons import collection, compared, explained, readable
from api.replies import GEOJSON, JSON, NO_STORE, Reply
from api.request import Call, opened
from domain.actor import ANONYMOUS
from domain.address import network_of
from domain.errors import NotFound
from store import catalogue, demand, pin

RANKINGS = "/api/v1/rankings"


@post(
    RANKINGS,
    opt={"query": RankingQuery, "body": AnonymousNeed, "not_once": True, "also": [GEOJSON]},
    status_code=200,
    tags=["rankings"],
)
async def rank_need(request: Request[Any, Any, Any]) -> Reply:
    """Ranks space for a need given here, with reasons; nothing is kept. Strangers may ask some times a minute."""
    call = await opened(request)
    if call.actor is ANONYMOUS:
        most = call.office.settings.anonymous_rankings_per_minute
        call.office.limits.spend("ranking", network_of(call.address), most)
    facts = {name: value for name, value in given(call.body).items() if value is not None}
    answer = await matchmaking.rank_for(call.db, call.office.shelf, facts, wanted=_wanted(call), today=call.today)
    return await _ranking(call, request, answer)


@post(
    f"{DEMANDS}/{{demand_id:uuid}}/rankings",
    opt={"query": RankingQuery, "also": [GEOJSON]},
    status_code=201,
    tags=["rankings"],
)
async def rank_demand(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """Ranks space for a stored need and keeps what was shown; GeoJSON with `Accept: application/geo+json`."""
    call = await opened(request)
    answer = await matchmaking.rank_demand(
        call.db, call.office.shelf, call.actor, demand_id, wanted=_wanted(call), once=call.once, today=call.today
    )
    return await _ranking(call, request, json.loads(answer.body), status=201, location=answer.location)


@get(f"{DEMANDS}/{{demand_id:uuid}}/rankings", opt={"query": PageQuery}, tags=["rankings"])
async def list_rankings(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """The rankings kept of a need, the oldest first."""
    call = await opened(request)
    firm_id = await needs.demand_home(call.db, call.actor, demand_id, verb="ranking.make")
    route = f"{DEMANDS}/{demand_id}/rankings"
    async with call.db.read(call.actor, scope_id=firm_id) as conn:
        rows = await demand.rankings_page(conn, firm_id, demand_id, after_id(call, route), call.query.limit + 1)
    return listed(call, route, *keyed(rows, call.query.limit, "id", "document"))


@get(f"{RANKINGS}/{{ranking_id:uuid}}", opt={"also": [GEOJSON]}, tags=["rankings"])
async def read_ranking(request: Request[Any, Any, Any], ranking_id: FromPath[UUID]) -> Reply:
    """A kept ranking as it was shown, its sentences in the caller's language."""
    call = await opened(request)
    home = await demand.ranking_home(call.db, ranking_id)
    if home is None:
        raise NotFound("no_such")
    firm_id = await needs.demand_home(call.db, call.actor, home, verb="ranking.make")
    async with call.db.read(call.actor, scope_id=firm_id) as conn:
        row = await demand.ranking(conn, firm_id, ranking_id)
    if row is None:
        raise NotFound("no_such")
    answer = json.loads(row["answer"])
    return await _ranking(
        call, request, matchmaking.ranking_document(ranking_id, row["demand_id"], row["demand_version"], answer)
    )


@get(f"{RANKINGS}/{{ranking_id:uuid}}/difference", opt={"query": DifferenceQuery}, tags=["rankings"])
async def compare_rankings(request: Request[Any, Any, Any], ranking_id: FromPath[UUID]) -> Reply:
    """What changed since another ranking of the same need: units that entered, left and moved, by which criterion.

    Beside them what changed of the need, the day, the versions and the facts of the parks.
    """
    call = await opened(request)
    found = await compare(call.db, call.actor, ranking_id, call.query.other)
    entries = [e for part in found["lists"].values() for name in ("entered", "left", "moved") for e in part[name]]
    names = await _names(call, sorted({one for entry in entries for one in entry["asset_ids"]}))
    return _read(call, compared(found, names, call.language))


@get(f"{RANKINGS}/{{ranking_id:uuid}}/replay", tags=["rankings"])
async def replay_ranking(request: Request[Any, Any, Any], ranking_id: FromPath[UUID]) -> Reply:
    """Ranks again from what was kept with a ranking. `identical`: the same comes out; else `differences` say where.

    Scores, statuses, contributions and order are computed anew; counts over the whole catalogue are recorded facts.
    """
    call = await opened(request)
    return Reply(msgspec.json.encode(await replay(call.db, call.actor, ranking_id)))


@get(f"{DEMANDS}/{{demand_id:uuid}}/assets/{{asset_id:uuid}}/explanation", opt={"query": RankQuery}, tags=["rankings"])
async def explain_asset(request: Request[Any, Any, Any], demand_id: FromPath[UUID], asset_id: FromPath[UUID]) -> Reply:
    """Why a unit stands where it stands for a need today: every rule, its place, its distance to the last one shown.

    For any unit the caller sees, on offer or not; `limit` is how many a ranking would show per kind.
    """
    call = await opened(request)
    told = await explain_unit(
        call.db, call.office.shelf, call.actor, demand_id, asset_id, limit=call.query.limit, today=call.today
    )
    names = await _names(call, told["result"]["asset_ids"])
    return _read(call, explained(told, names, call.language))


def _wanted(call: Call) -> matchmaking.Wanted:
    return matchmaking.Wanted(call.query.limit, call.query.near_misses, call.query.robustness)


async def _ranking(
    call: Call,
    request: Request[Any, Any, Any],
    answer: dict[str, Any],
    *,
    status: int = 200,
    location: str | None = None,
) -> Reply:
    """A ranking as people read it, each unit with its name and place, each reason as a sentence; or as GeoJSON."""
    parts = answer["lists"].values()
    ids = {one for part in parts for result in part["results"] for one in result["asset_ids"]}
    ids |= {one["asset_id"] for part in parts for one in part.get("relaxations") or ()}
    bundles = [one for part in parts for one in (part.get("alternatives") or {"bundles": ()})["bundles"]]
    ids |= {one for bundle in bundles for one in bundle["asset_ids"]}
    shown = readable(answer, await _names(call, sorted(ids)), call.language, await _pins(call, answer))
    if GEOJSON not in request.headers.get("accept", ""):
        return _read(call, shown, status=status, location=location)
    async with call.db.read(call.actor) as conn:
        outlines = await catalogue.outlines(conn, sorted(ids))
    return _read(call, collection(shown, outlines), status=status, location=location, media_type=GEOJSON)


async def _pins(call: Call, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What the caller sees of the pins of the need that was ranked; a need given in the request has none."""
    if "demand" not in answer:
        return []
    async with call.db.read(call.actor) as conn:
        return [json.loads(text) for text in await pin.of_demand(conn, UUID(answer["demand"]["id"]))]


async def _names(call: Call, asset_ids: Sequence[str]) -> dict[str, Any]:
    """What the caller sees of units, by id."""
    async with call.db.read(call.actor) as conn:
        names = await catalogue.names(conn, asset_ids)
    return {key: json.loads(text) for key, text in names.items()}


def _read(
    call: Call, body: dict[str, Any], *, status: int = 200, location: str | None = None, media_type: str = JSON
) -> Reply:
    """An answer in the caller's language."""
    headers = {**NO_STORE, "Content-Language": "zh-CN" if call.language == "zh" else "en", "Vary": "Accept"}
    if location is not None:
        headers["Location"] = location
    return Reply(msgspec.json.encode(body), media_type, status=status, headers=headers)


ROUTES = [rank_need, rank_demand, list_rankings, read_ranking, compare_rankings, replay_ranking, explain_asset]
