"""The hard rules H1–H9, H11 and H13: what a unit must be for a firm to use it; H10 and H12 are in `paths.py`.

Every rule answers with two masks over the units of one kind: certainly failed, and not known. A unit is screened as it
stands;
works that would cure it, and the exact cost of the way it is taken, come later (`ways.py`).
Source: model R1 §5.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from domain.words import HeightPoint
from matching.catalogue.columns import EFFLUENT_BITS, FLAGS, HEIGHT_POINTS
from matching.catalogue.table import Units
from matching.demand.demand import HAZARD_RANKS, AreaWish
from matching.parks import Each, Entry, Status
from matching.position import POSITION, distances_m
from matching.ranking.paths import path_failures
from matching.ranking.question import CURABLE, FIELD_BITS, RULE_BITS, Question, Verdict, beyond, field_bits, unknown
from matching.scaled import Column, Ints, Mask, all_known


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


@dataclass(frozen=True)
class Screen:
    """Every unit of the kind as it stands: the verdict of each rule that applies, and what may be taken.

    H10 and H12 stand here as they are on the path that fails fewest; what they do not know is asked way by way.
    """

    units: Units
    verdicts: Mapping[str, Verdict]
    parts: Parts
    applicable: int

    @cached_property
    def failed(self) -> NDArray[np.uint16]:
        """The rules each unit fails, as a bit set; asked for all units, it is the costly way to know."""
        bits = np.zeros(len(self.units), np.uint16)
        for rule, verdict in self.verdicts.items():
            bits |= verdict.failed * np.uint16(RULE_BITS[rule])
        return bits

    def failed_by(self, rows: Ints) -> NDArray[np.uint16]:
        """The rules these units fail, as a bit set."""
        bits = np.zeros(len(rows), np.uint16)
        for rule, verdict in self.verdicts.items():
            bits |= verdict.failed[rows] * np.uint16(RULE_BITS[rule])
        return bits

    def unknown_of(self, rows: Ints) -> tuple[NDArray[np.uint16], NDArray[np.uint32]]:
        """The rules that cannot be told of these units, and the fields that lack, as bit sets."""
        bits, lacking = np.zeros(len(rows), np.uint16), np.zeros(len(rows), np.uint32)
        for rule, verdict in self.verdicts.items():
            if verdict.unknown is not None:
                bits |= verdict.unknown[rows] * np.uint16(RULE_BITS[rule])
                lacking |= verdict.lacking_of(rows)
        return bits, lacking

    def open(self, able: Mapping[str, Mask]) -> Mask:
        """Units that fail nothing, or nothing but rules that works of theirs are able to cure."""
        shut = np.zeros(len(self.units), np.bool_) if self.units.dead is None else self.units.dead.copy()
        for rule, verdict in self.verdicts.items():
            if rule in able:
                shut |= verdict.failed & ~able[rule]
            else:
                shut |= verdict.failed
        return np.logical_not(shut, out=shut)

    def counts(self, listed: Ints) -> dict[str, int]:
        """How many units fail each rule, those on a list left out."""
        out = dict.fromkeys(RULE_BITS, 0)
        for rule, verdict in self.verdicts.items():
            failed = verdict.failed if self.units.dead is None else verdict.failed & ~self.units.dead
            out[rule] = int(np.count_nonzero(failed))
            if RULE_BITS[rule] & CURABLE and len(self.units.works.row):  # of the others, those on a list fail none
                out[rule] -= int(np.count_nonzero(verdict.failed[listed]))
        return out

    def as_if_failing(self, bits: int) -> Screen:
        """The same units as if they failed these rules and no others."""
        none = np.zeros(len(self.units), np.bool_)
        old = {rule: self.verdicts.get(rule, Verdict(none, None, 0)) for rule in RULE_BITS}
        return replace(
            self,
            verdicts={
                rule: replace(v, failed=none if not bits & RULE_BITS[rule] else ~none) for rule, v in old.items()
            },
        )


def screen(question: Question, *, settled: frozenset[str] = frozenset()) -> Screen:
    """The verdict of every rule on every unit, before any works; those `settled` are known to be met by all of them,
    H2 by all of it.

    Of the paths, the one that fails fewest rules counts.
    """
    parts, area = (_all_whole(question), None) if "H2" in settled else area_verdict(question)
    applicable = RULE_BITS["H1"] if "kind" in question.units else 0
    verdicts: dict[str, Verdict] = {}
    judged = ((rule, judge(question)) for rule, judge in _JUDGES.items() if question.has(rule) and rule not in settled)
    for rule, verdict in (("H2", area), *judged):
        if verdict is not None:
            applicable |= RULE_BITS[rule]
            verdicts[rule] = verdict
    for rule, failed in path_failures(question, parts.least(question.units)).items():
        verdicts[rule] = Verdict(failed, None, 0)
    return Screen(question.units, verdicts, parts, applicable)


def _all_whole(question: Question) -> Parts:
    none = np.zeros(0, np.int64)
    return Parts(all_known(len(question.units)), none, none, np.zeros(0, np.uint32))


def area_verdict(question: Question) -> tuple[Parts, Verdict | None]:
    """H2: the whole or a part of it is of the size asked for. An unknown area is taken whole, at no known size."""
    wish, units = question.area_wish, question.units
    no_rows = np.zeros(0, np.int64)
    if "area" not in units or not question.has("H2"):
        return Parts(np.ones(len(units), np.bool_), no_rows, no_rows, np.zeros(0, np.uint32)), None
    area = units["area"]
    whole = _between(area.values, wish)
    if not area.is_known:
        whole |= ~area.known
    parts = Parts(whole, *_divided(units, wish))
    if wish.least is None and wish.greatest is None:
        return parts, None
    failed = ~whole
    failed[parts.rows] = False
    return parts, Verdict(failed, unknown(area), FIELD_BITS["available_area_m2"])


def _between(values: Ints, wish: AreaWish) -> Mask:
    if wish.least is None:
        return np.ones(len(values), np.bool_) if wish.greatest is None else values <= wish.greatest
    fits: Mask = values >= wish.least
    if wish.greatest is not None:
        fits &= values <= wish.greatest
    return fits


def _divided(units: Units, wish: AreaWish) -> tuple[Ints, Ints, NDArray[np.uint32]]:
    """Units to be had in part; the size of that part; and what must be known before that is certain.

    The part is clamp(preferred; least, min(greatest, area − smallest lot)).
    """
    if wish.preferred is None or "is_divisible" not in units:
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
    if wish.greatest is not None:
        most = np.minimum(most, wish.greatest)
    kept = np.flatnonzero((most > 0) & (most >= (wish.least or 0)))
    rows, most = rows[kept], most[kept]
    size = np.minimum(np.maximum(wish.preferred, wish.least or 0), most)
    lot_doubt = np.where(lot.known[kept], 0, FIELD_BITS["min_divisible_m2"])
    doubt = np.where(flag.known[rows], lot_doubt, FIELD_BITS["is_divisible"]).astype(np.uint32)
    return rows, size, doubt


#: Without the column, no smallest lot is set.
NO_LOT = Column(np.zeros(1, np.int64), np.ones(1, np.bool_), is_known=True)


def height_verdict(question: Question) -> Verdict | None:
    """H3. A beam is above its hook: a height at the hook proves one at the beam; a low beam disproves the hook."""
    need, units = question.need, question.units
    if not question.is_built or need.height_min is None or "clear_height_m" not in units:
        return None
    height = units["clear_height_m"]
    low = height.values < need.height_min
    if need.height_at is None or "clear_height_at" not in units:
        return beyond(height, low, "clear_height_m")
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


def _at_least(units: Units, name: str, minimum: int | None) -> Verdict | None:
    if minimum is None or name not in units:
        return None
    return beyond(units[name], units[name].values < minimum, name)


def hazard_verdict(question: Question) -> Verdict | None:
    """H6: the firm's class is no more dangerous than the building's. Source: GB 50016-2014 table 3.1.1."""
    need, units = question.need, question.units
    if not question.is_built or need.hazard_class is None or "fire_hazard_class" not in units:
        return None
    accepted = units["fire_hazard_class"]
    return beyond(accepted, accepted.values > HAZARD_RANKS[need.hazard_class], "fire_hazard_class")


def entry_verdict(question: Question) -> Verdict | None:
    """H7: the park's negative list, the chemical park a firm may need, and the unit's own lists."""
    sides = [(question.units[column].values, entries) for column, entries in _entries(question)]
    stands = entry_stands(question)
    if not any(applies for applies, _, _ in stands):
        return None
    failed = _any_side((index, has) for (index, _), (_, has, _) in zip(sides, stands, strict=True))
    unsure = _any_side((index, has) for (index, _), (_, _, has) in zip(sides, stands, strict=True))

    def lacking(rows: Ints) -> NDArray[np.uint32]:
        bits = np.zeros(len(rows), np.uint32)
        for index, entries in sides:
            bits |= entries.array(lambda entry: field_bits(entry.lacking), np.uint32)[index[rows]]
        return bits

    nobody = np.zeros(len(question.units), np.bool_)
    return Verdict(nobody if failed is None else failed, _but(unsure, failed), lacking)


def _entries(question: Question) -> list[tuple[str, Each[Entry]]]:
    sides = (("facts", question.entries_to_parks), ("policy", question.entries_to_units))
    return [(column, entries) for column, entries in sides if entries is not None]


def entry_stands(question: Question) -> tuple[tuple[bool, Mask, Mask], ...]:
    """H7 from the side of the parks, and of the units' own lists: whether it applies at all, which of them fail it, and
    of which it is not known.
    """
    return question.once("stands", lambda: tuple(_standing(entries) for _, entries in _entries(question)))


def _standing(entries: Each[Entry]) -> tuple[bool, Mask, Mask]:
    statuses = entries.array(lambda entry: entry.status, np.int8)
    return bool((statuses != Status.not_applicable).any()), statuses == Status.failed, statuses == Status.unknown


def _any_side(sides: Iterable[tuple[Ints, Mask]]) -> Mask | None:
    """Units whose park or whose own lists have it. Empty: None where no park and no list has."""
    found: Mask | None = None
    for index, has in sides:
        if has.any():
            here = _among(index, has)
            found = here if found is None else found | here
    return found


#: Up to so many places, comparing with each is faster than looking every unit up.
FEW = 6


def _among(index: Ints, has: Mask) -> Mask:
    """Where the place is one that has it."""
    places = np.flatnonzero(has).tolist()
    if len(places) > FEW:
        return has[index]
    found: Mask = index == places[0]
    for place in places[1:]:
        found |= index == place
    return found


def _but(these: Mask | None, others: Mask | None) -> Mask | None:
    return these if these is None or others is None else these & ~others


def effluent_verdict(question: Question) -> Verdict | None:
    """H8: every kind of effluent may be discharged, and quota is free: what is needed, else any at all."""
    need, units = question.need, question.units
    wanted, least = effluent_wish(question)
    if least is None or "effluent_types" not in units or "effluent_free_t_d" not in units:
        return None
    kinds, free = units["effluent_types"], units["effluent_free_t_d"]
    failed = (kinds.known & ((~kinds.values & wanted) != 0)) | (free.known & (free.values < least))
    if (kinds.is_known or not need.effluents) and free.is_known:
        return Verdict(failed, None, 0)
    no_kinds = ~kinds.known if need.effluents else np.zeros(len(units), np.bool_)
    lacking = no_kinds * np.uint32(FIELD_BITS["effluent_types"])
    lacking |= ~free.known * np.uint32(FIELD_BITS["effluent_free_t_d"])
    return Verdict(failed, ~failed & (lacking != 0), lacking)


def effluent_wish(question: Question) -> tuple[int, int | None]:
    """The kinds needed as a bit mask, and the least free quota in 0.1 t/d; None where nothing was said of either."""
    need = question.need
    wanted = sum(EFFLUENT_BITS[kind] for kind in need.effluents)
    return wanted, need.effluent_min if need.effluent_min is not None else 1 if wanted else None


def location_verdict(question: Question) -> Verdict | None:
    """H13: inside the area asked for, or within the radius of one of the places that state one."""
    need, units = question.need, question.units
    around = [(place.vector, place.radius_m) for place in need.places if place.radius_m is not None]
    if (need.within is None and not around) or not question.is_placed:
        return None
    axes = [units[name] for name in question.axes]
    inside = np.zeros(len(units), np.bool_)
    if need.within is not None:
        lon, lat = (units[name].values for name in POSITION[:2])
        inside = need.within.contains(lon, lat)
    for vector, radius_m in around:
        inside |= distances_m([axis.values for axis in axes], vector) <= radius_m
    return beyond(axes[0], ~inside, "position")


def path_verdict(question: Question) -> Verdict | None:
    """H9: a path both accept."""
    if "allowed_paths" not in question.units:
        return None
    offered = question.units["allowed_paths"]
    return beyond(offered, (offered.values & question.need.paths) == 0, "allowed_paths")


def timing_verdict(question: Question) -> Verdict | None:
    """H11 without works: to be had by the date of need and its tolerance."""
    need, units = question.need, question.units
    if need.need_on is None or "available_from" not in units:
        return None
    from_day = units["available_from"]
    return beyond(from_day, from_day.values > need.need_on + need.tolerance_days, "available_from")


_JUDGES: Mapping[str, Callable[[Question], Verdict | None]] = MappingProxyType(
    {
        "H3": height_verdict,
        "H4": load_verdict,
        "H5": power_verdict,
        "H6": hazard_verdict,
        "H7": entry_verdict,
        "H8": effluent_verdict,
        "H9": path_verdict,
        "H11": timing_verdict,
        "H13": location_verdict,
    }
)
