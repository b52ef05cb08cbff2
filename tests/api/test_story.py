"""The story of the service over HTTP: register, publish, find, rank, let, count; and the rivals who want the same."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain import actor as rights
from tests.api.story import EMPTY, Headers, box, counted, firm_of, lease, register, step
from tests.conftest import TODAY


async def test_from_register_to_figure_and_its_correction(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    mu = {"stated_area": "2.5", "stated_area_unit": "mu"}
    plot = await register(client, staff, park, "T-1", box(park, 0), level="plot", **mu, **EMPTY)
    facts = {"stated_area": 1800, "stated_area_unit": "m2", "clear_height_m": 9, "rent_yuan_m2_month": 9, **EMPTY}
    hall = await register(client, staff, park, "T-2", box(park, 1), level="building", **facts)
    ring = hall["geometry"]["coordinates"][0][0]
    bbox = f"{ring[0][0]},{ring[0][1]},{ring[0][0] + 1e-5},{ring[0][1] + 1e-5}"
    body = (await client.get("/api/v1/assets", params={"bbox": bbox, "area_m2_min": 1800, "area_m2_max": 1800})).json()
    assert [feature["id"] for feature in body["features"]] == [hall["id"]]

    need = {
        "title": "灯具塑料件厂房",
        "kinds": ["factory"],
        "accepted_paths": ["lease"],
        "floor_area_m2_min": 1500,
        "floor_area_m2_max": 2000,
        "clear_height_m_min": 8,
        "product_codes": ["3752", "2929"],
    }
    posted = await client.post("/api/v1/demands", headers=keys["demo-zhiding"], json=need)
    assert posted.status_code == 201, posted.text
    ranked = await client.post(f"/api/v1/demands/{posted.json()['id']}/rankings", headers=keys["demo-zhiding"])
    assert ranked.status_code == 201, ranked.text
    results = ranked.json()["lists"]["factory"]["results"]
    mine = next(result for result in results if result["asset_ids"] == [hall["id"]])
    assert mine["status"] in ("fit", "to_confirm")
    for result in results:
        assert sum(reason["contribution"] for reason in result["soft"]) == result["score"]
    kept = await client.get(ranked.headers["location"], headers=keys["demo-zhiding"])
    assert kept.json()["lists"] == ranked.json()["lists"]

    firm_id = await firm_of(client, keys)
    before = await counted(client)
    opened = await client.post("/api/v1/outcomes", headers=staff, json=lease([hall["id"], plot["id"]], firm_id))
    assert opened.status_code == 201, opened.text
    assert (await client.get(f"/api/v1/assets/{hall['id']}")).json()["properties"]["availability"] == "reserved"
    held = await step(client, staff, opened, stage="reserved", reserved_until=str(TODAY + timedelta(days=30)))
    signed = await step(client, staff, held, stage="signed", signed_on=str(TODAY))
    assert await counted(client) == before
    stepped = await step(client, staff, signed, stage="handed_over", handed_over_on=str(TODAY))
    assert (await client.get(f"/api/v1/assets/{hall['id']}")).json()["properties"]["availability"] == "occupied"
    assert before == ("0.00", "0.00")
    assert await counted(client) == ("0.00", "1800.00")  # on the plot nothing is built yet
    built = await step(client, staff, stepped, stage="construction_started", happened_on=str(TODAY), permit_no="施-1")
    assert await counted(client) == ("2.50", "1800.00")

    history = await client.get(f"/api/v1/outcomes/{opened.json()['id']}/history", headers=staff)
    acts = [event["act"] for event in history.json()["events"]]
    assert acts == [
        *("outcome.judged", "lease.construction_started", "outcome.judged", "lease.handed_over"),
        *("lease.signed", "lease.reserved", "lease.opened"),
    ]
    me = (await client.get("/api/v1/auth/me", headers=staff)).json()["id"]
    assert {event["actor_id"] for event in history.json()["events"]} == {me}
    whole = (await client.get(f"/api/v1/assets/{hall['id']}/history", headers=staff)).json()
    assert whole["events"][-1]["act"] == "asset.registered"

    between = built.json()["recorded_at"]
    await step(client, staff, built, stage="corrected", reason="记错了，没有这回事")
    assert await counted(client) == ("0.00", "0.00")
    assert await counted(client, as_of=between) == ("2.50", "1800.00")


async def test_fifty_leases_at_once_one_wins(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    hall = await register(client, staff, park, "T-3", box(park, 2), level="building")
    firm_id = await firm_of(client, keys)

    answers = await asyncio.gather(
        *(client.post("/api/v1/outcomes", headers=staff, json=lease([hall["id"]], firm_id)) for _ in range(50))
    )

    statuses = [answer.status_code for answer in answers]
    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 409, 503}
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert refused["errors"][0]["code"] == "already_taken"


async def test_whole_floor_and_bay_never_share_a_leaf(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    hall = await register(client, staff, park, "T-4", box(park, 3), level="building")
    floor = await register(client, staff, park, "T-4-1", box(park, 3), level="floor", parent_id=hall["id"], floor_no=1)
    bay = await register(client, staff, park, "T-4-1a", box(park, 3, part=0.5), level="bay", parent_id=floor["id"])
    firm_id = await firm_of(client, keys)
    wanted = [[hall["id"]], [floor["id"]], [bay["id"]]]

    answers = await asyncio.gather(
        *(client.post("/api/v1/outcomes", headers=staff, json=lease(wanted[n % 3], firm_id)) for n in range(50))
    )

    assert [answer.status_code for answer in answers].count(201) == 1


async def test_a_repeated_key_does_nothing_twice(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    properties = {"park_id": park["id"], "level": "plot", "code": "T-5", "name": "T-5"}
    body = {"type": "Feature", "geometry": box(park, 4), "properties": properties}
    once = staff | {"Idempotency-Key": "a-key"}

    first = await client.post("/api/v1/assets", headers=once, json=body)
    again = await client.post("/api/v1/assets", headers=staff | {"Idempotency-Key": '"a-key"'}, json=body)
    other = await client.post("/api/v1/assets", headers=once, json=body | {"geometry": box(park, 5)})

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert other.json()["errors"][0]["code"] == "key_reused"


def _switch_off_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every module that asks `may` hears yes, so that row-level security stands alone."""
    modules = [module for module in list(sys.modules.values()) if getattr(module, "may", None) is rights.may]
    assert len(modules) >= 3
    for module in modules:
        monkeypatch.setattr(module, "may", lambda *_, **__: True)


