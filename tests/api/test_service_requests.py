"""A firm whistles, the park answers: the loop over HTTP, who may do what, the figures it gives."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx

from tests.api.story import Headers, box, firm_of, lease, register
from tests.api.test_stats import figure_of
from tests.conftest import TODAY

ROUTE = "/api/v1/service-requests"


async def step(client: httpx.AsyncClient, who: Headers, raised: httpx.Response, **facts: Any) -> httpx.Response:
    tag = {"If-Match": raised.headers["etag"]}
    return await client.post(f"{ROUTE}/{raised.json()['id']}/stages", headers=who | tag, json=facts)


async def test_a_request_goes_round_its_loop(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    conn: asyncpg.Connection,
    staff: Headers,
    park: dict[str, Any],
) -> None:
    firm = keys["demo-zhiding"]
    hall = await register(client, staff, park, "Q-1", box(park, 0), level="building")
    body = (
        await client.post("/api/v1/outcomes", headers=staff, json=lease([hall["id"]], await firm_of(client, keys)))
    ).json()
    period = {"from": str(TODAY), "to": str(TODAY), "park": park["id"]}
    before: datetime = await conn.fetchval("SELECT clock_timestamp()")

    query = {"park_id": park["id"], "outcome_id": body["id"], "topic": "power", "request": "需增容"}
    first = await client.post(ROUTE, headers=firm, json=query)
    second = await client.post(ROUTE, headers=firm, json={"park_id": park["id"], "topic": "labour", "request": "缺工"})
    assert (first.status_code, second.status_code) == (201, 201), (first.text, second.text)
    assert (first.json()["stage"], first.json()["raised_on"]) == ("raised", str(TODAY))
    assert (await step(client, firm, first, stage="dispatched", department="供电所")).status_code == 403
    assert (await step(client, staff, first, stage="closed")).json()["errors"][0]["code"] == "no_such_step"
    late = await step(client, staff, first, stage="dispatched", department="供电所", due_on=str(TODAY - timedelta(1)))
    assert (late.status_code, late.json()["errors"][0]["field"]) == (422, "due_on")
    sent = await step(client, staff, first, stage="dispatched", department="供电所", due_on=str(TODAY + timedelta(5)))
    again = await step(client, staff, sent, stage="dispatched", department="经发局")
    assert (again.json()["department"], again.json()["due_on"]) == ("经发局", None)
    assert (await step(client, staff, sent, stage="answered", answer="迟")).status_code == 412
    answered = await step(client, staff, again, stage="answered", answer="已增容 400 kVA")
    closed = await step(client, firm, answered, stage="closed", is_satisfied=True)
    assert (closed.status_code, closed.json()["stage"], closed.json()["is_satisfied"]) == (200, "closed", True)

    figure = await figure_of(client, "service-requests", **period)
    assert (figure["raised"], figure["closed"], figure["closure_rate"]) == (2, 1, "0.5000")
    assert (figure["satisfied_share"], figure["median_days_to_close"], figure["oldest_open"]) == ("1.0000", 0.0, 0)
    then = await figure_of(client, "service-requests", **period, as_of=before.isoformat())
    assert (then["raised"], then["closure_rate"], then["median_age_open"]) == (0, None, None)
    mine = (await client.get(ROUTE, headers=firm, params={"stage": "closed"})).json()["items"]
    assert [item["id"] for item in mine] == [first.json()["id"]]
    behind = await figure_of(client, "service-requests", staff, **period, explain="records")
    assert {record["request_id"] for record in behind["records"]} == {first.json()["id"], second.json()["id"]}


async def test_other_firms_and_parks_know_nothing_of_it(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    firm_id = (await client.post("/api/v1/firms", headers=staff, json={"name": "另一家"})).json()["id"]
    query = {"park_id": park["id"], "firm_id": firm_id, "topic": "other", "request": "问"}
    made = await client.post(ROUTE, headers=staff, json=query)
    assert made.status_code == 201
    place = f"{ROUTE}/{made.json()['id']}"

    for login in ("demo-zhiding", "demo-dazu-gaoxin"):
        assert (await client.get(place, headers=keys[login])).status_code == 404
        assert (await step(client, keys[login], made, stage="closed")).status_code == 404
        assert (await client.post(ROUTE, headers=keys[login], json=query)).status_code == 403
    assert (await client.get(place)).status_code == 401
    assert (await client.get(place, headers=keys["demo-admin"])).status_code == 200
    nowhere = query | {"outcome_id": park["id"]}
    assert (await client.post(ROUTE, headers=staff, json=nowhere)).json()["errors"][0]["field"] == "outcome_id"


async def test_officer_and_visits(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    conn: asyncpg.Connection,
    staff: Headers,
    park: dict[str, Any],
) -> None:
    firm = keys["demo-zhiding"]
    place = f"/api/v1/firms/{await firm_of(client, keys)}"
    officer = {"park_id": park["id"], "name": "王某某", "phone": "023-12345678"}
    assert (await client.post(f"{place}/officer", headers=firm, json=officer)).status_code == 403
    for name in ("李某某", "王某某"):
        assert (await client.post(f"{place}/officer", headers=staff, json=officer | {"name": name})).status_code == 200

    seen = (await client.get(f"{place}/officer", headers=firm)).json()["items"]
    assert [(item["name"], item["phone"]) for item in seen] == [("王某某", "023-12345678")]
    assert await conn.fetchval("SELECT count(*) FROM panhuo.event WHERE body LIKE '%某某%'") == 0
    elsewhere = await client.get(f"{place}/officer", headers=keys["demo-dazu-gaoxin"])
    assert elsewhere.json()["items"] == []

    assert await conn.fetchval("SELECT count(*) FROM panhuo.contact WHERE name = '李某某'") == 0  # nobody turns to them
    contact = f"/api/v1/contacts/{seen[0]['contact_id']}"
    for who, status in ((firm, 404), (keys["demo-dazu-gaoxin"], 404), (staff, 200), (staff, 404)):
        assert (await client.delete(contact, headers=who)).status_code == status
    seen = (await client.get(f"{place}/officer", headers=firm)).json()["items"]
    assert [(item["name"], item["phone"]) for item in seen] == [(None, None)]
    firm_ids = [row["id"] for row in await conn.fetch("SELECT id FROM panhuo.firm ORDER BY id LIMIT 2")]
    others = [
        (await client.post(f"/api/v1/firms/{item}/officer", headers=staff, json=officer | {"phone": None})).json()
        for item in firm_ids
    ]
    assert (await client.delete(f"/api/v1/contacts/{others[0]['contact_id']}", headers=staff)).json()[
        "contact_ids"
    ] == [others[0]["contact_id"]]  # of the same name, and of no telephone: somebody else
    assert (await client.delete(f"/api/v1/contacts/{others[1]['contact_id']}", headers=staff)).status_code == 200
    kept = "SELECT string_agg(t::text, '') FROM (SELECT c::text FROM panhuo.contact c UNION ALL "
    kept += "SELECT i::text FROM panhuo.idempotency i UNION ALL SELECT e::text FROM panhuo.event e) AS t"
    assert "王某某" not in await conn.fetchval(kept)

    visit = {"park_id": park["id"], "visited_on": str(TODAY), "note": "缺焊工"}
    assert (await client.post(f"{place}/visits", headers=staff, json=visit)).status_code == 201
    ahead = visit | {"visited_on": str(TODAY + timedelta(1))}
    assert (await client.post(f"{place}/visits", headers=staff, json=ahead)).json()["errors"][0][
        "field"
    ] == "visited_on"
    items = (await client.get(f"{place}/visits", headers=staff)).json()["items"]
    assert [item["note"] for item in items] == ["缺焊工"]
    assert (await client.get(f"{place}/visits", headers=firm)).json()["items"] == []
