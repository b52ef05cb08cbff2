"""A ledger given back with what is wrong in it: the cells as they were, the faulty ones marked, and a column of issues.

What is mended in it can be brought in again: the column of issues is taken for the next one's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal

from domain.text import sheet_name
from ledger.print_setup import PrintSetup
from ledger.sheet import NARROWEST, WIDEST, characters
from ledger.writing import (
    DAY,
    FILLED,
    GENERAL,
    HEAD,
    INSTANT,
    LONG,
    TEXT,
    Prompt,
    SheetColumn,
    Value,
    WorkbookWriter,
    cell_xml,
    row_xml,
)
from texts.lookup import Language, languages, tables

Severity = Literal["error", "warning", "note"]
#: Fills of a cell by the worst that is said of it, the worst last.
FILLS: Final[Mapping[Severity, int]] = {"note": 0, "warning": FILLED, "error": 2 * FILLED}
#: Cells of a sheet that show their message when they are chosen; all stand in the column of issues.
MOST_PROMPTS = 1_000
#: Rows by which the width of a column is measured.
MEASURED = 200
ISSUES_WIDTH = 60


@dataclass(frozen=True)
class SheetRows:
    """A sheet as it was read; its head is the line `head`, from 1; `print_setup`: None where nobody set it."""

    name: str
    rows: Sequence[Sequence[Value]]
    head: int = 1
    print_setup: PrintSetup | None = None


@dataclass(frozen=True)
class RowIssue:
    """What is said of a line of a sheet, from 1, or of its cell in a column, from 0."""

    sheet: str
    line: int
    column: int | None
    severity: Severity
    message: str


def with_issues(sheets: Sequence[SheetRows], issues: Sequence[RowIssue], language: Language) -> bytes:
    """The workbook. Raises: ValueError for an issue of no sheet or line."""
    sizes = {sheet.name: len(sheet.rows) for sheet in sheets}
    if strays := [issue for issue in issues if not 1 <= issue.line <= sizes.get(issue.sheet, 0)]:
        raise ValueError(f"no line of a sheet: {strays[0]}")
    workbook = WorkbookWriter()
    taken: list[str] = []
    for sheet in sheets:
        taken.append(sheet_name(sheet.name, taken))
        _write(workbook, taken[-1], sheet, [issue for issue in issues if issue.sheet == sheet.name], language)
    workbook.end()
    return workbook.take()


def _write(
    workbook: WorkbookWriter, name: str, sheet: SheetRows, issues: Sequence[RowIssue], language: Language
) -> None:
    width = _width(sheet)
    by_line: dict[int, list[RowIssue]] = {}
    for issue in issues:
        by_line.setdefault(issue.line, []).append(issue)
    columns = [*_columns(sheet, width), SheetColumn(ISSUES_WIDTH)]
    workbook.begin_sheet(name, columns, head=sheet.head, print_setup=_printed(sheet.print_setup, width))
    say = tables("ledger", language)["issue"]
    for line, row in enumerate(sheet.rows, 1):
        about, is_head = by_line.get(line, []), line == sheet.head
        cells = [cell_xml(value, _style(value, is_head) + _fill(about, n)) for n, value in enumerate(row[:width])]
        cells += [b""] * (width - len(cells))
        messages = [say["title"]] if is_head else []
        messages += [f"{say[issue.severity]}{issue.message}" for issue in about]
        worst = max((FILLS[issue.severity] for issue in about), default=0)
        cells.append(cell_xml("\n".join(messages), (HEAD if is_head else LONG) + worst))
        lines = sum(-(-characters(message) // ISSUES_WIDTH) for message in messages)
        workbook.add_rows([row_xml(line, workbook.letters, cells, lines=lines)])
    workbook.end_sheet(_prompts(issues, say["title"]))


def _printed(setup: PrintSetup | None, issues_column: int) -> PrintSetup | None:
    """As its maker had it printed, the issues with it."""
    if setup is None or setup.area is None:
        return setup
    top, left, bottom, right = setup.area
    return replace(setup, area=(top, left, bottom, max(right, issues_column)))


def _prompts(issues: Sequence[RowIssue], title: str) -> list[Prompt]:
    """What is said at each faulty cell: one prompt a cell, as a workbook may not have two."""
    messages: dict[tuple[int, int], list[str]] = {}
    for issue in issues:
        if issue.column is not None:
            messages.setdefault((issue.line - 1, issue.column), []).append(issue.message)
    places = list(messages)[:MOST_PROMPTS]
    return [Prompt(*place, title, "\n".join(messages[place])) for place in places]


def _width(sheet: SheetRows) -> int:
    """The columns of a sheet without the issues that an earlier reading of it left."""
    width = max((len(row) for row in sheet.rows), default=0)
    head = sheet.rows[sheet.head - 1] if len(sheet.rows) >= sheet.head else []
    titles = {tables("ledger", language)["issue"]["title"] for language in languages()}
    has_issues = len(head) == width and str(head[-1] if head else "").partition("\n")[0] in titles
    return width - 1 if has_issues else width


def _columns(sheet: SheetRows, width: int) -> list[SheetColumn]:
    measured = sheet.rows[sheet.head - 1 : MEASURED]
    cells = [[row[n] for row in measured if n < len(row) and row[n] is not None] for n in range(width)]
    widths = [max([NARROWEST, *(characters(str(value)) for value in column)]) for column in cells]
    return [SheetColumn(min(WIDEST, width + 2)) for width in widths]


def _style(value: Value, is_head: bool) -> int:
    if isinstance(value, str):
        return HEAD if is_head else TEXT
    return INSTANT if isinstance(value, datetime) else DAY if isinstance(value, date) else GENERAL


def _fill(issues: Sequence[RowIssue], column: int) -> int:
    return max((FILLS[issue.severity] for issue in issues if issue.column == column), default=0)
