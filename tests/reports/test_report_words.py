"""Periods, days and amounts as papers say them, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from fixtures.reference import industries
from reports.paper import Growth, KnownDay, Paper, Share
from reports.words import ReportWords, months_in
from texts.lookup import tables

PERIODS = [
    ("2025-01-01", "2025-12-31", "2025年", "the year 2025"),
    ("2025-01-01", "2025-06-30", "2025年上半年", "first half of 2025"),
    ("2025-07-01", "2025-12-31", "2025年下半年", "second half of 2025"),
    ("2025-01-01", "2025-03-31", "2025年第一季度", "first quarter of 2025"),
    ("2025-10-01", "2025-12-31", "2025年第四季度", "fourth quarter of 2025"),
    ("2024-02-01", "2024-02-29", "2024年2月", "February 2024"),
    ("2025-06-30", "2025-06-30", "2025年6月30日", "30 June 2025"),
    ("2025-02-01", "2025-02-27", "2025年2月1日至2025年2月27日", "1 February 2025 to 27 February 2025"),
    ("2025-02-01", "2025-04-30", "2025年2月1日至2025年4月30日", "1 February 2025 to 30 April 2025"),
    ("2024-07-01", "2025-06-30", "2024年7月1日至2025年6月30日", "1 July 2024 to 30 June 2025"),
    ("2024-01-01", "2025-12-31", "2024年1月1日至2025年12月31日", "1 January 2024 to 31 December 2025"),
]


@pytest.mark.parametrize(("first", "last", "chinese", "english"), PERIODS)
def test_a_period_is_said_in_words(first: str, last: str, chinese: str, english: str) -> None:
    days = date.fromisoformat(first), date.fromisoformat(last)

    assert [ReportWords(language).period(*days) for language in ("zh", "en")] == [chinese, english]


def test_what_was_known_is_dated_in_shanghai() -> None:
    today, zh, en = date(2025, 7, 2), ReportWords("zh"), ReportWords("en")
    end_of_day = datetime(2025, 6, 30, 15, 59, 59, 999_999, tzinfo=UTC)
    instant = datetime(2025, 6, 30, 16, 5, tzinfo=UTC)

    assert [zh.known_on(at, today) for at in (None, end_of_day, instant)] == [
        "截至2025年7月2日所知",
        "截至2025年6月30日所知",
        "截至2025年7月1日 00:05所知",
    ]
    assert en.known_on(end_of_day, today) == "as known on 30 June 2025"


def test_money_is_in_ten_thousands_and_people_are_whole() -> None:
    say = ReportWords("zh")

    assert say.amount(Decimal("12345678"), "yuan") == (Decimal("1234.57"), "万元")
    assert say.amount(Decimal("120.00"), "person") == (Decimal("120"), "人")
    assert say.amount(None, "yuan") == (None, "万元")
    assert [str(say.amount(value, "kwh")[0]) for value in (1, Decimal("2.345"))] == ["1.00", "2.35"]


def test_a_share_and_a_day_read_as_people_write_them() -> None:
    paper = Paper("x", "x", "x", [], "x")

    values = [Share("0.8698"), Growth("16.2727"), Growth("-0.05"), Growth("0"), KnownDay(date(2025, 6, 1), "month")]
    assert [paper.shown(value) for value in values] == ["87.0%", "↑1,627.3%", "↓5.0%", "0.0%", "2025-06"]


def test_months_are_those_a_period_touches() -> None:
    months = months_in(date(2024, 12, 15), date(2025, 2, 1))

    assert months == [date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1)]


def test_every_division_has_a_name_in_every_language() -> None:
    zh = tables("industries", "zh")["division"]

    assert zh == {row.code: row.name_zh for row in industries() if row.level == 2}
    assert tables("industries", "en")["division"].keys() == zh.keys()
    assert ReportWords("en").industry("3752", "摩托车零部件及配件制造") == (
        "Manufacture of railway, ship, aerospace and other transport equipment"
    )
    assert ReportWords("zh").industry("3752", "摩托车零部件及配件制造") == "摩托车零部件及配件制造"
