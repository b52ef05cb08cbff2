"""The condition: of a building its surveyed grade, else its age; of land what it is connected to, else its grade."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.codes import CONNECTION_BITS, FLAGS, connections_of
from matching.rules.curve import Scored, known_or
from matching.rules.merge import common, least
from matching.rules.requirement import Requirement, SoftCriterion
from matching.rules.verdict import lacking
from matching.scaled import Column, Floats, Ints, Mask

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.ranking.options import OptionFacts
    from matching.ranking.question import Question
    from matching.rules.path import PathGroup


def curve(question: Question, facts: OptionFacts) -> Scored:
    """The surveyed grade; of a building nobody surveyed, what a new one counts less a little for every year; of land
    before all else the share of the seven connections and the levelling that is there.
    """
    numbers, units = question.numbers, facts.options.unit
    count = len(units)
    values, known = np.zeros(count), np.zeros(count, np.bool_)
    if question.is_built and "built_year" in question.units:
        built = question.units["built_year"].take(units)
        age = np.maximum(date.fromordinal(question.model.on_day).year - built.values.astype(np.float64), 0.0)
        worn = np.maximum(numbers.condition_unsurveyed - numbers.condition_loss_year * age, 0.0)
        values, known = np.where(built.known, worn, 0.0), built.known
    if "condition_grade" in question.units:
        grade = question.units["condition_grade"].take(units)
        values = np.where(grade.known, grade.values / numbers.condition_best, values)
        known = known | grade.known
    if not question.is_built and "connections" in question.units:
        share, is_stated = readiness(question, units)
        values, known = np.where(is_stated, share, values), known | is_stated
    either = Column(np.zeros(count, np.int64), known)
    return known_or(question, either, values), lacking(either, "condition")


def readiness(question: Question, rows: Ints) -> tuple[Floats, Mask]:
    """The share of the connections that are there, of which the levelling is one where it is known; and whether the
    connections are.
    """
    connected = question.units["connections"].take(rows)
    there, parts = (
        np.bitwise_count(connected.values).astype(np.float64),
        np.full(len(rows), float(len(CONNECTION_BITS))),
    )
    if "is_levelled" in question.units:
        levelled = question.units["is_levelled"].take(rows)
        there, parts = there + (levelled.known & (levelled.values == FLAGS[True])), parts + levelled.known
    return there / parts, connected.known


#: How an answer shows what is known of it: of a building, and of land.
OF_BUILDINGS: Mapping[str, Callable[[int], Any]] = {"condition_grade": int, "built_year": int}
OF_LAND: Mapping[str, Callable[[int], Any]] = {
    "connections": connections_of,
    "is_levelled": bool,
    "condition_grade": int,
}


def required(question: Question, _: PathGroup) -> dict[str, Any]:
    """The best grade; of land all connections and its levelling."""
    if question.is_built:
        return {"condition_grade": int(question.numbers.condition_best)}
    return {"connections": list(CONNECTION_BITS), "is_levelled": True}


def offered(options: ShownOptions) -> Sequence[dict[str, Any] | None]:
    """The grade of the unit and the year it was built; of land its connections, its levelling and its grade."""
    shown = OF_BUILDINGS if options.question.is_built else OF_LAND
    rows = zip(*(options.steps(name) for name in shown), strict=True)
    stated = [
        {name: read(steps) for (name, read), steps in zip(shown.items(), row, strict=True) if steps is not None}
        for row in rows
    ]
    return [entry or None for entry in stated]


def is_mentioned(question: Question) -> bool:
    """Of a building; of land where the version weighs it."""
    if question.is_built:
        return "condition_grade" in question.units or "built_year" in question.units
    has_columns = "connections" in question.units or "condition_grade" in question.units
    return question.choices.weighs_land_condition and has_columns


CRITERION = SoftCriterion(
    id="condition",
    is_mentioned=is_mentioned,
    curve=curve,
    required=required,
    offered=offered,
)
MERGES = {"condition_grade": least, "connections": common, "is_levelled": least}
REQUIREMENT = Requirement("condition", criterion=CRITERION, merges=MERGES)
