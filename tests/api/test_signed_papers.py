"""What a leader signs: every total is the sum of the records, and each paper says what it is about."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from ops import doctor
from reports import pdf
from tests.api.story import Headers, state_need
from tests.api.test_papers import cells_of, pages

HALF = {"from": "2025-01-01", "to": "2025-06-30"}
STATISTICS = "/api/v1/papers/statistics"
FIRM = "demo-zhiding"


def tables_in(content: bytes) -> dict[str, list[list[str]]]:
    """The tables of a CSV by their heading."""
    tables: dict[str, list[list[str]]] = {}
    for block in content.decode("utf-8-sig").split("\r\n\r\n")[0:]:
        heading, *rows = list(csv.reader(io.StringIO(block)))
        tables["".join(heading)] = rows
    return tables


def text_of(content: bytes) -> str:
    """The text of a PDF, without blanks."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


def sums(records: list[dict[str, Any]]) -> list[str]:
    """Mu and deals of land, m² and deals of factory space, as papers write them."""
    cells = []
    for kind, unit in (("land", "area_mu"), ("factory", "area_m2")):
        of_kind = [record for record in records if record["kind"] == kind]
        area = sum((Decimal(str(record[unit] or 0)) for record in of_kind), Decimal(0)).quantize(Decimal("0.01"))
        cells += [f"{area:f}", str(len({record["outcome_id"] for record in of_kind}))]
    return cells


async def counted(client: httpx.AsyncClient, headers: Headers, **query: str) -> list[dict[str, Any]]:
    """The records behind the figure of a period, as the route of statistics gives them."""
    answer = await client.get("/api/v1/stats/revitalized", headers=headers, params=query | {"explain": "records"})
    assert answer.status_code == 200, answer.text
    return [record for record in answer.json()["records"] if record["verdict"] == "counted"]


@pytest.mark.parametrize("period", [HALF, {"from": "2025-01-01", "to": "2025-12-31"}])
async def test_every_total_is_the_sum_of_the_records(
    client: httpx.AsyncClient, keys: dict[str, Headers], period: dict[str, str]
) -> None:
    admin = keys["demo-admin"]
    records = await counted(client, admin, **period)
    whole = (await client.get("/api/v1/stats/revitalized", params=period)).json()

    tables = tables_in((await pages(client, STATISTICS, admin, format="csv", **period)).content)

    total = sums(records)
    assert [total[0], total[2]] == [whole["land"]["area_mu"], whole["factory"]["area_m2"]]
    months = next(rows for heading, rows in tables.items() if heading.endswith("逐月盘活"))
    by_month = defaultdict(list)
    for record in records:
        is_known = record["revived_on_precision"] != "year"
        by_month[f"{int(record['revived_on'][5:7])}月" if is_known else "不详"].append(record)
    assert {row[0]: row[1:] for row in months[1:-1]} == {
        name: sums(by_month[name]) for name in (row[0] for row in months[1:-1])
    }
    assert set(by_month) <= {row[0] for row in months[1:-1]}
    for rows in (months, tables["按园区"], tables["按方式"], tables["按行业大类"]):
        assert rows[-1] == ["合计", *total]
        for column in range(1, 5):
            assert sum(Decimal(row[column]) for row in rows[1:-1]) == Decimal(rows[-1][column])


