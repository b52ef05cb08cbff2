"""From desirabilities to one score, and back to what each criterion contributed.

Only + − × ÷ √ in float64, in the fixed order the caller gives, so every processor answers the same bits; then whole
numbers
of 1e-9, so that what is shown adds up. Source: model R1 §5, §5.7.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.units import Floats

#: A score of 1 in its own steps, and in shown points of one decimal.
ONE = 1_000_000_000
TENTHS = 1000


def combine(weights: Sequence[float], desirabilities: Sequence[Floats], exponent: float) -> NDArray[np.int64]:
    """The scores, in 1e-9: (Σ w √d)² for exponent 0.5, Σ w d for exponent 1.

    Shapes: one weight and one array per criterion; the arrays are aligned.
    """
    total = terms(weights, desirabilities, exponent)
    summed = total[0]
    for term in total[1:]:
        summed = summed + term
    mean = summed * summed if exponent == 0.5 else summed
    return np.rint(mean * ONE).astype(np.int64)


def terms(weights: Sequence[float], desirabilities: Sequence[Floats], exponent: float) -> list[Floats]:
    """What each criterion adds under the mean: w √d, or w d."""
    roots = [np.sqrt(values) if exponent == 0.5 else values for values in desirabilities]
    return [weight * root for weight, root in zip(weights, roots, strict=True)]


def contributions(score: int, weights: Sequence[float], desirabilities: Sequence[float], exponent: float) -> list[int]:
    """The share of each criterion in a score, in 1e-9; they add up to it exactly."""
    parts = [float(part[0]) for part in terms(weights, [np.array([d]) for d in desirabilities], exponent)]
    return apportion(score, parts)


def points(score: int, shares: Sequence[int]) -> tuple[int, list[int]]:
    """Score and contributions in tenths of a point of 100; the shown contributions add up to the shown score."""
    total = (2 * score * TENTHS + ONE) // (2 * ONE)
    return total, apportion(total, [float(share) for share in shares])


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


def gain(score: int, place: int, weights: Sequence[float], desirabilities: Sequence[float], exponent: float) -> int:
    """What the score would rise by, in 1e-9, were this criterion fully met. Gains do not add up."""
    ideal = [np.array([1.0 if other == place else d]) for other, d in enumerate(desirabilities)]
    return int(combine(weights, ideal, exponent)[0]) - score


def tenths_text(tenths: int) -> str:
    """Points with one decimal, as shown."""
    return f"{tenths // 10}.{tenths % 10}"
