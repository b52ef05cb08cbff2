"""The path: one that both accept; paths paid for alike and moving title alike are judged together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matching.codes import ALL_PATHS, paths_of
from matching.rules.merge import common
from matching.rules.requirement import HardRule, Requirement
from matching.rules.verdict import Verdict, beyond
from matching.scaled import Ints, Mask
from matching.score import in_order

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.ranking.question import Question

EVERY_UNIT = slice(None)


@dataclass(frozen=True)
class PathGroup:
    """Paths paid for in one form, moving title or not, with the same taxes on it: their verdicts are the same.

    Units: `taxes` by name, as shares of the price or the contribution.
    """

    mask: int
    form: str | None
    moves_title: bool
    taxes: tuple[tuple[str, float], ...] = ()

    @property
    def tax_rate(self) -> float:
        """All taxes on a transfer together."""
        return in_order(rate for _, rate in self.taxes)


def verdict(question: Question) -> Verdict | None:
    """A path in common."""
    if "allowed_paths" not in question.units:
        return None
    offered = question.units["allowed_paths"]
    return beyond(offered, (offered.values & question.demand.paths) == 0, "allowed_paths")


def offers(question: Question, group: PathGroup, rows: Ints | slice) -> Mask:
    """Units that may be had by a path of the group."""
    if "allowed_paths" not in question.units or not question.has(RULE.id):
        return np.ones(len(question.units), np.bool_)[rows]
    paths = question.units["allowed_paths"].take(rows)
    offered: Mask = (paths.values & group.mask) != 0
    return offered if paths.is_known else offered | ~paths.known


def common_paths(question: Question, rows: Ints | slice) -> Ints:
    """The paths both accept, as bit masks: what a unit names, and every accepted one where its paths are not known."""
    if "allowed_paths" not in question.units or not question.has(RULE.id):
        return np.full(len(question.units), question.demand.paths)[rows]
    paths = question.units["allowed_paths"].take(rows)
    return np.where(paths.known, paths.values & question.demand.paths, question.demand.paths)


def required(question: Question, _: PathGroup) -> list[str] | None:
    """The paths accepted, where not all of them are."""
    return None if question.demand.paths == ALL_PATHS else paths_of(question.demand.paths)


def offered(options: ShownOptions) -> Sequence[list[str] | None]:
    """The paths offered."""
    return [None if mask is None else paths_of(mask) for mask in options.steps("allowed_paths")]


RULE = HardRule(
    id="H9",
    columns=("allowed_paths",),
    verdict=verdict,
    alike=lambda question: question.demand.paths,
    required=required,
    offered=offered,
)
REQUIREMENT = Requirement("path", RULE, merges={"allowed_paths": common})
