"""The verdict on each way a unit could be taken, its score, and the best way of each unit.

A unit is shown by its best way: first by status, then by score.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from domain.words import Criterion
from matching import score
from matching.ranking import criteria
from matching.ranking.options import Ways, after_works, handover, needs_works, summed, taken_area
from matching.ranking.paths import EVERY_UNIT, Cost, budget_verdict, common_paths, title_verdict, yearly_cost
from matching.ranking.question import FIELD_BITS, RULE_BITS, Question
from matching.ranking.screen import Screen
from matching.scaled import Column, Floats, Ints, Mask

#: Stands for a day of handover nobody knows.
NO_DAY = -1


class Standing(IntEnum):
    """Where a unit stands for a demand, best first."""

    fit = 0
    fit_after_works = 1
    to_confirm = 2
    no_fit = 3


@dataclass(frozen=True)
class Judged:
    """Ways with their verdict.

    Shapes: aligned with `ways`; `desirabilities` by criterion, in its fixed order.
    Units: `score` 1e-9, `yearly_cost` 0.0001 yuan, infinite where unknown; `from_day` an ordinal, works included.
    """

    ways: Ways
    failed: NDArray[np.uint16]
    unknown: NDArray[np.uint16]
    lacking: NDArray[np.uint32]
    standing: NDArray[np.int8]
    score: NDArray[np.int64]
    desirabilities: dict[str, Floats]
    yearly_cost: Floats
    from_day: Ints

    def take(self, rows: Ints | Mask) -> Judged:
        """These ways alone."""
        return Judged(
            self.ways.take(rows),
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
    question: Question, screened: Screen, ways: Ways, weights: Mapping[str, float], *, failing: int = 0
) -> Judged:
    """Every way with its verdict, its desirabilities and its score; `failing` are rules that all of them fail."""
    has_works = needs_works(ways) if len(question.units.works.row) else np.zeros(len(ways.unit), np.bool_)
    failed = np.full(len(ways.unit), failing, np.uint16)
    unknown, lacking = screened.unknown_of(ways.unit)
    if len(screened.parts.rows):  # a whole is of a certain size
        unknown |= (ways.doubt != 0) * np.uint16(RULE_BITS["H2"] & screened.applicable)
        lacking |= ways.doubt
    from_day, late = handover(question, ways, has_works)
    failed |= late * np.uint16(RULE_BITS["H11"])
    yearly = _judge_paths(question, ways, failed, unknown, lacking)
    values = _desirabilities(question, screened, ways, weights, from_day, yearly, lacking)
    standing = has_works * np.int8(Standing.fit_after_works)
    standing[unknown != 0] = Standing.to_confirm
    standing[failed != 0] = Standing.no_fit
    return Judged(
        ways,
        failed,
        unknown,
        lacking,
        standing,
        score.combine(list(weights.values()), list(values.values()), question.parameters.numbers.score_exponent),
        values,
        np.where(yearly.known, yearly.amount, np.inf),
        from_day.values if from_day.is_known else np.where(from_day.known, from_day.values, NO_DAY),
    )


def _judge_paths(
    question: Question, ways: Ways, failed: NDArray[np.uint16], unknown: NDArray[np.uint16], lacking: NDArray[np.uint32]
) -> Cost:
    """H10 and H12 entered into the three bit sets; the yearly cost of every way."""
    count = len(ways.unit)
    is_one = len(question.path_groups) == 1
    nothing = np.zeros(0 if is_one else count)
    yearly = Cost(nothing, nothing.astype(np.bool_), nothing.astype(np.uint32))
    spent = summed(question.units.works.cost, ways).astype(np.float64) if len(question.units.works.row) else None
    for place, group in enumerate(question.path_groups):
        rows = _of_group(question, ways, place)
        units, taken = ways.unit[rows], taken_area(question, ways).take(rows)
        cost = yearly_cost(question, group, units, taken, 0.0 if spent is None else spent[rows])
        if is_one:
            yearly = cost
        else:
            yearly.amount[rows], yearly.known[rows], yearly.lacking[rows] = cost.amount, cost.known, cost.lacking
        budget = budget_verdict(question, group, units, cost)
        for rule, verdict in (("H10", budget), ("H12", title_verdict(question, group, units))):
            if verdict is not None:
                failed[rows] |= verdict.failed * np.uint16(RULE_BITS[rule])
                if verdict.unknown is not None:
                    unknown[rows] |= verdict.unknown * np.uint16(RULE_BITS[rule])
                    lacking[rows] |= verdict.lacking_of(np.arange(len(units)))
    return yearly


def _of_group(question: Question, ways: Ways, place: int) -> Ints | slice:
    """The ways of one path group; where there is one alone, all of them, and nothing is copied."""
    return EVERY_UNIT if len(question.path_groups) == 1 else np.flatnonzero(ways.group == place)


def _desirabilities(
    question: Question,
    screened: Screen,
    ways: Ways,
    weights: Mapping[str, float],
    from_day: Column,
    yearly: Cost,
    lacking: NDArray[np.uint32],
) -> dict[str, Floats]:
    """d of every criterion that weighs, in the fixed order; what is unknown of it is entered into `lacking`."""
    values: dict[str, Floats] = {}
    for criterion in weights:
        missing: NDArray[np.uint32] | int = 0
        match criterion:
            case Criterion.size:
                taken = taken_area(question, ways)
                values[criterion], missing = criteria.size(question, taken), _unless(taken, "available_area_m2")
            case Criterion.height:
                values[criterion] = criteria.height(question, _judged_height(question, screened, ways))
            case Criterion.load:
                values[criterion] = criteria.load(question, after_works(question, ways, "H4"))
            case Criterion.power:
                free = after_works(question, ways, "H5")
                values[criterion], missing = criteria.power(question, free), _unless(free, "power_kva")
            case Criterion.cost:
                values[criterion], missing = _cost(question, ways, yearly), yearly.lacking
            case Criterion.timing:
                values[criterion] = criteria.timing(question, from_day)
            case _:
                values[criterion], missing = _BY_UNIT[criterion](question, ways.unit)
        if not isinstance(missing, int):
            lacking |= missing
    return values


#: Criteria that hang on the unit alone, whichever way it is taken.
_BY_UNIT: Mapping[str, Callable[[Question, Ints], criteria.Scored]] = MappingProxyType(
    {
        Criterion.industry: criteria.industry,
        Criterion.location: criteria.location,
        Criterion.equipment: criteria.equipment,
        Criterion.condition: criteria.condition,
        Criterion.expansion: criteria.expansion,
        Criterion.policy: criteria.policy,
    }
)


def _unless(given: Column, field: str) -> NDArray[np.uint32] | int:
    if given.is_known:
        return 0
    return np.where(given.known, 0, FIELD_BITS[field]).astype(np.uint32)


def _judged_height(question: Question, screened: Screen, ways: Ways) -> Column:
    """The clear height, known only where it says what H3 asks."""
    height = question.units["clear_height_m"].take(ways.unit)
    verdict = screened.verdicts.get("H3")
    unsure = None if verdict is None else verdict.unknown
    return height if unsure is None else Column(height.values, ~unsure[ways.unit])


def _cost(question: Question, ways: Ways, yearly: Cost) -> Floats:
    if len(question.path_groups) == 1:
        return criteria.cost(question, 0, yearly)
    values = np.zeros(len(ways.unit))
    for place in range(len(question.path_groups)):
        rows = _of_group(question, ways, place)
        cost = Cost(yearly.amount[rows], yearly.known[rows], yearly.lacking[rows])
        values[rows] = criteria.cost(question, place, cost)
    return values


def best_ways(question: Question, judged: Judged) -> Judged:
    """The best way of each unit: standing, score, fewer unknowns, lower cost, then the first path."""
    unit = judged.ways.unit
    if bool((unit[1:] > unit[:-1]).all()):  # one way each
        return judged
    key = judged.standing.astype(np.int64) * (2 * score.ONE) - judged.score
    best = np.full(int(unit.max(initial=-1)) + 1, len(Standing) * 2 * score.ONE)
    np.minimum.at(best, unit, key)
    among_best = np.flatnonzero(key == best[unit])
    tied = np.bincount(unit[among_best], minlength=len(best))[unit[among_best]] > 1
    chosen = np.concatenate([among_best[~tied], _first_of_each(question, judged, among_best[tied])])
    return judged.take(chosen[np.argsort(unit[chosen])])


def _first_of_each(question: Question, judged: Judged, tied: Ints) -> Ints:
    """Of ways equal in standing and score, one a unit."""
    ways = judged.ways.take(tied)
    paths = common_paths(question, ways.unit) & np.array([group.mask for group in question.path_groups])[ways.group]
    first_path = paths & -paths
    unknowns, cost = np.bitwise_count(judged.lacking[tied]), judged.yearly_cost[tied]
    order = np.lexsort(
        (ways.effluent_works, ways.power_works, ways.load_works, ways.taken, first_path, cost, unknowns, ways.unit)
    )
    unit = ways.unit[order]
    first: Ints = tied[order[np.append(True, unit[1:] != unit[:-1])[: len(unit)]]]
    return first
