"""Promised against delivered beside an independent reckoning in Python."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import asyncpg
import httpx
import pytest

from tests.api.story import Headers
from tests.api.test_stats import Row, figure_of, known
from tests.conftest import TODAY, Dazu

SET_UP = """
INSERT INTO panhuo.agreement (park_id, id, outcome_id, signed_on, source)
  SELECT park_id, gen_random_uuid(), id, '2024-01-01', '协议' FROM panhuo.outcome;
INSERT INTO panhuo.indicator (park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on)
SELECT a.park_id, gen_random_uuid(), a.outcome_id, a.id, i.name, i.value, i.unit, i.per, i.starts_on::date,
  i.due_on::date
FROM (SELECT DISTINCT ON (outcome_id) park_id, id, outcome_id FROM panhuo.agreement AS a WHERE NOT EXISTS (
    SELECT FROM panhuo.indicator AS i WHERE i.outcome_id = a.outcome_id) ORDER BY outcome_id, id) AS a, (VALUES
  ('tax', 1500000, 'yuan', 'year', '2025-04-11', NULL),
  ('output', 36500, 'yuan', 'year', '2024-01-01', '2025-06-30'),
  ('jobs', 120, 'person', 'year', '2025-03-01', NULL),
  ('investment', 9000, 'yuan', 'total', '2024-01-01', '2025-12-31'),
  ('energy', 400, 'tce', 'year', '2026-01-01', NULL)) AS i (name, value, unit, per, starts_on, due_on);
INSERT INTO panhuo.reporting_year (park_id, year) SELECT id, y FROM panhuo.park, (VALUES (2024), (2025)) AS v (y)
  ON CONFLICT DO NOTHING;
INSERT INTO panhuo.report (park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source)
SELECT i.park_id, gen_random_uuid(), i.outcome_id, i.id, r.year, r.quarter, r.value, i.unit, '企业报送'
FROM panhuo.indicator AS i JOIN (VALUES
  ('tax', 2025, 2, 100.25), ('tax', 2025, 3, 200.5), ('output', 2025, 1, 7), ('output', 2025, NULL, 15000),
  ('output', 2024, NULL, 3), ('jobs', 2025, 2, 80), ('jobs', 2025, 4, 95), ('investment', 2024, 1, 4000),
  ('investment', 2024, NULL, 4100), ('investment', 2025, 2, 100)) AS r (name, year, quarter, value) ON r.name = i.name
