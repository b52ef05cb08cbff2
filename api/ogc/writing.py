"""Units written by GIS clients: staff add, change, replace and take away features of their parks.

Each write is an act of the register, with its rules, events and idempotency key; what is sent flat is turned into what
that act takes, and its answer is the feature as it is read here. If-Match is obeyed where it is sent. Source: OGC API
Features part 4; OGC handbook §1.4, §2.2.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, delete, patch, post, put, route
from litestar.enums import HttpMethod
from litestar.exceptions import MethodNotAllowedException
from litestar.params import FromPath
from msgspec import UNSET

from actions import asset as asset_actions
from actions import draft
from actions.asset import Answering
from actions.authorization import match_revision, only_park, require
from actions.geometry import read_geometry
from api.asgi import methods
from api.asset import feature_changes
from api.bodies import AssetFeature, AssetPatch, OgcFeature, OgcPatch, sent_fields
from api.crs import content_crs, system_named, written_in
from api.ogc.flat_facts import changed_facts, in_flat_names, replacing
from api.ogc.items import id_of, with_links
from api.ogc.request import VARY, OgcRequest, collection_of, ogc_request
from api.ogc.schemas import OF_KNOWN, OF_NEW
from api.ogc.service import OPTIONS, surroundings
from api.request import decoded
from api.response import NO_STORE, Reply, written
from domain.actor import may
from domain.answer import Answer
from domain.collections import Collection, Shape
from domain.entity_tags import ANY, entity_tag, listed_tags, revision_tag
from domain.errors import Forbidden, Invalid, NotFound, NotSignedIn, Refusal, Stale, Unavailable
from domain.words import Listing
from geo.positions import OUTLINES
from geo.reference_systems import CRS84, ReferenceSystem, geometry_in_degrees
from store import features, park
from store.db import Act

ITEMS: Final = "/ogc/collections/{collection_id:str}/items"
ITEM: Final = f"{ITEMS}/{{feature_id:str}}"
#: What a collection takes; where units have no place, they get one.
TAKEN: Final[Mapping[Shape, tuple[str, ...]]] = {
    "outline": OUTLINES,
    "point": ("Point",),
    "none": ("Point", *OUTLINES),
}
#: Headers in which a caller says who it is.
KEYS: Final = ("authorization", "x-api-key")
#: How often a change without If-Match is made anew because another came first.
MOST_TRIES: Final = 5
#: Clients round positions to so many degrees when they send whole features.
ROUNDED_DEG: Final = 2e-6


@route([ITEMS], http_method=[HttpMethod.OPTIONS], opt=OPTIONS)
async def items_options(request: Request[Any, Any, Any], collection_id: FromPath[str]) -> Reply:
    """What the caller may do with a collection: clients let their users edit by it."""
    return await _allowed(request, collection_id, "POST")


@route([ITEM], http_method=[HttpMethod.OPTIONS], opt=OPTIONS)
async def item_options(
    request: Request[Any, Any, Any], collection_id: FromPath[str], feature_id: FromPath[str]
) -> Reply:
    """What the caller may do with features. The same for each: QGIS takes the answer to one for that to all, or asks
    for one that is not there.
    """
    return await _allowed(request, collection_id, "PUT, PATCH, DELETE")


async def _allowed(request: Request[Any, Any, Any], collection_id: str, writing: str) -> Reply:
    collection = collection_of(collection_id)
    ogc = await ogc_request(request)
    allowed = f"GET, {writing}" if collection.is_written and ogc.may_write else "GET"
    return Reply(b"", headers={**NO_STORE, **VARY, "Allow": methods(allowed)})


@post(ITEMS, opt={**OPTIONS, "body": OgcFeature}, status_code=201)
async def add_item(request: Request[Any, Any, Any], collection_id: FromPath[str]) -> Reply:
    """Registers a unit as a draft, in the park that it names or lies in."""
    async with _writing(request, collection_id) as (ogc, collection):
        context = ogc.context
        system = await _system(request, ogc)
        geometry = context.body.geometry
        _check_type(collection, geometry)
        geometry = await asyncio.to_thread(geometry_in_degrees, None if geometry is UNSET else geometry, system)
        properties = await _new_properties(ogc, collection, context.body.properties, geometry)
        sent = {"type": "Feature", "geometry": geometry, "properties": properties}
        body = await asyncio.to_thread(decoded, msgspec.json.encode(sent), AssetFeature)
        facts = {name: value for name, value in sent_fields(body.properties).items() if value is not None}
        answer = await asset_actions.register_asset(
            context.db,
            context.actor,
            facts.pop("park_id"),
            geometry,
            facts,
            once=context.once,
            today=context.today,
            answering=_feature(ogc, collection),
        )
    return _answered(answer)


@put(ITEM, opt={**OPTIONS, "body": OgcFeature})
async def replace_item(
    request: Request[Any, Any, Any], collection_id: FromPath[str], feature_id: FromPath[str]
) -> Reply:
    """Changes a unit to what is sent: what can be written and is left out is null."""
    return await _change(request, collection_id, feature_id, is_whole=True)


@patch(ITEM, opt={**OPTIONS, "body": OgcPatch})
async def amend_item(request: Request[Any, Any, Any], collection_id: FromPath[str], feature_id: FromPath[str]) -> Reply:
    """Changes what is sent of a unit."""
    return await _change(request, collection_id, feature_id, is_whole=False)


async def _change(request: Request[Any, Any, Any], collection_id: str, feature_id: str, *, is_whole: bool) -> Reply:
    async with _writing(request, collection_id) as (ogc, collection):
        asset_id = id_of(feature_id)
        await asset_actions.home_of(ogc.context.db, ogc.context.actor, asset_id)
        _check_type(collection, ogc.context.body.geometry)
        answer = await _changed(ogc, collection, asset_id, await _system(request, ogc), is_whole=is_whole)
    return _answered(answer)


async def _changed(
    ogc: OgcRequest, collection: Collection, asset_id: UUID, system: ReferenceSystem, *, is_whole: bool
) -> Answer:
    """Compared with what is shown and changed at that revision; without If-Match anew where another came first.

    Raises: Stale where If-Match names another revision, Unavailable where others come first every time.
    """
    context, if_match = ogc.context, _named_revisions(ogc.context.if_match)
    for n in range(MOST_TRIES):
        shown, revision = await _shown(ogc, collection, asset_id, system)
        if if_match is not None:
            match_revision(if_match, revision)
        changed = await asyncio.to_thread(
            _changes, collection, context.body, asset_id, shown, system, is_whole=is_whole
        )
        if not changed:
            async with context.db.read(ogc.reader) as conn:
                return await _answer(ogc, collection, conn, asset_id, 200)
        # At last what is sent simply comes after the others; a point never, which could be laid over an outline.
        is_any = n + 1 == MOST_TRIES and not (collection.shape == "point" and "geometry" in changed)
        try:
            return await asset_actions.amend_asset(
                context.db,
                context.actor,
                asset_id,
                changed,
                if_match=if_match or ("*" if is_any else revision_tag(revision)),
                once=context.once,
                today=context.today,
                answering=_feature(ogc, collection),
            )
        except Stale:
            if if_match is not None:
                raise
    raise Unavailable("busy", retry_after_s=1)


@delete(ITEM, opt=OPTIONS, status_code=200)
async def remove_item(
    request: Request[Any, Any, Any], collection_id: FromPath[str], feature_id: FromPath[str]
) -> Reply:
    """Voids a draft, and withdraws what was published: that stays with its park's staff."""
    async with _writing(request, collection_id) as (ogc, collection):
        context, asset_id = ogc.context, id_of(feature_id)
        await asset_actions.home_of(context.db, context.actor, asset_id)
        shown, _ = await _shown(ogc, collection, asset_id, CRS84)
        about: dict[str, Any] = {
            "if_match": context.if_match or "*",
            "once": context.once,
            "today": context.today,
            "answering": _nothing_left,
        }
        if shown["properties"]["listing"] == Listing.draft:
            answer = await draft.void_asset(context.db, context.actor, asset_id, None, **about)
        else:
            answer = await asset_actions.list_asset(context.db, context.actor, asset_id, Listing.withdrawn, **about)
    return _answered(answer)


