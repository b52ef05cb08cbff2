"""A workbook as units: the tables of its sheets, its corner points, and what is wrong with each row.

Faults in a row never stop another.
"""

from __future__ import annotations

from typing import Any

from domain.errors import Fault, Invalid
from domain.fields import ASSET
from ledger.cells import ColumnOptions, Marker, converter
from ledger.checks import check, joined
from ledger.corner_table import read_corner_table, read_corner_text
from ledger.field_names import TARGETS
from ledger.headings import NOT_IN_CELLS, tables_of
from ledger.issues import MOST_ISSUES, IssueList
from ledger.mapping import LedgerMapping
from ledger.places import pair_of
from ledger.rows import Ledger, LedgerReading, LedgerTable
from ledger.unit_table import read_table
from ledger.workbook import EMPTY, Workbook

NO_MAPPING = LedgerMapping()


def read_ledger(workbook: Workbook, mapping: LedgerMapping = NO_MAPPING, *, most_issues: int = MOST_ISSUES) -> Ledger:
    """The units of a workbook under a mapping.

    Raises: Invalid naming `columns` or `constants` where one of them names no field, or is no value of it.
    """
    reading = LedgerReading(workbook, mapping, IssueList(most_issues), check_mapping(mapping))
    reading.notes += workbook.notes
    for sheet in workbook.sheets:
        tables = tables_of(sheet, mapping)
        if not tables and any(cell not in EMPTY for column in sheet.columns for cell in column):
            reading.notes.append(Fault("sheet_without_headings", "", {"sheet": sheet.name}))
        for table in tables:
            reading.tables.append(LedgerTable(sheet.name, table.first + sheet.first_line, table.columns))
            columns = {guess.field: guess for guess in table.columns if guess.field is not None}
            if "corner_no" in columns and pair_of(columns) is not None:
                read_corner_table(reading, table, columns)
            else:
                read_table(reading, table)
    if workbook.corner_text is not None:
        read_corner_text(reading, workbook.corner_text)
    kept = joined(reading)
    check(reading, kept)
    for n in kept:
        row = reading.rows[n]
        row.issues, row.has_errors = tuple(reading.issues.by_row.get(n, ())), n in reading.issues.wrong_rows
    rows = tuple(reading.rows[n] for n in kept)
    return Ledger(rows, tuple(reading.tables), tuple(reading.notes), dict(reading.issues.counts))


def check_mapping(mapping: LedgerMapping) -> dict[str, Any]:
    """The values of its constants by field. Raises: Invalid naming columns and constants that are of no field."""
    unknown = [n for n, column in enumerate(mapping.columns) if column.field not in (None, *TARGETS)]
    faults = [Fault("unknown_field", f"columns.{n}.field") for n in unknown]
    constants = {}
    for name, text in mapping.constants.items():
        if name not in ASSET or ASSET[name].type in {*NOT_IN_CELLS, "outline"} or ASSET[name].entry == "derived":
            faults.append(Fault("read_only" if name in ASSET else "unknown_field", f"constants.{name[:64]}"))
            continue
        result = converter(ASSET[name], ColumnOptions(date_order=mapping.date_order))(text)
        if result.fault is not None and result.is_error:
            faults.append(Fault(result.fault.code, f"constants.{name}", result.fault.params))
        elif result.value is not Marker.nothing:
            constants[name] = result.value
    if faults:
        raise Invalid.of(faults)
    return constants
