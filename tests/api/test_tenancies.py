"""The end of a tenancy over HTTP: it frees nothing until somebody says that the tenant left, stays or renewed."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import httpx

from tests.api.story import Headers, state_need
from tests.api.tenancy_case import TenancyCase, on, place
from tests.conftest import Dazu

__all__ = ["place"]


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
