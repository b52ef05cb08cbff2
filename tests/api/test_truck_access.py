"""How long a truck reaches a unit: stated, filtered by, and weighed where a need mentions it, and only there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.story import Headers, box, register

NEED: dict[str, Any] = {"kinds": ["factory"], "accepted_paths": ["lease"], "floor_area_m2_pref": 900}


async def test_units_are_filtered_by_it(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> None:
    units = [
        await register(client, staff, park, f"K-{n}", box(park, 40 + n), level="building", **facts)
        for n, facts in enumerate([{}, {"truck_length_m": 9.6}, {"truck_length_m": 17.5}])
    ]

    answer = await client.get("/api/v1/assets", params={"truck_length_m_min": 12, "park": park["id"]})

    assert [unit["id"] for unit in answer.json()["features"]] == [units[2]["id"]]
    assert [unit["properties"]["truck_length_m"] for unit in units] == [None, 9.6, 17.5]


@pytest.mark.parametrize("value", [-1, 100.01, 3.141, "long"])
async def test_what_no_truck_is_is_refused(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], value: object
) -> None:
    facts = {"park_id": park["id"], "code": "K-9", "name": "K-9", "level": "building", "truck_length_m": value}
    body = {"type": "Feature", "geometry": box(park, 45), "properties": facts}

    unit = await client.post("/api/v1/assets", headers=staff, json=body)
    need = await client.post("/api/v1/rankings", json=NEED | {"truck_length_m": value})

    assert (unit.status_code, need.status_code) == (422, 422)
    assert [error["field"] for error in unit.json()["errors"]] == ["properties.truck_length_m"]
    assert [error["field"] for error in need.json()["errors"]] == ["truck_length_m"]


async def test_it_weighs_where_it_is_mentioned_alone(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    facts: dict[str, Any] = {"level": "building", "stated_area": 900, "stated_area_unit": "m2"}
    unit = await register(client, staff, park, "K-1", box(park, 40), **facts, truck_length_m=7)

    needs: list[dict[str, Any]] = [
        {},
        {"truck_length_m": 0},
        {"truck_length_m": 17.5},
        {"truck_length_m": 17.5, "importances": {"size": 3}},
    ]
    weighed = [await criteria_of(client, unit["id"], need) for need in needs]

    assert ["truck_access" in criteria for criteria in weighed] == [False, False, True, False]
    assert list(weighed[0]) == [name for name in weighed[2] if name != "truck_access"]
    entry = weighed[2]["truck_access"]
    assert (entry["required"], entry["offered"], entry["unit"]) == (17.5, 7, "m")
    assert entry["d"] == pytest.approx(0.4)


async def test_a_length_nobody_knows_is_told(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> None:
    facts: dict[str, Any] = {"level": "building", "stated_area": 900, "stated_area_unit": "m2"}
    unit = await register(client, staff, park, "K-2", box(park, 41), **facts)

    ranked = (await client.post("/api/v1/rankings?limit=100", json=NEED | {"truck_length_m": 9})).json()
    (mine,) = [result for result in ranked["lists"]["factory"]["results"] if result["asset_ids"] == [unit["id"]]]

    (entry,) = [criterion for criterion in mine["soft"] if criterion["id"] == "truck_access"]
    assert (entry["offered"], entry["d"]) == (None, 0.3)
    assert "truck_length_m" in mine["unknown"]


async def criteria_of(client: httpx.AsyncClient, asset_id: str, need: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What weighs of a unit for a need, by criterion."""
    ranked = (await client.post("/api/v1/rankings?limit=100", json=NEED | need)).json()["lists"]["factory"]["results"]
    (mine,) = [result for result in ranked if result["asset_ids"] == [asset_id]]
    return {criterion["id"]: criterion for criterion in mine["soft"]}
