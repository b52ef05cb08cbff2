"""What a requirement is made of: a hard rule, a criterion, or both, and how its columns become one in a bundle.

A requirement reads a question and makes none: of the modules above this folder its files know the types alone.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from domain.words import Criterion
from matching.rules.bound import Amounts, MovableBound
from matching.rules.curve import Scored
from matching.rules.merge import Merge
from matching.rules.retrofit import Cure
from matching.rules.verdict import Verdict
from matching.scaled import Ints, Mask

if TYPE_CHECKING:
    from matching.answers.result import Shown
    from matching.ranking.options import OptionFacts, Options
    from matching.ranking.question import Question
    from matching.ranking.screen import Screen
    from matching.rules.budget import Cost
    from matching.rules.path import PathGroup

#: What is required and what is offered, as an answer shows them.
Sides = tuple[Any, Any]


@dataclass(frozen=True, kw_only=True)
class HardRule:
    """What a unit must be. Every field but the first three may be left out, and says what happens then.

    `verdict` judges the units as they stand; of a rule that hangs on the path, `path_verdict` does, path by path (None:
    no rule of its own there). `measure` enters how far options lie beyond the `bounds`, and says which are certain: for
    options of units that fail the rule, or for all where it hangs on more than the unit. `open_yet` are units whose
    unknown is a shortfall with an amount. Demands with an `alike` in common find the same units to fail the rule.
    """

    id: str
    sides: Callable[[Shown], Sides]
    columns: tuple[str, ...] = ()
    unit: str | None = None
    hangs_on: Literal["unit", "option", "path"] = "unit"
    verdict: Callable[[Question], Verdict | None] | None = None
    path_verdict: Callable[[Question, PathGroup, Ints | slice, Cost | None], Verdict | None] | None = None
    bounds: tuple[MovableBound, ...] = ()
    measure: Callable[[Question, Options, Amounts], Mask] | None = None
    open_yet: Callable[[Question, Screen, Ints], Mask] | None = None
    cure: Cure | None = None
    alike: Callable[[Question], Hashable] | None = None
    #: Whether it applies to one shown option; left out: to all of them, or to none.
    applies: Callable[[Shown], bool] | None = None
    #: Which of its columns lack in a catalogue, with or without facts of parks; left out: those that are not there.
    missing: Callable[[Container[str], bool], tuple[str, ...]] | None = None
    #: What its entry in an answer holds beyond that of every rule, by its status.
    more: Callable[[Shown, str], dict[str, Any]] | None = None
    #: The key of its sentence.
    sentence: str = "listed"

    @property
    def bit(self) -> int:
        """The rule in a bit set; H1 is the lowest."""
        return 1 << int(self.id[1:]) - 1


@dataclass(frozen=True, kw_only=True)
class SoftCriterion:
    """What a unit should be. It weighs where `is_mentioned`; `label` where its name is not that of the requirement."""

    id: Criterion
    is_mentioned: Callable[[Question], bool]
    curve: Callable[[Question, OptionFacts], Scored]
    sides: Callable[[Shown], Sides]
    unit: str | None = None
    more: Callable[[Shown], dict[str, Any]] | None = None
    label: str | None = None


@dataclass(frozen=True)
class Requirement:
    """All there is to say of it; `name` is the key of what people call it, `merges` are by column."""

    name: str
    rule: HardRule | None = None
    criterion: SoftCriterion | None = None
    merges: Mapping[str, Merge] = field(default_factory=dict)


def has_bound(question: Question, column: str, bound: int | None) -> bool:
    """Whether a bound is stated and there is a column to hold against it."""
    return bound is not None and column in question.units


def scaled_down(value: int | None, scale: int) -> float | None:
    """A bound in the unit of the trade."""
    return None if value is None else value / scale
