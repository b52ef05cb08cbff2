"""Files of a selection: every form read back by GDAL, held against the pages of the same selection."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import geopandas
import httpx
import numpy as np
import pyogrio
import pytest
import shapely
from litestar import Litestar

from api.ogc import downloads
from api.ogc.written_features import FittedTexts, field_names, property_title
from api.request import FILES_AT_ONCE
from domain.collections import COLLECTIONS, Collection
from geo.flatgeobuf import FlatColumn, feature, head
from store import db as database
from store import features
from tests.conftest import Dazu
from tests.ogc.test_features import CRS84, epsg, read, rels, walk
from tests.server import serving
from texts.lookup import languages
from texts.words import words_of

Headers = dict[str, str]
FORMS = ("csv", "fgb", "gpkg", "shp")
#: What GDAL reads a property of a type as, in a GeoPackage; a FlatGeobuf has no days, a DBF no instants.
TYPES = {"number": "OFTReal", "integer": "OFTInteger", "flag": "OFTInteger", "day": "OFTDate", "instant": "OFTDateTime"}


async def sent(client: httpx.AsyncClient, collection: str, form: str, **parameters: Any) -> httpx.Response:
    answer = await client.get(f"/ogc/collections/{collection}/download", params={"f": form, **parameters})
    assert answer.status_code == 200, answer.text
    return answer


async def saved(client: httpx.AsyncClient, folder: Path, collection: str, form: str, **parameters: Any) -> Path:
    """The file of a selection; of a shapefile the one that is opened."""
    answer = await sent(client, collection, form, **parameters)
    if form != "shp":
        (folder / f"{collection}.{form}").write_bytes(answer.content)
        return folder / f"{collection}.{form}"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    return folder / f"{collection}.{'dbf' if COLLECTIONS[collection].shape == 'none' else 'shp'}"


def names_beside(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "names.csv").read_bytes().decode("utf-8-sig"))))


def shapes_of(table: Any, *, is_csv: bool) -> dict[str, Any]:
    """The geometries of a table by their ids; of CSV they are texts, or two numbers."""
    if not is_csv:
        return dict(zip(table["id"], table.geometry, strict=True))
    if "WKT" in table:
        return dict(zip(table["id"], shapely.from_wkt(table["WKT"]), strict=True))
    x, y = table.columns[-2:]
    return dict(zip(table["id"], shapely.points(table[x].astype(float), table[y].astype(float)), strict=True))


def fields_of(collection: Collection, form: str) -> dict[str, str]:
    """What GDAL reads the columns of a file as."""
    kinds = {"shp": TYPES | {"instant": "OFTString"}, "fgb": TYPES | {"day": "OFTDateTime"}}.get(form, TYPES)
    return {"id": "OFTString"} | {
        name: kinds.get(field.type, "OFTString") for name, field in collection.properties.items()
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_a_file_holds_what_the_pages_hold(
    client: httpx.AsyncClient, tmp_path: Path, collection: str, form: str
) -> None:
    listed = {f["id"]: f for f in await walk(client, f"/collections/{collection}/items")}
    described = COLLECTIONS[collection]

    path = await saved(client, tmp_path, collection, form)

    table, info = pyogrio.read_dataframe(path), pyogrio.read_info(path)
    assert sorted(table["id"]) == sorted(listed)
    if form == "csv":
        header = next(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
        place = {"outline": ["WKT"], "point": ["longitude", "latitude"], "none": []}[described.shape]
        assert path.read_bytes()[:3] == b"\xef\xbb\xbf" and header == ["id", *described.properties, *place]
    else:
        names = ["id", *described.properties]
        if form == "shp":
            assert [row["name"] for row in names_beside(tmp_path)] == names
            assert [row["field"] for row in names_beside(tmp_path)] == list(info["fields"])
        else:
            assert list(info["fields"]) == names
        assert dict(zip(names, info["ogr_types"], strict=True)) == fields_of(described, form)
        table = table.rename(columns=dict(zip(info["fields"], names, strict=True)))
    if described.shape != "none":
        shapes = shapes_of(table, is_csv=form == "csv")
        for feature_id, listed_feature in listed.items():
            there = shapely.from_geojson(json.dumps(listed_feature["geometry"]))
            assert shapely.equals_exact(shapes[feature_id].normalize(), there.normalize(), 1e-6) or (
                form == "shp" and shapes[feature_id].symmetric_difference(there).area < 1e-12
            )
        if form in ("fgb", "gpkg"):
            assert info["geometry_type"] == described.geometry_type
            assert set(table.geom_type) == {described.geometry_type}
    if form == "gpkg":
        rows = table.drop(columns="geometry", errors="ignore").set_index("id")
        for feature_id, listed_feature in listed.items():
            for name, value in listed_feature["properties"].items():
                assert same(rows.at[feature_id, name], value), name


def same(cell: Any, value: Any) -> bool:
    """Whether a cell of a data frame is a value of JSON."""
    if value is None:
        return cell is None or cell != cell or bool(np.isnat(np.datetime64(cell)) if hasattr(cell, "tzinfo") else False)
    if hasattr(cell, "isoformat"):
        return bool(cell.isoformat()[:10] == value[:10])
    return bool(cell == (float(value) if isinstance(cell, float) else value))


@pytest.mark.parametrize("form", FORMS)
async def test_files_have_east_before_north_in_every_system(
    client: httpx.AsyncClient, tmp_path: Path, form: str
) -> None:
    """Known places; pages have them in the order of the system."""
    for collection in ("factory-points", "factory"):
        first = (await read(client, f"/collections/{collection}/items", limit=1))["features"][0]
        for system in (CRS84, *map(epsg, (4326, 4490, 3857, 4544, 4523))):
            item = await client.get(f"/ogc/collections/{collection}/items/{first['id']}", params={"crs": system})
            assert set(item.json()["geometry"]) == {"type", "coordinates"}
            x, y = (
                item.json()["geometry"]["coordinates"]
                if "points" in collection
                else shapely.from_geojson(json.dumps(item.json()["geometry"])).bounds[:2]
            )
            if system[-4:] in ("4326", "4490", "4544", "4523"):
                x, y = y, x

            path = await saved(client, tmp_path, collection, form, crs=system, code=first["properties"]["code"])

            table = pyogrio.read_dataframe(path)
            west, south, *_ = shapes_of(table, is_csv=form == "csv")[first["id"]].bounds
            assert (west, south) == pytest.approx((x, y), abs=0.001 if x > 200 else 1e-7)
            if form != "csv":
                assert table.crs.to_epsg() == (4326 if system == CRS84 else int(system[-4:]))
            elif "points" in collection:
                assert list(table.columns[-2:]) == (["easting", "northing"] if x > 200 else ["longitude", "latitude"])


async def test_a_selection_is_that_of_a_page(
    client: httpx.AsyncClient, keys: dict[str, Headers], tmp_path: Path
) -> None:
    lon, lat = (await read(client, "/collections/factory-points/items"))["features"][0]["geometry"]["coordinates"]
    box = f"{lat - 0.02},{lon - 0.02},{lat + 0.02},{lon + 0.02}"
    for parameters in (
        {"bbox": box, "bbox-crs": epsg(4326)},
        {"filter": "area_m2 > 3000 AND level = 'building'", "sortby": "-area_m2"},
        {"filter": '{"op": "=", "args": [{"property": "level"}, "floor"]}', "filter-lang": "cql2-json"},
        {"level": "floor", "properties": "code,area_m2"},
        {"datetime": "2020-01-01/.."},
        {"datetime": "../2020-01-01"},
        {"bbox": "0,89,1,90", "bbox-crs": epsg(4544)},
    ):
        for caller in ({}, keys["demo-shuangqiao"]):
            client.headers.update(caller)
            listed = await walk(client, "/collections/factory/items", **parameters)
            answer = await sent(client, "factory", "csv", **parameters)
            rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
            assert [row["id"] for row in rows] == [f["id"] for f in listed]
            assert int(answer.headers["ogc-numbermatched"]) == len(rows)
            if "properties" in parameters:
                assert list(rows[0]) == ["id", "code", "area_m2", "WKT"]
                assert [float(row["area_m2"]) if row["area_m2"] else None for row in rows] == [
                    f["properties"]["area_m2"] for f in listed
                ]
        del client.headers["X-API-Key"]


async def test_staff_have_their_drafts_too_by_any_key(client: httpx.AsyncClient, dazu: Dazu) -> None:
    key, public = dazu.key("demo-shuangqiao"), await sent(client, "factory", "fgb")
    numbers = set()
    for auth, headers in ((httpx.BasicAuth("whoever", key), {}), (None, {"X-API-Key": key})):
        path = "/ogc/collections/factory/download?f=fgb"
        answer = await client.get(path, auth=auth, headers=headers)
        assert len(geopandas.read_file(io.BytesIO(answer.content))) == int(answer.headers["ogc-numbermatched"])
        numbers.add(int(answer.headers["ogc-numbermatched"]))
    assert len(numbers) == 1 and numbers.pop() > int(public.headers["ogc-numbermatched"])


@pytest.mark.parametrize("form", FORMS)
async def test_nothing_selected_is_a_file_with_type_and_fields(
    client: httpx.AsyncClient, tmp_path: Path, form: str
) -> None:
    for collection in ("factory", "land-points", "land-unplaced", "parks"):
        described = COLLECTIONS[collection]
        for parameters in ({"filter": "1 = 2"}, {"bbox": "0,95,1,96"}):
            path = await saved(client, tmp_path, collection, form, **parameters)
            info = pyogrio.read_info(path)
            assert len(pyogrio.read_dataframe(path)) == 0
            if form == "csv":
                assert len(info["fields"]) >= len(described.properties)
                continue
            assert len(info["fields"]) == 1 + len(described.properties)
            assert list(info["ogr_types"]) == list(fields_of(described, form).values())
            if described.shape != "none":
                assert info["geometry_type"] in (described.geometry_type, "Polygon" if form == "shp" else None)


async def test_headings_and_words_come_in_the_language_of_titles(client: httpx.AsyncClient, tmp_path: Path) -> None:
    for language, heading in (("zh", "资产编号"), ("en", "Code")):
        sheet = (await sent(client, "factory", "csv", titles=language)).content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(sheet)))
        described = COLLECTIONS["factory"]
        titles = [property_title(described, name, language) for name in ("id", *described.properties)]
        assert list(rows[0]) == [*titles, "WKT"] and heading in titles
        level = property_title(described, "level", language)
        assert {row[level] for row in rows} <= set(words_of(described.properties["level"].words, language).values())


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("collection", COLLECTIONS.values(), ids=lambda collection: collection.id)
def test_no_two_columns_have_one_title(collection: Collection, language: str) -> None:
    titles = [property_title(collection, name, language) for name in ("id", *collection.properties)]
    assert len(set(titles)) == len(titles)


async def test_a_geopackage_says_what_people_call_columns_and_words(client: httpx.AsyncClient, tmp_path: Path) -> None:
    path = await saved(client, tmp_path, "factory", "gpkg", titles="zh")

    with sqlite3.connect(path) as conn:
        titles = dict(conn.execute("SELECT column_name, name FROM gpkg_data_columns WHERE table_name = 'factory'"))
        words = dict(conn.execute(
            "SELECT value, c.description FROM gpkg_data_columns JOIN gpkg_data_column_constraints AS c "
            "USING (constraint_name) WHERE column_name = 'fire_hazard_class'"))  # fmt: skip
        contents = conn.execute("SELECT identifier, srs_id FROM gpkg_contents").fetchall()
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    conn.close()
    assert titles["code"] == "资产编号" and titles["rent_yuan_m2_month"] == "租金 (元/m²·月)"
    assert words["C"] == "丙类" and contents == [("厂房", 4326)]


@pytest.mark.parametrize("encoding", ["GBK", "utf-8"])
async def test_a_shapefile_is_in_its_encoding_with_short_names(
    client: httpx.AsyncClient, keys: dict[str, Headers], tmp_path: Path, encoding: str
) -> None:
    """What a DBF cannot hold is cut between characters, and the list beside it says so."""
    staff = keys["demo-shuangqiao"]
    units = (await client.get("/ogc/collections/factory/items", params={"park_code": "shuangqiao"})).json()["features"]
    unit = next(f for f in units if f["properties"]["listing"] == "published")
    before = await client.get(f"/api/v1/assets/{unit['id']}", headers=staff)
    name, source = "a" + "联" * 150, "—·𠮷“”"
    changed = await client.patch(
        f"/api/v1/assets/{unit['id']}",
        headers={**staff, "If-Match": before.headers["etag"]},
        json={"properties": {"name": name, "source": source}},
    )
    assert changed.status_code == 200, changed.text

    path = await saved(client, tmp_path, "factory", "shp", encoding=encoding, titles="zh")

    assert (tmp_path / "factory.cpg").read_text().lower() == encoding.lower()
    beside = {row["name"]: row for row in names_beside(tmp_path)}
    fields = [row["field"] for row in beside.values()]
    assert len({field.casefold() for field in fields}) == len(fields) == 1 + len(COLLECTIONS["factory"].properties)
    assert all(0 < len(field.encode(encoding)) <= 10 for field in fields)
    assert beside["code"] == {
        "field": "资产编号" if encoding == "GBK" else "资产编", "name": "code", "title_zh": "资产编号",
        "title_en": "Code", "cut": "0", "replaced": "0",
    }  # fmt: skip
    table = pyogrio.read_dataframe(path)
    row = table[table[beside["id"]["field"]] == unit["id"]].iloc[0]
    kept = name.encode(encoding)[:254].decode(encoding, "ignore")
    assert row[beside["name"]["field"]] == kept and len(kept.encode(encoding)) > 251
    assert beside["name"]["cut"] == "1"
    assert row[beside["source"]["field"]] == (source if encoding == "utf-8" else source.replace("𠮷", "?"))
    assert beside["source"]["replaced"] == ("0" if encoding == "utf-8" else "1")
    assert row[beside["level"]["field"]] in words_of(COLLECTIONS["factory"].properties["level"].words, "zh").values()
    dbf = next(path.parent.glob("*.dbf")).read_bytes()
    assert kept.encode(encoding) in dbf


def test_short_names_are_unique_in_any_case() -> None:
    wanted = ["rent_yuan_m2_month", "rent_yuan_a", "Rent_Yuan_B", "租金租金租金甲", "租金租金租金乙", "a b"]
    assert field_names(wanted, "gbk") == ["rent_yuan_", "rent_yua_2", "Rent_Yua_3", "租金租金租", "租金租金_2", "a_b"]
    texts = FittedTexts("gbk")
    assert texts.fitted("x", "a" + "联" * 127) == "a" + "联" * 126 and texts.cut == {"x": 1}


async def test_what_is_written_meanwhile_is_not_in_the_file(
    client: httpx.AsyncClient, dazu: Dazu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PORTION", 5)
    selection, conn = features.selection, await asyncpg.connect(dazu.superuser_url)

    async def interrupted(*about: Any, **more: Any) -> AsyncIterator[list[bytes]]:
        async for rows in selection(*about, **more):
            yield rows
            await conn.execute('UPDATE panhuo.asset SET flat = replace(flat, \'"name":"\', \'"name":"later \')')

    monkeypatch.setattr(downloads.features, "selection", interrupted)
    for form in FORMS:
        table = pyogrio.read_dataframe(await saved(client, tmp_path, "factory", form))
        assert len(table) > 20 and len(set(table["name"].str.count("later"))) == 1
    await conn.close()


async def test_headers_say_what_a_file_is_and_its_tag_whether_it_changed(
    client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    described = await read(client, "/collections/idle-factory")
    enclosures = {link["type"]: link["href"] for link in described["links"] if link["rel"] == "enclosure"}
    assert list(enclosures.values()) == [
        f"http://panhuo.test/ogc/collections/idle-factory/download?f={form}" for form in FORMS
    ]
    for media_type, href in enclosures.items():
        answer = await client.get(f"{href}&crs={epsg(4544)}")
        headers = answer.headers
        assert headers["content-type"] == media_type and headers["content-crs"] == f"<{epsg(4544)}>"
        ending = "zip" if href.endswith("shp") else href.rpartition("=")[2]
        assert headers["content-disposition"].startswith(f'attachment; filename="idle-factory.{ending}"')
        assert "filename*=UTF-8''%E5%8F%AF%E4%BE%9B%E5%8E%82%E6%88%BF-20" in headers["content-disposition"]
        assert '/ogc/collections/idle-factory>; rel="collection"' in headers["link"]
        assert '/ogc/collections/idle-factory/schema>; rel="describedby"' in headers["link"]
        assert headers["cache-control"] == "no-cache" and "Authorization" in headers["vary"]
        assert int(headers["ogc-numbermatched"]) > 0
        known = {"If-None-Match": headers["etag"]}
        assert (await client.get(f"{href}&crs={epsg(4544)}", headers=known)).status_code == 304
        for other in (f"{href}&crs={epsg(4523)}", f"{href}&crs={epsg(4544)}&titles=en"):
            assert (await client.get(other, headers=known)).status_code == 200
    document = (await client.get("/ogc/api")).json()
    operation = document["paths"]["/collections/idle-factory/download"]["get"]
    assert list(operation["responses"]["200"]["content"]) == list(enclosures)
    assert rels(described) >= {"items", "enclosure"}


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({}, "f"),
        ({"f": "xlsx"}, "f"),
        ({"f": "csv", "limit": "5"}, "limit"),
        ({"f": "csv", "cursor": "5"}, "cursor"),
        ({"f": "csv", "titles": "fr"}, "titles"),
        ({"f": "shp", "encoding": "big5"}, "encoding"),
        ({"f": "csv", "encoding": "gbk"}, "encoding"),
        ({"f": "gpkg", "crs": "EPSG:2000"}, "crs"),
        ({"f": "gpkg", "crs": epsg(4555)}, "crs"),
        ({"f": "gpkg", "bbox": "1,2,3"}, "bbox"),
        ({"f": "gpkg", "bbox-crs": "x"}, "bbox-crs"),
        ({"f": "gpkg", "datetime": "soon"}, "datetime"),
        ({"f": "gpkg", "filter": "area_m2 >"}, "filter"),
        ({"f": "gpkg", "filter-lang": "sql"}, "filter-lang"),
        ({"f": "gpkg", "properties": "id); DROP TABLE asset"}, "properties"),
        ({"f": "gpkg", "sortby": "password"}, "sortby"),
        ({"f": "gpkg", "level": "castle"}, "level"),
        ({"f": "gpkg", "nothing": "1"}, "nothing"),
        ({"f": "shp", "name": "x" * 20_000}, "name"),
    ],
)
async def test_a_wrong_value_is_refused_by_its_name(
    client: httpx.AsyncClient, parameters: dict[str, str], field: str
) -> None:
    answer = await client.get("/ogc/collections/factory/download", params=parameters)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [error["field"] for error in answer.json()["errors"]]


async def test_there_is_no_file_of_no_collection(client: httpx.AsyncClient) -> None:
    assert (await client.get("/ogc/collections/castle/download", params={"f": "csv"})).status_code == 404


async def test_more_files_at_once_than_are_written_come_later(client: httpx.AsyncClient) -> None:
    path = "/ogc/collections/factory/download?f=gpkg"
    answers = await asyncio.gather(*(client.get(path) for _ in range(FILES_AT_ONCE + 2)))

    assert sorted(answer.status_code for answer in answers) == [200] * FILES_AT_ONCE + [503] * 2
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert int(refused.headers["retry-after"]) > 0 and refused.json()["errors"][0]["code"] == "busy"
    assert "content-disposition" not in refused.headers
    assert (await client.get(path)).status_code == 200


async def test_a_file_that_grows_too_large_or_takes_too_long_is_refused(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limits, status, code in (
        ({"file_bytes": 10_000}, 400, "download_too_large"),
        ({"answer_bytes": 40_000}, 400, "download_too_large"),
        ({"wall_s": 0.05}, 503, "download_too_slow"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(downloads, "LIMITS", replace(downloads.LIMITS, **limits))
            answer = await client.get("/ogc/collections/factory/download?f=shp")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


async def test_a_caller_who_hangs_up_ends_the_process(
    app: Litestar, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing of it is left: no process, no folder, no place taken."""
    monkeypatch.setattr(downloads, "START", "import time; time.sleep(600)")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    children: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def started(*arguments: Any, **more: Any) -> asyncio.subprocess.Process:
        children.append(await start(*arguments, **more))
        return children[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", started)
    scope = {"type": "http", "method": "GET", "path": "/ogc/collections/factory/download", "raw_path": b"",
             "query_string": b"f=shp", "headers": [(b"host", b"panhuo.test")], "http_version": "1.1", "scheme": "http",
             "client": ("10.0.0.9", 1), "server": ("panhuo.test", 80), "root_path": ""}  # fmt: skip
    messages: list[Any] = []

    async def receive() -> dict[str, str]:
        while not children:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
        assert children[0].returncode is None and len(list(tmp_path.iterdir())) == 1
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        messages.append(message)

    await asyncio.wait_for(app(scope, receive, send), 20)  # type: ignore[arg-type]

    assert messages == []
    assert children[0].returncode == -9
    assert list(tmp_path.iterdir()) == []
    assert not app.state.application_state.file_writing.locked()


def test_a_flatgeobuf_holds_every_shape_and_gaps(tmp_path: Path) -> None:
    columns = [FlatColumn("id", "id", "编号"), *map(FlatColumn, ("n", "is", "on"), ("number", "flag", "day"))]
    hole = [(105.5, 29.2), (105.6, 29.2), (105.6, 29.3), (105.5, 29.2)]
    shapes = [
        shapely.MultiPolygon([shapely.Polygon([(105, 29), (106, 29), (106, 30), (105, 29)], [hole])]),
        shapely.MultiPolygon([shapely.box(107, 29, 108, 30), shapely.box(0, 0, 1, 1), shapely.box(-180, -1, -179, 0)]),
    ]
    rows: Sequence[Sequence[Any]] = [("甲", 0, False, "2025-06-30"), (None, None, None, None)]
    path = tmp_path / "shapes.fgb"
    for count in (0, 2):
        parts = [feature(columns, row, shapely.to_wkb(shape)) for row, shape in zip(rows, shapes, strict=True)]
        path.write_bytes(head("shapes", columns, "outline", srid=4490, count=count) + b"".join(parts))
        table = geopandas.read_file(path)
        assert [shape.equals(there) for shape, there in zip(shapes, table.geometry, strict=True)] == [True, True]
        assert table.crs.to_epsg() == 4490 and list(table["id"].fillna("")) == ["甲", ""]
        assert table["n"][0] == 0 and table["is"][0] == 0 and str(table["on"][0])[:10] == "2025-06-30"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo is not here: apt-get install gdal-bin")
@pytest.mark.parametrize("form", FORMS)
async def test_the_gdal_of_debian_reads_the_same(client: httpx.AsyncClient, tmp_path: Path, form: str) -> None:
    for collection in ("factory", "land-points", "revitalizations-unplaced", "parks"):
        path = await saved(client, tmp_path, collection, form, crs=epsg(4544), titles="zh")
        done = await asyncio.to_thread(
            subprocess.run, ["ogrinfo", "-so", "-al", str(path)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 and done.stderr == "", done.stderr
        n = (await read(client, f"/collections/{collection}/items"))["numberMatched"]
        if form != "fgb":
            assert f"Feature Count: {n}" in done.stdout, done.stdout
        if form == "gpkg" and collection == "factory":
            assert "domain name=fire_hazard_class_words" in done.stdout


#: Units like one that is published.
UNITS = """
INSERT INTO panhuo.asset (park_id, id, root_id, level, kind, code, name, geom, lon_e7, lat_e7, measured_area_m2,
  allowed_paths, listing, availability, search, spelling, recorded_at, changed_at, feature, flat)
SELECT a.park_id, u.id, u.id, a.level, a.kind, 'U-' || n, a.name, a.geom, a.lon_e7, a.lat_e7, a.measured_area_m2,
  a.allowed_paths, a.listing, a.availability, a.search, a.spelling, a.recorded_at, a.changed_at,
  replace(a.feature, a.id::text, u.id::text), replace(a.flat, a.id::text, u.id::text)
FROM (SELECT * FROM panhuo.asset WHERE listing = 'published' AND root_id = id AND kind = 'factory' AND geom IS NOT NULL
    ORDER BY id LIMIT 1) AS a,
  generate_series(1, $1::integer) AS n, LATERAL (SELECT md5('u' || n)::uuid AS id) AS u"""


@pytest.mark.slow
async def test_many_units_grow_neither_the_server_nor_the_process_that_writes(dazu: Dazu, tmp_path: Path) -> None:
    """What a file takes does not depend on how many features it has; the server's share is a portion of rows."""
    n = int(os.environ.get("PANHUO_TEST_UNITS", "20000"))
    conn = await asyncpg.connect(dazu.superuser_url)
    await conn.execute(UNITS, n)
    await conn.execute(  # an act would have counted them
        "UPDATE panhuo.counter SET n = n + $1 WHERE ctid = (SELECT min(ctid) FROM panhuo.counter "
        "WHERE collection = 'factory' AND is_public)", n)  # fmt: skip
    await conn.close()
    with serving(dazu.url) as (server, port):
        here = f"http://127.0.0.1:{port}/ogc/collections/factory/download"
        async with httpx.AsyncClient(timeout=600) as http:
            for form in FORMS:
                await http.get(f"{here}?f={form}&filter=1=2")  # what is loaded once
            before = memory_of(server.pid)
            for form in FORMS:
                begun, most, of_child = time.monotonic(), 0, 0
                reading = asyncio.create_task(_saved(http, f"{here}?f={form}", tmp_path / f"units.{form}"))
                while not reading.done():
                    await asyncio.wait([reading], timeout=0.05)
                    memory = memory_of(server.pid)
                    most, of_child = max(most, memory[0]), max(of_child, memory[1])
                size, number = await reading
                taken = time.monotonic() - begun
                print(f"{form} {n} {size >> 20} MB {taken:.1f} s, server +{most - before[0]} MB, process {of_child} MB")
                assert most - before[0] < 60 and of_child < 400 and number > n
                assert (of_child > 0) == (form in ("gpkg", "shp"))
            size, number = await _saved(http, f"{here}?f=fgb&sortby=-name", tmp_path / "sorted.fgb")
            assert number > n and size == (tmp_path / "units.fgb").stat().st_size
        assert len(pyogrio.read_dataframe(tmp_path / "units.fgb", columns=["id"], read_geometry=False)) > n
        assert pyogrio.read_info(tmp_path / "units.gpkg")["features"] > n


async def _saved(http: httpx.AsyncClient, address: str, path: Path) -> tuple[int, int]:
    """Bytes of a file, and how many features its head names."""
    with path.open("wb") as file:
        async with http.stream("GET", address) as answer:
            size = sum([file.write(chunk) async for chunk in answer.aiter_bytes()])
    return size, int(answer.headers["ogc-numbermatched"])


def memory_of(pid: int) -> tuple[int, int]:
    """Memory of a server's processes, and of those that they have write files, MB."""
    own = [pid, *_children(pid)]
    writing = [child for process in own[1:] for child in _children(process)]
    return sum(map(_resident_mb, own)), sum(map(_resident_mb, writing))


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text(encoding="ascii").split()]


def _resident_mb(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except OSError:  # it has ended
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20
