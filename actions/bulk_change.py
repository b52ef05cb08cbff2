"""Many units of a park published, withdrawn, checked, changed or registered by one act: all of them or none.

What is wrong is said row by row before anything is written; a trial does it all and takes it back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from actions.asset import DRAWN, check_codes, fact_faults
from actions.authorization import new_id, require_in_park
from actions.batch import JudgedRow, UnitRow, prepare, write_rows
from actions.check import ListingCheck, check_units
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.entity_tags import ANY, listed_tags
from domain.errors import Conflict, Fault, Invalid, PreconditionMissing, Stale
from domain.facts import refuse
from domain.merge_patch import without_removals
from domain.words import Listing
from store import asset, batch
from store.asset_search import Condition, selected_ids
from store.batch import BatchCounts
from store.db import Act, Database

#: Units that one act changes at most: about as many as it holds locked for a second or two.
MOST_UNITS = 1000
#: Facts of which no two units have the same.
EACH_ITS_OWN = frozenset({"name"})


@dataclass(frozen=True)
class UnitSelection:
    """Units by their ids, by conditions and what is typed of a name, or row by row, new ones among them."""

    asset_ids: Sequence[UUID] | None = None
    conditions: Sequence[Condition] = ()
    typed: str | None = None
    rows: Sequence[UnitRow] = ()

    @property
    def precondition(self) -> str | None:
        """What has to be said so that nothing changes unseen; None: the revision of every unit that is there is."""
        unseen = (f"{row.path}.revision" for row in self.rows if not row.is_new and row.revision is None)
        return next(unseen, None) if self.rows else "If-Match"


@dataclass(frozen=True)
class UnitChange:
    """What is to become of each unit: another listing, a patch of its facts, or a check; of rows each says its own."""

    listing: Listing | None
    facts: Mapping[str, Any]
    check: ListingCheck | None = None


@dataclass(frozen=True)
class BulkResult:
    """The rows of a change, and the tag of the units as they were found."""

    rows: Sequence[JudgedRow]
    tag: str


class _TakenBack(Exception):
    """A trial has its result, and nothing of it is kept."""

    def __init__(self, result: BulkResult) -> None:
        super().__init__()
        self.result = result


async def try_change(
    db: Database, actor: Actor, park_id: UUID, selection: UnitSelection, change: UnitChange, *, today: date
) -> BulkResult:
    """What `change_units` would do, each unit with what is wrong with it; nothing is kept."""
    await _require(db, actor, park_id, selection, change, today)
    prepared = await prepare(selection.rows)
    try:
        async with db.write(actor, park_id) as act:
            rows, tag = await _changed(act, selection, prepared, change, today)
            raise _TakenBack(BulkResult(rows, tag))
    except _TakenBack as trial:
        return trial.result


async def change_units(
    db: Database,
    actor: Actor,
    park_id: UUID,
    selection: UnitSelection,
    change: UnitChange,
    *,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """Changes all units of the selection, an event each, and one of the batch that they are.

    Raises: PreconditionMissing without the tag of a trial or `*`, unless every row has its revision; Stale where the
    selection, or a unit of it, is another since; Conflict naming what is wrong with each unit.
    """
    await _require(db, actor, park_id, selection, change, today)
    if if_match is None and (wanted := selection.precondition) is not None:
        raise PreconditionMissing("if_match_missing", wanted)
    prepared = await prepare(selection.rows)
    refuse([fault for row in prepared for fault in row.faults])
    async with db.write(actor, park_id, once=once) as act:
        rows, tag = await _changed(act, selection, prepared, change, today)
        tags = ANY if if_match is None else listed_tags(if_match, "If-Match")
        if tags != ANY and tag not in tags:
            raise Stale("selection_changed", "If-Match")
        if not rows:
            raise Invalid("nothing_selected", "filter")
        faults = [fault for row in rows for fault in row.faults]
        refuse([fault for fault in faults if fault.code == "told_twice"])
        if faults:
            raise Conflict.of(faults)
        batch_id = await record_batch(act, "change", _counts(rows, change))
        shown = document(BulkResult(rows, tag), change, batch_id)
        act.answer = Answer(json.dumps(shown, ensure_ascii=False))
    return act.answer


async def record_batch(act: Act, kind: str, counts: BatchCounts, **about: Any) -> UUID:
    """The record of an act on many units, with its event; `about`: the file it is of, or the batch it undoes."""
    batch_id = new_id()
    await batch.insert(act, batch_id, kind, counts, **about)
    act.did(f"batch.{kind}", "batch", batch_id, **counts._asdict(), **about)
    return batch_id


def _counts(rows: Sequence[JudgedRow], change: UnitChange) -> BatchCounts:
    return BatchCounts(checked=len(rows)) if change.check is not None else counts_of(rows, change.listing)


def counts_of(rows: Sequence[JudgedRow], listing: Listing | None = None) -> BatchCounts:
    """How many units were registered and how many changed, or got another listing."""
    if listing is not None:
        return BatchCounts(**{listing.value: len(rows)})
    new = sum(row.row.is_new for row in rows)
    return BatchCounts(registered=new, amended=len(rows) - new)


def _of_unit(fault: Fault, row: JudgedRow) -> Fault:
    code = row.facts.get("code") if row.before is None else row.before["code"]
    return fault if code is None else Fault(fault.code, fault.field, {**fault.params, "unit": code})


def document(result: BulkResult, change: UnitChange, batch_id: UUID | None = None) -> dict[str, Any]:
    """A result as it is shown, faults left to whoever knows the reader's language."""
    shown = ("listing", "availability", "revision")
    return {
        "act": act_of(change),
        "batch_id": None if batch_id is None else str(batch_id),
        "units": len(result.rows),
        "units_at_fault": sum(bool(row.faults) for row in result.rows),
        "token": result.tag.strip('"'),
        "rows": [
            {
                "row": n,
                "asset_id": None if row.asset_id is None or (row.row.is_new and row.faults) else str(row.asset_id),
                "code": row.facts.get("code") if row.before is None else row.before["code"],
                **{name: None if row.before is None else row.before[name] for name in shown},
                "becomes": None if row.after is None else {name: row.after[name] for name in shown},
                "faults": [],
            }
            for n, row in enumerate(result.rows)
        ],
    }


