"""Whether a unit was in use, month by month: by leaves, at the ends of months, where nothing is recorded."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from reports.use_by_month import AFTER, BEFORE, MonthUse, UsedLeaf, known_from, use_by_month

TODAY = date(2026, 11, 30)
LONG_AGO = date(2000, 1, 1)


def used(*leaves: UsedLeaf) -> dict[str, MonthUse]:
    return {f"{month:%Y-%m}": use for month, use in use_by_month(leaves, TODAY)}


def test_a_month_is_in_use_where_a_day_of_it_is() -> None:
    months = used(UsedLeaf(LONG_AGO, [(date(2026, 3, 31), date(2026, 5, 1))]))

    assert [month for month, use in months.items() if use is MonthUse.used] == ["2026-03", "2026-04"]
    assert len(months) == BEFORE + 1 + AFTER and next(iter(months)) == "2024-12" and [*months][-1] == "2027-11"


def test_a_time_without_ends_is_all_months() -> None:
    assert set(used(UsedLeaf(LONG_AGO, [(None, None)])).values()) == {MonthUse.used}


def test_some_leaves_are_part() -> None:
    months = used(
        UsedLeaf(LONG_AGO, [(date(2026, 10, 1), None)]), UsedLeaf(LONG_AGO, [(date(2026, 11, 2), date(2026, 11, 3))])
    )

    assert [months[name] for name in ("2026-09", "2026-10", "2026-11", "2026-12")] == [
        MonthUse.idle, MonthUse.part, MonthUse.used, MonthUse.part,
    ]  # fmt: skip


def test_what_was_before_a_record_is_not_known() -> None:
    months = used(UsedLeaf(date(2026, 6, 15), []), UsedLeaf(LONG_AGO, [(None, None)]))

    assert (months["2026-05"], months["2026-06"]) == (MonthUse.unknown, MonthUse.part)
    assert use_by_month([], TODAY) == []


def test_a_leaf_is_known_from_when_it_was_made_used_or_idle() -> None:
    made = UUID("019b0a1c-0000-7000-8000-000000000000")  # 2025-12-11
    day = date(2025, 12, 11)

    assert known_from(made, None, []) == day
    assert known_from(made, date(2024, 5, 1), []) == date(2024, 5, 1)
    assert known_from(made, None, [(None, day), (date(2023, 2, 3), None)]) == date(2023, 2, 3)
