"""Facts of parks and zones, which units share: who may enter, what leads there, who is there and near."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.scaled import Column, Floats, Ints, Mask, column
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
    counts: dict[str, int] = {}
    for tenant in tenants:
        code, count = (tenant, 1) if isinstance(tenant, str) else tenant
        counts[code] = counts.get(code, 0) + int(count)
    return tuple(sorted(counts.items()))


def _pairs(anchors: Iterable[Any] | None) -> tuple[tuple[str, float], ...] | None:
    return None if anchors is None else tuple((str(code), float(far)) for code, far in anchors)


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

    def greatest(self, values: NDArray[Any], least: Any = 0) -> NDArray[Any]:
        """The greatest value among the entries of each park. Empty: `least` for a park without any."""
        greatest = np.full(len(self.known), least, values.dtype)
        np.maximum.at(greatest, self.park, values)
        return greatest


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

    def by_place(self, keys: tuple[str, ...]) -> Facts:
        """The facts of these keys; a park that is not here is one nobody knows."""
        last = self._last
        if last is None or last[0] is not keys:
            self._last = last = (keys, Facts(self.get(key, ParkProfile.of(None)) for key in keys))
        return last[1]


def facts_of(parks: Mapping[str, ParkProfile | Mapping[str, Any]] | None, keys: tuple[str, ...]) -> Facts | None:
    """The facts of these keys, in the order of a catalogue's. Empty: None where no parks were given."""
    if isinstance(parks, Parks):
        return parks.by_place(keys)
    return None if parks is None else Facts(ParkProfile.of(parks.get(key)) for key in keys)
