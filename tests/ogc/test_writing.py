"""Units written by GIS clients under /ogc: what they send, what they are answered, what the register holds afterwards.

Source: OGC API Features part 4; issue 20 §3.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar
from openapi_spec_validator import validate

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


async def test_a_patch_touches_what_it_sends_and_nothing_else(
    client: httpx.AsyncClient, staff: Headers, park: Feature
) -> None:
    properties = {"lowest_rent_yuan_m2_month": 7, "mortgage": "none", "attributes": {"address": "路", "dock_doors": 2}}
    body = new(box(park, 0), rent_yuan_m2_month=9, allowed_paths=["lease"])
    body["properties"] |= {"park_id": park["id"], **properties}
    made = await client.post("/api/v1/assets", headers=staff, json=body)
    assert made.status_code == 201, made.text
    before = made.json()
    address = ITEMS.format("factory") + f"/{before['id']}"

    for sent in ({"properties": {"dock_doors": 5}}, {"properties": {"rent_yuan_m2_month": None}}):
        answer = await client.patch(address, headers={**staff, **PATCH_TYPE}, json=sent)
        assert answer.status_code == 200, answer.text

    after = (await client.get(f"/api/v1/assets/{before['id']}", headers=staff)).json()
    changed = {name for name, value in after["properties"].items() if value != before["properties"][name]}
    assert changed == {"attributes", "rent_yuan_m2_month", "revision", "recorded_at"}
    assert after["properties"]["attributes"] == {"address": "路", "dock_doors": 5}
    assert after["staff"]["lowest_rent_yuan_m2_month"] == 7 and after["staff"]["mortgage"] == "none"
    assert after["geometry"] == before["geometry"]


@pytest.mark.parametrize("collection", ["land", "land-points", "factory", "factory-points", "factory-unplaced"])
async def test_a_whole_feature_sent_back_as_it_was_read_changes_nothing(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: Feature, collection: str
) -> None:
    if collection == "factory-unplaced":
        await added(client, staff, new(None, **AREA), collection)
    page = await read(client, ITEMS.format(collection), staff, park_code="shuangqiao")
    assert page["features"]
    n = await events(dazu)
    for feature in page["features"]:
        address = ITEMS.format(collection) + f"/{feature['id']}"
        whole = await read(client, address, staff)
        clipped = {**feature["properties"], "changed_at": feature["properties"]["changed_at"][:23]}
        for body, method in ((whole, "PUT"), (whole, "PATCH"), ({**feature, "properties": clipped}, "PUT")):
            answer = await client.request(method, address, headers={**staff, **GEOJSON}, json=body)
            assert answer.status_code == 200, answer.text
            assert answer.json() == whole
    assert await events(dazu) == n


async def test_a_whole_feature_takes_the_place_of_what_can_be_written(
    client: httpx.AsyncClient, staff: Headers, park: Feature
) -> None:
    body = new(box(park, 0), rent_yuan_m2_month=9, allowed_paths="lease", address="路", illustrative="code")
    address = await added(client, staff, body)
    asset_id = address.rpartition("/")[2]
    secret = await client.patch(
        f"/api/v1/assets/{asset_id}",
        headers={**staff, **PATCH_TYPE, "If-Match": "*"},
        json={"properties": {"lowest_rent_yuan_m2_month": 7}},
    )
    assert secret.status_code == 200
    before = await read(client, address, staff)

    answer = await client.put(
        address,
        headers={**staff, **GEOJSON},
        json={
            "type": "Feature", "id": asset_id, "geometry": box(park, 1), "properties": {"code": "G-9", "name": "九"},
        },
    )  # fmt: skip

    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert after == await read(client, address, staff)
    written = {name for name, field in COLLECTIONS["factory"].properties.items() if field.entry == "any"}
    stated = {name for name in written if after["properties"][name] not in (None, "", "[]")}
    assert stated == {"code", "name"} and after["properties"]["code"] == "G-9"
    assert after["properties"]["level"] == "building" and after["geometry"] != before["geometry"]
    rest = (await client.get(f"/api/v1/assets/{asset_id}", headers=staff)).json()
    assert rest["staff"]["lowest_rent_yuan_m2_month"] == 7
    for left_out, fault in (("geometry", "geometry"), ("code", "properties.code"), ("name", "properties.name")):
        body = {"type": "Feature", "geometry": box(park, 1), "properties": {"code": "G-9", "name": "九"}}
        (body if left_out == "geometry" else body["properties"]).pop(left_out)
        answer = await client.put(address, headers={**staff, **GEOJSON}, json=body)
        assert faults(answer) == (422, [(fault, "missing")])


async def test_what_a_unit_has_from_its_whole_stays_that(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: Feature
) -> None:
    building = await added(client, staff, new(box(park, 0), rent_yuan_m2_month=9, illustrative="name"))
    facts = {"level": "floor", "floor_no": 1, "parent_id": building.rpartition("/")[2]}
    floor = await added(client, staff, new(box(park, 0), "G-1-1", **facts))
    whole = await read(client, floor, staff)
    assert (whole["properties"]["rent_yuan_m2_month"], whole["properties"]["inherited"]) == (9, "rent_yuan_m2_month")
    n = await events(dazu)

    same = await client.put(floor, headers={**staff, **GEOJSON}, json=whole)
    assert same.status_code == 200 and await events(dazu) == n
    renamed = {**whole, "properties": {**whole["properties"], "name": "一层"}}
    answer = await client.put(floor, headers={**staff, **GEOJSON}, json=renamed)
    assert answer.status_code == 200, answer.text

    assert answer.json()["properties"]["inherited"] == "rent_yuan_m2_month"
    await client.patch(building, headers={**staff, **PATCH_TYPE}, json={"properties": {"rent_yuan_m2_month": 8}})
    assert (await read(client, floor, staff))["properties"]["rent_yuan_m2_month"] == 8


@pytest.mark.parametrize("kind", ["land", "factory"])
async def test_what_nobody_writes_is_ignored_as_it_is_and_refused_as_another(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: Feature, kind: str
) -> None:
    level = "plot" if kind == "land" else "building"
    address = await added(client, staff, new(box(park, 0), level=level), kind)
    shown = await read(client, address, staff)
    n = await events(dazu)
    others = {"number": 1, "integer": 99, "flag": False, "day": "1999-01-01", "instant": "1999-01-01T00:00:00Z"}
    names = [name for name, field in COLLECTIONS[kind].properties.items() if field.entry != "any"]
    assert len(names) > 15
    for name in names:
        field = COLLECTIONS[kind].properties[name]
        same = await client.patch(
            address, headers={**staff, **PATCH_TYPE}, json={"properties": {name: shown["properties"][name]}}
        )
        assert same.status_code == 200, (name, same.text)
        for body in (
            {"properties": {name: others.get(field.type, "x")}},
            {"properties": {name: others.get(field.type, "x"), "name": "n"}},
        ):
            answer = await client.patch(address, headers={**staff, **PATCH_TYPE}, json=body)
            code = "stated_once" if field.entry == "once" else "read_only"
            assert faults(answer) == (422, [(f"properties.{name}", code)])
    assert await events(dazu) == n and await read(client, address, staff) == shown


async def test_the_id_is_that_of_the_address(client: httpx.AsyncClient, staff: Headers, park: Feature) -> None:
    address = await added(client, staff, {**new(box(park, 0), id="5"), "id": 5})
    asset_id = address.rpartition("/")[2]
    for body in ({"id": asset_id}, {"properties": {"id": asset_id}}, {}, {"id": None}):
        answer = await client.patch(address, headers={**staff, **PATCH_TYPE}, json=body)
        assert answer.status_code == 200, answer.text
    for body in ({"id": 5}, {"properties": {"id": "5"}}):
        answer = await client.patch(address, headers={**staff, **PATCH_TYPE}, json=body)
        assert faults(answer) == (422, [("id", "other_id")])


async def test_a_unit_is_put_where_its_place_says(client: httpx.AsyncClient, staff: Headers, park: Feature) -> None:
    """Without geometry among those without place, wherever it is sent; an outline moves it, and the answer says so."""
    root = "http://panhuo.test/ogc/collections"
    answer = await add(client, staff, new(None, **AREA))
    asset_id = answer.json()["id"]
    address = f"{root}/factory-unplaced/items/{asset_id}"
    assert (answer.status_code, answer.headers["location"]) == (201, address), answer.text
    assert answer.json()["links"][0]["href"] == address
    assert (await client.get(f"{root}/factory/items/{asset_id}", headers=staff)).status_code == 404
    left_out = new(None, "G-2", **AREA)
    del left_out["geometry"]
    assert "/factory-unplaced/" in await added(client, staff, left_out, "factory-points")

    for geometry, collection in (
        (point(box(park, 0)), "factory-points"), (None, "factory-unplaced"), (box(park, 0), "factory"),
    ):  # fmt: skip
        moved = await client.patch(address, headers={**staff, **PATCH_TYPE}, json={"geometry": geometry})
        assert moved.status_code == 200, moved.text
        address = f"{root}/{collection}/items/{asset_id}"
        assert moved.headers["location"] == moved.headers["content-location"] == address
        assert moved.json()["links"][0]["href"] == address
        assert moved.json() == await read(client, address, staff)
    assert (await client.get(f"{root}/factory-unplaced/items/{asset_id}", headers=staff)).status_code == 404
    assert (await client.get(f"{root}/factory-points/items/{asset_id}", headers=staff)).status_code == 200
    unset = await client.patch(
        address,
        headers={**staff, **PATCH_TYPE},
        json={"geometry": None, "properties": {"stated_area": None, "stated_area_unit": None}},
    )
    assert faults(unset) == (422, [("properties.stated_area", "outline_or_area")])


async def test_the_point_of_an_outline_moves_with_that_alone(
    client: httpx.AsyncClient, staff: Headers, park: Feature
) -> None:
    address = await added(client, staff, new(box(park, 0)))
    at = address.replace("/factory/", "/factory-points/")
    shown = await read(client, at, staff)
    lon, lat = shown["geometry"]["coordinates"]
    for place in ([lon, lat], [round(lon, 6), round(lat, 6)]):
        body = {"geometry": {"type": "Point", "coordinates": place}, "properties": {"name": f"{place}"}}
        answer = await client.patch(at, headers={**staff, **PATCH_TYPE}, json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["geometry"] == shown["geometry"] and "location" not in answer.headers
    for geometry in ({"type": "Point", "coordinates": [lon + 0.0001, lat]}, None, {"type": "Point"}):
        answer = await client.patch(at, headers={**staff, **PATCH_TYPE}, json={"geometry": geometry})
        assert faults(answer) == (422, [("geometry", "point_of_outline")])
    assert (await read(client, address, staff))["geometry"]["type"] == "MultiPolygon"
    for collection, geometry in (("factory", point(box(park, 1))), ("factory-points", box(park, 1))):
        answer = await add(client, staff, new(geometry, "G-2", **AREA), collection)
        assert faults(answer) == (422, [("geometry.type", "geometry_type")])


async def test_bodies_come_in_every_system_that_features_are_given_in(
    client: httpx.AsyncClient, staff: Headers, park: Feature
) -> None:
    systems = (await client.get("/ogc/collections/factory")).json()["crs"]
    assert len(systems) > 5
    address = await added(client, staff, new(box(park, 0)))
    outline = await read(client, address, staff)
    ring = outline["geometry"]["coordinates"][0][0]
    for n, system in enumerate(systems):
        for header in (system, f"<{system}>"):
            headers = {**staff, "Content-Crs": header}
            in_system = await read(client, address, staff, crs=system)
            body = {"type": "Feature", "geometry": in_system["geometry"], "properties": {"code": f"S-{n}", "name": "n"}}
            same = await client.put(address, headers={**headers, **GEOJSON}, json=body)
            assert same.status_code == 200 and same.json()["geometry"] == outline["geometry"], same.text
            corners = in_system["geometry"]["coordinates"][0][0]
            moved = [[[[a + (100 if abs(a) > 400 else 0.001), b] for a, b in corners]]]
            body["geometry"] = {"type": "MultiPolygon", "coordinates": moved}
            answer = await client.put(address, headers={**headers, **GEOJSON}, json=body)
            assert answer.status_code == 200, answer.text
            back = await read(client, address, staff, crs=system)
            for sent, kept in zip(moved[0][0], back["geometry"]["coordinates"][0][0], strict=True):
                assert kept == pytest.approx(sent, abs=0.02 if abs(sent[0]) > 400 else 1e-7)
            body = {"geometry": outline["geometry"]}
            answer = await client.patch(address, headers={**staff, **PATCH_TYPE}, json=body)
            assert answer.json()["geometry"]["coordinates"][0][0] == ring
    for system in ("http://www.opengis.net/def/crs/EPSG/0/27700", "EPSG:9999", "", "x"):
        answer = await client.patch(
            address, headers={**staff, **PATCH_TYPE, "Content-Crs": system}, json={"geometry": outline["geometry"]}
        )
        assert faults(answer) == (400, [("Content-Crs", "crs_not_offered")])


async def test_a_new_unit_is_of_the_park_that_it_names_or_lies_in(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: Feature
) -> None:
    parks = (await client.get("/api/v1/parks")).json()["features"]
    other = next(
        p for p in parks if p["properties"]["code"] not in ("shuangqiao", None) and not p["properties"]["zone_of"]
    )
    admin = keys["demo-admin"]
    for n, (geometry, named, code) in enumerate(
        (
            (None, {"park_code": other["properties"]["code"]}, other["properties"]["code"]),
            (None, {"park_id": park["id"]}, "shuangqiao"),
            (box(park, 1), {}, "shuangqiao"),
            (box(other, 1), {}, other["properties"]["code"]),
            (box(park, 2), {"park_code": "shuangqiao", "park_id": park["id"]}, "shuangqiao"),
        )
    ):
        answer = await add(client, admin, new(geometry, f"P-{n}", **AREA, **named))
        assert answer.status_code == 201, answer.text
        assert answer.json()["properties"]["park_code"] == code
    far = {"type": "Point", "coordinates": [110.5, 30.5]}
    for collection, geometry, named, fault in (
        ("factory", None, {}, ("properties.park_code", "missing")),
        ("factory", None, {"park_code": "nowhere"}, ("properties.park_code", "unknown_reference")),
        ("factory", None, {"park_code": 5}, ("properties.park_code", "unknown_reference")),
        ("factory", None, {"park_code": "shuangqiao", "park_id": other["id"]},
         ("properties.park_code", "unknown_reference")),
        ("factory", None, {"park_id": "nowhere"}, ("properties.park_id", "wrong_type")),
        ("factory-points", far, {}, ("geometry", "outside_park")),
    ):  # fmt: skip
        answer = await add(client, admin, new(geometry, "P-9", **AREA, **named), collection)
        assert faults(answer) == (422, [fault]), named
    unknown = await add(client, admin, new(None, "P-9", **AREA, park_id="00000000-0000-0000-0000-000000000000"))
    assert faults(unknown) == (404, [("properties.park_id", "no_such_park")])
    foreign = await add(client, keys["demo-shuangqiao"], new(box(other, 3), "P-9", park_id=other["id"]))
    assert foreign.status_code == 403
    outside = await add(client, keys["demo-shuangqiao"], new(box(other, 3), "P-9"))
    assert faults(outside) == (422, [("geometry", "outside_park")])


async def test_a_key_repeated_does_it_once_and_answers_the_same(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: Feature
) -> None:
    made = new(None, **AREA)
    headers = {**staff, "Idempotency-Key": "made"}
    first = await add(client, headers, made)
    n = await events(dazu)
    again = await add(client, headers, made)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"] and again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotency-replayed"] == "true" and await events(dazu) == n
    reused = await add(client, headers, {**made, "geometry": box(park, 0)})
    assert faults(reused) == (422, [("Idempotency-Key", "key_reused")])
    in_other = await add(client, {**headers, "Content-Crs": "http://www.opengis.net/def/crs/EPSG/0/4326"}, made)
    assert faults(in_other) == (422, [("Idempotency-Key", "key_reused")])

    address = first.headers["location"]
    whole = await read(client, address, staff)
    body = {**whole, "geometry": box(park, 0), "properties": {**whole["properties"], "name": "moved"}}
    about = {"url": address, "headers": {**staff, **GEOJSON, "Idempotency-Key": "moved"}, "json": body}
    first = await client.put(**about)
    n = await events(dazu)
    again = await client.put(**about)  # the unit is elsewhere now, at another revision
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content), again.text
    assert again.headers["location"] == first.headers["location"] and await events(dazu) == n
    about = {"url": first.headers["location"], "headers": {**staff, **PATCH_TYPE, "Idempotency-Key": "patched"}}
    first, again = [await client.patch(**about, json={"properties": {"name": "patched"}}) for _ in range(2)]
    assert (first.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"


async def test_conditions_are_held_where_they_are_sent(
    client: httpx.AsyncClient, staff: Headers, park: Feature
) -> None:
    address = await added(client, staff, new(box(park, 0)))
    tag = (await client.get(address, headers=staff)).headers["etag"]
    headers = {**staff, **PATCH_TYPE, "If-Match": tag}

    answers = await asyncio.gather(
        *(client.patch(address, headers=headers, json={"properties": {"name": f"n{n}"}}) for n in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    won = next(answer for answer in answers if answer.status_code == 200)
    assert won.headers["etag"] != tag and won.json() == await read(client, address, staff)
    assert faults(next(answer for answer in answers if answer.status_code == 412)) == (412, [("If-Match", "stale")])
    whole = await read(client, address, staff)
    stale = await client.put(address, headers={**staff, **GEOJSON, "If-Match": tag}, json=whole)  # nothing changes
    assert stale.status_code == 412
    for condition in (won.headers["etag"], "*"):
        answer = await client.patch(
            address, headers={**headers, "If-Match": condition}, json={"properties": {"name": "m"}}
        )
        assert answer.status_code == 200, answer.text
    broken = await client.patch(address, headers={**headers, "If-Match": "7"}, json={"properties": {"name": "m"}})
    assert faults(broken) == (400, [("If-Match", "tags_form")])


async def test_changes_at_once_without_a_condition_all_hold(
    client: httpx.AsyncClient, staff: Headers, park: Feature
) -> None:
    address = await added(client, staff, new(box(park, 0)))
    numbers = [name for name, field in COLLECTIONS["factory"].properties.items()
               if field.type == "number" and field.entry == "any" and field.name != "stated_area"][:16]  # fmt: skip
    sent = {"name": "甲", "power_kva": 400, "dock_doors": 4, "address": "路", **dict.fromkeys(numbers, 3)}

    answers = await asyncio.gather(
        *(
            client.patch(address, headers={**staff, **PATCH_TYPE}, json={"properties": {name: value}})
            for name, value in sent.items()
        )
    )

    assert [answer.status_code for answer in answers] == [200] * len(sent) and len(sent) > 15
    properties = (await read(client, address, staff))["properties"]
    assert {name: properties[name] for name in sent} == sent


async def test_who_may_not_write_is_told_so(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, keys: dict[str, Headers], park: Feature
) -> None:
    address = await added(client, staff, new(box(park, 0), allowed_paths="lease"))
    other = keys["demo-dazu-gaoxin"]
    patched = {"properties": {"name": "x"}}

    async def answers(who: Headers) -> list[httpx.Response]:
        whole = new(box(park, 1), "G-2")
        return [
            await client.post(ITEMS.format("factory"), headers=who, json=whole),
            await client.put(address, headers=who, json=whole),
            await client.patch(address, headers=who, json=patched),
            await client.delete(address, headers=who),
        ]

    n = await events(dazu)
    for is_public in (False, True):
        for answer in await answers({}):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == 'Basic realm="panhuo", Bearer realm="panhuo"'
        assert [answer.status_code for answer in await answers({"X-API-Key": "wrong"})] == [401] * 4
        assert [answer.status_code for answer in await answers(keys["demo-zhiding"])] == [403] * 4
        # their own park is another: the outline lies off it
        assert [answer.status_code for answer in await answers(other)] == [422, *[403 if is_public else 404] * 3]
        assert await events(dazu) == n
        if not is_public:
            shown = await client.post(
                f"/api/v1/assets/{address.rpartition('/')[2]}/publish", headers={**staff, "If-Match": "*"}
            )
            assert shown.status_code == 200
            n = await events(dazu)
    for content in (b"", b"no JSON"):
        assert (await client.post(ITEMS.format("factory"), content=content)).status_code == 401
    basic = await client.patch(address, auth=("whoever", dazu.key("demo-shuangqiao")), json=patched)
    assert basic.status_code == 200


async def test_options_say_what_the_caller_may_do(
    client: httpx.AsyncClient, staff: Headers, keys: dict[str, Headers]
) -> None:
    """QGIS lets its users edit by these two answers, the second to the first feature or to one that is not there."""
    reading = "GET, HEAD, OPTIONS"
    first = (await client.get(ITEMS.format("factory"), params={"limit": 1})).json()["features"][0]["id"]
    for name, collection in COLLECTIONS.items():
        for who, may_write in (({}, False), (keys["demo-zhiding"], False), (staff, True), (keys["demo-admin"], True)):
            is_written = may_write and collection.is_written
            answer = await client.options(ITEMS.format(name), headers=who)
            assert (answer.status_code, answer.content) == (200, b"")
            assert answer.headers["allow"] == (f"{reading}, POST" if is_written else reading)
            for feature_id in (first, "unknown_id"):
                answer = await client.options(f"{ITEMS.format(name)}/{feature_id}", headers=who)
                allowed = "DELETE, GET, HEAD, OPTIONS, PATCH, PUT" if is_written else reading
                assert (answer.status_code, answer.headers["allow"]) == (200, allowed)
    assert (await client.options(ITEMS.format("castle"))).status_code == 404
    assert (await client.options(ITEMS.format("land"), headers={"X-API-Key": "wrong"})).status_code == 401
    preflight = {"Origin": "http://elsewhere.test", "Access-Control-Request-Method": "GET"}
    for path in (ITEMS.format("land"), f"{ITEMS.format('land')}/{first}"):
        answer = await client.options(path, headers=preflight)
        assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == "*"
        assert "X-API-Key" in answer.headers["access-control-allow-headers"]
    assert (await client.options("/ogc/collections")).headers["allow"] == reading


@pytest.mark.parametrize("collection", [name for name in COLLECTIONS if name not in WRITTEN])
async def test_nobody_writes_to_what_follows_from_units(
    client: httpx.AsyncClient, staff: Headers, collection: str
) -> None:
    for who in ({}, staff):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            path = ITEMS.format(collection) + ("" if method == "POST" else "/unknown_id")
            answer = await client.request(method, path, headers=who)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
            assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get(f"/ogc/collections/{collection}/schema", params={"type": "create"})).status_code == 400


async def test_part_4_is_claimed_for_whoever_may_write(
    client: httpx.AsyncClient, staff: Headers, keys: dict[str, Headers]
) -> None:
    part = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/"
    for who, claimed in (({}, set()), (keys["demo-zhiding"], set()),
                         (staff, {"create-replace-delete", "update", "features"})):  # fmt: skip
        classes = (await client.get("/ogc/conformance", headers=who)).json()["conformsTo"]
        assert {name.removeprefix(part) for name in classes if name.startswith(part)} == claimed


async def test_the_description_has_the_writing_and_is_valid(client: httpx.AsyncClient) -> None:
    document = (await client.get("/ogc/api")).json()
    validate(document)
    for name in COLLECTIONS:
        items, item = (document["paths"][f"/collections/{name}/items{rest}"] for rest in ("", "/{featureId}"))
        is_written = name in WRITTEN
        assert ("post" in items) == is_written and ({"put", "patch", "delete"} <= item.keys()) == is_written
    facts = document["components"]["schemas"]["land_facts"]["properties"]
    assert {"level", "code", "park_code", "address"} <= facts.keys() and "area_m2" not in facts


@pytest.mark.parametrize("collection", WRITTEN)
async def test_the_schemas_of_bodies_are_those_that_are_taken(
    client: httpx.AsyncClient, staff: Headers, park: Feature, collection: str
) -> None:
    here = f"/ogc/collections/{collection}/schema"
    schemas = {}
    for body in ("create", "replace"):
        answer = await client.get(here, params={"type": body})
        assert answer.status_code == 200 and answer.headers["content-type"] == "application/schema+json"
        schemas[body] = answer.json()
    assert schemas["create"]["required"] == ["level", "code", "name"]
    assert schemas["replace"]["required"] == [
        *([] if collection.endswith("unplaced") else ["geometry"]), "code", "name",
    ]  # fmt: skip
    wrong = await client.get(here, params={"type": "x"})
    assert faults(wrong) == (400, [("type", "not_in_vocabulary")])
    geometry = {"outline": box(park, 0), "point": point(box(park, 0)), "none": None}[COLLECTIONS[collection].shape]
    level = "plot" if collection.startswith("land") else "building"
    for name in schemas["create"]["required"]:
        body = new(geometry, level=level, **AREA)
        del body["properties"][name]
        assert faults(await add(client, staff, body, collection)) == (422, [(f"properties.{name}", "missing")])
    address = await added(client, staff, new(geometry, level=level, **AREA), collection)
    assert f"/{collection}/" in address


HOSTILE: list[tuple[Any, int, tuple[str, str]]] = [
    (b"", 400, ("body", "body_missing")),
    (b"{", 400, ("body", "json_malformed")),
    (b"\xff", 400, ("body", "not_utf8")),
    (b'{"type":"Feature","type":"Feature"}', 400, ("body", "json_repeated_name")),
    (b"[" * 100 + b"]" * 100, 400, ("body", "json_too_deep")),
    (b"[]", 422, ("body", "wrong_type")),
    ({"type": "FeatureCollection", "features": []}, 422, ("type", "not_in_vocabulary")),
    ({"type": "Feature", "geometry": None, "properties": None}, 422, ("properties", "wrong_type")),
    ({"type": "Feature", "geometry": None, "properties": {}, "crs": {}}, 422, ("crs", "unknown_field")),
    ({"type": "Feature", "geometry": None, "properties": {"x" * 5000: 1}}, 422,
     ("properties." + "x" * 64, "unknown_field")),
]  # fmt: skip
#: Properties and what is wrong with them, by the name they were sent under.
WRONG: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"nothing": 1}, ("properties.nothing", "unknown_field")),
    ({"mortgage": "none"}, ("properties.mortgage", "unknown_field")),
    ({"attributes": {"address": "x"}}, ("properties.attributes", "unknown_field")),
    ({"rent_yuan_m2_month": "much"}, ("properties.rent_yuan_m2_month", "wrong_type")),
    ({"rent_yuan_m2_month": -1}, ("properties.rent_yuan_m2_month", "out_of_range")),
    ({"rent_yuan_m2_month": 10**400}, ("properties.rent_yuan_m2_month", "out_of_range")),
    ({"storeys": 2.5}, ("properties.storeys", "wrong_type")),
    ({"power_kva": True}, ("properties.power_kva", "wrong_type")),
    ({"available_from": "soon"}, ("properties.available_from", "wrong_type")),
    ({"available_from": "0001-01-01"}, ("properties.available_from", "out_of_range")),
    ({"allowed_paths": "lease,theft"}, ("properties.allowed_paths", "not_in_vocabulary")),
    ({"allowed_paths": ["lease"]}, ("properties.allowed_paths", "wrong_type")),
    ({"allowed_industries": "C33"}, ("properties.allowed_industries", "industry_form")),
    ({"works": "no"}, ("properties.works", "no_json_text")),
    ({"works": "[" * 9000}, ("properties.works", "no_json_text")),
    ({"works": "{}"}, ("properties.works", "wrong_type")),
    (
        {"works": '[{"rule":"H4","up_to":-1,"cost_yuan":1,"days":1,"source":"a","payer":"b"}]'},
        ("properties.works.0.up_to", "out_of_range"),
    ),
    ({"address": 5}, ("properties.address", "wrong_type")),
    ({"address": "a\0b"}, ("properties.address", "text_control")),
    ({"dock_doors": -5}, ("properties.dock_doors", "out_of_range")),
    ({"has_sprinklers": "yes"}, ("properties.has_sprinklers", "wrong_type")),
    ({"name": ""}, ("properties.name", "empty")),
    ({"name": "x" * 5000}, ("properties.name", "text_too_long")),
    ({"kind": "land"}, ("properties.kind", "not_in_vocabulary")),
    ({"level": "plot"}, ("properties.kind", "kind_does_not_fit")),
    ({"area_m2": 5}, ("properties.area_m2", "read_only")),
]


@pytest.mark.parametrize(("body", "status", "fault"), HOSTILE)
async def test_what_is_no_feature_is_refused(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: Feature, body: Any, status: int, fault: tuple[str, str]
) -> None:
    address = await added(client, staff, new(box(park, 0)))
    n = await events(dazu)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    for method, path in (("POST", ITEMS.format("factory")), ("PUT", address), ("PATCH", address)):
        answer = await client.request(method, path, headers={**staff, **GEOJSON}, content=content)
        assert answer.status_code == status and fault in faults(answer)[1], answer.text
    for kind in ("text/plain", "application/xml", None):
        headers = {**staff, **({} if kind is None else {"Content-Type": kind})}
        answer = await client.request("PUT", address, headers=headers, content=content)
        assert faults(answer) == (415, [("Content-Type", "content_type")])
    assert await events(dazu) == n


@pytest.mark.parametrize(("properties", "fault"), WRONG)
async def test_what_is_wrong_with_a_property_is_said_under_its_name(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: Feature, properties: Any, fault: tuple[str, str]
) -> None:
    address = await added(client, staff, new(box(park, 0)))
    n = await events(dazu)
    answers = [
        await add(
            client,
            staff,
            new(box(park, 1), "G-2", **properties)
            if "name" not in properties
            else {**new(box(park, 1), "G-2"), "properties": {"code": "G-2", "level": "building", **properties}},
        )
    ]
    if "kind" not in properties and "level" not in properties:
        whole = {"type": "Feature", "geometry": box(park, 0), "properties": {"code": "c", "name": "n", **properties}}
        answers += [
            await client.put(address, headers={**staff, **GEOJSON}, json=whole),
            await client.patch(address, headers={**staff, **PATCH_TYPE}, json={"properties": properties}),
        ]
    for answer in answers:
        assert faults(answer) == (422, [fault]), answer.text
        message = answer.json()["errors"][0]["message"]
        english = await client.send(with_language(answer.request))
        assert english.json()["errors"][0]["message"] != message
    assert await events(dazu) == n


def with_language(request: httpx.Request) -> httpx.Request:
    return httpx.Request(
        request.method, request.url, headers={**request.headers, "Accept-Language": "en"}, content=request.content
    )


@pytest.mark.parametrize(
    ("coordinates", "fault"),
    [
        ([[[105.7, 29.6], [105.8, 29.6], [105.8, 29.7], [105.7, 29.7]]], "ring_not_closed"),
        ([[[105.7, 29.6], [105.8, 29.6], [105.7, 29.6]]], "ring_too_short"),
        ([[[105.7, 29.6], [105.8, 29.6]]], "ring_too_short"),
        ([[]], "geometry_empty"),
        ([], "geometry_empty"),
        (None, "coordinates_depth"),
        ([105.7, 29.6], "coordinates_depth"),
        ([[["a", "b"]] * 4], "coordinate_not_number"),
        ([[[105.7, 29.6], [105.8, 29.7], [105.8, 29.6], [105.7, 29.7], [105.7, 29.6]]], "self_intersection"),
        ([[[29.6, 105.7], [29.6, 105.8], [29.7, 105.8], [29.6, 105.7]]], "axes_swapped"),
        ([[[1e5, 3e6], [2e5, 3e6], [2e5, 4e6], [1e5, 3e6]]], "looks_projected"),
        ([[[0, 0], [1, 0], [1, 1], [0, 0]]], "outside_china"),
        ([[[10**400, 0], [1, 0], [1, 1], [10**400, 0]]], None),
        ([[[True, False]] * 4], None),
        ([[[105.7, 29.6, 1, 2, 3]] * 4], None),
    ],
)
async def test_outlines_that_are_none_are_refused_in_any_system(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, coordinates: Any, fault: str | None
) -> None:
    n = await events(dazu)
    systems = (await client.get("/ogc/collections/factory")).json()["crs"]
    for system in systems:
        body = new({"type": "Polygon", "coordinates": coordinates})
        answer = await client.post(
            ITEMS.format("factory"), headers={**staff, **GEOJSON, "Content-Crs": system}, json=body
        )
        assert answer.status_code == 422, answer.text
        (field, code), *_ = faults(answer)[1]
        assert field.startswith("geometry")
        if fault is not None and system == CRS84.uri:
            assert code == fault
    for geometry in ("here", 5, [], {}, {"type": 5}, {"type": "Polygon"}, {"type": "LineString", "coordinates": []}):
        answer = await add(client, staff, new(geometry))
        assert answer.status_code == 422 and faults(answer)[1][0][0].startswith("geometry"), answer.text
    assert await events(dazu) == n


async def test_a_body_over_the_limit_is_refused(client: httpx.AsyncClient, app: Litestar, staff: Headers) -> None:
    most = app.state.application_state.settings.body_limit_bytes
    answer = await client.post(ITEMS.format("factory"), headers={**staff, **GEOJSON}, content=b" " * (most + 1))
    assert faults(answer) == (413, [("body", "body_too_large")])


async def test_a_taken_code_and_an_overlap_are_refused_as_the_register_refuses_them(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: Feature
) -> None:
    building = await added(client, staff, new(box(park, 0)))
    n = await events(dazu)
    assert faults(await add(client, staff, new(box(park, 1)))) == (409, [("properties.code", "taken")])
    part = {"level": "floor", "floor_no": 1, "parent_id": building.rpartition("/")[2]}
    outside = await add(client, staff, new(box(park, 1), "G-1-1", **part))
    assert faults(outside) == (409, [("geometry", "outside_whole")])
    await added(client, staff, new(box(park, 0), "G-1-1", **part))
    assert await events(dazu) == n + 1
    kept = await client.delete(building, headers=staff)
    assert kept.status_code == 409  # a draft with parts
    assert (await client.get(building, headers=staff)).status_code == 200
