"""Units written by GIS clients under /ogc: what they send, what they are answered, what the register holds afterwards.

Source: OGC API Features part 4; issue 20 §3.
"""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import httpx
import pytest

from domain.collections import COLLECTIONS
from geo.reference_systems import CRS84
from tests.api.story import Headers, box
from tests.conftest import Dazu

Feature = dict[str, Any]
ITEMS = "/ogc/collections/{}/items"
PATCH_TYPE = {"Content-Type": "application/merge-patch+json"}
GEOJSON = {"Content-Type": "application/geo+json"}
WRITTEN = [name for name, collection in COLLECTIONS.items() if collection.is_written]
AREA = {"stated_area": 2000, "stated_area_unit": "m2"}


@pytest.fixture
async def park(client: httpx.AsyncClient) -> Feature:
    """The park 双桥经开区."""
    parks = (await client.get("/api/v1/parks")).json()["features"]
    return next(park for park in parks if park["properties"]["code"] == "shuangqiao")


@pytest.fixture
def staff(keys: dict[str, Headers]) -> Headers:
    return keys["demo-shuangqiao"]


def new(geometry: Any, code: str = "G-1", **properties: Any) -> Feature:
    facts = {"level": "building", "code": code, "name": code, **properties}
    return {"type": "Feature", "geometry": geometry, "properties": facts}


def point(outline: dict[str, Any]) -> dict[str, Any]:
    """A point in an outline."""
    ring = outline["coordinates"][0][:-1]
    lon, lat = (round(sum(position[axis] for position in ring) / len(ring), 7) for axis in (0, 1))
    return {"type": "Point", "coordinates": [lon, lat]}


async def add(client: httpx.AsyncClient, staff: Headers, body: Feature, collection: str = "factory") -> httpx.Response:
    return await client.post(ITEMS.format(collection), headers={**staff, **GEOJSON}, json=body)


async def added(client: httpx.AsyncClient, staff: Headers, body: Feature, collection: str = "factory") -> str:
    """The address of a new feature."""
    answer = await add(client, staff, body, collection)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def read(client: httpx.AsyncClient, address: str, staff: Headers, **parameters: Any) -> Feature:
    answer = await client.get(address, headers=staff, params=parameters)
    assert answer.status_code == 200, answer.text
    feature: Feature = answer.json()
    return feature


def faults(answer: httpx.Response) -> tuple[int, list[tuple[str, str]]]:
    return answer.status_code, [(fault["field"], fault["code"]) for fault in answer.json()["errors"]]


async def events(dazu: Dazu) -> int:
    conn = await asyncpg.connect(dazu.superuser_url)
    n: int = await conn.fetchval("SELECT count(*) FROM panhuo.event")
    await conn.close()
    return n


async def test_a_new_feature_is_a_draft_that_its_maker_alone_reads(
    client: httpx.AsyncClient, staff: Headers, keys: dict[str, Headers], park: Feature
) -> None:
    answer = await add(client, staff, new(box(park, 0), allowed_paths="lease,sale", address="双龙东路 1 号"))

    assert answer.status_code == 201, answer.text
    address, feature = answer.headers["location"], answer.json()
    assert address == f"http://panhuo.test/ogc/collections/factory/items/{feature['id']}"
    assert answer.headers["content-crs"] == f"<{CRS84.uri}>" and answer.headers["cache-control"] == "no-store"
    properties = feature["properties"]
    assert (properties["listing"], properties["park_code"], properties["kind"]) == ("draft", "shuangqiao", "factory")
    assert (properties["allowed_paths"], properties["address"]) == ("lease,sale", "双龙东路 1 号")
    shown = await client.get(address, headers=staff)
    assert (shown.status_code, shown.json(), shown.headers["etag"]) == (200, feature, answer.headers["etag"])
    assert shown.headers["cache-control"] == "private, no-cache"
    page = await client.get(ITEMS.format("factory"), headers=staff, params={"code": "G-1"})
    assert [f["id"] for f in page.json()["features"]] == [feature["id"]]
    assert page.headers["cache-control"] == "private, no-cache"
    rest = await client.get(f"/api/v1/assets/{feature['id']}", headers=staff)
    assert rest.json()["geometry"] == feature["geometry"]
    assert rest.json()["properties"]["attributes"] == {"address": "双龙东路 1 号"}
    for other in ({}, keys["demo-dazu-gaoxin"], keys["demo-zhiding"]):
        assert (await client.get(address, headers=other)).status_code == 404
        page = await client.get(ITEMS.format("factory"), headers=other, params={"code": "G-1"})
        assert page.json()["features"] == []
    assert (await client.get(ITEMS.format("factory"))).headers["cache-control"] == "no-cache"


