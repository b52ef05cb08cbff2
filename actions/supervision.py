"""Supervision of a deal (履约监管): planned milestones, reports of what came of the figures promised, approvals.

A report gives the figure of a quarter or a year in the unit promised, with its source; a second one is a correction
and has a reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions import light as light_actions
from actions import scheme
from actions.authorization import match_revision, new_id
from actions.locked_outcome import LockedOutcome
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.entity_tags import revision_tag
from domain.errors import Conflict, Fault, Invalid, NotFound
from domain.facts import refuse, value_faults
from domain.words import DatePrecision
from outcomes.agreement import IN_FORCE
from outcomes.checks import first_day
from outcomes.stages import EXITS, Stage
from outcomes.supervision import period_end, period_start
from store import closed_year, supervision
from store.db import Database


async def plan_milestone(
    db: Database, actor: Actor, outcome_id: UUID, plan: Mapping[str, Any], *, once: Once | None, today: date
) -> Answer:
    """When a stage of a deal is planned for, now or anew. Raises Invalid for a stage that is not on its path."""
    refuse(value_faults(plan))
    async with LockedOutcome(db, actor, outcome_id, "*", once, is_moved=False) as locked:
        require_active(locked)
        row = await put_plan(locked, plan, "stage")
        locked.act.did("milestone.planned", "outcome", outcome_id, firm_id=locked.row["firm_id"], **row)
        await light_actions.relight(locked.act, outcome_id, today)
        locked.act.answer = locked.answer = answer(row, f"/api/v1/outcomes/{outcome_id}/timeline", 201)
    return locked.answer


def require_active(locked: LockedOutcome) -> None:
    """Raises Conflict for a deal that was withdrawn, rejected or corrected; what came of it may still be reported."""
    if locked.stage in EXITS:
        raise Conflict("deal_is_off", "stage", stage=locked.stage.value)


async def put_plan(locked: LockedOutcome, plan: Mapping[str, Any], field: str) -> dict[str, Any]:
    stage = Stage(plan["stage"])
    if stage not in locked.route.order:
        raise Invalid("not_in_vocabulary", field, allowed=[step.value for step in locked.route.order])
    precision = DatePrecision(plan.get("precision") or DatePrecision.day)
    planned_on = first_day(plan["planned_on"], precision)
    await supervision.plan(locked.act, locked.outcome_id, stage.value, planned_on, precision.value)
    return {"stage": stage.value, "planned_on": planned_on, "planned_on_precision": precision.value}


async def report(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    indicator_id: UUID,
    *,
    year: int,
    quarter: int | None,
    value: Decimal,
    unit: str,
    source: str,
    reason: str | None = None,
    illustrative: Sequence[str] = (),
    once: Once | None,
    today: date,
) -> Answer:
    """What came of a promised figure in a quarter or a year that is over.

    Raises: Invalid for another unit, a period not over, before the promise or after it; Conflict (already_reported) for
    a period reported before where no reason says that it is corrected, (year_closed) for any of a closed year, or
    (promise_not_in_force) for a figure that is replaced or taken back.
    """
    facts: dict[str, Any] = {"value": value, "source": source, "reason": reason, "illustrative": list(illustrative)}
    refuse(value_faults(facts))
    async with LockedOutcome(db, actor, outcome_id, "*", once, is_moved=False) as locked:
        act = locked.act
        known = await supervision.lit(act, outcome_id, year)
        promised = _promised(known, indicator_id, unit)
        _require_reportable(promised, year, quarter, today)
        about = {"indicator_id": str(indicator_id), "year": year, "quarter": quarter}
        before = next((reported for reported in known["reports"] if about.items() <= reported.items()), None)
        _require_reason(before, year, reason, is_closed=known["is_closed"])
        row: dict[str, Any] = {"park_id": act.scope_id, "id": new_id() if before is None else UUID(before["id"])}
        row |= {"outcome_id": outcome_id, "indicator_id": indicator_id, "year": year, "quarter": quarter}
        row |= {"value": value, "unit": unit, **facts}
        if known["is_closed"] is None:
            await closed_year.open_year(act, year)
        reports = [reported for reported in known["reports"] if reported is not before]
        light = await light_actions.compute(
            act, {**known, "reports": [*reports, {**about, "value": value, "is_counted": True}]}, today
        )
        await supervision.put_report(act, row, light)
        details = {**row, "name": promised["name"], "firm_id": locked.row["firm_id"]}
        act.did("report.added" if before is None else "report.corrected", "outcome", outcome_id, **details)
        light_actions.record_change(act, outcome_id, known, light)
        status = 201 if before is None else 200
        act.answer = locked.answer = answer(row, f"/api/v1/outcomes/{outcome_id}/reports", status)
    return locked.answer


def _promised(known: Mapping[str, Any], indicator_id: UUID, unit: str) -> Mapping[str, Any]:
    """The figure that is reported. Raises Invalid where the deal promises none such, or in another unit."""
    promised: Mapping[str, Any] | None = next(
        (figure for figure in known["indicators"] if figure["id"] == str(indicator_id)), None
    )
    if promised is None:
        raise Invalid("unknown_reference", "indicator_id")
    if promised["state"] != IN_FORCE:
        raise Conflict("promise_not_in_force", "indicator_id", state=promised["state"])
    if unit != promised["unit"]:
        raise Invalid("not_in_vocabulary", "unit", allowed=[promised["unit"]])
    return promised


def _require_reportable(promised: Mapping[str, Any], year: int, quarter: int | None, today: date) -> None:
    """Raises Invalid for a period that is not over, or lies before the promise."""
    ends_on, starts_on = period_end(year, quarter), date.fromisoformat(promised["starts_on"])
    if ends_on >= today:
        raise Invalid("period_not_over", "year" if quarter is None else "quarter", ends_on=ends_on)
    if ends_on < starts_on:
        raise Invalid("before_the_promise", "year", starts_on=starts_on)
    due_on = None if promised["due_on"] is None else date.fromisoformat(promised["due_on"])
    if due_on is not None and promised["per"] == "year" and period_start(year, quarter) > due_on:
        raise Invalid("after_the_promise", "year", due_on=due_on)


def _require_reason(before: Mapping[str, Any] | None, year: int, reason: str | None, *, is_closed: bool | None) -> None:
    """Raises Conflict where a report needs a reason and has none, or has one and corrects nothing."""
    if is_closed and reason is None:
        raise Conflict("year_closed", "reason", year=year)
    if before is not None and reason is None:
        raise Conflict("already_reported", "reason", value=Decimal(before["value"]))
    if before is None and reason is not None and not is_closed:
        raise Conflict("nothing_to_correct", "reason")


async def add_approvals(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    items: Sequence[Mapping[str, Any]] | None,
    agent_id: UUID | None,
    *,
    once: Once | None,
    today: date,
) -> Answer:
    """Items of the checklist of a deal: those named, or all of the scheme; what is there already stays as it is.

    Raises: Invalid for an item that is not in the scheme and has no name.
    """
    async with LockedOutcome(db, actor, outcome_id, "*", once, is_moved=False) as locked:
        require_active(locked)
        act = locked.act
        known = {item["item"]: item for item in (await scheme.in_force(act, "approvals"))["items"]}
        chosen = list(known.values()) if items is None else [_item(known, item, n) for n, item in enumerate(items)]
        common = {"park_id": act.scope_id, "outcome_id": outcome_id, "agent_id": agent_id}
        rows = [
            {**common, "id": key, "item": item["item"], "name": item["zh"], "series": item["series"]}
            for key, item in zip(ids(len(chosen)), chosen, strict=True)
        ]
        added = await supervision.insert_approvals(act, rows)
        act.did("approvals.added", "outcome", outcome_id, items=added, agent_id=agent_id)
        body = {"added": added}
        act.answer = locked.answer = answer(body, f"/api/v1/outcomes/{outcome_id}/approvals", 201)
    return locked.answer


def _item(known: Mapping[str, Any], item: Mapping[str, Any], n: int) -> Mapping[str, Any]:
    refuse(value_faults({"name": item.get("name")}, f"items.{n}."))
    if item["item"] in known:
        return dict(known[item["item"]])
    if item.get("name") is None:
        raise Invalid("item_without_name", f"items.{n}.item")
    return {"item": item["item"], "zh": item["name"], "series": None}


async def amend_approval(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    approval_id: UUID,
    changed: Mapping[str, Any],
    *,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """Applied for, decided, handed to an agent. The target is the one in force on the day of the application."""
    refuse(value_faults(changed))
    async with LockedOutcome(db, actor, outcome_id, "*", once, is_moved=False) as locked:
        act = locked.act
        before = await supervision.approval(act, outcome_id, approval_id)
        if before is None:
            raise NotFound("no_such")
        match_revision(if_match, before["revision"])
        after = {**dict(before), **changed}
        refuse(_approval_faults(after, today))
        target = await _target_days(locked, before["series"], after["applied_on"])
        await supervision.amend_approval(act, approval_id, {**changed, "target_days": target})
        act.did("approval.amended", "outcome", outcome_id, item=before["item"], **changed)
        body = {**after, "target_days": target, "revision": before["revision"] + 1}
        act.answer = locked.answer = answer(body, None, 200, revision_tag(before["revision"] + 1))
    return locked.answer


def _approval_faults(after: Mapping[str, Any], today: date) -> list[Fault]:
    applied_on, done_on = after["applied_on"], after["done_on"]
    faults = [
        Fault("in_the_future", name, {"today": today})
        for name in ("applied_on", "done_on")
        if after[name] is not None and after[name] > today
    ]
    if done_on is not None and applied_on is None:
        faults.append(Fault("missing", "applied_on"))
    if done_on is not None and applied_on is not None and done_on < applied_on:
        faults.append(Fault("dates_reversed", "done_on", {"other": applied_on}))
    if (done_on is None) != (after["result"] is None):
        field, other = ("result", "done_on") if done_on is not None else ("done_on", "result")
        faults.append(Fault("goes_together", field, {"other": other}))
    return faults


async def _target_days(locked: LockedOutcome, series: str | None, applied_on: date | None) -> int | None:
    definition = (await scheme.in_force(locked.act, "approvals"))["series"].get(series)
    if definition is None or applied_on is None:
        return None
    in_force = [
        target for target in definition["targets"] if target["from"] is None or target["from"] <= applied_on.isoformat()
    ]
    return int(in_force[-1]["days"])


def ids(count: int) -> list[UUID]:
    """New ids in the order in which rows are to be shown: within a millisecond they are drawn at random."""
    return sorted(new_id() for _ in range(count))


def answer(body: Mapping[str, Any], location: str | None, status: int, tag: str | None = None) -> Answer:
    return Answer(json.dumps(body, ensure_ascii=False, default=_text), status, tag, location)


def _text(value: object) -> object:
    """Ids and days as text, decimals as numbers."""
    return float(value) if isinstance(value, Decimal) else str(value)
