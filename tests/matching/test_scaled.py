"""Scaled integers: exactness at a bound, and what is unknown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.scaled import AREA, MONEY, days, quantise, quantise_bound


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from([Decimal, float]))
def test_two_decimals_come_back_exactly(value: Decimal, kind: type) -> None:
    assert quantise([kind(value)], AREA).values.tolist() == [int(value * 100)]


def test_857_mu_meets_a_bound_of_857_mu() -> None:
    stored = (Decimal(857) * 2000 / 3).quantize(Decimal("0.01"))

    assert quantise_bound(stored, AREA) == 57133333
    assert quantise([stored, float(stored)], AREA).values.tolist() == [57133333, 57133333]


def test_missing_figures_are_unknown_and_zero_is_a_figure() -> None:
    column = quantise([None, float("nan"), 0, Decimal("0.5")], MONEY)

    assert column.known.tolist() == [False, False, True, True]
    assert column.values.tolist() == [0, 0, 0, 50]


def test_bound_of_zero_is_not_mentioned() -> None:
    bounds = (None, 0, Decimal("0.00"), Decimal("0.01"))

    assert [quantise_bound(bound, AREA) for bound in bounds] == [None, None, None, 1]


@pytest.mark.parametrize("value", [float("inf"), Decimal("1e20")])
def test_figure_too_great_to_be_exact_is_refused(value: float | Decimal) -> None:
    with pytest.raises(ValueError, match="does not fit whole steps of 1/100"):
        quantise([value], AREA)


def test_columns_are_narrow_where_they_can_be_and_cannot_be_written() -> None:
    narrow, wide = quantise([1], AREA), quantise([Decimal("30000000")], AREA)

    assert (narrow.values.dtype.name, wide.values.dtype.name) == ("int32", "int64")
    with pytest.raises(ValueError, match="read-only"):
        narrow.values[0] = 2


def test_dates_are_whole_days() -> None:
    column = days([date(2025, 6, 1), None])

    assert column.values.tolist() == [date(2025, 6, 1).toordinal(), 0]
    assert column.known.tolist() == [True, False]
