"""Papers: sheets that compute nothing, pages that are pages, and who may have which."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader

from reports.figures import PeriodFigures, figures_paper
from reports.paper import Paper, Part
from reports.pdf import pdf_of, pictures_of
from reports.spreadsheet import csv_of, guarded, xlsx_of
from tests.api.story import Headers, firm_of
from tests.conftest import TODAY

RISKY = (
    "=1+1",
    "+1",
    "-1",
    "@A1",
    ";=1",
    "；=1",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    "＋1",
    "－1",
    "＠A1",
    '=HYPERLINK("http://x")',
)


def sheet(rows: list[list[Any]]) -> Paper:
    return Paper("x", "=表", "-副", [Part("table", "+头", rows, ["@甲", "乙"])], "=脚")


@pytest.mark.parametrize("text", RISKY)
def test_a_text_that_would_compute_is_made_plain(text: str) -> None:
    paper = sheet([[text, Decimal("-5.50")]])

    facts = list(csv.reader(io.StringIO(csv_of(paper).decode("utf-8-sig"))))
    workbook = load_workbook(io.BytesIO(xlsx_of(paper)))

    assert facts[1][0].startswith("'") and facts[1][1] == "-5.50"
    cells = [cell for row in workbook.active.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert [cell.value for cell in cells if cell.data_type == "n"] == [-5.5]


def test_a_semicolon_begins_no_formula_where_it_parts_cells() -> None:
    facts = csv_of(sheet([["厂房; =1+1;-2\t@A1；a;b", None]])).decode("utf-8-sig").splitlines()

    assert facts[1] == "厂房; '=1+1;'-2\t'@A1；a;b,"


@pytest.mark.parametrize("text", ["_x003D_1+1", "a_x000D_b", "_X0041_", "_x005F_", "_x41_", "__x0041__"])
def test_an_escape_of_a_workbook_stays_the_text_it_was(text: str) -> None:
    archive = zipfile.ZipFile(io.BytesIO(xlsx_of(sheet([[text, None]]))))
    stored = archive.read("xl/worksheets/sheet1.xml").decode()

    read = [re.sub(r"_x([0-9A-Fa-f]{4})_", lambda row: chr(int(row[1], 16)), item, flags=re.IGNORECASE)
            for item in re.findall(r"<t[^>]*>([^<]*)</t>", stored)]  # fmt: skip
    assert text in read


@given(st.text(max_size=40))
def test_the_guard_adds_one_mark_and_takes_nothing_visible(text: str) -> None:
    facts = guarded(text)

    assert facts.lstrip("'")[:1] not in tuple("=+-@;\t\r＝＋－＠；") or facts.startswith("'")
    kept = "".join(item for item in text if ord(item) >= 32 or item in "\t\n\r")
    assert facts in (kept, f"'{kept}")


def test_a_page_reads_no_markup() -> None:
    text = '#import "/etc/passwd" $x$ *b* [#eval("1")] <a> @b \\ 中文'

    paper = Paper(text, text, text, [Part("lines", text, [[text]]), Part("pairs", text, [[text, None]])], text, text)

    assert pdf_of(paper).startswith(b"%PDF-")
    assert len(pictures_of(paper)) == 1


def cells_of(content: bytes) -> list[list[Any]]:
    """What stands in the rows of a workbook, sheet after sheet."""
    return [[cell.value for cell in row] for sheet in load_workbook(io.BytesIO(content)) for row in sheet.iter_rows()]


async def pages(client: httpx.AsyncClient, address: str, headers: Headers, **query: str) -> httpx.Response:
    answer = await client.get(address, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer


async def test_every_deal_fits_one_page(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    for login in ("demo-shuangqiao", "demo-dazu-gaoxin"):
        items = (await client.get("/api/v1/outcomes", headers=keys[login])).json()["items"]
        assert items
        for item in items:
            made = await pages(client, f"/api/v1/papers/outcomes/{item['id']}", keys[login])
            assert made.content.startswith(b"%PDF-")
            assert made.headers["content-type"] == "application/pdf"
            assert f"outcome-{item['id']}.pdf" in made.headers["content-disposition"]
            assert len(PdfReader(io.BytesIO(made.content)).pages) == 1


async def test_the_list_of_deals_is_what_the_caller_sees(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    for login in ("demo-shuangqiao", "demo-dazu-gaoxin", "demo-zhiding"):
        items = (await client.get("/api/v1/outcomes", headers=keys[login])).json()["items"]
        assets = [asset["asset_id"] for item in items for asset in item["assets"]]
        units = {id: (await client.get(f"/api/v1/assets/{id}", headers=keys[login])).json() for id in set(assets)}
        codes = [
            "；".join(sorted(units[a["asset_id"]]["properties"]["code"] for a in item["assets"])) for item in items
        ]
        made = await pages(client, "/api/v1/papers/outcomes", keys[login], format="csv")
        rows = list(csv.reader(io.StringIO(made.content.decode("utf-8-sig"))))
        assert rows[0][0] == "单元编号"
        assert sorted(row[0] for row in rows[1:]) == sorted(codes)
    assert (await client.get("/api/v1/papers/outcomes")).status_code == 401
    other = (await client.get("/api/v1/outcomes", headers=keys["demo-shuangqiao"])).json()["items"][0]["id"]
    place = f"/api/v1/papers/outcomes/{other}"
    assert (await client.get(place, headers=keys["demo-dazu-gaoxin"])).status_code == 404


async def test_figures_on_paper_are_the_figures(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    query = {"from": "2025-01-01", "to": "2025-06-30"}
    body = (await client.get("/api/v1/stats/revitalized", params=query)).json()

    made = await pages(client, "/api/v1/papers/statistics", keys["demo-shuangqiao"], format="csv", **query)

    rows = list(csv.reader(io.StringIO(made.content.decode("utf-8-sig"))))
    grown = {row[0]: row for row in reversed(rows) if row and row[0].startswith(("土地（", "厂房（"))}
    assert grown["土地（亩）"][1:3] == [body["land"]["area_mu"], str(body["land"]["cases"])]
    assert grown["厂房（m²）"][1:3] == [body["factory"]["area_m2"], str(body["factory"]["cases"])]
    english = await pages(
        client, "/api/v1/papers/statistics", keys["demo-shuangqiao"] | {"Accept-Language": "en"}, format="csv", **query
    )
    assert "Put back to use" in english.text
    assert "Figures of revival" in english.text


PARKS = ["双桥经开区", "大足高新区", "大足工业园区", "大足石刻文创园"]


async def subtitle(client: httpx.AsyncClient, headers: Headers, what: str, **query: str) -> str:
    """What stands below the title of a paper."""
    made = await pages(client, f"/api/v1/papers/{what}", headers, format="xlsx", **query)
    return str(load_workbook(io.BytesIO(made.content)).active["A2"].value)


async def test_a_paper_names_the_parks_it_covers(
    client: httpx.AsyncClient, keys: dict[str, Headers], conn: asyncpg.Connection
) -> None:
    admin, staff = keys["demo-admin"], keys["demo-shuangqiao"]
    half = {"from": "2025-01-01", "to": "2025-06-30"}
    park = (await client.get("/api/v1/parks")).json()["features"][0]["id"]
    before = (await conn.fetchval("SELECT min(recorded_at) FROM panhuo.park")).isoformat()
    four = (await conn.fetchval("SELECT clock_timestamp()")).isoformat()
    square = [[105.1, 29.1], [105.12, 29.1], [105.12, 29.12], [105.1, 29.12], [105.1, 29.1]]
    fifth = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [square]},
        "properties": {"code": "fifth", "name_zh": "第五园"},
    }
    added = await client.post("/api/v1/parks", headers=admin, json=fifth)
    assert added.status_code == 201, added.text

    now = "、".join([*PARKS, "第五园"])
    day = f"{TODAY.year}年{TODAY.month}月{TODAY.day}日"
    assert await subtitle(client, admin, "statistics", **half) == f"全区 · {now} · 2025年上半年 · 截至{day}所知"
    assert await subtitle(client, admin, "month", month="2025-06") == f"全区 · {now} · 2025年6月 · 截至{day}所知"
    then = [await subtitle(client, admin, "statistics", **half, as_of=at) for at in (four, before)]
    assert [item.split(" · ")[:-2] for item in then] == [["全区", "、".join(PARKS)], [PARKS[0]]]
    assert (
        await subtitle(client, staff, "statistics", **half, park=park) == f"双桥经开区 · 2025年上半年 · 截至{day}所知"
    )
    assert (
        await subtitle(client, staff, "month", month="2025-06", park=park) == f"双桥经开区 · 2025年6月 · 截至{day}所知"
    )
    none = await subtitle(client, admin, "statistics", **half, as_of="2020-01-01")
    assert none == "全区 · 当时尚无园区 · 2025年上半年 · 截至2020年1月1日所知"
    english = {"Accept-Language": "en"}
    assert (await subtitle(client, admin | english, "month", month="2025-06")).startswith(
        "The whole district · Shuangqiao Economic Development Zone, Dazu High-tech Zone, Dazu Industrial Park, "
    )
    assert await subtitle(client, staff, "outcomes") == f"双桥经开区 · 截至{day}所知"
    assert await subtitle(client, keys["demo-zhiding"], "outcomes") == f"大足高新区 · 截至{day}所知"


async def test_where_parks_are_many_they_are_named_at_the_end() -> None:
    nothing = {"area_mu": 0, "area_m2": 0, "cases": 0, "cases_without_area": 0, "illustrative_area_m2": 0}
    both = {"land": nothing, "factory": nothing}
    parks = [{"name_zh": f"{n}号园", "name_en": f"Park {n}"} for n in range(1, 8)]
    requests = dict.fromkeys(
        ("raised", "closed", "median_days_to_close", "median_age_open", "oldest_open"), 0
    )  # nobody asked for anything
    facts = PeriodFigures(
        TODAY, TODAY, both, both, both, {n: [] for n in ("park", "path", "industry")}, {}, parks=parks
    )

    made = figures_paper(replace(facts, requests=requests), "zh", TODAY)

    assert made.subtitle.startswith("7 个园区（名单附后） · ")
    assert made.parts[-2].rows == [["1号园、2号园、3号园、4号园、5号园、6号园、7号园"]]


async def test_the_month_is_for_staff(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    parks = (await client.get("/api/v1/parks")).json()["features"]
    park = next(park["id"] for park in parks if park["properties"]["code"] == "dazu-gaoxin")
    query = {"month": "2025-06", "park": park}

    made = await pages(client, "/api/v1/papers/month", keys["demo-dazu-gaoxin"], **query)
    sheets = await pages(client, "/api/v1/papers/month", keys["demo-admin"], format="xlsx", **query)

    assert made.content.startswith(b"%PDF-")
    assert any("智鼎" in str(value) for row in cells_of(sheets.content) for value in row)
    for login, status in (("demo-zhiding", 403), ("demo-shuangqiao", 403)):
        assert (await client.get("/api/v1/papers/month", headers=keys[login], params=query)).status_code == status
    for month in ("2025-13", "2999-01", "1900-01", "2025", "2025-06\n", "٢٠٢٥-06"):
        refused = await client.get("/api/v1/papers/month", headers=keys["demo-admin"], params={"month": month})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "month")


async def test_the_month_has_every_deal_and_a_list_says_how_many_it_leaves_out(
    client: httpx.AsyncClient, keys: dict[str, Headers], monkeypatch: pytest.MonkeyPatch
) -> None:
    parks = (await client.get("/api/v1/parks")).json()["features"]
    park = next(park["id"] for park in parks if park["properties"]["code"] == "dazu-gaoxin")
    headers = keys["demo-dazu-gaoxin"]

    async def cells(paper: str, **query: str) -> list[str]:
        made = await pages(client, f"/api/v1/papers/{paper}", headers, format="xlsx", park=park, **query)
        return [str(value) for row in cells_of(made.content) for value in row if value is not None]

    whole = await cells("month", month="2025-06")
    monkeypatch.setattr("store.report.MOST_ROWS", 1)
    listed = await cells("outcomes")

    assert await cells("month", month="2025-06") == whole
    assert [item for item in listed if item.startswith("成交（前 1 项，共 ")] != []
    assert [item for item in whole if "智鼎" in item] != []


async def test_the_decision_sheet_says_what_was_ranked(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    firm = keys["demo-zhiding"]
    need = {
        "title": "=灯具厂房",
        "kinds": ["factory"],
        "accepted_paths": ["lease"],
        "importances": {"size": 3, "cost": 5},
    }
    need |= {"floor_area_m2_min": 800, "floor_area_m2_max": 4000, "clear_height_m_min": 8, "rent_yuan_m2_month_max": 14}
    made = await client.post("/api/v1/demands", headers=firm, json=need)
    ranking = (await client.post(f"/api/v1/demands/{made.json()['id']}/rankings", headers=firm)).json()
    place = f"/api/v1/rankings/{ranking['id']}/decision-sheet"

    page = await pages(client, place, firm)
    rows = cells_of((await pages(client, place, firm, format="xlsx")).content)

    assert page.content.startswith(b"%PDF-")
    first = ranking["lists"]["factory"]["results"][0]
    placed = next(row for row in rows if row[0] == 1 and float(first["points"]) in row)
    assert placed[1:3] == [first["assets"][0]["code"], first["assets"][0]["name"]]
    assert placed[7] == "未核验"
    checks = f"/api/v1/assets/{first['asset_ids'][0]}/checks"
    seen = await client.post(checks, headers=keys["demo-admin"], json={"how": "seen"})
    assert seen.status_code == 200, seen.text
    later = cells_of((await pages(client, place, firm, format="xlsx")).content)
    assert next(row for row in later if row[:2] == placed[:2])[7] == str(TODAY)
    flat = json.dumps(rows, ensure_ascii=False, default=str)
    for body in ("重算一致", ranking["model_version"], ranking["day"], "签批"):
        assert body in flat
    (cost,) = [entry for entry in first["soft"] if entry["id"] == "cost"]
    plain, grouped = (f"年成本 {cost['offered']:{form}} 元/年" for form in (".2f", ",.2f"))
    assert (cost["text"].startswith(plain), grouped in flat, plain in flat) == (True, True, False)
    assert "," in grouped and first["soft"][0]["text"] in flat
    left_out = {rule: n for rule, n in ranking["lists"]["factory"]["totals"]["out_by"].items() if n}
    assert {row[0].split()[0]: row[1] for row in rows if row[0] and str(row[0]).split()[0] in left_out} == left_out
    staff = keys["demo-shuangqiao"]
    assert (await client.get(place, headers=staff)).status_code == 404  # a draft is the firm's alone
    assert await firm_of(client, keys) and str(TODAY)[:4] in flat
