"""Parks, zones, industries and schemes over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get, patch, post
from litestar.params import FromPath

from actions import park as park_actions
from actions.authorization import require_in_park
from api import table
from api.asset import feature_changes
from api.bodies import ParkFeature, ParkPatch, sent_fields
from api.crs import content_crs, system_of, written_in
from api.paging import (
    after_id,
    after_position,
    following,
    keyed,
    listed,
    matched,
    next_link,
    numbers,
    search_page,
    unsealed,
)
from api.queries import FeatureQuery, IndustryQuery, ParkCsvQuery, ParkQuery, ParkTableQuery
from api.request import request_context
from api.response import GEOJSON, NO_CACHE, NO_STORE, PER_CALLER, Reply, conditional, written
from api.streams import Stream
from domain.errors import Invalid, NotFound
from ledger.columns import WKT
from store import park, reference

ROUTE = "/api/v1/parks"
TAGS = ["parks"]


@get(ROUTE, opt={"query": ParkQuery}, tags=TAGS)
async def list_parks(request: Request[Any, Any, Any]) -> Reply:
    """Parks and the zones inside them, as a GeoJSON FeatureCollection; a zone names its park in `zone_of`."""
    context = await request_context(request)
    system = await system_of(context.db, context.actor, context.query.crs)
    async with context.db.read(context.actor) as conn:
        rows = await park.page(conn, after_id(context, ROUTE), context.query.limit + 1, written_in(system))
    in_all = None if context.query.count is None else await matched(context.db.read(context.actor), park.count)
    features, last = keyed(rows, context.query.limit, "id", "feature")
    href = None if last is None else next_link(context, ROUTE, [last])
    link = "" if href is None else f'{{"rel":"next","type":"{GEOJSON}","href":"{href}"}}'
    about = numbers(len(features), in_all).decode()
    body = f'{{"type":"FeatureCollection",{about},"links":[{link}],"features":[{",".join(features)}]}}'
    return Reply(body.encode(), GEOJSON, headers={**NO_CACHE, **content_crs(system), **following(href, GEOJSON)})


@get(f"{ROUTE}.geojson", opt={"query": ParkTableQuery}, tags=TAGS)
async def parks_geojson(request: Request[Any, Any, Any]) -> Stream:
    """All parks and zones, flat, for GIS: a FeatureCollection without pages."""
    return await _parks(request, table.GEOJSON)


@get(f"{ROUTE}.csv", opt={"query": ParkCsvQuery, "also": ["text/csv"]}, tags=TAGS)
async def parks_csv(request: Request[Any, Any, Any]) -> Stream:
    """The same for a spreadsheet; `wkt=true` adds the outline as text."""
    return await _parks(request, table.CSV)


async def _parks(request: Request[Any, Any, Any], form: table.Form) -> Stream:
    context = await request_context(request)
    rows = table.TableRows("park", context.actor, lambda conn, names: park.selection(conn, with_wkt=WKT in names))
    return table.table(request, context, form, rows)


@get(f"{ROUTE}/{{park_id:uuid}}", opt={"query": FeatureQuery}, tags=TAGS)
async def read_park(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """One park or zone as a GeoJSON Feature."""
    context = await request_context(request)
    system = await system_of(context.db, context.actor, context.query.crs)
    async with context.db.read(context.actor) as conn:
        visible = await park.visible(conn, park_id, written_in(system))
    if visible is None:
        raise NotFound("no_such_park")
    headers = {**PER_CALLER, **content_crs(system)}
    return conditional(context, visible[0], visible[1], media_type=GEOJSON, headers=headers)


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


@patch(f"{ROUTE}/{{park_id:uuid}}", opt={"body": ParkPatch, "if_match": True}, tags=TAGS)
async def amend_park(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """Changes a park or zone by a merge patch on its Feature; needs If-Match.

    Parks are changed by admins, zones by the staff of their park too; what a zone clears it takes from its park.
    """
    context = await request_context(request)
    if context.body.geometry is None:
        raise Invalid("missing", "geometry")
    changed = feature_changes(context.body, park_id)
    geometry = changed.pop("geometry", None)
    answer = await park_actions.amend_park(
        context.db, context.actor, park_id, geometry, changed, if_match=context.if_match, once=context.once
    )
    return written(answer)


@get(f"{ROUTE}/{{park_id:uuid}}/history", tags=TAGS)
async def park_history(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """What was recorded of a park and who did it, the latest first; for its staff, leaders and auditors."""
    context = await request_context(request)
    await require_in_park(context.db, context.actor, "park.history", park_id, "park_id")
    async with context.db.read(context.actor, park_id=park_id) as conn:
        versions, events = await park.history(conn, park_id)
    body = f'{{"park_id":"{park_id}","versions":[{",".join(versions)}],"events":[{",".join(events)}]}}'
    return Reply(body.encode(), headers=NO_STORE)


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
    """GB/T 4754-2017: by code, or by what is typed."""
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


ROUTES = [
    list_parks,
    parks_geojson,
    parks_csv,
    read_park,
    add_park,
    amend_park,
    park_history,
    add_zone,
    list_industries,
    list_schemes,
    read_scheme,
]
