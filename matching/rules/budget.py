"""The budget: each stated bound in its own unit, and one yearly cost whatever the path is paid by.

Units: a yearly cost is in 0.0001 yuan as float64, exact for every rent. Source: model R1 §5.2, §5.6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matching.rules.area import taken_area
from matching.rules.bound import Amounts, MovableBound, shortfall
from matching.rules.curve import Scored, down
from matching.rules.merge import per_area, summed
from matching.rules.path import EVERY_UNIT, PathGroup
from matching.rules.requirement import HardRule, Requirement, SoftCriterion
from matching.rules.verdict import FIELD_BITS, Verdict, beyond, lacking
from matching.scaled import COST, MONEY, Column, Floats, Ints, Mask, all_known

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.ranking.options import OptionFacts, Options
    from matching.ranking.question import Question

MONTHS = 12.0
FEE = "property_fee_yuan_m2_month"


@dataclass(frozen=True)
class Cost:
    """The yearly cost of some units on one path.

    Shapes: aligned with the rows judged. Where `known` is false, `amount` is what is known of it, so the least it can
    be. `is_known` as in a `Column`; nothing lacks then.
    """

    amount: Floats
    known: Mask
    lacking: NDArray[np.uint32] | int
    is_known: bool = False


RENT_MAX = MovableBound("rent_yuan_m2_month_max", "yuan/m2/month", MONEY, 1, lambda question: question.demand.rent_max)
PRICE_MAX = MovableBound("price_yuan_m2_max", "yuan/m2", MONEY, 1, lambda question: question.demand.price_max)
YEARLY_MAX = MovableBound(
    "yearly_cost_yuan_max", "yuan/year", MONEY, 1, lambda question: question.demand.yearly_cost_max
)


@dataclass(frozen=True)
class CostForm:
    """How a path is paid for: the column of its figure, and the demand's bound in that figure's own unit."""

    column: str
    bound: MovableBound | None


#: By the names the parameters use. A path without a form has no cost of its own.
FORMS: Mapping[str, CostForm] = MappingProxyType(
    {
        "rent": CostForm("rent_yuan_m2_month", RENT_MAX),
        "price": CostForm("price_yuan_m2", PRICE_MAX),
        "contribution": CostForm("contribution_yuan", None),
    }
)


def is_priced(question: Question, group: PathGroup) -> bool:
    """Whether units were given with what this path costs; a path without a form of cost is unknown, not absent."""
    return group.form is None or FORMS[group.form].column in question.units


def yearly_cost(
    question: Question, group: PathGroup, rows: Ints | slice, taken: Column, works_cost: Floats | float = 0.0
) -> Cost:
    """Rent and fee, annuity of the price and fee, or return on the contribution; the annuity of the taxes on a
    transfer; works are spread over their years.

    Units: `works_cost` in 0.01 yuan. Empty: an unknown fee is unknown on a factory and none on bare land.
    """
    numbers, units = question.numbers, question.units
    retrofit_cost = works_cost * (COST / MONEY) / numbers.works_life_years
    area = taken.values.astype(np.float64)
    if group.form is None or not is_priced(question, group):
        own = np.uint32(FIELD_BITS["yearly_cost_yuan"] if group.form is None else 0)
        return Cost(np.zeros(len(area)) + retrofit_cost, np.zeros(len(area), np.bool_), np.full(len(area), own))
    name = FORMS[group.form].column
    price = units[name].take(rows)
    figure = price.values.astype(np.float64)
    missing: Any = lacking(price, name)
    if group.form == "contribution":
        share = numbers.contribution_return + group.tax_rate * numbers.capital_recovery_factor
        return Cost(figure * (COST / MONEY) * share + retrofit_cost, price.known, missing, price.is_known)
    base = MONTHS * figure * area if group.form == "rent" else figure * area * _yearly_share(question, group)
    fee = _fee(question, rows, len(area))
    cost = base + MONTHS * fee.values.astype(np.float64) * area
    if not isinstance(retrofit_cost, float) or retrofit_cost:
        cost = cost + retrofit_cost
    if price.is_known and fee.is_known and taken.is_known:
        return Cost(cost, price.known, 0, is_known=True)
    missing = missing | lacking(fee, FEE) | lacking(taken, "available_area_m2")
    return Cost(cost, price.known & fee.known & taken.known, missing)


def _yearly_share(question: Question, group: PathGroup) -> float:
    """The share of a price that counts as yearly cost, the taxes on its transfer too."""
    return question.numbers.capital_recovery_factor * (1.0 + group.tax_rate)


def _fee(question: Question, rows: Ints | slice, count: int) -> Column:
    if FEE not in question.units:
        return Column(np.zeros(count, np.int64), all_known(count), is_known=True)
    fee = question.units[FEE].take(rows)
    return fee if question.is_built else Column(fee.values, all_known(count), is_known=True)


def reference_cost(question: Question, group: PathGroup) -> float | None:
    """C_ref: what the firm would pay a year at most; None where its bounds say nothing of this path."""
    demand, preferred = question.demand, question.area_preference.preferred
    if not is_priced(question, group):
        return None
    if demand.yearly_cost_max is not None:
        return demand.yearly_cost_max * (COST / MONEY)
    if group.form == "rent" and demand.rent_max is not None and preferred is not None:
        return MONTHS * demand.rent_max * preferred
    is_bought = group.form == "price" or (group.form == "contribution" and question.choices.prices_contributions)
    if is_bought and demand.price_max is not None and preferred is not None:
        return float(demand.price_max * preferred) * _yearly_share(question, group)
    return None


def own_bound(question: Question, group: PathGroup) -> int | None:
    """The bound in the path's own unit: rent or price, 0.01 yuan."""
    bound = None if group.form is None else FORMS[group.form].bound
    return None if bound is None else bound.stated(question)


