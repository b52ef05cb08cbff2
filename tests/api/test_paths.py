"""Every path over HTTP: through its stages to production, what it counts, what it moves, what it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from actions.reference import add_scheme
from domain.actor import SYSTEM
from fixtures import reference
from tests.api.story import EMPTY, Headers, box, counted, firm_of, register
from tests.conftest import TODAY, Dazu

DAY = str(TODAY)
APPRAISED = {"stage": "valuation", "appraiser": "示例评估", "appraisal_method": "成本法", "appraised_yuan": 9_000_000}
IN_USE: list[dict[str, Any]] = [
    {"stage": "retrofit", "amount_yuan": 100},
    {"stage": "trial_production"},
    {"stage": "full_production"},
]
LET: list[dict[str, Any]] = [
    {"stage": "reserved", "reserved_until": str(TODAY + timedelta(days=9))},
    {"stage": "signed", "signed_on": DAY},
    {"stage": "handed_over", "handed_over_on": DAY},
]
TITLE: list[dict[str, Any]] = [
    {"stage": "tax_cleared"},
    {"stage": "title_registered", "certificate_no": "渝(2026)大足区不动产权第000002号"},
    {"stage": "supervision_agreement_signed", "document_no": "监管-2"},
    {"stage": "handed_over"},
]
BUILT: list[dict[str, Any]] = [
    {"stage": "signed", "signed_on": DAY, "contract_no": "HT-1"},
    {"stage": "construction_started", "permit_no": "施-1"},
    {"stage": "completed", "acceptance_no": "竣-1"},
]
EQUITY: list[dict[str, Any]] = [
    {"stage": "equity_registered", "registration_no": "变-1"},
    {"stage": "handed_over"},
]
#: Path → its stages after the first, in order, each with what it needs.
WALKS: dict[str, list[dict[str, Any]]] = {
    "lease": [*LET, *IN_USE],
    "part_use": [LET[0], LET[1] | {"area_m2": 400}, LET[2], *IN_USE],
    "temporary_use": LET,
    "sublease": [LET[0], LET[1] | {"consent_no": "同意-1"}, LET[2], *IN_USE],
    "owner_restart": [{"stage": "signed", "signed_on": DAY, "plan_no": "复产-1"}, *IN_USE],
    "joint_development": [*BUILT, *IN_USE[1:]],
    "built_to_suit": [*BUILT, LET[2], *IN_USE[1:]],
    "sale": [
        {"stage": "due_diligence"},
        {"stage": "contracted", "price_yuan": 8_000_000, "contract_no": "HT-2"},
        *TITLE,
        *IN_USE,
    ],
    "judicial_auction": [
        {"stage": "listed", "court": "大足区人民法院", "case_no": "(2026)渝0111执1号", "reserve_price_yuan": 5_000_000},
        {"stage": "won", "price_yuan": 6_000_000},
        {"stage": "ruling_served", "ruling_no": "(2026)渝0111执1号之一"},
        *TITLE,
        *IN_USE,
    ],
    "repurchase_resupply": [
        APPRAISED,
        {"stage": "repurchased", "price_yuan": 7_000_000, "decision_no": "收储-1"},
        {"stage": "listed"},
        {"stage": "resupplied", "price_yuan": 9_000_000, "contract_no": "出让-1"},
        *TITLE,
        *IN_USE,
    ],
    "share_purchase": [
        {"stage": "due_diligence"},
        {"stage": "contracted", "price_yuan": 8_000_000, "purchased_share": "0.8"},
        {"stage": "tax_cleared"},
        *EQUITY,
        *IN_USE,
    ],
    "merger": [
        {"stage": "due_diligence"},
        {"stage": "resolved"},
        {"stage": "contracted", "contract_no": "HB-1"},
        *EQUITY,
        *IN_USE,
    ],
}
#: Path → the stage its revival counts at, and the part of 1000 m² it then counts.
COUNTS: dict[str, tuple[str, int]] = {
    "lease": ("handed_over", 1000),
    "part_use": ("handed_over", 400),
    "temporary_use": ("handed_over", 0),
    "sublease": ("handed_over", 1000),
    "owner_restart": ("trial_production", 1000),
    "joint_development": ("construction_started", 1000),
    "built_to_suit": ("construction_started", 1000),
    "sale": ("title_registered", 1000),
    "judicial_auction": ("ruling_served", 1000),
    "repurchase_resupply": ("resupplied", 1000),
    "share_purchase": ("equity_registered", 1000),
    "merger": ("equity_registered", 1000),
}
BY_TWO_FIRMS = {
    "sublease",
    "sale",
    "judicial_auction",
    "repurchase_resupply",
    "share_purchase",
    "merger",
    "equity_swap",
}
LETTING = {"lease", "sublease", "part_use", "temporary_use"}


@dataclass
class Case:
    """A deal under way, and whom it is between."""

    client: httpx.AsyncClient
    staff: Headers
    unit: dict[str, Any]
    taker: str
    giver: str
    outcome: dict[str, Any]

    @property
    def place(self) -> str:
        return f"/api/v1/outcomes/{self.outcome['id']}"

    async def step(self, status: int = 200, **facts: Any) -> dict[str, Any]:
        days = {"signed_on", "handed_over_on", "ended_on", "reserved_until", "happened_on", "reason"}
        if not days & set(facts):
            facts["happened_on"] = DAY
        answer = await self.client.post(f"{self.place}/stages", headers=self.staff | {"If-Match": "*"}, json=facts)
        assert answer.status_code == status, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def through(self, *stages: dict[str, Any]) -> None:
        for stage in stages:
            await self.step(**stage)

    async def refused(self, field: str, code: str, status: int, **facts: Any) -> None:
        before = (await self.client.get(self.place, headers=self.staff)).text
        fault = (await self.step(status, **facts))["errors"][0]
        assert (fault["field"], fault["code"]) == (field, code)
        assert (await self.client.get(self.place, headers=self.staff)).text == before

    async def holders(self) -> dict[str, float]:
        answer = await self.client.get(f"/api/v1/assets/{self.unit['id']}/rights", headers=self.staff)
        return {holder["firm_id"]: holder["share"] for holder in answer.json()["holders"]}


async def opened(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    park: dict[str, Any],
    path: str,
    n: int,
    *,
    is_land_alone: bool = False,
    **facts: Any,
) -> Case:
    staff, taker = keys["demo-shuangqiao"], await firm_of(client, keys)
    about = {"allowed_paths": [path], "stated_area": 1000, "stated_area_unit": "m2", "level": "building"}
    about |= {"title_is_registered": True, "mortgage": "none", "is_seized": False, **EMPTY}
    unit = await register(client, staff, park, f"P-{path}-{n}", box(park, n), **{**about, **facts})
    giver = (await client.post("/api/v1/firms", headers=staff, json={"name": f"原业主{path}{n}"})).json()["id"]
    body: dict[str, Any] = {"path": path, "asset_ids": [unit["id"]], "firm_id": taker, "is_land_alone": is_land_alone}
    body |= {"owner_firm_id": giver} if path in BY_TWO_FIRMS else {}
    body |= {"starts_on": DAY, "ends_on": str(TODAY + timedelta(days=365))} if path in LETTING else {}
    answer = await client.post("/api/v1/outcomes", headers=staff, json=body)
    assert answer.status_code == 201, answer.text
    return Case(client, staff, unit, taker, giver, answer.json())


@pytest.mark.parametrize("path", WALKS)
async def test_a_path_counts_once_at_its_stage_and_a_correction_takes_it_out(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], path: str
) -> None:
    case = await opened(client, keys, park, path, 0)
    counts_at, area_m2 = COUNTS[path]
    before = float((await counted(client))[1])

    for stage in WALKS[path]:
        seen = await case.step(**stage)
        has_counted = [milestone["stage"] for milestone in seen["milestones"]].count(counts_at) == 1
        assert seen["revived_on"] == (DAY if has_counted else None), stage
        assert float((await counted(client))[1]) == before + (area_m2 if has_counted else 0), stage
    unit = (await client.get(f"/api/v1/assets/{case.unit['id']}", headers=case.staff)).json()["properties"]
    assert unit["availability"] == "occupied"
    body = {milestone["stage"]: milestone["facts"] for milestone in seen["milestones"]}
    for stage in WALKS[path]:
        facts = {name for name in stage if name not in ("stage", "amount_yuan", "signed_on", "handed_over_on")}
        assert set(body[stage["stage"]]) == facts

    await case.step(stage="corrected", reason="记错了")

    assert float((await counted(client))[1]) == before
    assert await case.holders() in ({}, {case.giver: 1})
    freed = (await client.get(f"/api/v1/assets/{case.unit['id']}", headers=case.staff)).json()["properties"]
    assert freed["availability"] in ("available", "withdrawn")


async def test_a_seized_title_passes_at_an_auction_and_nowhere_else(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    sale = await opened(client, keys, park, "sale", 0, is_seized=True)
    await sale.refused("asset_ids.0", "title_seized", 409, stage="due_diligence")
    auction = await opened(client, keys, park, "judicial_auction", 1, is_seized=True)

    await auction.through(*WALKS["judicial_auction"][:2])
    assert await auction.holders() == {}
    await auction.through(WALKS["judicial_auction"][2])

    assert await auction.holders() == {auction.taker: 1}
    await auction.through(*WALKS["judicial_auction"][3:5])
    assert await auction.holders() == {auction.taker: 1}


async def test_land_taken_back_is_the_state_s_until_it_is_supplied_anew(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    case = await opened(client, keys, park, "repurchase_resupply", 0)

    await case.through(*WALKS["repurchase_resupply"][:2])
    assert await case.holders() == {"00000000-0000-0000-0000-000000000002": 1}
    await case.through(*WALKS["repurchase_resupply"][2:6])

    assert await case.holders() == {case.taker: 1}


async def test_equity_passes_where_shares_are_bought_and_where_a_firm_is_absorbed(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], dazu: Dazu
) -> None:
    bought = await opened(client, keys, park, "share_purchase", 0)
    merged = await opened(client, keys, park, "merger", 1)

    await bought.through(*WALKS["share_purchase"][:4])
    await merged.through(*WALKS["merger"][:4])

    async with dazu.db.system() as conn:
        rows = await conn.fetch("SELECT firm_id::text, s.party::text, s.share FROM holding, unnest(shares) AS s")
    held = {(row["firm_id"], row["party"]): float(row["share"]) for row in rows}
    assert held[bought.giver, bought.taker] == 0.8
    assert held[merged.giver, merged.taker] == 1
    assert await bought.holders() == {}
    assert await merged.holders() == {merged.taker: 1}


async def test_the_register_s_list_of_holders_is_whole_and_says_what_was_agreed(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], dazu: Dazu
) -> None:
    case = await opened(client, keys, park, "share_purchase", 0)
    await case.through(*WALKS["share_purchase"][:3])
    step, rest = WALKS["share_purchase"][3], {"firm_id": None, "share": "0.2"}

    def list_of(share: str) -> list[dict[str, Any]]:
        return [{"firm_id": case.taker, "share": share}, rest]

    await case.refused("holders", "shares_not_whole", 422, **step, holders=list_of("0.79"))
    await case.refused("holders", "listed_twice", 422, **step, holders=[*list_of("0.4"), *list_of("0.4")])
    await case.refused("holders.0.share", "out_of_range", 422, **step, holders=list_of("-0.8"))
    wrong = [{"firm_id": case.taker, "share": "0.7"}, rest, {"firm_id": case.giver, "share": "0.1"}]
    await case.refused("holders", "shares_differ", 409, **step, holders=wrong)
    await case.step(**step, holders=list_of("0.8"))

    async with dazu.db.system() as conn:
        shares = await conn.fetchval("SELECT shares::text FROM holding WHERE firm_id = $1", case.giver)
    assert "0.8" in shares and case.taker in shares


async def test_more_area_than_is_held(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    part = await opened(client, keys, park, "part_use", 0)
    unknown = await opened(client, keys, park, "part_use", 1, stated_area=None, stated_area_unit=None)
    signed = LET[1]

    await part.refused("area_m2", "missing", 422, **signed)
    await part.refused("area_m2", "more_than_held", 422, **signed, area_m2="1000.01")
    await unknown.refused("area_m2", "area_unknown", 409, **signed, area_m2=1)
    await part.step(**signed, area_m2=1000)


async def test_going_back_is_told_with_a_reason_and_undone(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], dazu: Dazu
) -> None:
    case = await opened(client, keys, park, "lease", 0)
    await case.through(*LET[:2])
    await case.refused("reason", "missing", 422, stage="opened", happened_on=DAY)
    await case.refused("stage", "never_reached", 409, stage="reserved", reason="重来")

    back = await case.step(stage="opened", reason="承租方改期")

    assert (back["stage"], back["signed_on"], back["reason"]) == ("opened", None, "承租方改期")
    assert [milestone["stage"] for milestone in back["milestones"]] == ["opened"]
    async with dazu.db.system() as conn:
        kept = await conn.fetch(
            "SELECT kind, is_reversed, reason FROM milestone WHERE outcome_id = $1 ORDER BY kind", case.outcome["id"]
        )
    assert [tuple(row) for row in kept] == [
        ("opened", False, None),
        ("reserved", True, "承租方改期"),
        ("signed", True, "承租方改期"),
    ]
    unit = (await client.get(f"/api/v1/assets/{case.unit['id']}")).json()["properties"]
    assert unit["availability"] == "reserved"  # by the deal, not by a tenant
    await case.through(*LET[1:])
    await case.refused("stage", "only_corrected", 409, stage="signed", reason="重来")
    assert (await case.step(stage="ended", ended_on=DAY))["ended_on"] == DAY


async def test_a_tenant_who_lets_on_is_out_for_the_days_of_it(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], dazu: Dazu
) -> None:
    staff, sub = keys["demo-shuangqiao"], await firm_of(client, keys)
    unit = await register(
        client, staff, park, "P-S", box(park, 0), level="building", allowed_paths=["lease", "sublease"]
    )
    tenant = (await client.post("/api/v1/firms", headers=staff, json={"name": "主承租人"})).json()["id"]
    begins, ends = str(TODAY - timedelta(days=100)), str(TODAY + timedelta(days=400))
    about = {"asset_ids": [unit["id"]], "opened_on": begins}
    body: dict[str, Any] = {"path": "lease", "firm_id": tenant, "starts_on": begins, "ends_on": ends, **about}
    head = Case(
        client, staff, unit, tenant, "", (await client.post("/api/v1/outcomes", headers=staff, json=body)).json()
    )
    await head.through({"stage": "signed", "signed_on": begins}, {"stage": "handed_over", "handed_over_on": begins})
    body = {"path": "sublease", "firm_id": sub, "owner_firm_id": tenant, "asset_ids": [unit["id"]], "starts_on": DAY}
    body["ends_on"] = str(TODAY + timedelta(days=30))
    let_on = Case(
        client, staff, unit, sub, tenant, (await client.post("/api/v1/outcomes", headers=staff, json=body)).json()
    )

    async def use() -> list[tuple[str, str]]:
        async with dazu.db.system() as conn:
            rows = await conn.fetch(
                "SELECT holder_id::text, during::text FROM occupancy WHERE leaf_id = $1 AND claim = 'use' "
                "ORDER BY during",
                unit["id"],
            )
        return [tuple(row) for row in rows]

    def days(a: int, b: int) -> str:
        return f"[{TODAY + timedelta(days=a)},{TODAY + timedelta(days=b)})"

    whole = [(tenant, days(-100, 401))]
    assert await use() == whole
    await let_on.through({"stage": "signed", "signed_on": DAY, "consent_no": "同意-9"})
    assert await use() == [(tenant, days(-100, 0)), (sub, days(0, 31))]
    await let_on.step(stage="opened", reason="重签")
    assert await use() == [(tenant, days(-100, 0)), (tenant, days(0, 401))]
    await let_on.through({"stage": "signed", "signed_on": DAY, "consent_no": "同意-9"}, LET[2])
    await let_on.step(stage="ended", ended_on=DAY)

    assert await use() == [(tenant, days(-100, 0)), (sub, days(0, 1)), (tenant, days(1, 401))]


async def test_a_deal_ends_under_the_version_it_was_opened_under(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], dazu: Dazu
) -> None:
    case = await opened(client, keys, park, "lease", 0)
    later = reference.rules("paths")
    later["paths"]["lease"]["gates"]["signed"]["needs"] = ["contract_no"]
    await add_scheme(dazu.db, SYSTEM, "paths", "paths-3", later | {"version": "paths-3"})
    other = await opened(client, keys, park, "lease", 1)

    await case.step(**LET[1])
    await other.refused("contract_no", "missing", 422, **LET[1])

    assert (case.outcome["paths_version"], other.outcome["paths_version"]) == ("paths-2", "paths-3")
    await other.step(**LET[1], contract_no="HT-7")
