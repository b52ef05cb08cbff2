"""A paper as CSV or XLSX. A text that a spreadsheet would take for a formula is made a plain one.

Source: OWASP ASVS 1.2.10 (CSV injection): texts beginning with = + - @ ; tab or return, also in full width, get a `'`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from reports.paper import Cell, Paper, Part

#: Also behind blanks, which some spreadsheets strip.
_FORMULA = re.compile(r"\s*[=+\-@;\t\r＝＋－＠；]")
#: Where the list separator is a semicolon, a cell ends at one, and what stands behind it begins another.
_NEXT_CELL = re.compile(r"([;\t]\s*)(?=[=+\-@＝＋－＠])")
#: Read back as the character of that number. Source: ECMA-376 part 1 §22.9.2.19 (ST_Xstring).
_ESCAPE = re.compile(r"_(?=[xX][0-9A-Fa-f]{4}_)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
WIDEST = 60


def guarded(value: Cell) -> Any:
    """A cell that computes nothing: numbers as numbers, texts as texts."""
    if isinstance(value, str):
        value = _CONTROL.sub("", value)
        return f"'{value}" if _FORMULA.match(value) else value
    return value


def csv_of(paper: Paper) -> bytes:
    """Every part below the other, RFC 4180, UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO()
    writer = csv.writer(text)
    if len(paper.parts) > 1:
        writer.writerows([[guarded(paper.title)], [guarded(paper.subtitle)]])
    for part in paper.parts:
        if len(paper.parts) > 1:
            writer.writerows([[], [guarded(part.heading)]])
        writer.writerows([_plain(cell) for cell in row] for row in _rows(part))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _rows(part: Part) -> list[Sequence[Cell]]:
    return [*([part.columns] if part.columns else []), *part.rows]


def _plain(cell: Cell) -> Any:
    value = guarded(cell)
    if value is None:
        return ""
    if isinstance(value, str):
        return _NEXT_CELL.sub(r"\1'", value)
    return format(value, "f") if isinstance(value, Decimal) else value


def xlsx_of(paper: Paper) -> bytes:
    """One sheet: title, then every part below the other, tables with a head."""
    from openpyxl import Workbook  # loaded by a process that makes sheets, and by no other
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    workbook = Workbook()
    sheet: Any = workbook.active
    sheet.title = _sheet_name(paper.title)
    widths: dict[int, int] = {}
    _put(sheet, 1, [paper.title], Font(bold=True, size=14), widths=None)
    _put(sheet, 2, [paper.subtitle], Font(color="666666"), widths=None)
    line = 2
    if paper.flag:
        line += 1
        _put(sheet, line, [paper.flag], Font(color="B45309"), widths=None)
    for part in paper.parts:
        line += 2
        _put(sheet, line, [part.heading], Font(bold=True, size=12), widths=None)
        for n, row in enumerate(_rows(part)):
            line += 1
            is_head = n == 0 and bool(part.columns)
            _put(sheet, line, row, Font(bold=is_head), fill=is_head, widths=widths)
        if part.note:
            line += 1
            _put(sheet, line, [part.note], Font(italic=True, color="666666"), widths=None)
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = min(WIDEST, width + 2)
    _put(sheet, line + 2, [paper.foot], Font(color="666666"), widths=None)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _sheet_name(title: str) -> str:
    return _ESCAPE.sub(" ", re.sub(r"[\[\]:*?/\\']", " ", title))[:31]


def _put(
    sheet: Any, line: int, row: Sequence[Cell], font: Any, *, fill: bool = False, widths: dict[int, int] | None
) -> None:
    from openpyxl.styles import Alignment, PatternFill

    for column, cell in enumerate(row, 1):
        value = guarded(cell)
        if isinstance(value, str):
            value = _ESCAPE.sub("_x005F_", value)
        at = sheet.cell(line, column, value)
        if isinstance(value, str):
            at.data_type = "s"  # the library makes a formula of "=…"
            at.alignment = Alignment(
                wrap_text=widths is not None and (len(value) > WIDEST or "\n" in value), vertical="top"
            )
        at.font = font
        if fill:
            at.fill = PatternFill("solid", fgColor="E8EEF4")
        if widths is not None:
            wide = sum(2 if ord(character) > 0x2E80 else 1 for character in str(value or ""))
            widths[column] = max(widths.get(column, 8), wide)
