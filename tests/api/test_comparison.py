"""Two rankings of one need side by side, and a ranking as GeoJSON."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.story import Headers, box, register, state_need
from tests.api.test_interests import FIRM

GEOJSON = {"Accept": "application/geo+json"}


async def ranked(client: httpx.AsyncClient, firm: Headers, demand_id: str, limit: int = 100) -> dict[str, Any]:
    made = await client.post(f"/api/v1/demands/{demand_id}/rankings?limit={limit}", headers=firm)
    assert made.status_code == 201, made.text
    ranking: dict[str, Any] = made.json()
    return ranking


async def test_what_changed_between_two_versions(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any], hall: dict[str, Any]
) -> None:
    firm, english = keys[FIRM], {"Accept-Language": "en"}
    demand_id = await state_need(client, firm)
    hall_path, at_any = f"/api/v1/assets/{hall['id']}", staff | {"If-Match": "*"}
    fee = {"properties": {"property_fee_yuan_m2_month": 0}}  # else what it costs is not known
    assert (await client.patch(hall_path, headers=at_any, json=fee)).status_code == 200
    first = await ranked(client, firm, demand_id)
    await register(client, staff, park, "D-2", box(park, 2), level="building", stated_area=1700, stated_area_unit="m2")
    changes = {"properties": {"rent_yuan_m2_month": 11.5}}
    dearer = await client.patch(hall_path, headers=at_any, json=changes)
    assert dearer.status_code == 200, dearer.text
    amended = await client.patch(
        f"/api/v1/demands/{demand_id}", headers=firm | {"If-Match": "*"}, json={"rent_yuan_m2_month_max": 13}
    )
    assert amended.status_code == 200, amended.text
    second = await ranked(client, firm, demand_id)

    place = f"/api/v1/rankings/{second['id']}/difference"
    answer = await client.get(place, params={"from": first["id"]}, headers=firm | english)

    body = answer.json()
    assert (answer.status_code, body["demand"]["versions"]) == (200, {"from": 1, "to": 2})
    assert body["changed"]["demand"] == {"rent_yuan_m2_month_max": {"from": 12, "to": 13}}
    assert (body["changed"]["day"], body["changed"]["model_version"], body["changed"]["park_facts"]) == (None, None, {})
    part = body["lists"]["factory"]
    assert [item["assets"][0]["code"] for item in part["entered"]] == ["D-2"]
    assert part["left"] == []
    mine = next(item for item in part["moved"] if item["asset_ids"] == [hall["id"]])
    before, after = (
        next(result for result in district["lists"]["factory"]["results"] if result["asset_ids"] == [hall["id"]])
        for district in (first, second)
    )
    assert mine["change"] == after["score"] - before["score"] < 0
    assert sum(item["change"] for item in mine["criteria"]) == mine["change"]
    assert mine["moved_by"] == "cost"
    assert "most of it by yearly cost" in mine["text"]
    budget = next(rule for rule in mine["rules"] if rule["id"] == "H10")
    assert budget["offered"]["from"]["rent_yuan_m2_month"] == 9
    assert budget["offered"]["to"]["rent_yuan_m2_month"] == 11.5
    same = (await client.get(place, params={"from": second["id"]}, headers=firm)).json()
    assert same["lists"]["factory"]["moved"] == same["lists"]["factory"]["entered"] == []
    assert same["lists"]["factory"]["unchanged"] == len(second["lists"]["factory"]["results"])


async def test_a_unit_that_is_no_longer_shown(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, hall: dict[str, Any]
) -> None:
    firm = keys[FIRM]
    demand_id = await state_need(client, firm)
    first = await ranked(client, firm, demand_id)
    fewer = await ranked(client, firm, demand_id, limit=1)
    gone = await client.post(f"/api/v1/assets/{hall['id']}/withdraw", headers=staff | {"If-Match": "*"})
    assert gone.status_code == 200, gone.text
    second = await ranked(client, firm, demand_id)

    cut = (await client.get(f"/api/v1/rankings/{fewer['id']}/difference?from={first['id']}", headers=firm)).json()
    left = (await client.get(f"/api/v1/rankings/{second['id']}/difference?from={first['id']}", headers=firm)).json()

    assert cut["changed"]["limit"] == {"from": 100, "to": 1}
    assert {item["is_still_ranked"] for item in cut["lists"]["factory"]["left"]} == {True}
    assert [(item["asset_ids"], item["is_still_ranked"]) for item in left["lists"]["factory"]["left"]] == [
        ([hall["id"]], False)
    ]


async def test_what_cannot_be_compared(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    firm = keys[FIRM]
    first, other = [await ranked(client, firm, await state_need(client, firm)) for _ in range(2)]
    place = f"/api/v1/rankings/{first['id']}/difference"

    refused = await client.get(place, params={"from": other["id"]}, headers=firm)
    missing = await client.get(place, params={"from": "00000000-0000-7000-8000-000000000000"}, headers=firm)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "from")
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (404, "from")
    assert (await client.get(place, headers=firm)).status_code == 400
    assert (await client.get(place, params={"from": first["id"]})).status_code == 404
    assert (await client.get(place, params={"from": first["id"]}, headers=keys["demo-shuangqiao"])).status_code == 404


async def test_a_ranking_as_geojson(client: httpx.AsyncClient, keys: dict[str, Headers], hall: dict[str, Any]) -> None:
    firm = keys[FIRM]
    demand_id = await state_need(client, firm, kinds=["factory", "land"])
    plain = await ranked(client, firm, demand_id)

    kept = await client.get(f"/api/v1/rankings/{plain['id']}", headers=firm | GEOJSON)
    made = await client.post(f"/api/v1/demands/{demand_id}/rankings?limit=100", headers=firm | GEOJSON)
    query = {"kinds": ["factory"], "floor_area_m2_min": 1500, "accepted_paths": ["lease"]}
    anonymous = await client.post("/api/v1/rankings?limit=100", headers=GEOJSON, json=query)

    body = kept.json()
    assert (kept.headers["content-type"], kept.headers["vary"].split(",")[0]) == ("application/geo+json", "Accept")
    assert (body["type"], body["id"], body["demand"]["id"]) == ("FeatureCollection", plain["id"], demand_id)
    results = [
        (kind, rank, result) for kind, part in plain["lists"].items() for rank, result in enumerate(part["results"], 1)
    ]
    assert [(f["properties"]["kind"], f["properties"]["rank"], f["id"]) for f in body["features"]] == [
        (kind, rank, result["asset_ids"][0]) for kind, rank, result in results
    ]
    mine = next(feature for feature in body["features"] if feature["id"] == hall["id"])
    assert mine["geometry"] == hall["geometry"]
    assert (mine["properties"]["code"], mine["properties"]["name"]) == ("I-1", "I-1")
    assert (made.status_code, made.json()["features"]) == (201, body["features"])
    assert (anonymous.status_code, anonymous.headers["content-type"]) == (200, "application/geo+json")
    assert hall["geometry"] in [feature["geometry"] for feature in anonymous.json()["features"]]
