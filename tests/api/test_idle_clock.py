"""The clock of Order 53 over HTTP: stated, read, read as of then; texts in both languages."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.api.story import Headers, box, register
from tests.conftest import TODAY
from texts.lookup import tables

NEVER = {"source": "出让合同", "agreed_start_on": "2022-03-01", "has_started": False, "land_price_yuan": "1000.50"}
DETERMINED = NEVER | {"determination_no": "1 号", "determined_on": "2024-05-01"}


async def test_the_clock_follows_what_is_stated(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    conn: asyncpg.Connection,
    staff: Headers,
    park: dict[str, Any],
) -> None:
    plot = await register(
        client,
        staff,
        park,
        "C-1",
        box(park, 0),
        level="plot",
        idle_basis="stuck_project",
        attributes={"stuck_type": "久供不建"},
    )
    place = f"/api/v1/assets/{plot['id']}/idle-clock"
    empty = (await client.get(place, headers=staff)).json()
    assert (empty["facts"], empty["clock"]["status"], empty["clock"]["findings"][0]["code"]) == (
        None,
        "unknown",
        "start_unknown",
    )
    assert (empty["labels"]["idle_basis"], empty["labels"]["stuck_type"]) == ("stuck_project", "久供不建")

    first = await client.put(place, headers=staff, json=NEVER)
    then = (await conn.fetchval("SELECT clock_timestamp()")).isoformat()
    without = await client.put(place, headers=staff, json=DETERMINED)
    second = await client.put(
        place, headers=staff | {"If-Match": first.headers["etag"]}, json=DETERMINED | {"cause": "holder"}
    )
    stale = await client.put(place, headers=staff | {"If-Match": first.headers["etag"]}, json=DETERMINED)
    assert [item.status_code for item in (first, without, second, stale)] == [200, 428, 200, 412], second.text

    clock = (await client.get(place, headers=staff)).json()["clock"]
    assert (clock["status"], clock["since"], clock["fee_from"], clock["repurchase_from"], clock["fee_yuan"]) == (
        "determined",
        "2023-03-02",
        "2023-03-02",
        "2024-03-02",
        "200.10",
    )
    assert "第 53 号" in clock["law"] and "20%" in next(
        finding["text"] for finding in clock["findings"] if finding["code"] == "fee"
    )
    before = (await client.get(place, headers=staff, params={"as_of": then})).json()["clock"]
    assert (before["status"], before["fee_from"]) == ("suspected", None)
    english = (await client.get(place, headers=staff | {"Accept-Language": "en"}, params={"on": "2022-12-31"})).json()
    assert (english["clock"]["status"], english["clock"]["runs_out_on"]) == ("not_idle", "2023-03-02")
    assert english["clock"]["findings"][0]["text"] == "The year is not full yet"


async def test_without_an_agreed_start_delivery_or_the_permit_decides(
    client: httpx.AsyncClient, keys: dict[str, Headers], conn: asyncpg.Connection, staff: Headers, park: dict[str, Any]
) -> None:
    plot = await register(client, staff, park, "C-5", box(park, 0), level="plot")
    place = f"/api/v1/assets/{plot['id']}/idle-clock"
    none = {"source": "交地确认书", "has_started": False}
    permit = await client.put(place, headers=staff, json=none | {"land_permit_on": "2020-05-06"})
    then = (await conn.fetchval("SELECT clock_timestamp()")).isoformat()
    tag = staff | {"If-Match": permit.headers["etag"]}
    both = await client.put(
        place, headers=tag, json=none | {"land_permit_on": "2020-05-06", "delivered_on": "2020-06-01"}
    )
    assert [item.status_code for item in (permit, both)] == [200, 200], both.text

    now, before = [(await client.get(place, headers=staff, params=item)).json() for item in ({}, {"as_of": then})]
    assert (now["facts"]["delivered_on"], before["facts"]["delivered_on"]) == ("2020-06-01", None)
    assert [(item["clock"]["start_due_on"], item["clock"]["since"]) for item in (now, before)] == [
        ("2021-06-01", "2022-06-02"),
        ("2021-05-06", "2022-05-07"),
    ]
    first = now["clock"]["findings"][0]
    assert (first["code"], first["article"]) == ("start_a_year_after_delivery", "22")
    assert "交地确认书" in first["text"] and "律师" in first["text"]


async def test_who_reads_the_clock(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: Any
) -> None:
    plot = await register(client, staff, park, "C-2", box(park, 0), level="plot")
    hall = await register(client, staff, park, "C-3", box(park, 1), level="building")
    place = f"/api/v1/assets/{plot['id']}/idle-clock"

    for headers, status in (({}, 401), (keys["demo-zhiding"], 403), (keys["demo-dazu-gaoxin"], 403), (staff, 200)):
        assert (await client.get(place, headers=headers)).status_code == status
    assert (await client.put(place, headers=keys["demo-zhiding"], json=NEVER)).status_code == 403
    for answer in (
        await client.get(f"/api/v1/assets/{hall['id']}/idle-clock", headers=staff),
        await client.put(f"/api/v1/assets/{hall['id']}/idle-clock", headers=staff, json=NEVER),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "not_land")
    assert (await client.get(f"/api/v1/assets/{park['id']}/idle-clock", headers=staff)).status_code == 404


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"started_on": "2024-01-01"}, "started_on"),
        ({"has_started": True, "stopped_on": str(TODAY + timedelta(1))}, "stopped_on"),
        ({"has_started": True, "started_on": "2024-02-01", "stopped_on": "2024-01-01"}, "stopped_on"),
        ({"due_area_m2": 5, "developed_area_m2": 6}, "due_area_m2"),
        ({"determination_no": "1"}, "determination_no"),
        ({"delivered_on": str(TODAY + timedelta(1))}, "delivered_on"),
        ({"land_permit_on": str(TODAY + timedelta(1))}, "land_permit_on"),
        ({"cause": "weather"}, "cause"),
        ({"land_price_yuan": -1}, "land_price_yuan"),
        ({"source": ""}, "source"),
    ],
)
async def test_facts_that_contradict_themselves_are_refused(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], facts: dict[str, Any], field: str
) -> None:
    plot = await register(client, staff, park, "C-4", box(park, 0), level="plot")

    answer = await client.put(f"/api/v1/assets/{plot['id']}/idle-clock", headers=staff, json={"source": "x"} | facts)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.text


def test_every_finding_has_its_sentence() -> None:
    text = Path("outcomes/idle_clock.py").read_text(encoding="utf-8")
    result = set(re.findall(r'add_finding\("(\w+)"|"(a_year_\w+|area_below_\w+|investment_below_\w+)"', text))
    assert {first or other for first, other in result} == set(tables("idle_clock", "zh")["finding"])
