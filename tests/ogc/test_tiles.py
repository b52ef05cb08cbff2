"""Vector tiles under /ogc: what is in them, where they end, and that none is older than what was written.

Numbers T/… are those of the assertions of OGC handbook §1.6, in their order, which OGC's suite for Tiles makes.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pyogrio
import pytest
import pytest_asyncio
from litestar import Litestar
from openapi_spec_validator import validate

from actions.snapshot_cache import SnapshotCache
from api.answer_cache import BESIDE_EACH, TileCache
from api.app import create
from api.limits import Limits
from api.request import ApplicationState
from domain.collections import COLLECTIONS
from geo.tile_matrix_set import TileAddress, limits
from store import features, tiles
from tests.api.story import register
from tests.conftest import Dazu

Headers = dict[str, str]
Tile = tuple[int, int, int]
MVT = "application/vnd.mapbox-vector-tile"
TILED = {name: collection for name, collection in COLLECTIONS.items() if collection.shape != "none"}
#: What is drawn of a tile's neighbours, degrees, at zoom 12; a cell is a tile of zoom 10.
CELL = 360 / 1024
BUFFER = CELL / 4 / 64
#: A border of cells near the demo's parks.
BORDER = 105 + CELL - 105 % CELL


#: What OGC asks of tiles.
def address(collection: str, z: int, row: int, column: int) -> str:
    return f"/ogc/collections/{collection}/tiles/WebMercatorQuad/{z}/{row}/{column}"


async def read(client: httpx.AsyncClient, path: str) -> Any:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ends(client: httpx.AsyncClient, z: int, collection: str = "factory") -> tuple[range, range]:
    """Rows and columns of a zoom within the limits."""
    tileset = await read(client, f"/ogc/collections/{collection}/tiles/WebMercatorQuad")
    of_zoom = tileset["tileMatrixSetLimits"][z]
    return (
        range(of_zoom["minTileRow"], of_zoom["maxTileRow"] + 1),
        range(of_zoom["minTileCol"], of_zoom["maxTileCol"] + 1),
    )


async def shown(client: httpx.AsyncClient, folder: Path, collection: str, z: int) -> list[dict[str, Any]]:
    """Every feature of a zoom, by GDAL, with its tile and its geometry in EPSG:3857."""
    rows, columns = await ends(client, z, collection)
    features: list[dict[str, Any]] = []
    for row in rows:
        for column in columns:
            answer = await client.get(address(collection, z, row, column))
            assert answer.status_code in (200, 204), answer.text
            if answer.status_code == 200:
                features += decoded(folder, collection, answer.content, (z, row, column))
    return features


def decoded(folder: Path, collection: str, body: bytes, tile: Tile) -> list[dict[str, Any]]:
    file = folder / "tile.mvt"
    file.write_bytes(body)
    assert [name for name, _ in pyogrio.list_layers(file)] == [collection]
    z, row, column = tile
    table = pyogrio.read_dataframe(file, layer=collection, Z=z, Y=row, X=column, CLIP="NO")
    return [{**feature, "tile": tile} for feature in table.to_dict("records")]


@pytest_asyncio.fixture(loop_scope="session")
async def conn(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(dazu.superuser_url, server_settings={"search_path": "panhuo, public"})
    yield conn
    await conn.close()


@pytest_asyncio.fixture(loop_scope="session")
async def other(app: Litestar, dazu: Dazu) -> AsyncIterator[httpx.AsyncClient]:
    """Another process on the same database."""
    settings = app.state.application_state.settings
    twin = create(settings)
    twin.state.application_state = state = ApplicationState(dazu.db, SnapshotCache(dazu.db), settings, Limits())
    transport = httpx.ASGITransport(app=twin, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://panhuo.test") as http:
        yield http
    await state.streams.close()


@pytest.fixture
def admin(keys: dict[str, Headers]) -> Headers:
    return keys["demo-admin"]


def rectangle(west: float, south: float, width: float, height: float) -> dict[str, Any]:
    east, north = west + width, south + height
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest_asyncio.fixture(loop_scope="session")
async def border_park(client: httpx.AsyncClient, admin: Headers) -> dict[str, Any]:
    """A park over two cells, its middle in the western one, so that its south lies 0.1 of a cell from a row's."""
    outline = rectangle(BORDER - 0.05, 29.45, 0.08, 0.02)
    sent = {"type": "Feature", "geometry": outline, "properties": {"code": "border", "name_zh": "边界园区"}}
    made = await client.post("/api/v1/parks", headers=admin, json=sent)
    assert made.status_code == 201, made.text
    park: dict[str, Any] = made.json()
    return park


