"""Staff pin a unit for a need or set it aside: shown beside the computed order, which stays what it was."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.story import Headers
from tests.api.test_interests import FIRM, OTHER_STAFF


def pin(asset_id: str, placement: str = "pinned", **more: Any) -> dict[str, Any]:
    return {"asset_id": asset_id, "placement": placement, "reason": "紧邻同行企业", "note": "业主愿意让价"} | more


async def test_pinned_shown_and_taken_away(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, hall: dict[str, Any], shown: dict[str, Any]
) -> None:
    demand_id, place = shown["demand"]["id"], f"/api/v1/demands/{shown['demand']['id']}/pins"
    once = staff | {"Idempotency-Key": "one-pin"}
    made, again = [await client.post(place, headers=once, json=pin(hall["id"])) for _ in range(2)]
    assert (made.status_code, again.json()) == (201, made.json()), made.text

    kept = (await client.get(f"/api/v1/rankings/{shown['id']}", headers=keys[FIRM])).json()
    of_staff = (await client.get(f"/api/v1/rankings/{shown['id']}", headers=staff)).json()
    anew = (await client.post(f"/api/v1/demands/{demand_id}/rankings?limit=100", headers=keys[FIRM])).json()

    def order(ranking: dict[str, Any]) -> list[tuple[Any, ...]]:
        return [(result["asset_ids"], result["score"]) for result in ranking["lists"]["factory"]["results"]]

    assert order(kept) == order(anew) == order(shown)
    assert shown["pins"] == []
    assert [(pin["asset_id"], pin["placement"], pin["reason"]) for pin in kept["pins"]] == [
        (hall["id"], "pinned", "紧邻同行企业")
    ]
    assert {result["pin"] for result in kept["lists"]["factory"]["results"] if result["asset_ids"] == [hall["id"]]} == {
        "pinned"
    }
    assert ["note" in pin for pin in kept["pins"] + of_staff["pins"]] == [False, True]
    assert "业主愿意让价" not in (await client.get(place, headers=keys[FIRM])).text
    assert (await client.get(place, headers=keys[OTHER_STAFF])).json()["items"] == []

    removed = await client.delete(f"{place}/{hall['id']}", headers=staff)
    assert (removed.status_code, removed.json()["removed"]) == (200, True)
    assert (await client.get(place, headers=staff)).json()["items"] == []
    for who in (staff, keys["demo-admin"]):
        past = (await client.get(f"{place}?past=true", headers=who)).json()["items"]
        assert [(item["placement"], item["note"], item["removed_at"] is None) for item in past] == [
            ("pinned", "业主愿意让价", False)
        ]
    acts = (await client.get(f"/api/v1/assets/{hall['id']}/history", headers=staff)).json()["events"]
    assert [act["act"] for act in acts][:2] == ["unit.unpinned", "unit.pinned"]


async def test_who_may_and_what_is_refused(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, hall: dict[str, Any], shown: dict[str, Any]
) -> None:
    place = f"/api/v1/demands/{shown['demand']['id']}/pins"
    body = pin(hall["id"], "set_aside")

    assert (await client.post(place, headers=keys[FIRM], json=body)).status_code == 403
    assert (await client.post(place, headers=keys[OTHER_STAFF], json=body)).status_code == 403
    assert (await client.post(place, json=body)).status_code == 404
    assert (await client.post(place, headers=staff, json=body)).status_code == 201
    twice = await client.post(place, headers=staff, json=pin(hall["id"]))
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (409, "already_pinned")
    nobody = "00000000-0000-7000-8000-000000000000"
    missing = await client.post(place, headers=staff, json=pin(nobody))
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (422, "asset_id")
    empty = await client.post(place, headers=staff, json=body | {"reason": " "})
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "reason")
    assert (await client.delete(f"{place}/{nobody}", headers=staff)).status_code == 404
    assert (await client.delete(f"{place}/{hall['id']}", headers=keys[OTHER_STAFF])).status_code == 403
    assert (await client.get(f"{place}?past=true", headers=keys[FIRM])).status_code == 403
    assert len((await client.get(place, headers=keys[FIRM])).json()["items"]) == 1
