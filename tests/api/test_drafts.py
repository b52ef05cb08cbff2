"""A draft that nothing refers to can be voided; codes are unique but for blanks, width and case."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest

from store import doctor
from store.db import Database
from tests.api.story import Headers, box, firm_of, lease, register
from tests.conftest import TODAY

ASSETS = "/api/v1/assets"


async def draft(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], code: str, n: int = 0, **facts: Any
) -> httpx.Response:
    properties = {"park_id": park["id"], "code": code, "name": "示例", "level": "building", **facts}
    body = {"type": "Feature", "geometry": box(park, n), "properties": properties}
    return await client.post(ASSETS, headers=staff, json=body)


async def void(client: httpx.AsyncClient, headers: Headers, asset_id: str, **query: str) -> httpx.Response:
    return await client.request("DELETE", f"{ASSETS}/{asset_id}", headers=headers | {"If-Match": "*"}, params=query)


def code_of(answer: httpx.Response) -> tuple[int, str, str]:
    fault = answer.json()["errors"][0]
    return answer.status_code, fault["code"], fault["field"]


async def test_a_draft_is_voided_and_its_code_free_again(
    client: httpx.AsyncClient, staff: Headers, keys: dict[str, Headers], park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    made = await draft(client, staff, park, "V-1")
    other = await draft(client, staff, park, "V-2")
    place, asset_id = f"{ASSETS}/{made.json()['id']}", made.json()["id"]
    assert [
        issue["other"]
        for issue in (await client.get(f"{ASSETS}/{other.json()['id']}", headers=staff)).json()["staff"]["issues"]
    ] == ["V-1"]
    assert (await client.request("DELETE", place, headers=staff)).status_code == 428
    assert (await client.request("DELETE", place, headers=staff | {"If-Match": '"99"'})).status_code == 412
    assert (await client.request("DELETE", place)).status_code == 404  # a draft is hidden
    assert (await void(client, keys["demo-dazu-gaoxin"], asset_id)).status_code == 404
    tag = (await client.get(place, headers=staff)).headers["etag"]

    gone = await client.request(
        "DELETE", place, headers=staff | {"If-Match": tag, "Idempotency-Key": "v"}, params={"reason": "重复登记"}
    )

    assert (gone.status_code, gone.json()) == (200, {"id": asset_id, "code": "V-1", "voided": True})
    again = await client.request(
        "DELETE", place, headers=staff | {"If-Match": tag, "Idempotency-Key": "v"}, params={"reason": "重复登记"}
    )
    assert again.json() == gone.json()
    assert (await client.get(place, headers=staff)).status_code == 404
    rows = await conn.fetch("SELECT act, body FROM panhuo.event WHERE subject_id = $1 ORDER BY rev, n", asset_id)
    assert [row["act"] for row in rows] == ["asset.registered", "asset.related", "asset.voided"]
    assert rows[2]["body"] == '{"code": "V-1", "reason": "重复登记"}'
    assert await conn.fetchval("SELECT code FROM history.asset WHERE id = $1", asset_id) == "V-1"
    seen = (await client.get(f"{ASSETS}/{other.json()['id']}", headers=staff)).json()
    assert seen["staff"]["issues"] == []
    assert (await draft(client, staff, park, " v-1 ", 1)).status_code == 201


async def test_a_whole_that_loses_its_only_part_is_a_leaf_again_and_can_be_let(
    client: httpx.AsyncClient, staff: Headers, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    hall = await register(
        client, staff, park, "V-3", box(park, 0), level="building", stated_area=1, stated_area_unit="mu"
    )
    parts = [
        (await draft(client, staff, park, f"V-3-{n}", level="floor", parent_id=hall["id"], floor_no=n)).json()["id"]
        for n in (1, 2)
    ]
    firm_id, place = await firm_of(client, keys), f"{ASSETS}/{hall['id']}"
    assert code_of(await void(client, staff, hall["id"])) == (409, "not_a_draft", "listing")
    assert (await void(client, staff, parts[0])).status_code == 200
    assert (await client.get(place)).json()["properties"]["is_leaf"] is False

    assert (await void(client, staff, parts[1])).status_code == 200

    seen = (await client.get(place)).json()["properties"]
    assert (seen["is_leaf"], seen["availability"]) == (True, "available")
    need = {"kinds": ["factory"], "accepted_paths": ["lease"]}
    ranked = await client.post("/api/v1/rankings?limit=100", json=need)
    assert hall["id"] in ranked.text
    opened = await client.post("/api/v1/outcomes", headers=staff, json=lease([hall["id"]], firm_id))
    assert opened.status_code == 201, opened.text
    below = await draft(client, staff, park, "V-3-9", level="floor", parent_id=hall["id"], floor_no=9)
    assert code_of(below) == (409, "whole_has_claims", "properties.parent_id")


async def test_what_something_refers_to_is_not_voided(
    client: httpx.AsyncClient, staff: Headers, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    whole = (await draft(client, staff, park, "V-4")).json()["id"]
    part = (await draft(client, staff, park, "V-4-1", level="floor", parent_id=whole, floor_no=1)).json()["id"]
    plot = (await draft(client, staff, park, "V-5", 1, level="plot")).json()["id"]
    assert (await draft(client, staff, park, "V-5-F", 1, plot_id=plot)).status_code == 201
    hall = await register(client, staff, park, "V-6", box(park, 3), level="building")
    floor = (await draft(client, staff, park, "V-6-1", 3, level="floor", parent_id=hall["id"], floor_no=1)).json()["id"]
    opened = await client.post("/api/v1/outcomes", headers=staff, json=lease([hall["id"]], await firm_of(client, keys)))
    assert opened.status_code == 201, opened.text

    refused = [await void(client, staff, item) for item in (whole, plot, floor)]

    assert [code_of(answer) for answer in refused] == [(409, "referred_to", "")] * 3
    assert [
        answer.json()["errors"][0]["message"].count(by)
        for answer, by in zip(refused, ("asset", "asset", "occupancy"), strict=True)
    ] == [1, 1, 1]
    assert (await void(client, staff, part)).status_code == (await void(client, staff, whole)).status_code == 200


async def test_a_part_voided_while_its_whole_is_let_is_one_or_the_other(
    client: httpx.AsyncClient, staff: Headers, keys: dict[str, Headers], park: dict[str, Any], db: Database
) -> None:
    hall = await register(client, staff, park, "V-7", box(park, 0), level="building")
    floors = [
        (await draft(client, staff, park, f"V-7-{n}", level="floor", parent_id=hall["id"], floor_no=n)).json()["id"]
        for n in range(20)
    ]
    outcome = lease([hall["id"]], await firm_of(client, keys))

    answers = await asyncio.gather(
        *(void(client, staff, floor) for floor in floors),
        *(client.post("/api/v1/outcomes", headers=staff, json=outcome) for _ in range(20)),
        *(void(client, staff, floor) for floor in floors),
    )

    assert {answer.status_code for answer in answers} <= {200, 201, 404, 409, 503}
    assert [answer.status_code for answer in answers].count(201) == 1
    assert await doctor.findings(db, "claims", today=TODAY, most=20) == []
    assert await doctor.findings(db, "deals", today=TODAY, most=20) == []


@pytest.mark.parametrize("other", ["C-1", " C-1 ", "c-1", "Ｃ－１", "\u3000Ｃ-1", "C-１\u00a0"])
async def test_a_code_is_taken_in_any_width_and_case(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], other: str
) -> None:
    first = await draft(client, staff, park, "C-1")
    second = await draft(client, staff, park, "C-2", 1)
    assert (first.status_code, second.status_code) == (201, 201)

    refused = await draft(client, staff, park, other, 2)
    renamed = await client.patch(
        f"{ASSETS}/{second.json()['id']}", headers=staff | {"If-Match": "*"}, json={"properties": {"code": other}}
    )

    assert code_of(refused) == code_of(renamed) == (409, "taken", "properties.code")


async def test_doubles_of_old_stay_until_their_code_changes(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection, db: Database
) -> None:
    first, second = [(await draft(client, staff, park, code, n)).json()["id"] for n, code in enumerate(("D-1", "D-2"))]
    await conn.execute(
        "UPDATE panhuo.asset SET code = CASE id WHEN $2 THEN ' d-1' ELSE code END, is_code_doubled = id = $2, "
        """issues = '[{"code": "code_doubled", "field": "code"}]' WHERE id IN ($1, $2)""",
        first,
        second,
    )
    assert await doctor.findings(db, "codes", today=TODAY, most=20) == [f"{park['id']}/ d-1"]

    async def patch(asset_id: str, **changed: Any) -> httpx.Response:
        return await client.patch(
            f"{ASSETS}/{asset_id}", headers=staff | {"If-Match": "*"}, json={"properties": changed}
        )

    assert (await patch(second, code=" d-1", power_kva=5)).status_code == 200  # as it was
    assert code_of(await patch(second, code="D-1 ")) == (409, "taken", "properties.code")
    assert code_of(await draft(client, staff, park, "ｄ-1", 3)) == (409, "taken", "properties.code")
    assert (await patch(first, code="D-3")).status_code == 200

    assert code_of(await draft(client, staff, park, "D-1", 3)) == (409, "taken", "properties.code")
    assert await doctor.findings(db, "codes", today=TODAY, most=20) == []
    for asset_id in (first, second):
        seen = (await client.get(f"{ASSETS}/{asset_id}", headers=staff)).json()
        assert seen["staff"]["issues"] == []
    assert (await void(client, staff, second)).status_code == 200
    assert (await draft(client, staff, park, "D-1", 3)).status_code == 201
