"""Features of a collection over HTTP: pages and single ones, in any of its reference systems.

A page is kept by readers under a tag that another state of the collection changes; whoever has it is told so before
anything is read. Source: OGC API Features parts 1, 2, 3, 6 and 8.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache, partial
from typing import Any, Final, cast, get_args
from uuid import UUID

import msgspec
from litestar import Request, get
from litestar.params import FromPath

from api.answer_cache import MadeAnswer
from api.crs import content_crs, system_named, written_in
from api.ogc import feature_pages
from api.ogc.draft_filters import DRAFT, parse_draft
from api.ogc.frame import page_headers
from api.ogc.markup import HTML
from api.ogc.request import (
    FORMAT,
    FORMS,
    LANGUAGE,
    VARY,
    OgcRequest,
    collection_of,
    link,
    ogc_request,
    query_string,
)
from api.ogc.schemas import queryables, sortables
from api.ogc.service import OPTIONS, surroundings
from api.paging import following, seal, unseal
from api.response import GEOJSON, GZIP_FROM, Reply, accepts_gzip, known_tags
from domain.actor import ANONYMOUS
from domain.collections import Collection
from domain.entity_tags import ANY, entity_tag, kept_tag
from domain.errors import Malformed, NotFound
from domain.field import Field, Vocabulary
from geo.cql2 import FilterLanguage, parse
from geo.reference_systems import CRS84, ReferenceSystem, in_degrees, into_degrees
from store import features
from store.cql2 import FilterColumn, compiled
from store.db import Database

OWN: Final = (
    "limit", "bbox", "bbox-crs", "datetime", "crs", "properties", "zoom-level", "sortby", "cursor", "count", "filter",
    "filter-lang", "filter-crs",
)  # fmt: skip
#: From the world in one tile to a plot across many.
DEEPEST_ZOOM: Final = 24
CRS_PARAMETERS: Final = ("crs", "bbox-crs", "filter-crs")
LANGUAGES: Final = (*get_args(FilterLanguage), DRAFT)
LEAST, MOST, USUAL = 1, 10_000, 1000
#: Selections whose numbers a process keeps.
MOST_COUNTS = 2000
#: Filters that a process keeps as SQL; a longer one would hold up other requests while it is read.
MOST_FILTERS, FILTER_ASIDE_FROM = 256, 500
#: Where the calendar of the database ends; clients write an open end as the year 0 or 9999.
FIRST_DAY, LAST_DAY = date(1, 1, 2), date(9999, 12, 30)
#: GDAL sends a day with a T behind it.
_INSTANT = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[Tt ](?:(\d{2}:\d{2}:\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2}))?)?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")


@dataclass(frozen=True)
class FeatureSelection:
    """What a page is of: conditions, system, columns, order."""

    conditions: Sequence[features.Condition]
    crs: ReferenceSystem
    zoom: int | None
    properties: Sequence[str] | None
    by: features.Sorted | None
    limit: int
    #: The parameters that a page and those after it share.
    shared: Sequence[tuple[str, str]]
    is_empty: bool = False


@dataclass(frozen=True)
class FeaturePage:
    """Features, where the next page begins, and how many there are in all; None: nobody counts."""

    shown: Sequence[bytes]
    following: features.FeatureKey | None
    in_all: int | None


@cache
def _known(collection: Collection) -> frozenset[str]:
    """The parameters that a page takes."""
    return frozenset((*OWN, *(field.name for field in queryables(collection))))


@get("/ogc/collections/{collection_id:str}/items", opt=OPTIONS)
async def items(request: Request[Any, Any, Any], collection_id: FromPath[str]) -> Reply:
    """Features, a page at a time."""
    collection = collection_of(collection_id)
    ogc = await ogc_request(request, _known(collection), forms=FORMS)
    selection = await selected(ogc, collection, await named_systems(ogc))
    after = _after(ogc, collection, selection)
    headers = {**ogc.keeping(collection), **VARY, **content_crs(selection.crs)}
    known = known_tags(ogc.context)
    in_all, version = await _state(ogc, collection)
    kept_as = state_tag(ogc, collection, version)
    if known and known != ANY:
        kept = kept_tag(known, kept_as, is_gzipped=accepts_gzip(request.scope))
        if kept is not None:
            return Reply(b"", status=304, headers={**headers, "ETag": kept})

    async def make() -> MadeAnswer:
        async with ogc.context.db.read(ogc.reader) as conn:
            page = await _page(conn, ogc, collection, selection, after, in_all, version)
        return MadeAnswer(version, *_collected(ogc, collection, selection, page))

    if ogc.is_page:
        document = msgspec.json.decode((await make()).body)
        shown = feature_pages.items(ogc, collection, queryables(collection), sortables(collection), document)
        return Reply(shown, HTML, headers={**headers, **page_headers(ogc)}, tag=kept_as, known=known)
    if ogc.is_staff:
        made = await make()
        return Reply(made.body, GEOJSON, headers={**headers, **made.headers}, tag=kept_as, known=known)
    kept_pages, key = ogc.context.state.pages, state_tag(ogc, collection, "")
    page = await kept_pages.answer(key, version, make)
    is_gzipped = accepts_gzip(request.scope) and len(page.body) >= GZIP_FROM
    gzipped = await kept_pages.gzipped(key, page) if is_gzipped else None
    return Reply(page.body, GEOJSON, headers={**headers, **page.headers}, tag=kept_as, known=known, gzipped=gzipped)


async def _state(ogc: OgcRequest, collection: Collection) -> features.State:
    """How a collection stands for the caller; it is read once for all of the public who ask at the same time."""
    db = ogc.context.db
    if not ogc.is_staff:
        return await ogc.context.state.collection_states.value(collection.id, partial(_public_states, db))
    async with db.read(ogc.reader) as conn:
        return await features.state(conn, collection, is_staff=True)


async def _public_states(db: Database, ids: Sequence[str]) -> list[features.State]:
    async with db.read(ANONYMOUS) as conn:
        return await features.states(conn, ids)


async def _page(
    conn: Any,
    ogc: OgcRequest,
    collection: Collection,
    selection: FeatureSelection,
    after: features.FeatureKey | None,
    in_all: int | None,
    version: str,
) -> FeaturePage:
    """`in_all`: how many features the collection has."""
    if selection.is_empty:
        return FeaturePage([], None, 0)
    page, rest = await features.page(
        conn,
        collection,
        selection.conditions,
        form=written_in(selection.crs, selection.zoom),
        by=selection.by,
        after=after,
        limit=selection.limit,
        is_staff=ogc.is_staff,
    )
    if ogc.parameters.get("count") == "none":
        in_all = None
    elif selection.conditions or in_all is None:
        is_whole = after is None and rest is None
        in_all = len(page) if is_whole else await counted(conn, ogc, collection, selection, version, in_all or 0)
    if selection.properties is not None:
        page = [_with_alone(feature, selection.properties) for feature in page]
    return FeaturePage(page, rest, in_all)


def _collected(
    ogc: OgcRequest, collection: Collection, selection: FeatureSelection, page: FeaturePage
) -> tuple[bytes, dict[str, str]]:
    """A page as a FeatureCollection, and what its headers say of it to readers that do not look inside."""
    here = ogc.link(f"/collections/{collection.id}")
    links = [
        link("self", f"{here}/items?{query_string(list(ogc.parameters.items()))}".rstrip("?"), GEOJSON),
        ogc.alternate(f"/collections/{collection.id}/items", ogc.parameters),
        link("collection", here, "application/json"),
    ]
    headers = {"OGC-NumberReturned": str(len(page.shown))}
    if page.following is not None:
        last = [str(page.following.id), page.following.value]
        cursor = seal(ogc.context.cursor_key, _about(collection, selection), last)
        sent = [*selection.shared, *ogc.carried.items(), ("limit", str(selection.limit)), ("cursor", cursor)]
        links.append(link("next", f"{here}/items?{query_string(sent)}", GEOJSON))
        headers |= following(links[-1]["href"], GEOJSON)
    if page.in_all is not None:
        headers["OGC-NumberMatched"] = str(page.in_all)
    whole = b"" if page.in_all is None else b'"numberMatched":%d,' % page.in_all
    head = b'{"type":"FeatureCollection",%b"numberReturned":%d,"links":%b,"features":[' % (
        whole, len(page.shown), msgspec.json.encode(links),
    )  # fmt: skip
    return b"".join([head, b",\n".join(page.shown), b"]}"]), headers


@get("/ogc/collections/{collection_id:str}/items/{feature_id:str}", opt=OPTIONS)
async def item(request: Request[Any, Any, Any], collection_id: FromPath[str], feature_id: FromPath[str]) -> Reply:
    """One feature."""
    collection = collection_of(collection_id)
    ogc = await ogc_request(request, ["crs", "properties", "zoom-level"], forms=FORMS)
    crs = _system(ogc, "crs", await named_systems(ogc))
    form, names = written_in(crs, _zoom(ogc)), _columns(ogc, collection)
    wanted = id_of(feature_id)

    async def make(version: str = "") -> MadeAnswer:
        async with ogc.context.db.read(ogc.reader) as conn:
            shown = await features.single(conn, collection, wanted, form=form, is_staff=ogc.is_staff)
        if shown is None:
            raise NotFound("no_such", "featureId")
        feature, revision = shown
        if names is not None:
            feature = _with_alone(feature, names)
        body = with_links(ogc, collection, wanted, feature)
        if ogc.is_page:
            body = feature_pages.item(ogc, collection, msgspec.json.decode(body))
        return MadeAnswer(version, body, {"ETag": entity_tag(body, revision)})

    headers, known = {**ogc.keeping(collection), **VARY, **content_crs(crs)}, known_tags(ogc.context)
    if ogc.is_page or ogc.is_staff:
        made = await make()
        headers |= page_headers(ogc) if ogc.is_page else {}
        media_type = HTML if ogc.is_page else GEOJSON
        return Reply(made.body, media_type, headers=headers, tag=made.headers["ETag"], known=known)
    _, version = await _state(ogc, collection)
    key = wanted, state_tag(ogc, collection, "")
    kept = await ogc.context.state.pages.answer(key, version, partial(make, version))
    return Reply(kept.body, GEOJSON, headers=headers, tag=kept.headers["ETag"], known=known)


def id_of(feature_id: str) -> UUID:
    """Raises NotFound for what is no id."""
    try:
        return UUID(feature_id)
    except ValueError:
        raise NotFound("no_such", "featureId") from None


def with_links(ogc: OgcRequest, collection: Collection, feature_id: UUID, feature: bytes) -> bytes:
    """A feature as it is answered alone."""
    here = ogc.link(f"/collections/{collection.id}")
    links = [
        link("self", f"{here}/items/{feature_id}", GEOJSON),
        ogc.alternate(f"/collections/{collection.id}/items/{feature_id}", ogc.parameters),
        link("collection", here, "application/json"),
    ]
    return b'%b,"links":%b}' % (feature[:-1], msgspec.json.encode(links))


def _zoom(ogc: OgcRequest) -> int | None:
    """For which zoom of WebMercatorQuad outlines are drawn."""
    text = ogc.parameters.get("zoom-level")
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or int(text) > DEEPEST_ZOOM:
        raise Malformed("out_of_range", "zoom-level", least=0, most=DEEPEST_ZOOM)
    return int(text)


async def named_systems(ogc: OgcRequest) -> Sequence[ReferenceSystem]:
    """The systems that this request may name: looked up where it names one."""
    if ogc.parameters.keys().isdisjoint(CRS_PARAMETERS):
        return (CRS84,)
    return (await surroundings(ogc))[1]


async def selected(ogc: OgcRequest, collection: Collection, systems: Sequence[ReferenceSystem]) -> FeatureSelection:
    """What a request selects of a collection. Raises Malformed naming the parameter that makes no sense."""
    parameters = ogc.parameters
    crs, box_crs = _system(ogc, "crs", systems), _system(ogc, "bbox-crs", systems)
    conditions: list[features.Condition] = []
    is_empty = False
    if "bbox" in parameters:
        box = in_degrees(_box(parameters["bbox"]), box_crs)
        is_empty = box is None
        if box is not None and collection.shape != "none":
            conditions.append(_box_condition(box))
    if "datetime" in parameters:
        conditions += _times(parameters["datetime"], collection)
    for property_ in queryables(collection):
        if property_.name in parameters:
            value = _value(property_, parameters[property_.name])
            conditions.append((features.equal(collection, property_), (value,)))
    conditions += await _filter(ogc, collection, systems)
    if parameters.get("count", "exact") not in ("exact", "none"):
        raise Malformed("not_in_vocabulary", "count", allowed=["exact", "none"])
    left_out = {"limit", "cursor", FORMAT, LANGUAGE}
    return FeatureSelection(
        conditions,
        crs,
        _zoom(ogc),
        _columns(ogc, collection),
        _order(ogc, collection),
        _limit(parameters.get("limit", str(feature_pages.SHOWN) if ogc.is_page else None)),
        sorted((name, value) for name, value in parameters.items() if name not in left_out),
        is_empty,
    )


async def _filter(
    ogc: OgcRequest, collection: Collection, systems: Sequence[ReferenceSystem]
) -> list[features.Condition]:
    language = ogc.parameters.get("filter-lang", "cql2-text")
    if language not in LANGUAGES:
        raise Malformed("not_in_vocabulary", "filter-lang", allowed=list(LANGUAGES))
    crs = _system(ogc, "filter-crs", systems)
    if "filter" not in ogc.parameters:
        return []
    text = ogc.parameters["filter"]
    if len(text) < FILTER_ASIDE_FROM:
        return [_filter_condition(text, language, collection, crs)]
    return [await asyncio.to_thread(_filter_condition, text, language, collection, crs)]


@lru_cache(MOST_FILTERS)
def _filter_condition(text: str, language: str, collection: Collection, crs: ReferenceSystem) -> features.Condition:
    """A filter as SQL; all pages of a walk have the same."""
    columns = _filter_columns(collection)
    node = parse_draft(text, columns) if language == DRAFT else parse(text, cast(FilterLanguage, language))
    condition, values = compiled(node, columns, transform=into_degrees(crs))
    return condition, tuple(values)


@cache
def _filter_columns(collection: Collection) -> dict[str, FilterColumn]:
    return features.filter_columns(collection, queryables(collection))


def _system(ogc: OgcRequest, name: str, systems: Sequence[ReferenceSystem]) -> ReferenceSystem:
    return system_named(ogc.parameters.get(name, CRS84.uri), name, systems)


def _limit(text: str | None) -> int:
    """How many at most; more than a page holds is as many as it holds."""
    if text is None:
        return USUAL
    if not re.fullmatch(r"\d{1,12}", text, re.ASCII) or int(text) < LEAST:
        raise Malformed("out_of_range", "limit", least=LEAST, most=MOST)
    return min(int(text), MOST)


def _box(text: str) -> list[float]:
    """Four numbers in the order of the system's axes; of six, which have heights, the four that lie in the plane."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in (4, 6) or not all(map(_NUMBER.fullmatch, parts)):
        raise Malformed("bbox_form", "bbox")
    numbers = [float(part) for part in parts]
    if not all(map(math.isfinite, numbers)):
        raise Malformed("bbox_form", "bbox")
    return numbers if len(numbers) == 4 else [*numbers[:2], *numbers[3:5]]


