"""Room to grow: the space on offer beside the unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matching.rules.curve import Scored, known_or
from matching.rules.requirement import Requirement, SoftCriterion, figures_of, has_bound, scaled_down
from matching.rules.verdict import lacking
from matching.scaled import AREA

if TYPE_CHECKING:
    from matching.ranking.options import OptionFacts
    from matching.ranking.question import Question


def curve(question: Question, facts: OptionFacts) -> Scored:
    """The space on offer beside the unit, as far as some is wished for later."""
    floor, wished = question.numbers.expansion_floor, float(question.demand.expansion or 1)
    beside = question.units["adjacent_m2"].take(facts.options.unit)
    share = beside.values / wished
    value = np.where(share >= 1.0, 1.0, floor + (1.0 - floor) * share)
    return known_or(question, beside, value), lacking(beside, "adjacent_m2")


CRITERION = SoftCriterion(
    id="expansion",
    unit="m2",
    is_mentioned=lambda question: has_bound(question, "adjacent_m2", question.demand.expansion),
    curve=curve,
    required=lambda question, _: scaled_down(question.demand.expansion, AREA),
    offered=figures_of("adjacent_m2", AREA),
)
REQUIREMENT = Requirement("expansion", criterion=CRITERION)
