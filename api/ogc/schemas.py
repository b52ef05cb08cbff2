"""What the features of a collection are made of: as they are answered, asked about and sorted by. Source: OGC API
Features parts 3, 5 and 8.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from litestar import Request, get
from litestar.params import FromPath

from api.ogc import pages
from api.ogc.labels import label
from api.ogc.request import FORMS, OgcRequest, collection_of, ogc_request
from api.ogc.service import OPTIONS, SCHEMA, answered
from api.response import Reply
from domain.collections import Collection
from domain.field import Field, Type
from texts.lookup import Language, tables
from texts.words import words_of

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


def queryables(collection: Collection) -> list[Field]:
    """The properties that features are asked for by."""
    return [field for field in collection.properties.values() if field.type not in JOINED]


def sortables(collection: Collection) -> list[Field]:
    return [field for field in collection.properties.values() if field.type in SORTED]


@get("/ogc/collections/{collection_id:str}/schema", opt=OPTIONS)
async def schema(request: Request[Any, Any, Any], collection_id: FromPath[str]) -> Reply:
    """Every member of a feature."""
    ogc = await ogc_request(request, forms=FORMS)
    collection = collection_of(collection_id)
    return _answered(ogc, collection, "schema", collection.properties.values(), is_whole=True)


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
    return answered(ogc, body, pages.members(collection, name), SCHEMA)


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


ROUTES = [schema, read_queryables, read_sortables]
