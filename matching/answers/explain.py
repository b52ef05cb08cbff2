"""Why a unit stands where it stands for a demand: every rule and criterion, its place, its distance to the last shown.

Any unit can be asked about: one that does not fit, is not on offer, or is of a kind the firm did not ask for. It is
judged by the very functions that rank, alone in a catalogue of one row: no other unit changes its numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np

from matching import score
from matching.answers.result import Shown, describe
from matching.catalogue.catalogue import Catalogue
from matching.catalogue.columns import ALONE, KINDS
from matching.catalogue.table import Units
from matching.demand.demand import Need
from matching.industry import NO_SECTIONS, Chain, Sections
from matching.parameters import Parameters
from matching.parks import ParkFacts, facts_of
from matching.rank import Order, before_it, like_it, order, page, place_among, sort_keys, trees_of, would_stand
from matching.ranking import criteria
from matching.ranking.folding import top
from matching.ranking.judging import Judged, Standing, best_ways, judge
from matching.ranking.options import Ways, open_ways
from matching.ranking.question import CURABLE, RULE_BITS, Question, asked_of
from matching.ranking.screen import Screen, screen
from matching.scaled import Ints, column

PER_PATH = RULE_BITS["H10"] | RULE_BITS["H12"]


def explain(
    demand: Need | Mapping[str, Any],
    unit: Catalogue,
    candidates: Catalogue,
    parameters: Parameters,
    *,
    parks: Mapping[str, ParkFacts | Mapping[str, Any]] | None = None,
    chain: Chain | None = None,
    sections: Sections | None = None,
    day: date,
    limit: int = 20,
) -> dict[str, Any]:
    """One unit's result as the ranking gives it, whatever its status, and where it stands or would stand.

    Shapes: `unit` is a catalogue of one row, of the same columns as `candidates`; it need not be among them.
    A unit that is, or would be, shown as one like a better one of its building says `behind` which; its place stays.
    `out_by` are the rules it fails as it stands, before any works, as the totals of a ranking count them.
    Empty: without a list (no fit, another kind) `place` is None; of another kind there is no score either.
    """
    need = demand if isinstance(demand, Need) else Need.from_fields(demand)

    def question(units: Units, kind: str) -> Question:
        facts = facts_of(parks, units.facts_keys)
        asked = asked_of(units, parameters)
        return Question(need, kind, asked, parameters, facts, chain, sections or NO_SECTIONS, day.toordinal())

    units = next(table for table in unit.tables.values() if len(table))
    kind = _kind(units, need)
    asked = question(units, kind)
    is_asked = kind in need.kinds
    judged, screened, weights = _judged(asked, is_asked)
    not_asked = 0 if is_asked else RULE_BITS["H1"]
    document = {
        "model_version": parameters.version,
        "chain_version": None if chain is None else chain.version,
        "day": day.isoformat(),
        "kind": kind,
        "is_asked_kind": is_asked,
        "is_on_offer": candidates.find(units.id(0)) is not None,
        "out_by": [rule for rule, bit in RULE_BITS.items() if bit & int(screened.failed[0]) or bit & not_asked],
    }
    if not is_asked:
        result = describe(Shown(asked, screened, judged, MappingProxyType({})), None)
        return {**document, "result": {**result, "score": None, "points": None}, "standing": None}
    of = order(question(candidates.of_kind(kind), kind))
    keys = [key[0] for key in sort_keys(asked, judged)[:-1]] + [of.question.units.place_of(units.id(0))]
    stands = would_stand(of, keys, judged) if judged.standing[0] == Standing.to_confirm else None
    front, others = _mates(of, asked, keys, judged)
    result = describe(Shown(asked, screened, judged, weights), stands)
    if front is None:
        result["like_it"] = like_it(of, others)
    standing = {**_standing(of, keys, judged, units.id(0), limit), "behind": front}
    return {**document, "result": result, "standing": standing}


def _mates(of: Order, asked: Question, keys: Sequence[Any], way: Judged) -> tuple[dict[str, Any] | None, Ints]:
    """The unit of the same tree and standing it stands behind, or None; and the rows of the others, the best first."""
    trees, standing = trees_of(of), Standing(int(way.standing[0]))
    tree = ALONE if "root_id" not in asked.units else int(asked.units["root_id"].values[0])
    rows = of.rows[standing]
    if trees is None or tree == ALONE or standing == Standing.no_fit:
        return None, rows[:0]
    rows = rows[trees(rows) == tree]
    rows = top(of.keys, rows, len(rows))
    ids = [of.question.units.id(int(unit)) for unit in of.best.ways.unit[rows]]
    if before_it(of, rows[:1], keys).any():
        return {"asset_ids": ids[:1]}, rows[:0]
    return None, rows[[one != asked.units.id(0) for one in ids]]


def _kind(unit: Units, need: Need) -> str:
    """The unit's kind; of one whose kind nobody knows, the first that is asked for."""
    if "kind" not in unit or not unit["kind"].known[0]:
        return need.kinds[0]
    return next(kind for kind, code in KINDS.items() if code == unit["kind"].values[0])


