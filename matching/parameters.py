"""The numbers of a model version, read from a versioned document, never from code.

The document says of every number what it means and where it comes from; a number it lacks, or one the model does not
know, is refused, so that a version is exactly what its document says.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from domain.errors import Invalid
from domain.fields import ASSET, IMPORTANCE
from domain.words import TITLE_PATHS, Path, TransferTax
from matching.codes import is_code
from matching.rules import CRITERIA, RULES, kind
from matching.rules.budget import FORMS

IMPORTANCE_RANGE = (float(IMPORTANCE.least), float(IMPORTANCE.most))
GRADE = ASSET["condition_grade"].bound
assert GRADE is not None, "a grade has a bound"


@dataclass(frozen=True)
class Numbers:
    """Every number of the model; meanings and sources stand in the document."""

    score_exponent: float
    unknown_value: float
    size_floor: float
    size_plateau_end: float
    size_limit_factory: float
    size_limit_land: float
    height_comfort_m: float
    load_comfort_ratio: float
    met_exactly: float
    cost_full_ratio: float
    cost_zero_ratio: float
    timing_zero_days: float
    code_weight_main: float
    code_weight_other: float
    same_class: float
    same_group: float
    same_division: float
    same_section: float
    capital_recovery_factor: float
    contribution_return: float
    works_life_years: float
    few_fit: float
    # What the first version, without templates, did not know: the value that leaves it out.
    lead_share: float = 1.0
    density_share: float = 0.0
    anchor_share: float = 0.0
    density_floor: float = 0.6
    density_half: float = 3.0
    anchor_scale_m: float = 15_000.0
    anchor_reach_m: float = 30_000.0
    location_scale_m: float = 30_000.0
    condition_best: float = 5.0
    condition_unsurveyed: float = 0.0
    condition_loss_year: float = 0.0
    expansion_floor: float = 0.3
    # What the versions without choices did not know: the value that leaves it out.
    power_zero_ratio: float = 1.0
    rows_to_confirm: float = 0.0


@dataclass(frozen=True)
class Choices:
    """What a version does differently from the first ones, which did none of it; meanings stand in the document."""

    #: Where nobody knows the firms nearby, their share of the industry fit goes to what leads and who is there.
    shares_unknown_anchors: bool = False
    #: Connections of a plot, else its surveyed grade, weigh as its condition.
    weighs_land_condition: bool = False
    #: A contribution is held against the price that a firm would pay at most, where it states no yearly cost.
    prices_contributions: bool = False
    #: Mortgaged property cannot be contributed with the creditor's consent alone.
    confirms_secured_contributions: bool = False
    #: A part of what may not be divisible is to confirm also where no bound of the area is stated.
    confirms_parts_in_doubt: bool = False


#: Least and most of a number; of one that is not here it is LEAST and MOST.
SHARE, POSITIVE = (0.0, 1.0), (1e-6, 1e9)
LEAST, MOST = 0.0, 1e9
RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        **dict.fromkeys(("score_exponent", "unknown_value", "size_floor", "met_exactly", "expansion_floor"), SHARE),
        **dict.fromkeys(("code_weight_main", "code_weight_other"), SHARE),
        **dict.fromkeys(("same_class", "same_group", "same_division", "same_section"), SHARE),
        **dict.fromkeys(("lead_share", "density_share", "anchor_share", "density_floor"), SHARE),
        **dict.fromkeys(("condition_unsurveyed", "condition_loss_year", "contribution_return"), SHARE),
        **dict.fromkeys(("works_life_years", "timing_zero_days", "density_half"), POSITIVE),
        **dict.fromkeys(("anchor_scale_m", "location_scale_m"), POSITIVE),
        "capital_recovery_factor": (POSITIVE[0], 1.0),
        "condition_best": (float(GRADE.most), MOST),
        "power_zero_ratio": SHARE,
        "rows_to_confirm": (0.0, 100.0),
        "size_plateau_end": (1.0, MOST),  # a multiple of what is preferred
    }
)

#: Numbers that count.
WHOLE = frozenset({"rows_to_confirm"})


@dataclass(frozen=True)
class Template:
    """Importances of a sector. `codes` are prefixes of products it serves; none: whatever no other serves."""

    name: str
    zh: str
    en: str
    codes: tuple[str, ...]
    importances: Mapping[str, float]


@dataclass(frozen=True)
class Parameters:
    """One version of the model's numbers, default importances, sector templates, cost forms of the paths, and the taxes
    on a transfer by path, as shares of its price.

    A criterion that has no importance here is none of the version's: it never weighs. A document describes every rule
    and the cures in force; a caller of the library may leave some out.
    """

    version: str
    numbers: Numbers
    importances: Mapping[str, float]
    cost_forms: Mapping[str, str]
    templates: Mapping[str, Template] = field(default_factory=dict)
    choices: Choices = Choices()
    transfer_taxes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    rules: frozenset[str] = frozenset(RULES)
    has_cures: bool = True

    @cached_property
    def criteria(self) -> tuple[str, ...]:
        """The criteria of this version, in the fixed order of all sums."""
        return tuple(criterion for criterion in CRITERIA if criterion in self.importances)

    def with_rules(self, rules: Iterable[str]) -> Parameters:
        """The same version with these rules alone in force; the others are not applicable, whatever columns there are.

        Raises: ValueError for a name that is no rule, and without H1: every kind has its list.
        """
        chosen = frozenset(rules)
        _known_names("rules", chosen, RULES)
        if kind.RULE.id not in chosen:
            raise ValueError(f"rules: {kind.RULE.id} makes the lists; leave out the column kind instead")
        return replace(self, rules=chosen)

    def with_criteria(self, criteria: Iterable[str]) -> Parameters:
        """The same version with these criteria alone: no other weighs, even where a demand gives it an importance.

        Raises: ValueError for a name that is no criterion of this version.
        """
        chosen = frozenset(str(criterion) for criterion in criteria)
        _known_names("criteria", chosen, self.importances)
        kept = {name: importance for name, importance in self.importances.items() if name in chosen}
        return replace(self, importances=MappingProxyType(kept))

    def without_cures(self) -> Parameters:
        """The same version, in which works cure nothing: a unit stands as it is."""
        return replace(self, has_cures=False)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Parameters:
        """The version a document describes.

        Raises: ValueError naming the keys that are missing, unknown, or hold no usable value.
        """
        has_templates, has_choices = "templates" in _record("document", document), "choices" in document
        wanted = {"version", "title", "numbers", "importances", "cost_forms"}
        wanted |= {"templates"} if has_templates else set()
        wanted |= {"templates", "choices", "transfer_taxes"} if has_choices else set()
        _same_keys("document", document, wanted)
        names = _numbers(has_templates=has_templates, has_choices=has_choices)
        _same_keys("numbers", document["numbers"], names)
        criteria = _record("importances", document["importances"])
        _same_keys("importances", criteria, _criteria(criteria, has_all=has_templates))
        numbers = Numbers(**{name: _value(name, document["numbers"][name], *RANGES.get(name, ())) for name in names})
        _check(numbers)
        by_name = _record("templates", document.get("templates", {}))
        return cls(
            version=_text("version", document["version"]),
            numbers=numbers,
            importances=MappingProxyType({k: _value(k, v, *IMPORTANCE_RANGE) for k, v in criteria.items()}),
            cost_forms=MappingProxyType(_cost_forms(_record("cost_forms", document["cost_forms"]))),
            templates=MappingProxyType({name: _template(name, entry) for name, entry in by_name.items()}),
            choices=_choices(document["choices"]) if has_choices else Choices(),
            transfer_taxes=MappingProxyType(_transfer_taxes(document.get("transfer_taxes", {}))),
        )

    def template(self, stated: str | None, codes: Sequence[str]) -> Template | None:
        """The template stated, else the one whose prefix of the main product is longest, else the one for the rest.

        Raises: Invalid on `template` for one this version does not have.
        """
        if stated is not None:
            if stated not in self.templates:
                raise Invalid("not_in_vocabulary", "template", allowed=list(self.templates))
            return self.templates[stated]
        main = codes[0] if codes else ""
        fits = [
            (len(prefix), template)
            for template in self.templates.values()
            for prefix in template.codes or ("",)
            if main.startswith(prefix)
        ]
        return max(fits, key=lambda fit: fit[0])[1] if fits else None


#: Numbers of the versions with choices alone.
_SINCE_CHOICES = {"power_zero_ratio", "rows_to_confirm"}


def _numbers(*, has_templates: bool, has_choices: bool) -> set[str]:
    """The numbers a version has: the first had none with a default, those without choices none of theirs."""
    names = {number.name for number in fields(Numbers) if has_templates or number.default is MISSING}
    return names if has_choices else names - _SINCE_CHOICES


def _criteria(weighed: Collection[str], *, has_all: bool) -> set[str]:
    """What a version has: criteria are added behind those that are, so an older one has the first so many.

    The first version had seven and no templates, the second twelve.
    """
    names = tuple(CRITERIA)
    last = max((names.index(name) + 1 for name in weighed if name in CRITERIA), default=0)
    return set(names[: max(last, 12 if has_all else 7)])


def _known_names(where: str, names: Collection[str], known: Collection[str]) -> None:
    wrong = sorted(map(str, set(names) - set(known)))
    if wrong:
        raise ValueError(f"{where}: unknown: {', '.join(wrong)}")


def _template(name: str, entry: Mapping[str, Any]) -> Template:
    _same_keys(f"template {name}", entry, {"zh", "en", "codes", "importances", "source"})
    stated = _record(f"template {name}: importances", entry["importances"])
    wrong = sorted(str(c) for c, i in stated.items() if c not in CRITERIA or not _is_importance(i))
    if wrong or not entry["source"] or not any(stated.values()):
        raise ValueError(f"template {name}: no source, or importances outside 0 to 5: {', '.join(wrong)}")
    codes = entry["codes"]
    if not isinstance(codes, list | tuple) or not all(map(is_code, codes)):
        raise ValueError(f"template {name}: codes: no list of industry codes")
    zh, en = (_text(f"template {name}: {language}", entry[language]) for language in ("zh", "en"))
    return Template(name, zh, en, tuple(codes), MappingProxyType({c: float(i) for c, i in stated.items()}))


def _is_importance(value: object) -> bool:
    least, most = IMPORTANCE_RANGE
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _record(where: str, entry: Any) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise ValueError(f"{where}: no object")
    return entry


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{where}: no text")
    return value


def _same_keys(where: str, entry: Any, wanted: set[str]) -> None:
    wrong = sorted(map(str, set(_record(where, entry)) ^ wanted))
    if wrong:
        raise ValueError(f"{where}: missing or unknown: {', '.join(wrong)}")


def _value(name: str, entry: Any, least: float = LEAST, most: float = MOST) -> float:
    _same_keys(name, entry, {"value", "meaning", "source"})
    value = entry["value"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError(f"{name}: not a finite number of at least 0")
    if not least <= value <= most:
        raise ValueError(f"{name}: {value} is outside {least:g} to {most:g}")
    if name in WHOLE and value != int(value):
        raise ValueError(f"{name}: {value} is no whole number")
    if not entry["meaning"] or not entry["source"]:
        raise ValueError(f"{name}: says no meaning or no source")
    return float(value)


def _choices(entries: Mapping[str, Any]) -> Choices:
    _same_keys("choices", entries, {choice.name for choice in fields(Choices)})
    for name, entry in entries.items():
        _same_keys(name, entry, {"value", "meaning", "source"})
        if not isinstance(entry["value"], bool) or not entry["meaning"] or not entry["source"]:
            raise ValueError(f"{name}: true or false, with its meaning and its source")
    return Choices(**{name: entry["value"] for name, entry in entries.items()})


def _transfer_taxes(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, float]]:
    """The rates by path and tax. Raises: ValueError for a path or tax nobody knows, or a rate of 1 or more."""
    taxes: dict[str, Mapping[str, float]] = {}
    for path, rates in _record("transfer_taxes", entries).items():
        where = f"transfer_taxes.{path}"
        if path not in TITLE_PATHS or not set(_record(where, rates)) <= set(TransferTax):
            raise ValueError(f"{where}: a path that moves title, with taxes on it")
        taxes[path] = MappingProxyType({tax: _value(f"{where}.{tax}", rate, *SHARE) for tax, rate in rates.items()})
        if sum(taxes[path].values()) >= 1:
            raise ValueError(f"{where}: below 1 together")
    return taxes


def _check(numbers: Numbers) -> None:
    if numbers.score_exponent not in (0.5, 1.0):
        raise ValueError("score_exponent: the model knows 0.5 and 1 alone")
    if not numbers.cost_full_ratio < numbers.cost_zero_ratio:
        raise ValueError("cost_full_ratio: below cost_zero_ratio")
    shares = (numbers.lead_share, numbers.density_share, numbers.anchor_share)
    if abs(sum(shares) - 1) > 1e-9:
        raise ValueError("lead_share, density_share, anchor_share: together 1")
    if not numbers.size_plateau_end < min(numbers.size_limit_factory, numbers.size_limit_land):
        raise ValueError("size_plateau_end: below both size limits")


def _cost_forms(entries: Mapping[str, str]) -> dict[str, str]:
    wrong = sorted(str(key) for key, form in entries.items() if key not in set(Path) or form not in [*FORMS])
    if wrong:
        raise ValueError(f"cost_forms: unknown: {', '.join(wrong)}")
    return dict(entries)
