"""Equipment: the share of what was wished that is there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from domain.words import Equipment
from matching.rules.curve import Scored, up
from matching.rules.requirement import Requirement, SoftCriterion
from matching.rules.verdict import FIELD_BITS
from matching.scaled import CRANE, SPAN, Floats, Ints, Mask

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.ranking.options import OptionFacts
    from matching.ranking.question import Question
    from matching.rules.path import PathGroup

#: Equipment with a column of its own, and the steps of it.
STEPS: Mapping[str, int] = MappingProxyType({Equipment.crane_t: CRANE, Equipment.span_m: SPAN})


def is_mentioned(question: Question) -> bool:
    """Of a building, and of equipment there is a column for."""
    units = question.units
    return question.is_built and any(
        preference.item in units or "policy" in units for preference in question.demand.equipment
    )


def curve(question: Question, facts: OptionFacts) -> Scored:
    """The share of what was wished that is there, by weight; a capacity counts as far as it reaches."""
    units, unknown_value = facts.options.unit, question.numbers.unknown_value
    summed, total, unsaid = np.zeros(len(units)), 0.0, np.zeros(len(units), np.bool_)
    for preference in question.demand.equipment:
        offered, known = fitted(question, preference.item, units)
        share = offered > 0 if preference.at_least is None else up(offered, 0.0, preference.at_least)
        summed = summed + preference.weight * np.where(known, share, unknown_value)
        total, unsaid = total + preference.weight, unsaid | ~known
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


def required(question: Question, _: PathGroup) -> dict[str, Any]:
    """Each item with what is wished of it: an amount, or that it is there."""
    wished = question.demand.equipment
    return {preference.item: True if preference.at_least is None else preference.at_least for preference in wished}


def offered(options: ShownOptions) -> list[dict[str, Any]]:
    """Each item with what there is of it: an amount, or whether it is there."""
    entries: list[dict[str, Any]] = [{} for _ in options.rows]
    for preference in options.question.demand.equipment:
        values, known = fitted(options.question, preference.item, options.judged.options.unit)
        amounts: list[Any] = (values if preference.at_least is not None else values != 0).tolist()
        for entry, amount, is_known in zip(entries, amounts, known.tolist(), strict=True):
            entry[preference.item] = amount if is_known else None
    return entries


CRITERION = SoftCriterion(id="equipment", is_mentioned=is_mentioned, curve=curve, required=required, offered=offered)
REQUIREMENT = Requirement("equipment", criterion=CRITERION)
