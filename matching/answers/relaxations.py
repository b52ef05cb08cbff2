"""Near misses: every smallest set of rules that would have to give for something to fit, and what that would take.

The rules an option fails are one bit mask; the minimal masks by inclusion are all minimal correction sets. Only options
of which every rule is known make a set; fixed rules are never offered.
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
from matching.answers.shortfalls import MOVABLE, Shortfalls, join, open_yet, relative, shortfalls
from matching.codes import paths_of
from matching.demand.preferences import AREA_PREFIXES
from matching.ranking.judging import Judged, Standing, judge
from matching.ranking.options import Options
from matching.ranking.question import Question
from matching.ranking.screen import BY_PATH_BITS, Screen
from matching.rules import BOUNDS, HARD_RULES
from matching.rules.bound import MovableBound
from matching.rules.path import common_paths
from matching.rules.retrofit import ACCEPTED
from matching.scaled import Floats, Ints, Mask

MOST_STEPS = 5


def relaxations(
    question: Question, screened: Screen, best: Judged, weights: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Every minimal relaxation of the demand, the one that asks least first.

    `best` holds the best option of each unit, as the list shows them. Empty: nothing fails, or only fixed rules do.
    """
    fits = best.take(best.standing == Standing.fit)
    failing = _failing(question, screened, fits.options.unit)
    short = _certain_shortfalls(question, screened, failing)
    if short is None:
        return []
    fitting = _fitting(question, screened, fits)
    sets = []
    for mask in minimal(_masks(short.failed)):
        alike = short.take(short.failed == mask)
        totals = relative(question, alike)
        place = _cheapest(question, alike, totals)
        entry = _entry(question, screened, alike, place, fitting, weights)
        entry["relative_change"] = round(float(totals[place]), 6)
        entry["to_confirm"] = _doubtful(failing, alike.options.unit, mask)
        sets.append((mask.bit_count(), float(totals[place]), mask, entry))
    return [entry for *_, entry in sorted(sets, key=lambda ordered: ordered[:3])]


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

    Shapes: aligned. `base` leaves out the rules that hang on the path: what a unit fails by every option.
    """

    rows: Ints
    failed: NDArray[np.uint16]
    base: NDArray[np.uint16]
    is_known: Mask


@dataclass(frozen=True)
class _Fitting:
    """Units that fit as the demand stands; `others` are further options to take them, which do not."""

    rows: Ints
    best_score: int
    others: Shortfalls


def _fitting(question: Question, screened: Screen, fits: Judged) -> _Fitting:
    short = shortfalls(question, screened, 0, fits.options.unit)
    return _Fitting(fits.options.unit, int(fits.score.max(initial=0)), short.take(short.failed != 0))


def _failing(question: Question, screened: Screen, fits: Ints) -> _Failing:
    shut = screened.shut_by(~(MOVABLE | BY_PATH_BITS))
    shut[fits] = True
    rows = np.flatnonzero(np.logical_not(shut, out=shut))
    failed, (unknown, _) = screened.failed_by(rows), screened.unknown_of(rows)
    measured = open_yet(question, screened, rows)
    return _Failing(rows, failed, (failed | measured) & ~np.uint16(BY_PATH_BITS), (unknown & ~measured) == 0)


def _masks(failed: NDArray[np.uint16]) -> list[int]:
    """Each mask that stands there, once."""
    return [int(mask) for mask in np.flatnonzero(np.bincount(failed))]


def _certain_shortfalls(question: Question, screened: Screen, failing: _Failing) -> Shortfalls | None:
    """The options whose sets can still be minimal: no option of a unit fails less than its base."""
    rows, bases = failing.rows[failing.is_known], failing.base[failing.is_known]
    parts: list[Shortfalls] = []
    seen: set[int] = set()
    for base in sorted(_masks(bases), key=lambda base: (base.bit_count(), base)):
        if any(base != mask and base & mask == mask for mask in seen):
            continue
        short = shortfalls(question, screened, base, rows[bases == base])
        short = short.take(short.failed != 0)
        seen.update(_masks(short.failed))
        if len(short.failed):
            parts.append(short)
    return join(parts) if parts else None


def _cheapest(question: Question, short: Shortfalls, totals: Floats) -> int:
    """The option that asks least; of equal ones the cheapest works, then the first by id, path and size."""
    level = np.flatnonzero(totals == totals.min())
    options = short.options.take(level)
    place_of = question.units.places(options.unit)
    spent = options.summed(question.units.retrofits.cost)
    order = np.lexsort((*options.retrofits.values(), options.taken, options.group, place_of, spent))
    return int(level[order[0]])


def _entry(
    question: Question, screened: Screen, short: Shortfalls, place: int, fitting: _Fitting, weights: Mapping[str, float]
) -> dict[str, Any]:
    amounts = {bound: int(beyond[place]) for bound, beyond in short.amounts.items()}
    passing = _within(short, amounts)
    judged = judge(question, screened, passing.joined(_within(fitting.others, amounts)), weights)
    best = max(int(judged.score.max()), fitting.best_score)
    moved = [bound for bound in BOUNDS if amounts.get(bound)]
    unit = int(short.options.unit[place])
    return {
        "rules": [rule.id for rule in HARD_RULES if int(short.failed[place]) & rule.bit],
        "changes": [_change(question, short, place, bound, amounts[bound]) for bound in moved],
        "asset_id": question.units.id(unit),
        "path": _path(question, unit, int(short.options.group[place])),
        "units": len(np.unique(passing.unit)) + len(fitting.rows),
        "best_score": best,
        "best_points": score.points_text(best),
        "steps": list(_steps(question, short, moved[0], fitting.rows)) if len(moved) == 1 else [],
    }


def _within(short: Shortfalls, amounts: Mapping[MovableBound, int]) -> Options:
    """The options that pass where the bounds are moved by so much."""
    within = np.ones(len(short.failed), np.bool_)
    for bound, beyond in short.amounts.items():
        within &= beyond <= amounts.get(bound, 0)
    return short.options.take(within)


def _path(question: Question, unit: int, group: int) -> str:
    mask = question.path_groups[group].mask & int(common_paths(question, np.array([unit]))[0])
    return paths_of(mask)[0]


def _change(question: Question, short: Shortfalls, place: int, bound: MovableBound, amount: int) -> dict[str, Any]:
    """One bound and where it would have to go; works, what they cost and who says so."""
    change = {
        "id": BOUNDS[bound].id,
        "bound": bound.name.format(area=AREA_PREFIXES[question.kind]),
        "from": None if bound.form == "retrofit" else _shown(question, bound, 0),
        "to": _shown(question, bound, amount),
        "unit": bound.unit,
    }
    match bound.form:
        case "days":
            change["days"] = amount
        case "wider":  # every radius that is stated, by as much
            change |= {"from": None, "to": None, "more": amount}
        case "retrofit":
            index = int(short.options.retrofits[BOUNDS[bound].id][place])
            done = question.units.retrofits
            change |= {"days": int(done.days[index]), "source": done.source[index], "payer": done.payer[index]}
    return change


def _shown(question: Question, bound: MovableBound, amount: int) -> float | str:
    value = (bound.stated(question) or 0) + bound.sign * amount
    if bound.form == "days":
        return date.fromordinal(value).isoformat()
    return (value - ACCEPTED if bound.form == "retrofit" else value) / bound.scale


def _steps(question: Question, short: Shortfalls, bound: MovableBound, fits: Ints) -> Iterator[dict[str, Any]]:
    """How many units pass as the one bound moves further: up to five amounts, the least and the most among them."""
    alone = np.ones(len(short.failed), np.bool_)
    for other, beyond in short.amounts.items():
        alone &= (beyond > 0) if other is bound else (beyond == 0)
    amounts = _least_of_each(short.options.unit[alone], short.amounts[bound][alone])
    gained, distinct = np.sort(amounts), np.unique(amounts)
    last = len(distinct) - 1
    places = sorted({last * step // (MOST_STEPS - 1) for step in range(MOST_STEPS)})
    for amount in distinct[places]:
        count = len(fits) + int(np.searchsorted(gained, amount, "right"))
        yield {"to": _shown(question, bound, int(amount)), "units": count}


def _least_of_each(units: Ints, amounts: Ints) -> Ints:
    if bool((units[1:] > units[:-1]).all()):
        return amounts
    order = np.lexsort((amounts, units))
    units = units[order]
    first = np.append(True, units[1:] != units[:-1])[: len(units)]
    least: Ints = amounts[order][first]
    return least


def _doubtful(failing: _Failing, certain: Ints, mask: int) -> int:
    """Units that as far as is known fail these rules alone, and of which something is not known."""
    same = failing.rows[failing.failed == mask]
    return len(same) - int(np.count_nonzero(np.isin(same, certain)))
