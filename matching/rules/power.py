"""Power free today; what could be added is a cure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matching.rules.bound import Amounts, MovableBound
from matching.rules.curve import Scored, known_or, up
from matching.rules.merge import summed
from matching.rules.requirement import HardRule, Requirement, SoftCriterion, figures_of, has_bound, scaled_down
from matching.rules.retrofit import Cure, after_retrofit, measure_retrofit, retrofit_bound
from matching.rules.verdict import Verdict, beyond, lacking
from matching.scaled import POWER, Column, Mask

if TYPE_CHECKING:
    from matching.ranking.options import OptionFacts, Options
    from matching.ranking.question import Question


def verdict(question: Question) -> Verdict | None:
    """What is free today."""
    minimum, units = question.demand.power_min, question.units
    if minimum is None or "power_kva" not in units:
        return None
    return beyond(units["power_kva"], units["power_kva"].values < minimum, "power_kva")


def supplied(question: Question, options: Options) -> Column:
    """What will be free."""
    return after_retrofit(question, options, "power_kva", RULE.id, question.demand.power_min)


def curve(question: Question, facts: OptionFacts) -> Scored:
    """All at the preferred power, less in proportion below it; nothing at none, before R2 at the minimum."""
    free, demand = supplied(question, facts.options), question.demand
    zero = question.numbers.power_zero_ratio * (demand.power_min or 0)
    values = up(free.values, zero, demand.power_preferred or 0)
    return known_or(question, free, values), lacking(free, "power_kva")


MINIMUM = MovableBound("power_kva_min", "kVA", POWER, -1, lambda question: question.demand.power_min)
RETROFIT = retrofit_bound()


def measure(question: Question, options: Options, amounts: Amounts) -> Mask:
    """What power lacks."""
    minimum, free = question.demand.power_min or 0, question.units["power_kva"].values[options.unit]
    missing = minimum - free.astype(np.int64)
    return measure_retrofit(question, amounts, (MINIMUM, RETROFIT), options.retrofits[RULE.id], missing)


RULE = HardRule(
    id="H5",
    columns=("power_kva",),
    unit="kVA",
    verdict=verdict,
    bounds=(MINIMUM, RETROFIT),
    measure=measure,
    cure=Cure(scale=POWER, least=lambda question: question.demand.power_min, ceiling="expandable_kva"),
    required=lambda question, _: scaled_down(question.demand.power_min, POWER),
    offered=figures_of("power_kva", POWER),
    sentence="least",
)
CRITERION = SoftCriterion(
    id="power",
    unit="kVA",
    is_mentioned=lambda q: has_bound(q, "power_kva", q.demand.power_preferred),
    curve=curve,
    required=lambda question, _: scaled_down(question.demand.power_preferred, POWER),
    offered=lambda options: options.option_figures(supplied, POWER),
)
REQUIREMENT = Requirement("power", RULE, CRITERION, {"power_kva": summed, "expandable_kva": summed})
