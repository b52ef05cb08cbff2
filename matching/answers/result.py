"""A shown unit in numbers: every rule once, every criterion that weighs, what is unknown. No sentences.

What only staff may read (mortgage, seizure) decides a status here and is never written out: H12 offers nothing but its
status.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from matching import score
from matching.codes import paths_of
from matching.ranking.judging import Judged, Standing
from matching.ranking.options import Options, limits
from matching.ranking.question import Question
from matching.ranking.screen import Screen
from matching.rules import CRITERIA, HARD_RULES
from matching.rules.path import PathGroup, common_paths
from matching.rules.requirement import HardRule
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
            units, rows = self.question.units, self.judged.options.unit
            self._read[column] = _plain(units[column].take(rows)) if column in units else none
        return self._read[column]

    def __iter__(self) -> Iterator[Shown]:
        question, groups = self.question, self.question.path_groups
        judged = self.judged
        columns = (self.rows, judged.options.group.tolist(), judged.failed.tolist(), judged.unknown.tolist())
        for place, (row, group, failed, unknown) in enumerate(zip(*columns, strict=True)):
            yield Shown(self, place, question, row, groups[group], failed, unknown)

    @cached_property
    def rows(self) -> Sequence[int]:
        """The row of each unit in the kind's catalogue."""
        rows: list[int] = self.judged.options.unit.tolist()
        return rows

    @cached_property
    def retrofits(self) -> Mapping[str, Sequence[int]]:
        """By the rule they cure, the places of the works of each option."""
        return {rule: places.tolist() for rule, places in self.judged.options.retrofits.items()}

    @cached_property
    def applicable(self) -> int:
        """The rules that are in force and apply to every unit alike, as a bit set."""
        return self.screened.applicable & sum(rule.bit for rule in HARD_RULES if self.question.has(rule.id))


@dataclass(frozen=True, slots=True)
class Shown:
    """One option of one unit: the one at a place among those shown, and what it was held against.

    `row` is that in the kind's catalogue; `group` the paths by which it is taken; `failed` and `unknown` are rules as
    bit sets.
    """

    among: ShownOptions
    place: int
    question: Question
    row: int
    group: PathGroup
    failed: int
    unknown: int

    def read(self, read: Callable[..., Sequence[Value]], *arguments: Hashable) -> Value:
        """What a function reads of this option."""
        return self.among.each(read, *arguments)[self.place]

    def figure(self, column: str, scale: int) -> float | None:
        """A figure of the unit in the unit of the trade."""
        steps = self.among.steps(column)[self.place]
        return None if steps is None else steps / scale

    def option_figure(self, read: Callable[[Question, Options], Column], scale: int) -> float | None:
        """A figure of the option, of the column that holds it."""
        steps = self.read(_steps_of_options, read)
        return None if steps is None else steps / scale

    @property
    def taken_m2(self) -> float | None:
        """The area taken of it."""
        area = self.figure("area", AREA)
        return None if area is None else int(self.among.judged.options.taken[self.place]) / AREA

    @property
    def remainder_m2(self) -> float | None:
        """What a part leaves of its unit; shown, and counted nowhere."""
        area = self.among.steps("area")[self.place]
        return None if area is None else (area - int(self.among.judged.options.taken[self.place])) / AREA

    @property
    def yearly_cost_yuan(self) -> float | None:
        """What it costs a year."""
        amount = float(self.among.judged.yearly_cost[self.place])
        return None if amount == float("inf") else round(amount / COST, 2)

    @property
    def path(self) -> str | None:
        """The first path of its group that both accept; where the unit's paths are unknown, the first the firm accepts.

        Empty: None for a unit with no path in common.
        """
        return next(iter(paths_of(self.group.mask & self.read(_common_paths))), None)


def _steps_of_options(
    question: Question, options: Options, read: Callable[[Question, Options], Column]
) -> Sequence[int | None]:
    return _plain(read(question, options))


def _plain(column: Column) -> Sequence[int | None]:
    values: list[int | None] = column.values.tolist()
    if column.is_known:
        return values
    return [value if known else None for value, known in zip(values, column.known.tolist(), strict=True)]


def _common_paths(question: Question, options: Options) -> Sequence[int]:
    masks: list[int] = common_paths(question, options.unit).tolist()
    return masks


