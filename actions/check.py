"""Listings are checked by people; those that nobody checked for long lapse, and a check brings them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from actions.asset import at_revision, home_of, rest_answer
from actions.batch import JudgedRow, UnitRow
from domain.actor import SYSTEM, Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Fault
from domain.facts import refuse, value_faults
from store import asset, check
from store.db import Act, Database

#: Units whose listings one act lets lapse.
LAPSED_AT_ONCE = 1000


@dataclass(frozen=True)
class ListingCheck:
    """How a listing was checked, a word of `CHECK_METHODS`, on which day, and what was noted."""

    how: str
    checked_on: date
    note: str | None = None

    def faults(self, today: date, path: str = "") -> list[Fault]:
        """What is wrong with it whatever the unit."""
        faults = value_faults({"checked_on": self.checked_on, "note": self.note}, path)
        if not faults and self.checked_on > today:
            faults.append(Fault("in_the_future", f"{path}checked_on", {"today": today}))
        return faults


async def check_asset(
    db: Database, actor: Actor, asset_id: UUID, listing_check: ListingCheck, *, once: Once | None, today: date
) -> Answer:
    """The listing of a unit was found true; one that had lapsed is back.

    Raises: Conflict where a later check is recorded, or where the day is so long ago that it would lapse at once.
    """
    refuse(listing_check.faults(today))
    home = await home_of(db, actor, asset_id)
    async with db.write(actor, home.park_id, once=once) as act:
        await asset.lock(act, [asset_id])
        before = await at_revision(act, asset_id, "*")
        old = await check.too_old(act, [asset_id], listing_check.checked_on, today)
        if faults := _day_faults(before, old, listing_check, "checked_on"):
            raise Conflict.of(faults)
        await _record(act, [before], listing_check, today)
        act.answer = await rest_answer(act, asset_id, 200)
    return act.answer


async def check_units(
    act: Act, each: Sequence[UnitRow], listing_check: ListingCheck, today: date
) -> Sequence[JudgedRow]:
    """Records a check of units under their locks, all or none; each with what is wrong with it."""
    ids = [row.asset_id for row in each if row.asset_id is not None]
    units = {unit["id"]: unit for unit in await asset.by_keys(act, ids)}
    rows = [JudgedRow(row, [], asset_id=row.asset_id, before=units.get(row.asset_id)) for row in each]
    old = await check.too_old(act, ids, listing_check.checked_on, today)
    for row in rows:
        if row.before is None:
            row.faults.append(Fault("unknown_reference", row.row.path))
        elif row.before["retired_on"] is not None:
            row.faults.append(Fault("retired", row.row.path, {"on": row.before["retired_on"]}))
        else:
            row.faults += _day_faults(row.before, old, listing_check, row.row.path)
    if rows and not any(row.faults for row in rows):
        await _record(act, [row.before for row in rows], listing_check, today)
        after = {unit["id"]: unit for unit in await asset.by_keys(act, ids)}
        for row in rows:
            row.after = after[row.asset_id]
    return rows


def _day_faults(before: Any, old: set[UUID], listing_check: ListingCheck, field: str) -> list[Fault]:
    """What keeps a check of that day from counting for a unit."""
    if before["checked_on"] is not None and listing_check.checked_on < before["checked_on"]:
        return [Fault("checked_later", field, {"on": before["checked_on"]})]
    if before["id"] in old:
        return [Fault("check_too_old", field, {"on": listing_check.checked_on})]
    return []


async def _record(act: Act, units: Sequence[Any], listing_check: ListingCheck, today: date) -> None:
    """Writes the check with an event for each unit; its note stays with the unit, as staff may name people in it."""
    ids = [unit["id"] for unit in units]
    await check.check(act, ids, listing_check.checked_on, listing_check.how, listing_check.note)
    facts = {name: value for name, value in asdict(listing_check).items() if name != "note"}
    for unit in units:
        act.did("asset.checked", "asset", unit["id"], **facts, was_lapsed_on=unit["lapsed_on"])
    await asset.refresh(act, [], ids, today)


async def lapse_unchecked(db: Database, today: date) -> int:
    """Lets the listings lapse that nobody checked for the days of their park; how many acts that took."""
    done = 0
    for park_id, ids in await check.unchecked(db, today):
        for first in range(0, len(ids), LAPSED_AT_ONCE):
            done += await _lapse(db, park_id, ids[first : first + LAPSED_AT_ONCE], today)
    return done


async def _lapse(db: Database, park_id: UUID, asset_ids: Sequence[UUID], today: date) -> int:
    async with db.write(SYSTEM, park_id) as act:
        await asset.lock(act, asset_ids)
        lapsed = await check.lapse(act, asset_ids, today)
        for asset_id in lapsed:
            act.did("asset.lapsed", "asset", asset_id, day=today)
        await asset.refresh(act, [], lapsed, today)
        if not lapsed:  # all of them were checked or taken off offer meanwhile
            act.did("park.turned_over", "park", park_id, day=today)
    return 1
