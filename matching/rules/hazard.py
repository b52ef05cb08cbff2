"""Fire hazard class: the firm's is no more dangerous than the building's. Source: GB 50016-2014 table 3.1.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.codes import HAZARD_RANKS
from matching.rules.merge import greatest
from matching.rules.requirement import HardRule, Requirement, Sides
from matching.rules.verdict import Verdict, beyond

if TYPE_CHECKING:
    from matching.answers.result import Shown
    from matching.ranking.question import Question


def verdict(question: Question) -> Verdict | None:
    """Land has no class of its own."""
    demand, units = question.demand, question.units
    if not question.is_built or demand.hazard_class is None or "fire_hazard_class" not in units:
        return None
    accepted = units["fire_hazard_class"]
    return beyond(accepted, accepted.values > HAZARD_RANKS[demand.hazard_class], "fire_hazard_class")


def sides(shown: Shown) -> Sides:
    """The firm's class, and the building's."""
    rank = shown.figure("fire_hazard_class", 1)
    offered = next((word for word, place in HAZARD_RANKS.items() if place == rank), None)
    return shown.question.demand.hazard_class, offered


RULE = HardRule(id="H6", columns=("fire_hazard_class",), verdict=verdict, sides=sides)
REQUIREMENT = Requirement("hazard", RULE, merges={"fire_hazard_class": greatest})
