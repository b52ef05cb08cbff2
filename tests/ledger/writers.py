"""Files of ledgers for the tests, sound and broken ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlwt

from ledger.assembly import NO_MAPPING, read_ledger
from ledger.mapping import LedgerMapping
from ledger.rows import Ledger, LedgerRow
from ledger.workbook import Sheet, Workbook

Rows = Sequence[Sequence[Any]]
SHEET = "xl/worksheets/sheet1.xml"


def xlsx(path: Path, sheets: Mapping[str, Rows], *, merged: Sequence[str] = ()) -> Path:
    """A workbook; `merged` are ranges of its first sheet."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for cells in merged:
        workbook.worksheets[0].merge_cells(cells)
    workbook.save(path)
    return path


def xls(path: Path, rows: Rows) -> Path:
    workbook = xlwt.Workbook(encoding="utf-8")
    sheet = workbook.add_sheet("台账")
    for n, row in enumerate(rows):
        for m, value in enumerate(row):
            if value is not None:
                sheet.write(n, m, value)
    workbook.save(str(path))
    return path


def changed(
    path: Path,
    change: Callable[[bytes], bytes],
    *,
    part: str = SHEET,
    more: Mapping[str, bytes] | None = None,
) -> Path:
    """The workbook with one of its parts changed, and more parts beside."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in {**parts, **(more or {})}.items():
            package.writestr(name, content)
    return path


def workbook_of(rows: Rows, *, name: str = "台账") -> Workbook:
    """Rows as they come from the reading process, without it: for tests of what follows."""
    width = max(map(len, rows))
    whole = [[*("" if cell is None else cell for cell in row), *[""] * (width - len(row))] for row in rows]
    return Workbook(f"{name}.xlsx", (Sheet(name, [list(column) for column in zip(*whole, strict=True)]),), (), "-")


def ledger_of(rows: Rows, mapping: LedgerMapping = NO_MAPPING) -> Ledger:
    return read_ledger(workbook_of(rows), mapping)


def row_of(headings: Sequence[str], cells: Sequence[Any], mapping: LedgerMapping = NO_MAPPING) -> LedgerRow:
    """The one unit of a ledger of one row."""
    (row,) = ledger_of([headings, cells], mapping).rows
    return row


def errors(row: LedgerRow) -> list[tuple[str, str]]:
    """Code and field of each error of a row."""
    return [(issue.fault.code, issue.fault.field) for issue in row.issues if issue.severity == "error"]
