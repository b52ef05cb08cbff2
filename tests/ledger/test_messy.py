"""A ledger as park staff keep it: what is good in it comes out right, and all else says how to mend it."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import shapely

from ledger.assembly import read_ledger
from ledger.mapping import ColumnMapping, LedgerMapping
from ledger.rows import Ledger, LedgerRow, counted
from ledger.workbook import read_workbook
from tests.ledger.writers import errors, ledger_of, row_of, workbook_of, xlsx
from texts.refusal_sentences import sentence

UNITS = 200
HEADS = [
    ["序号", "所属园区", "厂房编号", "厂房名称", "资产类型", "面积", "", "租金", "净高\n（米）", "楼面荷载（吨/㎡）",
     "消防类别", "能否分割", "竣工时间", "交付时间", "盘活方式", "配电容量", "是否办证", "联系电话", "备注"],
    ["", "", "", "", "", "建筑面积（㎡）", "可租", "（元/㎡·天）", "", "", "", "", "", "", "", "", "", "", ""],
]  # fmt: skip
MERGED = ["A1:S1", "F3:G3", *(f"{letter}3:{letter}4" for letter in "ABCDEIJKLMNOPQRS")]


def areas(value: int) -> list[tuple[Any, tuple[Decimal, str]]]:
    exact, wan, mu = (Decimal(value), "m2"), Decimal(value) / 10_000, f"{value / 100:.2f}"
    return [
        (value, exact), (f"{value:,}", exact), (f"约{value}平方米", exact), (f"{value}㎡", exact),
        (f"{wan}万㎡", (wan, "ha")), (f"{mu}亩", (Decimal(mu), "mu")),
    ]  # fmt: skip


HEIGHTS = [(8, "8"), ("8.5m", "8.5"), ("约９米", "9"), ("720cm", "7.2"), ("6.00", "6")]
LOADS = [(2, "19.61"), ("1.5吨/㎡", "14.71"), ("20kN/㎡", "20"), (0.5, "4.90")]
RENTS = [(0.5, "15.21"), ("15元/㎡·月", "15"), ("180元/㎡/年", "15"), ("0.4 元/平方米·天", "12.17")]
CLASSES = [("丙类", "C"), ("丁", "D"), ("戊级", "E"), ("C", "C")]
FLAGS = [("是", True), ("√", True), ("否", False), ("×", False), ("可", True)]
MARCH = date(2015, 3, 1)
DAYS = [
    (MARCH, (MARCH, "day")), ("2015年3月", (MARCH, "month")), (2016, (date(2016, 1, 1), "year")),
    ("2015.3.1", (MARCH, "day")), (20150301, (MARCH, "day")), ("2015-03", (MARCH, "month")),
]  # fmt: skip
PATHS = [("租赁", ["lease"]), ("出租、转让", ["lease", "sale"]), ("租/售", ["lease", "sale"])]
POWERS = [(630, "630"), ("800KVA", "800"), ("1,250 kVA", "1250"), ("不详", None)]
DEEDS = [("已办", True), ("未办", False), ("有", True), ("/", None)]
#: What makes a row wrong: the column, the cell, and the error.
WRONG = [
    (8, "8~10米", "cell_is_span"), (10, "己类", "cell_not_word"), (12, "3/1/24", "date_order_needed"),
    (7, "面议", "cell_not_number"), (3, "", "row_lacks"), (15, "很大", "cell_not_number"),
    (11, "看情况", "cell_not_flag"), (5, "1200间半", "unit_unknown"), (12, "明年底", "cell_not_day"),
    (3, "±ê×¼³§·¿", "text_garbled"),
]  # fmt: skip
TITLE = ["大足高新区闲置厂房情况表", *[""] * 18]
OFFICE = ["填报单位：高新区管委会", *[""] * 16, "2025年6月", ""]
NOTES = [
    ["合计", *[""] * 4, 987654, *[""] * 13], ["注：面积以测绘成果为准", *[""] * 18], ["制表人：张三", *[""] * 18],
]  # fmt: skip
#: What says how a fault is mended.
WRITES = {"zh": "请|应|可填|必须", "en": "write|should|say|correct|need|are:"}


def messy(draw: random.Random) -> tuple[list[list[Any]], dict[int, dict[str, Any]], dict[int, str]]:
    """Rows of a sheet, the facts expected by line, and the error expected by line of those that are wrong."""
    rows: list[list[Any]] = [TITLE, OFFICE, *map(list, HEADS)]
    facts: dict[int, dict[str, Any]] = {}
    wrong: dict[int, str] = {}
    for n in range(UNITS):
        if n % 50 == 49:
            rows += [["小计", *[""] * 4, 12345, *[""] * 13], [""] * 19, list(HEADS[0])]
        area, stated = draw.choice(areas(draw.randrange(400, 9_000)))
        height, load, rent = draw.choice(HEIGHTS), draw.choice(LOADS), draw.choice(RENTS)
        hazard, divisible, day, path = draw.choice(CLASSES), draw.choice(FLAGS), draw.choice(DAYS), draw.choice(PATHS)
        power, deed = draw.choice(POWERS), draw.choice(DEEDS)
        available = draw.choice((300, "300㎡", "３００"))
        cells = [
            n + 1, "大足高新区", f"GX-{n:03d}", f"高新{n}号厂房", "厂房", area, available, rent[0], height[0], load[0],
            hazard[0], divisible[0], day[0], "2026-01-15", path[0], power[0], deed[0], "023-43700000", "",
        ]  # fmt: skip
        line = len(rows) + 1
        if n % 10 == 7:
            column, cell, wrong[line] = WRONG[n // 10 % len(WRONG)]
            cells[column] = cell
        else:
            expected = {
                "code": f"GX-{n:03d}", "name": f"高新{n}号厂房", "kind": "factory", "level": "building",
                "stated_area": stated[0], "stated_area_unit": stated[1], "available_area_m2": Decimal(300),
                "rent_yuan_m2_month": Decimal(rent[1]), "clear_height_m": Decimal(height[1]),
                "floor_load_kn_m2": Decimal(load[1]), "fire_hazard_class": hazard[1], "is_divisible": divisible[1],
                "completed_on": day[1][0], "completed_on_precision": day[1][1], "available_from": date(2026, 1, 15),
                "allowed_paths": path[1], "power_kva": None if power[1] is None else Decimal(power[1]),
                "title_is_registered": deed[1],
            }  # fmt: skip
            facts[line] = {name: value for name, value in expected.items() if value is not None}
        rows.append(cells)
    return [*rows, *NOTES], facts, wrong


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    rows, _, _ = messy(random.Random(4754))
    path = xlsx(tmp_path_factory.mktemp("messy") / "台账.xlsx", {"台账": rows}, merged=MERGED)
    return read_ledger(read_workbook(path))


def test_all_good_rows_of_a_messy_ledger_come_out_right(ledger: Ledger) -> None:
    _, facts, _ = messy(random.Random(4754))

    read = {row.line: row.facts for row in ledger.rows if not row.has_errors}

    assert read == facts
    assert len(facts) == 180
    assert {row.references["park_id"] for row in ledger.rows} == {"大足高新区"}


def test_every_wrong_row_says_what_is_wrong_where_and_what_to_do(ledger: Ledger) -> None:
    _, _, wrong = messy(random.Random(4754))

    refused = {row.line: row for row in ledger.rows if row.has_errors}

    assert {line: [code for code, _ in errors(row)] for line, row in refused.items()} == {
        line: [code] for line, code in wrong.items()
    }
    for line, row in refused.items():
        (issue,) = (issue for issue in row.issues if issue.severity == "error")
        for language in ("zh", "en"):
            text = sentence(issue.fault, language)
            assert f"{line}" in text and "台账" in text and "{" not in text and "?" not in text.replace("/?", "")
            assert "column" not in issue.fault.params or str(issue.fault.params["column"]) in text
            assert re.search(WRITES[language], text), text
    assert counted(ledger)["error"] == 20


def test_what_is_no_unit_is_named_by_its_lines(ledger: Ledger) -> None:
    codes = [note.code for note in ledger.notes]
    left_out = [note.params["count"] for note in ledger.notes if note.code == "rows_left_out"]

    assert set(codes) == {"rows_left_out"}
    assert left_out == [7], "subtotals, the total and the notes; headings that come again are none"


def test_columns_that_are_no_field_are_named(ledger: Ledger) -> None:
    unknown = [column.heading for column in ledger.tables[0].columns if column.field is None]

    assert unknown == ["序号", "联系电话"]


HEAD = ["编号", "名称", "层级"]


def lone(cells: list[Any], *more: str, mapping: LedgerMapping | None = None) -> LedgerRow:
    return row_of([*HEAD, *more], ["A", "一号", "建筑", *cells], mapping or LedgerMapping())


def test_faults_of_a_row_are_all_told_and_stop_no_other() -> None:
    rows = [
        [*HEAD, "净高", "可分割", "备注"],
        ["A", "", "建筑", "高", "或许", "好"],
        ["B", "二号", "建筑", 8, "是", ""],
    ]

    first, second = ledger_of(rows).rows

    assert errors(first) == [
        ("cell_not_number", "properties.clear_height_m"),
        ("cell_not_flag", "properties.is_divisible"),
        ("row_lacks", "properties.name"),
    ]
    assert first.facts["attributes"] == {"remarks": "好"}
    assert not second.has_errors and second.facts["clear_height_m"] == Decimal(8)


def test_an_empty_cell_is_not_spoken_of_and_clearing_is_null() -> None:
    row = lone(["", "清空", "CLEAR", ""], "净高", "租金", "备注", "坐落")

    assert row.facts == {
        "code": "A", "name": "一号", "level": "building", "rent_yuan_m2_month": None, "attributes": {"remarks": None},
    }  # fmt: skip


def test_id_and_revision_of_an_export_come_back() -> None:
    unit = "0190a5f0-0000-7000-8000-000000000001"
    row = row_of(["系统编号", "修订号", "租金 (元/m²·月)"], [unit, 3.0, 15.0])

    assert (row.asset_id, row.revision, row.facts) == (unit, 3, {"rent_yuan_m2_month": Decimal(15)})
    assert not row.has_errors


def test_a_new_unit_without_what_it_needs_says_what() -> None:
    row = row_of(["编号", "净高"], ["A", 8.0])

    assert errors(row) == [("row_lacks", "properties.name"), ("row_lacks", "properties.level")]


@pytest.mark.parametrize(
    ("kind", "parent", "level"),
    [("土地", "", "plot"), ("厂房", "", "building"), ("土地", "D-1", "part"), ("厂房", "F-1", None)],
)
def test_the_level_follows_from_kind_and_whole_where_it_can(kind: str, parent: str, level: str | None) -> None:
    row = row_of(["编号", "名称", "类别", "上级单元"], ["A", "一号", kind, parent])

    assert row.facts.get("level") == level
    assert row.has_errors == (level is None)


def test_an_area_without_a_unit_is_asked_for_of_land_alone() -> None:
    land = row_of(["编号", "名称", "类别", "面积"], ["A", "一号", "土地", 12.0])
    hall = row_of(["编号", "名称", "类别", "面积"], ["A", "一号", "厂房", 1200.0])
    named = row_of(["编号", "名称", "类别", "面积", "面积单位"], ["A", "一号", "土地", 12.0, "亩"])

    assert errors(land) == [("area_unit_needed", "properties.stated_area")]
    assert [issue.fault.code for issue in hall.issues] == ["area_unit_assumed"]
    assert hall.facts["stated_area_unit"] == "m2"
    assert (named.facts["stated_area_unit"], named.issues) == ("mu", ())


@pytest.mark.parametrize("headings", [("面积", "面积单位"), ("面积单位", "面积")])
def test_two_units_of_one_area_are_told_and_neither_is_taken(headings: tuple[str, str]) -> None:
    cells = {"面积": "100亩", "面积单位": "平方米"}

    row = row_of([*HEAD, *headings], ["A", "一号", "建筑", *(cells[heading] for heading in headings)])

    assert errors(row) == [("units_differ", "properties.stated_area")]


def test_a_day_is_as_exact_as_the_row_says() -> None:
    row = lone(["月", "2015-03-01"], "竣工日期精度", "竣工日期")

    assert (row.facts["completed_on"], row.facts["completed_on_precision"]) == (date(2015, 3, 1), "month")


def test_of_several_places_the_first_that_is_said_counts() -> None:
    row = lone(["", "", "105.9, 29.7"], "经度", "纬度", "坐标")

    assert row.geometry == {"type": "Point", "coordinates": [105.9, 29.7]}


def test_a_code_that_stands_twice_names_the_other_line() -> None:
    rows = [HEAD, ["A-1", "一号", "建筑"], ["ａ-1 ", "二号", "建筑"], ["B", "三号", "建筑"]]

    first, second, third = ledger_of(rows).rows

    assert (errors(first), errors(third)) == ([], [])
    ((code, _),) = errors(second)
    assert (code, second.issues[0].fault.params["other"]) == ("code_twice", 2)


def test_an_amount_that_is_merged_over_units_is_told(tmp_path: Path) -> None:
    rows = [[*HEAD, "面积(㎡)", "净高"], ["A", "一号", "建筑", 900, 8], ["B", "二号", "建筑", None, None]]

    ledger = read_ledger(read_workbook(xlsx(tmp_path / "a.xlsx", {"台账": rows}, merged=["D2:D3", "E2:E3"])))

    assert [row.facts["stated_area"] for row in ledger.rows] == [Decimal(900), Decimal(900)]
    assert [[issue.fault.code for issue in row.issues] for row in ledger.rows] == [["amount_shared"]] * 2


def test_the_order_of_days_is_answered_for_a_column_or_for_all() -> None:
    of_column = LedgerMapping((ColumnMapping("交付时间", "available_from", date_order="mdy"),))

    assert errors(lone(["3/1/24"], "交付时间")) == [("date_order_needed", "properties.available_from")]
    assert lone(["3/1/24"], "交付时间", mapping=of_column).facts["available_from"] == date(2024, 3, 1)
    of_all = lone(["3/1/24"], "交付时间", mapping=LedgerMapping(date_order="dmy"))
    assert of_all.facts["available_from"] == date(2024, 1, 3)


def test_a_cell_whose_formula_gives_no_value_keeps_its_row_out(tmp_path: Path) -> None:
    rows = [[*HEAD, "面积(㎡)", "净高"], ["A", "一号", "建筑", "=1+1", 8], ["B", "二号", "建筑", 5, "#REF!"]]

    first, second = read_ledger(read_workbook(xlsx(tmp_path / "a.xlsx", {"台账": rows}))).rows

    assert errors(first) == [("formula_without_value", "properties.stated_area")]
    assert errors(second) == [("cell_error", "properties.clear_height_m")]
    assert "stated_area" not in first.facts and first.facts["clear_height_m"] == Decimal(8)
    assert first.facts["code"] == "A" and first.issues[0].fault.params["column"] == "面积(㎡)"


def test_issues_are_all_counted_and_not_all_kept() -> None:
    rows = [[*HEAD, "净高"], *([f"A{n}", "一号", "建筑", "高"] for n in range(30))]

    ledger = read_ledger(workbook_of(rows), most_issues=10)

    assert sum(len(row.issues) for row in ledger.rows) == 10
    assert ledger.counts == {("error", "cell_not_number"): 30}
    assert all(row.has_errors for row in ledger.rows)


@pytest.mark.parametrize(
    ("headings", "cells", "expected"),
    [
        (["经度", "纬度"], [105.9, 29.7], [105.9, 29.7]),
        (["经度", "纬度"], ["105°54′00″", "29°42′00″"], [105.9, 29.7]),
        (["坐标"], ["105.9, 29.7"], [105.9, 29.7]),
        (["坐标"], ["29.7，105.9"], [105.9, 29.7]),
        (["X", "Y"], [3280000.0, 35575000.0], [105.7744886, 29.6358657]),
        (["X", "Y"], [575000.0, 3280000.0], [105.7744886, 29.6358657]),
        (["图形"], ["POINT (105.9 29.7)"], [105.9, 29.7]),
    ],
)
def test_a_point_is_read_from_its_columns(headings: list[str], cells: list[Any], expected: list[float]) -> None:
    row = lone(cells, *headings)

    assert row.geometry is not None and row.geometry["type"] == "Point"
    assert row.geometry["coordinates"] == pytest.approx(expected, abs=2e-7)
    assert not row.has_errors


def test_swapped_axes_are_read_and_told() -> None:
    row = lone([29.7, 105.9], "经度", "纬度")

    assert row.geometry == {"type": "Point", "coordinates": [105.9, 29.7]}
    assert [(issue.severity, issue.fault.code) for issue in row.issues] == [("warning", "axes_swapped_read")]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ([105.9, ""], "cell_not_coordinate"),
        (["东", "北"], "cell_not_coordinate"),
        ([7.0, 7.0], "outside_china"),
        ([True, 29.0], "cell_not_coordinate"),
    ],
)
def test_a_point_that_is_none_is_said(cells: list[Any], code: str) -> None:
    row = lone(cells, "经度", "纬度")

    assert (row.geometry, errors(row)) == (None, [(code, "geometry")])


RING = "105.90 29.70, 105.91 29.70, 105.91 29.71, 105.90 29.70"


@pytest.mark.parametrize(
    "text",
    [
        f"POLYGON (({RING}))",
        f"SRID=4326;MULTIPOLYGON ((({RING})))",
        '{"type": "Polygon", "coordinates": [[[105.9, 29.7], [105.91, 29.7], [105.91, 29.71], [105.9, 29.7]]]}',
    ],
)
def test_an_outline_is_read_from_its_text(text: str) -> None:
    row = lone([text], "图形")

    assert row.geometry is not None and row.geometry["type"] in ("Polygon", "MultiPolygon")
    ring = row.geometry["coordinates"][0] if row.geometry["type"] == "Polygon" else row.geometry["coordinates"][0][0]
    assert ring == [[105.9, 29.7], [105.91, 29.7], [105.91, 29.71], [105.9, 29.7]]
    assert not row.has_errors


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("POLYGON ((105 29, 106 30, 106 29, 105 30, 105 29))", "self_intersection"),
        ("POLYGON ((1 2))", "ring_too_short"),
        ("多边形", "cell_not_outline"),
        ("{", "cell_not_outline"),
        ("POLYGON ((", "cell_not_outline"),
    ],
)
def test_an_outline_that_is_none_is_said_in_its_row(text: str, code: str) -> None:
    row = lone([text], "图形")

    assert row.geometry is None
    assert [code for code, _ in errors(row)] == [code]


NORTH, EAST = 3_280_000.0, 35_575_000.0
POINTS = [(NORTH, EAST), (NORTH, EAST + 100), (NORTH + 60, EAST + 100), (NORTH + 60, EAST)]


def test_corner_points_of_a_sheet_are_the_outlines_of_its_plots() -> None:
    rows: list[list[Any]] = [["地块编号", "地块名称", "类别", "面积(公顷)", "点号", "X", "Y"]]
    for plot, east in (("DK-1", 0), ("DK-2", 500)):
        for n, (x, y) in enumerate([*POINTS, POINTS[0]], 1):
            rows.append([plot if n == 1 else "", "地块" if n == 1 else "", "土地", 0.6, f"J{n}", x, y + east])

    ledger = ledger_of(rows)

    assert [(row.line, row.facts["code"], row.facts["stated_area_unit"]) for row in ledger.rows] == [
        (2, "DK-1", "ha"), (7, "DK-2", "ha"),
    ]  # fmt: skip
    assert [row.geometry and row.geometry["type"] for row in ledger.rows] == ["MultiPolygon"] * 2
    assert [errors(row) for row in ledger.rows] == [[], []]


@pytest.mark.parametrize(
    ("headings", "points"),
    [
        (("点号", "X", "Y"), [(north, east) for north, east in POINTS]),
        (("拐点编号", "X坐标", "Y坐标"), [(f"{north:.2f}", f"{east:.2f}") for north, east in POINTS]),
        (("界址点", "东坐标", "北坐标"), [(east - 35e6, north) for north, east in POINTS]),
        (("点号", "经度", "纬度"), [("105°46′28.159″", "29°38′09.116″"), ("105°46′31.877″", "29°38′09.097″"),
                             ("105°46′31.899″", "29°38′11.046″"), ("105°46′28.181″", "29°38′11.064″")]),
    ],
)  # fmt: skip
def test_a_sheet_of_corner_points_is_read_in_any_coordinates(headings: tuple[str, ...], points: list[Any]) -> None:
    corners: list[list[Any]] = [["", "", f"J{n}", *point] for n, point in enumerate(points, 1)]
    corners[0][:2] = "DK-1", "地块一"
    rows = [["某厂界址点坐标表"], ["地块编号", "地块名称", *headings], *corners]

    (row,) = ledger_of(rows, LedgerMapping(constants={"kind": "土地"})).rows

    assert not row.has_errors and row.geometry is not None
    west, south, east, north = shapely.from_geojson(json.dumps(row.geometry)).bounds
    assert (west, south) == pytest.approx((105.774488, 29.635860), abs=2e-5)
    assert (east - west, north - south) == pytest.approx((0.001039, 0.000546), abs=2e-5)


def test_corner_points_give_the_unit_of_their_code_its_outline() -> None:
    units = workbook_of([[*HEAD, "面积(公顷)"], ["DK-1", "地块一", "地块", 0.6], ["DK-2", "地块二", "地块", 0.7]])
    points = [["dk-1", f"J{n}", x, y] for n, (x, y) in enumerate(POINTS, 1)]
    corners = workbook_of([["地块编号", "点号", "X", "Y"], *points], name="界址点")

    ledger = read_ledger(replace(units, sheets=(*units.sheets, *corners.sheets)))

    assert [(row.facts["code"], row.geometry is not None, row.has_errors) for row in ledger.rows] == [
        ("DK-1", True, False), ("DK-2", False, False),
    ]  # fmt: skip


def test_a_survey_text_is_a_ledger_of_land(tmp_path: Path) -> None:
    path = tmp_path / "勘测定界.txt"
    lines = [
        "[地块坐标]",
        "5,0.6,DK-01,地块一,面,,工业用地,,@",
        *(f"J{n},1,{x},{y}" for n, (x, y) in enumerate(POINTS, 1)),
        "2,0,L-1,线路,线,,,,@",
    ]
    path.write_bytes("\r\n".join(lines).encode("gbk"))

    plot, line = read_ledger(read_workbook(path)).rows

    assert plot.facts == {
        "code": "DK-01", "name": "地块一", "kind": "land", "level": "plot", "stated_area": Decimal("0.6"),
        "stated_area_unit": "ha",
    }  # fmt: skip
    assert plot.geometry is not None and not plot.has_errors
    assert errors(line) == [("plot_not_area", "geometry")]
