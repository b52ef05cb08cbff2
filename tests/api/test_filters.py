"""Filters of the list of units: declared with the fields, each compared with what the features say."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from domain.field import filters_of
from domain.fields import ASSET
from store.asset_search import MISSING
from tests.api.story import Headers, box, register

ASSETS = "/api/v1/assets"
Facts = dict[str, Any]
FILTERS: list[tuple[str, Callable[[Facts], bool]]] = [
    ("rent_yuan_m2_month_max=10", lambda f: f["rent_yuan_m2_month"] is not None and f["rent_yuan_m2_month"] <= 10),
    ("rent_yuan_m2_month_min=9.5", lambda f: (f["rent_yuan_m2_month"] or 0) >= 9.5),
    (
        "rent_yuan_m2_month_min=8&rent_yuan_m2_month_max=9&kind=factory",
        lambda f: 8 <= (f["rent_yuan_m2_month"] or 0) <= 9 and f["kind"] == "factory",
    ),
    ("price_yuan_m2_min=100", lambda f: (f["price_yuan_m2"] or 0) >= 100),
    ("fire_hazard_class=D", lambda f: f["fire_hazard_class"] == "D"),
    ("idle_basis=vacant_building", lambda f: f["idle_basis"] == "vacant_building"),
    ("idle_since_before=2024-01-01", lambda f: (f["idle_since"] or "9") < "2024-01-01"),
    ("idle_since_after=2023-12-31", lambda f: (f["idle_since"] or "0") > "2023-12-31"),
    ("availability=reserved", lambda f: f["availability"] == "reserved"),
    ("listing=draft", lambda f: f["listing"] == "draft"),
    ("listing=withdrawn", lambda f: f["listing"] == "withdrawn"),
    ("clear_height_m_max=8", lambda f: f["clear_height_m"] is not None and f["clear_height_m"] <= 8),
    ("missing=price_yuan_m2", lambda f: f["price_yuan_m2"] is None),
    (
        "missing=rent_yuan_m2_month,crane_t",
        lambda f: f["kind"] == "factory" and f["rent_yuan_m2_month"] is None and f["crane_t"] is None,
    ),
    ("missing=dock_doors", lambda f: f["kind"] == "factory" and "dock_doors" not in f["attributes"]),
    ("missing=allowed_paths", lambda f: f["allowed_paths"] == []),
]


async def listed(client: httpx.AsyncClient, query: str, caller: Headers | None = None) -> list[dict[str, Any]]:
    answer = await client.get(f"{ASSETS}?limit=1000&{query}", headers=caller)
    assert answer.status_code == 200, answer.text
    features: list[dict[str, Any]] = answer.json()["features"]
    return features


@pytest.mark.parametrize("login", [None, "demo-shuangqiao"])
async def test_each_filter_selects_what_the_features_say(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], login: str | None
) -> None:
    staff = keys["demo-shuangqiao"]
    facts: Facts = {"level": "building", "price_yuan_m2": 3000, "fire_hazard_class": "D", "clear_height_m": 7}
    facts |= {"stated_idle_since": "2024-03-01", "idle_basis": "vacant_building", "rent_yuan_m2_month": 8.5}
    await register(client, staff, park, "F-1", box(park, 0), **facts)
    draft = {"park_id": park["id"], "level": "building", "code": "F-2", "name": "F-2"}
    body = {"type": "Feature", "geometry": box(park, 1), "properties": draft}
    assert (await client.post(ASSETS, headers=staff, json=body)).status_code == 201
    caller = {} if login is None else keys[login]
    whole = await listed(client, "sort=id", caller)

    for query, holds in FILTERS:
        features = await listed(client, query, caller)

        assert [f["id"] for f in features] == [f["id"] for f in whole if holds(f["properties"])], query
        if not (query.startswith("listing") or query == "missing=allowed_paths") or login is not None:
            assert 0 < len(features) < len(whole), query


async def test_a_fact_is_missing_where_it_can_be(client: httpx.AsyncClient) -> None:
    """A plot lacks no clear height, and every fact that people may state can be asked for."""
    assert {f["properties"]["kind"] for f in await listed(client, "missing=crane_t")} == {"factory"}
    assert {f["properties"]["kind"] for f in await listed(client, "missing=far_max&kind=land")} <= {"land"}
    for name in MISSING:
        await listed(client, f"missing={name}")
    assert {"geometry", "rent_yuan_m2_month", "allowed_paths", "address", "has_sprinklers"} <= MISSING.keys()
    assert MISSING.keys().isdisjoint({"name", "code", "mortgage", "park_id", "works", "revision"})


async def test_a_part_that_has_its_rent_from_its_whole_lacks_none(client: httpx.AsyncClient) -> None:
    whole = await listed(client, "sort=id")
    of_whole = [f["id"] for f in whole if "rent_yuan_m2_month" in f["properties"]["inherited"]]

    assert set(of_whole).isdisjoint(f["id"] for f in await listed(client, "missing=rent_yuan_m2_month"))
    assert set(of_whole) <= {f["id"] for f in await listed(client, "rent_yuan_m2_month_min=0")}


async def test_a_park_by_its_code_and_names(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> None:
    zone = {"type": "Feature", "geometry": box(park, 0), "properties": {"code": "z-1", "name_zh": "灯具园"}}
    made = await client.post(f"/api/v1/parks/{park['id']}/zones", headers=staff, json=zone)
    inside = await register(client, staff, park, "Z-1", box(park, 0), level="building", zone_id=made.json()["id"])
    of_park = [feature["id"] for feature in await listed(client, f"park={park['id']}")]
    own = park["properties"]

    for name in (own["code"], own["code"].upper(), own["name_zh"], own["name_en"]):
        assert [f["id"] for f in await listed(client, str(httpx.QueryParams(park=name)))] == of_park, name
    for name in ("z-1", "灯具园", made.json()["id"]):
        assert [f["id"] for f in await listed(client, str(httpx.QueryParams(park=name)))] == [inside["id"]], name


async def test_an_admin_sees_behind_the_park_they_name_by_its_code(
    client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    public = await listed(client, "park=shuangqiao")
    seen = await listed(client, "park=shuangqiao", keys["demo-admin"])
    drafts = await listed(client, "park=shuangqiao&listing=draft", keys["demo-admin"])

    assert len(seen) > len(public)
    assert drafts == [f for f in seen if f["properties"]["listing"] == "draft"] != []


async def test_near_a_park_or_a_unit_by_its_code(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    here = await register(client, staff, park, "Ｎ-1", box(park, 0), level="building")
    beside = await register(client, staff, park, "N-2", box(park, 1), level="building")
    far = await register(client, staff, park, "N-3", box(park, 12), level="building")
    hidden = {"park_id": park["id"], "level": "building", "code": "N-4", "name": "N-4"}
    body = {"type": "Feature", "geometry": box(park, 20), "properties": hidden}
    assert (await client.post(ASSETS, headers=staff, json=body)).status_code == 201
    gap_m = 0.0004 * 111_320 * math.cos(math.radians(here["geometry"]["coordinates"][0][0][0][1]))

    near = {f["id"] for f in await listed(client, f"near=n-1&radius_m={gap_m + 2:.1f}")}
    assert {here["id"], beside["id"]} <= near and far["id"] not in near
    assert beside["id"] not in {f["id"] for f in await listed(client, f"near=N-1&radius_m={gap_m - 2:.1f}")}
    of_park = {f["id"] for f in await listed(client, "park=shuangqiao")}
    assert of_park <= {f["id"] for f in await listed(client, "near=shuangqiao&radius_m=1")}
    assert far["id"] not in {f["id"] for f in await listed(client, "near=N-4&radius_m=1", staff)}
    strange = await client.get(f"{ASSETS}?near=N-4&radius_m=9")
    assert (strange.status_code, strange.json()["errors"][0]["field"]) == (400, "near"), "hidden to the public"


async def test_pages_under_new_filters_go_on(client: httpx.AsyncClient) -> None:
    query = "park=shuangqiao&missing=price_yuan_m2&rent_yuan_m2_month_min=1&near=shuangqiao&radius_m=50"
    whole, met, url = await listed(client, query), [], f"{ASSETS}?limit=4&{query}"
    while url:
        page = (await client.get(url)).json()
        met += [feature["id"] for feature in page["features"]]
        url = page["links"][0]["href"] if page["links"] else ""

    assert met == [feature["id"] for feature in whole] and len(met) > 8


async def test_filters_are_those_of_the_fields(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()["paths"]

    for place in (ASSETS, f"{ASSETS}.geojson", f"{ASSETS}.csv"):
        names = {parameter["name"] for parameter in document[place]["get"]["parameters"]}
        assert filters_of(ASSET).keys() | {"missing", "near", "park"} <= names
