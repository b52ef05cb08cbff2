"""Why a unit stands where it stands for a demand: every rule and criterion, its place, its distance to the last shown.

Any unit can be asked about: one that does not fit, is not on offer, or is of a kind the firm did not ask for. It is
judged by the very functions that rank, alone in a catalogue of one row: no other unit changes its numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from matching import score
from matching.answers.result import ShownOptions, describe
from matching.arguments import check_type, whole
from matching.catalogue.catalogue import Catalogue
from matching.catalogue.columns import ALONE
from matching.catalogue.table import Units
from matching.codes import KINDS
from matching.demand.demand import Demand
from matching.model import Model
from matching.ranking.folding import top
from matching.ranking.judging import Judged, Standing, best_options, judge
from matching.ranking.options import Options, open_options
from matching.ranking.order import (
    Order,
    before_it,
    like_it,
    order,
    page,
    place_among,
    sort_keys,
    trees_of,
    would_stand,
)
from matching.ranking.question import Question, with_cures
from matching.ranking.screen import BY_PATH_BITS, CURABLE_BITS, Screen, screen
from matching.ranking.weights import weights
from matching.rules import HARD_RULES, kind, path
from matching.scaled import Ints, column


def explain(
    demand: Demand | Mapping[str, Any], unit: Catalogue, candidates: Catalogue, model: Model, *, limit: int = 20
) -> dict[str, Any]:
    """One unit's result as the ranking gives it, whatever its status, and where it stands or would stand.

    Shapes: `unit` is a catalogue of one row, of the same columns as `candidates`; it need not be among them.
    A unit that is, or would be, shown as one like a better one of its building says `behind` which; its place stays.
    `out_by` are the rules it fails as it stands, before any works, as the totals of a ranking count them.
    Empty: without a list (no fit, another kind) `place` is None; of another kind there is no score either.
    Raises: as `rank`; ValueError for a `unit` that is not one row of the same columns.
    """
    limit = whole("limit", limit)
    check_type("model", model, Model)
    if len(unit) != 1 or unit.names != candidates.names:
        raise ValueError("unit: not a catalogue of one row with the columns of the candidates")
    wanted = demand if isinstance(demand, Demand) else Demand.from_fields(demand)

    def question(units: Units, kind_name: str) -> Question:
        cured = with_cures(units, model.parameters)
        return Question(wanted, kind_name, cured, model, model.facts_of(units.facts_keys))

    units = next(table for table in unit.tables.values() if len(table))
    kind_name = _kind(units, wanted)
    alone = question(units, kind_name)
    is_wanted = kind_name in wanted.kinds
    judged, screened, weighing = _judged(alone, is_wanted)
    out = int(screened.failed[0]) | (0 if is_wanted else kind.RULE.bit)
    document = {
        **model.versions,
        "kind": kind_name,
        "is_asked_kind": is_wanted,
        "is_on_offer": candidates.find(units.id(0)) is not None,
        "out_by": [rule.id for rule in HARD_RULES if rule.bit & out],
    }
    if not is_wanted:
        (result,) = describe(ShownOptions(alone, screened, judged, MappingProxyType({})), [None])
        return {**document, "result": {**result, "score": None, "points": None}, "standing": None}
    ordered = order(question(candidates.of_kind(kind_name), kind_name))
    keys = [key[0] for key in sort_keys(alone, judged)[:-1]] + [ordered.question.units.place_of(units.id(0))]
    stands = would_stand(ordered, keys, judged) if judged.standing[0] == Standing.to_confirm else None
    front, others = _mates(ordered, alone, keys, judged)
    (result,) = describe(ShownOptions(alone, screened, judged, weighing), [stands])
    if front is None:
        result["like_it"] = like_it(ordered, others)
    standing = {**_standing(ordered, keys, judged, units.id(0), limit), "behind": front}
    return {**document, "result": result, "standing": standing}


def _mates(ordered: Order, alone: Question, keys: Sequence[Any], judged: Judged) -> tuple[dict[str, Any] | None, Ints]:
    """The unit of the same tree and standing it stands behind, or None; and the rows of the others, the best first."""
    trees, standing = trees_of(ordered), Standing(int(judged.standing[0]))
    tree = ALONE if "root_id" not in alone.units else int(alone.units["root_id"].values[0])
    rows = ordered.rows[standing]
    if trees is None or tree == ALONE or standing == Standing.no_fit:
        return None, rows[:0]
    rows = rows[trees(rows) == tree]
    rows = top(ordered.keys, rows, len(rows))
    ids = [ordered.question.units.id(int(unit)) for unit in ordered.best.options.unit[rows]]
    if before_it(ordered, rows[:1], keys).any():
        return {"asset_ids": ids[:1]}, rows[:0]
    return None, rows[[unit_id != alone.units.id(0) for unit_id in ids]]


def _kind(unit: Units, demand: Demand) -> str:
    """The unit's kind; of one whose kind nobody knows, the first that is asked for."""
    if "kind" not in unit or not unit["kind"].known[0]:
        return demand.kinds[0]
    return next(name for name, code in KINDS.items() if code == unit["kind"].values[0])


