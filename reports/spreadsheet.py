"""A paper as CSV or XLSX. A text that a spreadsheet would take for a formula is made a plain one.

Nothing in a workbook computes: totals are values, those of the paper, and a reader that does not calculate shows them.

Source: OWASP ASVS 1.2.10 (CSV injection): texts beginning with = + - @ ; tab or return, also in full width, get a `'`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from domain.text import in_workbook, sheet_name, without_controls
from reports.paper import Cell, Growth, KnownDay, Paper, Part, Share
from reports.words import ReportWords

#: Also behind blanks, which some spreadsheets strip.
_FORMULA = re.compile(r"\s*[=+\-@;\t\r＝＋－＠；]")
#: Where the list separator is a semicolon, a cell ends at one, and what stands behind it begins another.
_NEXT_CELL = re.compile(r"([;\t]\s*)(?=[=+\-@＝＋－＠])")
#: By it spreadsheets know that a CSV is UTF-8.
BOM = b"\xef\xbb\xbf"
#: Characters of a line, above which a cell is wrapped: in a sheet of many columns, and of few; the same of a heading.
WIDEST, WIDEST_OF_FEW, FEW, WIDEST_HEAD = 36, 90, 3, 14
#: Characters that a line over the whole table has at least.
LEAST_LINE = 80
#: Columns that an upright page holds, and a page of A4.
NARROW, MOST_ON_A4 = 7, 12
#: The size of the letters, and how high a line of them and of a title is, in points.
NORMAL_PT, LINE_PT, TITLE_PT = 10, 15, 21
#: What a column has room for at least, in characters.
NARROWEST = 8
#: On every machine of an office; another with Chinese takes its place elsewhere.
FONT = "Microsoft YaHei"


def guarded(value: Cell) -> Any:
    """A cell that computes nothing: numbers as numbers, texts as texts."""
    if isinstance(value, str):
        value = without_controls(value)
        return f"'{value}" if _FORMULA.match(value) else value
    return value


def csv_of(paper: Paper) -> bytes:
    """RFC 4180, in UTF-8 with the mark by which spreadsheets know it.

    A paper of one table is its head and rows alone; of more, every part below the other, with headings and totals.
    """
    parts = [part for part in paper.parts if part.kind != "signatures"]
    text = io.StringIO()
    writer = csv.writer(text)
    if len(parts) == 1 and parts[0].columns:
        table = [parts[0].columns, *parts[0].rows]
        writer.writerows([_plain(paper, cell) for cell in row] for row in table)
        return BOM + text.getvalue().encode()
    writer.writerows([[guarded(paper.title)], [guarded(_subtitle(paper))]])
    for part in parts:
        writer.writerows([[], [guarded(part.heading)]])
        writer.writerows([_plain(paper, cell) for cell in row] for row in _rows(part))
    return BOM + text.getvalue().encode()


def _subtitle(paper: Paper) -> str:
    return " · ".join(text for text in (paper.issuer, paper.subtitle) if text)


def _rows(part: Part) -> list[Sequence[Cell]]:
    return [row for row in (part.columns, *part.rows, part.total) if row]


def _plain(paper: Paper, cell: Cell) -> Any:
    """A cell of a paper's CSV; what only a paper knows how to show, as it shows it."""
    return plain(paper.shown(cell) if isinstance(cell, Share | KnownDay) else cell)


