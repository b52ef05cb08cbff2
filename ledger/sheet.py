"""A table as a workbook: its cells typed, its columns as wide as what the first rows hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ledger.columns import CODES, POINT, MadeCells, Portion, TableColumn
from ledger.writing import (
    DAY,
    GENERAL,
    INSTANT,
    TEXT,
    SheetColumn,
    WorkbookWriter,
    letters,
    maker_of_cells,
    row_of,
)
from texts.lookup import Language, tables

#: Style of a column by the type of its field; of all others it is that of texts.
STYLES: Final = {"number": GENERAL, "integer": GENERAL, "day": DAY, "instant": INSTANT}
#: Columns that say again what another says in words.
HIDDEN: Final = {*CODES, "park_id", "root_id"}
#: Characters of a column: at least, at most, and of an id, which nobody reads.
NARROWEST, WIDEST, ID_WIDTH = 8, 36, 10


class SheetWriter:
    """The rows of a table, members as JSON texts by name, written as they come."""

    def __init__(self, columns: Sequence[TableColumn], language: Language) -> None:
        self._columns, self._name = columns, tables("ledger", language)["sheet"]["table"]
        self._workbook = WorkbookWriter()
        self._has_begun = False
        self._made = [
            MadeCells(column, maker_of_cells(letters(n).encode(), style_of(column)), b"")
            for n, column in enumerate(columns)
        ]

    def add(self, portion: Portion) -> bytes:
        """The rows below the last; what is ready to be sent."""
        if not self._has_begun:
            self._begin(portion)
        cells = [made.cells(portion) for made in self._made]
        self._workbook.make_room(len(cells[0]))
        filled = [column for column in cells if column.count(b"") < len(column)] or cells
        rows = enumerate(zip(*filled, strict=True), self._workbook.next_row)
        self._workbook.add_rows([row_of(n, row) for n, row in rows])
        return self._workbook.take()

    def _begin(self, portion: Portion) -> None:
        columns = [
            SheetColumn(width_of(column, portion), column.title, style_of(column), is_hidden=column.name in HIDDEN)
            for column in self._columns
        ]
        self._workbook.begin_sheet(self._name, columns)
        self._has_begun = True

    def end(self) -> bytes:
        """The end of the workbook, which has a head even where it has no row."""
        if not self._has_begun:
            self._begin({})
        self._workbook.end_sheet()
        self._workbook.end()
        return self._workbook.take()


def style_of(column: TableColumn) -> int:
    """The style of a column's cells."""
    if column.name in POINT:
        return GENERAL
    return TEXT if column.field is None else STYLES.get(column.field.type, TEXT)


def width_of(column: TableColumn, portion: Portion) -> int:
    """Characters of the widest of its cells and of half its title, which wraps; those of Chinese are twice as wide."""
    if column.name == "id":
        return ID_WIDTH
    cells = [*map(column.cell, portion.get(column.name, ()))]
    shown = [characters(cell.decode() if isinstance(cell, bytes) else str(cell)) for cell in cells if cell is not None]
    return min(WIDEST, max(NARROWEST, characters(column.title) // 2, *shown) + 2)


def characters(text: str) -> int:
    """The room its longest line takes, in Latin characters."""
    return max((sum(2 if ord(character) > 0x2E80 else 1 for character in line) for line in text.split("\n")), default=0)