async def test_publishing_stays_with_the_register_and_deleting_withdraws(
    client: httpx.AsyncClient, staff: Headers, park: Feature
) -> None:
    address = await added(client, staff, new(box(park, 0), allowed_paths="lease"))
    draft = await read(client, address, staff)
    listed = await client.patch(address, headers={**staff, **PATCH_TYPE}, json={"properties": {"listing": "published"}})
    assert faults(listed) == (422, [("properties.listing", "read_only")])
    published = await client.post(f"/api/v1/assets/{draft['id']}/publish", headers={**staff, "If-Match": "*"})
    assert published.status_code == 200
    assert (await client.get(address)).status_code == 200

    gone = await client.delete(address, headers=staff)

    assert (gone.status_code, gone.content) == (204, b"")
    assert (await client.get(address)).status_code == 404
    assert (await read(client, address, staff))["properties"]["listing"] == "withdrawn"
    assert faults(await client.delete(address, headers=staff)) == (409, [("properties.listing", "already_so")])
    other = await added(client, staff, new(box(park, 1), "G-2"))
    assert (await client.delete(other, headers={**staff, "If-Match": '"9"'})).status_code == 412
    for _ in range(2):
        again = await client.delete(other, headers={**staff, "Idempotency-Key": "gone"})
        assert (again.status_code, again.content) == (204, b"")
    assert (await client.get(other, headers=staff)).status_code == 404
    assert (await client.get(f"/api/v1/assets/{other.rpartition('/')[2]}", headers=staff)).status_code == 404
    assert (await client.delete(other, headers=staff)).status_code == 404


#: A value of each type that nobody has stated yet.
VALUES: dict[str, Any] = {
    "number": 3, "integer": 3, "flag": True, "day": "2024-03-02", "text": "文字", "codes": "33,34", "names": "name",
    "objects": json.dumps([{"rule": "H4", "up_to": 9, "cost_yuan": 1000.5, "days": 3, "source": "甲", "payer": "乙"}]),
}  # fmt: skip
#: Values that only go with another, and what rules beside the table of fields ask for.
SPECIAL: dict[str, dict[str, Any]] = {
    "stated_area": AREA,
    "stated_area_unit": {"stated_area": 2, "stated_area_unit": "mu"},
    "planned_use_system": {"planned_use_system": "GB50137", "planned_use_code": "M1"},
    "stated_idle_since": {"stated_idle_since": "2024-03-02", "idle_basis": "legal_idle"},
    "stated_idle_since_precision": {
        "stated_idle_since": "2024-03-02", "stated_idle_since_precision": "month", "idle_basis": "legal_idle",
    },
    "completed_on_precision": {"completed_on": "2024-03-02", "completed_on_precision": "month"},
}  # fmt: skip


async def places(client: httpx.AsyncClient, staff: Headers, park: Feature) -> dict[str, dict[str, Any]]:
    """A zone and a plot around the first box, as values of the properties that name them."""
    facts = {"code": "zone", "name_zh": "区"}
    body = {"type": "Feature", "geometry": box(park, 0, part=1.5), "properties": facts}
    zone = await client.post(f"/api/v1/parks/{park['id']}/zones", headers=staff, json=body)
    plot = await added(client, staff, new(box(park, 0, part=1.5), "PLOT", level="plot"), "land")
    return {"zone_id": {"zone_id": zone.json()["id"]}, "plot_id": {"plot_id": plot.rpartition("/")[2]}}


def some_values(collection: str, name: str) -> dict[str, Any]:
    """A value of a property, and of those it goes with."""
    field = COLLECTIONS[collection].properties[name]
    words = [str(word) for word in field.words]
    value = {"word": words[:1], "words": [",".join(words[:2])]}.get(field.type, [VALUES.get(field.type)])[0]
    return SPECIAL.get(name, {name: value})


def meaning(collection: str, name: str, value: Any) -> Any:
    """A property, records as what their text says."""
    return json.loads(value) if COLLECTIONS[collection].properties[name].type == "objects" else value


@pytest.mark.parametrize("kind", ["land", "factory"])
async def test_every_property_that_can_be_written_comes_back_as_it_was_sent_and_null_unsets_it(
    client: httpx.AsyncClient, staff: Headers, park: Feature, kind: str
) -> None:
    near = await places(client, staff, park)
    level = "plot" if kind == "land" else "building"
    address = await added(client, staff, new(box(park, 0, part=0.9), level=level, **AREA), kind)
    properties = COLLECTIONS[kind].properties
    names = [name for name, field in properties.items() if field.entry == "any"]
    assert len(names) > 60
    for name in names:
        if name == "plot_id" and kind == "land":
            continue
        sent = near.get(name) or some_values(kind, name)

        answer = await client.patch(address, headers={**staff, **PATCH_TYPE}, json={"properties": sent})

        assert answer.status_code == 200, (name, answer.text)
        shown = await read(client, address, staff)
        assert answer.json() == shown
        for key, value in sent.items():
            assert meaning(kind, key, shown["properties"][key]) == meaning(kind, key, value), name
    before = await read(client, address, staff)
    needed = {"code", "name", "stated_area", "stated_area_unit", "idle_basis"}
    for name in names:
        answer = await client.patch(address, headers={**staff, **PATCH_TYPE}, json={"properties": {name: None}})
        if name in needed:
            assert answer.status_code == 422 and faults(answer)[1][0][0].startswith("properties."), (name, answer.text)
        else:
            assert answer.status_code == 200, (name, answer.text)
            assert (answer.json()["properties"][name] or None) in (None, "[]"), name
    after = await read(client, address, staff)
    assert {name: after["properties"][name] for name in ("code", "name")} == {
        name: before["properties"][name] for name in ("code", "name")
    }
    assert {key: value for key, value in after["properties"].items() if properties[key].entry == "once"} == {
        key: value for key, value in before["properties"].items() if properties[key].entry == "once"
    }
