"""Title: on a path that moves it, it must be able to pass. What only staff may read decides here and is never shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from domain.words import Mortgage
from matching.codes import FLAGS, MORTGAGES
from matching.rules.bound import Amounts
from matching.rules.merge import greatest, least
from matching.rules.requirement import HardRule, Requirement, nothing
from matching.rules.verdict import FIELD_BITS, Verdict
from matching.scaled import Ints, Mask

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.ranking.options import Options
    from matching.ranking.question import Question
    from matching.rules.budget import Cost
    from matching.rules.path import PathGroup

COLUMNS = ("title_is_registered", "mortgage", "is_seized")


def path_verdict(question: Question, group: PathGroup, rows: Ints | slice, _: Cost | None = None) -> Verdict | None:
    """Seizure fails; whatever else keeps a title from passing, or is unknown, is to be confirmed.

    Empty: None where no title moves, nothing about titles was given, or the rule is not in force.
    """
    present = [name for name in COLUMNS if name in question.units]
    if not is_judged(question, group):
        return None
    columns = {name: question.units[name].take(rows) for name in present}
    clear = {name: c.known & _clears(question, group, name, c.values) for name, c in columns.items()}
    seized = columns.get("is_seized")
    count = len(next(iter(clear.values())))
    failed = np.zeros(count, np.bool_) if seized is None else seized.known & (seized.values == FLAGS[True])
    unknown = ~failed & ~np.logical_and.reduce(list(clear.values()))
    return Verdict(failed, unknown, FIELD_BITS["title"])


def is_judged(question: Question, group: PathGroup) -> bool:
    """Whether the rule applies on this path."""
    return group.moves_title and question.has(RULE.id) and any(name in question.units for name in COLUMNS)


def _clears(question: Question, group: PathGroup, name: str, values: Ints) -> Mask:
    """Values that leave nothing in the way of a transfer."""
    if name == "mortgage":
        return np.asarray(values >= _least_mortgage(question, group))
    return np.asarray(values == FLAGS[name != "is_seized"])


def _least_mortgage(question: Question, group: PathGroup) -> int:
    """From which state of a mortgage on title passes: property given as security cannot be contributed, whoever
    consents.

    Source: Regulation on the registration of market entities §13.
    """
    is_released = question.choices.confirms_secured_contributions and group.form == "contribution"
    return MORTGAGES[Mortgage.none if is_released else Mortgage.consented]


def measure(question: Question, options: Options, _: Amounts) -> Mask:
    """A title that cannot pass, or may not, leaves nothing certain, and no bound of the demand moves it."""
    certain = np.ones(len(options.unit), np.bool_)
    for place, group in enumerate(question.path_groups):
        rows = np.flatnonzero(options.group == place)
        verdict = path_verdict(question, group, options.unit[rows])
        if verdict is not None:
            certain[rows] = ~verdict.failed if verdict.unknown is None else ~verdict.failed & ~verdict.unknown
    return certain


def required(_: Question, group: PathGroup) -> str | None:
    """A title that can pass, where one moves."""
    return "transferable_title" if group.moves_title else None


def formalities(options: ShownOptions, statuses: Sequence[str]) -> list[dict[str, Any]]:
    """What must be done before each title can pass, where that is not known."""
    return [
        {"formalities": _formalities(options, place) if status == "unknown" else []}
        for place, status in enumerate(statuses)
    ]


def _formalities(options: ShownOptions, place: int) -> list[str]:
    """One word covers mortgage and seizure, so that neither shows."""
    units, needed, states = options.question.units, [], {name: options.steps(name)[place] for name in COLUMNS}
    if "title_is_registered" in units and states["title_is_registered"] != FLAGS[True]:
        needed.append("title_registration")
    mortgage, least_mortgage = states["mortgage"], _least_mortgage(options.question, options.groups[place])
    is_secured = "mortgage" in units and (mortgage is None or mortgage < least_mortgage)
    if is_secured or ("is_seized" in units and states["is_seized"] != FLAGS[False]):
        is_consent_enough = least_mortgage == MORTGAGES[Mortgage.consented]
        needed.append("encumbrance_clearance" if is_consent_enough else "encumbrance_release")
    return needed


RULE = HardRule(
    id="H12",
    columns=COLUMNS,
    hangs_on="path",
    path_verdict=path_verdict,
    measure=measure,
    applies=lambda options: options.by_group(is_judged),
    required=required,
    offered=nothing,
    more=formalities,
    sentence="title",
)
REQUIREMENT = Requirement(
    "title", RULE, merges={"title_is_registered": least, "mortgage": least, "is_seized": greatest}
)
