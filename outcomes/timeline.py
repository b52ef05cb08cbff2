"""One chart per firm (一企一图): the plan of a deal and what came of it, as rows of bars and of figures, by day.

Each stage is a row: planned from the stage before it to its day, really from the stage reached before to the day it was
reached, or still open. A stage whose day nobody stated has no bar and says so, and the next begins at its own day.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.words import DatePrecision
from outcomes.agreement import WITHDRAWN
from outcomes.checks import last_day
from outcomes.supervision import Fulfilment, Light, Supervised, Thresholds, fulfilment, light, read
from texts.bilingual import Bilingual
from texts.lookup import label

DAY = timedelta(days=1)
#: Chinese with English beside it.
BOTH = Bilingual()


@dataclass(frozen=True)
class Bar:
    """Days from the first to the last; how exactly the last is known; still open: the last is today."""

    first: date
    last: date
    precision: DatePrecision = DatePrecision.day
    is_open: bool = False


@dataclass(frozen=True)
class StageRow:
    """A stage: planned, real, and whether the plan's day has passed without it."""

    stage: str
    plan: Bar | None
    actual: Bar | None
    is_reached: bool
    is_not_stated: bool
    is_late: bool


@dataclass(frozen=True)
class Progress:
    """A promised figure in one year, or in all, and what came of it."""

    name: str
    unit: str
    fulfilment: Fulfilment


@dataclass(frozen=True)
class Timeline:
    """All that the chart shows."""

    firm_name: str
    path: str
    stage: str
    light: Light | None
    rows: Sequence[StageRow]
    progress: Sequence[Progress]
    is_illustrative: bool
    today: date


def timeline(document: Mapping[str, Any], order: Sequence[str], limits: Thresholds, today: date) -> Timeline:
    """The chart of a deal; `order` are the stages of its path."""
    supervised = read(document)
    is_supervised = bool(supervised.figures) or any(plan.planned_on is not None for plan in supervised.plans)
    shown = (
        light(supervised, limits, today)
        if is_supervised and document["stage"] in order and document["stage"] != "ended"
        else None
    )
    invented = any(row["illustrative"] for row in (*document["agreements"], *document["reports"]))
    return Timeline(
        document["firm_name"],
        document["path"],
        document["stage"],
        shown,
        _rows(document, order, today),
        _progress(supervised, today),
        invented,
        today,
    )


def _rows(document: Mapping[str, Any], order: Sequence[str], today: date) -> list[StageRow]:
    milestones = {milestone["stage"]: milestone for milestone in document["milestones"]}
    begin = date.fromisoformat(document["opened_on"])
    signed = [
        date.fromisoformat(agreement["signed_on"])
        for agreement in document["agreements"]
        if agreement["state"] != WITHDRAWN
    ]
    planned_from = min([begin, *signed]) if not signed else min(signed)
    rows, real_from, is_known = [], begin, True
    is_next = document["stage"] in order and document["stage"] != "ended"
    for stage in (name for name in order if name in milestones):
        milestone = milestones[stage]
        plan = _bar(milestone, "planned_on", planned_from)
        actual = _bar(milestone, "happened_on", real_from if is_known else date.max)
        is_reached = milestone["evidence"] is not None
        is_known = not is_reached or milestone["happened_on"] is not None
        if not is_reached and is_next and order.index(stage) > order.index(document["stage"]):
            actual, is_next = Bar(min(real_from, today), today, is_open=True), False
        rows.append(
            StageRow(
                stage,
                plan,
                actual,
                is_reached,
                is_reached and milestone["happened_on"] is None,
                not is_reached and plan is not None and plan.last < today,
            )
        )
        planned_from = planned_from if plan is None else max(planned_from, plan.last)
        real_from = real_from if actual is None else max(real_from, actual.last)
    return rows


