"""Which needs nothing fits, and what they have in common: counts by what is asked for.

A need is unmet where no unit of any kind it accepts fits, as it stands or after works.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from domain.words import HazardClass

#: Where one band ends and the next begins. Round steps to read by: no rule hangs on them.
BANDS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "clear_height_m_min": (6, 8, 10, 12),
        "floor_load_kn_m2_min": (5, 10, 20),
        "power_kva_min": (200, 500, 1000, 2500),
        "floor_area_m2_min": (1000, 3000, 5000, 10000, 30000),
        "land_area_m2_min": (6667, 20000, 33333, 66667),  # 10, 30, 50 and 100 mu
    }
)
DIVISION = 2


@dataclass(frozen=True)
class RankedDemand:
    """One published demand and how its ranking went: the counts per kind, and the nearest miss of all kinds."""

    facts: Mapping[str, Any]
    totals: Mapping[str, Mapping[str, Any]]
    nearest: Mapping[str, Any] | None

    @classmethod
    def of(cls, facts: Mapping[str, Any], answer: Mapping[str, Any]) -> RankedDemand:
        """What a ranking says of a demand."""
        parts = answer["lists"].values()
        entries = [entry for part in parts for entry in part["relaxations"] or ()]
        nearest = min(entries, key=lambda entry: (len(entry["rules"]), entry["relative_change"]), default=None)
        return cls(facts, {kind: part["totals"] for kind, part in answer["lists"].items()}, nearest)

    @property
    def is_unmet(self) -> bool:
        """Whether nothing fits it."""
        return not any(totals["fit"] or totals["fit_after_works"] for totals in self.totals.values())

    @property
    def may_be_confirmed(self) -> bool:
        """Whether something could turn out to fit."""
        return any(totals["to_confirm"] for totals in self.totals.values())


def gap(ranked: Sequence[RankedDemand]) -> dict[str, Any]:
    """How many needs there are, how many of them nothing fits, and both by every kind of wish."""
    unmet = [demand for demand in ranked if demand.is_unmet]
    return {
        "published": len(ranked),
        "unmet": len(unmet),
        "unmet_yet_to_confirm": sum(demand.may_be_confirmed for demand in unmet),
        "by": {
            **{bound: _by_band(ranked, bound) for bound in BANDS},
            "fire_hazard_class": _by_word(ranked, [str(hazard) for hazard in HazardClass], _hazards),
            "industry": _by_word(ranked, None, _divisions),
        },
        "nearest": _nearest(unmet),
    }


def _by_band(ranked: Iterable[RankedDemand], bound: str) -> list[dict[str, Any]]:
    """Bands that nobody asks for are left out; so are needs that do not mention the bound."""
    counts: dict[int, list[int]] = {}
    for demand in ranked:
        value = demand.facts.get(bound)
        if value:
            count = counts.setdefault(bisect_right(BANDS[bound], value), [0, 0])
            count[0] += 1
            count[1] += demand.is_unmet
    edges = (None, *BANDS[bound], None)
    return [
        {"from": edges[place], "below": edges[place + 1], "asked": total, "unmet": unmet}
        for place, (total, unmet) in sorted(counts.items())
    ]


def _by_word(ranked: Iterable[RankedDemand], order: Sequence[str] | None, words: Any) -> list[dict[str, Any]]:
    counts: dict[str, list[int]] = {}
    for demand in ranked:
        for word in words(demand.facts):
            count = counts.setdefault(word, [0, 0])
            count[0] += 1
            count[1] += demand.is_unmet
    places = sorted(counts) if order is None else [word for word in order if word in counts]
    return [{"value": word, "asked": counts[word][0], "unmet": counts[word][1]} for word in places]


def _hazards(facts: Mapping[str, Any]) -> list[str]:
    return [str(facts["fire_hazard_class"])] if facts.get("fire_hazard_class") else []


def _divisions(facts: Mapping[str, Any]) -> list[str]:
    """The divisions of a need's codes, each once; where no product is declared, that of the registered industry."""
    codes = facts.get("product_codes") or [facts.get("registered_industry_code") or ""]
    return list(dict.fromkeys(str(code)[:DIVISION] for code in codes if code))


def _nearest(unmet: Iterable[RankedDemand]) -> list[dict[str, Any]]:
    """The rules that would have to give for the nearest unit, and for how many unmet needs; most frequent first."""
    counts: dict[tuple[str, ...], int] = {}
    for demand in unmet:
        if demand.nearest is not None:
            rules = tuple(demand.nearest["rules"])
            counts[rules] = counts.get(rules, 0) + 1
    return [
        {"rules": list(rules), "needs": count}
        for rules, count in sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))
    ]
