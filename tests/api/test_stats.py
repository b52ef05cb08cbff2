"""Figures beside an independent reckoning: plain rows of tables and twins, summed in Python; and time travel."""

from __future__ import annotations

import json
import statistics
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest

from api.statistics import rate, year_before
from domain.instants import SHANGHAI
from tests.api.story import Headers, box, firm_of, lease, register, step
from tests.conftest import TODAY

MU, M2 = {"mu": Decimal(1), "ha": Decimal(15), "m2": Decimal("0.0015")}, {"m2": Decimal(1), "ha": Decimal(10000)}
ALL = {"from": "1990-01-01", "to": str(TODAY)}
Row = dict[str, Any]


async def known(conn: asyncpg.Connection, table: str, at: datetime | None) -> list[Row]:
    """The rows of a table as known at an instant, from the table and its twin, sorted out here."""
    rows = []
    for schema, until in (("panhuo", "NULL"), ("history", "superseded_at")):
        result = await conn.fetch(
            f"SELECT recorded_at, {until} AS until, to_jsonb(t)::text AS j FROM {schema}.{table} t"
        )
        for row in result:
            begun, ended = row["recorded_at"], row["until"]
            if (ended is None) if at is None else (begun <= at and (ended is None or ended > at)):
                rows.append(json.loads(row["j"], parse_float=Decimal, parse_int=Decimal))
    return rows


def last(day: str | None, precision: str | None) -> date | None:
    """The last day that a day known to a month or year can mean."""
    if day is None:
        return None
    first = date.fromisoformat(day)
    if precision == "year":
        return date(first.year, 12, 31)
    if precision == "month":
        return date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)
    return first


def area(row: Row, unit: str) -> Decimal | None:
    if row["stated_area"] is None:
        return None
    area = Decimal(row["stated_area"])
    if unit == "mu":
        return area * MU[row["stated_area_unit"]]
    return area * 2000 / 3 if row["stated_area_unit"] == "mu" else area * M2[row["stated_area_unit"]]


async def revived(
    conn: asyncpg.Connection, starts_on: date, ends_on: date, at: datetime | None
) -> list[tuple[Row, Row]]:
    """Deals with what counts of them in a period, by the verdicts on their leaves."""
    outcomes = {outcome["id"]: outcome for outcome in await known(conn, "outcome", at)}
    return [
        (outcomes[revival["outcome_id"]], revival)
        for revival in await known(conn, "revival", at)
        if revival["verdict"] == "counted"
        and revival["adds"]
        and starts_on <= date.fromisoformat(revival["revived_from"])
        and date.fromisoformat(revival["revived_to"]) <= ends_on
    ]


def used(claim: Row, day: date) -> bool:
    starts, ends = span(claim)
    return starts <= day and (ends is None or day < ends)


def span(claim: Row) -> tuple[date, date | None]:
    low, high = claim["during"].strip("[)(]").split(",")
    return date.fromisoformat(low), date.fromisoformat(high) if high else None


