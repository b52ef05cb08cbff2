"""Whom the public calls: the office of a park or of a unit, over HTTP; a person only who agreed, and erased with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from tests.api.story import Headers, box, register
from tests.conftest import TODAY

OFFICE = {"office": "招商处", "phone": "（023）4333 1234 转 801", "mail": "office@example.org", "hours": "9–17"}
PERSON = {"name": "周招商", "phone": "+86 138 1234 5678", "agreed_on": str(TODAY), "agreement": "同意书"}


def place(park: dict[str, Any]) -> str:
    return f"/api/v1/parks/{park['id']}/public-contact"


async def test_the_demo_says_whom_to_call_and_that_it_is_invented(
    client: httpx.AsyncClient, park: dict[str, Any]
) -> None:
    shown = (await client.get(place(park))).json()

    assert (shown["office"], shown["phone"]) == ("双桥经开区招商服务处（示例）", "400-000-0000")
    assert (shown["person"], shown["agreement"], shown["asset_id"]) == (None, None, None)
    assert shown["illustrative"] == ["office", "phone", "mail", "hours"]


async def test_an_office_is_shown_to_all_and_a_unit_has_its_own_or_that_of_what_it_lies_in(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    hall = await register(client, staff, park, "K-1", box(park, 0), level="building")
    of_hall = f"/api/v1/assets/{hall['id']}/public-contact"
    zones = (await client.get("/api/v1/parks")).json()["features"]
    zone = next(item for item in zones if item["properties"]["zone_of"] == park["id"])

    put = await client.put(place(park), headers=staff, json=OFFICE)
    assert (put.status_code, put.json()) == (200, {"park_id": park["id"], "asset_id": None, "contact_id": None})
    first = await client.get(of_hall)
    assert (first.json()["phone"], first.json()["asset_id"]) == ("023-43331234-801", None)
    assert (await client.get(of_hall, headers={"If-None-Match": first.headers["etag"]})).status_code == 304
    assert (await client.get(place(zone))).json()["office"] == "招商处"

    own = {"office": "业主经营部", "mail": "hall@example.org"}
    assert (await client.put(of_hall, headers=staff, json=own)).status_code == 200
    building = {"park_id": park["id"], "level": "floor", "parent_id": hall["id"], "code": "K-1-1", "name": "K"}
    building |= {"floor_no": 1}
    feature = {"type": "Feature", "geometry": hall["geometry"], "properties": building}
    floor = await client.post("/api/v1/assets", headers=staff, json=feature)
    assert floor.status_code == 201, floor.text
    of_floor = f"/api/v1/assets/{floor.json()['id']}/public-contact"
    assert (await client.get(of_floor)).status_code == 404  # a draft
    shown = (await client.get(of_floor, headers=staff)).json()
    assert (shown["office"], shown["phone"], shown["asset_id"]) == ("业主经营部", None, hall["id"])

    assert (await client.delete(of_hall, headers=staff)).json()["removed"] is True
    assert (await client.get(of_hall)).json()["office"] == "招商处"
    again = await client.delete(of_hall, headers=staff)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (404, "no_public_contact")


async def test_a_draft_with_an_office_of_its_own_hides_it_and_can_still_be_voided(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    facts = {"park_id": park["id"], "level": "plot", "code": "K-2", "name": "K-2"}
    body = {"type": "Feature", "geometry": box(park, 1), "properties": facts}
    draft = await client.post("/api/v1/assets", headers=staff, json=body)
    unit = f"/api/v1/assets/{draft.json()['id']}"
    own = {"office": "尚未公开", "phone": "13812345678"}
    assert (await client.put(f"{unit}/public-contact", headers=staff, json=own)).status_code == 200

    await conn.execute("SET ROLE panhuo_public")
    hidden = await conn.fetchval("SELECT count(*) FROM panhuo.public_contact_visible WHERE document LIKE '%尚未公开%'")
    await conn.execute("RESET ROLE")
    voided = await client.delete(unit, headers=staff | {"If-Match": draft.headers["etag"]})

    assert hidden == 0
    assert (voided.status_code, voided.json().get("voided")) == (200, True), voided.text
    assert await conn.fetchval("SELECT office FROM history.public_contact WHERE id = $1", draft.json()["id"]) == (
        "尚未公开"
    )


async def test_a_person_is_named_only_who_agreed_and_is_erased_with_the_rest(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    where = place(park)
    once = staff | {"Idempotency-Key": "contact-1"}
    for _ in range(2):
        put = await client.put(where, headers=once, json=OFFICE | {"person": PERSON})
        assert put.status_code == 200, put.text
    contact_id = put.json()["contact_id"]

    public = (await client.get(where)).json()
    assert (public["person"], public["agreement"]) == ({"name": "周招商", "phone": "13812345678"}, None)
    agreed = {"contact_id": contact_id, "agreed_on": str(TODAY), "agreement": "同意书"}
    assert (await client.get(where, headers=staff)).json()["agreement"] == agreed
    for login in ("demo-leader", "demo-zhiding", "demo-dazu-gaoxin"):
        assert (await client.get(where, headers=keys[login])).json()["agreement"] is None, login

    assert (await client.delete(f"/api/v1/contacts/{contact_id}", headers=staff)).status_code == 200
    assert (await client.get(where)).json()["person"] is None
    put = await client.put(where, headers=staff, json=OFFICE | {"person": PERSON | {"name": "吴招商"}})
    assert (await client.get(where)).json()["person"]["name"] == "吴招商"
    assert (await client.put(where, headers=staff, json=OFFICE)).status_code == 200
    left = "SELECT count(*) FROM panhuo.contact WHERE name IN ('周招商', '吴招商')"
    assert await conn.fetchval(left) == 0
    kept = "SELECT string_agg(t::text, '') FROM (SELECT i::text FROM panhuo.idempotency i UNION ALL "
    kept += "SELECT e::text FROM panhuo.event e UNION ALL SELECT h::text FROM history.public_contact h) AS t"
    recorded = await conn.fetchval(kept)
    assert "招商处" in recorded
    for personal in ("周招商", "吴招商", "13812345678", "43331234", "office@example.org"):
        assert personal not in recorded


async def test_who_may_say_it(client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]) -> None:
    where = place(park)
    statuses = {login: (await client.put(where, headers=keys[login], json=OFFICE)).status_code for login in keys}

    assert (await client.put(where, json=OFFICE)).status_code == 401
    assert {login for login, status in statuses.items() if status == 200} == {"demo-admin", "demo-shuangqiao"}
    assert set(statuses.values()) == {200, 403}
    nowhere = place({"id": "01990000-0000-7000-8000-000000000001"})
    assert (await client.get(nowhere)).json()["errors"][0]["code"] == "no_such_park"
    assert (await client.put(nowhere, headers=keys["demo-admin"], json=OFFICE)).status_code == 404


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"phone": "12345"}, "phone", "telephone_form"),
        ({"phone": "43331234"}, "phone", "telephone_area_code"),
        ({"phone": "13812345678\r\nBcc: x@example.org"}, "phone", "text_control"),
        ({"mail": "office@example.org\nBcc: x@example.org"}, "mail", "text_control"),
        ({"mail": "招商 <office@example.org>"}, "mail", "mail_form"),
        ({"phone": None, "mail": None}, "phone", "phone_or_mail"),
        ({"office": " "}, "office", "empty"),
        ({"office": "招商处\r\nSubject: x"}, "office", "text_control"),
        ({"person": PERSON | {"name": "周\r\nBcc: x@example.org"}}, "person.name", "text_control"),
        ({"person": PERSON | {"phone": "023-1"}}, "person.phone", "telephone_form"),
        ({"person": PERSON | {"agreed_on": str(TODAY + timedelta(1))}}, "person.agreed_on", "in_the_future"),
        ({"person": {"name": "周招商"}}, "person.agreed_on", "missing"),
        ({"colour": 1}, "colour", "unknown_field"),
    ],
)
async def test_bad_input_is_refused_by_name(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], changed: dict[str, Any], field: str, code: str
) -> None:
    answer = await client.put(place(park), headers=staff, json=OFFICE | changed)

    assert answer.status_code == 422
    assert (field, code) in [(fault["field"], fault["code"]) for fault in answer.json()["errors"]]
    assert (await client.put(place(park), headers=staff, json=OFFICE)).status_code == 200
