"""Trucks: how long a one reaches the unit and can turn, of what the firm's need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.rules.curve import Scored, known_or, up
from matching.rules.merge import least
from matching.rules.requirement import Requirement, SoftCriterion, figures_of, has_bound, scaled_down
from matching.rules.verdict import lacking
from matching.scaled import steps_of

if TYPE_CHECKING:
    from matching.ranking.options import OptionFacts
    from matching.ranking.question import Question

FIELD = "truck_length_m"
STEPS = steps_of(FIELD)


def curve(question: Question, facts: OptionFacts) -> Scored:
    """The share of the length wished that reaches it."""
    length = question.units[FIELD].take(facts.options.unit)
    return known_or(question, length, up(length.values, 0, question.demand.figures[FIELD] or 0)), lacking(length, FIELD)


CRITERION = SoftCriterion(
    id="truck_access",
    unit="m",
    is_mentioned=lambda q: has_bound(q, FIELD, q.demand.figures[FIELD]),
    curve=curve,
    required=lambda question, _: scaled_down(question.demand.figures[FIELD], STEPS),
    offered=figures_of(FIELD, STEPS),
)
REQUIREMENT = Requirement("truck_access", criterion=CRITERION, merges={FIELD: least})
