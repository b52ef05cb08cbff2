"""The hard rules H1–H7, H9 and H11: what a unit must be for a firm to use it; H10 and H12 are in `paths.py`.

Every rule answers with two masks over the units of one kind: certainly failed, and not known. A unit is screened as it
stands;
works that would cure it, and the exact cost of the way it is taken, come later (`ways.py`).
Source: model R1 §5.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from domain.words import HeightPoint
from matching.catalogue import FLAGS, HEIGHT_POINTS, Catalogue
from matching.demand import HAZARD_RANKS, AreaWish
from matching.parks import Status
from matching.paths import fewest_path_failures
from matching.question import FIELD_BITS, RULE_BITS, Question, Verdict, field_bits
from matching.units import Column, Ints, Mask


@dataclass(frozen=True)
class Parts:
    """What may be taken of each unit: all of it, or a part of the size wished for.

    Shapes: aligned with the units; `doubt` is a bit set of FIELDS, 0 where the part is certain. Units: 0.01 m².
    """

    whole: Mask
    part: Mask
    part_area: Ints
    doubt: NDArray[np.uint32]
    least: Ints


@dataclass(frozen=True)
class Screen:
    """Every unit of the kind as it stands: rules failed, rules unknown, fields unknown, as bit sets."""

    failed: NDArray[np.uint16]
    unknown: NDArray[np.uint16]
    lacking: NDArray[np.uint32]
    parts: Parts
    applicable: int


def screen(question: Question) -> Screen:
    """The verdict of every rule on every unit, before any works.

    Of the paths, the one that fails fewest rules counts.
    """
    count = len(question.units)
    failed, unknown = np.zeros(count, np.uint16), np.zeros(count, np.uint16)
    lacking = np.zeros(count, np.uint32)
    parts, area = area_verdict(question)
    applicable = RULE_BITS["H1"] if "kind" in question.units else 0
    for rule, verdict in (("H2", area), *((rule, judge(question)) for rule, judge in _JUDGES.items())):
        if verdict is not None:
            applicable |= RULE_BITS[rule]
            failed |= verdict.failed * np.uint16(RULE_BITS[rule])
            unknown |= verdict.unknown * np.uint16(RULE_BITS[rule])
            lacking |= np.where(verdict.unknown, verdict.lacking, 0).astype(np.uint32)
    failed |= fewest_path_failures(question, parts.least)
    return Screen(failed, unknown, lacking, parts, applicable)


def area_verdict(question: Question) -> tuple[Parts, Verdict | None]:
    """H2: the whole or a part of it is of the size asked for. An unknown area is taken whole, at no known size."""
    wish, units = question.area_wish, question.units
    count = len(units)
    none, nothing = np.zeros(count, np.bool_), np.zeros(count, np.int64)
    if "area" not in units:
        return Parts(~none, none, nothing, np.zeros(count, np.uint32), nothing), None
    area = units["area"]
    whole = ~area.known | _between(area.values, wish)
    part, size, doubt = _divided(units, wish)
    parts = Parts(whole, part, size, doubt, np.where(part, size, area.values))
    if wish.least is None and wish.greatest is None:
        return parts, None
    return parts, Verdict(~whole & ~part, ~area.known, FIELD_BITS["available_area_m2"])


def _between(values: Ints, wish: AreaWish) -> Mask:
    fits = np.ones(len(values), np.bool_)
    if wish.least is not None:
        fits &= values >= wish.least
    if wish.greatest is not None:
        fits &= values <= wish.greatest
    return fits


def _divided(units: Catalogue, wish: AreaWish) -> tuple[Mask, Ints, NDArray[np.uint32]]:
    """Units to be had in part; the size of that part; and what must be known before that is certain.

    The part is clamp(preferred; least, min(greatest, area − smallest lot)).
    """
    count = len(units)
    part, size, doubt = np.zeros(count, np.bool_), np.zeros(count, np.int64), np.zeros(count, np.uint32)
    if wish.preferred is None or "is_divisible" not in units:
        return part, size, doubt
    flag, lot = units["is_divisible"], _lot(units)
    rows = np.flatnonzero(units["area"].known & (~flag.known | (flag.values == FLAGS[True])))
    most = units["area"].values[rows].astype(np.int64) - lot.values[rows]
    if wish.greatest is not None:
        most = np.minimum(most, wish.greatest)
    part[rows] = (most > 0) & (most >= (wish.least or 0))
    size[rows] = np.minimum(np.maximum(wish.preferred, wish.least or 0), most)
    lot_doubt = np.where(lot.known[rows], 0, FIELD_BITS["min_divisible_m2"])
    doubt[rows] = np.where(flag.known[rows], lot_doubt, FIELD_BITS["is_divisible"])
    return part, size, doubt


def _lot(units: Catalogue) -> Column:
    """The smallest lot; without the column, no lot is set."""
    if "min_divisible_m2" in units:
        return units["min_divisible_m2"]
    return Column(np.zeros(len(units), np.int64), np.ones(len(units), np.bool_))


def height_verdict(question: Question) -> Verdict | None:
    """H3. A beam is above its hook: a height at the hook proves one at the beam; a low beam disproves the hook."""
    need, units = question.need, question.units
    if not question.is_built or need.height_min is None or "clear_height_m" not in units:
        return None
    height = units["clear_height_m"]
    low = height.values < need.height_min
    if need.height_at is None or "clear_height_at" not in units:
        return Verdict(height.known & low, ~height.known, FIELD_BITS["clear_height_m"])
    point = units["clear_height_at"]
    as_stated = point.known & (point.values == HEIGHT_POINTS[need.height_at])
    if need.height_at == HeightPoint.under_hook:
        failed, passed = height.known & low, height.known & ~low & as_stated
    else:
        failed, passed = height.known & low & as_stated, height.known & ~low
    lacking = np.where(height.known, FIELD_BITS["clear_height_at"], FIELD_BITS["clear_height_m"]).astype(np.uint32)
    return Verdict(failed, ~failed & ~passed, lacking)


def load_verdict(question: Question) -> Verdict | None:
    """H4: floor load."""
    minimum = question.need.load_min if question.is_built else None
    return _at_least(question.units, "floor_load_kn_m2", minimum)


def power_verdict(question: Question) -> Verdict | None:
    """H5: power free today; what could be added is a cure."""
    return _at_least(question.units, "power_kva", question.need.power_min)


def _at_least(units: Catalogue, name: str, minimum: int | None) -> Verdict | None:
    if minimum is None or name not in units:
        return None
    values = units[name]
    return Verdict(values.known & (values.values < minimum), ~values.known, FIELD_BITS[name])


def hazard_verdict(question: Question) -> Verdict | None:
    """H6: the firm's class is no more dangerous than the building's. Source: GB 50016-2014 table 3.1.1."""
    need, units = question.need, question.units
    if not question.is_built or need.hazard_class is None or "fire_hazard_class" not in units:
        return None
    accepted = units["fire_hazard_class"]
    failed = accepted.known & (accepted.values > HAZARD_RANKS[need.hazard_class])
    return Verdict(failed, ~accepted.known, FIELD_BITS["fire_hazard_class"])


def entry_verdict(question: Question) -> Verdict | None:
    """H7: the park's negative list, the chemical park a firm may need, and the unit's own lists."""
    sides = [
        (question.units[column].values, entries)
        for column, entries in (("facts", question.entries_to_parks), ("policy", question.entries_to_units))
        if entries is not None
    ]
    if all(entry.status == Status.not_applicable for _, entries in sides for entry in entries):
        return None
    status = np.zeros(len(question.units), np.int8)
    lacking = np.zeros(len(question.units), np.uint32)
    for index, entries in sides:
        status = np.maximum(status, np.array([entry.status for entry in entries], np.int8)[index])
        lacking |= np.array([field_bits(entry.lacking) for entry in entries], np.uint32)[index]
    return Verdict(status == Status.failed, status == Status.unknown, lacking)


def path_verdict(question: Question) -> Verdict | None:
    """H9: a path both accept."""
    if "allowed_paths" not in question.units:
        return None
    offered = question.units["allowed_paths"]
    failed = offered.known & ((offered.values & question.need.paths) == 0)
    return Verdict(failed, ~offered.known, FIELD_BITS["allowed_paths"])


def timing_verdict(question: Question) -> Verdict | None:
    """H11 without works: to be had by the date of need and its tolerance."""
    need, units = question.need, question.units
    if need.need_on is None or "available_from" not in units:
        return None
    from_day = units["available_from"]
    failed = from_day.known & (from_day.values > need.need_on + need.tolerance_days)
    return Verdict(failed, ~from_day.known, FIELD_BITS["available_from"])


_JUDGES: Mapping[str, Callable[[Question], Verdict | None]] = MappingProxyType(
    {
        "H3": height_verdict,
        "H4": load_verdict,
        "H5": power_verdict,
        "H6": hazard_verdict,
        "H7": entry_verdict,
        "H9": path_verdict,
        "H11": timing_verdict,
    }
)