async def idle(conn: asyncpg.Connection, on: date, at: datetime | None) -> list[tuple[Row, date | None]]:
    """Leaves that stand idle on a day, and since when.

    Nobody uses them; what counted as revived is idle again only once something ended since.
    """
    claims = [
        occupancy
        for occupancy in await known(conn, "occupancy", at)
        if occupancy["claim"] == "use" and occupancy["source_kind"] in ("tenancy", "own_use")
    ]
    first = {
        str(row["id"]): row["at"].astimezone(SHANGHAI).date()
        for row in await conn.fetch(
            """SELECT id, min(recorded_at) AS at FROM (SELECT id, recorded_at FROM panhuo.asset UNION ALL
               SELECT id, recorded_at FROM history.asset) AS a GROUP BY id"""
        )
    }
    units = {asset["id"]: asset for asset in await known(conn, "asset", at)}
    lands = {development["asset_id"]: development for development in await known(conn, "development", at)}
    revivals = [revival for revival in await known(conn, "revival", at) if revival["verdict"] == "counted"]
    unsaid = {
        tenancy["asset_id"]
        for tenancy in await known(conn, "tenancy", at)
        if not tenancy["is_corrected"] and (tenancy["left_on"], tenancy["renewed_from"]) == (None, None)
        if (end := span(tenancy)[1]) is not None and end <= on
    }
    result = []
    for unit in units.values():
        mine = [claim for claim in claims if claim["leaf_id"] == unit["id"]]
        above = [unit, *wholes(unit, units)]
        if not unit["is_leaf"] or unit["listing"] == "draft" or any(used(item, on) for item in mine):
            continue
        if any(item["id"] in unsaid for item in above):
            continue
        land: Row = next((lands[item["id"]] for item in above if item["id"] in lands), {})
        ended = [end for item in mine if (end := span(item)[1]) is not None and end <= on]
        ended += [day for day in [last(land.get("stopped_on"), "day")] if day is not None and day <= on]
        counted = [
            date.fromisoformat(revival["revived_to"])
            for revival in revivals
            if revival["leaf_id"] == unit["id"] and date.fromisoformat(revival["revived_from"]) <= on
        ]
        if counted:
            ended = [day for day in [*ended, *anew(land)] if max(counted) < day <= on]
        body = next((last(*stated_of(item)) for item in above if item["stated_idle_since"] is not None), None)
        is_stated = body is not None and body <= on and (not counted or ended)
        since = max([*ended, *([body] if body is not None and is_stated else [])], default=None)
        if since is None and counted:
            continue
        is_late = unit["available_from"] is not None and date.fromisoformat(unit["available_from"]) > on
        waits_for_it = body is not None and body > on and not ended
        if since is None and (waits_for_it or is_late or first[unit["id"]] > on):
            continue
        result.append((unit, since))
    return result


def wholes(unit: Row, units: dict[str, Row]) -> list[Row]:
    """What a unit is part of, the nearest first."""
    if unit["parent_id"] is None:
        return []
    whole = units[unit["parent_id"]]
    return [whole, *wholes(whole, units)]


def stated_of(unit: Row) -> tuple[str | None, str | None]:
    return unit["stated_idle_since"], unit["stated_idle_since_precision"]


def anew(land: Row) -> list[date]:
    """When Order 53 makes land idle on which nothing was ever started: a year after the start that was agreed."""
    if not land or land["has_started"] or land["started_on"] is not None:
        return []
    agreed = land["agreed_start_on"] or None
    if agreed is None and (granted := land["delivered_on"] or land["land_permit_on"]) is not None:
        agreed = str(date.fromisoformat(granted).replace(year=int(granted[:4]) + 1))
    if agreed is None:
        return []
    day = date.fromisoformat(agreed)
    return [day.replace(year=day.year + 1) + timedelta(days=1)]


