"""A shown unit in numbers: every rule once, every criterion that weighs, what is unknown. No sentences.

What only staff may read (mortgage, seizure) decides a status here and is never written out: H12 offers nothing but its
status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from matching import score
from matching.codes import paths_of
from matching.ranking.judging import Judged, Standing
from matching.ranking.options import limits
from matching.ranking.question import Question
from matching.ranking.screen import Screen
from matching.rules import CRITERIA, HARD_RULES
from matching.rules.path import PathGroup, common_paths
from matching.rules.requirement import HardRule
from matching.rules.retrofit import NO_RETROFIT
from matching.rules.verdict import field_names
from matching.scaled import AREA, COST, MONEY, Column


@dataclass(frozen=True)
class Shown:
    """One option of one unit, and all it was held against. `judged` holds this option alone."""

    question: Question
    screened: Screen
    judged: Judged
    weights: Mapping[str, float]

    @cached_property
    def row(self) -> int:
        """The unit's row in the kind's catalogue."""
        return int(self.judged.options.unit[0])

    @property
    def group(self) -> PathGroup:
        """The paths by which it is taken."""
        return self.question.path_groups[int(self.judged.options.group[0])]

    @cached_property
    def failed(self) -> int:
        """The rules it fails, as a bit set."""
        return int(self.judged.failed[0])

    @cached_property
    def unknown(self) -> int:
        """The rules that are not known of it, as a bit set."""
        return int(self.judged.unknown[0])

    def figure(self, column: str, scale: int) -> float | None:
        """A figure of the unit in the unit of the trade."""
        if column not in self.question.units:
            return None
        figures, row = self.question.units[column], self.row
        return int(figures.values[row]) / scale if figures.known[row] else None

    def first(self, column: Column, scale: int) -> float | None:
        """A figure of the option, of a column that holds it alone."""
        return int(column.values[0]) / scale if column.known[0] else None

    @property
    def taken_m2(self) -> float | None:
        """The area taken of it."""
        area = self.figure("area", AREA)
        return None if area is None else int(self.judged.options.taken[0]) / AREA

    @property
    def remainder_m2(self) -> float | None:
        """What a part leaves of its unit; shown, and counted nowhere."""
        if self.figure("area", AREA) is None:
            return None
        return (int(self.question.units["area"].values[self.row]) - int(self.judged.options.taken[0])) / AREA

    @property
    def yearly_cost_yuan(self) -> float | None:
        """What it costs a year."""
        amount = float(self.judged.yearly_cost[0])
        return None if amount == float("inf") else round(amount / COST, 2)

    @property
    def path(self) -> str | None:
        """The first path of its group that both accept; where the unit's paths are unknown, the first the firm accepts.

        Empty: None for a unit with no path in common.
        """
        mask = self.group.mask & int(common_paths(self.question, self.judged.options.unit)[0])
        return next(iter(paths_of(mask)), None)


def describe(shown: Shown, would_stand: int | None) -> dict[str, Any]:
    """One result of the answer."""
    judged = shown.judged
    total = int(judged.score[0])
    soft, tenths = _soft(shown, total)
    return {
        "asset_ids": [shown.question.units.id(shown.row)],
        "score": total,
        "points": score.tenths_text(tenths),
        "status": Standing(int(judged.standing[0])).name,
        "path": shown.path,
        "taken_m2": shown.taken_m2,
        "remainder_m2": shown.remainder_m2,
        "yearly_cost_yuan": shown.yearly_cost_yuan,
        "hard": [_hard(shown, rule) for rule in HARD_RULES],
        "soft": soft,
        "unknown": field_names(int(judged.lacking[0])),
        "would_stand": would_stand,
        "robustness": None,
        "like_it": {"count": 0, "asset_ids": []},
    }


def _hard(shown: Shown, rule: HardRule) -> dict[str, Any]:
    required, offered = rule.sides(shown)
    status = _status(shown, rule)
    entry = {"id": rule.id, "required": required, "offered": offered, "unit": rule.unit, "status": status}
    entry["cure"] = _cure(shown, rule)
    return entry if rule.more is None else entry | rule.more(shown, status)


def _status(shown: Shown, rule: HardRule) -> str:
    if shown.failed & rule.bit or _retrofit(shown, rule) != NO_RETROFIT:
        return "fail"
    if shown.unknown & rule.bit:
        return "unknown"
    return "pass" if _applies(shown, rule) else "not_applicable"


def _applies(shown: Shown, rule: HardRule) -> bool:
    if not shown.question.has(rule.id):
        return False
    return bool(shown.screened.applicable & rule.bit) if rule.applies is None else rule.applies(shown)


def _retrofit(shown: Shown, rule: HardRule) -> int:
    """The place of the works that cure the rule."""
    return NO_RETROFIT if rule.cure is None else int(shown.judged.options.retrofits[rule.id][0])


def _cure(shown: Shown, rule: HardRule) -> dict[str, Any] | None:
    place = _retrofit(shown, rule)
    if rule.cure is None or place == NO_RETROFIT:
        return None
    retrofits = shown.question.units.retrofits
    return {
        "up_to": int(limits(shown.question)[place]) / rule.cure.scale,
        "cost_yuan": int(retrofits.cost[place]) / MONEY,
        **({} if rule.cure.more is None else rule.cure.more(retrofits, place)),
        "days": int(retrofits.days[place]),
        "source": retrofits.source[place],
        "payer": retrofits.payer[place],
    }


def _soft(shown: Shown, total: int) -> tuple[list[dict[str, Any]], int]:
    """Every criterion that weighs, and the shown score in tenths of a point."""
    weights = list(shown.weights.values())
    values = [float(shown.judged.desirabilities[name][0]) for name in shown.weights]
    exponent = shown.question.numbers.score_exponent
    shares = score.contributions(total, weights, values, exponent)
    tenths, shown_shares = score.points(total, shares)
    entries = []
    for place, name in enumerate(shown.weights):
        criterion = CRITERIA[name]
        required, offered = criterion.sides(shown)
        entries.append(
            {
                "id": name,
                "required": required,
                "offered": offered,
                "unit": criterion.unit,
                "d": values[place],
                "weight": weights[place],
                "contribution": shares[place],
                "points": score.tenths_text(shown_shares[place]),
                "gain": score.gain(total, place, weights, values, exponent),
                **({} if criterion.more is None else criterion.more(shown)),
            }
        )
    return entries, tenths
