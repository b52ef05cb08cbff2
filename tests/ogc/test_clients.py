"""Real clients against a real server: the GDAL of the wheel, and where the system has them ogrinfo and OWSLib."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyogrio
import pyproj
import pytest
from owslib.ogcapi.features import Features

from domain.collections import COLLECTIONS
from tests.conftest import Dazu
from tests.ogc.recorder import Recording, recording
from tests.ogc.test_features import CRS84
from tests.server import serving

pytestmark = pytest.mark.slow
needs_debian = pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="no ogrinfo: apt-get install gdal-bin")
#: What GDAL is asked for, and the same in CQL2.
WHERE = {
    "level = 'floor'": "level = 'floor'",
    "area_m2 > 3000": "area_m2 > 3000",
    "level = 'floor' AND area_m2 > 2500.5": "level = 'floor' AND area_m2 > 2500.5",
    "NOT (level = 'floor' OR storeys = 3)": "NOT (level = 'floor' OR storeys = 3)",
    "code LIKE 'SQ%'": "code LIKE 'SQ%'",
    "code ILIKE 'sq-f-0%'": "CASEI(code) LIKE CASEI('sq-f-0%')",
    "name <> 'a ILIKE ''x'''": "name <> 'a ILIKE ''x'''",
    "idle_since IS NULL": "idle_since IS NULL",
    "is_leaf = 1": "is_leaf = TRUE",
    "idle_since <= '2024-01-01'": "idle_since <= DATE('2024-01-01')",
    "idle_since >= '2024-01-01' AND idle_since <= '2024-12-31'": (
        "idle_since >= DATE('2024-01-01') AND idle_since <= DATE('2024-12-31')"
    ),
    "changed_at >= '0000/01/01 00:00:00'": "changed_at IS NOT NULL",
    "changed_at <= '9999/12/31 23:59:59'": "changed_at IS NOT NULL",
    "changed_at < '2020/01/01 10:00:00'": "changed_at < TIMESTAMP('2020-01-01T10:00:00Z')",
}
TYPES = {"number": "OFTReal", "integer": "OFTInteger", "flag": "OFTInteger", "day": "OFTDate", "instant": "OFTDateTime"}


@pytest.fixture
def address(dazu: Dazu) -> Iterator[str]:
    """`/ogc` of `panhuo serve` on the test's database."""
    with serving(dazu.url) as (_, port):
        yield f"http://127.0.0.1:{port}/ogc"


def matched(address: str, collection: str, **parameters: Any) -> int:
    answer = httpx.get(f"{address}/collections/{collection}/items", params={"limit": 1, **parameters})
    return int(answer.json()["numberMatched"])


def test_gdal_opens_every_collection_from_the_address_alone(address: str) -> None:
    layers = [name for name, _ in pyogrio.list_layers(f"OAPIF:{address}")]
    assert layers == list(COLLECTIONS)

    for name, collection in COLLECTIONS.items():
        info = pyogrio.read_info(f"OAPIF:{address}", layer=name)
        table = pyogrio.read_dataframe(f"OAPIF:{address}", layer=name)
        assert len(table) == matched(address, name), name
        if len(table):
            assert set(collection.properties) <= set(info["fields"])
            kinds = dict(zip(info["fields"], info["dtypes"], strict=True))
            for field in collection.properties.values():
                if field.type == "number" and table[field.name].notna().any():
                    assert kinds[field.name] == "float64", field.name
        if len(table) and collection.shape != "none":
            assert set(table.geom_type) == {collection.geometry_type}
            west, south, east, north = table.total_bounds
            assert 105 < west <= east < 107 and 29 < south <= north < 30


def test_gdal_filters_by_box_and_attribute(address: str) -> None:
    whole = pyogrio.read_dataframe(f"OAPIF:{address}", layer="factory")
    west, south, east, north = whole.total_bounds
    half = (west, south, (west + east) / 2, north)
    table = pyogrio.read_dataframe(f"OAPIF:{address}", layer="factory", bbox=half)
    assert 0 < len(table) == matched(address, "factory", bbox=",".join(map(str, half))) < len(whole)
    floors = pyogrio.read_dataframe(f"OAPIF:{address}", layer="factory", where="level = 'floor'")
    assert 0 < len(floors) == (whole["level"] == "floor").sum()


def test_owslib_reads_collections_queryables_and_items(address: str) -> None:
    service = Features(f"{address}/")
    assert service.feature_collections() == list(COLLECTIONS)
    assert "area_m2" in service.collection_queryables("factory")["properties"]
    page = service.collection_items("factory", limit=2, level="floor")
    assert page["numberReturned"] == 2 and page["numberMatched"] == matched(address, "factory", level="floor")
    assert service.collection_item("factory", page["features"][0]["id"])["id"] == page["features"][0]["id"]


@pytest.fixture
def served(dazu: Dazu, tmp_path: Path) -> Iterator[Recording]:
    with recording(dazu.url, tmp_path) as record:
        yield record


def ogrinfo(*arguments: str) -> str:
    """What ogrinfo of Debian says, without a word of warning."""
    done = subprocess.run(["ogrinfo", *arguments], capture_output=True, text=True, check=False, timeout=120)
    assert "ERROR" not in done.stderr and "Warning" not in done.stderr, done.stderr
    return done.stdout


def count_in(text: str) -> int:
    return int(re.findall(r"Feature Count: (\d+)", text)[0])


