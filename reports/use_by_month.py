"""Whether a unit was in use, month by month, of the times its leaves are claimed; nothing of who or for how much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.instants import SHANGHAI

#: Months that are shown: those before this one, and those after it.
BEFORE, AFTER = 23, 12
#: Milliseconds of a UUIDv7 stand before so many bits. Source: RFC 9562 §5.7.
BITS_BELOW_TIME = 80


class MonthUse(StrEnum):
    """How a unit is used in a month."""

    #: All leaves, for part of the month at least.
    used = "used"
    #: Some leaves.
    part = "part"
    idle = "idle"
    #: Nothing is recorded of that time.
    unknown = "unknown"


@dataclass(frozen=True)
class UsedLeaf:
    """A leaf of a unit: its first recorded day, and the times it is in use, half-open; None: no end."""

    known_from: date
    during: Sequence[tuple[date | None, date | None]]


def known_from(leaf_id: UUID, idle_since: date | None, during: Iterable[tuple[date | None, date | None]]) -> date:
    """The first day of which something is recorded of a leaf: made, in use, or idle."""
    made = datetime.fromtimestamp((leaf_id.int >> BITS_BELOW_TIME) / 1000, SHANGHAI).date()
    days = [made, *(begin for begin, _ in during if begin is not None)]
    return min(days if idle_since is None else [*days, idle_since])


def use_by_month(leaves: Sequence[UsedLeaf], today: date) -> list[tuple[date, MonthUse]]:
    """The first day of each month, the earliest first, and how the unit is used in it. Empty: no leaf."""
    if not leaves:
        return []
    return [(month, _use(leaves, month)) for month in (_month(today, n) for n in range(-BEFORE, AFTER + 1))]


def _month(day: date, n: int) -> date:
    months = day.year * 12 + day.month - 1 + n
    return date(months // 12, months % 12 + 1, 1)


def _use(leaves: Sequence[UsedLeaf], month: date) -> MonthUse:
    after = _month(month, 1)
    if any(leaf.known_from >= after for leaf in leaves):
        return MonthUse.unknown
    used = [any((begin or month) < after and (end or after) > month for begin, end in leaf.during) for leaf in leaves]
    return MonthUse.used if all(used) else MonthUse.part if any(used) else MonthUse.idle
