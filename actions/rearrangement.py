"""A unit is split into parts of its own, and units beside each other become one; what is undone of either.

What is claimed, and what was, goes along: a split writes it on every part, a merge leaves what is past on the units
that become one and takes on what runs. Verdicts on a unit that is split are those on its parts, so that no figure
moves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions import revival
from actions.asset import SURVEY_SLACK_M2, SURVEY_SLACK_SHARE, at_revision, home_of, record_parted
from actions.authorization import new_id
from actions.batch import JudgedRow, UnitRow, prepare, write_rows
from actions.bulk_change import record_batch
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Fault, Invalid, Refusal
from domain.fields import SHARED
from domain.quantity import area_m2
from domain.words import PARENT_LEVELS, AreaUnit, Level, Listing
from store import asset, claim, outcome, title
from store import revival as revival_store
from store.batch import BatchCounts
from store.db import Act, Database
from texts.lookup import side_by_side

#: Where a fault of a new unit's facts is named.
FACTS = "properties."


@dataclass(frozen=True)
class NewPart:
    """A new part: its facts, its code and name among them, and its outline as decoded GeoJSON, if it is drawn."""

    facts: Mapping[str, Any]
    geometry: Any = None


async def split_asset(
    db: Database,
    actor: Actor,
    asset_id: UUID,
    parts: Sequence[NewPart],
    remainder: Mapping[str, Any] | None,
    *,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """Parts take the place of a unit, with all that is or was claimed of it, its listing and what holds of each part.

    `remainder`: facts of the part that is left where the others do not tile the unit: by outlines where all are drawn,
    else, and for floors, by areas. Raises: Invalid for wrong facts; Conflict for a unit that has parts or can have
    none, where the parts overlap, leave it or outgrow it, leave something without a remainder or nothing for one.
    """
    home = await home_of(db, actor, asset_id)
    level = next((level for level, wholes in PARENT_LEVELS.items() if home.level in wholes), None)
    if level is None:
        raise Conflict("has_no_parts", "", level=home.level)
    known = {"level": level.value, "parent_id": asset_id}
    rows = await prepare(
        [_new_row({**part.facts, **known}, part.geometry, f"parts.{n}") for n, part in enumerate(parts)]
    )
    _refuse_faults(rows, Invalid)
    async with db.write(actor, home.park_id, once=once) as act:
        await asset.lock_many(act, [asset_id], drawn=[], plot_ids=[], outlines=[])
        whole = await at_revision(act, asset_id, if_match)
        if not whole["is_leaf"]:
            raise Conflict("unit_has_parts", "")
        rows += await _remainder(act, whole, level, rows, remainder)
        if len(rows) < 2:
            raise Invalid("too_few_parts", "parts")
        (shared,) = (await asset.shared_facts(act, [asset_id])).values()
        for row in rows:
            _share(row, shared, Listing(whole["listing"]))
        await _write_parts(act, asset_id, rows, today)
        ids = [row.asset_id for row in rows]
        act.did("asset.split", "asset", asset_id, part_ids=ids)
        _refuse_faults(rows, Conflict)
        batch_id = await record_batch(act, "split", BatchCounts(registered=len(rows)))
        act.answer = await _answer(act, batch_id, asset_id, [row.after for row in rows])
    return act.answer


def _new_row(facts: Mapping[str, Any], geometry: Any, path: str) -> UnitRow:
    place = f"{path}." if path else ""
    return UnitRow({**facts, "geometry": geometry}, new_id(), is_new=True, path=path, facts_path=f"{place}{FACTS}")


def _refuse_faults(rows: Sequence[JudgedRow], kind: type[Refusal]) -> None:
    if faults := [fault for row in rows for fault in row.faults]:
        raise kind.of(faults)


async def _remainder(
    act: Act, whole: Any, level: Level, rows: Sequence[JudgedRow], facts: Mapping[str, Any] | None
) -> list[JudgedRow]:
    """The part that the others leave; none where they tile the whole, as far as surveying tells."""
    outlines = [row.columns["geom"] for row in rows]
    outline, whole_m2 = None, _extent(whole, whole["storeys"])
    stated_m2 = left_m2 = whole_m2 - sum(_extent({**row.facts, **row.columns}) for row in rows)
    is_drawn = level is not Level.floor and whole["measured_area_m2"] is not None and None not in outlines
    if is_drawn:
        outline, left_m2 = await asset.rest_of_whole(act, whole["id"], outlines, SURVEY_SLACK_M2)
        whole_m2 = whole["measured_area_m2"]
    slack = max(Decimal(SURVEY_SLACK_M2), Decimal(str(SURVEY_SLACK_SHARE)) * whole_m2)
    if left_m2 < -slack:
        raise Conflict("parts_exceed_whole", "parts", area_m2=f"{-left_m2:.2f}")
    if left_m2 <= slack:
        if facts is not None:
            raise Conflict("nothing_left", "remainder")
        return []
    if facts is None:
        raise Conflict("not_tiled", "remainder", area_m2=f"{left_m2:.2f}")
    known: dict[str, Any] = {"level": level.value, "parent_id": whole["id"]}
    is_stated = all(unit.get("stated_area") is not None for unit in (whole, *(row.facts for row in rows)))
    if "stated_area" not in facts and stated_m2 > 0 and (is_stated or not is_drawn):
        known |= {"stated_area": stated_m2, "stated_area_unit": AreaUnit.m2}
    prepared = await prepare([_new_row({**facts, **known}, outline, "remainder")])
    _refuse_faults(prepared, Invalid)
    return prepared


def _extent(unit: Mapping[str, Any] | Any, storeys: int | None = None) -> Decimal:
    """The area of a unit as it is stated, else as it is drawn on all its storeys, m²."""
    if unit.get("stated_area") is not None:
        return area_m2(Decimal(unit["stated_area"]), AreaUnit(unit["stated_area_unit"]))
    return Decimal(unit["measured_area_m2"]) * (storeys or 1)


def _share(row: JudgedRow, shared: Mapping[str, Any], listing: Listing) -> None:
    """A new unit has what holds of all that it comes of, unless it says otherwise, and their listing."""
    taken = {name: value for name, value in shared.items() if name not in row.facts and name != "illustrative"}
    invented = [name for name in shared["illustrative"] if name in taken]
    row.facts = {**taken, **row.facts, "illustrative": [*(row.facts.get("illustrative") or []), *invented]}
    row.columns["listing"] = listing.value
    if listing is Listing.published and not row.facts.get("allowed_paths"):
        row.refuse("nothing_allowed", "allowed_paths")


async def _write_parts(act: Act, whole_id: UUID, rows: Sequence[JudgedRow], today: date) -> None:
    """The parts in place of a leaf: its claims are deleted there and written on each, its verdicts likewise."""
    claims = await claim.on_leaves(act, [whole_id])
    await claim.let_go(act, [whole_id], None)
    ids = [row.asset_id for row in rows if row.asset_id is not None]
    reason = side_by_side("sources", "source", "unit_split")

    async def carry() -> None:
        if any(row.faults for row in rows):
            return
        await _claim_as(act, claims, ids)
        areas = [_extent({**row.facts, **row.columns}) for row in rows]
        await revival_store.move(act, whole_id, ids, areas, reason)
        await revival.judge(act, ids, reason=reason)

    await write_rows(act, rows, today, near=[], carry=carry)


async def _claim_as(act: Act, claims: Sequence[Mapping[str, Any]], leaf_ids: Sequence[UUID]) -> None:
    """The same claims on these leaves."""
    for row in claims:
        kinds, days = (row["claim"], row["source_kind"]), (row["starts_on"], row["ends_before"])
        ids = [new_id() for _ in leaf_ids]
        await outcome.claim(act, ids, leaf_ids, *kinds, row["source_id"], row["holder_id"], *days)


async def _answer(act: Act, batch_id: UUID, asset_id: UUID, units: Sequence[Any]) -> Answer:
    shown = [
        {"asset_id": str(unit["id"]), **{name: unit[name] for name in ("code", "listing", "availability", "revision")}}
        for unit in units
    ]
    body = {"batch_id": str(batch_id), "asset_id": str(asset_id), "units": shown}
    return Answer(json.dumps(body, ensure_ascii=False), status=201, location=f"/api/v1/assets/{asset_id}")


@dataclass(frozen=True)
class Sister:
    """A part of the same whole, at the revision at which it was read."""

    asset_id: UUID
    revision: int


async def merge_assets(
    db: Database,
    actor: Actor,
    asset_id: UUID,
    sisters: Sequence[Sister],
    facts: Mapping[str, Any],
    *,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """A new unit takes the place of parts of one whole from today on: with their outlines as one, where all are drawn.

    The parts are retired and keep their past; what runs goes on in the new one. It has what holds of each of them, and
    states what differs. Raises: Invalid for wrong facts; Conflict for units that are no sisters, have parts, do not
    touch, are held differently, or on which a deal is under way, a title recorded, or an end to verify.
    """
    home = await home_of(db, actor, asset_id)
    ids = [asset_id, *(sister.asset_id for sister in sisters)]
    async with db.write(actor, home.park_id, once=once) as act:
        await asset.lock_many(act, ids, drawn=[], plot_ids=[], outlines=[])
        first = await at_revision(act, asset_id, if_match)
        units = await _sisters(act, first, sisters)
        await _refuse_bound(act, units, today)
        running = await _running(act, units, today)
        (row,) = await prepare([_new_row(await _merged_facts(act, units, facts), await _outline(act, units), "")])
        _refuse_faults([row], Invalid)
        await _retire(act, units, row, today)

        async def carry() -> None:
            if not row.faults:
                await _claim_as(act, running, [row.asset_id] if row.asset_id else [])
                await revival.judge(act, ids, reason=side_by_side("sources", "source", "units_merged"))

        await write_rows(act, [row], today, near=[], carry=carry)
        _refuse_faults([row], Conflict)
        for unit in units:
            act.did("asset.retired", "asset", unit["id"], merged_id=row.asset_id)
        await asset.refresh(act, [first["root_id"]], ids, today)
        batch_id = await record_batch(act, "merge", BatchCounts(registered=1, amended=len(units)))
        after = {unit["id"]: unit for unit in await asset.by_keys(act, ids)}
        act.answer = await _answer(act, batch_id, row.after["id"], [after[unit_id] for unit_id in ids])
    return act.answer


async def _sisters(act: Act, first: Any, sisters: Sequence[Sister]) -> list[Any]:
    """The units to be merged in the order they are named. Raises Conflict naming each that cannot be."""
    there = {unit["id"]: unit for unit in await asset.by_keys(act, [sister.asset_id for sister in sisters])}
    units, faults = [first], []
    if first["parent_id"] is not None and not first["is_leaf"]:
        faults.append(Fault("unit_has_parts", ""))
    for n, sister in enumerate(sisters):
        unit, place = there.get(sister.asset_id), f"sisters.{n}"
        if unit is None:
            faults.append(Fault("unknown_reference", f"{place}.asset_id"))
        elif any(unit["id"] == other["id"] for other in units):
            faults.append(Fault("listed_twice", f"{place}.asset_id"))
        elif unit["revision"] != sister.revision:
            faults.append(Fault("row_changed", f"{place}.revision", {"revision": unit["revision"]}))
        elif unit["retired_on"] is not None:
            faults.append(Fault("retired", f"{place}.asset_id", {"on": unit["retired_on"]}))
        elif first["parent_id"] not in (None, unit["parent_id"]):
            faults.append(Fault("no_sister", f"{place}.asset_id"))
        elif not unit["is_leaf"]:
            faults.append(Fault("unit_has_parts", f"{place}.asset_id"))
        else:
            units.append(unit)
    if first["parent_id"] is None:
        faults.append(Fault("only_parts_merge", ""))
    if faults:
        raise Conflict.of(faults)
    return units


async def _refuse_bound(act: Act, units: Sequence[Any], today: date) -> None:
    """Raises Conflict where something is said of a unit that cannot go on in another."""
    codes = {unit["id"]: unit["code"] for unit in units}
    bound = {
        "tenant_unsaid": await claim.to_verify(act, list(codes), today),
        "deal_under_way": await claim.under_way(act, list(codes), today),
        "title_recorded": await title.recorded(act, list(codes)),
    }
    if faults := [Fault(code, "", {"unit": codes[unit_id]}) for code, ids in bound.items() for unit_id in ids]:
        raise Conflict.of(faults)


async def _running(act: Act, units: Sequence[Any], today: date) -> list[dict[str, Any]]:
    """What is claimed from today on of each of the units. Raises Conflict where it is not the same of all."""
    by_unit: dict[UUID, list[dict[str, Any]]] = {unit["id"]: [] for unit in units}
    for row in await claim.on_leaves(act, list(by_unit)):
        if row["ends_before"] is None or row["ends_before"] > today:
            names = ("claim", "source_kind", "source_id", "holder_id", "ends_before")
            about = {name: row[name] for name in names} | {"starts_on": max(row["starts_on"], today)}
            by_unit[row["leaf_id"]].append(about)
    running = [sorted(rows, key=lambda row: (row["starts_on"], row["claim"])) for rows in by_unit.values()]
    for unit, rows in zip(units, running, strict=True):
        if rows != running[0]:
            raise Conflict("claims_differ", "", unit=units[0]["code"], other=unit["code"])
    return running[0]


async def _merged_facts(act: Act, units: Sequence[Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of the new unit: those it states, and those that hold of each it comes of. Raises Conflict naming what
    differs and is not stated.
    """
    by_unit = list((await asset.shared_facts(act, [unit["id"] for unit in units])).values())
    each = [{**shared, "floor_no": unit["floor_no"]} for shared, unit in zip(by_unit, units, strict=True)]
    names = [name for name in (*SHARED, "floor_no") if name not in facts]
    differing = [name for name in names if any(other.get(name) != each[0].get(name) for other in each)]
    if differing:
        raise Conflict.of([Fault("facts_differ", f"{FACTS}{name}") for name in differing])
    taken = {name: each[0][name] for name in names if each[0].get(name) is not None}
    invented = {name for shared in by_unit for name in shared["illustrative"]}
    if "stated_area" not in facts and all(unit["stated_area"] is not None for unit in units):
        taken |= _summed(units)
        names += ["stated_area"]
    return {
        **taken,
        **facts,
        "level": units[0]["level"],
        "parent_id": units[0]["parent_id"],
        "illustrative": [*(facts.get("illustrative") or []), *sorted(invented & {*names})],
    }