@pytest.mark.parametrize("is_code_on", [True, False])
async def test_a_park_is_closed_to_others_staff_and_firms(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    staff: Headers,
    park: dict[str, Any],
    is_code_on: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    properties = {"park_id": park["id"], "level": "plot", "code": "T-6", "name": "T-6"}
    body = {"type": "Feature", "geometry": box(park, 6), "properties": properties}
    draft = await client.post("/api/v1/assets", headers=staff, json=body)
    place = f"/api/v1/assets/{draft.json()['id']}"
    if not is_code_on:
        _switch_off_rights(monkeypatch)

    for login in ("demo-dazu-gaoxin", "demo-zhiding"):
        other = keys[login]
        assert (await client.get(place, headers=other)).status_code == 404
        patch = {"properties": {"name": "theirs"}}
        assert (await client.patch(place, headers=other | {"If-Match": "*"}, json=patch)).status_code == 404
        new = await client.post(
            "/api/v1/assets", headers=other, json=body | {"properties": properties | {"code": "T-7"}}
        )
        assert new.status_code in (403, 404)
    monkeypatch.undo()
    assert (await client.get(place, headers=staff)).json()["properties"]["name"] == "T-6"
    assert (await client.get(place)).status_code == 404


async def test_works_are_kept_as_numbers(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> None:
    retrofit = [{"rule": "H5", "up_to": 800, "cost_yuan": 120000.5, "days": 40, "source": "报价单", "payer": "业主"}]
    hall = await register(client, staff, park, "T-9", box(park, 7), level="building", works=retrofit)

    assert hall["properties"]["works"] == retrofit
