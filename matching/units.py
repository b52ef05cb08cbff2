"""Scaled integers: how a number of the trade becomes a number that can be compared exactly.

Every column of a catalogue and every bound of a demand passes through `quantise`, so that equal figures are equal
integers.
Source: model R1, inputs: area 0.01 m², height 1 cm, load 0.01 kN/m², power 0.1 kVA, money 0.01 yuan, dates as whole
days.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

Number = Decimal | float | int
Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

AREA = 100
HEIGHT = 100
LOAD = 100
POWER = 10
MONEY = 100
#: A yearly cost is kept in 0.0001 yuan: money × area in their own units, so a rent times an area is an exact integer.
COST = MONEY * AREA


@dataclass(frozen=True)
class Column:
    """One column of a catalogue.

    Shapes: `values` and `known` are aligned; where `known` is false the value is 0 and means nothing.
    """

    values: Ints
    known: Mask

    def take(self, rows: Ints | slice) -> Column:
        """The same column for these rows alone; a slice copies nothing."""
        return Column(_frozen(self.values[rows]), _frozen(self.known[rows]))


def quantise(values: Sequence[Number | None], scale: int) -> Column:
    """The values in whole steps of 1/scale, as narrow as they fit.

    Empty: None and NaN are unknown.
    Raises: ValueError for an infinite value or one that float64 cannot hold to the step.
    """
    raw = np.array(values, dtype=np.float64)
    known = ~np.isnan(raw)
    scaled = np.rint(np.where(known, raw, 0.0) * scale)
    if scaled.size and float(np.abs(scaled).max()) > 2**53:
        raise ValueError(f"a value does not fit whole steps of 1/{scale}")
    return column(scaled.astype(np.int64), known)


def quantise_bound(value: Number | None, scale: int) -> int | None:
    """A bound of a demand in the same steps.

    Empty: absent and 0 are both "not mentioned".
    """
    if value is None or math.isnan(value):
        return None
    return int(quantise([value], scale).values[0]) or None


def days(values: Sequence[date | None]) -> Column:
    """Dates as whole days (proleptic Gregorian ordinals)."""
    ordinals = [0 if value is None else value.toordinal() for value in values]
    return column(np.array(ordinals, dtype=np.int64), np.array([value is not None for value in values], dtype=np.bool_))


def column(values: Ints, known: Mask) -> Column:
    """A read-only column in 32 bits where they suffice: half the memory to stream."""
    if values.dtype == np.int64 and (not values.size or int(np.abs(values).max()) < 2**31):
        values = values.astype(np.int32)
    return Column(_frozen(values), _frozen(known))


def _frozen(array: Any) -> Any:
    array.flags.writeable = False
    return array
