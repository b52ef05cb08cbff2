"""What a paper is made of, whatever it is sent as: a head, and parts: pairs, tables, figures, lines, signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from texts.lookup import Language


class Share(Decimal):
    """A part of a whole, read as percent."""


class Growth(Share):
    """How much more or less than before, read as percent with an arrow."""


@dataclass(frozen=True)
class KnownDay:
    """A day, or the month or year it lies in where no more is known."""

    on: date
    precision: str = "day"

    def __str__(self) -> str:
        return self.on.isoformat()[: {"year": 4, "month": 7}.get(self.precision, 10)]


#: A number stays a number in a sheet, a day a day; None is not known.
Cell = str | int | float | Decimal | KnownDay | None


@dataclass(frozen=True)
class Part:
    """One part; `columns` head the rows of a table, a pair is a label and a value, a figure a label, value and unit.

    A title begins a page, with a line below it. Who signs has a row of what stands beside each line to write on.
    """

    kind: Literal["pairs", "table", "figures", "lines", "signatures", "pictures", "title"]
    heading: str
    rows: Sequence[Sequence[Cell]]
    columns: Sequence[str] = ()
    #: Shares of the width of a table's columns; empty: by their contents.
    widths: Sequence[int] = ()
    note: str = ""
    #: Whether all columns but the first hold numbers, known or not.
    is_numeric: bool = False
    #: What stands below the rows; empty: nothing is to be summed.
    total: Sequence[Cell] = ()

    #: The columns of numbers that are drawn as bars over the first, above the table.
    drawn: Sequence[int] = ()
    #: SVG, side by side: the first as wide as there is room, the others small.
    pictures: Sequence[str] = ()


@dataclass(frozen=True)
class Paper:
    """A paper: its name as a file, its title and what stands below it, its parts, its foot, and who issues it."""

    name: str
    title: str
    subtitle: str
    parts: Sequence[Part]
    foot: str
    flag: str = ""
    language: Language = "zh"
    unknown: str = field(default="—")
    issuer: str = ""
    #: Whether it is set smaller where it would take more than a page.
    is_one_page: bool = False

    def shown(self, value: Cell) -> str:
        """A cell as people read it: digits in groups, what is not known as a dash."""
        match value:
            case None:
                return self.unknown
            case Share():
                arrow = "" if not isinstance(value, Growth) or value == 0 else "↑" if value > 0 else "↓"
                return f"{arrow}{abs(value) * 100:,.1f}%"
            case bool() | str() | KnownDay():
                return str(value)
        number = Decimal(int(value)) if isinstance(value, float) and value.is_integer() else Decimal(str(value))
        places = max(0, -int(number.as_tuple().exponent))
        return f"{number:,.{places}f}"
