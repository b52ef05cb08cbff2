"""The ledger as a workbook: typed cells in words, of the same units, columns and rights as the other tables."""

from __future__ import annotations

import csv
import io
import resource
import warnings
from datetime import datetime
from typing import Any

import asyncpg
import httpx
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from domain.fields import ASSET
from domain.text import in_workbook
from ledger.columns import COLUMNS, STAFF_COLUMNS, title
from store import db as database
from tests.api.story import Headers, box
from tests.conftest import TODAY, Dazu

ASSETS = "/api/v1/assets"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STAFF_ONLY = [name for name in STAFF_COLUMNS["asset"] if name not in COLUMNS["asset"]]


def sheet_of(answer: httpx.Response) -> Worksheet:
    assert (answer.status_code, answer.headers["content-type"]) == (200, TYPE), answer.text
    with warnings.catch_warnings(action="error"):
        (sheet,) = load_workbook(io.BytesIO(answer.content)).worksheets
    return sheet


def rows_of(sheet: Worksheet, language: str = "zh") -> dict[str, dict[str, Any]]:
    """The cells by code and name of the column."""
    names = {title("asset", name, language): name for name in STAFF_COLUMNS["asset"]}
    head, *rows = sheet.iter_rows(values_only=True)
    rows_by_name = [dict(zip([names[above] for above in head], row, strict=True)) for row in rows]
    return {row["code"]: row for row in rows_by_name}


async def draft(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], code: str, **facts: Any
) -> dict[str, Any]:
    properties = {"park_id": park["id"], "code": code, "name": code, "allowed_paths": ["lease"], **facts}
    body = {"type": "Feature", "geometry": box(park, 0), "properties": properties}
    made = await client.post(ASSETS, headers=staff, json=body)
    assert made.status_code == 201, made.text
    feature: dict[str, Any] = made.json()
    return feature


#: Facts of a building, of every kind.
FACTS: dict[str, Any] = {
    "level": "building", "name": "=HYPERLINK(1)", "source": " _x0041_ <b>&", "storeys": 3, "clear_height_m": 9.2,
    "stated_area": 1800.5, "stated_area_unit": "m2", "available_from": "2026-03-05", "fire_hazard_class": "C",
    "is_divisible": True, "allowed_paths": ["lease", "equity_swap"], "idle_basis": "vacant_building",
    "stated_idle_since": "2024-03-01", "stated_idle_since_precision": "month", "is_seized": False,
    "rent_yuan_m2_month": 9, "lowest_rent_yuan_m2_month": 8.5, "mortgage": "consented",
    "allowed_industries": ["34", "3752"], "illustrative": ["name", "stated_area"],
    "completed_on": "1900-01-31", "completed_on_precision": "day",
    "attributes": {"dock_doors": 2, "structure": "0001", "built_year": 2015, "remarks": "一\n二"},
}  # fmt: skip


