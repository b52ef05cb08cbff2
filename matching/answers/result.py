"""A shown unit in numbers: every rule once, every criterion that weighs, what is unknown. No sentences.

What only staff may read (mortgage, seizure) decides a status here and is never written out: H12 offers nothing but its
status.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from matching import score
from matching.codes import paths_of
from matching.parks import Facts, ParkProfile
from matching.ranking.judging import Judged, Standing
from matching.ranking.options import Options, limits
from matching.ranking.question import Question
from matching.ranking.screen import Screen
from matching.rules import CRITERIA, HARD_RULES
from matching.rules.path import PathGroup, common_paths
from matching.rules.requirement import HardRule, SoftCriterion
from matching.rules.retrofit import NO_RETROFIT
from matching.rules.verdict import field_names
from matching.scaled import AREA, COST, MONEY, Column

Value = TypeVar("Value")


@dataclass(frozen=True)
class ShownOptions:
    """The options an answer shows, and all they were held against; what is read of one is read of all of them at once.

    Shapes: one option of a unit each, aligned with `judged`.
    """

    question: Question
    screened: Screen
    judged: Judged
    weights: Mapping[str, float]
    _read: dict[Any, Sequence[Any]] = field(default_factory=dict, repr=False)

    def each(self, read: Callable[..., Sequence[Value]], *arguments: Hashable) -> Sequence[Value]:
        """What a function reads of the question and these options, asked for once."""
        key = (read, arguments)
        if key not in self._read:
            self._read[key] = read(self.question, self.judged.options, *arguments)
        return self._read[key]

    def steps(self, column: str) -> Sequence[int | None]:
        """A column of the units. Empty: None where it is not known, and throughout where it was not given."""
        if column not in self._read:
            none: Sequence[int | None] = [None] * len(self.rows)
            units = self.question.units
            self._read[column] = _plain(units[column].take(self.judged.options.unit)) if column in units else none
        return self._read[column]

    def figures(self, column: str, scale: int) -> Sequence[float | None]:
        """A column of the units in the unit of the trade."""
        key = column, scale
        if key not in self._read:
            self._read[key] = [None if steps is None else steps / scale for steps in self.steps(column)]
        return self._read[key]

    def option_figures(self, read: Callable[[Question, Options], Column], scale: int) -> Sequence[float | None]:
        """A column of the options in the unit of the trade."""
        steps = _plain(read(self.question, self.judged.options))
        return [None if value is None else value / scale for value in steps]

    def by_group(self, read: Callable[[Question, PathGroup], Value]) -> Sequence[Value]:
        """What a function reads of the paths by which each is taken."""
        of_groups = [read(self.question, group) for group in self.question.path_groups]
        return [of_groups[place] for place in self.judged.options.group.tolist()]

    @cached_property
    def groups(self) -> Sequence[PathGroup]:
        """The paths by which each is taken."""
        return self.by_group(lambda _, group: group)

    @cached_property
    def rows(self) -> Sequence[int]:
        """The row of each unit in the kind's catalogue."""
        rows: list[int] = self.judged.options.unit.tolist()
        return rows

    @cached_property
    def failed_and_unknown(self) -> tuple[Sequence[int], Sequence[int]]:
        """The rules each fails, and those that are not known of it, as bit sets."""
        return self.judged.failed.tolist(), self.judged.unknown.tolist()

    @cached_property
    def taken_m2(self) -> Sequence[float | None]:
        """The area taken of each."""
        taken = zip(self.steps("area"), self.judged.options.taken.tolist(), strict=True)
        return [None if area is None else steps / AREA for area, steps in taken]

    @cached_property
    def remainders_m2(self) -> Sequence[float | None]:
        """What a part leaves of its unit; shown, and counted nowhere."""
        taken = zip(self.steps("area"), self.judged.options.taken.tolist(), strict=True)
        return [None if area is None else (area - steps) / AREA for area, steps in taken]

    @cached_property
    def yearly_cost_yuan(self) -> Sequence[float | None]:
        """What each costs a year."""
        amounts = self.judged.yearly_cost.tolist()
        return [None if amount == math.inf else round(amount / COST, 2) for amount in amounts]

    @cached_property
    def paths(self) -> Sequence[str | None]:
        """The first path of its group that both accept; where a unit's paths are unknown, the first the firm accepts.

        Empty: None for a unit with no path in common.
        """
        masks = common_paths(self.question, self.judged.options.unit).tolist()
        return [next(iter(paths_of(group.mask & mask)), None) for group, mask in zip(self.groups, masks, strict=True)]

    @cached_property
    def park_places(self) -> Sequence[int]:
        """Where the facts of its park stand among those of all."""
        places: list[int] = self.question.units["facts"].values[self.judged.options.unit].tolist()
        return places

    @property
    def parks(self) -> Sequence[ParkProfile]:
        """The facts of the park of each."""
        facts = self.question.facts or Facts()
        return [facts[place] for place in self.park_places]


def _plain(column: Column) -> Sequence[int | None]:
    values: list[int | None] = column.values.tolist()
    if column.is_known:
        return values
    return [value if known else None for value, known in zip(values, column.known.tolist(), strict=True)]


