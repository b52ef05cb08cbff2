"""A lease from opening through reservation, signing and handover to its end, and its correction.

A reservation or a tenancy claims `use` for its days. At handover the deal claim ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from actions.deals import DAY, Step, open_deal
from actions.desk import new_id
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Invalid
from domain.facts import refuse, value_faults
from domain.words import DatePrecision, Path
from outcomes.stages import Stage
from store import outcome
from store.db import Database


async def open_lease(
    db: Database,
    actor: Actor,
    asset_ids: Sequence[UUID],
    firm_id: UUID,
    *,
    starts_on: date,
    ends_on: date | None,
    opened_on: date | None = None,
    demand_id: UUID | None = None,
    ranking_id: UUID | None = None,
    promises: Mapping[str, Decimal | None] | None = None,
    source: str | None = None,
    illustrative: Sequence[str] = (),
    once: Once | None,
    today: date,
) -> Answer:
    """A new lease on units of one park. Raises as `open_deal`, and Invalid for reversed dates."""
    _in_order(starts_on=starts_on, ends_on=ends_on)
    facts = {
        **(promises or {}),
        "firm_id": firm_id,
        "demand_id": demand_id,
        "ranking_id": ranking_id,
        "intended": _range(starts_on, ends_on),
        "source": source,
        "illustrative": list(illustrative),
    }
    opened_on = today if opened_on is None else opened_on
    return await open_deal(
        db, actor, Path.lease, Stage.opened, asset_ids, facts, opened_on=opened_on, once=once, today=today
    )


async def reserve(
    db: Database, actor: Actor, outcome_id: UUID, *, until: date, if_match: str | None, once: Once | None, today: date
) -> Answer:
    """Holds the space for the intended days until a day, after which turnover lets it go."""
    if until < today:
        raise Invalid("in_the_past", "reserved_until", today=today)
    async with _step(db, actor, outcome_id, Stage.reserved, if_match, once) as deal:
        await deal.claim("reservation", deal.row["intended_from"], deal.row["intended_to"])
        await deal.move(today, reserved_until=until)
    return deal.answer


async def sign(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    *,
    signed_on: date,
    starts_on: date | None = None,
    ends_on: date | None = None,
    rent_yuan_m2_month: Decimal | None = None,
    illustrative: Sequence[str] = (),
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """Makes the tenancy, for the intended days where none are given, and copies the stated areas it will count."""
    if signed_on > today:
        raise Invalid("in_the_future", "signed_on", today=today)
    refuse(value_faults({"rent_yuan_m2_month": rent_yuan_m2_month}))
    async with _step(db, actor, outcome_id, Stage.signed, if_match, once) as deal:
        if signed_on < deal.row["opened_on"]:
            raise Invalid("dates_reversed", "signed_on", other=deal.row["opened_on"])
        intended_to = deal.row["intended_to"]
        starts_on = deal.row["intended_from"] if starts_on is None else starts_on
        if ends_on is None and intended_to is not None:
            ends_on = intended_to - DAY
        _in_order(starts_on=starts_on, ends_on=ends_on)
        await outcome.release(deal.act, outcome_id, ["reservation"])
        await deal.claim("tenancy", starts_on, None if ends_on is None else ends_on + DAY)
        await outcome.copy_areas(deal.act, outcome_id)
        for asset_id in deal.asset_ids:
            await outcome.insert_tenancy(
                deal.act,
                {
                    "park_id": deal.act.scope_id,
                    "id": new_id(),
                    "outcome_id": outcome_id,
                    "asset_id": asset_id,
                    "firm_id": deal.row["firm_id"],
                    "during": _range(starts_on, ends_on),
                    "rent_yuan_m2_month": rent_yuan_m2_month,
                    "illustrative": list(illustrative),
                },
            )
        await deal.move(today, signed_on=signed_on, reserved_until=None)
    return deal.answer


async def hand_over(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    *,
    handed_over_on: date,
    precision: DatePrecision = DatePrecision.day,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """The tenant has the space: the revival counts, on the first day of the tenancy. The deal no longer binds."""
    if handed_over_on > today:
        raise Invalid("in_the_future", "handed_over_on", today=today)
    async with _step(db, actor, outcome_id, Stage.handed_over, if_match, once) as deal:
        days = await outcome.tenancy_days(deal.act, outcome_id)
        if days["starts_on"] > today:
            raise Conflict("not_begun", "handed_over_on", starts_on=days["starts_on"])
        await outcome.hand_over(deal.act, outcome_id, handed_over_on)
        await outcome.cut(deal.act, outcome_id, "deal", max(handed_over_on, days["starts_on"]))
        await deal.move(
            today,
            revived_on=days["starts_on"],
            revived_on_precision=precision.value,
            handed_over_on=handed_over_on,
        )
    return deal.answer


async def end(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    *,
    ended_on: date,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """The tenant leaves; `ended_on` is the last day. The revival stays counted."""
    async with _step(db, actor, outcome_id, Stage.ended, if_match, once) as deal:
        days = await outcome.tenancy_days(deal.act, outcome_id)
        if ended_on < days["starts_on"]:
            raise Invalid("dates_reversed", "ended_on", other=days["starts_on"])
        if ended_on + DAY > days["ends_before"]:
            raise Invalid("after_the_tenancy", "ended_on", other=days["ends_before"] - DAY)
        await outcome.end_tenancies(deal.act, outcome_id, ended_on + DAY)
        await outcome.cut(deal.act, outcome_id, "tenancy", ended_on + DAY)
        await deal.move(today, ended_on=ended_on)
    return deal.answer


async def release_expired(db: Database, actor: Actor, outcome_id: UUID, *, today: date) -> Answer:
    """A reservation has run out: the deal is open again, the space free."""
    async with _step(db, actor, outcome_id, Stage.opened, "*", None) as deal:
        await outcome.release(deal.act, outcome_id, ["reservation"])
        await deal.move(today, reserved_until=None)
    return deal.answer


async def give_up(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    stage: Stage,
    *,
    reason: str,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """Withdrawn before handover, or corrected: the revival never happened, and from now on counts nowhere.

    What was known before stays known as of then.
    """
    refuse(value_faults({"reason": reason}))
    async with _step(db, actor, outcome_id, stage, if_match, once) as deal:
        await outcome.release(deal.act, outcome_id, ["deal", "reservation", "tenancy"])
        await outcome.void_tenancies(deal.act, outcome_id)
        await deal.move(
            today, reason=reason, revived_on=None, revived_on_precision=None, ended_on=None, reserved_until=None
        )
    return deal.answer


def _step(db: Database, actor: Actor, outcome_id: UUID, target: Stage, if_match: str | None, once: Once | None) -> Step:
    return Step(db, actor, outcome_id, Path.lease, target, if_match, once)


def _in_order(*, starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("dates_reversed", "ends_on", other=starts_on)


def _range(starts_on: date, ends_on: date | None) -> str:
    """A PostgreSQL daterange of days that include both ends."""
    return f"[{starts_on},{'' if ends_on is None else ends_on + DAY})"
