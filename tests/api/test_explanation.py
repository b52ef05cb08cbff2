"""Why a unit stands where it stands: over HTTP, for every unit of the district and every caller."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.story import Headers, box, firm_of, lease, register, state_need
from tests.conftest import Dazu


def place(demand_id: str, asset_id: str) -> str:
    return f"/api/v1/demands/{demand_id}/assets/{asset_id}/explanation"


async def test_every_unit_of_the_district_is_explained_as_it_is_ranked(
    client: httpx.AsyncClient, keys: dict[str, Headers], dazu: Dazu
) -> None:
    firm = keys["demo-zhiding"]
    demand_id = await state_need(client, firm, kinds=["factory", "land"])
    ranked = (await client.post(f"/api/v1/demands/{demand_id}/rankings?limit=100", headers=firm)).json()
    units = (await client.get("/api/v1/assets?limit=10000&availability=available", headers=firm)).json()["features"]
    shown = {result["asset_ids"][0]: result for part in ranked["lists"].values() for result in part["results"]}

    out: dict[str, dict[str, int]] = {kind: {} for kind in ranked["lists"]}
    for unit in units:
        answer = await client.get(place(demand_id, unit["id"]) + "?limit=100", headers=firm)
        body = answer.json()
        assert (answer.status_code, body["is_on_offer"], body["availability"]) == (200, True, "available")
        if unit["id"] in shown:
            assert {**body["result"], "pin": None} == shown[unit["id"]]
            assert body["standing"]["is_shown"] is True
        elif body["result"]["status"] != "no_fit":
            (front,) = body["standing"]["behind"]["asset_ids"]
            assert unit["id"] in shown[front]["like_it"]["asset_ids"]
            assert body["result"]["status"] == shown[front]["status"]
        else:
            for rule in body["out_by"]:
                out[body["kind"]][rule] = out[body["kind"]].get(rule, 0) + 1

    assert len(units) == ranked["compared"] >= 5
    assert sum(len(rules) for rules in out.values()) > 0
    for kind, part in ranked["lists"].items():
        assert out[kind] == {rule: count for rule, count in part["totals"]["out_by"].items() if count}
        assert part["text"].startswith(f"共比较 {part['totals']['compared']} 个单元：")


async def test_units_that_are_not_on_offer(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    firm, english = keys["demo-zhiding"], {"Accept-Language": "en"}
    facts = {"stated_area": 1800, "stated_area_unit": "m2", "clear_height_m": 9, "rent_yuan_m2_month": 9}
    hall = await register(client, staff, park, "E-1", box(park, 0), level="building", **facts)
    plot = await register(client, staff, park, "E-2", box(park, 1), level="plot")
    body = {"type": "Feature", "geometry": box(park, 2)}
    draft = await client.post(
        "/api/v1/assets",
        headers=staff,
        json=body | {"properties": {"park_id": park["id"], "level": "building", "code": "E-3", "name": "E-3"} | facts},
    )
    demand_id = await state_need(client, firm, listing="published")
    before = (await client.get(place(demand_id, hall["id"]), headers=firm)).json()
    taken = await client.post("/api/v1/outcomes", headers=staff, json=lease([hall["id"]], await firm_of(client, keys)))
    assert taken.status_code == 201, taken.text

    occupied = (await client.get(place(demand_id, hall["id"]), headers=firm | english)).json()
    other_kind = (await client.get(place(demand_id, plot["id"]), headers=firm | english)).json()
    hidden = await client.get(place(demand_id, draft.json()["id"]), headers=firm)
    own_draft = (await client.get(place(demand_id, draft.json()["id"]), headers=staff | english)).json()

    assert (before["is_on_offer"], occupied["is_on_offer"], occupied["availability"]) == (True, False, "reserved")
    assert occupied["standing"]["place"] == before["standing"]["place"]
    assert occupied["result"]["score"] == before["result"]["score"]
    assert occupied["text"].startswith("Not on offer now (reserved); were it, it would take place ")
    assert (other_kind["standing"], other_kind["result"]["score"]) == (None, None)
    assert other_kind["text"] == "The need does not ask for land"
    assert hidden.status_code == 404
    assert (own_draft["availability"], own_draft["is_on_offer"]) == ("draft", False)
    assert (own_draft["out_by"], own_draft["standing"]["list"]) == ([], "to_confirm")


async def test_who_may_ask(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    demand_id = await state_need(client, keys["demo-zhiding"])  # a draft: the firm's own
    unit = (await client.get("/api/v1/assets?limit=1&availability=available")).json()["features"][0]["id"]

    nobody = "00000000-0000-7000-8000-000000000000"
    assert (await client.get(place(demand_id, unit), headers=keys["demo-zhiding"])).status_code == 200
    assert (await client.get(place(demand_id, unit))).status_code == 404
    assert (await client.get(place(demand_id, unit), headers=keys["demo-shuangqiao"])).status_code == 404
    assert (await client.get(place(demand_id, nobody), headers=keys["demo-zhiding"])).status_code == 404
    assert (await client.get(place(nobody, unit), headers=keys["demo-zhiding"])).status_code == 404
    assert (await client.get(place(demand_id, unit) + "?limit=0", headers=keys["demo-zhiding"])).status_code == 400