async def test_the_stock_by_age_is_the_stock(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    admin, on = keys["demo-admin"], date(2025, 6, 30)
    answer = await client.get("/api/v1/stats/idle", headers=admin, params={"on": str(on), "explain": "records"})
    idle = [record for record in answer.json()["records"] if record["is_idle"]]

    tables = tables_in((await pages(client, STATISTICS, admin, format="csv", **HALF)).content)

    def age(record: dict[str, Any]) -> str:
        if record["idle_since"] is None:
            return "起始日不详"
        since = date.fromisoformat(record["idle_since"])
        years = [("不满一年", 1), ("一至二年", 2), ("二至五年", 5)]
        return next((name for name, most in years if since > on.replace(year=on.year - most)), "五年及以上")

    def cells(records: list[dict[str, Any]]) -> list[str]:
        made = []
        for kind, unit in (("land", "area_mu"), ("factory", "area_m2")):
            areas = [Decimal(str(record[unit] or 0)) for record in records if record["kind"] == kind]
            made += [f"{sum(areas, Decimal(0)).quantize(Decimal('0.01')):f}", str(len(areas))]
        return made

    rows = tables["存量按闲置时长"][1:7]
    assert rows[-1] == ["合计", *cells(idle)]
    assert [row[0] for row in rows] == ["不满一年", "一至二年", "二至五年", "五年及以上", "起始日不详", "合计"]
    assert [row[1:] for row in rows[:-1]] == [
        cells([record for record in idle if age(record) == row[0]]) for row in rows[:-1]
    ]
    stock = answer.json()
    assert [rows[-1][1], rows[-1][3]] == [stock["land"]["area_mu"], stock["factory"]["area_m2"]]


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("zh", ["双桥经开区", "2025年上半年", "截至2025年7月1日所知", "制表", "审核", "签发", "日期", "合计"]),
        ("zh", ["2025年上半年逐月盘活", "存量按闲置时长", "产值（万元）", "兑现率"]),
        ("en", ["ShuangqiaoEconomicDevelopmentZone", "Firsthalfof2025", "Total", "Preparedby", "Reviewedby"]),
        ("en", ["Issuedby", "Putbacktousebymonth,firsthalfof2025", "Stockbytimeidle", "Output(10kyuan)", "Reached"]),
    ],
)
async def test_a_page_says_who_what_when_and_as_known_on(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], language: str, texts: list[str]
) -> None:
    headers = keys["demo-shuangqiao"] | {"Accept-Language": language}
    later = {} if language == "en" or "制表" not in texts else {"as_of": "2025-07-01"}

    page = text_of((await pages(client, STATISTICS, headers, format="pdf", park=park["id"], **HALF, **later)).content)

    missing = [text for text in texts if text not in page]
    assert missing == ([] if not later else [text for text in missing if text == "合计"])


