"""How well a way of taking a unit serves the firm, by criterion, each 0…1, and how much each criterion weighs.

No criterion looks at another candidate. A value nobody knows takes a fixed desirability, and never more than the best
it could be.
Source: model R1 §5.3, §5.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from domain.errors import Invalid
from domain.words import Criterion, Equipment, Kind
from matching.position import distances_m
from matching.ranking.paths import Cost, reference_cost
from matching.ranking.question import FIELD_BITS, Question, field_bits
from matching.scaled import CRANE, HEIGHT, SPAN, Column, Floats, Ints, Mask
from matching.score import in_order

#: Values of a criterion, and what is not known of each; 0: nothing of any.
Scored = tuple[Floats, NDArray[np.uint32] | Literal[0]]
#: Equipment with a column of its own, and the steps of it.
STEPS: Mapping[str, int] = MappingProxyType({Equipment.crane_t: CRANE, Equipment.span_m: SPAN})


def up(values: Floats | Ints, low: float, top: float) -> Floats:
    """0 at `low`, 1 at `top`, straight between; a step where they meet."""
    if top <= low:
        return (values >= top).astype(np.float64)
    return _clipped((values - low) / (top - low))


def down(values: Floats | Ints, top: float, limit: float) -> Floats:
    """1 up to `top`, 0 from `limit`, straight between."""
    return _clipped((limit - values) / (limit - top))


def _clipped(values: Any) -> Floats:
    clipped: Floats = np.minimum(np.maximum(values, 0.0, out=values), 1.0, out=values)  # np.clip takes twice the time
    return clipped


def size(question: Question, taken: Column) -> Floats:
    """The area taken against the area preferred: a little more costs nothing, much more counts as waste."""
    numbers, wish = question.parameters.numbers, question.area_wish
    preferred = float(wish.preferred or 1)
    ratio = taken.values / preferred
    below = np.maximum(numbers.size_floor, up(ratio, (wish.least or 0) / preferred, 1.0))
    limit = numbers.size_limit_land if question.kind == Kind.land else numbers.size_limit_factory
    return _known_or(question, taken, np.where(ratio < 1.0, below, down(ratio, numbers.size_plateau_end, limit)))


def industry(question: Question, units: Ints) -> Scored:
    """How well the firm's industries suit the park; and what is not known of either."""
    values, lacking = question.once("industry", lambda: _industry_by_park(question))
    index = question.units["facts"].values[units]
    return values[index], lacking[index] if isinstance(lacking, np.ndarray) else 0


def _industry_by_park(question: Question) -> Scored:
    fits = question.industry_fits
    values = fits.array(lambda fit: fit.value, np.float64)
    lacking = fits.array(lambda fit: field_bits(fit.lacking), np.uint32)
    return values, lacking if lacking.any() else 0


def height(question: Question, clear: Column) -> Floats:
    """Half when just met, full one metre above."""
    numbers, least = question.parameters.numbers, question.need.height_min or 0
    return _known_or(question, clear, _met(question, clear.values, least, least + numbers.height_comfort_m * HEIGHT))


def load(question: Question, carried: Column) -> Floats:
    """Half when just met, full a fifth above."""
    least = question.need.load_min or 0
    comfort = least * question.parameters.numbers.load_comfort_ratio
    return _known_or(question, carried, _met(question, carried.values, least, comfort))


def _met(question: Question, values: Ints, least: float, top: float) -> Floats:
    start = question.parameters.numbers.met_exactly
    return np.where(values < least, 0.0, start + (1.0 - start) * up(values, least, top))


def power(question: Question, free: Column) -> Floats:
    """From nothing at the minimum to all at the preferred power."""
    need = question.need
    return _known_or(question, free, up(free.values, need.power_min or 0, need.power_preferred or 0))


def cost(question: Question, group: int, yearly: Cost) -> Floats:
    """The yearly cost against the most the firm would pay; a path its bounds say nothing of counts as unknown."""
    numbers = question.parameters.numbers
    reference = reference_cost(question, question.path_groups[group])
    if reference is None:
        return np.full(len(yearly.amount), numbers.unknown_value)
    value = down(yearly.amount / reference, numbers.cost_full_ratio, numbers.cost_zero_ratio)
    if bool(yearly.known.all()):
        return value
    return np.where(yearly.known, value, np.minimum(value, numbers.unknown_value))


def timing(question: Question, from_day: Column) -> Floats:
    """Nothing lost in time, nothing left three months late."""
    late = from_day.values - (question.need.need_on or 0)
    return _known_or(question, from_day, down(late, 0.0, question.parameters.numbers.timing_zero_days))


def location(question: Question, units: Ints) -> Scored:
    """Nearness to each place by its weight: 1 on the spot, a quarter at its radius."""
    numbers, places = question.parameters.numbers, question.need.places
    axes = [question.units[name].take(units) for name in question.axes]
    along = [axis.values for axis in axes]
    summed, total = np.zeros(len(units)), 0.0
    for place in places:
        scale = numbers.location_scale_m if place.radius_m is None else place.radius_m
        ratio = distances_m(along, place.vector) / scale
        near = 1.0 + ratio * ratio
        summed, total = summed + place.weight / (near * near), total + place.weight
    return _known_or(question, axes[0], summed / total), _lacking(axes[0], "position")


def equipment(question: Question, units: Ints) -> Scored:
    """The share of what was wished that is there, by weight; a capacity counts as far as it reaches."""
    unknown_value, wishes = question.parameters.numbers.unknown_value, question.need.equipment
    summed, total, unsaid = np.zeros(len(units)), 0.0, np.zeros(len(units), np.bool_)
    for wish in wishes:
        offered, known = fitted(question, wish.item, units)
        share = offered > 0 if wish.at_least is None else up(offered, 0.0, wish.at_least)
        summed = summed + wish.weight * np.where(known, share, unknown_value)
        total, unsaid = total + wish.weight, unsaid | ~known
    return summed / total, unsaid * np.uint32(FIELD_BITS["equipment"])