def describe(options: ShownOptions, would_stand: Sequence[int | None]) -> list[dict[str, Any]]:
    """The results of an answer, one an option; a rule or a criterion is written for all of them before the next one."""
    judged = options.judged
    hard, soft = [_hard(options, rule) for rule in HARD_RULES], _soft(options)
    columns = (
        options.rows,
        judged.score.tolist(),
        judged.standing.tolist(),
        options.paths,
        options.taken_m2,
        options.remainders_m2,
        options.yearly_cost_yuan,
        judged.lacking.tolist(),
        would_stand,
    )
    return [
        {
            "asset_ids": [options.question.units.id(row)],
            "score": total,
            "points": score.tenths_text(score.tenths(total)),
            "status": Standing(standing).name,
            "path": path,
            "taken_m2": taken_m2,
            "remainder_m2": remainder_m2,
            "yearly_cost_yuan": yearly_cost_yuan,
            "hard": [entries[place] for entries in hard],
            "soft": [entries[place] for entries in soft],
            "unknown": field_names(lacking),
            "would_stand": place_if_confirmed,
            "robustness": None,
            "like_it": {"count": 0, "asset_ids": []},
        }
        for place, (
            row, total, standing, path, taken_m2, remainder_m2, yearly_cost_yuan, lacking, place_if_confirmed
        ) in enumerate(zip(*columns, strict=True))
    ]  # fmt: skip


def _hard(options: ShownOptions, rule: HardRule) -> list[dict[str, Any]]:
    """What a rule says of each."""
    retrofits: Sequence[int] = options.judged.options.retrofits[rule.id].tolist() if rule.cure is not None else ()
    statuses = _statuses(options, rule)
    for place, retrofit in enumerate(retrofits):
        if retrofit != NO_RETROFIT:
            statuses[place] = "fail"
    sides = zip(options.by_group(rule.required), rule.offered(options), statuses, strict=True)
    entries: list[dict[str, Any]] = [
        {"id": rule.id, "required": required, "offered": offered, "unit": rule.unit, "status": status, "cure": None}
        for required, offered, status in sides
    ]
    for place, retrofit in enumerate(retrofits):
        if retrofit != NO_RETROFIT:
            entries[place]["cure"] = _cure(options.question, rule, retrofit)
    if rule.more is not None:
        for entry, more in zip(entries, rule.more(options, statuses), strict=True):
            entry |= more
    return entries


def _statuses(options: ShownOptions, rule: HardRule) -> list[str]:
    """As each stands."""
    bit, applicable = rule.bit, [False] * len(options.rows)
    if options.question.has(rule.id) and rule.applies is not None:
        applicable = list(rule.applies(options))
    elif options.question.has(rule.id) and options.screened.applicable & bit:
        applicable = [True] * len(options.rows)
    return [
        "fail" if failed & bit else "unknown" if unknown & bit else "pass" if applies else "not_applicable"
        for failed, unknown, applies in zip(*options.failed_and_unknown, applicable, strict=True)
    ]


def _cure(question: Question, rule: HardRule, place: int) -> dict[str, Any] | None:
    """The works at this place, which cure the rule."""
    if rule.cure is None:
        return None
    retrofits = question.units.retrofits
    return {
        "up_to": int(limits(question)[place]) / rule.cure.scale,
        "cost_yuan": int(retrofits.cost[place]) / MONEY,
        **({} if rule.cure.more is None else rule.cure.more(retrofits, place)),
        "days": int(retrofits.days[place]),
        "source": retrofits.source[place],
        "payer": retrofits.payer[place],
    }


def _soft(options: ShownOptions) -> list[list[dict[str, Any]]]:
    """What each criterion that weighs says of each option."""
    weights, totals, exponent = options.weights, options.judged.score, options.question.numbers.score_exponent
    values = np.array([options.judged.desirabilities[name] for name in weights]).reshape(len(weights), len(totals))
    shares = score.contributions(totals, list(weights.values()), values, exponent)
    numbers = (
        values.tolist(),
        shares.tolist(),
        score.apportion(score.tenths(totals), shares).tolist(),
        score.gains(totals, list(weights.values()), values, exponent).tolist(),
    )
    return [
        _entries(options, CRITERIA[name], weight, zip(*rows, strict=True))
        for (name, weight), *rows in zip(weights.items(), *numbers, strict=True)
    ]


def _entries(
    options: ShownOptions, criterion: SoftCriterion, weight: float, numbers: Iterable[tuple[float, int, int, int]]
) -> list[dict[str, Any]]:
    sides = zip(options.by_group(criterion.required), criterion.offered(options), numbers, strict=True)
    entries = [
        {
            "id": criterion.id,
            "required": required,
            "offered": offered,
            "unit": criterion.unit,
            "d": d,
            "weight": weight,
            "contribution": contribution,
            "points": score.tenths_text(tenths),
            "gain": gain,
        }
        for required, offered, (d, contribution, tenths, gain) in sides
    ]
    if criterion.more is not None:
        for entry, more in zip(entries, criterion.more(options), strict=True):
            entry |= more
    return entries