@needs_debian
def test_the_gdal_of_debian_reads_the_same(address: str) -> None:
    for name in ("factory", "idle-land", "parks", "land-unplaced"):
        text = ogrinfo("-so", "-oo", "PAGE_SIZE=1000", f"OAPIF:{address}", name)
        assert count_in(text) == matched(address, name)


def test_gdal_has_the_types_of_properties_also_of_a_layer_without_features(address: str) -> None:
    for name in ("factory", "land-unplaced", "factory-unplaced", "revitalizations"):
        info = pyogrio.read_info(f"OAPIF:{address}", layer=name)
        types = dict(zip(info["fields"], info["ogr_types"], strict=True))
        types.pop("id", None)
        fields = COLLECTIONS[name].properties
        assert types == {key: TYPES.get(field.type, "OFTString") for key, field in fields.items()}, name
    assert matched(address, "land-unplaced") == 0


def test_gdal_filters_on_the_server(served: Recording) -> None:
    for where, filter_ in WHERE.items():
        served.begin_anew()
        table = pyogrio.read_dataframe(f"OAPIF:{served.address}", layer="factory", where=where)
        pages = [page for page in served.pages("factory") if page["limit"] == "1000"]
        assert pages and all(page["filter-lang"] == "cql-text" for page in pages), where
        assert len(table) == matched(served.address, "factory", filter=filter_), where
        assert served.refused() == []


@needs_debian
def test_the_gdal_of_debian_filters_on_the_server(served: Recording) -> None:
    for where, filter_ in WHERE.items():
        served.begin_anew()
        text = ogrinfo("-so", "-oo", "PAGE_SIZE=1000", "-where", where, f"OAPIF:{served.address}", "factory")
        assert [page for page in served.pages("factory") if page.get("filter-lang") == "cql-text"], where
        assert count_in(text) == matched(served.address, "factory", filter=filter_), where
        assert served.refused() == []


def test_gdal_asks_for_a_system_and_puts_the_axes_right(served: Recording) -> None:
    known = pyogrio.read_dataframe(f"OAPIF:{served.address}", layer="factory-points").sort_values("id").geometry
    for code in (4326, 4490, 3857, 4544, 4523):
        served.begin_anew()
        table = pyogrio.read_dataframe(f"OAPIF:{served.address}", layer="factory-points", CRS=f"EPSG:{code}")

        uri = f"http://www.opengis.net/def/crs/EPSG/0/{code}"
        pages = served.pages("factory-points")
        # Of CRS84 and 4326 GDAL takes one for the other.
        same = {uri, CRS84} if code == 4326 else {uri}
        assert {page.get("crs") for page in pages if page["limit"] == "1000"} <= same
        turn = pyproj.Transformer.from_crs(4326, code, always_xy=True)
        for before, after in zip(known, table.sort_values("id").geometry, strict=True):
            near = 1e-6 if code in (4326, 4490) else 0.02
            assert (after.x, after.y) == pytest.approx(turn.transform(before.x, before.y), abs=near), code
        west, south, east, north = table.total_bounds
        pad = 1e-5 if code in (4326, 4490) else 1.0  # positions are rounded to a millimetre
        half = (west - pad, south - pad, (west + east) / 2, north + pad)
        boxed = pyogrio.read_dataframe(f"OAPIF:{served.address}", layer="factory-points", CRS=f"EPSG:{code}", bbox=half)
        assert 0 < len(boxed) == (table.geometry.x <= half[2]).sum() < len(table), code
        assert any("bbox" in page for page in served.pages("factory-points"))
        assert served.refused() == []


def test_a_key_comes_by_header_and_as_a_password(served: Recording, dazu: Dazu, tmp_path: Path) -> None:
    key = dazu.key("demo-shuangqiao")
    answer = httpx.get(f"{served.address}/collections/factory-points/items?limit=1", headers={"X-API-Key": key})
    source, drafts_too = f"OAPIF:{served.address}", answer.json()["numberMatched"]
    assert drafts_too > matched(served.address, "factory-points")

    by_password = pyogrio.read_dataframe(source, layer="factory-points", USERPWD=f"whoever:{key}")
    headers = tmp_path / "headers.txt"  # GDAL 3.12 reads this file here, and not GDAL_HTTP_HEADERS
    headers.write_text(f"X-API-Key: {key}\n")
    pyogrio.set_gdal_config_options({"GDAL_HTTP_HEADER_FILE": str(headers)})
    try:
        by_header = pyogrio.read_dataframe(source, layer="factory-points")
    finally:
        pyogrio.set_gdal_config_options({"GDAL_HTTP_HEADER_FILE": None})

    assert len(by_password) == len(by_header) == drafts_too
    if shutil.which("ogrinfo") is not None:
        rest = ("-so", "-oo", "PAGE_SIZE=1000", source, "factory-points")
        assert count_in(ogrinfo("-oo", f"USERPWD=any:{key}", *rest)) == drafts_too
        assert count_in(ogrinfo("--config", "GDAL_HTTP_HEADERS", f"X-API-Key: {key}", *rest)) == drafts_too


@needs_debian
def test_the_lines_to_copy_from_a_page_work(address: str, tmp_path: Path) -> None:
    page = httpx.get(f"{address}/collections/factory?f=html").text
    lines = [html.unescape(line) for line in re.findall(r"<code>([^<]*)</code></pre>", page)]
    subprocess.run(lines[1], shell=True, cwd=tmp_path, check=True, timeout=120)
    assert pyogrio.read_info(tmp_path / "factory.gpkg")["features"] == matched(address, "factory")
    code = f"import geopandas; print(len({lines[2]}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert int(done.stdout) == matched(address, "factory")