@pytest.fixture
async def units(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> list[dict[str, Any]]:
    """A plot, a building on it and its floor: drafts with facts of every kind."""
    area = {"stated_area": 35.25, "stated_area_unit": "mu"}
    own = {"connections": ["road", "gas"], "attributes": {"is_levelled": False}}
    plot = await draft(client, staff, park, "L-00 7", level="plot", **area, **own)
    hall = await draft(client, staff, park, "2024-03", plot_id=plot["id"], **FACTS)
    floor = await draft(client, staff, park, "007", level="floor", parent_id=hall["id"], floor_no=-1)
    return [plot, hall, floor]


async def test_cells_are_what_they_are(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], units: list[dict[str, Any]]
) -> None:
    answer = await client.get(f"{ASSETS}.xlsx?park={park['id']}&listing=draft", headers=staff)
    sheet = sheet_of(answer)
    rows = rows_of(sheet)

    assert sheet.title == "台账"
    assert [cell.value for cell in sheet[1]] == [title("asset", name, "zh") for name in STAFF_COLUMNS["asset"]]
    assert rows.keys() >= {"L-00 7", "2024-03", "007"}
    assert {row["listing"] for row in rows.values()} == {"草稿"}
    plot, hall, floor = rows["L-00 7"], rows["2024-03"], rows["007"]
    stated = {name: value for name, value in hall.items() if value is not None}
    assert stated.pop("recorded_at").date() == TODAY
    assert stated == {
        "id": units[1]["id"], "park_id": park["id"], "park_code": "shuangqiao",
        "park_name": park["properties"]["name_zh"], "root_id": units[1]["id"], "is_leaf": "否", "level": "建筑",
        "plot_id": units[0]["id"], "plot_code": "L-00 7", "kind": "厂房", "code": "2024-03", "name": "=HYPERLINK(1)",
        "stated_area": 1800.5, "stated_area_unit": "m²", "is_divisible": "是", "storeys": 3, "clear_height_m": 9.2,
        "measured_area_m2": units[1]["properties"]["measured_area_m2"], "fire_hazard_class": "丙类",
        "allowed_paths": "租赁、厂房入股", "allowed_industries": "34、3752", "available_from": datetime(2026, 3, 5),
        "rent_yuan_m2_month": 9, "lowest_rent_yuan_m2_month": 8.5, "idle_since": datetime(2024, 3, 1),
        "idle_since_precision": "月", "stated_idle_since": datetime(2024, 3, 1),
        "stated_idle_since_precision": "月", "completed_on": "1900-01-31", "completed_on_precision": "日",
        "mortgage": "未注销，抵押权人同意转让", "is_seized": "否",
        "source": in_workbook(" _x0041_ <b>&"), "illustrative": "资产名称、面积", "listing": "草稿",
        "area_m2": 1800.5, "area_mu": hall["area_mu"], "usable_area_m2": 1800.5, "availability": "草稿",
        "revision": hall["revision"], "structure": "0001", "built_year": 2015, "dock_doors": 2,
        "remarks": "一\n二", "idle_basis": "空置厂房", "is_lapsed": "否",
    }  # fmt: skip
    assert (plot["connections"], plot["is_levelled"], plot["stated_area"]) == ("通路、通燃气", "否", 35.25)
    assert (floor["parent_code"], floor["floor_no"], floor["rent_yuan_m2_month"]) == ("2024-03", -1, 9)
    assert floor["inherited"] == "租金"
    kinds = {cell.number_format for cell in sheet[2] if cell.value is not None}
    assert kinds == {"@", "General", r"yyyy\-mm\-dd", r"yyyy\-mm\-dd\ hh:mm:ss"} & kinds
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}
    code = sheet.cell(2, list(STAFF_COLUMNS["asset"]).index("code") + 1)
    assert (code.number_format, sheet.column_dimensions[code.column_letter].hidden) == ("@", False)
    assert answer.headers["content-language"] == "zh-CN"
    assert answer.headers["content-disposition"].startswith(
        "attachment; filename=\"assets.xlsx\"; filename*=UTF-8''%E5"
    )
    assert "Accept-Language" in answer.headers["vary"]


async def test_the_head_is_frozen_filtered_and_printed_and_repeated_ids_are_hidden(
    client: httpx.AsyncClient, staff: Headers, units: list[dict[str, Any]]
) -> None:
    sheet = sheet_of(
        await client.get(f"{ASSETS}.xlsx?fields=id,parent_id,parent_code,code,name&q=2024-03", headers=staff)
    )

    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A2", "A1:E2", "$1:$1")
    assert [sheet.column_dimensions[letter].hidden for letter in "ABCDE"] == [False, True, False, False, False]
    assert 8 <= sheet.column_dimensions["E"].width <= 40
    assert sheet["A1"].font.b and sheet["A1"].alignment.wrap_text
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)


