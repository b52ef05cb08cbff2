"""A closed year stays closed: its revivals change with a reason alone, and figures tell both what was and what is."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest

from tests.api.counting import TITLE, TO_TITLE, Counting
from tests.api.story import Headers

HALL = Decimal(1000)
PERIOD = {"from": "2012-03-01", "to": "2013-12-31"}


@pytest.fixture
def park_of(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> Counting:
    return Counting(client, staff, park)


@pytest.fixture
async def second(client: httpx.AsyncClient, keys: dict[str, Headers]) -> Counting:
    parks = (await client.get("/api/v1/parks")).json()["features"]
    other = next(park for park in parks if park["properties"]["code"] == "dazu-gaoxin")
    return Counting(client, keys["demo-dazu-gaoxin"], other)


async def year_of(park_of: Counting, **query: str) -> dict[str, Any]:
    """The one closed year of 2012 and 2013, as the district or a park tells it, with its area of factory space."""
    (year,) = (await park_of.get("stats/revitalized", **PERIOD | query))["closed_years"]
    figures = {name: year[name]["factory"]["area_m2"] for name in ("as_closed", "as_known_now", "difference")}
    return {name: year[name] for name in ("year", "from", "to", "closed")} | figures


async def changes(conn: asyncpg.Connection, park: str) -> list[tuple[int, str, int]]:
    """Year and reason of each change of a closed year, and how many deals it was about."""
    rows = await conn.fetch(
        "SELECT body FROM panhuo.event WHERE scope_id = $1 AND act = 'park.closed_year_changed' ORDER BY rev, n", park
    )
    bodies = [json.loads(row["body"]) for row in rows]
    return [(body["year"], body["reason"], len(body["outcome_ids"])) for body in bodies]


async def test_a_lease_dated_into_a_closed_year_needs_a_reason(park_of: Counting, conn: asyncpg.Connection) -> None:
    tenant = await park_of.firm()
    first = await park_of.let(await park_of.unit(), tenant, "2012-04-01", "2013-12-31")
    await park_of.close(2012)
    late = await park_of.signed(await park_of.unit(), tenant, "2012-05-01", "2013-12-31")
    untouched = {"year": 2012, "from": "2012-03-01", "to": "2012-12-31", "closed": True}
    same = {"as_closed": "1000.00", "as_known_now": "1000.00", "difference": "0.00"}
    park = park_of.park["id"]
    assert await year_of(park_of, park=park) == untouched | same

    refused = await park_of.step(late, 409, stage="handed_over", handed_over_on="2012-05-01")
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("reason", "year_closed")]
    assert await changes(conn, park) == []
    await park_of.step(late, stage="handed_over", handed_over_on="2012-05-01", reason="漏报补录")

    more = {"as_closed": "1000.00", "as_known_now": "2000.00", "difference": "1000.00"}
    assert await year_of(park_of, park=park) == untouched | more
    assert await changes(conn, park) == [(2012, "漏报补录", 1)]
    assert await conn.fetchval("SELECT reason FROM panhuo.revival WHERE outcome_id = $1", late) == "漏报补录"
    await park_of.step(first, stage="corrected", reason="误录")
    assert await year_of(park_of, park=park) == untouched | same
    assert (await changes(conn, park))[1:] == [(2012, "误录", 1)]


async def test_every_way_into_a_closed_year_can_be_told_its_reason(park_of: Counting, conn: asyncpg.Connection) -> None:
    """An earlier lease told late, a renewal begun in it, land built on in it, an idle period corrected."""
    halls, firms = [await park_of.unit() for _ in range(3)], [await park_of.firm() for _ in range(3)]
    plot = await park_of.plot()
    counted = await park_of.let(halls[0], firms[0], "2012-04-01", "2013-12-31")
    old = await park_of.let(halls[1], firms[0], "2011-01-01", "2012-05-31")
    sale = await park_of.sell(plot, firms[1], firms[0], "2011-03-01")
    await park_of.close(2012)
    reason = {"reason": "审计要求"}

    body = {"path": "lease", "asset_ids": [halls[0]], "firm_id": firms[0], "starts_on": "2011-01-01"}
    outcome = str(
        (await park_of.send("outcomes", body | {"ends_on": "2011-12-31", "opened_on": "2010-12-01"}, 201))["id"]
    )
    assert (await park_of.step(outcome, 409, stage="signed", signed_on="2010-12-01"))["errors"][0]["field"] == "reason"
    await park_of.step(outcome, stage="signed", signed_on="2010-12-01", **reason)
    assert await park_of.verdict(counted) == "renewal 3"

    tenancy = f"tenancies/{(await park_of.tenancy(old))['id']}/renewal"
    details = {"ends_on": "2013-12-31", "starts_on": "2012-06-01"}
    assert (await park_of.send(tenancy, details, 409, **{"If-Match": "*"}))["errors"][0]["field"] == "reason"
    await park_of.send(tenancy, details | reason, 201, **{"If-Match": "*"})

    clock = f"/api/v1/assets/{plot}/idle-clock"
    facts = {"has_started": True, "started_on": "2012-02-01", "source": "巡查"}
    any_tag = park_of.staff | {"If-Match": "*"}
    refused = await park_of.client.put(clock, headers=any_tag, json=facts)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "reason")
    answer = await park_of.client.put(clock, headers=any_tag, json=facts | reason)
    assert answer.status_code == 200, answer.text
    assert await park_of.verdict(sale) == "counted 7c"

    body = {"asset_id": halls[0], "stated_idle_since": "2012-03-30", "idle_basis": "vacant_building", "source": "核查"}
    await park_of.send(f"outcomes/{counted}/idle-corrections", body | reason, 200, **{"If-Match": "*"})

    assert [(year, why) for year, why, _ in await changes(conn, park_of.park["id"])] == [(2012, "审计要求")] * 4


async def test_what_leaves_a_closed_year_needs_a_reason(park_of: Counting, conn: asyncpg.Connection) -> None:
    """Land counted at title, for a building stands on it; then it is said that construction started the year before."""
    plot, giver, taker = await park_of.plot(), await park_of.firm(), await park_of.firm()
    about = {"level": "building", "completed_on": "2008-01-01", "stated_idle_since": None, "idle_basis": None}
    await park_of.unit(**about, plot_id=plot, place=1)
    opened = await park_of.open("sale", [plot], taker, date(2011, 6, 1), owner_firm_id=giver)
    for stage in TO_TITLE[:2]:
        await park_of.step(opened, **stage, happened_on="2011-06-02")
    for stage in (TO_TITLE[2], TITLE):
        await park_of.step(opened, **stage, happened_on="2012-02-01")
    assert await park_of.figure(2012, "land") == {"counted": Decimal(15)}
    await park_of.close(2012)
    facts = {"stage": "construction_started", "happened_on": "2011-11-01", "permit_no": "施-1"}

    refused = await park_of.step(opened, 409, **facts)
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("reason", "year_closed")]
    await park_of.step(opened, **facts, reason="查明开工在前")

    assert await park_of.figure(2011, "land") == {"counted": Decimal(15)}
    assert await changes(conn, park_of.park["id"]) == [(2012, "查明开工在前", 1)]


async def test_the_district_sums_its_parks_each_at_its_own_closing(park_of: Counting, second: Counting) -> None:
    for item in (park_of, second):
        await item.let(await item.unit(), await item.firm(), "2012-04-01", "2013-12-31")
    await park_of.close(2012)
    for item, why in ((park_of, {"reason": "补录"}), (second, {})):
        await item.let(await item.unit(), await item.firm(), "2012-05-01", "2013-12-31", **why)

    first = await year_of(park_of)
    assert (first["closed"], first["as_closed"], first["as_known_now"]) == (False, "3000.00", "4000.00")
    await second.close(2012)
    await second.let(await second.unit(), await second.firm(), "2012-06-01", "2013-12-31", reason="补录")

    district = await year_of(park_of)
    assert (district["as_closed"], district["as_known_now"]) == ("3000.00", "5000.00")
    own = [await year_of(park_of, park=item.park["id"]) for item in (park_of, second)]
    assert [(item["closed"], item["as_closed"], item["as_known_now"]) for item in own] == [
        (True, "1000.00", "2000.00"),
        (True, "2000.00", "3000.00"),
    ]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE revival SET adds = false WHERE outcome_id = $1", "closed_revivals_change_with_a_reason"),
        ("UPDATE revival SET closed_at = 'infinity' WHERE outcome_id = $1", "revival_of_its_year"),
        ("UPDATE revival SET verdict = 'renewal' WHERE outcome_id = $1", "closed_revivals_change_with_a_reason"),
        (
            "INSERT INTO revival SELECT (jsonb_populate_record(r, jsonb_build_object("
            "'leaf_id', (SELECT id FROM asset WHERE park_id = r.park_id AND id <> r.leaf_id LIMIT 1), "
            "'recorded_at', clock_timestamp()))).* FROM revival AS r WHERE outcome_id = $1",
            "closed_revivals_change_with_a_reason",
        ),
    ],
)
async def test_the_database_itself_keeps_the_revivals_of_a_closed_year(
    park_of: Counting, conn: asyncpg.Connection, statement: str, rule: str
) -> None:
    lease = await park_of.let(await park_of.unit(), await park_of.firm(), "2012-04-01", "2013-12-31")
    await park_of.close(2012)

    await conn.execute("SET search_path = panhuo, public")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
        await conn.execute(statement, lease)

    assert refused.value.constraint_name == rule


async def test_handing_over_and_a_closing_at_once_leave_none_without_a_reason(
    park_of: Counting, conn: asyncpg.Connection
) -> None:
    tenant = await park_of.firm()
    outcomes = [await park_of.signed(await park_of.unit(), tenant, "2012-04-01", "2013-12-31") for _ in range(20)]

    async def handed_over(outcome_id: str) -> int:
        facts = {"stage": "handed_over", "handed_over_on": "2012-04-01"}
        place, headers = f"/api/v1/outcomes/{outcome_id}/stages", park_of.staff | {"If-Match": "*"}
        return (await park_of.client.post(place, headers=headers, json=facts)).status_code

    half = len(outcomes) // 2
    tasks = [*map(handed_over, outcomes[:half]), park_of.close(2012), *map(handed_over, outcomes[half:])]
    answers = [item for item in await asyncio.gather(*tasks) if item is not None]

    assert set(answers) <= {200, 409}
    rows = await conn.fetch(
        "SELECT r.recorded_at <= y.closed_at AND r.closed_at = y.closed_at AND r.reason IS NULL AS is_before "
        "FROM panhuo.revival AS r JOIN panhuo.reporting_year AS y USING (park_id, year) WHERE outcome_id = ANY ($1)",
        outcomes,
    )
    assert [row["is_before"] for row in rows] == [True] * answers.count(200)
    assert await changes(conn, park_of.park["id"]) == []
