"""Units over HTTP: GeoJSON in and out."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any
from uuid import UUID

from litestar import Request, delete, get, patch, post
from litestar.params import FromPath
from msgspec import UNSET

from actions import asset as asset_actions
from actions import draft, separation
from api.bodies import AssetFeature, AssetPatch, NewSeparation, sent_fields
from api.paging import next_link, unsealed
from api.queries import MINIMUMS, AssetQuery, VoidQuery
from api.request import RequestContext, request_context
from api.response import GEOJSON, PER_CALLER, Reply, accepts_gzip, conditional, known_tags, written
from domain.actor import ANONYMOUS, may
from domain.entity_tags import ANY, kept_tag
from domain.errors import Forbidden, Invalid, Malformed, NotFound, NotSignedIn
from domain.industry import is_code_shape
from domain.merge_patch import merged_outline
from domain.quantity import area_m2
from domain.words import AreaUnit, Listing, Role
from store import asset
from store.asset_search import After, Condition, search, tag_of

ROUTE = "/api/v1/assets"
TAGS = ["assets"]
WORDS = ("kind", "availability", "path")
#: With a page that is not sent again: it would have been gzipped or not.
UNCHANGED = {**PER_CALLER, "Vary": f"{PER_CALLER['Vary']}, Accept-Encoding"}


@get(ROUTE, opt={"query": AssetQuery}, tags=TAGS)
async def list_assets(request: Request[Any, Any, Any]) -> Reply:
    """Units, as a GeoJSON FeatureCollection: all that the public sees, and for staff all of their parks."""
    context = await request_context(request)
    keys = unsealed(context, ROUTE)
    filters, known, is_signed_in = conditions(context.query), known_tags(context), context.actor is not ANONYMOUS
    about: dict[str, Any] = {
        "sort": context.query.sort,
        "after": None if keys is None else After(keys[0], UUID(keys[1])),
        "limit": context.query.limit,
    }
    async with context.db.read(context.actor, park_id=context.query.park) as conn:
        if known and known != ANY and context.query.q is None:
            tag = await tag_of(conn, filters, **about, is_signed_in=is_signed_in)
            if (kept := kept_tag(known, f'"{tag}"', is_gzipped=accepts_gzip(request.scope))) is not None:
                return Reply(b"", status=304, headers={**UNCHANGED, "ETag": kept})
        page = await search(conn, filters, typed=context.query.q, **about, is_signed_in=is_signed_in)
    links = b"[]"
    if page.after is not None:
        href = next_link(context, ROUTE, [page.after.value, str(page.after.id)])
        links = f'[{{"rel":"next","type":"{GEOJSON}","href":"{href}"}}]'.encode()
    body = b'{"type":"FeatureCollection","numberReturned":%d,"links":%s,"features":[%s]}'
    return Reply(
        body % (len(page.features), links, b",".join(page.features)),
        GEOJSON,
        headers=PER_CALLER,
        tag=None if page.tag is None else f'"{page.tag}"',
        known=known,
    )


def conditions(query: AssetQuery) -> list[Condition]:
    """The query without `q` as conditions of the search. Raises Malformed naming the parameter that makes no sense."""
    filters: list[Condition] = []
    if query.bbox is not None:
        filters.append(_box(query.bbox))
    if (query.near is None) != (query.radius_m is None):
        missing, other = ("radius_m", "near") if query.radius_m is None else ("near", "radius_m")
        raise Malformed("needs_other", other, other=missing)
    if query.near is not None and query.radius_m is not None:
        lon, lat = _degrees(query.near, 2, "near")
        filters.append(("near", (lon, lat, query.radius_m)))
    filters += [(name, (getattr(query, name).value,)) for name in WORDS if getattr(query, name) is not None]
    if query.park is not None:
        filters.append(("park", (query.park,)))
    for end in ("min", "max"):
        for unit in (AreaUnit.m2, AreaUnit.mu):
            name = f"area_{unit}_{end}"
            value = getattr(query, name)
            if value is not None:
                filters.append((f"area_m2_{end}", (area_m2(_amount(value, name), unit),)))
    filters += [(name, (_amount(value, name),)) for name in MINIMUMS if (value := getattr(query, name)) is not None]
    if query.available_by is not None:
        filters.append(("available_by", (query.available_by,)))
    if query.industry is not None:
        if not is_code_shape(query.industry):
            raise Malformed("industry_form", "industry", value=query.industry)
        filters.append(("industry", (query.industry,)))
    return filters


def _box(text: str) -> Condition:
    west, south, east, north = _degrees(text, 4, "bbox")
    if south > north:
        raise Malformed("bbox_order", "bbox")
    is_flat = west == east or south == north
    name = "bbox_across_180" if west > east else "bbox_flat" if is_flat else "bbox"
    return (name, (west, south, east, north))


def _degrees(text: str, count: int, name: str) -> list[float]:
    """Longitudes and latitudes in turn, each within its range."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as fault:
        raise Malformed(name, name) from fault
    most = (180.0, 90.0)
    if len(numbers) != count or not all(
        math.isfinite(number) and abs(number) <= most[n % 2] for n, number in enumerate(numbers)
    ):
        raise Malformed(name, name)
    return numbers


