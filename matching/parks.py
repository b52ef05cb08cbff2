"""What a park or zone adds to its units: who may enter (H7), and how well a firm's industries suit it.

Judged once per park and once per distinct pair of a unit's own lists, then spread over the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.catalogue.table import Policy
from matching.demand.demand import Need
from matching.industry import Chain, Sections, covers, relatedness
from matching.parameters import Parameters
from matching.scaled import Ints
from matching.score import ONE

Found = TypeVar("Found")


class Status(IntEnum):
    """How a rule stands; the greater, the worse, so the worst of several is their maximum."""

    not_applicable = 0
    passed = 1
    unknown = 2
    failed = 3


@dataclass(frozen=True)
class ParkFacts:
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
    def of(cls, facts: ParkFacts | Mapping[str, Any] | None) -> ParkFacts:
        """The facts, from a record or a mapping, in a form that can be compared. Empty: None is a park nobody knows."""
        known = facts.__dict__ if isinstance(facts, ParkFacts) else facts or {}
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
class Each(Generic[Found]):
    """What was found of each place, once for all that are alike. Shapes: `index` by place, into `found`."""

    found: tuple[Found, ...]
    index: Ints

    def __getitem__(self, place: int) -> Found:
        return self.found[int(self.index[place])]

    def array(self, of: Callable[[Found], Any], dtype: Any) -> NDArray[Any]:
        """One figure of each, by place."""
        figures: NDArray[Any] = np.array([of(one) for one in self.found], dtype)[self.index]
        return figures


class Facts(tuple[ParkFacts, ...]):
    """The facts of a catalogue's parks by their place; what is the same in many is judged once."""

    @cached_property
    def _alike(self) -> Each[ParkFacts]:
        places: dict[ParkFacts, int] = {}
        index = np.array([places.setdefault(facts, len(places)) for facts in self], np.int64)
        return Each(tuple(places), index)

    def each(self, judged: Callable[[ParkFacts], Found]) -> Each[Found]:
        """What is found of each park, as the facts stand."""
        alike = self._alike
        return Each(tuple(judged(facts) for facts in alike.found), alike.index)


class Parks(dict[str, ParkFacts]):
    """The facts of parks by key; remembers them by place, as one catalogue after the other asks for them."""

    _last: tuple[tuple[str, ...], Facts] | None = None

    def by_place(self, keys: tuple[str, ...]) -> Facts:
        """The facts of these keys; a park that is not here is one nobody knows."""
        last = self._last
        if last is None or last[0] is not keys:
            self._last = last = (keys, Facts(ParkFacts.of(self.get(key)) for key in keys))
        return last[1]


def facts_of(parks: Mapping[str, ParkFacts | Mapping[str, Any]] | None, keys: tuple[str, ...]) -> Facts | None:
    """The facts of these keys, in the order of a catalogue's. Empty: None where no parks were given."""
    if isinstance(parks, Parks):
        return parks.by_place(keys)
    return None if parks is None else Facts(ParkFacts.of(parks.get(key)) for key in keys)


@dataclass(frozen=True)
class Entry:
    """The verdict of H7 from one side: its status, the list entries that decided it, and the facts it lacked."""

    status: Status
    decided_by: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


def entry_to_park(need: Need, facts: ParkFacts, sections: Sections) -> Entry:
    """Whether the park takes the firm: the negative list, then the chemical park it may need."""
    return _worst((_off_negative_list(need.codes, facts, sections), _chemical(need, facts)))


def _off_negative_list(codes: Sequence[str], facts: ParkFacts, sections: Sections) -> Entry:
    if not codes:
        return Entry(Status.not_applicable)
    if facts.negative_list is None:
        return Entry(Status.unknown, lacking=("negative_list",))
    return _worst(_against(code, facts.negative_list, sections) for code in codes)


def _against(code: str, banned: Iterable[str], sections: Sections) -> Entry:
    """A code below a banned one fails; a code so broad that a banned one lies below it cannot be judged."""
    hits = sorted((prefix for prefix in banned if covers(prefix, code, sections)), key=len, reverse=True)
    if hits:
        return Entry(Status.failed, (hits[0],))
    return _too_broad(code, banned, sections) or Entry(Status.passed)


def _too_broad(code: str, listed: Iterable[str], sections: Sections) -> Entry | None:
    below = tuple(sorted(prefix for prefix in listed if _may_lie_below(prefix, code, sections)))
    return Entry(Status.unknown, below, ("product_codes",)) if below else None


def _may_lie_below(prefix: str, code: str, sections: Sections) -> bool:
    """Whether the entry speaks of a part of the code, or of a section the code may or may not belong to."""
    digits, letters = max(prefix, code, key=len), min(prefix, code, key=len)
    if len(letters) == 1 < len(digits) and digits[:2] not in sections:
        return True
    return prefix != code and covers(code, prefix, sections)


