"""The columns of a table of units, parks or revivals: what stands above them, and what their cells hold.

A member comes as its JSON text. In a language a cell holds what people write: words by their labels, days as days; in
none it holds what the interface holds, lists and records as one text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

import msgspec

from domain.field import Field
from domain.fields import TABLES
from domain.instants import SHANGHAI
from texts.lookup import Language, field_label, heading, label, tables
from texts.words import words_of

NULL: Final = b"null"
#: Columns that say where a row lies, beside the id of its park.
PARK_COLUMNS: Final = ("park_code", "park_name")
#: Id of another record in a unit → the column of its code, by which people know it.
CODES: Final = {"zone_id": "zone_code", "parent_id": "parent_code", "plot_id": "plot_code"}
#: Where a unit without an outline lies, degrees.
POINT: Final = ("longitude", "latitude")
#: The outline as text.
WKT: Final = "wkt"
REVIVAL: Final = (
    "park_id", "outcome_id", "asset_id", "asset_code", "asset_name", "leaf_id", "path", "verdict", "clause", "version",
    "firm_before_id", "firm_id", "revived_on", "revived_on_precision", "idle_since", "idle_ground", "idle_source",
    "is_idle_told_afterwards", "kind", "stated_area", "stated_area_unit", "area_mu", "area_m2", "is_illustrative",
    "recorded_at",
)  # fmt: skip
#: Cells of a column that are kept, and the bytes of the longest of them.
KEPT, LONGEST_KEPT = 1_000, 100
#: What a cell holds: a number as its digits, a text, a day, an instant in Shanghai, or nothing.
Cell = bytes | str | date | datetime | None
#: Rows of a table by column: the JSON texts of a member in all of them, in their order.
Portion = Mapping[str, Sequence[bytes]]


def columns_of(thing: str, *, is_staff: bool = False) -> tuple[str, ...]:
    """The columns of a thing in order, the id first; for whoever reads everything of a park also what others do not."""
    return STAFF_COLUMNS.get(thing, COLUMNS[thing]) if is_staff else COLUMNS[thing]


def _stated(thing: str, *aside: str, is_staff: bool = False) -> list[str]:
    """The facts of a thing in order, those among `attributes` like the others, and the codes of what they name."""
    names = []
    for name, field in TABLES[thing].items():
        is_shown = field.reader == "public" or (is_staff and field.entry != "derived")
        if is_shown and name not in ("geometry", "attributes", "id", *aside):
            names += [name, CODES[name]] if name in CODES else [name]
    return names


#: Thing → its columns for everyone.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "asset": ("id", "park_id", *PARK_COLUMNS, *_stated("asset", "park_id"), *POINT),
    "park": ("id", "zone_of", *PARK_COLUMNS, *_stated("park", "recorded_at")),
    "revival": ("id", "park_id", *PARK_COLUMNS, *REVIVAL[1:]),
}
STAFF_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "asset": ("id", "park_id", *PARK_COLUMNS, *_stated("asset", "park_id", is_staff=True), *POINT)
}


def title(thing: str, name: str, language: Language) -> str:
    """What people call a column, with its unit."""
    if name == WKT:
        return "WKT"
    field = TABLES.get(thing, {}).get(name)
    if field is None:
        return heading(tables("reports", language)["column"][name])
    text = heading(field_label(thing, name, language))
    return f"{text} ({label('unit', field.unit, language)})" if field.unit else text


@dataclass(frozen=True)
class TableColumn:
    """A column of a table; without a language it is called, and filled, as in the interface."""

    thing: str
    name: str
    language: Language | None

    @property
    def field(self) -> Field | None:
        return TABLES.get(self.thing, {}).get(self.name)

    @property
    def title(self) -> str:
        if self.language is None:
            return "WKT" if self.name == WKT else self.name
        return title(self.thing, self.name, self.language)

    def cell(self, raw: bytes) -> Cell:
        """What a cell of the column holds, from the JSON text of a member."""
        return None if raw == NULL else self.convert(raw)

    @cached_property
    def convert(self) -> Callable[[bytes], Cell]:
        """What makes a cell of a JSON text that is not null."""
        if self.language is None:
            return as_stated
        if self.field is None:
            return _in_words(self.language, {})
        return _of_field(self.thing, self.field, self.language)


class MadeCells(dict[bytes, Any]):
    """What a form makes of the cells of a column, by their JSON texts: most columns hold few different values.

    What comes again is not made again while it is kept.
    """

    def __init__(self, column: TableColumn, make: Callable[[Cell], Any], empty: object) -> None:
        super().__init__({NULL: empty})
        self._name, self._convert, self._make = column.name, column.convert, make

    def cells(self, portion: Portion) -> Sequence[Any]:
        """Those of all rows; no row, without columns, has none."""
        raws = portion.get(self._name, ())
        if raws and raws.count(raws[0]) == len(raws):
            return [self[raws[0]]] * len(raws)
        return [*map(self.__getitem__, raws)]

    def __missing__(self, raw: bytes) -> Any:
        made = self._make(self._convert(raw))
        if len(self) < KEPT and len(raw) <= LONGEST_KEPT:
            self[raw] = made
        return made


def _of_field(thing: str, field: Field, language: Language) -> Callable[[bytes], Cell]:
    called: Mapping[str, str] = {}
    match field.type:
        case "day":
            return _day
        case "instant":
            return _instant
        case "word" | "words":
            called = words_of(field.words, language)
        case "names":
            called = tables("fields", language)[thing]
    return _in_words(language, called)


def _instant(raw: bytes) -> datetime:
    return _aware(raw).astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)


def _in_words(language: Language, called: Mapping[str, str]) -> Callable[[bytes], Cell]:
    """A text, word or list as people write it, each word by what it is called."""
    words = tables("ledger", language)["cell"]
    flags = {b"true": words["true"], b"false": words["false"]}
    between = words["between"]

    def join(items: Sequence[str]) -> str:
        return between.join(called.get(item, item) for item in items)

    def cell(raw: bytes) -> Cell:
        if raw.startswith(b'"'):
            text = _string(raw)
        elif raw.startswith((b"[", b"{")):
            text = _text(raw, join)
        else:
            return flags.get(raw, raw)
        return called.get(text, text)

    return cell


#: One decoder a type: one that is made for each cell takes most of its time.
_string: Final = msgspec.json.Decoder(str).decode
_day: Final = msgspec.json.Decoder(date).decode
_aware: Final = msgspec.json.Decoder(datetime).decode


def _text(raw: bytes, join: Callable[[Sequence[str]], str]) -> str:
    """A text as it is, a list of texts joined, what is more as its JSON text."""
    value: Any = msgspec.json.decode(raw)
    if isinstance(value, str):
        return value
    is_list = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return join(value) if is_list else raw.decode()


def as_stated(raw: bytes) -> Cell:
    """As the interface has it: a truth value and a number as they are, a list of words as one text."""
    return _text(raw, ", ".join) if raw[:1] in b'"[{' else raw
