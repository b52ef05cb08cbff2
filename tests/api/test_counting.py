"""What counts as revived, over HTTP: tricks that move the figure by nothing, wholes and their leaves, idle periods."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest

from actions.reference import add_scheme
from domain.actor import SYSTEM
from domain.credit_code import with_check_digit
from fixtures import reference
from tests.api.counting import Counting
from tests.api.story import Headers
from tests.conftest import Dazu

HALL = Decimal(1000)
ALL = {"counted": HALL}
PARENT = with_check_digit("91500111MA5U0TENT")


@pytest.fixture
def park_of(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> Counting:
    return Counting(client, staff, park)


async def test_renewing_the_next_day_moves_nothing(park_of: Counting) -> None:
    hall, tenant = await park_of.unit(), await park_of.firm()
    let = await park_of.let(hall, tenant, "2011-01-01", "2011-12-31")
    assert await park_of.figure(2011) == ALL

    renewed = await park_of.renew(let, "2012-12-31", starts_on="2012-01-01")

    assert (await park_of.get(f"outcomes/{renewed}"))["stage"] == "handed_over"
    assert await park_of.verdict(renewed) == "renewal 3"
    assert await park_of.figure(2012) == {"renewal": HALL}


async def test_a_new_lease_of_the_tenant_or_its_group_is_a_renewal_whatever_the_gap(park_of: Counting) -> None:
    halls = [await park_of.unit() for _ in range(4)]
    parent = await park_of.firm(credit_code=PARENT)
    tenant, sister = [await park_of.firm(parent_credit_code=PARENT) for _ in range(2)]
    for hall in halls:
        await park_of.end(await park_of.let(hall, tenant, "2011-01-01", "2011-12-31"), "2011-06-30")

    takers = (tenant, parent, sister, await park_of.firm())
    again = [await park_of.let(*hall, "2012-09-01", "2012-12-31") for hall in zip(halls, takers, strict=True)]

    assert [await park_of.verdict(outcome) for outcome in again] == ["renewal 3"] * 3 + ["counted 7c"]
    assert await park_of.figure(2012) == {"renewal": 3 * HALL, "counted": HALL}


async def test_a_firm_that_changes_its_group_changes_no_verdict(park_of: Counting) -> None:
    hall, before, after = await park_of.unit(), await park_of.firm(credit_code=PARENT), await park_of.firm()
    old = await park_of.let(hall, before, "2011-01-01", "2011-12-31")
    await park_of.end(old, "2011-06-30")
    counted = await park_of.let(hall, after, "2012-09-01", "2012-12-31")
    place, tag = f"/api/v1/firms/{after}", park_of.staff | {"If-Match": "*"}
    changed = await park_of.client.patch(place, headers=tag, json={"parent_credit_code": PARENT})
    assert changed.status_code == 200, changed.text

    await park_of.end(counted, "2012-10-31")  # the leaf is judged again
    later = await park_of.let(hall, before, "2013-03-01", "2013-12-31")

    assert await park_of.verdict(counted) == "counted 7c"
    assert await park_of.verdict(later) == "renewal 3"


async def test_extending_three_times_moves_nothing(park_of: Counting) -> None:
    hall, tenant = await park_of.unit(), await park_of.firm()
    lease = await park_of.let(hall, tenant, "2011-01-01", "2011-12-31")

    for year in (2012, 2013, 2014):
        lease = await park_of.renew(lease, f"{year}-12-31", starts_on=f"{year}-01-01")
        assert await park_of.figure(year) == {"renewal": HALL}

    assert await park_of.figure(2011) == ALL


async def test_a_bare_plot_sold_counts_when_something_is_built(park_of: Counting) -> None:
    plot, giver, taker = await park_of.plot(), await park_of.firm(), await park_of.firm()

    sale = await park_of.sell(plot, giver, taker, "2012-03-01")

    assert await park_of.verdict(sale) == "not_started 5"
    assert await park_of.figure(2012, "land") == {"not_started": Decimal(15)}
    refused = await park_of.step(sale, 409, stage="rejected", reason="反悔")
    assert refused["errors"][0]["code"] == "only_corrected"

    await park_of.step(sale, stage="construction_started", happened_on="2013-02-01", permit_no="施-1")

    assert await park_of.verdict(sale) == "counted 7c"
    assert await park_of.figure(2012, "land") == {}
    assert await park_of.figure(2013, "land") == {"counted": Decimal(15)}


async def test_a_hall_let_twice_in_a_year_counts_once(park_of: Counting) -> None:
    hall, firms = await park_of.unit(), [await park_of.firm() for _ in range(3)]
    await park_of.end(await park_of.let(hall, firms[0], "2012-01-10", "2012-12-31"), "2012-03-31")

    second = await park_of.let(hall, firms[1], "2012-06-01", "2013-12-31")

    assert await park_of.verdict(second) == "repeated 6"
    assert await park_of.figure(2012) == {"counted": HALL, "repeated": HALL}
    await park_of.end(second, "2012-12-31")
    assert await park_of.verdict(await park_of.let(hall, firms[2], "2013-03-01", "2013-12-31")) == "counted 7c"


async def test_subletting_moves_nothing(park_of: Counting) -> None:
    hall, tenant, other = await park_of.unit(), await park_of.firm(), await park_of.firm()
    await park_of.let(hall, tenant, "2011-01-01", "2030-12-31")

    lease = await park_of.let(hall, other, "2012-02-01", "2013-12-31", path="sublease", owner_firm_id=tenant)

    assert await park_of.verdict(lease) == "no_idle_period 4"
    assert await park_of.figure(2012) == {"no_idle_period": HALL}


async def test_an_end_date_alone_is_no_idle_period(park_of: Counting) -> None:
    """Sold months after the term of a tenant of whom nobody said that it left, then after it had left."""
    halls = [await park_of.unit(), await park_of.unit()]
    tenant, giver, taker = [await park_of.firm() for _ in range(3)]
    lets = [await park_of.let(hall, tenant, "2011-01-01", "2011-12-31") for hall in halls]
    await park_of.end(lets[1], "2011-12-31")

    sales = [await park_of.sell(hall, giver, taker, "2012-06-01") for hall in halls]

    assert [await park_of.verdict(sale) for sale in sales] == ["no_idle_period 4", "counted 7c"]
    await park_of.end(lets[0], "2011-12-31")
    assert await park_of.verdict(sales[0]) == "counted 7c"


async def test_a_plot_let_with_an_unused_building_counts_at_once(park_of: Counting) -> None:
    """The building goes along with its plot: that this deal uses it from then on does not hide that nobody did."""
    bare, built, farmed = [await park_of.plot() for _ in range(3)]
    about = {"level": "building", "completed_on": "2008-01-01", "stated_idle_since": None, "idle_basis": None}
    await park_of.unit(**about, plot_id=built, place=2)
    used = await park_of.unit(**about, plot_id=farmed, place=3)
    await park_of.let(used, await park_of.firm(), "2011-01-01", "2011-12-31")
    tenant = await park_of.firm()

    let = [await park_of.let(plot, tenant, "2012-03-01", "2030-12-31") for plot in (bare, built)]

    assert [await park_of.verdict(outcome) for outcome in let] == ["not_started 5", "counted 7c"]


async def test_a_whole_counts_its_area_once_and_else_its_floors_theirs(park_of: Counting) -> None:
    firm = await park_of.firm()
    late = {"stated_idle_since": "2012-02-20"}
    whole, _ = await park_of.building({}, {})
    mixed, (empty, _) = await park_of.building({}, late)
    unknown, floors = await park_of.building({"stated_area": None, "stated_area_unit": None}, late)

    both = await park_of.let(whole, firm, "2012-03-01", "2013-12-31")
    assert await park_of.figure(2012) == {"counted": HALL}
    lease = await park_of.let(mixed, firm, "2012-03-01", "2013-12-31")
    assert await park_of.verdict(lease, empty) == "counted 7c"
    assert await park_of.figure(2012) == {"counted": Decimal(1400), "no_idle_period": Decimal(400)}
    none = await park_of.let(unknown, firm, "2012-03-01", "2013-12-31")

    assert await park_of.figure(2012) == {"counted": Decimal(1400), "no_idle_period": Decimal(800)}
    query = {"from": "2012-01-01", "to": "2012-12-31", "park": park_of.park["id"], "explain": "records"}
    answer = await park_of.get("stats/revitalized", **query)
    assert (answer["factory"]["cases"], answer["factory"]["cases_without_area"]) == (3, 1)
    records = {(row["outcome_id"], row["asset_id"]): row for row in answer["records"]}
    assert len(records) == 5
    assert len(records[both, whole]["leaves"]) == 2
    assert [leave["leaf_id"] for leave in records[none, floors[0]]["leaves"]] == [floors[0]]
    assert records[none, floors[0]]["area_m2"] is None


async def test_what_is_told_afterwards_needs_a_source_and_is_marked(park_of: Counting) -> None:
    nothing = {"stated_idle_since": None, "idle_basis": None, "completed_on": "2005-01-01"}
    halls, firm = [await park_of.unit(**nothing) for _ in range(3)], await park_of.firm()
    outcomes = [await park_of.signed(hall, firm, "2012-03-01", "2013-12-31") for hall in halls]
    since = {"stated_idle_since": "2011-06-01", "idle_basis": "vacant_building"}
    for hall, about in ((halls[1], {}), (halls[2], {"stated_idle_since_source": "园区台账"})):
        place = f"/api/v1/assets/{hall}"
        body = {"properties": since | about}
        answer = await park_of.client.patch(place, headers=park_of.staff | {"If-Match": "*"}, json=body)
        assert answer.status_code == 200, answer.text

    for outcome in outcomes:
        await park_of.step(outcome, stage="handed_over", handed_over_on="2012-03-01")

    facts = [(await park_of.get(f"outcomes/{outcome}"))["revivals"][0] for outcome in outcomes]
    assert [fact["verdict"] for fact in facts] == ["no_idle_period", "no_idle_period", "counted"]
    assert [(fact["idle_since"], fact["is_idle_told_afterwards"]) for fact in facts][2] == ("2011-06-01", True)


async def test_a_start_made_more_exact_afterwards_is_told_afterwards(park_of: Counting) -> None:
    """To the year it began perhaps 20 days before; the day was said only once the deal was there."""
    facts = {"stated_idle_since": "2011-01-01", "stated_idle_since_precision": "year", "completed_on": "2005-01-01"}
    hall = await park_of.unit(**facts)
    firm = await park_of.firm()
    lease = await park_of.signed(hall, firm, "2012-01-20", "2013-12-31")
    body = {"properties": {"stated_idle_since_precision": "day"}}
    tag = park_of.staff | {"If-Match": "*"}
    assert (await park_of.client.patch(f"/api/v1/assets/{hall}", headers=tag, json=body)).status_code == 200

    await park_of.step(lease, stage="handed_over", handed_over_on="2012-01-20")

    assert await park_of.verdict(lease) == "no_idle_period 4"


async def test_the_later_of_term_and_handover_is_the_day_and_gives_the_precision(park_of: Counting) -> None:
    halls, firm = [await park_of.unit() for _ in range(3)], await park_of.firm()
    outcomes = [await park_of.signed(hall, firm, "2012-06-20", "2013-12-31") for hall in halls]
    facts = (("2012-07-01", "month"), ("2012-06-01", "month"), ("2012-06-10", "day"))
    for outcome, (day, precision) in zip(outcomes, facts, strict=True):
        await park_of.step(outcome, stage="handed_over", handed_over_on=day, precision=precision)

    seen = [await park_of.get(f"outcomes/{outcome}") for outcome in outcomes]
    days = [(item["revived_on"], item["revived_on_precision"]) for item in seen]
    assert days == [("2012-07-01", "month"), ("2012-06-01", "month"), ("2012-06-20", "day")]


async def test_a_new_version_of_the_rule_judges_nothing_again(
    park_of: Counting, dazu: Dazu, conn: asyncpg.Connection
) -> None:
    hall, firms = await park_of.unit(), [await park_of.firm() for _ in range(3)]
    first = await park_of.let(hall, firms[0], "2012-01-10", "2012-12-31")
    second = reference.rules("revival") | {"version": "revival-2", "idle_days_min": 1_000_000}
    await add_scheme(dazu.db, SYSTEM, "revival", "revival-2", second)
    await park_of.end(first, "2012-03-31")

    later = await park_of.let(hall, firms[1], "2013-06-01", "2013-12-31")

    assert await park_of.verdict(first) == "counted 7c"
    assert await park_of.verdict(later) == "no_idle_period 4"
    versions = await conn.fetch("SELECT version FROM panhuo.revival WHERE leaf_id = $1 ORDER BY revived_from", hall)
    assert [row["version"] for row in versions] == ["revival-1", "revival-2"]
