"""What a firm would bring to a place, V: tax, output, jobs and energy for the area it takes, against benchmarks.

Benchmarks and weights are a versioned document, never code. V is the park's side alone: no firm's list reads it.
Source: model R1 §5.10.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from domain.quantity import M2_PER_3_MU
from domain.words import Kind
from matching import score

TERMS = ("tax_yuan_year", "output_yuan_year", "jobs", "energy_tce")
#: Square metres of what a benchmark speaks of: a mu, or a thousand.
PER_M2: Mapping[str, float] = MappingProxyType({Kind.land: float(M2_PER_3_MU) / 3, Kind.factory: 1000.0})


@dataclass(frozen=True)
class Benchmarks:
    """One version: per kind and term its benchmark, and the weights, those of a park where it has its own."""

    version: str
    terms: Mapping[str, Mapping[str, Mapping[str, Any]]]
    weights: Mapping[str, float]
    by_park: Mapping[str, Mapping[str, float]]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Benchmarks:
        """The version a document describes.

        Raises: ValueError for a benchmark or weight that is missing, unknown or no usable number.
        """
        terms, weights = document["benchmarks"], document["weights"]
        for kind in PER_M2:
            _same(f"benchmarks.{kind}", terms[kind])
            if not all(
                _number(mark["value"]) > 0 and mark["better"] in ("more", "less") for mark in terms[kind].values()
            ):
                raise ValueError(f"benchmarks.{kind}: above 0, and better is more or less")
        for where, weightings in (("default", weights["default"]), *weights["by_park"].items()):
            _same(f"weights.{where}", weightings)
            if sum(_number(weight) for weight in weightings.values()) <= 0 or min(weightings.values()) < 0:
                raise ValueError(f"weights.{where}: none below 0, not all 0")
        return cls(str(document["version"]), terms, weights["default"], weights["by_park"])

    def weights_of(self, park_id: str | None) -> dict[str, float]:
        """The weights of a park, adding up to 1, in the fixed order."""
        weights = self.by_park.get(park_id or "", self.weights)
        total = score.in_order(float(weights[term]) for term in TERMS)
        return {term: weights[term] / total for term in TERMS}


def _same(where: str, values: Mapping[str, Any]) -> None:
    wrong = sorted(set(values) ^ set(TERMS))
    if wrong:
        raise ValueError(f"{where}: missing or unknown: {', '.join(wrong)}")


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"no number: {value}")
    return float(value)


def value(
    facts: Mapping[str, Any],
    kind: str,
    taken_m2: float | None,
    park_id: str | None,
    benchmarks: Benchmarks,
    *,
    unknown_value: float,
    exponent: float,
) -> dict[str, Any]:
    """V in 1e-9 with what it is made of: the same mean as a score.

    Empty: a figure the need does not state, or an area nobody knows, takes `unknown_value` and is named.
    """
    weights = benchmarks.weights_of(park_id)
    entries, unknown = [], []
    for term, weight in weights.items():
        mark = benchmarks.terms[kind][term]
        per_area = _per_area(facts, term, kind, taken_m2)
        if per_area is None:
            unknown.append(term)
        d = unknown_value if per_area is None else _against(per_area, float(mark["value"]), mark["better"])
        entries.append(
            {
                "id": term,
                "per_area": per_area,
                "benchmark": mark["value"],
                "unit": mark["unit"],
                "is_illustrative": mark["illustrative"],
                "source": mark["source"],
                "d": d,
                "weight": weight,
            }
        )
    total = score.combine([e["weight"] for e in entries], [np.array([e["d"]]) for e in entries], exponent)
    return {"value": int(total[0]), "terms": entries, "unknown": unknown, "version": benchmarks.version}


def _per_area(facts: Mapping[str, Any], term: str, kind: str, taken_m2: float | None) -> float | None:
    stated = (facts.get("attributes") or {}).get(term) if term == "energy_tce" else facts.get(term)
    if stated is None or not taken_m2:
        return None
    return float(stated) / (taken_m2 / PER_M2[kind])


def _against(per_area: float, benchmark: float, better: str) -> float:
    """1 at the benchmark or better than it; nothing used at all is as good as can be."""
    if better == "more":
        return min(per_area / benchmark, 1.0)
    return 1.0 if per_area <= benchmark else benchmark / per_area
