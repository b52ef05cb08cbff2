"""The table of cases in docs/counting.md, row by row, and what holds for all of them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path as File
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.words import DatePrecision, Kind, Path
from outcomes.checks import last_day
from outcomes.revival import (
    CLAUSES,
    Leaf,
    Party,
    Reached,
    RevivalVerdict,
    Span,
    Stated,
    Use,
    counted_days,
    is_same_group,
    judge,
    later,
    rule,
)

ROOT = File(__file__).resolve().parents[2]
DOCUMENT = json.loads((ROOT / "fixtures/reference/revival_1.json").read_text(encoding="utf-8"))
RULE = rule(DOCUMENT)
TABLE = (ROOT / "docs/counting.md").read_text(encoding="utf-8").partition("## 情形")[2]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.splitlines() if line.startswith("| ")]
CASES = [row for row in ROWS if row[1] in ("land", "factory")]
FIRMS = {
    "甲": Party(UUID(int=1), "甲", None),
    "甲子": Party(UUID(int=2), "甲子", "甲"),
    "乙": Party(UUID(int=3), "乙", None),
    "丙": Party(UUID(int=4), "丙", None),
}


def span(text: str) -> Span:
    """A day, month or year as the days it can mean."""
    parts = [int(part) for part in text.split("-")]
    precision = {1: DatePrecision.year, 2: DatePrecision.month, 3: DatePrecision.day}[len(parts)]
    first = date(*[*parts, 1, 1][:3])
    return Span(first, last_day(first, precision))


def at(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def use(text: str) -> Use:
    firm, _, days = text.partition(" ")
    starts_on, _, ends_on = days.partition("~")
    free_on = date.fromisoformat(ends_on) + timedelta(days=1) if ends_on else None
    how = firm[-1] if firm[-1] in "租临" else ""
    recorded_at = at(date(2020, 1, 1))
    return Use(
        FIRMS[firm.removesuffix(how)], date.fromisoformat(starts_on), free_on, recorded_at, how == "租", how == "临"
    )


@pytest.mark.parametrize("row", CASES, ids=[row[0] for row in CASES])
def test_each_case_of_the_table(row: list[str]) -> None:
    _, kind, path, uses, entered, completed, day, counted, verdict, clause = row
    days = span(day.split()[0])
    opened_at = at(days.first - timedelta(days=60))
    stated = None
    if entered != "-":
        recorded_at = opened_at + timedelta(days=1 if "补录" in entered else -1)
        stated = Stated(span(entered.split()[0]), "vacant_building", recorded_at, "来源" if "来源" in entered else None)
    leaf = Leaf(
        Kind(kind),
        [] if uses == "-" else [use(text) for text in uses.split("；")],
        stated,
        None if completed == "-" else span(completed),
    )
    reached = Reached(Path(path), FIRMS["甲"], opened_at, days, awaits_start="未动工" in day)

    judgement = judge(leaf, reached, RULE, [] if counted == "-" else [span(counted)])

    assert (judgement.verdict.value, judgement.clause) == (verdict, clause)


def test_the_table_has_a_case_for_every_clause() -> None:
    assert {(row[8], row[9]) for row in CASES} == {(verdict.value, clause) for verdict, clause, _ in CLAUSES}


def test_the_data_names_every_clause_with_its_verdict() -> None:
    named = {(item["verdict"], clause) for clause, item in DOCUMENT["clauses"].items()}

    assert named == {(verdict.value, clause) for verdict, clause, _ in CLAUSES} | {("counted", "reached")}


DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))


@given(
    ends_on=st.none() | DAYS,
    starts_on=DAYS,
    entered=st.none() | DAYS,
    revived_on=DAYS,
    counted=st.lists(DAYS, max_size=2),
    path=st.sampled_from(list(Path)),
    kind=st.sampled_from(list(Kind)),
)
def test_what_counts_was_free_of_use_for_thirty_days(
    ends_on: date | None,
    starts_on: date,
    entered: date | None,
    revived_on: date,
    counted: list[date],
    path: Path,
    kind: Kind,
) -> None:
    uses = [] if ends_on is not None and ends_on <= starts_on else [Use(FIRMS["乙"], starts_on, ends_on, at(starts_on))]
    stated = None if entered is None else Stated(Span(entered, entered), "vacant_building", at(date(2019, 1, 1)))
    before = [Span(day, day) for day in counted if day < revived_on]
    reached = Reached(path, FIRMS["甲"], at(date(2019, 6, 1)), Span(revived_on, revived_on))

    judgement = judge(Leaf(kind, uses, stated, Span(date(2000, 1, 1), date(2000, 1, 1))), reached, RULE, before)

    if judgement.verdict is RevivalVerdict.counted:
        assert judgement.idle is not None
        window = [revived_on - timedelta(days=n) for n in range(1, 31)]
        assert not any(u.starts_on <= day and (u.free_on is None or day < u.free_on) for u in uses for day in window)
        assert judgement.idle.days >= 30
        assert all(span.first.year != revived_on.year for span in before)
        assert judgement.idle.since > max((span.last for span in before), default=date.min)


@pytest.mark.parametrize(
    ("first", "other", "expected"),
    [
        (FIRMS["甲"], FIRMS["甲"], True),
        (FIRMS["甲"], FIRMS["甲子"], True),
        (FIRMS["甲子"], Party(UUID(int=9), "甲孙", "甲"), True),
        (FIRMS["甲"], FIRMS["乙"], False),
        (Party(UUID(int=5)), Party(UUID(int=6)), False),  # nothing known of either places them in no group
    ],
)
def test_groups(first: Party, other: Party, expected: bool) -> None:
    assert is_same_group(first, other) is expected
    assert is_same_group(other, first) is expected


REVIVED, STARTED = span("2025-06-01"), span("2025-09")


@pytest.mark.parametrize(
    ("kind", "path", "revived", "started", "is_developed", "expected"),
    [
        (Kind.factory, Path.lease, REVIVED, None, False, (REVIVED, False)),
        (Kind.factory, Path.lease, None, STARTED, False, None),
        (Kind.land, Path.sale, REVIVED, None, False, (REVIVED, True)),
        (Kind.land, Path.sale, REVIVED, STARTED, False, (STARTED, False)),
        (Kind.land, Path.sale, None, STARTED, False, (STARTED, False)),  # built on before title passed
        (Kind.land, Path.sale, REVIVED, None, True, (REVIVED, False)),
        (Kind.land, Path.sale, REVIVED, STARTED, True, (REVIVED, False)),
        (Kind.land, Path.repurchase_resupply, REVIVED, None, False, (REVIVED, False)),
        (Kind.land, Path.joint_development, REVIVED, STARTED, False, (REVIVED, False)),
        (Kind.land, Path.temporary_use, REVIVED, None, False, (REVIVED, False)),
    ],
)
def test_the_day_a_leaf_counts_on(
    kind: Kind,
    path: Path,
    revived: Span | None,
    started: Span | None,
    is_developed: bool,
    expected: tuple[Span, bool] | None,
) -> None:
    assert counted_days(kind, path, revived, started, is_developed=is_developed) == expected


def test_the_later_day_is_the_one_whose_last_possible_day_is_later() -> None:
    assert later(span("2025-06-20"), span("2025-07")) == span("2025-07")
    assert later(span("2025-07-20"), span("2025-07")) == span("2025-07")
    assert later(span("2025-08-01"), span("2025-07")) == span("2025-08-01")
