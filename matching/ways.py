"""The ways a unit could be taken: which part of it, by which paths, after which works; and the best of them.

Only units that fail nothing but what works could cure come here. A unit is shown by its best way: first by status,
then by score.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import IntEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from domain.words import Criterion
from matching import criteria, score
from matching.constraints import Screen, effluent_wish
from matching.paths import EVERY_UNIT, Cost, budget_verdict, common_paths, offers, title_verdict, yearly_cost
from matching.question import FIELD_BITS, RULE_BITS, Question
from matching.units import Column, Floats, Ints, Mask, all_known

NO_WORKS = -1
#: Stands for a day of handover nobody knows.
NO_DAY = -1


class Standing(IntEnum):
    """Where a unit stands for a demand, best first."""

    fit = 0
    fit_after_works = 1
    to_confirm = 2
    no_fit = 3


@dataclass(frozen=True)
class Ways:
    """Shapes: one entry each. `unit` is a row of the catalogue, `group` an index into the question's path groups,
    `doubt` the fields that keep a part of this size from being certain, the three works indices into the catalogue's
    works or NO_WORKS.
    """

    unit: Ints
    taken: Ints
    doubt: NDArray[np.uint32]
    group: Ints
    load_works: Ints
    power_works: Ints
    effluent_works: Ints

    def take(self, rows: Ints | Mask) -> Ways:
        """These ways alone."""
        return Ways(*(getattr(self, field.name)[rows] for field in fields(self)))


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


def open_ways(question: Question, screened: Screen) -> Ways:
    """Every way of every unit that fails nothing, or nothing but what works of its own could cure."""
    limits, need = works_limits(question), question.need
    asked = {"H4": need.load_min or 0, "H5": need.power_min or 0, "H8": effluent_wish(question)[1] or 0}
    able = {rule: _curable(question, rule, limits, least) for rule, least in asked.items()} if len(limits) else {}
    is_open = screened.open(able)
    parts = screened.parts
    whole = (is_open & parts.whole).nonzero()[0]
    areas = question.units["area"].values if "area" in question.units else np.zeros(len(question.units), np.int64)
    unit, taken, doubt = whole, areas[whole].astype(np.int64), np.zeros(len(whole), np.uint32)
    if len(parts.rows):
        part = np.flatnonzero(is_open[parts.rows])
        unit = np.concatenate([unit, parts.rows[part]])
        taken = np.concatenate([taken, parts.size[part]])
        doubt = np.concatenate([doubt, parts.doubt[part]])
    if len(question.path_groups) == 1:  # what H9 left is to be had by it
        group = np.zeros(len(unit), np.int8)
    else:
        places = [offers(question, group, unit).nonzero()[0] for group in question.path_groups]
        place = np.concatenate(places)
        group = np.repeat(np.arange(len(places), dtype=np.int8), [len(rows) for rows in places])
        unit, taken, doubt = unit[place], taken[place], doubt[place]
    none = np.full(len(unit), NO_WORKS)
    ways = Ways(unit, taken, doubt, group, none, none, none)
    for rule, least in asked.items() if len(question.units.works.row) else ():
        ways = cured(question, screened, ways, rule, limits, least)
    return ways


def _curable(question: Question, rule: str, limits: Ints, least: int) -> Mask:
    """Units with works that suffice for the rule."""
    works = question.units.works
    able = np.zeros(len(question.units), np.bool_)
    able[works.row[_enough(question, rule, limits, least)]] = True
    return able


def _enough(question: Question, rule: str, limits: Ints, least: int) -> Ints:
    """The works that bring what a rule asks for."""
    works = question.units.works
    if not len(limits):
        return np.zeros(0, np.int64)
    suffices = (np.array(works.rule, dtype="U2") == rule) & (limits >= least)
    if rule == "H8":
        suffices &= (~_discharged(question) & effluent_wish(question)[0]) == 0
    return np.flatnonzero(suffices)


def _discharged(question: Question) -> Ints:
    """What each unit with works may discharge after each of them: what it may today, and what they add."""
    works = question.units.works
    if "effluent_types" not in question.units:
        return works.effluents
    today: Ints = question.units["effluent_types"].take(works.row).values | works.effluents
    return today


#: Which of a way's works cures which rule.
WORKS_OF: Mapping[str, str] = MappingProxyType({"H4": "load_works", "H5": "power_works", "H8": "effluent_works"})


def works_limits(question: Question) -> Ints:
    """Up to where each entry of the works reaches: as it says, and never beyond the power that can be added.

    Shapes: aligned with the works. Units: as the rule's column. Empty: -1 where nothing says how far.
    """
    works = question.units.works
    limits = works.up_to.copy()
    if "expandable_kva" in question.units:
        most = question.units["expandable_kva"].take(works.row)
        bound = most.known & (np.array(works.rule, dtype="U2") == "H5")
        limits[bound] = np.where(limits[bound] < 0, most.values[bound], np.minimum(limits[bound], most.values[bound]))
    return limits


def cured(question: Question, screened: Screen, ways: Ways, rule: str, limits: Ints, least: int) -> Ways:
    """The ways with each of the works that suffice for the rule; a unit that fails it and has none falls away."""
    works = question.units.works
    if rule not in screened.verdicts or not len(works.row):
        return ways
    fails = screened.verdicts[rule].failed[ways.unit]
    if not fails.any():
        return ways
    enough = _enough(question, rule, limits, least)
    ill = ways.take(fails)
    first = np.searchsorted(works.row[enough], ill.unit, "left")
    count = np.searchsorted(works.row[enough], ill.unit, "right") - first
    parent = np.repeat(np.arange(len(ill.unit)), count)
    offset = np.arange(len(parent)) - np.repeat(np.cumsum(count) - count, count)
    chosen = enough[np.repeat(first, count) + offset]
    return joined(ways.take(~fails), replace(ill.take(parent), **{WORKS_OF[rule]: chosen}))


def joined(one: Ways, other: Ways) -> Ways:
    """Both, one after the other."""
    return Ways(*(np.concatenate([getattr(one, f.name), getattr(other, f.name)]) for f in fields(Ways)))


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


def needs_works(ways: Ways) -> Mask:
    """Whether anything has to be built first."""
    needed: Mask = ways.load_works != NO_WORKS
    for works in (ways.power_works, ways.effluent_works):
        needed = needed | (works != NO_WORKS)
    return needed


def handover(question: Question, ways: Ways, has_works: Mask) -> tuple[Column, Mask]:
    """The day of handover, and whether that is too late. Works begin when the unit is free, and not before today."""
    if "available_from" not in question.units:
        nothing = np.zeros(len(ways.unit), np.bool_)
        return Column(np.zeros(len(ways.unit), np.int64), nothing), nothing
    free = question.units["available_from"].take(ways.unit)
    from_day = free
    if len(question.units.works.row):
        start = np.where(has_works, np.maximum(free.values, question.day), free.values)
        from_day = Column(start + summed(question.units.works.days, ways), free.known, free.is_known)
    if question.need.need_on is None or not question.has("H11"):
        return from_day, np.zeros(len(ways.unit), np.bool_)
    return from_day, free.known & (from_day.values > question.need.need_on + question.need.tolerance_days)


def summed(figures: Ints, ways: Ways) -> Ints:
    """The days or the cost of a way's works, one after the other."""
    if not len(figures):
        return np.zeros(len(ways.unit), np.int64)
    with_none = np.append(figures, 0)  # NO_WORKS reads the last
    total: Ints = with_none[ways.load_works] + with_none[ways.power_works] + with_none[ways.effluent_works]
    return total


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


def taken_area(question: Question, ways: Ways) -> Column:
    """The area each way takes."""
    if "area" not in question.units:
        return Column(ways.taken, np.zeros(len(ways.taken), np.bool_))
    area = question.units["area"]
    if area.is_known:
        return Column(ways.taken, all_known(len(ways.taken)), is_known=True)
    return Column(ways.taken, area.known[ways.unit])


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


def after_works(question: Question, ways: Ways, rule: str) -> Column:
    """Floor load (H4) or power (H5) as it will be: works bring what is required and are credited with no more.

    Else a unit that needs works could score above one that meets the bound as it stands.
    """
    need = question.need
    name, works, least = (
        ("floor_load_kn_m2", ways.load_works, need.load_min)
        if rule == "H4"
        else ("power_kva", ways.power_works, need.power_min)
    )
    today = question.units[name].take(ways.unit)
    if not len(question.units.works.row):
        return today
    return Column(np.where(works == NO_WORKS, today.values, least or 0), today.known, today.is_known)


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
