"""Agreements over HTTP: promised once, corrected, replaced, taken back; what counts follows, from its instant on."""

from __future__ import annotations

import asyncio
import io
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest
from openpyxl import load_workbook

from tests.api.story import Headers
from tests.api.test_closing import NOTE
from tests.api.test_stats import figure_of as counted
from tests.api.test_supervision import AGREED, LAST, Case, acts_of, let, seen
from tests.api.test_supervision import posted as done
from tests.conftest import TODAY, Dazu

TAX = AGREED["indicators"][0] | {"starts_on": f"{LAST}-01-01"}
WHOLE: dict[str, Any] = AGREED | {"indicators": [TAX], "document_no": "监管-1"}


async def sent(case: Case, what: str, **body: Any) -> httpx.Response:
    return await case.client.post(f"{case.place}/{what}", headers=case.staff, json=body)


async def delivery(case: Case, park: dict[str, Any], **query: str) -> tuple[str, str | None, str]:
    """Promised, delivered and promised for what is reported, of the tax of last year in the park."""
    figures = (await counted(case.client, "delivery", case.staff, year=str(LAST), park=park["id"], **query))["figures"]
    mine = [figure for figure in figures if (figure["name"], figure["per"]) == ("tax", "year")]
    return (
        (mine[0]["promised"], mine[0]["delivered"], mine[0]["promised_of_reported"]) if mine else ("0.00", None, "0.00")
    )


@pytest.fixture
async def case(client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], conn: Any) -> Case:
    """A lease in a park where nothing else is promised."""
    await conn.execute("UPDATE panhuo.outcome SET stage = 'corrected', reason = 'x', revived_on = NULL, "
                       "revived_on_precision = NULL, ended_on = NULL "
                       "WHERE id IN (SELECT outcome_id FROM panhuo.indicator)")  # fmt: skip
    return await let(client, keys, park)


async def now(conn: asyncpg.Connection) -> str:
    return str((await conn.fetchval("SELECT clock_timestamp()")).isoformat())


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"document_no": "监管-2"},
        {"indicators": [TAX | {"value": 9}]},
        {"indicators": [TAX | {"starts_on": f"{LAST}-12-31", "due_on": f"{LAST}-12-31"}]},
    ],
)
async def test_an_agreement_sent_twice_counts_once(case: Case, park: dict[str, Any], again: dict[str, Any]) -> None:
    first = await done(case, "agreements", **WHOLE)
    before = await delivery(case, park)

    refused = await sent(case, "agreements", **WHOLE | again)

    fault = refused.json()["errors"][0]
    assert (refused.status_code, fault["code"], fault["field"]) == (409, "promised_twice", "indicators.0"), refused.text
    assert "监管-1" in fault["message"] and "tax" in fault["message"]
    assert before == await delivery(case, park) == ("1460000.00", None, None)
    assert [agreement["id"] for agreement in (await seen(case, "agreements")).json()["agreements"]] == [first["id"]]
    later = WHOLE | {"indicators": [TAX | {"per": "total", "due_on": f"{LAST + 1}-12-31"}], "document_no": "监管-3"}
    await done(case, "agreements", **later)  # a total is another figure than so much a year


async def test_figures_of_one_agreement_do_not_meet(case: Case) -> None:
    both = [TAX, TAX | {"starts_on": f"{LAST}-06-01"}]

    refused = await sent(case, "agreements", **WHOLE | {"indicators": both})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "indicators.1"), refused.text


