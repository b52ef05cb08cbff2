"""Equipment: the share of what was wished that is there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from domain.words import Equipment
from matching.rules.curve import Scored, up
from matching.rules.requirement import Requirement, Sides, SoftCriterion
from matching.rules.verdict import FIELD_BITS
from matching.scaled import CRANE, SPAN, Floats, Ints, Mask

if TYPE_CHECKING:
    from matching.answers.result import Shown
    from matching.ranking.options import OptionFacts
    from matching.ranking.question import Question

#: Equipment with a column of its own, and the steps of it.
STEPS: Mapping[str, int] = MappingProxyType({Equipment.crane_t: CRANE, Equipment.span_m: SPAN})


def is_mentioned(question: Question) -> bool:
    """Of a building, and of equipment there is a column for."""
    units = question.units
    return question.is_built and any(wish.item in units or "policy" in units for wish in question.demand.equipment)


def curve(question: Question, given: OptionFacts) -> Scored:
    """The share of what was wished that is there, by weight; a capacity counts as far as it reaches."""
    units, unknown_value = given.options.unit, question.numbers.unknown_value
    summed, total, unsaid = np.zeros(len(units)), 0.0, np.zeros(len(units), np.bool_)
    for wish in question.demand.equipment:
        offered, known = fitted(question, wish.item, units)
        share = offered > 0 if wish.at_least is None else up(offered, 0.0, wish.at_least)
        summed = summed + wish.weight * np.where(known, share, unknown_value)
        total, unsaid = total + wish.weight, unsaid | ~known
    return summed / total, unsaid * np.uint32(FIELD_BITS["equipment"])


def fitted(question: Question, item: str, units: Ints) -> tuple[Floats, Mask]:
    """How much of it there is, from the column of its own or from the unit's list; what is not said is unknown."""
    if item in question.units:
        column = question.units[item].take(units)
        return column.values / float(STEPS[item]), column.known
    if "policy" not in question.units or item in STEPS:
        return np.zeros(len(units)), np.zeros(len(units), np.bool_)
    lists = [dict(fittings).get(item) for _, _, fittings in question.units.policies]
    index = question.units["policy"].values[units]
    values = np.array([0.0 if value is None else value for value in lists], np.float64)
    return values[index], np.array([value is not None for value in lists], np.bool_)[index]


def sides(shown: Shown) -> Sides:
    """Each item with what is wished of it and what there is: an amount, or whether it is there."""
    required: dict[str, Any] = {}
    offered: dict[str, Any] = {}
    for wish in shown.question.demand.equipment:
        values, known = fitted(shown.question, wish.item, np.array([shown.row]))
        value = float(values[0]) if wish.at_least is not None else bool(values[0])
        required[wish.item] = True if wish.at_least is None else wish.at_least
        offered[wish.item] = value if known[0] else None
    return required, offered


CRITERION = SoftCriterion(id="equipment", is_mentioned=is_mentioned, curve=curve, sides=sides)
REQUIREMENT = Requirement("equipment", criterion=CRITERION)
