"""Bundles over HTTP: neighbours on the map offered together where no single unit is large enough."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.story import SQUARE_M, Headers, box, register

NEED = {"kinds": ["factory"], "floor_area_m2_min": 91_000, "floor_area_m2_max": 92_000, "accepted_paths": ["lease"]}


def beside(geometry: dict[str, Any]) -> dict[str, Any]:
    """The square that shares its eastern edge."""
    ring = [[lon + SQUARE_M, lat] for lon, lat in geometry["coordinates"][0]]
    return {"type": "Polygon", "coordinates": [ring]}


async def test_neighbours_are_offered_together_where_none_is_large_enough(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    hall = {"kind": "factory", "level": "building", "clear_height_m": 8}
    first = box(park, 23)
    item = await register(client, staff, park, "BUNDLE-1", first, available_area_m2=45_000, **hall)
    other = await register(client, staff, park, "BUNDLE-2", beside(first), available_area_m2=46_500, **hall)
    await register(client, staff, park, "BUNDLE-3", box(park, 27), available_area_m2=46_500, **hall)

    answer = (await client.post("/api/v1/rankings", json=NEED)).json()["lists"]["factory"]
    posted = await client.post("/api/v1/demands", headers=keys["demo-zhiding"], json={"title": "大厂房", **NEED})
    kept = await client.post(f"/api/v1/demands/{posted.json()['id']}/rankings", headers=keys["demo-zhiding"])

    (bundle,) = answer["alternatives"]["bundles"]
    assert (answer["totals"]["fit"], answer["alternatives"]["capped"]) == (0, False)
    assert sorted(bundle["asset_ids"]) == sorted([item["id"], other["id"]])
    assert sorted(asset["code"] for asset in bundle["assets"]) == ["BUNDLE-1", "BUNDLE-2"]
    assert bundle["taken_m2"] == 91_500
    assert {entry["id"]: entry["status"] for entry in bundle["hard"]}["H2"] == "pass"
    assert kept.json()["lists"]["factory"]["alternatives"] == answer["alternatives"]


async def test_no_bundle_is_looked_for_where_a_unit_fits(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/rankings", json={"kinds": ["factory"]})

    part = answer.json()["lists"]["factory"]
    assert part["totals"]["fit"] > 0
    assert part["alternatives"] is None
