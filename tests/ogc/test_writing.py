"""Units written by GIS clients under /ogc: where they come, how they go, and in which system they are sent.

Source: OGC API Features part 4; issue 20 §3.
"""

from __future__ import annotations

import httpx
import pytest

from geo.reference_systems import CRS84
from tests.api.story import Headers, box
from tests.ogc.editing import AREA, GEOJSON, ITEMS, PATCH_TYPE, Feature, add, added, faults, new, point, read


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
