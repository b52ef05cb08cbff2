"""Which field each column of a ledger is by the word of the caller: a plain document that can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ledger.days import DateOrder
from texts.words import plain


@dataclass(frozen=True)
class ColumnMapping:
    """What a column is, by its heading. `field` None: it is left out; without `unit` that of its heading counts."""

    heading: str
    field: str | None
    unit: str | None = None
    date_order: DateOrder | None = None


@dataclass(frozen=True)
class LedgerMapping:
    """What the caller says of a ledger.

    `constants` are cells of every row that has none of its own, by field; `date_order` is that of columns which do not
    say theirs; `crs` the reference system of coordinates.
    """

    columns: tuple[ColumnMapping, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    date_order: DateOrder | None = None
    crs: str | None = None

    def column(self, heading: str) -> ColumnMapping | None:
        """What is said of a heading; spaces, width and case do not count."""
        key = plain(heading)
        return next((column for column in self.columns if plain(column.heading) == key), None)

    def document(self) -> dict[str, Any]:
        """As JSON; `of` reads it again."""
        return {**asdict(self), "columns": [asdict(column) for column in self.columns]}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> LedgerMapping:
        return cls(**{**document, "columns": tuple(ColumnMapping(**column) for column in document.get("columns", ()))})