async def figure_of(client: httpx.AsyncClient, figure: str, headers: Headers | None = None, **query: str) -> Row:
    answer = await client.get(f"/api/v1/stats/{figure}", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    body: Row = answer.json()
    return body


async def lived(client: httpx.AsyncClient, keys: dict[str, Headers], conn: asyncpg.Connection) -> datetime:
    """A district in which something happened after it was loaded: a lease handed over, one corrected, facts amended.

    The instant before.
    """
    staff = keys["demo-shuangqiao"]
    before: datetime = await conn.fetchval("SELECT clock_timestamp()")
    parks = (await client.get("/api/v1/parks")).json()["features"]
    park = next(park for park in parks if park["properties"]["code"] == "shuangqiao")
    facts = {
        "level": "building",
        "stated_area": "1234.5",
        "stated_area_unit": "m2",
        "stated_idle_since": "2024-02-29",
        "idle_basis": "vacant_building",
    }
    hall = await register(client, staff, park, "S-1", box(park, 0), **facts)
    plot = await register(
        client, staff, park, "S-2", box(park, 1), level="plot", stated_area="3.3", stated_area_unit="mu"
    )
    await register(client, staff, park, "S-3", box(park, 2), level="plot", idle_basis="inefficient")
    firm_id = await firm_of(client, keys)
    for unit in (hall, plot):
        outcome = await client.post(
            "/api/v1/outcomes", headers=staff, json=lease([unit["id"]], firm_id) | {"starts_on": "2025-03-01"} | OPENED
        )
        assert outcome.status_code == 201, outcome.text
        outcome = await step(client, staff, outcome, stage="signed", signed_on="2025-02-10")
        outcome = await step(client, staff, outcome, stage="handed_over", handed_over_on="2025-03-01")
    await step(client, staff, outcome, stage="corrected", reason="误录")
    return before


OPENED = {"opened_on": "2025-02-01"}


@pytest.mark.parametrize("group", ["park", "path", "kind", "industry"])
async def test_revived_is_what_the_records_give(
    client: httpx.AsyncClient, keys: dict[str, Headers], conn: asyncpg.Connection, group: str
) -> None:
    before = await lived(client, keys, conn)
    industry = {
        str(row["id"]): (row["industry_code"] or "")[:2] or None
        for row in await conn.fetch("SELECT id, industry_code FROM panhuo.firm")
    }

    for at in (None, before):
        for starts_on, ends_on in ((date(2025, 1, 1), date(2025, 6, 30)), (date(2024, 6, 15), date(2025, 3, 15))):
            query = {"from": str(starts_on), "to": str(ends_on), "group_by": group}
            answer = await figure_of(
                client, "revitalized", **query, **({} if at is None else {"as_of": at.isoformat()})
            )
            rows = await revived(conn, starts_on, ends_on, at)
            assert rows
            assert answer["land"]["area_mu"] == _sum(rows, "land", "mu")
            assert answer["factory"]["area_m2"] == _sum(rows, "factory", "m2")
            assert answer["land"]["cases"] == len({outcome["id"] for outcome, unit in rows if unit["kind"] == "land"})
            key = {"park": lambda d, u: d["park_id"], "path": lambda d, u: d["path"], "kind": lambda d, u: u["kind"]}
            response = key.get(group, lambda d, u: industry[d["firm_id"]])
            assert {group["key"] for group in answer["groups"]} == {response(*row) for row in rows}
            for item in answer["groups"]:
                mine = [row for row in rows if response(*row) == item["key"]]
                assert item["land"]["area_mu"] == _sum(mine, "land", "mu")
                assert item["factory"]["area_m2"] == _sum(mine, "factory", "m2")


def _sum(rows: list[tuple[Row, Row]], kind: str, unit: str) -> str:
    total = sum((area(item, unit) or Decimal(0) for _, item in rows if item["kind"] == kind), Decimal(0))
    return f"{total.quantize(Decimal('0.01')):f}"


async def test_idle_stock_and_vacancy_are_what_the_records_give(
    client: httpx.AsyncClient, keys: dict[str, Headers], conn: asyncpg.Connection
) -> None:
    before = await lived(client, keys, conn)
    days = (TODAY, date(2025, 5, 1), date(2025, 2, 28), date(2022, 3, 15), TODAY - timedelta(days=1))

    for at in (None, before):
        for on in days:
            past = {} if at is None else {"as_of": at.isoformat()}
            answer = await figure_of(client, "idle", on=str(on), **past)
            rows = await idle(conn, on, at)
            for kind in ("land", "factory"):
                mine = [(unit, since) for unit, since in rows if unit["kind"] == kind]
                dated = [(on - since).days for _, since in mine if since is not None]
                total = sum((area(unit, "m2") or Decimal(0) for unit, _ in mine), Decimal(0))
                assert answer[kind]["units"] == len(mine), (on, at)
                assert answer[kind]["area_m2"] == f"{total.quantize(Decimal('0.01')):f}"
                assert answer[kind]["median_idle_days"] == (statistics.median(dated) if dated else None)
                assert answer[kind]["units_without_day"] == len(mine) - len(dated)
                assert answer[kind]["units_without_area"] == len(
                    [item for item, _ in mine if item["stated_area"] is None]
                )

    assert [item for item in await idle(conn, TODAY, None) if item[0]["code"] == "S-1"] == []
    assert [item[1] for item in await idle(conn, date(2025, 2, 28), None) if item[0]["code"] == "S-1"] == [
        date(2024, 2, 29)
    ]


async def test_vacancy_is_null_until_the_park_says_how_large_it_is(
    client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    staff = keys["demo-shuangqiao"]
    parks = (await client.get("/api/v1/parks")).json()["features"]
    park = next(park["id"] for park in parks if park["properties"]["code"] == "shuangqiao")
    unknown = await figure_of(client, "vacancy", park=park)
    registered, empty = (Decimal(unknown["land"][name]) for name in ("registered_area_m2", "idle_area_m2"))
    assert (unknown["land"]["vacancy"], unknown["land"]["coverage"]) == (None, None)
    assert 0 < empty <= registered

    stated = {"kind": "land", "area_m2": float(registered * 4), "source": "园区统计，2025 年末"}
    refused = await client.post(f"/api/v1/parks/{park}/totals", headers=keys["demo-zhiding"], json=stated)
    done = await client.post(f"/api/v1/parks/{park}/totals", headers=staff, json=stated)
    assert (refused.status_code, done.status_code) == (403, 200), done.text

    land = (await figure_of(client, "vacancy", park=park))["land"]
    assert land["coverage"] == "0.2500"
    assert land["vacancy"] == f"{(empty / registered).quantize(Decimal('0.0001')):f}"
    assert (await figure_of(client, "vacancy"))["land"]["vacancy"] is None  # the other parks have stated nothing
    yesterday = str(TODAY - timedelta(days=1))
    assert (await figure_of(client, "vacancy", park=park, as_of=yesterday))["land"]["whole_area_m2"] is None


async def test_a_park_added_later_takes_nothing_from_what_was_known_before(
    client: httpx.AsyncClient, keys: dict[str, Headers], conn: asyncpg.Connection
) -> None:
    admin = keys["demo-admin"]
    parks = [feature["id"] for feature in (await client.get("/api/v1/parks")).json()["features"]]
    for park in await conn.fetch("SELECT id FROM panhuo.park"):
        body = {"kind": "land", "area_m2": 1e7, "source": "园区统计"}
        done = await client.post(f"/api/v1/parks/{park['id']}/totals", headers=admin, json=body)
        assert done.status_code == 200, done.text
    before = (await conn.fetchval("SELECT clock_timestamp()")).isoformat()
    square = [[105.1, 29.1], [105.12, 29.1], [105.12, 29.12], [105.1, 29.12], [105.1, 29.1]]
    shape = {"type": "Polygon", "coordinates": [square]}
    fifth = {"type": "Feature", "geometry": shape, "properties": {"code": "fifth", "name_zh": "第五园"}}
    assert (await client.post("/api/v1/parks", headers=admin, json=fifth)).status_code == 201

    now, then = [
        (await figure_of(client, "vacancy", **item))["land"]["whole_area_m2"] for item in ({}, {"as_of": before})
    ]

    assert (now, then) == (None, "40000000.00")
    assert len(parks) == 5  # four, and a zone


async def test_days_idle_of_what_was_revived(
    client: httpx.AsyncClient, keys: dict[str, Headers], conn: asyncpg.Connection
) -> None:
    await lived(client, keys, conn)
    query = {"from": "2025-03-01", "to": "2025-03-01"}

    answer = await figure_of(client, "idle-days", **query)
    june = await figure_of(client, "idle-days", **{"from": "2025-06-01", "to": "2025-06-30"})

    # S-1: idle since 2024-02-29, let from 2025-03-01; nothing else began that day.
    assert answer["revived"]["factory"] == {"units": 1, "median_idle_days": 366.0, "units_without_day": 0}
    rows = await revived(conn, date(2025, 6, 1), date(2025, 6, 30), None)
    assert june["revived"]["factory"]["units"] == len([1 for _, unit in rows if unit["kind"] == "factory"])
    # No. 18 was free from 2025-03-01, when 金若 had left, until June.
    units = {asset["id"]: asset for asset in await known(conn, "asset", None)}
    no_18 = [unit["outcome_id"] for _, unit in rows if units[unit["asset_id"]]["code"] == "GX-F-18"]
    park = units[rows[0][1]["asset_id"]]["park_id"]
    query = {"from": "2025-06-01", "to": "2025-06-30", "park": park, "explain": "records"}
    behind = (await figure_of(client, "idle-days", keys["demo-admin"], **query))["records"]
    assert [item["idle_since"] for item in behind if item["outcome_id"] in no_18] == ["2025-03-01"]


async def test_what_is_recorded_late_is_known_from_then_on(
    client: httpx.AsyncClient, keys: dict[str, Headers], conn: asyncpg.Connection
) -> None:
    query = {"from": "2025-03-01", "to": "2025-03-31"}
    first = await figure_of(client, "revitalized", **query)
    stock = await figure_of(client, "idle", on="2025-03-15")

    before = (await lived(client, keys, conn)).isoformat()
    after = (await conn.fetchval("SELECT clock_timestamp()")).isoformat()

    assert Decimal((await figure_of(client, "revitalized", **query))["factory"]["area_m2"]) == (
        Decimal(first["factory"]["area_m2"]) + Decimal("1234.5")
    )
    for figure, then, more in (("revitalized", first, query), ("idle", stock, {"on": "2025-03-15"})):
        assert await figure_of(client, figure, **more, as_of=before) == then | {"as_of": then_of(before)}
        assert await figure_of(client, figure, **more, as_of=after) == await figure_of(client, figure, **more) | {
            "as_of": then_of(after)
        }
    yesterday = await figure_of(client, "revitalized", **ALL, as_of=str(TODAY - timedelta(days=1)))
    assert (yesterday["land"]["cases"], yesterday["factory"]["cases"]) == (0, 0)


def then_of(at: str) -> str:
    return datetime.fromisoformat(at).isoformat()


async def test_the_records_behind_a_figure_give_it(
    client: httpx.AsyncClient, keys: dict[str, Headers], conn: asyncpg.Connection
) -> None:
    await lived(client, keys, conn)
    staff = keys["demo-shuangqiao"]
    parks = (await client.get("/api/v1/parks")).json()["features"]
    park = next(park["id"] for park in parks if park["properties"]["code"] == "shuangqiao")
    query = {"from": "2025-01-01", "to": "2025-06-30", "park": park, "explain": "records"}

    answer = await figure_of(client, "revitalized", staff, **query)
    stock = await figure_of(client, "idle", staff, park=park, explain="records")

    of_land = [record for record in answer["records"] if record["kind"] == "land" and record["verdict"] == "counted"]
    total = sum((Decimal(str(item["area_mu"])) for item in of_land), Decimal(0))
    assert f"{total.quantize(Decimal('0.01')):f}" == answer["land"]["area_mu"]
    assert {record["park_id"] for record in answer["records"]} == {park}
    empty = [record for record in stock["records"] if record["is_idle"]]
    assert len([item for item in empty if item["kind"] == "land"]) == stock["land"]["units"]
    assert not answer["records_are_cut"]
    for headers, status in ((None, 401), (keys["demo-zhiding"], 403), (keys["demo-dazu-gaoxin"], 403)):
        refused = await client.get("/api/v1/stats/revitalized", params=query, headers=headers)
        assert refused.status_code == status
    nameless = {name: value for name, value in query.items() if name != "park"}
    assert (await client.get("/api/v1/stats/revitalized", params=nameless, headers=staff)).status_code == 400


async def test_growth_from_nothing_is_null(client: httpx.AsyncClient) -> None:
    grown = await figure_of(client, "growth", **{"from": "2025-01-01", "to": "2025-06-30"})
    then = await figure_of(client, "revitalized", **{"from": "2024-01-01", "to": "2024-06-30"})

    assert grown["land"]["area_mu_before"] == then["land"]["area_mu"]
    expected = None
    if Decimal(then["land"]["area_mu"]):
        now = Decimal(grown["land"]["area_mu"])
        expected = f"{((now - Decimal(then['land']['area_mu'])) / Decimal(then['land']['area_mu'])):.4f}"
    assert grown["land"]["area_growth"] == expected
    empty = await figure_of(client, "growth", **{"from": "1995-01-01", "to": "1995-06-30"})
    assert (empty["land"]["area_growth"], empty["factory"]["cases_growth"]) == (None, None)
    assert [rate(3, 2), rate(1, 2), rate(0, 0), rate(Decimal("2.5"), 0)] == ["0.5000", "-0.5000", None, None]


@pytest.mark.parametrize(
    ("day", "before"),
    [
        ("2024-02-29", "2023-02-28"),
        ("2025-02-28", "2024-02-29"),
        ("2025-06-30", "2024-06-30"),
        ("2025-03-15", "2024-03-15"),
    ],
)
def test_the_same_period_keeps_the_ends_of_months(day: str, before: str) -> None:
    assert str(year_before(date.fromisoformat(day))) == before


async def test_the_funnel_follows_needs_and_keeps_other_deals_apart(
    client: httpx.AsyncClient, keys: dict[str, Headers], conn: asyncpg.Connection
) -> None:
    staff, firm = keys["demo-shuangqiao"], keys["demo-zhiding"]
    today = {"from": str(TODAY), "to": str(TODAY)}
    first = await figure_of(client, "funnel", **today)
    parks = (await client.get("/api/v1/parks")).json()["features"]
    park = next(park for park in parks if park["properties"]["code"] == "shuangqiao")
    hall = await register(
        client, staff, park, "S-9", box(park, 0), level="building", stated_area=900, stated_area_unit="m2"
    )
    other = await register(
        client, staff, park, "S-8", box(park, 1), level="building", stated_area=900, stated_area_unit="m2"
    )
    need = {"title": "厂房", "kinds": ["factory"], "accepted_paths": ["lease"], "importances": {"size": 3}}
    need |= {"floor_area_m2_min": 800, "floor_area_m2_pref": 900, "floor_area_m2_max": 950, "listing": "published"}
    demand_id = (await client.post("/api/v1/demands", headers=firm, json=need)).json()["id"]
    ranking = (await client.post(f"/api/v1/demands/{demand_id}/rankings", headers=firm)).json()
    before: datetime = await conn.fetchval("SELECT clock_timestamp()")

    for act in ("viewed", "visited"):
        seen = {"asset_id": hall["id"], "ranking_id": ranking["id"], "act": act}
        noted = await client.post(f"/api/v1/demands/{demand_id}/interests", headers=firm, json=seen)
        assert noted.status_code == 201, noted.text
    firm_id = await firm_of(client, keys)
    from_ranking = {"demand_id": demand_id, "ranking_id": ranking["id"]}
    for unit, origin in ((hall, from_ranking), (other, {})):
        answer = await client.post("/api/v1/outcomes", headers=staff, json=lease([unit["id"]], firm_id) | origin)
        assert answer.status_code == 201, answer.text
        await step(client, staff, answer, stage="signed", signed_on=str(TODAY))

    now, then = (
        await figure_of(client, "funnel", **today),
        await figure_of(client, "funnel", **today, as_of=before.isoformat()),
    )
    gained = {name: now["needs"][name] - first["needs"][name] for name in now["needs"]}
    assert gained == {"shown": 1, "viewed": 1, "visited": 1, "signed": 1, "producing": 0}
    assert now["deals_without_ranking"]["signed"] == first["deals_without_ranking"]["signed"] + 1
    assert then["needs"] == first["needs"] | {"shown": first["needs"]["shown"] + 1}
    assert then["deals_without_ranking"] == first["deals_without_ranking"]
    elsewhere = next(park["id"] for park in parks if park["properties"]["code"] == "dazu-gaoxin")
    assert (await figure_of(client, "funnel", **today, park=elsewhere))["needs"]["signed"] == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("idle?on=2999-01-01", "on"),
        ("idle?on=1850-01-01", "on"),
        ("idle?on=2025-02-30", "on"),
        ("idle?group_by=colour", "group_by"),
        ("vacancy?group_by=park", "group_by"),
        ("growth?from=2025-02-01&to=2025-01-01", "from"),
        ("growth?from=1900-02-01&to=2025-01-01", "from"),
        ("funnel?from=2025-02-01", "to"),
        ("idle-days?from=2025-02-01&to=2025-02-02&as_of=2999-01-01", "as_of"),
        ("revitalized?from=2025-02-01&to=2025-02-02&explain=all", "explain"),
    ],
)
async def test_a_question_that_cannot_be_meant_is_refused(client: httpx.AsyncClient, query: str, field: str) -> None:
    answer = await client.get(f"/api/v1/stats/{query}")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field), answer.text


@pytest.mark.parametrize("figure", ["idle?", "vacancy?", "growth?from=2025-01-01&to=2025-06-30&"])
async def test_a_park_that_is_not_there_has_no_figures(client: httpx.AsyncClient, figure: str) -> None:
    answer = await client.get(f"/api/v1/stats/{figure}park=00000000-0000-7000-8000-000000000000")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "no_such_park"), answer.text
