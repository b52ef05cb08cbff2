"""Areas and money: exact where they can be, rounded in one way where they cannot."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.quantity import area_m2, area_mu, areas_differ, decimal_text, shown_mu, two_places
from domain.words import AreaUnit

AREAS = st.decimals(min_value=0, max_value=10**9, places=4)


@pytest.mark.parametrize(
    ("value", "unit", "m2", "mu"),
    [
        ("38000", "m2", "38000", "57.0000"),
        ("857", "mu", "571333.3333", "857"),
        ("3", "mu", "2000.0000", "3"),
        ("1.5", "ha", "15000.0", "22.5"),
        ("0", "mu", "0.0000", "0"),
    ],
)
def test_area_in_each_unit(value: str, unit: str, m2: str, mu: str) -> None:
    in_m2 = area_m2(Decimal(value), AreaUnit(unit))
    in_mu = area_mu(Decimal(value), AreaUnit(unit))

    assert (str(in_m2), str(in_mu)) == (m2, mu)


@given(AREAS)
def test_area_mu_of_m2_is_exact(m2: Decimal) -> None:
    assert area_mu(m2, AreaUnit.m2) * 2000 == m2 * 3


@given(AREAS)
def test_area_m2_of_mu_is_within_half_a_unit_of_its_last_place(mu: Decimal) -> None:
    assert abs(area_m2(mu, AreaUnit.mu) * 3 - mu * 2000) <= Decimal("0.00015")


def test_areas_differ_beyond_a_hundredth_of_a_mu_on_small_plots() -> None:
    assert not areas_differ(Decimal(1000), Decimal("1006.66"))
    assert not areas_differ(Decimal(1000), Decimal("993.34"))
    assert areas_differ(Decimal(1000), Decimal("1006.67"))
    assert areas_differ(Decimal(1000), Decimal("993.33"))


def test_areas_differ_beyond_half_a_percent_of_the_stated_on_large_plots() -> None:
    assert not areas_differ(Decimal(10000), Decimal(10050))
    assert areas_differ(Decimal(10000), Decimal("10050.01"))
    assert not areas_differ(Decimal(10000), Decimal(9950))
    assert areas_differ(Decimal(10000), Decimal("9949.99"))


def test_two_places_rounds_half_away_from_zero() -> None:
    assert [str(two_places(Decimal(value))) for value in ("0.005", "0.015", "-0.005", "1", "2.994999")] == [
        "0.01",
        "0.02",
        "-0.01",
        "1.00",
        "2.99",
    ]


def test_shown_mu_has_two_decimals() -> None:
    assert [shown_mu(Decimal(value)) for value in ("857", "57.0000", "0.0015")] == ["857.00", "57.00", "0.00"]


def test_decimal_text_has_no_exponent_and_keeps_zeros() -> None:
    assert [decimal_text(Decimal(value)) for value in ("1E+3", "1E-7", "38000.00")] == ["1000", "0.0000001", "38000.00"]
