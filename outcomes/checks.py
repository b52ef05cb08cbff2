"""What must hold before a swap may go on: title and encumbrances, appraisal, order of days, evidence.

Source: DOMAIN handbook §1.6; Company Law (2023) art. 48 (a contribution in kind is appraised).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from domain.errors import Conflict, Fault, Invalid
from domain.words import DatePrecision, Evidence, Mortgage
from outcomes.stages import Stage

#: Stage → the figures it needs, unless its evidence is not stated, and those it may carry.
SWAP_FIGURES: Mapping[Stage, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Stage.valuation: (("appraiser", "appraisal_method", "appraised_yuan"), ("appraisal_valid_until",)),
    Stage.contracted: (("contribution_yuan", "equity_share"), ()),
    Stage.title_registered: (("certificate_no",), ()),
    Stage.retrofit: ((), ("amount_yuan",)),
}


@dataclass(frozen=True)
class Told:
    """One stage as it is told: when it was reached, how exactly that is known, on what evidence."""

    happened_on: date | None
    precision: DatePrecision = DatePrecision.day
    evidence: Evidence = Evidence.stated
    source: str | None = None

    @property
    def last_day(self) -> date | None:
        """The last day it can have been."""
        return None if self.happened_on is None else last_day(self.happened_on, self.precision)


def last_day(day: date, precision: DatePrecision) -> date:
    """The last day of the day, month or year that a date stands for."""
    if precision is DatePrecision.month:
        return day.replace(day=monthrange(day.year, day.month)[1])
    return day.replace(month=12, day=31) if precision is DatePrecision.year else day


def first_day(day: date, precision: DatePrecision) -> date:
    """A date as it is stored: the first day of its month or year where no more is known."""
    if precision is DatePrecision.month:
        return day.replace(day=1)
    return day.replace(month=1, day=1) if precision is DatePrecision.year else day


def one_year_after(day: date) -> date:
    """How long an appraisal serves where its report says nothing: a year. Source: DOMAIN handbook §1.6."""
    return (
        day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 1, 3, 1)
    ) - timedelta(days=1)


def figures(stage: Stage, told: Told, given: Mapping[str, Any]) -> None:
    """Raises Invalid naming each figure the stage lacks, and each that belongs to another."""
    needed, allowed = SWAP_FIGURES.get(stage, ((), ()))
    faults = [Fault("other_stage", name, {"stage": stage}) for name in given if name not in (*needed, *allowed)]
    is_stated = told.evidence is Evidence.stated
    faults += [Fault("missing", name) for name in needed if is_stated and name not in given]
    if told.happened_on is None and (is_stated or stage in (Stage.title_registered, Stage.ended)):
        faults.append(Fault("missing", "happened_on"))
    if faults:
        raise Invalid.of(faults)


def days(told: Told, reached: Iterable[date], *, recorded_on: date, today: date) -> None:
    """Raises Invalid for a day in the future or before a stage reached earlier, and for a live stage without evidence.

    `recorded_on`: the day the deal was first recorded. What happened before may be told without evidence.
    """
    if told.happened_on is None or told.last_day is None:
        return
    if told.happened_on > today:
        raise Invalid("in_the_future", "happened_on", today=today)
    latest = max(reached, default=None)
    if latest is not None and told.last_day < latest:
        raise Invalid("dates_reversed", "happened_on", other=latest)
    if told.evidence is Evidence.not_stated and told.last_day >= recorded_on:
        raise Invalid("evidence_of_a_live_deal", "evidence", recorded_on=recorded_on)


def title(units: Iterable[Mapping[str, Any]], *, evidence: Evidence) -> None:
    """Raises Conflict where a title cannot pass: seized, mortgaged and not released, not registered, or not known.

    What is told afterwards without evidence may be unknown; what is known to stand against it stops it all the same.
    """
    for n, unit in enumerate(units):
        field = f"asset_ids.{n}"
        if unit["is_seized"]:
            raise Conflict("title_seized", field)
        if unit["mortgage"] == Mortgage.unreleased:
            raise Conflict("title_mortgaged", field)
        if unit["title_is_registered"] is False:
            raise Conflict("title_unregistered", field)
        unknown = [name for name in ("title_is_registered", "mortgage", "is_seized") if unit[name] is None]
        if unknown and evidence is Evidence.stated:
            raise Conflict("title_unknown", field, unknown=unknown)


def contract(agreed: Mapping[str, Any], told: Told) -> None:
    """Raises Invalid for a contribution above its appraisal, or a contract after the appraisal ran out."""
    contribution_yuan, appraised_yuan = agreed["contribution_yuan"], agreed["appraised_yuan"]
    if contribution_yuan is not None and appraised_yuan is not None and contribution_yuan > appraised_yuan:
        raise Invalid("above_appraisal", "contribution_yuan", most=appraised_yuan)
    until = agreed["appraisal_valid_until"]
    if until is not None and told.happened_on is not None and told.happened_on > until:
        raise Invalid("appraisal_expired", "happened_on", until=until)
