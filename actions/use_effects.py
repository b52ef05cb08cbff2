"""Effects on claims and tenancies: who has the space, from when to when, and what reverses it.

An effect is given the `StageChange` and answers the facts of the deal it changes.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from actions import claim as claim_actions
from actions import law
from actions.authorization import new_id
from actions.stage_change import Changed, StageChange
from domain.errors import Conflict, Invalid
from domain.words import DatePrecision
from outcomes import checks
from outcomes.stages import Stage
from store import asset, claim, outcome, tenancy
from store.db import Act

DAY = timedelta(days=1)


async def hold(change: StageChange) -> Changed:
    """Holds the space for the intended days until a day, after which the daily update lets it go."""
    until = change.facts.get("reserved_until")
    if until is None or until < change.today:
        raise Invalid("in_the_past", "reserved_until", today=change.today)
    if change.row["intended_from"] is not None:
        await change.claim("reservation", change.row["intended_from"], change.row["intended_to"])
    return {"reserved_until": until}


async def undo_hold(act: Act, row: Any) -> Changed:
    await outcome.release(act, row["id"], ["reservation"])
    return {"reserved_until": None}


async def let(change: StageChange) -> Changed:
    """Makes the tenancy, for the intended days where none are given."""
    intended_to = change.row["intended_to"]
    starts_on = change.facts.get("starts_on", change.row["intended_from"])
    ends_on = change.facts.get("ends_on", None if intended_to is None else intended_to - DAY)
    during = claim_actions.days_of(starts_on, ends_on)
    await law.check_term(change.act, change.route, change.asset_ids, starts_on, ends_on, change.row["owner_firm_id"])
    await outcome.release(change.act, change.outcome_id, ["reservation"])
    await change.claim("tenancy", starts_on, None if ends_on is None else ends_on + DAY)
    common = {
        "park_id": change.act.scope_id,
        "outcome_id": change.outcome_id,
        "firm_id": change.row["firm_id"],
        "during": during,
        "rent_yuan_m2_month": change.facts.get("rent_yuan_m2_month"),
        "illustrative": change.row["illustrative"],
    }
    for asset_id in change.asset_ids:
        await outcome.insert_tenancy(change.act, common | {"id": new_id(), "asset_id": asset_id})
    return {}


async def undo_let(act: Act, row: Any) -> Changed:
    await outcome.release(act, row["id"], ["tenancy"])
    await outcome.void_tenancies(act, row["id"])
    return {}


async def bind(change: StageChange) -> Changed:
    """The deal binds: what it counts is the stated area of this day, or the part of it that is agreed."""
    await outcome.copy_areas(change.act, change.outcome_id)
    area_m2 = change.facts.get("area_m2")
    if area_m2 is not None:
        checks.area(area_m2, await asset.areas(change.act, change.asset_ids))
        await outcome.agree_area(change.act, change.outcome_id, area_m2)
    return {"signed_on": change.day, "reserved_until": None} if change.stage is Stage.signed else {}


async def undo_bind(act: Act, row: Any) -> Changed:
    return {"signed_on": None}


async def hand_over(change: StageChange) -> Changed:
    """The tenant has the space; who renews has it already."""
    starts_on = (await outcome.tenancy_days(change.act, change.outcome_id))["starts_on"]
    if starts_on > change.today:
        raise Conflict("not_begun", "handed_over_on", starts_on=starts_on)
    if change.row["renews_tenancy_id"] is None:
        await _require_empty(change, starts_on)
        await outcome.hand_over(change.act, change.outcome_id, change.day)
    return {}


async def _require_empty(change: StageChange, starts_on: date) -> None:
    """Raises Conflict until the tenant before is recorded as gone, Invalid for a day when it was there."""
    leaves = await claim.leaves(change.act, change.outcome_id)
    before = await tenancy.to_verify_before(change.act, change.outcome_id, leaves, starts_on, change.today)
    if before is not None:
        raise Conflict("tenant_to_verify", "handed_over_on", tenancy=before["id"], ends_on=before["ends_on"])
    claimed_from = await tenancy.claimed_from(change.act, change.outcome_id)
    if claimed_from is not None and change.day < claimed_from and claimed_from > starts_on:
        raise Invalid("dates_reversed", "handed_over_on", other=claimed_from)


async def let_revival(change: StageChange) -> tuple[date, DatePrecision]:
    """Since when let space counts: since the first day of the term or the handover, the later one.

    They are compared by the last days they can have been, and the later one says how exactly the day is known.
    """
    starts_on: date = (await outcome.tenancy_days(change.act, change.outcome_id))["starts_on"]
    is_renewal = change.row["renews_tenancy_id"] is not None  # reached on its first day, whenever it was signed
    if is_renewal or checks.last_day(change.day, change.record.precision) <= starts_on:
        return starts_on, DatePrecision.day
    return change.day, change.record.precision


async def release(change: StageChange) -> Changed:
    """The deal no longer binds: others may follow. One recorded late must have been over before the next began."""
    days = await outcome.tenancy_days(change.act, change.outcome_id)
    await outcome.cut(change.act, change.outcome_id, "deal", max(change.day, days["starts_on"] or change.day))
    if await claim.is_in_pieces(change.act, change.outcome_id):
        raise Conflict("already_taken", "asset_ids")
    return {}


async def tenant_leaves(change: StageChange) -> Changed:
    """The tenant leaves; the day is its last, after the term only once it is past. The revival stays counted.

    Who follows from then on has the space the day after, if nobody has moved in yet; the term that was agreed stays.
    """
    days = await outcome.tenancy_days(change.act, change.outcome_id)
    if change.day < days["starts_on"]:
        raise Invalid("dates_reversed", "ended_on", other=days["starts_on"])
    if change.day > max(days["ends_before"] - DAY, change.today):
        raise Invalid("after_the_tenancy", "ended_on", other=days["ends_before"] - DAY)
    until = change.day + DAY
    if days["renewed_from"] is not None:
        if until != days["renewed_from"]:
            raise Conflict("renewed", "ended_on", renewed_from=days["renewed_from"])
        return {"ended_on": change.day}
    if until > days["used_until"]:
        for moved in await tenancy.make_way(change.act, change.outcome_id, days["used_until"], until):
            change.act.did("outcome.use_moved", "outcome", moved, starts_on=until, outcome_id=change.outcome_id)
        await claim_actions.prolong(change.act, change.outcome_id, days["used_until"], until)
    else:
        await outcome.cut(change.act, change.outcome_id, "tenancy", until)
    await tenancy.leave(change.act, change.outcome_id, change.day, days["ends_before"])
    return {"ended_on": change.day}


async def yield_use(change: StageChange) -> Changed:
    """The tenant who lets on is out of there for the days of the sublease."""
    leaves = await claim.leaves(change.act, change.outcome_id)
    starts_on = change.facts.get("starts_on", change.row["intended_from"])
    await outcome.yield_use(change.act, leaves, change.row["owner_firm_id"], starts_on)
    return {}


async def resume_use(change: StageChange) -> Changed:
    """The sublease is over: the tenant who had let on has the space again."""
    await _give_use_back(change.act, change.row, change.day + DAY)
    return {}


async def undo_yield_use(act: Act, row: Any) -> Changed:
    """The tenant who let on has the space as if it never had."""
    await _give_use_back(act, row, None)
    return {}


async def _give_use_back(act: Act, row: Any, starts_on: date | None) -> None:
    """What is left of the own tenancy from a day on; None: all of it."""
    leaves = await claim.leaves(act, row["id"])
    await outcome.resume_use(act, [new_id() for _ in leaves], leaves, row["owner_firm_id"], starts_on)


async def move_in(change: StageChange) -> Changed:
    """The taker is in there from now on, save where a tenant sits."""
    await change.claim_free(change.row["firm_id"])
    return {}


async def owner_moves_in(change: StageChange) -> Changed:
    """The firm that was bought is in there: title has not moved."""
    await change.claim_free(change.row["owner_firm_id"])
    return {}


async def undo_move_in(act: Act, row: Any) -> Changed:
    await outcome.release(act, row["id"], ["own_use"])
    return {}


async def move_out(change: StageChange) -> Changed:
    await outcome.cut(change.act, change.outcome_id, "own_use", change.day + DAY)
    await outcome.cut(change.act, change.outcome_id, "deal", change.day + DAY)
    return {"ended_on": change.day}