async def test_csv_with_titles_says_the_same_cells(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], units: list[dict[str, Any]]
) -> None:
    query = f"park={park['id']}&listing=draft&titles=zh&wkt=true"
    sheet = sheet_of(await client.get(f"{ASSETS}.xlsx?{query}", headers=staff))
    text = (await client.get(f"{ASSETS}.csv?{query}", headers=staff)).content.decode("utf-8-sig")
    in_csv = list(csv.reader(io.StringIO(text)))

    def shown(value: Any) -> str:
        if isinstance(value, datetime):
            return str(value) if value.hour or value.minute or value.second else str(value.date())
        return "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)

    in_sheet = [[shown(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    assert in_csv[0] == in_sheet[0] and in_csv[0][-1] == "WKT"
    assert len(in_csv) == len(in_sheet) == 5  # with a draft of the demo
    for row, other in zip(in_csv[1:], in_sheet[1:], strict=True):
        for name, cell, value in zip(in_csv[0], row, other, strict=True):
            cell = cell.removeprefix("'") if name in ("资产名称",) else cell
            assert in_workbook(cell) == value or float(cell) == pytest.approx(float(value)), name
        assert row[-1].startswith("MULTIPOLYGON(((")


async def test_english_by_the_reader_or_by_the_titles(client: httpx.AsyncClient) -> None:
    query = "kind=factory&fields=code,level,title_is_registered,rent_yuan_m2_month,park_name"
    english = {"Accept-Language": "en"}
    by_reader = sheet_of(await client.get(f"{ASSETS}.xlsx?{query}", headers=english))
    by_titles = sheet_of(await client.get(f"{ASSETS}.xlsx?{query}&titles=en"))
    chinese = await client.get(f"{ASSETS}.xlsx?{query}&titles=zh", headers=english)

    rows = [list(sheet.iter_rows(values_only=True)) for sheet in (by_reader, by_titles)]
    assert rows[0] == rows[1]
    assert by_reader.title == "Ledger"
    assert rows[0][0][3:] == ("Rent (yuan/m² a month)", "Name of the park")
    assert {row[1] for row in rows[0][1:]} <= {"building", "floor of a building", "bay of a floor"}
    assert {row[2] for row in rows[0][1:]} <= {"yes", "no", None}
    assert sheet_of(chinese)["A1"].value == "资产编号"


async def test_a_stranger_gets_what_is_published_and_no_staff_fact(
    client: httpx.AsyncClient, keys: dict[str, Headers], units: list[dict[str, Any]], conn: asyncpg.Connection
) -> None:
    await conn.execute("UPDATE panhuo.asset SET listing = 'published' WHERE code = '007'")
    await conn.execute("UPDATE panhuo.asset SET feature = panhuo.asset_feature(asset) WHERE code = '007'")
    for caller in ({}, keys["demo-zhiding"]):
        sheet = sheet_of(await client.get(f"{ASSETS}.xlsx", headers=caller))
        rows = rows_of(sheet)
        assert len(rows) == sheet.max_row - 1 == 91
        assert [cell.value for cell in sheet[1]] == [title("asset", name, "zh") for name in COLUMNS["asset"]]
        assert rows["007"]["parent_code"] is None, "its whole is a draft"
        refused = await client.get(f"{ASSETS}.xlsx?fields=code,{STAFF_ONLY[0]}", headers=caller)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "fields")
        assert not any(name in refused.text.replace(STAFF_ONLY[0], "") for name in STAFF_ONLY)
    stated = {name for name, field in ASSET.items() if field.reader == "staff" and field.entry != "derived"}
    assert set(STAFF_ONLY) == stated

    other = rows_of(sheet_of(await client.get(f"{ASSETS}.xlsx", headers=keys["demo-dazu-gaoxin"])))
    of_others = [row for row in other.values() if row["park_code"] != "dazu-gaoxin"]
    assert "007" in other and "2024-03" not in other
    assert {row["listing"] for row in of_others} == {"已发布"}
    assert {row[name] for row in of_others for name in STAFF_ONLY} == {None}


@pytest.mark.parametrize(
    "query", ["kind=shed", "area_m2_min=x", "park=nowhere", "fields=wrong", "sort=id", "titles=xx"]
)
async def test_what_is_wrong_is_refused_as_of_the_other_tables(client: httpx.AsyncClient, query: str) -> None:
    answers = [await client.get(f"{ASSETS}.{ending}?{query}") for ending in ("csv", "xlsx")]

    assert {answer.status_code for answer in answers} == {400}
    assert answers[0].json()["errors"] == answers[1].json()["errors"]


async def test_an_empty_selection_is_a_workbook_too(client: httpx.AsyncClient) -> None:
    sheet = sheet_of(await client.get(f"{ASSETS}.xlsx?area_m2_min=900000000&fields=code,name"))

    assert list(sheet.iter_rows(values_only=True)) == [("资产编号", "资产名称")]
    assert sheet.auto_filter.ref == "A1:B1"


async def test_ten_thousand_units_are_sent_as_they_are_written(
    client: httpx.AsyncClient, dazu: Dazu, conn: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await conn.execute(
        """INSERT INTO panhuo.asset (park_id, id, root_id, level, kind, code, name, geom, measured_area_m2, listing,
             feature, search, spelling)
           SELECT park_id, u.id, u.id, level, kind, 'N-' || n, name, geom, measured_area_m2, 'published',
             replace(a.feature, a.code, 'N-' || n), search, spelling
           FROM (SELECT * FROM panhuo.asset WHERE level = 'plot' AND listing = 'published' LIMIT 1) AS a,
             generate_series(1, 10000) AS n CROSS JOIN LATERAL (SELECT md5(n::text)::uuid AS id) AS u"""
    )
    sizes: list[int] = []
    plain = database.portions

    async def watched(*args: Any) -> Any:
        async for rows in plain(*args):
            sizes.append(len(rows))
            yield rows

    monkeypatch.setattr("store.asset_search.portions", watched)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    chunks = []
    async with client.stream("GET", f"{ASSETS}.xlsx") as answer:
        async for chunk in answer.aiter_raw():
            chunks.append(len(chunk))
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    assert sum(sizes) == 10_090 and max(sizes) == database.PORTION
    assert grown_kb < 60_000, "of 40 MB of XML and 2 MB of workbook"
