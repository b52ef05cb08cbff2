"""What was promised against what came (履约监管): targets and shortfalls by year, overdue reports, the light of a deal.

The light is the worse of two measures, points behind and time late, by the thresholds of the scheme `lights`. What lies
between two days on which nothing was reported can change it only on the days `next_on` names.
Source: DOMAIN handbook §1.5 (履约监管协议, 红黄蓝绿).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from domain.quantity import two_places
from domain.words import DatePrecision
from outcomes.agreement import IN_FORCE
from outcomes.checks import last_day

DAY = timedelta(days=1)
FAR = date(2199, 12, 31)


class Colour(StrEnum):
    """The light of a deal, the best first."""

    blue = "blue"
    green = "green"
    yellow = "yellow"
    red = "red"


class LightReason(StrEnum):
    """Why a light is what it is."""

    figures_behind = "figures_behind"
    milestone_late = "milestone_late"
    report_overdue = "report_overdue"
    nothing_due = "nothing_due"


@dataclass(frozen=True)
class PromisedFigure:
    """A promised figure: so much in each year from a day on, or so much in all by a day."""

    id: UUID
    name: str
    value: Decimal
    unit: str
    per: str
    starts_on: date
    due_on: date | None

    @property
    def ends_on(self) -> date:
        return FAR if self.due_on is None else self.due_on

    @property
    def is_level(self) -> bool:
        """Whether the figure is a level and not a flow: people at work are not summed, nor counted by days."""
        return self.unit == "person"

    def days_in(self, first: date, last: date) -> int:
        """How many days of a span the promise runs."""
        return max(0, (min(last, self.ends_on) - max(first, self.starts_on)).days + 1)

    def due_in(self, first: date, last: date) -> Decimal:
        """What is due in a span: by days of the year where it is promised a year, else of the whole promise."""
        if self.is_level and self.per == "year":
            return self.value if self.days_in(first, last) else Decimal(0)
        if self.per == "total":
            return self.value * self.days_in(first, last) / self.days_in(self.starts_on, self.ends_on)
        years = range(max(first.year, self.starts_on.year), min(last.year, self.ends_on.year) + 1)
        parts = (
            self.value * self.days_in(max(first, date(year, 1, 1)), min(last, date(year, 12, 31))) / _days_of(year)
            for year in years
        )
        return sum(parts, Decimal(0))


@dataclass(frozen=True)
class Delivered:
    """A reported figure, of a quarter or of a whole year."""

    year: int
    quarter: int | None
    value: Decimal

    @property
    def first(self) -> date:
        return period_start(self.year, self.quarter)

    @property
    def last(self) -> date:
        return period_end(self.year, self.quarter)


@dataclass(frozen=True)
class Plan:
    """A milestone: the last day of its plan, and whether and when it was reached."""

    stage: str
    planned_on: date | None
    is_reached: bool


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of one version of the scheme `lights`."""

    version: str
    green_points: Decimal
    yellow_points: Decimal
    yellow_months: int
    quarter_due_days: int


@dataclass(frozen=True)
class Fulfilment:
    """A promised figure in one year, or in all: target, what came, what is missing; None where nobody knows yet."""

    year: int | None
    target: Decimal
    actual: Decimal | None
    is_complete: bool
    shortfall: Decimal | None
    is_breach: bool | None


@dataclass(frozen=True)
class Light:
    """The light of a deal on a day, and the next day on which time alone can change it."""

    colour: Colour
    behind_points: Decimal | None
    late_days: int | None
    reasons: tuple[LightReason, ...]
    next_on: date | None


@dataclass(frozen=True)
class Supervised:
    """All that the light of a deal looks at."""

    figures: Sequence[PromisedFigure]
    delivered: Mapping[UUID, Sequence[Delivered]]
    plans: Sequence[Plan]

    def reports_for(self, figure: PromisedFigure) -> Sequence[Delivered]:
        return self.delivered.get(figure.id, ())


