"""A lease from opening through reservation, signing and handover to its end, and its correction.

An open deal claims `deal` on every leaf of its units from the day it was opened; a reservation or a tenancy claims
`use` for its days. At handover the deal claim ends; the constraint no_double_letting has the last word throughout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.desk import etag, match_revision, new_id, require_hidden
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Invalid, NotFound
from domain.facts import refuse, value_faults
from domain.words import DatePrecision, Path
from outcomes.stages import Stage, step
from store import asset, outcome
from store.db import Act, Database

DAY = timedelta(days=1)


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
    """A new deal on units of one park; from `opened_on` no other deal may touch any leaf of them.

    Raises: Conflict (already_taken) where another has one; Invalid for units of several parks, drafts, reversed dates.
    """
    opened_on = today if opened_on is None else opened_on
    _in_order(starts_on=starts_on, ends_on=ends_on)
    if opened_on > today:
        raise Invalid("in_the_future", "opened_on", today=today)
    facts = {**(promises or {}), "source": source, "illustrative": list(illustrative)}
    refuse(value_faults(facts))
    park_id = await _park_of(db, actor, asset_ids)
    outcome_id = new_id()
    async with db.write(actor, park_id, once=once) as act:
        leaves, roots = await _take(act, asset_ids)
        await outcome.insert(
            act,
            {
                **facts,
                "park_id": park_id,
                "id": outcome_id,
                "path": Path.lease.value,
                "stage": Stage.opened.value,
                "firm_id": firm_id,
                "demand_id": demand_id,
                "ranking_id": ranking_id,
                "opened_on": opened_on,
                "intended": _range(starts_on, ends_on),
            },
        )
        await outcome.take_units(act, outcome_id, asset_ids)
        await outcome.claim(act, _ids(leaves), leaves, "deal", "deal", outcome_id, firm_id, opened_on, None)
        act.did("lease.opened", "outcome", outcome_id, firm_id=firm_id, asset_ids=list(asset_ids), opened_on=opened_on)
        await _show(act, roots, asset_ids, today, "lease.opened", outcome_id)
        act.answer = await _answer(act, outcome_id, status=201)
    return act.answer


async def reserve(
    db: Database, actor: Actor, outcome_id: UUID, *, until: date, if_match: str | None, once: Once | None, today: date
) -> Answer:
    """Holds the space for the intended days until a day, after which turnover lets it go."""
    if until < today:
        raise Invalid("in_the_past", "reserved_until", today=today)
    async with _Step(db, actor, outcome_id, Stage.reserved, if_match, once) as deal:
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
    async with _Step(db, actor, outcome_id, Stage.signed, if_match, once) as deal:
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
    async with _Step(db, actor, outcome_id, Stage.handed_over, if_match, once) as deal:
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
    async with _Step(db, actor, outcome_id, Stage.ended, if_match, once) as deal:
        days = await outcome.tenancy_days(deal.act, outcome_id)
        if ended_on < days["starts_on"]:
            raise Invalid("dates_reversed", "ended_on", other=days["starts_on"])
        if ended_on + DAY > days["ends_before"]:
            raise Invalid("after_the_tenancy", "ended_on", other=days["ends_before"] - DAY)
        await outcome.end_tenancies(deal.act, outcome_id, ended_on + DAY)
        await outcome.cut(deal.act, outcome_id, "tenancy", ended_on + DAY)
        await deal.move(today, ended_on=ended_on)
    return deal.answer


async def withdraw(
    db: Database, actor: Actor, outcome_id: UUID, *, reason: str, if_match: str | None, once: Once | None, today: date
) -> Answer:
    """The deal comes to nothing before handover; its claims are gone."""
    return await _undo(db, actor, outcome_id, Stage.withdrawn, reason, if_match, once, today)


async def correct(
    db: Database, actor: Actor, outcome_id: UUID, *, reason: str, if_match: str | None, once: Once | None, today: date
) -> Answer:
    """The revival never happened: from now on it counts nowhere; what was known before stays known as of then."""
    return await _undo(db, actor, outcome_id, Stage.corrected, reason, if_match, once, today)


async def release_expired(db: Database, actor: Actor, outcome_id: UUID, *, today: date) -> Answer:
    """A reservation has run out: the deal is open again, the space free."""
    async with _Step(db, actor, outcome_id, Stage.opened, "*", None) as deal:
        await outcome.release(deal.act, outcome_id, ["reservation"])
        await deal.move(today, reserved_until=None)
    return deal.answer


async def _undo(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    stage: Stage,
    reason: str,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    refuse(value_faults({"reason": reason}))
    async with _Step(db, actor, outcome_id, stage, if_match, once) as deal:
        await outcome.release(deal.act, outcome_id, ["deal", "reservation", "tenancy"])
        await outcome.void_tenancies(deal.act, outcome_id)
        await deal.move(
            today, reason=reason, revived_on=None, revived_on_precision=None, ended_on=None, reserved_until=None
        )
    return deal.answer


class _Step:
    """One step of a deal: who may, the locks on its trees, the deal at the revision the caller names, the edge."""

    act: Act
    row: Any
    asset_ids: list[UUID]
    roots: list[UUID]
    answer: Answer

    def __init__(
        self, db: Database, actor: Actor, outcome_id: UUID, target: Stage, if_match: str | None, once: Once | None
    ) -> None:
        self._db, self._actor, self._outcome_id = db, actor, outcome_id
        self._target, self._if_match, self._once = target, if_match, once

    async def __aenter__(self) -> _Step:
        home = await outcome.home(self._db, self._outcome_id)
        if home is None:
            raise NotFound("no_such")
        park_id, firm_id = home
        require_hidden(self._actor, "outcome.write", seen=firm_id == self._actor.firm_id, park_id=park_id)
        self._door = self._db.write(self._actor, park_id, once=self._once)
        self.act = await self._door.__aenter__()
        try:
            await self._lock()
        except BaseException as fault:
            await self._door.__aexit__(type(fault), fault, fault.__traceback__)
            raise
        return self

    async def _lock(self) -> None:
        self.asset_ids = await outcome.units(self.act, self._outcome_id)
        self.roots = await asset.lock(self.act, self.asset_ids)
        self.row = await outcome.lock(self.act, self._outcome_id)
        if self.row is None:
            raise NotFound("no_such")
        match_revision(self._if_match, self.row["revision"])
        step(Stage(self.row["stage"]), self._target)

    async def __aexit__(self, kind: Any, fault: Any, trace: Any) -> None:
        await self._door.__aexit__(kind, fault, trace)

    async def claim(self, source_kind: str, starts_on: date, ends_before: date | None) -> None:
        """Takes the use of every leaf for these days."""
        leaves = await asset.leaves_of(self.act, self.asset_ids)
        holder = self.row["firm_id"]
        await outcome.claim(
            self.act, _ids(leaves), leaves, "use", source_kind, self._outcome_id, holder, starts_on, ends_before
        )

    async def move(self, today: date, **changed: object) -> None:
        """Sets the stage and the facts of the step, notes the event, and shows readers the new state."""
        act = f"lease.{'reopened' if self._target is Stage.opened else self._target.value}"
        await outcome.advance(self.act, self._outcome_id, {**changed, "stage": self._target.value})
        self.act.did(act, "outcome", self._outcome_id, **changed)
        await _show(self.act, self.roots, self.asset_ids, today, act, self._outcome_id)
        self.act.answer = self.answer = await _answer(self.act, self._outcome_id)


async def _park_of(db: Database, actor: Actor, asset_ids: Sequence[UUID]) -> UUID:
    """The one park all these units lie in."""
    if len(set(asset_ids)) != len(asset_ids):
        raise Invalid("listed_twice", "asset_ids")
    homes = [await asset.home(db, asset_id) for asset_id in asset_ids]
    for n, home in enumerate(homes):
        if home is None:
            raise Invalid("unknown_reference", f"asset_ids.{n}")
        require_hidden(actor, "outcome.write", seen=home.is_public, park_id=home.park_id)
    parks = {home.park_id for home in homes if home is not None}
    if len(parks) != 1:
        raise Invalid("several_parks" if parks else "empty", "asset_ids")
    return parks.pop()


async def _take(act: Act, asset_ids: Sequence[UUID]) -> tuple[list[UUID], list[UUID]]:
    """Locks the trees of these units; their leaves and roots. Refuses a unit that is not published or not to be let."""
    roots = await asset.lock(act, asset_ids)
    for n, asset_id in enumerate(asset_ids):
        unit = await asset.by_key(act, asset_id)
        if unit is None:
            raise Invalid("unknown_reference", f"asset_ids.{n}")
        if unit["listing"] != "published":
            raise Conflict("not_published", f"asset_ids.{n}", listing=unit["listing"])
        if Path.lease.value not in unit["allowed_paths"]:
            raise Conflict("path_not_allowed", f"asset_ids.{n}", path="lease")
    leaves = await asset.leaves_of(act, asset_ids)
    if sum([len(await asset.leaves_of(act, [one])) for one in asset_ids]) != len(leaves):
        raise Invalid("listed_twice", "asset_ids")
    return leaves, roots


async def _show(
    act: Act, roots: Sequence[UUID], asset_ids: Sequence[UUID], today: date, because: str, outcome_id: UUID
) -> None:
    """Brings what readers see up to date; each unit whose availability changed says why in its own history."""
    changed = await asset.refresh(act, roots, asset_ids, today)
    for asset_id in sorted({*changed, *asset_ids}):
        act.did(because, "asset", asset_id, outcome_id=outcome_id)


async def _answer(act: Act, outcome_id: UUID, *, status: int = 200) -> Answer:
    seen = await outcome.visible(act.conn, outcome_id)
    if seen is None:
        raise NotFound("no_such")
    body, revision = seen
    return Answer(body, status, etag(revision), f"/api/v1/outcomes/{outcome_id}" if status == 201 else None)


def _in_order(*, starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("dates_reversed", "ends_on", other=starts_on)


def _range(starts_on: date, ends_on: date | None) -> str:
    """A PostgreSQL daterange of days that include both ends."""
    return f"[{starts_on},{'' if ends_on is None else ends_on + DAY})"


def _ids(leaves: Sequence[UUID]) -> list[UUID]:
    return [new_id() for _ in leaves]
