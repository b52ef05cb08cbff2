"""The other side: which demands a unit would serve, and what each firm would bring to it.

S is the very score the firm's own list shows; V is the park's. Only staff read both.
Source: model R1 §5.10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from matching import score
from matching.answers.value import Benchmarks, value
from matching.ranking.judging import Standing
from matching.rules import RULES

BEST_FIRST = tuple(standing.name for standing in Standing)


def reverse(
    answers: Iterable[tuple[Mapping[str, Any], str, Mapping[str, Any]]],
    park_id: str | None,
    benchmarks: Benchmarks,
    *,
    unknown_value: float,
    exponent: float,
) -> dict[str, Any]:
    """The demands by their status, then by 2SV/(S + V), each with S and V apart; and why others do not fit.

    Shapes: `answers` holds for each demand its facts, the kind of the unit, and the unit's own list in its ranking: one
    result, or none where it does not fit.
    """
    entries, out_by, no_fit = [], dict.fromkeys(RULES, 0), 0
    for facts, kind, listing in answers:
        if not listing["results"]:
            no_fit += 1
            for rule, count in listing["totals"]["out_by"].items():
                out_by[rule] += count
            continue
        (result,) = listing["results"]
        worth = value(
            facts, kind, result["taken_m2"], park_id, benchmarks, unknown_value=unknown_value, exponent=exponent
        )
        entries.append(_entry(facts, result, worth))
    entries.sort(key=_order)
    return {"no_fit": no_fit, "out_by": out_by, "results": entries}


def _order(entry: Mapping[str, Any]) -> tuple[int, int, int, str]:
    return BEST_FIRST.index(entry["status"]), -entry["both"], -entry["score"], str(entry["demand_id"])


def _entry(facts: Mapping[str, Any], result: Mapping[str, Any], worth: Mapping[str, Any]) -> dict[str, Any]:
    both = harmonic(result["score"], worth["value"])
    return {
        "demand_id": facts["id"],
        "title": facts.get("title"),
        "status": result["status"],
        "score": result["score"],
        "value": worth["value"],
        "both": both,
        "points": {
            name: score.points_text(total)
            for name, total in (("score", result["score"]), ("value", worth["value"]), ("both", both))
        },
        "path": result["path"],
        "taken_m2": result["taken_m2"],
        "hard": result["hard"],
        "soft": result["soft"],
        "unknown": result["unknown"],
        "worth": {"terms": worth["terms"], "unknown": worth["unknown"], "version": worth["version"]},
    }


def harmonic(s: int, v: int) -> int:
    """2SV/(S + V) in whole steps; 0 where both are 0."""
    if s + v == 0:
        return 0
    return (4 * s * v + s + v) // (2 * (s + v))
