"""Real clients against a real server: the GDAL of the wheel, and where the system has them ogrinfo and OWSLib."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pyogrio
import pytest
from owslib.ogcapi.features import Features

from domain.collections import COLLECTIONS
from tests.conftest import Dazu
from tests.server import serving

pytestmark = pytest.mark.slow


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


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo is not here: apt-get install gdal-bin")
def test_the_gdal_of_debian_reads_the_same(address: str) -> None:
    for name in ("factory", "idle-land", "parks"):
        done = subprocess.run(
            ["ogrinfo", "-so", "-oo", "PAGE_SIZE=1000", f"OAPIF:{address}", name],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert "ERROR" not in done.stderr and "Warning" not in done.stderr, done.stderr
        assert f"Feature Count: {matched(address, name)}" in done.stdout, done.stdout
