"""The needs a unit would serve, over HTTP: for the staff of its park, with the firm's own score."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.story import Headers, state_need
from tests.api.test_gap import publish


async def test_staff_see_needs_with_score_and_value_apart(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    firm = keys["demo-zhiding"]
    modest = {"kinds": ["factory"], "power_kva_min": None, "floor_area_m2_max": None, "clear_height_m_min": None}
    demand_id = await state_need(client, firm, tax_yuan_year=2_000_000, jobs=60, **modest)
    await publish(client, firm, demand_id)
    ranking = (await client.post(f"/api/v1/demands/{demand_id}/rankings?limit=100", headers=firm)).json()
    of_park = await client.get(f"/api/v1/assets?park={park['id']}&limit=1000", headers=staff)
    units = {feature["id"] for feature in of_park.json()["features"]}
    results = [r for r in ranking["lists"]["factory"]["results"] if r["asset_ids"][0] in units]

    compared = 0
    for result in results[:5]:
        answer = await client.get(f"/api/v1/assets/{result['asset_ids'][0]}/demands?limit=100", headers=staff)
        assert answer.status_code == 200, answer.text
        (item,) = (result for result in answer.json()["results"] if result["demand_id"] == demand_id)
        assert (item["score"], item["status"]) == (result["score"], result["status"])
        assert item["points"]["score"] == result["points"]
        assert item["both"] <= 2 * min(item["score"], item["value"]) or item["both"] == 0
        assert {term["id"] for term in item["worth"]["terms"]} == {
            "tax_yuan_year",
            "output_yuan_year",
            "jobs",
            "energy_tce",
        }
        assert "energy_tce" in item["worth"]["unknown"]
        assert item["hard"][0]["text"]
        compared += 1
    assert compared > 0
    assert "worth" not in str(ranking)


async def test_the_list_is_staffs_of_the_park(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    id = (await client.get(f"/api/v1/assets?park={park['id']}&limit=1", headers=staff)).json()["features"][0]["id"]
    place = f"/api/v1/assets/{id}/demands"
    nowhere = "/api/v1/assets/00000000-0000-7000-8000-000000000000/demands"
    admin, firm = keys["demo-admin"], keys["demo-zhiding"]
    every = (await client.get("/api/v1/assets?limit=1000", headers=staff)).json()["features"]
    foreign = next(item["id"] for item in every if item["properties"]["park_id"] != park["id"])

    answers = [
        await client.get(place),
        await client.get(place, headers=firm),
        await client.get(f"/api/v1/assets/{foreign}/demands", headers=staff),
        await client.get(place, headers=admin),
        await client.get(nowhere, headers=staff),
        await client.get(f"{place}?limit=0", headers=staff),
    ]

    assert [answer.status_code for answer in answers] == [401, 403, 403, 200, 404, 400]