def has_budget(question: Question, group: PathGroup) -> bool:
    """Whether the rule applies on this path."""
    bounds = (own_bound(question, group), question.demand.yearly_cost_max)
    return question.has(RULE.id) and is_priced(question, group) and any(bound is not None for bound in bounds)


def path_verdict(question: Question, group: PathGroup, rows: Ints | slice, cost: Cost | None) -> Verdict | None:
    """Each stated bound in its own unit. `cost` may be left out where no yearly bound is stated.

    Empty: None where no bound is stated. A cost known in part fails where that part is too much already.
    """
    if not has_budget(question, group):
        return None
    bound = own_bound(question, group)
    verdicts = []
    if bound is not None and group.form is not None:
        name = FORMS[group.form].column
        price = question.units[name].take(rows)
        verdicts.append(beyond(price, price.values > bound, name))
    if question.demand.yearly_cost_max is not None and cost is not None:
        too_much = cost.amount > question.demand.yearly_cost_max * (COST / MONEY)
        verdicts.append(Verdict(too_much, ~cost.known & ~too_much, cost.lacking))
    if len(verdicts) == 1:
        return verdicts[0]
    return _either(*verdicts)


def _either(first: Verdict, second: Verdict) -> Verdict:
    """Failed by either bound; else unknown by either."""
    failed = first.failed | second.failed
    every = np.arange(len(failed))
    unknown = np.zeros(len(failed), np.bool_)
    for verdict in (first, second):
        if verdict.unknown is not None:
            unknown |= verdict.unknown
    return Verdict(failed, unknown & ~failed, first.lacking_of(every) | second.lacking_of(every))


def curve(question: Question, facts: OptionFacts) -> Scored:
    """The yearly cost against the most the firm would pay; a path its bounds say nothing of counts as unknown."""
    options, yearly = facts.options, facts.yearly
    if len(question.path_groups) == 1:
        return _against_reference(question, question.path_groups[0], yearly), yearly.lacking
    values = np.zeros(len(options.unit))
    for place, group in enumerate(question.path_groups):
        rows = rows_of_group(question, options, place)
        cost = Cost(yearly.amount[rows], yearly.known[rows], 0)
        values[rows] = _against_reference(question, group, cost)
    return values, yearly.lacking


def _against_reference(question: Question, group: PathGroup, yearly: Cost) -> Floats:
    numbers = question.numbers
    reference = reference_cost(question, group)
    if reference is None:
        return np.full(len(yearly.amount), numbers.unknown_value)
    value = down(yearly.amount / reference, numbers.cost_full_ratio, numbers.cost_zero_ratio)
    if yearly.is_known:
        return value
    return np.where(yearly.known, value, np.minimum(value, numbers.unknown_value))


def rows_of_group(question: Question, options: Options, place: int) -> Ints | slice:
    """The options of one path group; where there is one alone, all of them, and nothing is copied."""
    return EVERY_UNIT if len(question.path_groups) == 1 else np.flatnonzero(options.group == place)