def fitted(question: Question, item: str, units: Ints) -> tuple[Floats, Mask]:
    """How much of it there is, from the column of its own or from the unit's list; what is not said is unknown."""
    if item in question.units:
        column = question.units[item].take(units)
        return column.values / float(STEPS[item]), column.known
    if "policy" not in question.units or item in STEPS:
        return np.zeros(len(units)), np.zeros(len(units), np.bool_)
    lists = [dict(fittings).get(item) for _, _, fittings in question.units.policies]
    index = question.units["policy"].values[units]
    values = np.array([0.0 if value is None else value for value in lists], np.float64)
    return values[index], np.array([value is not None for value in lists], np.bool_)[index]


def condition(question: Question, units: Ints) -> Scored:
    """The surveyed grade; of a building nobody surveyed, what a new one counts less a little for every year."""
    numbers, count = question.parameters.numbers, len(units)
    values, known = np.zeros(count), np.zeros(count, np.bool_)
    if "built_year" in question.units:
        built = question.units["built_year"].take(units)
        age = np.maximum(date.fromordinal(question.day).year - built.values.astype(np.float64), 0.0)
        worn = np.maximum(numbers.condition_unsurveyed - numbers.condition_loss_year * age, 0.0)
        values, known = np.where(built.known, worn, 0.0), built.known
    if "condition_grade" in question.units:
        grade = question.units["condition_grade"].take(units)
        values = np.where(grade.known, grade.values / numbers.condition_best, values)
        known = known | grade.known
    found = Column(np.zeros(count, np.int64), known)
    return _known_or(question, found, values), _lacking(found, "condition")


def expansion(question: Question, units: Ints) -> Scored:
    """The space on offer beside the unit, as far as some is wished for later."""
    numbers, wished = question.parameters.numbers, float(question.need.expansion or 1)
    beside = question.units["adjacent_m2"].take(units)
    share = beside.values / wished
    value = np.where(share >= 1.0, 1.0, numbers.expansion_floor + (1.0 - numbers.expansion_floor) * share)
    return _known_or(question, beside, value), _lacking(beside, "adjacent_m2")


def policy(question: Question, units: Ints) -> Scored:
    """The share of the support wished that the park gives."""
    wished = question.need.policies
    given = [None if facts.policies is None else set(facts.policies) for facts in question.facts or ()]
    shares = [
        question.parameters.numbers.unknown_value
        if some is None
        else sum(word in some for word in wished) / len(wished)
        for some in given
    ]
    lacking = np.array([FIELD_BITS["policies"] if some is None else 0 for some in given], np.uint32)
    index = question.units["facts"].values[units]
    return np.array(shares, np.float64)[index], lacking[index]


def _lacking(given: Column, field: str) -> NDArray[np.uint32] | Literal[0]:
    return 0 if given.is_known else np.where(given.known, 0, FIELD_BITS[field]).astype(np.uint32)


def _known_or(question: Question, given: Column, values: Floats) -> Floats:
    return values if given.is_known else np.where(given.known, values, question.parameters.numbers.unknown_value)


def weights(question: Question) -> dict[str, float]:
    """The weight of each criterion that is mentioned, applies to the kind and matters: i² / Σ i², in the fixed order.

    Empty: no importances at all, those of the model version; some, the others are 0.
    Raises: Invalid on `importances` where nothing is left to weigh.
    """
    given = importances(question)
    squares = {
        criterion: given[criterion] * given[criterion]
        for criterion in question.parameters.criteria
        if given.get(criterion, 0.0) > 0 and _MENTIONED[criterion](question)
    }
    total = in_order(squares.values())
    if total == 0:
        raise Invalid("no_criterion_weighs", "importances", kind=question.kind)
    return {criterion: square / total for criterion, square in squares.items()}


def importances(question: Question) -> Mapping[str, float]:
    """What the firm states, else its sector's template, else the version's own; of criteria the version knows."""
    template = question.template
    stated = question.need.importances or (
        question.parameters.importances if template is None else template.importances
    )
    return {criterion: stated[criterion] for criterion in question.parameters.criteria if criterion in stated}


def _has(question: Question, column: str, bound: int | None) -> bool:
    return bound is not None and column in question.units


_MENTIONED: Mapping[str, Callable[[Question], bool]] = MappingProxyType(
    {
        Criterion.size: lambda q: _has(q, "area", q.area_wish.preferred),
        Criterion.industry: lambda q: q.facts is not None and "facts" in q.units,
        Criterion.height: lambda q: q.is_built and _has(q, "clear_height_m", q.need.height_min),
        Criterion.load: lambda q: q.is_built and _has(q, "floor_load_kn_m2", q.need.load_min),
        Criterion.power: lambda q: _has(q, "power_kva", q.need.power_preferred),
        Criterion.cost: lambda q: any(reference_cost(q, group) is not None for group in q.path_groups),
        Criterion.timing: lambda q: _has(q, "available_from", q.need.need_on),
        Criterion.location: lambda q: bool(q.need.places) and q.is_placed,
        Criterion.equipment: lambda q: (
            q.is_built and any(wish.item in q.units or "policy" in q.units for wish in q.need.equipment)
        ),
        Criterion.condition: lambda q: q.is_built and ("condition_grade" in q.units or "built_year" in q.units),
        Criterion.expansion: lambda q: _has(q, "adjacent_m2", q.need.expansion),
        Criterion.policy: lambda q: bool(q.need.policies) and q.facts is not None and "facts" in q.units,
    }
)
