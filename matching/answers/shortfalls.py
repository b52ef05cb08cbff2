"""How far each way of taking a unit lies beyond each bound of the demand: the amounts a near miss is made of.

An axis is one bound that could move, or the works a firm could accept. A way passes a set of moved bounds where on no
axis it exceeds what the bound was moved by. A rule without an axis is never offered.
Source: model R1 §5.8.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from domain.words import HeightPoint
from matching.catalogue.columns import FLAGS, HEIGHT_POINTS
from matching.position import distances_m
from matching.ranking.options import (
    NO_WORKS,
    WORKS_OF,
    Ways,
    cured,
    handover,
    joined,
    needs_works,
    summed,
    taken_area,
    works_limits,
)
from matching.ranking.paths import Cost, has_budget, offers, own_bound, reference_cost, title_verdict, yearly_cost
from matching.ranking.question import FORM_COLUMNS, RULE_BITS, Question
from matching.ranking.screen import NO_LOT, Screen, effluent_wish
from matching.scaled import AREA, COST, EFFLUENT, HEIGHT, LOAD, MONEY, POWER, Floats, Ints, Mask


@dataclass(frozen=True, eq=False)
class Axis:
    """A bound of the demand that may move, `sign` −1 down and 1 up, in steps of 1/`scale` of its unit."""

    rule: str
    bound: str
    unit: str
    scale: int
    sign: int


AREA_MIN = Axis("H2", "area_m2_min", "m2", AREA, -1)
AREA_MAX = Axis("H2", "area_m2_max", "m2", AREA, 1)
HEIGHT_MIN = Axis("H3", "clear_height_m_min", "m", HEIGHT, -1)
LOAD_MIN = Axis("H4", "floor_load_kn_m2_min", "kN/m2", LOAD, -1)
LOAD_WORKS = Axis("H4", "works", "yuan", MONEY, 1)
POWER_MIN = Axis("H5", "power_kva_min", "kVA", POWER, -1)
POWER_WORKS = Axis("H5", "works", "yuan", MONEY, 1)
EFFLUENT_MIN = Axis("H8", "effluent_t_d_min", "t/d", EFFLUENT, -1)
EFFLUENT_WORKS = Axis("H8", "works", "yuan", MONEY, 1)
RENT_MAX = Axis("H10", "rent_yuan_m2_month_max", "yuan/m2/month", MONEY, 1)
PRICE_MAX = Axis("H10", "price_yuan_m2_max", "yuan/m2", MONEY, 1)
YEARLY_MAX = Axis("H10", "yearly_cost_yuan_max", "yuan/year", MONEY, 1)
HANDOVER = Axis("H11", "need_on", "date", 1, 1)
RADIUS = Axis("H13", "places.radius_m", "m", 1, 1)
AXES = (
    AREA_MIN,
    AREA_MAX,
    HEIGHT_MIN,
    LOAD_MIN,
    LOAD_WORKS,
    POWER_MIN,
    POWER_WORKS,
    EFFLUENT_MIN,
    EFFLUENT_WORKS,
    RENT_MAX,
    PRICE_MAX,
    YEARLY_MAX,
    HANDOVER,
    RADIUS,
)
#: Axis of works → which of a way's works it speaks of.
WORKS: Mapping[Axis, str] = MappingProxyType(
    {axis: WORKS_OF[axis.rule] for axis in (LOAD_WORKS, POWER_WORKS, EFFLUENT_WORKS)}
)
#: Works are accepted up to a cost, and works that cost nothing still have to be accepted.
ACCEPTED = 1
OWN_AXES = MappingProxyType({"rent": RENT_MAX, "price": PRICE_MAX})
PATH_RULES = RULE_BITS["H10"] | RULE_BITS["H12"]
MOVABLE = sum({RULE_BITS[axis.rule] for axis in AXES})


@dataclass(frozen=True)
class Misses:
    """Ways with what they exceed; all of them certain.

    Shapes: aligned with `ways`; `excess` by axis, absent where nothing exceeds it. Units: steps of the axis; works: the
    cost, plus ACCEPTED. `failed` is the set of rules that would have to give.
    """

    ways: Ways
    failed: NDArray[np.uint16]
    excess: Mapping[Axis, Ints]

    def take(self, rows: Ints | Mask) -> Misses:
        """These ways alone."""
        return Misses(self.ways.take(rows), self.failed[rows], {axis: e[rows] for axis, e in self.excess.items()})


def join(found: Sequence[Misses]) -> Misses:
    """All of them, one after the other."""
    axes = [axis for axis in AXES if any(axis in one.excess for one in found)]
    ways = found[0].ways
    for one in found[1:]:
        ways = joined(ways, one.ways)
    return Misses(
        ways,
        np.concatenate([one.failed for one in found]),
        {
            axis: np.concatenate([one.excess.get(axis, np.zeros(len(one.failed), np.int64)) for one in found])
            for axis in axes
        },
    )


def misses(question: Question, screened: Screen, base: int, rows: Ints) -> Misses:
    """Every certain way of these units, and by how much it misses.

    `base` is what all of them fail of the rules that do not hang on the path; nothing else of theirs is unknown.
    """
    ways = _open(question, screened, base, rows)
    certain = np.ones(len(ways.unit), np.bool_)
    excess: dict[Axis, Ints] = {}
    for rule, measure in _MEASURES.items():
        if base & RULE_BITS[rule]:
            certain &= measure(question, ways, excess)
    failed = np.full(len(ways.unit), base & ~RULE_BITS["H2"] & ~RULE_BITS["H11"], np.uint16)
    certain &= _measure_area(question, ways, excess)
    certain &= _measure_handover(question, ways, excess)
    certain &= _measure_paths(question, ways, excess)
    for axis in (AREA_MIN, AREA_MAX, RENT_MAX, PRICE_MAX, YEARLY_MAX, HANDOVER):
        if axis in excess:
            failed |= (excess[axis] > 0) * np.uint16(RULE_BITS[axis.rule])
    return Misses(ways, failed, excess).take(certain)


def _open(question: Question, screened: Screen, base: int, rows: Ints) -> Ways:
    """Each unit whole and in parts, certain ones alone, by every path, as it stands and after its works."""
    unit, taken = _pieces(question, screened, rows)
    places = [np.flatnonzero(offers(question, group, unit)) for group in question.path_groups]
    place = np.concatenate(places)
    group = np.repeat(np.arange(len(places)), [len(found) for found in places])
    none = np.full(len(place), NO_WORKS)
    ways = Ways(unit[place], taken[place], np.zeros(len(place), np.uint32), group, none, none, none)
    limits = works_limits(question)
    asked = {"H4": question.need.load_min, "H5": question.need.power_min, "H8": effluent_wish(question)[1]}
    for rule, least in asked.items():
        if base & RULE_BITS[rule]:
            after = cured(question, screened, ways, rule, limits, least or 0)
            ways = joined(ways, after.take(getattr(after, WORKS_OF[rule]) != NO_WORKS))
    return ways


def _pieces(question: Question, screened: Screen, rows: Ints) -> tuple[Ints, Ints]:
    """What may be taken of each unit: the whole, the part wished for, and the part a lower least area would allow."""
    if "area" not in question.units:
        return rows, np.zeros(len(rows), np.int64)
    areas, parts = question.units["area"].values, screened.parts
    certain = np.flatnonzero((parts.doubt == 0) & np.isin(parts.rows, rows)) if len(parts.rows) else parts.rows
    small, most = _small_parts(question, rows)
    taken = [areas[rows].astype(np.int64), parts.size[certain].astype(np.int64), most]
    return np.concatenate([rows, parts.rows[certain], small]), np.concatenate(taken)


def _small_parts(question: Question, rows: Ints) -> tuple[Ints, Ints]:
    """Divisible units of which the greatest part that leaves a lot is smaller than the least area, and that part."""
    units, wish = question.units, question.area_wish
    if wish.least is None or "is_divisible" not in units or not question.has("H2"):
        return rows[:0], np.zeros(0, np.int64)
    flag, area = units["is_divisible"].take(rows), units["area"].take(rows)
    rows = rows[flag.known & (flag.values == FLAGS[True]) & area.known]
    lot = units["min_divisible_m2"].take(rows) if "min_divisible_m2" in units else NO_LOT.take(np.zeros_like(rows))
    most = units["area"].values[rows].astype(np.int64) - lot.values
    if wish.greatest is not None:
        most = np.minimum(most, wish.greatest)
    kept = lot.known & (most > 0) & (most < wish.least)
    return rows[kept], most[kept]


def _beyond(values: Ints) -> Ints:
    found: Ints = np.maximum(values, 0)
    return found


def _measure_area(question: Question, ways: Ways, excess: dict[Axis, Ints]) -> Mask:
    wish = question.area_wish
    if "area" in question.units and question.has("H2"):
        if wish.least is not None:
            excess[AREA_MIN] = _beyond(wish.least - ways.taken)
        if wish.greatest is not None:
            excess[AREA_MAX] = _beyond(ways.taken - wish.greatest)
    return np.ones(len(ways.unit), np.bool_)


def _measure_height(question: Question, ways: Ways, excess: dict[Axis, Ints]) -> Mask:
    """A height under the hook is proved by one stated at the hook alone: any other could only become unknown."""
    need, units = question.need, question.units
    excess[HEIGHT_MIN] = _beyond((need.height_min or 0) - units["clear_height_m"].values[ways.unit].astype(np.int64))
    if need.height_at != HeightPoint.under_hook or "clear_height_at" not in units:
        return np.ones(len(ways.unit), np.bool_)
    point = units["clear_height_at"].take(ways.unit)
    certain: Mask = point.known & (point.values == HEIGHT_POINTS[HeightPoint.under_hook])
    return certain


def provable_heights(question: Question, screened: Screen, rows: Ints) -> Mask:
    """Units whose height at the hook leaves open how high the beam is: a bound lowered to the hook is met for certain.

    So what is unknown of them is a miss with an amount.
    """
    verdict = screened.verdicts.get("H3")
    if question.need.height_at != HeightPoint.under_beam or verdict is None or verdict.unknown is None:
        return np.zeros(len(rows), np.bool_)
    found: Mask = verdict.unknown[rows] & question.units["clear_height_m"].known[rows]
    return found


def _measure_load(question: Question, ways: Ways, excess: dict[Axis, Ints]) -> Mask:
    least, carried = question.need.load_min or 0, question.units["floor_load_kn_m2"].values[ways.unit]
    return _measure_works(question, excess, (LOAD_MIN, LOAD_WORKS), ways.load_works, least - carried.astype(np.int64))


def _measure_power(question: Question, ways: Ways, excess: dict[Axis, Ints]) -> Mask:
    least, free = question.need.power_min or 0, question.units["power_kva"].values[ways.unit]
    return _measure_works(question, excess, (POWER_MIN, POWER_WORKS), ways.power_works, least - free.astype(np.int64))


def _measure_works(
    question: Question, excess: dict[Axis, Ints], axes: tuple[Axis, Axis], works: Ints, missing: Ints
) -> Mask:
    bound, accepted = axes
    excess[bound] = np.where(works == NO_WORKS, _beyond(missing), 0)
    excess[accepted] = np.append(question.units.works.cost + ACCEPTED, 0)[works]  # NO_WORKS reads the last
    return np.ones(len(works), np.bool_)


def _measure_effluent(question: Question, ways: Ways, excess: dict[Axis, Ints]) -> Mask:
    """A lower quota may do where every kind needed may be discharged; a kind that may not be is for works alone."""
    wanted, least = effluent_wish(question)
    kinds, free = (question.units[name].take(ways.unit) for name in ("effluent_types", "effluent_free_t_d"))
    missing = (least or 0) - free.values.astype(np.int64)
    _measure_works(question, excess, (EFFLUENT_MIN, EFFLUENT_WORKS), ways.effluent_works, missing)
    has_works: Mask = ways.effluent_works != NO_WORKS
    if question.need.effluent_min is None:
        return has_works
    enough: Mask = free.known
    if wanted:  # of what must be discharged some quota must be left
        enough = enough & kinds.known & ((~kinds.values & wanted) == 0) & (free.values > 0)
    return has_works | enough


def _measure_radius(question: Question, ways: Ways, excess: dict[Axis, Ints]) -> Mask:
    """How much wider every radius would have to be, in whole metres; an area has no such measure."""
    around = [(place.vector, place.radius_m) for place in question.need.places if place.radius_m is not None]
    if not around:
        return np.zeros(len(ways.unit), np.bool_)
    axes = [question.units[name].values[ways.unit] for name in question.axes]
    further = np.min([distances_m(axes, vector) - radius_m for vector, radius_m in around], axis=0)
    excess[RADIUS] = _beyond(np.ceil(further).astype(np.int64))
    return np.ones(len(ways.unit), np.bool_)


_MEASURES: Mapping[str, Callable[[Question, Ways, dict[Axis, Ints]], Mask]] = MappingProxyType(
    {
        "H3": _measure_height,
        "H4": _measure_load,
        "H5": _measure_power,
        "H8": _measure_effluent,
        "H13": _measure_radius,
    }
)


def _measure_handover(question: Question, ways: Ways, excess: dict[Axis, Ints]) -> Mask:
    need = question.need
    if need.need_on is None or "available_from" not in question.units or not question.has("H11"):
        return np.ones(len(ways.unit), np.bool_)
    from_day, _ = handover(question, ways, needs_works(ways))
    excess[HANDOVER] = _beyond(from_day.values.astype(np.int64) - (need.need_on + need.tolerance_days))
    return from_day.known


def _measure_paths(question: Question, ways: Ways, excess: dict[Axis, Ints]) -> Mask:
    """H10 per stated bound; a title that cannot pass, or may not, leaves no certain way."""
    count = len(ways.unit)
    certain = np.ones(count, np.bool_)
    spent = summed(question.units.works.cost, ways).astype(np.float64)
    for place, group in enumerate(question.path_groups):
        rows = np.flatnonzero(ways.group == place)
        title = title_verdict(question, group, ways.unit[rows])
        if title is not None:
            certain[rows] &= ~title.failed if title.unknown is None else ~title.failed & ~title.unknown
        if not has_budget(question, group) or not len(rows):
            continue
        bound = own_bound(question, group)
        if bound is not None and group.form is not None:
            asked = question.units[FORM_COLUMNS[group.form]].take(ways.unit[rows])
            axis = excess.setdefault(OWN_AXES[group.form], np.zeros(count, np.int64))
            axis[rows] = _beyond(asked.values.astype(np.int64) - bound)
            certain[rows] &= asked.known
        if question.need.yearly_cost_max is not None:
            own = ways.take(rows)
            cost = yearly_cost(question, group, own.unit, taken_area(question, own), spent[rows])
            axis = excess.setdefault(YEARLY_MAX, np.zeros(count, np.int64))
            axis[rows] = _beyond(_in_bounds_unit(cost) - question.need.yearly_cost_max)
            certain[rows] &= cost.known
    return certain


def _in_bounds_unit(cost: Cost) -> Ints:
    """A yearly cost in the steps of its bound, never below the cost itself."""
    found: Ints = np.ceil(cost.amount / (COST / MONEY)).astype(np.int64)
    return found


def bound_of(question: Question, axis: Axis) -> int:
    """The bound as the demand states it, in steps of the axis; works: none are accepted."""
    need, wish = question.need, question.area_wish
    bounds = {
        AREA_MIN: wish.least,
        AREA_MAX: wish.greatest,
        HEIGHT_MIN: need.height_min,
        LOAD_MIN: need.load_min,
        POWER_MIN: need.power_min,
        RENT_MAX: need.rent_max,
        PRICE_MAX: need.price_max,
        YEARLY_MAX: need.yearly_cost_max,
        EFFLUENT_MIN: need.effluent_min,
        HANDOVER: None if need.need_on is None else need.need_on + need.tolerance_days,
        RADIUS: min((math.floor(one.radius_m) for one in need.places if one.radius_m is not None), default=None),
    }
    return bounds.get(axis) or 0


def relative(question: Question, found: Misses) -> Floats:
    """How much each way asks of the firm in all: |Δ|/bound, days/90, works as yearly cost over the budget."""
    total = np.zeros(len(found.failed))
    for axis in AXES:
        if axis not in found.excess:
            continue
        amounts = found.excess[axis]
        if axis in WORKS:
            total = total + np.where(amounts > 0, _works_share(question, found.ways, amounts - ACCEPTED), 0.0)
        else:
            whole = question.parameters.numbers.timing_zero_days if axis is HANDOVER else bound_of(question, axis)
            total = total + amounts / float(max(whole, 1))
    return total


def _works_share(question: Question, ways: Ways, costs: Ints) -> Floats:
    """Works spread over their years, over what the firm would pay a year; without a budget they count as all of it."""
    years = question.parameters.numbers.works_life_years
    budgets = np.array([_budget(question, place) for place in range(len(question.path_groups))])[ways.group]
    share = costs * (COST / MONEY) / years / np.where(np.isnan(budgets), 1.0, budgets)
    return np.where(np.isnan(budgets), 1.0, share)


def _budget(question: Question, place: int) -> float:
    reference = reference_cost(question, question.path_groups[place])
    return float("nan") if reference is None else reference
