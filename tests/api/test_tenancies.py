"""The end of a tenancy over HTTP: it frees nothing until somebody says that the tenant left, stays or renewed."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from actions.daily_update import run_daily_update
from tests.api.story import Headers, box, firm_of, register, state_need
from tests.conftest import TODAY, Dazu

DAY = timedelta(days=1)
PATHS = ["lease", "sublease", "temporary_use", "sale", "owner_restart", "part_use"]


def on(days: int) -> str:
    return str(TODAY + timedelta(days=days))


@dataclass
class TenancyCase:
    """A hall of a park, its staff and two firms."""

    client: httpx.AsyncClient
    dazu: Dazu
    staff: Headers
    park: dict[str, Any]
    hall: dict[str, Any]
    tenant: str
    other: str

    @property
    def id(self) -> str:
        return str(self.hall["id"])

    async def post(self, path: str, body: dict[str, Any], status: int, **headers: str) -> dict[str, Any]:
        answer = await self.client.post(f"/api/v1/{path}", headers=self.staff | headers, json=body)
        assert answer.status_code == status, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = await self.client.get(f"/api/v1/{path}", headers=self.staff, params=query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def open(self, starts: int, ends: int | None, **about: Any) -> str:
        body = {"path": "lease", "asset_ids": [self.id], "firm_id": self.tenant, "starts_on": on(starts)}
        body |= {} if ends is None else {"ends_on": on(ends)}
        body |= {"opened_on": on(min(starts, 0) - 10)} | about
        return str((await self.post("outcomes", body, 201))["id"])

    async def step(self, outcome_id: str, status: int = 200, **facts: Any) -> dict[str, Any]:
        return await self.post(f"outcomes/{outcome_id}/stages", facts, status, **{"If-Match": "*"})

    async def let(self, starts: int, ends: int | None, *, is_handed_over: bool = True, **about: Any) -> str:
        """A deal by which the hall is let, and the tenant in there."""
        opened = await self.open(starts, ends, **about)
        signed: dict[str, Any] = {"stage": "signed", "signed_on": about.get("opened_on", on(min(starts, 0) - 5))}
        signed |= {"temporary_use": {"permit_no": "临-1"}, "part_use": {"area_m2": 400}}.get(about.get("path", ""), {})
        signed |= {"consent_no": "同意-1"} if about.get("path") == "sublease" else {}
        await self.step(opened, **signed)
        if is_handed_over:
            await self.step(opened, stage="handed_over", handed_over_on=on(starts))
        return opened

    async def tenancy(self, outcome_id: str) -> dict[str, Any]:
        items = (await self.get("tenancies", limit=1000))["items"]
        return next(item for item in items if item["outcome_id"] == outcome_id and not item["is_corrected"])

    async def say(self, outcome_id: str, what: str, status: int = 200, **facts: Any) -> dict[str, Any]:
        place = f"tenancies/{(await self.tenancy(outcome_id))['id']}/{what}"
        return await self.post(place, facts, status, **{"If-Match": "*"})

    async def refused(self, outcome_id: str, what: str, status: int, field: str, code: str, **facts: Any) -> str:
        before = await self.tenancy(outcome_id)
        fault = (await self.say(outcome_id, what, status, **facts))["errors"][0]
        assert (fault["field"], fault["code"]) == (field, code)
        assert await self.tenancy(outcome_id) == before
        return str(fault["message"])

    async def left(self, outcome_id: str, days: int, status: int = 200, **facts: Any) -> dict[str, Any]:
        return await self.say(outcome_id, "left", status, left_on=on(days), **facts)

    async def availability(self, unit_id: str | None = None) -> str:
        unit = await self.get(f"assets/{unit_id or self.id}")
        return str(unit["properties"]["availability"])

    async def use(self) -> list[tuple[str, str, str | None]]:
        """Who has the use of the hall, from which day to which, both included."""
        async with self.dazu.db.system() as conn:
            rows = await conn.fetch(
                "SELECT holder_id::text, lower(during)::text, (upper(during) - 1)::text FROM occupancy "
                "WHERE leaf_id = $1 AND claim = 'use' ORDER BY during",
                self.id,
            )
        return [tuple(row) for row in rows]

    async def turn(self, days: int = 0) -> int:
        return await run_daily_update(self.dazu.db, today=TODAY + timedelta(days=days))

    async def events(self, prefix: str) -> list[tuple[str, Any]]:
        """Events of tenancies in the park, in order: the act, and how many days it says."""
        async with self.dazu.db.system() as conn:
            rows = await conn.fetch(
                "SELECT act, (body::json ->> 'days')::int AS days FROM event WHERE scope_id = $1 AND act LIKE $2 "
                "ORDER BY rev, n",
                self.park["id"],
                prefix,
            )
        return [tuple(row) for row in rows]

    async def idle(self, **query: str) -> tuple[int, int, float]:
        """Of factory space: idle units, units to verify, their area."""
        factory = (await self.get("stats/idle", park=self.park["id"], **query))["factory"]
        return factory["units"], factory["to_verify"]["units"], float(factory["to_verify"]["area_m2"])


@pytest.fixture
async def place(
    client: httpx.AsyncClient, dazu: Dazu, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> TenancyCase:
    facts = {"stated_area": 1800, "stated_area_unit": "m2", "clear_height_m": 9, "rent_yuan_m2_month": 9}
    facts |= {"title_is_registered": True, "mortgage": "none", "is_seized": False, "power_kva": 400}
    hall = await register(client, staff, park, "E-1", box(park, 0), level="building", allowed_paths=PATHS, **facts)
    other = await client.post("/api/v1/firms", headers=staff, json={"name": "示例后来者"})
    return TenancyCase(client, dazu, staff, park, hall, await firm_of(client, keys), other.json()["id"])


async def test_a_term_that_is_over_frees_nothing_until_the_tenant_left(
    place: TenancyCase, keys: dict[str, Headers], client: httpx.AsyncClient
) -> None:
    need = await state_need(client, keys["demo-zhiding"], listing="published")
    lease = await place.let(-500, -401)
    await place.left(lease, -401)
    before = await place.idle()
    assert (await place.get(f"assets/{place.id}"))["properties"]["idle_since"] == on(-400)
    lease = await place.let(-300, -1)

    async def is_ranked() -> bool:
        made = await client.post(f"/api/v1/demands/{need}/rankings?limit=100", headers=keys["demo-zhiding"])
        return place.id in made.text

    assert await place.availability() == "to_verify"
    assert (await place.tenancy(lease))["state"] == "to_verify"
    assert await place.idle() == (before[0] - 1, before[1] + 1, before[2] + 1800)
    assert not await is_ranked()
    shown = await place.get("assets", availability="to_verify", park=place.park["id"])
    assert [feature["id"] for feature in shown["features"]] == [place.id]
    for _ in range(50):
        await place.turn()
    assert await place.availability() == "to_verify"
    assert [act for act, _ in await place.events("tenancy.%")] == ["tenancy.left", "tenancy.to_verify"]
    assert (await place.get(f"assets/{place.id}"))["properties"]["idle_since"] is None

    left = await place.left(lease, -1, source="交接清单")

    assert (left["state"], left["left_on"], left["ends_on"]) == ("left", on(-1), on(-1))
    assert (await place.get(f"outcomes/{lease}"))["ended_on"] == on(-1)
    assert await place.availability() == "available"
    assert await place.idle() == before
    assert await is_ranked()
    assert (await place.get(f"assets/{place.id}"))["properties"]["idle_since"] == on(0)
    assert [act for act, _ in await place.events("tenancy.%")] == ["tenancy.left", "tenancy.to_verify", "tenancy.left"]


async def test_the_day_after_the_last_decides_and_turnover_brings_it(place: TenancyCase) -> None:
    lease = await place.let(-30, 0)

    assert await place.availability() == "occupied"
    assert (await place.tenancy(lease))["state"] == "in_term"
    await place.turn(1)
    assert await place.availability() == "to_verify"
    for _ in range(50):
        assert await place.turn(1) == 0
    await place.turn(400)
    assert await place.availability() == "to_verify"


async def test_what_was_known_of_the_stock_stays_known(place: TenancyCase, dazu: Dazu) -> None:
    lease = await place.let(-500, -401)
    await place.left(lease, -401)
    idle = await place.idle()
    lease = await place.let(-300, -1)
    async with dazu.db.system() as conn:
        unsaid = (await conn.fetchval("SELECT clock_timestamp()")).isoformat()
    await place.left(lease, -1)

    assert await place.idle(as_of=unsaid) == (idle[0] - 1, idle[1] + 1, idle[2] + 1800)
    assert await place.idle(as_of=unsaid, on=on(-2)) == (idle[0] - 1, idle[1], idle[2])
    assert await place.idle() == idle
    vacancy = await place.get("stats/vacancy", park=place.park["id"], as_of=unsaid)
    now = await place.get("stats/vacancy", park=place.park["id"])
    assert float(now["factory"]["idle_area_m2"]) - float(vacancy["factory"]["idle_area_m2"]) == 1800


async def test_a_lease_ended_ahead_is_said_and_its_space_free_the_day_after(place: TenancyCase) -> None:
    lease = await place.let(-30, 300)
    await place.step(lease, stage="ended", ended_on=on(3))

    facts = await place.tenancy(lease)
    assert (facts["state"], facts["left_on"], facts["ends_on"]) == ("left", on(3), on(3))
    await place.turn(3)
    assert await place.availability() == "occupied"
    await place.turn(4)
    assert await place.availability() == "available"
    assert await place.events("tenancy.%") == []


async def test_a_tenant_who_leaves_late_moves_the_start_of_who_follows_and_not_its_term(place: TenancyCase) -> None:
    first = await place.let(-400, -10)
    second = await place.let(-9, 300, is_handed_over=False, firm_id=place.other)
    assert await place.availability() == "occupied"
    refused = await place.step(second, 409, stage="handed_over", handed_over_on=on(0))
    assert refused["errors"][0]["code"] == "tenant_to_verify"

    await place.left(first, -3, source="现场核实")

    term = await place.tenancy(second)
    assert (term["starts_on"], term["ends_on"]) == (on(-9), on(300))
    assert await place.use() == [(place.tenant, on(-400), on(-3)), (place.other, on(-2), on(300))]
    assert (await place.tenancy(first))["ends_on"] == on(-10)
    assert await place.events("outcome.use_moved") == [("outcome.use_moved", None)]
    early = await place.step(second, 422, stage="handed_over", handed_over_on=on(-4))
    assert (early["errors"][0]["field"], early["errors"][0]["code"]) == ("handed_over_on", "dates_reversed")
    await place.step(second, stage="handed_over", handed_over_on=on(-2))
    assert await place.availability() == "occupied"

    late = await place.left(first, -1, 409, reason="实际更晚")
    assert late["errors"][0]["code"] == "already_taken"
    assert await place.use() == [(place.tenant, on(-400), on(-3)), (place.other, on(-2), on(300))]


async def test_a_successor_whose_term_is_over_by_then_is_not_moved(place: TenancyCase) -> None:
    first = await place.let(-400, -100)
    await place.let(-99, -50, is_handed_over=False, firm_id=place.other)

    assert (await place.left(first, -20, 409))["errors"][0]["code"] == "already_taken"
    await place.left(first, -100)


async def test_that_a_tenant_left_is_told_anew_with_a_reason(place: TenancyCase) -> None:
    lease = await place.let(-400, -10)
    await place.left(lease, -10)
    await place.refused(lease, "left", 422, "reason", "missing", left_on=on(-5))

    facts = await place.left(lease, -5, reason="核实后更正")

    assert (facts["left_on"], facts["ends_on"]) == (on(-5), on(-10))
    assert (await place.get(f"outcomes/{lease}"))["ended_on"] == on(-5)
    assert await place.use() == [(place.tenant, on(-400), on(-5))]
    facts = await place.left(lease, -20, reason="核实后更正")
    assert (facts["left_on"], facts["ends_on"]) == (on(-20), on(-20))
    assert await place.use() == [(place.tenant, on(-400), on(-20))]


async def test_a_tenant_cannot_leave_before_it_came_nor_after_its_term_in_days_to_come(place: TenancyCase) -> None:
    lease = await place.let(-30, 20)

    await place.refused(lease, "left", 422, "left_on", "dates_reversed", left_on=on(-31))
    await place.refused(lease, "left", 422, "left_on", "after_the_tenancy", left_on=on(21))
    assert (await place.left(lease, 20))["state"] == "left"


async def test_a_tenant_who_stays_has_no_term_any_more(place: TenancyCase) -> None:
    lease = await place.let(-400, -1)
    await place.turn()

    facts = await place.say(lease, "stays", source="租金照付，出租人未提出异议")

    assert (facts["state"], facts["ends_on"], facts["stays_since"]) == ("stays", None, on(0))
    assert "734" in facts["law"]
    assert await place.use() == [(place.tenant, on(-400), None)]
    await place.turn(400)
    assert await place.availability() == "occupied"
    acts = [act for act, _ in await place.events("tenancy.%")]
    assert acts == ["tenancy.to_verify", "tenancy.stays"]
    await place.refused(lease, "stays", 409, "state", "end_said")
    assert (await place.left(lease, 0))["state"] == "left"
    await place.turn(401)
    assert await place.availability() == "available"


async def test_who_may_not_stay(place: TenancyCase, client: httpx.AsyncClient) -> None:
    running = await place.let(-30, 20)
    assert "734" in await place.refused(running, "stays", 409, "ends_on", "term_not_over")
    await place.left(running, -20)

    temporary = await place.let(-19, -10, path="temporary_use")
    assert "734" in await place.refused(temporary, "stays", 409, "stage", "temporary_use_ends")
    await place.left(temporary, -10)

    over = await place.let(-9, -1)
    held = await place.open(30, 90, firm_id=place.other, opened_on=on(0))
    await place.step(held, stage="signed", signed_on=on(0))
    assert "734" in await place.refused(over, "stays", 409, "asset_id", "let_afterwards")


async def test_a_renewal_is_one_signed_deal_that_needs_no_handover(place: TenancyCase) -> None:
    lease = await place.let(-400, -1)
    old = await place.tenancy(lease)

    made = await place.say(lease, "renewal", 201, ends_on=on(364), rent_yuan_m2_month=9.5, contract_no="续-1")

    facts = {name: made[name] for name in ("path", "stage", "firm_id", "renews_tenancy_id", "starts_on", "ends_on")}
    assert facts == {
        "path": "lease",
        "stage": "handed_over",
        "firm_id": place.tenant,
        "renews_tenancy_id": old["id"],
        "starts_on": on(0),
        "ends_on": on(364),
    }
    assert (made["revived_on"], made["signed_on"]) == (on(0), on(0))
    new = await place.tenancy(made["id"])
    assert (new["handed_over_on"], new["rent_yuan_m2_month"]) == (None, 9.5)
    after = await place.tenancy(lease)
    assert (after["state"], after["renewed_from"], after["ends_on"]) == ("renewed", on(0), on(-1))
    assert await place.use() == [(place.tenant, on(-400), on(-1)), (place.tenant, on(0), on(364))]
    async with place.dazu.db.system() as conn:
        assert await conn.fetchval("SELECT count(*) FROM occupancy WHERE source_id = $1", made["id"]) == 1
    assert await place.availability() == "occupied"
    await place.refused(lease, "left", 409, "state", "end_said", left_on=on(-1))
    await place.refused(lease, "renewal", 409, "state", "end_said", ends_on=on(900))
    await place.step(made["id"], stage="retrofit", happened_on=on(0))
    assert (await place.left(made["id"], 30))["state"] == "left"


async def test_a_renewal_signed_ahead_is_reached_on_its_first_day(place: TenancyCase) -> None:
    lease = await place.let(-400, 5)
    made = await place.say(lease, "renewal", 201, ends_on=on(700))
    assert (made["stage"], made["revived_on"]) == ("signed", None)

    await place.turn(5)
    assert (await place.get(f"outcomes/{made['id']}"))["stage"] == "signed"
    await place.turn(6)
    for _ in range(50):
        assert await place.turn(6) == 0

    begun = await place.get(f"outcomes/{made['id']}")
    assert (begun["stage"], begun["revived_on"]) == ("handed_over", on(6))
    assert await place.availability() == "occupied"
    assert await place.events("tenancy.%") == [("tenancy.renewed", None)]


async def test_a_renewal_given_up_leaves_the_old_tenancy_to_verify(place: TenancyCase) -> None:
    lease = await place.let(-400, -3)
    made = await place.say(lease, "renewal", 201, starts_on=on(0), ends_on=on(700))
    assert await place.use() == [(place.tenant, on(-400), on(-1)), (place.tenant, on(0), on(700))]
    back = await place.step(made["id"], 409, stage="opened", reason="重来")
    assert back["errors"][0]["code"] in ("never_reached", "only_corrected")

    await place.step(made["id"], stage="corrected", reason="续租合同未生效")

    assert await place.use() == [(place.tenant, on(-400), on(-3))]
    assert (await place.tenancy(lease))["state"] == "to_verify"
    assert await place.availability() == "to_verify"
    assert (await place.say(lease, "stays"))["state"] == "stays"


async def test_a_renewal_of_one_who_stays_or_has_no_end_names_its_first_day(place: TenancyCase) -> None:
    lease = await place.let(-400, None)
    await place.refused(lease, "renewal", 422, "starts_on", "missing", ends_on=on(700))
    await place.refused(lease, "renewal", 422, "starts_on", "dates_reversed", starts_on=on(-400), ends_on=on(700))
    await place.refused(lease, "renewal", 422, "ends_on", "dates_reversed", starts_on=on(10), ends_on=on(9))

    made = await place.say(lease, "renewal", 201, starts_on=on(10), ends_on=on(700))

    assert await place.use() == [(place.tenant, on(-400), on(9)), (place.tenant, on(10), on(700))]
    await place.step(made["id"], stage="withdrawn", reason="未能谈成")
    assert await place.use() == [(place.tenant, on(-400), None)]


async def test_a_renewal_gives_way_to_who_has_the_space_and_keeps_what_its_path_says(place: TenancyCase) -> None:
    lease = await place.let(-400, -1, path="part_use")
    made = await place.say(lease, "renewal", 201, ends_on=on(30))
    assert float(made["assets"][0]["stated_area"]) == 400
    await place.left(made["id"], 0)

    temporary = await place.let(1, 60, is_handed_over=False, path="temporary_use")
    await place.refused(temporary, "renewal", 409, "stage", "not_handed_over", ends_on=on(90))
    await place.refused(temporary, "left", 409, "stage", "not_handed_over", left_on=on(60))
    await place.step(temporary, stage="withdrawn", reason="未批")


async def test_a_temporary_use_of_land_renewed_keeps_to_two_years_in_all(place: TenancyCase) -> None:
    about = {"allowed_paths": PATHS, "level": "plot"}
    plot = await register(place.client, place.staff, place.park, "E-T", box(place.park, 5), **about)
    used = await place.let(-600, -500, path="temporary_use", asset_ids=[plot["id"]])
    await place.refused(used, "renewal", 422, "permit_no", "missing", starts_on=on(-499), ends_on=on(-450))
    whole = {"starts_on": on(-499), "permit_no": "临-2"}
    await place.refused(used, "renewal", 422, "ends_on", "too_long", ends_on=on(131), **whole)
    await place.let(-400, -300, is_handed_over=False, firm_id=place.other, asset_ids=[plot["id"]])
    await place.refused(used, "renewal", 409, "asset_ids", "already_taken", ends_on=on(-350), **whole)
    await place.say(used, "renewal", 201, ends_on=on(-410), **whole)


async def test_buildings_let_with_their_plot_are_to_verify_with_it(place: TenancyCase) -> None:
    """Nor is anything registered beside them that the tenant who stays would not have."""
    client, staff, park = place.client, place.staff, place.park
    plot = await register(client, staff, park, "E-P", box(park, 7), level="plot", allowed_paths=PATHS)
    about: dict[str, Any] = {"level": "building", "plot_id": plot["id"], "storeys": 2, "allowed_paths": PATHS}
    hall = await register(client, staff, park, "E-P-1", box(park, 7, part=0.5), **about)
    lease = await place.let(-400, -1, asset_ids=[plot["id"]])
    seen = [await place.availability(unit["id"]) for unit in (plot, hall)]
    assert seen == ["to_verify", "to_verify"]

    later = await register(client, staff, park, "E-P-2", box(park, 7, part=0.4), **about)
    assert await place.availability(later["id"]) == "to_verify"
    ring = box(park, 7, part=0.5)
    floor = {"park_id": park["id"], "code": "E-P-1-1", "name": "一层", "level": "floor", "floor_no": 1}
    body = {"type": "Feature", "geometry": ring, "properties": floor | {"parent_id": hall["id"]}}
    assert (await client.post("/api/v1/assets", headers=staff, json=body)).status_code == 409
    rival = await place.let(0, 90, asset_ids=[hall["id"]], firm_id=place.other, is_handed_over=False)
    refused = await place.step(rival, 409, stage="handed_over", handed_over_on=on(0))
    assert refused["errors"][0]["code"] == "tenant_to_verify"
    await place.step(rival, stage="withdrawn", reason="另选")

    await place.say(lease, "stays")

    assert [await place.availability(unit["id"]) for unit in (plot, hall, later)] == ["occupied"] * 3


async def test_a_unit_reserved_while_it_is_to_verify_is_not_idle(place: TenancyCase) -> None:
    await place.let(-400, -1)
    await place.open(30, 90, firm_id=place.other, opened_on=on(0))
    for _ in range(3):
        await place.turn()

    unit = (await place.get(f"assets/{place.id}"))["properties"]
    assert (unit["availability"], unit["idle_since"]) == ("reserved", None)
    assert await place.turn() == 0
    assert (await place.idle())[1] == 1


async def test_days_to_verify_are_no_idle_days_of_a_revival(place: TenancyCase) -> None:
    """Until it is said when the tenant left: then they are judged again, in that act."""
    over = await place.let(-500, -100)
    sale = {"path": "sale", "asset_ids": [place.id], "firm_id": place.other, "owner_firm_id": place.tenant}
    outcome_id = (await place.post("outcomes", sale | {"opened_on": on(-5)}, 201))["id"]
    await place.step(outcome_id, stage="due_diligence", happened_on=on(-5))
    await place.step(outcome_id, stage="contracted", happened_on=on(-4), price_yuan=8_000_000, contract_no="HT-2")
    await place.step(outcome_id, stage="tax_cleared", happened_on=on(-3))
    sold = await place.step(outcome_id, stage="title_registered", happened_on=on(-2), certificate_no="渝-2")
    assert sold["revivals"][0]["verdict"] != "counted"

    await place.left(over, -100)

    again = (await place.get(f"outcomes/{outcome_id}"))["revivals"][0]
    assert (again["verdict"], again["idle_since"]) == ("counted", on(-99))


async def test_a_reservation_that_has_run_out_lets_the_space_go(place: TenancyCase) -> None:
    opened = await place.open(0, 90)
    await place.step(opened, stage="reserved", reserved_until=on(5))

    await place.turn(5)
    assert (await place.get(f"outcomes/{opened}"))["stage"] == "reserved"
    assert await place.turn(6) > 0

    assert (await place.get(f"outcomes/{opened}"))["stage"] == "opened"
    assert await place.use() == []


async def test_own_use_takes_no_space_that_is_to_verify(place: TenancyCase, keys: dict[str, Headers]) -> None:
    await place.let(-400, -1)
    owner = {"path": "owner_restart", "asset_ids": [place.id], "firm_id": place.other, "opened_on": on(0)}
    restart = (await place.post("outcomes", owner, 201))["id"]
    await place.step(restart, stage="signed", signed_on=on(0), plan_no="复产-1")
    await place.step(restart, stage="trial_production", happened_on=on(0))

    assert await place.use() == [(place.tenant, on(-400), on(-1))]
    assert await place.availability() == "to_verify"


async def test_a_whole_is_occupied_reserved_to_verify_withdrawn_or_available_in_this_order(
    place: TenancyCase, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    whole = await register(client, staff, park, "E-W", box(park, 3), level="building", stated_area=3000,
                           stated_area_unit="m2", is_divisible=True, storeys=3)  # fmt: skip
    floors = [
        (await register(client, staff, park, f"E-W-{n}", box(park, 3), level="floor", floor_no=n,
                        parent_id=whole["id"], stated_area=1000, stated_area_unit="m2"))["id"]
        for n in (1, 2, 3)
    ]  # fmt: skip

    async def both() -> str:
        return await place.availability(whole["id"])

    assert await both() == "available"
    over = await place.let(-400, -1, asset_ids=[floors[0]])
    assert (await place.availability(floors[0]), await both()) == ("to_verify", "to_verify")
    held = await place.open(0, 90, asset_ids=[floors[1]], opened_on=on(0))
    assert await both() == "reserved"
    used = await place.let(-30, 90, asset_ids=[floors[2]])
    assert await both() == "occupied"
    await place.left(used, -1)
    assert await both() == "reserved"
    await place.step(held, stage="withdrawn", reason="另选")
    assert await both() == "to_verify"
    await client.post(f"/api/v1/assets/{whole['id']}/withdraw", headers=staff | {"If-Match": "*"})
    assert await both() == "to_verify"
    await place.left(over, -1)
    assert await both() == "withdrawn"


async def test_the_parts_of_a_whole_let_as_one_are_to_verify(
    place: TenancyCase, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    whole = await register(client, staff, park, "E-V", box(park, 3), level="building", storeys=1)
    floor = await register(client, staff, park, "E-V-1", box(park, 3), level="floor", floor_no=1, parent_id=whole["id"])
    lease = await place.let(-400, -1, asset_ids=[whole["id"]])

    assert await place.availability(floor["id"]) == "to_verify"
    await place.left(lease, -1)
    assert await place.availability(floor["id"]) == "available"


async def test_events_180_90_and_30_days_before_an_end_once_each(place: TenancyCase) -> None:
    lease = await place.let(-30, 200)
    for days in (0, 19, 20, 20, 21, 109, 110, 111, 169, 170, 171, 200, 201, 201, 300):
        await place.turn(days)

    soon = [("tenancy.ends_soon", days) for days in (180, 90, 30)]
    assert await place.events("tenancy.%") == [*soon, ("tenancy.to_verify", None)]
    tenancy = await place.tenancy(lease)
    async with place.dazu.db.system() as conn:
        about = await conn.fetchval(
            "SELECT body::json FROM event WHERE act = 'tenancy.ends_soon' AND subject_id = $1 ORDER BY rev LIMIT 1",
            tenancy["id"],
        )
    assert on(200) in about and tenancy["firm_id"] in about


async def test_a_sublease_past_its_term_is_to_verify_and_gives_the_use_back_when_left(place: TenancyCase) -> None:
    head = await place.let(-400, 100)
    sub = await place.let(-200, -1, path="sublease", owner_firm_id=place.tenant, firm_id=place.other)
    assert await place.availability() == "to_verify"

    await place.left(sub, -1)

    assert await place.use() == [
        (place.tenant, on(-400), on(-201)),
        (place.other, on(-200), on(-1)),
        (place.tenant, on(0), on(100)),
    ]
    assert await place.availability() == "occupied"
    await place.left(sub, 0, reason="实际今日搬离")
    assert (await place.use())[1:] == [(place.other, on(-200), on(0)), (place.tenant, on(1), on(100))]
    await place.left(head, 50)
    assert (await place.use())[-1] == (place.tenant, on(1), on(50))


async def test_a_head_lease_let_on_from_its_first_day_is_to_verify_when_its_own_term_is_over(
    place: TenancyCase,
) -> None:
    head = await place.let(-400, -1)
    about = {"path": "sublease", "owner_firm_id": place.tenant, "firm_id": place.other, "opened_on": on(-400)}
    sub = await place.let(-400, -1, **about)
    await place.left(sub, -1)

    assert await place.use() == [(place.other, on(-400), on(-1))]
    assert await place.availability() == "to_verify"
    await place.left(head, -1)
    assert await place.availability() == "available"


async def test_tenancies_are_found_by_firm_state_and_end(place: TenancyCase, keys: dict[str, Headers]) -> None:
    over = await place.let(-400, -1)

    async def listed(**query: Any) -> list[str]:
        items = (await place.get("tenancies", asset=place.id, park=place.park["id"], **query))["items"]
        return [item["outcome_id"] for item in items]

    assert await listed(state="to_verify") == [over]
    assert await listed(state="left") == []
    assert await listed(firm=place.tenant) == [over] and await listed(firm=place.other) == []
    assert await listed(ends_before=on(0)) == [over] and await listed(ends_before=on(-1)) == []
    assert await listed(open_ended="true") == [] and await listed(open_ended="false") == [over]
    await place.say(over, "stays")
    assert await listed(open_ended="true") == [over] and await listed(state="stays") == [over]
    assert await listed(ends_before=on(900)) == []
    wrong = await place.client.get("/api/v1/tenancies?state=gone", headers=place.staff)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "state")


async def test_who_may_say_it_and_at_which_revision(
    place: TenancyCase, keys: dict[str, Headers], client: httpx.AsyncClient
) -> None:
    lease = await place.let(-400, -1)
    at = f"/api/v1/tenancies/{(await place.tenancy(lease))['id']}"
    read = await client.get(at, headers=place.staff)
    body = {"left_on": on(-1)}
    elsewhere = keys["demo-dazu-gaoxin"]

    async def status_of(headers: Headers, **more: str) -> int:
        return (await client.post(f"{at}/left", headers=headers | more, json=body)).status_code

    assert read.json()["state"] == "to_verify"
    assert (await client.get(at, headers=keys["demo-zhiding"])).status_code == 200
    assert (await client.get(at, headers=keys["demo-admin"])).status_code == 200
    assert (await client.get(at, headers=elsewhere)).status_code == 404
    assert (await client.get(at)).status_code == 401
    assert await status_of(place.staff) == 428
    assert await status_of(place.staff, **{"If-Match": '"99"'}) == 412
    assert await status_of({}, **{"If-Match": "*"}) in (401, 404)
    assert await status_of(keys["demo-zhiding"], **{"If-Match": "*"}) == 403
    assert await status_of(elsewhere, **{"If-Match": "*"}) == 404
    nobody = f"/api/v1/tenancies/{uuid.uuid4()}/left"
    assert (await client.post(nobody, headers=place.staff | {"If-Match": "*"}, json=body)).status_code == 404
    once = {"If-Match": read.headers["etag"], "Idempotency-Key": "left-1"}
    assert [await status_of(place.staff, **once) for _ in range(2)] == [200, 200]
    assert [act for act, _ in await place.events("tenancy.left")] == ["tenancy.left"]
    assert await status_of(place.staff, **{"If-Match": read.headers["etag"]}) == 412


async def test_of_leaving_and_signing_at_once_both_stand_or_one_is_refused(place: TenancyCase) -> None:
    """However they cross, nobody has the space twice, and who follows begins the day after the tenant left."""
    for n in range(6):
        first = await place.let(-400 + 60 * n, -370 + 60 * n)
        second = await place.open(-369 + 60 * n, -350 + 60 * n, firm_id=place.other)
        tenancy = (await place.tenancy(first))["id"]
        any_revision = place.staff | {"If-Match": "*"}
        left_on = {"left_on": on(-365 + 60 * n)}
        signed = {"stage": "signed", "signed_on": on(0)}

        answers = await asyncio.gather(
            place.client.post(f"/api/v1/tenancies/{tenancy}/left", headers=any_revision, json=left_on),
            place.client.post(f"/api/v1/outcomes/{second}/stages", headers=any_revision, json=signed),
        )

        codes = [answer.status_code for answer in answers]
        ours = [claim for claim in await place.use() if claim[1] >= on(-400 + 60 * n)]
        if codes == [200, 200]:
            last = on(-350 + 60 * n)
            assert ours == [(place.tenant, on(-400 + 60 * n), left_on["left_on"]),
                            (place.other, on(-364 + 60 * n), last)]  # fmt: skip
        else:
            assert codes == [200, 409] and len(ours) == 1
        await place.step(second, stage="withdrawn", reason="下一轮")


async def test_papers_show_the_line(place: TenancyCase) -> None:
    await place.let(-400, -1)
    query = {"from": on(-30), "to": on(0), "park": place.park["id"], "format": "csv"}
    paper = await place.client.get("/api/v1/papers/statistics", headers=place.staff, params=query)

    assert paper.status_code == 200, paper.text
    assert "待核实单元" in paper.text and "1800" in paper.text.replace(",", "")
