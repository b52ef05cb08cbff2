"""Units as people write them: which they are, and by how much a value is multiplied."""

from __future__ import annotations

from fractions import Fraction

import pytest

from domain.fields import ASSET
from ledger.units import factor_to, measure, multiple_of
from texts.lookup import label, languages


@pytest.mark.parametrize(
    ("written", "own", "factor"),
    [
        ("亩", "m2", Fraction(2000, 3)),
        ("公顷", "m2", 10_000),
        ("万㎡", "m2", 10_000),
        ("万平方米", "m2", 10_000),
        ("平方公里", "m2", 1_000_000),
        ("cm", "m", Fraction(1, 100)),
        ("元/㎡·天", "yuan/m2/month", Fraction(365, 12)),
        ("元/平方米/月", "yuan/m2/month", 1),
        ("元每平米每月", "yuan/m2/month", 1),
        ("元／（㎡・月）", "yuan/m2/month", 1),
        ("元/㎡/年", "yuan/m2/month", Fraction(1, 12)),
        ("万元/亩·年", "yuan/m2/month", Fraction(15, 12)),
        ("万元/亩", "yuan/m2", 15),
        ("万元", "yuan", 10_000),
        ("亿元", "yuan", 100_000_000),
        ("吨/㎡", "kN/m2", Fraction("9.80665")),
        ("KN/m²", "kN/m2", 1),
        ("kPa", "kN/m2", 1),
        ("kg/㎡", "kN/m2", Fraction("0.00980665")),
        ("MVA", "kVA", 1000),
        ("千克", "t", Fraction(1, 1000)),
        ("方/天", "t/d", 1),
        ("吨/日", "t/d", 1),
        ("立方米/日", "m3/d", 1),
        ("万元/亩", "wan_yuan/mu", 1),
        ("年", "month", 12),
        ("%", "%", 1),
        ("台", "", 1),
    ],
)
def test_a_unit_is_turned_into_that_of_a_field_exactly(written: str, own: str, factor: Fraction) -> None:
    assert factor_to(written, own) == factor


@pytest.mark.parametrize(
    ("written", "own"),
    [
        ("万元", "yuan/m2"),
        ("元/㎡", "yuan/m2/month"),
        ("米", "m2"),
        ("kW", "kVA"),
        ("立方米/日", "t/h"),
        ("方/天", "t/h"),
        ("m", ""),
    ],
)
def test_a_unit_of_another_kind_is_not_turned(written: str, own: str) -> None:
    assert factor_to(written, own) is None


@pytest.mark.parametrize("text", ["", "元元", "/㎡", "元/", "万", "米以上", "元/万", "吨㎡", "12", "面积"])
def test_what_is_no_unit_is_none(text: str) -> None:
    assert measure(text) is None


def test_every_unit_of_the_fields_is_read_as_it_is_shown() -> None:
    units = {field.unit for field in ASSET.values() if field.unit}
    shown = {(label("unit", unit, language), unit) for unit in units for language in languages()}

    assert {text: factor_to(text, unit) for text, unit in shown} == {text: 1 for text, _ in shown}
    assert len(units) > 15


def test_a_number_in_words_multiplies() -> None:
    assert [multiple_of(text) for text in ("万", "亿", "万元", "")] == [10_000, 100_000_000, None, None]
