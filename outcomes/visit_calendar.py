"""A visit as a calendar file: when, where, about which unit; nobody's name, as the file is passed on. RFC 5545."""

from __future__ import annotations

from datetime import datetime

from outcomes.timeline import ics_escaped, ics_lines

INSTANT = "%Y%m%dT%H%M%SZ"


def visit_ics(
    enquiry_id: str, sequence: int, starts_at: datetime, ends_at: datetime, summary: str, place: str, stamp: datetime
) -> bytes:
    """The visit in UTC; a visit that was moved has a higher `sequence`, by which calendars know the newer file."""
    return ics_lines(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Panhuo//Panhuo//ZH",
            "METHOD:PUBLISH",
            "BEGIN:VEVENT",
            f"UID:{enquiry_id}-visit@panhuo",
            f"SEQUENCE:{sequence}",
            f"DTSTAMP:{stamp:{INSTANT}}",
            f"DTSTART:{starts_at:{INSTANT}}",
            f"DTEND:{ends_at:{INSTANT}}",
            f"SUMMARY:{ics_escaped(summary)}",
            f"LOCATION:{ics_escaped(place)}",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    )
