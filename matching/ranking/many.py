"""Ranks the units on offer for many demands: the same lists as `rank` gives, as arrays and without reasons.

Units are put into buckets once: per kind, those of one known size by area, so that a demand reads a slice of them; and
apart from them those that may be had in part, or whose area nobody knows. Where many demands accept the same paths, or
the same parks and lists are closed to them, what is closed to all of them is left out of a bucket of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from domain.errors import Invalid
from matching.arguments import check_type, whole
from matching.catalogue.catalogue import Catalogue
from matching.catalogue.table import Sliced, Units
from matching.codes import FLAGS
from matching.demand.demand import Demand
from matching.demand.preferences import AreaPreference
from matching.model import Model
from matching.parameters import Numbers
from matching.parks import Facts
from matching.ranking.folding import top
from matching.ranking.judging import Judged, best_options, judge
from matching.ranking.options import open_options
from matching.ranking.order import LISTED, counts_shown, sort_keys
from matching.ranking.question import Question, with_cures
from matching.ranking.screen import screen
from matching.ranking.weights import weights
from matching.rules import HARD_RULES, area, missing_columns
from matching.rules.path import EVERY_UNIT
from matching.rules.requirement import HardRule
from matching.scaled import Floats, Ints

#: What is wished of the area where its rule is not in force.
ANY_AREA = AreaPreference(None, None, None)
#: So many demands alike are worth a bucket of their own.
MANY = 16
#: Scores are looked at in so many groups for every place to fill.
GROUPS = 4


@dataclass(frozen=True)
class Bucket:
    """Units of one kind: `sized` by area, none of them to be had in part; `others` in any order.

    `settled` are rules that all of them meet for every demand the bucket was made for.
    """

    sized: Units
    others: Units
    settled: frozenset[str] = frozenset()

    @classmethod
    def of(cls, units: Units) -> Bucket:
        """Every unit that stands, in one of the two."""
        rows = units.standing()
        places = units.places(rows)
        if "area" not in units:
            return cls(units.take(rows[:0]), _sorted(units, rows, places))
        area = units["area"].take(rows)
        may_part = np.zeros(len(rows), np.bool_)
        if "is_divisible" in units:
            flag = units["is_divisible"].take(rows)
            may_part = ~flag.known | (flag.values == FLAGS[True])
        sized = np.flatnonzero(area.known & ~may_part)
        sized = sized[np.argsort(area.values[sized], kind="stable")]
        others = np.flatnonzero(~area.known | may_part)
        whole = _sorted(units, rows[sized], places[sized])
        columns = {name: column for name, column in whole.columns.items() if name != "is_divisible"}
        return cls(replace(whole, columns=columns), _sorted(units, rows[others], places[others]))

    def open_to(self, search: Search, rule: HardRule) -> Bucket:
        """Without the units the rule closes to this demand, and so to all it comes out the same for."""
        parts, is_settled = [], True
        for units in (self.sized, self.others):
            verdict = None if rule.verdict is None else rule.verdict(search.question(units))
            rows = np.arange(len(units)) if verdict is None else np.flatnonzero(~verdict.failed)
            parts.append(_sorted(units, rows, units.places(rows)))
            is_settled &= verdict is None or verdict.unknown is None or not verdict.unknown[rows].any()
        return Bucket(parts[0], parts[1], self.settled | {rule.id} if is_settled else self.settled)

    def parts(self, preference: AreaPreference) -> Iterator[Units]:
        """The units that can be of the size asked for, and no copy of them."""
        if len(self.sized):
            areas = self.sized["area"].values
            low = 0 if preference.least is None else _place(areas, preference.least, "left")
            high = len(areas) if preference.greatest is None else _place(areas, preference.greatest, "right")
            if low < high:
                yield _slice(self.sized, low, high)
        if len(self.others):
            yield self.others


def _place(areas: Ints, bound: int, side: Literal["left", "right"]) -> int:
    """Where a bound stands; a number of another type would make numpy convert every area first."""
    return int(areas.searchsorted(areas.dtype.type(bound), side)) if bound <= areas[-1] else len(areas)


def _sorted(units: Units, rows: Ints, places: Ints) -> Units:
    """These units in this order; their places in id order go with them."""
    taken = units.take(rows)
    return Units(
        taken.keys, taken.columns, taken.facts_keys, taken.policies, taken.retrofits, None, 0, places.astype(np.int64)
    )


def _slice(units: Units, low: int, high: int) -> Units:
    return Units(
        units.keys[low:high],
        Sliced(units.columns, slice(low, high)),
        units.facts_keys,
        units.policies,
        units.retrofits.between(low, high) if len(units.retrofits.row) else units.retrofits,
        None,
        0,
        units.behind[low:high],
    )


@dataclass(frozen=True)
class Buckets:
    """A catalogue made ready for many demands. `names` are the columns that were given."""

    by_kind: Mapping[str, Bucket]
    facts_keys: tuple[str, ...]
    names: frozenset[str]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Buckets:
        """The buckets of a catalogue, made once for any number of demands."""
        buckets = {kind: Bucket.of(units) for kind, units in catalogue.tables.items()}
        return cls(MappingProxyType(buckets), catalogue.facts_keys, catalogue.names)

    def of_kind(self, kind: str) -> Bucket:
        """As `Catalogue.of_kind`."""
        return self.by_kind[kind] if "kind" in self.names else next(iter(self.by_kind.values()))


@dataclass(frozen=True)
class Rankings:
    """Shapes: aligned, one entry for each unit on a list, list after list; the lists of a demand by kind.

    `demand` is its place in what was given, `unit` the id, `rank` counts from 1 through the page of one kind, `status`
    is a `Standing`. Units: `score` 1e-9. `missing` names, per rule in force, the columns nobody gave; `versions` are
    those of the model and the chain, and the day.
    """

    demand: NDArray[np.int64]
    kind: NDArray[np.str_]
    unit: NDArray[Any]
    rank: NDArray[np.int64]
    status: NDArray[np.int8]
    score: NDArray[np.int64]
    missing: Mapping[str, tuple[str, ...]]
    versions: Mapping[str, Any]


def rank_many(
    demands: Sequence[Demand | Mapping[str, Any]],
    candidates: Catalogue | Buckets | Mapping[str, Any],
    model: Model,
    *,
    limit: int = 20,
) -> Rankings:
    """The best units of every kind each firm accepts: for each demand the lists `rank` gives, in the same order.

    Nothing is folded: what `rank` shows behind the best of its building stands here in its own place.

    Empty: no demand, no entry; a demand nothing fits has none.
    Raises: as `rank`, for a demand it would refuse; ValueError for columns that cannot be read.
    """
    limit = whole("limit", limit)
    check_type("model", model, Model)
    if isinstance(demands, str | Mapping) or not isinstance(demands, Iterable):
        raise ValueError("demands: no list of demands")
    if not isinstance(candidates, Catalogue | Buckets):
        candidates = Catalogue.from_columns(candidates)
    buckets = candidates if isinstance(candidates, Buckets) else Buckets.of(candidates)
    facts = model.facts_of(buckets.facts_keys)
    wanted = [_read(demand, place) for place, demand in enumerate(demands)]
    memo: dict[Any, Any] = {}
    searches = [
        Search(place, demand, kind, model, facts, memo) for place, demand in enumerate(wanted) for kind in demand.kinds
    ]
    pages = {}
    for same in _alike(searches, lambda search: search.kind):
        for bucket, search in _held_against(buckets.of_kind(same[0].kind), same):
            pages[search.place, search.kind] = _page(bucket, search, limit)
    missing = missing_columns(buckets.names, model.parameters.rules, has_parks=model.parks is not None)
    of_search = [(search.place, search.kind, *pages[search.place, search.kind]) for search in searches]
    return _joined(of_search, missing, MappingProxyType(model.versions))


def _read(demand: Demand | Mapping[str, Any], place: int) -> Demand:
    try:
        return demand if isinstance(demand, Demand) else Demand.from_fields(demand)
    except Invalid as refused:
        refused.add_note(f"demand {place}")
        raise


@dataclass(frozen=True)
class Search:
    """One kind of one demand, `place` in what was given; the rest as in `Question`."""

    place: int
    demand: Demand
    kind: str
    model: Model
    facts: Facts | None
    memo: dict[Any, Any]

    def question(self, units: Units) -> Question:
        """The search held against these units."""
        cured = with_cures(units, self.model.parameters)
        return Question(self.demand, self.kind, cured, self.model, self.facts, self.memo)


#: Rules that come out the same for many demands; the path first, which has the fewest cases.
_SHARED = tuple(rule for rule in reversed(HARD_RULES) if rule.alike is not None)


def _alike(searches: Sequence[Search], key: Callable[[Search], Hashable]) -> Iterable[list[Search]]:
    """Those of which the same is found, together."""
    groups: dict[Hashable, list[Search]] = {}
    for search in searches:
        groups.setdefault(key(search), []).append(search)
    return groups.values()


def _held_against(bucket: Bucket, searches: Sequence[Search]) -> Iterator[tuple[Bucket, Search]]:
    """Every demand with a bucket that holds all that is open to it; where many are alike, little else."""
    keys = {}
    for search in searches:
        question = search.question(bucket.others)
        keys[search.place] = [None if rule.alike is None else rule.alike(question) for rule in _SHARED]
    return _narrowed(bucket, searches, keys)


def _narrowed(
    bucket: Bucket, searches: Sequence[Search], keys: Mapping[int, Sequence[Hashable]], level: int = 0
) -> Iterator[tuple[Bucket, Search]]:
    if level == len(_SHARED):
        yield from ((bucket, search) for search in searches)
        return
    rule = _SHARED[level]
    for same in _alike(searches, lambda search: keys[search.place][level]):
        is_worth = len(same) >= MANY and rule.id in same[0].model.parameters.rules
        yield from _narrowed(bucket.open_to(same[0], rule) if is_worth else bucket, same, keys, level + 1)


def _page(bucket: Bucket, search: Search, limit: int) -> tuple[NDArray[Any], NDArray[np.int8], NDArray[np.int64]]:
    """Id, standing and score of what one list shows."""
    is_sized = area.RULE.id in search.model.parameters.rules
    parts = list(bucket.parts(search.demand.areas[search.kind] if is_sized else ANY_AREA))
    fronts = []
    for units in parts or [bucket.others]:  # one at least says what weighs
        question = search.question(units)
        settled = bucket.settled if units is bucket.others else bucket.settled | {area.RULE.id}
        weighing, screened = weights(question), screen(question, settled=settled)
        best = best_options(question, judge(question, screened, open_options(question, screened), weighing))
        rows = _front(best, limit)
        keys = sort_keys(question, best, rows)
        fronts.append((units.keys[best.options.unit[rows]], best.standing[rows], best.score[rows], keys))
    if len(fronts) == 1:
        ids, standings, scores, keys = fronts[0]
    else:
        ids, standings, scores = (np.concatenate([front[at] for front in fronts]) for at in range(3))
        keys = [np.concatenate(pair) for pair in zip(*(front[3] for front in fronts), strict=True)]
    shown = _shown(standings, keys, limit, search.model.numbers)
    return ids[shown], standings[shown], scores[shown]


def _front(best: Judged, limit: int) -> Ints | slice:
    """The options that can be shown: where all of them fit, those with a score no lower than that of the last place.

    The best of each of some groups are so many scores; the last place has no lower one than it would among them.
    """
    if limit < 1 or len(best.score) <= limit or best.standing.any():
        return EVERY_UNIT
    groups = min(len(best.score), GROUPS * limit)
    whole = len(best.score) // groups * groups
    highest = best.score[:whole].reshape(-1, groups).max(axis=0)
    highest.partition(groups - limit)
    rows: Ints = (best.score >= highest[-limit]).nonzero()[0]
    return rows


def _shown(standings: NDArray[np.int8], keys: list[Floats | Ints], limit: int, numbers: Numbers) -> Ints:
    """The rows of the page: list after list."""
    if not standings.any():  # all of them fit
        return top(keys, np.arange(len(standings)), limit)
    rows = [np.flatnonzero(standings == standing) for standing in LISTED]
    counts = counts_shown([len(places) for places in rows], limit, numbers)
    return np.concatenate([top(keys, places, count) for places, count in zip(rows, counts, strict=True)])


def _joined(
    pages: Sequence[tuple[int, str, NDArray[Any], NDArray[np.int8], NDArray[np.int64]]],
    missing: Mapping[str, tuple[str, ...]],
    versions: Mapping[str, Any],
) -> Rankings:
    counts = [len(page[2]) for page in pages]
    filled = [page[2] for page in pages if len(page[2])]
    none: NDArray[Any] = np.zeros(0, np.str_)
    return Rankings(
        np.repeat(np.array([page[0] for page in pages], np.int64), counts),
        np.repeat(np.array([page[1] for page in pages], np.str_), counts),
        np.concatenate(filled) if filled else none,
        np.concatenate([np.arange(1, count + 1) for count in counts]) if counts else np.zeros(0, np.int64),
        np.concatenate([page[3] for page in pages]) if pages else np.zeros(0, np.int8),
        np.concatenate([page[4] for page in pages]) if pages else np.zeros(0, np.int64),
        missing,
        versions,
    )
