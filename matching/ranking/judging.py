"""The verdict on each option of taking a unit, its score, and the best option of each unit.

A unit is shown by its best option: first by status, then by score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from matching import score
from matching.ranking.options import OptionFacts, Options
from matching.ranking.question import Question
from matching.ranking.screen import Screen
from matching.rules import BY_PATH, CRITERIA, area, handover
from matching.rules.area import taken_area
from matching.rules.budget import Cost, rows_of_group, yearly_cost
from matching.rules.handover import NO_DAY
from matching.rules.path import common_paths
from matching.scaled import Floats, Ints, Mask


class Standing(IntEnum):
    """Where a unit stands for a demand, best first."""

    fit = 0
    fit_after_works = 1
    to_confirm = 2
    no_fit = 3


@dataclass(frozen=True)
class Judged:
    """Options with their verdict.

    Shapes: aligned with `options`; `desirabilities` by criterion, in its fixed order.
    Units: `score` 1e-9, `yearly_cost` 0.0001 yuan, infinite where unknown; `from_day` an ordinal, works included.
    """

    options: Options
    failed: NDArray[np.uint16]
    unknown: NDArray[np.uint16]
    lacking: NDArray[np.uint32]
    standing: NDArray[np.int8]
    score: NDArray[np.int64]
    desirabilities: dict[str, Floats]
    yearly_cost: Floats
    from_day: Ints

    def take(self, rows: Ints | Mask) -> Judged:
        """These options alone."""
        return Judged(
            self.options.take(rows),
            self.failed[rows],
            self.unknown[rows],
            self.lacking[rows],
            self.standing[rows],
            self.score[rows],
            {name: values[rows] for name, values in self.desirabilities.items()},
            self.yearly_cost[rows],
            self.from_day[rows],
        )


def judge(
    question: Question, screened: Screen, options: Options, weights: Mapping[str, float], *, failing: int = 0
) -> Judged:
    """Every option with its verdict, its desirabilities and its score; `failing` are rules that all of them fail."""
    retrofits, count = question.units.retrofits, len(options.unit)
    has_works = options.has_works() if len(retrofits.row) else np.zeros(count, np.bool_)
    failed = np.full(count, failing, np.uint16)
    unknown, lacking = screened.unknown_of(options.unit)
    if len(screened.parts.rows):  # a whole is of a certain size
        is_judged = question.choices.confirms_parts_in_doubt or area.RULE.bit & screened.applicable
        unknown |= (options.doubt != 0) * np.uint16(area.RULE.bit if is_judged else 0)
        lacking |= options.doubt
    from_day, late = handover.handover(question, options, has_works)
    failed |= late * np.uint16(handover.RULE.bit)
    yearly = _judge_paths(question, options, failed, unknown, lacking)
    facts = OptionFacts(options, screened, from_day, yearly)
    values = _desirabilities(question, facts, weights, lacking)
    standing = has_works * np.int8(Standing.fit_after_works)
    for bits, worse in ((unknown, Standing.to_confirm), (failed, Standing.no_fit)):
        if bits.any():
            standing[bits != 0] = worse
    return Judged(
        options,
        failed,
        unknown,
        lacking,
        standing,
        score.combine(list(weights.values()), list(values.values()), question.numbers.score_exponent),
        values,
        yearly.amount if yearly.is_known else np.where(yearly.known, yearly.amount, np.inf),
        from_day.values if from_day.is_known else np.where(from_day.known, from_day.values, NO_DAY),
    )


def _judge_paths(
    question: Question,
    options: Options,
    failed: NDArray[np.uint16],
    unknown: NDArray[np.uint16],
    lacking: NDArray[np.uint32],
) -> Cost:
    """The rules that hang on the path entered into the three bit sets; the yearly cost of every option."""
    retrofits, count = question.units.retrofits, len(options.unit)
    is_single = len(question.path_groups) == 1
    nothing = np.zeros(0 if is_single else count)
    missing = nothing.astype(np.uint32)
    yearly = Cost(nothing, nothing.astype(np.bool_), missing)
    spent = options.summed(retrofits.cost).astype(np.float64) if len(retrofits.row) else None
    for place, group in enumerate(question.path_groups):
        rows = rows_of_group(question, options, place)
        units, taken = options.unit[rows], taken_area(question, options).take(rows)
        cost = yearly_cost(question, group, units, taken, 0.0 if spent is None else spent[rows])
        if is_single:
            yearly = cost
        else:
            yearly.amount[rows], yearly.known[rows], missing[rows] = cost.amount, cost.known, cost.lacking
        for rule in BY_PATH:
            verdict = None if rule.path_verdict is None else rule.path_verdict(question, group, units, cost)
            if verdict is not None:
                failed[rows] |= verdict.failed * np.uint16(rule.bit)
                if verdict.unknown is not None:
                    unknown[rows] |= verdict.unknown * np.uint16(rule.bit)
                    lacking[rows] |= verdict.lacking_of(np.arange(len(units)))
    return yearly


def _desirabilities(
    question: Question, facts: OptionFacts, weights: Mapping[str, float], lacking: NDArray[np.uint32]
) -> dict[str, Floats]:
    """d of every criterion that weighs, in the fixed order; what is unknown of it is entered into `lacking`."""
    values: dict[str, Floats] = {}
    for criterion in weights:
        values[criterion], missing = CRITERIA[criterion].curve(question, facts)
        if not isinstance(missing, int):
            lacking |= missing
    return values


def best_options(question: Question, judged: Judged) -> Judged:
    """The best option of each unit: standing, score, fewer unknowns, lower cost, then the first path."""
    unit = judged.options.unit
    if bool((unit[1:] > unit[:-1]).all()):  # one option each
        return judged
    key = judged.standing.astype(np.int64) * (2 * score.WHOLE) - judged.score
    best = np.full(int(unit.max(initial=-1)) + 1, len(Standing) * 2 * score.WHOLE)
    np.minimum.at(best, unit, key)
    among_best = np.flatnonzero(key == best[unit])
    tied = np.bincount(unit[among_best], minlength=len(best))[unit[among_best]] > 1
    chosen = np.concatenate([among_best[~tied], _first_of_each(question, judged, among_best[tied])])
    return judged.take(chosen[np.argsort(unit[chosen])])


def _first_of_each(question: Question, judged: Judged, tied: Ints) -> Ints:
    """Of options equal in standing and score, one a unit."""
    options = judged.options.take(tied)
    masks = np.array([group.mask for group in question.path_groups])[options.group]
    paths = common_paths(question, options.unit) & masks
    first_path = paths & -paths
    unknowns, cost = np.bitwise_count(judged.lacking[tied]), judged.yearly_cost[tied]
    retrofits = reversed(list(options.retrofits.values()))
    order = np.lexsort((*retrofits, options.taken, first_path, cost, unknowns, options.unit))
    unit = options.unit[order]
    first: Ints = tied[order[np.append(True, unit[1:] != unit[:-1])[: len(unit)]]]
    return first
