"""The ways a unit could be taken: which part of it, by which paths, after which works.

Only units that fail nothing but what works could cure come here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from matching.ranking.paths import offers
from matching.ranking.question import Question
from matching.ranking.screen import Screen, effluent_wish
from matching.scaled import Column, Ints, Mask, all_known

NO_WORKS = -1


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


def taken_area(question: Question, ways: Ways) -> Column:
    """The area each way takes."""
    if "area" not in question.units:
        return Column(ways.taken, np.zeros(len(ways.taken), np.bool_))
    area = question.units["area"]
    if area.is_known:
        return Column(ways.taken, all_known(len(ways.taken)), is_known=True)
    return Column(ways.taken, area.known[ways.unit])


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
