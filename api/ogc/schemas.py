"""What the features of a collection are made of: as they are answered, asked about and sorted by. Source: OGC API
Features parts 3, 5 and 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from litestar import Request, get
from litestar.params import FromPath
from msgspec import structs

from api.bodies import NewUnitFacts
from api.ogc import pages
from api.ogc.labels import label
from api.ogc.request import FORMS, OgcRequest, collection_of, ogc_request
from api.ogc.service import OPTIONS, SCHEMA, answered
from api.response import Reply
from domain.collections import Collection
from domain.errors import Malformed
from domain.field import Entry, Field, Fields, Type
from texts.lookup import Language, tables
from texts.words import words_of

#: When a property is stated: of a unit that is new, and of one that is there.
OF_NEW: Final[frozenset[Entry]] = frozenset({"once", "any"})
OF_KNOWN: Final[frozenset[Entry]] = frozenset({"any"})
#: What a body is sent for, and what is stated then.
BODIES: Final = {"create": OF_NEW, "replace": OF_KNOWN}

#: JSON type and format of a property; lists and records are texts.
TYPES: Final[dict[Type, dict[str, str]]] = {
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "flag": {"type": "boolean"},
    "day": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
}
#: Texts made of several values, of which equality asks nothing sensible.
JOINED: Final = frozenset({"words", "codes", "texts", "names", "ids", "object", "objects"})
SORTED: Final = frozenset({"number", "integer", "day", "instant", "text", "word"})


@cache
def queryables(collection: Collection) -> tuple[Field, ...]:
    """The properties that features are asked for by."""
    return tuple(field for field in collection.properties.values() if field.type not in JOINED)


@cache
def sortables(collection: Collection) -> tuple[Field, ...]:
    return tuple(field for field in collection.properties.values() if field.type in SORTED)


@get("/ogc/collections/{collection_id:str}/schema", opt=OPTIONS)
async def schema(request: Request[Any, Any, Any], collection_id: FromPath[str]) -> Reply:
    """Every member of a feature; with `type` those of a body that makes or replaces one."""
    collection = collection_of(collection_id)
    ogc = await ogc_request(request, ["type"] if collection.is_written else [], forms=FORMS)
    if "type" not in ogc.parameters:
        return _answered(ogc, collection, "schema", collection.properties.values(), is_whole=True)
    body = ogc.parameters["type"]
    if body not in BODIES:
        raise Malformed("not_in_vocabulary", "type", allowed=list(BODIES))
    fields = written_properties(collection, BODIES[body]).values()
    return _answered(ogc, collection, f"schema?type={body}", fields, is_whole=False, needs=needed(collection, body))


@get("/ogc/collections/{collection_id:str}/schema/feature", opt=OPTIONS)
async def feature_schema(request: Request[Any, Any, Any], collection_id: FromPath[str]) -> Reply:
    """A feature as GeoJSON, to which `describedby` leads: GDAL has the types of properties from it."""
    collection = collection_of(collection_id)
    ogc = await ogc_request(request)
    properties = {
        field.name: property_schema(collection, field, ogc.language) for field in collection.properties.values()
    }
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ogc.link(f"/collections/{collection.id}/schema/feature"),
        "type": "object",
        "title": tables("ogc", ogc.language)["collection"][collection.id],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string", "format": "uuid"},
            "geometry": {"type": ["object", "null"]},
            "properties": {"type": "object", "properties": properties},
        },
        "required": ["type", "geometry", "properties"],
    }
    return answered(ogc, body, media_type=SCHEMA)


def written_properties(collection: Collection, entries: frozenset[Entry]) -> Fields:
    """The properties that are stated then; of a new unit its park by code, too."""
    own = {name: field for name, field in collection.properties.items() if field.entry in entries}
    return own | ({"park_code": collection.properties["park_code"]} if entries == OF_NEW else {})


def required(collection: Collection, entries: frozenset[Entry]) -> list[str]:
    """Those without which a body is refused."""
    new = [field.encode_name for field in structs.fields(NewUnitFacts) if field.required]
    return [name for name in written_properties(collection, entries) if name in new]


def needed(collection: Collection, body: str) -> list[str]:
    """The members of a feature without which a body is refused; a unit that is new may be without place."""
    place = ["geometry"] if body == "replace" and collection.shape != "none" else []
    return [*place, *required(collection, BODIES[body])]


@get("/ogc/collections/{collection_id:str}/queryables", opt=OPTIONS)
async def read_queryables(request: Request[Any, Any, Any], collection_id: FromPath[str]) -> Reply:
    """What features are asked for by."""
    ogc = await ogc_request(request, forms=FORMS)
    collection = collection_of(collection_id)
    return _answered(ogc, collection, "queryables", queryables(collection), is_whole=False)


@get("/ogc/collections/{collection_id:str}/sortables", opt=OPTIONS)
async def read_sortables(request: Request[Any, Any, Any], collection_id: FromPath[str]) -> Reply:
    """What features are sorted by."""
    ogc = await ogc_request(request, forms=FORMS)
    collection = collection_of(collection_id)
    return _answered(ogc, collection, "sortables", sortables(collection), is_whole=False, has_place=False)


def _answered(
    ogc: OgcRequest,
    collection: Collection,
    name: str,
    fields: Iterable[Field],
    *,
    is_whole: bool,
    has_place: bool = True,
    needs: Sequence[str] = (),
) -> Reply:
    properties: dict[str, Any] = {}
    if is_whole:
        properties["id"] = {"type": "string", "format": "uuid", "x-ogc-role": "id", "readOnly": True}
    if has_place and collection.shape != "none":
        role = {"x-ogc-role": "primary-geometry"} if is_whole else {}
        title = tables("fields", ogc.language)["asset"]["geometry"]
        properties["geometry"] = {"title": title, "format": f"geometry-{_GEOMETRIES[collection.shape]}", **role}
    for n, field in enumerate(fields, 1):
        properties[field.name] = property_schema(collection, field, ogc.language, is_whole=is_whole, n=n)
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ogc.link(f"/collections/{collection.id}/{name}"),
        "type": "object",
        "title": tables("ogc", ogc.language)["collection"][collection.id],
        "properties": properties,
        "additionalProperties": False,
    }
    if needs:
        body["required"] = needs
    return answered(ogc, body, pages.members(collection, name.partition("?")[0]), SCHEMA)


_GEOMETRIES: Final = {"outline": "multipolygon", "point": "point"}


def property_schema(
    collection: Collection, field: Field, language: Language, *, is_whole: bool = False, n: int | None = None
) -> dict[str, Any]:
    """A property: its type, label, unit and the words it can be."""
    made: dict[str, Any] = {
        "title": label(collection, field.name, language),
        **TYPES.get(field.type, {"type": "string"}),
    }
    if field.unit:
        made["x-ogc-unit"] = field.unit
    if field.type == "word" and field.words:
        words = words_of(field.words, language)
        made["enum"] = list(words)
        made["oneOf"] = [{"const": word, "title": text} for word, text in words.items()]
    if is_whole:
        made["x-ogc-propertySeq"] = n
        if field.name == collection.instant:
            made["x-ogc-role"] = "primary-instant"
        if not collection.is_written or field.entry == "derived":
            made["readOnly"] = True
    return made


ROUTES = [schema, feature_schema, read_queryables, read_sortables]