async def test_industries_have_english_names(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    english = keys["demo-admin"] | {"Accept-Language": "en"}

    tables = tables_in((await pages(client, STATISTICS, english, format="csv", **HALF)).content)

    names = [row[0] for row in tables["By industry"][1:-1]]
    assert "Manufacture of metal products" in names
    assert [name for name in names if re.search("[一-鿿]", name)] == []


async def test_promises_are_those_of_the_statistics(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    admin = keys["demo-admin"]
    figures = (await client.get("/api/v1/stats/delivery", headers=admin, params={"year": 2025})).json()["figures"]

    made = await pages(client, STATISTICS, admin, format="csv", **HALF)

    head, *rows = tables_in(made.content)["2025 年承诺与兑现"]
    names = {"投资（万元）": "investment", "产值（万元）": "output", "营收（万元）": "revenue", "税收（万元）": "tax"}
    by_name = {figure["name"]: figure for figure in figures if figure["unit"] == "yuan"}
    for row in rows:
        if row[0] in names:
            figure, shown = by_name[names[row[0]]], dict(zip(head, row, strict=True))
            for column, key in (
                ("全年承诺", "promised"),
                ("已报送期承诺", "promised_of_reported"),
                ("实际", "delivered"),
            ):
                assert Decimal(shown[column]) == (Decimal(figure[key]) / 10_000).quantize(Decimal("0.01")), key
            assert shown["兑现率"] == f"{Decimal(figure['delivered_share']) * 100:.1f}%"
    assert {row[0] for row in rows} >= set(names)


async def test_the_month_has_the_figures_of_the_statistics(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    admin = keys["demo-admin"]
    june = {"from": "2025-06-01", "to": "2025-06-30"}
    month = (await client.get("/api/v1/stats/revitalized", params=june)).json()
    year = (await client.get("/api/v1/stats/revitalized", params=HALF)).json()
    idle = (await client.get("/api/v1/stats/idle", params={"on": "2025-06-30"})).json()

    rows = cells_of((await pages(client, "/api/v1/papers/month", admin, format="xlsx", month="2025-06")).content)

    shown = {row[0]: row[1] for row in rows if len(row) > 2 and row[2] in ("亩", "m²")}
    assert {name: Decimal(str(value)) for name, value in shown.items()} == {
        "本月盘活土地": Decimal(month["land"]["area_mu"]),
        "本月盘活厂房": Decimal(month["factory"]["area_m2"]),
        "本年累计土地": Decimal(year["land"]["area_mu"]),
        "本年累计厂房": Decimal(year["factory"]["area_m2"]),
        "闲置土地": Decimal(idle["land"]["area_mu"]),
        "闲置厂房": Decimal(idle["factory"]["area_m2"]),
        "待核实土地": Decimal(idle["land"]["to_verify"]["area_mu"]),
        "待核实厂房": Decimal(idle["factory"]["to_verify"]["area_m2"]),
    }


async def outcomes_of(client: httpx.AsyncClient, headers: Headers) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get("/api/v1/outcomes", headers=headers)).json()["items"]
    return items


async def test_a_deal_has_rent_term_and_the_share_of_its_promise_year_beside_year(
    client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    headers = keys["demo-dazu-gaoxin"]
    lease = next(
        outcome for outcome in await outcomes_of(client, headers) if outcome["revenue_yuan_year"] == 50_000_000
    )
    reports = (await client.get(f"/api/v1/outcomes/{lease['id']}/reports", headers=headers)).json()["reports"]
    promises = (await client.get(f"/api/v1/outcomes/{lease['id']}/agreements", headers=headers)).json()["indicators"]
    place = f"/api/v1/papers/outcomes/{lease['id']}"

    rows = cells_of((await pages(client, place, headers, format="xlsx")).content)
    page = text_of((await pages(client, place, headers, format="pdf")).content)

    head = next(n for n, row in enumerate(rows) if row[:2] == ["单元编号", "起租日"])
    code, starts, ends, state, rent = rows[head + 1][:5]
    assert [code, str(starts.date()), str(ends.date()), state, rent] == [
        "GX-F-18", lease["starts_on"], lease["ends_on"], "在租期", 10
    ]  # fmt: skip
    (promise,) = [figure for figure in promises if figure["name"] == "revenue"]
    head = next(n for n, row in enumerate(rows) if row[:3] == ["指标", "承诺", "口径"])
    made = next(row for row in rows[head + 1 :] if row[0] == "营收（万元）")
    came = {
        year: [r for r in reports if r["indicator_id"] == promise["id"] and r["year"] == year] for year in (2025, 2026)
    }
    by_year = dict(zip(rows[head], made, strict=True))
    assert by_year["承诺"] == promise["value"] / 10_000
    for year, each in came.items():
        assert by_year[str(year)] == sum(report["value"] for report in each) / 10_000
    assert by_year["累计实际"] == sum(report["value"] for each in came.values() for report in each) / 10_000
    due = sum(days_of(promise, report) for each in came.values() for report in each)
    assert by_year["兑现率"] == pytest.approx(float(by_year["累计实际"] / (due / 10_000)), abs=0.0001)
    for text in ("租期与租金", "2030-05-31", "10.00", f"{by_year['兑现率'] * 100:.1f}%", "制表", "签发"):
        assert text in page


def days_of(promise: dict[str, Any], report: dict[str, Any]) -> float:
    """What of a promise a year is due in a quarter that was reported, by days."""
    year, quarter = report["year"], report["quarter"]
    first = date(year, 1 if quarter is None else 3 * quarter - 2, 1)
    last = date(year, 12, 31) if quarter in (None, 4) else date(year, 3 * quarter + 1, 1) - timedelta(days=1)
    begun = max(first, date.fromisoformat(promise["starts_on"]))
    return float(
        promise["value"] * max(0, (last - begun).days + 1) / (date(year, 12, 31) - date(year - 1, 12, 31)).days
    )


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_deal_is_one_page_to_be_signed(
    client: httpx.AsyncClient, keys: dict[str, Headers], language: str
) -> None:
    headers = keys["demo-shuangqiao"] | {"Accept-Language": language}
    role = {"zh": "签发", "en": "Issuedby"}[language]

    for outcome in await outcomes_of(client, headers):
        made = await pages(client, f"/api/v1/papers/outcomes/{outcome['id']}", headers)
        assert (len(PdfReader(io.BytesIO(made.content)).pages), role in text_of(made.content)) == (1, True)


async def test_an_article_is_in_the_language_of_the_paper(
    client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    headers = keys["demo-shuangqiao"]
    swap = next(outcome for outcome in await outcomes_of(client, headers) if outcome["path"] == "equity_swap")
    (note,) = swap["notes"]
    assert note["article"] == "城市房地产管理法第39条 Urban Real Estate Administration Law art. 39"

    texts = [
        text_of((await pages(client, f"/api/v1/papers/outcomes/{swap['id']}", headers | spoken)).content)
        for spoken in ({"Accept-Language": "zh"}, {"Accept-Language": "en"})
    ]

    chinese, english = "（城市房地产管理法第39条）", "(UrbanRealEstateAdministrationLawart.39)"
    assert [(chinese in text, english in text) for text in texts] == [(True, False), (False, True)]


async def test_a_sheet_of_deals_has_days_codes_and_totals(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    headers = keys["demo-shuangqiao"]
    made = await pages(client, "/api/v1/papers/outcomes", headers, format="xlsx")

    (sheet,) = load_workbook(io.BytesIO(made.content)).worksheets

    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(n for n, row in enumerate(rows) if row[0] == "单元编号")
    of_outcomes = list(rows_above_the_total(rows[head + 1 :]))
    columns = rows[head]
    assert len(of_outcomes) == len(await outcomes_of(client, headers))
    assert sheet.freeze_panes == f"A{head + 2}"
    assert {type(row[columns.index("开启日")]).__name__ for row in of_outcomes} == {"datetime"}
    total = rows[head + 1 + len(of_outcomes)]
    for name in ("土地（亩）", "厂房（m²）", "承诺产值（万元/年）"):
        n = columns.index(name)
        assert total[n] == sum(row[n] or 0 for row in of_outcomes) > 0
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-7", str(rows))


def rows_above_the_total(rows: list[list[Any]]) -> Iterator[list[Any]]:
    for row in rows:
        if row[0] == "合计":
            return
        yield row


async def test_the_decision_sheet_has_pins_what_is_to_confirm_importances_and_industries(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers
) -> None:
    changes: dict[str, Any] = {"listing": "published", "clear_height_m_min": 5, "floor_area_m2_min": 800}
    demand_id = await state_need(client, keys[FIRM], **changes)
    made = await client.post(f"/api/v1/demands/{demand_id}/rankings?limit=100", headers=keys[FIRM])
    ranking = made.json()
    results = ranking["lists"]["factory"]["results"]
    fit = [result for result in results if result["status"] == "fit"]
    to_confirm = [result for result in results if result["status"] == "to_confirm"]
    assert len(fit) >= 5 and to_confirm
    mine = [result["assets"][0] for result in fit if result["assets"][0]["code"].startswith("SQ-")]
    for asset, placement, reason in ((mine[0], "pinned", "紧邻同行企业"), (mine[1], "set_aside", "=正与他企洽谈")):
        pin = {"asset_id": asset["id"], "placement": placement, "reason": reason, "note": "只给园区看"}
        answer = await client.post(f"/api/v1/demands/{demand_id}/pins", headers=staff, json=pin)
        assert answer.status_code == 201, answer.text
    place = f"/api/v1/rankings/{ranking['id']}/decision-sheet"

    rows = cells_of((await pages(client, place, keys[FIRM], format="xlsx")).content)
    page = text_of((await pages(client, place, keys[FIRM])).content)
    english = text_of((await pages(client, place, keys[FIRM] | {"Accept-Language": "en"})).content)

    assert [row[:4] for row in rows if len(row) > 3 and row[3] in ("紧邻同行企业", "'=正与他企洽谈")] == [
        [mine[0]["code"], mine[0]["name"], "推荐", "紧邻同行企业"],
        [mine[1]["code"], mine[1]["name"], "搁置", "'=正与他企洽谈"],
    ]
    assert "只给园区看" not in page
    codes = [result["assets"][0]["code"] for result in to_confirm[:5]]
    head = max(n for n, row in enumerate(rows) if row[0] == "厂房：待核实的前五")  # the first names the sheet
    assert [row[1] for row in rows[head + 2 : head + 2 + len(codes)]] == codes
    assert "意见" not in rows[head + 1]
    used = ranking["lists"]["factory"]["importances"]
    assert used["basis"] != "stated"
    head = next(n for n, row in enumerate(rows) if row[0] == "指标")
    shown = {row[0]: row[1] for row in rows[head + 1 : head + 1 + len(used["by_criterion"])]}
    assert sorted(shown.values()) == sorted(used["by_criterion"].values())
    weights = [row[2] or 0 for row in rows[head + 1 : head + 1 + len(shown)]]
    assert weights == sorted(weights, reverse=True) and weights[0] > weights[-1] == 0
    assert "3752摩托车零部件及配件制造" in page
    assert "3752Manufactureofrailway,ship,aerospaceandothertransportequipment" in english
    for text in ("Pinnedandsetaside", "Factoryspace:thefirstfivetoconfirm", "Thefirmstatednoimportances"):
        assert text in english


async def test_doctor_looks_for_the_font(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await doctor._lacking_font() == []

    monkeypatch.setattr(pdf, "FILE", "NoSuchFont.otf")

    result = doctor.CheckResult(doctor.FONT, await doctor._lacking_font())
    assert result.findings == ["pylopdf_fonts_zh_cn/NoSuchFont.otf"]
    assert "make run" in doctor.lines(result)[-1]