WHERE i.outcome_id <> (SELECT id FROM panhuo.outcome ORDER BY id LIMIT 1)
ON CONFLICT DO NOTHING
"""
GIVEN_UP = """UPDATE panhuo.outcome SET stage = 'withdrawn', reason = '撤回', revived_on = NULL,
  revived_on_precision = NULL, ended_on = NULL WHERE id = (SELECT id FROM panhuo.outcome ORDER BY id DESC LIMIT 1)"""
QUARTERS = [(date(2025, 1, 1), 90), (date(2025, 4, 1), 91), (date(2025, 7, 1), 92), (date(2025, 10, 1), 92)]


def overlap(left: Row, first: date, last: date) -> int:
    starts = max(date.fromisoformat(left["starts_on"]), first)
    ends = min(date.fromisoformat(left["due_on"] or "2199-12-31"), last)
    return max(0, (ends - starts).days + 1)


async def reckoned(conn: asyncpg.Connection, at: datetime | None) -> dict[str, list[Decimal | int]]:
    """Per figure of 2025: promised, promised for what is reported, delivered, promises without a report."""
    alive = {
        outcome["id"]
        for outcome in await known(conn, "outcome", at)
        if outcome["stage"] not in ("withdrawn", "rejected", "corrected")
    }
    reports = await known(conn, "report", at)
    sums: dict[str, list[Decimal | int]] = {}
    for indicator in await known(conn, "indicator", at):
        days = overlap(indicator, date(2025, 1, 1), date(2025, 12, 31))
        is_due = indicator["due_on"] is not None and indicator["due_on"][:4] == "2025"
        if indicator["outcome_id"] not in alive or not (is_due if indicator["per"] == "total" else days):
            continue
        mine = [r for r in reports if r["indicator_id"] == indicator["id"]]
        whole = (
            indicator["value"]
            if indicator["per"] == "total" or indicator["unit"] == "person"
            else indicator["value"] * days / 365
        )
        ours = [r for r in mine if r["year"] == 2025]
        year = [r for r in ours if r["quarter"] is None]
        if indicator["per"] == "total":
            reported_years = {r["year"] for r in mine if r["quarter"] is None}
            counted = [
                r for r in mine if r["year"] <= 2025 and (r["quarter"] is None or r["year"] not in reported_years)
            ]
            part, got = (whole, sum(r["value"] for r in counted)) if counted else (Decimal(0), Decimal(0))
        elif not ours:
            counted, part, got = [], Decimal(0), Decimal(0)
        elif indicator["unit"] == "person":
            counted, part, got = ours, whole, max(ours, key=lambda r: r["quarter"])["value"]
        elif year:
            counted, part, got = year, whole, year[0]["value"]
        else:
            counted, got = ours, sum(r["value"] for r in ours)
            spans = [QUARTERS[int(r["quarter"]) - 1] for r in ours]
            part = (
                indicator["value"]
                * sum(overlap(indicator, q, date.fromordinal(q.toordinal() + n - 1)) for q, n in spans)
                / 365
            )
        before = sums.setdefault(indicator["name"], [Decimal(0), Decimal(0), Decimal(0), 0])
        sums[indicator["name"]] = [before[0] + whole, before[1] + part, before[2] + got, before[3] + (not counted)]
    return sums


async def test_delivery_is_what_the_records_give(
    client: httpx.AsyncClient, keys: dict[str, Headers], dazu: Dazu, conn: asyncpg.Connection
) -> None:
    admin = keys["demo-admin"]
    for headers, status in (({}, 401), (keys["demo-zhiding"], 403)):
        assert (await client.get("/api/v1/stats/delivery?year=2025", headers=headers)).status_code == status
    await conn.execute(SET_UP)
    before: datetime = await conn.fetchval("SELECT clock_timestamp()")
    await conn.execute(
        "UPDATE panhuo.report SET value = value + 1, reason = '更正' WHERE quarter = 3 OR quarter IS NULL"
    )
    await conn.execute("UPDATE panhuo.indicator SET value = value * 2 WHERE name = 'tax'")
    await conn.execute(GIVEN_UP)

    for at in (None, before):
        answer = await figure_of(
            client, "delivery", admin, year="2025", **({} if at is None else {"as_of": at.isoformat()})
        )
        expected = await reckoned(conn, at)
        shown = {figure["name"]: figure for figure in answer["figures"]}
        assert set(shown) == set(expected) == {"tax", "output", "jobs", "investment", "revenue"}
        for name, (whole, part, got, silent) in expected.items():
            item = shown[name]
            assert abs(Decimal(item["promised"]) - whole) <= Decimal("0.005"), name
            assert abs(Decimal(item["promised_of_reported"]) - part) <= Decimal("0.005"), name
            assert Decimal(item["delivered"]) == got, name
            assert item["delivered_share"] == f"{got / Decimal(item['promised_of_reported']):.4f}"
            assert item["promises_without_report"] == silent == (name != "revenue")

    yesterday = date.fromordinal(TODAY.toordinal() - 1)
    assert (await figure_of(client, "delivery", admin, year="2025", as_of=str(yesterday)))["figures"] == []
    by_park = await figure_of(client, "delivery", admin, year="2025", group_by="park")
    whole = {
        figure["name"]: Decimal(figure["delivered"])
        for figure in (await figure_of(client, "delivery", admin, year="2025"))["figures"]
    }
    sums = {name: Decimal(0) for name in whole}
    for group in by_park["groups"]:
        for item in group["figures"]:
            sums[item["name"]] += Decimal(item["delivered"] or 0)
    assert sums == whole and len(by_park["groups"]) > 1
    park = by_park["groups"][0]["key"]
    query = {"year": "2025", "park": park, "explain": "records"}
    behind = await figure_of(client, "delivery", keys["demo-admin"], **query)
    tax = sum(
        (Decimal(str(r["delivered"])) for r in behind["records"] if r["name"] == "tax" and r["delivered"]), Decimal(0)
    )
    assert [figure["delivered"] for figure in behind["figures"] if figure["name"] == "tax"] == [f"{tax:.2f}"]


@pytest.mark.parametrize("query", ["", "year=1989", "year=2200", "year=x", "year=2025&group_by=kind"])
async def test_a_year_is_a_year(client: httpx.AsyncClient, keys: dict[str, Headers], query: str) -> None:
    assert (await client.get(f"/api/v1/stats/delivery?{query}", headers=keys["demo-admin"])).status_code == 400
