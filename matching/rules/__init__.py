"""What a unit must and should be, a file for each requirement; every table by rule or criterion is made from this list.

The order is that of the rules in an answer and of the criteria in every sum: it is part of the model.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from matching.rules import (
    area,
    budget,
    condition,
    effluent,
    entry_list,
    equipment,
    expansion,
    handover,
    hazard,
    height,
    industry,
    kind,
    load,
    location,
    path,
    policy,
    power,
    title,
    truck_access,
)
from matching.rules.bound import MovableBound
from matching.rules.merge import Merge
from matching.rules.requirement import HardRule, Requirement, SoftCriterion

REQUIREMENTS: tuple[Requirement, ...] = tuple(
    module.REQUIREMENT
    for module in (
        kind,
        area,
        industry,
        height,
        load,
        power,
        hazard,
        entry_list,
        effluent,
        path,
        budget,
        handover,
        title,
        location,
        equipment,
        condition,
        expansion,
        policy,
        truck_access,
    )
)
HARD_RULES: tuple[HardRule, ...] = tuple(
    requirement.rule for requirement in REQUIREMENTS if requirement.rule is not None
)
#: Their ids, in the order of an answer. Source: model R1 §5.2.
RULES = tuple(rule.id for rule in HARD_RULES)
RULE_BITS: Mapping[str, int] = MappingProxyType({rule.id: rule.bit for rule in HARD_RULES})
CRITERIA: Mapping[str, SoftCriterion] = MappingProxyType(
    {
        requirement.criterion.id: requirement.criterion
        for requirement in REQUIREMENTS
        if requirement.criterion is not None
    }
)
#: What a rule or a criterion is called, as a key of the labels.
LABELS: Mapping[str, str] = MappingProxyType(
    {requirement.rule.id: requirement.name for requirement in REQUIREMENTS if requirement.rule is not None}
    | {
        requirement.criterion.id: requirement.criterion.label or requirement.name
        for requirement in REQUIREMENTS
        if requirement.criterion is not None
    }
)
CURABLE: tuple[HardRule, ...] = tuple(rule for rule in HARD_RULES if rule.cure is not None)
#: Rules that are judged path by path.
BY_PATH: tuple[HardRule, ...] = tuple(rule for rule in HARD_RULES if rule.path_verdict is not None)
#: Every bound that may move, and the rule it belongs to.
BOUNDS: Mapping[MovableBound, HardRule] = MappingProxyType(
    {bound: rule for rule in HARD_RULES for bound in rule.bounds}
)
MERGES: Mapping[str, Merge] = MappingProxyType(
    {name: merge for requirement in REQUIREMENTS for name, merge in requirement.merges.items()}
)


def missing_columns(
    names: Collection[str], in_force: Collection[str], *, has_parks: bool
) -> Mapping[str, tuple[str, ...]]:
    """The columns nobody gave, by the rule in force that cannot do without them. Empty: none, where all were given."""
    missing = {}
    for rule in HARD_RULES:
        if rule.missing is None:
            columns = tuple(column for column in rule.columns if column not in names)
        else:
            columns = rule.missing(names, has_parks)
        if columns and rule.id in in_force:
            missing[rule.id] = columns
    return MappingProxyType(missing)
