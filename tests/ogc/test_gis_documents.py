"""What the documents for users of GIS say is what happens: the classes in the README, the lines in docs/gis."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.ogc.service import CLASSES, WRITING_CLASSES
from domain.collections import COLLECTIONS
from tests.conftest import Dazu
from tests.deploy.cite import SUITES
from tests.server import serving

ROOT = Path(__file__).resolve().parents[2]
GIS = ROOT / "docs" / "gis"
CLIENTS = ("qgis", "arcgis", "gdal", "geopandas", "maplibre", "owslib")


def blocks(name: str, language: str) -> list[str]:
    """The blocks of code of a document."""
    return re.findall(rf"```{language}\n(.*?)```", (GIS / f"{name}.md").read_text(encoding="utf-8"), re.S)


def test_the_readme_lists_every_class_that_is_claimed_and_no_other() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.split("<!-- standards -->")[1].split("<!-- /standards -->")[0]
    listed = set()
    for row in table.strip().splitlines()[2:]:
        standards, classes = (re.findall(r"`([^`]+)`", cell) for cell in row.strip("|").split("|"))
        listed |= {f"http://www.opengis.net/spec/{part}/conf/{name}" for part in standards for name in classes}

    assert listed == {*CLASSES, *WRITING_CLASSES}


def test_every_client_and_layer_has_its_place_in_the_documents() -> None:
    overview = (GIS / "README.md").read_text(encoding="utf-8")

    assert {file.stem for file in GIS.glob("*.md")} == {"README", *CLIENTS}
    assert all(f"({name}.md)" in overview for name in CLIENTS)
    layers = {name.removesuffix("-points").removesuffix("-unplaced") for name in COLLECTIONS}
    assert [name for name in layers if f"`{name}`" not in overview] == []


def test_every_test_that_the_official_suites_skip_is_explained() -> None:
    overview = (GIS / "README.md").read_text(encoding="utf-8")
    assert [test for suite in SUITES for test in suite.skips if f"`{test}`" not in overview] == []


@pytest.fixture
def address(dazu: Dazu) -> Iterator[str]:
    """A server in the place of the one that the documents name."""
    with serving(dazu.url) as (_, port):
        yield f"127.0.0.1:{port}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["geopandas", "owslib"])
def test_the_lines_in_python_run(address: str, dazu: Dazu, name: str) -> None:
    (code,) = blocks(name, "python")
    own = code.replace("127.0.0.1:8000", address).replace("KEY", dazu.key("demo-shuangqiao"))
    assert own != code
    if name == "geopandas":
        own += "assert 0 < len(floors) < len(factories) == len(download) <= len(drafts_too) and len(there) > 0\n"
        own += "assert metric.crs.to_epsg() == 4544\n"
    done = subprocess.run([sys.executable, "-c", own], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="no ogrinfo: apt-get install gdal-bin")
def test_the_lines_of_gdal_run(address: str, tmp_path: Path) -> None:
    (lines,) = blocks("gdal", "sh")
    outputs = []
    for line in lines.replace("127.0.0.1:8000", address).strip().splitlines():
        done = subprocess.run(
            shlex.split(line, comments=True), cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0 and "ERROR" not in done.stderr, done.stderr
        outputs.append(done.stdout)
    filtered = httpx.get(
        f"http://{address}/ogc/collections/factory/items",
        params={"filter": "level = 'floor' AND idle_since <= DATE('2024-01-01')", "limit": 1},
    )
    assert f"Feature Count: {filtered.json()['numberMatched']}" in outputs[2]


@pytest.mark.slow
def test_the_addresses_for_maplibre_answer(address: str) -> None:
    (page, source) = blocks("maplibre", "js")
    for url in re.findall(r'"(http://[^"]+)"', page + source):
        assert httpx.get(url.replace("127.0.0.1:8000", address)).status_code == 200, url