def measure(question: Question, options: Options, amounts: Amounts) -> Mask:
    """How far beyond each stated bound."""
    count = len(options.unit)
    certain = np.ones(count, np.bool_)
    spent = options.summed(question.units.retrofits.cost).astype(np.float64)
    for place, group in enumerate(question.path_groups):
        rows = np.flatnonzero(options.group == place)
        if not has_budget(question, group) or not len(rows):
            continue
        form = None if group.form is None else FORMS[group.form]
        bound = own_bound(question, group)
        if bound is not None and form is not None and form.bound is not None:
            price = question.units[form.column].take(options.unit[rows])
            own_amounts = amounts.setdefault(form.bound, np.zeros(count, np.int64))
            own_amounts[rows] = shortfall(price.values.astype(np.int64) - bound)
            certain[rows] &= price.known
        if question.demand.yearly_cost_max is not None:
            own = options.take(rows)
            cost = yearly_cost(question, group, own.unit, taken_area(question, own), spent[rows])
            yearly_amounts = amounts.setdefault(YEARLY_MAX, np.zeros(count, np.int64))
            yearly_amounts[rows] = shortfall(_in_bounds_unit(cost) - question.demand.yearly_cost_max)
            certain[rows] &= cost.known
    return certain


def _in_bounds_unit(cost: Cost) -> Ints:
    """A yearly cost in the steps of its bound, never below the cost itself."""
    steps: Ints = np.ceil(cost.amount / (COST / MONEY)).astype(np.int64)
    return steps


def required(question: Question, group: PathGroup) -> dict[str, float] | None:
    """Each stated bound by its field."""
    bounds, own = {}, own_bound(question, group)
    if own is not None and group.form is not None:
        bounds[FORMS[group.form].column] = own / MONEY
    if question.demand.yearly_cost_max is not None:
        bounds["yearly_cost_yuan"] = question.demand.yearly_cost_max / MONEY
    return bounds or None


def offered(options: ShownOptions) -> Sequence[dict[str, float | None] | None]:
    """The figure held against each stated bound: the asked price, never the lowest one."""

    def figure(name: str, place: int) -> float | None:
        figures = options.yearly_cost_yuan if name == "yearly_cost_yuan" else options.figures(name, MONEY)
        return figures[place]

    bounds = options.by_group(required)
    return [
        None if names is None else {name: figure(name, place) for name in names} for place, names in enumerate(bounds)
    ]


def transfer_taxes(options: ShownOptions) -> list[dict[str, Any]]:
    """What the taxes of each come to once, yuan; nothing on a path without."""
    return [_taxes(options, place, group) if group.taxes else {} for place, group in enumerate(options.groups)]


def _taxes(options: ShownOptions, place: int, group: PathGroup) -> dict[str, Any]:
    figure = None if group.form is None else options.figures(FORMS[group.form].column, MONEY)[place]
    area = 1.0 if group.form == "contribution" else options.taken_m2[place]
    paid = None if figure is None or area is None else figure * area
    return {"transfer_taxes": {tax: None if paid is None else round(paid * rate, 2) for tax, rate in group.taxes}}


def required_yearly(question: Question, group: PathGroup) -> float | None:
    """The most the firm would pay a year."""
    reference = reference_cost(question, group)
    return None if reference is None else round(reference / COST, 2)


RULE = HardRule(
    id="H10",
    columns=("rent_yuan_m2_month", FEE, "price_yuan_m2", "contribution_yuan"),
    hangs_on="path",
    path_verdict=path_verdict,
    bounds=(RENT_MAX, PRICE_MAX, YEARLY_MAX),
    measure=measure,
    applies=lambda options: options.by_group(has_budget),
    required=required,
    offered=offered,
    sentence="budget",
)
CRITERION = SoftCriterion(
    id="cost",
    unit="yuan/year",
    is_mentioned=lambda q: any(reference_cost(q, group) is not None for group in q.path_groups),
    curve=curve,
    required=required_yearly,
    offered=lambda options: options.yearly_cost_yuan,
    more=transfer_taxes,
    label="yearly_cost",
)
MERGES = {"rent_yuan_m2_month": per_area, FEE: per_area, "price_yuan_m2": per_area, "contribution_yuan": summed}
REQUIREMENT = Requirement("budget", RULE, CRITERION, MERGES)
