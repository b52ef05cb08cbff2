"""What is to be told of the cells of a ledger: each at its sheet, line and column, all counted, not all kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from domain.errors import Fault
from ledger.cells import SHOWN
from ledger.workbook import Cell

#: An error keeps its row out; a warning says what was made of a cell; a note says how something was read.
Severity = Literal["error", "warning", "note"]
#: Issues of a ledger that are kept whole.
MOST_ISSUES = 10_000


@dataclass(frozen=True)
class Issue:
    """One thing to be told. The fault's `params` name `sheet`, `line`, `column` (its heading) and `value`."""

    fault: Fault
    severity: Severity


@dataclass
class IssueList:
    """The issues of a ledger by the place of its row, while they are gathered."""

    most: int
    by_row: dict[int, list[Issue]] = field(default_factory=dict)
    wrong_rows: set[int] = field(default_factory=set)
    wrong_fields: set[tuple[int, str]] = field(default_factory=set)
    counts: Counter[tuple[Severity, str]] = field(default_factory=Counter)

    def add(self, row: int, fault: Fault, severity: Severity, place: Mapping[str, object]) -> None:
        """Counts an issue of a row, and keeps it while there is room."""
        if severity == "error":
            self.wrong_rows.add(row)
            self.wrong_fields.add((row, fault.field))
        if self.counts.total() < self.most:
            whole = Fault(fault.code, fault.field, {**fault.params, **place})
            self.by_row.setdefault(row, []).append(Issue(whole, severity))
        self.counts[severity, fault.code] += 1


def shown(value: Cell) -> str:
    """A cell as it is named in a sentence, cut where it is long."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)[:SHOWN]
