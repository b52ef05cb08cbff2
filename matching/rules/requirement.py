"""What a requirement is made of: a hard rule, a criterion, or both, and how its columns become one in a bundle.

A requirement reads a question and makes none: of the modules above this folder its files know the types alone.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from matching.rules.bound import Amounts, MovableBound
from matching.rules.curve import Scored
from matching.rules.merge import Merge
from matching.rules.retrofit import Cure
from matching.rules.verdict import Verdict
from matching.scaled import Ints, Mask

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.ranking.options import OptionFacts, Options
    from matching.ranking.question import Question
    from matching.ranking.screen import Screen
    from matching.rules.budget import Cost
    from matching.rules.path import PathGroup

#: What a demand requires, as an answer shows it; of some rules by the path.
Required = Callable[["Question", "PathGroup"], Any]
#: What each option offers of it.
Offered = Callable[["ShownOptions"], Sequence[Any]]


@dataclass(frozen=True, kw_only=True)
class HardRule:
    """What a unit must be; what a rule has none of is left out.

    `required` and `offered` are what an answer shows of it. Whatever reads shown options gives an entry an option.
    """

    id: str
    required: Required
    offered: Offered
    #: The columns it cannot do without.
    columns: tuple[str, ...] = ()
    #: Which of them lack, with or without facts of parks; left out: those that are not among the columns given.
    missing: Callable[[Container[str], bool], tuple[str, ...]] | None = None
    #: The unit of both sides.
    unit: str | None = None
    #: What decides it: the unit as it stands; else also which part is taken after which works; or by which path.
    hangs_on: Literal["unit", "option", "path"] = "unit"
    #: All units as they stand. None where it does not apply.
    verdict: Callable[[Question], Verdict | None] | None = None
    #: The same, path by path.
    path_verdict: Callable[[Question, PathGroup, Ints | slice, Cost | None], Verdict | None] | None = None
    #: Equal for demands whose verdicts are the same.
    alike: Callable[[Question], Hashable] | None = None
    #: Whether it applies to each shown option; left out: as to all units.
    applies: Callable[[ShownOptions], Sequence[bool]] | None = None
    #: The bounds of the demand that may move.
    bounds: tuple[MovableBound, ...] = ()
    #: Enters how far options lie beyond the bounds, and says which of them are certain.
    measure: Callable[[Question, Options, Amounts], Mask] | None = None
    #: Units of which what is unknown can still be measured.
    open_yet: Callable[[Question, Screen, Ints], Mask] | None = None
    cure: Cure | None = None
    #: What its entries in an answer hold beside that of every rule, by their statuses.
    more: Callable[[ShownOptions, Sequence[str]], Sequence[dict[str, Any]]] | None = None
    #: The key of its sentence.
    sentence: str = "listed"

    @cached_property
    def bit(self) -> int:
        """The rule in a bit set; H1 is the lowest."""
        return 1 << int(self.id[1:]) - 1


@dataclass(frozen=True, kw_only=True)
class SoftCriterion:
    """What a unit should be. `required` and `offered` are what an answer shows of it."""

    id: str
    required: Required
    offered: Offered
    #: Whether it weighs: the demand mentions it, it applies to the kind, and there are columns for it.
    is_mentioned: Callable[[Question], bool]
    #: From 0 to 1 for each option, by no other candidate.
    curve: Callable[[Question, OptionFacts], Scored]
    #: The unit of both sides.
    unit: str | None = None
    #: What its entries in an answer hold beside that of every criterion.
    more: Callable[[ShownOptions], Sequence[dict[str, Any]]] | None = None
    #: The key of its name, where that is not the requirement's.
    label: str | None = None


@dataclass(frozen=True)
class Requirement:
    """All there is to say of it: `name` is the key of what people call it, `merges` make its columns a bundle's."""

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


def figures_of(column: str, scale: int) -> Offered:
    """A column of the units in the unit of the trade, as what they offer."""
    return lambda options: options.figures(column, scale)


def nothing(options: ShownOptions) -> Sequence[None]:
    """What is offered where an answer shows nothing of it."""
    return [None] * len(options.rows)
