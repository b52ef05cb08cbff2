"""A need from the fields of a demand: defaults, bounds not mentioned, words refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from domain.errors import Invalid
from domain.words import Path
from matching import Demand
from matching.codes import ALL_PATHS
from matching.demand.preferences import AreaPreference
from tests.matching.samples import need


def read(**changes: Any) -> Demand:
    return Demand.from_fields(need(**changes))


@pytest.mark.parametrize(
    ("least", "preferred", "greatest", "expected"),
    [
        (4200, None, 5500, AreaPreference(420000, 462000, 550000)),
        (None, None, 5500, AreaPreference(None, 500000, 550000)),
        (4200, 5000, 5500, AreaPreference(420000, 500000, 550000)),
        (0, 0, 0, AreaPreference(None, None, None)),
        (None, 5000, None, AreaPreference(None, 500000, None)),
    ],
)
def test_preferred_area_follows_from_the_bounds(
    least: int | None, preferred: int | None, greatest: int | None, expected: AreaPreference
) -> None:
    made = read(floor_area_m2_min=least, floor_area_m2_pref=preferred, floor_area_m2_max=greatest)

    assert made.areas["factory"] == expected
    assert made.areas["land"] == AreaPreference(None, None, None)


def test_preferred_power_is_1_6_of_the_minimum() -> None:
    assert (read(power_kva_min=Decimal("500.5")).power_preferred, read(power_kva_min=0).power_preferred) == (8008, None)
    assert read(power_kva_pref=700).power_preferred == 7000


def test_the_registered_industry_serves_only_where_no_product_is_declared() -> None:
    declared = read(product_codes=["3752"], registered_industry_code="2922")
    registered = read(product_codes=[], registered_industry_code="2922")
    neither = read(product_codes=[])

    assert (declared.codes, declared.codes_basis) == (("3752",), "declared")
    assert (registered.codes, registered.codes_basis) == (("2922",), "registered")
    assert (neither.codes, neither.codes_basis) == ((), None)


def test_tolerance_is_60_days_unless_said_and_none_may_be_said() -> None:
    assert (read().tolerance_days, read(timing_tolerance_days=0).tolerance_days) == (60, 0)


def test_no_accepted_path_means_every_path() -> None:
    assert (read(accepted_paths=[]).paths, read(accepted_paths=None).paths) == (ALL_PATHS, ALL_PATHS)
    assert read(accepted_paths=[str(path) for path in Path]).paths == ALL_PATHS


def test_kinds_stand_in_their_own_order_once() -> None:
    assert read(kinds=["factory", "land", "factory"]).kinds == ("land", "factory")


def test_other_fields_of_a_demand_are_passed_over() -> None:
    assert read(title="hall", firm_id="f", output_yuan_year=5) == read()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kinds", []),
        ("kinds", ["boat"]),
        ("accepted_paths", ["gift"]),
        ("fire_hazard_class", "F"),
        ("clear_height_at", "at_door"),
    ],
)
def test_words_outside_the_vocabulary_are_refused(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        read(**{field: value})

    (fault,) = refused.value.faults
    assert (fault.code, fault.field) == ("not_in_vocabulary", field)
