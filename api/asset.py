"""Units over HTTP: GeoJSON in and out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from litestar import Request, delete, get, patch, post
from litestar.params import FromPath
from msgspec import UNSET

from actions import asset as asset_actions
from actions import draft, separation
from api import table
from api.bodies import AssetFeature, AssetPatch, NewSeparation, ParkPatch, sent_fields
from api.crs import content_crs, system_of, written_in
from api.paging import following, matched, next_link, numbers, unsealed
from api.queries import FILTERS, AssetCsvQuery, AssetFilter, AssetGeoJsonQuery, AssetQuery, FeatureQuery, VoidQuery
from api.request import RequestContext, request_context
from api.response import GEOJSON, PER_CALLER, Reply, accepts_gzip, conditional, known_tags, written
from api.streams import Stream
from domain.actor import ANONYMOUS, Actor, may
from domain.entity_tags import ANY, kept_tag
from domain.errors import Forbidden, Invalid, Malformed, NotFound, NotSignedIn
from domain.industry import is_code_shape
from domain.merge_patch import merged_outline
from domain.quantity import area_m2
from domain.words import AreaUnit, Listing
from store import asset, park
from store.asset_search import MISSING, After, Condition, count, outlines, portions_of, search, tag_of
from store.db import Database
from store.features import DEGREES, GeometryForm

ROUTE = "/api/v1/assets"
TAGS = ["assets"]
#: With a page that is not sent again: it would have been gzipped or not.
UNCHANGED = {**PER_CALLER, "Vary": f"{PER_CALLER['Vary']}, Accept-Encoding"}


@get(ROUTE, opt={"query": AssetQuery}, tags=TAGS)
async def list_assets(request: Request[Any, Any, Any]) -> Reply:
    """Units, as a GeoJSON FeatureCollection: all that the public sees, and for staff all of their parks."""
    context = await request_context(request)
    keys = unsealed(context, ROUTE)
    known, is_signed_in = known_tags(context), context.actor is not ANONYMOUS
    selection = await selected(context.db, context.actor, context.query)
    filters = selection.filters
    is_counted = context.query.count is not None
    system = await system_of(context.db, context.actor, context.query.crs)
    about: dict[str, Any] = {
        "crs": written_in(system),
        "sort": context.query.sort,
        "after": None if keys is None else After(keys[0], UUID(keys[1])),
        "limit": context.query.limit,
    }
    async with context.db.read(context.actor, park_id=selection.park_id) as conn:
        if known and known != ANY and context.query.q is None and not is_counted:
            tag = await tag_of(conn, filters, **about, is_signed_in=is_signed_in)
            if (kept := kept_tag(known, f'"{tag}"', is_gzipped=accepts_gzip(request.scope))) is not None:
                return Reply(b"", status=304, headers={**UNCHANGED, **content_crs(system), "ETag": kept})
        page = await search(conn, filters, typed=context.query.q, **about, is_signed_in=is_signed_in)
    in_all = None
    if is_counted:
        reading = context.db.read(context.actor, park_id=selection.park_id)
        typed, is_sorted = context.query.q, context.query.sort is not None
        in_all = await matched(reading, lambda conn: count(conn, filters, typed=typed, is_sorted=is_sorted))
    href = None if page.after is None else next_link(context, ROUTE, [page.after.value, str(page.after.id)])
    links = b"[]" if href is None else f'[{{"rel":"next","type":"{GEOJSON}","href":"{href}"}}]'.encode()
    body = b'{"type":"FeatureCollection",%b,"links":%b,"features":[%b]}'
    return Reply(
        body % (numbers(len(page.features), in_all), links, b",".join(page.features)),
        GEOJSON,
        headers={**PER_CALLER, **content_crs(system), **following(href, GEOJSON)},
        tag=None if page.tag is None or is_counted else f'"{page.tag}"',
        known=known,
    )


@get(f"{ROUTE}.geojson", opt={"query": AssetGeoJsonQuery}, tags=TAGS)
async def assets_geojson(request: Request[Any, Any, Any]) -> Stream:
    """All units of a selection, flat, for GIS: a FeatureCollection without pages, under the filters of the list.

    `fields` chooses columns, `titles` names them in a language; else they are called as in the interface.
    """
    context = await request_context(request)
    system = await system_of(context.db, context.actor, context.query.crs)
    rows = await table_rows(context.db, context.actor, context.query, crs=written_in(system))
    return table.table(request, context, table.GEOJSON, rows, content_crs(system))


@get(f"{ROUTE}.csv", opt={"query": AssetCsvQuery, "also": ["text/csv"]}, tags=TAGS)
async def assets_csv(request: Request[Any, Any, Any]) -> Stream:
    """The same for a spreadsheet; `wkt=true` adds the outline as text, `titles` has words as people write them."""
    return await _table(request, table.CSV)


@get(f"{ROUTE}.xlsx", opt={"query": AssetCsvQuery, "also": [table.XLSX_TYPE]}, tags=TAGS)
async def assets_xlsx(request: Request[Any, Any, Any]) -> Stream:
    """The same as a workbook, in the language of its titles or the one of the reader.

    That is `titles`, else Accept-Language.

    Numbers are numbers, days are days, codes are texts, and words are those that people write.

    With `wkt=true` an outline of more than 32,767 characters, which no cell holds, is left out; GeoJSON has it.
    """
    return await _table(request, table.XLSX)


async def _table(request: Request[Any, Any, Any], form: table.Form) -> Stream:
    context = await request_context(request)
    query = context.query
    return table.table(request, context, form, await table_rows(context.db, context.actor, query))


async def table_rows(db: Database, actor: Actor, query: AssetFilter, *, crs: GeometryForm = DEGREES) -> table.TableRows:
    """The units of a query as the rows of a table. Raises Malformed as `selected`."""
    selection = await selected(db, actor, query)
    return table.TableRows(
        "asset",
        actor,
        lambda conn, names: portions_of(
            conn, selection.filters, typed=query.q, names=names, is_staff=actor is not ANONYMOUS, crs=crs
        ),
        selection.park_id,
    )


@dataclass(frozen=True)
class Selection:
    """The conditions on units of a query, without `q`, and the one park that it names."""

    filters: list[Condition]
    park_id: UUID | None


async def selected(db: Database, actor: Actor, query: AssetFilter) -> Selection:
    """What a query selects. Raises Malformed naming the parameter that makes no sense."""
    filters = conditions(query)
    parks = [] if query.park is None else await _parks(db, query.park)
    park_id = parks[0] if len(parks) == 1 else None
    if parks:
        filters.append(("parks", (parks,)) if park_id is None else ("park", (park_id,)))
    if query.near is not None:
        filters.append(await _near(db, actor, park_id, query.near, query.radius_m))
    return Selection(filters, park_id)


async def _parks(db: Database, text: str) -> list[UUID]:
    try:
        return [UUID(text)]
    except ValueError:
        if parks := await park.called(db, text):
            return parks
        raise Malformed("no_park_called", "park", name=text) from None


async def _near(db: Database, actor: Actor, park_id: UUID | None, text: str, radius_m: float | None) -> Condition:
    try:
        lon, lat = map(float, text.split(","))
    except ValueError:
        async with db.read(actor, park_id=park_id) as conn:
            outline = await outlines(conn, text)
        if outline is None:
            raise Malformed("near_code", "near", name=text) from None
        return "near_outline", (outline, radius_m)
    return "near", (*_degrees(f"{lon},{lat}", 2, "near"), radius_m)


def conditions(query: AssetFilter) -> list[Condition]:
    """The query without `q`, `park` and `near` as conditions. Raises Malformed as `selected`."""
    filters: list[Condition] = []
    if query.bbox is not None:
        filters.append(_box(query.bbox))
    if (query.near is None) != (query.radius_m is None):
        missing, other = ("radius_m", "near") if query.radius_m is None else ("near", "radius_m")
        raise Malformed("needs_other", other, other=missing)
    if query.path is not None:
        filters.append(("path", (query.path.value,)))
    for end in ("min", "max"):
        for unit in (AreaUnit.m2, AreaUnit.mu):
            name = f"area_{unit}_{end}"
            value = getattr(query, name)
            if value is not None:
                filters.append((f"area_m2_{end}", (area_m2(_amount(value, name), unit),)))
    for name in FILTERS:
        if (value := getattr(query, name)) is not None:
            filters.append((name, (_amount(value, name) if isinstance(value, Decimal) else value,)))
    if query.available_by is not None:
        filters.append(("available_by", (query.available_by,)))
    if query.industry is not None:
        if not is_code_shape(query.industry):
            raise Malformed("industry_form", "industry", value=query.industry)
        filters.append(("industry", (query.industry,)))
    return filters + _missing(query.missing)


def _missing(names: str | None) -> list[Condition]:
    wanted = [] if names is None else list(dict.fromkeys(names.split(",")))
    if not set(wanted) <= MISSING.keys():
        raise Malformed("not_in_vocabulary", "missing", allowed=list(MISSING))
    return [(MISSING[name], ()) for name in wanted]


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


@get(f"{ROUTE}/{{asset_id:uuid}}", opt={"query": FeatureQuery}, tags=TAGS)
async def read_asset(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """One unit as a GeoJSON Feature, with its ETag."""
    context = await request_context(request)
    system = await system_of(context.db, context.actor, context.query.crs)
    async with context.db.read(context.actor) as conn:
        visible = await asset.visible(conn, asset_id, written_in(system))
    if visible is None:
        raise NotFound("no_such")
    return conditional(context, *visible, media_type=GEOJSON, headers={**PER_CALLER, **content_crs(system)})


@patch(f"{ROUTE}/{{asset_id:uuid}}", opt={"body": AssetPatch, "if_match": True}, tags=TAGS)
async def amend_asset(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Changes a unit by a merge patch on its Feature; needs If-Match."""
    context = await request_context(request)
    answer = await asset_actions.amend_asset(
        context.db,
        context.actor,
        asset_id,
        feature_changes(context.body, asset_id),
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


def feature_changes(body: AssetPatch | ParkPatch, own_id: UUID) -> dict[str, Any]:
    """The facts that a patch changes, `geometry` among them. Raises Invalid where there is none."""
    if body.id is not UNSET and body.id != str(own_id):
        raise Invalid("other_id", "id", id=own_id)
    changed = {} if body.properties is UNSET else sent_fields(body.properties)
    if body.geometry is not UNSET:
        geometry = merged_outline(body.geometry) if isinstance(body.geometry, dict) else body.geometry
        if geometry is not None or body.geometry is None:
            changed["geometry"] = geometry
    if not changed:
        raise Invalid("missing", "properties")
    return changed


async def _list_as(context: RequestContext, asset_id: UUID, word: Listing, answering: asset_actions.Answering) -> Reply:
    answer = await asset_actions.list_asset(
        context.db,
        context.actor,
        asset_id,
        word,
        if_match=context.if_match,
        once=context.once,
        today=context.today,
        answering=answering,
    )
    return written(answer)


@post(f"{ROUTE}/{{asset_id:uuid}}/publish", opt={"if_match": True}, status_code=200, tags=TAGS)
async def publish_asset(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Shows a unit to everyone, and says how complete it is; needs If-Match."""
    answering = asset_actions.published_answer
    return await _list_as(await request_context(request), asset_id, Listing.published, answering)


@post(f"{ROUTE}/{{asset_id:uuid}}/withdraw", opt={"if_match": True}, status_code=200, tags=TAGS)
async def withdraw_asset(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Hides a unit again; needs If-Match."""
    answering = asset_actions.rest_answer
    return await _list_as(await request_context(request), asset_id, Listing.withdrawn, answering)


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
    assets_geojson,
    assets_csv,
    assets_xlsx,
    register_asset,
    read_asset,
    amend_asset,
    publish_asset,
    withdraw_asset,
    void_asset,
    separate_assets,
    asset_history,
]
