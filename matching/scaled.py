"""Scaled integers: how a number of the trade becomes a number that can be compared exactly.

Every column of a catalogue and every bound of a demand passes through `quantise`: equal figures are equal integers.
Source: model R1, inputs: area 0.01 m², height 1 cm, load 0.01 kN/m², power 0.1 kVA, effluent 0.1 t/d, money 0.01 yuan,
dates as whole days.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from numbers import Real
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.fields import ASSET

Number = Decimal | float | int
Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def steps_of(name: str) -> int:
    """How many steps a unit of a field has. Raises: KeyError for a field that the ranking does not read."""
    steps = ASSET[name].steps
    if steps is None:
        raise KeyError(name)
    return steps


#: The area on offer is the first of three fields that is known; of every one of them.
AREA = 100
HEIGHT = steps_of("clear_height_m")
LOAD = steps_of("floor_load_kn_m2")
POWER = steps_of("power_kva")
MONEY = steps_of("rent_yuan_m2_month")
EFFLUENT = steps_of("effluent_free_t_d")
CRANE = steps_of("crane_t")
SPAN = steps_of("span_m")
#: A yearly cost is kept in 0.0001 yuan: money × area in their own units, so a rent times an area is an exact integer.
COST = MONEY * AREA


@dataclass(frozen=True)
class Column:
    """One column of a catalogue.

    Shapes: `values` and `known` are aligned; where `known` is false the value is 0 and means nothing. `is_known` says
    that `known` holds throughout: rules then need not look at it.
    """

    values: Ints
    known: Mask
    is_known: bool = False

    def take(self, rows: Ints | slice) -> Column:
        """The same column for these rows alone; a slice copies nothing."""
        values = self.values[rows] if isinstance(rows, slice) else self.values.take(rows)  # faster than an index
        if self.is_known:
            return Column(values, all_known(len(values)), is_known=True)
        return Column(values, self.known[rows])


_ALL_KNOWN = np.broadcast_to(np.True_, 2**40)


def frozen(column: Column) -> Column:
    """The same column, which nobody can write to."""
    return Column(_frozen(column.values), column.known if column.is_known else _frozen(column.known), column.is_known)


def all_known(count: int) -> Mask:
    """A mask that holds throughout and takes no memory."""
    return _ALL_KNOWN[:count]


def is_number(kind: type) -> bool:
    """Whether what is of this type is a number: truth values, texts and spans of time are read as numbers by numpy."""
    return issubclass(kind, Real | Decimal) and not issubclass(kind, bool | np.timedelta64)


def quantise(values: Sequence[Number | None], scale: int, least: float = -math.inf, most: float = math.inf) -> Column:
    """The values in whole steps of 1/scale, in 32 bits where they fit.

    Empty: None and NaN are unknown.
    Raises: ValueError for what is no number, an infinite value, one that float64 cannot hold to the step, or one
    outside `least` to `most`.
    """
    raw = _numbers(values)
    known = ~np.isnan(raw)
    with np.errstate(over="ignore"):
        scaled = np.rint(np.where(known, raw, 0.0) * scale)
    if scaled.size and float(np.abs(scaled).max()) > 2**53:
        raise ValueError(f"a value does not fit whole steps of 1/{scale}")
    if (least > -math.inf and bool((raw < least).any())) or (most < math.inf and bool((raw > most).any())):
        raise ValueError(f"outside {least:.15g} to {most:.15g}")
    return column(scaled.astype(np.int64), known)


def _numbers(values: Sequence[Number | None]) -> Floats:
    typed = isinstance(values, np.ndarray) and values.dtype.kind != "O"
    kinds = {values.dtype.type} if isinstance(values, np.ndarray) and typed else set(map(type, values))
    if not all(is_number(kind) or kind is NoneType for kind in kinds):
        raise ValueError("no number")
    return np.array(values, dtype=np.float64)


def quantise_bound(value: Number | None, scale: int) -> int | None:
    """A bound of a demand in the same steps, rounded as a column is.

    Empty: absent, NaN and 0 are all "not mentioned".
    Raises: as `quantise`.
    """
    if value is None or math.isnan(value):
        return None
    scaled = float(value) * scale
    if not abs(scaled) <= 2**53:
        raise ValueError(f"a value does not fit whole steps of 1/{scale}")
    return round(scaled) or None


#: Between the days of numpy, counted from 1970-01-01, and proleptic Gregorian ordinals.
EPOCH = date(1970, 1, 1).toordinal()


def days(values: Sequence[Any]) -> Column:
    """Dates as whole days (proleptic Gregorian ordinals).

    Units: `date`, ISO text, datetime64, or whole days since 1970-01-01. Empty: None, NaN and NaT are unknown.
    Raises: as `ordinal`.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "Miu":
        is_dated = values.dtype.kind == "M"
        counted = values.astype("datetime64[D]").astype(np.int64) if is_dated else values
        known = ~np.isnat(values) if is_dated else np.ones(len(values), np.bool_)
        if bool((known & ((counted < FIRST_DAY - EPOCH) | (counted > LAST_DAY - EPOCH))).any()):
            raise ValueError(_NO_DAY)
        return column(np.where(known, counted.astype(np.int64) + EPOCH, 0), known)
    known = np.array([value is not None and value == value for value in values], dtype=np.bool_)  # NaT is not itself
    ordinals = [ordinal(value) if has else 0 for value, has in zip(values, known.tolist(), strict=True)]
    return column(np.array(ordinals, dtype=np.int64), known)


#: The days there are.
FIRST_DAY, LAST_DAY = date.min.toordinal(), date.max.toordinal()
_NO_DAY = f"no day from {date.min} to {date.max}"


def ordinal(day: date | str | float | np.datetime64) -> int:
    """One day in any of these forms. Raises: ValueError for what is none."""
    if isinstance(day, date):
        return day.toordinal()
    if isinstance(day, str):
        return date.fromisoformat(day).toordinal()
    if isinstance(day, np.datetime64):
        day = int(day.astype("datetime64[D]").astype(np.int64))
    if not is_number(type(day)) or not FIRST_DAY - EPOCH <= day <= LAST_DAY - EPOCH or day != int(day):
        raise ValueError(_NO_DAY)
    return EPOCH + int(day)


def column(values: Ints, known: Mask) -> Column:
    """A read-only column in 32 bits where they suffice: half the memory to stream."""
    if values.dtype == np.int64 and (not values.size or -(2**31) <= int(values.min()) <= int(values.max()) < 2**31):
        values = values.astype(np.int32)
    if bool(known.all()):
        return Column(_frozen(values), all_known(len(values)), is_known=True)
    return Column(_frozen(values), _frozen(known))


def _frozen(array: Any) -> Any:
    array.setflags(write=False)
    return array