def plain(value: Cell) -> Any:
    """A cell of a CSV that computes nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _NEXT_CELL.sub(r"\1'", guarded(value))
    return format(value, "f") if isinstance(value, Decimal) else value


def xlsx_of(paper: Paper) -> bytes:
    """A sheet for each table, whose head is frozen, filtered and printed on every page; what is no table comes first.

    A paper with one table is one sheet.
    """
    from openpyxl import Workbook  # loaded by a process that makes sheets, and by no other

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    tables = [part for part in paper.parts if part.columns]
    others = [part for part in paper.parts if not part.columns]
    if len(tables) == 1:
        _Sheet(workbook, paper.title, paper).put([*tables, *others])
    else:
        cover = _Sheet(workbook, paper.title, paper)
        sheets = [_Sheet(workbook, part.heading, paper) for part in tables]
        cover.put(others, listed=[sheet.sheet.title for sheet in sheets])
        for sheet, part in zip(sheets, tables, strict=True):
            sheet.put([part])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


class _Sheet:
    """A sheet being written, line by line below the head of its paper."""

    def __init__(self, workbook: Any, title: str, paper: Paper) -> None:
        self.sheet: Any = workbook.create_sheet(sheet_name(title, workbook.sheetnames))
        self._paper, self._line = paper, 0
        self._widths: dict[int, int] = {}
        self._widest = WIDEST
        #: The texts that run over all columns, by line; and those that are wrapped in one.
        self._lines: dict[int, str] = {}
        self._wrapped: dict[int, dict[int, str]] = {}
        self._say(paper.title, bold=True, size=14)
        self._say(_subtitle(paper), color="666666")
        if paper.flag:
            self._say(paper.flag, color="B45309")

    def put(self, parts: Sequence[Part], listed: Sequence[str] = ()) -> None:
        """Parts one below the other; `listed`: sheets to go to."""
        columns = max((len(row) for part in parts for row in (part.columns, *part.rows)), default=0)
        self._widest = WIDEST if columns > FEW else WIDEST_OF_FEW
        for part in parts:
            if part.heading:
                self._line += 1
                self._say(part.heading, bold=True, size=12)
            if part.columns:
                self._put_table(part)
            elif part.kind == "lines":
                for row in part.rows:
                    self._say(self._paper.shown(row[0]))
            else:
                for row in part.rows:
                    self._add(row, is_pair=True)
            if part.note:
                self._say(part.note, italic=True, color="666666")
            self._line += 1
        if listed:
            self._list_sheets(listed)
        self._say(self._paper.foot, color="666666")
        for part in parts:
            for column in part.drawn:
                self._draw(part, column)
        self._set_up_page(columns)

    def _put_table(self, part: Part) -> None:
        from openpyxl.utils import get_column_letter

        self._add(part.columns, is_head=True, bold=True)
        self._head = head = self._line
        for column in range(1, len(part.columns) + 1):
            if any(_is_number(cell) for row in part.rows for cell in row[column - 1 : column]):
                self._set_right(head, column)
        for row in part.rows:
            self._add(row)
        self.sheet.freeze_panes = f"A{head + 1}"
        self.sheet.auto_filter.ref = f"A{head}:{get_column_letter(len(part.columns))}{self._line}"
        self.sheet.print_title_rows = f"{head}:{head}"
        if part.total:
            self._add(part.total, is_total=True, bold=True)

    def _set_right(self, line: int, column: int) -> None:
        from openpyxl.styles import Alignment

        self.sheet.cell(line, column).alignment = Alignment(
            horizontal="right", vertical="center", wrap_text=True, indent=1
        )

    def _list_sheets(self, names: Sequence[str]) -> None:
        """The other sheets by name, each a way to it."""
        from openpyxl.worksheet.hyperlink import Hyperlink

        self._line += 1
        self._say(ReportWords(self._paper.language)("sheets"), bold=True, size=12)
        for name in names:
            self._say(name, color="1D5C8F", underline="single")
            cell = self.sheet.cell(self._line, 1)
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{name}'!A1")
        self._line += 1

    def _draw(self, part: Part, column: int) -> None:
        """Bars of a column of numbers over the first, below the table: as wide as a page, and no filter hides them."""
        from openpyxl.chart import BarChart, Reference

        chart = BarChart()
        head, last = self._head, self._head + len(part.rows)
        chart.add_data(Reference(self.sheet, min_col=column + 1, min_row=head, max_row=last), titles_from_data=True)
        chart.set_categories(Reference(self.sheet, min_col=1, min_row=head + 1, max_row=last))
        chart.title = part.columns[column]
        chart.legend = None
        chart.x_axis.delete = chart.y_axis.delete = False
        chart.width, chart.height = 16, 7.5
        self.sheet.add_chart(chart, f"A{self._line + 2}")
        self._line += 16

    def _set_up_page(self, columns: int) -> None:
        from openpyxl.utils import get_column_letter

        for column, width in self._widths.items():
            self.sheet.column_dimensions[get_column_letter(column)].width = min(self._widest, width + 2)
        self._set_heights(max(columns, 1))
        page = self.sheet.page_setup
        page.paperSize = self.sheet.PAPERSIZE_A3 if columns > MOST_ON_A4 else self.sheet.PAPERSIZE_A4
        page.orientation = "landscape" if columns > NARROW else "portrait"
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True
        page.fitToWidth, page.fitToHeight = 1, 0
        self.sheet.oddFooter.center.text = "&P / &N"

    def _width(self, first: int, last: int) -> int:
        return sum(min(self._widest, self._widths.get(column, NARROWEST) + 2) for column in range(first, last + 1))

    def _set_heights(self, columns: int) -> None:
        """Rows as high as their wrapped texts: not every program that opens a workbook measures them."""
        from openpyxl.styles import Alignment

        span = columns
        while self._width(1, span) < LEAST_LINE:
            span += 1
        for line, text in self._lines.items():
            cell = self.sheet.cell(line, 1)
            height = TITLE_PT if cell.font.size > NORMAL_PT else LINE_PT
            if _wide(text) > self._width(1, columns):
                self.sheet.merge_cells(start_row=line, end_row=line, start_column=1, end_column=span)
                cell.alignment = Alignment(wrap_text=True, vertical="top")
            self.sheet.row_dimensions[line].height = height * _lines_of(text, self._width(1, span))
        for line, texts in self._wrapped.items():
            lines = max(_lines_of(text, self._width(column, column)) for column, text in texts.items())
            self.sheet.row_dimensions[line].height = LINE_PT * lines

    def _say(self, text: str, **font: Any) -> None:
        """A line that runs over all columns, wrapped where it is longer."""
        self._line += 1
        self._lines[self._line] = str(self._write(self._line, 1, text, **font).value or "")

    def _add(
        self,
        row: Sequence[Cell],
        *,
        is_head: bool = False,
        is_total: bool = False,
        is_pair: bool = False,
        **font: Any,
    ) -> None:
        """A row below the last; its columns become as wide as what they hold. In a pair all stands on the left."""
        from openpyxl.styles import Alignment, Border, PatternFill, Side

        self._line += 1
        for column, cell in enumerate(row, 1):
            at, wide = self._write(self._line, column, cell, **font), self._width_of(cell)
            most = WIDEST_HEAD if is_head else self._widest
            is_right = _is_number(cell) and not is_pair
            is_long = isinstance(cell, str) and (wide > most or "\n" in cell)
            at.alignment = Alignment(
                horizontal="right" if is_right else "left",
                vertical="center" if is_head else "top",
                wrap_text=is_long,
                indent=int(is_right),
            )
            if is_long:
                self._wrapped.setdefault(self._line, {})[column] = str(cell)
            if is_head:
                at.fill = PatternFill("solid", fgColor="E8EEF4")
            if is_total:
                at.border = Border(top=Side(style="thin"))
            self._widths[column] = max(self._widths.get(column, NARROWEST), min(wide, most) + int(is_right))

    def _write(self, line: int, column: int, cell: Cell, **font: Any) -> Any:
        from openpyxl.styles import Font

        value, form = _stored(cell)
        at = self.sheet.cell(line, column, value)
        at.font = Font(name=FONT, **{"size": NORMAL_PT, **font})
        if isinstance(value, str):
            at.data_type = "s"  # the library makes a formula of "=…"
        else:
            at.number_format = form
        return at

    def _width_of(self, cell: Cell) -> int:
        shown = "" if cell is None else self._paper.shown(cell)
        return max(_wide(line) for line in shown.split("\n"))


def _is_number(cell: Cell) -> bool:
    return cell is not None and not isinstance(cell, str | KnownDay)


def _lines_of(text: str, width: int) -> int:
    """The lines of a text that is wrapped in that many characters, of which words leave some free."""
    return sum(max(1, -(-_wide(line) // (width - 2))) for line in text.split("\n"))


def _wide(line: str) -> int:
    """The characters of a line, those of Chinese twice as wide."""
    return sum(2 if ord(character) > 0x2E80 else 1 for character in line)


def _stored(cell: Cell) -> tuple[Any, str]:
    """A cell as a workbook keeps it, and the format it is read in: days as days, shares as percent."""
    match cell:
        case str():
            return in_workbook(guarded(cell)) or None, "@"
        case KnownDay():
            return cell.on, {"year": "yyyy", "month": "yyyy-mm"}.get(cell.precision, "yyyy-mm-dd")
        case Growth():
            return Decimal(cell), '"↑"0.0%;"↓"0.0%;0.0%'
        case Share():
            return round(Decimal(cell), 4), "0.0%"
        case Decimal():
            places = max(0, -int(cell.as_tuple().exponent))
            return cell, "#,##0" + ("." + "0" * places if places else "")
    return cell, "General" if isinstance(cell, float) else "#,##0"
