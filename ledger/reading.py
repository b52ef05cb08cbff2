"""Reads one workbook or table of text in a process of its own, which `ledger/workbook.py` starts.

What a file is, its first bytes say. Cells come as they stand: texts, numbers, truth values, and instants as
`{"at": …}`; an empty cell is an empty text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from domain.errors import Fault, Invalid
from geo.corner_points import is_corner_text
from geo.encodings import UTF_8, decoded_text, encoding_of, known_codec, name_of
from geo.reading_process import Json, answer_request, plain_fault
from ledger.open_xml import MOST_COLUMNS, SheetScan, scan_package

ZIP, COMPOUND = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
#: Streams of an encrypted XLSX in its compound file. Source: MS-OFFCRYPTO §2.3.4.
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
MARKS = {b"\xef\xbb\xbf": UTF_8, b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
DELIMITERS = ",\t;|"
#: What CSV writers, ours too, put before a text that a spreadsheet program would work out, wherever a cell may begin.
_GUARD = re.compile(r"(^|[;\t]\s*)'(?=\s*[=+\-@;\t\r＝＋－＠；])")
#: Records by which the delimiter is chosen.
SAMPLE = 50
Rows = Sequence[Sequence[Any]]


def _answer(request: Json) -> Json:
    path = Path(request["path"])
    with path.open("rb") as source:
        head = source.read(8)
    if head.startswith(ZIP):
        scans = scan_package(path, unpacked_bytes=request["limits"]["unpacked_bytes"], name=request["name"])
        return _workbook(request, scans)
    if head == COMPOUND:
        if ENCRYPTED in path.read_bytes():
            raise Invalid("workbook_encrypted", "file", file=request["name"])
        return _workbook(request, {})
    return _text_table(request, path.read_bytes())


# Workbooks


def _workbook(request: Json, scans: dict[str, SheetScan] | Any) -> Json:
    import python_calamine

    name, limits = request["name"], request["limits"]
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(request["path"])
        visible = python_calamine.SheetVisibleEnum.Visible
        tables = [sheet for sheet in workbook.sheets_metadata if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet]
        chosen = [sheet.name for sheet in tables if _is_chosen(sheet.name, request["sheets"], sheet.visible == visible)]
        if len(chosen) > limits["sheets"]:
            raise Invalid("workbook_sheets", "file", file=name, most=limits["sheets"])
        left, sheets = limits["cells"], []
        for sheet_name in chosen:
            sheet = workbook.get_sheet_by_name(sheet_name)
            last_row, last_column = sheet.end or (-1, -1)
            if last_column >= MOST_COLUMNS:
                raise Invalid("workbook_wide", "file", file=name, sheet=sheet_name, most=MOST_COLUMNS)
            left -= (last_row + 1) * (last_column + 1)
            if left < 0:
                raise Invalid("workbook_cells", "file", file=name, most=limits["cells"])
            rows = sheet.to_python(skip_empty_area=False)
            sheets.append(_sheet(sheet_name, rows, sheet.merged_cell_ranges or [], scans.get(sheet_name)))
    except python_calamine.PasswordError as fault:
        raise Invalid("workbook_encrypted", "file", file=name) from fault
    except (python_calamine.CalamineError, ValueError) as fault:
        raise Invalid("workbook_unreadable", "file", file=name) from fault
    hidden = [sheet.name for sheet in tables if sheet.name not in chosen]
    notes = [plain_fault(Fault("sheets_hidden", "", {"sheets": hidden}))] if hidden else []
    return {"sheets": sheets, "notes": notes}


def _is_chosen(name: str, sheets: list[str] | None, is_visible: bool) -> bool:
    return is_visible if sheets is None else name in sheets


def _sheet(name: str, rows: Rows, merged: Sequence[Any], scan: SheetScan | None) -> Json:
    height, width = len(rows), len(rows[0]) if rows else 0
    ranges = [
        (top, left, min(bottom, height - 1), min(right, width - 1))
        for (top, left), (bottom, right) in merged
        if top < height and left < width
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    room = height * width
    for top, left, bottom, right in ranges:
        room -= (bottom - top + 1) * (right - left + 1)
        if room < 0:  # ranges that overlap: no spreadsheet program makes them
            raise ValueError(name)
        for column in columns[left : right + 1]:
            column[top : bottom + 1] = [columns[left][top]] * (bottom - top + 1)
    return {
        "name": name,
        "columns": columns,
        "merged": ranges,
        "faults": [] if scan is None else [fault for fault in scan.faults if fault[0] < height and fault[1] < width],
        "hidden_rows": 0 if scan is None else scan.hidden_rows,
        "print_setup": None if scan is None or scan.print_setup is None else asdict(scan.print_setup),
    }


def _as_json(value: Any) -> Any:
    """An instant or a day; a time of the day or a span of time is a text."""
    return {"at": value.isoformat()} if isinstance(value, date) else str(value)


# Texts


def _text_table(request: Json, raw: bytes) -> Json:
    text, notes = _decoded(request, raw)
    if text.lstrip()[:1] == "<":
        raise Invalid("workbook_markup", "file", file=request["name"])
    if is_corner_text(text):
        return {"corner_text": text, "sheets": [], "notes": notes}
    try:
        rows = [[_unquoted(cell) for cell in row] for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text))]
    except csv.Error as fault:
        raise Invalid("workbook_unreadable", "file", file=request["name"]) from fault
    width = max(map(len, rows), default=0)
    if width > MOST_COLUMNS:
        raise Invalid("workbook_wide", "file", file=request["name"], sheet="-", most=MOST_COLUMNS)
    if len(rows) * width > request["limits"]["cells"]:
        raise Invalid("workbook_cells", "file", file=request["name"], most=request["limits"]["cells"])
    rows = [row + [""] * (width - len(row)) for row in rows]
    return {"sheets": [_sheet(request["name"], rows, [], None)], "notes": notes}


def _decoded(request: Json, raw: bytes) -> tuple[str, list[Json]]:
    name, requested = request["name"], request["encoding"]
    mark = next((mark for mark in MARKS if raw.startswith(mark)), b"")
    codec = MARKS.get(mark) or _utf_16(raw)
    if requested is not None:
        codec = known_codec(requested)
        if codec is not None and not codec.startswith("utf-16"):
            codec = None
    raw = raw.removeprefix(mark)
    if codec is None:
        codec = encoding_of([raw], declared=None, requested=requested, file=name).codec
    try:
        text = decoded_text(raw, codec)
    except UnicodeDecodeError as fault:
        raise Invalid("encoding_wrong", "encoding", encoding=name_of(codec), file=name) from fault
    if "\0" in text:
        raise Invalid("workbook_unreadable", "file", file=name)
    is_worth_telling = not raw.isascii() or codec.startswith("utf-16")
    return text, [plain_fault(Fault("encoding_read", "", {"encoding": name_of(codec)}))] if is_worth_telling else []


def _utf_16(raw: bytes) -> str | None:
    """UTF-16 without a mark: its delimiters and ends of lines hold a zero byte each, always on the same side."""
    even, odd = raw[:4096:2].count(0), raw[1:4096:2].count(0)
    if even == odd == 0:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _unquoted(cell: str) -> str:
    """A cell as its writer meant it: `="007"` keeps its zeros from a spreadsheet program, `'=` begins no formula."""
    if len(cell) > 2 and cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1]
    return _GUARD.sub(r"\1", cell) if "'" in cell else cell


def _delimiter(text: str) -> str:
    """The one by which most of the first records have the same number of cells, more than one."""

    def score(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter)
        widths = [len(row) for _, row in zip(range(SAMPLE), reader, strict=False) if row]
        usual = max((width for width in widths if width > 1), key=widths.count, default=1)
        return (widths.count(usual), usual) if usual > 1 else (0, 0)

    return max(DELIMITERS, key=score)


if __name__ == "__main__":
    answer_request(_answer, default=_as_json)
