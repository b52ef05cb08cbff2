"""What must hold before a deal may go on: figures and papers, order of days, evidence, title, appraisal, shares.

Source: DOMAIN handbook §1.6; Company Law (2023) art. 48 (a contribution in kind is appraised).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.errors import Conflict, Fault, Invalid
from domain.words import DatePrecision, Evidence, Mortgage
from outcomes.stages import Gate, Stage


@dataclass(frozen=True)
class StageRecord:
    """One stage as it is recorded: when it was reached, how exactly that is known, on what evidence."""

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


def years_after(day: date, years: int) -> date:
    """The last day of so many years from a day on."""
    later = (
        day.replace(year=day.year + years) if (day.month, day.day) != (2, 29) else date(day.year + years, 3, 1)
    )  # a leap day is counted to the end of February
    return later - timedelta(days=1)


def figures(stage: Stage, gate: Gate, record: StageRecord, values: Mapping[str, Any], *, day_is_needed: bool) -> None:
    """Raises Invalid naming each figure or paper the stage lacks, and each that belongs to another."""
    known = (*gate.needs, *gate.may)
    faults = [Fault("other_stage", name, {"stage": stage}) for name in sorted(values) if name not in known]
    is_stated = record.evidence is Evidence.stated
    faults += [Fault("missing", name) for name in gate.needs if is_stated and name not in values]
    if record.happened_on is None and (is_stated or day_is_needed):
        faults.append(Fault("missing", gate.day))
    if faults:
        raise Invalid.of(faults)


def attachments(gate: Gate, record: StageRecord, kinds: Collection[str]) -> None:
    """Raises Conflict naming each kind of file that a stage demands and the deal does not have: `kinds` are there."""
    missing = [kind for kind in gate.attachments if kind not in kinds]
    if missing and record.evidence is Evidence.stated:
        raise Conflict("attachments_missing", "attachments", kinds=missing)


def days(
    record: StageRecord,
    field: str,
    reached: Iterable[date],
    *,
    recorded_on: date,
    today: date,
    may_be_ahead: bool = False,
) -> None:
    """Raises Invalid for a day in the future or before a stage reached earlier, and for a live stage without evidence.

    `recorded_on`: the day the deal was first recorded. What happened before may be recorded without evidence.
    """
    if record.happened_on is None or record.last_day is None:
        return
    if record.happened_on > today and not may_be_ahead:
        raise Invalid("in_the_future", field, today=today)
    latest = max(reached, default=None)
    if latest is not None and record.last_day < latest:
        raise Invalid("dates_reversed", field, other=latest)
    if record.evidence is Evidence.not_stated and record.last_day >= recorded_on:
        raise Invalid("evidence_of_a_live_deal", "evidence", recorded_on=recorded_on)


def not_after(record: StageRecord, field: str, stage: str, day: date) -> None:
    """Raises Invalid for a day after the last possible one of another stage."""
    if record.happened_on is not None and record.happened_on > day:
        raise Invalid("after_the_stage", field, stage=stage, other=day)


def title(assets: Iterable[Mapping[str, Any]], *, evidence: Evidence, secured: Mapping[str, Any] | None = None) -> None:
    """Raises Conflict where a title cannot pass: seized, mortgaged and not released, not registered, or not known.

    `secured`: the mortgages it may pass under, and the article that says so; None: any but one not released.

    What is recorded afterwards without evidence may be unknown; what is known to stand against it still stops it.
    """
    for n, asset in enumerate(assets):
        field = f"asset_ids.{n}"
        if asset["is_seized"]:
            raise Conflict("title_seized", field)
        if secured is not None and asset["mortgage"] not in (None, *secured["allowed"]):
            raise Conflict("contribution_secured", field, article=secured["article"])
        if asset["mortgage"] == Mortgage.unreleased:
            raise Conflict("title_mortgaged", field)
        if asset["title_is_registered"] is False:
            raise Conflict("title_unregistered", field)
        unknown = [name for name in ("title_is_registered", "mortgage", "is_seized") if asset[name] is None]
        if unknown and evidence is Evidence.stated:
            raise Conflict("title_unknown", field, unknown=unknown)


def contract(agreed: Mapping[str, Any], record: StageRecord) -> None:
    """Raises Invalid for a contribution above its appraisal, or a contract after the appraisal ran out."""
    contribution_yuan, appraised_yuan = agreed["contribution_yuan"], agreed["appraised_yuan"]
    if contribution_yuan is not None and appraised_yuan is not None and contribution_yuan > appraised_yuan:
        raise Invalid("above_appraisal", "contribution_yuan", most=appraised_yuan)
    until = agreed["appraisal_valid_until"]
    if until is not None and record.happened_on is not None and record.happened_on > until:
        raise Invalid("appraisal_expired", "happened_on", until=until)


def area(agreed_m2: Decimal, held_m2: Sequence[Decimal | None]) -> None:
    """Raises Invalid for more area than the one unit of a deal has, Conflict where nobody knows how much that is."""
    if len(held_m2) != 1:
        raise Invalid("one_unit", "area_m2")
    held = held_m2[0]
    if held is None:
        raise Conflict("area_unknown", "area_m2")
    if agreed_m2 > held:
        raise Invalid("more_than_held", "area_m2", most=held)


def whole(shares: Sequence[tuple[UUID, Decimal]]) -> dict[UUID, Decimal]:
    """Who holds which share. Raises Invalid where they are not 100 % together, or a holder stands there twice."""
    held = dict(shares)
    if len(held) != len(shares):
        raise Invalid("listed_twice", "holders")
    if sum(held.values()) != 1:
        raise Invalid("shares_not_whole", "holders", total=sum(held.values()))
    return held
