"""What hangs on the path: one yearly cost, the budget it is held against (H10), and a title that can pass (H12).

Units: a yearly cost is in 0.0001 yuan as float64, exact for every rent. Source: model R1 §5.2, §5.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from matching.catalogue.columns import FLAGS
from matching.ranking.question import (
    FIELD_BITS,
    FORM_COLUMNS,
    TITLE_COLUMNS,
    PathGroup,
    Question,
    Verdict,
    beyond,
)
from matching.scaled import COST, MONEY, Column, Floats, Ints, Mask, all_known

MONTHS = 12.0
EVERY_UNIT = slice(None)


@dataclass(frozen=True)
class Cost:
    """The yearly cost of some units on one path.

    Shapes: aligned with the rows asked for. Where `known` is false, `amount` is what is known of it, so the least it
    can be.
    """

    amount: Floats
    known: Mask
    lacking: NDArray[np.uint32]


def is_priced(question: Question, group: PathGroup) -> bool:
    """Whether units were given with what this path costs; a path without a form of cost is unknown, not absent."""
    return group.form is None or FORM_COLUMNS[group.form] in question.units


def yearly_cost(
    question: Question, group: PathGroup, rows: Ints | slice, taken: Column, works_cost: Floats | float = 0.0
) -> Cost:
    """Rent and fee, annuity of the price and fee, or return on the contribution; works are spread over their years.

    Units: `works_cost` in 0.01 yuan. Empty: an unknown fee is unknown on a factory and none on bare land.
    """
    numbers, units = question.parameters.numbers, question.units
    works = works_cost * (COST / MONEY) / numbers.works_life_years
    area = taken.values.astype(np.float64)
    lacking = _lacking(taken, "available_area_m2")
    if group.form is None or not is_priced(question, group):
        own = np.uint32(FIELD_BITS["yearly_cost_yuan"] if group.form is None else 0)
        return Cost(np.zeros(len(area)) + works, np.zeros(len(area), np.bool_), np.full(len(area), own))
    asked = units[FORM_COLUMNS[group.form]].take(rows)
    figure = asked.values.astype(np.float64)
    missing = _lacking(asked, FORM_COLUMNS[group.form])
    if group.form == "contribution":
        return Cost(figure * (COST / MONEY) * numbers.contribution_return + works, asked.known, missing)
    base = MONTHS * figure * area if group.form == "rent" else figure * area * numbers.capital_recovery_factor
    fee = _fee(question, rows, len(area))
    missing |= _lacking(fee, "property_fee_yuan_m2_month")
    known = asked.known & fee.known & taken.known
    cost = base + MONTHS * fee.values.astype(np.float64) * area
    return Cost(cost if isinstance(works, float) and not works else cost + works, known, lacking | missing)


def _lacking(column: Column, field: str) -> NDArray[np.uint32]:
    if column.is_known:
        return np.zeros(len(column.values), np.uint32)
    return (~column.known) * np.uint32(FIELD_BITS[field])


def _fee(question: Question, rows: Ints | slice, count: int) -> Column:
    if "property_fee_yuan_m2_month" not in question.units:
        return Column(np.zeros(count, np.int64), all_known(count), is_known=True)
    fee = question.units["property_fee_yuan_m2_month"].take(rows)
    return fee if question.is_built else Column(fee.values, all_known(count), is_known=True)


def reference_cost(question: Question, group: PathGroup) -> float | None:
    """C_ref: what the firm would pay a year at most; None where its bounds say nothing of this path."""
    need, preferred = question.need, question.area_wish.preferred
    if not is_priced(question, group):
        return None
    if need.yearly_cost_max is not None:
        return need.yearly_cost_max * (COST / MONEY)
    if group.form == "rent" and need.rent_max is not None and preferred is not None:
        return MONTHS * need.rent_max * preferred
    if group.form == "price" and need.price_max is not None and preferred is not None:
        return float(need.price_max * preferred) * question.parameters.numbers.capital_recovery_factor
    return None


def own_bound(question: Question, group: PathGroup) -> int | None:
    """The bound in the path's own unit: rent or price, 0.01 yuan."""
    return {"rent": question.need.rent_max, "price": question.need.price_max}.get(group.form or "")


def has_budget(question: Question, group: PathGroup) -> bool:
    """Whether H10 applies on this path."""
    bounds = (own_bound(question, group), question.need.yearly_cost_max)
    return question.has("H10") and is_priced(question, group) and any(bound is not None for bound in bounds)


