"""The document of a version: what it says and what it may not say."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from domain.words import RENTED_PATHS, Criterion
from matching import Parameters
from tests.matching.samples import DOCUMENT, PARAMETERS


def changed(**numbers: Any) -> dict[str, Any]:
    document = deepcopy(DOCUMENT)
    document["numbers"] |= {name: {"value": v, "meaning": "m", "source": "s"} for name, v in numbers.items()}
    return document


def test_version_and_its_defaults_are_read() -> None:
    assert PARAMETERS.version == "R1-spine"
    assert dict(PARAMETERS.importances) == dict.fromkeys((str(criterion) for criterion in Criterion), 3.0)
    assert {path for path, form in PARAMETERS.cost_forms.items() if form == "rent"} == {str(p) for p in RENTED_PATHS}


def test_capital_recovery_factor_is_the_annuity_of_20_years_at_4_5_percent() -> None:
    growth = Decimal("1.045") ** 20

    factor = Decimal("0.045") * growth / (growth - 1)

    assert PARAMETERS.numbers.capital_recovery_factor == float(round(factor, 12))


@pytest.mark.parametrize("part", ["numbers", "importances", None])
def test_unknown_and_missing_keys_are_named(part: str | None) -> None:
    more, less = deepcopy(DOCUMENT), deepcopy(DOCUMENT)
    (more if part is None else more[part])["luck"] = {"value": 1, "meaning": "m", "source": "s"}
    gone = next(iter(less if part is None else less[part]))
    del (less if part is None else less[part])[gone]

    with pytest.raises(ValueError, match="missing or unknown: luck"):
        Parameters.from_document(more)
    with pytest.raises(ValueError, match=f"missing or unknown: {gone}"):
        Parameters.from_document(less)


@pytest.mark.parametrize("value", [None, "0.3", True, float("nan"), -1])
def test_number_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="unknown_value: not a finite number of at least 0"):
        Parameters.from_document(changed(unknown_value=value))


def test_number_without_a_source_is_refused() -> None:
    document = changed(unknown_value=0.3)
    document["numbers"]["unknown_value"]["source"] = ""

    with pytest.raises(ValueError, match="unknown_value: says no meaning or no source"):
        Parameters.from_document(document)


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        ({"score_exponent": 0.7}, "score_exponent"),
        ({"works_life_years": 0}, "works_life_years"),
        ({"cost_full_ratio": 1.0}, "cost_full_ratio"),
        ({"size_limit_land": 1.05}, "size_plateau_end"),
    ],
)
def test_numbers_the_formulas_cannot_take_are_refused(numbers: dict[str, float], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Parameters.from_document(changed(**numbers))


def test_cost_form_of_an_unknown_path_is_refused() -> None:
    document = deepcopy(DOCUMENT)
    document["cost_forms"] |= {"gift": "rent", "merger": "love"}

    with pytest.raises(ValueError, match="cost_forms: unknown: gift, merger"):
        Parameters.from_document(document)
