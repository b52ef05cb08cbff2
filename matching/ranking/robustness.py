"""How much an order hangs on the weights: how often a unit stays in front when they are shaken.

The draws are stored data of a version, made once and checked by their sum; nothing is drawn while ranking.
Source: model R1 §5.4.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching import score
from matching.scaled import Floats, Ints

#: The best so many are drawn for, and what counts as being in front. With no more units than that all are.
BEST, FRONT = 50, 3
#: An importance is not multiplied by as much.
MOST_FACTOR = 1e6


@dataclass(frozen=True)
class Draws:
    """One version of plausible weightings.

    Shapes: `factors` draws × `criteria`; each multiplies an importance before it is squared.
    """

    version: str
    criteria: tuple[str, ...]
    factors: Floats

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Draws:
        """The version a document describes.

        Raises: ValueError where the factors are not those the document was made with.
        """
        if checksum(document["factors"]) != document["sha256"]:
            raise ValueError("factors: not those of the checksum")
        try:
            factors = np.array(document["factors"], np.float64)
        except (TypeError, ValueError) as fault:
            raise ValueError("factors: no numbers") from fault
        if factors.ndim != 2 or factors.shape[1] != len(document["criteria"]) or not len(factors):
            raise ValueError("factors: one for each criterion in every draw")
        if not ((factors > 0) & (factors < MOST_FACTOR)).all():
            raise ValueError(f"factors: above 0 and below {MOST_FACTOR:g}")
        return cls(str(document["version"]), tuple(document["criteria"]), factors)

    def weights(self, weights: Mapping[str, float]) -> Floats:
        """The weights of each draw, in the order of `weights`; a criterion without factors keeps its own."""
        shaken = np.ones((len(self.factors), len(weights)))
        for place, (name, weight) in enumerate(weights.items()):
            factor = self.factors[:, self.criteria.index(name)] if name in self.criteria else shaken[:, place]
            shaken[:, place] = weight * (factor * factor)
        total = shaken[:, 0].copy()
        for place in range(1, shaken.shape[1]):
            total = total + shaken[:, place]
        weighings: Floats = shaken / total[:, None]
        return weighings


def checksum(factors: Sequence[Sequence[float]]) -> str:
    """SHA-256 of the factors as JSON without spaces."""
    return hashlib.sha256(json.dumps(factors, separators=(",", ":")).encode()).hexdigest()


def shares_in_front(
    draws: Draws,
    weights: Mapping[str, float],
    desirabilities: Mapping[str, Floats],
    ties: Sequence[Floats | Ints],
    exponent: float,
) -> Floats | None:
    """In which share of the draws each unit is among the first three of these.

    Shapes: desirabilities and `ties`, the keys after the score, aligned with the units. Empty: None for three or fewer.
    """
    values = [desirabilities[name] for name in weights]
    count = len(values[0])
    if count <= FRONT:
        return None
    in_front = np.zeros(count, np.int64)
    for drawn in draws.weights(weights):
        scores = score.combine([float(weight) for weight in drawn], values, exponent)
        in_front[np.lexsort([*reversed(ties), -scores])[:FRONT]] += 1
    shares: Floats = in_front / len(draws.factors)
    return shares
