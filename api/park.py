"""Parks, zones, industries and schemes over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath

from actions import park as park_actions
from api.bodies import ParkFeature, sent_fields
from api.paging import after_id, after_position, keyed, listed, next_link, search_page, unsealed
from api.queries import IndustryQuery, PageQuery
from api.request import request_context
from api.response import GEOJSON, NO_CACHE, Reply, conditional, written
from domain.errors import NotFound
from store import park, reference

ROUTE = "/api/v1/parks"
TAGS = ["parks"]


@get(ROUTE, opt={"query": PageQuery}, tags=TAGS)
async def list_parks(request: Request[Any, Any, Any]) -> Reply:
    """Parks and the zones inside them, as a GeoJSON FeatureCollection; a zone names its park in `zone_of`."""
    context = await request_context(request)
    async with context.db.read(context.actor) as conn:
        rows = await park.page(conn, after_id(context, ROUTE), context.query.limit + 1)
    features, last = keyed(rows, context.query.limit, "id", "feature")
    link = "" if last is None else f'{{"rel":"next","type":"{GEOJSON}","href":"{next_link(context, ROUTE, [last])}"}}'
    body = f'{{"type":"FeatureCollection","links":[{link}],"features":[{",".join(features)}]}}'
    return Reply(body.encode(), GEOJSON, headers=NO_CACHE)


@get(f"{ROUTE}/{{park_id:uuid}}", tags=TAGS)
async def read_park(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """One park or zone as a GeoJSON Feature."""
    context = await request_context(request)
    async with context.db.read(context.actor) as conn:
        visible = await park.visible(conn, park_id)
    if visible is None:
        raise NotFound("no_such_park")
    return conditional(context, visible[0], visible[1], media_type=GEOJSON)


def _facts(context: Any) -> dict[str, Any]:
    return {name: value for name, value in sent_fields(context.body.properties).items() if value is not None}


@post(ROUTE, opt={"body": ParkFeature}, status_code=201, tags=TAGS)
async def add_park(request: Request[Any, Any, Any]) -> Reply:
    """A new park; for admins."""
    context = await request_context(request)
    answer = await park_actions.add_park(
        context.db, context.actor, context.body.geometry, _facts(context), once=context.once
    )
    return written(answer)


@post(f"{ROUTE}/{{park_id:uuid}}/zones", opt={"body": ParkFeature}, status_code=201, tags=TAGS)
async def add_zone(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """A new zone (园中园) inside a park; for its staff."""
    context = await request_context(request)
    answer = await park_actions.add_zone(
        context.db, context.actor, park_id, context.body.geometry, _facts(context), once=context.once
    )
    return written(answer)


@get("/api/v1/industries", opt={"query": IndustryQuery}, tags=["industries"])
async def list_industries(request: Request[Any, Any, Any]) -> Reply:
    """GB/T 4754-2017: by code, or by what is typed in `q`."""
    context = await request_context(request)
    route = "/api/v1/industries"
    limit = context.query.limit
    async with context.db.read(context.actor) as conn:
        if context.query.q is not None:
            return search_page(
                context,
                route,
                await reference.search_industries(conn, context.query.q, after_position(context, route), limit),
            )
        keys = unsealed(context, route)
        rows = await reference.industries(conn, None if keys is None else keys[0], limit + 1)
    return listed(context, route, *keyed(rows, limit, "code", "document"))


@get("/api/v1/schemes", tags=["schemes"])
async def list_schemes(request: Request[Any, Any, Any]) -> Reply:
    """Versioned data that rules read: ranking parameters, the chain table, stated figures; the latest first."""
    context = await request_context(request)
    async with context.db.read(context.actor) as conn:
        schemes = await reference.schemes(conn)
    return Reply(f'{{"items":[{",".join(schemes)}],"next":null}}'.encode(), headers=NO_CACHE)


@get("/api/v1/schemes/{kind:str}", tags=["schemes"])
async def read_scheme(request: Request[Any, Any, Any], kind: FromPath[str]) -> Reply:
    """The version in force of one kind of data that rules read; of `matching`, the sector templates too."""
    context = await request_context(request)
    async with context.db.read(context.actor) as conn:
        document = await reference.scheme(conn, kind) if kind.isidentifier() else None
    if document is None:
        raise NotFound("no_such")
    return Reply(document.encode(), headers=NO_CACHE)


ROUTES = [list_parks, read_park, add_park, add_zone, list_industries, list_schemes, read_scheme]