def _summed(units: Sequence[Any]) -> dict[str, Any]:
    """The stated areas of units together, in their own unit where they have one."""
    if len({unit["stated_area_unit"] for unit in units}) == 1:
        area, unit = sum(unit["stated_area"] for unit in units), units[0]["stated_area_unit"]
    else:
        area, unit = sum(unit["area_m2"] for unit in units), AreaUnit.m2.value
    return {"stated_area": area, "stated_area_unit": unit}


async def _outline(act: Act, units: Sequence[Any]) -> Any:
    """The outlines of units as one, decoded GeoJSON; None where any is not drawn. Raises Conflict where apart."""
    if any(unit["measured_area_m2"] is None for unit in units):
        return None
    ids = [unit["id"] for unit in units]
    outline, pairs = await asset.joined(act, ids)
    reached = {ids[0]}
    for _ in ids:
        reached |= {other for unit_id, other in pairs if unit_id in reached}
    if apart := [unit["code"] for unit in units if unit["id"] not in reached]:
        raise Conflict("units_apart", "sisters", other=", ".join(apart))
    return outline


async def _retire(act: Act, units: Sequence[Any], row: JudgedRow, today: date) -> None:
    """The units are none any more from today on, and free; the new one is as they were listed."""
    ids = [unit["id"] for unit in units]
    listings = {unit["listing"] for unit in units}
    listing = Listing(units[0]["listing"]) if len(listings) == 1 else Listing.withdrawn
    _share(row, {"illustrative": []}, listing)
    row.columns["previously_part_of"] = list(
        dict.fromkeys([*ids, *(earlier for unit in units for earlier in unit["previously_part_of"])])
    )
    await asset.retire(act, ids, today)
    await claim.let_go(act, ids, today)
    record_parted(act, await asset.meet_neighbours(act, [], ids), ids[0])


