"""One chart per firm: where a bar begins."""

from __future__ import annotations

from datetime import date
from typing import Any

from outcomes.timeline import Bar, _rows

TODAY = date(2026, 3, 1)


def milestone(
    stage: str, happened_on: str | None, precision: str | None = "day", *, is_reached: bool = True
) -> dict[str, Any]:
    return {
        "stage": stage,
        "planned_on": None,
        "planned_on_precision": None,
        "happened_on": happened_on,
        "happened_on_precision": precision,
        "evidence": "stated" if is_reached else None,
    }


def bars(*milestones: dict[str, Any]) -> dict[str, Bar | None]:
    document = {"milestones": milestones, "opened_on": "2024-01-10", "agreements": [], "stage": milestones[-1]["stage"]}
    return {row.stage: row.actual for row in _rows(document, [milestone["stage"] for milestone in milestones], TODAY)}


def test_a_stage_runs_from_the_one_before_unless_that_ones_day_is_not_stated() -> None:
    shown = bars(
        milestone("proposed", "2024-02-01"),
        milestone("valuation", "2024-05-01"),
        milestone("resolved", None, None),
        milestone("trial_production", "2025-01-01", "year"),
    )

    assert shown["valuation"] == Bar(date(2024, 2, 1), date(2024, 5, 1))
    assert shown["resolved"] is None
    trial = shown["trial_production"]
    assert trial is not None
    assert (trial.first, trial.last) == (date(2025, 1, 1), date(2025, 12, 31))
