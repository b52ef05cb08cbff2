"""Support: the share of what the firm wishes that the park gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from matching.parks import Facts
from matching.rules.curve import Scored
from matching.rules.requirement import Requirement, SoftCriterion
from matching.rules.verdict import FIELD_BITS

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.ranking.options import OptionFacts
    from matching.ranking.question import Question


def curve(question: Question, facts: OptionFacts) -> Scored:
    """The share of the support wished that the park gives."""
    wished, (known, giving) = question.demand.policies, (question.facts or Facts()).policies
    counts = np.zeros(len(known), np.int64)
    for word in wished:
        counts += giving.get(word, False)
    shares = np.where(known, counts / len(wished), question.numbers.unknown_value)
    lacking = np.where(known, 0, FIELD_BITS["policies"]).astype(np.uint32)
    index = question.units["facts"].values[facts.options.unit]
    return shares[index], lacking[index]


def offered(options: ShownOptions) -> Sequence[list[str] | None]:
    """What its park gives of the support wished."""
    wished, lists = options.question.demand.policies, [park.policies for park in options.parks]
    return [None if words is None else [word for word in wished if word in words] for words in lists]


CRITERION = SoftCriterion(
    id="policy",
    is_mentioned=lambda q: bool(q.demand.policies) and q.facts is not None and "facts" in q.units,
    curve=curve,
    required=lambda question, _: list(question.demand.policies),
    offered=offered,
)
REQUIREMENT = Requirement("policy", criterion=CRITERION)