async def test_one_of_two_that_are_sent_at_once_is_refused(case: Case, park: dict[str, Any]) -> None:
    answers = await asyncio.gather(*(sent(case, "agreements", **WHOLE) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert (await delivery(case, park))[0] == "1460000.00"


async def test_a_replaced_agreement_counts_until_the_new_one_begins(
    case: Case, park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    first = await done(case, "agreements", **WHOLE)
    tax = {"indicator_id": first["indicators"][0]["id"], "year": LAST, "unit": "yuan", "source": "税务季报"}
    for quarter in (1, 2, 3, 4):
        await done(case, "reports", quarter=quarter, value=100, **tax)
    before = await now(conn)
    new = WHOLE | {"document_no": "监管-2", "replaces": first["id"]}
    new |= {"indicators": [TAX | {"value": 2_920_000, "starts_on": f"{LAST}-07-01"}]}

    second = await done(case, "agreements", **new)

    half = [(days := 181), 365 - days] if LAST % 4 else [(days := 182), 366 - days]
    whole = sum(half)
    promised = Decimal(1_460_000) * half[0] / whole + Decimal(2_920_000) * half[1] / whole
    assert await delivery(case, park) == (f"{promised:.2f}", "200.00", f"{Decimal(1_460_000) * half[0] / whole:.2f}")
    assert await delivery(case, park, as_of=before) == ("1460000.00", "400.00", "1460000.00")
    shown = (await seen(case, "agreements")).json()
    assert [agreement["state"] for agreement in shown["agreements"]] == ["replaced", "in_force"]
    assert [
        (indicator["state"], indicator["due_on"], indicator["agreed_due_on"]) for indicator in shown["indicators"]
    ] == [
        ("in_force", f"{LAST}-06-30", None),
        ("in_force", None, None),
    ]
    reports = (await seen(case, "reports")).json()["reports"]
    assert [(report["quarter"], report["is_counted"]) for report in reports] == [
        (1, True),
        (2, True),
        (3, False),
        (4, False),
    ]
    late = await sent(case, "reports", quarter=3, value=1, reason="更正", **tax)
    assert (late.status_code, late.json()["errors"][0]["code"]) == (422, "after_the_promise"), late.text
    again = await sent(case, "agreements", **new | {"document_no": "监管-4"})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "agreement_not_in_force"), again.text
    await done(case, "reports", quarter=3, value=70, **tax | {"indicator_id": second["indicators"][0]["id"]})
    assert (await delivery(case, park))[1] == "270.00"

    back = await done(case, f"agreements/{second['id']}/withdrawal", 200, reason="补充协议未生效")

    assert (back["state"], back["reason"]) == ("withdrawn", "补充协议未生效")
    assert await delivery(case, park) == ("1460000.00", "400.00", "1460000.00")
    assert [agreement["state"] for agreement in (await seen(case, "agreements")).json()["agreements"]] == [
        "in_force",
        "withdrawn",
    ]


async def test_a_correction_changes_what_counts_and_keeps_reports_and_the_past(
    case: Case, park: dict[str, Any], conn: asyncpg.Connection, dazu: Dazu
) -> None:
    output = {"name": "output", "value": 5_000_000, "unit": "yuan", "per": "year", "starts_on": f"{LAST}-01-01"}
    first = await done(case, "agreements", **WHOLE | {"indicators": [TAX, output]})
    keys_of = {indicator["name"]: indicator["id"] for indicator in first["indicators"]}
    for name in ("tax", "output"):
        report = {"indicator_id": keys_of[name], "year": LAST, "unit": "yuan", "source": "年报", "value": 1_460_000}
        await done(case, "reports", **report)
    before = await now(conn)
    place = f"agreements/{first['id']}/correction"
    right = {name: WHOLE[name] for name in ("signed_on", "source", "document_no")}
    without = await sent(case, place, **right, indicators=[TAX])
    assert (without.status_code, without.json()["errors"][0]["field"]) == (422, "reason")

    facts = await done(case, place, 200, **right, indicators=[TAX | {"value": 2_000_000}], reason="承诺数录入有误")

    assert {indicator["name"]: (indicator["id"], indicator["state"]) for indicator in facts["indicators"]} == {
        "tax": (keys_of["tax"], "in_force"),
        "output": (keys_of["output"], "withdrawn"),
    }
    assert await delivery(case, park) == ("2000000.00", "1460000.00", "2000000.00")
    assert await delivery(case, park, as_of=before) == ("1460000.00", "1460000.00", "1460000.00")
    progress = (await seen(case, "timeline")).json()["progress"]
    assert {(item["name"], item["target"]) for item in progress if item["year"] == LAST} == {("tax", 2_000_000)}
    chart = (await seen(case, "chart.svg")).text
    assert "产值" not in chart and "税收" in chart
    assert "agreement.corrected" in await acts_of(dazu, case)
    kept = await sent(case, "reports", indicator_id=keys_of["output"], year=LAST, unit="yuan", source="年报", value=1)
    assert (kept.status_code, kept.json()["errors"][0]["code"]) == (409, "promise_not_in_force"), kept.text
    reports = (await seen(case, "reports")).json()["reports"]
    assert {report["indicator_id"]: report["is_counted"] for report in reports} == {
        keys_of["tax"]: True,
        keys_of["output"]: False,
    }


async def test_what_is_taken_back_counts_nowhere(
    case: Case, park: dict[str, Any], conn: asyncpg.Connection, dazu: Dazu
) -> None:
    first = await done(case, "agreements", **WHOLE)
    report = {"indicator_id": first["indicators"][0]["id"], "year": LAST, "unit": "yuan", "source": "年报"}
    await done(case, "reports", value=1_000_000, **report)
    assert (await seen(case, "light")).json()["light"]["colour"] == "red"
    assert (await seen(case, "")).json()["light"] == "red"
    before = await now(conn)

    await done(case, f"agreements/{first['id']}/withdrawal", 200, reason="录错交易")

    assert await delivery(case, park) == ("0.00", None, "0.00")
    assert (await delivery(case, park, as_of=before))[:2] == ("1460000.00", "1000000.00")
    assert (await seen(case, "light")).json()["light"] is None
    assert (await seen(case, "")).json()["light"] is None
    assert [item for item in await acts_of(dazu, case) if item.startswith(("agreement.", "light."))] == [
        "agreement.signed",
        "light.yellow",
        "light.red",
        "agreement.withdrawn",
        "light.off",
    ]
    shown = (await seen(case, "agreements")).json()
    assert [(indicator["state"], indicator["years"]) for indicator in shown["indicators"]] == [("withdrawn", [])]
    assert len((await seen(case, "reports")).json()["reports"]) == 1
    assert "税收" not in (await seen(case, "chart.svg")).text
    made = await case.client.get(f"/api/v1/papers/outcomes/{case.outcome['id']}?format=xlsx", headers=case.staff)
    cells = [str(cell.value) for row in load_workbook(io.BytesIO(made.content)).active.iter_rows() for cell in row]
    assert made.status_code == 200 and "承诺与兑现" not in cells
    twice = await sent(case, f"agreements/{first['id']}/withdrawal", reason="再次")
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (409, "agreement_not_in_force")
    await done(case, "agreements", **WHOLE)  # the days are free again


async def test_a_closed_year_changes_with_a_reason(case: Case, park: dict[str, Any], conn: asyncpg.Connection) -> None:
    closed = await case.client.post(f"/api/v1/parks/{park['id']}/closed-years", headers=case.staff, json=NOTE)
    assert closed.status_code == 200, closed.text

    refused = await sent(case, "agreements", **WHOLE)
    signed = await done(case, "agreements", **WHOLE, reason="漏录协议")
    later = WHOLE | {"signed_on": str(TODAY), "replaces": signed["id"], "document_no": "监管-2"}
    await done(case, "agreements", **later | {"indicators": [TAX | {"starts_on": f"{LAST + 1}-01-01"}]})

    fault = refused.json()["errors"][0]
    assert (refused.status_code, fault["code"], fault["field"]) == (409, "year_closed", "reason"), refused.text
    years = await conn.fetch(
        "SELECT body::json -> 'closed_years' AS years FROM panhuo.event WHERE act = 'agreement.signed' "
        "AND subject_id = $1 ORDER BY rev",
        case.outcome["id"],
    )
    assert [row["years"] for row in years] == [f"[{LAST}]", None]  # the second leaves the closed year as it is


async def test_who_may_correct_and_take_back(case: Case, keys: dict[str, Headers]) -> None:
    first = await done(case, "agreements", **WHOLE)
    body = {name: WHOLE[name] for name in ("signed_on", "source", "indicators")} | {"reason": "更正"}
    for what, facts in (("correction", body), ("withdrawal", {"reason": "撤回"})):
        place = f"{case.place}/agreements/{first['id']}/{what}"
        for headers, status in ((keys["demo-zhiding"], 403), (keys["demo-dazu-gaoxin"], 404), ({}, 404)):
            assert (await case.client.post(place, headers=headers, json=facts)).status_code == status
        missing = f"{case.place}/agreements/{case.outcome['id']}/{what}"
        assert (await case.client.post(missing, headers=case.staff, json=facts)).status_code == 404
        empty = await case.client.post(place, headers=case.staff, json=facts | {"reason": " "})
        assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "reason")
    unknown = await sent(case, "agreements", **WHOLE | {"replaces": case.outcome["id"]})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "replaces")


