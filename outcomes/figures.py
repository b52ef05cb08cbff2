"""The arithmetic of the district's figures: what is in the figure, sums per kind, growth, closed years."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.quantity import decimal_text
from outcomes.revival import CLAUSES, RevivalVerdict

#: Verdicts that stand beside the figure, in the order the rule judges them.
BESIDE = tuple(dict.fromkeys(verdict.value for verdict, _, _ in CLAUSES if verdict is not RevivalVerdict.counted))
SUMS = ("area_mu", "area_m2", "cases", "illustrative_area_mu", "illustrative_area_m2", "cases_without_area")


def counted(rows: Sequence[Any]) -> list[Any]:
    """The rows that are in the figure."""
    return [row for row in rows if row["verdict"] == RevivalVerdict.counted]


def summed(rows: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """Per kind the sums over groups; a deal lies in one group of each kind."""
    return {
        kind: {name: sum(row[name] for row in rows if row["kind"] == kind and row[name] is not None) for name in SUMS}
        for kind in ("land", "factory")
    }


def in_units(rows: Sequence[Any]) -> dict[str, Decimal]:
    """Per kind the area in the unit it is reported in: land in mu, factory space in m²."""
    zero = Decimal(0)
    return {
        kind: sum((row[unit] or zero for row in rows if row["kind"] == kind), zero)
        for kind, unit in (("land", "area_mu"), ("factory", "area_m2"))
    }


def rate(now: Decimal | int, then: Decimal | int) -> str | None:
    """Growth as a share of what was, four decimals; None from nothing."""
    return None if then == 0 else decimal_text((Decimal(now - then) / Decimal(then)).quantize(Decimal("0.0001")))


def year_before(day: date) -> date:
    """The same day a year before; the last day of a month stays the last."""
    last = monthrange(day.year, day.month)[1]
    last_then = monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=last_then if day.day == last else min(day.day, last_then))


@dataclass(frozen=True)
class ClosedYear:
    """A part of a year that parks have closed: the figure as it was then, and as known now, per kind in its unit.

    `closed_at`: the last closing among the parks; `is_closed`: all of them have closed it. A park that has not stands
    in both figures as known now.
    """

    year: int
    starts_on: date
    ends_on: date
    is_closed: bool
    closed_at: datetime
    then: Mapping[str, Decimal]
    now: Mapping[str, Decimal]