def _box_condition(box: Sequence[float]) -> features.Condition:
    west, south, east, north = box
    if south > north:
        raise Malformed("bbox_order", "bbox")
    is_flat = west == east or south == north
    return "bbox_across_180" if west > east else "bbox_flat" if is_flat else "bbox", (west, south, east, north)


def _times(text: str, collection: Collection) -> list[features.Condition]:
    """The conditions of an instant or an interval, open where it says `..` or nothing."""
    first, slash, last = text.partition("/")
    ends = (first, last if slash else first)
    if slash and all(end in ("", "..") for end in ends):
        raise Malformed("datetime_form", "datetime")
    read = [None if slash and end in ("", "..") else _time(end) for end in ends]
    if read[0] is not None and read[1] is not None and read[0][0] > read[1][1]:
        raise Malformed("datetime_order", "datetime")
    if collection.instant is None:
        return []
    is_day = collection.properties[collection.instant].type == "day"
    conditions: list[features.Condition] = []
    for name, end, which in (("from", read[0], 0), ("until", read[1], 1)):
        if end is not None:
            conditions.append((name, (end[which].date() if is_day else end[which],)))
    return conditions


def _time(text: str) -> tuple[datetime, datetime]:
    """The first and the last instant of a day, or an instant twice; years that no calendar here has are its ends."""
    parts = _INSTANT.fullmatch(text)
    if parts is None:
        raise Malformed("datetime_form", "datetime")
    year, month, day, clock, fraction, offset = parts.groups()
    try:
        on = date(min(max(int(year), 1), 9999), int(month), int(day))
        on = min(max(on, FIRST_DAY), LAST_DAY)
        if clock is None:
            start = datetime.combine(on, datetime.min.time(), UTC)
            return start, start.replace(hour=23, minute=59, second=59, microsecond=999_999)
        stamp = f"{on}T{clock}{(fraction or '')[:7]}{'+00:00' if offset in 'Zz' else offset}"
        at = datetime.fromisoformat(stamp).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed("datetime_form", "datetime") from None
    return at, at


