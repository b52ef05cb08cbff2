"""Facts of parks and zones, which units share: who may enter, what leads there, who is there and near."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from domain.fields import PARK
from domain.words import Policy
from matching.codes import is_code, unknown_names
from matching.scaled import Column, Floats, Ints, Mask, column, is_number
from matching.score import WHOLE

#: So many tenants in all can be summed in whole steps of a score in 64 bits.
MOST_TENANTS = 2**63 // WHOLE


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

    @classmethod
    def kept(cls, facts: Mapping[str, Any]) -> ParkProfile:
        """The facts as the database keeps them, or a ranking did: they are read as they stand."""
        lists = (None if facts.get(name) is None else tuple(facts[name]) for name in _LISTS)
        leading, negative, policies = lists
        tenants, anchors = _counted(facts.get("tenants")), _pairs(facts.get("anchors"))
        return cls(leading, negative, facts.get("is_chemical_park"), tenants, anchors, policies)


_LISTS = ("leading_industries", "negative_list", "policies")
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
    counts: dict[str, int] = {}
    for tenant in tenants:
        code, count = (tenant, 1) if isinstance(tenant, str) else tenant
        counts[code] = counts.get(code, 0) + int(count)
    return tuple(sorted(counts.items()))


def _pairs(anchors: Iterable[Any] | None) -> tuple[tuple[str, float], ...] | None:
    return None if anchors is None else tuple((code, float(far)) for code, far in anchors)


@dataclass(frozen=True, eq=False)
class Lists:
    """The lists of all parks in one, in the order of the codes.

    Shapes: an entry each: `code` a place among the codes, `park` whose entry it is, `figure` how many or how far;
    `known` by park, False where it says nothing.
    """

    code: Ints
    park: Ints
    figure: NDArray[Any]
    known: Mask

    def of_codes(self, codes: Ints) -> Ints:
        """The entries of some codes."""
        first = np.searchsorted(self.code, codes)
        count = np.searchsorted(self.code, codes, "right") - first
        return np.repeat(first - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))

    def greatest(self, values: NDArray[Any], entries: Ints | slice = slice(None)) -> NDArray[Any]:
        """The greatest value among the entries of each park; of some entries, where these are named.

        Shapes: `values` aligned with the entries. Empty: 0 for a park without any.
        """
        greatest = np.zeros(len(self.known), values.dtype)
        np.maximum.at(greatest, self.park[entries], values)
        return greatest

    @cached_property
    def has_entries(self) -> Mask:
        """Which parks have an entry."""
        return np.bincount(self.park, minlength=len(self.known)) > 0


class Facts(tuple[ParkProfile, ...]):
    """The facts of a catalogue's parks by their place; as arrays too, made once."""

    _fading: tuple[tuple[float, float], Floats] | None = None

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Every code that leads in a park, is there or near, in order."""
        codes: set[str] = set()
        for park in self:
            codes.update(park.leading_industries or (), dict(park.tenants or ()), dict(park.anchors or ()))
        return tuple(sorted(codes))

    @cached_property
    def banned(self) -> tuple[str, ...]:
        """Every code of a negative list, in order."""
        return tuple(sorted({code for park in self for code in park.negative_list or ()}))

    @cached_property
    def leading(self) -> Lists:
        """The leading industries."""
        return self._lists(self.codes, [_plain(park.leading_industries) for park in self])

    @cached_property
    def negative(self) -> Lists:
        """The negative lists."""
        return self._lists(self.banned, [_plain(park.negative_list) for park in self])

    @cached_property
    def tenants(self) -> Lists:
        """The tenants, counted; in numbers of any size where they are too many for a sum in whole steps."""
        return self._lists(self.codes, [park.tenants for park in self])

    @cached_property
    def anchors(self) -> Lists:
        """The anchors, and how far they are."""
        return self._lists(self.codes, [park.anchors for park in self], np.float64)

    def fading(self, reach_m: float, scale_m: float) -> Floats:
        """What each anchor's nearness is divided by: more the farther it is, and infinite out of reach."""
        if self._fading is None or self._fading[0] != (reach_m, scale_m):
            far_m = self.anchors.figure
            ratio = np.minimum(far_m, reach_m) / scale_m
            self._fading = (reach_m, scale_m), np.where(far_m <= reach_m, 1.0 + ratio * ratio, np.inf)
        return self._fading[1]

    @cached_property
    def is_chemical(self) -> Column:
        """Whether it is a chemical park."""
        known = [park.is_chemical_park is not None for park in self]
        return column(np.array([bool(park.is_chemical_park) for park in self], np.int64), np.array(known, np.bool_))

    @cached_property
    def policies(self) -> tuple[Mask, Mapping[str, Mask]]:
        """Which parks say what support they give, and which give each."""
        words = {word for park in self for word in park.policies or ()}
        giving = {word: np.array([word in (park.policies or ()) for park in self], np.bool_) for word in words}
        return np.array([park.policies is not None for park in self], np.bool_), giving

    def _lists(
        self, codes: Sequence[str], listed: Sequence[Sequence[tuple[str, Any]] | None], dtype: type | None = None
    ) -> Lists:
        places = {code: place for place, code in enumerate(codes)}
        entries = [entry for park in listed for entry in park or ()]
        code = np.array([places[code] for code, _ in entries], np.int64)
        figures = [figure for _, figure in entries]
        if dtype is None:
            dtype = np.int64 if sum(map(abs, figures)) < MOST_TENANTS else object
        park = np.repeat(np.arange(len(self)), [len(park or ()) for park in listed])
        order = np.argsort(code, kind="stable")
        known = np.array([park is not None for park in listed], np.bool_)
        return Lists(code[order], park[order], np.array(figures, dtype)[order], known)


def _plain(codes: Sequence[str] | None) -> list[tuple[str, int]] | None:
    return None if codes is None else [(code, 1) for code in codes]


class Parks(dict[str, ParkProfile]):
    """The facts of parks by key; remembers them by place, as one catalogue after the other asks for them."""

    _last: tuple[tuple[str, ...], Facts] | None = None

    @classmethod
    def of(cls, parks: Any) -> Parks:
        """Parks from a mapping of facts by key.

        Raises: ValueError for a key that is neither text nor UUID, and naming the park whose facts cannot be read.
        """
        return parks if isinstance(parks, Parks) else cls((k, _profile(park, k)) for k, park in _by_text(parks).items())

    def by_place(self, keys: tuple[str, ...]) -> Facts:
        """The facts of these keys; a park that is not here is one nobody knows."""
        last = self._last
        if last is None or last[0] is not keys:
            self._last = last = (keys, Facts(self.get(key, ParkProfile.of(None)) for key in keys))
        return last[1]


def _by_text(parks: Any) -> Mapping[str, Any]:
    """The parks by the texts of their keys."""
    if not isinstance(parks, Mapping):
        raise ValueError("parks: no table of facts by the key of the park")
    for key in parks:
        if not isinstance(key, str | UUID):
            raise ValueError(f"parks: the key {key!r} is neither text nor UUID")
    return {str(key): facts for key, facts in parks.items()}


def _profile(facts: Any, key: str) -> ParkProfile:
    try:
        return ParkProfile.of(facts)
    except (TypeError, ValueError, ArithmeticError) as fault:
        raise ValueError(f"parks, {key!r}: {fault}") from fault