async def _nothing_left(act: Act, asset_id: UUID, status: int) -> Answer:
    return Answer("", status=204)


@asynccontextmanager
async def _writing(request: Request[Any, Any, Any], collection_id: str) -> AsyncIterator[tuple[OgcRequest, Collection]]:
    """A request that writes to a collection, by whoever may; what is refused inside names properties as they are sent.

    Raises: MethodNotAllowedException for a collection that nobody writes to; Replayed for what was done under its key.
    """
    collection = collection_of(collection_id)
    if not collection.is_written:
        raise MethodNotAllowedException(headers={"allow": "GET"})
    if request.headers.keys().isdisjoint(KEYS):  # whatever is in the body: clients ask for a password by this
        raise NotSignedIn("sign_in")
    ogc = await ogc_request(request)
    require(ogc.context.actor, "asset.write")
    await ogc.context.db.replay(ogc.context.actor, ogc.context.once)
    try:
        yield ogc, collection
    except Refusal as refusal:
        raise in_flat_names(collection, refusal) from refusal


def _named_revisions(if_match: str | None) -> str | None:
    """The condition, where it names revisions: any is none."""
    return None if if_match is None or listed_tags(if_match, "If-Match") == ANY else if_match


async def _system(request: Request[Any, Any, Any], ogc: OgcRequest) -> ReferenceSystem:
    """The system of a body. Raises Malformed for one that features are not given in."""
    uri = request.headers.get("content-crs", CRS84.uri).strip().removeprefix("<").removesuffix(">")
    return CRS84 if uri == CRS84.uri else system_named(uri, "Content-Crs", (await surroundings(ogc))[1])


