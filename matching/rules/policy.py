"""Support: the share of what the firm wishes that the park gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matching.rules.curve import Scored
from matching.rules.requirement import Requirement, Sides, SoftCriterion
from matching.rules.verdict import FIELD_BITS

if TYPE_CHECKING:
    from matching.answers.result import Shown
    from matching.ranking.options import OptionFacts
    from matching.ranking.question import Question


def curve(question: Question, given: OptionFacts) -> Scored:
    """The share of the support wished that the park gives."""
    wished, unknown_value = question.demand.policies, question.numbers.unknown_value
    offered = [None if facts.policies is None else set(facts.policies) for facts in question.facts or ()]
    shares = [
        unknown_value if words is None else sum(word in words for word in wished) / len(wished) for words in offered
    ]
    lacking = np.array([FIELD_BITS["policies"] if words is None else 0 for words in offered], np.uint32)
    index = question.units["facts"].values[given.options.unit]
    return np.array(shares, np.float64)[index], lacking[index]


def sides(shown: Shown) -> Sides:
    """The support wished, and that of it the park gives."""
    place = int(shown.question.units["facts"].values[shown.row])
    offered, wished = (shown.question.facts or ())[place].policies, shown.question.demand.policies
    return list(wished), None if offered is None else [word for word in wished if word in offered]


CRITERION = SoftCriterion(
    id="policy",
    is_mentioned=lambda q: bool(q.demand.policies) and q.facts is not None and "facts" in q.units,
    curve=curve,
    sides=sides,
)
REQUIREMENT = Requirement("policy", criterion=CRITERION)
