"""The clock of Order 53: since when a plot is suspected idle, and what follows once it is determined to be.

Structure: `read` asks which ground holds (never started; started but stopped), then what a determination adds. Each
finding is a code with the article it rests on; what is not known is a finding, never a guess. Local labels (低效, 四久)
play no part here.
Source: 闲置土地处置办法 (Ministry of Land and Resources, Order 53, 2012), arts. 2, 5, 8, 9, 12, 14, 22, 30; Civil Code
arts. 201, 202 for counting years: the day itself is not counted, and a year is full at the end of its anniversary.
Art. 22 (no agreed start) is carried as DOMAIN handbook §1.7 states it: a lawyer has still to check the text.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

#: Art. 2: less than a third of the area due, or less than a quarter of the investment. Art. 14: a fifth of the price.
LEAST_AREA = Decimal(1) / 3
LEAST_INVESTED = Decimal("0.25")
FEE_SHARE = Decimal("0.2")


class Cause(StrEnum):
    """Whose side the cause lies on; only the holder's brings fee and taking back."""

    holder = "holder"
    government = "government"
    force_majeure = "force_majeure"


class ClockStatus(StrEnum):
    """The state of a plot on a day."""

    unknown = "unknown"
    not_idle = "not_idle"
    suspected = "suspected"
    determined = "determined"


class ClockGround(StrEnum):
    """Art. 2: never started, or started and stopped."""

    not_started = "not_started"
    stopped = "stopped"


@dataclass(frozen=True)
class Development:
    """What was agreed for a plot and what came of it. Empty: None is not known."""

    agreed_start_on: date | None = None
    delivered_on: date | None = None
    land_permit_on: date | None = None
    has_started: bool | None = None
    started_on: date | None = None
    stopped_on: date | None = None
    due_area_m2: Decimal | None = None
    developed_area_m2: Decimal | None = None
    planned_investment_yuan: Decimal | None = None
    invested_yuan: Decimal | None = None
    land_price_yuan: Decimal | None = None
    determination_no: str | None = None
    determined_on: date | None = None
    cause: Cause | None = None


