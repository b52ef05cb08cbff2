"""What is recorded, ended or corrected before a judged revival has it judged again in that act; nothing else does."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest

from tests.api.counting import Counting
from tests.api.story import Headers
from tests.conftest import TODAY

HALL = Decimal(1000)


@pytest.fixture
def park_of(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> Counting:
    return Counting(client, staff, park)


async def now(conn: asyncpg.Connection) -> str:
    return str((await conn.fetchval("SELECT clock_timestamp()")).isoformat())


async def test_a_lease_told_late_turns_what_it_makes_a_renewal(park_of: Counting, conn: asyncpg.Connection) -> None:
    hall, tenant = await park_of.unit(), await park_of.firm()
    counted = await park_of.let(hall, tenant, "2012-06-01", "2013-12-31")
    tag, then = await park_of.etag(counted), await now(conn)
    assert await park_of.figure(2012) == {"counted": HALL}

    late = await park_of.let(hall, tenant, "2011-01-01", "2011-12-31")
    assert await park_of.verdict(counted) == "renewal 3"
    assert await park_of.figure(2012) == {"renewal": HALL}
    assert await park_of.etag(counted) != tag
    assert (await park_of.events(counted))[0] == "outcome.judged"
    assert await park_of.figure(2012, as_of=then) == {"counted": HALL}

    await park_of.step(late, stage="corrected", reason="记错了")
    assert await park_of.verdict(counted) == "counted 7c"
    assert await park_of.figure(2011) == {}
    assert await park_of.figure(2012) == {"counted": HALL}
    assert await park_of.figure(2012, as_of=then) == {"counted": HALL}


async def test_a_deal_told_late_was_over_before_the_next_began(park_of: Counting) -> None:
    hall, tenant, other = await park_of.unit(), await park_of.firm(), await park_of.firm()
    await park_of.let(hall, tenant, "2012-06-01", "2012-12-31")
    early = await park_of.signed(hall, other, "2011-01-01", "2011-12-31")
    refused = await park_of.send(
        "outcomes", {"path": "owner_restart", "asset_ids": [hall], "firm_id": other, "opened_on": str(TODAY)}, 409
    )
    assert refused["errors"][0]["code"] == "already_taken"

    clash = await park_of.step(early, 409, stage="handed_over", handed_over_on="2012-07-01")

    assert clash["errors"][0]["code"] == "already_taken"
    await park_of.step(early, stage="handed_over", handed_over_on="2011-01-01")


async def test_an_end_told_late_turns_what_follows(park_of: Counting) -> None:
    """Another's lease ended in May 2012, then on paper three months before; a correction turns it back."""
    hall, tenant, other = await park_of.unit(), await park_of.firm(), await park_of.firm()
    before = await park_of.let(hall, other, "2011-01-01", "2020-12-31")
    await park_of.end(before, "2012-05-20")
    let = await park_of.let(hall, tenant, "2012-06-01", "2013-12-31")
    assert await park_of.verdict(let) == "no_idle_period 4"
    place = f"tenancies/{(await park_of.tenancy(before))['id']}/left"

    await park_of.send(place, {"left_on": "2012-02-28", "reason": "交接清单"}, **{"If-Match": "*"})
    assert await park_of.verdict(let) == "counted 7c"
    await park_of.send(place, {"left_on": "2012-05-20", "reason": "清单有误"}, **{"If-Match": "*"})

    assert await park_of.verdict(let) == "no_idle_period 4"


async def test_what_counted_first_gives_way_to_what_is_corrected(park_of: Counting) -> None:
    hall, firms = await park_of.unit(), [await park_of.firm() for _ in range(2)]
    first = await park_of.let(hall, firms[0], "2012-01-10", "2012-12-31")
    await park_of.end(first, "2012-03-31")
    second = await park_of.let(hall, firms[1], "2012-06-01", "2013-12-31")
    assert await park_of.figure(2012) == {"counted": HALL, "repeated": HALL}

    await park_of.step(first, stage="corrected", reason="未曾发生")

    assert await park_of.verdict(first) == "corrected -"
    assert await park_of.figure(2012) == {"counted": HALL}
    assert await park_of.verdict(second) == "counted 7c"


