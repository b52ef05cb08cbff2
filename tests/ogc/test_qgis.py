"""Styles and the project for QGIS: by themselves, and opened by QGIS where the system has it, against a real server."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from domain.collections import COLLECTIONS
from tests.conftest import Dazu
from tests.server import serving

#: The system's own Python: QGIS is made for no other.
PYTHON = "/usr/bin/python3"
LEGEND = {"available": "可用", "reserved": "已预留", "occupied": "使用中", "to_verify": "待核实"}


@cache
def has_qgis() -> bool:
    if not Path(PYTHON).exists():
        return False
    return subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False).returncode == 0


async def document(client: httpx.AsyncClient, path: str, **headers: str) -> ElementTree.Element:
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return ElementTree.fromstring(answer.content)


@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_a_style_has_the_words_and_headings_of_its_layer(client: httpx.AsyncClient, collection: str) -> None:
    described = (await client.get(f"/ogc/collections/{collection}")).json()
    (href,) = [link["href"] for link in described["links"] if link["type"] == "application/vnd.qgis.qml"]
    schema = (await client.get(f"/ogc/collections/{collection}/schema")).json()["properties"]

    style = await document(client, href)

    titles = {alias.get("field"): alias.get("name") for alias in style.iter("alias")}
    assert titles == {name: prop["title"] for name, prop in schema.items() if name not in ("id", "geometry")}
    words = {
        field.get("name"): [option.get("value") for option in field.iter("Option") if option.get("value") is not None]
        for field in style.iter("field")
    }
    assert words == {name: prop["enum"] for name, prop in schema.items() if "enum" in prop}
    shown = {c.get("value"): c.get("label") for c in style.iter("category") if c.get("value")}
    if collection in ("land", "factory-points"):
        assert shown == LEGEND
    assert {c.get("symbol") for c in style.iter("category")} <= {s.get("name") for s in style.iter("symbol")}


async def test_a_project_holds_every_layer_and_is_written_in_the_language_of_the_reader(
    client: httpx.AsyncClient,
) -> None:
    landing = (await client.get("/ogc")).json()
    (href,) = [link["href"] for link in landing["links"] if link["type"] == "application/x-qgis-project"]

    chinese = await document(client, href)
    english = await document(client, href, **{"Accept-Language": "en"})

    for project, name in ((chinese, "厂房"), (english, "Factories")):
        layers = {layer.findtext("id"): layer for layer in project.iter("maplayer")}
        assert layers.keys() == {f"panhuo-{name}" for name in COLLECTIONS}
        assert layers["panhuo-factory"].findtext("layername") == name
        for collection_id in COLLECTIONS:
            source = layers[f"panhuo-{collection_id}"].findtext("datasource") or ""
            assert f"typename='{collection_id}'" in source and "url='http://panhuo.test/ogc'" in source
    answer = await client.get(href)
    assert answer.headers["content-disposition"].startswith('attachment; filename="panhuo.qgs"')
    again = await client.get(href, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert (await client.get(href, params={"f": "json"})).status_code == 400
    assert (await client.get("/ogc/collections/castle/style.qml")).status_code == 404


@pytest.fixture
def address(dazu: Dazu) -> Iterator[str]:
    with serving(dazu.url) as (_, port):
        yield f"http://127.0.0.1:{port}/ogc"


@pytest.mark.slow
@pytest.mark.skipif(not has_qgis(), reason="QGIS is not here: apt-get install python3-qgis")
def test_qgis_opens_the_project_with_every_layer_and_its_legend(address: str, tmp_path: Path) -> None:
    project, picture = tmp_path / "panhuo.qgs", tmp_path / "map.png"
    project.write_bytes(httpx.get(f"{address}/project.qgs").content)

    opened = in_qgis(tmp_path, project, picture)

    assert opened["is_read"] and opened["crs"] == "EPSG:3857"
    layers = {name.removeprefix("panhuo-"): layer for name, layer in opened["layers"].items()}
    assert layers.keys() == COLLECTIONS.keys() and len(opened["tree"]) == len(COLLECTIONS)
    for name, collection in COLLECTIONS.items():
        shown = layers[name]
        page = httpx.get(f"{address}/collections/{name}/items", params={"limit": 1}).json()
        assert shown["is_valid"] and shown["features"] == page["numberMatched"], name
        assert shown["name"] == httpx.get(f"{address}/collections/{name}").json()["title"]
        if collection.thing == "asset" and collection.shape != "none":
            assert shown["legend"] == (["可用"] if collection.is_on_offer else list(LEGEND.values()))
            assert shown["of_first"] in ("#2a9d5c", "#e9a23b", "#8a94a0", "#a65fb5")
            assert shown["word"] in LEGEND.values()
        if shown["features"]:
            assert shown["aliases"].items() >= {("park_code", "园区代码")} or collection.thing == "park"
    box = opened["box"]
    assert 11_700_000 < box[0] < box[2] < 11_830_000 and 3_400_000 < box[1] < box[3] < 3_500_000
    assert picture.stat().st_size > 5_000


@pytest.mark.slow
@pytest.mark.skipif(not has_qgis(), reason="QGIS is not here: apt-get install python3-qgis")
def test_qgis_takes_the_style_of_a_layer(address: str, tmp_path: Path) -> None:
    """As a person loads it into a layer added by hand."""
    style = tmp_path / "factory.qml"
    style.write_bytes(httpx.get(f"{address}/collections/factory/style.qml").content)

    opened = in_qgis(tmp_path, style, "-", f"url='{address}' typename='factory'")

    assert opened["message"] == "" and opened["layer"]["legend"] == list(LEGEND.values())


def in_qgis(folder: Path, *words: Any) -> dict[str, Any]:
    own = folder / "own"
    own.mkdir(mode=0o700)
    environment = {"PATH": os.environ["PATH"], "HOME": str(own), "XDG_RUNTIME_DIR": str(own),
                   "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}  # fmt: skip
    command = [PYTHON, str(Path(__file__).parent / "in_qgis.py"), *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
