"""Clear height, and where it is measured: under the beam or under the hook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from domain.words import HeightPoint
from matching.codes import HEIGHT_POINTS
from matching.rules.bound import Amounts, MovableBound, shortfall
from matching.rules.curve import Scored, known_or, met
from matching.rules.merge import least
from matching.rules.requirement import HardRule, Requirement, SoftCriterion, figures_of, has_bound, scaled_down
from matching.rules.verdict import FIELD_BITS, Verdict, beyond
from matching.scaled import HEIGHT, Column, Ints, Mask

if TYPE_CHECKING:
    from matching.ranking.options import OptionFacts, Options
    from matching.ranking.question import Question
    from matching.ranking.screen import Screen
    from matching.rules.path import PathGroup


def verdict(question: Question) -> Verdict | None:
    """A beam is above its hook: a height at the hook proves one at the beam; a low beam disproves the hook."""
    demand, units = question.demand, question.units
    if not question.is_built or demand.height_min is None or "clear_height_m" not in units:
        return None
    height = units["clear_height_m"]
    low = height.values < demand.height_min
    if demand.height_at is None or "clear_height_at" not in units:
        return beyond(height, low, "clear_height_m")
    point = units["clear_height_at"]
    as_stated = point.known & (point.values == HEIGHT_POINTS[demand.height_at])
    if demand.height_at == HeightPoint.under_hook:
        failed, passed = height.known & low, height.known & ~low & as_stated
    else:
        failed, passed = height.known & low & as_stated, height.known & ~low
    lacking = np.where(height.known, FIELD_BITS["clear_height_at"], FIELD_BITS["clear_height_m"]).astype(np.uint32)
    return Verdict(failed, ~failed & ~passed, lacking)


def curve(question: Question, facts: OptionFacts) -> Scored:
    """Half when just met, full one metre above; known only where it says what the rule requires."""
    clear = question.units["clear_height_m"].take(facts.options.unit)
    screened = facts.screened.verdicts.get(RULE.id)
    if screened is not None and screened.unknown is not None:
        clear = Column(clear.values, ~screened.unknown[facts.options.unit])
    minimum = question.demand.height_min or 0
    values = met(question, clear.values, minimum, minimum + question.numbers.height_comfort_m * HEIGHT)
    return known_or(question, clear, values), 0


MINIMUM = MovableBound("clear_height_m_min", "m", HEIGHT, -1, lambda question: question.demand.height_min)


def measure(question: Question, options: Options, amounts: Amounts) -> Mask:
    """A height under the hook is proved by one stated at the hook alone: any other could only become unknown."""
    demand, units = question.demand, question.units
    height = units["clear_height_m"].values[options.unit].astype(np.int64)
    amounts[MINIMUM] = shortfall((demand.height_min or 0) - height)
    if demand.height_at != HeightPoint.under_hook or "clear_height_at" not in units:
        return np.ones(len(options.unit), np.bool_)
    point = units["clear_height_at"].take(options.unit)
    certain: Mask = point.known & (point.values == HEIGHT_POINTS[HeightPoint.under_hook])
    return certain


def open_yet(question: Question, screened: Screen, rows: Ints) -> Mask:
    """Units whose height at the hook leaves open how high the beam is: a bound lowered to the hook is met for certain.

    So what is unknown of them is a shortfall with an amount.
    """
    judged = screened.verdicts.get(RULE.id)
    if question.demand.height_at != HeightPoint.under_beam or judged is None or judged.unknown is None:
        return np.zeros(len(rows), np.bool_)
    provable: Mask = judged.unknown[rows] & question.units["clear_height_m"].known[rows]
    return provable


def required(question: Question, _: PathGroup) -> float | None:
    """The least height."""
    return scaled_down(question.demand.height_min, HEIGHT)


RULE = HardRule(
    id="H3",
    columns=("clear_height_m",),
    unit="m",
    verdict=verdict,
    bounds=(MINIMUM,),
    measure=measure,
    open_yet=open_yet,
    required=required,
    offered=figures_of("clear_height_m", HEIGHT),
    sentence="least",
)
CRITERION = SoftCriterion(
    id="height",
    unit="m",
    is_mentioned=lambda q: q.is_built and has_bound(q, "clear_height_m", q.demand.height_min),
    curve=curve,
    required=required,
    offered=figures_of("clear_height_m", HEIGHT),
)
REQUIREMENT = Requirement("height", RULE, CRITERION, {"clear_height_m": least})
