"""Workbooks that are sent as they are written: sheets come row by row, what names them comes last.

Nobody seeks in the package, so that a workbook of any length takes the room of the rows in hand. Texts are texts: none
computes, whatever it begins with. Sheets that grow too long for a spreadsheet program go on in another.
Source: ECMA-376 part 1 §18.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from domain.text import in_workbook
from ledger.print_setup import MOST_ROWS, PrintSetup, pages_wide

Value = bytes | str | bool | int | float | Decimal | date | datetime | None
#: Styles of cells, by their place in `_STYLES`: with a fill, FILLED further for a warning and twice that for an error.
GENERAL, TEXT, DAY, INSTANT, HEAD, LONG = range(6)
FILLED: Final = 6
#: Characters of a cell. Source: the limits of Excel; of bytes: readers that count in 31 bits.
MOST_CHARACTERS, MOST_BYTES = 32_767, 1 << 30
#: Height of a line and of the highest row, points. Source of the latter: the limits of Excel.
LINE_PT, HIGHEST_PT = 15, 409
#: Deflated at this level a package is a seventh longer than at the usual one, in a third of the time.
LEVEL: Final = 1
#: The day before which spreadsheet programs count days differently, and what they count from.
FIRST_DAY, DAY_0 = date(1900, 3, 1).toordinal(), date(1899, 12, 30).toordinal()
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FORMATS: Final = ((0, ""), (49, ""), (164, ""), (165, ""), (49, ' fontId="1" applyFont="1"'), (49, ""))
_HIDDEN: Final = ' hidden="1"'
_WRAPPED: Final = ' wrapText="1"'
#: Stands for the number of the row in a cell: a character that XML cannot hold.
ROW_NUMBER: Final = b"\0"
#: Texts that XML holds as they are, as most are.
_PLAIN: Final = re.compile(r"[-.:0-9A-Za-z\u4e00-\u9fff]+(?: [-.:0-9A-Za-z\u4e00-\u9fff]+)*")
_PLAIN_TEXT: Final = b' s="%d" t="inlineStr"><is><t>%b</t></is></c>'
_SPACE: Final = re.compile(r"^\s|\s$|[\n\t]|  ")


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: how wide it is in characters, what stands above it, the style of its cells."""

    width: float
    title: str = ""
    style: int = TEXT
    is_hidden: bool = False


@dataclass(frozen=True)
class Prompt:
    """What is shown at a cell that is chosen: row and column from 0."""

    row: int
    column: int
    title: str
    text: str


@dataclass(frozen=True)
class _Sheet:
    """A sheet of the workbook: its head from 1, its columns, its rows once it has ended, which of its name it is."""

    name: str
    head: int
    columns: int
    print_setup: PrintSetup
    rows: int = 0
    nth: int = 1

    @property
    def last(self) -> str:
        """The place of its last cell."""
        return f"{letters(max(self.columns, 1) - 1)}{max(self.rows, self.head)}"


