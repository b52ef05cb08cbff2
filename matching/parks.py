"""Facts of parks and zones, which units share: who may enter, what leads there, who is there and near."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.scaled import Ints

Value = TypeVar("Value")


@dataclass(frozen=True)
class ParkProfile:
    """Facts of one park, or of a zone where they differ.

    Shapes: `tenants` pairs (code, how many); `anchors` pairs (code, distance in m) of above-scale firms.
    Empty: None is unknown; an empty negative list bans nothing; without leading industries the relatedness is unknown;
    no tenants, no anchors and no policies are none.
    """

    leading_industries: Sequence[str] | None
    negative_list: Sequence[str] | None
    is_chemical_park: bool | None
    tenants: tuple[tuple[str, int], ...] | None = None
    anchors: tuple[tuple[str, float], ...] | None = None
    policies: tuple[str, ...] | None = None

    @classmethod
    def of(cls, facts: ParkProfile | Mapping[str, Any] | None) -> ParkProfile:
        """The facts, from a record or a mapping, in a form that can be compared. Empty: None is a park nobody knows."""
        known = facts.__dict__ if isinstance(facts, ParkProfile) else facts or {}
        lists = (known.get("leading_industries"), known.get("negative_list"))
        leading, negative = (None if codes is None else tuple(codes) for codes in lists)
        return cls(
            leading,
            negative,
            known.get("is_chemical_park"),
            _counted(known.get("tenants")),
            _pairs(known.get("anchors")),
            None if known.get("policies") is None else tuple(known["policies"]),
        )


def _counted(tenants: Iterable[Any] | None) -> tuple[tuple[str, int], ...] | None:
    """Tenants by code, whether they were listed one by one or counted."""
    if tenants is None:
        return None
    counts: Counter[str] = Counter()
    for tenant in tenants:
        code, count = (tenant, 1) if isinstance(tenant, str) else tenant
        counts[code] += int(count)
    return tuple(sorted(counts.items()))


def _pairs(anchors: Iterable[Any] | None) -> tuple[tuple[str, float], ...] | None:
    return None if anchors is None else tuple((str(code), float(far)) for code, far in anchors)


@dataclass(frozen=True, eq=False)
class Indexed(Generic[Value]):
    """A value of each place, held once for all that are alike. Shapes: `index` by place, into `values`."""

    values: tuple[Value, ...]
    index: Ints

    def __getitem__(self, place: int) -> Value:
        return self.values[int(self.index[place])]

    def array(self, figure: Callable[[Value], Any], dtype: Any) -> NDArray[Any]:
        """One figure of each value, by place."""
        figures: NDArray[Any] = np.array([figure(value) for value in self.values], dtype)[self.index]
        return figures


class Facts(tuple[ParkProfile, ...]):
    """The facts of a catalogue's parks by their place; what is the same in many is judged once."""

    @cached_property
    def _alike(self) -> Indexed[ParkProfile]:
        places: dict[ParkProfile, int] = {}
        index = np.array([places.setdefault(facts, len(places)) for facts in self], np.int64)
        return Indexed(tuple(places), index)

    def each(self, judge: Callable[[ParkProfile], Value]) -> Indexed[Value]:
        """What a judge makes of each park, as the facts stand."""
        alike = self._alike
        return Indexed(tuple(judge(facts) for facts in alike.values), alike.index)


class Parks(dict[str, ParkProfile]):
    """The facts of parks by key; remembers them by place, as one catalogue after the other asks for them."""

    _last: tuple[tuple[str, ...], Facts] | None = None

    def by_place(self, keys: tuple[str, ...]) -> Facts:
        """The facts of these keys; a park that is not here is one nobody knows."""
        last = self._last
        if last is None or last[0] is not keys:
            self._last = last = (keys, Facts(ParkProfile.of(self.get(key)) for key in keys))
        return last[1]


def facts_of(parks: Mapping[str, ParkProfile | Mapping[str, Any]] | None, keys: tuple[str, ...]) -> Facts | None:
    """The facts of these keys, in the order of a catalogue's. Empty: None where no parks were given."""
    if isinstance(parks, Parks):
        return parks.by_place(keys)
    return None if parks is None else Facts(ParkProfile.of(parks.get(key)) for key in keys)
