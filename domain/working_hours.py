"""Working hours in China: Monday to Friday, 9:00 to 17:00 in Asia/Shanghai. Public holidays are not known here."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from domain.instants import SHANGHAI

OPENS, CLOSES = time(9), time(17)
SATURDAY = 5


def after_working_hours(at: datetime, hours: int) -> datetime:
    """The instant at which so many working hours have passed since another; `hours` is one or more."""
    left, local = timedelta(hours=hours), at.astimezone(SHANGHAI)
    while True:
        opens, closes = (datetime.combine(local.date(), hour, SHANGHAI) for hour in (OPENS, CLOSES))
        starts = max(local, opens)
        if local.weekday() < SATURDAY and starts < closes:
            if left <= closes - starts:
                return (starts + left).astimezone(at.tzinfo)
            left -= closes - starts
        local = datetime.combine(local.date() + timedelta(days=1), time(), SHANGHAI)