def read(document: Mapping[str, Any]) -> Supervised:
    """The stored document of a deal as records: the figures in force, and the reports that count."""
    figures = [
        PromisedFigure(
            UUID(row["id"]),
            row["name"],
            Decimal(str(row["value"])),
            row["unit"],
            row["per"],
            date.fromisoformat(row["starts_on"]),
            None if row["due_on"] is None else date.fromisoformat(row["due_on"]),
        )
        for row in document["indicators"]
        if row["state"] == IN_FORCE
    ]
    by_indicator: dict[str, list[Delivered]] = {}
    for row in document["reports"]:
        if not row["is_counted"]:
            continue
        reports = by_indicator.setdefault(row["indicator_id"], [])
        reports.append(Delivered(row["year"], row["quarter"], Decimal(str(row["value"]))))
    delivered = {UUID(indicator_id): reports for indicator_id, reports in by_indicator.items()}
    plans = [
        Plan(row["stage"], _last(row, "planned_on"), row["evidence"] is not None) for row in document["milestones"]
    ]
    return Supervised(figures, delivered, plans)


def _last(milestone: Mapping[str, Any], name: str) -> date | None:
    if milestone[name] is None:
        return None
    return last_day(date.fromisoformat(milestone[name]), DatePrecision(milestone[f"{name}_precision"]))


def thresholds(document: Mapping[str, Any]) -> Thresholds:
    """The thresholds a scheme holds."""
    points, due = document["points"], document["report_due_days"]
    return Thresholds(
        document["version"],
        Decimal(points["green"]),
        Decimal(points["yellow"]),
        document["months"]["yellow"],
        due["quarter"],
    )


def period_start(year: int, quarter: int | None) -> date:
    return date(year, 1 if quarter is None else 3 * quarter - 2, 1)


