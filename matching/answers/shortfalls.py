"""How far each option of taking a unit lies beyond each bound of the demand: the amounts a near miss is made of.

An option passes a set of moved bounds where on none it lies further beyond than the bound was moved. A rule without a
bound is never offered.
Source: model R1 §5.8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.ranking.options import Options, cured, limits
from matching.ranking.question import Question
from matching.ranking.screen import Screen
from matching.rules import BOUNDS, CURABLE, HARD_RULES
from matching.rules.area import small_parts
from matching.rules.bound import Amounts, MovableBound
from matching.rules.budget import reference_cost
from matching.rules.path import offers
from matching.rules.retrofit import ACCEPTED, NO_RETROFIT
from matching.scaled import COST, MONEY, Floats, Ints, Mask

#: Rules with a bound that may move, as a bit set.
MOVABLE = sum({rule.bit for rule in BOUNDS.values()})
#: Rules an option may fail though its unit does not, as a bit set.
BY_OPTION = sum(rule.bit for rule in HARD_RULES if rule.hangs_on != "unit")


@dataclass(frozen=True)
class Shortfalls:
    """Options with what they lie beyond; all of them certain.

    Shapes: aligned with `options`; `amounts` by bound, absent where nothing lies beyond it. Units: steps of the bound;
    works: the cost, plus ACCEPTED. `failed` is the set of rules that would have to give.
    """

    options: Options
    failed: NDArray[np.uint16]
    amounts: Mapping[MovableBound, Ints]

    def take(self, rows: Ints | Mask) -> Shortfalls:
        """These options alone."""
        amounts = {bound: amount[rows] for bound, amount in self.amounts.items()}
        return Shortfalls(self.options.take(rows), self.failed[rows], amounts)


def join(parts: Sequence[Shortfalls]) -> Shortfalls:
    """All of them, one after the other."""
    bounds = [bound for bound in BOUNDS if any(bound in part.amounts for part in parts)]
    options = parts[0].options
    for part in parts[1:]:
        options = options.joined(part.options)
    return Shortfalls(
        options,
        np.concatenate([part.failed for part in parts]),
        {
            bound: np.concatenate([part.amounts.get(bound, np.zeros(len(part.failed), np.int64)) for part in parts])
            for bound in bounds
        },
    )


def shortfalls(question: Question, screened: Screen, base: int, rows: Ints) -> Shortfalls:
    """Every certain option of these units, and how far it lies beyond each bound.

    `base` is what all of them fail of the rules that do not hang on the path; nothing else of theirs is unknown.
    """
    options = _options(question, screened, base, rows)
    certain = np.ones(len(options.unit), np.bool_)
    amounts: Amounts = {}
    for rule in HARD_RULES:
        if rule.measure is not None and rule.bit & (base | BY_OPTION):
            certain &= rule.measure(question, options, amounts)
    failed = np.full(len(options.unit), base & ~BY_OPTION, np.uint16)
    for bound, beyond in amounts.items():
        if BOUNDS[bound].bit & BY_OPTION:
            failed |= (beyond > 0) * np.uint16(BOUNDS[bound].bit)
    return Shortfalls(options, failed, amounts).take(certain)


def _options(question: Question, screened: Screen, base: int, rows: Ints) -> Options:
    """Each unit whole and in parts, certain ones alone, by every path, as it stands and after its works."""
    unit, taken = _pieces(question, screened, rows)
    places = [np.flatnonzero(offers(question, group, unit)) for group in question.path_groups]
    place = np.concatenate(places)
    group = np.repeat(np.arange(len(places)), [len(rows) for rows in places])
    options = Options.as_they_stand(unit[place], taken[place], np.zeros(len(place), np.uint32), group)
    reach = limits(question)
    for rule in CURABLE:
        if base & rule.bit:
            after = cured(question, screened, options, rule, reach)
            options = options.joined(after.take(after.retrofits[rule.id] != NO_RETROFIT))
    return options


def _pieces(question: Question, screened: Screen, rows: Ints) -> tuple[Ints, Ints]:
    """What may be taken of each unit: the whole, the part wished for, and the part a lower least area would allow."""
    if "area" not in question.units:
        return rows, np.zeros(len(rows), np.int64)
    areas, parts = question.units["area"].values, screened.parts
    certain = np.flatnonzero((parts.doubt == 0) & np.isin(parts.rows, rows)) if len(parts.rows) else parts.rows
    small, most = small_parts(question, rows)
    taken = [areas[rows].astype(np.int64), parts.size[certain].astype(np.int64), most]
    return np.concatenate([rows, parts.rows[certain], small]), np.concatenate(taken)


def open_yet(question: Question, screened: Screen, rows: Ints) -> NDArray[np.uint16]:
    """The rules of which what is unknown of these units is a shortfall with an amount, as a bit set."""
    bits = np.zeros(len(rows), np.uint16)
    for rule in HARD_RULES:
        if rule.open_yet is not None:
            bits |= rule.open_yet(question, screened, rows) * np.uint16(rule.bit)
    return bits


def relative(question: Question, short: Shortfalls) -> Floats:
    """How much each option asks of the firm in all: |Δ|/bound, days/90, works as yearly cost over the budget."""
    total = np.zeros(len(short.failed))
    for bound in BOUNDS:
        if bound not in short.amounts:
            continue
        amounts = short.amounts[bound]
        if bound.form == "retrofit":
            total = total + np.where(amounts > 0, _works_share(question, short.options, amounts - ACCEPTED), 0.0)
        else:
            whole = (bound.stated(question) or 0) if bound.whole is None else bound.whole(question)
            total = total + amounts / float(max(whole, 1))
    return total


def _works_share(question: Question, options: Options, costs: Ints) -> Floats:
    """Works spread over their years, over what the firm would pay a year; without a budget they count as all of it."""
    years = question.numbers.works_life_years
    references = [reference_cost(question, group) for group in question.path_groups]
    budgets = np.array([float("nan") if cost is None else cost for cost in references])[options.group]
    share = costs * (COST / MONEY) / years / np.where(np.isnan(budgets), 1.0, budgets)
    return np.where(np.isnan(budgets), 1.0, share)