def describe(options: ShownOptions, would_stand: Sequence[int | None]) -> list[dict[str, Any]]:
    """The results of an answer, one an option; a rule or a criterion is written for all of them before the next one."""
    judged, shown = options.judged, list(options)
    totals: list[int] = judged.score.tolist()
    shares = _shares(options, totals)
    hard = [_hard(shown, rule) for rule in HARD_RULES]
    soft = [_soft(shown, place, name, shares) for place, name in enumerate(options.weights)]
    return [
        {
            "asset_ids": [options.question.units.id(one_shown.row)],
            "score": total,
            "points": score.tenths_text(score.tenths(total)),
            "status": Standing(standing).name,
            "path": one_shown.path,
            "taken_m2": one_shown.taken_m2,
            "remainder_m2": one_shown.remainder_m2,
            "yearly_cost_yuan": one_shown.yearly_cost_yuan,
            "hard": [entries[place] for entries in hard],
            "soft": [entries[place] for entries in soft],
            "unknown": field_names(lacking),
            "would_stand": would_stand[place],
            "robustness": None,
            "like_it": {"count": 0, "asset_ids": []},
        }
        for place, (one_shown, total, standing, lacking) in enumerate(
            zip(shown, totals, judged.standing.tolist(), judged.lacking.tolist(), strict=True)
        )
    ]


def _hard(options: Sequence[Shown], rule: HardRule) -> list[dict[str, Any]]:
    """What a rule says of each."""
    entries = []
    retrofits = None if rule.cure is None or not options else options[0].among.retrofits[rule.id]
    for shown in options:
        required, offered = rule.sides(shown)
        retrofit = NO_RETROFIT if retrofits is None else retrofits[shown.place]
        status = "fail" if retrofit != NO_RETROFIT else _status(shown, rule)
        entry = {
            "id": rule.id,
            "required": required,
            "offered": offered,
            "unit": rule.unit,
            "status": status,
            "cure": None if retrofit == NO_RETROFIT else _cure(shown, rule, retrofit),
        }
        if rule.more is not None:
            entry |= rule.more(shown, status)
        entries.append(entry)
    return entries


def _status(shown: Shown, rule: HardRule) -> str:
    """As it stands."""
    bit = rule.bit
    if shown.failed & bit:
        return "fail"
    if shown.unknown & bit:
        return "unknown"
    return "pass" if _applies(shown, rule) else "not_applicable"


def _applies(shown: Shown, rule: HardRule) -> bool:
    if rule.applies is None:
        return bool(shown.among.applicable & rule.bit)
    return shown.question.has(rule.id) and rule.applies(shown)


def _cure(shown: Shown, rule: HardRule, place: int) -> dict[str, Any] | None:
    """The works at this place, which cure the rule."""
    if rule.cure is None:
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


@dataclass(frozen=True)
class _Shares:
    """What the criteria make of one score, in their order."""

    desirabilities: Sequence[float]
    contributions: Sequence[int]
    points: Sequence[int]
    gains: Sequence[int]


def _shares(options: ShownOptions, totals: Sequence[int]) -> list[_Shares]:
    weights, exponent = list(options.weights.values()), options.question.numbers.score_exponent
    columns = [options.judged.desirabilities[name].tolist() for name in options.weights]
    shares = []
    for place, total in enumerate(totals):
        values = [column[place] for column in columns]
        contributions = score.contributions(total, weights, values, exponent)
        _, points = score.points(total, contributions)
        shares.append(_Shares(values, contributions, points, score.gains(total, weights, values, exponent)))
    return shares


def _soft(options: Sequence[Shown], place: int, name: str, shares: Sequence[_Shares]) -> list[dict[str, Any]]:
    """What the criterion at a place among those that weigh says of each."""
    criterion, entries = CRITERIA[name], []
    for shown, share in zip(options, shares, strict=True):
        required, offered = criterion.sides(shown)
        entry = {
            "id": name,
            "required": required,
            "offered": offered,
            "unit": criterion.unit,
            "d": share.desirabilities[place],
            "weight": shown.among.weights[name],
            "contribution": share.contributions[place],
            "points": score.tenths_text(share.points[place]),
            "gain": share.gains[place],
        }
        if criterion.more is not None:
            entry |= criterion.more(shown)
        entries.append(entry)
    return entries