@dataclass
class _Buffer:
    """What the package writer wrote and nobody took yet; it can neither seek nor tell."""

    parts: list[bytes] = field(default_factory=list)

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing was opened."""

    def take(self) -> bytes:
        data = b"".join(self.parts)
        self.parts.clear()
        return data


class WorkbookWriter:
    """A workbook being written; `take` gives the bytes that are ready to be sent."""

    def __init__(self) -> None:
        self._buffer = _Buffer()
        self._package = ZipFile(self._buffer, "w", ZIP_DEFLATED, compresslevel=LEVEL)
        self._sheets: list[_Sheet] = []
        self._part: IO[bytes] | None = None
        self._columns: Sequence[SheetColumn] = ()
        self._rows = self._bytes = 0
        self.letters: list[bytes] = []

    @property
    def next_row(self) -> int:
        """The number of the row that comes next, from 1."""
        return self._rows + 1

    def begin_sheet(
        self, name: str, columns: Sequence[SheetColumn], *, head: int = 1, print_setup: PrintSetup | None = None
    ) -> None:
        """A sheet, whose head is frozen, filtered and printed on every page: the line `head`, from 1.

        Where columns have titles these are written as the first line. It is printed as wide as can be read unless it is
        said how.
        """
        self._columns = columns
        wide = pages_wide(column.width for column in columns if not column.is_hidden)
        self._open(_Sheet(name, head, len(columns), print_setup or PrintSetup((wide, 0))))

    def _open(self, sheet: _Sheet) -> None:
        self._sheets.append(sheet)
        self._part = self._package.open(f"xl/worksheets/sheet{len(self._sheets)}.xml", "w")
        self._rows = self._bytes = 0
        self.letters = [letters(n).encode() for n in range(len(self._columns))]
        pane = f'<pane ySplit="{sheet.head}" topLeftCell="A{sheet.head + 1}" activePane="bottomLeft" state="frozen"/>'
        is_first = ' tabSelected="1"' if len(self._sheets) == 1 else ""
        columns = "".join(
            f'<col min="{n}" max="{n}" width="{column.width:g}" style="{column.style}" customWidth="1"'
            f"{_HIDDEN if column.is_hidden else ''}/>"
            for n, column in enumerate(self._columns, 1)
        )
        self._write(
            f'{_XML}<worksheet xmlns="{_MAIN}">{sheet.print_setup.properties_xml}<sheetViews>'
            f'<sheetView workbookViewId="0"{is_first}>{pane}</sheetView></sheetViews>'
            '<sheetFormatPr defaultRowHeight="15"/>'
            f"{f'<cols>{columns}</cols>' if columns else ''}<sheetData>"
        )
        if any(column.title for column in self._columns):
            titles = [cell_xml(column.title, HEAD) for column in self._columns]
            self.add_rows([row_xml(1, self.letters, titles, lines=2)])

    def _write(self, text: str) -> None:
        assert self._part is not None
        self._part.write(text.encode())

    def add_rows(self, rows: Sequence[bytes]) -> None:
        """Rows as `row_xml` makes them, numbered on from `next_row`; as many as one call brings stay in one sheet."""
        assert self._part is not None
        data = b"".join(rows)
        self._part.write(data)
        self._rows += len(rows)
        self._bytes += len(data)

    def make_room(self, rows: int) -> None:
        """Goes on in another sheet of the same columns where so many rows would be too many for this one."""
        if self._rows + rows > MOST_ROWS or self._bytes > MOST_BYTES:
            full = self._sheets[-1]
            self.end_sheet()
            nth = full.nth + 1
            self._open(replace(full, name=f"{full.name.removesuffix(f' {full.nth}')} {nth}", nth=nth))

    def end_sheet(self, prompts: Iterable[Prompt] = ()) -> None:
        assert self._part is not None
        shown = [
            f'<dataValidation allowBlank="1" showInputMessage="1" sqref="{letters(prompt.column)}{prompt.row + 1}"'
            f' promptTitle="{_attribute(prompt.title, 32)}" prompt="{_attribute(prompt.text, 255)}"/>'
            for prompt in prompts
        ]
        sheet = self._sheets[-1] = replace(self._sheets[-1], rows=self._rows)
        filtered = f'<autoFilter ref="A{sheet.head}:{sheet.last}"/>'
        prompted = f'<dataValidations count="{len(shown)}">{"".join(shown)}</dataValidations>' if shown else ""
        self._write(
            f'</sheetData>{filtered}{prompted}<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3"'
            f' footer="0.3"/>{sheet.print_setup.xml}'
            "<headerFooter><oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter></worksheet>"
        )
        self._part.close()
        self._part = None

    def end(self) -> None:
        """Ends the workbook: what names its sheets."""
        names = range(1, len(self._sheets) + 1)
        sheets = "".join(
            f'<sheet name="{_attribute(sheet.name)}" sheetId="{n}" r:id="rId{n}"/>'
            for n, sheet in enumerate(self._sheets, 1)
        )
        defined = "".join(
            f'<definedName name="_xlnm._FilterDatabase" localSheetId="{n}" hidden="1">{_quoted(sheet.name)}!'
            f"{_absolute(f'A{sheet.head}:{sheet.last}')}</definedName>"
            f'<definedName name="_xlnm.Print_Titles" localSheetId="{n}">{_quoted(sheet.name)}!'
            f"${sheet.head}:${sheet.head}</definedName>{_print_area(n, sheet)}"
            for n, sheet in enumerate(self._sheets)
        )
        relations = "".join(
            f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in names
        )
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in names
        )
        parts = {
            "xl/styles.xml": _styles(),
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
            f"<sheets>{sheets}</sheets><definedNames>{defined}</definedNames></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
            f'<Relationship Id="rId{len(self._sheets) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
            "</Relationships>",
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
            f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"'
            ' ContentType="application/xml"/><Override PartName="/xl/workbook.xml"'
            f' ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{overrides}</Types>',
        }
        for name, text in parts.items():
            self._package.writestr(name, _XML + text)
        self._package.close()

    def take(self) -> bytes:
        """What was written since the last call and is ready to be sent; it may be nothing yet."""
        return self._buffer.take()


def _print_area(n: int, sheet: _Sheet) -> str:
    if sheet.print_setup.area is None:
        return ""
    top, left, bottom, right = sheet.print_setup.area
    area = _absolute(f"{letters(left)}{top + 1}:{letters(right)}{bottom + 1}")
    return f'<definedName name="_xlnm.Print_Area" localSheetId="{n}">{_quoted(sheet.name)}!{area}</definedName>'


def letters(n: int) -> str:
    """What spreadsheets call a column, from 0: A, …, Z, AA, …"""
    text = ""
    n += 1
    while n:
        n, rest = divmod(n - 1, 26)
        text = chr(65 + rest) + text
    return text


def row_xml(number: int, names: Sequence[bytes], cells: Iterable[bytes], *, lines: int = 1) -> bytes:
    """A row from what `cell_xml` made for each column, empty for an empty cell; as high as so many lines."""
    return row_of(number, [in_column(name, cell) for name, cell in zip(names, cells, strict=False)], lines=lines)


def row_of(number: int, cells: Iterable[bytes], *, lines: int = 1) -> bytes:
    """A row from cells that are in their columns."""
    digits = b"%d" % number
    height = b' ht="%d" customHeight="1"' % min(lines * LINE_PT, HIGHEST_PT) if lines > 1 else b""
    return b'<row r="%b"%b>%b</row>' % (digits, height, b"".join(cells).replace(ROW_NUMBER, digits))


def in_column(name: bytes, cell: bytes) -> bytes:
    """A cell at its place, which lacks the number of the row: one that comes again in its column is made once."""
    return b'<c r="%b%b"%b' % (name, ROW_NUMBER, cell) if cell else b""


def maker_of_cells(name: bytes, style: int) -> Callable[[Value], bytes]:
    """What makes the cells of a column from their values, as `in_column` and `cell_xml` do."""
    plain = in_column(name, _PLAIN_TEXT % (style, b"%b"))

    def made(value: Value) -> bytes:
        if isinstance(value, str) and len(value) <= MOST_CHARACTERS and _PLAIN.fullmatch(value):
            return plain % value.encode()
        return in_column(name, cell_xml(value, style))

    return made


def cell_xml(value: Value, style: int = GENERAL) -> bytes:
    """A cell from behind its place on; bytes are the digits of a number. Empty: nothing, or a text that is too long."""
    if isinstance(value, str):
        return _text_xml(value, style)
    if value is None:
        return b""
    if isinstance(value, bytes):
        return b' s="%d"><v>%b</v></c>' % (style, value)
    if isinstance(value, bool):
        return b' s="%d" t="b"><v>%d</v></c>' % (style, value)
    if isinstance(value, datetime):
        seconds = (value.hour * 60 + value.minute) * 60 + value.second + value.microsecond / 1e6
        return _day_xml(value, f"{seconds / 86_400:.12f}"[1:], style)
    if isinstance(value, date):
        return _day_xml(value, "", style)
    if isinstance(value, int | Decimal) or (isinstance(value, float) and math.isfinite(value)):
        return b' s="%d"><v>%b</v></c>' % (style, str(value).encode())
    return _text_xml(str(value), style)


def _day_xml(day: date | datetime, part: str, style: int) -> bytes:
    n = day.toordinal()
    if n < FIRST_DAY:
        return _text_xml(str(day.replace(tzinfo=None) if isinstance(day, datetime) else day), style)
    return b' s="%d"><v>%d%b</v></c>' % (style, n - DAY_0, part.encode())


def _text_xml(text: str, style: int) -> bytes:
    """A cut text would be another one, so that one which no cell holds is left out."""
    if not text or len(text) > MOST_CHARACTERS:
        return b""
    if _PLAIN.fullmatch(text):
        return _PLAIN_TEXT % (style, text.encode())
    kept = ' xml:space="preserve"' if _SPACE.search(text) else ""
    shown = escape(in_workbook(text), {"\r": "&#13;"})
    return f' s="{style}" t="inlineStr"><is><t{kept}>{shown}</t></is></c>'.encode()


def _attribute(text: str, most: int | None = None) -> str:
    return escape(in_workbook(text[:most]), {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _absolute(area: str) -> str:
    return re.sub(r"([A-Z]+)([0-9]+)", r"$\1$\2", area)


def _quoted(name: str) -> str:
    return escape("'" + name.replace("'", "''") + "'")


def _styles() -> str:
    """Formats of numbers, fonts, fills, and the cells made of them, without a fill, with that of a warning and of an
    error.
    """
    cells = "".join(
        f'<xf numFmtId="{number}" fillId="{fill or (2 if n == HEAD else 0)}" applyFill="1" applyNumberFormat="1"'
        f'{font}><alignment vertical="top"{_WRAPPED if n in (HEAD, LONG) else ""}/></xf>'
        for fill in (0, 3, 4)
        for n, (number, font) in enumerate(_FORMATS)
    )
    fills = "".join(
        f'<fill><patternFill patternType="solid"><fgColor rgb="FF{colour}"/></patternFill></fill>'
        for colour in ("E8EEF4", "FFF2CC", "F8CBAD")
    )
    font = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        f'<fills count="5"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        f'</fill>{fills}</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
        f'<cellXfs count="{3 * len(_FORMATS)}">{cells}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
