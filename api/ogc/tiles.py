"""Vector tiles of a collection over HTTP, and what says where they are: lists of tilesets, TileJSON, a style.

Tiles hold public rows alone, whoever asks, so that all who ask share them. A tile that has not changed is known again
by the version of its cells, one row to read. Source: OGC API Tiles part 1; OGC handbook §1.6, §5.6.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from litestar import Request, get
from litestar.params import FromPath

from api.answer_cache import MadeAnswer
from api.ogc.labels import label
from api.ogc.request import OgcRequest, collection_of, link, ogc_request
from api.ogc.schemas import TYPES
from api.ogc.service import MAPBOX_STYLE, OGC_REL, OPTIONS, answered
from api.ogc.styles import map_style
from api.response import GZIP_FROM, NO_CACHE, Reply, accepts_gzip, known_tags
from domain.actor import ANONYMOUS
from domain.collections import Collection
from domain.entity_tags import ANY, kept_tag
from domain.errors import NotFound
from geo import tile_matrix_set as matrices
from geo.reference_systems import Box
from geo.tile_matrix_set import TileAddress, TileLimits
from store import features, tiles
from store.db import Database
from texts.lookup import tables

JSON: Final = "application/json"
MVT: Final = "application/vnd.mapbox-vector-tile"
VARY_CODING: Final = {"Vary": "Accept-Encoding"}
TILESETS: Final = "/ogc/collections/{collection_id:str}/tiles"
TILESET: Final = f"{TILESETS}/{{tile_matrix_set:str}}"
_NUMBER = re.compile(r"\d{1,10}", re.ASCII)


@get(f"{TILESET}/{{tile_matrix:str}}/{{tile_row:str}}/{{tile_column:str}}", opt=OPTIONS)
async def tile(
    request: Request[Any, Any, Any],
    collection_id: FromPath[str],
    tile_matrix_set: FromPath[str],
    tile_matrix: FromPath[str],
    tile_row: FromPath[str],
    tile_column: FromPath[str],
) -> Reply:
    """One tile; 204 where it is empty."""
    ogc = await ogc_request(request, forms=("mvt",))
    collection = _tiled(collection_id, tile_matrix_set)
    address = _address(tile_matrix, tile_row, tile_column)
    known, is_gzipped = known_tags(ogc.context), accepts_gzip(request.scope)
    headers = {**NO_CACHE, **VARY_CODING}
    cache, key, make = ogc.context.state.tiles, (collection.id, address), partial(_made, ogc, collection, address)
    kept = None if known else await cache.first_answer(key, make)
    if kept is None:
        version = await _version(ogc, address)
        if known and known != ANY:
            kept_as = kept_tag(known, tiles.tag(collection, address, version), is_gzipped=is_gzipped)
            if kept_as is not None:
                return Reply(b"", status=304, headers={**headers, "ETag": kept_as})
        kept = await cache.answer(key, version, make)
    gzipped = await cache.gzipped(key, kept) if is_gzipped and len(kept.body) >= GZIP_FROM else None
    tag = tiles.tag(collection, address, kept.version)
    status = 200 if kept.body else 204
    return Reply(kept.body, MVT, status=status, headers=headers, tag=tag, known=known, gzipped=gzipped)


async def _version(ogc: OgcRequest, address: TileAddress) -> int:
    """How a tile stands now. Raises NotFound where it lies outside the limits."""
    state = await ogc.context.state.tiles.states.value(address, partial(_states, ogc.context.db))
    await _check_limits(ogc, address, state.parks)
    return state.version


async def _check_limits(ogc: OgcRequest, address: TileAddress, parks: int) -> None:
    """Raises NotFound where a tile lies outside the limits; `parks`: how the outlines of parks stand."""
    cache = ogc.context.state.tiles
    if cache.extent is None or cache.extent[0] != parks:
        cache.extent = parks, await _extent(ogc.context.db)
    box = cache.extent[1]
    limits = None if box is None else matrices.limits(box, address.z)
    if limits is None or not limits.rows[0] <= address.row <= limits.rows[1]:
        raise NotFound("no_such_tile", "tileRow")
    if not limits.columns[0] <= address.column <= limits.columns[1]:
        raise NotFound("no_such_tile", "tileCol")


async def _states(db: Database, addresses: Sequence[TileAddress]) -> list[tiles.TileState]:
    async with db.read(ANONYMOUS) as conn:
        return await tiles.states(conn, addresses)


async def _extent(db: Database) -> Box | None:
    async with db.read(ANONYMOUS) as conn:
        return await features.extent(conn)


async def _made(ogc: OgcRequest, collection: Collection, address: TileAddress) -> MadeAnswer:
    async with ogc.context.db.read(ANONYMOUS) as conn:
        state, body = await tiles.tile(conn, collection, address)
    await _check_limits(ogc, address, state.parks)
    return MadeAnswer(state.version, body)


def _tiled(collection_id: str, tile_matrix_set: str = matrices.ID) -> Collection:
    """Raises NotFound where there is no such collection, it lies nowhere, or has no such tiles."""
    collection = collection_of(collection_id)
    if not collection.has_tiles:
        raise NotFound("no_tiles", "collectionId")
    _check_matrix_set(tile_matrix_set)
    return collection


def _check_matrix_set(tile_matrix_set: str) -> None:
    if tile_matrix_set != matrices.ID:
        raise NotFound("no_such_tile_matrix_set", "tileMatrixSetId", known=[matrices.ID])


def _address(tile_matrix: str, tile_row: str, tile_column: str) -> TileAddress:
    """Raises NotFound naming what is no number of a tile."""
    z = _number("tileMatrix", tile_matrix, matrices.DEEPEST)
    last = 2**z - 1
    return TileAddress(z, _number("tileRow", tile_row, last), _number("tileCol", tile_column, last))


def _number(name: str, text: str, most: int) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > most:
        raise NotFound("no_such_tile", name)
    return int(text)


@get(TILESETS, opt=OPTIONS)
async def tilesets(request: Request[Any, Any, Any], collection_id: FromPath[str]) -> Reply:
    """The tilesets of a collection: one."""
    ogc = await ogc_request(request)
    collection = _tiled(collection_id)
    links = [link("self", ogc.link(f"/collections/{collection.id}/tiles"), JSON)]
    return answered(ogc, {"links": links, "tilesets": [_tileset(ogc, collection, await _extent(ogc.context.db))]})


@get(TILESET, opt=OPTIONS)
async def tileset(
    request: Request[Any, Any, Any], collection_id: FromPath[str], tile_matrix_set: FromPath[str]
) -> Reply:
    """What a tileset holds, and how far it goes."""
    ogc = await ogc_request(request)
    collection = _tiled(collection_id, tile_matrix_set)
    return answered(ogc, _tileset(ogc, collection, await _extent(ogc.context.db)))


def _tileset(ogc: OgcRequest, collection: Collection, box: Box | None) -> dict[str, Any]:
    here, title = _here(ogc, collection), tables("ogc", ogc.language)["collection"][collection.id]
    described: dict[str, Any] = {
        "title": tables("ogc", ogc.language)["tiles"]["title"].format(name=title),
        "description": tables("ogc", ogc.language)["about"][collection.id],
        "dataType": "vector",
        "crs": matrices.CRS,
        "tileMatrixSetId": matrices.ID,
        "tileMatrixSetURI": matrices.URI,
        "tileMatrixSetLimits": [] if box is None else [_limits(matrices.limits(box, z)) for z in _ZOOMS],
        "layers": [
            {
                "id": collection.id,
                "title": title,
                "dataType": "vector",
                "geometryDimension": 2 if collection.shape == "outline" else 0,
                "minTileMatrix": str(_ZOOMS[0]),
                "maxTileMatrix": str(_ZOOMS[-1]),
                "propertiesSchema": {"type": "object", "properties": _properties(ogc, collection)},
            }
        ],
        "links": [
            link("self", here, JSON),
            link("item", f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", MVT, templated=True),
            link("describedby", f"{here}/tilejson.json", JSON, "TileJSON"),
            link("stylesheet", f"{here}/style.json", MAPBOX_STYLE, "MapLibre"),
            link(f"{OGC_REL}/tiling-scheme", ogc.link(f"/tileMatrixSets/{matrices.ID}"), JSON),
            link(f"{OGC_REL}/geodata", ogc.link(f"/collections/{collection.id}"), JSON, title),
        ],
    }
    if box is not None:
        described["boundingBox"] = {
            "lowerLeft": box[:2], "upperRight": box[2:], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        }  # fmt: skip
    return described


_ZOOMS: Final = range(matrices.DEEPEST + 1)


def _here(ogc: OgcRequest, collection: Collection) -> str:
    return ogc.link(f"/collections/{collection.id}/tiles/{matrices.ID}")


def _limits(limits: TileLimits) -> dict[str, Any]:
    return {
        "tileMatrix": str(limits.z),
        "minTileRow": limits.rows[0], "maxTileRow": limits.rows[1],
        "minTileCol": limits.columns[0], "maxTileCol": limits.columns[1],
    }  # fmt: skip


def _properties(ogc: OgcRequest, collection: Collection) -> dict[str, Any]:
    """What a feature of a tile says: of a thing, and below `UNITS_FROM` of a park."""
    own = {
        field.name: {"title": label(collection, field.name, ogc.language), **TYPES.get(field.type, {"type": "string"})}
        for field in collection.on_map.values()
    }
    of_park = {
        name: {"title": _label(ogc, collection, name), **TYPES.get(kind, {"type": "string"})}
        for name, kind in tiles.PARK.get(collection.thing, {}).items()
    }
    return {"id": {"type": "string", "format": "uuid"}} | of_park | own


def _label(ogc: OgcRequest, collection: Collection, name: str) -> str:
    texts = tables("ogc", ogc.language)
    return (
        texts["tiles"].get(name)
        or tables("fields", ogc.language)["park"].get(name)
        or label(collection, name, ogc.language)
    )


@get(f"{TILESET}/tilejson.json", opt=OPTIONS)
async def tilejson(
    request: Request[Any, Any, Any], collection_id: FromPath[str], tile_matrix_set: FromPath[str]
) -> Reply:
    """The same as maps in browsers read it. Source: TileJSON 3.0.0."""
    ogc = await ogc_request(request)
    collection = _tiled(collection_id, tile_matrix_set)
    box = await _extent(ogc.context.db)
    texts = tables("ogc", ogc.language)
    labels = {name: schema.get("title", name) for name, schema in _properties(ogc, collection).items()}
    described: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": texts["collection"][collection.id],
        "description": texts["about"][collection.id],
        "scheme": "xyz",
        "tiles": [f"{_here(ogc, collection)}/{{z}}/{{y}}/{{x}}"],
        "minzoom": _ZOOMS[0],
        "maxzoom": _ZOOMS[-1],
        "vector_layers": [
            {"id": collection.id, "description": texts["about"][collection.id], "fields": labels,
             "minzoom": _ZOOMS[0], "maxzoom": _ZOOMS[-1]}
        ],
    }  # fmt: skip
    if box is not None:
        described["bounds"] = box
        described["center"] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, tiles.UNITS_FROM - 2]
    return answered(ogc, described)


@get(f"{TILESET}/style.json", opt=OPTIONS)
async def style(request: Request[Any, Any, Any], collection_id: FromPath[str], tile_matrix_set: FromPath[str]) -> Reply:
    """How a map draws the collection. Source: MapLibre Style Specification 8."""
    ogc = await ogc_request(request)
    collection = _tiled(collection_id, tile_matrix_set)
    name = tables("ogc", ogc.language)["collection"][collection.id]
    made = map_style(collection, name, f"{_here(ogc, collection)}/tilejson.json", tiles.UNITS_FROM, ogc.language)
    return answered(ogc, made, media_type=MAPBOX_STYLE)


@get("/ogc/tileMatrixSets", opt=OPTIONS)
async def matrix_sets(request: Request[Any, Any, Any]) -> Reply:
    """The tile matrix sets: one."""
    ogc = await ogc_request(request)
    here = ogc.link("/tileMatrixSets")
    listed = {"id": matrices.ID, "title": matrices.ID, "uri": matrices.URI,
              "links": [link("self", f"{here}/{matrices.ID}", JSON)]}  # fmt: skip
    return answered(ogc, {"links": [link("self", here, JSON)], "tileMatrixSets": [listed]})


@get("/ogc/tileMatrixSets/{tile_matrix_set:str}", opt=OPTIONS)
async def matrix_set(request: Request[Any, Any, Any], tile_matrix_set: FromPath[str]) -> Reply:
    """WebMercatorQuad as the standard defines it. Source: OGC 17-083r4, annex D.1."""
    ogc = await ogc_request(request)
    _check_matrix_set(tile_matrix_set)
    return answered(
        ogc,
        {
            "id": matrices.ID,
            "title": "Google Maps Compatible for the World",
            "uri": matrices.URI,
            "crs": matrices.CRS,
            "orderedAxes": ["X", "Y"],
            "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
            "tileMatrices": [_matrix(z) for z in range(matrices.DEEPEST_OF_ALL + 1)],
            "links": [link("self", ogc.link(f"/tileMatrixSets/{matrices.ID}"), JSON)],
        },
    )


def _matrix(z: int) -> dict[str, Any]:
    step = 2 * matrices.HALF_M / matrices.STEPS / 2**z
    return {
        "id": str(z),
        "scaleDenominator": step * matrices.STEPS_PER_M,
        "cellSize": step,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-matrices.HALF_M, matrices.HALF_M],
        "tileWidth": matrices.STEPS, "tileHeight": matrices.STEPS,
        "matrixWidth": 2**z, "matrixHeight": 2**z,
    }  # fmt: skip


ROUTES = [tile, tilesets, tileset, tilejson, style, matrix_sets, matrix_set]
