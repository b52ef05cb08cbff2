"""Handover: to be had by the date of need and its tolerance, works included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from matching.rules.bound import Amounts, MovableBound, shortfall
from matching.rules.curve import Scored, down, known_or
from matching.rules.merge import greatest
from matching.rules.requirement import HardRule, Requirement, SoftCriterion, has_bound
from matching.rules.verdict import Verdict, beyond
from matching.scaled import LAST_DAY, Column, Mask

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.ranking.options import OptionFacts, Options
    from matching.ranking.question import Question

#: Stands for a day of handover nobody knows.
NO_DAY = -1


def last_day(question: Question) -> int | None:
    """The date of need and its tolerance, where there are so many days."""
    demand = question.demand
    return None if demand.need_on is None else min(demand.need_on + demand.tolerance_days, LAST_DAY)


def verdict(question: Question) -> Verdict | None:
    """Without works."""
    last, units = last_day(question), question.units
    if last is None or "available_from" not in units:
        return None
    return beyond(units["available_from"], units["available_from"].values > last, "available_from")


def handover(question: Question, options: Options, has_works: Mask) -> tuple[Column, Mask]:
    """The day of handover, and whether that is too late. Works begin when the unit is free, and not before today."""
    if "available_from" not in question.units:
        nothing = np.zeros(len(options.unit), np.bool_)
        return Column(np.zeros(len(options.unit), np.int64), nothing), nothing
    free = question.units["available_from"].take(options.unit)
    from_day = free
    if len(question.units.retrofits.row):
        start = np.where(has_works, np.maximum(free.values, question.model.on_day), free.values)
        ready = np.minimum(start + options.summed(question.units.retrofits.days), LAST_DAY)
        from_day = Column(ready, free.known, free.is_known)
    last = last_day(question)
    if last is None or not question.has(RULE.id):
        return from_day, np.zeros(len(options.unit), np.bool_)
    late = from_day.values > last
    return from_day, late if free.is_known else free.known & late


def curve(question: Question, facts: OptionFacts) -> Scored:
    """Nothing lost in time, nothing left three months late."""
    late = facts.from_day.values - (question.demand.need_on or 0)
    return known_or(question, facts.from_day, down(late, 0.0, question.numbers.timing_zero_days)), 0


LATEST = MovableBound("need_on", "date", 1, 1, last_day, "days", lambda question: question.numbers.timing_zero_days)


def measure(question: Question, options: Options, amounts: Amounts) -> Mask:
    """How many days too late."""
    last = last_day(question)
    if last is None or "available_from" not in question.units or not question.has(RULE.id):
        return np.ones(len(options.unit), np.bool_)
    from_day, _ = handover(question, options, options.has_works())
    amounts[LATEST] = shortfall(from_day.values.astype(np.int64) - last)
    return from_day.known


def offered(options: ShownOptions) -> Sequence[str | None]:
    """The day of handover."""
    return [None if day == NO_DAY else _text(day) for day in options.judged.from_day.tolist()]


@lru_cache(maxsize=4096)
def _text(ordinal: int | None) -> str | None:
    return None if ordinal is None else date.fromordinal(ordinal).isoformat()


RULE = HardRule(
    id="H11",
    columns=("available_from",),
    unit="date",
    hangs_on="option",
    verdict=verdict,
    bounds=(LATEST,),
    measure=measure,
    required=lambda question, _: _text(last_day(question)),
    offered=offered,
    sentence="date",
)
CRITERION = SoftCriterion(
    id="timing",
    unit="date",
    is_mentioned=lambda q: has_bound(q, "available_from", q.demand.need_on),
    curve=curve,
    required=lambda question, _: _text(question.demand.need_on),
    offered=offered,
)
REQUIREMENT = Requirement("handover", RULE, CRITERION, {"available_from": greatest})
