"""Industry: how well the firm's products suit a park, by what leads there, who is there, and who is near.

Every park is judged at once, then spread over the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matching.industry import RelatednessTable
from matching.parks import Facts
from matching.rules.curve import Scored
from matching.rules.requirement import Requirement, SoftCriterion
from matching.rules.verdict import FIELD_BITS, field_bits
from matching.scaled import Floats
from matching.score import WHOLE

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.demand.demand import Demand
    from matching.model import Model
    from matching.parameters import Numbers, Parameters
    from matching.ranking.options import OptionFacts
    from matching.ranking.question import Question


@dataclass(frozen=True)
class Fits:
    """How well a firm's industries suit the parks: the fit, its three parts, and the fields that lack as bit sets.

    Shapes: by place of the park. Empty: a part is NaN where it is unknown; None, no park knows it, or it is none of the
    version's.
    """

    value: Floats
    lead: Floats | None
    density: Floats | None
    anchor: Floats | None
    lacking: NDArray[np.uint32]

    def parts(self, place: int) -> dict[str, float | None]:
        """The three parts for one park, 0…1; None is unknown, or none of the version's."""
        parts = {"lead": self.lead, "density": self.density, "anchor": self.anchor}
        return {
            name: None if part is None or np.isnan(part[place]) else float(part[place]) for name, part in parts.items()
        }


def fits(demand: Demand, model: Model, facts: Facts) -> Fits:
    """lead, density and anchor of every park, and what they come to."""
    numbers, count = model.numbers, len(facts)
    if not demand.codes:
        value, _ = combined(model.parameters, count, None, None, None)
        return Fits(value, None, None, None, np.full(count, field_bits(["product_codes"]), np.uint32))
    near = nearness(demand, numbers, model.relatedness.table(facts.codes))
    parts = _lead(facts, near), _density(numbers, facts, near), _anchor(numbers, facts, near)
    value, lacking = combined(model.parameters, count, *parts)
    return Fits(value, *parts, lacking)


def combined(
    parameters: Parameters, count: int, lead: Floats | None, density: Floats | None, anchor: Floats | None
) -> tuple[Floats, NDArray[np.uint32]]:
    """The three parts by their shares, and what lacks; a part nobody knows takes the value of what is unknown.

    Where the version says so, the share of anchors nobody knows goes to the other two in proportion.
    Source: model R1 §5.5, decision 0018.
    """
    numbers = parameters.numbers
    shares = (
        ("leading_industries", numbers.lead_share, lead),
        ("tenants", numbers.density_share, density),
        ("anchors", numbers.anchor_share, anchor),
    )
    value, others, lacking = np.zeros(count), np.zeros(count), np.zeros(count, np.uint32)
    for name, share, part in shares:
        is_unknown = np.True_ if part is None else np.isnan(part)
        known = numbers.unknown_value if part is None else np.where(is_unknown, numbers.unknown_value, part)
        others, value = value, value + share * known
        if share > 0:
            lacking |= is_unknown * np.uint32(FIELD_BITS[name])
    share_of_others = numbers.lead_share + numbers.density_share
    if parameters.choices.shares_unknown_anchors and share_of_others > 0 and is_unknown.any():  # that of the anchors
        value = np.where(is_unknown, others / share_of_others, value)
    return value, lacking


def nearness(demand: Demand, numbers: Numbers, table: RelatednessTable) -> Floats:
    """How near the firm is to each code of a table: the nearest of its own, the further ones counting a little less."""
    main, *others = demand.codes
    near = numbers.code_weight_main * table.row(main)
    for code in others:
        np.maximum(near, numbers.code_weight_other * table.row(code), out=near)
    return near


def _lead(facts: Facts, near: Floats) -> Floats | None:
    """The nearest of the leading industries; where a park names none, they are unknown."""
    if not len(facts.leading.code):
        return None
    listed = facts.leading
    entries = listed.of_codes(np.flatnonzero(near))
    return np.where(listed.has_entries, listed.greatest(near[listed.code[entries]], entries), np.nan)


def _density(numbers: Numbers, facts: Facts, near: Floats) -> Floats | None:
    """x / (x + half), x the sum over near tenants; summed in whole steps, so that no order matters."""
    listed = facts.tenants
    if numbers.density_share == 0 or not listed.known.any():
        return None
    rows = listed.of_codes(np.flatnonzero(near >= numbers.density_floor))
    steps = np.rint(near * WHOLE).astype(np.int64)[listed.code[rows]]
    summed = np.zeros(len(facts), listed.figure.dtype)
    np.add.at(summed, listed.park[rows], steps * listed.figure[rows])
    total = summed.astype(np.float64)
    return np.where(listed.known, total / (total + numbers.density_half * WHOLE), np.nan)


def _anchor(numbers: Numbers, facts: Facts, near: Floats) -> Floats | None:
    """The nearest anchor within reach, the farther the less."""
    listed = facts.anchors
    if numbers.anchor_share == 0 or not listed.known.any():
        return None
    entries = listed.of_codes(np.flatnonzero(near))
    fading = facts.fading(numbers.anchor_reach_m, numbers.anchor_scale_m)[entries]
    return np.where(listed.known, listed.greatest(near[listed.code[entries]] / fading, entries), np.nan)


def park_fits(question: Question) -> Fits:
    """How well the firm's industries suit each park, by its place."""
    return question.once("industry", lambda: fits(question.demand, question.model, question.facts or Facts()))


def curve(question: Question, facts: OptionFacts) -> Scored:
    """How well the firm's industries suit the park; and what is not known of either."""
    of_parks = park_fits(question)
    index = question.units["facts"].values.take(facts.options.unit)
    return of_parks.value.take(index), of_parks.lacking.take(index) if of_parks.lacking.any() else 0


def offered(options: ShownOptions) -> Sequence[list[str] | None]:
    """What leads in the park."""
    return [list(park.leading_industries or ()) or None for park in options.parks]


def more(options: ShownOptions) -> list[dict[str, Any]]:
    """Where the codes come from, and the three parts, 0…1; None is unknown, or no part of the version."""
    of_parks, basis = park_fits(options.question), options.question.demand.codes_basis
    return [{"basis": basis, "parts": of_parks.parts(place)} for place in options.park_places]


CRITERION = SoftCriterion(
    id="industry",
    is_mentioned=lambda question: question.facts is not None and "facts" in question.units,
    curve=curve,
    required=lambda question, _: list(question.demand.codes) or None,
    offered=offered,
    more=more,
)
REQUIREMENT = Requirement("industry", criterion=CRITERION)
