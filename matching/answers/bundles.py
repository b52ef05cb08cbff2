"""Neighbouring units taken together, where no single one is large enough.

A bundle is one row made of its units and judged by the very functions that judge a unit; a bundle of one is the unit.
Source: model R1 §5.9.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from matching.answers.result import ShownOptions, describe
from matching.answers.shortfalls import MOVABLE
from matching.catalogue.table import Units
from matching.ranking.judging import Judged, Standing, best_options, judge
from matching.ranking.options import open_options
from matching.ranking.question import Question
from matching.ranking.screen import BY_PATH_BITS, Screen, screen
from matching.rules import MERGES
from matching.rules.merge import Merge, Rows, greatest, same
from matching.scaled import Ints

MOST_UNITS = 4
MOST_BUNDLES = 500
#: Sets looked at before the search ends, so that a dense park cannot hold it up.
MOST_LOOKED_AT = 100_000
#: How each column becomes that of a bundle; what no requirement says of, holds where it holds of all alike.
BY_COLUMN: Mapping[str, Merge] = MappingProxyType({**MERGES, "idle_since": greatest})


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
    sets, is_capped = connected_sets(question, open_rows(question, screened), neighbours)
    is_capped |= neighbours.is_cut
    if not sets:
        return {"bundles": [], "capped": is_capped}
    whole, bundled, best = judged(question, sets, weights)
    pieces = {int(at): unity(question, sets[int(at)], neighbours) for at in best.options.unit}
    ranked = sorted(
        (place for place in range(len(best.standing)) if best.standing[place] != Standing.no_fit),
        key=lambda place: (
            best.standing[place],
            -best.score[place],
            -(pieces[int(best.options.unit[place])]["d"] or 0.0),
            best.options.unit[place],
        ),
    )
    listed = ranked[:limit]
    shown = ShownOptions(whole, bundled, best.take(np.array(listed, np.int64)), weights)
    bundles = []
    for place, result in zip(listed, describe(shown, [None] * len(listed)), strict=True):
        rows = sets[int(best.options.unit[place])]
        ids = [question.units.id(row) for row in rows]
        bundles.append({**result, "asset_ids": ids, "unity": pieces[int(best.options.unit[place])]})
    return {"bundles": bundles, "capped": is_capped}


def judged(question: Question, sets: Sequence[Rows], weights: Mapping[str, float]) -> tuple[Question, Screen, Judged]:
    """Each set of units taken as one, by its best option."""
    whole = merged(question, sets)
    screened = screen(whole)
    return whole, screened, best_options(whole, judge(whole, screened, open_options(whole, screened), weights))


def connected_sets(question: Question, open_rows: Ints, neighbours: Neighbours) -> tuple[list[Rows], bool]:
    """Connected sets of two to four of these units whose areas add up to what is asked for, the first by id first.

    And whether there may be more: the search ends at so many.
    """
    areas, preference = question.units["area"], question.area_preference
    beside = _beside(question.units, open_rows, neighbours)
    least, most = preference.least or 0, preference.greatest
    sets: list[Rows] = []
    for looked_at, rows in enumerate(_grown(beside, areas.values, most)):
        if looked_at >= MOST_LOOKED_AT:
            return sets, True
        total = sum(int(areas.values[row]) for row in rows)
        if len(rows) > 1 and total >= least:
            if len(sets) == MOST_BUNDLES:
                return sets, True
            sets.append(rows)
    return sets, False


def _beside(units: Units, open_rows: Ints, neighbours: Neighbours) -> dict[int, list[int]]:
    """The neighbours of each open unit, in id order."""
    ids = (
        {units.id(row): int(row) for row in open_rows[np.argsort(units.places(open_rows))]} if neighbours.pairs else {}
    )
    place = {row: at for at, row in enumerate(ids.values())}
    beside: dict[int, set[int]] = {row: set() for row in ids.values()}
    for unit_id, other in neighbours.pairs:
        if unit_id in ids and other in ids and unit_id != other:
            beside[ids[unit_id]].add(ids[other])
            beside[ids[other]].add(ids[unit_id])
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
            fresh = [near for near in beside[row] if near not in known and order[near] > order[rows[0]]]
            yield from grow((*rows, row), total + int(areas[row]), [*edge[at + 1 :], *fresh], known | set(fresh))

    for root in beside:
        if most is None or int(areas[root]) <= most:
            edge = [near for near in beside[root] if order[near] > order[root]]
            yield from grow((root,), int(areas[root]), edge, {root, *edge})


def open_rows(question: Question, screened: Screen) -> Ints:
    """Units that fail no fixed rule and whose area is known; a unit of the wrong size may still be part of a bundle."""
    shut = screened.shut_by(~(MOVABLE | BY_PATH_BITS))
    shut |= ~question.units["area"].known
    return np.flatnonzero(~shut)


def merged(question: Question, sets: Sequence[Rows]) -> Question:
    """The question asked of bundles: one row for each set of units, in the order given."""
    units = question.units
    columns = {name: BY_COLUMN.get(name, same)(question, units[name], sets) for name in units.columns}
    alone = [at for at, rows in enumerate(sets) if len(rows) == 1]
    own = units.retrofits.take(np.array([sets[at][0] for at in alone], np.int64))
    retrofits = replace(own, row=np.array(alone, np.int64)[own.row])  # none are known for several together
    table = Units.of(np.arange(len(sets)), columns, units.facts_keys, units.policies, retrofits)
    return replace(question, units=table)


def unity(question: Question, rows: Rows, neighbours: Neighbours) -> dict[str, Any]:
    """How much of one piece a bundle is, 1 where it has one owner on one floor: its own criterion, outside its score.

    Empty: None for what is not known of all its units.
    """
    ids = [question.units.id(row) for row in rows]
    owners = _distinct(neighbours.owners, ids)
    levels = _distinct(neighbours.floors, ids)
    floors = None if levels is None else levels - 1
    known = [count for count in (None if owners is None else owners - 1, floors) if count is not None]
    return {"owners": owners, "floor_changes": floors, "d": 1 / (1 + sum(known)) if known else None}


def _distinct(values: Mapping[Any, Any], ids: Sequence[Any]) -> int | None:
    """How many different values these units have; None where one of them has none."""
    return None if any(unit_id not in values for unit_id in ids) else len({values[unit_id] for unit_id in ids})
