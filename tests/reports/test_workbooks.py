"""Workbooks: days as days, numbers in their format, a head that is frozen, filtered and printed, charts, no formula."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook

from reports.paper import Cell, Growth, KnownDay, Paper, Part, Share
from reports.spreadsheet import csv_of, xlsx_of

ROWS: list[list[Cell]] = [
    ["=甲", KnownDay(date(2025, 6, 3)), KnownDay(date(2025, 6, 1), "month"), Decimal("1234.50"), 7, Share("0.8698")],
    ["乙", None, KnownDay(date(2025, 1, 1), "year"), Decimal("2.00"), 1200, Growth("-0.05")],
]
TOTAL: list[Cell] = ["合计", "", "", Decimal("1236.50"), 1207, ""]
LIST = Part("table", "成交", ROWS, ("+单元", "日", "月", "亩", "宗", "率"), total=TOTAL, drawn=(3,))
SIGNED = Part("signatures", "", [["制表", "日期"]])


def sheets(*parts: Part) -> list[Any]:
    return load_workbook(io.BytesIO(xlsx_of(Paper("x", "题目", "副题", parts, "页脚", issuer="某园区")))).worksheets


def test_days_and_numbers_are_what_they_are() -> None:
    (sheet,) = sheets(LIST, SIGNED)

    rows = {row[0].value: row for row in sheet.iter_rows()}
    first, second, total = rows["'=甲"], rows["乙"], rows["合计"]
    assert [cell.value for cell in first[1:]] == [datetime(2025, 6, 3), datetime(2025, 6, 1), 1234.5, 7, 0.8698]
    assert [cell.number_format for cell in first[1:]] == ["yyyy-mm-dd", "yyyy-mm", "#,##0.00", "#,##0", "0.0%"]
    assert (second[2].number_format, second[5].number_format) == ("yyyy", '"↑"0.0%;"↓"0.0%;0.0%')
    assert [cell.value for cell in total][3:5] == [1236.5, 1207]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}


def test_the_head_is_frozen_filtered_and_printed_on_every_page() -> None:
    (sheet,) = sheets(LIST, SIGNED)

    head = next(row[0].row for row in sheet.iter_rows() if row[1].value == "日")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == (f"A{head + 1}", f"A{head}:F{head + 2}")
    assert sheet.print_title_rows == f"${head}:${head}"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert [sheet["A1"].value, sheet["A2"].value] == ["题目", "某园区 · 副题"]


def test_each_table_of_several_has_a_sheet_and_its_chart() -> None:
    other = Part("table", "按园区", ROWS, LIST.columns * 2, note="附注")

    first, listed, by_park = sheets(LIST, other, SIGNED)

    assert [sheet.title for sheet in (first, listed, by_park)] == ["题目", "成交", "按园区"]
    assert [len(sheet._charts) for sheet in (first, listed, by_park)] == [0, 1, 0]
    assert first.freeze_panes is None and listed.freeze_panes and by_park.freeze_panes
    assert by_park.page_setup.orientation == "landscape"
    assert any(row[0].value == "制表" for row in first.iter_rows())


def test_sheets_have_names_that_a_workbook_takes() -> None:
    long = "Factory space: the first five to confirm"
    parts = [
        Part("table", heading, ROWS, LIST.columns) for heading in (long, f"{long}: reasons", "=a/b[c]'", "", "A B")
    ]

    names = [sheet.title for sheet in sheets(*parts, SIGNED)]

    assert len({name.lower() for name in names}) == 6
    assert names[1:3] == ["Factory space the first five to", "Factory space the first fiv 2"]
    assert names[3:] == ["=a b c", "1", "A B"]


def test_one_table_as_csv_is_its_head_and_rows_and_several_have_headings_and_totals() -> None:
    paper = Paper("x", "题目", "副题", [LIST, SIGNED], "页脚")

    alone, two = (csv_of(each).decode("utf-8-sig").splitlines() for each in (paper, replace(paper, parts=[LIST, LIST])))

    assert alone[:2] == ["+单元,日,月,亩,宗,率".replace("+", "'+"), "'=甲,2025-06-03,2025-06,1234.50,7,87.0%"]
    assert len(alone) == 3
    assert two[:4] == ["题目", "副题", "", "成交"] and two.count("合计,,,1236.50,1207,") == 2


def test_long_texts_wrap_in_a_column_that_a_page_holds() -> None:
    few = Part("table", "理由", [[1, "很长的理由" * 30]], ("名次", "理由"))
    many = Part("table", "成交", [["很长的名称" * 30, *"bcdef"]], LIST.columns)

    _, of_few, of_many = sheets(few, many)

    assert (of_few.column_dimensions["B"].width, of_many.column_dimensions["A"].width) == (90, 36)
    for sheet, text in ((of_few, "很长的理由"), (of_many, "很长的名称")):
        cells = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith(text)]
        assert [cell.alignment.wrap_text for cell in cells] == [True]


def test_rows_are_as_high_as_their_wrapped_texts() -> None:
    reasons = Part("table", "理由", [[1, "\n".join(["一", "二" * 60, "三"])], [2, "短"]], ("名次", "理由"))

    (sheet,) = sheets(reasons)

    heights = {row[0].value: sheet.row_dimensions[row[0].row].height for row in sheet.iter_rows()}
    assert (heights[1], heights[2]) == (60, None)


def test_a_line_longer_than_its_table_runs_over_a_page_and_shrinks_nothing() -> None:
    narrow = Part("table", "表", [["甲", 1]], ("列", "数"), note="很长的附注" * 20)
    wide = replace(narrow, rows=[["甲" * 45, 1]], note="附注")

    (short,), (long,) = sheets(wide), sheets(narrow)

    assert list(short.merged_cells) == []
    (merged,) = long.merged_cells
    note = long.cell(merged.min_row, 1)
    assert (str(note.value)[:5], note.alignment.wrap_text, long.row_dimensions[note.row].height) == (
        "很长的附注", True, 45
    )  # fmt: skip
    assert (merged.min_col, merged.max_col) == (1, 8)


def test_numbers_stand_right_below_their_heads_and_days_left() -> None:
    (sheet,) = sheets(LIST)

    head, first = list(sheet.iter_rows(min_row=5, max_row=6))
    sides = ["left", "left", "left", "right", "right", "right"]
    assert [cell.alignment.horizontal for cell in head] == sides
    assert [cell.alignment.horizontal for cell in first] == sides


def test_a_workbook_of_several_tables_begins_with_links_to_them_and_charts_stand_below() -> None:
    cover, listed, _ = sheets(LIST, Part("table", "按园区", ROWS, LIST.columns), SIGNED)

    links = [(cell.value, cell.hyperlink.location) for (cell, *_) in cover.iter_rows() if cell.hyperlink]
    assert links == [("成交", "'成交'!A1"), ("按园区", "'按园区'!A1")]
    (chart,) = listed._charts
    assert chart.anchor._from.row > max(row[0].row for row in listed.iter_rows() if row[0].value)


def test_a_list_of_many_columns_is_printed_on_a3() -> None:
    many = Part("table", "表", [list(range(13))], [str(n) for n in range(13)])

    (sheet,) = sheets(many)

    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
