"""How a column of several units becomes that of a bundle of them: one value for each set of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.scaled import Column, column

if TYPE_CHECKING:
    from matching.ranking.question import Question

Rows = tuple[int, ...]
Merge = Callable[["Question", Column, Sequence[Rows]], Column]


def gathered(single: Column, sets: Sequence[Rows], join: Any) -> Column:
    """One value for each set, known where it is known of all its units."""
    values = [join([int(single.values[row]) for row in rows]) for rows in sets]
    known = [all(bool(single.known[row]) for row in rows) for rows in sets]
    return column(np.where(known, np.array(values, np.int64), 0), np.array(known, np.bool_))


def least(_: Question, single: Column, sets: Sequence[Rows]) -> Column:
    """The least of all."""
    return gathered(single, sets, min)


def greatest(_: Question, single: Column, sets: Sequence[Rows]) -> Column:
    """The greatest of all."""
    return gathered(single, sets, max)


def summed(_: Question, single: Column, sets: Sequence[Rows]) -> Column:
    """All of them together."""
    return gathered(single, sets, sum)


def common(_: Question, single: Column, sets: Sequence[Rows]) -> Column:
    """Bits all of them have. Sets with none in common keep a value of 0 that is known: nothing they share."""
    return gathered(single, sets, lambda values: int(np.bitwise_and.reduce(values)))


def same(_: Question, single: Column, sets: Sequence[Rows]) -> Column:
    """What holds of all of them alike; where they differ, it is not known of the whole."""
    values = [int(single.values[rows[0]]) for rows in sets]
    known = [
        all(bool(single.known[row]) and int(single.values[row]) == value for row in rows)
        for rows, value in zip(sets, values, strict=True)
    ]
    return column(np.where(known, np.array(values, np.int64), 0), np.array(known, np.bool_))


def first(_: Question, single: Column, sets: Sequence[Rows]) -> Column:
    """That of the first unit."""
    return single.take(np.array([rows[0] for rows in sets], np.int64))


def per_area(question: Question, single: Column, sets: Sequence[Rows]) -> Column:
    """A price per m² that costs as much as they cost together, rounded up to its step."""
    areas = question.units["area"].values if "area" in question.units else np.ones(len(question.units), np.int64)
    values = []
    for rows in sets:
        whole = sum(int(areas[row]) for row in rows)
        paid = sum(int(areas[row]) * int(single.values[row]) for row in rows)
        values.append(int(single.values[rows[0]]) if len(rows) == 1 or not whole else -(-paid // whole))
    known = [all(bool(single.known[row]) for row in rows) for rows in sets]
    return column(np.where(known, np.array(values, np.int64), 0), np.array(known, np.bool_))
