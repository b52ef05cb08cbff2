"""When working hours have passed: weekends and nights do not count."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.instants import SHANGHAI
from domain.working_hours import after_working_hours


@pytest.mark.parametrize(
    ("received", "hours", "due"),
    [
        ("2026-11-30T09:00", 1, "2026-11-30T10:00"),  # a Monday
        ("2026-11-30T09:00", 8, "2026-11-30T17:00"),
        ("2026-11-30T09:00", 16, "2026-12-01T17:00"),
        ("2026-11-30T16:30", 1, "2026-12-01T09:30"),
        ("2026-11-30T17:00", 8, "2026-12-01T17:00"),
        ("2026-11-30T03:00", 1, "2026-11-30T10:00"),
        ("2026-11-27T16:00", 16, "2026-12-01T16:00"),  # a Friday
        ("2026-11-28T11:00", 1, "2026-11-30T10:00"),  # a Saturday
        ("2026-11-29T23:59", 16, "2026-12-01T17:00"),
        ("2026-11-27T16:59", 400, "2027-02-05T16:59"),
    ],
)
def test_working_hours_pass_on_weekdays_alone(received: str, hours: int, due: str) -> None:
    at = datetime.fromisoformat(received).replace(tzinfo=SHANGHAI)

    assert after_working_hours(at, hours) == datetime.fromisoformat(due).replace(tzinfo=SHANGHAI)
    assert after_working_hours(at.astimezone(UTC), hours).tzinfo is UTC
