"""The clock of Order 53, case by case, and what holds for every set of facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.idle_clock import Cause, Clock, ClockGround, ClockStatus, Development, after_years, read

NEVER = Development(agreed_start_on=date(2022, 3, 1), has_started=False)
DETERMINED = replace(NEVER, determination_no="1", determined_on=date(2024, 5, 1))
HALTED = Development(has_started=True, stopped_on=date(2023, 6, 30))


def codes(clock: Clock) -> list[str]:
    return [finding.code for finding in clock.findings]


@pytest.mark.parametrize(
    ("day", "status"), [(date(2023, 3, 1), ClockStatus.not_idle), (date(2023, 3, 2), ClockStatus.suspected)]
)
def test_a_year_is_full_at_the_end_of_its_anniversary(day: date, status: ClockStatus) -> None:
    clock = read(NEVER, day)

    assert clock.status is status
    assert (clock.since or clock.runs_out_on) == date(2023, 3, 2)
    assert {finding.article for finding in clock.findings} <= {"2", "5, 9"}


def test_suspicion_alone_brings_no_date_of_a_fee() -> None:
    clock = read(replace(NEVER, cause=Cause.holder, land_price_yuan=Decimal(100)), date(2030, 1, 1))

    assert (clock.status, clock.ground) == (ClockStatus.suspected, ClockGround.not_started)
    assert (clock.fee_from, clock.fee_yuan, clock.repurchase_from) == (None, None, None)
    assert "not_determined" in codes(clock)


def test_a_determination_of_the_holders_fault_brings_both_dates() -> None:
    clock = read(replace(DETERMINED, cause=Cause.holder, land_price_yuan=Decimal(12_000_000)), date(2025, 6, 30))

    assert clock.status is ClockStatus.determined
    assert (clock.fee_from, clock.repurchase_from) == (date(2023, 3, 2), date(2024, 3, 2))
    assert clock.fee_yuan == Decimal("2400000.00")
    assert [(finding.code, finding.article) for finding in clock.findings][-2:] == [
        ("fee", "14(1)"),
        ("repurchase", "14(2)"),
    ]


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (None, "cause_unknown"),
        (Cause.government, "cause_not_the_holders"),
        (Cause.force_majeure, "cause_not_the_holders"),
    ],
)
def test_another_cause_or_none_brings_no_date(cause: Cause | None, code: str) -> None:
    clock = read(replace(DETERMINED, cause=cause, land_price_yuan=Decimal(1)), date(2025, 6, 30))

    assert (clock.fee_from, clock.repurchase_from, clock.fee_yuan) == (None, None, None)
    assert codes(clock)[-1] == code


@pytest.mark.parametrize(
    ("developed", "invested", "status", "code"),
    [
        ("333.33", "50", ClockStatus.suspected, "area_below_a_third"),
        ("333.34", "24.99", ClockStatus.suspected, "investment_below_a_quarter"),
        ("333.34", "25", ClockStatus.not_idle, "developed_enough"),
        (None, "24", ClockStatus.suspected, "investment_below_a_quarter"),
        (None, "25", ClockStatus.unknown, "shares_unknown"),
    ],
)
def test_what_was_started_and_stopped_goes_by_area_and_investment(
    developed: str | None, invested: str, status: ClockStatus, code: str
) -> None:
    facts = replace(
        HALTED,
        due_area_m2=Decimal(1000),
        planned_investment_yuan=Decimal(100),
        developed_area_m2=None if developed is None else Decimal(developed),
        invested_yuan=Decimal(invested),
    )

    clock = read(facts, date(2024, 7, 1))

    assert (clock.status, codes(clock)[0]) == (status, code)
    assert clock.since == (date(2024, 7, 1) if status is ClockStatus.suspected else None)


def test_land_started_and_stopped_bears_no_fee() -> None:
    facts = replace(HALTED, due_area_m2=Decimal(9), developed_area_m2=Decimal(1), cause=Cause.holder)

    clock = read(replace(facts, determination_no="1", determined_on=date(2024, 8, 1)), date(2026, 1, 1))

    assert (clock.status, clock.fee_from, clock.repurchase_from) == (ClockStatus.determined, None, None)
    assert codes(clock)[-1] == "fee_for_land_not_started_only"


@pytest.mark.parametrize(
    ("facts", "start_due_on", "since", "repurchase_from", "code"),
    [
        ({"delivered_on": "2021-03-01"}, "2022-03-01", "2023-03-02", "2024-03-02", "start_a_year_after_delivery"),
        ({"land_permit_on": "2020-02-29"}, "2021-02-28", "2022-03-01", "2023-03-01", "start_a_year_after_the_permit"),
        (
            {"delivered_on": "2021-03-01", "land_permit_on": "2020-01-01"},
            "2022-03-01",
            "2023-03-02",
            "2024-03-02",
            "start_a_year_after_delivery",
        ),
        (
            {"agreed_start_on": "2021-06-01", "delivered_on": "2021-03-01"},
            "2021-06-01",
            "2022-06-02",
            "2023-06-02",
            None,
        ),
    ],
)
def test_without_an_agreed_start_it_is_due_a_year_from_delivery_or_else_from_the_permit(
    facts: dict[str, str], start_due_on: str, since: str, repurchase_from: str, code: str | None
) -> None:
    known = Development(
        has_started=False,
        determination_no="1",
        determined_on=date(2025, 1, 1),
        cause=Cause.holder,
        **{name: date.fromisoformat(day) for name, day in facts.items()},  # type: ignore[arg-type]
    )

    first = date.fromisoformat(since)
    eve, day = [read(replace(known, determined_on=None), item) for item in (first - timedelta(1), first)]
    clock = read(known, date(2025, 6, 30))

    assert [eve.status, day.status] == [ClockStatus.not_idle, ClockStatus.suspected]
    assert [str(item) for item in (clock.start_due_on, clock.since, clock.fee_from, clock.repurchase_from)] == [
        start_due_on,
        since,
        since,
        repurchase_from,
    ]
    articles = {finding.code: finding.article for finding in clock.findings if finding.code.startswith("start_")}
    assert articles == ({} if code is None else {code: "22"})


def test_nothing_known_is_unknown() -> None:
    assert (read(Development(), date(2025, 1, 1)).status, codes(read(Development(), date(2025, 1, 1)))) == (
        ClockStatus.unknown,
        ["start_unknown"],
    )
    assert read(Development(has_started=False), date(2025, 1, 1)).status is ClockStatus.unknown


@pytest.mark.parametrize(
    ("day", "after"), [("2024-02-29", "2025-03-01"), ("2023-02-28", "2024-02-29"), ("2022-12-31", "2024-01-01")]
)
def test_years_are_counted_as_the_civil_code_does(day: str, after: str) -> None:
    assert str(after_years(date.fromisoformat(day), 1)) == after


DAYS = st.none() | st.dates(date(2015, 1, 1), date(2030, 12, 31))
AMOUNTS = st.none() | st.decimals(0, 1000, places=2)
FACTS = st.builds(
    Development,
    agreed_start_on=DAYS,
    delivered_on=DAYS,
    land_permit_on=DAYS,
    has_started=st.none() | st.booleans(),
    started_on=DAYS,
    stopped_on=DAYS,
    due_area_m2=AMOUNTS,
    developed_area_m2=AMOUNTS,
    planned_investment_yuan=AMOUNTS,
    invested_yuan=AMOUNTS,
    land_price_yuan=AMOUNTS,
    determination_no=st.none() | st.just("1"),
    determined_on=DAYS,
    cause=st.none() | st.sampled_from(Cause),
)


@given(FACTS, st.dates(date(2015, 1, 1), date(2032, 12, 31)))
def test_a_fee_needs_a_determination_and_the_holders_fault(facts: Development, on: date) -> None:
    clock = read(facts, on)

    if clock.fee_from is not None or clock.repurchase_from is not None or clock.fee_yuan is not None:
        assert facts.determined_on is not None and facts.determined_on <= on
        assert (facts.cause, clock.ground, clock.status) == (
            Cause.holder,
            ClockGround.not_started,
            ClockStatus.determined,
        )
        assert clock.fee_from is not None and clock.repurchase_from is not None
        assert clock.fee_from == clock.since < clock.repurchase_from
    assert clock.findings
    assert all(finding.article for finding in clock.findings)


@given(FACTS, st.dates(date(2015, 1, 1), date(2031, 12, 31)), st.integers(0, 400))
def test_once_suspected_time_alone_does_not_lift_it(facts: Development, on: date, days: int) -> None:
    facts = replace(facts, started_on=None, determined_on=None, determination_no=None)
    if read(facts, on).status is ClockStatus.suspected and (facts.stopped_on is None or facts.stopped_on <= on):
        assert read(facts, on + timedelta(days)).since == read(facts, on).since
