"""Which promised figures are in force, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.agreement import IN_FORCE, REPLACED, WITHDRAWN, AgreedFigure, Agreement, clash, standing, years_changed

OLD, NEW, NEWEST = (UUID(int=n) for n in (1, 2, 3))
TODAY = date(2026, 11, 28)


def figure(n: int, agreement: UUID, starts_on: str, due_on: str | None = None, **more: str) -> AgreedFigure:
    named = {"name": "tax", "unit": "yuan", "per": "year"} | more
    due = None if due_on is None else date.fromisoformat(due_on)
    starts = date.fromisoformat(starts_on)
    return AgreedFigure(
        UUID(int=100 + n), agreement, value=Decimal(n), starts_on=starts, agreed_due_on=due, due_on=due, **named
    )


def agreement(key: UUID, signed_on: str, replaces: UUID | None = None, state: str = IN_FORCE) -> Agreement:
    return Agreement(key, date.fromisoformat(signed_on), replaces, state)


FIRST, SECOND = agreement(OLD, "2024-01-01"), agreement(NEW, "2025-07-01", OLD)


@pytest.mark.parametrize(
    ("old", "new", "state", "due_on"),
    [
        (figure(1, OLD, "2024-01-01"), figure(2, NEW, "2025-07-01"), IN_FORCE, date(2025, 6, 30)),
        (figure(1, OLD, "2024-01-01"), figure(2, NEW, "2026-01-01"), IN_FORCE, date(2025, 12, 31)),
        (figure(1, OLD, "2024-01-01"), figure(2, NEW, "2024-01-01"), REPLACED, None),
        (figure(1, OLD, "2024-01-01", "2025-06-30"), figure(2, NEW, "2025-07-01"), IN_FORCE, date(2025, 6, 30)),
        (figure(1, OLD, "2024-01-01"), figure(2, NEW, "2026-01-01", name="output"), IN_FORCE, date(2025, 6, 30)),
        (figure(1, OLD, "2026-01-01"), figure(2, NEW, "2025-07-01", name="output"), REPLACED, None),
        (
            figure(1, OLD, "2024-01-01", "2026-12-31", per="total"),
            figure(2, NEW, "2025-07-01", "2027-12-31", per="total"),
            REPLACED,
            date(2026, 12, 31),
        ),
        (
            figure(1, OLD, "2024-01-01", "2024-12-31", per="total"),
            figure(2, NEW, "2025-07-01", "2027-12-31", per="total"),
            IN_FORCE,
            date(2024, 12, 31),
        ),
    ],
)
def test_what_is_replaced_counts_until_what_replaces_it(
    old: AgreedFigure, new: AgreedFigure, state: str, due_on: date | None
) -> None:
    agreements, figures = standing([FIRST, SECOND], [old, new])

    assert [agreement.state for agreement in agreements] == [REPLACED, IN_FORCE]
    assert (figures[0].state, figures[0].due_on) == (state, due_on)
    assert figures[1] == new and clash(figures, last=()) is None


def test_what_is_taken_back_gives_back_what_it_took() -> None:
    old, new = figure(1, OLD, "2024-01-01"), figure(2, NEW, "2025-07-01")
    _, cut = standing([FIRST, SECOND], [old, new])

    agreements, figures = standing([replace(FIRST, state=REPLACED), replace(SECOND, state=WITHDRAWN)], cut)

    assert [agreement.state for agreement in agreements] == [IN_FORCE, WITHDRAWN]
    assert figures == [old, replace(new, state=WITHDRAWN)]


def test_one_after_the_other_takes_over() -> None:
    third = agreement(NEWEST, "2026-01-01", NEW)
    promised = [figure(1, OLD, "2024-01-01"), figure(2, NEW, "2025-07-01"), figure(3, NEWEST, "2025-01-01")]

    agreements, figures = standing([FIRST, SECOND, third], promised)

    assert [agreement.state for agreement in agreements] == [REPLACED, REPLACED, IN_FORCE]
    assert [(figure.state, figure.due_on) for figure in figures] == [
        (IN_FORCE, date(2024, 12, 31)),
        (REPLACED, None),
        (IN_FORCE, None),
    ]


def test_the_same_figure_for_the_same_day_clashes_and_another_unit_or_period_does_not() -> None:
    tax = figure(1, OLD, "2024-01-01", "2024-12-31")

    assert clash([tax, figure(2, NEW, "2024-12-31")], last=()) == (tax, figure(2, NEW, "2024-12-31"))
    for other in (
        figure(2, NEW, "2025-01-01"),
        figure(2, NEW, "2024-01-01", "2024-12-31", per="total"),
        figure(2, NEW, "2024-01-01", name="output"),
        replace(figure(2, NEW, "2024-01-01"), state=WITHDRAWN),
    ):
        assert clash([tax, other], last=()) is None


def test_years_that_change_are_those_whose_promise_differs() -> None:
    open_ended = figure(1, OLD, "2024-01-01")
    cut = replace(open_ended, due_on=date(2025, 6, 30))
    total = figure(3, OLD, "2023-01-01", "2025-12-31", per="total")

    assert years_changed([], [open_ended], TODAY) == [2024, 2025, 2026]
    assert years_changed([open_ended], [cut], TODAY) == [2025, 2026]
    assert years_changed([], [total], TODAY) == [2025]
    assert years_changed([open_ended], [open_ended], TODAY) == []


STARTS = st.dates(date(2020, 1, 1), date(2027, 12, 31))


@given(st.lists(st.tuples(STARTS, STARTS, st.none() | st.integers(0, 900)), min_size=1, max_size=5), st.integers(0, 31))
def test_a_chain_of_agreements_never_promises_a_day_twice(
    drawn: list[tuple[date, date, int | None]], withdrawn: int
) -> None:
    agreements, figures = [], []
    for n, (signed_on, starts_on, days) in enumerate(drawn):
        state = WITHDRAWN if withdrawn >> n & 1 and n == len(drawn) - 1 else IN_FORCE
        agreements.append(Agreement(UUID(int=n), signed_on, UUID(int=n - 1) if n else None, state))
        due_on = None if days is None else starts_on + timedelta(days)
        item = figure(n, UUID(int=n), str(starts_on))
        figures.append(replace(item, agreed_due_on=due_on, due_on=due_on))

    stand, now = standing(agreements, figures)

    assert clash(now, last=()) is None
    assert standing(stand, now) == (stand, now)
