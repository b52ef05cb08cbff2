"""Land or factory space: every kind has a list of its own, so no unit is held against it here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.rules.requirement import HardRule, Requirement, Sides

if TYPE_CHECKING:
    from matching.answers.result import Shown


def sides(shown: Shown) -> Sides:
    """The kinds accepted, and the unit's."""
    return list(shown.question.demand.kinds), shown.question.kind if "kind" in shown.question.units else None


RULE = HardRule(id="H1", columns=("kind",), sides=sides)
REQUIREMENT = Requirement("kind", RULE)
