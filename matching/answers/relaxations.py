"""Near misses: every smallest set of rules that would have to give for something to fit, and what that would take.

The rules a way fails are one bit mask; the minimal masks by inclusion are all minimal correction sets. Only ways of
which every rule is known make a set; fixed rules are never offered.
Source: model R1 §5.8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching import score
from matching.answers.shortfalls import (
    ACCEPTED,
    AXES,
    HANDOVER,
    MOVABLE,
    PATH_RULES,
    RADIUS,
    WORKS,
    Axis,
    Misses,
    bound_of,
    join,
    misses,
    provable_heights,
    relative,
)
from matching.demand.demand import AREA_PREFIXES, PATH_BITS
from matching.ranking.judging import Judged, Standing, judge
from matching.ranking.options import Ways, joined, summed
from matching.ranking.paths import common_paths
from matching.ranking.question import RULE_BITS, Question
from matching.ranking.screen import Screen
from matching.scaled import Floats, Ints, Mask

MOST_STEPS = 5


def relaxations(
    question: Question, screened: Screen, best: Judged, weights: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Every minimal relaxation of the demand, the one that asks least first.

    `best` holds the best way of each unit, as the list shows them. Empty: nothing fails, or only fixed rules do.
    """
    fits = best.take(best.standing == Standing.fit)
    failing = _failing(question, screened, fits.ways.unit)
    found = _certain_misses(question, screened, failing)
    if found is None:
        return []
    fitting = _fitting(question, screened, fits)
    sets = []
    for mask in minimal(_masks(found.failed)):
        ways = found.take(found.failed == mask)
        totals = relative(question, ways)
        place = _cheapest(question, ways, totals)
        entry = _entry(question, screened, ways, place, fitting, weights)
        entry["relative_change"] = round(float(totals[place]), 6)
        entry["to_confirm"] = _doubtful(failing, ways.ways.unit, mask)
        sets.append((mask.bit_count(), float(totals[place]), mask, entry))
    return [entry for *_, entry in sorted(sets, key=lambda one: one[:3])]


def minimal(masks: Iterable[int]) -> list[int]:
    """The masks none of the others is a part of; the empty one is no relaxation."""
    kept: list[int] = []
    for mask in sorted((int(mask) for mask in masks if mask), key=lambda mask: (mask.bit_count(), mask)):
        if not any(mask & other == other for other in kept):
            kept.append(mask)
    return kept


@dataclass(frozen=True)
class _Failing:
    """Units that do not fit and fail no fixed rule, and what they fail.

    Shapes: aligned. `base` leaves out the rules that hang on the path: what a unit fails whichever way it is taken.
    """

    rows: Ints
    failed: NDArray[np.uint16]
    base: NDArray[np.uint16]
    is_known: Mask


@dataclass(frozen=True)
class _Fitting:
    """Units that fit as the demand stands; `others` are further ways to take them, which do not."""

    rows: Ints
    best_score: int
    others: Misses


def _fitting(question: Question, screened: Screen, fits: Judged) -> _Fitting:
    ways = misses(question, screened, 0, fits.ways.unit)
    return _Fitting(fits.ways.unit, int(fits.score.max(initial=0)), ways.take(ways.failed != 0))


def _failing(question: Question, screened: Screen, fits: Ints) -> _Failing:
    dead = question.units.dead
    shut = np.zeros(len(question.units), np.bool_) if dead is None else dead.copy()
    shut[fits] = True
    for rule, verdict in screened.verdicts.items():
        if not RULE_BITS[rule] & (MOVABLE | PATH_RULES):
            shut |= verdict.failed
    rows = np.flatnonzero(np.logical_not(shut, out=shut))
    failed, (unknown, _) = screened.failed_by(rows), screened.unknown_of(rows)
    provable = provable_heights(question, screened, rows) * np.uint16(RULE_BITS["H3"])
    return _Failing(rows, failed, (failed | provable) & ~np.uint16(PATH_RULES), (unknown & ~provable) == 0)


def _masks(failed: NDArray[np.uint16]) -> list[int]:
    """Each mask that stands there, once."""
    return [int(mask) for mask in np.flatnonzero(np.bincount(failed))]


def _certain_misses(question: Question, screened: Screen, failing: _Failing) -> Misses | None:
    """The ways whose sets can still be minimal: no way of a unit fails less than its base."""
    rows, bases = failing.rows[failing.is_known], failing.base[failing.is_known]
    found: list[Misses] = []
    seen: set[int] = set()
    for base in sorted(_masks(bases), key=lambda base: (base.bit_count(), base)):
        if any(base != mask and base & mask == mask for mask in seen):
            continue
        ways = misses(question, screened, base, rows[bases == base])
        ways = ways.take(ways.failed != 0)
        seen.update(_masks(ways.failed))
        if len(ways.failed):
            found.append(ways)
    return join(found) if found else None


