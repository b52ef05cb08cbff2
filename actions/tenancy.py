"""How a tenancy ends: the tenant left, stays without a term, or has renewed.

An end date alone frees nothing: a tenancy past its term is to verify until one of these is recorded. What is
recorded of one tenancy holds for its deal: several units let by one contract have one end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from actions import claim as claim_actions
from actions import law
from actions import outcome as outcome_actions
from actions import stage as stage_actions
from actions.authorization import match_revision
from actions.locked_outcome import LockedOutcome
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.entity_tags import entity_tag
from domain.errors import Conflict, Invalid, NotFound, Refusal
from domain.facts import refuse, value_faults
from domain.words import Path
from outcomes.stages import EXITS, Stage
from store import claim, outcome, tenancy
from store.db import NIL, Database
from texts.lookup import side_by_side

DAY = timedelta(days=1)
#: Stages in which the tenant does not have the space yet.
_BEFORE_HANDOVER = (Stage.opened, Stage.reserved, Stage.signed)


async def leave(
    db: Database,
    actor: Actor,
    tenancy_id: UUID,
    *,
    left_on: date,
    source: str | None,
    reason: str | None,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """The tenant left on a day, its last, also one after the term; recorded again with a reason, on another day.

    Raises: Invalid for a day before the tenancy, or one to come after its term; Conflict (already_taken) where someone
    has moved in by then.
    """
    refuse(value_faults({"source": source, "reason": reason}))
    facts = {"ended_on": left_on} | ({} if source is None else {"source": source})
    async with _tenancy(db, actor, tenancy_id, if_match, once, today) as (locked, row):
        _refuse_states(row, "corrected", "renewed")
        if locked.stage is not Stage.ended:
            _require_handed_over(locked)
        elif reason is None:
            raise Invalid("missing", "reason")
        try:
            await stage_actions.reach(locked, Stage.ended, facts, today, reason=reason)
        except Refusal as refusal:
            named = [
                replace(fault, field="left_on") if fault.field == "ended_on" else fault for fault in refusal.faults
            ]
            raise type(refusal).of(named) from refusal
        locked.act.did("tenancy.left", "tenancy", tenancy_id, left_on=left_on, source=source, reason=reason)
        return await _answer(locked, tenancy_id)


async def stay(
    db: Database,
    actor: Actor,
    tenancy_id: UUID,
    *,
    source: str | None,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """The tenant stays and nobody objects: the lease goes on without a term. Source: Civil Code art. 734.

    Raises: Conflict before the term is over, where someone else has the use later, and for temporary use, which ends.
    """
    refuse(value_faults({"source": source}))
    async with _tenancy(db, actor, tenancy_id, if_match, once, today) as (locked, row):
        _refuse_states(row, "corrected", "left", "renewed", "stays")
        _require_handed_over(locked)
        if locked.route.path is Path.temporary_use:
            raise Conflict("temporary_use_ends", "stage")
        if row["state"] != "to_verify":
            raise Conflict("term_not_over", "ends_on", ends_on=_last_day(row) or "-")
        leaves = await claim.leaves(locked.act, locked.outcome_id)
        if await tenancy.followers(locked.act, leaves, locked.outcome_id, row["ends_before"]):
            raise Conflict("let_afterwards", "asset_id", ends_on=_last_day(row))
        await claim_actions.prolong(locked.act, locked.outcome_id, row["ends_before"], None)
        await tenancy.stay(locked.act, locked.outcome_id)
        article = side_by_side("sources", "source", "lease_goes_on")
        locked.act.did("tenancy.stays", "tenancy", tenancy_id, since=row["ends_before"], law=article, source=source)
        await locked.move(locked.stage, "tenant_stays", today)
        return await _answer(locked, tenancy_id)


async def of_outcome(db: Database, actor: Actor, outcome_id: UUID) -> list[UUID]:
    """The tenancies that a deal made, as far as its caller sees them, one for each of its units."""
    async with db.read(actor) as conn:
        return await tenancy.of_outcome(conn, outcome_id)


async def renew(
    db: Database,
    actor: Actor,
    tenancy_id: UUID,
    terms: Mapping[str, Any],
    *,
    illustrative: Sequence[str] = (),
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """A new deal of the same path on the same units, signed; the tenant is there already, so that it needs no handover.

    It has the use from its first day on, by default the day after the old term; the old use ends the day before. It is
    reached on that day: here if it has come, else by the daily update. `terms`: days, rent and papers of the signature.
    """
    refuse(value_faults(terms))
    async with _tenancy(db, actor, tenancy_id, if_match, once, today) as (locked, row):
        _refuse_states(row, "corrected", "left", "renewed")
        _require_handed_over(locked)
        starts_on, ends_on = terms.get("starts_on", row["ends_before"]), terms["ends_on"]
        if starts_on is None:
            raise Invalid("missing", "starts_on")
        if starts_on <= row["starts_on"]:
            raise Invalid("dates_reversed", "starts_on", other=row["starts_on"] + DAY)
        signed_on = terms.get("signed_on", today)
        if signed_on > today:
            raise Invalid("in_the_future", "signed_on", today=today)
        facts = {
            "firm_id": locked.row["firm_id"],
            "owner_firm_id": locked.row["owner_firm_id"],
            "intended": claim_actions.days_of(starts_on, ends_on),
            "renews_tenancy_id": tenancy_id,
            "is_land_alone": locked.row["is_land_alone"],
            "source": terms.get("source"),
            "illustrative": list(illustrative),
        }
        renewal = await outcome_actions.open_successor(locked, facts, locked.asset_ids, signed_on)
        # A renewal has its own years, Civil Code art. 705; of temporary use all count together.
        is_temporary = locked.route.path is Path.temporary_use
        since = await tenancy.first_of(locked.act, tenancy_id) if is_temporary else starts_on
        lessor = locked.row["owner_firm_id"]
        await law.check_term(locked.act, renewal.route, locked.asset_ids, since, ends_on, lessor)
        await _end_old_use(locked, row, starts_on)
        signed = {name: value for name, value in terms.items() if name not in ("starts_on", "ends_on")}
        reason = terms.get("reason")
        if locked.route.path is Path.part_use:
            signed["area_m2"] = await outcome.stage_figure(locked.act, locked.outcome_id, Stage.signed.value, "area_m2")
        await stage_actions.reach(renewal, Stage.signed, signed | {"signed_on": signed_on}, today)
        locked.act.did("tenancy.renewed", "tenancy", tenancy_id, renewed_from=starts_on, outcome_id=renewal.outcome_id)
        if starts_on <= today:
            renewal = await LockedOutcome.on_same_trees(locked, renewal.outcome_id)
            await outcome_actions.begin(renewal, today, reason=reason)
        place = f"/api/v1/outcomes/{renewal.outcome_id}"
        locked.act.answer = replace(renewal.answer, status=201, location=place)
        return locked.act.answer


async def _end_old_use(locked: LockedOutcome, row: Any, starts_on: date) -> None:
    """The use of the old tenancy ends the day before the new one begins, sooner or later than its term."""
    if row["ends_before"] is None or starts_on < row["ends_before"]:
        await outcome.cut(locked.act, locked.outcome_id, "tenancy", starts_on)
    else:
        await claim_actions.prolong(locked.act, locked.outcome_id, row["ends_before"], starts_on)
    await tenancy.renew(locked.act, locked.outcome_id, starts_on)


@asynccontextmanager
async def _tenancy(
    db: Database, actor: Actor, tenancy_id: UUID, if_match: str | None, once: Once | None, today: date
) -> AsyncIterator[tuple[LockedOutcome, Any]]:
    """The deal of a tenancy, locked by one act, and the tenancy at the revision that the caller names."""
    home = await tenancy.home(db, tenancy_id)
    outcome_id = NIL if home is None else home.outcome_id  # where there is none, refused as where it is hidden
    async with LockedOutcome(db, actor, outcome_id, "*", once) as locked:
        row = await tenancy.lock(locked.act, tenancy_id, today)
        match_revision(if_match, row["revision"])
        yield locked, row


def _refuse_states(row: Any, *states: str) -> None:
    """Raises Conflict where the tenancy is in one of these states."""
    if row["state"] in states:
        raise Conflict("end_said", "state", state=row["state"])


def _require_handed_over(locked: LockedOutcome) -> None:
    """Raises Conflict where the tenant never had the space, or the deal is off."""
    if locked.stage in _BEFORE_HANDOVER or locked.stage in EXITS:
        raise Conflict("not_handed_over", "stage", stage=locked.stage.value)


def _last_day(row: Any) -> date | None:
    return None if row["ends_before"] is None else row["ends_before"] - DAY


async def _answer(locked: LockedOutcome, tenancy_id: UUID) -> Answer:
    visible = await tenancy.visible(locked.act.conn, tenancy_id)
    if visible is None:
        raise NotFound("no_such")
    body, revision = visible
    locked.act.answer = Answer(body, etag=entity_tag(body, revision))
    return locked.act.answer
