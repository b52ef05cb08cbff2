"""How well a way of taking a unit serves the firm, by criterion, each 0…1, and how much each criterion weighs.

No criterion looks at another candidate. A value nobody knows takes a fixed desirability, and never more than the best
it could be.
Source: model R1 §5.3, §5.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.errors import Invalid
from domain.words import Criterion, Kind
from matching.paths import Cost, reference_cost
from matching.question import FIELD_BITS, Question
from matching.score import in_order
from matching.units import HEIGHT, Column, Floats, Ints


def up(values: Floats | Ints, low: float, top: float) -> Floats:
    """0 at `low`, 1 at `top`, straight between; a step where they meet."""
    if top <= low:
        return (values >= top).astype(np.float64)
    return _clipped((values - low) / (top - low))


def down(values: Floats | Ints, top: float, limit: float) -> Floats:
    """1 up to `top`, 0 from `limit`, straight between."""
    return _clipped((limit - values) / (limit - top))


def _clipped(values: Any) -> Floats:
    clipped: Floats = np.clip(values, 0.0, 1.0, out=values)
    return clipped


def size(question: Question, taken: Column) -> Floats:
    """The area taken against the area preferred: a little more costs nothing, much more counts as waste."""
    numbers, wish = question.parameters.numbers, question.area_wish
    preferred = float(wish.preferred or 1)
    ratio = taken.values / preferred
    below = np.maximum(numbers.size_floor, up(ratio, (wish.least or 0) / preferred, 1.0))
    limit = numbers.size_limit_land if question.kind == Kind.land else numbers.size_limit_factory
    return _known_or(question, taken, np.where(ratio < 1.0, below, down(ratio, numbers.size_plateau_end, limit)))


def industry(question: Question, units: Ints) -> tuple[Floats, NDArray[np.uint32]]:
    """How near the firm is to the park's leading industries; and what is not known of either."""
    values, lacking = question.once("industry", lambda: _leads(question))
    index = question.units["facts"].values[units]
    return values[index], lacking[index]


def _leads(question: Question) -> tuple[Floats, NDArray[np.uint32]]:
    """Park by park."""
    leads = question.leads
    values = np.array([question.parameters.numbers.unknown_value if r is None else r for r in leads], np.float64)
    field = FIELD_BITS["leading_industries" if question.need.codes else "product_codes"]
    return values, np.array([field if r is None else 0 for r in leads], np.uint32)


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


def _known_or(question: Question, given: Column, values: Floats) -> Floats:
    return values if given.is_known else np.where(given.known, values, question.parameters.numbers.unknown_value)


def weights(question: Question) -> dict[str, float]:
    """The weight of each criterion that is mentioned, applies to the kind and matters: i² / Σ i², in the fixed order.

    Empty: no importances at all, those of the model version; some, the others are 0.
    Raises: Invalid on `importances` where nothing is left to weigh.
    """
    given = question.need.importances or question.parameters.importances
    squares = {
        str(criterion): given[criterion] * given[criterion]
        for criterion in Criterion
        if given.get(criterion, 0.0) > 0 and _MENTIONED[criterion](question)
    }
    total = in_order(squares.values())
    if total == 0:
        raise Invalid("no_criterion_weighs", "importances", kind=question.kind)
    return {criterion: square / total for criterion, square in squares.items()}


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
    }
)
