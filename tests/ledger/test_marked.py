"""A ledger that comes back with its issues: the cells as they were, marks at what is wrong, and messages a line."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from ledger.marked import MOST_PROMPTS, RowIssue, SheetRows, with_issues
from ledger.print_setup import PrintSetup
from ledger.workbook import read_workbook
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


def printed(package: bytes) -> tuple[Any, ...]:
    """How the first sheet is printed: whether pages are counted, pages wide and high, scale, orientation, area."""
    sheet = load_workbook(io.BytesIO(package)).worksheets[0]
    setup, properties = sheet.page_setup, sheet.sheet_properties.pageSetUpPr
    is_fitted = properties is not None and bool(properties.fitToPage)
    return (is_fitted, setup.fitToWidth, setup.fitToHeight, setup.scale, setup.orientation, sheet.print_area)


def test_all_columns_are_printed_on_one_page() -> None:
    package = with_issues([SheetRows("台账", ROWS, head=2)], ISSUES, "zh")

    assert printed(package) == (True, 1, 0, None, "landscape", "")
    text = zipfile.ZipFile(io.BytesIO(package)).read("xl/worksheets/sheet1.xml").decode()
    order = ["<sheetPr>", "<sheetViews>", "<sheetData>", "<autoFilter", "<pageMargins", "<pageSetup", "<headerFooter>"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


def test_columns_that_nobody_could_read_on_one_page_stand_on_more() -> None:
    rows: list[list[Value]] = [[f"列{n}" for n in range(1, 91)], ["x" * 30] * 90]

    assert printed(with_issues([SheetRows("台账", rows)], [], "zh"))[:3] == (True, 5, 0)


PAGES = PrintSetup(pages=(2, 3), paper=8, is_landscape=False)
SCALED = PrintSetup(pages=None, scale=70, area=(1, 0, 4, 1))


@pytest.mark.parametrize(
    ("setup", "expected"),
    [
        (PAGES, (True, 2, 3, None, "portrait", "")),
        (SCALED, (False, None, None, 70, "landscape", "'台账'!$A$2:$D$5")),
        (PrintSetup(area=(1, 0, 4, 9)), (True, 1, 0, None, "landscape", "'台账'!$A$2:$J$5")),
    ],
)
def test_a_sheet_that_its_maker_set_to_be_printed_is_printed_so_with_its_issues(
    setup: PrintSetup, expected: tuple[Any, ...]
) -> None:
    assert printed(with_issues([SheetRows("台账", ROWS, 2, setup)], ISSUES, "zh")) == expected


def test_the_print_setup_of_a_file_is_read_where_its_maker_made_one(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name in ("plain", "turned", "fitted", "scaled", "area"):
        workbook.create_sheet(name).append(["编号", "面积"])
    turned, fitted, scaled, area = workbook.worksheets[1:]
    turned.page_setup.orientation, turned.page_setup.paperSize = "landscape", 9
    fitted.sheet_properties.pageSetUpPr.fitToPage, fitted.page_setup.fitToWidth = True, 2
    scaled.page_setup.scale, scaled.page_setup.paperSize = 60, 8
    area.print_area = "A1:B1"
    workbook.save(tmp_path / "台账.xlsx")

    read = read_workbook(tmp_path / "台账.xlsx")

    assert {sheet.name: sheet.print_setup for sheet in read.sheets} == {
        "plain": None,
        "turned": None,
        "fitted": PrintSetup((2, 1), is_landscape=False),
        "scaled": PrintSetup(None, 8, is_landscape=False, scale=60),
        "area": PrintSetup(area=(0, 0, 0, 1)),
    }