def _check_type(collection: Collection, geometry: object) -> None:
    """Refuses a geometry of a type that the collection has none of; what is no geometry is for the act."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if isinstance(kind, str) and kind not in TAKEN[collection.shape]:
        raise Invalid("geometry_type", "geometry.type", got=kind[:40], allowed=", ".join(TAKEN[collection.shape]))


async def _new_properties(
    ogc: OgcRequest, collection: Collection, sent: Mapping[str, Any], geometry: object
) -> dict[str, Any]:
    """The facts of a new unit, its kind and park among them."""
    sent = {name: value for name, value in sent.items() if value is not None and name != "id"}
    code = sent.pop("park_code", None)
    kind = sent.setdefault("kind", collection.kind)
    if kind != collection.kind:
        raise Invalid("not_in_vocabulary", "properties.kind", allowed=[str(collection.kind)])
    facts = changed_facts(collection, sent, {}, OF_NEW)
    if code is not None:
        park_id = next((own for own, name in (await park.codes(ogc.context.db)).items() if name == code), None)
        if park_id is None or facts.setdefault("park_id", park_id) != park_id:
            raise Invalid("unknown_reference", "properties.park_code")
    if "park_id" not in facts:
        facts["park_id"] = str(only_park(ogc.context.actor) or await _park_at(ogc, geometry))
    return facts


async def _park_at(ogc: OgcRequest, geometry: object) -> UUID:
    """The park of the caller's in which a geometry lies, or most of it.

    Raises: Invalid where it does not say, Forbidden where only parks of others are there.
    """
    place = await read_geometry(geometry)
    if place is None:
        raise Invalid("missing", "properties.park_code")
    async with ogc.context.db.read(ogc.reader) as conn:
        parks = await park.at(conn, place.ewkb.hex())
    if not parks:
        raise Invalid("outside_park", "geometry")
    for park_id in parks:
        if may(ogc.context.actor, "asset.write", park_id=park_id):
            return park_id
    raise Forbidden("not_yours")


async def _shown(
    ogc: OgcRequest, collection: Collection, asset_id: UUID, system: ReferenceSystem
) -> tuple[dict[str, Any], int]:
    """A feature as the caller has it, and its revision. Raises NotFound where the collection has none of this id."""
    async with ogc.context.db.read(ogc.reader) as conn:
        shown = await features.single(conn, collection, asset_id, form=written_in(system), is_staff=ogc.is_staff)
    if shown is None:
        raise NotFound("no_such", "featureId")
    return msgspec.json.decode(shown[0]), shown[1]


def _changes(
    collection: Collection,
    body: OgcFeature | OgcPatch,
    asset_id: UUID,
    shown: Mapping[str, Any],
    system: ReferenceSystem,
    *,
    is_whole: bool,
) -> dict[str, Any]:
    """What a body changes of a unit, as the act takes it. Empty: nothing.

    Raises: Invalid for each property that nobody may change, and as the act's own body.
    """
    sent = {} if body.properties is UNSET else dict(body.properties)
    ids = [value for value in (body.id, sent.pop("id", None)) if value is not UNSET and value is not None]
    if any(value != str(asset_id) for value in ids):
        raise Invalid("other_id", "id", id=asset_id)
    if is_whole:
        sent = replacing(collection, sent)
    facts = changed_facts(collection, sent, shown["properties"], OF_KNOWN)
    changed: dict[str, Any] = {"properties": facts} if facts else {}
    geometry = body.geometry
    if geometry is UNSET and is_whole and collection.shape != "none":
        raise Invalid("missing", "geometry")
    if geometry is not UNSET and not _is_same_place(geometry, shown["geometry"]):
        if collection.shape != "point" or shown["properties"]["measured_area_m2"] is None:
            changed["geometry"] = geometry_in_degrees(geometry, system)
        elif not _is_near(geometry_in_degrees(geometry, system), geometry_in_degrees(shown["geometry"], system)):
            raise Invalid("point_of_outline", "geometry", collection=collection.sisters[1].id)
    if not changed:
        return {}
    return feature_changes(decoded(msgspec.json.encode(changed), AssetPatch), asset_id)


def _is_same_place(sent: object, shown: object) -> bool:
    """Whether a geometry is the one that is shown; an outline of one part may be a polygon."""
    if not isinstance(sent, dict) or not isinstance(shown, dict):
        return sent is shown
    coordinates = sent.get("coordinates")
    if sent.get("type") == "Polygon" and shown["type"] == "MultiPolygon":
        coordinates = [coordinates]
    elif sent.get("type") != shown["type"]:
        return False
    return bool(coordinates == shown["coordinates"])


def _is_near(sent: object, shown: object) -> bool:
    """Whether a point is another to its last decimals alone."""
    if not isinstance(sent, dict) or not isinstance(shown, dict):
        return False
    first, second = sent.get("coordinates"), shown["coordinates"]
    if not isinstance(first, list) or len(first) < 2 or not all(isinstance(part, int | float) for part in first):
        return False
    return all(abs(a - b) <= ROUNDED_DEG for a, b in zip(first, second, strict=False))


def _feature(ogc: OgcRequest, collection: Collection) -> Answering:
    """How an act answers here: the feature as it is read, of the collection in which it is then."""

    async def answering(act: Act, asset_id: UUID, status: int) -> Answer:
        return await _answer(ogc, collection, act.conn, asset_id, status)

    return answering


async def _answer(ogc: OgcRequest, collection: Collection, conn: Any, asset_id: UUID, status: int) -> Answer:
    """A feature where it is now; its address, where that is not the one it was called by."""
    for place in collection.sisters:
        shown = await features.single(conn, place, asset_id, form=features.GeometryForm(), is_staff=True)
        if shown is not None:
            body = with_links(ogc, place, asset_id, shown[0])
            is_elsewhere = status == 201 or place is not collection
            address = ogc.link(f"/collections/{place.id}/items/{asset_id}")
            return Answer(
                body.decode(),
                status=status,
                etag=entity_tag(body, shown[1]),
                location=address if is_elsewhere else None,
            )
    raise NotFound("no_such", "featureId")


def _answered(answer: Answer) -> Reply:
    headers = dict(NO_STORE)
    if answer.status != 204:
        headers |= content_crs(CRS84)
    if answer.location is not None:
        headers["Content-Location"] = answer.location
    return written(answer, headers)


ROUTES = [items_options, item_options, add_item, replace_item, amend_item, remove_item]
