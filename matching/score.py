"""From desirabilities to one score, and back to what each criterion contributed.

Only + − × ÷ √ in float64, in the fixed order the caller gives, so every processor answers the same bits; then whole
numbers of 1e-9, so that what is shown adds up. Source: model R1 §5, §5.7.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.scaled import Floats

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


def contributions(score: int, weights: Sequence[float], desirabilities: Sequence[float], exponent: float) -> list[int]:
    """The share of each criterion in a score, in 1e-9; they add up to it exactly."""
    return apportion(score, _parts(weights, desirabilities, exponent))


def _parts(weights: Sequence[float], desirabilities: Sequence[float], exponent: float) -> list[float]:
    """The terms of `combine`, of one option: Python's float and root are numpy's, bit for bit."""
    roots = [math.sqrt(d) if exponent == 0.5 else d for d in desirabilities]
    return [weight * root for weight, root in zip(weights, roots, strict=True)]


def points(score: int, shares: Sequence[int]) -> tuple[int, list[int]]:
    """Score and contributions in tenths of a point of 100; the shown contributions add up to the shown score."""
    total = tenths(score)
    return total, apportion(total, [float(share) for share in shares])


def tenths(score: int) -> int:
    """A score, or a difference of two, in tenths of a point of 100, halves up."""
    return (2 * score * TENTHS + WHOLE) // (2 * WHOLE)


def apportion(total: int, parts: Sequence[float]) -> list[int]:
    """`total` split in proportion to the parts by largest remainder; equal remainders go to the earlier part.

    Empty: parts that are all 0 get nothing.
    """
    whole = in_order(parts)
    if whole == 0:
        return [0] * len(parts)
    quotas = [total * (part / whole) for part in parts]
    shares = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda place: shares[place] - quotas[place])
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares


def in_order(parts: Iterable[float]) -> float:
    """The sum, one addition after the other: what `sum` does with floats differs between versions of Python."""
    total = 0.0
    for part in parts:
        total = total + part
    return total


def gains(score: int, weights: Sequence[float], desirabilities: Sequence[float], exponent: float) -> list[int]:
    """What the score would rise by, in 1e-9, were each criterion fully met. Gains do not add up."""
    parts, before, risen = _parts(weights, desirabilities, exponent), 0.0, []
    for place, weight in enumerate(weights):
        summed = before + weight  # the root of 1 is 1
        for part in parts[place + 1 :]:
            summed = summed + part
        risen.append(round((summed * summed if exponent == 0.5 else summed) * WHOLE) - score)
        before = before + parts[place]
    return risen


def points_text(score: int) -> str:
    """A score of its own in points with one decimal, as shown."""
    return tenths_text(tenths(score))


def tenths_text(count: int) -> str:
    """Points with one decimal, as shown."""
    return f"{count // 10}.{count % 10}"
