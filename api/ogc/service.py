"""What there is: the landing page of /ogc, the classes it holds to, and its collections."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec
from litestar import Request, get
from litestar.params import FromPath

from api.crs import systems_offered
from api.ogc import pages
from api.ogc.frame import Page, page_headers
from api.ogc.markup import HTML
from api.ogc.request import FORMS, VARY, OgcRequest, collection_of, link, ogc_request
from api.response import GEOJSON, NO_CACHE, Reply, known_tags
from api.table import CSV
from domain.collections import COLLECTIONS, Collection
from geo.reference_systems import CRS84, Box, ReferenceSystem
from geo.tile_matrix_set import ID as WEB_MERCATOR
from texts.lookup import tables, tag

#: Of every route here: its own description has it, and `ogc_request` reads its query.
OPTIONS: Final = {"hidden": True, "own_query": True}
OPENAPI_3_0: Final = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA: Final = "application/schema+json"
#: Forms of files that a collection is downloaded as.
DOWNLOADS: Final = {
    "csv": CSV.media_type,
    "fgb": "application/flatgeobuf",
    "gpkg": "application/geopackage+sqlite3",
    "shp": "application/zip",
}
MAPBOX_STYLE: Final = "application/vnd.mapbox.style+json"
QGIS_STYLE: Final = "application/vnd.qgis.qml"
QGIS_PROJECT: Final = "application/x-qgis-project"
OGC_REL: Final = "http://www.opengis.net/def/rel/ogc/1.0"
_FEATURES: Final = "http://www.opengis.net/spec/ogcapi-features"
_COMMON: Final = "http://www.opengis.net/spec/ogcapi-common"
#: The last is what QGIS before the middle of 2025 looks for.
CQL2: Final = (
    "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison",
    "accent-insensitive-comparison", "basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions",
    "temporal-functions", "property-property", "arithmetic", "basic-spatial-operators",
)  # fmt: skip
#: The classes that are held to; each has tests in tests/ogc.
CLASSES: Final = (
    f"{_COMMON}-1/1.0/conf/core",
    f"{_COMMON}-1/1.0/conf/landing-page",
    f"{_COMMON}-1/1.0/conf/json",
    f"{_COMMON}-1/1.0/conf/html",
    f"{_COMMON}-1/1.0/conf/oas30",
    f"{_COMMON}-2/1.0/conf/collections",
    f"{_FEATURES}-1/1.0/conf/core",
    f"{_FEATURES}-1/1.0/conf/oas30",
    f"{_FEATURES}-1/1.0/conf/geojson",
    f"{_FEATURES}-1/1.0/conf/html",
    f"{_FEATURES}-2/1.0/conf/crs",
    f"{_FEATURES}-3/1.0/conf/queryables",
    f"{_FEATURES}-3/1.0/conf/queryables-query-parameters",
    f"{_FEATURES}-3/1.0/conf/filter",
    f"{_FEATURES}-3/1.0/conf/features-filter",
    *(f"http://www.opengis.net/spec/cql2/1.0/conf/{name}" for name in CQL2),
    *(f"{part}/1.0/conf/{name}" for part in (f"{_COMMON}-3", f"{_FEATURES}-5")
      for name in ("schemas", "returnables-and-receivables")),
    f"{_FEATURES}-6/1.0/conf/properties",
    f"{_FEATURES}-6/1.0/conf/properties-features",
    f"{_FEATURES}-7/1.0/conf/zoom-level",
    f"{_FEATURES}-7/1.0/conf/zoom-level-features",
    f"{_FEATURES}-8/1.0/conf/sortables",
    f"{_FEATURES}-8/1.0/conf/sorting",
    f"{_FEATURES}-8/1.0/conf/features-sorting",
    *(f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}"
      for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30")),
)  # fmt: skip
#: Those that hold for whoever may write.
WRITING_CLASSES: Final = tuple(
    f"{_FEATURES}-4/1.0/conf/{name}" for name in ("create-replace-delete", "update", "features")
)


def answered(ogc: OgcRequest, body: Any, page: Page | None = None, media_type: str = "application/json") -> Reply:
    """A document or its page, where it has one, kept by readers under a hash of itself."""
    headers = {**NO_CACHE, **VARY, "Content-Language": tag(ogc.language)}
    if page is not None and ogc.is_page:
        raw, media_type = page(ogc, body), HTML
        headers |= page_headers(ogc)
    else:
        raw = msgspec.json.encode(body)
    if page is not None and not ogc.is_page:
        headers["Link"] = f'<{ogc.alternate(ogc.path)["href"]}>; rel="alternate"; type="text/html"'
    kept_as = f'"{hashlib.blake2b(raw, digest_size=12).hexdigest()}"'
    return Reply(raw, media_type, headers=headers, tag=kept_as, known=known_tags(ogc.context))


@get("/ogc", opt=OPTIONS)
async def landing(request: Request[Any, Any, Any]) -> Reply:
    """Where everything is."""
    ogc = await ogc_request(request, forms=FORMS)
    texts = tables("ogc", ogc.language)["service"]
    links = [
        link("self", ogc.link(), "application/json", texts["title"]),
        ogc.alternate(""),
        link("service-desc", ogc.link("/api"), OPENAPI_3_0, "OpenAPI 3.0"),
        link("service-doc", ogc.link("/api.html"), "text/html"),
        link("conformance", ogc.link("/conformance"), "application/json"),
        link(f"{OGC_REL}/conformance", ogc.link("/conformance"), "application/json"),
        link("data", ogc.link("/collections"), "application/json"),
        link(f"{OGC_REL}/data", ogc.link("/collections"), "application/json"),
        link("related", ogc.link("/project.qgs"), QGIS_PROJECT, "QGIS"),
        link(f"{OGC_REL}/tiling-schemes", ogc.link("/tileMatrixSets"), "application/json"),
    ]
    body = {"title": texts["title"], "description": texts["description"], "links": links}
    return answered(ogc, body, pages.landing)


@get("/ogc/conformance", opt=OPTIONS)
async def conformance(request: Request[Any, Any, Any]) -> Reply:
    """Which classes of the standards hold for the caller."""
    ogc = await ogc_request(request, forms=FORMS)
    links = [link("self", ogc.link("/conformance"), "application/json"), ogc.alternate("/conformance")]
    classes = [*CLASSES, *(WRITING_CLASSES if ogc.may_write else ())]
    return answered(ogc, {"conformsTo": classes, "links": links}, pages.conformance)


@get("/ogc/collections", opt=OPTIONS)
async def collections(request: Request[Any, Any, Any]) -> Reply:
    """All collections."""
    ogc = await ogc_request(request, forms=FORMS)
    box, known = await surroundings(ogc)
    links = [link("self", ogc.link("/collections"), "application/json"), ogc.alternate("/collections")]
    listed = [_described(ogc, collection, box, known) for collection in COLLECTIONS.values()]
    crs = [system.uri for system in known]
    body = {
        "links": links,
        "crs": crs,
        "collections": listed,
        "numberMatched": len(listed),
        "numberReturned": len(listed),
    }
    return answered(ogc, body, pages.collections)


@get("/ogc/collections/{collection_id:str}", opt=OPTIONS)
async def read_collection(request: Request[Any, Any, Any], collection_id: FromPath[str]) -> Reply:
    """One collection, as the list has it."""
    ogc = await ogc_request(request, forms=FORMS)
    collection = collection_of(collection_id)
    box, known = await surroundings(ogc)
    return answered(ogc, _described(ogc, collection, box, known), pages.collection)


async def surroundings(ogc: OgcRequest) -> tuple[Box | None, tuple[ReferenceSystem, ...]]:
    """The box around all parks, and the reference systems that features are given in there."""
    return await systems_offered(ogc.context.db, ogc.context.actor)


def _described(
    ogc: OgcRequest,
    collection: Collection,
    box: tuple[float, float, float, float] | None,
    known: tuple[ReferenceSystem, ...],
) -> dict[str, Any]:
    texts, here = tables("ogc", ogc.language), ogc.link(f"/collections/{collection.id}")
    links = [
        link("self", here, "application/json"),
        ogc.alternate(f"/collections/{collection.id}"),
        link("items", f"{here}/items", GEOJSON, texts["collection"][collection.id]),
        link(f"{OGC_REL}/schema", f"{here}/schema", SCHEMA),
        link("describedby", f"{here}/schema/feature", SCHEMA),
        link(f"{OGC_REL}/queryables", f"{here}/queryables", SCHEMA),
        link(f"{OGC_REL}/sortables", f"{here}/sortables", SCHEMA),
    ]
    links += [
        link("enclosure", f"{here}/download?f={form}", media_type, texts["download"][form])
        for form, media_type in DOWNLOADS.items()
    ]
    links.append(link("stylesheet", f"{here}/style.qml", QGIS_STYLE, "QGIS"))
    if collection.has_tiles:
        links.append(link(f"{OGC_REL}/tilesets-vector", f"{here}/tiles", "application/json"))
        links.append(link("stylesheet", f"{here}/tiles/{WEB_MERCATOR}/style.json", MAPBOX_STYLE, "MapLibre"))
    described: dict[str, Any] = {
        "id": collection.id,
        "title": texts["collection"][collection.id],
        "description": texts["about"][collection.id],
        "itemType": "feature",
        "crs": [system.uri for system in known],
        "storageCrs": CRS84.uri,
        "links": links,
    }
    if box is not None:
        described["extent"] = {"spatial": {"bbox": [box], "crs": CRS84.uri}}
    if collection.shape == "none":
        del described["storageCrs"]
    return described


ROUTES = [landing, conformance, collections, read_collection]