def act_of(change: UnitChange) -> str:
    """The event of each unit that is there is named after it."""
    if change.check is not None:
        return "checked"
    return "amended" if change.listing is None else change.listing.value


async def _require(
    db: Database, actor: Actor, park_id: UUID, selection: UnitSelection, change: UnitChange, today: date
) -> None:
    """What can be judged before anything is locked."""
    await require_in_park(db, actor, "asset.write", park_id, "park_id")
    if change.check is not None:
        refuse(change.check.faults(today, "check."))
    alone = sorted((DRAWN | EACH_ITS_OWN) & change.facts.keys())
    faults = [Fault("each_its_own", f"properties.{name}") for name in alone]
    first: dict[UUID, int] = {}
    faults += [
        Fault("told_twice", f"asset_ids.{n}", {"first": f"asset_ids.{first[asset_id]}"})
        for n, asset_id in enumerate(selection.asset_ids or ())
        if first.setdefault(asset_id, n) != n
    ]
    refuse(faults + fact_faults(without_removals(change.facts, ("attributes",)), None))


async def _changed(
    act: Act, selection: UnitSelection, rows: Sequence[JudgedRow], change: UnitChange, today: date
) -> tuple[Sequence[JudgedRow], str]:
    """The units of the selection, written where nothing is wrong with any; and their tag as they were found."""
    if not selection.rows:
        await check_codes(act, change.facts)
        ids = await _ids(act, selection)
        await asset.lock_roots(act, ids)
        if selection.asset_ids is None:  # what changed before the locks were ours may be none of it any more
            still = set(await _ids(act, selection))
            ids = [asset_id for asset_id in ids if asset_id in still]
        place = "rows" if selection.asset_ids is None else "asset_ids"
        paths = [f"{place}.{n}" for n in range(len(ids))]
        each = [
            UnitRow(change.facts, asset_id, path=path, facts_path=f"{path}.")
            for asset_id, path in zip(ids, paths, strict=True)
        ]
        if change.check is not None:
            await act.fix_instant()
            rows = await check_units(act, each, change.check, today)
        elif change.listing is not None:
            await act.fix_instant()
            rows = await list_units(act, each, change.listing, today)
        elif each:
            rows = await prepare(each)
    if change.listing is None and change.check is None and rows:
        await write_rows(act, rows, today)
    for row in rows:
        row.faults[:] = [_of_unit(fault, row) for fault in row.faults]
    versions = [(str(row.asset_id), None if row.before is None else row.before["revision"]) for row in rows]
    versions = [("new", None) if row.row.is_new else version for row, version in zip(rows, versions, strict=True)]
    check = None if change.check is None else [change.check.how, change.check.checked_on, change.check.note]
    about = [str(act.scope_id), change.listing, check, change.facts, [row.facts for row in selection.rows], versions]
    raw = json.dumps(about, default=str, sort_keys=True).encode()
    return rows, f'"{hashlib.sha256(raw).hexdigest()[:32]}"'


async def _ids(act: Act, selection: UnitSelection) -> list[UUID]:
    """The ids of the selection. Raises Invalid for too many."""
    if selection.asset_ids is not None:
        return list(selection.asset_ids)
    conditions = [("in_park", (act.scope_id,)), *selection.conditions]
    selected = await selected_ids(act.conn, conditions, typed=selection.typed, limit=MOST_UNITS + 1)
    if len(selected) > MOST_UNITS:
        raise Invalid("too_many_units", "filter", most=MOST_UNITS)
    return list(selected)


async def list_units(act: Act, each: Sequence[UnitRow], listing: Listing, today: date) -> Sequence[JudgedRow]:
    """Publishes or withdraws units under their locks, all or none; each with what is wrong with it."""
    ids = [row.asset_id for row in each if row.asset_id is not None]
    units = {unit["id"]: unit for unit in await asset.by_keys(act, ids)}
    rows = [JudgedRow(row, [], asset_id=row.asset_id, before=units.get(row.asset_id)) for row in each]
    for row in rows:
        if row.before is None:
            row.faults.append(Fault("unknown_reference", row.row.path))
        elif row.before["retired_on"] is not None:
            row.faults.append(Fault("retired", row.row.path, {"on": row.before["retired_on"]}))
        elif row.before["listing"] == listing:
            row.refuse("already_so", "listing", listing=listing.value)
        elif listing is Listing.published and not row.before["allowed_paths"]:
            row.refuse("nothing_allowed", "allowed_paths")
    if rows and not any(row.faults for row in rows):
        await asset.list_all_as(act, ids, listing.value)
        for asset_id in ids:
            act.did(f"asset.{listing.value}", "asset", asset_id)
        await asset.refresh(act, await asset.roots_for_outcome(act, ids), ids, today)
        after = {unit["id"]: unit for unit in await asset.by_keys(act, ids)}
        for row in rows:
            row.after = after[row.asset_id]
    return rows
