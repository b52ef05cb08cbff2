"""Which field each column of a sheet is, in which unit, and what the guess rests on.

Headings are looked up among what the fields' declaration and the texts call a field; of a table without certain ones
nothing is taken. A guess is a proposal: it names its ground, and the caller's mapping comes before it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.errors import Fault
from domain.field import Field
from domain.fields import ASSET
from ledger.cells import NOTHING, ColumnOptions, converter
from ledger.days import DateOrder
from ledger.field_names import (
    BRACKETS,
    HANZI,
    REFERENCES,
    TARGETS,
    Ground,
    certain_names,
    comparable,
    cut_names,
    pinyin_names,
    without_brackets,
)
from ledger.mapping import ColumnMapping, LedgerMapping
from ledger.units import ATOMS, SHARE, factor_to, measure
from ledger.workbook import EMPTY, Cell, Sheet
from texts.words import plain, spelled

CERTAIN: frozenset[Ground] = frozenset({"mapping", "label", "heading"})
#: Kept of a new unit or of one that is there, though the service gives them.
KEYS = ("id", "revision")
NOT_IN_CELLS = frozenset({"object", "objects", "names", "instant"})
#: Rows in which a table may begin, and how many columns make it one: among them what says which unit a row is, or else
#: half of all that stand there.
LAST_HEADING_ROW, LEAST_COLUMNS = 50, 2
#: Characters of a heading, and tables of a sheet: what goes on is read as if it ended there.
LONGEST_HEADING, MOST_TABLES = 100, 100
NAMING = frozenset({"id", "code", "name", "corner_no", "geometry"})
#: Cells of a row by which it is seen that it is no heading.
FIRST_CELLS = 4
#: Cells by which an uncertain guess is tried, and how many of them have to be of its field.
SAMPLE, LEAST_SHARE = 50, 0.6


@dataclass(frozen=True)
class ColumnGuess:
    """One column and the field it is taken for; None: it is named and left out, `fault` says why where it could be."""

    index: int
    heading: str
    field: str | None
    ground: Ground
    unit: str | None = None
    date_order: DateOrder | None = None
    fault: Fault | None = None
    is_certain: bool = False

    @property
    def options(self) -> ColumnOptions:
        return ColumnOptions(self.unit, self.date_order)


@dataclass(frozen=True)
class Table:
    """One table of a sheet: the rows of its body, from 0, up to `last`, not included; `again` repeat its heading."""

    sheet: Sheet
    first: int
    last: int
    columns: tuple[ColumnGuess, ...]
    again: frozenset[int] = frozenset()


def tables_of(sheet: Sheet, mapping: LedgerMapping) -> list[Table]:
    """The tables of a sheet, one below the other. Empty: no row of it is a heading."""
    height = len(sheet.columns[0]) if sheet.columns else 0
    depths = ((row, _heading_depth(sheet, row, mapping)) for row in range(min(height, LAST_HEADING_ROW)))
    start = next(((row, row + depth) for row, depth in depths if depth), None)
    if start is None:
        return []
    again, starts = set(), [start]
    for row in _later_headings(sheet, start[1], height):
        if _repeats(sheet, row, range(*starts[-1])):
            again.add(row)
        elif len(starts) < MOST_TABLES:
            starts.append((row, row + 1))
    ends = [*(row for row, _ in starts[1:]), height]
    return [
        Table(sheet, body, end, guessed_columns(sheet, range(row, body), end, mapping), frozenset(again))
        for (row, body), end in zip(starts, ends, strict=True)
    ]


def _heading_depth(sheet: Sheet, row: int, mapping: LedgerMapping) -> int:
    """Rows of the heading that begins here: two where the second makes more columns known; 0: it is none."""
    least = min(LEAST_COLUMNS, len(sheet.columns))
    if not _is_text(sheet, row):
        return 0
    own = _known_columns(sheet, range(row, row + 1), mapping)
    is_followed = row + 1 < len(sheet.columns[0]) and _is_text(sheet, row + 1)
    if is_followed and _is_second(sheet, row):
        both = _known_columns(sheet, range(row, row + 2), mapping)
        if both >= max(own, least):
            return 2
    if is_followed and _known_columns(sheet, range(row + 1, row + 2), mapping) > own:
        return 0
    return 0 if own < least else 1


def _is_second(sheet: Sheet, row: int) -> bool:
    """Whether the next row is of the same heading: below what names a column alone it has nothing but a unit.

    What stands over several columns names none of them alone, nor does what a merged cell repeats below.
    """
    above = [_text(column[row]) for column in sheet.columns]
    has_more = False
    for n, column in enumerate(sheet.columns):
        below = _text(column[row + 1])
        is_shared = above[n] in (*above[max(n - 1, 0) : n], *above[n + 1 : n + 2])
        if not below or below == above[n]:
            continue
        if above[n] and not is_shared and _unit_in(below) is None:
            return False
        has_more = True
    return has_more or any(top <= row < bottom == row + 1 for top, _, bottom, _ in sheet.merged)


def _known_columns(sheet: Sheet, rows: range, mapping: LedgerMapping) -> int:
    """How many fields a heading names for certain; 0 where they are too few of what it says to be one."""
    headings = [parts for column in sheet.columns if (parts := _parts(column, rows))]
    guesses = [_named(parts, mapping) for parts in headings]
    fields = {guess.field for guess in guesses if guess.field is not None and guess.ground in CERTAIN}
    return len(fields) if fields & NAMING or 2 * len(fields) >= len(headings) else 0


def _is_text(sheet: Sheet, row: int) -> bool:
    cells = [column[row] for column in sheet.columns if column[row] not in EMPTY]
    return bool(cells) and all(isinstance(cell, str) for cell in cells)


def _later_headings(sheet: Sheet, first: int, height: int) -> list[int]:
    """Further rows that are headings: texts alone, of which half are what a field is called."""
    known: dict[Cell, bool] = {}

    def is_name(text: str) -> bool:
        if text not in known:
            known[text] = comparable(text[:LONGEST_HEADING]) in certain_names()
        return known[text]

    rows = []
    for row, cells in enumerate(zip(*(column[first:height] for column in sheet.columns), strict=True), first):
        texts = [cell for cell in cells if cell not in EMPTY]
        if len(texts) < LEAST_COLUMNS or not all(isinstance(text, str) for text in texts):
            continue
        names = sum(is_name(text) for text in texts[:FIRST_CELLS])
        if names and sum(map(is_name, texts)) >= max(LEAST_COLUMNS, len(texts) / 2):
            rows.append(row)
    return rows


def _repeats(sheet: Sheet, row: int, heading: range) -> bool:
    """Whether each text of a row stands in the same column of a heading: it was printed on a new page."""
    return all(column[row] in EMPTY or column[row] in column[heading.start : heading.stop] for column in sheet.columns)


def _parts(column: Sequence[Cell], rows: range) -> list[str]:
    """What stands above a column, from top to bottom, each text once."""
    return list(dict.fromkeys(text for row in rows if (text := _text(column[row]))))


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)[:LONGEST_HEADING].strip()


def guessed_columns(sheet: Sheet, rows: range, end: int, mapping: LedgerMapping) -> tuple[ColumnGuess, ...]:
    """Every column with a heading, in order; of several that claim one field the surest has it."""
    guesses = []
    for index, column in enumerate(sheet.columns):
        parts = _parts(column, rows)
        sample = [cell for cell in column[rows.stop : end] if cell not in EMPTY][:SAMPLE]
        if parts:
            guesses.append(_tried(replace(_named(parts, mapping), index=index), parts, sample))
    return tuple(_one_each(guesses))


# One heading


def _named(parts: Sequence[str], mapping: LedgerMapping) -> ColumnGuess:
    """A guess by the heading alone: the caller's word first, else what the fields are called."""
    heading = " ".join(parts)
    chosen = mapping.column(heading)
    if chosen is not None:
        return _chosen(heading, chosen)
    for text in _readings(parts):
        guess = _looked_up(text)
        if guess is not None:
            unit = guess.unit or next((unit for part in parts if (unit := _unit_in(part)) is not None), None)
            return _with_unit(replace(guess, heading=heading, unit=unit))
    return ColumnGuess(-1, heading, None, "unknown")


