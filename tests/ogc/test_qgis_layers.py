"""QGIS of the system, without a window, against a real server: what it opens, counts, filters, and how it pages.

QGIS 3.22 takes fields from the first ten features, so that an empty layer has none, and asks the server by box and by
date alone; GDAL and newer QGIS read the schema (tests/ogc/test_clients.py).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.collections import COLLECTIONS
from tests.conftest import Dazu
from tests.ogc.recorder import Recording, recording
from tests.ogc.test_clients import matched
from tests.ogc.test_qgis import PYTHON, has_qgis

READER = Path(__file__).with_name("qgis_reader.py")
#: Field type of QGIS by type of a property.
FIELDS = {"flag": "Boolean", "number": "Real", "integer": "Integer"}


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_qgis(), reason="no QGIS: apt-get install python3-qgis qgis-providers"),
]


@pytest.fixture
def served(dazu: Dazu, tmp_path: Path) -> Iterator[Recording]:
    with recording(dazu.url, tmp_path) as record:
        yield record


def opened(served: Recording, home: Path, *layers: dict[str, Any]) -> list[dict[str, Any]]:
    """What QGIS finds in each layer."""
    runtime = home / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    own |= {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(runtime), "HOME": str(home), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [PYTHON, str(READER)], env=own, capture_output=True, text=True, check=False, timeout=300,
        input=json.dumps({"layers": [{"url": served.address, **layer} for layer in layers]}),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout[done.stdout.index("{") :])
    shown: list[dict[str, Any]] = answer["layers"]
    assert all(layer["is_valid"] for layer in shown), shown
    return shown


def test_qgis_opens_every_collection_from_the_landing_address(served: Recording, tmp_path: Path) -> None:
    layers = opened(served, tmp_path, *({"typename": name} for name in COLLECTIONS))

    assert served.refused() == []
    assert {"/ogc", "/ogc/api"} <= {exchange.path for exchange in served.exchanges}
    for (name, collection), layer in zip(COLLECTIONS.items(), layers, strict=True):
        features = httpx.get(f"{served.address}/collections/{name}/items", params={"limit": 10_000}).json()["features"]
        assert layer["counted"] == len(features) and layer["ids"] == sorted(f["id"] for f in features), name
        assert layer["geometry"] == (collection.geometry_type or "NoGeometry")
        if not features:
            continue
        assert set(layer["fields"]) == {"id", *collection.properties}
        for field in collection.properties.values():
            if any(f["properties"][field.name] is not None for f in features[:10]):
                assert layer["fields"][field.name] == FIELDS.get(field.type, layer["fields"][field.name]), field.name
        if collection.geometry_type is not None:
            x, y = layer["points"][0]
            assert 105 < x < 107 and 29 < y < 30, "longitude comes first in QGIS"
    assert len([layer for layer in layers if layer["ids"]]) >= 10


def test_qgis_asks_the_server_for_boxes_and_dates(served: Recording, tmp_path: Path) -> None:
    """Years that no calendar has are no fault."""
    box = [105.7, 29.4, 105.8, 29.6]
    layers = opened(
        served,
        tmp_path,
        {"typename": "factory", "box": box},
        {"typename": "factory", "subset": "\"changed_at\" >= '2020-01-01T00:00:00Z'"},
        {"typename": "factory", "subset": "\"changed_at\" <= '2020-01-01T00:00:00Z'"},
        {"typename": "revitalizations", "subset": "\"revived_on\" >= '2025-01-01' and \"revived_on\" <= '2025-06-30'"},
        {"typename": "factory", "subset": '"level" = \'floor\' and "area_m2" > 3000'},
        {"typename": "factory", "subset": "\"idle_since\" <= to_date('2024-01-01')"},
    )

    assert served.refused() == []
    pages = served.pages("factory")
    assert any(round(float(page["bbox"].split(",")[0]), 6) == 105.7 for page in pages if "bbox" in page)
    assert {page["datetime"] for page in pages if "datetime" in page} == {
        "2020-01-01T00:00:00Z/9999-12-31T00:00:00Z", "0000-01-01T00:00:00Z/2020-01-01T00:00:00Z",
    }  # fmt: skip
    assert {page["datetime"] for page in served.pages("revitalizations") if "datetime" in page} == {
        "2025-01-01/2025-06-30"
    }
    counts = [len(layer["ids"]) for layer in layers]
    assert counts == [
        matched(served.address, "factory", bbox=",".join(map(str, box))),
        matched(served.address, "factory"),
        0,
        matched(served.address, "revitalizations", datetime="2025-01-01/2025-06-30"),
        matched(served.address, "factory", filter="level = 'floor' AND area_m2 > 3000"),
        matched(served.address, "factory", filter="idle_since <= DATE('2024-01-01')"),
    ]
    assert 0 < counts[0] < counts[1] and counts[3] > 0 and counts[4] > 0 and counts[5] > 0


def test_qgis_reads_pages_of_a_thousand_with_a_key_as_password(served: Recording, dazu: Dazu, tmp_path: Path) -> None:
    """1100 drafts, which nobody sees without the key; the user name says nothing."""
    address, key = served.address.removesuffix("/ogc"), dazu.key("demo-shuangqiao")
    park = next(park for park in httpx.get(f"{address}/api/v1/parks").json()["features"]
                if park["properties"]["code"] == "shuangqiao")  # fmt: skip
    units = [
        {"geometry": None, "properties": {"level": "building", "code": f"Q-{n}", "name": f"Q-{n}",
                                          "stated_area": 900, "stated_area_unit": "m2"}}
        for n in range(1100)
    ]  # fmt: skip
    for part in (units[:600], units[600:]):
        made = httpx.post(
            f"{address}/api/v1/assets/changes", timeout=120, headers={"X-API-Key": key, "If-Match": "*"},
            json={"park_id": park["id"], "act": "amend", "new_units": part},
        )  # fmt: skip
        assert made.status_code == 200, made.text
    public = matched(served.address, "factory-unplaced")
    served.begin_anew()

    layer = opened(
        served, tmp_path, {"typename": "factory-unplaced", "user": "whoever", "password": key}
    )[0]  # fmt: skip

    assert served.refused() == []
    assert layer["counted"] == len(layer["ids"]) == public + 1100
    walk = [page for page in served.pages("factory-unplaced") if page.get("limit") == "1000"]
    assert len([page for page in walk if "cursor" not in page]) >= 1
    assert len({page["cursor"] for page in walk if "cursor" in page}) == 1
