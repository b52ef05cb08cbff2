"""Plots by their corner points, from a table of a sheet or from a survey text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.errors import Fault, Invalid
from domain.words import Kind
from geo.corner_points import SHAPES, CornerPlot, corner_outline, parsed_corner_text
from ledger.headings import ColumnGuess, Table
from ledger.places import UnitPlace, corner_groups, outline, pair_of
from ledger.rows import LedgerReading
from ledger.unit_table import read_column
from ledger.workbook import Cell


def read_corner_table(reading: LedgerReading, table: Table, columns: Mapping[str, ColumnGuess]) -> None:
    """Plots of a table whose rows are corner points; other columns say something of the plot in its first row."""
    sheet, pair = table.sheet, pair_of(columns)
    assert pair is not None

    def cells(name: str) -> list[Cell]:
        column = sheet.columns[columns[name].index] if name in columns else [""] * table.last
        return list(column[table.first : table.last])

    pairs = list(zip(cells(pair[0]), cells(pair[1]), strict=True))
    plots = cells("code") if "code" in columns else cells("name")
    others = [guess for name, guess in columns.items() if name not in ("corner_no", "ring_no", *pair)]
    for group in corner_groups(cells("corner_no"), cells("ring_no"), pairs, plots):
        row = table.first + group.row
        n = reading.add_row(sheet.name, row + sheet.first_line)
        for guess in others:
            read_column(reading, sheet, guess, [row], n)
        for at, fault in group.faults:
            reading.tell(n, fault, "error", column=columns[pair[0]].heading, value=pairs[at][0])
        try:
            made = corner_outline(group.corners, crs=reading.mapping.crs, file=reading.workbook.name)
            reading.place(n, UnitPlace(made.geometry, (*made.notes, *_judged(made.geometry))))
        except Invalid as refusal:
            for fault in refusal.faults:
                reading.tell(n, fault, "error")


def _judged(geometry: dict[str, Any]) -> tuple[Fault, ...]:
    place = outline(geometry)
    return () if place is None else place.warnings


def read_corner_text(reading: LedgerReading, text: str) -> None:
    """Plots of a survey text: land by what such a text is for."""
    file = parsed_corner_text(text)
    for _, fault in file.faults:
        reading.notes.append(fault)
    for plot in file.plots:
        n = reading.add_row(reading.workbook.name, plot.line)
        row = reading.rows[n]
        row.facts |= {name: text for name, text in (("code", plot.code), ("name", plot.name)) if text}
        row.facts["kind"] = Kind.land.value
        try:
            _read_plot(reading, n, plot, file.head)
        except Invalid as refusal:
            for fault in refusal.faults:
                reading.tell(n, fault, "error")


def _read_plot(reading: LedgerReading, n: int, plot: CornerPlot, head: Mapping[str, str]) -> None:
    if plot.shape != SHAPES[0]:
        raise Invalid("plot_not_area", "geometry", shape=plot.shape)
    crs, file = reading.mapping.crs, reading.workbook.name
    made = corner_outline(plot.corners, area=plot.area, head=head, crs=crs, file=file)
    if made.area is not None:
        reading.rows[n].facts |= {"stated_area": made.area[0], "stated_area_unit": made.area[1].value}
    reading.place(n, UnitPlace(made.geometry, (*made.notes, *_judged(made.geometry))))
