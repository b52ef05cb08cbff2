"""Agreements of supervision (履约监管协议): signed, corrected, replaced by another, taken back; what they promise.

Every act says anew which figures of the deal are in force (`outcomes/agreement`), and a figure is promised once for
any day (constraint nothing_promised_twice). What a closed year promised changes with a reason alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from actions import light
from actions.authorization import new_id
from actions.locked_outcome import LockedOutcome
from actions.supervision import answer, ids, put_plan, require_active
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Fault, Invalid, NotFound
from domain.facts import NUMBERS, refuse, value_faults
from domain.words import DatePrecision
from outcomes import agreement as rules
from outcomes.agreement import IN_FORCE, WITHDRAWN, AgreedFigure
from outcomes.checks import first_day
from store import closed_year, supervision
from store.db import Database

#: Promised figure → the units it may be promised in.
UNITS: Mapping[str, tuple[str, ...]] = {
    "output": ("yuan",),
    "revenue": ("yuan",),
    "tax": ("yuan",),
    "added_value": ("yuan",),
    "investment": ("yuan",),
    "research": ("yuan",),
    "jobs": ("person",),
    "energy": ("tce", "kwh"),
}


async def sign_agreement(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    facts: Mapping[str, Any],
    figures: Sequence[Mapping[str, Any]],
    plans: Sequence[Mapping[str, Any]],
    *,
    once: Once | None,
    today: date,
) -> Answer:
    """An agreement beside a deal: the figures it promises, and the days it plans stages for.

    Raises: Invalid for days in the future or out of order, a total without its day, a stage not on the path; Conflict
    (promised_twice) for a figure that is promised already, (year_closed) where a closed year changes without a reason.
    """
    refuse(_faults(facts, figures, plans, today))
    reason, replaces = facts.get("reason"), facts.get("replaces")
    async with LockedOutcome(db, actor, outcome_id, "*", once, is_moved=False) as locked:
        require_active(locked)
        before = await _agreed(locked)
        if replaces is not None and replaces not in before.rows:
            raise Invalid("unknown_reference", "replaces")
        if replaces is not None and before.rows[replaces]["state"] != IN_FORCE:
            raise Conflict("agreement_not_in_force", "replaces", state=before.rows[replaces]["state"])
        agreement_id = new_id()
        row = _row(locked, agreement_id, facts) | {"state": IN_FORCE, "replaces": replaces, "reason": reason}
        promised = _promised(agreement_id, row, figures)
        after = _standing({**before.rows, agreement_id: row}, [*before.figures, *promised])
        closed = await _store_changes(locked, before, after, promised, reason, today)
        for n, plan in enumerate(plans):
            await put_plan(locked, plan, f"milestones.{n}.stage")
        more = {"replaces": replaces} if replaces is not None else {}
        return await _finish(locked, "agreement.signed", after, agreement_id, closed, reason, today, **more)


async def correct_agreement(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    agreement_id: UUID,
    facts: Mapping[str, Any],
    figures: Sequence[Mapping[str, Any]],
    *,
    once: Once | None,
    today: date,
) -> Answer:
    """The whole of an agreement as it should have been, with the reason; a figure that stays keeps its reports.

    Raises: as for signing; NotFound for no agreement of the deal; Conflict for one that is taken back.
    """
    refuse(_faults(facts, figures, [], today))
    reason = facts["reason"]
    async with LockedOutcome(db, actor, outcome_id, "*", once, is_moved=False) as locked:
        before = await _agreed(locked)
        was = _not_withdrawn(before, agreement_id)
        row = was | _row(locked, agreement_id, facts) | {"illustrative": was["illustrative"], "reason": reason}
        own = [figure for figure in before.figures if figure.agreement_id == agreement_id and figure.state != WITHDRAWN]
        promised = _matched(own, _promised(agreement_id, row, figures))
        gone = {figure.id for figure in own} - {figure.id for figure in promised}
        corrected = {figure.id: figure for figure in promised}
        kept = [
            replace(figure, state=WITHDRAWN) if figure.id in gone else corrected.pop(figure.id, figure)
            for figure in before.figures
        ]
        after = _standing({**before.rows, agreement_id: row}, [*kept, *corrected.values()])
        closed = await _store_changes(locked, before, after, promised, reason, today)
        return await _finish(locked, "agreement.corrected", after, agreement_id, closed, reason, today)


async def withdraw_agreement(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    agreement_id: UUID,
    reason: str,
    *,
    once: Once | None,
    today: date,
) -> Answer:
    """Takes an agreement back: its figures count no more, its reports are kept; what it replaced is in force again.

    Raises: NotFound for no agreement of the deal; Conflict for one that is taken back already, or where another
    promises the same as what would be in force again.
    """
    refuse(value_faults({"reason": reason}))
    async with LockedOutcome(db, actor, outcome_id, "*", once, is_moved=False) as locked:
        before = await _agreed(locked)
        row = _not_withdrawn(before, agreement_id) | {"state": WITHDRAWN, "reason": reason}
        after = _standing({**before.rows, agreement_id: row}, before.figures)
        closed = await _store_changes(locked, before, after, [], reason, today)
        return await _finish(locked, "agreement.withdrawn", after, agreement_id, closed, reason, today)


@dataclass(frozen=True)
class _Agreed:
    """What is agreed for a deal: the rows of its agreements, and its figures."""

    rows: Mapping[UUID, dict[str, Any]]
    figures: Sequence[AgreedFigure]

    def name(self, figure: AgreedFigure) -> str:
        """The agreement of a figure as people call it."""
        return str(self.rows[figure.agreement_id]["document_no"] or figure.agreement_id)


async def _agreed(locked: LockedOutcome) -> _Agreed:
    known = await supervision.agreed(locked.act, locked.outcome_id)
    rows = {UUID(row["id"]): row for row in known["agreements"]}
    return _Agreed(rows, [rules.figure_from_row(row) for row in known["indicators"]])


def _standing(rows: Mapping[UUID, dict[str, Any]], figures: Sequence[AgreedFigure]) -> _Agreed:
    agreements, stand = rules.standing([rules.agreement_from_row(row) for row in rows.values()], figures)
    return _Agreed({agreement.id: rows[agreement.id] | {"state": agreement.state} for agreement in agreements}, stand)


def _not_withdrawn(known: _Agreed, agreement_id: UUID) -> dict[str, Any]:
    row = known.rows.get(agreement_id)
    if row is None:
        raise NotFound("no_such")
    if row["state"] == WITHDRAWN:
        raise Conflict("agreement_not_in_force", "state", state=WITHDRAWN)
    return row


def _row(locked: LockedOutcome, agreement_id: UUID, facts: Mapping[str, Any]) -> dict[str, Any]:
    precision = DatePrecision(facts.get("signed_on_precision") or DatePrecision.day)
    return {
        "park_id": locked.act.scope_id,
        "outcome_id": locked.outcome_id,
        "id": agreement_id,
        "document_no": facts.get("document_no"),
        "signed_on": first_day(facts["signed_on"], precision),
        "signed_on_precision": precision.value,
        "ends_on": facts.get("ends_on"),
        "source": facts["source"],
        "illustrative": list(facts.get("illustrative") or ()),
    }


def _promised(agreement_id: UUID, row: Mapping[str, Any], figures: Sequence[Mapping[str, Any]]) -> list[AgreedFigure]:
    """The figures as rows: from the day of the agreement where no other is given, and so much a year until it ends."""
    promised = []
    for key, figure in zip(ids(len(figures)), figures, strict=True):
        due_on = figure.get("due_on") or (row["ends_on"] if figure["per"] == "year" else None)
        named = (figure["name"], figure["value"], figure["unit"], figure["per"])
        promised.append(
            AgreedFigure(key, agreement_id, *named, figure.get("starts_on") or row["signed_on"], due_on, due_on)
        )
    return promised


def _matched(own: Sequence[AgreedFigure], promised: Sequence[AgreedFigure]) -> list[AgreedFigure]:
    """The corrected figures with the ids of those they correct: of the same days first, then one after the other."""
    left = list(own)
    ids_of: dict[int, UUID] = {}
    for is_same_day in (True, False):
        for n, figure in enumerate(promised):
            same = next(
                (
                    o
                    for o in left
                    if o.measure == figure.measure and (not is_same_day or o.starts_on == figure.starts_on)
                ),
                None,
            )
            if n not in ids_of and same is not None:
                left.remove(same)
                ids_of[n] = same.id
    return [replace(figure, id=ids_of.get(n, figure.id)) for n, figure in enumerate(promised)]


async def _store_changes(
    locked: LockedOutcome,
    before: _Agreed,
    after: _Agreed,
    promised: Sequence[AgreedFigure],
    reason: str | None,
    today: date,
) -> list[int]:
    """Writes what has changed; the closed years it changes.

    Raises: Conflict where a figure would be promised twice, or a closed year changes without a reason.
    """
    places = {figure.id: n for n, figure in enumerate(promised)}
    if (twice := rules.clash(after.figures, last=places)) is not None:
        first, second = twice
        raise Conflict(
            "promised_twice",
            f"indicators.{places[second.id]}" if second.id in places else "agreement_id",
            name=second.name,
            agreement=after.name(first),
            period=f"{first.starts_on} – {first.due_on or '…'}",
        )
    years = rules.years_changed(before.figures, after.figures, today)
    closed = await closed_year.closed_among(locked.act, years)
    if closed and reason is None:
        raise Conflict("year_closed", "reason", year=closed[0])
    figures_before = {figure.id: figure for figure in before.figures}
    await supervision.put_agreements(
        locked.act,
        locked.outcome_id,
        [row for key, row in after.rows.items() if before.rows.get(key) != row],
        [_figure_row(locked, figure) for figure in after.figures if figures_before.get(figure.id) != figure],
        reason,
    )
    return closed


def _figure_row(locked: LockedOutcome, figure: AgreedFigure) -> dict[str, Any]:
    return {"park_id": locked.act.scope_id, "outcome_id": locked.outcome_id, **vars(figure)}


async def _finish(
    locked: LockedOutcome,
    name: str,
    after: _Agreed,
    agreement_id: UUID,
    closed: Sequence[int],
    reason: str | None,
    today: date,
    **more: object,
) -> Answer:
    """The event of an act, the light it leaves, and its answer: the agreement with its figures."""
    row = after.rows[agreement_id]
    figures = [_figure_row(locked, figure) for figure in after.figures if figure.agreement_id == agreement_id]
    if reason is not None:
        more |= {"reason": reason, "closed_years": list(closed)}
    locked.act.did(
        name,
        "outcome",
        locked.outcome_id,
        agreement_id=agreement_id,
        firm_id=locked.row["firm_id"],
        signed_on=row["signed_on"],
        indicators=[figure["name"] for figure in figures],
        **more,
    )
    await light.relight(locked.act, locked.outcome_id, today)
    is_new = name == "agreement.signed"
    location = f"/api/v1/outcomes/{locked.outcome_id}/agreements" if is_new else None
    locked.act.answer = locked.answer = answer({**row, "indicators": figures}, location, 201 if is_new else 200)
    return locked.answer


def _faults(
    facts: Mapping[str, Any], figures: Sequence[Mapping[str, Any]], plans: Sequence[Mapping[str, Any]], today: date
) -> list[Fault]:
    faults = value_faults(facts)
    signed_on = facts["signed_on"]
    if signed_on > today:
        faults.append(Fault("in_the_future", "signed_on", {"today": today}))
    if facts.get("ends_on") is not None and facts["ends_on"] < signed_on:
        faults.append(Fault("dates_reversed", "ends_on", {"other": signed_on}))
    for n, figure in enumerate(figures):
        at = f"indicators.{n}."
        faults += value_faults(figure, at)
        if figure["value"] == 0:
            faults.append(Fault("out_of_range", f"{at}value", {"least": "0.01", "most": NUMBERS["value"].most}))
        starts_on = figure.get("starts_on") or signed_on
        if figure["per"] == "total" and figure.get("due_on") is None:
            faults.append(Fault("missing", f"{at}due_on"))
        due_on = figure.get("due_on") or (facts.get("ends_on") if figure["per"] == "year" else None)
        if due_on is not None and due_on < starts_on:
            faults.append(Fault("dates_reversed", f"{at}due_on", {"other": starts_on}))
        allowed = UNITS[figure["name"]]
        if figure["unit"] not in allowed:
            faults.append(Fault("not_in_vocabulary", f"{at}unit", {"allowed": allowed}))
    for n, plan in enumerate(plans):
        faults += value_faults(plan, f"milestones.{n}.")
    periods = [
        (figure["name"], figure["unit"], figure["per"], figure.get("starts_on") or signed_on, figure.get("due_on"))
        for figure in figures
    ]
    return faults + _twice("indicators", periods) + _twice("milestones", [plan["stage"] for plan in plans])


def _twice(field: str, values: Sequence[object]) -> list[Fault]:
    """What an agreement lists a second time: a figure of the same days would be counted twice."""
    return [
        Fault("told_twice", f"{field}.{n}", {"first": f"{field}.{values.index(value)}"})
        for n, value in enumerate(values)
        if values.index(value) < n
    ]
