"""What was wished of a unit and what it offers, by criterion, as an answer shows it; for criteria without a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from domain.words import Criterion
from matching.position import distances_m
from matching.ranking.criteria import fitted, importances
from matching.ranking.question import Question
from matching.scaled import AREA

Sides = tuple[Any, Any]


def weighed(question: Question) -> dict[str, Any]:
    """The importances in force and where they come from: stated, a sector's template, or the version's own."""
    template = question.template
    basis = "stated" if question.need.importances else "version" if template is None else "template"
    named = None if template is None else {"id": template.name, "zh": template.zh, "en": template.en}
    return {"basis": basis, "template": named, "by_criterion": dict(importances(question))}


def industry(question: Question, row: int) -> Sides:
    """The firm's codes, and what leads in the park."""
    place = int(question.units["facts"].values[row])
    facts = (question.facts or ())[place]
    return list(question.need.codes) or None, list(facts.leading_industries or ()) or None


def industry_parts(question: Question, row: int) -> dict[str, float | None]:
    """lead, density and anchor, 0…1; None is unknown, or no part of the version."""
    fit = question.industry_fits[int(question.units["facts"].values[row])]
    return {"lead": fit.lead, "density": fit.density, "anchor": fit.anchor}


def location(question: Question, row: int) -> Sides:
    """Each place with the distance at which it counts a quarter, and how far the unit is from it; m."""
    scale, places = question.parameters.numbers.location_scale_m, question.need.places
    required = [
        {"name": place.name, "weight": place.weight, "scale_m": scale if place.radius_m is None else place.radius_m}
        for place in places
    ]
    if not question.units[question.axes[0]].known[row]:
        return required, None
    axes = [question.units[name].values[row : row + 1] for name in question.axes]
    return required, [round(float(distances_m(axes, place.vector)[0]), 1) for place in places]


def equipment(question: Question, row: int) -> Sides:
    """Each item with what is wished of it and what there is: an amount, or whether it is there."""
    required: dict[str, Any] = {}
    offered: dict[str, Any] = {}
    for wish in question.need.equipment:
        values, known = fitted(question, wish.item, np.array([row]))
        found = float(values[0]) if wish.at_least is not None else bool(values[0])
        required[wish.item] = True if wish.at_least is None else wish.at_least
        offered[wish.item] = found if known[0] else None
    return required, offered


def condition(question: Question, row: int) -> Sides:
    """The best grade, and the unit's grade or the year it was built."""
    found = {}
    for name in ("condition_grade", "built_year"):
        if name in question.units and question.units[name].known[row]:
            found[name] = int(question.units[name].values[row])
    return {"condition_grade": int(question.parameters.numbers.condition_best)}, found or None


def expansion(question: Question, row: int) -> Sides:
    """The space wished beside it and the space there is, m²."""
    beside, wished = question.units["adjacent_m2"], question.need.expansion
    offered = int(beside.values[row]) / AREA if beside.known[row] else None
    return None if wished is None else wished / AREA, offered


def policy(question: Question, row: int) -> Sides:
    """The support wished, and that of it the park gives."""
    given = (question.facts or ())[int(question.units["facts"].values[row])].policies
    wished = question.need.policies
    return list(wished), None if given is None else [word for word in wished if word in given]


WISHES: Mapping[str, Callable[[Question, int], Sides]] = MappingProxyType(
    {
        Criterion.industry: industry,
        Criterion.location: location,
        Criterion.equipment: equipment,
        Criterion.condition: condition,
        Criterion.expansion: expansion,
        Criterion.policy: policy,
    }
)
