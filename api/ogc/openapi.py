"""The description of /ogc in OpenAPI 3.0, which GIS clients read; the one of /api/v1 is 3.1.

Clients take the page size from `components.parameters.limit`, and from the items path of a collection by which of its
properties features are asked for: those with `style: form` and `explode: false`. Source: OGC handbook §1.1, §2.2, §5.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from litestar import Request, get

from api.ogc import pages
from api.ogc.items import LANGUAGES, LEAST, MOST, OWN, USUAL
from api.ogc.request import FORMAT, FORMS, LANGUAGE, OgcRequest, ogc_request
from api.ogc.schemas import property_schema, queryables
from api.ogc.service import OPENAPI_3_0, OPTIONS, SCHEMA, answered, surroundings
from api.response import GEOJSON, Reply
from domain.collections import COLLECTIONS, Collection
from texts.lookup import languages, tables

JSON, HTML = "application/json", "text/html"
PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}, "description": "Problem, RFC 9457"}


@get("/ogc/api", opt=OPTIONS)
async def openapi(request: Request[Any, Any, Any]) -> Reply:
    """The description."""
    return await _described(await ogc_request(request, forms=FORMS))


@get("/ogc/api.html", opt=OPTIONS)
async def openapi_page(request: Request[Any, Any, Any]) -> Reply:
    """The same for people, whatever their software prefers."""
    ogc = await ogc_request(request, forms=["html"])
    return await _described(replace(ogc, form="html", path="/api"))


async def _described(ogc: OgcRequest) -> Reply:
    _, systems = await surroundings(ogc)
    return answered(ogc, _document(ogc, [system.uri for system in systems]), pages.description, OPENAPI_3_0)


def _document(ogc: OgcRequest, systems: list[str]) -> dict[str, Any]:
    texts = tables("ogc", ogc.language)["service"]
    paths: dict[str, Any] = {
        "/": _path("landing", JSON),
        "/api": _path("api", OPENAPI_3_0),
        "/api.html": _path("api_page", HTML),
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
    return {
        "openapi": "3.0.3",
        "info": {"title": texts["title"], "description": texts["description"], "version": "1.0.0"},
        "servers": [{"url": ogc.link()}],
        "paths": paths,
        "components": {
            "parameters": _parameters(systems, tables("ogc", ogc.language)["page"]),
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
        "security": [{}, {"key": []}, {"basic": []}, {"bearer": []}],
    }


def _path(name: str, media_type: str, parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    schema = {"type": "object"}
    content = {media_type: {"schema": schema}, HTML: {"schema": {"type": "string"}}}
    answers = {
        "200": {"description": "OK", "content": content},
        "400": PROBLEM,
        "404": PROBLEM,
        "500": PROBLEM,
    }
    return {
        "get": {
            "operationId": name,
            "parameters": [*(parameters or []), _ref(FORMAT), _ref(LANGUAGE)],
            "responses": answers,
        }
    }


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


def _parameters(systems: list[str], texts: Mapping[str, str]) -> dict[str, Any]:
    form = {"style": "form", "explode": False}
    box = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    parameters = {
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
        FORMAT: _parameter(FORMAT, {"type": "string", "enum": FORMS}),
        LANGUAGE: _parameter(LANGUAGE, {"type": "string", "enum": languages()}),
    }
    for name, parameter in parameters.items():
        parameter["description"] = texts[f"parameter_{name.replace('-', '_')}"]
    feature_id = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    return {**parameters, "featureId": feature_id}


ROUTES = [openapi, openapi_page]
