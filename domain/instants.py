"""Days are days in Asia/Shanghai, instants are UTC: what `as_of` may say."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.errors import Malformed
from domain.facts import FIRST_DAY

SHANGHAI = ZoneInfo("Asia/Shanghai")


def instant_of(text: str, now: datetime) -> datetime:
    """An instant, or the end of a day in Asia/Shanghai. Raises Malformed for another text, or the future."""
    try:
        if len(text) == 10:
            day = date.fromisoformat(text) + timedelta(days=1)
            at = datetime.combine(day, time(), SHANGHAI) - timedelta(microseconds=1)
            # The day that is not over yet is known as of now.
            at = now if day - timedelta(days=1) == now.astimezone(SHANGHAI).date() else at
        else:
            at = datetime.fromisoformat(text.replace(" ", "+"))
    except (ValueError, OverflowError) as fault:
        raise Malformed("as_of_form", "as_of") from fault
    if at.tzinfo is None:
        raise Malformed("as_of_form", "as_of")
    if at > now:
        raise Malformed("as_of_future", "as_of")
    if at.date() < FIRST_DAY:
        raise Malformed("out_of_range", "as_of", least=FIRST_DAY, most=now.date())
    return at