def _chemical(need: Need, facts: ParkFacts) -> Entry:
    if not need.needs_chemical_park:
        return Entry(Status.not_applicable)
    if facts.is_chemical_park is None:
        return Entry(Status.unknown, lacking=("is_chemical_park",))
    return Entry(Status.passed if facts.is_chemical_park else Status.failed, ("chemical_park",))


def entry_to_unit(need: Need, policy: Policy, sections: Sections) -> Entry:
    """Whether the unit's own lists take the firm: of allowed and forbidden the longest entry that holds decides.

    Empty: no list, no code: not applicable. Equal length: forbidden. A list of allowed ones forbids the rest.
    """
    if not need.codes or not any(policy[:2]):
        return Entry(Status.not_applicable)
    return _worst(_by_longest(code, policy, sections) for code in need.codes)


def _by_longest(code: str, policy: Policy, sections: Sections) -> Entry:
    allowed, forbidden, _ = policy
    for_it = max((prefix for prefix in allowed if covers(prefix, code, sections)), key=len, default="")
    against = max((prefix for prefix in forbidden if covers(prefix, code, sections)), key=len, default="")
    if against and len(against) >= len(for_it):
        return _too_broad(code, allowed, sections) or Entry(Status.failed, (against,))
    if for_it or not allowed:
        return _too_broad(code, forbidden, sections) or Entry(Status.passed, (for_it,) if for_it else ())
    return _too_broad(code, allowed, sections) or Entry(Status.failed)


def _worst(entries: Iterable[Entry]) -> Entry:
    """The worst status with all that decided it."""
    found = list(entries)
    worst = max(entry.status for entry in found)
    same = [entry for entry in found if entry.status == worst]
    return Entry(
        worst,
        tuple(dict.fromkeys(prefix for entry in same for prefix in entry.decided_by)),
        tuple(dict.fromkeys(name for entry in same for name in entry.lacking)),
    )


@dataclass(frozen=True)
class Fit:
    """How well a firm's industries suit a park: the fit, its three parts, and what is not known of it."""

    value: float
    lead: float | None
    density: float | None
    anchor: float | None
    lacking: tuple[str, ...]


class Kinship:
    """How near a firm is to any industry, its further codes counting a little less; each industry is asked once."""

    def __init__(self, need: Need, parameters: Parameters, chain: Chain | None, sections: Sections) -> None:
        numbers = parameters.numbers
        others = [numbers.code_weight_other] * (len(need.codes) - 1)
        self._codes = list(zip(need.codes, [numbers.code_weight_main, *others], strict=False))
        self._parameters, self._chain, self._sections = parameters, chain, sections
        self._known: dict[str, float] = {}

    def to(self, industry: str) -> float:
        """0…1, the nearest of the firm's codes."""
        if industry not in self._known:
            self._known[industry] = max(
                weight * relatedness(code, industry, self._parameters, self._chain, sections=self._sections)
                for code, weight in self._codes
            )
        return self._known[industry]

    def fit(self, facts: ParkFacts) -> Fit:
        """lead, density and anchor by their shares; a part nobody knows takes the value of what is unknown.

        Source: model R1 §5.5.
        """
        numbers = self._parameters.numbers
        parts = {
            "leading_industries": (numbers.lead_share, self._lead(facts)),
            "tenants": (numbers.density_share, self._density(facts)),
            "anchors": (numbers.anchor_share, self._anchor(facts)),
        }
        value = 0.0
        for share, part in parts.values():
            value = value + share * (numbers.unknown_value if part is None else part)
        unknown = tuple(name for name, (share, part) in parts.items() if part is None and share > 0)
        lacking = unknown if self._codes else ("product_codes",)
        lead, density, anchor = (part for _, part in parts.values())
        return Fit(value, lead, density, anchor, lacking)

    def _lead(self, facts: ParkFacts) -> float | None:
        if not self._codes or not facts.leading_industries:
            return None
        return max(self.to(industry) for industry in facts.leading_industries)

    def _density(self, facts: ParkFacts) -> float | None:
        """x / (x + half), x the sum over near tenants; summed in whole steps, so that no order matters."""
        numbers = self._parameters.numbers
        if not self._codes or facts.tenants is None or numbers.density_share == 0:
            return None
        near = [(self.to(code), count) for code, count in facts.tenants]
        steps = sum(round(r * ONE) * count for r, count in near if r >= numbers.density_floor)
        return steps / (steps + numbers.density_half * ONE)

    def _anchor(self, facts: ParkFacts) -> float | None:
        numbers = self._parameters.numbers
        if not self._codes or facts.anchors is None or numbers.anchor_share == 0:
            return None
        best = 0.0
        for code, far_m in facts.anchors:
            if far_m <= numbers.anchor_reach_m:
                ratio = far_m / numbers.anchor_scale_m
                best = max(best, self.to(code) / (1.0 + ratio * ratio))
        return best