def _chosen(heading: str, chosen: ColumnMapping) -> ColumnGuess:
    guess = ColumnGuess(-1, heading, chosen.field, "mapping", chosen.unit, chosen.date_order, is_certain=True)
    if chosen.field is None or chosen.unit is not None:
        return guess
    return _with_unit(replace(guess, unit=_unit_in(heading)))


def _readings(parts: Sequence[str]) -> Iterator[str]:
    """A heading of several rows as one: all of it from either side, then row by row from below."""
    if len(parts) > 1:
        yield "".join(parts)
        yield "".join(reversed(parts))
    yield from reversed(parts)


def _looked_up(text: str) -> ColumnGuess | None:
    """The field of this name, with the unit that stands behind it or in brackets."""
    for candidate, unit in _candidates(text):
        named = certain_names().get(candidate)
        if named is not None:
            name, ground = named
            return ColumnGuess(-1, text, name, ground, unit, is_certain=True)
    return None


def _candidates(text: str) -> Iterator[tuple[str, str | None]]:
    """Names a heading may be, whole or without its unit."""
    whole = comparable(text)
    yield whole, _unit_in(text)
    bare = without_brackets(text)
    if bare != whole:
        yield bare, _unit_in(text)
    for end in range(len(bare) - 1, 0, -1):
        if measure(bare[end:]) is not None:
            yield bare[:end].rstrip("/,"), bare[end:]


def _unit_in(text: str) -> str | None:
    """The unit in brackets of a heading, or the heading itself where it is one and no name."""
    text = unicodedata.normalize("NFKC", text)
    parts = [*BRACKETS.findall(text), *([text] if "/" in text or comparable(text) not in certain_names() else [])]
    return next((part for part in parts if part != SHARE and measure(part) is not None), None)


