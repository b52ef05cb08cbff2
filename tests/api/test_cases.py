"""The two cases of the page told from the beginning over HTTP and read back: No. 18 let anew, a plant given for equity.

What the page does not say is not made up: it is told as not stated, and read back so.
"""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.story import Headers, box, firm_of, register
from tests.api.test_paths import Case

PAGE = "报纸版面（2025年）"


async def firm(client: httpx.AsyncClient, staff: Headers, name: str) -> str:
    return str((await client.post("/api/v1/firms", headers=staff, json={"name": name})).json()["id"])


async def opened(client: httpx.AsyncClient, staff: Headers, unit: dict[str, Any], **body: Any) -> Case:
    answer = await client.post("/api/v1/outcomes", headers=staff, json={"asset_ids": [unit["id"]], **body})
    assert answer.status_code == 201, answer.text
    return Case(client, staff, unit, body["firm_id"], body.get("owner_firm_id", ""), answer.json())


async def counted(client: httpx.AsyncClient, starts_on: str, ends_on: str, park_id: str) -> tuple[int, float]:
    query = {"from": starts_on, "to": ends_on, "park": park_id}
    factory = (await client.get("/api/v1/stats/revitalized", params=query)).json()["factory"]
    return factory["cases"], float(factory["area_m2"])


async def test_number_18_is_let_empty_and_let_again(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    staff, zhiding = keys["demo-shuangqiao"], await firm_of(client, keys)
    jinruo = await firm(client, staff, "金若管道（再述）")
    facts = {"level": "building", "stated_area": 2600, "stated_area_unit": "m2"}
    unit = await register(client, staff, park, "CASE-18", box(park, 0), **facts)
    june, whole = ("2025-06-01", "2025-06-30"), ("2025-06-02", "2025-06-30")
    before = {period: await counted(client, *period, park["id"]) for period in (june, whole)}

    first = await opened(
        client, staff, unit, path="lease", firm_id=jinruo, opened_on="2020-12-01", starts_on="2021-01-01", source=PAGE
    )
    await first.step(stage="signed", signed_on="2020-12-15")
    await first.step(stage="handed_over", handed_over_on="2021-01-01", precision="year")
    await first.step(stage="ended", ended_on="2025-02-28")
    empty = (await client.get(f"/api/v1/assets/{unit['id']}", headers=staff)).json()["properties"]
    assert empty["availability"] == "available"
    again = await opened(
        client, staff, unit, path="lease", firm_id=zhiding, opened_on="2025-05-12", starts_on="2025-06-01",
        revenue_yuan_year=50_000_000, source=f"{PAGE}：2025年6月由智鼎承租，预计年营收超过5000万元（企业预期，非实绩）",
    )  # fmt: skip
    await again.refused("signed_on", "dates_reversed", 422, stage="signed", signed_on="2025-05-11")
    await again.step(stage="signed", signed_on="2025-05-26")
    await again.step(stage="handed_over", handed_over_on="2025-06-01", precision="month", source=PAGE)

    body = (await client.get(again.place, headers=keys["demo-zhiding"])).json()
    assert (body["stage"], body["revived_on"], body["revived_on_precision"]) == ("handed_over", "2025-06-01", "month")
    assert (body["revenue_yuan_year"], body["tax_yuan_year"]) == (50_000_000, None)
    assert [
        (milestone["stage"], milestone["happened_on"], milestone["precision"]) for milestone in body["milestones"]
    ] == [
        ("opened", "2025-05-12", "day"),
        ("signed", "2025-05-26", "day"),
        ("handed_over", "2025-06-01", "month"),
    ]
    tenancies = (await client.get("/api/v1/tenancies", headers=staff, params={"asset": unit["id"]})).json()["items"]
    assert [(tenancy["firm_id"], tenancy["starts_on"], tenancy["ends_on"]) for tenancy in tenancies] == [
        (jinruo, "2021-01-01", "2025-02-28"),
        (zhiding, "2025-06-01", None),
    ]
    assert await counted(client, *june, park["id"]) == (before[june][0] + 1, before[june][1] + 2600)
    assert await counted(client, *whole, park["id"]) == before[whole]  # a month counts only where all of it lies inside
    events = (await client.get(f"{again.place}/history", headers=staff)).json()["events"]
    assert [event["act"] for event in reversed(events)] == [
        "lease.opened",
        "lease.signed",
        "lease.handed_over",
        "outcome.judged",
    ]


async def test_a_plant_is_given_for_equity_and_what_nobody_said_stays_unsaid(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    staff = keys["demo-shuangqiao"]
    lianchang, jiashen = await firm(client, staff, "联畅（再述）"), await firm(client, staff, "嘉申（再述）")
    never_used = {"stated_idle_since": "2021-01-01", "stated_idle_since_precision": "year"}
    never_used |= {"idle_basis": "vacant_building", "allowed_paths": ["equity_swap"]}
    unit = await register(client, staff, park, "CASE-LC", box(park, 1), level="building", **never_used)
    before = await counted(client, "2024-06-01", "2024-06-30", park["id"])
    case = await opened(
        client, staff, unit, path="equity_swap", firm_id=jiashen, owner_firm_id=lianchang, opened_on="2024-06-01",
        output_yuan_year=200_000_000, tax_yuan_year=15_000_000, source=PAGE,
    )  # fmt: skip

    unsaid = ("due_diligence", "valuation", "resolved", "contracted", "tax_cleared")
    for stage in unsaid:
        await case.step(stage=stage, happened_on=None, evidence="not_stated")
    await case.step(
        stage="title_registered", happened_on="2024-06-01", precision="month", evidence="not_stated", source=PAGE
    )
    for stage in ("equity_registered", "supervision_agreement_signed", "handed_over"):
        await case.step(stage=stage, happened_on=None, evidence="not_stated")
    await case.step(stage="retrofit", happened_on=None, evidence="not_stated", amount_yuan=8_000_000, source=PAGE)
    await case.step(stage="trial_production", happened_on="2025-01-01", precision="year", source=PAGE)

    body = (await client.get(case.place, headers=staff)).json()
    facts = {milestone["stage"]: milestone for milestone in body["milestones"]}
    assert (body["revived_on"], body["revived_on_precision"]) == ("2024-06-01", "month")
    assert {facts[stage]["evidence"] for stage in unsaid} == {"not_stated"}
    assert [body[name] for name in ("appraised_yuan", "contribution_yuan", "equity_share", "certificate_no")] == [
        None
    ] * 4
    assert (facts["retrofit"]["amount_yuan"], facts["retrofit"]["happened_on"]) == (8_000_000, None)
    assert await case.holders() == {jiashen: 1}
    assert await counted(client, "2024-06-01", "2024-06-30", park["id"]) == (before[0] + 1, before[1])
    drawn = (await client.get(f"{case.place}/chart.svg", headers=staff)).text
    assert drawn.count("日期未载 day not stated") == 9
    seen = (await client.get(f"{case.place}/timeline", headers=staff)).json()
    assert {row["stage"] for row in seen["rows"] if row["is_not_stated"]} == {
        *unsaid, "equity_registered", "supervision_agreement_signed", "handed_over", "retrofit",
    }  # fmt: skip
    await case.refused("evidence", "evidence_of_a_live_deal", 422, stage="full_production", evidence="not_stated")
