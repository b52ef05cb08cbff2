"""Fire hazard class: the firm's is no more dangerous than the building's. Source: GB 50016-2014 table 3.1.1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matching.codes import HAZARD_RANKS
from matching.rules.merge import greatest
from matching.rules.requirement import HardRule, Requirement
from matching.rules.verdict import Verdict, beyond

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.ranking.question import Question


def verdict(question: Question) -> Verdict | None:
    """Land has no class of its own."""
    demand, units = question.demand, question.units
    if not question.is_built or demand.hazard_class is None or "fire_hazard_class" not in units:
        return None
    accepted = units["fire_hazard_class"]
    return beyond(accepted, accepted.values > HAZARD_RANKS[demand.hazard_class], "fire_hazard_class")


def offered(options: ShownOptions) -> Sequence[str | None]:
    """The building's class."""
    words = {rank: word for word, rank in HAZARD_RANKS.items()}
    return [None if rank is None else words.get(rank) for rank in options.steps("fire_hazard_class")]


RULE = HardRule(
    id="H6",
    columns=("fire_hazard_class",),
    verdict=verdict,
    required=lambda question, _: question.demand.hazard_class,
    offered=offered,
)
REQUIREMENT = Requirement("hazard", RULE, merges={"fire_hazard_class": greatest})
