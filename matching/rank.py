"""Ranks the units on offer for one demand: a list per kind, what fits first, then after works, then to confirm.

Pure: the day in force is given, and the same inputs give the same bytes on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np

from matching.answers.bundles import Neighbours, alternatives
from matching.answers.relaxations import relaxations
from matching.answers.result import Shown, describe
from matching.answers.wishes import weighed
from matching.catalogue.catalogue import Catalogue
from matching.demand.demand import Need
from matching.industry import NO_SECTIONS, Chain, Sections
from matching.parameters import Parameters
from matching.parks import ParkFacts, facts_of
from matching.position import PLANE
from matching.ranking import criteria
from matching.ranking.folding import Trees, behind, heads, top
from matching.ranking.judging import Judged, Standing, best_ways, judge
from matching.ranking.options import needs_works, open_ways
from matching.ranking.paths import EVERY_UNIT
from matching.ranking.question import REQUIRED, RULE_BITS, TITLE_COLUMNS, Question, asked_of
from matching.ranking.robustness import BEST, Draws, shares_in_front
from matching.ranking.screen import Screen, screen
from matching.scaled import Floats, Ints, Mask, ordinal

#: The lists of a page, in their order.
LISTED = (Standing.fit, Standing.fit_after_works, Standing.to_confirm)
#: Stands for a date of idleness nobody knows: after every known one.
LAST_DAY = date.max.toordinal() + 1
#: Of the units that stand behind a shown one, so many are named.
MOST_NAMED = 20


@dataclass(frozen=True)
class Listing:
    """The answer for one kind: counts over all units of it, the units shown, the ids of those to keep for a replay.

    `relaxations` are the near misses, looked for where few fit or on request; `alternatives` are bundles, looked for
    where no single unit fits; None where they were not.
    """

    importances: Mapping[str, Any]
    totals: Mapping[str, Any]
    results: tuple[Mapping[str, Any], ...]
    kept: tuple[str, ...]
    relaxations: tuple[Mapping[str, Any], ...] | None
    alternatives: Mapping[str, Any] | None


@dataclass(frozen=True)
class Ranking:
    """The answer to one demand. `missing` names, per rule in force, the columns nobody gave."""

    model_version: str
    chain_version: str | None
    day: date
    compared: int
    other_kinds: int
    lists: Mapping[str, Listing]
    missing: Mapping[str, tuple[str, ...]]

    def to_document(self) -> dict[str, Any]:
        """The answer as JSON can hold it: numbers, statuses and order only."""
        return {
            "model_version": self.model_version,
            "chain_version": self.chain_version,
            "day": self.day.isoformat(),
            "compared": self.compared,
            "other_kinds": self.other_kinds,
            "missing": {rule: list(columns) for rule, columns in self.missing.items()},
            "lists": {
                kind: {
                    "importances": dict(listing.importances),
                    "totals": dict(listing.totals),
                    "results": [dict(result) for result in listing.results],
                    "relaxations": None if listing.relaxations is None else [dict(one) for one in listing.relaxations],
                    "alternatives": None if listing.alternatives is None else dict(listing.alternatives),
                }
                for kind, listing in self.lists.items()
            },
        }


def rank(
    demand: Need | Mapping[str, Any],
    candidates: Catalogue | Mapping[str, Sequence[Any]],
    parameters: Parameters,
    *,
    parks: Mapping[str, ParkFacts | Mapping[str, Any]] | None = None,
    chain: Chain | None = None,
    sections: Sections | None = None,
    day: date | str | np.datetime64 | int,
    limit: int = 20,
    keep: int = 0,
    near_misses: bool = False,
    adjacency: Neighbours | None = None,
    draws: Draws | None = None,
) -> Ranking:
    """The best units of every kind the firm accepts, each with its reasons in numbers.

    Parts of one building or plot with the same status are shown as the best of them, with how many are `like_it`;
    totals count units.
    Of each kind the ids of the best `keep`, and of all that are shown, are named as what a replay needs. `near_misses`
    asks for every minimal relaxation even where enough fits. With `adjacency`, bundles are offered where no unit fits.
    With `draws`, the best that fit say how often they stay in front when the weights are shaken.

    Shapes: `parks` by the units' facts key, `sections` division → letter. Units: `day` as `units.ordinal` reads it.
    Empty: no parks, no rule or criterion of the park; a park missing from `parks` is one nobody knows.
    Raises: Invalid on `importances` where an accepted kind has nothing left to weigh.
    """
    need = demand if isinstance(demand, Need) else Need.from_fields(demand)
    catalogue = candidates if isinstance(candidates, Catalogue) else Catalogue.from_columns(candidates)
    facts, on_day = facts_of(parks, catalogue.facts_keys), ordinal(day)
    questions = {
        kind: Question(
            need,
            kind,
            asked_of(catalogue.of_kind(kind), parameters),
            parameters,
            facts,
            chain,
            sections or NO_SECTIONS,
            on_day,
        )
        for kind in need.kinds
    }
    asked = sum(question.units.alive for question in questions.values())
    return Ranking(
        model_version=parameters.version,
        chain_version=None if chain is None else chain.version,
        day=date.fromordinal(on_day),
        compared=len(catalogue),
        other_kinds=len(catalogue) - asked if "kind" in catalogue else 0,
        lists=MappingProxyType(
            {
                kind: _list(question, max(limit, 0), keep, near_misses, adjacency, draws)
                for kind, question in questions.items()
            }
        ),
        missing=MappingProxyType(_missing(catalogue, parks is not None, parameters)),
    )


def _missing(catalogue: Catalogue, has_parks: bool, parameters: Parameters) -> dict[str, tuple[str, ...]]:
    wanted: dict[str, tuple[str, ...]] = dict(REQUIRED)
    wanted["H10"] = ("rent_yuan_m2_month", "property_fee_yuan_m2_month", "price_yuan_m2", "contribution_yuan")
    wanted["H12"] = TITLE_COLUMNS
    missing = {rule: tuple(name for name in names if name not in catalogue) for rule, names in wanted.items()}
    missing["H7"] = () if has_parks and "facts" in catalogue else ("parks",)
    if PLANE[0] in catalogue:
        missing["H13"] = ()
    return {rule: missing[rule] for rule in RULE_BITS if missing.get(rule) and rule in parameters.rules}


@dataclass(frozen=True)
class Order:
    """All units of one kind as they stand: the best way of each, what sorts them, and the rows of each standing."""

    question: Question
    weights: Mapping[str, float]
    screened: Screen
    best: Judged
    keys: list[Floats | Ints]
    rows: Mapping[Standing, Ints]


def order(question: Question) -> Order:
    """Screen all, judge the ways of what is left, order the best way of each."""
    weights = criteria.weights(question)
    screened = screen(question)
    best = best_ways(question, judge(question, screened, open_ways(question, screened), weights))
    rows = {standing: np.flatnonzero(best.standing == standing) for standing in Standing}
    return Order(question, weights, screened, best, sort_keys(question, best), rows)


def page(of: Order, limit: int, *, is_folded: bool = True) -> list[tuple[int, Standing]]:
    """The rows of `best` that are shown, list after list; of one tree and standing the best alone, where folded."""
    few = int(of.question.parameters.numbers.few_fit)
    trees = trees_of(of) if is_folded else None
    rows = {Standing.fit: heads(of.keys, of.rows[Standing.fit], trees, max(limit, few))}
    rest = max(limit - len(rows[Standing.fit]), 0)
    for standing in LISTED[1:]:
        rows[standing] = heads(of.keys, of.rows[standing], trees, rest)
    counts = seats([len(rows[standing]) for standing in LISTED], limit, few)
    return [
        (int(place), standing)
        for standing, count in zip(LISTED, counts, strict=True)
        for place in rows[standing][:count]
    ]


def trees_of(of: Order) -> Trees | None:
    """The building or plot each row of `best` is part of. Empty: None where nobody said."""
    if "root_id" not in of.question.units:
        return None
    roots, unit = of.question.units["root_id"].values, of.best.ways.unit
    return lambda rows: roots[unit[rows]]


def like_it(of: Order, rows: Ints) -> dict[str, Any]:
    """Units that stand behind a shown one: how many, and the best of them by id."""
    ids = [of.question.units.id(of.best.ways.unit[row]) for row in rows[:MOST_NAMED]]
    return {"count": len(rows), "asset_ids": ids}


def _list(
    question: Question,
    limit: int,
    keep: int,
    near_misses: bool,
    adjacency: Neighbours | None,
    draws: Draws | None,
) -> Listing:
    of = order(question)
    shown = page(of, limit)
    shares = {} if draws is None else _robustness(of, draws)
    folded = _folded(of, shown)
    rows = [of.best.ways.unit[place] for place, _ in (*shown, *(page(of, keep, is_folded=False) if keep else ()))]
    return Listing(
        MappingProxyType(weighed(question)),
        MappingProxyType(_totals(question, of.screened, of.best)),
        tuple(
            describe(
                Shown(question, of.screened, of.best.take(np.array([place])), of.weights),
                would_stand(of, [key[place] for key in of.keys], of.best.take(np.array([place])))
                if standing == Standing.to_confirm
                else None,
            )
            | {"robustness": shares.get(place), "like_it": like_it(of, folded[place])}
            for place, standing in shown
        ),
        tuple(question.units.id(row) for row in rows),
        _near_misses(of, near_misses),
        _bundles(of, limit, adjacency),
    )


def _folded(of: Order, shown: Sequence[tuple[int, Standing]]) -> dict[int, Ints]:
    """The rows that stand behind each shown one."""
    found: dict[int, Ints] = {}
    for standing in LISTED:
        of_list = np.array([place for place, list_ in shown if list_ == standing], np.int64)
        rows = behind(of.keys, of.rows[standing], trees_of(of), of_list)
        found |= dict(zip(of_list.tolist(), rows, strict=True))
    return found


def _robustness(of: Order, draws: Draws) -> dict[int, float]:
    """The share of draws in which each of the best that fit is in front, by its row of `best`."""
    rows = of.rows[Standing.fit]
    rows = top(of.keys, rows, BEST)
    values = {name: given[rows] for name, given in of.best.desirabilities.items()}
    ties = [key[rows] for key in of.keys[1:]]
    shares = shares_in_front(draws, of.weights, values, ties, of.question.parameters.numbers.score_exponent)
    return {} if shares is None else {int(row): float(share) for row, share in zip(rows, shares, strict=True)}


def _near_misses(of: Order, asked: bool) -> tuple[dict[str, Any], ...] | None:
    """Looked for where few fit, or when asked for."""
    if not asked and len(of.rows[Standing.fit]) >= of.question.parameters.numbers.few_fit:
        return None
    return tuple(relaxations(of.question, of.screened, of.best, of.weights))


def _bundles(of: Order, limit: int, adjacency: Neighbours | None) -> dict[str, Any] | None:
    """Looked for where no single unit fits, as it stands or after works."""
    if adjacency is None or len(of.rows[Standing.fit]) or len(of.rows[Standing.fit_after_works]):
        return None
    return alternatives(of.question, of.screened, of.weights, adjacency, limit)


def sort_keys(question: Question, best: Judged, rows: Ints | slice = EVERY_UNIT) -> list[Floats | Ints]:
    """The order of a list, first key first: score, fewer unknowns, lower yearly cost, longer idle, id.

    Where a unit stands in id order is the last key.
    """
    unit = best.ways.unit[rows]
    idle: Ints = np.full(len(unit), LAST_DAY)
    if "idle_since" in question.units:
        since = question.units["idle_since"].take(unit)
        idle = np.where(since.known, since.values, LAST_DAY)
    places = question.units.places(unit)
    return [-best.score[rows], np.bitwise_count(best.lacking[rows]), best.yearly_cost[rows], idle, places]


def seats(counts: Sequence[int], limit: int, few: int) -> tuple[int, int, int]:
    """How many of each list are shown: best list first, yet where few fit, some to confirm stand on the same page."""
    fit = min(limit, counts[Standing.fit])
    kept = min(counts[Standing.to_confirm], max(few - counts[Standing.fit], 0), limit - fit)
    after_works = min(counts[Standing.fit_after_works], limit - fit - kept)
    return fit, after_works, min(counts[Standing.to_confirm], limit - fit - after_works)


def would_stand(of: Order, keys: Sequence[Any], way: Judged) -> int:
    """The place a unit with these keys would take among what fits, were all of it confirmed; after all of them if it
    needs works.
    """
    after_works = bool(needs_works(way.ways)[0])
    standing = Standing.fit_after_works if after_works else Standing.fit
    return place_among(of, standing, keys) + (len(of.rows[Standing.fit]) if after_works else 0)


def place_among(of: Order, standing: Standing, keys: Sequence[Any]) -> int:
    """The place a unit with these keys has, or would take, in the list of a standing."""
    return 1 + int(np.count_nonzero(before_it(of, of.rows[standing], keys)))


def before_it(of: Order, rivals: Ints, keys: Sequence[Any]) -> Mask:
    """Which of these rows stand before a unit with these keys."""
    before, level = np.zeros(len(rivals), np.bool_), np.ones(len(rivals), np.bool_)
    for column, key in zip(of.keys, keys, strict=True):
        before |= level & (column[rivals] < key)
        level &= column[rivals] == key
    return before


def _totals(question: Question, screened: Screen, best: Judged) -> dict[str, Any]:
    """Counts over all units of the kind; `out_by`: how many of those that do not fit fail each rule as they stand."""
    standings = np.bincount(best.standing, minlength=len(Standing))
    listed = best.ways.unit[best.standing != Standing.no_fit]
    compared = question.units.alive
    return {
        "compared": compared,
        "fit": int(standings[Standing.fit]),
        "fit_after_works": int(standings[Standing.fit_after_works]),
        "to_confirm": int(standings[Standing.to_confirm]),
        "no_fit": compared - len(listed),
        "out_by": screened.counts(listed),
    }