async def take_back_split(act: Act, whole_id: UUID, part_ids: Sequence[UUID], at: datetime) -> None:
    """What a split moved is the whole's again, before its parts go; `at`: the instant of the split."""
    await claim.let_go(act, part_ids, None)
    reason = side_by_side("sources", "source", "split_undone")
    await revival_store.move_back(act, whole_id, part_ids, at, reason)


async def be_whole_again(act: Act, whole_id: UUID, at: datetime, today: date) -> None:
    """A unit whose parts are gone has its claims again. Raises Conflict where it got another part since."""
    whole = await asset.by_key(act, whole_id)
    assert whole is not None, "a unit with parts is never voided"
    if not whole["is_leaf"]:
        raise Conflict("built_on_since", "", unit=whole["code"], act="asset.registered")
    await claim.restore(act, [whole_id], at)
    await revival.judge(act, [whole_id], reason=side_by_side("sources", "source", "split_undone"))
    await asset.refresh(act, [whole["root_id"]], [whole_id], today)


async def take_back_merge(act: Act, merged_id: UUID, part_ids: Sequence[UUID], at: datetime) -> None:
    """The units that became one are units again, with what was claimed of them; nothing is of that one any more."""
    await claim.let_go(act, [merged_id], None)
    await asset.unretire(act, part_ids, at)
    await claim.restore(act, part_ids, at)
    for part_id in part_ids:
        act.did("asset.unretired", "asset", part_id, merged_id=merged_id)


async def be_parts_again(act: Act, part_ids: Sequence[UUID], today: date) -> None:
    """Units are judged, shown and beside each other as before they became one, once that one is gone."""
    record_parted(act, await asset.meet_neighbours(act, part_ids), part_ids[0])
    await revival.judge(act, part_ids, reason=side_by_side("sources", "source", "merge_undone"))
    await asset.refresh(act, await asset.roots_for_outcome(act, part_ids), part_ids, today)