async def test_a_figure_of_a_year_that_is_over_takes_no_report_of_a_later_one(case: Case) -> None:
    short = TAX | {"due_on": f"{LAST}-06-30"}
    first = await done(case, "agreements", **WHOLE | {"indicators": [short]})
    report = {"indicator_id": first["indicators"][0]["id"], "year": LAST, "unit": "yuan", "source": "季报", "value": 1}

    refused = await sent(case, "reports", quarter=3, **report)

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "after_the_promise"), refused.text
    await done(case, "reports", quarter=2, **report)


async def test_a_figure_runs_no_longer_than_its_agreement(case: Case) -> None:
    first = await done(case, "agreements", **WHOLE | {"ends_on": f"{LAST}-12-31"})
    await done(case, "agreements", **WHOLE | {"indicators": [TAX | {"starts_on": f"{LAST + 1}-01-01"}]})

    assert first["indicators"][0]["due_on"] == f"{LAST}-12-31"


async def test_the_database_itself_promises_nothing_twice(case: Case, conn: asyncpg.Connection) -> None:
    await done(case, "agreements", **WHOLE)
    again = (
        "INSERT INTO panhuo.indicator (park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on) "
        "SELECT park_id, gen_random_uuid(), outcome_id, agreement_id, name, 1, unit, per, starts_on + 400 "
        "FROM panhuo.indicator WHERE outcome_id = $1"
    )

    with pytest.raises(asyncpg.ExclusionViolationError) as refused:
        await conn.execute(again, case.outcome["id"])

    assert refused.value.constraint_name == "nothing_promised_twice"
