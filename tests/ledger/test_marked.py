"""A ledger that comes back with its issues: the cells as they were, marks at what is wrong, and messages a line."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from ledger.marked import MOST_PROMPTS, RowIssue, SheetRows, with_issues
from ledger.writing import Value

ROWS: list[list[Value]] = [
    ["某园区台账", None, None],
    ["编号", "面积(亩)", "交付日期"],
    ["007", 35.25, date(2024, 3, 5)],
    ["=1+1", "约三十", datetime(2024, 3, 5, 12)],
    [True, None],
]
ISSUES = [
    RowIssue("台账", 4, 1, "error", "“约三十”不是数字"),
    RowIssue("台账", 4, 0, "note", "编号以等号开头"),
    RowIssue("台账", 4, 1, "warning", "应为亩"),
    RowIssue("台账", 3, None, "warning", "与已有单元重叠"),
]
HEADING, WARNING, ERROR = "FFE8EEF4", "FFFFF2CC", "FFF8CBAD"


def sheets(language: str = "zh", *more: SheetRows, rows: list[list[Value]] = ROWS) -> list[Any]:
    package = with_issues([SheetRows("台账", rows, head=2), *more], ISSUES, language)
    return load_workbook(io.BytesIO(package)).worksheets


def fill(cell: Any) -> str | None:
    return cell.fill.fgColor.rgb if cell.fill.fill_type else None


def test_cells_come_back_as_they_were_beside_their_issues() -> None:
    (sheet,) = sheets()

    rows = list(sheet.iter_rows(values_only=True))
    assert rows == [
        ("某园区台账", None, None, None),
        ("编号", "面积(亩)", "交付日期", "问题"),
        ("007", 35.25, datetime(2024, 3, 5), "提醒：与已有单元重叠"),
        ("=1+1", "约三十", datetime(2024, 3, 5, 12), "错误：“约三十”不是数字\n说明：编号以等号开头\n提醒：应为亩"),
        (True, None, None, None),
    ]
    assert sheet["A4"].data_type == "s"
    assert (sheet["C3"].number_format, sheet["C4"].number_format) == (r"yyyy\-mm\-dd", r"yyyy\-mm\-dd\ hh:mm:ss")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A3", "A2:D5")


def test_what_is_wrong_is_marked_and_says_so_where_it_is_chosen() -> None:
    (sheet,) = sheets()

    marks = {cell.coordinate: fill(cell) for row in sheet.iter_rows(min_row=3) for cell in row if fill(cell)}
    assert {(cell.font.b, fill(cell)) for cell in sheet[2]} == {(True, HEADING)}
    assert marks == {"B4": ERROR, "D4": ERROR, "D3": WARNING}
    prompts = {str(rule.sqref): rule.prompt for rule in sheet.data_validations.dataValidation}
    assert prompts == {"B4": "“约三十”不是数字\n应为亩", "A4": "编号以等号开头"}
    assert sheet.row_dimensions[4].height == 45


def test_the_issues_of_an_earlier_reading_are_replaced() -> None:
    (first,) = sheets()
    again = [list(row) for row in first.iter_rows(values_only=True)]

    (second,) = sheets("en", rows=again)

    assert [cell.value for cell in second[2]] == ["编号", "面积(亩)", "交付日期", "Issues"]
    assert second["D4"].value.startswith("Error: ") and second["E4"].value is None


def test_sheets_keep_their_order_and_get_names_that_a_workbook_takes() -> None:
    other = SheetRows("D:/ledger [2].csv" + "x" * 40, [["code"], ["1"]])

    names = [sheet.title for sheet in sheets("zh", other)]

    assert (names[0], len(names[1])) == ("台账", 31)


@pytest.mark.parametrize("issue", [RowIssue("other", 1, None, "error", "x"), RowIssue("台账", 6, 0, "error", "x")])
def test_an_issue_of_no_line_is_an_error_of_the_caller(issue: RowIssue) -> None:
    with pytest.raises(ValueError, match="no line"):
        with_issues([SheetRows("台账", ROWS)], [issue], "zh")


def test_many_issues_all_stand_in_their_column() -> None:
    count = MOST_PROMPTS + 50
    rows: list[list[Value]] = [["编号"], *([str(n)] for n in range(count))]
    issues = [RowIssue("台账", n + 2, 0, "error", "x" * 300) for n in range(count)]

    (sheet,) = load_workbook(io.BytesIO(with_issues([SheetRows("台账", rows)], issues, "zh"))).worksheets

    assert sum(cell.value is not None for cell in sheet["B"][1:]) == count
    assert len(sheet.data_validations.dataValidation) == MOST_PROMPTS
    assert {len(rule.prompt) for rule in sheet.data_validations.dataValidation} == {255}
