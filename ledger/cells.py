"""Cells of a column as values of its field: what a cell means, or why it means nothing.

A converter is made once for a column and asked once for each different cell; each cell is read alone, so that no row
changes what another means. Values are as `POST /assets` takes them: decimals, whole numbers, truth values, days, words,
lists of them, texts.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from domain.errors import Fault
from domain.field import Bound, Field
from domain.fields import ASSET
from domain.industry import is_code_shape
from domain.quantity import rounded
from domain.text import LINE_CHARACTERS, LONGEST, composed, text_fault
from domain.words import AreaUnit
from geo.encodings import garbled
from ledger.days import DateOrder, day_of
from ledger.units import SHARE, factor_to, measure, multiple_of
from ledger.workbook import Cell
from texts.words import LISTED, plain, spelled, word_spellings

#: Longest text of an attribute, and of a value that is shown.
LONGEST_ATTRIBUTE, SHOWN = 1000, 100
#: What a spreadsheet program keeps of a number; further digits are how it is stored. Source: IEEE 754, ECMA-376.
DIGITS = 15
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[+-]?\.\d+)(e[+-]?\d{1,2})?(?![\d.])(.*)", re.DOTALL)
_SPAN = re.compile(r"[+-]?[\d.,]+[^\d~—–-]{0,6}[-~—–]+[\d.,]+[^e]*", re.DOTALL)
_LIST = re.compile(r"[、,;/\n\r\t+]+")
_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_AREA = "m2"
#: Of whole numbers that the service counts itself.
COUNT = Bound("0", "2147483647", 0)


class Marker(Enum):
    """What a cell says beside a value: nothing at all, or that the fact is to be cleared."""

    nothing = "nothing"
    clear = "clear"


class Converted(NamedTuple):
    """A cell's value, what it says of the field beside it (unit, precision), and a fault; with an error no value."""

    value: Any = Marker.nothing
    beside: Any = None
    fault: Fault | None = None
    is_error: bool = True


Convert = Callable[[Cell], Converted]
NOTHING = Converted()
CLEAR = Converted(Marker.clear)


@dataclass(frozen=True)
class ColumnOptions:
    """How the cells of a column are meant: the unit of its heading or of the caller, the order of days."""

    unit: str | None = None
    date_order: DateOrder | None = None


def error(code: str, **params: object) -> Converted:
    """A cell whose value cannot be taken."""
    return Converted(fault=Fault(code, "", params))


def converter(field: Field, options: ColumnOptions) -> Convert:
    """What makes a value of the field from a cell that is not empty."""
    match field.type:
        case "number" | "integer":
            own: Convert = partial(_number, field, options)
        case "day":
            own = partial(_day, field, options)
        case "flag":
            own = _flag
        case "word":
            own = partial(_word, field, _spellings(field))
        case "words":
            own = partial(_words, field, _spellings(field))
        case "codes":
            own = partial(_codes, field)
        case "id" if field.name == "id":
            own = _id
        case _:
            own = partial(_text, field)
    words = _spellings(field) if field.words else {}
    return partial(_cell, own, words, is_text=field.type in ("text", "id"))


def converted(values: Sequence[Cell], convert: Convert) -> list[Converted]:
    """Each cell of a column; cells that are the same are read once."""
    known: dict[Any, Converted] = {}
    results = []
    for value in values:
        if value == "" or value is None:
            results.append(NOTHING)
            continue
        key = (value.__class__, value)
        try:
            result = known.get(key)
        except TypeError:  # a list or an object of a survey file
            results.append(convert(value))
            continue
        if result is None:
            result = known[key] = convert(value)
        results.append(result)
    return results


def _cell(own: Convert, words: Collection[str], value: Cell, *, is_text: bool) -> Converted:
    if not isinstance(value, str):
        return own(value)
    if len(value) > SHOWN and (fault := text_fault(value, max_chars=LONGEST, is_multiline=True)) is not None:
        return Converted(fault=fault)  # before anything composes it, which takes time by the square of its marks
    if (before := garbled(value)) is not None:
        return error("text_garbled", text=value[:40], likely=before[:40])
    key = plain(value)
    if not key or (key in EMPTY and key not in words and not (is_text and key not in DASHES)):
        return NOTHING
    return CLEAR if spelled("cell").get(key) == "clear" else own(value)


