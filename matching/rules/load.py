"""Floor load; works can strengthen a floor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matching.rules.bound import Amounts, MovableBound
from matching.rules.curve import Scored, known_or, met
from matching.rules.merge import least
from matching.rules.requirement import HardRule, Requirement, SoftCriterion, figures_of, has_bound, scaled_down
from matching.rules.retrofit import Cure, after_retrofit, measure_retrofit, retrofit_bound
from matching.rules.verdict import Verdict, beyond
from matching.scaled import LOAD, Column, Mask

if TYPE_CHECKING:
    from matching.ranking.options import OptionFacts, Options
    from matching.ranking.question import Question
    from matching.rules.path import PathGroup


def verdict(question: Question) -> Verdict | None:
    """What a built floor carries."""
    minimum, units = question.demand.load_min, question.units
    if not question.is_built or minimum is None or "floor_load_kn_m2" not in units:
        return None
    return beyond(units["floor_load_kn_m2"], units["floor_load_kn_m2"].values < minimum, "floor_load_kn_m2")


def carried(question: Question, options: Options) -> Column:
    """What the floor will carry."""
    return after_retrofit(question, options, "floor_load_kn_m2", RULE.id, question.demand.load_min)


def curve(question: Question, facts: OptionFacts) -> Scored:
    """Half when just met, full a fifth above."""
    load, minimum = carried(question, facts.options), question.demand.load_min or 0
    comfort = minimum * question.numbers.load_comfort_ratio
    return known_or(question, load, met(question, load.values, minimum, comfort)), 0


MINIMUM = MovableBound("floor_load_kn_m2_min", "kN/m2", LOAD, -1, lambda question: question.demand.load_min)
RETROFIT = retrofit_bound()


def measure(question: Question, options: Options, amounts: Amounts) -> Mask:
    """What the floor lacks."""
    minimum, today = question.demand.load_min or 0, question.units["floor_load_kn_m2"].values[options.unit]
    missing = minimum - today.astype(np.int64)
    return measure_retrofit(question, amounts, (MINIMUM, RETROFIT), options.retrofits[RULE.id], missing)


def required(question: Question, _: PathGroup) -> float | None:
    """The least load."""
    return scaled_down(question.demand.load_min, LOAD)


RULE = HardRule(
    id="H4",
    columns=("floor_load_kn_m2",),
    unit="kN/m2",
    verdict=verdict,
    bounds=(MINIMUM, RETROFIT),
    measure=measure,
    cure=Cure(scale=LOAD, least=lambda question: question.demand.load_min),
    required=required,
    offered=figures_of("floor_load_kn_m2", LOAD),
    sentence="least",
)
CRITERION = SoftCriterion(
    id="load",
    unit="kN/m2",
    is_mentioned=lambda q: q.is_built and has_bound(q, "floor_load_kn_m2", q.demand.load_min),
    curve=curve,
    required=required,
    offered=lambda options: options.option_figures(carried, LOAD),
)
REQUIREMENT = Requirement("load", RULE, CRITERION, {"floor_load_kn_m2": least})