def _value(property_: Field, text: str) -> object:
    """What a property is asked to be. Raises Malformed naming it."""
    name = property_.name
    if property_.type in ("number", "integer"):
        if not _NUMBER.fullmatch(text):
            raise Malformed("wrong_type", name, expected=["decimal"])
        return msgspec.convert(text, type=Decimal, strict=False)
    if property_.type == "flag":
        if text not in _FLAGS:
            raise Malformed("not_in_vocabulary", name, allowed=["true", "false"])
        return _FLAGS[text]
    if property_.type in ("day", "instant"):
        first = _time(text)[0] if _INSTANT.fullmatch(text) else None
        if first is None:
            raise Malformed("wrong_type", name, expected=["date"])
        return first.date() if property_.type == "day" else first
    if property_.type == "word" and text not in _words(property_.words):
        raise Malformed("not_in_vocabulary", name, allowed=_words(property_.words))
    return text


#: GDAL sends its whole numbers for flags.
_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False}


def _words(words: Vocabulary) -> list[str]:
    return [str(word) for word in words]


def _columns(ogc: OgcRequest, collection: Collection) -> list[str] | None:
    text = ogc.parameters.get("properties")
    if text is None:
        return None
    names = list(dict.fromkeys(name for name in text.split(",") if name))
    unknown = [name for name in names if name not in collection.properties]
    if unknown:
        raise Malformed("not_in_vocabulary", "properties", allowed=list(collection.properties))
    return names