def _amount(value: Decimal, name: str) -> Decimal:
    if not value.is_finite() or not 0 <= value <= 10**12:
        raise Malformed("out_of_range", name, least=0, most=10**12)
    return value


@post(ROUTE, opt={"body": AssetFeature}, status_code=201, tags=TAGS)
async def register_asset(request: Request[Any, Any, Any]) -> Reply:
    """Registers a unit as a draft."""
    context = await request_context(request)
    facts = {name: value for name, value in sent_fields(context.body.properties).items() if value is not None}
    park_id = facts.pop("park_id")
    answer = await asset_actions.register_asset(
        context.db, context.actor, park_id, context.body.geometry, facts, once=context.once, today=context.today
    )
    return written(answer)


@get(f"{ROUTE}/{{asset_id:uuid}}", tags=TAGS)
async def read_asset(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """One unit as a GeoJSON Feature, with its ETag."""
    context = await request_context(request)
    home = await asset.home(context.db, asset_id) if context.actor.role is Role.admin else None
    async with context.db.read(context.actor, park_id=None if home is None else home.park_id) as conn:
        visible = await asset.visible(conn, asset_id)
    if visible is None:
        raise NotFound("no_such")
    return conditional(context, *visible, media_type=GEOJSON)


@patch(f"{ROUTE}/{{asset_id:uuid}}", opt={"body": AssetPatch, "if_match": True}, tags=TAGS)
async def amend_asset(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Changes a unit by a merge patch on its Feature; needs If-Match."""
    context = await request_context(request)
    if context.body.id is not UNSET and context.body.id != str(asset_id):
        raise Invalid("other_id", "id", id=asset_id)
    geometry = None if context.body.geometry is UNSET else context.body.geometry
    if isinstance(geometry, dict):
        geometry = merged_outline(geometry)
    changed = {} if context.body.properties is UNSET else sent_fields(context.body.properties)
    if geometry is None and (not changed or context.body.geometry is None):
        raise Invalid("missing", "geometry" if context.body.geometry is None else "properties")
    answer = await asset_actions.amend_asset(
        context.db,
        context.actor,
        asset_id,
        geometry,
        changed,
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


async def _list_as(context: RequestContext, asset_id: UUID, word: Listing) -> Reply:
    answer = await asset_actions.list_asset(
        context.db, context.actor, asset_id, word, if_match=context.if_match, once=context.once, today=context.today
    )
    return written(answer)


@post(f"{ROUTE}/{{asset_id:uuid}}/publish", opt={"if_match": True}, status_code=200, tags=TAGS)
async def publish_asset(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Shows a unit to everyone; needs If-Match."""
    return await _list_as(await request_context(request), asset_id, Listing.published)


@post(f"{ROUTE}/{{asset_id:uuid}}/withdraw", opt={"if_match": True}, status_code=200, tags=TAGS)
async def withdraw_asset(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Hides a unit again; needs If-Match."""
    return await _list_as(await request_context(request), asset_id, Listing.withdrawn)


@delete(f"{ROUTE}/{{asset_id:uuid}}", opt={"query": VoidQuery, "if_match": True}, status_code=200, tags=TAGS)
async def void_asset(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Voids a draft that nothing refers to: its code is free again; needs If-Match."""
    context = await request_context(request)
    answer = await draft.void_asset(
        context.db,
        context.actor,
        asset_id,
        context.query.reason,
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


@post(f"{ROUTE}/{{asset_id:uuid}}/separations", opt={"body": NewSeparation}, status_code=201, tags=TAGS)
async def separate_assets(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Says why two plots, or two buildings, are separate although their outlines overlap."""
    context = await request_context(request)
    answer = await separation.separate_assets(
        context.db,
        context.actor,
        asset_id,
        context.body.other_id,
        context.body.reason,
        once=context.once,
        today=context.today,
    )
    return written(answer)


async def home_of_staff(context: RequestContext, asset_id: UUID) -> asset.AssetHome:
    """Where a unit is kept, for staff of its park. Raises NotFound where the caller may not know of it."""
    home = await asset.home(context.db, asset_id)
    allowed = home is not None and may(context.actor, "asset.history", park_id=home.park_id)
    if home is None or not (home.is_public or allowed):
        raise NotFound("no_such")
    if not allowed:
        raise NotSignedIn("sign_in") if context.actor is ANONYMOUS else Forbidden("not_yours")
    return home


@get(f"{ROUTE}/{{asset_id:uuid}}/history", tags=TAGS)
async def asset_history(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """What was recorded of a unit and who did it, the latest first; for staff of its park."""
    context = await request_context(request)
    home = await home_of_staff(context, asset_id)
    async with context.db.read(context.actor, park_id=home.park_id) as conn:
        versions, events = await asset.history(conn, home.park_id, asset_id)
    body = f'{{"asset_id":"{asset_id}","versions":[{",".join(versions)}],"events":[{",".join(events)}]}}'
    return Reply(body.encode())


ROUTES = [
    list_assets,
    register_asset,
    read_asset,
    amend_asset,
    publish_asset,
    withdraw_asset,
    void_asset,
    separate_assets,
    asset_history,
]
