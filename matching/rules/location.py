"""Location: inside the area named, or within the radius of a place; and the nearer to each place the better."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.position import PLANE, POSITION, distances_m
from matching.rules.bound import Amounts, MovableBound, shortfall
from matching.rules.curve import Scored, known_or
from matching.rules.merge import first
from matching.rules.requirement import HardRule, Requirement, SoftCriterion, nothing
from matching.rules.verdict import Verdict, beyond, lacking
from matching.scaled import Mask

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.demand.preferences import PlacePreference
    from matching.ranking.options import OptionFacts, Options
    from matching.ranking.question import Question
    from matching.rules.path import PathGroup


def verdict(question: Question) -> Verdict | None:
    """Inside the area asked for, or within the radius of one of the places that require one."""
    demand, units = question.demand, question.units
    around = _around(question)
    if (demand.within is None and not around) or not question.is_placed:
        return None
    axes = [units[name] for name in question.axes]
    inside = np.zeros(len(units), np.bool_)
    if demand.within is not None:
        lon, lat = (units[name].values for name in POSITION[:2])
        inside = demand.within.contains(lon, lat)
    for vector, radius_m in around:
        inside |= distances_m([axis.values for axis in axes], vector) <= radius_m
    return beyond(axes[0], ~inside, "position")


def _around(question: Question) -> list[tuple[tuple[int, ...], float]]:
    """The places whose radius is required, with it."""
    places = question.demand.places
    return [(place.vector, place.radius_m) for place in places if place.requires_radius and place.radius_m is not None]


def curve(question: Question, facts: OptionFacts) -> Scored:
    """Nearness to each place by its weight: 1 on the spot, a quarter at its radius."""
    units, places = facts.options.unit, question.demand.places
    axes = [question.units[name].take(units) for name in question.axes]
    along = [axis.values for axis in axes]
    summed, total = np.zeros(len(units)), 0.0
    for place in places:
        near = distances_m(along, place.vector)
        near /= question.numbers.location_scale_m if place.radius_m is None else place.radius_m
        near *= near
        near += 1.0
        near *= near
        summed += np.divide(place.weight, near, out=near)
        total += place.weight
    summed /= total
    return known_or(question, axes[0], summed), lacking(axes[0], "position")


def _least_radius(question: Question) -> int | None:
    return min((math.floor(radius_m) for _, radius_m in _around(question)), default=None)


RADIUS = MovableBound("places.radius_m", "m", 1, 1, _least_radius, "wider")


def measure(question: Question, options: Options, amounts: Amounts) -> Mask:
    """How much wider every radius would have to be, in whole metres; an area has no such measure."""
    around = _around(question)
    if not around:
        return np.zeros(len(options.unit), np.bool_)
    axes = [question.units[name].values[options.unit] for name in question.axes]
    further = np.min([distances_m(axes, vector) - radius_m for vector, radius_m in around], axis=0)
    amounts[RADIUS] = shortfall(np.ceil(further).astype(np.int64))
    return np.ones(len(options.unit), np.bool_)


def required(question: Question, _: PathGroup) -> dict[str, Any] | None:
    """The area and the radii asked for."""
    within, around = question.demand.within, [place for place in question.demand.places if place.requires_radius]
    if within is None and not around:
        return None
    places = [{"name": place.name, "radius_m": place.radius_m} for place in around]
    return {"within": within is not None, "places": places}


def offered(options: ShownOptions) -> Sequence[dict[str, Any] | None]:
    """Whether each lies inside the area, and how far it is from the middle of each radius; m."""
    question, units = options.question, options.question.units
    within, around = question.demand.within, [place for place in question.demand.places if place.requires_radius]
    if (within is None and not around) or not question.is_placed:
        return nothing(options)
    inside: list[bool | None] = [None] * len(options.rows)
    if within is not None:
        inside = within.contains(*(units[name].values[options.judged.options.unit] for name in POSITION[:2])).tolist()
    sides = zip(options.steps(question.axes[0]), inside, _far(options, around), strict=True)
    return [None if x is None else {"inside": is_inside, "distance_m": metres} for x, is_inside, metres in sides]


def required_near(question: Question, _: PathGroup) -> list[dict[str, Any]]:
    """Each place with the distance at which it counts a quarter; m."""
    scale_m = question.numbers.location_scale_m
    return [
        {"name": place.name, "weight": place.weight, "scale_m": scale_m if place.radius_m is None else place.radius_m}
        for place in question.demand.places
    ]


def offered_near(options: ShownOptions) -> Sequence[list[float] | None]:
    """How far each is from every place; m."""
    far = _far(options, options.question.demand.places)
    along = options.steps(options.question.axes[0])
    return [None if x is None else metres for x, metres in zip(along, far, strict=True)]


def _far(options: ShownOptions, places: Sequence[PlacePreference]) -> list[list[float]]:
    columns = [options.each(_distances, place.vector) for place in places]
    return [[metres[row] for metres in columns] for row in range(len(options.rows))]


def _distances(question: Question, options: Options, vector: tuple[int, ...]) -> list[float]:
    axes = [question.units[name].values[options.unit] for name in question.axes]
    return [round(metres, 1) for metres in distances_m(axes, vector).tolist()]


def missing(columns: Container[str], _: bool) -> tuple[str, ...]:
    """A position in a plane is as good as one on the globe."""
    return () if PLANE[0] in columns else tuple(name for name in POSITION if name not in columns)


RULE = HardRule(
    id="H13",
    columns=POSITION,
    verdict=verdict,
    bounds=(RADIUS,),
    measure=measure,
    missing=missing,
    required=required,
    offered=offered,
    sentence="location",
)
CRITERION = SoftCriterion(
    id="location",
    unit="m",
    is_mentioned=lambda question: bool(question.demand.places) and question.is_placed,
    curve=curve,
    required=required_near,
    offered=offered_near,
)
REQUIREMENT = Requirement("location", RULE, CRITERION, dict.fromkeys(POSITION, first))
