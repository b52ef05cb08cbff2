"""Neighbouring units taken together, where no single one is large enough.

A bundle is one row made of its units and judged by the very functions that judge a unit; a bundle of one is the unit.
Source: model R1 §5.9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from matching.answers.result import Shown, describe
from matching.answers.shortfalls import MOVABLE, PATH_RULES
from matching.catalogue.table import Units
from matching.ranking.judging import Judged, Standing, best_ways, judge
from matching.ranking.options import open_ways
from matching.ranking.question import RULE_BITS, Question
from matching.ranking.screen import Screen, screen
from matching.scaled import Column, Ints, column

MOST_UNITS = 4
MOST_BUNDLES = 500
#: Sets looked at before the search ends, so that a dense park cannot hold it up.
MOST_LOOKED_AT = 100_000

Rows = tuple[int, ...]


@dataclass(frozen=True)
class Neighbours:
    """Which units lie next to each other; whose they are and on which floor, where that is known.

    Shapes: `pairs` of ids of one park each, in either order. `is_cut`: there are more pairs than these.
    """

    pairs: Sequence[tuple[Any, Any]]
    owners: Mapping[Any, Any] = field(default_factory=dict)
    floors: Mapping[Any, int] = field(default_factory=dict)
    is_cut: bool = False


def alternatives(
    question: Question, screened: Screen, weights: Mapping[str, float], neighbours: Neighbours, limit: int
) -> dict[str, Any]:
    """The best bundles for a demand that no single unit fits; `capped` where the search ended before its end.

    Order: status, score, of equal ones the one that is more of one piece, then by id.
    """
    if "area" not in question.units or not neighbours.pairs:
        return {"bundles": [], "capped": False}
    sets, is_capped = connected_sets(question, open_rows(question, screened.verdicts.items()), neighbours)
    is_capped |= neighbours.is_cut
    if not sets:
        return {"bundles": [], "capped": is_capped}
    asked, bundled, best = judged(question, sets, weights)
    pieces = {int(at): unity(question, sets[int(at)], neighbours) for at in best.ways.unit}
    ranked = sorted(
        (place for place in range(len(best.standing)) if best.standing[place] != Standing.no_fit),
        key=lambda place: (
            best.standing[place],
            -best.score[place],
            -(pieces[int(best.ways.unit[place])]["d"] or 0.0),
            best.ways.unit[place],
        ),
    )
    found = []
    for place in ranked[:limit]:
        rows = sets[int(best.ways.unit[place])]
        told = describe(Shown(asked, bundled, best.take(np.array([place])), weights), None)
        ids = [question.units.id(row) for row in rows]
        found.append({**told, "asset_ids": ids, "unity": pieces[int(best.ways.unit[place])]})
    return {"bundles": found, "capped": is_capped}


def judged(question: Question, sets: Sequence[Rows], weights: Mapping[str, float]) -> tuple[Question, Screen, Judged]:
    """Each set of units taken as one, by its best way."""
    asked = merged(question, sets)
    screened = screen(asked)
    return asked, screened, best_ways(asked, judge(asked, screened, open_ways(asked, screened), weights))


def connected_sets(question: Question, open_rows: Ints, neighbours: Neighbours) -> tuple[list[Rows], bool]:
    """Connected sets of two to four of these units whose areas add up to what is asked for, the first by id first.

    And whether there may be more: the search ends at so many.
    """
    areas, wish = question.units["area"], question.area_wish
    beside = _beside(question.units, open_rows, neighbours)
    least, most = wish.least or 0, wish.greatest
    found: list[Rows] = []
    for looked_at, rows in enumerate(_grown(beside, areas.values, most)):
        if looked_at >= MOST_LOOKED_AT:
            return found, True
        total = sum(int(areas.values[row]) for row in rows)
        if len(rows) > 1 and total >= least:
            if len(found) == MOST_BUNDLES:
                return found, True
            found.append(rows)
    return found, False


def _beside(units: Units, open_rows: Ints, neighbours: Neighbours) -> dict[int, list[int]]:
    """The neighbours of each open unit, in id order."""
    ids = (
        {units.id(row): int(row) for row in open_rows[np.argsort(units.places(open_rows))]} if neighbours.pairs else {}
    )
    place = {row: at for at, row in enumerate(ids.values())}
    beside: dict[int, set[int]] = {row: set() for row in ids.values()}
    for one, other in neighbours.pairs:
        if one in ids and other in ids and one != other:
            beside[ids[one]].add(ids[other])
            beside[ids[other]].add(ids[one])
    return {row: sorted(others, key=place.__getitem__) for row, others in beside.items() if others}


def _grown(beside: Mapping[int, Sequence[int]], areas: Ints, most: int | None) -> Iterator[Rows]:
    """Every connected set of at most four units and no more area than asked for, once: the first unit is its root."""
    order = {row: at for at, row in enumerate(beside)}

    def grow(rows: Rows, total: int, edge: list[int], known: set[int]) -> Iterator[Rows]:
        yield rows
        if len(rows) == MOST_UNITS:
            return
        for at, row in enumerate(edge):
            if most is not None and total + int(areas[row]) > most:
                continue
            fresh = [one for one in beside[row] if one not in known and order[one] > order[rows[0]]]
            yield from grow((*rows, row), total + int(areas[row]), [*edge[at + 1 :], *fresh], known | set(fresh))

    for root in beside:
        if most is None or int(areas[root]) <= most:
            edge = [one for one in beside[root] if order[one] > order[root]]
            yield from grow((root,), int(areas[root]), edge, {root, *edge})


def open_rows(question: Question, failed: Iterable[tuple[str, Any]]) -> Ints:
    """Units that fail no fixed rule and whose area is known; a unit of the wrong size may still be part of a bundle."""
    units = question.units
    shut = np.zeros(len(units), np.bool_) if units.dead is None else units.dead.copy()
    shut |= ~units["area"].known
    for rule, verdict in failed:
        if not RULE_BITS[rule] & (MOVABLE | PATH_RULES):
            shut |= verdict.failed
    return np.flatnonzero(~shut)


def merged(question: Question, sets: Sequence[Rows]) -> Question:
    """The question asked of bundles: one row for each set of units, in the order given."""
    units = question.units
    columns = {name: _MERGES.get(name, _same)(question, units[name], sets) for name in units.columns}
    alone = [at for at, rows in enumerate(sets) if len(rows) == 1]
    own = units.works.take(np.array([sets[at][0] for at in alone], np.int64))
    works = replace(own, row=np.array(alone, np.int64)[own.row])  # none are known for several together
    table = Units.of(np.arange(len(sets)), columns, units.facts_keys, units.policies, works)
    return replace(question, units=table)


def _gathered(given: Column, sets: Sequence[Rows], join: Any) -> Column:
    """One value for each set, known where it is known of all its units."""
    values = [join([int(given.values[row]) for row in rows]) for rows in sets]
    known = [all(bool(given.known[row]) for row in rows) for rows in sets]
    return column(np.where(known, np.array(values, np.int64), 0), np.array(known, np.bool_))


def _least(_: Question, given: Column, sets: Sequence[Rows]) -> Column:
    return _gathered(given, sets, min)


def _greatest(_: Question, given: Column, sets: Sequence[Rows]) -> Column:
    return _gathered(given, sets, max)


def _summed(_: Question, given: Column, sets: Sequence[Rows]) -> Column:
    return _gathered(given, sets, sum)


def _common(_: Question, given: Column, sets: Sequence[Rows]) -> Column:
    """Bits all of them have. Sets with none in common keep a value of 0 that is known: nothing they share."""
    return _gathered(given, sets, lambda values: int(np.bitwise_and.reduce(values)))


def _same(_: Question, given: Column, sets: Sequence[Rows]) -> Column:
    """What holds of all of them alike; where they differ, it is not known of the whole."""
    values = [int(given.values[rows[0]]) for rows in sets]
    known = [
        all(bool(given.known[row]) and int(given.values[row]) == value for row in rows)
        for rows, value in zip(sets, values, strict=True)
    ]
    return column(np.where(known, np.array(values, np.int64), 0), np.array(known, np.bool_))


def _per_area(question: Question, given: Column, sets: Sequence[Rows]) -> Column:
    """A price per m² that costs as much as they cost together, rounded up to its step."""
    areas = question.units["area"].values if "area" in question.units else np.ones(len(question.units), np.int64)
    values = []
    for rows in sets:
        whole = sum(int(areas[row]) for row in rows)
        paid = sum(int(areas[row]) * int(given.values[row]) for row in rows)
        values.append(int(given.values[rows[0]]) if len(rows) == 1 or not whole else -(-paid // whole))
    known = [all(bool(given.known[row]) for row in rows) for rows in sets]
    return column(np.where(known, np.array(values, np.int64), 0), np.array(known, np.bool_))


def _undivided(question: Question, given: Column, sets: Sequence[Rows]) -> Column:
    """A bundle is taken whole."""
    alone = _same(question, given, sets)
    several = np.array([len(rows) > 1 for rows in sets])
    return column(np.where(several, 0, alone.values), alone.known | several)


def _first(_: Question, given: Column, sets: Sequence[Rows]) -> Column:
    return given.take(np.array([rows[0] for rows in sets], np.int64))


def _worst_entry(question: Question, given: Column, sets: Sequence[Rows]) -> Column:
    """The park facts or lists of the unit of which least is certain: all of them let the firm in, or may."""
    entries = question.entries_to_parks if given is question.units.columns.get("facts") else question.entries_to_units
    chosen = [
        rows[0] if entries is None else max(rows, key=lambda row: (entries[int(given.values[row])].status, -row))
        for rows in sets
    ]
    return given.take(np.array(chosen, np.int64))


_MERGES: Mapping[str, Any] = MappingProxyType(
    {
        "area": _summed,
        "clear_height_m": _least,
        "floor_load_kn_m2": _least,
        "power_kva": _summed,
        "expandable_kva": _summed,
        "fire_hazard_class": _greatest,
        "allowed_paths": _common,
        "effluent_types": _common,
        "effluent_free_t_d": _summed,
        "available_from": _greatest,
        "idle_since": _greatest,
        "rent_yuan_m2_month": _per_area,
        "property_fee_yuan_m2_month": _per_area,
        "price_yuan_m2": _per_area,
        "contribution_yuan": _summed,
        "title_is_registered": _least,
        "mortgage": _least,
        "is_seized": _greatest,
        "is_divisible": _undivided,
        "min_divisible_m2": _same,
        "area_basis": _greatest,
        "condition_grade": _least,
        **dict.fromkeys(("lon_e7", "lat_e7", "x_e9", "y_e9", "z_e9"), _first),
        "facts": _worst_entry,
        "policy": _worst_entry,
    }
)


def unity(question: Question, rows: Rows, neighbours: Neighbours) -> dict[str, Any]:
    """How much of one piece a bundle is, 1 where it has one owner on one floor: its own criterion, outside its score.

    Empty: None for what is not known of all its units.
    """
    ids = [question.units.id(row) for row in rows]
    owners = None if any(one not in neighbours.owners for one in ids) else len({neighbours.owners[one] for one in ids})
    floors = (
        None if any(one not in neighbours.floors for one in ids) else len({neighbours.floors[one] for one in ids}) - 1
    )
    known = [count for count in (None if owners is None else owners - 1, floors) if count is not None]
    return {"owners": owners, "floor_changes": floors, "d": 1 / (1 + sum(known)) if known else None}
