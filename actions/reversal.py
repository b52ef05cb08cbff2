"""What a deal recorded is reversed: it goes back to an earlier stage, takes a side stage back, or is given up."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from actions.locked_outcome import LockedOutcome
from actions.stage_change import Changed
from actions.title_effects import take_back
from outcomes.stages import Stage
from store import outcome, tenancy
from store.db import Act


async def go_back(locked: LockedOutcome, target: Stage, reason: str, today: date) -> None:
    """Back to an earlier stage: what was recorded since is reversed, the latest first, with the reason."""
    undone, beside = locked.standing.undone(target)
    changed: Changed = {}
    for effect in (effect for stage in reversed(undone) for effect in reversed(locked.route.effects_of(stage))):
        if effect.undo is not None:
            changed |= await effect.undo(locked.act, locked.row)
    await outcome.reverse_milestones(locked.act, locked.outcome_id, [*undone, *beside], reason)
    await locked.move(target, "reopened", today, because=reason, **changed, reason=reason)


async def take_side_stage_back(locked: LockedOutcome, target: Stage, reason: str, today: date) -> None:
    """A side stage never came about; the deal stays in its stage."""
    await outcome.reverse_milestones(locked.act, locked.outcome_id, [target.value], reason)
    await locked.move(locked.stage, f"{target.value}_reversed", today, because=reason, reason=reason)


async def give_up(locked: LockedOutcome, target: Stage, reason: str, today: date) -> None:
    """Withdrawn, rejected, or corrected: it never happened, and what claims and ledger say of it is taken back.

    What was known before stays known as of then. Raises: Conflict (passed_on) where a title that would come back has
    passed on since.
    """
    await outcome.release(locked.act, locked.outcome_id, ["deal", "reservation", "tenancy", "own_use"])
    await outcome.void_tenancies(locked.act, locked.outcome_id)
    if locked.row["renews_tenancy_id"] is not None:
        await _give_renewal_up(locked.act, locked.row["renews_tenancy_id"])
    await take_back(locked.act, locked.outcome_id)
    for effect in (effect for effects in locked.route.effects.values() for effect in effects):
        if effect.on_exit is not None:
            await effect.on_exit(locked.act, locked.row)
    cleared: dict[str, Any] = dict.fromkeys(("revived_on", "revived_on_precision", "ended_on", "reserved_until"))
    await locked.move(target, target.value, today, because=reason, reason=reason, **cleared)


async def _give_renewal_up(act: Act, tenancy_id: UUID) -> None:
    """What renewed a tenancy is given up: its use ends with its term again, and how it ends is for somebody to say."""
    old = await tenancy.renewed(act, tenancy_id)
    if old is not None:
        await tenancy.move_end(act, old["outcome_id"], old["renewed_from"], old["ends_before"])
        await tenancy.renew(act, old["outcome_id"], None)
        act.did("tenancy.renewal_given_up", "tenancy", tenancy_id, renewed_from=old["renewed_from"])
