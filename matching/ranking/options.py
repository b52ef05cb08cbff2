"""The options of taking a unit: which part of it, by which paths, after which works.

Only units that fail nothing but what works could cure come here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.ranking.question import Question
from matching.ranking.screen import Screen
from matching.rules import CURABLE
from matching.rules.budget import Cost
from matching.rules.path import offers
from matching.rules.requirement import HardRule
from matching.rules.retrofit import NO_RETROFIT
from matching.scaled import Column, Ints, Mask


@dataclass(frozen=True)
class Options:
    """Shapes: one entry each. `unit` is a row of the catalogue, `group` an index into the question's path groups,
    `doubt` the fields that keep a part of this size from being certain; `retrofits`, by the rule they cure, are places
    in the catalogue's works or NO_RETROFIT.
    """

    unit: Ints
    taken: Ints
    doubt: NDArray[np.uint32]
    group: Ints
    retrofits: Mapping[str, Ints]

    @classmethod
    def as_they_stand(cls, unit: Ints, taken: Ints, doubt: NDArray[np.uint32], group: Ints) -> Options:
        """Options without works."""
        none = np.full(len(unit), NO_RETROFIT)
        return cls(unit, taken, doubt, group, {rule.id: none for rule in CURABLE})

    def take(self, rows: Ints | Mask) -> Options:
        """These options alone."""
        retrofits = {rule: places[rows] for rule, places in self.retrofits.items()}
        return Options(self.unit[rows], self.taken[rows], self.doubt[rows], self.group[rows], retrofits)

    def joined(self, other: Options) -> Options:
        """Both, one after the other."""
        return Options(
            np.concatenate([self.unit, other.unit]),
            np.concatenate([self.taken, other.taken]),
            np.concatenate([self.doubt, other.doubt]),
            np.concatenate([self.group, other.group]),
            {rule: np.concatenate([places, other.retrofits[rule]]) for rule, places in self.retrofits.items()},
        )

    def has_works(self) -> Mask:
        """Whether anything has to be built first."""
        first, *others = self.retrofits.values()
        needed: Mask = first != NO_RETROFIT
        for places in others:
            needed = needed | (places != NO_RETROFIT)
        return needed

    def summed(self, figures: Ints) -> Ints:
        """The days or the cost of an option's works, one after the other."""
        if not len(figures):
            return np.zeros(len(self.unit), np.int64)
        with_none = np.append(figures, 0)  # NO_RETROFIT reads the last
        first, *others = self.retrofits.values()
        total: Ints = with_none[first]
        for places in others:
            total = total + with_none[places]
        return total


@dataclass(frozen=True)
class OptionFacts:
    """What a criterion reads of some options: how their units were screened, their day of handover and yearly cost."""

    options: Options
    screened: Screen
    from_day: Column
    yearly: Cost


def open_options(question: Question, screened: Screen) -> Options:
    """Every option of every unit that fails nothing, or nothing but what works of its own could cure."""
    has_works, reach = len(question.units.retrofits.row) > 0, limits(question)
    able = {rule.id: _able(question, rule, reach) for rule in CURABLE} if has_works else {}
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
    if len(question.path_groups) == 1:  # what the paths in common left is to be had by it
        group = np.zeros(len(unit), np.int8)
    else:
        places = [offers(question, group, unit).nonzero()[0] for group in question.path_groups]
        place = np.concatenate(places)
        group = np.repeat(np.arange(len(places), dtype=np.int8), [len(rows) for rows in places])
        unit, taken, doubt = unit[place], taken[place], doubt[place]
    options = Options.as_they_stand(unit, taken, doubt, group)
    for rule in CURABLE if has_works else ():
        options = cured(question, screened, options, rule, reach)
    return options


def _able(question: Question, rule: HardRule, reach: Ints) -> Mask:
    """Units with works that suffice for the rule."""
    able = np.zeros(len(question.units), np.bool_)
    able[question.units.retrofits.row[_enough(question, rule, reach)]] = True
    return able


def _enough(question: Question, rule: HardRule, reach: Ints) -> Ints:
    """The works that bring what a rule asks for."""
    retrofits, cure = question.units.retrofits, rule.cure
    if cure is None or not len(retrofits.row):
        return np.zeros(0, np.int64)
    suffices = (retrofits.rules == rule.id) & (reach >= (cure.least(question) or 0))
    if cure.suffices is not None:
        suffices &= cure.suffices(question)
    return np.flatnonzero(suffices)


def limits(question: Question) -> Ints:
    """Up to where each entry of the works reaches: as it says, and never beyond the ceiling of its rule.

    Shapes: aligned with the works. Units: as the rule's column. Empty: -1 where nothing says how far.
    """
    retrofits = question.units.retrofits
    reach = retrofits.up_to.copy()
    for rule in CURABLE:
        ceiling = None if rule.cure is None else rule.cure.ceiling
        if ceiling is not None and ceiling in question.units:
            most = question.units[ceiling].take(retrofits.row)
            bound = most.known & (retrofits.rules == rule.id)
            reach[bound] = np.where(reach[bound] < 0, most.values[bound], np.minimum(reach[bound], most.values[bound]))
    return reach


def cured(question: Question, screened: Screen, options: Options, rule: HardRule, reach: Ints) -> Options:
    """The options with each of the works that suffice for the rule; a unit that fails it and has none falls away."""
    retrofits = question.units.retrofits
    if rule.id not in screened.verdicts or not len(retrofits.row):
        return options
    fails = screened.verdicts[rule.id].failed[options.unit]
    if not fails.any():
        return options
    enough = _enough(question, rule, reach)
    ill = options.take(fails)
    first = np.searchsorted(retrofits.row[enough], ill.unit, "left")
    count = np.searchsorted(retrofits.row[enough], ill.unit, "right") - first
    parent = np.repeat(np.arange(len(ill.unit)), count)
    offset = np.arange(len(parent)) - np.repeat(np.cumsum(count) - count, count)
    chosen = enough[np.repeat(first, count) + offset]
    after = ill.take(parent)
    return options.take(~fails).joined(replace(after, retrofits={**after.retrofits, rule.id: chosen}))
