"""The shapes of the criteria: from a figure to a desirability of 0 to 1. Source: model R1 §5.3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matching.scaled import Column, Floats, Ints

if TYPE_CHECKING:
    from matching.ranking.question import Question

#: Desirabilities, and the bits of what is not known of each; 0: nothing of any.
Scored = tuple[Floats, NDArray[np.uint32] | int]


def up(values: Floats | Ints, low: float, top: float) -> Floats:
    """0 at `low`, 1 at `top`, straight between; a step where they meet."""
    if top <= low:
        return (values >= top).astype(np.float64)
    return _clipped(values - float(low), top - low)


def down(values: Floats | Ints, top: float, limit: float) -> Floats:
    """1 up to `top`, 0 from `limit`, straight between."""
    return _clipped(float(limit) - values, limit - top)


def _clipped(values: Any, span: float) -> Floats:
    values /= span
    clipped: Floats = values.clip(0.0, 1.0, out=values)  # faster than np.clip, and than the least of the greatest
    return clipped


def met(question: Question, values: Ints, least: float, top: float) -> Floats:
    """Nothing below `least`, a start of its own where just met, 1 from `top`."""
    start = question.numbers.met_exactly
    scored = up(values, least, top)
    scored *= 1.0 - start
    scored += start
    scored *= values >= least
    return scored


def known_or(question: Question, figure: Column, values: Floats) -> Floats:
    """The values, and where the figure is not known the fixed desirability of what is unknown."""
    return values if figure.is_known else np.where(figure.known, values, question.numbers.unknown_value)