def _judged(question: Question, is_asked: bool) -> tuple[Judged, Screen, Mapping[str, float]]:
    """The best way of the one unit: as it is ranked; where it is not, the way that fails least."""
    if not is_asked:  # its bounds are those of another kind: what the firm weighs need not apply
        plain = replace(question.need, importances=MappingProxyType({}))
        question = replace(question, need=plain)
    weights = criteria.weights(question)
    screened = screen(question)
    ways = open_ways(question, screened)
    if is_asked and len(ways.unit):
        return best_ways(question, judge(question, screened, ways, weights)), screened, weights
    ways, uncured = _any_ways(question, screened)
    if not is_asked:
        uncured |= RULE_BITS["H1"]
    failing = int(screened.failed[0]) & ~PER_PATH & ~CURABLE
    judged = judge(question, screened, ways, weights, failing=failing)
    failed = judged.failed | np.uint16(uncured)
    if screened.failed[0] & RULE_BITS["H9"]:  # no path in common: none that a budget or a title could fail on
        failed &= ~np.uint16(PER_PATH)
    by_path = failed & np.uint16(PER_PATH)  # as the totals count: the path that fails fewest, its budget first
    first = np.lexsort((judged.yearly_cost, -judged.score, np.bitwise_count(failed), by_path))[:1]
    no_fit = np.full(len(failed), Standing.no_fit, np.int8)
    return replace(judged, failed=failed, standing=no_fit).take(first), screened, weights


def _any_ways(question: Question, screened: Screen) -> tuple[Ways, int]:
    """Every way of the unit as if it failed nothing but what works could cure, and the bits of what no works cure."""
    columns = dict(question.units.columns)
    if screened.failed[0] & RULE_BITS["H9"]:  # no path in common: each of the firm's is looked at
        columns["allowed_paths"] = column(np.zeros(1, np.int64), np.zeros(1, np.bool_))
    open_question = replace(question, units=replace(question.units, columns=MappingProxyType(columns)))
    parts = screened.parts if len(screened.parts.rows) else replace(screened.parts, whole=np.ones(1, np.bool_))
    curable, uncured = 0, 0
    for bit in RULE_BITS.values():
        if bit & CURABLE & int(screened.failed[0]):
            alone = replace(screened.as_if_failing(bit), parts=parts)
            if len(open_ways(open_question, alone).unit):
                curable |= bit
            else:
                uncured |= bit
    able = replace(screened.as_if_failing(curable), parts=parts)
    return open_ways(open_question, able), uncured


def _standing(of: Order, keys: Sequence[Any], way: Judged, asset_id: str, limit: int) -> dict[str, Any]:
    """Its list, its place in it, and the last unit shown: of its own list, else of all that are shown."""
    standing = Standing(int(way.standing[0]))
    shown = page(of, limit)
    mine = [place for place, list_ in shown if list_ == standing]
    ids = of.question.units.id
    at = None if standing == Standing.no_fit else place_among(of, standing, keys)
    return {
        "list": None if at is None else standing.name,
        "place": at,
        "of": None if at is None else len(of.rows[standing]),
        "is_shown": asset_id in {ids(int(of.best.ways.unit[place])) for place in mine},
        "last_shown": _last(of, mine or [place for place, _ in shown], int(way.score[0])),
    }


def _last(of: Order, places: Sequence[int], own: int) -> dict[str, Any] | None:
    """The last of some shown units.

    Units: `ahead_by` is its score less that of the unit asked about, 1e-9; below 0 where the latter leads.
    """
    if not places:
        return None
    place = places[-1]
    total = int(of.best.score[place])
    return {
        "asset_ids": [of.question.units.id(int(of.best.ways.unit[place]))],
        "status": Standing(int(of.best.standing[place])).name,
        "score": total,
        "points": score.tenths_text(score.points(total, [])[0]),
        "ahead_by": total - own,
    }