EMPTY = frozenset(spelling for spelling, key in spelled("cell").items() if key == "empty")
DASHES = frozenset(spelling for spelling in EMPTY if not any(map(str.isalnum, spelling)))
NONE = frozenset(spelling for spelling, key in spelled("cell").items() if key == "none")
BOUNDS = tuple(spelling for spelling, key in spelled("cell").items() if key == "bound")
ABOUT = tuple(sorted((s for s, key in spelled("cell").items() if key == "about"), key=len, reverse=True))


# Numbers


def _number(field: Field, options: ColumnOptions, value: Cell) -> Converted:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return error("cell_not_number")
    unit = options.unit
    if isinstance(value, str):
        parsed = _parsed(value, field)
        if isinstance(parsed, Converted):
            return parsed
        number, own_unit = parsed
        unit = own_unit or unit
    elif value != value or abs(value) == float("inf"):
        return error("cell_not_number")
    else:
        number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{DIGITS}g}")
    if f"{field.name}_unit" in ASSET:
        return _with_unit(field, number, unit)
    factor = None if unit is None else factor_to(unit, field.unit)
    if unit is not None and factor is None:
        return error("unit_does_not_fit", unit=unit[:SHOWN], own=field.unit or "-")
    return _bounded(field, number, factor or Fraction(1))


def _parsed(text: str, field: Field) -> tuple[Decimal, str | None] | Converted:
    """The number in a text and the unit after it; where anything else stands beside it, it is none."""
    stripped = plain(text)
    if stripped in NONE:
        return error("cell_says_none")
    if field.type == "integer" and stripped in spelled("number"):
        return Decimal(spelled("number")[stripped]), None
    body = _without_about(stripped).lstrip("¥￥")
    match = _NUMBER.fullmatch(body)
    if (match is None or match[3]) and (_SPAN.fullmatch(body) is not None or any(word in body for word in BOUNDS)):
        return error("cell_is_span")
    if match is None or match[3].startswith((",", ".")):
        return error("cell_not_number")
    number = Decimal(match[1].replace(",", "") + (match[2] or ""))
    rest = _without_about(match[3]).strip("()[]:")
    if not rest:
        return number, None
    multiple = multiple_of(rest)
    if multiple is not None:
        return number * int(multiple), None
    if spelled("atom").get(rest) == "year" and field.name.endswith("_year"):
        return number, None
    if measure(rest) is None or rest == SHARE:
        return error("unit_unknown", unit=rest[:SHOWN])
    return number, rest


def _without_about(text: str) -> str:
    for word in ABOUT:
        text = text.removeprefix(word) if text != word else text
        text = text.removesuffix(word) if text != word else text
    return text


def _with_unit(field: Field, number: Decimal, unit: str | None) -> Converted:
    """A number that is kept in the unit it was stated in, where that is one of those that are kept."""
    if unit is None:
        return _bounded(field, number, Fraction(1))
    known = measure(unit)
    if known is None or factor_to(unit, _AREA) is None:
        return error("unit_does_not_fit", unit=unit[:SHOWN], own=_AREA)
    kept = next((own for own in AreaUnit if measure(own.value) == known or factor_to(unit, own.value) == 1), None)
    factor = Fraction(1) if kept is not None else factor_to(unit, _AREA) or Fraction(1)
    return _bounded(field, number, factor)._replace(beside=(kept or AreaUnit.m2).value)


def _bounded(field: Field, number: Decimal, factor: Fraction) -> Converted:
    bound = field.bound or COUNT
    if not -30 <= number.adjusted() <= 30:
        return error("out_of_range", least=bound.least, most=bound.most)
    exact = number if factor == 1 else _times(number, factor)
    value = rounded(exact, bound.places) if field.type == "number" else exact
    if (fault := bound.fault(value)) is not None:
        return Converted(fault=fault)
    fault = None
    if value != exact and factor == 1:
        fault = Fault("cell_rounded", "", {"places": bound.places, "becomes": f"{value:f}"})
    return Converted(_stored(field, value), None, fault, is_error=False)


def _times(number: Decimal, factor: Fraction) -> Decimal:
    product = Fraction(number) * factor
    return Decimal(product.numerator) / Decimal(product.denominator)


def _stored(field: Field, value: Decimal) -> Any:
    """A number as the interface takes it: whole numbers as such, those among the attributes as numbers of JSON."""
    if field.type == "integer":
        return int(value)
    if field.store == "attributes":
        return int(value) if value == value.to_integral_value() else float(value)
    return value