async def hall(
    client: httpx.AsyncClient, admin: Headers, park: dict[str, Any], code: str, west: float, **facts: Any
) -> dict[str, Any]:
    """A published hall in the park over two cells, about 20 m wide."""
    facts = {"level": "building", "stated_area": 400, "stated_area_unit": "m2"} | facts
    return await register(client, admin, park, code, rectangle(west, 29.46, 0.0002, 0.0002), **facts)


async def tags(client: httpx.AsyncClient, collection: str, z: int) -> dict[Tile, str]:
    rows, columns = await ends(client, z, collection)
    return {
        (z, row, column): (await client.get(address(collection, z, row, column))).headers["etag"]
        for row in rows
        for column in columns
    }


async def test_every_assertion_about_lists_of_tilesets(client: httpx.AsyncClient) -> None:
    """T/1 to T/4: from the landing page to templates of tiles."""
    landing = await read(client, "/ogc")
    assert not [link for link in landing["links"] if "/tilesets-" in link["rel"]]  # of the data set there are none
    for described in (await read(client, "/ogc/collections"))["collections"]:
        rels = {link["rel"]: link for link in described["links"]}
        rel = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
        styles = {link["type"] for link in described["links"] if link["rel"] == "stylesheet"}
        assert (rel in rels, "application/vnd.mapbox.style+json" in styles) == (described["id"] in TILED,) * 2
        if described["id"] not in TILED:
            continue
        listed = await read(client, rels[rel]["href"])
        (tileset,) = listed["tilesets"]
        assert "/tiles" in rels[rel]["href"]
        (own,) = [link for link in tileset["links"] if link["rel"] == "self"]
        assert own["type"] == "application/json" and await read(client, own["href"]) == tileset
        assert tileset["tileMatrixSetId"] == "WebMercatorQuad"
        assert tileset["tileMatrixSetURI"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
        assert [limit["tileMatrix"] for limit in tileset["tileMatrixSetLimits"]] == [str(z) for z in range(19)]
        (template,) = [link for link in tileset["links"] if link["rel"] == "item"]
        assert template["templated"] is True and template["type"] == MVT
        assert template["href"].endswith("/{tileMatrix}/{tileRow}/{tileCol}")


@pytest.mark.parametrize("collection", TILED)
async def test_every_assertion_about_tiles(client: httpx.AsyncClient, collection: str) -> None:
    """T/5 to T/7: tiles at the limits are there, those beyond are not, nor is one of row 2^31-1."""
    tileset = await read(client, f"/ogc/collections/{collection}/tiles/WebMercatorQuad")
    most = 2**31 - 1
    for limit in tileset["tileMatrixSetLimits"]:
        z, row, column = int(limit["tileMatrix"]), limit["minTileRow"], limit["minTileCol"]
        answer = await client.get(address(collection, z, row, column))
        assert answer.status_code in (200, 204)
        assert answer.headers["cache-control"] == "no-cache"
        for r, c in (
            (limit["maxTileRow"] + 1, column), (row, limit["maxTileCol"] + 1), (most, column), (row, most),
            (row - 1, column), (row, column - 1),
        ):  # fmt: skip
            assert (await client.get(address(collection, z, r, c))).status_code == 404


async def test_the_tile_matrix_set_is_the_registered_one(client: httpx.AsyncClient) -> None:
    """T/8."""
    listed = await read(client, "/ogc/tileMatrixSets")
    (matrix_set,) = listed["tileMatrixSets"]
    (own,) = [link for link in matrix_set["links"] if link["rel"] == "self"]
    defined = await read(client, own["href"])
    assert defined["uri"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad" == matrix_set["uri"]
    first, deep = defined["tileMatrices"][0], defined["tileMatrices"][12]
    assert first["scaleDenominator"] == pytest.approx(559082264.0287178)  # OGC 17-083r4, annex D.1
    assert first["cellSize"] == pytest.approx(156543.03392804097)
    assert first["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892])
    assert deep["matrixWidth"] == deep["matrixHeight"] == 4096
    assert (await client.get("/ogc/tileMatrixSets/WorldCRS84Quad")).status_code == 404


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("factory/tiles/WebMercatorQuad/19/0/0", "tileMatrix"),
        ("factory/tiles/WebMercatorQuad/x/0/0", "tileMatrix"),
        ("factory/tiles/WebMercatorQuad/12/-1/0", "tileRow"),
        ("factory/tiles/WebMercatorQuad/12/１/0", "tileRow"),
        ("factory/tiles/WebMercatorQuad/12/99999999999999999999/0", "tileRow"),
        ("factory/tiles/WebMercatorQuad/0/0/1.5", "tileCol"),
        ("factory/tiles/WorldCRS84Quad/0/0/0", "tileMatrixSetId"),
        ("factory/tiles/WorldCRS84Quad", "tileMatrixSetId"),
        ("castle/tiles", "collectionId"),
        ("land-unplaced/tiles", "collectionId"),
        ("factory-unplaced/tiles/WebMercatorQuad/0/0/0", "collectionId"),
        ("revitalizations-unplaced/tiles/WebMercatorQuad/style.json", "collectionId"),
        ("factory-unplaced/tiles/WebMercatorQuad/tilejson.json", "collectionId"),
    ],
)
async def test_what_is_no_tile_is_not_found_by_its_name(client: httpx.AsyncClient, path: str, field: str) -> None:
    answer = await client.get(f"/ogc/collections/{path}")
    assert answer.status_code == 404, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"  # else maps in browsers see no status
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_wrong_key_or_parameter_is_refused_and_a_right_key_changes_nothing(
    client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    path = address("factory", 0, 0, 0)
    public = await client.get(path)
    assert (await client.get(path, headers={"X-API-Key": "wrong"})).status_code == 401
    assert (await client.get(path, params={"f": "json"})).json()["errors"][0]["field"] == "f"
    assert (await client.get(path, params={"token": "x"})).status_code == 400
    for headers in keys.values():
        answer = await client.get(path, headers=headers)
        assert (answer.content, answer.headers["etag"]) == (public.content, public.headers["etag"])


@pytest.mark.parametrize("collection", TILED)
async def test_a_tile_holds_what_lies_in_it(client: httpx.AsyncClient, tmp_path: Path, collection: str) -> None:
    """From zoom 12 on every feature of the collection, each where it lies, with its id and what a map needs."""
    described = COLLECTIONS[collection]
    items = (await read(client, f"/ogc/collections/{collection}/items?limit=10000"))["features"]

    drawn = await shown(client, tmp_path, collection, 13)

    properties = {feature["id"]: feature["properties"] for feature in items}
    assert {feature["id"] for feature in drawn} == properties.keys()
    assert len({feature["mvt_id"] for feature in drawn}) == len(properties)
    for feature in drawn:
        assert feature.keys() - {"tile", "geometry", "mvt_id"} <= {"id", *described.on_map}
        for name in described.on_map:
            value, wanted = feature.get(name), properties[feature["id"]][name]
            assert value == wanted or (wanted is None and value != value) or value is wanted is None, name
        assert (
            feature["geometry"].geom_type
            in {"point": ("Point",), "outline": ("Polygon", "MultiPolygon")}[described.shape]
        )
        box = TileAddress(*feature["tile"]).box_m
        margin = (box[2] - box[0]) / 64 * 1.01
        west, south, east, north = feature["geometry"].bounds
        assert box[0] - margin <= west <= east <= box[2] + margin
        assert box[1] - margin <= south <= north <= box[3] + margin


async def summed(client: httpx.AsyncClient, kind: str, *, is_on_offer: bool) -> dict[str, tuple[int, float, float]]:
    """By park: how many units count, their mu and m²; whatever lies in a unit of the same collection is in it."""
    units: dict[str, dict[str, Any]] = {}
    for ending in ("points", "unplaced"):
        query = "limit=10000&availability=available" if is_on_offer else "limit=10000"
        listed = await read(client, f"/ogc/collections/{kind}-{ending}/items?{query}")
        units |= {feature["id"]: feature["properties"] for feature in listed["features"]}
    sums: dict[str, tuple[int, float, float]] = {}
    for unit_id, unit in units.items():
        if {unit["parent_id"], unit["root_id"]} - {unit_id, None} & units.keys():
            continue
        n, mu, m2 = sums.get(unit["park_code"], (0, 0.0, 0.0))
        sums[unit["park_code"]] = (n + 1, mu + (unit["area_mu"] or 0), m2 + (unit["area_m2"] or 0))
    return sums


@pytest.mark.parametrize("z", [0, 9, 11])
@pytest.mark.parametrize("collection", ["factory", "land", "idle-factory", "idle-land-points", "factory-points"])
async def test_below_zoom_12_a_point_a_park_says_how_much_there_is(
    client: httpx.AsyncClient, keys: dict[str, Headers], tmp_path: Path, collection: str, z: int
) -> None:
    """Units without outline too, no drafts, and nothing twice."""
    described, staff = COLLECTIONS[collection], keys["demo-shuangqiao"]
    parks = (await read(client, "/api/v1/parks"))["features"]
    park_id = next(park["id"] for park in parks if park["properties"]["code"] == "shuangqiao")
    facts = {"park_id": park_id, "level": "building" if described.kind == "factory" else "plot", "code": "u-1",
             "name": "u-1", "stated_area": 100, "stated_area_unit": "m2", "allowed_paths": ["lease"]}  # fmt: skip
    for code in ("unplaced", "draft"):
        sent = {"type": "Feature", "geometry": None, "properties": facts | {"code": code}}
        made = await client.post("/api/v1/assets", headers=staff, json=sent)
        assert made.status_code == 201, made.text
        if code == "unplaced":
            tag = {"If-Match": made.headers["etag"]}
            done = await client.post(f"/api/v1/assets/{made.json()['id']}/publish", headers=staff | tag)
            assert done.status_code == 200, done.text

    drawn = await shown(client, tmp_path, collection, z)

    wanted = await summed(client, str(described.kind), is_on_offer=described.is_on_offer)
    assert {f["code"]: f["units"] for f in drawn} == {code: n for code, (n, _, _) in wanted.items()}
    for feature in drawn:
        _, mu, m2 = wanted[feature["code"]]
        assert (feature["area_mu"], feature["area_m2"]) == (pytest.approx(mu, abs=0.006), pytest.approx(m2, abs=0.006))
        assert feature["geometry"].geom_type == "Point"
    assert len({feature["mvt_id"] for feature in drawn}) == len(drawn) > 0


@pytest.mark.parametrize("z", [0, 7, 11, 14])
async def test_parks_are_drawn_at_every_zoom(client: httpx.AsyncClient, tmp_path: Path, z: int) -> None:
    """As a point where the outline is smaller than a step of the tile."""
    items = (await read(client, "/ogc/collections/parks/items"))["features"]

    drawn = await shown(client, tmp_path, "parks", z)

    assert {f["id"] for f in drawn} == {f["id"] for f in items}
    assert {f["name_zh"] for f in drawn} == {f["properties"]["name_zh"] for f in items}
    assert {f["geometry"].geom_type for f in drawn} <= ({"Point", "Polygon"} if z == 0 else {"Polygon", "MultiPolygon"})


async def test_the_same_rows_are_the_same_bytes_in_every_process(
    client: httpx.AsyncClient, other: httpx.AsyncClient
) -> None:
    for collection in TILED:
        for z in (0, 10, 12, 14):
            rows, columns = await ends(client, z, collection)
            for path in (address(collection, z, row, column) for row in rows[:3] for column in columns[:3]):
                first, two = await client.get(path), await other.get(path)
                assert (first.status_code, first.content, first.headers["etag"]) == (
                    two.status_code, two.content, two.headers["etag"],
                )  # fmt: skip


async def test_a_tile_that_has_not_changed_is_not_made(
    client: httpx.AsyncClient, other: httpx.AsyncClient, app: Litestar
) -> None:
    """By another process, which has never made it: it keeps none afterwards."""
    path = address("factory", 0, 0, 0)
    had = await other.get(path)

    for tag in (had.headers["etag"], f"W/{had.headers['etag']}", f'"x", {had.headers["etag"]}'):
        again = await client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", had.headers["etag"])
        assert again.headers["cache-control"] == "no-cache" and "content-type" not in again.headers

    assert app.state.application_state.tiles.size == 0
    assert (await client.get(path, headers={"If-None-Match": '"x"'})).content == had.content
    assert (await client.get(path, headers={"If-None-Match": "*"})).status_code == 304
    assert app.state.application_state.tiles.size == len(had.content) + BESIDE_EACH


async def test_an_empty_tile_says_so_and_is_known_again(client: httpx.AsyncClient) -> None:
    rows, columns = await ends(client, 18)
    empty = await client.get(address("factory", 18, rows[0], columns[0]))
    assert (empty.status_code, empty.content) == (204, b"")
    again = await client.get(
        address("factory", 18, rows[0], columns[0]), headers={"If-None-Match": empty.headers["etag"]}
    )
    assert again.status_code == 304


async def test_a_tile_goes_gzipped_to_those_who_take_it_so(client: httpx.AsyncClient, app: Litestar) -> None:
    rows, columns = await ends(client, 12)
    sizes = {}
    for path in (address("factory", 12, row, column) for row in rows for column in columns):
        sizes[path] = len((await client.get(path, headers={"Accept-Encoding": "identity"})).content)
    path = max(sizes, key=lambda path: sizes[path])
    assert sizes[path] > 1024
    whole = await client.get(path, headers={"Accept-Encoding": "identity"})
    cache: TileCache = app.state.application_state.tiles
    size = cache.size

    for _ in range(2):
        async with client.stream("GET", path, headers={"Accept-Encoding": "gzip, br"}) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == "gzip" and gzip.decompress(raw) == whole.content
        assert answer.headers["etag"] == whole.headers["etag"][:-1] + '-gzip"'
        assert cache.size == size + len(raw)  # made once, and kept
    assert whole.headers["vary"].lower().count("accept-encoding") >= 1
    again = await client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    refused = await client.get(path, headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers


@pytest.mark.slow
async def test_a_write_changes_the_tags_of_its_cells_and_no_others(
    client: httpx.AsyncClient, admin: Headers, border_park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    """On a border and in a park over two cells: published, moved, renamed, withdrawn, retired; a draft changes none."""
    park_cells = {tuple(row) for row in await cells_at(conn, border_park["geometry"], point=True)}
    places = {
        "far in the east": (BORDER + 0.01, 1),
        "on the border": (BORDER - 0.0001, 2),
        "in the buffer": (BORDER + BUFFER * 0.8, 2),
        "beyond the buffer": (BORDER + BUFFER * 1.2, 1),
    }
    for n, (name, (west, columns)) in enumerate(places.items()):
        before = await tags(client, "factory", 10)
        unit = await hall(client, admin, border_park, f"h-{n}", west)
        cells_of_unit = {tuple(row) for row in await cells_at(conn, unit["geometry"])}
        cells = cells_of_unit | park_cells
        after = await tags(client, "factory", 10)
        changed = {(column, row) for (_, row, column), tag in after.items() if tag != before[10, row, column]}
        assert changed == cells, name
        assert len({column for column, _ in cells_of_unit}) == columns, name

        for act, sent in (
            ("rename", {"properties": {"name": "another"}}),
            ("move", {"geometry": rectangle(west - 0.002, 29.462, 0.0002, 0.0002)}),
        ):
            before, had = after, cells
            answer = await client.get(f"/api/v1/assets/{unit['id']}")
            headers = {**admin, "If-Match": answer.headers["etag"], "Content-Type": "application/merge-patch+json"}
            patched = await client.patch(f"/api/v1/assets/{unit['id']}", headers=headers, json=sent)
            assert patched.status_code == 200, patched.text
            cells = {tuple(row) for row in await cells_at(conn, patched.json()["geometry"])} | park_cells
            after = await tags(client, "factory", 10)
            changed = {(column, row) for (_, row, column), tag in after.items() if tag != before[10, row, column]}
            assert changed == had | cells, (name, act)

        before = after
        gone = await client.post(f"/api/v1/assets/{unit['id']}/withdraw", headers={**admin, "If-Match": "*"})
        assert gone.status_code == 200, gone.text
        after = await tags(client, "factory", 10)
        changed = {(column, row) for (_, row, column), tag in after.items() if tag != before[10, row, column]}
        assert changed == cells, name


async def cells_at(conn: asyncpg.Connection, geometry: Any, *, point: bool = False) -> list[asyncpg.Record]:
    shape = "ST_SetSRID(ST_GeomFromGeoJSON($1), 4326)"
    text = f"SELECT x, y FROM cells_of({f'ST_PointOnSurface({shape})' if point else shape})"
    return list(await conn.fetch(text, json.dumps(geometry)))


async def test_drafts_never_appear(
    client: httpx.AsyncClient, admin: Headers, border_park: dict[str, Any], tmp_path: Path
) -> None:
    before = {z: await tags(client, "factory", z) for z in (0, 10, 13)}
    facts = {"park_id": border_park["id"], "level": "building", "code": "draft", "name": "draft", "stated_area": 400,
             "stated_area_unit": "m2", "allowed_paths": ["lease"]}  # fmt: skip
    sent = {"type": "Feature", "geometry": rectangle(BORDER - 0.02, 29.46, 0.0002, 0.0002), "properties": facts}
    made = await client.post("/api/v1/assets", headers=admin, json=sent)
    assert made.status_code == 201, made.text

    assert {z: await tags(client, "factory", z) for z in (0, 10, 13)} == before
    client.headers.update(admin)  # who sees it in the list
    listed = (await read(client, "/ogc/collections/factory/items?limit=10000"))["features"]
    assert "draft" in [f["properties"]["code"] for f in listed]
    for z in (0, 13):
        assert "draft" not in [f.get("code") for f in await shown(client, tmp_path, "factory", z)]
        assert "border" not in [f.get("code") for f in await shown(client, tmp_path, "factory", z)]

    tag = {"If-Match": made.headers["etag"]}
    done = await client.post(f"/api/v1/assets/{made.json()['id']}/publish", headers=admin | tag)
    assert done.status_code == 200, done.text
    assert "draft" in [f.get("code") for f in await shown(client, tmp_path, "factory", 13)]
    assert "border" in [f.get("code") for f in await shown(client, tmp_path, "factory", 0)]


@pytest.mark.slow
async def test_bytes_that_change_have_another_tag(
    client: httpx.AsyncClient, admin: Headers, border_park: dict[str, Any], dazu: Dazu
) -> None:
    """Acts at random near a border: each tile of each zoom is made anew after each, past every cache."""
    rng = random.Random(20)
    units: list[dict[str, Any]] = []

    def beside() -> dict[str, Any]:
        """West of the border: it reaches into the buffer of the tile beyond, or not so far."""
        return rectangle(BORDER - 0.05, 29.53, 0.05 - BUFFER * 5 * rng.random(), 0.01)

    sent = {"type": "Feature", "geometry": beside(), "properties": {"code": "beside", "name_zh": "界旁园区"}}
    neighbour = (await client.post("/api/v1/parks", headers=admin, json=sent)).json()

    async def act() -> None:
        choice = rng.choice(
            ["add", "add", "move", "rename", "withdraw", "publish", "park", "beside", "beside"] if units else ["add"]
        )
        if choice == "add":
            west = BORDER + rng.choice([-1, 1]) * rng.random() * BUFFER * 2
            units.append(await hall(client, admin, border_park, f"r-{rng.random()}", west))
            return
        of_park = {"park": border_park, "beside": neighbour}.get(choice)
        at = rng.choice(units) if of_park is None else of_park
        path = f"/api/v1/{'assets' if of_park is None else 'parks'}/{at['id']}"
        headers = {**admin, "If-Match": "*"}
        if choice in ("withdraw", "publish"):
            await client.post(f"{path}/{choice}", headers=headers)  # refused where it is so already
            return
        west = BORDER + rng.choice([-1, 1]) * rng.random() * BUFFER * 2
        height = 0.02 + rng.random() / 50
        sent: dict[str, Any] = {
            "move": {"geometry": rectangle(west, 29.46 + rng.random() / 1000, 0.0002, 0.0002)},
            "rename": {"properties": {"name": f"r {rng.random()}"}},
            "beside": {"geometry": beside()},
            "park": {"geometry": rectangle(BORDER - 0.05 - rng.random() / 100, 29.45, 0.08, height)},
        }[choice]
        headers["Content-Type"] = "application/merge-patch+json"
        await client.patch(path, headers=headers, json=sent)

    async def drawn() -> dict[tuple[str, TileAddress], tuple[str, bytes]]:
        async with dazu.db.system() as conn:
            box = await features.extent(conn)
        assert box is not None
        made = {}
        async with dazu.db._public.acquire() as conn:
            for name in ("factory", "factory-points", "idle-factory", "parks"):
                for at in near(box):
                    state, body = await tiles.tile(conn, COLLECTIONS[name], at)
                    made[name, at] = tiles.tag(COLLECTIONS[name], at, state.version), body
        return made

    def near(box: Any) -> Iterator[TileAddress]:
        for z in (0, 6, 9, 10, 11, 12, 13):
            around = limits((BORDER - 0.06, 29.44, BORDER + 0.04, 29.54), z)
            for row in range(around.rows[0], around.rows[1] + 1):
                for column in range(around.columns[0], around.columns[1] + 1):
                    yield TileAddress(z, row, column)

    before, changes = await drawn(), 0
    for _ in range(60):
        await act()
        after = await drawn()
        for key, (tag, body) in after.items():
            assert body == before[key][1] or tag != before[key][0], key
            changes += body != before[key][1]
        before = after
    assert changes > 200


@pytest.mark.slow
async def test_no_tile_is_stale_under_a_writer(
    client: httpx.AsyncClient, other: httpx.AsyncClient, admin: Headers, border_park: dict[str, Any]
) -> None:
    """Two processes are asked all the time; as soon as a write is answered, both show it, at every zoom that can."""
    unit = await hall(client, admin, border_park, "watched", BORDER - 0.01)
    of_point = limits((BORDER - 0.01, 29.46, BORDER - 0.01, 29.46), 14)
    path = address("factory", 14, of_point.rows[0], of_point.columns[0])
    is_over = asyncio.Event()

    async def ask(http: httpx.AsyncClient) -> int:
        n = 0
        while not is_over.is_set():
            assert (await http.get(path)).status_code == 200
            n += 1
        return n

    asking = [asyncio.create_task(ask(http)) for http in (client, other) for _ in range(4)]
    for n in range(30):
        sent = {"properties": {"name": f"written {n}"}}
        headers = {**admin, "If-Match": "*", "Content-Type": "application/merge-patch+json"}
        patched = await client.patch(f"/api/v1/assets/{unit['id']}", headers=headers, json=sent)
        assert patched.status_code == 200, patched.text
        for http in (client, other):
            assert f"written {n}".encode() in (await http.get(path)).content
    is_over.set()
    assert sum(await asyncio.gather(*asking)) > 100


@pytest.mark.parametrize("collection", TILED)
async def test_tilejson_and_style_lead_to_tiles(client: httpx.AsyncClient, collection: str) -> None:
    """As MapLibre reads them: style → TileJSON → tiles; every property that a style names is in the layer."""
    style = await read(client, f"/ogc/collections/{collection}/tiles/WebMercatorQuad/style.json")
    (source,) = style["sources"].values()
    tilejson = await read(client, source["url"])

    (layer,) = tilejson["vector_layers"]
    assert layer["id"] == collection and set(COLLECTIONS[collection].on_map) <= layer["fields"].keys()
    assert (tilejson["minzoom"], tilejson["maxzoom"]) == (0, 18)
    west, south, east, north = tilejson["bounds"]
    assert 105 < west < tilejson["center"][0] < east < 107 and 29 < south < tilejson["center"][1] < north < 30
    rows, columns = await ends(client, 10, collection)
    (template,) = tilejson["tiles"]
    tile = await client.get(template.format(z=10, x=columns[0], y=rows[0]))
    assert tile.status_code in (200, 204)

    assert style["version"] == 8 and len({drawn["id"] for drawn in style["layers"]}) == len(style["layers"])
    for drawn in style["layers"]:
        assert drawn["source"] in style["sources"] and drawn["source-layer"] == collection
        assert got(drawn) <= layer["fields"].keys()
    legend = style["metadata"]["legend"]
    assert {word: text["label"] for word, text in legend.items()} == {
        "land": {"available": "可用", "reserved": "已预留", "occupied": "使用中", "to_verify": "待核实"},
        "idle-land": {"available": "可用"},
        "parks": {},
    }.get(collection, {word: text["label"] for word, text in legend.items()})


def got(expression: Any) -> set[str]:
    """The properties that an expression of MapLibre reads."""
    if isinstance(expression, dict):
        return set().union(*map(got, expression.values()))
    if isinstance(expression, list):
        own = {expression[1]} if len(expression) == 2 and expression[0] == "get" else set()
        return own.union(*map(got, expression))
    return set()


async def test_tiles_are_described(client: httpx.AsyncClient) -> None:
    """T/9: class oas30; every path of tiles that is described answers, with the type that is described."""
    document = await read(client, "/ogc/api")
    validate(document)
    paths = {path: item["get"] for path, item in document["paths"].items() if "ile" in path}
    rows, columns = await ends(client, 12)
    place = {"tileMatrix": 12, "tileRow": rows[0], "tileCol": columns[0]}
    assert len(paths) == 5 * len(TILED) + 2
    for path, operation in paths.items():
        answer = await client.get("/ogc" + path.format(**place))
        assert str(answer.status_code) in operation["responses"]
        if answer.status_code == 200:
            (media_type,) = operation["responses"]["200"]["content"]
            assert answer.headers["content-type"] == media_type
    claimed = (await read(client, "/ogc/conformance"))["conformsTo"]
    for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30"):
        assert f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}" in claimed
