"""The description of /ogc in OpenAPI 3.0, which GIS clients read; the one of /api/v1 is 3.1.

Clients take the page size from `components.parameters.limit`, and from the items path of a collection by which of its
properties features are ogc for: those with `style: form` and `explode: false`. Source: OGC handbook §1.1, §2.2, §5.2.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, get

from api.ogc.items import LANGUAGES, LEAST, MOST, OWN, USUAL
from api.ogc.request import OgcRequest, ogc_request
from api.ogc.schemas import property_schema, queryables
from api.ogc.service import MAPBOX_STYLE, OPENAPI_3_0, OPTIONS, SCHEMA, answered, surroundings
from api.ogc.tiles import MVT
from api.response import GEOJSON, Reply
from domain.collections import COLLECTIONS, Collection
from geo.tile_matrix_set import ID as WEB_MERCATOR
from texts.lookup import tables

JSON = "application/json"
PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}, "description": "Problem, RFC 9457"}


@get("/ogc/api", opt=OPTIONS)
async def openapi(request: Request[Any, Any, Any]) -> Reply:
    """The description."""
    ogc = await ogc_request(request)
    _, systems = await surroundings(ogc)
    return answered(ogc, _document(ogc, [system.uri for system in systems]), OPENAPI_3_0)


def _document(ogc: OgcRequest, systems: list[str]) -> dict[str, Any]:
    texts = tables("ogc", ogc.language)["service"]
    paths: dict[str, Any] = {
        "/": _path("landing", JSON),
        "/api": _path("api", OPENAPI_3_0),
        "/conformance": _path("conformance", JSON),
        "/collections": _path("collections", JSON),
    }
    for collection in COLLECTIONS.values():
        here, name = f"/collections/{collection.id}", collection.id.replace("-", "_")
        paths[here] = _path(name, JSON)
        for part in ("schema", "queryables", "sortables"):
            paths[f"{here}/{part}"] = _path(f"{name}_{part}", SCHEMA)
        paths[f"{here}/items"] = _path(f"{name}_items", GEOJSON, _of_items(ogc, collection, systems))
        refs = [_ref("featureId"), _ref("crs"), _ref("properties")]
        paths[f"{here}/items/{{featureId}}"] = _path(f"{name}_item", GEOJSON, refs)
        if collection.has_tiles:
            paths |= _tile_paths(f"{here}/tiles", f"{name}_tiles")
    paths["/tileMatrixSets"] = _path("tile_matrix_sets", JSON)
    paths[f"/tileMatrixSets/{WEB_MERCATOR}"] = _path("tile_matrix_set", JSON)
    return {
        "openapi": "3.0.3",
        "info": {"title": texts["title"], "description": texts["description"], "version": "1.0.0"},
        "servers": [{"url": ogc.link()}],
        "paths": paths,
        "components": {
            "parameters": _parameters(systems),
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
        "security": [{}, {"key": []}, {"basic": []}, {"bearer": []}],
    }


def _tile_paths(here: str, name: str) -> dict[str, Any]:
    """Of the tiles of a collection."""
    tileset = f"{here}/{WEB_MERCATOR}"
    address = [_ref("tileMatrix"), _ref("tileRow"), _ref("tileCol")]
    one_tile = _path(f"{name}_tile", MVT, address, form="mvt")
    one_tile["get"]["responses"] |= {"204": {"description": "Empty"}}
    one_tile["get"]["responses"]["200"]["content"][MVT]["schema"] = {"type": "string", "format": "binary"}
    return {
        here: _path(f"{name}_list", JSON),
        tileset: _path(name, JSON),
        f"{tileset}/tilejson.json": _path(f"{name}_tilejson", JSON),
        f"{tileset}/style.json": _path(f"{name}_style", MAPBOX_STYLE),
        f"{tileset}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": one_tile,
    }


def _path(
    name: str, media_type: str, parameters: list[dict[str, Any]] | None = None, *, form: str = "json"
) -> dict[str, Any]:
    schema = {"type": "object"}
    answers = {
        "200": {"description": "OK", "content": {media_type: {"schema": schema}}},
        "400": PROBLEM,
        "404": PROBLEM,
        "500": PROBLEM,
    }
    f = _ref("f") if form == "json" else _parameter("f", {"type": "string", "enum": [form]})
    return {"get": {"operationId": name, "parameters": [*(parameters or []), f], "responses": answers}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/parameters/{name}"}


def _of_items(ogc: OgcRequest, collection: Collection, systems: list[str]) -> list[dict[str, Any]]:
    by_property = []
    for field in queryables(collection):
        schema = property_schema(collection, field, ogc.language)
        schema = {key: value for key, value in schema.items() if key in ("type", "format", "enum")}
        by_property.append(_parameter(field.name, schema, style="form", explode=False))
    return [_ref(name) for name in OWN] + by_property


def _parameter(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, **more}


def _parameters(systems: list[str]) -> dict[str, Any]:
    form = {"style": "form", "explode": False}
    box = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    return {
        "limit": _parameter("limit", {"type": "integer", "minimum": LEAST, "maximum": MOST, "default": USUAL}, **form),
        "bbox": _parameter("bbox", box, **form),
        "bbox-crs": _parameter("bbox-crs", {"type": "string", "format": "uri", "enum": systems}),
        "datetime": _parameter("datetime", {"type": "string"}, **form),
        "crs": _parameter("crs", {"type": "string", "format": "uri", "enum": systems}),
        "properties": _parameter("properties", {"type": "array", "items": {"type": "string"}}, **form),
        "sortby": _parameter("sortby", {"type": "string"}),
        "cursor": _parameter("cursor", {"type": "string"}),
        "count": _parameter("count", {"type": "string", "enum": ["exact", "none"], "default": "exact"}),
        "filter": _parameter("filter", {"type": "string"}),
        "filter-lang": _parameter("filter-lang", {"type": "string", "enum": LANGUAGES, "default": LANGUAGES[0]}),
        "filter-crs": _parameter("filter-crs", {"type": "string", "format": "uri", "enum": systems}),
        "f": _parameter("f", {"type": "string", "enum": ["json"]}),
        **{name: {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
           for name in ("tileMatrix", "tileRow", "tileCol")},
        "featureId": {"name": "featureId", "in": "path", "required": True,
                      "schema": {"type": "string", "format": "uuid"}},
    }  # fmt: skip


ROUTES = [openapi]
