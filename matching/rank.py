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
from matching.answers.result import ShownOptions, describe
from matching.arguments import check_type, whole
from matching.catalogue.catalogue import Catalogue
from matching.demand.demand import Demand
from matching.model import Model
from matching.ranking.folding import behind, top
from matching.ranking.judging import Standing
from matching.ranking.order import LISTED, Order, like_it, order, page, trees_of, would_stand
from matching.ranking.question import Question, with_cures
from matching.ranking.robustness import BEST, Draws, shares_in_front
from matching.ranking.weights import basis
from matching.rules import missing_columns
from matching.scaled import Ints


@dataclass(frozen=True)
class KindList:
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

    def to_document(self) -> dict[str, Any]:
        """The list as JSON can hold it."""
        return {
            "importances": dict(self.importances),
            "totals": dict(self.totals),
            "results": [dict(result) for result in self.results],
            "relaxations": None if self.relaxations is None else [dict(entry) for entry in self.relaxations],
            "alternatives": None if self.alternatives is None else dict(self.alternatives),
        }


@dataclass(frozen=True)
class Ranking:
    """The answer to one demand. `missing` names, per rule in force, the columns nobody gave."""

    model_version: str
    chain_version: str | None
    day: date
    compared: int
    other_kinds: int
    lists: Mapping[str, KindList]
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
            "lists": {kind: part.to_document() for kind, part in self.lists.items()},
        }


def rank(
    demand: Demand | Mapping[str, Any],
    candidates: Catalogue | Mapping[str, Sequence[Any]],
    model: Model,
    *,
    limit: int = 20,
    keep: int = 0,
    near_misses: bool = False,
    adjacency: Neighbours | None = None,
    draws: Draws | None = None,
) -> Ranking:
    """The best units of every kind the firm accepts, each with its reasons in numbers.

    For each accepted kind, over the units u of that kind on offer on the day:

    1. Screen. Every rule h of H2 … H13 that is in force, whose columns are given and whose bound the demand mentions,
       says of u as it stands: met, failed, or not known. Of the accepted paths the one that fails fewest rules speaks
       for u in H10 and H12. A unit that fails a rule no works of its own can cure is out.
    2. Options. An option o of u is a size to take (the whole where it is of the size asked for, and of a divisible unit
       the part clamp(preferred; least, min(greatest, area − smallest lot))), a group of accepted paths paid for alike,
       and works for each rule u fails that works can cure.
    3. Verdict. To what u fails or leaves unknown comes what o does by its own cost (H10), day of handover (H11) and
       title (H12). Status of o: no fit where a rule fails; to confirm where one is not known; fit after works; fit.
    4. Weights. Of the criteria c that the demand mentions and that apply to the kind, with importance i_c ≥ 0 (stated,
       else by the sector's template, else the version's): w_c = i_c² / Σ i².
    5. Desirabilities. Each criterion maps o to d_c in [0, 1] by a fixed curve that looks at no other candidate; what is
       unknown has a fixed d. Works bring what is required and are credited with no more.
    6. Score. s = (Σ w_c √d_c)² for exponent 0.5, Σ w_c d_c for exponent 1; summed in the fixed order of the criteria,
       then rounded to whole steps of 1e-9.
    7. Best option of u: status, then s, fewer unknown fields, lower yearly cost, the first path, the smaller size, the
       works named first.
    8. Order of a list: s, fewer unknown fields, lower yearly cost, longer idle, id. The lists follow each other: fit,
       fit after works, to confirm. `limit` rows hold them all before R2, some of them to confirm where few fit; since
       R2 what is to confirm has rows of its own beyond them. Units of one building or plot with the same status are
       shown as the best of them, with how many are `like_it`; totals count units.
    9. Reasons. s is split into contributions in proportion to w_c √d_c by largest remainder, so that they add up to it.
    10. Beside the lists: near misses, the minimal sets of rules that would have to give (where few fit, or with
        `near_misses`); bundles of neighbours (with `adjacency`, where no single unit fits); and the share of `draws` of
        the weights in which each of the best stays in front.

    Of each kind the ids of the best `keep`, and of all that are shown, are named as what a replay needs.

    Raises: Invalid on the field of a demand that cannot be ranked, on `importances` where an accepted kind has nothing
    left to weigh; ValueError naming a column, a park or an argument that cannot be read.
    Source: model R1 §5.
    """
    limit, keep = whole("limit", limit), whole("keep", keep)
    check_type("model", model, Model)
    if adjacency is not None:
        check_type("adjacency", adjacency, Neighbours)
    if draws is not None:
        check_type("draws", draws, Draws)
    wanted = demand if isinstance(demand, Demand) else Demand.from_fields(demand)
    catalogue = candidates if isinstance(candidates, Catalogue) else Catalogue.from_columns(candidates)
    facts = model.facts_of(catalogue.facts_keys)
    questions = {
        name: Question(wanted, name, with_cures(catalogue.of_kind(name), model.parameters), model, facts)
        for name in wanted.kinds
    }
    of_kinds = sum(question.units.alive for question in questions.values())
    lists = {kind: _list(question, limit, keep, near_misses, adjacency, draws) for kind, question in questions.items()}
    return Ranking(
        model_version=model.parameters.version,
        chain_version=None if model.chain is None else model.chain.version,
        day=date.fromordinal(model.on_day),
        compared=len(catalogue),
        other_kinds=len(catalogue) - of_kinds if "kind" in catalogue else 0,
        lists=MappingProxyType(lists),
        missing=missing_columns(catalogue.names, model.parameters.rules, has_parks=model.parks is not None),
    )