def _judged(question: Question, is_wanted: bool) -> tuple[Judged, Screen, Mapping[str, float]]:
    """The best option of the one unit: as it is ranked; where it is not, the option that fails least."""
    if not is_wanted:  # its bounds are those of another kind: what the firm weighs need not apply
        plain = replace(question.demand, importances=MappingProxyType({}))
        question = replace(question, demand=plain)
    weighing = weights(question)
    screened = screen(question)
    options = open_options(question, screened)
    if is_wanted and len(options.unit):
        return best_options(question, judge(question, screened, options, weighing)), screened, weighing
    options, uncured = _any_options(question, screened)
    if not is_wanted:
        uncured |= kind.RULE.bit
    failing = int(screened.failed[0]) & ~BY_PATH_BITS & ~CURABLE_BITS
    judged = judge(question, screened, options, weighing, failing=failing)
    failed = judged.failed | np.uint16(uncured)
    if screened.failed[0] & path.RULE.bit:  # no path in common: none that a budget or a title could fail on
        failed &= ~np.uint16(BY_PATH_BITS)
    by_path = failed & np.uint16(BY_PATH_BITS)  # as the totals count: the path that fails fewest, its budget first
    first = np.lexsort((judged.yearly_cost, -judged.score, np.bitwise_count(failed), by_path))[:1]
    no_fit = np.full(len(failed), Standing.no_fit, np.int8)
    return replace(judged, failed=failed, standing=no_fit).take(first), screened, weighing


def _any_options(question: Question, screened: Screen) -> tuple[Options, int]:
    """Every option of the unit as if it failed nothing but what works could cure, and the rules no works cure."""
    columns = dict(question.units.columns)
    if screened.failed[0] & path.RULE.bit:  # no path in common: each of the firm's is looked at
        columns["allowed_paths"] = column(np.zeros(1, np.int64), np.zeros(1, np.bool_))
    open_question = replace(question, units=replace(question.units, columns=MappingProxyType(columns)))
    parts = screened.parts if len(screened.parts.rows) else replace(screened.parts, whole=np.ones(1, np.bool_))
    curable, uncured = 0, 0
    for rule in HARD_RULES:
        if rule.cure is not None and rule.bit & int(screened.failed[0]):
            alone = replace(screened.as_if_failing(rule.bit), parts=parts)
            if len(open_options(open_question, alone).unit):
                curable |= rule.bit
            else:
                uncured |= rule.bit
    able = replace(screened.as_if_failing(curable), parts=parts)
    return open_options(open_question, able), uncured


def _standing(ordered: Order, keys: Sequence[Any], judged: Judged, asset_id: str, limit: int) -> dict[str, Any]:
    """Its list, its place in it, and the last unit shown: of its own list, else of all that are shown."""
    standing = Standing(int(judged.standing[0]))
    shown = page(ordered, limit)
    mine = [place for place, list_ in shown if list_ == standing]
    ids = ordered.question.units.id
    at = None if standing == Standing.no_fit else place_among(ordered, standing, keys)
    return {
        "list": None if at is None else standing.name,
        "place": at,
        "of": None if at is None else len(ordered.rows[standing]),
        "is_shown": asset_id in {ids(int(ordered.best.options.unit[place])) for place in mine},
        "last_shown": _last(ordered, mine or [place for place, _ in shown], int(judged.score[0])),
    }


def _last(ordered: Order, places: Sequence[int], own: int) -> dict[str, Any] | None:
    """The last of some shown units.

    Units: `ahead_by` is its score less that of the unit asked about, 1e-9; below 0 where the latter leads.
    """
    if not places:
        return None
    place = places[-1]
    total = int(ordered.best.score[place])
    return {
        "asset_ids": [ordered.question.units.id(int(ordered.best.options.unit[place]))],
        "status": Standing(int(ordered.best.standing[place])).name,
        "score": total,
        "points": score.points_text(total),
        "ahead_by": total - own,
    }