def _cheapest(question: Question, ways: Misses, totals: Floats) -> int:
    """The way that asks least; of equal ones the cheapest works, then the first by id, path and size."""
    level = np.flatnonzero(totals == totals.min())
    own = ways.take(level)
    place_of = question.units.places(own.ways.unit)
    spent = summed(question.units.works.cost, own.ways)
    works = [getattr(own.ways, name) for name in WORKS.values()]
    order = np.lexsort((*works, own.ways.taken, own.ways.group, place_of, spent))
    return int(level[order[0]])


def _entry(
    question: Question, screened: Screen, ways: Misses, place: int, fitting: _Fitting, weights: Mapping[str, float]
) -> dict[str, Any]:
    amounts = {axis: int(excess[place]) for axis, excess in ways.excess.items()}
    passing = _within(ways, amounts)
    judged = judge(question, screened, joined(passing, _within(fitting.others, amounts)), weights)
    best = max(int(judged.score.max()), fitting.best_score)
    moved = [axis for axis in AXES if amounts.get(axis)]
    unit = int(ways.ways.unit[place])
    return {
        "rules": [rule for rule, bit in RULE_BITS.items() if int(ways.failed[place]) & bit],
        "changes": [_change(question, ways, place, axis, amounts[axis]) for axis in moved],
        "asset_id": question.units.id(unit),
        "path": _path(question, unit, int(ways.ways.group[place])),
        "units": len(np.unique(passing.unit)) + len(fitting.rows),
        "best_score": best,
        "best_points": score.tenths_text(score.points(best, [])[0]),
        "steps": list(_steps(question, ways, moved[0], fitting.rows)) if len(moved) == 1 else [],
    }


def _within(found: Misses, amounts: Mapping[Axis, int]) -> Ways:
    """The ways that pass where the bounds are moved by so much."""
    within = np.ones(len(found.failed), np.bool_)
    for axis, excess in found.excess.items():
        within &= excess <= amounts.get(axis, 0)
    return found.ways.take(within)


def _path(question: Question, unit: int, group: int) -> str:
    mask = question.path_groups[group].mask & int(common_paths(question, np.array([unit]))[0])
    return next(path for path, bit in PATH_BITS.items() if mask & bit)


def _change(question: Question, ways: Misses, place: int, axis: Axis, amount: int) -> dict[str, Any]:
    """One bound and where it would have to go; works, what they cost and who says so."""
    change = {
        "id": axis.rule,
        "bound": _bound_name(question, axis),
        "from": None if axis in WORKS else _shown(question, axis, 0),
        "to": _shown(question, axis, amount),
        "unit": axis.unit,
    }
    if axis is HANDOVER:
        change["days"] = amount
    if axis is RADIUS:  # every radius that is stated, by as much
        change |= {"from": None, "to": None, "more": amount}
    if axis in WORKS:
        index = int(getattr(ways.ways, WORKS[axis])[place])
        works = question.units.works
        change |= {"days": int(works.days[index]), "source": works.source[index], "payer": works.payer[index]}
    return change


def _bound_name(question: Question, axis: Axis) -> str:
    """The demand's own field."""
    if axis.bound.startswith("area_m2"):
        return axis.bound.replace("area_m2", AREA_PREFIXES[question.kind])
    return axis.bound


def _shown(question: Question, axis: Axis, amount: int) -> float | str:
    value = bound_of(question, axis) + axis.sign * amount
    if axis is HANDOVER:
        return date.fromordinal(value).isoformat()
    return (value - ACCEPTED if axis in WORKS else value) / axis.scale


def _steps(question: Question, ways: Misses, axis: Axis, fits: Ints) -> Iterator[dict[str, Any]]:
    """How many units pass as the one bound moves further: up to five amounts, the least and the most among them."""
    alone = np.ones(len(ways.failed), np.bool_)
    for other, excess in ways.excess.items():
        alone &= (excess > 0) if other is axis else (excess == 0)
    amounts = _least_of_each(ways.ways.unit[alone], ways.excess[axis][alone])
    gained, distinct = np.sort(amounts), np.unique(amounts)
    last = len(distinct) - 1
    places = sorted({last * step // (MOST_STEPS - 1) for step in range(MOST_STEPS)})
    for amount in distinct[places]:
        count = len(fits) + int(np.searchsorted(gained, amount, "right"))
        yield {"to": _shown(question, axis, int(amount)), "units": count}


def _least_of_each(units: Ints, amounts: Ints) -> Ints:
    if bool((units[1:] > units[:-1]).all()):
        return amounts
    order = np.lexsort((amounts, units))
    units = units[order]
    first = np.append(True, units[1:] != units[:-1])[: len(units)]
    found: Ints = amounts[order][first]
    return found


def _doubtful(failing: _Failing, certain: Ints, mask: int) -> int:
    """Units that as far as is known fail these rules alone, and of which something is not known."""
    same = failing.rows[failing.failed == mask]
    return len(same) - int(np.count_nonzero(np.isin(same, certain)))