def _bar(milestone: Mapping[str, Any], name: str, begin: date) -> Bar | None:
    if milestone[name] is None:
        return None
    day, precision = date.fromisoformat(milestone[name]), DatePrecision(milestone[f"{name}_precision"])
    last = last_day(day, precision)
    return Bar(min(begin, day), last, precision)


def _progress(supervised: Supervised, today: date) -> list[Progress]:
    return [
        Progress(figure.name, figure.unit, year)
        for figure in supervised.figures
        for year in fulfilment(figure, supervised.reports_for(figure), today)
    ]


def as_table(chart: Timeline) -> list[list[str]]:
    """The chart as rows of text, the header first."""
    header = ["row", "row_zh", "period", "planned_from", "planned_to", "actual_from", "actual_to", "state"]
    table = [[*header, "target", "actual", "unit"]]
    for row in chart.rows:
        state = "open" if row.actual is not None and row.actual.is_open else "reached" if row.is_reached else "planned"
        state = "not_stated" if row.is_not_stated else "late" if row.is_late else state
        name = label("stage", row.stage, "zh")
        table.append([row.stage, name, "", *_days(row.plan), *_days(row.actual), state, "", "", ""])
    for progress in chart.progress:
        state = {True: "breach", False: "", None: "unknown"}[progress.fulfilment.is_breach]
        year = "total" if progress.fulfilment.year is None else str(progress.fulfilment.year)
        figures = [
            _plain(progress.fulfilment.target),
            "" if progress.fulfilment.actual is None else _plain(progress.fulfilment.actual),
            progress.unit,
        ]
        table.append([progress.name, label("figure", progress.name, "zh"), year, "", "", "", "", state, *figures])
    return table


def _days(bar: Bar | None) -> tuple[str, str]:
    return ("", "") if bar is None else (str(bar.first), str(bar.last))


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def as_csv(chart: Timeline) -> bytes:
    """The table with a byte-order mark, so that spreadsheets read it as UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(as_table(chart))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_ics(chart: Timeline, outcome_id: str, stamp: str, words: Bilingual = BOTH) -> bytes:
    """Planned and reached milestones as days of a calendar. Source: RFC 5545 §3.4, §3.6.1."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Panhuo//Panhuo//ZH", "CALSCALE:GREGORIAN"]
    for row in chart.rows:
        for kind, bar in (("plan", row.plan), ("actual", row.actual)):
            if bar is None or bar.is_open:
                continue
            summary = f"{chart.firm_name} {' '.join(words.labels('stage', row.stage))} ({words.joined(kind)})"
            lines += [
                "BEGIN:VEVENT",
                f"UID:{outcome_id}-{row.stage}-{kind}@panhuo",
                f"DTSTAMP:{stamp}",
                f"DTSTART;VALUE=DATE:{_first_of(bar):%Y%m%d}",
                f"DTEND;VALUE=DATE:{bar.last + DAY:%Y%m%d}",
                f"SUMMARY:{ics_escaped(summary)}",
                "TRANSP:TRANSPARENT",
                "END:VEVENT",
            ]
    lines.append("END:VCALENDAR")
    return ics_lines(lines)


def ics_lines(lines: Sequence[str]) -> bytes:
    """Lines of a calendar as they are sent."""
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _first_of(bar: Bar) -> date:
    """The first day that the end of a bar can be: of its month or year where no more is known."""
    if bar.precision is DatePrecision.month:
        return bar.last.replace(day=1)
    return bar.last.replace(month=1, day=1) if bar.precision is DatePrecision.year else bar.last


def ics_escaped(text: str) -> str:
    """A text as the value of a line. Source: RFC 5545 §3.3.11."""
    for character in "\\;,":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> str:
    """A line in pieces of at most 75 octets, no character cut. Source: RFC 5545 §3.1."""
    pieces, size = [""], 0
    for character in line:
        octets = len(character.encode())
        if size + octets > 75:
            pieces.append(" ")
            size = 1
        pieces[-1] += character
        size += octets
    return "\r\n".join(pieces)
