"""Room to grow: the space on offer beside the unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matching.rules.curve import Scored, known_or
from matching.rules.requirement import Requirement, Sides, SoftCriterion, has_bound, scaled_down
from matching.rules.verdict import lacking
from matching.scaled import AREA

if TYPE_CHECKING:
    from matching.answers.result import Shown
    from matching.ranking.options import OptionFacts
    from matching.ranking.question import Question


def curve(question: Question, given: OptionFacts) -> Scored:
    """The space on offer beside the unit, as far as some is wished for later."""
    floor, wished = question.numbers.expansion_floor, float(question.demand.expansion or 1)
    beside = question.units["adjacent_m2"].take(given.options.unit)
    share = beside.values / wished
    value = np.where(share >= 1.0, 1.0, floor + (1.0 - floor) * share)
    return known_or(question, beside, value), lacking(beside, "adjacent_m2")


def sides(shown: Shown) -> Sides:
    """The space wished beside it and the space there is, m²."""
    return scaled_down(shown.question.demand.expansion, AREA), shown.figure("adjacent_m2", AREA)


CRITERION = SoftCriterion(
    id="expansion",
    unit="m2",
    is_mentioned=lambda question: has_bound(question, "adjacent_m2", question.demand.expansion),
    curve=curve,
    sides=sides,
)
REQUIREMENT = Requirement("expansion", criterion=CRITERION)
