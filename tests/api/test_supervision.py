"""Supervision over HTTP: what is agreed, reported and computed of it; lights that acts and days change; the chart."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from actions.daily_update import run_daily_update
from tests.api.story import Headers
from tests.api.test_paths import LET, Case, opened
from tests.conftest import TODAY, Dazu

LAST = TODAY.year - 1
AGREED: dict[str, Any] = {
    "signed_on": f"{LAST}-07-02",
    "source": "监管协议",
    "indicators": [{"name": "tax", "value": 1_460_000, "unit": "yuan", "per": "year"}],
}


async def posted(case: Case, what: str, status: int = 201, **body: Any) -> dict[str, Any]:
    answer = await case.client.post(f"{case.place}/{what}", headers=case.staff, json=body)
    assert answer.status_code == status, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def seen(case: Case, what: str, headers: Headers | None = None, **query: str) -> httpx.Response:
    answer = await case.client.get(f"{case.place}/{what}", headers=headers or case.staff, params=query)
    assert answer.status_code == 200, answer.text
    return answer


async def let(client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]) -> Case:
    case = await opened(client, keys, park, "lease", 0)
    await case.through(*LET[1:])
    return case


async def acts_of(dazu: Dazu, case: Case) -> list[str]:
    async with dazu.db.system() as conn:
        rows = await conn.fetch("SELECT act FROM event WHERE subject_id = $1 ORDER BY rev, n", case.outcome["id"])
    return [row["act"] for row in rows]


async def test_the_first_part_of_a_year_counts_by_days_and_a_breach_is_known_once_all_is_reported(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    case = await let(client, keys, park)
    agreed = await posted(case, "agreements", **AGREED)
    tax = {"indicator_id": agreed["indicators"][0]["id"], "year": LAST, "unit": "yuan", "source": "税务季报"}
    days = (date(LAST, 12, 31) - date(LAST, 7, 2)).days + 1
    due = round(1_460_000 * days / ((date(LAST + 1, 1, 1) - date(LAST, 1, 1)).days), 2)

    async def year() -> dict[str, Any]:
        indicators = (await seen(case, "agreements")).json()["indicators"]
        year: dict[str, Any] = indicators[0]["years"][0]
        return year

    first = await year()
    assert (first["year"], first["target"], first["actual"], first["is_breach"]) == (LAST, due, None, None)
    await posted(case, "reports", quarter=3, value=300_000, **tax)
    part = await year()
    assert (part["actual"], part["shortfall"], part["is_complete"]) == (300_000, round(due - 300_000, 2), False)
    assert part["is_breach"] is None
    await posted(case, "reports", quarter=4, value=400_000, **tax)
    whole = await year()
    assert (whole["actual"], whole["is_complete"], whole["is_breach"]) == (700_000, True, True)

    again = await client.post(f"{case.place}/reports", headers=case.staff, json={**tax, "quarter": 4, "value": 436_000})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "already_reported")
    mended = await posted(case, "reports", 200, quarter=4, value=436_000, reason="汇算清缴", **tax)
    assert mended["reason"] == "汇算清缴"
    assert (await year())["actual"] == 736_000
    await posted(case, "reports", value=800_000, **{**tax, "source": "年报"})
    assert ((await year())["actual"], (await year())["is_breach"]) == (800_000, False)


@pytest.mark.parametrize(
    ("body", "status", "field", "code"),
    [
        ({"unit": "person"}, 422, "unit", "not_in_vocabulary"),
        ({"unit": None}, 422, "unit", "not_in_vocabulary"),
        ({"source": None}, 422, "source", "wrong_type"),
        ({"source": " "}, 422, "source", "empty"),
        ({"value": -1}, 422, "value", "out_of_range"),
        ({"year": TODAY.year, "quarter": None}, 422, "year", "period_not_over"),
        ({"quarter": 2}, 422, "year", "before_the_promise"),
        ({"reason": "更正"}, 409, "reason", "nothing_to_correct"),
        ({"indicator_id": "01990000-0000-7000-8000-000000000001"}, 422, "indicator_id", "unknown_reference"),
    ],
)
async def test_a_report_that_cannot_be(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    park: dict[str, Any],
    body: dict[str, Any],
    status: int,
    field: str,
    code: str,
) -> None:
    case = await let(client, keys, park)
    agreed = await posted(case, "agreements", **AGREED)
    right = {"indicator_id": agreed["indicators"][0]["id"], "year": LAST, "quarter": 4, "value": 1, "unit": "yuan"}
    right["source"] = "税务季报"

    answer = await client.post(f"{case.place}/reports", headers=case.staff, json=right | body)

    assert answer.status_code == status, answer.text
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (field, code)
    assert (await seen(case, "reports")).json()["reports"] == []


async def test_an_agreement_that_cannot_be(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    case = await let(client, keys, park)
    tax = AGREED["indicators"][0]
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"signed_on": str(TODAY + timedelta(days=1))}, "signed_on", "in_the_future"),
        ({"ends_on": "2000-01-01"}, "ends_on", "dates_reversed"),
        ({"indicators": [tax | {"unit": "person"}]}, "indicators.0.unit", "not_in_vocabulary"),
        ({"indicators": [tax | {"per": "total"}]}, "indicators.0.due_on", "missing"),
        ({"indicators": [tax | {"due_on": "2000-01-01"}]}, "indicators.0.due_on", "dates_reversed"),
        ({"indicators": [tax | {"value": 0}]}, "indicators.0.value", "out_of_range"),
        (
            {"milestones": [{"stage": "valuation", "planned_on": str(TODAY)}]},
            "milestones.0.stage",
            "not_in_vocabulary",
        ),
        ({"indicators": [tax, tax | {"value": 7}]}, "indicators.1", "told_twice"),
        ({"milestones": [{"stage": "signed", "planned_on": str(TODAY)}] * 2}, "milestones.1", "told_twice"),
    ]
    for body, field, code in wrong:
        answer = await client.post(f"{case.place}/agreements", headers=case.staff, json=AGREED | body)
        assert answer.status_code == 422, answer.text
        assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (field, code)
    assert (await seen(case, "agreements")).json()["agreements"] == []


async def test_nothing_new_is_agreed_for_a_deal_that_is_off(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    case = await opened(client, keys, park, "lease", 0)
    off = {"stage": "withdrawn", "reason": "企业另选他处"}
    ended = await client.post(f"{case.place}/stages", headers=case.staff | {"If-Match": "*"}, json=off)
    assert ended.status_code == 200, ended.text

    for what, body in (
        ("agreements", AGREED),
        ("milestones", {"stage": "signed", "planned_on": str(TODAY)}),
        ("approvals", {"items": [{"item": "energy"}]}),
    ):
        answer = await client.post(f"{case.place}/{what}", headers=case.staff, json=body)
        error = answer.json()["errors"][0]
        assert (answer.status_code, error["field"], error["code"]) == (409, "stage", "deal_is_off"), what
    assert (await seen(case, "agreements")).json()["agreements"] == []
    assert (await seen(case, "approvals")).json()["approvals"] == []


async def test_the_light_follows_acts_and_days_and_each_change_is_an_event(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], dazu: Dazu
) -> None:
    case = await let(client, keys, park)
    assert (await seen(case, "light")).json()["light"] is None
    due = TODAY + timedelta(days=10)

    async def colour(on: date | None = None) -> str:
        if on is not None:
            await run_daily_update(dazu.db, today=on)
            async with dazu.db.system() as conn:
                kept = await conn.fetchval("SELECT colour FROM light WHERE outcome_id = $1", case.outcome["id"])
            return str(kept)
        light = (await seen(case, "light")).json()["light"]
        assert light["word_zh"].startswith({"blue": "蓝", "green": "绿", "yellow": "黄", "red": "红"}[light["colour"]])
        return str(light["colour"])

    await posted(case, "milestones", stage="retrofit", planned_on=str(due))
    assert await colour() == "green"
    assert (await seen(case, "")).json()["light"] == "green"
    assert await colour(due) == "green"
    assert await colour(due + timedelta(days=1)) == "yellow"
    assert await colour(due + timedelta(days=60)) == "yellow"
    assert await colour(due + timedelta(days=93)) == "red"
    before = await acts_of(dazu, case)
    assert await colour(due + timedelta(days=94)) == "red"
    assert await acts_of(dazu, case) == before
    await case.step(stage="retrofit")
    assert await colour() == "blue"

    lights = ["light.green", "light.yellow", "light.red", "light.blue"]
    assert [act for act in await acts_of(dazu, case) if act in lights] == lights
    answer = await client.get(
        "/api/v1/events", headers=case.staff, params={"park": park["id"], "after": "start", "limit": "1000"}
    )
    notified = [item["act"] for item in answer.json()["items"] if item["subject_id"] == case.outcome["id"]]
    assert [act for act in notified if act in lights] == lights
    assert "lease.retrofit" in notified
    async with dazu.db.system() as conn:
        rows = await conn.fetch(
            "SELECT body::json ->> 'was' AS was, body::json ->> 'colour' AS is FROM event "
            "WHERE subject_id = $1 AND act = ANY ($2) ORDER BY rev",
            case.outcome["id"],
            lights,
        )
    assert [tuple(row) for row in rows] == [
        (None, "green"),
        ("green", "yellow"),
        ("yellow", "red"),
        ("red", "blue"),
    ]


async def test_an_overdue_report_is_yellow_with_its_reason(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    case = await let(client, keys, park)
    agreed = await posted(case, "agreements", **AGREED)

    light = (await seen(case, "light")).json()["light"]
    overdue = (await seen(case, "reports")).json()["overdue"]

    assert light["colour"] == "yellow"
    assert [reason["code"] for reason in light["reasons"]] == ["report_overdue"]
    assert {(item["year"], item["quarter"]) for item in overdue} >= {(LAST, 3)}
    assert {item["indicator_id"] for item in overdue} == {agreed["indicators"][0]["id"]}


async def test_the_checklist_has_an_agent_targets_and_their_series(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    case = await let(client, keys, park)
    agent = (await client.get("/api/v1/auth/me", headers=case.staff)).json()["id"]
    assert len((await posted(case, "approvals", agent_id=agent))["added"]) == 13
    assert (await posted(case, "approvals", items=[{"item": "energy"}, {"item": "water", "name": "取水许可"}])) == {
        "added": ["water"]
    }
    nameless = await client.post(f"{case.place}/approvals", headers=case.staff, json={"items": [{"item": "gas"}]})
    assert nameless.json()["errors"][0]["field"] == "items.0.item"
    odd = {"items": [{"item": "gas\n", "name": "燃气"}]}
    ended = await client.post(f"{case.place}/approvals", headers=case.staff, json=odd)
    assert (ended.status_code, ended.json()["errors"][0]["field"]) == (422, "items.0.item")
    supply = next(
        approval
        for approval in (await seen(case, "approvals")).json()["approvals"]
        if approval["item"] == "land_supply"
    )
    assert (supply["status"], supply["target_days"], supply["agent_id"]) == ("open", None, agent)
    place = f"{case.place}/approvals/{supply['id']}"

    async def amended(tag: str, **body: Any) -> httpx.Response:
        return await client.patch(place, headers=case.staff | {"If-Match": tag}, json=body)

    assert (await amended('"7"', applied_on="2023-06-01")).status_code == 412
    for applied_on, target in (("2023-06-01", 200), ("2024-06-01", 100), ("2025-01-01", 50)):
        assert (await amended("*", applied_on=applied_on)).json()["target_days"] == target
    wrong = await amended("*", done_on="2025-03-01")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "result")
    done = await amended("*", done_on="2025-02-01", result="approved")
    assert done.status_code == 200, done.text

    body = (await seen(case, "approvals")).json()
    supply = next(approval for approval in body["approvals"] if approval["item"] == "land_supply")
    assert (supply["days"], supply["is_over_target"], supply["status"]) == (31, False, "approved")
    assert [target["days"] for target in body["series"]["land_supply"]["targets"]] == [200, 100, 50]


async def test_the_chart_in_each_of_its_forms(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    case = await let(client, keys, park)
    plans = [{"stage": "retrofit", "planned_on": str(TODAY - timedelta(days=5))}]
    plans.append({"stage": "trial_production", "planned_on": f"{TODAY.year + 1}-03-01", "precision": "month"})
    await posted(case, "agreements", **AGREED, milestones=plans)

    shown = (await seen(case, "timeline")).json()
    rows = {row["stage"]: row for row in shown["rows"]}
    assert list(rows) == ["opened", "signed", "handed_over", "retrofit", "trial_production"]
    assert rows["retrofit"]["is_late"] and rows["retrofit"]["actual"]["is_open"]
    assert rows["trial_production"]["plan"]["last"] == f"{TODAY.year + 1}-03-31"
    assert rows["trial_production"]["actual"] is None
    table = await seen(case, "timeline", format="csv")
    cells = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row["state"] for row in cells][:5] == ["reached", "reached", "reached", "late", "planned"]
    calendar = (await seen(case, "timeline", format="ics")).content
    assert calendar.count(b"BEGIN:VEVENT") == 5
    assert all(len(line) <= 75 for line in calendar.split(b"\r\n"))
    assert f"DTSTART;VALUE=DATE:{TODAY.year + 1}0301\r\nDTEND;VALUE=DATE:{TODAY.year + 1}0401".encode() in calendar
    chart = await seen(case, "chart.svg")
    assert chart.headers["content-type"] == "image/svg+xml"
    assert chart.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    texts = [item.text for item in ElementTree.fromstring(chart.content).iter("{http://www.w3.org/2000/svg}text")]
    assert {"改造", "试生产", "黄灯·滞后", "Yellow: behind", "延误 late"} <= set(texts)


async def test_who_may_see_and_who_may_write(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    case = await let(client, keys, park)
    await posted(case, "agreements", **AGREED)
    firm, others = keys["demo-zhiding"], keys["demo-dazu-gaoxin"]

    for what in ("agreements", "reports", "approvals", "light", "timeline", "chart.svg"):
        await seen(case, what, firm)
        await seen(case, what, keys["demo-admin"])
        assert (await client.get(f"{case.place}/{what}")).status_code == 401
        assert (await client.get(f"{case.place}/{what}", headers=others)).status_code == 404
    for headers, status in ((firm, 403), (others, 404), ({}, 404)):
        answer = await client.post(f"{case.place}/agreements", headers=headers, json=AGREED)
        assert answer.status_code == status, answer.text
    assert len((await seen(case, "agreements")).json()["agreements"]) == 1
