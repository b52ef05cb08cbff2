"""Which promised figures of a deal are in force, and until when: one for every day, name, unit and kind of period.

What is agreed never changes but by a correction; what is in force follows from it. An agreement that replaces another
takes over from the first day of its own figure of the same name, unit and period, or else from the day it was signed;
taken back, it gives back what it took. Figures of another unit or period are other figures: they are summed apart.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any
from uuid import UUID

DAY = timedelta(days=1)
IN_FORCE, REPLACED, WITHDRAWN, DOUBLE = "in_force", "replaced", "withdrawn", "double"


@dataclass(frozen=True)
class Agreement:
    """An agreement by what decides: its day, whose place it takes, whether it is taken back."""

    id: UUID
    signed_on: date
    replaces: UUID | None = None
    state: str = IN_FORCE


@dataclass(frozen=True)
class AgreedFigure:
    """A promised figure: as agreed, and as it is in force. Empty: without a last day it is open."""

    id: UUID
    agreement_id: UUID
    name: str
    value: Decimal
    unit: str
    per: str
    starts_on: date
    agreed_due_on: date | None
    due_on: date | None
    state: str = IN_FORCE

    @property
    def measure(self) -> tuple[str, str, str]:
        """Name, unit and kind of period: figures of the same measure are summed."""
        return self.name, self.unit, self.per

    def meets(self, other: AgreedFigure) -> bool:
        """Whether some day lies in both."""
        return self.starts_on <= (other.due_on or date.max) and other.starts_on <= (self.due_on or date.max)


def agreement_from_row(row: Mapping[str, Any]) -> Agreement:
    """An agreement from its stored row, or from one about to be stored."""
    replaces = row["replaces"]
    return Agreement(
        UUID(str(row["id"])),
        date.fromisoformat(str(row["signed_on"])),
        None if replaces is None else UUID(str(replaces)),
        row["state"],
    )


def figure_from_row(row: Mapping[str, Any]) -> AgreedFigure:
    """A figure from its stored row."""
    return AgreedFigure(
        UUID(row["id"]),
        UUID(row["agreement_id"]),
        row["name"],
        Decimal(row["value"]),
        row["unit"],
        row["per"],
        date.fromisoformat(row["starts_on"]),
        None if row["agreed_due_on"] is None else date.fromisoformat(row["agreed_due_on"]),
        None if row["due_on"] is None else date.fromisoformat(row["due_on"]),
        row["state"],
    )


def standing(
    agreements: Sequence[Agreement], figures: Sequence[AgreedFigure]
) -> tuple[list[Agreement], list[AgreedFigure]]:
    """The same with the state of each and the last day of each figure, as they follow from what is agreed."""
    replaced_by = {
        agreement.replaces: agreement
        for agreement in agreements
        if agreement.replaces is not None and agreement.state != WITHDRAWN
    }
    standing_now = [
        agreement
        if agreement.state == WITHDRAWN
        else replace(agreement, state=REPLACED if agreement.id in replaced_by else IN_FORCE)
        for agreement in agreements
    ]
    by_id = {agreement.id: agreement for agreement in standing_now}
    return standing_now, [_stands(figure, by_id[figure.agreement_id], replaced_by, figures) for figure in figures]


def _stands(
    figure: AgreedFigure, agreement: Agreement, replaced_by: Mapping[UUID, Agreement], figures: Sequence[AgreedFigure]
) -> AgreedFigure:
    if figure.state == WITHDRAWN or agreement.state == WITHDRAWN:
        return replace(figure, state=WITHDRAWN)
    if figure.state == DOUBLE:
        return figure
    until = min(_taken_over(figure, agreement, replaced_by, figures), default=None)
    if until is None or (figure.agreed_due_on is not None and figure.agreed_due_on < until):
        return replace(figure, state=IN_FORCE, due_on=figure.agreed_due_on)
    if figure.per == "total" or until <= figure.starts_on:  # part of a total is no promise
        return replace(figure, state=REPLACED, due_on=figure.agreed_due_on)
    return replace(figure, state=IN_FORCE, due_on=until - DAY)


def _taken_over(
    figure: AgreedFigure, agreement: Agreement, replaced_by: Mapping[UUID, Agreement], figures: Sequence[AgreedFigure]
) -> Iterator[date]:
    """The first day of each agreement that took its place, one after the other."""
    while (follower := replaced_by.get(agreement.id)) is not None:
        own = [
            agreed.starts_on
            for agreed in figures
            if (agreed.agreement_id, agreed.measure, agreed.state != WITHDRAWN) == (follower.id, figure.measure, True)
        ]
        yield min(own, default=follower.signed_on)
        agreement = follower


def clash(figures: Sequence[AgreedFigure], *, last: Container[UUID]) -> tuple[AgreedFigure, AgreedFigure] | None:
    """A figure in force, and another that promises the same for some day once more; those of `last` come last."""
    counted = sorted((figure for figure in figures if figure.state == IN_FORCE), key=lambda figure: figure.id in last)
    return next(((a, b) for a, b in combinations(counted, 2) if a.measure == b.measure and a.meets(b)), None)


def years_changed(before: Sequence[AgreedFigure], after: Sequence[AgreedFigure], today: date) -> list[int]:
    """The calendar years up to this one whose promised figures differ."""
    was, now = _by_year(before, today), _by_year(after, today)
    return sorted(year for year in {*was, *now} if was.get(year) != now.get(year))


def _by_year(figures: Sequence[AgreedFigure], today: date) -> dict[int, set[tuple[object, ...]]]:
    years: dict[int, set[tuple[object, ...]]] = {}
    for figure in figures:
        if figure.state != IN_FORCE:
            continue
        last = today.year if figure.due_on is None else min(figure.due_on.year, today.year)
        for year in (
            [figure.due_on.year] if figure.per == "total" and figure.due_on else range(figure.starts_on.year, last + 1)
        ):
            first_on, last_on = date(year, 1, 1), date(year, 12, 31)
            days = (max(figure.starts_on, first_on), min(figure.due_on or date.max, last_on))
            if year <= today.year:
                years.setdefault(year, set()).add((figure.measure, figure.value, days))
    return years
