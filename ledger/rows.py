"""Rows of a ledger: the units of a workbook as they are gathered and given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.errors import Fault
from ledger.headings import ColumnGuess
from ledger.issues import Issue, IssueList, Severity, shown
from ledger.mapping import LedgerMapping
from ledger.places import UnitPlace
from ledger.workbook import Cell, Workbook


@dataclass
class LedgerRow:
    """One unit of a ledger.

    `facts` is of the shape of `properties`; None clears a fact, what is absent is not spoken of. `references` are texts
    by field. `asset_id` and `revision` are what the file carries of a unit that is there.
    """

    sheet: str
    line: int
    facts: dict[str, Any] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    geometry: dict[str, Any] | None = None
    asset_id: str | None = None
    revision: int | None = None
    issues: tuple[Issue, ...] = ()
    has_errors: bool = False


@dataclass(frozen=True)
class LedgerTable:
    """One table that was read: its sheet, the line its body begins at, its columns."""

    sheet: str
    line: int
    columns: tuple[ColumnGuess, ...]


@dataclass(frozen=True)
class Ledger:
    """What a workbook holds. `counts` are of all issues, by severity and code, kept or not."""

    rows: tuple[LedgerRow, ...]
    tables: tuple[LedgerTable, ...]
    notes: tuple[Fault, ...]
    counts: Mapping[tuple[Severity, str], int]


@dataclass
class LedgerReading:
    """What is gathered while a workbook is read."""

    workbook: Workbook
    mapping: LedgerMapping
    issues: IssueList
    constants: Mapping[str, Any]
    rows: list[LedgerRow] = field(default_factory=list)
    tables: list[LedgerTable] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)

    def add_row(self, sheet: str, line: int) -> int:
        self.rows.append(LedgerRow(sheet, line))
        return len(self.rows) - 1

    def tell(self, row: int, fault: Fault, severity: Severity, *, column: str = "", value: Cell = "") -> None:
        place: dict[str, object] = {"sheet": self.rows[row].sheet, "line": self.rows[row].line}
        if column:
            place |= {"column": column, "value": shown(value)}
        self.issues.add(row, fault, severity, place)

    def place(self, row: int, place: UnitPlace | None) -> None:
        """Where a row lies, and what is to be told of how that was read."""
        if place is not None:
            self.rows[row].geometry = place.geometry
            for fault in place.warnings:
                self.tell(row, fault, "warning")


def counted(ledger: Ledger) -> Counter[Severity]:
    """How many issues there are of each severity."""
    counts: Counter[Severity] = Counter()
    for (severity, _), count in ledger.counts.items():
        counts[severity] += count
    return counts
