"""The numbers of a model version, read from a versioned document, never from code.

The document says of every number what it means and where it comes from; a number it lacks, or one the model does not
know,
is refused, so that a version is exactly what its document says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from domain.words import Criterion, Path

#: How a path is paid for: by rent, by price, or by a valued contribution. A path without a form has no cost of its own.
COST_FORMS = ("rent", "price", "contribution")


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


@dataclass(frozen=True)
class Parameters:
    """One version of the model's numbers, default importances and cost forms of the paths."""

    version: str
    numbers: Numbers
    importances: Mapping[str, float]
    cost_forms: Mapping[str, str]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Parameters:
        """The version a document describes.

        Raises: ValueError naming the keys that are missing, unknown, or hold no usable value.
        """
        _same_keys("document", document, {"version", "title", "numbers", "importances", "cost_forms"})
        names = {field.name for field in fields(Numbers)}
        _same_keys("numbers", document["numbers"], names)
        _same_keys("importances", document["importances"], {str(criterion) for criterion in Criterion})
        numbers = Numbers(**{name: _value(name, document["numbers"][name]) for name in names})
        _check(numbers)
        return cls(
            version=str(document["version"]),
            numbers=numbers,
            importances=MappingProxyType({k: _value(k, v) for k, v in document["importances"].items()}),
            cost_forms=MappingProxyType(_cost_forms(document["cost_forms"])),
        )


def _same_keys(where: str, given: Mapping[str, Any], wanted: set[str]) -> None:
    wrong = sorted(set(given) ^ wanted)
    if wrong:
        raise ValueError(f"{where}: missing or unknown: {', '.join(wrong)}")


def _value(name: str, entry: Mapping[str, Any]) -> float:
    _same_keys(name, entry, {"value", "meaning", "source"})
    value = entry["value"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"{name}: not a finite number of at least 0")
    if not entry["meaning"] or not entry["source"]:
        raise ValueError(f"{name}: says no meaning or no source")
    return float(value)


def _check(numbers: Numbers) -> None:
    if numbers.score_exponent not in (0.5, 1.0):
        raise ValueError("score_exponent: the model knows 0.5 and 1 alone")
    if numbers.works_life_years == 0 or numbers.timing_zero_days == 0:
        raise ValueError("works_life_years, timing_zero_days: above 0")
    if not numbers.cost_full_ratio < numbers.cost_zero_ratio:
        raise ValueError("cost_full_ratio: below cost_zero_ratio")
    if not numbers.size_plateau_end < min(numbers.size_limit_factory, numbers.size_limit_land):
        raise ValueError("size_plateau_end: below both size limits")


def _cost_forms(entries: Mapping[str, str]) -> dict[str, str]:
    wrong = sorted(key for key, form in entries.items() if key not in set(Path) or form not in COST_FORMS)
    if wrong:
        raise ValueError(f"cost_forms: unknown: {', '.join(wrong)}")
    return dict(entries)
