"""Land or factory space: every kind has a list of its own, so no unit is held against it here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matching.rules.requirement import HardRule, Requirement

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions


def offered(options: ShownOptions) -> Sequence[str | None]:
    """The kind of each, which is that of all."""
    question = options.question
    return [question.kind if "kind" in question.units else None] * len(options.rows)


RULE = HardRule(id="H1", columns=("kind",), required=lambda question, _: list(question.demand.kinds), offered=offered)
REQUIREMENT = Requirement("kind", RULE)
