"""A workbook, a table of text or a survey file as sheets of columns, whatever kind of file it is.

A file may be anybody's: another process (`ledger/reading.py`) reads a copy of it within limits. Hidden rows are read
like all others, as a filter hides what is as true as the rest; hidden sheets are left out, and named.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from domain.errors import Fault, Invalid
from geo.files import READERS, Survey, read_survey
from geo.reading_process import ReadingLimits, copied_parts, process_answer
from ledger.print_setup import PrintSetup, setup_from

#: What a cell may hold; an empty text: nothing.
Cell = str | float | int | bool | date | datetime | dict[str, Any] | list[Any] | None
#: Top, left, bottom, right, from 0, all included.
Range = tuple[int, int, int, int]
EMPTY = ("", None)


@dataclass(frozen=True)
class WorkbookLimits(ReadingLimits):
    """What reading one workbook may take: 100,000 units of 40 columns, in a few sheets."""

    file_bytes: int = 64 << 20
    unpacked_bytes: int = 768 << 20
    sheets: int = 100
    cells: int = 5_000_000


@dataclass(frozen=True)
class Sheet:
    """One sheet, merged cells filled over their range.

    Shapes: `columns` are equally long; row 0 is line `first_line`. `faults` are by row and column, of cells whose value
    is not known; `row_faults` and `outlines` by row, of the features of a survey file. `print_setup`: how its maker had
    it printed; None where nobody said.
    """

    name: str
    columns: Sequence[Sequence[Cell]]
    merged: Sequence[Range] = ()
    faults: Mapping[tuple[int, int], Fault] = field(default_factory=dict)
    row_faults: Mapping[int, tuple[Fault, ...]] = field(default_factory=dict)
    outlines: Sequence[Any] | None = None
    first_line: int = 1
    print_setup: PrintSetup | None = None


@dataclass(frozen=True)
class Workbook:
    """What a file holds; `corner_text` is a file of corner points. `key` is of all that decides what is read."""

    name: str
    sheets: tuple[Sheet, ...]
    notes: tuple[Fault, ...]
    key: str
    corner_text: str | None = None


def read_workbook(
    path: Path,
    *,
    sheets: Sequence[str] | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    layer: str | None = None,
    limits: WorkbookLimits = WorkbookLimits(),
) -> Workbook:
    """The sheets of a file. `sheets`: those to read, hidden ones too; else all that can be seen.

    Raises: Invalid naming `file`, `sheets`, `encoding`, `crs` or `layer`, whichever has to be another.
    """
    name = path.name[:200]
    if path.suffix.lower() in READERS:
        return _survey(name, read_survey(path, crs=crs, layer=layer, encoding=encoding))
    if not path.exists():
        raise Invalid("no_such_file", "file", file=name)
    if not path.is_file():
        raise Invalid("file_is_folder", "file", file=name)
    options = {"sheets": None if sheets is None else list(sheets), "encoding": encoding}
    with tempfile.TemporaryDirectory(prefix="panhuo-ledger-") as folder:
        copy = Path(folder) / "ledger"
        key = copied_parts([(path, copy)], limits, name)
        request = {"path": str(copy), "name": name, **options, "limits": asdict(limits)}
        answer = process_answer("ledger.reading", request, folder, limits, object_hook=_instant)
    missing = sorted(set(sheets or ()) - {sheet["name"] for sheet in answer["sheets"]})
    if missing:
        raise Invalid("sheet_unknown", "sheets", sheets=missing)
    return Workbook(
        name,
        tuple(_sheet(sheet) for sheet in answer["sheets"]),
        tuple(Fault(**note) for note in answer["notes"]) + tuple(_hidden_rows(answer["sheets"])),
        hashlib.sha256(json.dumps([key, options]).encode()).hexdigest(),
        answer.get("corner_text"),
    )


def _instant(value: dict[str, Any]) -> Any:
    return datetime.fromisoformat(value["at"]) if value.keys() == {"at"} else value


def _sheet(answer: Mapping[str, Any]) -> Sheet:
    faults = {(row, column): Fault(code, "", {"error": text}) for row, column, code, text in answer["faults"]}
    merged = [tuple(merged) for merged in answer["merged"]]
    return Sheet(answer["name"], answer["columns"], merged, faults, print_setup=setup_from(answer["print_setup"]))


def _hidden_rows(sheets: Sequence[Mapping[str, Any]]) -> list[Fault]:
    return [
        Fault("rows_hidden", "", {"sheet": sheet["name"], "count": sheet["hidden_rows"]})
        for sheet in sheets
        if sheet["hidden_rows"]
    ]


def _survey(name: str, survey: Survey) -> Workbook:
    """A survey file as one sheet: names of its attributes in row 0, a feature a row."""
    properties = [_flat(feature["properties"]) for feature in survey.features]
    headings = list(dict.fromkeys(heading for facts in properties for heading in facts))
    columns = [[heading, *(facts.get(heading, "") for facts in properties)] for heading in headings]
    outlines = [None, *(feature["geometry"] for feature in survey.features)]
    sheet = Sheet(name, columns, row_faults=survey.row_faults, outlines=outlines, first_line=0)
    return Workbook(name, (sheet,), survey.notes, survey.key)


def _flat(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Members of objects, as of `attributes`, beside the others."""
    flat: dict[str, Any] = {}
    for name, value in properties.items():
        flat |= value if isinstance(value, dict) else {name: value}
    return flat
