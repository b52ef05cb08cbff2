"""The document of a version: what it says and what it may not say."""

from __future__ import annotations

import json
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from domain.errors import Invalid
from domain.words import RENTED_PATHS
from matching import Parameters
from matching.parameters import Choices
from matching.rules import CRITERIA
from tests.matching.samples import DOCUMENT, PARAMETERS, ROOT, SECOND, SPINE
from tests.matching.test_sameness import answer, samples


def changed(**numbers: Any) -> dict[str, Any]:
    document = deepcopy(DOCUMENT)
    document["numbers"] |= {name: stated(value) for name, value in numbers.items()}
    return document


def stated(value: Any, source: str = "s") -> dict[str, Any]:
    return {"value": value, "meaning": "m", "source": source}


def test_version_and_its_defaults_are_read() -> None:
    assert (PARAMETERS.version, SPINE.version) == ("R1", "R1-spine")
    assert list(PARAMETERS.importances) == list(CRITERIA)[:12]
    assert list(SPINE.importances) == list(CRITERIA)[:7]
    assert (SPINE.numbers.lead_share, PARAMETERS.numbers.lead_share) == (1.0, 0.4)
    assert {path for path, form in PARAMETERS.cost_forms.items() if form == "rent"} == {str(p) for p in RENTED_PATHS}


def test_the_second_version_says_what_it_does_differently() -> None:
    assert (SECOND.version, SECOND.choices, PARAMETERS.choices) == (
        "R2",
        Choices(True, True, True, True, True),
        Choices(),
    )
    taxes = {"deed_tax": 0.03, "stamp_duty": 0.0005}
    assert SECOND.transfer_taxes == {"sale": taxes, "equity_swap": taxes}
    assert SECOND.cost_forms == {**PARAMETERS.cost_forms, "built_to_suit": "price"}
    assert (PARAMETERS.numbers.power_zero_ratio, PARAMETERS.numbers.rows_to_confirm) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("part", "entry", "problem"),
    [
        ("choices", {"luck": stated(True)}, "choices: missing or unknown: luck"),
        ("choices", {"weighs_land_condition": stated(1)}, "weighs_land_condition: true or false"),
        ("choices", {"weighs_land_condition": stated(True, source="")}, "weighs_land_condition: true or false"),
        ("transfer_taxes", {"lease": {}}, "transfer_taxes.lease: a path that moves title"),
        ("transfer_taxes", {"sale": {"vat": stated(0.1)}}, "transfer_taxes.sale: a path that moves title"),
        ("transfer_taxes", {"sale": {"deed_tax": stated(-1)}}, "transfer_taxes.sale.deed_tax: not a finite"),
        ("transfer_taxes", {"sale": {"deed_tax": stated(1)}}, "transfer_taxes.sale: below 1 together"),
    ],
)
def test_choices_and_taxes_nobody_knows_are_refused(part: str, entry: dict[str, Any], problem: str) -> None:
    document = deepcopy(json.loads((ROOT / "fixtures/reference/matching_4.json").read_text(encoding="utf-8")))
    document[part] |= entry

    with pytest.raises(ValueError, match=problem):
        Parameters.from_document(document)


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


@pytest.mark.parametrize(
    ("stated", "codes", "name"),
    [
        (None, ("3752", "2929"), "vehicles"),
        (None, ("2929", "3752"), "materials"),
        (None, ("7510",), "general"),
        (None, (), "general"),
        ("electronics", ("3752",), "electronics"),
    ],
)
def test_template_is_stated_or_found_by_the_main_product(stated: str | None, codes: tuple[str, ...], name: str) -> None:
    template = PARAMETERS.template(stated, codes)

    assert template is not None
    assert template.name == name
    assert SPINE.template(None, codes) is None


def test_template_nobody_knows_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        PARAMETERS.template("alchemy", ())

    (fault,) = refused.value.faults
    assert (fault.code, fault.field) == ("not_in_vocabulary", "template")


@pytest.mark.parametrize("importances", [{}, {"size": 6}, {"size": 0}, {"luck": 3}, {"size": True}])
def test_template_that_weighs_nothing_or_wrongly_is_refused(importances: dict[str, Any]) -> None:
    document = deepcopy(DOCUMENT)
    document["templates"]["vehicles"]["importances"] = importances

    with pytest.raises(ValueError, match="template vehicles"):
        Parameters.from_document(document)


def test_every_template_says_that_it_is_illustrative() -> None:
    assert len(DOCUMENT["templates"]) == 6
    assert all(entry["source"].startswith("illustrative") for entry in DOCUMENT["templates"].values())


def test_a_criterion_that_nobody_mentions_changes_no_answer() -> None:
    newest = Parameters.from_document(
        json.loads((ROOT / "fixtures/reference/matching_3.json").read_text(encoding="utf-8"))
    )
    for _, demand, _, catalogue in samples():
        before, after = (answer(demand, catalogue, parameters, limit=10) for parameters in (PARAMETERS, newest))
        for document in (before, after):
            document.pop("model_version")
            for part in document["lists"].values():
                part.pop("importances")
        assert before == after
