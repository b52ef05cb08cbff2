"""Days as people write them: the day, how exactly it is known, and when the caller is asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from domain.errors import Fault
from ledger.days import DateOrder, day_of

DAY, MARCH, YEAR = (date(2025, 3, 1), "day"), (date(2025, 3, 1), "month"), (date(2025, 1, 1), "year")


@pytest.mark.parametrize(
    ("written", "day"),
    [
        *((text, DAY) for text in ("2025-03-01", "2025.3.1", "2025/3/1", "2025年3月1日", "2025 年 3 月 1 号")),
        *((text, DAY) for text in ("２０２５－０３－０１", "20250301", 20250301.0, 45717.0, 45717, "45717", 45717.75)),
        *((text, DAY) for text in ("2025-03-01 08:30:00", "2025/3/1 0:00:00", "1 March 2025", "Mar. 1 2025")),
        *((text, DAY) for text in (date(2025, 3, 1), datetime(2025, 3, 1, 23, 59))),
        *((text, MARCH) for text in ("2025-03", "2025.3", "2025年3月", "2025年3月份", "202503", 202503.0)),
        *((text, MARCH) for text in ("3/2025", "Mar 2025")),
        *((text, YEAR) for text in ("2025", "2025年", 2025.0)),
    ],
)
def test_a_day_is_read_with_its_precision(written: Any, day: tuple[date, str]) -> None:
    assert day_of(written, None) == day


@pytest.mark.parametrize(
    "instant",
    [
        "2025-02-28T16:00:00Z",
        "2025-02-28T17:30:00+01:30",
        datetime(2025, 2, 28, 16, tzinfo=UTC),
        datetime(2025, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=8))),
    ],
)
def test_an_instant_is_the_day_in_shanghai(instant: Any) -> None:
    assert day_of(instant, None) == DAY


@pytest.mark.parametrize(
    ("written", "orders"),
    [
        ("3/1/24", ["ymd", "mdy", "dmy"]),
        ("3/1/2024", ["mdy", "dmy"]),
        ("24.3.1", ["ymd", "dmy"]),
        ("05-06-2025", ["mdy", "dmy"]),
    ],
)
def test_a_day_of_several_orders_is_asked_for(written: str, orders: list[DateOrder]) -> None:
    assert day_of(written, None) == Fault("date_order_needed", "", {"orders": orders})


def test_the_order_of_the_caller_answers() -> None:
    days = {order: day_of("3/1/24", order) for order in ("mdy", "dmy")}

    assert days == {"mdy": (date(2024, 3, 1), "day"), "dmy": (date(2024, 1, 3), "day")}
    assert day_of("24.3.1", "ymd") == (date(2024, 3, 1), "day")
    assert day_of("3/13/2024", None) == (date(2024, 3, 13), "day")
    assert day_of("2/2/2024", None) == (date(2024, 2, 2), "day")


@pytest.mark.parametrize(
    "written",
    ["2025年上半年", "2025-13-01", "2025-02-30", "0", 0.0, -3.5, "明年", "2025-00-01", "1" * 50, "2025-3-1-2", "２"],
)
def test_what_is_no_day_is_said(written: Any) -> None:
    assert day_of(written, None) == Fault("cell_not_day")


@pytest.mark.parametrize("written", ["1850-01-01", "2200-01-01", datetime(1899, 12, 31)])
def test_a_day_outside_the_register_is_said(written: Any) -> None:
    assert day_of(written, None) == Fault("out_of_range", "", {"least": "1900-01-01", "most": "2199-12-31"})
