"""The idle period a revival ended is corrected, with a reason; until the revival is reached the unit itself says it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from actions import revival as revival_actions
from actions.locked_outcome import LockedOutcome
from actions.outcome_view import outcome_answer
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Fault, Invalid
from domain.facts import refuse, value_faults
from domain.words import DatePrecision
from outcomes.checks import first_day
from outcomes.revival import RevivalVerdict
from store import asset, revival
from store.db import Database


async def correct_idle_period(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    asset_id: UUID,
    facts: Mapping[str, Any],
    *,
    source: str,
    reason: str,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """Puts another start and ground in place of what a unit's record said of its idle period; None: there was none.

    Raises: Invalid for a start without a ground or in the future, or a unit that is not of the deal; Conflict
    (not_reached) where nothing has been judged yet.
    """
    refuse(value_faults({**facts, "source": source, "reason": reason}))
    since, basis = facts["stated_idle_since"], facts["idle_basis"]
    if (since is None) != (basis is None):
        refuse([Fault("goes_together", "idle_basis", {"other": "stated_idle_since"})])
    if since is not None and since > today:
        raise Invalid("in_the_future", "stated_idle_since", today=today)
    precision = DatePrecision(facts.get("stated_idle_since_precision") or DatePrecision.day)
    async with LockedOutcome(db, actor, outcome_id, if_match, once) as locked:
        leaves = await asset.leaves_of(locked.act, [asset_id])
        assert locked.act.at is not None, "the deal was locked"
        corrected = {
            "stated_idle_since": None if since is None else first_day(since, precision).isoformat(),
            "stated_idle_since_precision": None if since is None else precision.value,
            "idle_basis": basis,
            "stated_at": locked.act.at.isoformat(),
            "stated_source": source,
            "is_idle_corrected": True,
        }
        rows = await revival.judged(locked.act, leaves)
        judged = {
            key: corrected
            for key, row in rows.items()
            if key[0] == outcome_id and row["verdict"] != RevivalVerdict.corrected
        }
        if not judged:
            raise Conflict("not_reached", "asset_id")
        await revival_actions.judge(locked.act, leaves, reason=reason, corrected=judged)
        details = {"asset_id": asset_id, "reason": reason, **corrected}
        locked.act.did("outcome.idle_period_corrected", "outcome", outcome_id, **details)
        for changed_id in await asset.refresh(locked.act, locked.roots, [], today):
            locked.act.did("outcome.idle_period_corrected", "asset", changed_id, outcome_id=outcome_id)
        locked.act.answer = locked.answer = await outcome_answer(locked.act, outcome_id)
    return locked.answer
