"""Industry: how well the firm's products suit a park, by what leads there, who is there, and who is near.

Judged once per distinct park, then spread over the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.industry import Chain, Sections, relatedness
from matching.parks import Facts, Indexed, ParkProfile
from matching.rules.curve import Scored
from matching.rules.requirement import Requirement, Sides, SoftCriterion
from matching.rules.verdict import field_bits
from matching.score import WHOLE

if TYPE_CHECKING:
    from matching.answers.result import Shown
    from matching.demand.demand import Demand
    from matching.parameters import Parameters
    from matching.ranking.options import OptionFacts
    from matching.ranking.question import Question


@dataclass(frozen=True)
class Fit:
    """How well a firm's industries suit a park: the fit, its three parts, and what is not known of it."""

    value: float
    lead: float | None
    density: float | None
    anchor: float | None
    lacking: tuple[str, ...]


class FirmCodes:
    """How near a firm is to any industry, its further codes counting a little less; each industry is judged once."""

    def __init__(self, demand: Demand, parameters: Parameters, chain: Chain | None, sections: Sections) -> None:
        numbers = parameters.numbers
        others = [numbers.code_weight_other] * (len(demand.codes) - 1)
        self._codes = list(zip(demand.codes, [numbers.code_weight_main, *others], strict=False))
        self._parameters, self._chain, self._sections = parameters, chain, sections
        self._known: dict[str, float] = {}

    def to(self, industry: str) -> float:
        """0…1, the nearest of the firm's codes."""
        if industry not in self._known:
            self._known[industry] = max(
                weight * relatedness(code, industry, self._parameters, self._chain, sections=self._sections)
                for code, weight in self._codes
            )
        return self._known[industry]

    def fit(self, facts: ParkProfile) -> Fit:
        """lead, density and anchor by their shares; a part nobody knows takes the value of what is unknown.

        Source: model R1 §5.5.
        """
        numbers = self._parameters.numbers
        parts = {
            "leading_industries": (numbers.lead_share, self._lead(facts)),
            "tenants": (numbers.density_share, self._density(facts)),
            "anchors": (numbers.anchor_share, self._anchor(facts)),
        }
        unknown = tuple(name for name, (share, part) in parts.items() if part is None and share > 0)
        lacking = unknown if self._codes else ("product_codes",)
        lead, density, anchor = (part for _, part in parts.values())
        return Fit(combined(self._parameters, lead, density, anchor), lead, density, anchor, lacking)

    def _lead(self, facts: ParkProfile) -> float | None:
        if not self._codes or not facts.leading_industries:
            return None
        return max(self.to(industry) for industry in facts.leading_industries)

    def _density(self, facts: ParkProfile) -> float | None:
        """x / (x + half), x the sum over near tenants; summed in whole steps, so that no order matters."""
        numbers = self._parameters.numbers
        if not self._codes or facts.tenants is None or numbers.density_share == 0:
            return None
        near = [(self.to(code), count) for code, count in facts.tenants]
        steps = sum(round(r * WHOLE) * count for r, count in near if r >= numbers.density_floor)
        return steps / (steps + numbers.density_half * WHOLE)

    def _anchor(self, facts: ParkProfile) -> float | None:
        numbers = self._parameters.numbers
        if not self._codes or facts.anchors is None or numbers.anchor_share == 0:
            return None
        best = 0.0
        for code, far_m in facts.anchors:
            if far_m <= numbers.anchor_reach_m:
                ratio = far_m / numbers.anchor_scale_m
                best = max(best, self.to(code) / (1.0 + ratio * ratio))
        return best


def combined(parameters: Parameters, lead: float | None, density: float | None, anchor: float | None) -> float:
    """The parts by their shares, the value of what is unknown for one nobody knows.

    Where the version says so, the share of anchors nobody knows goes to the other two in proportion.
    """
    numbers = parameters.numbers
    value, others = 0.0, numbers.lead_share + numbers.density_share
    for share, part in ((numbers.lead_share, lead), (numbers.density_share, density)):
        value = value + share * (numbers.unknown_value if part is None else part)
    if anchor is None and others > 0 and parameters.choices.shares_unknown_anchors:
        return value / others
    return value + numbers.anchor_share * (numbers.unknown_value if anchor is None else anchor)


def park_fits(question: Question) -> Indexed[Fit]:
    """How well the firm's industries suit each park, by its place."""

    def judged() -> Indexed[Fit]:
        model = question.model
        codes = FirmCodes(question.demand, model.parameters, model.chain, model.sections)
        return (question.facts or Facts()).each(codes.fit)

    return question.once("industry_fits", judged)


def curve(question: Question, facts: OptionFacts) -> Scored:
    """How well the firm's industries suit the park; and what is not known of either."""
    values, lacking = question.once("industry", lambda: _by_park(question))
    index = question.units["facts"].values[facts.options.unit]
    return values[index], lacking[index] if isinstance(lacking, np.ndarray) else 0


def _by_park(question: Question) -> Scored:
    fits = park_fits(question)
    values = fits.array(lambda fit: fit.value, np.float64)
    lacking = fits.array(lambda fit: field_bits(fit.lacking), np.uint32)
    return values, lacking if lacking.any() else 0


def sides(shown: Shown) -> Sides:
    """The firm's codes, and what leads in the park."""
    facts = (shown.question.facts or ())[_place(shown)]
    return list(shown.question.demand.codes) or None, list(facts.leading_industries or ()) or None


def more(shown: Shown) -> dict[str, Any]:
    """Where the codes come from, and the three parts, 0…1; None is unknown, or no part of the version."""
    fit = park_fits(shown.question)[_place(shown)]
    parts = {"lead": fit.lead, "density": fit.density, "anchor": fit.anchor}
    return {"basis": shown.question.demand.codes_basis, "parts": parts}


def _place(shown: Shown) -> int:
    return int(shown.question.units["facts"].values[shown.row])


CRITERION = SoftCriterion(
    id="industry",
    is_mentioned=lambda question: question.facts is not None and "facts" in question.units,
    curve=curve,
    sides=sides,
    more=more,
)
REQUIREMENT = Requirement("industry", criterion=CRITERION)
