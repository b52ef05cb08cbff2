"""All units of one kind in their order: the best option of each, what sorts them, and which of them a page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from matching.parameters import Numbers
from matching.ranking.folding import Trees, heads
from matching.ranking.judging import Judged, Standing, best_options, judge
from matching.ranking.options import open_options
from matching.ranking.question import Question
from matching.ranking.screen import Screen, screen
from matching.ranking.weights import weights
from matching.rules.path import EVERY_UNIT
from matching.scaled import Floats, Ints, Mask

#: The lists of a page, in their order.
LISTED = (Standing.fit, Standing.fit_after_works, Standing.to_confirm)
#: Stands for a date of idleness nobody knows: after every known one.
LAST_DAY = date.max.toordinal() + 1
#: Of the units that stand behind a shown one, so many are named.
MOST_NAMED = 20


@dataclass(frozen=True)
class Order:
    """All units of one kind as they stand: the best option of each, what sorts them, and the rows of each standing."""

    question: Question
    weights: Mapping[str, float]
    screened: Screen
    best: Judged
    keys: list[Floats | Ints]
    rows: Mapping[Standing, Ints]


def order(question: Question) -> Order:
    """Screen all, judge the options of what is left, order the best option of each."""
    weighing = weights(question)
    screened = screen(question)
    best = best_options(question, judge(question, screened, open_options(question, screened), weighing))
    rows = {standing: np.flatnonzero(best.standing == standing) for standing in Standing}
    return Order(question, weighing, screened, best, sort_keys(question, best), rows)


def sort_keys(question: Question, best: Judged, rows: Ints | slice = EVERY_UNIT) -> list[Floats | Ints]:
    """The order of a list, first key first: score, fewer unknowns, lower yearly cost, longer idle, id.

    Where a unit stands in id order is the last key.
    """
    unit = best.options.unit[rows]
    idle: Ints = np.full(len(unit), LAST_DAY)
    if "idle_since" in question.units:
        since = question.units["idle_since"].take(unit)
        idle = np.where(since.known, since.values, LAST_DAY)
    places = question.units.places(unit)
    return [-best.score[rows], np.bitwise_count(best.lacking[rows]), best.yearly_cost[rows], idle, places]


def page(ordered: Order, limit: int, *, is_folded: bool = True) -> list[tuple[int, Standing]]:
    """The rows of `best` that are shown, list after list; of one tree and standing the best alone, where folded."""
    numbers = ordered.question.numbers
    trees = trees_of(ordered) if is_folded else None
    rows = {Standing.fit: heads(ordered.keys, ordered.rows[Standing.fit], trees, max(limit, int(numbers.few_fit)))}
    rest = max(limit - len(rows[Standing.fit]), 0)
    rows[Standing.fit_after_works] = heads(ordered.keys, ordered.rows[Standing.fit_after_works], trees, rest)
    most = max(rest, own_rows(limit, numbers))
    rows[Standing.to_confirm] = heads(ordered.keys, ordered.rows[Standing.to_confirm], trees, most)
    counts = counts_shown([len(rows[standing]) for standing in LISTED], limit, numbers)
    return [
        (int(place), standing)
        for standing, count in zip(LISTED, counts, strict=True)
        for place in rows[standing][:count]
    ]


def trees_of(ordered: Order) -> Trees | None:
    """The building or plot each row of `best` is part of. Empty: None where that was not given."""
    if "root_id" not in ordered.question.units:
        return None
    roots, unit = ordered.question.units["root_id"].values, ordered.best.options.unit
    return lambda rows: roots[unit[rows]]


def own_rows(limit: int, numbers: Numbers) -> int:
    """How many rows beyond the limit are kept for what is to confirm."""
    return min(int(numbers.rows_to_confirm), limit)


def counts_shown(counts: Sequence[int], limit: int, numbers: Numbers) -> tuple[int, int, int]:
    """How many of each list are shown: best list first; to confirm some in rows of their own beyond the limit.

    In versions without such rows, where few fit, some to confirm stand on the page within the limit.
    """
    own = own_rows(limit, numbers)
    fit = min(limit, counts[Standing.fit])
    few = 0 if own else int(numbers.few_fit)
    kept = min(counts[Standing.to_confirm], max(few - counts[Standing.fit], 0), limit - fit)
    after_works = min(counts[Standing.fit_after_works], limit - fit - kept)
    return fit, after_works, min(counts[Standing.to_confirm], max(own, limit - fit - after_works))


def like_it(ordered: Order, rows: Ints) -> dict[str, Any]:
    """Units that stand behind a shown one: how many, and the best of them by id."""
    ids = [ordered.question.units.id(ordered.best.options.unit[row]) for row in rows[:MOST_NAMED]]
    return {"count": len(rows), "asset_ids": ids}


def would_stand(ordered: Order, keys: Sequence[Any], judged: Judged) -> int:
    """The place a unit with these keys would take among what fits, were all of it confirmed; after all of them if it
    needs works.
    """
    is_after_works = bool(judged.options.has_works()[0])
    standing = Standing.fit_after_works if is_after_works else Standing.fit
    return place_among(ordered, standing, keys) + (len(ordered.rows[Standing.fit]) if is_after_works else 0)


def place_among(ordered: Order, standing: Standing, keys: Sequence[Any]) -> int:
    """The place a unit with these keys has, or would take, in the list of a standing."""
    return 1 + int(np.count_nonzero(before_it(ordered, ordered.rows[standing], keys)))


def before_it(ordered: Order, rivals: Ints, keys: Sequence[Any]) -> Mask:
    """Which of these rows stand before a unit with these keys."""
    before, level = np.zeros(len(rivals), np.bool_), np.ones(len(rivals), np.bool_)
    for column, key in zip(ordered.keys, keys, strict=True):
        before |= level & (column[rivals] < key)
        level &= column[rivals] == key
    return before
