"""The description of /ogc in OpenAPI 3.0, which GIS clients read; the one of /api/v1 is 3.1.

Clients take the page size from `components.parameters.limit`, and from the items path of a collection by which of its
properties features are asked for: those with `style: form` and `explode: false`. Source: OGC handbook §1.1, §2.2, §5.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from litestar import Request, get

from api.ogc import downloads, pages
from api.ogc.items import DEEPEST_ZOOM, LANGUAGES, LEAST, MOST, OWN, USUAL
from api.ogc.request import FORMAT, FORMS, LANGUAGE, TOKEN, OgcRequest, ogc_request
from api.ogc.schemas import BODIES, OF_NEW, property_schema, queryables, written_properties
from api.ogc.service import (
    DOWNLOADS,
    MAPBOX_STYLE,
    OPENAPI_3_0,
    OPTIONS,
    QGIS_PROJECT,
    QGIS_STYLE,
    SCHEMA,
    answered,
    surroundings,
)
from api.ogc.tiles import MVT
from api.response import GEOJSON, Reply
from domain.collections import COLLECTIONS, Collection
from geo.tile_matrix_set import ID as WEB_MERCATOR
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
        paths[f"{here}/items"] = _path(
            f"{name}_items", GEOJSON, [_ref(own) for own in OWN] + _by_property(ogc, collection)
        )
        paths[f"{here}/download"] = _download(ogc, collection, f"{name}_download")
        refs = [_ref("featureId"), *map(_ref, ("crs", "properties", "zoom-level"))]
        paths[f"{here}/items/{{featureId}}"] = _path(f"{name}_item", GEOJSON, refs)
        if collection.is_written:
            paths[f"{here}/schema"]["get"]["parameters"].append(_ref("type"))
            paths[f"{here}/items"]["post"] = _writing(f"add_{name}", "201", collection)
            paths[f"{here}/items/{{featureId}}"] |= {
                "put": _writing(f"replace_{name}", "200", collection),
                "patch": _writing(f"amend_{name}", "200", collection, "application/merge-patch+json"),
                "delete": _writing(f"remove_{name}", "204", collection, None),
            }
        paths[f"{here}/style.qml"] = _path(f"{name}_qml", QGIS_STYLE, forms=["qml"])
        if collection.has_tiles:
            paths |= _tile_paths(f"{here}/tiles", f"{name}_tiles")
    has_token = ogc.context.state.settings.query_token
    token = {TOKEN: {"type": "apiKey", "in": "query", "name": TOKEN}} if has_token else {}
    paths["/project.qgs"] = _path("qgis_project", QGIS_PROJECT, forms=["qgs"])
    paths["/tileMatrixSets"] = _path("tile_matrix_sets", JSON, forms=["json"])
    paths[f"/tileMatrixSets/{WEB_MERCATOR}"] = _path("tile_matrix_set", JSON, forms=["json"])
    return {
        "openapi": "3.0.3",
        "info": {"title": texts["title"], "description": texts["description"], "version": "1.0.0"},
        "servers": [{"url": ogc.link()}],
        "paths": paths,
        "components": {
            "parameters": _parameters(systems, tables("ogc", ogc.language)["page"]),
            "schemas": {_facts_of(c): _facts(ogc, c) for c in COLLECTIONS.values() if c.is_written},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
                **token,
            },
        },
        "security": [{}, {"key": []}, {"basic": []}, {"bearer": []}, *({name: []} for name in token)],
    }


def _tile_paths(here: str, name: str) -> dict[str, Any]:
    """Of the tiles of a collection."""
    tileset = f"{here}/{WEB_MERCATOR}"
    address = [_ref("tileMatrix"), _ref("tileRow"), _ref("tileCol")]
    one_tile = _path(f"{name}_tile", MVT, address, forms=["mvt"])
    one_tile["get"]["responses"] |= {"204": {"description": "Empty"}}
    one_tile["get"]["responses"]["200"]["content"][MVT]["schema"] = {"type": "string", "format": "binary"}
    return {
        here: _path(f"{name}_list", JSON, forms=["json"]),
        tileset: _path(name, JSON, forms=["json"]),
        f"{tileset}/tilejson.json": _path(f"{name}_tilejson", JSON, forms=["json"]),
        f"{tileset}/style.json": _path(f"{name}_style", MAPBOX_STYLE, forms=["json"]),
        f"{tileset}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": one_tile,
    }


def _path(
    name: str, media_type: str, parameters: list[dict[str, Any]] | None = None, *, forms: Sequence[str] = FORMS
) -> dict[str, Any]:
    schema = {"type": "object"}
    content = {media_type: {"schema": schema}} | ({HTML: {"schema": {"type": "string"}}} if forms is FORMS else {})
    answers = {
        "200": {"description": "OK", "content": content},
        "400": PROBLEM,
        "404": PROBLEM,
        "500": PROBLEM,
    }
    own = _ref(FORMAT) if forms is FORMS else _parameter(FORMAT, {"type": "string", "enum": list(forms)})
    sent = [*(parameters or []), own, _ref(LANGUAGE)]
    return {"get": {"operationId": name, "parameters": sent, "responses": answers}}


def _writing(name: str, status: str, collection: Collection, media_type: str | None = GEOJSON) -> dict[str, Any]:
    """An operation that staff do with a key on units of their parks."""
    headers = [_ref("If-Match")] if status != "201" else []
    path = [_ref("featureId")] if status != "201" else []
    feature = {"content": {GEOJSON: {"schema": {"type": "object"}}}}
    tags = {"ETag": {"schema": {"type": "string"}}}
    location = {"Location": {"schema": {"type": "string", "format": "uri"}}}
    done: dict[str, Any] = {"description": "OK"}
    if media_type is not None:
        done |= {**feature, "headers": {**tags, **location}}
    operation: dict[str, Any] = {
        "operationId": name,
        "parameters": [*path, *headers, _ref("Idempotency-Key"), _ref(LANGUAGE)],
        "responses": {status: done, **dict.fromkeys(REFUSED, PROBLEM)},
        "security": [{"key": []}, {"basic": []}, {"bearer": []}],
    }
    if media_type is not None:
        operation["parameters"].append(_ref("Content-Crs"))
        operation["requestBody"] = {
            "required": True,
            "content": {media_type: {"schema": _body(collection, is_patch=media_type != GEOJSON)}},
        }
    return operation


#: How writing is refused.
REFUSED = ("400", "401", "403", "404", "409", "412", "413", "415", "422", "500")


def _body(collection: Collection, *, is_patch: bool) -> dict[str, Any]:
    properties = {
        "type": {"type": "string", "enum": ["Feature"]},
        "geometry": {"type": "object", "nullable": True},
        "properties": {"$ref": f"#/components/schemas/{_facts_of(collection)}"},
    }
    return {"type": "object", "properties": properties} | ({} if is_patch else {"required": ["type", "properties"]})


def _facts_of(collection: Collection) -> str:
    return f"{collection.kind}_facts"


def _facts(ogc: OgcRequest, collection: Collection) -> dict[str, Any]:
    """The properties that can be stated of a unit; null where it is not."""
    stated = {}
    for name, field in written_properties(collection, OF_NEW).items():
        schema = property_schema(collection, field, ogc.language)
        stated[name] = {key: value for key, value in schema.items() if key in ("title", "type", "format", "enum")}
        stated[name]["nullable"] = True
        if "enum" in schema:
            stated[name]["enum"] = [*schema["enum"], None]
    return {"type": "object", "properties": stated}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/parameters/{name}"}


def _download(ogc: OgcRequest, collection: Collection, name: str) -> dict[str, Any]:
    described = _path(
        name, JSON, [_ref(own) for own in downloads.OWN] + _by_property(ogc, collection), forms=list(DOWNLOADS)
    )
    operation, content = described["get"], {"schema": {"type": "string", "format": "binary"}}
    next(each for each in operation["parameters"] if each.get("name") == FORMAT)["required"] = True
    operation["responses"]["200"]["content"] = dict.fromkeys(DOWNLOADS.values(), content)
    operation["responses"] |= {"429": PROBLEM, "503": PROBLEM}
    return described


def _by_property(ogc: OgcRequest, collection: Collection) -> list[dict[str, Any]]:
    by_property = []
    for field in queryables(collection):
        schema = property_schema(collection, field, ogc.language)
        schema = {key: value for key, value in schema.items() if key in ("type", "format", "enum")}
        by_property.append(_parameter(field.name, schema, style="form", explode=False))
    return by_property


def _parameter(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, **more}


def _header(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": schema}


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
        "zoom-level": _parameter("zoom-level", {"type": "integer", "minimum": 0, "maximum": DEEPEST_ZOOM}),
        "sortby": _parameter("sortby", {"type": "string"}),
        "cursor": _parameter("cursor", {"type": "string"}),
        "count": _parameter("count", {"type": "string", "enum": ["exact", "none"], "default": "exact"}),
        "filter": _parameter("filter", {"type": "string"}),
        "filter-lang": _parameter("filter-lang", {"type": "string", "enum": LANGUAGES, "default": LANGUAGES[0]}),
        "filter-crs": _parameter("filter-crs", {"type": "string", "format": "uri", "enum": systems}),
        "titles": _parameter("titles", {"type": "string", "enum": list(languages())}),
        "encoding": _parameter(
            "encoding", {"type": "string", "enum": list(downloads.ENCODINGS), "default": downloads.ENCODINGS[0]}
        ),
        "type": _parameter("type", {"type": "string", "enum": list(BODIES)}),
        "Content-Crs": _header("Content-Crs", {"type": "string", "enum": [f"<{uri}>" for uri in systems] + systems}),
        "If-Match": _header("If-Match", {"type": "string"}),
        "Idempotency-Key": _header("Idempotency-Key", {"type": "string"}),
        FORMAT: _parameter(FORMAT, {"type": "string", "enum": FORMS}),
        LANGUAGE: _parameter(LANGUAGE, {"type": "string", "enum": languages()}),
    }
    for name, parameter in parameters.items():
        parameter["description"] = texts[f"parameter_{name.lower().replace('-', '_')}"]
    numbers = {name: {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
               for name in ("tileMatrix", "tileRow", "tileCol")}  # fmt: skip
    feature_id = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    return {**parameters, **numbers, "featureId": feature_id}


ROUTES = [openapi, openapi_page]
