"""A stage of a deal is reached, on its route or beside it: its record is checked, and what it moves is moved.

Which stage follows which, and what it needs, is data (`route`); what a stage moves stands in `stage_effects`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from actions.locked_outcome import LockedOutcome, add_milestone
from actions.stage_change import Changed, StageChange
from domain.errors import Conflict
from domain.words import DatePrecision, Evidence
from outcomes import checks
from outcomes.checks import StageRecord
from outcomes.stage_fields import RECORD_FIELDS
from outcomes.stages import REACHED_TODAY, Stage
from store import attachment


async def reach(
    locked: LockedOutcome, target: Stage, facts: Mapping[str, Any], today: date, *, reason: str | None = None
) -> None:
    """Moves the deal to a stage that is known to follow, with all that the stage moves."""
    route = locked.route
    on_the_way = [row for row in locked.reached if row["kind"] not in (*route.beside, target)]
    bounded = [
        row for row in locked.reached if row["kind"] in route.beside and route.beside[row["kind"]].until is target
    ]
    is_counted = target in (route.revives_at, Stage.ended)
    change = _stage_change(locked, target, facts, on_the_way, [*on_the_way, *bounded], today, day_is_needed=is_counted)
    await _require_attachments(locked, change)
    changed: Changed = {}
    if target is route.revives_at:
        day, precision = await _revival(change)
        _require_evidence(locked, change, day, precision)
        changed = {"revived_on": day, "revived_on_precision": precision.value}
    for effect in route.effects_of(target):
        changed |= await effect.run(change)
    await add_milestone(locked.act, locked.outcome_id, target, change.record, change.facts)
    changed |= {} if reason is None else {"reason": reason}
    because = facts.get("reason", reason)
    await locked.move(target, target.value, today, notes=change.notes, because=because, **changed)


async def _revival(change: StageChange) -> tuple[date, DatePrecision]:
    """The day the revival counts on: of the stage, where none of its effects says another."""
    for effect in change.route.effects_of(change.stage):
        if effect.revival is not None:
            day, precision = await effect.revival(change)
            return day, precision
    return change.day, change.record.precision


async def reach_beside(locked: LockedOutcome, target: Stage, facts: Mapping[str, Any], today: date) -> None:
    """Records a side stage that is possible now; the deal stays in its stage."""
    route, rule = locked.route, locked.route.beside[target]
    passed = () if rule.since is None else route.stages[: route.stages.index(rule.since) + 1]
    before = [row for row in locked.reached if row["kind"] in passed]
    change = _stage_change(locked, target, facts, before, before, today, day_is_needed=True)
    await _require_attachments(locked, change)
    for row in locked.reached:
        if row["kind"] == rule.until and row["happened_on"] is not None:
            until = checks.last_day(row["happened_on"], DatePrecision(row["happened_on_precision"]))
            checks.not_after(change.record, route.gates[target].day, row["kind"], until)
    if target is Stage.construction_started:
        _require_evidence(locked, change, change.day, change.record.precision)
    for effect in route.effects_of(target):
        await effect.run(change)
    await add_milestone(locked.act, locked.outcome_id, target, change.record, change.facts)
    await locked.move(locked.stage, target.value, today, because=facts.get("reason"))


async def _require_attachments(locked: LockedOutcome, change: StageChange) -> None:
    """Raises Conflict where the stage demands a kind of file that neither the deal nor a stage of it has."""
    gate = change.route.gates[change.stage]
    if gate.attachments:
        checks.attachments(gate, change.record, await attachment.kinds(locked.act, locked.outcome_id))


def _stage_change(
    locked: LockedOutcome,
    target: Stage,
    facts: Mapping[str, Any],
    reached: Sequence[Any],
    before: Sequence[Any],
    today: date,
    *,
    day_is_needed: bool,
) -> StageChange:
    """The record of a stage, checked: its figures, and its day against those of the milestones `before`."""
    gate = locked.route.gates[target]
    about = {name: value for name, value in facts.items() if name not in (*RECORD_FIELDS, gate.day)}
    record = _stage_record(target, facts, gate.day, today)
    checks.figures(target, gate, record, about, day_is_needed=day_is_needed)
    known = [row["happened_on"] for row in before if row["happened_on"] is not None]
    may_be_ahead = any(effect.may_be_ahead for effect in locked.route.effects_of(target))
    recorded_on = locked.reached[0]["recorded_on"]
    checks.days(record, gate.day, known, recorded_on=recorded_on, today=today, may_be_ahead=may_be_ahead)
    if record.happened_on is not None:
        record = replace(record, happened_on=checks.first_day(record.happened_on, record.precision))
    return StageChange(
        locked.act, locked.outcome_id, locked.route, locked.row, locked.asset_ids, target, record, about, reached, today
    )


def _stage_record(target: Stage, facts: Mapping[str, Any], day: str, today: date) -> StageRecord:
    """The record of a stage from the caller's facts."""
    happened_on = today if target in REACHED_TODAY and facts.get(day) is None else facts.get(day)
    precision = DatePrecision(facts.get("precision", DatePrecision.day))
    return StageRecord(happened_on, precision, Evidence(facts.get("evidence", Evidence.stated)), facts.get("source"))


def _require_evidence(locked: LockedOutcome, change: StageChange, day: date, precision: DatePrecision) -> None:
    """Raises Conflict where what counts now rests on no papers; only what is recorded afterwards may lack them."""
    unproven = [row["kind"] for row in change.reached if row["evidence"] == Evidence.not_stated]
    if unproven and checks.last_day(day, precision) >= locked.reached[0]["recorded_on"]:
        raise Conflict("evidence_missing", "stage", stages=unproven)
