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
        return (Shown(self, place) for place in range(len(self.judged.score)))

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


@dataclass(frozen=True)
class Shown:
    """One option of one unit: the one at a place among those shown."""

    among: ShownOptions
    place: int

    @cached_property
    def question(self) -> Question:
        """What it was held against."""
        return self.among.question

    @cached_property
    def row(self) -> int:
        """The unit's row in the kind's catalogue."""
        return self.among.rows[self.place]

    @cached_property
    def group(self) -> PathGroup:
        """The paths by which it is taken."""
        return self.question.path_groups[int(self.among.judged.options.group[self.place])]

    @cached_property
    def failed(self) -> int:
        """The rules it fails, as a bit set."""
        return int(self.among.judged.failed[self.place])

    @cached_property
    def unknown(self) -> int:
        """The rules that are not known of it, as a bit set."""
        return int(self.among.judged.unknown[self.place])

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
    pairs = zip(column.values.tolist(), column.known.tolist(), strict=True)
    return [value if known else None for value, known in pairs]


def _common_paths(question: Question, options: Options) -> Sequence[int]:
    masks: list[int] = common_paths(question, options.unit).tolist()
    return masks


def describe(options: ShownOptions, would_stand: Sequence[int | None]) -> list[dict[str, Any]]:
    """The results of an answer, one an option."""
    return [_described(shown, place) for shown, place in zip(options, would_stand, strict=True)]


def _described(shown: Shown, would_stand: int | None) -> dict[str, Any]:
    judged, at = shown.among.judged, shown.place
    total = int(judged.score[at])
    soft, tenths = _soft(shown, total)
    return {
        "asset_ids": [shown.question.units.id(shown.row)],
        "score": total,
        "points": score.tenths_text(tenths),
        "status": Standing(int(judged.standing[at])).name,
        "path": shown.path,
        "taken_m2": shown.taken_m2,
        "remainder_m2": shown.remainder_m2,
        "yearly_cost_yuan": shown.yearly_cost_yuan,
        "hard": [_hard(shown, rule) for rule in HARD_RULES],
        "soft": soft,
        "unknown": field_names(int(judged.lacking[at])),
        "would_stand": would_stand,
        "robustness": None,
        "like_it": {"count": 0, "asset_ids": []},
    }


def _hard(shown: Shown, rule: HardRule) -> dict[str, Any]:
    required, offered = rule.sides(shown)
    retrofit = NO_RETROFIT if rule.cure is None else shown.among.retrofits[rule.id][shown.place]
    status = "fail" if retrofit != NO_RETROFIT else _status(shown, rule)
    entry = {"id": rule.id, "required": required, "offered": offered, "unit": rule.unit, "status": status}
    entry["cure"] = None if retrofit == NO_RETROFIT else _cure(shown, rule, retrofit)
    return entry if rule.more is None else entry | rule.more(shown, status)


def _status(shown: Shown, rule: HardRule) -> str:
    """As it stands."""
    if shown.failed & rule.bit:
        return "fail"
    if shown.unknown & rule.bit:
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


def _soft(shown: Shown, total: int) -> tuple[list[dict[str, Any]], int]:
    """Every criterion that weighs, and the shown score in tenths of a point."""
    among = shown.among
    weights = list(among.weights.values())
    values = [float(among.judged.desirabilities[name][shown.place]) for name in among.weights]
    exponent = shown.question.numbers.score_exponent
    shares = score.contributions(total, weights, values, exponent)
    gains = score.gains(total, weights, values, exponent)
    tenths, shown_shares = score.points(total, shares)
    entries = []
    for place, name in enumerate(among.weights):
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
                "gain": gains[place],
                **({} if criterion.more is None else criterion.more(shown)),
            }
        )
    return entries, tenths
