"""A bound of the demand that may move, and by how much an option lies beyond it: what near misses are made of.

Source: model R1 §5.8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from matching.scaled import Ints

if TYPE_CHECKING:
    from matching.ranking.question import Question


@dataclass(frozen=True, eq=False)
class MovableBound:
    """`sign` −1 where it moves down and 1 up, in steps of 1/`scale` of its unit; `stated` is it as it stands.

    `name` is the demand's own field; `{area}` is that of the kind. `whole` is what an amount is held against where it
    is not the bound itself. Works are a bound too: what a firm accepts to have built, up to a cost.
    """

    name: str
    unit: str
    scale: int
    sign: int
    stated: Callable[[Question], int | None]
    form: Literal["amount", "days", "wider", "retrofit"] = "amount"
    whole: Callable[[Question], float] | None = None


#: How far options lie beyond each bound, in its steps.
Amounts = dict[MovableBound, Ints]


def shortfall(missing: Ints) -> Ints:
    """How much is missing; nothing where there is more than enough."""
    amounts: Ints = np.maximum(missing, 0)
    return amounts