@cache
def period_end(year: int, quarter: int | None) -> date:
    month = 12 if quarter is None else 3 * quarter
    return date(year + month // 12, month % 12 + 1, 1) - DAY


def fulfilment(figure: PromisedFigure, reports: Sequence[Delivered], today: date) -> list[Fulfilment]:
    """Year by year, or for a total in all, what was due and what came; a breach is known once all is reported."""
    if figure.per == "total":
        span = (figure.starts_on, figure.ends_on)
        is_complete = _is_covered(figure, reports, *span)
        return [_fulfilled(None, figure.value, delivered(figure, reports), is_complete, figure.ends_on, today)]
    last = min(today.year, figure.ends_on.year)
    fulfilments = []
    for year in range(figure.starts_on.year, last + 1):
        first_on, last_on = date(year, 1, 1), date(year, 12, 31)
        came = delivered(figure, [report for report in reports if report.year == year])
        target = figure.due_in(first_on, last_on)
        is_complete = _is_covered(figure, reports, first_on, last_on)
        fulfilments.append(_fulfilled(year, target, came, is_complete, min(last_on, figure.ends_on), today))
    return fulfilments


def _fulfilled(
    year: int | None, target: Decimal, actual: Decimal | None, is_complete: bool, due_on: date, today: date
) -> Fulfilment:
    short = None if actual is None else two_places(max(Decimal(0), target - actual))
    is_due = today > due_on
    is_breach = (short is not None and short > 0 if is_complete else None) if is_due else False
    return Fulfilment(year, two_places(target), actual, is_complete, short, is_breach)


def counted(reports: Sequence[Delivered]) -> list[Delivered]:
    """The reports that count: a whole year goes before its quarters."""
    whole = {report.year for report in reports if report.quarter is None}
    return [report for report in reports if report.quarter is None or report.year not in whole]


def delivered(figure: PromisedFigure, reports: Sequence[Delivered]) -> Decimal | None:
    """What came in all of some reports: their sum, or of a level the last one reported. Empty: None."""
    known = counted(reports)
    if not known:
        return None
    return (
        max(known, key=lambda report: report.last).value
        if figure.is_level
        else sum((report.value for report in known), Decimal(0))
    )


def _is_covered(figure: PromisedFigure, reports: Sequence[Delivered], first: date, last: date) -> bool:
    """Whether every day of a span on which the promise runs lies in a report."""
    covered = sum(figure.days_in(max(first, report.first), min(last, report.last)) for report in counted(reports))
    return covered == figure.days_in(first, last)


def behind_points(figure: PromisedFigure, reports: Sequence[Delivered]) -> Decimal | None:
    """Percentage points that what was reported lies behind plan (below 0: ahead), of the latest year reported.

    Empty: None. What was not reported yet is not taken for nothing: the plan is that of the periods reported.
    """
    known = [report for report in counted(reports) if figure.days_in(report.first, report.last)]
    if figure.per == "year" and known:
        latest = max(report.year for report in known)
        known = [report for report in known if report.year == latest]
    if not known:
        return None
    came = delivered(figure, known) or Decimal(0)
    if figure.is_level:
        last = max(report.last for report in known)
        due = figure.due_in(figure.starts_on, last) if figure.per == "total" else figure.value
        return two_places((due - came) / figure.value * 100)
    due = sum((figure.due_in(report.first, report.last) for report in known), Decimal(0))
    whole = figure.value
    if figure.per == "year":
        whole = figure.due_in(date(known[0].year, 1, 1), date(known[0].year, 12, 31))
    return two_places((due - came) / whole * 100)


def overdue(
    figure: PromisedFigure, reports: Sequence[Delivered], limits: Thresholds, today: date
) -> list[tuple[int, int]]:
    """Year and quarter of each report that should have come and did not; a whole year's report serves its quarters."""
    there = {(report.year, report.quarter) for report in reports}
    return [
        (year, quarter)
        for year, quarter in _quarters(figure, figure.starts_on, today)
        if (year, quarter) not in there and (year, None) not in there and _report_due(year, quarter, limits) < today
    ]


def _quarters(figure: PromisedFigure, first: date, last: date) -> Iterator[tuple[int, int]]:
    """The quarters in which the promise runs, from that of one day to that of another."""
    start, end = max(first, figure.starts_on), min(last, figure.ends_on)
    for n in range(start.year * 4 + (start.month - 1) // 3, end.year * 4 + (end.month - 1) // 3 + 1):
        yield n // 4, n % 4 + 1


def _report_due(year: int, quarter: int, limits: Thresholds) -> date:
    return period_end(year, quarter) + timedelta(days=limits.quarter_due_days)


def light(supervised: Supervised, limits: Thresholds, today: date) -> Light:
    """The light on a day, why, and when time alone can next change it."""
    points = [
        p for figure in supervised.figures if (p := behind_points(figure, supervised.reports_for(figure))) is not None
    ]
    behind = max(points, default=None)
    waiting = [plan.planned_on for plan in supervised.plans if plan.planned_on is not None and not plan.is_reached]
    late = [day for day in waiting if day < today]
    measures, reasons = [], []
    if behind is not None:
        measures.append(_colour_of_points(behind, limits))
        if measures[-1] in (Colour.yellow, Colour.red):
            reasons.append(LightReason.figures_behind)
    if any(plan.planned_on is not None for plan in supervised.plans):
        measures.append(_colour_of_time(supervised.plans, late, limits, today))
        if late:
            reasons.append(LightReason.milestone_late)
    if any(overdue(figure, supervised.reports_for(figure), limits, today) for figure in supervised.figures):
        measures.append(Colour.yellow)
        reasons.append(LightReason.report_overdue)
    colour = max(measures, key=list(Colour).index, default=Colour.green)
    late_days = (today - min(late)).days if late else None
    return Light(
        colour,
        behind,
        late_days,
        tuple(reasons) or (() if measures else (LightReason.nothing_due,)),
        _next(supervised, limits, today),
    )


def _colour_of_points(behind: Decimal, limits: Thresholds) -> Colour:
    if behind <= 0:
        return Colour.blue
    if behind <= limits.green_points:
        return Colour.green
    return Colour.yellow if behind <= limits.yellow_points else Colour.red


def _colour_of_time(plans: Sequence[Plan], late: Sequence[date], limits: Thresholds, today: date) -> Colour:
    """Late by up to so many months, or later; else done or ahead where nothing planned is left, or some came early."""
    if late:
        return Colour.yellow if today <= months_after(min(late), limits.yellow_months) else Colour.red
    planned = [plan for plan in plans if plan.planned_on is not None]
    is_ahead = any(plan.is_reached and plan.planned_on is not None and plan.planned_on > today for plan in planned)
    return Colour.blue if is_ahead or all(plan.is_reached for plan in planned) else Colour.green


def _next(supervised: Supervised, limits: Thresholds, today: date) -> date | None:
    """The first day after this one on which the light can differ though nothing new is recorded."""
    days = []
    for plan in supervised.plans:
        if plan.planned_on is not None:
            days += [plan.planned_on, plan.planned_on + DAY]
            days.append(months_after(plan.planned_on, limits.yellow_months) + DAY)
    for figure in supervised.figures:
        due_from = today - timedelta(days=limits.quarter_due_days)  # what ended before is due
        horizon = max(today, figure.starts_on) + timedelta(days=200)  # the next report falls due before
        days += [_report_due(year, quarter, limits) + DAY for year, quarter in _quarters(figure, due_from, horizon)]
    return min((day for day in days if day > today), default=None)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    first = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), last_day(first, DatePrecision.month))


def _days_of(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days