def _with_unit(guess: ColumnGuess) -> ColumnGuess:
    """The guess with its unit judged: one of another kind than the field's makes the column none of it."""
    if guess.field is None or guess.unit is None:
        return guess
    field = TARGETS[guess.field]
    if field.type not in ("number", "integer"):
        return replace(guess, unit=None)
    own = "m2" if _has_unit_field(field) else field.unit
    if factor_to(guess.unit, own) is not None:
        return guess
    if (per := _time_in(guess.heading)) is not None and factor_to(f"{guess.unit}/{per}", own) is not None:
        return replace(guess, unit=f"{guess.unit}/{per}")
    if factor_to(f"{guess.unit}/month", own) is not None:  # an amount without its time is a guess of the usual one
        return replace(guess, unit=f"{guess.unit}/month", is_certain=guess.ground == "mapping")
    fault = Fault("unit_does_not_fit", guess.field, {"unit": guess.unit, "own": own or "-"})
    return replace(guess, field=None, unit=None, fault=fault)


def _has_unit_field(field: Field) -> bool:
    return f"{field.name}_unit" in ASSET


def _time_in(heading: str) -> str | None:
    """The time that an amount is for by the first letter of its heading, as in 年租金."""
    first = plain(heading)[:1]
    atom = spelled("atom").get(first)
    return first if atom is not None and ATOMS.get(atom, ("",))[0] == "time" else None


# Uncertain guesses, tried by the cells


def _tried(guess: ColumnGuess, parts: Sequence[str], sample: Sequence[Cell]) -> ColumnGuess:
    """The guess after a look at the cells; a heading that names no field may be a name that was cut, or pinyin."""
    if guess.field in KEYS and guess.ground != "mapping" and sample and not _fits(guess, sample):  # numbers of rows
        return replace(guess, field=None, ground="unknown", is_certain=False)
    if guess.field is not None:
        return _share(guess, sample)
    if guess.ground == "mapping":
        return guess
    for ground, name, unit in _unsure(parts):
        tried = _with_unit(replace(guess, field=name, ground=ground, unit=unit, fault=None, is_certain=False))
        if tried.field is not None and _fits(tried, sample):
            return _share(tried, sample)
    return guess


def _unsure(parts: Sequence[str]) -> Iterator[tuple[Ground, str, str | None]]:
    for text in reversed(parts):
        key = comparable(text)
        for name in cut_names().get(key, ()):
            yield "cut", name, None
        if key.isascii() and len(key) > 1:
            for name in pinyin_names().get(key, ()):
                yield "pinyin", name, None
        bare = without_brackets(text)
        ends = (bare[at:] for at in range(1, len(bare) - 1))
        end = next((end for end in ends if end in certain_names() and HANZI.match(end)), None)
        if end is not None and TARGETS[certain_names()[end][0]].type != "text":  # what any text would be is no evidence
            yield "part", certain_names()[end][0], _unit_in(text)


def _fits(guess: ColumnGuess, sample: Sequence[Cell]) -> bool:
    assert guess.field is not None
    if TARGETS[guess.field].type in NOT_IN_CELLS or not sample:
        return False
    convert = converter(TARGETS[guess.field], guess.options)
    results = [convert(cell) for cell in sample]
    good = sum(result.fault is None or not result.is_error for result in results if result is not NOTHING)
    return good >= LEAST_SHARE * len(sample)


def _share(guess: ColumnGuess, sample: Sequence[Cell]) -> ColumnGuess:
    """Per cent as spreadsheet programs keep it: numbers of 0 to 1, not all of them whole.

    Where the heading says % it stays in doubt; under a field's own name the service wrote it, in the field's unit.
    """
    assert guess.field is not None
    if TARGETS[guess.field].unit != "%" or comparable(guess.heading) == comparable(guess.field):
        return guess
    numbers = [cell for cell in sample if isinstance(cell, float)]
    if 0 < len(numbers) == len(sample) and max(numbers) <= 1 and not all(map(float.is_integer, numbers)):
        return replace(guess, unit=guess.unit or SHARE, is_certain=guess.ground == "mapping")
    return guess


# Several columns


def _one_each(guesses: Sequence[ColumnGuess]) -> Iterator[ColumnGuess]:
    """Each field to one column: the caller's first, then certain ones, then the first.

    A reference may stand in several columns that are called so, by id, code and name.
    """
    order = sorted(guesses, key=lambda guess: (guess.ground != "mapping", not guess.is_certain, guess.index))
    holders: dict[str, ColumnGuess] = {}
    for guess in order:
        if guess.field is not None:
            holders.setdefault(guess.field, guess)
    for guess in guesses:
        if guess.field is None:
            yield guess
            continue
        field, holder = TARGETS[guess.field], holders[guess.field]
        is_beside = guess.ground == "label" and guess.field in REFERENCES
        if holder is not guess and not is_beside:
            fault = Fault("column_twice", guess.field, {"other": holder.heading[:100]})
            yield replace(guess, field=None, unit=None, fault=fault, is_certain=False)
        elif field.type in NOT_IN_CELLS or (field.entry == "derived" and field.name not in KEYS):
            yield replace(guess, field=None, unit=None, fault=Fault("read_only", guess.field))
        else:
            yield guess
