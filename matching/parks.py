"""Facts of parks and zones, which units share: who may enter, what leads there, who is there and near."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from domain.fields import PARK
from domain.words import Policy
from matching.codes import is_code, unknown_names
from matching.scaled import Ints, is_number

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
        """The facts, from a record or a mapping, in a form that can be compared. Empty: None is a park nobody knows.

        Raises: ValueError naming a fact that no park has, or that is not what it should be.
        """
        if facts is not None and not isinstance(facts, ParkProfile | Mapping):
            raise ValueError("no facts of a park")
        known: Mapping[str, Any] = facts.__dict__ if isinstance(facts, ParkProfile) else facts or {}
        if unknown := unknown_names(known, _KNOWN):
            raise ValueError(f"unknown: {', '.join(unknown)}")
        is_chemical = known.get("is_chemical_park")
        if is_chemical is not None and not isinstance(is_chemical, bool | np.bool_):
            raise ValueError("is_chemical_park: neither true, false nor None")
        return cls(
            _listed(known, "leading_industries", is_code, "an industry code"),
            _listed(known, "negative_list", is_code, "an industry code"),
            None if is_chemical is None else bool(is_chemical),
            _counted(_listed(known, "tenants", _is_tenant, "an industry code, alone or with a count above 0")),
            _pairs(_listed(known, "anchors", _is_anchor, "an industry code with a distance of 0 or more")),
            _listed(known, "policies", _POLICIES.__contains__, f"one of {', '.join(sorted(_POLICIES))}"),
        )


_POLICIES = frozenset(str(policy) for policy in Policy)
#: What a park's record may say: the ranking reads some of it.
_KNOWN = frozenset((*PARK, *(fact.name for fact in fields(ParkProfile))))


def _listed(known: Mapping[str, Any], name: str, is_entry: Callable[[Any], bool], entry: str) -> tuple[Any, ...] | None:
    entries = known.get(name)
    if entries is None:
        return None
    if not isinstance(entries, Iterable) or isinstance(entries, str | bytes | Mapping):
        raise ValueError(f"{name}: {entries!r} is no list")
    entries = tuple(entries)
    if not all(map(is_entry, entries)):
        wrong = next(item for item in entries if not is_entry(item))
        raise ValueError(f"{name}: {wrong!r} is not {entry}")
    return entries


def _is_tenant(tenant: Any) -> bool:
    return is_code(tenant) or (_is_pair(tenant) and tenant[1] >= 1 and tenant[1] == int(tenant[1]))


def _is_anchor(anchor: Any) -> bool:
    return _is_pair(anchor) and anchor[1] >= 0


def _is_pair(pair: Any) -> bool:
    is_pair = isinstance(pair, list | tuple) and len(pair) == 2 and is_code(pair[0]) and is_number(type(pair[1]))
    return is_pair and abs(pair[1]) < math.inf


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
    return None if anchors is None else tuple((code, float(far)) for code, far in anchors)


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
    """The facts of these keys, in the order of a catalogue's. Empty: None where no parks were given.

    Raises: ValueError for a key that is neither text nor UUID, and naming the park whose facts cannot be read.
    """
    if isinstance(parks, Parks):
        return parks.by_place(keys)
    if parks is None:
        return None
    by_text = _by_text(parks)
    return Facts(_profile(by_text, key) for key in keys)


def _by_text(parks: Mapping[Any, Any]) -> Mapping[str, Any]:
    """The parks by the texts of their keys."""
    if not isinstance(parks, Mapping):
        raise ValueError("parks: no table of facts by the key of the park")
    for key in parks:
        if not isinstance(key, str | UUID):
            raise ValueError(f"parks: the key {key!r} is neither text nor UUID")
    return {str(key): facts for key, facts in parks.items()}


def _profile(parks: Mapping[str, Any], key: str) -> ParkProfile:
    try:
        return ParkProfile.of(parks.get(key))
    except (TypeError, ValueError, ArithmeticError) as fault:
        raise ValueError(f"parks, {key!r}: {fault}") from fault
