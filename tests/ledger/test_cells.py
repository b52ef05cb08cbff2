"""Cells by the kind of their field: what they mean, and what is said of those that mean nothing."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.fields import ASSET
from ledger.cells import CLEAR, NOTHING, ColumnOptions, Converted, Marker, converted, converter, vocabulary_of
from texts.words import word_label


def cell(field: str, value: Any, unit: str | None = None) -> Converted:
    return converter(ASSET[field], ColumnOptions(unit))(value)


def code_of(field: str, value: Any, unit: str | None = None) -> str:
    result = cell(field, value, unit)
    assert result.fault is not None and result.is_error and result.value is Marker.nothing
    return result.fault.code


@pytest.mark.parametrize(
    ("field", "value", "unit", "expected"),
    [
        ("clear_height_m", "8.5", None, Decimal("8.5")),
        ("clear_height_m", "约８．５米左右", None, Decimal("8.5")),
        ("clear_height_m", "850cm", None, Decimal("8.5")),
        ("clear_height_m", 8500.0, "毫米", Decimal("8.5")),
        ("clear_height_m", 0.1 + 0.2, None, Decimal("0.3")),
        ("available_area_m2", "1,200.5 ㎡", None, Decimal("1200.5")),
        ("available_area_m2", "1.2万平方米", None, Decimal("12000")),
        ("available_area_m2", "1.2万", None, Decimal("12000")),
        ("available_area_m2", 100.0, "亩", Decimal("66666.67")),
        ("available_area_m2", "100㎡", "亩", Decimal("100")),
        ("floor_load_kn_m2", 2.0, "吨/㎡", Decimal("19.61")),
        ("rent_yuan_m2_month", "¥15", None, Decimal("15")),
        ("rent_yuan_m2_month", 0.5, "元/㎡·天", Decimal("15.21")),
        ("price_yuan_m2", "30万元/亩", None, Decimal("450")),
        ("contribution_yuan", "1.25亿元", None, Decimal("125000000")),
        ("power_kva", "630KVA", None, Decimal("630")),
        ("storeys", "3层", None, 3),
        ("storeys", "单层", None, 1),
        ("floor_no", -1.0, None, -1),
        ("min_lease_months", "3年", None, 36),
        ("built_year", "2015年", None, 2015),
        ("density_max", "35%", None, 35),
        ("green_ratio", 0.155, "1", 15.5),
        ("crane_t", 0.0, None, Decimal(0)),
    ],
)
def test_a_number_is_taken_in_its_unit(field: str, value: Any, unit: str | None, expected: Any) -> None:
    result = cell(field, value, unit)

    assert (result.value, type(result.value), result.fault) == (expected, type(expected), None)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("857亩", None, (Decimal("857"), "mu")),
        (3.8, "万㎡", (Decimal("3.8"), "ha")),
        ("1,200㎡", "亩", (Decimal("1200"), "m2")),
        (2.0, "平方公里", (Decimal("2000000"), "m2")),
        (1200.0, None, (Decimal("1200"), None)),
    ],
)
def test_a_stated_area_keeps_its_unit(value: Any, unit: str | None, expected: tuple[Decimal, str | None]) -> None:
    result = cell("stated_area", value, unit)

    assert (result.value, result.beside) == expected


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("clear_height_m", "8~10米", "cell_is_span"),
        ("clear_height_m", "8-10", "cell_is_span"),
        ("clear_height_m", "8米以上", "cell_is_span"),
        ("clear_height_m", "≥8", "cell_is_span"),
        ("clear_height_m", "十米", "cell_not_number"),
        ("clear_height_m", "12,34", "cell_not_number"),
        ("clear_height_m", True, "cell_not_number"),
        ("clear_height_m", datetime(2025, 8, 1), "cell_not_number"),
        ("clear_height_m", float("nan"), "cell_not_number"),
        ("clear_height_m", "8吨", "unit_does_not_fit"),
        ("clear_height_m", "8排", "unit_unknown"),
        ("clear_height_m", "1e9", "out_of_range"),
        ("clear_height_m", "9" * 400, "out_of_range"),
        ("crane_t", "无", "cell_says_none"),
        ("price_yuan_m2", "300万元", "unit_does_not_fit"),
        ("storeys", 2.5, "too_precise"),
        ("is_divisible", "也许", "cell_not_flag"),
        ("is_divisible", 2.0, "cell_not_flag"),
        ("fire_hazard_class", "己类", "cell_not_word"),
        ("allowed_paths", "租赁、赠送", "cell_not_word"),
        ("allowed_industries", "汽车", "industry_form"),
        ("available_from", "下月", "cell_not_day"),
        ("available_from", False, "cell_not_day"),
        ("code", datetime(2024, 3, 1), "text_became_day"),
        ("name", True, "cell_not_text"),
        ("name", "x" * 201, "text_too_long"),
        ("name", "厂房\u202e", "text_hidden"),
        ("name", "标准厂房\ufffd", "text_garbled"),
        ("name", "±ê×¼³§·¿", "text_garbled"),
        ("name", "鏍囧噯鍘傛埧", "text_garbled"),
        ("name", "锟斤拷锟斤拷", "text_garbled"),
        ("id", "17", "wrong_type"),
    ],
)
def test_a_cell_that_means_nothing_is_said(field: str, value: Any, code: str) -> None:
    assert code_of(field, value) == code


def test_what_is_rounded_is_said() -> None:
    result = cell("clear_height_m", 8.126)

    assert result.value == Decimal("8.13")
    assert result.fault is not None and not result.is_error
    assert (result.fault.code, result.fault.params) == ("cell_rounded", {"places": 2, "becomes": "8.13"})


@pytest.mark.parametrize("value", ["2024-03", "007", "1E5", "3/1/24", "1,200", "TRUE", "是", "12㎡", "=1+1"])
def test_a_text_that_looks_like_something_else_stays_a_text(value: str) -> None:
    assert cell("code", value) == Converted(value)


@pytest.mark.parametrize(
    ("value", "text"), [(7.0, "7"), (100000.0, "100000"), (1e15, "1000000000000000"), (0.5, "0.5"), (12, "12")]
)
def test_a_number_in_a_column_of_texts_loses_no_digit(value: float, text: str) -> None:
    assert cell("code", value) == Converted(text)


def test_breaks_within_a_line_of_text_are_spaces_and_stay_in_remarks() -> None:
    assert cell("name", " 一号\n厂房 ").value == "一号 厂房"
    assert cell("remarks", "一\n二").value == "一\n二"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("是", True), ("有", True), ("√", True), ("可以", True), ("Yes", True), (1.0, True), (True, True),
     ("否", False), ("无", False), ("×", False), ("未办", False), ("n", False), (0.0, False)],
)  # fmt: skip
def test_yes_and_no_are_read(value: Any, expected: bool) -> None:
    assert cell("is_divisible", value).value is expected


WORDS = [(name, word) for name, field in ASSET.items() if field.type in ("word", "words") for word in field.words]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_is_read_as_it_is_shown(language: str) -> None:
    texts = {(name, word): word_label(vocabulary_of(ASSET[name]), word, language) for name, word in WORDS}

    read = {key: cell(key[0], text).value for key, text in texts.items()}

    expected = {(name, word): [word] if ASSET[name].type == "words" else word for name, word in texts}
    assert read == expected
    assert len(WORDS) > 60


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("fire_hazard_class", "丙", "C"),
        ("fire_hazard_class", "c", "C"),
        ("level", "整栋", "building"),
        ("mortgage", "未抵押", "none"),
        ("idle_basis", "低效", "inefficient"),
        ("planned_use_system", "GB50137", "GB50137"),
        ("allowed_paths", "租/售", ["lease", "sale"]),
        ("allowed_paths", "equity swap; lease", ["equity_swap", "lease"]),
        ("allowed_paths", "出租 转让", ["lease", "sale"]),
        ("allowed_paths", '["lease", "sale"]', ["lease", "sale"]),
        ("allowed_paths", ["lease"], ["lease"]),
        ("connections", "通路，通电、通给水", ["road", "power_supply", "water_supply"]),
        ("allowed_industries", 3752.0, ["3752"]),
        ("allowed_industries", "3752、3360 33", ["3752", "3360", "33"]),
    ],
)
def test_words_and_lists_are_read_as_people_write_them(field: str, value: Any, expected: Any) -> None:
    assert cell(field, value).value == expected


def test_a_day_says_how_exactly_it_is_known_where_the_field_keeps_that() -> None:
    assert cell("completed_on", "2015年")[:2] == (date(2015, 1, 1), "year")
    assert cell("completed_on", 42005.0)[:2] == (date(2015, 1, 1), "day")
    result = cell("available_from", "2026-05")
    assert (result.value, result.beside, result.is_error) == (date(2026, 5, 1), None, False)
    assert result.fault is not None and result.fault.code == "day_assumed"


@pytest.mark.parametrize("value", ["", "  ", "\u3000", None, "-", "—", "/", "不详", "N/A", "暂无"])
def test_an_empty_cell_says_nothing(value: Any) -> None:
    for field in ("clear_height_m", "is_divisible", "available_from", "fire_hazard_class"):
        assert converted([value], converter(ASSET[field], ColumnOptions())) == [NOTHING]


@pytest.mark.parametrize("value", ["清空", "CLEAR", " clear "])
def test_clearing_is_said_in_words(value: str) -> None:
    for field in ("clear_height_m", "name", "remarks", "allowed_paths", "available_from"):
        assert cell(field, value) == CLEAR


def test_no_cell_changes_what_another_means() -> None:
    convert = converter(ASSET["code"], ColumnOptions())
    values: list[Any] = [1.0, True, "1", "", "1.0", 1.5, None, 1]

    together = converted(values, convert)

    assert together == [NOTHING if value in ("", None) else convert(value) for value in values]
    assert [result.value for result in together if result.fault is None and result is not NOTHING] == [
        "1", "1", "1.0", "1.5", "1",
    ]  # fmt: skip
