"""Every hard rule on every unit of one kind: certainly failed, or not known. Units are screened as they stand.

Works that would cure a unit, and the exact cost of the option it is taken by, come later (`options.py`, `judging.py`).
Source: model R1 §5.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.catalogue.table import Units
from matching.ranking.question import Question
from matching.rules import BY_PATH, HARD_RULES, RULE_BITS, area, kind
from matching.rules.area import Parts
from matching.rules.budget import has_budget, yearly_cost
from matching.rules.path import EVERY_UNIT, offers
from matching.rules.verdict import Verdict
from matching.scaled import Column, Ints, Mask

#: The rules works can cure, as a bit set.
CURABLE_BITS = sum(rule.bit for rule in HARD_RULES if rule.cure is not None)
#: The rules that are judged path by path, as a bit set.
BY_PATH_BITS = sum(rule.bit for rule in BY_PATH)


@dataclass(frozen=True)
class Screen:
    """Every unit of the kind as it stands: the verdict of each rule that applies, and what may be taken.

    Rules that hang on the path stand here as they are on the path that fails fewest; what they do not know is judged
    option by option.
    """

    units: Units
    verdicts: Mapping[str, Verdict]
    parts: Parts
    applicable: int

    @cached_property
    def failed(self) -> NDArray[np.uint16]:
        """The rules each unit fails, as a bit set; asked for all units, it is the costly way to know."""
        bits = np.zeros(len(self.units), np.uint16)
        for rule, verdict in self.verdicts.items():
            bits |= verdict.failed * np.uint16(RULE_BITS[rule])
        return bits

    def failed_by(self, rows: Ints) -> NDArray[np.uint16]:
        """The rules these units fail, as a bit set."""
        bits = np.zeros(len(rows), np.uint16)
        for rule, verdict in self.verdicts.items():
            bits |= verdict.failed[rows] * np.uint16(RULE_BITS[rule])
        return bits

    def unknown_of(self, rows: Ints) -> tuple[NDArray[np.uint16], NDArray[np.uint32]]:
        """The rules that are not known of these units, and the fields that lack, as bit sets."""
        bits, lacking = np.zeros(len(rows), np.uint16), np.zeros(len(rows), np.uint32)
        for rule, verdict in self.verdicts.items():
            if verdict.unknown is not None:
                bits |= verdict.unknown[rows] * np.uint16(RULE_BITS[rule])
                lacking |= verdict.lacking_of(rows)
        return bits, lacking

    def open(self, able: Mapping[str, Mask]) -> Mask:
        """Units that fail nothing, or nothing but rules that works of theirs are able to cure."""
        shut = np.zeros(len(self.units), np.bool_) if self.units.dead is None else self.units.dead.copy()
        for rule, verdict in self.verdicts.items():
            if rule in able:
                shut |= verdict.failed & ~able[rule]
            else:
                shut |= verdict.failed
        return np.logical_not(shut, out=shut)

    def shut_by(self, rules: int) -> Mask:
        """Units that are gone, or fail one of these rules."""
        shut = np.zeros(len(self.units), np.bool_) if self.units.dead is None else self.units.dead.copy()
        for rule, verdict in self.verdicts.items():
            if RULE_BITS[rule] & rules:
                shut |= verdict.failed
        return shut

    def counts(self, listed: Ints) -> dict[str, int]:
        """How many units fail each rule, those on a list left out."""
        out = dict.fromkeys(RULE_BITS, 0)
        for rule, verdict in self.verdicts.items():
            failed = verdict.failed if self.units.dead is None else verdict.failed & ~self.units.dead
            out[rule] = int(np.count_nonzero(failed))
            if RULE_BITS[rule] & CURABLE_BITS and len(
                self.units.retrofits.row
            ):  # of the others, those listed fail none
                out[rule] -= int(np.count_nonzero(verdict.failed[listed]))
        return out

    def as_if_failing(self, bits: int) -> Screen:
        """The same units as if they failed these rules and no others."""
        none = np.zeros(len(self.units), np.bool_)
        old = {rule: self.verdicts.get(rule, Verdict(none, None, 0)) for rule in RULE_BITS}
        return replace(
            self,
            verdicts={
                rule: replace(v, failed=none if not bits & RULE_BITS[rule] else ~none) for rule, v in old.items()
            },
        )


def screen(question: Question, *, settled: frozenset[str] = frozenset()) -> Screen:
    """The verdict of every rule on every unit, before any works; those `settled` are known to be met by all of them,
    that of the area by all of it.

    Of the paths, the one that fails fewest rules counts.
    """
    is_sized = area.RULE.id in settled
    parts, of_area = (area.all_whole(question), None) if is_sized else area.parts_and_verdict(question)
    applicable = kind.RULE.bit if "kind" in question.units else 0
    verdicts: dict[str, Verdict] = {}
    judged = (
        (rule.id, rule.verdict(question))
        for rule in HARD_RULES
        if rule.verdict is not None and question.has(rule.id) and rule.id not in settled
    )
    for rule, verdict in ((area.RULE.id, of_area), *judged):
        if verdict is not None:
            applicable |= RULE_BITS[rule]
            verdicts[rule] = verdict
    for rule, failed in path_failures(question, parts.least(question.units)).items():
        verdicts[rule] = Verdict(failed, None, 0)
    return Screen(question.units, verdicts, parts, applicable)


def path_failures(question: Question, least_area: Ints) -> dict[str, Mask]:
    """The rules that hang on the path as each unit stands, on the path that fails fewest; the budget before the title.

    Empty: a unit with no path in common fails neither; a rule that no path brings up is left out.
    """
    units = question.units
    area_known = units["area"].known if "area" in units else np.zeros(len(units), np.bool_)
    least: NDArray[np.uint8] | None = None
    judged = 0
    for group in question.path_groups:
        is_yearly = has_budget(question, group) and question.demand.yearly_cost_max is not None
        cost = yearly_cost(question, group, EVERY_UNIT, Column(least_area, area_known)) if is_yearly else None
        verdicts = {
            bit: None if rule.path_verdict is None else rule.path_verdict(question, group, EVERY_UNIT, cost)
            for bit, rule in _BY_BIT.items()
        }
        if len(question.path_groups) == 1 and not any(verdicts.values()):
            return {}
        offered = offers(question, group, EVERY_UNIT)
        if len(question.path_groups) == 1:
            known = {_BY_BIT[bit].id: verdict for bit, verdict in verdicts.items() if verdict is not None}
            return {rule: verdict.failed & offered for rule, verdict in known.items()}
        failed = np.logical_not(offered).view(np.uint8)
        failed *= np.uint8(_NO_PATH)
        for bit, verdict in verdicts.items():
            if verdict is not None:
                judged |= bit
                failed |= verdict.failed.view(np.uint8) * np.uint8(bit)
        least = failed if least is None else np.minimum(least, failed, out=least)
    if least is None or not judged:
        return {}
    every = _NO_PATH - 1
    return {
        rule.id: (least & bit != 0) & (least <= every) if judged == every else least == bit
        for bit, rule in _BY_BIT.items()
        if judged & bit
    }


#: How a path fails, so that the least is the path that fails fewest; no path in common is worse than any.
_BY_BIT = {1 << place: rule for place, rule in enumerate(BY_PATH)}
_NO_PATH = 1 << len(BY_PATH)
