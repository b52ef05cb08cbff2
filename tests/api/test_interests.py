"""What a firm does with the units it was shown, and what is told of refusals to whom."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.story import Headers, box, firm_of, lease, register, state_need, step
from tests.conftest import TODAY

FIRM, OTHER_STAFF = "demo-zhiding", "demo-dazu-gaoxin"


async def did(
    client: httpx.AsyncClient, who: Headers, ranking: dict[str, Any], asset_id: str, act: str, **more: Any
) -> httpx.Response:
    body = {"ranking_id": ranking["id"], "asset_id": asset_id, "act": act, **more}
    return await client.post(f"/api/v1/demands/{ranking['demand']['id']}/interests", headers=who, json=body)


async def test_from_viewed_to_moved_in(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    staff: Headers,
    hall: dict[str, Any],
    shown: dict[str, Any],
) -> None:
    firm = keys[FIRM]
    facts = {"park_id": hall["properties"]["park_id"], "purposes": ["demands"], "ends_on": str(TODAY)}
    answer = await client.post(f"/api/v1/firms/{await firm_of(client, keys)}/mandates", headers=firm, json=facts)
    assert answer.status_code == 201, answer.text
    viewed = await did(client, firm, shown, hall["id"], "viewed")
    visited = await did(client, staff, shown, hall["id"], "visited", happened_on=str(TODAY), note="带看一次")
    assert (viewed.status_code, visited.status_code) == (201, 201), visited.text
    assert viewed.json()["was_shown"] is True
    about = {"demand_id": shown["demand"]["id"], "ranking_id": shown["id"]}
    opened = await client.post(
        "/api/v1/outcomes", headers=staff, json=lease([hall["id"]], await firm_of(client, keys)) | about
    )
    assert opened.status_code == 201, opened.text
    signed = await step(client, staff, opened, stage="signed", signed_on=str(TODAY))
    await step(client, staff, signed, stage="handed_over", handed_over_on=str(TODAY))

    place = f"/api/v1/demands/{shown['demand']['id']}/interests"
    facts = (await client.get(place, headers=firm)).json()["items"]
    elsewhere = (await client.get(place, headers=keys[OTHER_STAFF])).json()["items"]

    assert [(fact["act"], fact["note"]) for fact in facts] == [("viewed", None), ("visited", "带看一次")]
    assert [(outcome["stage"], outcome["ranking_id"], outcome["revived_on"]) for outcome in facts[0]["outcomes"]] == [
        ("handed_over", shown["id"], str(TODAY))
    ]
    assert (await client.get(place, headers=staff)).json()["items"] == facts
    assert elsewhere == []
    feed = (await client.get("/api/v1/events?limit=1000", headers=firm)).json()["items"]
    assert [item["act"] for item in feed][-2:] == ["interest.viewed", "interest.visited"]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"act": "viewed", "happened_on": "2000-01-01"}, "happened_on", "dates_reversed"),
        ({"act": "refused"}, "refused_for", "missing"),
        ({"act": "refused", "refused_for": "H99"}, "refused_for", "not_in_vocabulary"),
        ({"act": "refused", "refused_for": "other"}, "note", "missing"),
        ({"act": "viewed", "refused_for": "cost"}, "refused_for", "refusals_alone"),
        ({"act": "bought"}, "act", "not_in_vocabulary"),
        ({"act": "viewed", "happened_on": "2190-01-01"}, "happened_on", "in_the_future"),
        ({"act": "viewed", "note": " "}, "note", "empty"),
        ({"act": "viewed", "ranking_id": "00000000-0000-7000-8000-000000000000"}, "ranking_id", "unknown_reference"),
        ({"act": "viewed", "asset_id": "00000000-0000-7000-8000-000000000000"}, "asset_id", "unknown_reference"),
    ],
)
async def test_what_is_refused(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    hall: dict[str, Any],
    shown: dict[str, Any],
    body: dict[str, Any],
    field: str,
    code: str,
) -> None:
    place = f"/api/v1/demands/{shown['demand']['id']}/interests"
    facts = {"ranking_id": shown["id"], "asset_id": hall["id"]} | body

    answer = await client.post(place, headers=keys[FIRM], json=facts)

    assert (answer.status_code, answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (
        422,
        field,
        code,
    )
    assert (await client.get(place, headers=keys[FIRM])).json()["items"] == []


async def test_a_ranking_of_another_need_and_a_hidden_unit_are_refused(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    staff: Headers,
    park: dict[str, Any],
    hall: dict[str, Any],
    shown: dict[str, Any],
) -> None:
    firm = keys[FIRM]
    other_need = {**shown, "demand": {"id": await state_need(client, firm)}}
    draft = await client.post(
        "/api/v1/assets",
        headers=staff,
        json={
            "type": "Feature",
            "geometry": box(park, 1),
            "properties": {"park_id": park["id"], "level": "building", "code": "I-2", "name": "I-2"},
        },
    )
    later = await register(client, staff, park, "I-3", box(park, 2), level="building")

    assert (await did(client, firm, other_need, hall["id"], "viewed")).json()["errors"][0]["field"] == "ranking_id"
    assert (await did(client, firm, shown, draft.json()["id"], "viewed")).json()["errors"][0]["field"] == "asset_id"
    answered = await did(client, firm, shown, later["id"], "viewed")
    assert (answered.status_code, answered.json()["was_shown"]) == (201, False)


async def test_who_may(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, hall: dict[str, Any], shown: dict[str, Any]
) -> None:
    assert (await did(client, {}, shown, hall["id"], "viewed")).status_code == 404
    assert (await did(client, keys[OTHER_STAFF], shown, hall["id"], "viewed")).status_code == 403
    once = keys[FIRM] | {"Idempotency-Key": "one-view"}
    first, again = [await did(client, once, shown, hall["id"], "viewed") for _ in range(2)]
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    place = f"/api/v1/demands/{shown['demand']['id']}/interests"
    assert len((await client.get(place, headers=staff)).json()["items"]) == 1
    assert (await client.get(place)).status_code == 404


async def test_refusals_by_reason_exact_for_the_park_and_small_ones_hidden_from_others(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    staff: Headers,
    park: dict[str, Any],
    hall: dict[str, Any],
    shown: dict[str, Any],
) -> None:
    for reason, times in (("H10", 5), ("cost", 4)):
        for _ in range(times):
            made = await did(client, keys[FIRM], shown, hall["id"], "refused", refused_for=reason)
            assert made.status_code == 201, made.text
    period = {"from": str(TODAY), "to": str(TODAY)}

    async def counts(who: Headers, **more: str) -> dict[str, Any]:
        answer = await client.get(
            "/api/v1/stats/refusals", headers=who | {"Accept-Language": "en"}, params=period | more
        )
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    own = await counts(staff)
    other = await counts(keys[OTHER_STAFF])

    about = {"park_id": park["id"], "firms": 1, "units": 1}
    assert own["own"] == [
        about | {"id": "H10", "name": "Budget", "refusals": 5},
        about | {"id": "cost", "name": "Yearly cost", "refusals": 4},
    ]
    assert (own["others"], other["own"]) == ([], [])
    assert other["others"] == [
        {"id": "H10", "refusals": 5, "name": "Budget"},
        {"id": "cost", "refusals": None, "name": "Yearly cost"},
    ]
    assert (await counts(keys["demo-admin"]))["own"] == own["own"]
    assert (await counts(keys["demo-admin"], park="00000000-0000-7000-8000-000000000000"))["own"] == []
    refused = await client.get("/api/v1/stats/refusals", headers=keys[FIRM], params=period)
    assert refused.status_code == 403
    assert (await client.get("/api/v1/stats/refusals", params=period)).status_code == 401
    reversed_ = {"from": str(TODAY), "to": "2020-01-01"}
    assert (await client.get("/api/v1/stats/refusals", headers=staff, params=reversed_)).status_code == 400