def _order(ogc: OgcRequest, collection: Collection) -> features.Sorted | None:
    text = ogc.parameters.get("sortby")
    if text is None:
        return None
    names = {property_.name: property_ for property_ in sortables(collection)}
    name = text[1:] if text[:1] in ("+", "-", " ") else text  # a plus sign in an address is a blank
    if name not in names:
        raise Malformed("not_in_vocabulary", "sortby", allowed=[f"{sign}{key}" for key in names for sign in ("", "-")])
    return features.Sorted(names[name], text.startswith("-"))


def _after(ogc: OgcRequest, collection: Collection, selection: FeatureSelection) -> features.FeatureKey | None:
    cursor = ogc.parameters.get("cursor")
    if cursor is None:
        return None
    feature_id, value = unseal(ogc.context.cursor_key, _about(collection, selection), cursor)
    return features.FeatureKey(UUID(feature_id), value)


def _about(collection: Collection, selection: FeatureSelection) -> str:
    """What a cursor belongs to."""
    return msgspec.json.encode([collection.id, selection.shared]).decode()


def state_tag(ogc: OgcRequest, collection: Collection, version: str) -> str:
    """The tag of an answer that is the same for its parameters and reader while the collection is in this state."""
    text = msgspec.json.encode([collection.id, version, ogc.sees, sorted(ogc.parameters.items()), ogc.link(),
                                ogc.form, ogc.token, ogc.language if ogc.is_page else ""])  # fmt: skip
    return f'"{hashlib.blake2b(text, digest_size=12).hexdigest()}"'


class _Feature(msgspec.Struct):
    type: str
    id: str
    properties: dict[str, msgspec.Raw]
    geometry: msgspec.Raw


def _with_alone(feature: bytes, names: Sequence[str]) -> bytes:
    """A feature with these properties and no other."""
    decoded = msgspec.json.decode(feature, type=_Feature)
    decoded.properties = {name: decoded.properties[name] for name in names}
    return msgspec.json.encode(decoded)


async def counted(
    conn: Any, ogc: OgcRequest, collection: Collection, selection: FeatureSelection, version: str, in_all: int
) -> int | None:
    """How many features a selection has; counted once for all pages of a walk while nothing changes."""
    conditions = [(name, list(map(str, values))) for name, values in selection.conditions]
    key = msgspec.json.encode([collection.id, version, ogc.sees, conditions])
    counts = ogc.context.state.feature_counts
    if key not in counts:
        counts[key] = await features.count(conn, collection, selection.conditions, is_staff=ogc.is_staff, in_all=in_all)
        while len(counts) > MOST_COUNTS:
            counts.pop(next(iter(counts)))
    return counts[key]


ROUTES = [items, item]
