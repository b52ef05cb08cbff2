"""The condition of a building: its surveyed grade, else its age."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from matching.rules.curve import Scored, known_or
from matching.rules.merge import least
from matching.rules.requirement import Requirement, Sides, SoftCriterion
from matching.rules.verdict import lacking
from matching.scaled import Column

if TYPE_CHECKING:
    from matching.answers.result import Shown
    from matching.ranking.options import OptionFacts
    from matching.ranking.question import Question


def curve(question: Question, given: OptionFacts) -> Scored:
    """The surveyed grade; of a building nobody surveyed, what a new one counts less a little for every year."""
    numbers, units = question.numbers, given.options.unit
    count = len(units)
    values, known = np.zeros(count), np.zeros(count, np.bool_)
    if "built_year" in question.units:
        built = question.units["built_year"].take(units)
        age = np.maximum(date.fromordinal(question.model.on_day).year - built.values.astype(np.float64), 0.0)
        worn = np.maximum(numbers.condition_unsurveyed - numbers.condition_loss_year * age, 0.0)
        values, known = np.where(built.known, worn, 0.0), built.known
    if "condition_grade" in question.units:
        grade = question.units["condition_grade"].take(units)
        values = np.where(grade.known, grade.values / numbers.condition_best, values)
        known = known | grade.known
    either = Column(np.zeros(count, np.int64), known)
    return known_or(question, either, values), lacking(either, "condition")


def sides(shown: Shown) -> Sides:
    """The best grade, and the unit's grade or the year it was built."""
    units = shown.question.units
    offered = {
        name: int(units[name].values[shown.row])
        for name in ("condition_grade", "built_year")
        if name in units and units[name].known[shown.row]
    }
    return {"condition_grade": int(shown.question.numbers.condition_best)}, offered or None


CRITERION = SoftCriterion(
    id="condition",
    is_mentioned=lambda q: q.is_built and ("condition_grade" in q.units or "built_year" in q.units),
    curve=curve,
    sides=sides,
)
REQUIREMENT = Requirement("condition", criterion=CRITERION, merges={"condition_grade": least})