def budget_verdict(question: Question, group: PathGroup, rows: Ints | slice, cost: Cost | None) -> Verdict | None:
    """H10: each stated bound in its own unit. `cost` may be left out where no yearly bound is stated.

    Empty: None where no bound is stated. A cost known in part fails where that part is too much already.
    """
    if not has_budget(question, group):
        return None
    bound = own_bound(question, group)
    verdicts = []
    if bound is not None and group.form is not None:
        asked = question.units[FORM_COLUMNS[group.form]].take(rows)
        verdicts.append(beyond(asked, asked.values > bound, FORM_COLUMNS[group.form]))
    if question.need.yearly_cost_max is not None and cost is not None:
        too_much = cost.amount > question.need.yearly_cost_max * (COST / MONEY)
        verdicts.append(Verdict(too_much, ~cost.known & ~too_much, cost.lacking))
    if len(verdicts) == 1:
        return verdicts[0]
    return _either(*verdicts)


def _either(one: Verdict, other: Verdict) -> Verdict:
    """Failed by either bound; else unknown by either."""
    failed = one.failed | other.failed
    every = np.arange(len(failed))
    unknown = np.zeros(len(failed), np.bool_)
    for verdict in (one, other):
        if verdict.unknown is not None:
            unknown |= verdict.unknown
    return Verdict(failed, unknown & ~failed, one.lacking_of(every) | other.lacking_of(every))


def title_verdict(question: Question, group: PathGroup, rows: Ints | slice) -> Verdict | None:
    """H12: seizure fails; whatever else keeps a title from passing, or is unknown, is to be confirmed.

    Empty: None where no title moves, nothing about titles was given, or the rule is not in force.
    """
    given = [name for name in TITLE_COLUMNS if name in question.units]
    if not group.moves_title or not given or not question.has("H12"):
        return None
    columns = {name: question.units[name].take(rows) for name in given}
    clear = {name: c.known & (c.values == FLAGS[name != "is_seized"]) for name, c in columns.items()}
    seized = columns.get("is_seized")
    count = len(next(iter(clear.values())))
    failed = np.zeros(count, np.bool_) if seized is None else seized.known & (seized.values == FLAGS[True])
    unknown = ~failed & ~np.logical_and.reduce(list(clear.values()))
    return Verdict(failed, unknown, FIELD_BITS["title"])


def path_failures(question: Question, least_area: Ints) -> dict[str, Mask]:
    """H10 and H12 as each unit stands, on the path that fails fewest of them; the budget alone before the title.

    Empty: a unit with no path in common fails neither; a rule that no path asks for is left out.
    """
    units = question.units
    area_known = units["area"].known if "area" in units else np.zeros(len(units), np.bool_)
    least: NDArray[np.uint8] | None = None
    asked = 0
    for group in question.path_groups:
        yearly = has_budget(question, group) and question.need.yearly_cost_max is not None
        cost = yearly_cost(question, group, EVERY_UNIT, Column(least_area, area_known)) if yearly else None
        verdicts = {
            _BUDGET: budget_verdict(question, group, EVERY_UNIT, cost),
            _TITLE: title_verdict(question, group, EVERY_UNIT),
        }
        if len(question.path_groups) == 1 and not any(verdicts.values()):
            return {}
        offered = offers(question, group, EVERY_UNIT)
        if len(question.path_groups) == 1:
            found = {_RULES[bit]: verdict for bit, verdict in verdicts.items() if verdict is not None}
            return {rule: verdict.failed & offered for rule, verdict in found.items()}
        failed = np.logical_not(offered).view(np.uint8)
        failed *= np.uint8(_NO_PATH)
        for bit, verdict in verdicts.items():
            if verdict is not None:
                asked |= bit
                failed |= verdict.failed.view(np.uint8) * np.uint8(bit)
        least = failed if least is None else np.minimum(least, failed, out=least)
    if least is None or not asked:
        return {}
    both = _BUDGET | _TITLE
    return {
        rule: (least & bit != 0) & (least <= both) if asked == both else least == bit
        for bit, rule in _RULES.items()
        if asked & bit
    }


#: How a path fails, so that the least is the path that fails fewest; no path in common is worse than any.
_BUDGET, _TITLE, _NO_PATH = 1, 2, 4
_RULES = MappingProxyType({_BUDGET: "H10", _TITLE: "H12"})


def offers(question: Question, group: PathGroup, rows: Ints | slice) -> Mask:
    """Units that may be had by a path of the group."""
    if "allowed_paths" not in question.units or not question.has("H9"):
        return np.ones(len(question.units), np.bool_)[rows]
    paths = question.units["allowed_paths"].take(rows)
    offered: Mask = (paths.values & group.mask) != 0
    return offered if paths.is_known else offered | ~paths.known


def common_paths(question: Question, rows: Ints | slice) -> Ints:
    """The paths both accept, as bit masks: what a unit names, and every accepted one where its paths are not known."""
    if "allowed_paths" not in question.units or not question.has("H9"):
        return np.full(len(question.units), question.need.paths)[rows]
    paths = question.units["allowed_paths"].take(rows)
    return np.where(paths.known, paths.values & question.need.paths, question.need.paths)
