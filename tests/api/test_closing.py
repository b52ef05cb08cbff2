"""A closed year: its reports change by corrections with a reason alone, and the database itself holds to that."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest

from tests.api.story import Headers
from tests.api.test_stats import figure_of
from tests.api.test_supervision import AGREED, LAST, Case, let
from tests.api.test_supervision import posted as done

NOTE = {"year": LAST, "note": "年度统计已报区统计局"}


async def reported(case: Case, **body: Any) -> httpx.Response:
    return await case.client.post(f"{case.place}/reports", headers=case.staff, json=body)


async def test_a_closed_year_changes_by_correction_alone(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    conn: asyncpg.Connection,
    staff: Headers,
    park: dict[str, Any],
) -> None:
    case = await let(client, keys, park)
    agreed = await done(case, "agreements", **AGREED)
    tax = {"indicator_id": agreed["indicators"][0]["id"], "year": LAST, "unit": "yuan", "source": "税务季报"}
    place = f"/api/v1/parks/{park['id']}/closed-years"
    assert (await reported(case, quarter=3, value=100, **tax)).status_code == 201
    untouched = (
        "SELECT r.recorded_at, (SELECT count(*) FROM history.report) FROM panhuo.report AS r WHERE outcome_id = $1"
    )
    before = await conn.fetchrow(untouched, case.outcome["id"])

    for login, status in (("demo-zhiding", 403), ("demo-dazu-gaoxin", 403), ("demo-shuangqiao", 200)):
        assert (await client.post(place, headers=keys[login], json=NOTE)).status_code == status
    again = await client.post(place, headers=staff, json=NOTE)
    early = await client.post(place, headers=staff, json=NOTE | {"year": LAST + 1})
    assert [item.json()["errors"][0]["code"] for item in (again, early)] == ["already_closed", "year_not_over"]
    assert [item["year"] for item in (await client.get(place, headers=staff)).json()["items"]] == [LAST]

    assert await conn.fetchrow(untouched, case.outcome["id"]) == before
    closed = (await conn.fetchval("SELECT clock_timestamp()")).isoformat()
    for quarter in (3, 4):  # one reported before, one not
        refused = await reported(case, quarter=quarter, value=200, **tax)
        fault = refused.json()["errors"][0]
        assert (refused.status_code, fault["code"], fault["field"]) == (409, "year_closed", "reason")
    corrected = await reported(case, quarter=3, value=250, reason="税务复核", **tax)
    late = await reported(case, quarter=4, value=50, reason="漏报补录", **tax)
    assert (corrected.status_code, late.status_code) == (200, 201), late.text
    kept = await conn.fetch(
        "SELECT quarter, value, reason FROM panhuo.report WHERE outcome_id = $1 ORDER BY 1", case.outcome["id"]
    )
    assert [tuple(row) for row in kept] == [(3, 250, "税务复核"), (4, 50, "漏报补录")]
    now, then = [await figure_of(client, "delivery", staff, year=str(LAST), **item) for item in ({}, {"as_of": closed})]
    tax_of = [next(figure for figure in body["figures"] if figure["name"] == "tax") for body in (now, then)]
    assert Decimal(tax_of[0]["delivered"]) - Decimal(tax_of[1]["delivered"]) == 200


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE report SET value = value + 1 WHERE id = $1", "closed_years_change_by_correction"),
        ("UPDATE report SET closed_at = 'infinity' WHERE id = $1", "report_of_its_year"),
        (
            "INSERT INTO report (park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source) SELECT "
            "park_id, gen_random_uuid(), outcome_id, indicator_id, year, 4, 1, unit, source FROM report WHERE id = $1",
            "report_of_its_year",
        ),
        (
            "INSERT INTO report (park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, closed_at) "
            "SELECT park_id, gen_random_uuid(), outcome_id, indicator_id, year, 4, 1, unit, source, closed_at "
            "FROM report WHERE id = $1",
            "closed_years_change_by_correction",
        ),
    ],
)
async def test_the_database_itself_keeps_a_closed_year(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    conn: asyncpg.Connection,
    staff: Headers,
    park: dict[str, Any],
    statement: str,
    rule: str,
) -> None:
    case = await let(client, keys, park)
    agreed = await done(case, "agreements", **AGREED)
    tax = {"indicator_id": agreed["indicators"][0]["id"], "year": LAST, "unit": "yuan", "source": "税务季报"}
    await reported(case, quarter=3, value=100, **tax)
    report_id = await conn.fetchval("SELECT id FROM panhuo.report WHERE outcome_id = $1", case.outcome["id"])
    await client.post(f"/api/v1/parks/{park['id']}/closed-years", headers=staff, json=NOTE)

    await conn.execute("SET search_path = panhuo, public")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
        await conn.execute(statement, report_id)

    assert refused.value.constraint_name == rule


async def test_reports_and_a_closing_at_once_leave_none_unmarked(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    conn: asyncpg.Connection,
    staff: Headers,
    park: dict[str, Any],
) -> None:
    case = await let(client, keys, park)
    names = ("tax", "output", "revenue", "added_value", "investment", "research")
    figures = [AGREED["indicators"][0] | {"name": name} for name in names]
    agreed = await done(case, "agreements", **AGREED | {"indicators": figures})

    async def report_status(indicator: dict[str, Any]) -> int:
        body = {"indicator_id": indicator["id"], "year": LAST, "quarter": 4, "unit": "yuan", "source": "季报"}
        return (await reported(case, value=1, **body)).status_code

    closing = client.post(f"/api/v1/parks/{park['id']}/closed-years", headers=staff, json=NOTE)
    *answers, closed = await asyncio.gather(*(report_status(indicator) for indicator in agreed["indicators"]), closing)

    assert closed.status_code == 200, closed.text
    assert set(answers) <= {201, 409}
    rows = await conn.fetch(
        "SELECT r.recorded_at <= y.closed_at AND r.closed_at = y.closed_at AS is_before FROM panhuo.report AS r "
        "JOIN panhuo.reporting_year AS y USING (park_id, year) WHERE r.outcome_id = $1",
        case.outcome["id"],
    )
    assert [row["is_before"] for row in rows] == [True] * answers.count(201)
