"""What a paper is made of, whatever it is sent as: a title, and parts: pairs, tables, figures, lines, signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from texts.lookup import Language

#: A number stays a number in a sheet; None is not known.
Cell = str | int | float | Decimal | None


@dataclass(frozen=True)
class Part:
    """One part; `columns` head the rows of a table, a pair is a label and a value, a figure a label, value and unit."""

    kind: Literal["pairs", "table", "figures", "lines", "signatures"]
    heading: str
    rows: Sequence[Sequence[Cell]]
    columns: Sequence[str] = ()
    #: Shares of the width of a table's columns; empty: by their contents.
    widths: Sequence[int] = ()
    note: str = ""
    #: Whether all columns but the first hold numbers, known or not.
    is_numeric: bool = False


@dataclass(frozen=True)
class Paper:
    """A paper: its name as a file, its title, what stands below it, its parts, and the line at its foot."""

    name: str
    title: str
    subtitle: str
    parts: Sequence[Part]
    foot: str
    flag: str = ""
    language: Language = "zh"
    unknown: str = field(default="—")

    def shown(self, value: Cell) -> str:
        """A cell as people read it: digits in groups, what is not known as a dash."""
        if value is None:
            return self.unknown
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            number = Decimal(int(value)) if isinstance(value, float) and value.is_integer() else Decimal(str(value))
            places = max(0, -int(number.as_tuple().exponent))
            return f"{number:,.{places}f}"
        return str(value)