async def test_editing_the_unit_afterwards_changes_no_verdict(park_of: Counting, conn: asyncpg.Connection) -> None:
    """Not its idle start, completion or area, nor the area of a floor, however often its leaves are judged again."""
    whole, floors = await park_of.building({}, {"stated_idle_since": "2012-02-20"}, completed_on="2005-01-01")
    tenant = await park_of.firm()
    let = await park_of.let(whole, tenant, "2012-03-01", "2013-12-31")
    lines = {"counted": Decimal(400), "no_idle_period": Decimal(400)}
    assert await park_of.figure(2012) == lines
    rows = "SELECT leaf_id, xmin::text FROM panhuo.revival WHERE outcome_id = $1 ORDER BY leaf_id"
    before = await conn.fetch(rows, let)

    area = {"stated_area": 350, "stated_area_unit": "m2"}
    late = {"stated_idle_since": "2012-02-28", "idle_basis": "vacant_building", "completed_on": "2012-01-01"}
    for unit, facts in ((whole, late), (floors[0], late | area), (floors[1], area)):
        place, tag = f"/api/v1/assets/{unit}", park_of.staff | {"If-Match": "*"}
        changed = await park_of.client.patch(place, headers=tag, json={"properties": facts})
        assert changed.status_code == 200, changed.text
    await park_of.end(let, "2012-12-31")

    assert await park_of.figure(2012) == lines
    assert await conn.fetch(rows, let) == before


async def test_bare_land_takes_the_idle_period_told_until_it_is_built_on(park_of: Counting) -> None:
    nothing = {"stated_idle_since": None, "idle_basis": None}
    plots = [await park_of.plot(**nothing) for _ in range(2)]
    giver, taker = await park_of.firm(), await park_of.firm()
    sales = [await park_of.sell(plot, giver, taker, "2012-03-01") for plot in plots]
    assert [await park_of.verdict(sale) for sale in sales] == ["no_idle_period 4"] * 2
    facts = {"stated_idle_since": "2010-05-01", "idle_basis": "supplied_unused", "stated_idle_since_source": "土地台账"}
    place, tag = f"/api/v1/assets/{plots[1]}", park_of.staff | {"If-Match": "*"}
    assert (await park_of.client.patch(place, headers=tag, json={"properties": facts})).status_code == 200

    for sale in sales:
        await park_of.step(sale, stage="construction_started", happened_on="2013-02-01", permit_no="施-1")

    assert [await park_of.verdict(sale) for sale in sales] == ["no_idle_period 4", "counted 7c"]


async def test_the_development_record_tells_the_start_where_no_stage_does(park_of: Counting) -> None:
    plot, giver, taker = await park_of.plot(), await park_of.firm(), await park_of.firm()
    sale = await park_of.sell(plot, giver, taker, "2012-03-01")
    tag = await park_of.etag(sale)

    for started_on in ("2013-02-01", "2014-02-01"):
        facts = {"has_started": True, "started_on": started_on, "source": "巡查"}
        place = f"/api/v1/assets/{plot}/idle-clock"
        answer = await park_of.client.put(place, headers=park_of.staff | {"If-Match": "*"}, json=facts)
        assert answer.status_code == 200, answer.text

    assert await park_of.verdict(sale) == "counted 7c"
    assert await park_of.figure(2013, "land") == {"counted": Decimal(15)}
    assert await park_of.etag(sale) != tag


