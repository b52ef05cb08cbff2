"""What the whole model reads, from the write that says it to the ranking that shows it."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import pytest

from tests.api.story import SQUARE_M, Headers, box, register
from tests.conftest import Dazu

LAND = {"stated_area": 7000, "stated_area_unit": "m2", "rent_yuan_m2_month": 1}
NEED: dict[str, Any] = {"kinds": ["land"], "accepted_paths": ["lease"], "land_area_m2_min": 6900}
NEED |= {"land_area_m2_max": 7100, "product_codes": ["3752"]}


def shifted(geometry: dict[str, Any], east: float) -> dict[str, Any]:
    """The outline moved by so many degrees."""
    return {"type": "Polygon", "coordinates": [[[x + east, y] for x, y in geometry["coordinates"][0]]]}


async def ranked(client: httpx.AsyncClient, **changes: Any) -> dict[str, dict[str, Any]]:
    """Results on land by code."""
    answer = await client.post("/api/v1/rankings?limit=100", json=NEED | changes)
    assert answer.status_code == 200, answer.text
    results = answer.json()["lists"]["land"]["results"]
    return {result["assets"][0]["code"]: result for result in results}


def entry(result: dict[str, Any], name: str) -> dict[str, Any]:
    (matches,) = (item for item in (*result["hard"], *result["soft"]) if item["id"] == name)
    return dict(matches)


async def test_space_beside_is_found_on_write_and_follows_what_is_on_offer(
    dazu: Dazu, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    here = box(park, 3)
    await register(client, staff, park, "M-1", here, level="plot", **LAND)
    beside = await register(client, staff, park, "M-2", shifted(here, SQUARE_M), level="plot", **LAND)
    await register(client, staff, park, "M-3", shifted(here, 3 * SQUARE_M), level="plot", **LAND)

    conn = await asyncpg.connect(dazu.superuser_url)
    rows = await conn.fetch(
        """SELECT a.code, n.code AS beside, j.basis FROM panhuo.asset_adjacency AS j
           JOIN panhuo.asset AS a ON a.id = j.asset_id JOIN panhuo.asset AS n ON n.id = j.neighbour_id
           WHERE a.code LIKE 'M-%' ORDER BY 1"""
    )
    await conn.close()
    assert [tuple(row) for row in rows] == [("M-1", "M-2", "shared_edge"), ("M-2", "M-1", "shared_edge")]
    query = {"expansion_m2": 14000, "importances": {"expansion": 1}}
    ranking = await ranked(client, **query)
    assert {code: entry(ranking[code], "expansion")["offered"] for code in ("M-1", "M-2", "M-3")} == {
        "M-1": 7000.0,
        "M-2": 7000.0,
        "M-3": 0.0,
    }
    assert entry(ranking["M-1"], "expansion")["d"] == pytest.approx(0.65)

    seen = await client.get(f"/api/v1/assets/{beside['id']}", headers=staff)
    tag = {"If-Match": seen.headers["etag"]}
    assert (await client.post(f"/api/v1/assets/{beside['id']}/withdraw", headers=staff | tag)).status_code == 200

    assert entry((await ranked(client, **query))["M-1"], "expansion")["offered"] == 0.0


async def test_floors_one_above_the_other_are_neighbours(
    dazu: Dazu, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    home = box(park, 5)
    building = await register(client, staff, park, "B-1", home, level="building", storeys=3)
    for n in (1, 2, 4):
        facts = {"level": "floor", "parent_id": building["id"], "floor_no": n}
        await register(client, staff, park, f"B-1-{n}", home, **facts)

    conn = await asyncpg.connect(dazu.superuser_url)
    rows = await conn.fetch(
        """SELECT a.code, n.code AS beside, j.basis FROM panhuo.asset_adjacency AS j
           JOIN panhuo.asset AS a ON a.id = j.asset_id JOIN panhuo.asset AS n ON n.id = j.neighbour_id
           WHERE a.code LIKE 'B-1%' ORDER BY 1"""
    )
    await conn.close()
    assert [tuple(row) for row in rows] == [("B-1-1", "B-1-2", "above"), ("B-1-2", "B-1-1", "above")]


async def test_area_radius_and_effluent_decide(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> None:
    here = box(park, 7)
    await register(
        client, staff, park, "E-1", here, level="plot", effluent_types=["sanitary"], effluent_free_t_d=20, **LAND
    )
    await register(client, staff, park, "E-2", shifted(here, 3 * SQUARE_M), level="plot", **LAND)
    lon, lat = here["coordinates"][0][0]

    inside = await ranked(client, within=here)
    near = await ranked(client, places=[{"lon": lon, "lat": lat, "radius_m": 80}])
    drained = await ranked(client, effluent_types=["sanitary"], effluent_t_d_min=15)
    saline = await ranked(client, effluent_types=["saline"])

    assert entry(inside["E-1"], "H13")["status"] == "pass"
    assert entry(inside["E-1"], "H13")["offered"] == {"inside": True, "distance_m": []}
    assert "E-2" not in inside
    assert "E-1" in near
    assert "E-2" not in near
    assert entry(drained["E-1"], "H8")["status"] == "pass"
    assert entry(drained["E-2"], "H8")["status"] == "unknown"
    assert set(drained["E-2"]["unknown"]) >= {"effluent_types", "effluent_free_t_d"}
    assert "E-1" not in saline


async def test_ranking_sees_an_above_scale_firm_and_its_change(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    here = box(park, 9)
    await register(client, staff, park, "A-1", here, level="plot", **LAND)
    ring = park["geometry"]["coordinates"][0][0]
    lon, lat = (sum(item[axis] for item in ring) / len(ring) for axis in (0, 1))
    query = {"importances": {"industry": 1}}

    async def anchor() -> float | None:
        anchor: float | None = entry((await ranked(client, **query))["A-1"], "industry")["parts"]["anchor"]
        return anchor

    before = await anchor()
    body = {"name": "示例规上企业", "industry_code": "3752", "is_above_scale": True, "lon": lon, "lat": lat}
    made = await client.post("/api/v1/firms", headers=keys["demo-admin"], json=body)
    assert made.status_code == 201, made.text
    beside = await anchor()
    tag = {"If-Match": made.headers["etag"]}
    path = f"/api/v1/firms/{made.json()['id']}"
    moved = await client.patch(path, headers=keys["demo-admin"] | tag, json={"is_above_scale": False})
    assert moved.status_code == 200, moved.text

    assert beside is not None
    assert beside > 0.9
    assert await anchor() == before


async def test_template_in_force_is_shown_and_can_be_named(client: httpx.AsyncClient) -> None:
    scheme = (await client.get("/api/v1/schemes/matching")).json()
    assert (scheme["kind"], scheme["version"]) == ("matching", "R2")
    assert scheme["body"]["templates"]["vehicles"]["source"].startswith("illustrative")
    assert (await client.get("/api/v1/schemes/luck")).status_code == 404

    importances = (await client.post("/api/v1/rankings", json=NEED)).json()["lists"]["land"]["importances"]
    named = (await client.post("/api/v1/rankings", json=NEED | {"template": "electronics"})).json()["lists"]["land"]

    assert (importances["basis"], importances["template"]["id"]) == ("template", "vehicles")
    assert named["importances"]["template"]["id"] == "electronics"


RING = [[105.7, 29.4], [105.8, 29.4], [105.8, 29.5], [105.7, 29.5], [105.7, 29.4]]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"product_codes": ["9999"]}, "product_codes"),
        ({"product_codes": ["3752"] * 10_000}, "product_codes"),
        ({"rent_yuan_m2_month_max": -1}, "rent_yuan_m2_month_max"),
        ({"yearly_cost_yuan_max": -5}, "yearly_cost_yuan_max"),
        ({"land_area_m2_max": 5}, "land_area_m2_max"),
        ({"power_kva_min": 500, "power_kva_pref": 400}, "power_kva_pref"),
        ({"importances": {"size": 0, "cost": 0}}, "importances"),
        ({"importances": {"height": 5}}, "importances"),
        ({"importances": {"policy": 6}}, "importances.policy"),
        ({"template": "alchemy"}, "template"),
        ({"effluent_types": ["lava"]}, "effluent_types.0"),
        ({"effluent_t_d_min": -1}, "effluent_t_d_min"),
        ({"places": [{"lon": 105}]}, "places.0.lat"),
        ({"places": [{"lon": 105, "lat": 291}]}, "places.0.lat"),
        ({"places": [{"lon": 105, "lat": 29, "radius_m": 0}]}, "places.0.radius_m"),
        ({"equipment": [{"item": "has_sprinklers", "at_least": 2}]}, "equipment.0.at_least"),
        ({"equipment": [{"item": "crane_t"}]}, "equipment.0.at_least"),
        ({"equipment": [{"item": "anvil"}]}, "equipment.0.item"),
        ({"policies": ["gold"]}, "policies.0"),
        ({"expansion_m2": 0}, "expansion_m2"),
        ({"within": {"type": "Point", "coordinates": [105, 29]}}, "within.type"),
        ({"within": {"type": "Polygon", "coordinates": [RING[:2] * 15_000 + RING]}}, "within.coordinates"),
    ],
)
async def test_bad_need_is_refused_naming_the_field(
    client: httpx.AsyncClient, wrong: dict[str, Any], field: str
) -> None:
    answer = await client.post("/api/v1/rankings", json=NEED | wrong)

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"].startswith(field), answer.text