def development(facts: Mapping[str, Any]) -> Development:
    """What is known of a plot, from its JSON by column name; other columns are left out."""
    known: dict[str, Any] = {}
    for column in fields(Development):
        value = facts.get(column.name)
        if isinstance(value, str) and column.name.endswith("_on"):
            value = date.fromisoformat(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            value = Decimal(str(value))
        known[column.name] = Cause(str(value)) if column.name == "cause" and value is not None else value
    return Development(**known)


def legally_idle_from(facts: Development) -> date | None:
    """The day from which land on which nothing was started is idle by Order 53; None: started, or not known."""
    if facts.has_started or facts.started_on is not None:
        return None
    clock = read(replace(facts, has_started=False), date.max)
    return clock.since if clock.ground is ClockGround.not_started else None


@dataclass(frozen=True)
class Finding:
    """One thing the clock found, and the article it rests on."""

    code: str
    article: str


@dataclass
class Clock:
    """The state of a plot and its dates; those of fee and taking back only where Order 53 gives them."""

    status: ClockStatus = ClockStatus.unknown
    ground: ClockGround | None = None
    start_due_on: date | None = None
    since: date | None = None
    runs_out_on: date | None = None
    fee_from: date | None = None
    fee_yuan: Decimal | None = None
    repurchase_from: date | None = None
    findings: list[Finding] = field(default_factory=list)

    def add_finding(self, code: str, article: str) -> None:
        self.findings.append(Finding(code, article))


def read(facts: Development, on: date) -> Clock:
    """The clock of a plot on a day."""
    clock = Clock()
    is_determined = facts.determined_on is not None and facts.determined_on <= on
    if facts.has_started is None:
        clock.add_finding("start_unknown", "2")
    elif facts.has_started and (facts.started_on is None or facts.started_on <= on):
        _stopped(clock, facts, on)
    else:
        _never_started(clock, facts, on)
    if is_determined:
        if clock.status is not ClockStatus.suspected:
            clock.add_finding("facts_do_not_show_it", "2")
        clock.status = ClockStatus.determined
        _determined(clock, facts)
    elif clock.status is ClockStatus.suspected:
        clock.add_finding("not_determined", "5, 9")
    return clock


def _never_started(clock: Clock, facts: Development, on: date) -> None:
    clock.start_due_on = _start_due_on(clock, facts)
    if clock.start_due_on is not None:
        _run(clock, ClockGround.not_started, after_years(clock.start_due_on, 1), on, "a_year_without_start")


def _start_due_on(clock: Clock, facts: Development) -> date | None:
    """The day by which construction was to start: as agreed, else a year from delivery, else a year from the permit."""
    if facts.agreed_start_on is not None:
        return facts.agreed_start_on
    if facts.delivered_on is not None:
        clock.add_finding("start_a_year_after_delivery", "22")
        return anniversary(facts.delivered_on, 1)
    if facts.land_permit_on is not None:
        clock.add_finding("start_a_year_after_the_permit", "22")
        return anniversary(facts.land_permit_on, 1)
    clock.add_finding("agreed_start_unknown", "2, 22")
    return None


def _stopped(clock: Clock, facts: Development, on: date) -> None:
    if facts.stopped_on is None or facts.stopped_on > on:
        clock.status = ClockStatus.not_idle
        clock.add_finding("going_on", "2")
        return
    shares = [
        _below(facts.developed_area_m2, facts.due_area_m2, LEAST_AREA),
        _below(facts.invested_yuan, facts.planned_investment_yuan, LEAST_INVESTED),
    ]
    if True in shares:
        code = "area_below_a_third" if shares[0] else "investment_below_a_quarter"
        clock.add_finding(code, "2")
        _run(clock, ClockGround.stopped, after_years(facts.stopped_on, 1), on, "a_year_stopped")
    elif None in shares:
        clock.add_finding("shares_unknown", "2")
    else:
        clock.status = ClockStatus.not_idle
        clock.add_finding("developed_enough", "2")


def _below(part: Decimal | None, whole: Decimal | None, least: Decimal) -> bool | None:
    """Whether a share lies below the least; a third is compared without dividing."""
    if part is None or whole is None:
        return None
    return part * 3 < whole if least is LEAST_AREA else part < whole * least


def _run(clock: Clock, ground: ClockGround, since: date, on: date, code: str) -> None:
    if on < since:
        clock.status, clock.runs_out_on = ClockStatus.not_idle, since
        clock.add_finding("year_not_full", "2")
        return
    clock.status, clock.ground, clock.since = ClockStatus.suspected, ground, since
    clock.add_finding(code, "2")


def _determined(clock: Clock, facts: Development) -> None:
    """What a determination brings: fee and taking back where the holder's side is the cause and nothing was started."""
    if facts.cause is None:
        clock.add_finding("cause_unknown", "8, 14")
    elif facts.cause is not Cause.holder:
        clock.add_finding("cause_not_the_holders", "8, 12")
    elif clock.ground is None or clock.since is None:
        clock.add_finding("no_day_to_count_from", "14")
    elif clock.ground is ClockGround.stopped:
        clock.add_finding("fee_for_land_not_started_only", "14")
    else:
        assert clock.start_due_on is not None
        clock.fee_from = clock.since
        clock.repurchase_from = after_years(clock.start_due_on, 2)
        clock.add_finding("fee", "14(1)")
        clock.add_finding("repurchase", "14(2)")
        if facts.land_price_yuan is None:
            clock.add_finding("price_unknown", "14(1)")
        else:
            clock.fee_yuan = (facts.land_price_yuan * FEE_SHARE).quantize(Decimal("0.01"))


def after_years(day: date, years: int) -> date:
    """The day after so many full years: the day itself is not counted, 29 February is full on the 28th."""
    return anniversary(day, years) + timedelta(days=1)


def anniversary(day: date, years: int) -> date:
    """The day on which so many years are full."""
    year = day.year + years
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))
