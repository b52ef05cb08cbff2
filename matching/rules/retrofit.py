"""Rules that works on a unit can cure: what the works must reach, and what the unit is once they are done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.rules.bound import Amounts, MovableBound, shortfall
from matching.scaled import MONEY, Column, Ints, Mask

if TYPE_CHECKING:
    from matching.catalogue.retrofits import Retrofits
    from matching.ranking.options import Options
    from matching.ranking.question import Question

#: Instead of the place of an entry of the works.
NO_RETROFIT = -1
#: Works are accepted up to a cost, and works that cost nothing still have to be accepted.
ACCEPTED = 1


@dataclass(frozen=True, kw_only=True)
class Cure:
    """Works that can cure a rule. Units: `up_to` of an entry and `least` in steps of 1/`scale`.

    `ceiling` is a column no works reach beyond; `suffices` which entries serve in what no figure says; `more` what the
    entry of an answer holds of it.
    """

    scale: int
    least: Callable[[Question], int | None]
    ceiling: str | None = None
    suffices: Callable[[Question], Mask] | None = None
    more: Callable[[Retrofits, int], dict[str, Any]] | None = None


def retrofit_bound() -> MovableBound:
    """What a firm may accept to have built; it states that of nothing."""
    return MovableBound("works", "yuan", MONEY, 1, lambda _: 0, "retrofit")


def measure_retrofit(
    question: Question,
    amounts: Amounts,
    bounds: tuple[MovableBound, MovableBound],
    retrofits: Ints,
    missing: Ints,
) -> Mask:
    """What is missing of a bound without works; the cost, plus ACCEPTED, with them."""
    bound, accepted = bounds
    amounts[bound] = np.where(retrofits == NO_RETROFIT, shortfall(missing), 0)
    amounts[accepted] = np.append(question.units.retrofits.cost + ACCEPTED, 0)[retrofits]  # NO_RETROFIT reads the last
    return np.ones(len(retrofits), np.bool_)


def after_retrofit(question: Question, options: Options, column: str, rule: str, least: int | None) -> Column:
    """A capacity as it will be: works bring what is required and are credited with no more.

    Else a unit that needs works could score above one that meets the bound as it stands.
    """
    today = question.units[column].take(options.unit)
    if not len(question.units.retrofits.row):
        return today
    retrofits = options.retrofits[rule]
    return Column(np.where(retrofits == NO_RETROFIT, today.values, least or 0), today.known, today.is_known)
