"""Flat properties sent back under /ogc: all that is written, what is only shown, what a unit has from its whole."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from domain.collections import COLLECTIONS
from tests.api.story import Headers, box
from tests.conftest import Dazu
from tests.ogc.editing import AREA, GEOJSON, ITEMS, PATCH_TYPE, Feature, added, events, faults, new, read

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