def _list(
    question: Question,
    limit: int,
    keep: int,
    near_misses: bool,
    adjacency: Neighbours | None,
    draws: Draws | None,
) -> KindList:
    ordered = order(question)
    shown = page(ordered, limit)
    kept = [*shown, *(page(ordered, keep, is_folded=False) if keep else ())]
    return KindList(
        MappingProxyType(basis(question)),
        MappingProxyType(_totals(ordered)),
        tuple(_results(ordered, shown, {} if draws is None else _robustness(ordered, draws))),
        tuple(question.units.id(ordered.best.options.unit[place]) for place, _ in kept),
        _near_misses(ordered, near_misses),
        _bundles(ordered, limit, adjacency),
    )


def _results(
    ordered: Order, shown: Sequence[tuple[int, Standing]], shares: Mapping[int, float]
) -> list[dict[str, Any]]:
    folded, places = _folded(ordered, shown), [place for place, _ in shown]
    best = ordered.best.take(np.array(places, np.int64))
    confirmed = [_confirmed(ordered, place) if list_ == Standing.to_confirm else None for place, list_ in shown]
    results = describe(ShownOptions(ordered.question, ordered.screened, best, ordered.weights), confirmed)
    for place, result in zip(places, results, strict=True):
        result |= {"robustness": shares.get(place), "like_it": like_it(ordered, folded[place])}
    return results


def _confirmed(ordered: Order, place: int) -> int:
    """The place a unit to confirm would take, were all of it confirmed."""
    keys = [key[place] for key in ordered.keys]
    return would_stand(ordered, keys, ordered.best.take(np.array([place])))


def _folded(ordered: Order, shown: Sequence[tuple[int, Standing]]) -> dict[int, Ints]:
    """The rows that stand behind each shown one."""
    folded: dict[int, Ints] = {}
    for standing in LISTED:
        heads = np.array([place for place, list_ in shown if list_ == standing], np.int64)
        rows = behind(ordered.keys, ordered.rows[standing], trees_of(ordered), heads)
        folded |= dict(zip(heads.tolist(), rows, strict=True))
    return folded


def _robustness(ordered: Order, draws: Draws) -> dict[int, float]:
    """The share of draws in which each of the best that fit is in front, by its row of `best`."""
    rows = top(ordered.keys, ordered.rows[Standing.fit], BEST)
    values = {name: desirability[rows] for name, desirability in ordered.best.desirabilities.items()}
    ties = [key[rows] for key in ordered.keys[1:]]
    shares = shares_in_front(draws, ordered.weights, values, ties, ordered.question.numbers.score_exponent)
    return {} if shares is None else {int(row): float(share) for row, share in zip(rows, shares, strict=True)}


def _near_misses(ordered: Order, is_requested: bool) -> tuple[dict[str, Any], ...] | None:
    """Looked for where few fit, or on request."""
    if not is_requested and len(ordered.rows[Standing.fit]) >= ordered.question.numbers.few_fit:
        return None
    return tuple(relaxations(ordered.question, ordered.screened, ordered.best, ordered.weights))


def _bundles(ordered: Order, limit: int, adjacency: Neighbours | None) -> dict[str, Any] | None:
    """Looked for where no single unit fits, as it stands or after works."""
    if adjacency is None or len(ordered.rows[Standing.fit]) or len(ordered.rows[Standing.fit_after_works]):
        return None
    return alternatives(ordered.question, ordered.screened, ordered.weights, adjacency, limit)


def _totals(ordered: Order) -> dict[str, Any]:
    """Counts over all units of the kind; `out_by`: how many of those that do not fit fail each rule as they stand."""
    best = ordered.best
    standings = np.bincount(best.standing, minlength=len(Standing))
    listed = best.options.unit[best.standing != Standing.no_fit]
    compared = ordered.question.units.alive
    return {
        "compared": compared,
        "fit": int(standings[Standing.fit]),
        "fit_after_works": int(standings[Standing.fit_after_works]),
        "to_confirm": int(standings[Standing.to_confirm]),
        "no_fit": compared - len(listed),
        "out_by": ordered.screened.counts(listed),
    }
