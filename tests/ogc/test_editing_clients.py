"""Clients that edit, against a real server: OWSLib, and the requests that QGIS from 3.32 on makes.

Source: what the OAPIF provider of QGIS sends when a layer is opened and its edits are saved (OGC handbook §2.2).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from owslib.ogcapi.features import Features

from tests.api.story import box
from tests.conftest import Dazu
from tests.server import serving

pytestmark = pytest.mark.slow


@pytest.fixture
def address(dazu: Dazu) -> Iterator[str]:
    """`/ogc` of `panhuo serve` on the test's database."""
    with serving(dazu.url) as (_, port):
        yield f"http://127.0.0.1:{port}/ogc"


@pytest.fixture
def outline(address: str) -> dict[str, Any]:
    """A square in the park of the staff who write."""
    parks = httpx.get(f"{address}/collections/parks/items", params={"code": "shuangqiao"}).json()
    return box(parks["features"][0], 0)


def test_owslib_adds_replaces_and_removes_a_unit(address: str, dazu: Dazu, outline: dict[str, Any]) -> None:
    service = Features(f"{address}/", headers={"X-API-Key": dazu.key("demo-shuangqiao")})
    new = {"level": "plot", "code": "OWS-1", "name": "地块", "allowed_paths": "lease,sale", "far_max": 1.5}

    assert service.collection_item_create("land", {"type": "Feature", "geometry": outline, "properties": new})

    (feature,) = service.collection_items("land", code="OWS-1")["features"]
    properties = feature["properties"]
    assert {name: properties[name] for name in new} == new and properties["listing"] == "draft"
    assert service.response_headers["Cache-Control"] == "private, no-cache"
    feature["properties"] |= {"name": "另一块", "far_max": None, "parcel_no": "500111"}
    assert service.collection_item_update("land", feature["id"], json.dumps(feature))
    changed = service.collection_item("land", feature["id"])["properties"]
    assert (changed["name"], changed["far_max"], changed["parcel_no"]) == ("另一块", None, "500111")
    assert changed["allowed_paths"] == "lease,sale"
    assert service.collection_item_delete("land", feature["id"])
    assert service.collection_items("land", code="OWS-1")["features"] == []


@pytest.mark.parametrize("crs", [None, "http://www.opengis.net/def/crs/EPSG/0/4544"])
def test_qgis_opens_a_layer_for_editing_and_saves_it(
    address: str, dazu: Dazu, outline: dict[str, Any], crs: str | None
) -> None:
    """Opened: OPTIONS twice. Saved: POST, PATCH of attributes, PATCH of geometry, DELETE; never an If-Match."""
    auth, items = ("anyone", dazu.key("demo-shuangqiao")), f"{address}/collections/land/items"
    with httpx.Client(auth=auth) as qgis:
        system = {} if crs is None else {"Content-Crs": crs}
        read = {} if crs is None else {"crs": crs}
        assert "POST" in qgis.options(items).headers["allow"]
        first = qgis.get(items, params={"limit": 10, **read}).json()["features"][0]
        for feature_id in (first["id"], "unknown_id"):
            allowed = qgis.options(f"{items}/{feature_id}").headers["allow"].split(", ")
            assert {"PUT", "PATCH", "DELETE"} <= set(allowed)

        names = qgis.get(f"{address}/collections/land/schema").json()["properties"].keys() - {"id", "geometry"}
        filled = {"level": "plot", "code": "Q-1", "name": "地块", "far_max": 1.5, "is_levelled": True}
        body = {
            "type": "Feature",
            "geometry": _in(qgis, items, outline, crs),
            "properties": {**dict.fromkeys(names), **filled},
        }
        made = qgis.post(items, headers={"Content-Type": "application/geo+json", **system}, content=json.dumps(body))
        assert made.status_code == 201, made.text
        feature_id = made.headers["location"].rpartition("/items/")[2]
        shown = qgis.get(f"{items}/{feature_id}").json()
        assert {name: shown["properties"][name] for name in filled} == filled
        assert shown["geometry"]["coordinates"][0][0] == [pytest.approx(p, abs=1e-6) for p in outline["coordinates"][0]]

        merge = {"Content-Type": "application/merge-patch+json"}
        attributes = {"properties": {"name": "另一块", "far_max": None, "area_m2": shown["properties"]["area_m2"]}}
        answer = qgis.patch(f"{items}/{feature_id}", headers=merge, content=json.dumps(attributes))
        assert answer.status_code == 200, answer.text
        moved = qgis.get(f"{items}/{feature_id}", params=read).json()["geometry"]
        moved["coordinates"][0][0] = [[a + (10 if crs else 1e-4), b] for a, b in moved["coordinates"][0][0]]
        answer = qgis.patch(
            f"{items}/{feature_id}", headers={**merge, **system}, content=json.dumps({"geometry": moved})
        )
        assert answer.status_code == 200, answer.text

        for place, parameters in ((moved, read), (answer.json()["geometry"], {})):
            after = qgis.get(f"{items}/{feature_id}", params=parameters).json()
            assert (after["properties"]["name"], after["properties"]["far_max"]) == ("另一块", None)
            near = 0.02 if parameters else 1e-7
            for position, other in zip(after["geometry"]["coordinates"][0][0], place["coordinates"][0][0], strict=True):
                assert position == pytest.approx(other, abs=near)
        rest = qgis.get(f"{address[:-4]}/api/v1/assets/{feature_id}", headers={"X-API-Key": auth[1]}, auth=None)
        assert rest.json()["geometry"] == answer.json()["geometry"]
        assert rest.json()["properties"]["attributes"] == {"is_levelled": True}
        assert qgis.delete(f"{items}/{feature_id}").status_code == 204
        assert qgis.get(f"{items}/{feature_id}").status_code == 404


def test_a_stranger_hears_that_a_key_is_needed_whatever_is_sent(address: str) -> None:
    with httpx.Client() as stranger:
        for content in (b"", b"x" * 5_000_000):
            answer = stranger.post(f"{address}/collections/land/items", content=content)
            assert (answer.status_code, answer.headers["www-authenticate"][:5]) == (401, "Basic")
            refused = stranger.post(f"{address}/collections/parks/items", content=content)
            assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
            assert stranger.get(f"{address}/collections/land").status_code == 200


def _in(qgis: httpx.Client, items: str, outline: dict[str, Any], crs: str | None) -> dict[str, Any]:
    """The outline as the service gives it in a system: read of a unit that is there for a moment."""
    if crs is None:
        return outline
    body = {"type": "Feature", "geometry": outline, "properties": {"level": "plot", "code": "x", "name": "x"}}
    made = qgis.post(items, json=body)
    geometry: dict[str, Any] = qgis.get(made.headers["location"], params={"crs": crs}).json()["geometry"]
    assert qgis.delete(made.headers["location"]).status_code == 204
    return geometry
