"""What the tests of the service tell it over HTTP again and again: register, let, step, count."""

from __future__ import annotations

from typing import Any

import httpx

from tests.conftest import TODAY

Headers = dict[str, str]
#: An idle period on record: what is let or passes on counts.
EMPTY = {"stated_idle_since": "2010-01-01", "idle_basis": "vacant_building"}
SQUARE_M = 0.0004  # about 40 m of longitude
NEED = {
    "title": "灯具塑料件厂房",
    "kinds": ["factory"],
    "accepted_paths": ["lease", "sale"],
    "floor_area_m2_min": 1500,
    "floor_area_m2_max": 6000,
    "clear_height_m_min": 8,
    "power_kva_min": 300,
    "rent_yuan_m2_month_max": 12,
    "product_codes": ["3752", "2929"],
}


def box(park: dict[str, Any], n: int, *, row: int = 0, part: float = 1.0) -> dict[str, Any]:
    """A square near the park's middle, `n` to the east of it and `row` to the north; `part` keeps its western share."""
    ring = park["geometry"]["coordinates"][0][0][:-1]
    lon = sum(x for x, _ in ring) / len(ring) + n * 2 * SQUARE_M
    lat = sum(y for _, y in ring) / len(ring) + row * 2 * SQUARE_M
    east, north = lon + SQUARE_M * part, lat + SQUARE_M
    return {"type": "Polygon", "coordinates": [[[lon, lat], [east, lat], [east, north], [lon, north], [lon, lat]]]}


async def register(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], code: str, geometry: dict[str, Any], **facts: Any
) -> dict[str, Any]:
    """A published unit."""
    properties = {"park_id": park["id"], "code": code, "name": code, "allowed_paths": ["lease"], **facts}
    made = await client.post(
        "/api/v1/assets",
        headers=staff,
        json={"type": "Feature", "geometry": geometry, "properties": properties},
    )
    assert made.status_code == 201, made.text
    tag = {"If-Match": made.headers["etag"]}
    shown = await client.post(f"/api/v1/assets/{made.json()['id']}/publish", headers=staff | tag)
    assert shown.status_code == 200, shown.text
    feature: dict[str, Any] = shown.json()
    del feature["completeness"]
    return feature


def lease(asset_ids: list[str], firm_id: str) -> dict[str, Any]:
    return {
        "path": "lease",
        "asset_ids": asset_ids,
        "firm_id": firm_id,
        "starts_on": str(TODAY),
        "ends_on": "2030-12-31",
    }


async def firm_of(client: httpx.AsyncClient, keys: dict[str, Headers]) -> str:
    return str((await client.get("/api/v1/auth/me", headers=keys["demo-zhiding"])).json()["firm_id"])


async def state_need(client: httpx.AsyncClient, firm: Headers, **changes: Any) -> str:
    """The id of a need of the firm."""
    posted = await client.post("/api/v1/demands", headers=firm, json=NEED | changes)
    assert posted.status_code == 201, posted.text
    return str(posted.json()["id"])


async def step(client: httpx.AsyncClient, staff: Headers, outcome: httpx.Response, **body: Any) -> httpx.Response:
    outcome_id = outcome.json()["id"]
    tag = {"If-Match": outcome.headers["etag"]}
    moved = await client.post(f"/api/v1/outcomes/{outcome_id}/stages", headers=staff | tag, json=body)
    assert moved.status_code == 200, moved.text
    return moved


async def counted(client: httpx.AsyncClient, **query: str) -> tuple[str, str]:
    period = {"from": str(TODAY), "to": str(TODAY), **query}
    answer = (await client.get("/api/v1/stats/revitalized", params=period)).json()
    return answer["land"]["area_mu"], answer["factory"]["area_m2"]
