"""Industry decides: two plots equal but for their park's leading industries, two needs, two orders."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.story import SQUARE_M, Headers, firm_of

LON, LAT = 105.2, 29.2  # away from the demo's parks


def square(n: int, size: float) -> dict[str, Any]:
    west, south = LON + n * 0.1, LAT
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


async def plot_led_by(client: httpx.AsyncClient, admin: Headers, n: int, code: str) -> str:
    """A park led by one industry with one published plot in it; the plot's id."""
    about = {"code": f"led-{code}", "name_zh": f"主导{code}园", "leading_industries": [code]}
    park = {"type": "Feature", "geometry": square(n, 0.02), "properties": about}
    made = await client.post("/api/v1/parks", headers=admin, json=park)
    assert made.status_code == 201, made.text
    facts = {"park_id": made.json()["id"], "level": "plot", "code": "P", "name": "P", "allowed_paths": ["lease"]}
    facts |= {"stated_area": 2.4, "stated_area_unit": "mu", "rent_yuan_m2_month": 5}
    plot = {"type": "Feature", "geometry": square(n, SQUARE_M), "properties": facts}
    unit = await client.post("/api/v1/assets", headers=admin, json=plot)
    assert unit.status_code == 201, unit.text
    place = f"/api/v1/assets/{unit.json()['id']}"
    shown = await client.post(f"{place}/publish", headers=admin | {"If-Match": unit.headers["etag"]})
    assert shown.status_code == 200, shown.text
    return str(unit.json()["id"])


async def test_two_codes_rank_two_plots_in_opposite_order(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    lamps = await plot_led_by(client, keys["demo-admin"], 0, "3752")
    herbs = await plot_led_by(client, keys["demo-admin"], 1, "2730")
    orders = {}
    for code in ("3752", "2730"):
        need = {"kinds": ["land"], "accepted_paths": ["lease"], "land_area_m2_min": 1500, "land_area_m2_max": 1700}
        answer = await client.post("/api/v1/rankings", json=need | {"product_codes": [code]}, params={"limit": 100})
        assert answer.status_code == 200, answer.text
        ids = [item for result in answer.json()["lists"]["land"]["results"] for item in result["asset_ids"]]
        orders[code] = [item for item in ids if item in (lamps, herbs)]

    assert orders == {"3752": [lamps, herbs], "2730": [herbs, lamps]}


async def test_the_registered_industry_serves_where_no_product_is_declared_and_says_so(
    client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    admin, firm_id = keys["demo-admin"], await firm_of(client, keys)
    lamps = await plot_led_by(client, admin, 0, "3752")
    herbs = await plot_led_by(client, admin, 1, "2730")
    need = {"title": "地", "kinds": ["land"], "accepted_paths": ["lease"], "land_area_m2_min": 1500}
    need |= {"land_area_m2_max": 1700}
    posted = await client.post("/api/v1/demands", headers=keys["demo-zhiding"], json=need)
    place = f"/api/v1/demands/{posted.json()['id']}/rankings"
    firsts = {}
    for code in ("3752", "2730"):
        change = {"industry_code": code}
        named = await client.patch(f"/api/v1/firms/{firm_id}", headers=admin | {"If-Match": "*"}, json=change)
        assert named.status_code == 200, named.text
        ranked = await client.post(place, headers=keys["demo-zhiding"], params={"limit": 100})
        results = [
            result for result in ranked.json()["lists"]["land"]["results"] if result["asset_ids"][0] in (lamps, herbs)
        ]
        firsts[code] = results[0]["asset_ids"][0]
        industry = next(reason for reason in results[0]["soft"] if reason["id"] == "industry")
        assert (industry["required"], industry["basis"]) == ([code], "registered")
        assert "取自登记行业" in industry["text"]

    assert firsts == {"3752": lamps, "2730": herbs}
