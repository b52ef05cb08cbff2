"""Workbooks as they are written: what spreadsheet programs and readers find in them, whatever a cell holds."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from ledger import writing
from ledger.writing import DAY, GENERAL, INSTANT, TEXT, SheetColumn, Value, WorkbookWriter, cell_xml, letters, row_xml


def workbook_of(*rows: list[tuple[Value, int]]) -> bytes:
    writer = WorkbookWriter()
    writer.begin_sheet("台账", [SheetColumn(10, f"列{n}") for n in range(max(map(len, rows)))])
    chunks = []
    for row in rows:
        writer.add_rows([row_xml(writer.next_row, writer.letters, [cell_xml(value, style) for value, style in row])])
        chunks.append(writer.take())
    writer.end_sheet()
    writer.end()
    return b"".join([*chunks, writer.take()])


def values_of(package: bytes) -> list[tuple[object, ...]]:
    return list(load_workbook(io.BytesIO(package)).worksheets[0].iter_rows(min_row=2, values_only=True))


def test_numbers_days_and_texts_are_what_they_are() -> None:
    day, at = date(2024, 2, 29), datetime(2024, 2, 29, 13, 45, 7)
    row: list[tuple[Value, int]] = [
        (b"1234.50", GENERAL), (7, GENERAL), (Decimal("0.10"), GENERAL), (1e-7, GENERAL), (True, GENERAL), (day, DAY),
        (at, INSTANT), ("007", TEXT), ("2024-03", TEXT), (None, TEXT), ("", TEXT), (float("nan"), GENERAL),
        (date(1899, 12, 31), DAY), (at.replace(tzinfo=UTC), INSTANT),
    ]  # fmt: skip

    (cells,) = values_of(workbook_of(row))

    assert cells == (
        1234.5, 7, 0.1, 1e-7, True, datetime(2024, 2, 29), at, "007", "2024-03", None, None, "nan", "1899-12-31", at,
    )  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "=cmd|' /C calc'!A0", "'=1"])
def test_no_text_computes(text: str) -> None:
    package = workbook_of([(text, TEXT)])

    cell = load_workbook(io.BytesIO(package)).worksheets[0]["A2"]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")
    sheet = zipfile.ZipFile(io.BytesIO(package)).read("xl/worksheets/sheet1.xml")
    assert b"<f" not in sheet.replace(b"<fill", b"").replace(b"<footer", b"")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=4))
def test_any_text_makes_a_workbook_that_is_read_again(texts: list[str]) -> None:
    package = workbook_of([(text, TEXT) for text in ("1", *texts)])

    (cells,) = values_of(package)
    for text, cell in zip(texts, cells[1:], strict=True):
        kept = writing.in_workbook(text)
        assert (cell or "") == kept, "and controls, which XML cannot hold, are left out"
        assert kept == text or any(ord(c) < 32 or ord(c) >= 0xD800 for c in text) or "_x" in text.lower()


def test_a_text_that_no_cell_holds_is_left_out_and_not_cut() -> None:
    most = "MULTIPOLYGON" * 2730 + "(((1 1)"[: 32_767 - 12 * 2730]

    (cells,) = values_of(workbook_of([(most, TEXT), (f"{most}1", TEXT)]))

    assert (len(most), cells) == (32_767, (most, None))


def test_columns_are_called_as_spreadsheets_call_them() -> None:
    assert [letters(n) for n in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(letters(n - 1) == get_column_letter(n) for n in range(1, 2000))


def test_a_package_is_whole_and_its_parts_well_formed() -> None:
    package = zipfile.ZipFile(io.BytesIO(workbook_of([("甲 & <乙>", TEXT)])))

    assert package.testzip() is None
    for name in package.namelist():
        ElementTree.fromstring(package.read(name))
    assert len(package.namelist()) == len(set(package.namelist())) == 6


def test_a_sheet_that_grows_too_long_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_ROWS", 3)
    writer = WorkbookWriter()
    writer.begin_sheet("台账", [SheetColumn(10, "编号")])
    for n in range(5):
        writer.make_room(1)
        writer.add_rows([row_xml(writer.next_row, writer.letters, [cell_xml(n)])])
    writer.end_sheet()
    writer.end()

    sheets = load_workbook(io.BytesIO(writer.take())).worksheets

    assert {sheet.title: [cell.value for cell in sheet["A"]] for sheet in sheets} == {
        "台账": ["编号", 0, 1], "台账 2": ["编号", 2, 3], "台账 3": ["编号", 4],
    }  # fmt: skip
    assert [sheet.auto_filter.ref for sheet in sheets] == ["A1:A3", "A1:A3", "A1:A2"]
    assert [sheet.print_title_rows for sheet in sheets] == ["$1:$1"] * 3


def test_rows_leave_the_writer_as_they_come() -> None:
    """Nothing is kept but what the compression has in hand, some tens of kilobytes."""
    writer = WorkbookWriter()
    writer.begin_sheet("台账", [SheetColumn(10, "编号")])
    sent, written = 0, 0
    for n in range(300):
        text = "".join(chr(0x4E00 + (n * 7919 + k * 104729) % 20_000) for k in range(1000))
        row = row_xml(writer.next_row, writer.letters, [cell_xml(text, TEXT)])
        writer.add_rows([row])
        sent, written = sent + len(writer.take()), written + len(row)
        assert written - sent * 3 < 400_000
    assert sent > 300_000
