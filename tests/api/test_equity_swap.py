"""An equity swap over HTTP: through its stages to production, the gates that stop it, the rights it moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.api.story import EMPTY, Headers, box, counted, firm_of, register
from tests.conftest import TODAY, Dazu

CLEAR = {"title_is_registered": True, "mortgage": "none", "is_seized": False}
#: What each stage of a live deal carries, in order.
STAGES: list[dict[str, Any]] = [
    {"stage": "due_diligence"},
    {
        "stage": "valuation",
        "appraiser": "示例评估",
        "appraisal_method": "成本法",
        "appraised_yuan": 12_000_000,
    },
    {"stage": "resolved"},
    {"stage": "contracted", "contribution_yuan": 11_500_000, "equity_share": "0.35"},
    {"stage": "tax_cleared"},
    {"stage": "title_registered", "certificate_no": "渝(2026)大足区不动产权第000001号"},
    {"stage": "equity_registered"},
    {"stage": "supervision_agreement_signed"},
    {"stage": "handed_over"},
    {"stage": "retrofit", "amount_yuan": 8_000_000},
    {"stage": "trial_production"},
    {"stage": "full_production"},
]
BEFORE_TITLE = STAGES[:5]


@dataclass
class Swap:
    """A swap under way: how to step it, and who and what it is about."""

    client: httpx.AsyncClient
    staff: Headers
    unit: dict[str, Any]
    taker: str
    owner: str
    outcome: dict[str, Any]

    @property
    def place(self) -> str:
        return f"/api/v1/outcomes/{self.outcome['id']}"

    async def step(self, status: int = 200, **facts: Any) -> dict[str, Any]:
        if facts["stage"] not in ("withdrawn", "rejected", "corrected"):
            facts = {"happened_on": str(TODAY), **facts}
        answer = await self.client.post(f"{self.place}/stages", headers=self.staff | {"If-Match": "*"}, json=facts)
        assert answer.status_code == status, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def through(self, *stages: dict[str, Any]) -> None:
        for stage in stages:
            await self.step(**stage)

    async def refused(self, field: str, code: str, status: int = 409, **facts: Any) -> None:
        fault = (await self.step(status, **facts))["errors"][0]
        assert (fault["field"], fault["code"]) == (field, code)

    async def rights(self, **query: str) -> dict[str, Any]:
        answer = await self.client.get(f"/api/v1/assets/{self.unit['id']}/rights", headers=self.staff, params=query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def holders(self, **query: str) -> dict[str, float]:
        return {holder["firm_id"]: holder["share"] for holder in (await self.rights(**query))["holders"]}


async def proposed(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], n: int, **about: Any
) -> Swap:
    staff, taker = keys["demo-shuangqiao"], await firm_of(client, keys)
    facts = {"allowed_paths": ["equity_swap", "lease"], **CLEAR, "stated_area": 1000, "stated_area_unit": "m2"} | EMPTY
    unit = await register(client, staff, park, f"ES-{n}", box(park, n), level="building", **facts)
    owner = await client.post("/api/v1/firms", headers=staff, json={"name": f"原业主{n}"})
    about |= {"path": "equity_swap", "asset_ids": [unit["id"]], "firm_id": taker, "owner_firm_id": owner.json()["id"]}
    about |= {"output_yuan_year": 200_000_000, "tax_yuan_year": 15_000_000}
    answer = await client.post("/api/v1/outcomes", headers=staff, json=about)
    assert answer.status_code == 201, answer.text
    return Swap(client, staff, unit, taker, owner.json()["id"], answer.json())


@pytest_asyncio.fixture(loop_scope="session")
async def swap(client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]) -> AsyncIterator[Swap]:
    yield await proposed(client, keys, park, 20)


async def test_through_all_stages_title_and_equity_pass(client: httpx.AsyncClient, swap: Swap) -> None:
    before = await counted(client)
    await swap.through(*BEFORE_TITLE)
    assert await counted(client) == before
    assert await swap.holders() == {}

    await swap.through(*STAGES[5:])

    body = (await client.get(swap.place, headers=swap.staff)).json()
    assert [milestone["stage"] for milestone in body["milestones"]] == [
        "proposed",
        *(stage["stage"] for stage in STAGES),
    ]
    assert {milestone["stage"]: milestone["amount_yuan"] for milestone in body["milestones"]}["retrofit"] == 8_000_000
    assert (body["output_yuan_year"], body["tax_yuan_year"], body["revived_on"]) == (
        200_000_000,
        15_000_000,
        str(TODAY),
    )
    assert body["appraisal_valid_until"] > str(TODAY + timedelta(days=360))
    assert await swap.holders() == {swap.taker: 1}
    assert [len(transaction["lines"]) for transaction in (await swap.rights())["transactions"]] == [2, 2]
    land_mu, factory_m2 = await counted(client)
    assert (land_mu, float(factory_m2)) == (before[0], float(before[1]) + 1000)
    unit = (await client.get(f"/api/v1/assets/{swap.unit['id']}", headers=swap.staff)).json()["properties"]
    assert unit["availability"] == "occupied"


async def test_equity_shares_stay_whole_over_two_swaps(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], swap: Swap, dazu: Dazu
) -> None:
    second = await proposed(client, keys, park, 21)
    for item in (swap, second):
        await item.through(*STAGES[:7])

    async with dazu.db.system() as conn:
        held = await conn.fetch(
            "SELECT s.party, s.share FROM holding, unnest(shares) AS s WHERE firm_id = $1 ORDER BY s.share", swap.taker
        )

    assert [float(row["share"]) for row in held] == [0.2275, 0.35, 0.4225]
    assert sum(row["share"] for row in held) == 1
    assert str(held[0]["party"]) == swap.owner


async def test_a_correction_gives_back_title_and_figure(client: httpx.AsyncClient, swap: Swap) -> None:
    before = await counted(client)
    await swap.through(*STAGES[:7])
    between = datetime.now(UTC).isoformat()

    corrected = await swap.step(stage="corrected", reason="记错了，没有这回事")

    assert corrected["revived_on"] is None
    assert await counted(client) == before
    assert await swap.holders() == {swap.owner: 1}
    assert await swap.holders(as_of=between) == {swap.taker: 1}
    reversals = [
        transaction for transaction in (await swap.rights())["transactions"] if transaction["reverses"] is not None
    ]
    assert len(reversals) == 1
    assert float((await counted(client, as_of=between))[1]) == float(before[1]) + 1000


@pytest.mark.parametrize(("day", "more_m2"), [("2024-12-31", 0), ("2025-01-01", 1000), ("2025-06-30", 1000)])
async def test_a_title_a_day_over_the_edge_moves_the_half_year(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], day: str, more_m2: int
) -> None:
    """Told afterwards, so that nothing but the day of the title need be known."""
    half_year = {"from": "2025-01-01", "to": "2025-06-30"}
    land_mu, factory_m2 = await counted(client, **half_year)
    facts = await proposed(client, keys, park, 22, opened_on="2024-12-01")
    for stage in BEFORE_TITLE:
        await facts.step(stage=stage["stage"], happened_on=None, evidence="not_stated")
    await facts.refused(
        "happened_on", "missing", 422, stage="title_registered", happened_on=None, evidence="not_stated"
    )

    await facts.step(stage="title_registered", happened_on=day, evidence="not_stated")

    assert await counted(client, **half_year) == (land_mu, f"{Decimal(factory_m2) + more_m2}")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"is_seized": True}, "title_seized"),
        ({"mortgage": "unreleased"}, "contribution_secured"),
        ({"mortgage": "consented"}, "contribution_secured"),
        ({"title_is_registered": False}, "title_unregistered"),
        ({"is_seized": None}, "title_unknown"),
    ],
)
async def test_what_stands_against_the_title_stops_it_twice(
    client: httpx.AsyncClient, swap: Swap, facts: dict[str, Any], code: str
) -> None:
    place, tag = f"/api/v1/assets/{swap.unit['id']}", swap.staff | {"If-Match": "*"}

    async def say(properties: dict[str, Any]) -> None:
        answer = await client.patch(place, headers=tag, json={"properties": properties})
        assert answer.status_code == 200, answer.text

    await say(facts)
    await swap.refused("asset_ids.0", code, stage="due_diligence")
    await say(CLEAR)
    await swap.through(*BEFORE_TITLE)
    await say(facts)
    await swap.refused("asset_ids.0", code, **STAGES[5])
    assert await swap.holders() == {}

    await say(CLEAR)
    await swap.through(STAGES[5])


async def test_figures_days_and_order_are_asked_for(swap: Swap) -> None:
    await swap.refused("stage", "no_such_step", stage="contracted", contribution_yuan=1, equity_share="0.1")
    await swap.refused("happened_on", "missing", 422, stage="due_diligence", happened_on=None)
    await swap.refused("happened_on", "in_the_future", 422, stage="due_diligence", happened_on="2199-01-01")
    await swap.refused("amount_yuan", "other_stage", 422, stage="due_diligence", amount_yuan=1)
    await swap.refused("evidence", "evidence_of_a_live_deal", 422, stage="due_diligence", evidence="not_stated")
    await swap.through(STAGES[0])
    await swap.refused("appraiser", "missing", 422, stage="valuation", appraisal_method="成本法", appraised_yuan=1)
    await swap.through(*STAGES[1:3])
    await swap.refused("contribution_yuan", "above_appraisal", 422, **STAGES[3] | {"contribution_yuan": 12_000_001})
    await swap.refused("equity_share", "out_of_range", 422, **STAGES[3] | {"equity_share": "1"})
    await swap.through(*STAGES[3:5])
    await swap.refused("certificate_no", "missing", 422, stage="title_registered")
    await swap.through(*STAGES[5:])


async def test_a_live_deal_cannot_leave_out_its_evidence(swap: Swap) -> None:
    for stage in BEFORE_TITLE:
        await swap.step(stage=stage["stage"], happened_on=None, evidence="not_stated")

    await swap.refused("stage", "evidence_missing", **STAGES[5])


async def test_one_deal_at_a_time_whatever_its_path(client: httpx.AsyncClient, swap: Swap) -> None:
    about = {"asset_ids": [swap.unit["id"]], "firm_id": swap.taker}
    bodies = [
        {"path": "equity_swap", "owner_firm_id": swap.owner, **about},
        {"path": "lease", "starts_on": str(TODAY), **about},
    ]

    for body in bodies:
        answer = await client.post("/api/v1/outcomes", headers=swap.staff, json=body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "already_taken")

    await swap.step(stage="withdrawn", reason="双方终止")
    again = await client.post("/api/v1/outcomes", headers=swap.staff, json=bodies[1])
    assert again.status_code == 201


async def test_rivals_for_one_title_pass_it_once(swap: Swap) -> None:
    await swap.through(*BEFORE_TITLE)
    facts = {"happened_on": str(TODAY), **STAGES[5]}
    place, tag = f"{swap.place}/stages", swap.staff | {"If-Match": "*"}

    answers = await asyncio.gather(*(swap.client.post(place, headers=tag, json=facts) for _ in range(20)))

    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 19]
    assert await swap.holders() == {swap.taker: 1}
    assert len((await swap.rights())["transactions"]) == 2


async def test_only_the_holder_can_give_and_both_firms_may_read(
    client: httpx.AsyncClient, keys: dict[str, Headers], swap: Swap
) -> None:
    seen = await client.get(swap.place, headers=keys["demo-zhiding"])
    assert (seen.status_code, seen.json()["owner_firm_id"]) == (200, swap.owner)
    assert (await client.get(swap.place, headers=keys["demo-dazu-gaoxin"])).status_code == 404
    assert (await client.get(f"/api/v1/assets/{swap.unit['id']}/rights")).status_code == 401
    other = await client.get(f"/api/v1/assets/{swap.unit['id']}/rights", headers=keys["demo-zhiding"])
    assert other.status_code == 403
    await swap.through(*STAGES)
    await swap.step(stage="ended")
    shown = await client.post(f"/api/v1/assets/{swap.unit['id']}/publish", headers=swap.staff | {"If-Match": "*"})
    assert shown.status_code == 200, shown.text
    about = {"path": "equity_swap", "asset_ids": [swap.unit["id"]], "firm_id": swap.taker, "owner_firm_id": swap.owner}
    back = await client.post("/api/v1/outcomes", headers=swap.staff, json=about)
    assert back.status_code == 201, back.text
    wrong = Swap(client, swap.staff, swap.unit, swap.taker, swap.owner, back.json())
    await wrong.through(*BEFORE_TITLE)
    await wrong.refused("owner_firm_id", "not_the_holder", **STAGES[5])


async def test_the_page_s_case_says_what_it_does_not_know(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    staff = keys["demo-shuangqiao"]
    items = (await client.get("/api/v1/outcomes", headers=staff, params={"stage": "trial_production"})).json()["items"]
    (case,) = [item for item in items if item["path"] == "equity_swap"]
    units = (await client.get(f"/api/v1/assets/{case['assets'][0]['asset_id']}", headers=staff)).json()["properties"]
    milestones = {milestone["stage"]: milestone for milestone in case["milestones"]}

    assert (case["revived_on"], case["revived_on_precision"]) == ("2024-06-01", "month")
    assert (case["output_yuan_year"], case["tax_yuan_year"]) == (200_000_000, 15_000_000)
    assert (case["assets"][0]["stated_area"], units["stated_area"], units["illustrative"]) == (
        None,
        None,
        ["code", "geometry"],
    )
    assert (units["stated_idle_since"], units["stated_idle_since_precision"]) == ("2021-01-01", "year")
    assert [case[name] for name in ("appraised_yuan", "equity_share", "certificate_no")] == [None] * 3
    assert (milestones["retrofit"]["amount_yuan"], milestones["retrofit"]["happened_on"]) == (8_000_000, None)
    assert milestones["valuation"]["evidence"] == "not_stated"
    query = {"from": "2024-06-01", "to": "2024-06-30"}
    figure = (await client.get("/api/v1/stats/revitalized", params=query)).json()["factory"]
    assert (figure["cases"], figure["cases_without_area"], figure["area_m2"]) == (1, 1, "0.00")