# Days, truth values, words


def _day(field: Field, options: ColumnOptions, value: Cell) -> Converted:
    if isinstance(value, bool) or not isinstance(value, str | int | float | date):
        return error("cell_not_day")
    day = day_of(value, options.date_order)
    if isinstance(day, Fault):
        return Converted(fault=day)
    if f"{field.name}_precision" in ASSET:
        return Converted(day[0], day[1].value)
    is_exact = day[1] == "day"
    note = None if is_exact else Fault("day_assumed", "", {"becomes": str(day[0])})
    return Converted(day[0], None, note, is_error=False)


def _flag(value: Cell) -> Converted:
    if isinstance(value, bool):
        return Converted(value)
    if isinstance(value, int | float):
        return Converted(bool(value)) if value in (0, 1) else error("cell_not_flag")
    word = spelled("flag").get(plain(value)) if isinstance(value, str) else None
    return error("cell_not_flag") if word is None else Converted(word == "yes")


def vocabulary_of(field: Field) -> str:
    """The name of a field's vocabulary, as texts have it."""
    return field.words.__name__ if isinstance(field.words, type) else LISTED[field.words]


def _spellings(field: Field) -> Mapping[str, str]:
    return word_spellings(vocabulary_of(field), tuple(map(str, field.words)))


def _word(field: Field, spellings: Mapping[str, str], value: Cell) -> Converted:
    word = spellings.get(plain(value)) if isinstance(value, str) else None
    return _not_word(field) if word is None else Converted(word)


def _not_word(field: Field) -> Converted:
    return error("cell_not_word", vocabulary=vocabulary_of(field), words=list(map(str, field.words)))


def _words(field: Field, spellings: Mapping[str, str], value: Cell) -> Converted:
    whole = spellings.get(plain(value)) if isinstance(value, str) else None
    if whole is not None:
        return Converted([whole])
    listed = _listed(value)
    words = [spellings.get(plain(part)) for part in listed]
    if None in words:  # spaces part words too, where they are no part of one
        words = [spellings.get(plain(part)) for text in listed for part in text.split()]
    return _not_word(field) if not words or None in words else Converted(list(dict.fromkeys(words)))


def _listed(value: Cell) -> list[str]:
    """The members of a list: of a survey file as it stands or as its JSON text, else parted by the usual signs."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return [str(value)]
    if isinstance(value, list):
        return [str(part) for part in value]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return [part for part in _LIST.split(unicodedata.normalize("NFKC", str(value))) if part]


def _codes(field: Field, value: Cell) -> Converted:
    codes = list(dict.fromkeys(code.upper() for text in _listed(value) for code in text.split()))
    wrong = next((code for code in codes if not is_code_shape(code)), None)
    if wrong is not None:
        return error("industry_form", value=wrong[:16])
    if field.most is not None and len(codes) > field.most:
        return error("too_many_items", most=field.most)
    return Converted(codes)


# Texts


def _id(value: Cell) -> Converted:
    text = str(value).strip()
    return Converted(str(UUID(text))) if is_id(text) else error("wrong_type", expected=["uuid"])


def is_id(text: str) -> bool:
    """Whether a text is an id of the service."""
    return _ID.fullmatch(text) is not None


def _text(field: Field, value: Cell) -> Converted:
    """A text as it is written: what looks like a number or a day stays what it is, a number loses no digit."""
    if isinstance(value, date):
        text = value.isoformat().removesuffix("T00:00:00")
        if field.is_never_null:  # what the unit is called by: the spreadsheet program has made another text of it
            return error("text_became_day", becomes=text)
        return Converted(text, None, Fault("text_was_day", "", {"becomes": text}), is_error=False)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return error("cell_not_text")
    if isinstance(value, float):
        value = f"{Decimal(f'{value:.{DIGITS}g}'):f}" if value == value else ""
    is_multiline = field.store == "attributes"
    text = composed(str(value).strip())
    if not is_multiline:
        text = " ".join(part for line in re.split(f"[{''.join(LINE_CHARACTERS)}]+", text) if (part := line.strip()))
    fault = text_fault(text, max_chars=field.most or LONGEST_ATTRIBUTE, is_multiline=is_multiline)
    return Converted(text) if fault is None else Converted(fault=fault)
