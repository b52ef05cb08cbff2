"""Ranks the units on offer for many demands: the same lists as `rank` gives, as arrays and without reasons.

Units are put into buckets once: per kind, those of one known size by area, so that a demand reads a slice of them; and
apart from them those that may be had in part, or whose area nobody knows. Where many demands accept the same paths, or
the same parks and lists are closed to them, what is closed to all of them is left out of a bucket of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from matching.catalogue.catalogue import Catalogue
from matching.catalogue.columns import FLAGS
from matching.catalogue.table import Sliced, Units
from matching.demand.demand import AreaWish, Need
from matching.industry import NO_SECTIONS, Chain, Sections
from matching.parameters import Parameters
from matching.parks import Facts, ParkFacts, facts_of
from matching.rank import LISTED, seats, sort_keys
from matching.ranking import criteria
from matching.ranking.folding import top
from matching.ranking.judging import Judged, best_ways, judge
from matching.ranking.options import open_ways
from matching.ranking.paths import EVERY_UNIT
from matching.ranking.question import Question, Verdict, asked_of
from matching.ranking.screen import entry_stands, entry_verdict, path_verdict, screen
from matching.scaled import Floats, Ints, ordinal

#: What H2 asks where it is not in force.
ANY_AREA = AreaWish(None, None, None)
#: So many demands alike are worth a bucket of their own.
MANY = 16


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

    def open_to(self, asked: Asked, rule: str) -> Bucket:
        """Without the units the rule closes to this demand, and so to all it comes out the same for."""
        _, judged = _SHARED[rule]
        parts, is_settled = [], True
        for units in (self.sized, self.others):
            verdict = judged(asked.question(units))
            rows = np.arange(len(units)) if verdict is None else np.flatnonzero(~verdict.failed)
            parts.append(_sorted(units, rows, units.places(rows)))
            is_settled &= verdict is None or verdict.unknown is None or not verdict.unknown[rows].any()
        return Bucket(parts[0], parts[1], self.settled | {rule} if is_settled else self.settled)

    def parts(self, wish: AreaWish) -> Iterator[Units]:
        """The units that can be of the size asked for, and no copy of them."""
        if len(self.sized):
            areas = self.sized["area"].values
            low = 0 if wish.least is None else _found(areas, wish.least, "left")
            high = len(areas) if wish.greatest is None else _found(areas, wish.greatest, "right")
            if low < high:
                yield _slice(self.sized, low, high)
        if len(self.others):
            yield self.others


def _found(areas: Ints, bound: int, side: Literal["left", "right"]) -> int:
    """Where a bound stands; a number of another type would make numpy convert every area first."""
    of = np.iinfo(areas.dtype)
    return int(np.searchsorted(areas, areas.dtype.type(bound), side)) if bound <= of.max else len(areas)


def _sorted(units: Units, rows: Ints, places: Ints) -> Units:
    """These units in this order; their places in id order go with them."""
    taken = units.take(rows)
    return Units(
        taken.keys, taken.columns, taken.facts_keys, taken.policies, taken.works, None, 0, places.astype(np.int64)
    )


def _slice(units: Units, low: int, high: int) -> Units:
    return Units(
        units.keys[low:high],
        Sliced(units.columns, slice(low, high)),
        units.facts_keys,
        units.policies,
        units.works.between(low, high) if len(units.works.row) else units.works,
        None,
        0,
        units.behind[low:high],
    )


@dataclass(frozen=True)
class Buckets:
    """A catalogue made ready for many demands."""

    by_kind: Mapping[str, Bucket]
    facts_keys: tuple[str, ...]
    has_kinds: bool

    @classmethod
    def of(cls, catalogue: Catalogue) -> Buckets:
        """The buckets of a catalogue, made once for any number of demands."""
        buckets = {kind: Bucket.of(units) for kind, units in catalogue.tables.items()}
        return cls(MappingProxyType(buckets), catalogue.facts_keys, "kind" in catalogue)

    def of_kind(self, kind: str) -> Bucket:
        """As `Catalogue.of_kind`."""
        return self.by_kind[kind] if self.has_kinds else next(iter(self.by_kind.values()))


@dataclass(frozen=True)
class Rankings:
    """Shapes: aligned, one entry for each unit on a list, list after list; the lists of a demand by kind.

    `demand` is its place in what was given, `unit` the id, `rank` counts from 1 through the page of one kind, `status`
    is a `Standing`. Units: `score` 1e-9.
    """

    demand: NDArray[np.int64]
    kind: NDArray[np.str_]
    unit: NDArray[Any]
    rank: NDArray[np.int64]
    status: NDArray[np.int8]
    score: NDArray[np.int64]


def rank_many(
    demands: Sequence[Need | Mapping[str, Any]],
    candidates: Catalogue | Buckets | Mapping[str, Any],
    parameters: Parameters,
    *,
    parks: Mapping[str, ParkFacts | Mapping[str, Any]] | None = None,
    chain: Chain | None = None,
    sections: Sections | None = None,
    day: date | str | np.datetime64 | int,
    limit: int = 20,
) -> Rankings:
    """The best units of every kind each firm accepts: for each demand the lists `rank` gives, in the same order.

    Nothing is folded: what `rank` shows behind the best of its building stands here in its own place.

    Shapes: `parks` by the units' facts key. Units: `day` as `units.ordinal` reads it.
    Empty: no demand, no entry; a demand nothing fits has none.
    Raises: as `rank`, for a demand it would refuse; ValueError for columns that cannot be read.
    """
    if not isinstance(candidates, Catalogue | Buckets):
        candidates = Catalogue.from_columns(candidates)
    buckets = candidates if isinstance(candidates, Buckets) else Buckets.of(candidates)
    facts, on_day = facts_of(parks, buckets.facts_keys), ordinal(day)
    needs = [demand if isinstance(demand, Need) else Need.from_fields(demand) for demand in demands]
    memo: dict[Any, Any] = {}
    asked = [
        Asked(place, need, kind, parameters, facts, chain, sections or NO_SECTIONS, on_day, memo)
        for place, need in enumerate(needs)
        for kind in need.kinds
    ]
    pages = {}
    for same in _alike(asked, lambda one: one.kind):
        for bucket, one in _held_against(buckets.of_kind(same[0].kind), same):
            pages[one.place, one.kind] = _page(bucket, one, max(limit, 0))
    return _joined([(one.place, one.kind, *pages[one.place, one.kind]) for one in asked])


@dataclass(frozen=True)
class Asked:
    """One kind of one demand, `place` in what was given; the rest as in `Question`."""

    place: int
    need: Need
    kind: str
    parameters: Parameters
    facts: Facts | None
    chain: Chain | None
    sections: Sections
    day: int
    memo: dict[Any, Any]

    def question(self, units: Units) -> Question:
        """What is asked of these units."""
        return Question(
            self.need,
            self.kind,
            asked_of(units, self.parameters),
            self.parameters,
            self.facts,
            self.chain,
            self.sections,
            self.day,
            self.memo,
        )


def _closed_to(asked: Asked, units: Units) -> Hashable:
    """What H7 makes of every park and list."""
    key = ("closed_to", asked.need.codes, asked.need.needs_chemical_park)
    if key not in asked.memo:
        stands = entry_stands(asked.question(units))
        asked.memo[key] = tuple((failed.tobytes(), unknown.tobytes()) for _, failed, unknown in stands)
    found: Hashable = asked.memo[key]
    return found


#: Rules that come out the same for many demands: by what these are told, and how the rule judges.
_SHARED: Mapping[str, tuple[Callable[[Asked, Units], Hashable], Callable[[Question], Verdict | None]]] = (
    MappingProxyType({"H9": (lambda asked, _: asked.need.paths, path_verdict), "H7": (_closed_to, entry_verdict)})
)


def _alike(asked: Sequence[Asked], of: Callable[[Asked], Hashable]) -> Iterable[list[Asked]]:
    """Those of which the same is found, together."""
    groups: dict[Hashable, list[Asked]] = {}
    for one in asked:
        groups.setdefault(of(one), []).append(one)
    return groups.values()


def _held_against(
    bucket: Bucket, asked: Sequence[Asked], rules: Sequence[str] = tuple(_SHARED)
) -> Iterator[tuple[Bucket, Asked]]:
    """Every demand with a bucket that holds all that is open to it; where many are alike, little else."""
    if not rules:
        yield from ((bucket, one) for one in asked)
        return
    rule, *others = rules
    told_by, _ = _SHARED[rule]
    for same in _alike(asked, lambda one: told_by(one, bucket.others)):
        is_worth = len(same) >= MANY and rule in same[0].parameters.rules
        yield from _held_against(bucket.open_to(same[0], rule) if is_worth else bucket, same, others)


def _page(bucket: Bucket, asked: Asked, limit: int) -> tuple[NDArray[Any], NDArray[np.int8], NDArray[np.int64]]:
    """Id, standing and score of what one list shows."""
    wish = asked.need.areas[asked.kind] if "H2" in asked.parameters.rules else ANY_AREA
    parts = list(bucket.parts(wish)) or [bucket.others]  # one at least says what weighs
    found = []
    for units in parts:
        question = asked.question(units)
        settled = bucket.settled if units is bucket.others else bucket.settled | {"H2"}
        weights, screened = criteria.weights(question), screen(question, settled=settled)
        best = best_ways(question, judge(question, screened, open_ways(question, screened), weights))
        rows = _front(best, limit)
        keys = sort_keys(question, best, rows)
        found.append((units.keys[best.ways.unit[rows]], best.standing[rows], best.score[rows], keys))
    if len(found) == 1:
        ids, standings, scores, keys = found[0]
    else:
        ids, standings, scores = (np.concatenate([one[at] for one in found]) for at in range(3))
        keys = [np.concatenate(pair) for pair in zip(*(one[3] for one in found), strict=True)]
    shown = _shown(standings, keys, limit, int(asked.parameters.numbers.few_fit))
    return ids[shown], standings[shown], scores[shown]


def _front(best: Judged, limit: int) -> Ints | slice:
    """The ways that can be shown: where all of them fit, those with a score no lower than that of the last place."""
    if limit < 1 or len(best.score) <= limit or best.standing.any():
        return EVERY_UNIT
    ordered = best.score.copy()
    ordered.partition(len(ordered) - limit)
    rows: Ints = (best.score >= ordered[-limit]).nonzero()[0]
    return rows


def _shown(standings: NDArray[np.int8], keys: list[Floats | Ints], limit: int, few: int) -> Ints:
    """The rows of the page: list after list."""
    if not standings.any():  # all of them fit
        return top(keys, np.arange(len(standings)), limit)
    rows = [np.flatnonzero(standings == standing) for standing in LISTED]
    counts = seats([len(one) for one in rows], limit, few)
    return np.concatenate([top(keys, one, count) for one, count in zip(rows, counts, strict=True)])


def _joined(pages: Sequence[tuple[int, str, NDArray[Any], NDArray[np.int8], NDArray[np.int64]]]) -> Rankings:
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
    )
