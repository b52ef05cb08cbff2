"""From desirabilities to one score, and back to what each criterion contributed.

Only + − × ÷ √ in float64, in the fixed order the caller gives, so every processor answers the same bits; then whole
numbers of 1e-9, so that what is shown adds up. Source: model R1 §5, §5.7.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.scaled import Floats, Ints

Count = TypeVar("Count", int, Ints)

#: A score of 1 in its own steps, and in shown points of one decimal.
WHOLE = 1_000_000_000
TENTHS = 1000


def combine(weights: Sequence[float], desirabilities: Sequence[Floats], exponent: float) -> NDArray[np.int64]:
    """The scores, in 1e-9: (Σ w √d)² for exponent 0.5, Σ w d for exponent 1.

    Shapes: one weight and one array per criterion; the arrays are aligned.
    """
    summed = np.zeros(len(desirabilities[0]))
    term = np.empty_like(summed)
    for weight, values in zip(weights, desirabilities, strict=True):
        np.multiply(np.sqrt(values, out=term) if exponent == 0.5 else values, weight, out=term)
        summed += term
    mean = np.square(summed, out=summed) if exponent == 0.5 else summed
    mean *= WHOLE
    return np.rint(mean, out=mean).astype(np.int64)


def contributions(scores: Ints, weights: Sequence[float], desirabilities: Floats, exponent: float) -> Ints:
    """The share of each criterion in each score, in 1e-9; they add up to it exactly.

    Shapes: a score an option; desirabilities and shares a row a criterion, in it an entry an option.
    """
    return apportion(scores, _parts(weights, desirabilities, exponent))


def _parts(weights: Sequence[float], desirabilities: Floats, exponent: float) -> Floats:
    """The terms of `combine`."""
    roots = np.sqrt(desirabilities) if exponent == 0.5 else desirabilities
    parts: Floats = np.array(weights, np.float64)[:, None] * roots
    return parts


def tenths(score: Count) -> Count:
    """A score, or a difference of two, in tenths of a point of 100, halves up; or an array of them."""
    return (2 * score * TENTHS + WHOLE) // (2 * WHOLE)


def apportion(totals: Ints, parts: NDArray[Any]) -> Ints:
    """Each total split in proportion to its parts by largest remainder; equal remainders go to the earlier part.

    Shapes: an entry a total; parts and shares a row a part, in it an entry a total.
    Empty: parts that are all 0 get nothing.
    """
    whole = np.zeros(len(totals))
    for part in parts:  # one addition after the other, so that every processor rounds alike
        whole += part
    quotas = totals * (parts / np.where(whole == 0, 1.0, whole))
    shares = quotas.astype(np.int64)
    left = np.where(whole == 0, 0, totals - shares.sum(axis=0))
    by_remainder = np.argsort(shares - quotas, axis=0, kind="stable")
    shares += np.argsort(by_remainder, axis=0) < left
    return shares


def in_order(parts: Iterable[float]) -> float:
    """The sum, one addition after the other: what `sum` does with floats differs between versions of Python."""
    total = 0.0
    for part in parts:
        total = total + part
    return total


def gains(scores: Ints, weights: Sequence[float], desirabilities: Floats, exponent: float) -> Ints:
    """What each score would rise by, in 1e-9, were each criterion fully met. Gains do not add up.

    Shapes: as `contributions`.
    """
    parts, before, risen = _parts(weights, desirabilities, exponent), np.zeros(len(scores)), []
    for place, weight in enumerate(weights):
        summed = before + weight  # the root of 1 is 1
        for part in parts[place + 1 :]:
            summed += part
        risen.append(np.rint((np.square(summed) if exponent == 0.5 else summed) * WHOLE).astype(np.int64) - scores)
        before = before + parts[place]
    return np.array(risen, np.int64).reshape(parts.shape)


def points_text(score: int) -> str:
    """A score of its own in points with one decimal, as shown."""
    return tenths_text(tenths(score))


def tenths_text(count: int) -> str:
    """Points with one decimal, as shown."""
    return f"{count // 10}.{count % 10}"
