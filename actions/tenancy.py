"""What is said of the end of a tenancy: the tenant left, stays without a term, or has renewed.

An end date alone frees nothing: a tenancy past its term is to verify until one of these is said. What is said of one
tenancy holds for its deal: several units let by one contract have one end.
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
from actions.authorization import match_revision
from actions.outcome import Deal
from actions.stage_effects import days_of
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.entity_tags import entity_tag
from domain.errors import Conflict, Invalid, NotFound, Refusal
from domain.facts import refuse, value_faults
from domain.words import Path
from outcomes.stages import EXITS, Stage
from store import claim, outcome, tenancy
from store.db import NIL, Database

DAY = timedelta(days=1)
#: Stages in which the tenant does not have the space yet.
_NOT_THERE_YET = (Stage.opened, Stage.reserved, Stage.signed)


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
    """The tenant left on a day, its last, also one after the term; said again with a reason, on another day.

    Raises: Invalid for a day before the tenancy, or one to come after its term; Conflict (already_taken) where someone
    has moved in by then.
    """
    refuse(value_faults({"source": source, "reason": reason}))
    told = {"ended_on": left_on} | ({} if source is None else {"source": source})
    async with _tenancy(db, actor, tenancy_id, if_match, once, today) as (deal, row):
        _said(row, "corrected", "renewed")
        if deal.stage is not Stage.ended:
            _is_there(deal)
        elif reason is None:
            raise Invalid("missing", "reason")
        try:
            await deal.go_on(Stage.ended, told, today, reason=reason)
        except Refusal as refusal:
            named = [replace(one, field="left_on") if one.field == "ended_on" else one for one in refusal.faults]
            raise type(refusal).of(named) from refusal
        deal.act.did("tenancy.left", "tenancy", tenancy_id, left_on=left_on, source=source, reason=reason)
        return await _answer(deal, tenancy_id)


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
    async with _tenancy(db, actor, tenancy_id, if_match, once, today) as (deal, row):
        _said(row, "corrected", "left", "renewed", "stays")
        _is_there(deal)
        if deal.route.path is Path.temporary_use:
            raise Conflict("temporary_use_ends", "stage")
        if row["state"] != "to_verify":
            raise Conflict("term_not_over", "ends_on", ends_on=_last_day(row) or "-")
        leaves = await claim.leaves(deal.act, deal.outcome_id)
        if await tenancy.followers(deal.act, leaves, deal.outcome_id, row["ends_before"]):
            raise Conflict("let_afterwards", "asset_id", ends_on=_last_day(row))
        await claim_actions.prolong(deal.act, deal.outcome_id, row["ends_before"], None)
        await tenancy.stay(deal.act, deal.outcome_id)
        article = "民法典第734条 Civil Code art. 734"
        deal.act.did("tenancy.stays", "tenancy", tenancy_id, since=row["ends_before"], law=article, source=source)
        await deal.move(deal.stage, "tenant_stays", today)
        return await _answer(deal, tenancy_id)


async def of_deal(db: Database, actor: Actor, outcome_id: UUID) -> list[UUID]:
    """The tenancies that a deal made, as far as its caller sees them, one for each of its units."""
    async with db.read(actor) as conn:
        return await tenancy.of_outcome(conn, outcome_id)


async def renew(
    db: Database,
    actor: Actor,
    tenancy_id: UUID,
    told: Mapping[str, Any],
    *,
    illustrative: Sequence[str] = (),
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """A new deal of the same path on the same units, signed; the tenant is there already, so that it needs no handover.

    It has the use from its first day on, by default the day after the old term; the old use ends the day before. It is
    reached on that day: here if it has come, else by turnover. `told`: the days, rent and papers of the signature.
    """
    refuse(value_faults(told))
    async with _tenancy(db, actor, tenancy_id, if_match, once, today) as (deal, row):
        _said(row, "corrected", "left", "renewed")
        _is_there(deal)
        starts_on, ends_on = told.get("starts_on", row["ends_before"]), told["ends_on"]
        if starts_on is None:
            raise Invalid("missing", "starts_on")
        if starts_on <= row["starts_on"]:
            raise Invalid("dates_reversed", "starts_on", other=row["starts_on"] + DAY)
        signed_on = told.get("signed_on", today)
        if signed_on > today:
            raise Invalid("in_the_future", "signed_on", today=today)
        facts = {
            "firm_id": deal.row["firm_id"],
            "owner_firm_id": deal.row["owner_firm_id"],
            "intended": days_of(starts_on, ends_on),
            "renews_tenancy_id": tenancy_id,
            "is_land_alone": deal.row["is_land_alone"],
            "source": told.get("source"),
            "illustrative": list(illustrative),
        }
        renewal = await deal.open_beside(facts, deal.asset_ids, signed_on)
        # A renewal has its own years, Civil Code art. 705; of temporary use all count together.
        is_temporary = deal.route.path is Path.temporary_use
        since = await tenancy.first_of(deal.act, tenancy_id) if is_temporary else starts_on
        lessor = deal.row["owner_firm_id"]
        await law.keep_to_term(deal.act, renewal.route, deal.asset_ids, since, ends_on, lessor)
        await _give_way(deal, row, starts_on)
        signed = {name: value for name, value in told.items() if name not in ("starts_on", "ends_on")}
        reason = told.get("reason")
        if deal.route.path is Path.part_use:
            signed["area_m2"] = await outcome.stage_figure(deal.act, deal.outcome_id, Stage.signed.value, "area_m2")
        await renewal.go_on(Stage.signed, signed | {"signed_on": signed_on}, today)
        deal.act.did("tenancy.renewed", "tenancy", tenancy_id, renewed_from=starts_on, outcome_id=renewal.outcome_id)
        if starts_on <= today:
            renewal = await Deal.beside(deal, renewal.outcome_id)
            await outcome_actions.begin(renewal, today, reason=reason)
        place = f"/api/v1/outcomes/{renewal.outcome_id}"
        deal.act.answer = replace(renewal.answer, status=201, location=place)
        return deal.act.answer


async def _give_way(deal: Deal, row: Any, starts_on: date) -> None:
    """The use of the old tenancy ends the day before the new one begins, sooner or later than its term."""
    if row["ends_before"] is None or starts_on < row["ends_before"]:
        await outcome.cut(deal.act, deal.outcome_id, "tenancy", starts_on)
    else:
        await claim_actions.prolong(deal.act, deal.outcome_id, row["ends_before"], starts_on)
    await tenancy.renew(deal.act, deal.outcome_id, starts_on)


@asynccontextmanager
async def _tenancy(
    db: Database, actor: Actor, tenancy_id: UUID, if_match: str | None, once: Once | None, today: date
) -> AsyncIterator[tuple[Deal, Any]]:
    """The deal of a tenancy in the hands of one act, and the tenancy at the revision that the caller names."""
    home = await tenancy.home(db, tenancy_id)
    outcome_id = NIL if home is None else home.outcome_id  # where there is none, refused as where it is hidden
    async with Deal(db, actor, outcome_id, "*", once) as deal:
        row = await tenancy.lock(deal.act, tenancy_id, today)
        match_revision(if_match, row["revision"])
        yield deal, row


def _said(row: Any, *states: str) -> None:
    """Raises Conflict where what is to be said does not go with what was said before."""
    if row["state"] in states:
        raise Conflict("end_said", "state", state=row["state"])


def _is_there(deal: Deal) -> None:
    """Raises Conflict where the tenant never had the space, or the deal is off."""
    if deal.stage in _NOT_THERE_YET or deal.stage in EXITS:
        raise Conflict("not_handed_over", "stage", stage=deal.stage.value)


def _last_day(row: Any) -> date | None:
    return None if row["ends_before"] is None else row["ends_before"] - DAY


async def _answer(deal: Deal, tenancy_id: UUID) -> Answer:
    seen = await tenancy.visible(deal.act.conn, tenancy_id)
    if seen is None:
        raise NotFound("no_such")
    body, revision = seen
    deal.act.answer = Answer(body, etag=entity_tag(body, revision))
    return deal.act.answer
