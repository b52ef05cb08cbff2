"""Ordinary acts that would move the figure without idle space being put back to use, over HTTP: they do not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.api.counting import Counting
from tests.api.story import Headers

NOTHING = {"stated_idle_since": None, "idle_basis": None}


@pytest.fixture
def park_of(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> Counting:
    return Counting(client, staff, park)


async def restart(park_of: Counting, unit: str, firm: str, on: str) -> str:
    opened = await park_of.open("owner_restart", [unit], firm, date.fromisoformat(on))
    await park_of.step(opened, stage="signed", signed_on=on, plan_no="复产-1")
    await park_of.step(opened, stage="trial_production", happened_on=on)
    return opened


async def test_a_day_known_roughly_hides_no_use_before_it(park_of: Counting) -> None:
    """Handed over "in 2022" to the next firm; the tenant before was there from January until the day before."""
    hall, tenant, other = await park_of.unit(), await park_of.firm(), await park_of.firm()
    await park_of.end(await park_of.let(hall, tenant, "2021-01-01", "2021-06-30"), "2021-06-30")
    again = await park_of.let(hall, tenant, "2022-01-15", "2022-06-19")
    await park_of.end(again, "2022-06-19")

    lease = await park_of.signed(hall, other, "2022-06-20", "2023-12-31")
    await park_of.step(lease, stage="handed_over", handed_over_on="2022-06-20", precision="year")

    assert await park_of.verdict(again) == "renewal 3"
    assert await park_of.verdict(lease) == "no_idle_period 4"
    sister = await park_of.signed(await park_of.unit(), other, "2022-06-20", "2023-12-31")
    await park_of.step(sister, stage="handed_over", handed_over_on="2022-06-20", precision="year")
    assert await park_of.verdict(sister) == "counted 7c"


async def test_a_part_of_a_whole_adds_no_more_than_was_agreed(park_of: Counting) -> None:
    """100 m² of a building of two floors, of which one counts: half of them, by the areas of its floors."""
    whole, _ = await park_of.building({}, NOTHING | {"completed_on": "2010-01-01"}, **NOTHING)
    before = await park_of.figure(2022)

    opened = await park_of.open("part_use", [whole], await park_of.firm(), date(2022, 2, 1), starts_on="2022-03-01")
    await park_of.step(opened, stage="signed", signed_on="2022-02-10", area_m2=100)
    await park_of.step(opened, stage="handed_over", handed_over_on="2022-03-01")

    after = await park_of.figure(2022)
    assert {name: area - before.get(name, Decimal(0)) for name, area in after.items()} == {
        "counted": Decimal(50),
        "no_idle_period": Decimal(50),
    }


async def test_a_tenant_that_calls_itself_owner_renews(park_of: Counting) -> None:
    halls, tenant = [await park_of.unit(), await park_of.unit()], await park_of.firm()
    for hall in halls:
        await park_of.end(await park_of.let(hall, tenant, "2021-01-01", "2021-12-31"), "2021-12-31")
    await park_of.sell(halls[1], await park_of.firm(), tenant, "2022-02-10")
    published = await park_of.client.post(
        f"/api/v1/assets/{halls[1]}/publish", headers=park_of.staff | {"If-Match": "*"}
    )
    assert published.status_code == 200, published.text

    tenants, owners = [await restart(park_of, hall, tenant, "2022-03-01") for hall in halls]

    assert [await park_of.verdict(outcome) for outcome in (tenants, owners)] == ["renewal 3", "counted 7a"]


async def test_who_does_not_hold_the_title_restarts_nothing(park_of: Counting) -> None:
    hall, giver, owner, straw = await park_of.unit(), *[await park_of.firm() for _ in range(3)]
    sale = await park_of.sell(hall, giver, owner, "2021-03-01")
    await park_of.step(sale, stage="handed_over", happened_on="2021-03-10")
    await park_of.step(sale, stage="ended", happened_on="2021-12-31")
    tag = {"If-Match": "*"}
    assert (await park_of.client.post(f"/api/v1/assets/{hall}/publish", headers=park_of.staff | tag)).is_success

    body = {"path": "owner_restart", "asset_ids": [hall], "firm_id": straw, "opened_on": "2022-03-01"}
    refused = await park_of.send("outcomes", body, 409)

    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("firm_id", "not_the_owner")]
    assert await park_of.verdict(await restart(park_of, hall, owner, "2022-03-01")) == "counted 7a"


async def test_a_hall_that_says_the_year_it_was_built_in_is_of_known_age(park_of: Counting) -> None:
    new, old = [
        await park_of.unit(stated_idle_since="2022-01-05", attributes={"built_year": year}) for year in (2022, 2015)
    ]

    outcomes = [await park_of.let(hall, await park_of.firm(), "2022-04-01", "2023-12-31") for hall in (new, old)]

    assert [await park_of.verdict(outcome) for outcome in outcomes] == ["first_letting 2", "counted 7c"]


async def test_order_53_makes_no_land_idle_anew_on_which_building_began(park_of: Counting) -> None:
    plot, firms = await park_of.plot(), [await park_of.firm() for _ in range(3)]
    first = await park_of.sell(plot, firms[0], firms[1], "2021-03-01")
    await park_of.step(first, stage="construction_started", happened_on="2021-05-01", permit_no="施-1")
    headers = park_of.staff | {"If-Match": "*"}
    clock = {"agreed_start_on": "2021-06-01", "has_started": False, "source": "出让合同"}
    stated = await park_of.client.put(f"/api/v1/assets/{plot}/idle-clock", headers=headers, json=clock)
    assert stated.status_code == 200, stated.text
    assert (await park_of.client.post(f"/api/v1/assets/{plot}/publish", headers=headers)).status_code == 200

    second = await park_of.sell(plot, firms[1], firms[2], "2022-09-01")
    await park_of.step(second, stage="construction_started", happened_on="2022-10-01", permit_no="施-2")

    assert await park_of.verdict(first) == "counted 7c"
    assert await park_of.verdict(second) == "no_idle_period 4"
    assert (await park_of.get(f"assets/{plot}"))["properties"]["idle_since"] is None


async def test_one_building_makes_one_plot_developed(park_of: Counting) -> None:
    """It stands where it is drawn, whatever plot it names; what is only a draft stands nowhere."""
    plots = [await park_of.plot() for _ in range(3)]
    old = {"level": "building", "completed_on": "2010-01-01", **NOTHING}
    house = await park_of.unit(**old, plot_id=plots[0], place=1)
    outline = (await park_of.get(f"assets/{plots[2]}"))["geometry"]
    hut = {"park_id": park_of.park["id"], "code": "棚", "name": "棚", "plot_id": plots[2]}
    hut |= {name: value for name, value in old.items() if value is not None}
    await park_of.send("assets", {"type": "Feature", "geometry": outline, "properties": hut}, 201)
    giver, taker = await park_of.firm(), await park_of.firm()

    sales = [await park_of.sell(plots[0], giver, taker, "2022-03-01")]
    moved = await park_of.client.patch(
        f"/api/v1/assets/{house}",
        headers=park_of.staff | {"If-Match": "*"},
        json={"properties": {"plot_id": plots[1]}},
    )
    assert moved.status_code == 200, moved.text
    sales += [await park_of.sell(plot, giver, taker, "2022-03-01") for plot in plots[1:]]

    assert [await park_of.verdict(sale) for sale in sales] == ["counted 7c", "not_started 5", "not_started 5"]


async def test_a_sublease_told_late_is_handed_over_within_the_term_of_the_head_lease(park_of: Counting) -> None:
    """That nobody said how the head lease ended since is no question of who was there when the sublease began."""
    hall, tenant, other = await park_of.unit(), await park_of.firm(), await park_of.firm()
    await park_of.let(hall, tenant, "2021-01-01", "2022-12-31")

    lease = await park_of.let(hall, other, "2022-02-01", "2022-12-31", path="sublease", owner_firm_id=tenant)

    assert await park_of.verdict(lease) == "no_idle_period 4"


async def test_nobody_moves_in_over_a_tenant_to_verify_in_a_unit_drawn_twice(park_of: Counting) -> None:
    item, twin = [await park_of.unit(place=12) for _ in range(2)]
    tenant, other = await park_of.firm(), await park_of.firm()
    old = await park_of.let(item, tenant, "2021-01-01", "2021-12-31")
    lease = await park_of.signed(twin, other, "2022-03-01", "2023-12-31")

    refused = await park_of.step(lease, 409, stage="handed_over", handed_over_on="2022-03-01")

    assert refused["errors"][0]["code"] == "tenant_to_verify"
    await park_of.end(old, "2021-12-31")
    await park_of.step(lease, stage="handed_over", handed_over_on="2022-03-01")


async def test_a_floor_registered_later_has_the_past_of_its_building(park_of: Counting) -> None:
    """The building counted whole; a floor told afterwards moves nothing then, and was in use until its tenant left."""
    whole, _ = await park_of.building({})
    about = {"level": "floor", "parent_id": whole, "place": park_of.made - 1, "stated_area": 600, "floor_no": 2}
    tenant, other = await park_of.firm(), await park_of.firm()
    let = await park_of.let(whole, tenant, "2021-03-01", "2022-05-15")
    await park_of.end(let, "2022-05-15")
    before = [await park_of.figure(year) for year in (2021, 2022)]

    floor = await park_of.unit(**about)

    assert [await park_of.figure(year) for year in (2021, 2022)] == before
    assert {revival["verdict"] for revival in (await park_of.get(f"outcomes/{let}"))["revivals"]} == {"counted"}
    assert (await park_of.get(f"assets/{floor}"))["properties"]["idle_since"] == "2022-05-16"
    soon = await park_of.let(floor, other, "2022-06-01", "2022-06-30")
    assert await park_of.verdict(soon) == "no_idle_period 4"
    await park_of.end(soon, "2022-06-30")
    assert await park_of.figure(2021) == before[0]
    again = await park_of.let(floor, other, "2023-06-01", "2023-12-31")
    assert await park_of.verdict(again) == "renewal 3"
    await park_of.step(let, stage="corrected", reason="误录")
    assert {revival["verdict"] for revival in (await park_of.get(f"outcomes/{let}"))["revivals"]} == {"corrected"}