async def test_an_idle_period_is_corrected_with_a_reason(
    park_of: Counting, keys: dict[str, Headers], conn: asyncpg.Connection
) -> None:
    hall, tenant = await park_of.unit(completed_on="2005-01-01"), await park_of.firm()
    let = await park_of.signed(hall, tenant, "2012-06-01", "2013-12-31")
    body = {"asset_id": hall, "stated_idle_since": "2012-05-17", "stated_idle_since_precision": "month"}
    body |= {"idle_basis": "vacant_building", "source": "现场核查", "reason": "原记录有误"}
    place, any_tag = f"outcomes/{let}/idle-corrections", {"If-Match": "*"}

    async def refused(status: int, changed: dict[str, Any], **headers: str) -> tuple[str, str]:
        before = (await park_of.client.get(f"/api/v1/outcomes/{let}", headers=park_of.staff)).text
        fault = (await park_of.send(place, body | changed, status, **headers))["errors"][0]
        assert (await park_of.client.get(f"/api/v1/outcomes/{let}", headers=park_of.staff)).text == before
        return fault["field"], fault["code"]

    assert await refused(409, {}, **any_tag) == ("asset_id", "not_reached")
    await park_of.step(let, stage="handed_over", handed_over_on="2012-06-01")
    then, tag = await now(conn), await park_of.etag(let)
    assert (await park_of.send(place, body, 412, **{"If-Match": '"0"'}))["status"] == 412
    assert (await park_of.send(place, body, 428))["status"] == 428
    assert (await refused(422, {"reason": ""}, **any_tag))[0] == "reason"
    assert await refused(422, {"idle_basis": None}, **any_tag) == ("idle_basis", "goes_together")
    later = {"stated_idle_since": str(TODAY + timedelta(days=1))}
    assert await refused(422, later, **any_tag) == ("stated_idle_since", "in_the_future")
    other = await park_of.unit()
    assert await refused(409, {"asset_id": other}, **any_tag) == ("asset_id", "not_reached")
    for login, status in (("demo-zhiding", 404), ("demo-dazu-gaoxin", 404)):
        answer = await park_of.client.post(f"/api/v1/{place}", headers=keys[login] | any_tag, json=body)
        assert answer.status_code == status

    once = {"If-Match": tag, "Idempotency-Key": "更正-1".encode().hex()}
    first = await park_of.send(place, body, 200, **once)
    assert await park_of.send(place, body, 200, **once) == first

    assert (first["revivals"][0]["verdict"], first["revivals"][0]["idle_since"]) == ("no_idle_period", "2012-05-31")
    assert first["revivals"][0]["is_idle_told_afterwards"]
    assert await park_of.figure(2012) == {"no_idle_period": HALL}
    assert await park_of.figure(2012, as_of=then) == {"counted": HALL}
    assert (await park_of.events(let)).count("outcome.idle_period_corrected") == 1
    back = await park_of.send(place, body | {"stated_idle_since": "2012-03-17"}, 200, **any_tag)
    assert (back["revivals"][0]["verdict"], back["revivals"][0]["idle_since"]) == ("counted", "2012-03-31")
    none = await park_of.send(place, body | {"stated_idle_since": None, "idle_basis": None}, 200, **any_tag)
    assert (none["revivals"][0]["verdict"], none["revivals"][0]["idle_since"]) == ("no_idle_period", None)
    await park_of.step(let, stage="corrected", reason="未曾发生")
    assert await refused(409, {}, **any_tag) == ("asset_id", "not_reached")


async def test_a_hall_put_on_a_let_plot_was_in_use_all_along(park_of: Counting) -> None:
    hall, giver, taker = await park_of.unit(), await park_of.firm(), await park_of.firm()
    sale = await park_of.sell(hall, giver, taker, "2012-06-01")
    plot = await park_of.plot(place=1)
    await park_of.let(plot, await park_of.firm(), "2011-01-01", "2030-12-31")
    assert await park_of.verdict(sale) == "counted 7c"

    place, tag = f"/api/v1/assets/{hall}", park_of.staff | {"If-Match": "*"}
    moved = await park_of.client.patch(place, headers=tag, json={"properties": {"plot_id": plot}})

    assert moved.status_code == 200, moved.text
    assert await park_of.verdict(sale) == "no_idle_period 4"
    assert await park_of.figure(2012) == {"no_idle_period": HALL}


async def test_what_readers_see_follows_a_corrected_idle_period(park_of: Counting) -> None:
    """A hall sold and empty: once the sale does not count, its idle period goes on as entered, in the same act."""
    hall, giver, taker = await park_of.unit(completed_on="2005-01-01"), await park_of.firm(), await park_of.firm()
    await park_of.end(await park_of.let(hall, giver, "2010-06-01", "2010-12-31"), "2010-08-31")

    async def since() -> Any:
        stock = await park_of.get("stats/idle", park=park_of.park["id"], explain="records")
        (record,) = [record for record in stock["records"] if record["asset_id"] == hall]
        unit = (await park_of.get(f"assets/{hall}"))["properties"]
        assert (record["idle_since"], record["is_idle"]) == (unit["idle_since"], unit["idle_since"] is not None)
        return unit["idle_since"]

    assert await since() == "2010-09-01"
    sale = await park_of.sell(hall, giver, taker, "2012-06-01")
    assert (await park_of.verdict(sale), await since()) == ("counted 7c", None)
    body = {"asset_id": hall, "stated_idle_since": "2012-05-15", "idle_basis": "vacant_building"}
    body |= {"source": "现场核查", "reason": "原记录有误"}

    await park_of.send(f"outcomes/{sale}/idle-corrections", body, 200, **{"If-Match": "*"})

    assert (await park_of.verdict(sale), await since()) == ("no_idle_period 4", "2010-09-01")
