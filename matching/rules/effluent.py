"""Effluent: every kind of it may be discharged, and quota is free; works can add both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.codes import EFFLUENT_BITS, effluents_of
from matching.rules.bound import Amounts, MovableBound
from matching.rules.merge import common, summed
from matching.rules.requirement import HardRule, Requirement, nothing, scaled_down
from matching.rules.retrofit import NO_RETROFIT, Cure, measure_retrofit, retrofit_bound
from matching.rules.verdict import FIELD_BITS, Verdict
from matching.scaled import EFFLUENT, Column, Mask

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.catalogue.retrofits import Retrofits
    from matching.ranking.options import Options
    from matching.ranking.question import Question
    from matching.rules.path import PathGroup


def wished(question: Question) -> tuple[int, int | None]:
    """The kinds needed as a bit mask, and the least free quota in 0.1 t/d: what is needed, else any at all.

    Empty: None where nothing was said of either.
    """
    demand = question.demand
    kinds = sum(EFFLUENT_BITS[kind] for kind in demand.effluents)
    return kinds, demand.effluent_min if demand.effluent_min is not None else 1 if kinds else None


def judged_columns(question: Question) -> tuple[Column | None, Column | None]:
    """The kinds that may be discharged and the free quota, each where it is wished and there is a column of it."""
    wanted, least = wished(question)
    units = question.units
    return (
        units["effluent_types"] if wanted and "effluent_types" in units else None,
        units["effluent_free_t_d"] if least is not None and "effluent_free_t_d" in units else None,
    )


def verdict(question: Question) -> Verdict | None:
    """Every kind needed, and the quota; one without a column is not judged."""
    wanted, least = wished(question)
    kinds, free = judged_columns(question)
    if kinds is None and free is None:
        return None
    failed, lacking = np.zeros(len(question.units), np.bool_), np.zeros(len(question.units), np.uint32)
    if kinds is not None:
        failed |= kinds.known & ((~kinds.values & wanted) != 0)
        lacking |= ~kinds.known * np.uint32(FIELD_BITS["effluent_types"])
    if free is not None:
        failed |= free.known & (free.values < (least or 0))
        lacking |= ~free.known * np.uint32(FIELD_BITS["effluent_free_t_d"])
    return Verdict(failed, ~failed & (lacking != 0), lacking) if lacking.any() else Verdict(failed, None, 0)


def suffices(question: Question) -> Mask:
    """Works after which every kind needed may be discharged: what may be today, and what they add."""
    retrofits = question.units.retrofits
    kinds = retrofits.effluents
    if "effluent_types" in question.units:
        kinds = question.units["effluent_types"].take(retrofits.row).values | retrofits.effluents
    enough: Mask = (~kinds & wished(question)[0]) == 0
    return enough


MINIMUM = MovableBound("effluent_t_d_min", "t/d", EFFLUENT, -1, lambda question: question.demand.effluent_min)
RETROFIT = retrofit_bound()


def measure(question: Question, options: Options, amounts: Amounts) -> Mask:
    """A lower quota may do where every kind needed may be discharged; a kind that may not be is for works alone."""
    wanted, least = wished(question)
    kinds, free = (None if c is None else c.take(options.unit) for c in judged_columns(question))
    missing = np.zeros(len(options.unit), np.int64) if free is None else (least or 0) - free.values.astype(np.int64)
    retrofits = options.retrofits[RULE.id]
    measure_retrofit(question, amounts, (MINIMUM, RETROFIT), retrofits, missing)
    has_works: Mask = retrofits != NO_RETROFIT
    if question.demand.effluent_min is None or free is None:
        return has_works
    enough: Mask = free.known
    if wanted:  # of what must be discharged some quota must be left
        enough = enough & (free.values > 0)
    if kinds is not None:
        enough = enough & kinds.known & ((~kinds.values & wanted) == 0)
    return has_works | enough


def required(question: Question, _: PathGroup) -> dict[str, Any] | None:
    """The kinds discharged and how much, t/d."""
    demand = question.demand
    if not demand.effluents and demand.effluent_min is None:
        return None
    return {"types": list(demand.effluents), "t_d": scaled_down(demand.effluent_min, EFFLUENT)}


def offered(options: ShownOptions) -> Sequence[dict[str, Any] | None]:
    """The kinds and the free quota, t/d, where a discharge was stated."""
    demand = options.question.demand
    if not demand.effluents and demand.effluent_min is None:
        return nothing(options)
    sides = zip(options.steps("effluent_types"), options.figures("effluent_free_t_d", EFFLUENT), strict=True)
    return [{"types": None if mask is None else effluents_of(mask), "t_d": quota} for mask, quota in sides]


def added(retrofits: Retrofits, place: int) -> dict[str, Any]:
    """The kinds works add."""
    return {"effluent_types": effluents_of(int(retrofits.effluents[place]))}


RULE = HardRule(
    id="H8",
    columns=("effluent_types", "effluent_free_t_d"),
    unit="t/d",
    verdict=verdict,
    bounds=(MINIMUM, RETROFIT),
    measure=measure,
    cure=Cure(scale=EFFLUENT, least=lambda question: wished(question)[1], suffices=suffices, more=added),
    required=required,
    offered=offered,
    sentence="effluent",
)
REQUIREMENT = Requirement("effluent", RULE, merges={"effluent_types": common, "effluent_free_t_d": summed})
