"""Targets by days, shortfalls, the thresholds of the light at their edges, and the days on which time can change it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.supervision import (
    Colour,
    Delivered,
    Plan,
    PromisedFigure,
    Supervised,
    behind_points,
    fulfilment,
    light,
    months_after,
    overdue,
    thresholds,
)

DATA = Path(__file__).parents[2] / "fixtures" / "reference" / "lights_1.json"
LIMITS = thresholds(json.loads(DATA.read_text(encoding="utf-8")))
ID = UUID(int=1)
TODAY = date(2026, 7, 20)


def a_year(value: int = 365, starts_on: date = date(2025, 1, 1), due_on: date | None = None) -> PromisedFigure:
    return PromisedFigure(ID, "tax", Decimal(value), "yuan", "year", starts_on, due_on)


def in_all(value: int = 100) -> PromisedFigure:
    return PromisedFigure(ID, "investment", Decimal(value), "yuan", "total", date(2025, 1, 1), date(2025, 12, 31))


def supervision(
    *, figure: PromisedFigure | None = None, reports: list[Delivered] | None = None, plans: list[Plan] | None = None
) -> Supervised:
    return Supervised([] if figure is None else [figure], {ID: reports or []}, plans or [])


def test_the_first_and_the_last_part_of_a_year_count_by_days() -> None:
    figure = a_year(starts_on=date(2025, 12, 1), due_on=date(2027, 1, 10))

    years = fulfilment(figure, [], date(2027, 6, 1))

    assert [(year.year, year.target, year.actual) for year in years] == [
        (2025, Decimal(31), None),
        (2026, Decimal(365), None),
        (2027, Decimal(10), None),
    ]


def test_a_breach_is_known_once_the_year_is_over_and_all_is_reported() -> None:
    figure, quarters = a_year(400), [Delivered(2025, n, Decimal(90)) for n in (1, 2, 3, 4)]

    def first(reports: list[Delivered], today: date) -> tuple[Decimal | None, Decimal | None, bool | None]:
        result = fulfilment(figure, reports, today)[0]
        return result.actual, result.shortfall, result.is_breach

    assert first(quarters, date(2025, 12, 31)) == (360, 40, False)
    assert first(quarters, date(2026, 1, 1)) == (360, 40, True)
    assert first(quarters[:3], date(2026, 1, 1)) == (270, 130, None)
    assert first([*quarters, Delivered(2025, None, Decimal(400))], date(2026, 1, 1)) == (400, 0, False)
    assert first([], date(2026, 1, 1)) == (None, None, None)


@pytest.mark.parametrize(
    ("delivered", "colour"),
    [
        ("400", Colour.blue),
        ("365", Colour.blue),
        ("364.9", Colour.green),
        ("328.5", Colour.green),
        ("328.4", Colour.yellow),
        ("255.5", Colour.yellow),
        ("255.4", Colour.red),
        ("0", Colour.red),
    ],
)
def test_points_behind_at_the_edges_of_each_colour(delivered: str, colour: Colour) -> None:
    supervised = supervision(
        figure=a_year(due_on=date(2025, 12, 31)), reports=[Delivered(2025, None, Decimal(delivered))]
    )

    assert light(supervised, LIMITS, TODAY).colour is colour


@pytest.mark.parametrize(
    ("planned_on", "colour", "late_days"),
    [
        (date(2026, 7, 21), Colour.green, None),
        (date(2026, 7, 20), Colour.green, None),
        (date(2026, 7, 19), Colour.yellow, 1),
        (date(2026, 4, 20), Colour.yellow, 91),
        (date(2026, 4, 19), Colour.red, 92),
    ],
)
def test_a_milestone_is_late_from_the_day_after_and_very_late_after_three_months(
    planned_on: date, colour: Colour, late_days: int | None
) -> None:
    now = light(supervision(plans=[Plan("retrofit", planned_on, False)]), LIMITS, TODAY)

    assert (now.colour, now.late_days) == (colour, late_days)


def test_done_and_early_are_blue_and_the_worse_measure_wins() -> None:
    early, done, late = (
        Plan("retrofit", date(2026, 12, 1), True),
        Plan("signed", date(2026, 1, 1), True),
        Plan("handed_over", date(2026, 7, 1), False),
    )
    open_ = Plan("trial_production", date(2026, 12, 31), False)
    figure = a_year(due_on=date(2025, 12, 31))
    ahead = [Delivered(2025, None, Decimal(400))]

    assert light(supervision(plans=[done]), LIMITS, TODAY).colour is Colour.blue
    assert light(supervision(plans=[done, open_]), LIMITS, TODAY).colour is Colour.green
    assert light(supervision(plans=[done, early, open_]), LIMITS, TODAY).colour is Colour.blue
    assert light(supervision(plans=[early, late]), LIMITS, TODAY).colour is Colour.yellow
    assert light(supervision(figure=figure, reports=ahead, plans=[open_]), LIMITS, TODAY).colour is Colour.green
    assert light(supervision(figure=figure, reports=ahead), LIMITS, TODAY).colour is Colour.blue
    assert light(supervision(), LIMITS, TODAY).reasons == ("nothing_due",)


def test_what_was_not_reported_is_not_taken_for_nothing_but_is_overdue() -> None:
    figure, first = a_year(1460, starts_on=date(2026, 1, 1)), [Delivered(2026, 1, Decimal(360))]

    assert behind_points(figure, first) == 0
    assert behind_points(figure, []) is None
    assert overdue(figure, first, LIMITS, date(2026, 7, 30)) == []
    assert overdue(figure, first, LIMITS, date(2026, 7, 31)) == [(2026, 2)]
    late = light(supervision(figure=figure, reports=first), LIMITS, date(2026, 7, 31))
    assert (late.colour, late.reasons) == (Colour.yellow, ("report_overdue",))
    assert light(supervision(figure=figure, reports=first), LIMITS, date(2026, 7, 30)).colour is Colour.blue


def test_a_total_is_due_in_proportion_of_its_days() -> None:
    half = [Delivered(2025, 1, Decimal(20)), Delivered(2025, 2, Decimal(20))]

    assert behind_points(in_all(), half) == Decimal("9.59")  # 181 of 365 days are 49.59 %
    (whole,) = fulfilment(in_all(), [*half, Delivered(2025, None, Decimal(100))], TODAY)
    assert (whole.year, whole.actual, whole.is_breach) == (None, 100, False)


def test_people_at_work_are_counted_not_summed() -> None:
    jobs = PromisedFigure(ID, "jobs", Decimal(100), "person", "year", date(2025, 7, 1), None)
    facts = [Delivered(2025, 3, Decimal(70)), Delivered(2025, 4, Decimal(95))]

    year = fulfilment(jobs, facts, date(2026, 1, 1))[0]

    assert (year.target, year.actual, year.shortfall, year.is_breach) == (100, 95, 5, True)
    assert behind_points(jobs, facts) == 5
    assert behind_points(jobs, facts[:1]) == 30


def test_months_end_with_their_last_day() -> None:
    assert months_after(date(2025, 11, 30), 3) == date(2026, 2, 28)
    assert months_after(date(2026, 12, 31), 3) == date(2027, 3, 31)


days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
figures = st.builds(
    lambda unit, start, length, per, value: PromisedFigure(
        ID, "tax", Decimal(value), unit, per, start, start + timedelta(days=length)
    ),
    st.sampled_from(["yuan", "person"]),
    days,
    st.integers(1, 900),
    st.sampled_from(["year", "total"]),
    st.integers(1, 10**9),
)
reports = st.lists(
    st.builds(
        Delivered, st.integers(2024, 2028), st.sampled_from([None, 1, 2, 3, 4]), st.integers(0, 10**9).map(Decimal)
    ),
    max_size=8,
    unique_by=lambda build: (build.year, build.quarter),
)
plans = st.lists(st.builds(Plan, st.just("retrofit"), st.none() | days, st.booleans()), max_size=4)


@given(figures, reports, plans, days, st.integers(1, 400))
def test_between_two_days_it_names_time_changes_no_light(
    figure: PromisedFigure, reports: list[Delivered], planned: list[Plan], today: date, later: int
) -> None:
    supervised = supervision(figure=figure, reports=reports, plans=planned)
    now = light(supervised, LIMITS, today)
    last = today + timedelta(days=later)
    if now.next_on is not None:
        assert now.next_on > today
        last = min(last, now.next_on - timedelta(days=1))

    then = light(supervised, LIMITS, last)

    assert (then.colour, then.reasons, then.behind_points) == (now.colour, now.reasons, now.behind_points)


@given(figures, reports, days)
def test_what_is_due_in_the_years_is_due_in_all(figure: PromisedFigure, reports: list[Delivered], today: date) -> None:
    end = figure.ends_on
    years = range(figure.starts_on.year, end.year + 1)

    if not figure.is_level:
        parts = sum(figure.due_in(date(year, 1, 1), date(year, 12, 31)) for year in years)
        assert parts == pytest.approx(figure.due_in(figure.starts_on, end))
    for item in fulfilment(figure, reports, today):
        assert item.shortfall is None or item.actual is None or item.shortfall >= item.target - item.actual
        assert item.is_breach is not True or item.is_complete
