"""Patches of records: what is left out stays at every depth, null takes out, the whole is judged as it will be."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.story import Headers, box, register, state_need

ANY = {"If-Match": "*"}


@pytest.fixture
async def plot(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> str:
    """Where a unit is read and changed, of which much is known."""
    facts = {
        "stated_area": 20,
        "stated_area_unit": "mu",
        "completed_on": "2010-05-01",
        "completed_on_precision": "year",
        "attributes": {"stuck_type": "久供不建", "far_min": 1.2, "is_levelled": True},
    }
    return f"/api/v1/assets/{(await register(client, staff, park, 'M-1', box(park, 0), level='plot', **facts))['id']}"


async def amended(client: httpx.AsyncClient, caller: Headers, place: str, body: Any, status: int = 200) -> Any:
    answer = await client.patch(place, headers=caller | ANY, json=body)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert (await client.get(place, headers=caller)).json() == answer.json()
        return answer.json()
    return [(fault["field"], fault["code"]) for fault in answer.json()["errors"]]


async def test_attributes_of_a_unit_merge_one_by_one(client: httpx.AsyncClient, staff: Headers, plot: str) -> None:
    async def after(attributes: Any) -> Any:
        changed = await amended(client, staff, plot, {"properties": {"attributes": attributes}})
        return changed["properties"]["attributes"]

    assert await after({"far_min": 1.5}) == {"stuck_type": "久供不建", "far_min": 1.5, "is_levelled": True}
    assert await after({"stuck_type": None, "remarks": "新"}) == {"far_min": 1.5, "is_levelled": True, "remarks": "新"}
    assert await after({}) == {"far_min": 1.5, "is_levelled": True, "remarks": "新"}
    wrong = {"properties": {"attributes": {"far_min": "x", "no_such": 1, "nor_this": None}}}
    assert await amended(client, staff, plot, wrong, 422) == [
        ("properties.attributes.far_min", "wrong_type"),
        ("properties.attributes.no_such", "unknown_attribute"),
    ]
    assert await after(None) == {}


async def test_one_half_of_a_pair_goes_with_the_stored_other(
    client: httpx.AsyncClient, staff: Headers, plot: str
) -> None:
    async def after(**changed: Any) -> dict[str, Any]:
        facts: dict[str, Any] = (await amended(client, staff, plot, {"properties": changed}))["properties"]
        return facts

    async def faults(**changed: Any) -> Any:
        return await amended(client, staff, plot, {"properties": changed}, 422)

    smaller = await after(stated_area=15)
    assert (smaller["stated_area"], smaller["stated_area_unit"], smaller["area_m2"]) == (15, "mu", 10000)
    assert (await after(stated_area_unit="m2"))["area_m2"] == 15
    assert await faults(stated_area=None) == [("properties.stated_area_unit", "goes_together")]
    assert (await after(stated_area=None, stated_area_unit=None))["area_m2"] is None
    assert await faults(stated_area=9) == [("properties.stated_area_unit", "goes_together")]

    assert (await after(completed_on="2012-07-01"))["completed_on_precision"] == "year"
    assert (await after(completed_on_precision="month"))["completed_on"] == "2012-07-01"
    assert (await after(completed_on_precision=None))["completed_on_precision"] == "day"
    assert (await after(completed_on=None))["completed_on_precision"] is None
    assert await faults(completed_on_precision="month") == [("properties.completed_on", "goes_together")]

    assert await faults(stated_idle_since="2020-01-01") == [("properties.idle_basis", "goes_together")]
    assert await faults(stated_idle_since_precision="year") == [("properties.stated_idle_since", "goes_together")]
    stated = await after(stated_idle_since="2020-01-01", idle_basis="vacant_building")
    assert stated["stated_idle_since_precision"] == "day"
    assert (await after(stated_idle_since_precision="year"))["stated_idle_since"] == "2020-01-01"
    assert (await after(stated_idle_since="2019-01-01"))["stated_idle_since_precision"] == "year"


async def test_an_outline_is_an_object_too(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], plot: str
) -> None:
    before = (await client.get(plot, headers=staff)).json()["geometry"]
    square = box(park, 1)["coordinates"]

    moved = await amended(client, staff, plot, {"geometry": {"coordinates": [square]}})

    assert (before["type"], moved["geometry"]["type"]) == ("MultiPolygon", "MultiPolygon")
    corners = {tuple(corner) for corner in moved["geometry"]["coordinates"][0][0]}
    assert corners == {(round(x, 7), round(y, 7)) for x, y in square[0]}
    whole = await amended(client, staff, plot, {"geometry": box(park, 2)})
    assert whole["geometry"]["coordinates"] != moved["geometry"]["coordinates"]


@pytest.mark.parametrize("patch", [{}, {"type": "MultiPolygon"}, {"bbox": None}])
async def test_an_outline_whose_patch_leaves_out_its_coordinates_keeps_them(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], plot: str, patch: Any
) -> None:
    staff, firm = keys["demo-shuangqiao"], keys["demo-zhiding"]
    need = f"/api/v1/demands/{await state_need(client, firm, within=box(park, 0))}"
    drawn = (await client.get(plot, headers=staff)).json()
    within = (await client.get(need, headers=firm)).json()

    named = await amended(client, staff, plot, {"geometry": patch, "properties": {"name": "新名"}})
    titled = await amended(client, firm, need, {"within": patch, "title": "新标题"})

    assert (named["properties"]["name"], named["geometry"]) == ("新名", drawn["geometry"])
    assert (titled["title"], titled["within"]) == ("新标题", within["within"])
    assert await amended(client, staff, plot, {"geometry": {"coordinates": None}}, 422) == [
        ("geometry.coordinates", "coordinates_depth")
    ]
    assert await amended(client, firm, need, {"within": {"type": "Polygon"}}, 422) == [
        ("within.coordinates", "coordinates_depth")
    ]


async def test_the_area_of_a_need_is_an_object_too(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    firm = keys["demo-zhiding"]
    place = f"/api/v1/demands/{await state_need(client, firm)}"
    square, other = box(park, 0)["coordinates"], box(park, 1)["coordinates"]

    assert await amended(client, firm, place, {"within": {"coordinates": [square]}}, 422) == [
        ("within.type", "geometry_type")
    ]
    drawn = await amended(client, firm, place, {"within": {"type": "Polygon", "coordinates": square}})
    moved = await amended(client, firm, place, {"within": {"coordinates": [other]}})

    assert drawn["within"]["type"] == moved["within"]["type"] == "MultiPolygon"
    assert drawn["within"]["coordinates"] != moved["within"]["coordinates"]
    assert (await amended(client, firm, place, {"within": None}))["within"] is None


async def test_importances_and_attributes_of_a_need_merge_one_by_one(
    client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    firm = keys["demo-zhiding"]
    facts = {"importances": {"size": 3, "cost": 5}, "attributes": {"lease_years": 5, "products": ["灯具"]}}
    place = f"/api/v1/demands/{await state_need(client, firm, **facts)}"

    async def after(**changed: Any) -> tuple[Any, Any]:
        need = await amended(client, firm, place, changed)
        return need["importances"], need["attributes"]

    attributes = facts["attributes"]
    assert await after(importances={"cost": 4}) == ({"size": 3, "cost": 4}, attributes)
    assert await after(importances={"size": None, "power": 0}) == ({"cost": 4, "power": 0}, attributes)
    assert await amended(client, firm, place, {"importances": {"cost": 0}}, 422) == [("importances", "nothing_weighs")]
    assert await amended(client, firm, place, {"importances": {"cost": None}}, 422) == [
        ("importances", "nothing_weighs")
    ]
    assert await amended(client, firm, place, {"importances": {"cost": 6}}, 422) == [
        ("importances.cost", "out_of_range")
    ]
    assert await after(importances=None) == ({}, attributes)
    assert await after(attributes={"products": ["模具"], "lease_years": None}) == ({}, {"products": ["模具"]})
    assert await amended(client, firm, place, {"attributes": {"lease_years": "x"}}, 422) == [
        ("attributes.lease_years", "wrong_type")
    ]
    assert await after(attributes=None) == ({}, {})


async def test_a_place_of_a_firm_keeps_its_other_half(client: httpx.AsyncClient, staff: Headers) -> None:
    made = await client.post("/api/v1/firms", headers=staff, json={"name": "示例", "lon": 105.7, "lat": 29.6})
    place = made.headers["location"]

    moved = await amended(client, staff, place, {"lon": 105.8})

    assert (moved["lon"], moved["lat"]) == (105.8, 29.6)
    assert await amended(client, staff, place, {"lat": None}, 422) == [("lat", "lon_with_lat")]
    gone = await amended(client, staff, place, {"lon": None, "lat": None})
    assert (gone["lon"], gone["lat"]) == (None, None)
    assert await amended(client, staff, place, {"lat": 29.6}, 422) == [("lon", "lon_with_lat")]
