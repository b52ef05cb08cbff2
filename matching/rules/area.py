"""Area: the whole or a part of a unit is of the size asked for, and no larger than is of use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from domain.words import Kind
from matching.codes import FLAGS
from matching.demand.preferences import AreaPreference
from matching.rules.bound import Amounts, MovableBound, shortfall
from matching.rules.curve import Scored, down, known_or, up
from matching.rules.merge import Rows, greatest, same, summed
from matching.rules.requirement import HardRule, Requirement, SoftCriterion, figures_of, has_bound, scaled_down
from matching.rules.verdict import FIELD_BITS, Verdict, lacking, unknown
from matching.scaled import AREA, Column, Floats, Ints, Mask, all_known, column

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.catalogue.table import Units
    from matching.ranking.options import OptionFacts, Options
    from matching.ranking.question import Question
    from matching.rules.path import PathGroup

#: Which of its three areas a unit is taken by, and the column of each; the first known counts.
BASES = (("available", "available_area_m2"), ("stated", "area_m2"), ("measured", "measured_area_m2"))
#: Without the column, no smallest lot is set.
NO_LOT = Column(np.zeros(1, np.int64), np.ones(1, np.bool_), is_known=True)


@dataclass(frozen=True)
class Parts:
    """What may be taken of each unit: all of it, or a part of the size wished for.

    Shapes: `whole` aligned with the units; the others with each other, `rows` rising: the units to be had in part.
    `doubt` is a bit set of FIELDS, 0 where the part is certain. Units: `size` 0.01 m².
    """

    whole: Mask
    rows: Ints
    size: Ints
    doubt: NDArray[np.uint32]

    def least(self, units: Units) -> Ints:
        """The least area to be had of each unit."""
        if "area" not in units:
            return np.zeros(len(units), np.int64)
        areas = units["area"].values
        if len(self.rows):
            areas = areas.astype(np.int64)
            areas[self.rows] = self.size
        return areas


def all_whole(question: Question) -> Parts:
    """Every unit is taken whole."""
    none = np.zeros(0, np.int64)
    return Parts(all_known(len(question.units)), none, none, np.zeros(0, np.uint32))


def parts_and_verdict(question: Question) -> tuple[Parts, Verdict | None]:
    """What may be taken, and the rule on it. An unknown area is taken whole, at no known size."""
    preference, units = question.area_preference, question.units
    no_rows = np.zeros(0, np.int64)
    if "area" not in units or not question.has(RULE.id):
        return Parts(np.ones(len(units), np.bool_), no_rows, no_rows, np.zeros(0, np.uint32)), None
    area = units["area"]
    whole = _between(area.values, preference)
    if not area.is_known:
        whole |= ~area.known
    parts = Parts(whole, *_divided(units, preference))
    if preference.least is None and preference.greatest is None:
        return parts, None
    failed = ~whole
    failed[parts.rows] = False
    return parts, Verdict(failed, unknown(area), FIELD_BITS["available_area_m2"])


def _between(values: Ints, preference: AreaPreference) -> Mask:
    if preference.least is None:
        return np.ones(len(values), np.bool_) if preference.greatest is None else values <= preference.greatest
    fits: Mask = values >= preference.least
    if preference.greatest is not None:
        fits &= values <= preference.greatest
    return fits


def _divided(units: Units, preference: AreaPreference) -> tuple[Ints, Ints, NDArray[np.uint32]]:
    """Units to be had in part; the size of that part; and what must be known before that is certain.

    The part is clamp(preferred; least, min(greatest, area − smallest lot)).
    """
    if preference.preferred is None or "is_divisible" not in units:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint32)
    flag, area = units["is_divisible"], units["area"]
    maybe: Mask = flag.values == FLAGS[True]
    if not flag.is_known:
        maybe |= ~flag.known
    if not area.is_known:
        maybe &= area.known
    rows = np.flatnonzero(maybe)
    lot = units["min_divisible_m2"].take(rows) if "min_divisible_m2" in units else NO_LOT.take(np.zeros_like(rows))
    most = area.values[rows].astype(np.int64) - lot.values
    if preference.greatest is not None:
        most = np.minimum(most, preference.greatest)
    kept = np.flatnonzero((most > 0) & (most >= (preference.least or 0)))
    rows, most = rows[kept], most[kept]
    size = np.minimum(np.maximum(preference.preferred, preference.least or 0), most)
    lot_doubt = np.where(lot.known[kept], 0, FIELD_BITS["min_divisible_m2"])
    doubt = np.where(flag.known[rows], lot_doubt, FIELD_BITS["is_divisible"]).astype(np.uint32)
    return rows, size, doubt


def small_parts(question: Question, rows: Ints) -> tuple[Ints, Ints]:
    """Divisible units of which the greatest part that leaves a lot is smaller than the least area, and that part."""
    units, preference = question.units, question.area_preference
    if preference.least is None or "is_divisible" not in units or not question.has(RULE.id):
        return rows[:0], np.zeros(0, np.int64)
    flag, area = units["is_divisible"].take(rows), units["area"].take(rows)
    rows = rows[flag.known & (flag.values == FLAGS[True]) & area.known]
    lot = units["min_divisible_m2"].take(rows) if "min_divisible_m2" in units else NO_LOT.take(np.zeros_like(rows))
    most = units["area"].values[rows].astype(np.int64) - lot.values
    if preference.greatest is not None:
        most = np.minimum(most, preference.greatest)
    kept = lot.known & (most > 0) & (most < preference.least)
    return rows[kept], most[kept]


def taken_area(question: Question, options: Options) -> Column:
    """The area each option takes."""
    if "area" not in question.units:
        return Column(options.taken, np.zeros(len(options.taken), np.bool_))
    area = question.units["area"]
    if area.is_known:
        return Column(options.taken, all_known(len(options.taken)), is_known=True)
    return Column(options.taken, area.known[options.unit])


def size(question: Question, taken: Column) -> Floats:
    """The area taken against the area preferred: a little more costs nothing, much more counts as waste."""
    numbers, preference = question.numbers, question.area_preference
    preferred = float(preference.preferred or 1)
    ratio = taken.values / preferred
    scored = up(ratio, (preference.least or 0) / preferred, 1.0)
    np.maximum(scored, numbers.size_floor, out=scored)
    limit = numbers.size_limit_land if question.kind == Kind.land else numbers.size_limit_factory
    np.minimum(scored, down(ratio, numbers.size_plateau_end, limit), out=scored)  # 1 up to the plateau's end
    return known_or(question, taken, scored)


def curve(question: Question, facts: OptionFacts) -> Scored:
    """Of the area each option takes."""
    taken = taken_area(question, facts.options)
    return size(question, taken), lacking(taken, "available_area_m2")


MINIMUM = MovableBound("{area}_min", "m2", AREA, -1, lambda question: question.area_preference.least)
MAXIMUM = MovableBound("{area}_max", "m2", AREA, 1, lambda question: question.area_preference.greatest)


def measure(question: Question, options: Options, amounts: Amounts) -> Mask:
    """How much too small or too large what is taken is."""
    preference = question.area_preference
    if "area" in question.units and question.has(RULE.id):
        if preference.least is not None:
            amounts[MINIMUM] = shortfall(preference.least - options.taken)
        if preference.greatest is not None:
            amounts[MAXIMUM] = shortfall(options.taken - preference.greatest)
    return np.ones(len(options.unit), np.bool_)


def undivided(question: Question, single: Column, sets: Sequence[Rows]) -> Column:
    """A bundle is taken whole."""
    alone = same(question, single, sets)
    several = np.array([len(rows) > 1 for rows in sets])
    return column(np.where(several, 0, alone.values), alone.known | several)


def required(question: Question, _: PathGroup) -> dict[str, Any] | None:
    """The bounds."""
    preference = question.area_preference
    if preference.least is None and preference.greatest is None:
        return None
    return {"min": scaled_down(preference.least, AREA), "max": scaled_down(preference.greatest, AREA)}


def basis(options: ShownOptions, _: Sequence[str]) -> list[dict[str, Any]]:
    """Which of its three areas counts; a measured one has been stated by nobody."""
    bases = zip(options.steps("area"), options.steps("area_basis"), strict=True)
    return [{"basis": None if area is None or place is None else BASES[place][0]} for area, place in bases]


RULE = HardRule(
    id="H2",
    columns=("area",),
    unit="m2",
    hangs_on="option",
    bounds=(MINIMUM, MAXIMUM),
    measure=measure,
    required=required,
    offered=figures_of("area", AREA),
    more=basis,
    sentence="range",
)
CRITERION = SoftCriterion(
    id="size",
    unit="m2",
    is_mentioned=lambda question: has_bound(question, "area", question.area_preference.preferred),
    curve=curve,
    required=lambda question, _: scaled_down(question.area_preference.preferred, AREA),
    offered=lambda options: options.taken_m2,
)
MERGES = {"area": summed, "area_basis": greatest, "is_divisible": undivided, "min_divisible_m2": same}
REQUIREMENT = Requirement("area", RULE, CRITERION, MERGES)
