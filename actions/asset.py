"""Units come into the register, change, are published and withdrawn."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from actions import claim as claim_actions
from actions.authorization import match_revision, new_id, require_hidden, require_in_park
from actions.geometry import read_geometry
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.attributes import ASSET_ATTRIBUTES, attribute_faults
from domain.completeness import completeness
from domain.entity_tags import entity_tag
from domain.errors import Conflict, Fault, Invalid, NotFound, Refusal
from domain.facts import refuse, value_faults
from domain.merge_patch import with_objects_merged, without_removals
from domain.quantity import area_m2, areas_differ
from domain.words import KIND_OF_LEVEL, PARENT_LEVELS, AreaUnit, DatePrecision, Level, Listing
from store import asset, claim, reference
from store.db import Act, Database
from store.spelling import load_dictionary

if TYPE_CHECKING:
    from geo.geometry import Geometry

#: A part may lie outside its whole, or over its sibling, by what surveying leaves: 1 m² or 0.5 % of its own area.
SURVEY_SLACK_M2 = 1.0
SURVEY_SLACK_SHARE = 0.005
#: What moves a unit beside others or renames it before them.
DRAWN = frozenset({"floor_no", "plot_id", "code"})
#: Columns of a unit's geometry that no event carries: outlines are large, and their history keeps them.
GEOMETRY = frozenset({"geom", "point"})
CODE_FIELDS = ("allowed_industries", "forbidden_industries")
#: Days that are stored with how exactly they are known.
DAYS = ("stated_idle_since", "completed_on")
#: How an act answers: from the act, its unit, and the status where it goes well.
Answering = Callable[[Act, UUID, int], Awaitable[Answer]]


async def rest_answer(act: Act, asset_id: UUID, status: int) -> Answer:
    """A unit as its caller sees it. Raises NotFound where there is none."""
    visible = await asset.visible(act.conn, asset_id)
    if visible is None:
        raise NotFound("no_such")
    body, revision = visible
    location = f"/api/v1/assets/{asset_id}" if status == 201 else None
    return Answer(body.decode(), status=status, etag=entity_tag(body, revision), location=location)


async def published_answer(act: Act, asset_id: UUID, status: int) -> Answer:
    """A unit as its caller sees it, and how complete it is; the tag is that of the unit."""
    answer = await rest_answer(act, asset_id, status)
    shown = json.dumps(completeness(json.loads(answer.body)).document())
    return replace(answer, body=f'{answer.body[:-1]},"completeness":{shown}}}')


class TrialPassed(Exception):
    """A trial of an act went well: this would be its answer, and nothing of it is kept."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


async def register_asset(
    db: Database,
    actor: Actor,
    park_id: UUID,
    geometry: object,
    facts: Mapping[str, Any],
    *,
    once: Once | None,
    today: date,
    is_trial: bool = False,
    answering: Answering = rest_answer,
) -> Answer:
    """A new draft unit in a park, below `parent_id` where one is named; `geometry` is a decoded GeoJSON geometry.

    Without an outline, which null or a Point is, it needs a stated area.
    Raises: Invalid for each wrong fact, Conflict where it overlaps a sibling, outgrows its whole, or a code is taken;
    TrialPassed where it would be registered and `is_trial`.
    """
    await require_in_park(db, actor, "asset.write", park_id, "properties.park_id")
    level = Level(facts["level"])
    place = await read_geometry(geometry, beside=fact_faults(facts, level))
    drawn = geometry_columns(place)
    refuse(extent_faults({**facts, **drawn}))
    facts = {name: value for name, value in facts.items() if name != "kind"}
    asset_id = new_id()
    await load_dictionary()
    async with db.write(actor, park_id, once=once) as act:
        parent_id = facts.get("parent_id")
        known = {"park_id": park_id, "id": asset_id, "kind": KIND_OF_LEVEL[level].value, **drawn}
        plot_id, is_root = facts.get("plot_id"), parent_id is None
        near = await asset.lock_drawn(
            act, [] if parent_id is None else [parent_id], plot_id=plot_id, outline=drawn["geom"], is_root=is_root
        )
        whole = await _whole(act, parent_id, level, today)
        await _check_plot(act, plot_id)
        row = {
            **inherited(whole),
            **facts,
            **precisions(facts, facts),
            **known,
            "root_id": asset_id if whole is None else whole["root_id"],
        }
        await check_codes(act, facts)
        issues = await _place_issues(act, row, place) + area_issues(row)
        if whole is not None:
            await _fit_into(act, whole, row, place)
        await asset.insert(act, plain(row), issues)
        parted = await asset.meet_neighbours(act, [asset_id], [] if parent_id is None else [parent_id])
        await _not_outgrown(act, asset_id)
        act.did("asset.registered", "asset", asset_id, **facts, measured_area_m2=drawn["measured_area_m2"])
        record_parted(act, parted, asset_id)
        if whole is not None:
            await claim_actions.share_past(act, asset_id)
        await claim_actions.take_over(act, [asset_id], today)
        touched = await _relate(act, asset_id, near) if whole is None else [whole["id"]]
        await asset.refresh(act, [row["root_id"]], touched, today)
        act.answer = await answering(act, asset_id, 201)
        if is_trial:
            raise TrialPassed(act.answer)
    return act.answer


async def check_part(db: Database, actor: Actor, park_id: UUID, geometry: object, facts: Mapping[str, Any]) -> Geometry:
    """The checks of a new unit that need not wait for the whole it belongs to. Raises: as `register_asset`."""
    await require_in_park(db, actor, "asset.write", park_id, "properties.park_id")
    place = await read_geometry(geometry, beside=fact_faults(facts, Level(facts["level"])))
    refuse(extent_faults({**facts, **geometry_columns(place)}))
    async with db.read(actor, park_id=park_id) as conn:
        if await asset.is_code_taken(conn, park_id, facts["code"]):
            raise Conflict("taken", "properties.code")
    return place


async def amend_asset(
    db: Database,
    actor: Actor,
    asset_id: UUID,
    changed: Mapping[str, Any],
    *,
    if_match: str | None,
    once: Once | None,
    today: date,
    answering: Answering = rest_answer,
) -> Answer:
    """Changes facts of a unit, its `geometry` among them: what is absent stays, None clears, attributes are merged one
    by one.

    Park, level and place in the tree never change.
    """
    home = await home_of(db, actor, asset_id)
    changed, is_drawn = dict(changed), "geometry" in changed
    geometry = changed.pop("geometry", None)
    faults = fact_faults(without_removals(changed, ("attributes",)), None)
    place = await read_geometry(geometry, beside=faults)
    drawn = geometry_columns(place) if is_drawn else {}
    if not changed.keys().isdisjoint({"name", "code"}):
        await load_dictionary()
    async with db.write(actor, home.park_id, once=once) as act:
        before, near = await _locked_to_amend(act, home, asset_id, changed, drawn, if_match)
        changed = with_objects_merged(changed, before, ("attributes",))
        after = {**dict(before), **changed}
        faults = fact_faults(changed, None) + pair_faults(changed, after, Level(before["level"]))
        refuse(faults + extent_faults(after | drawn))
        await check_codes(act, changed)
        await _may_leave_plot(act, before, changed, today)
        row: dict[str, Any] = {**changed, **precisions(changed, after), **drawn}
        issues = kept_issues(before, changed, is_drawn=is_drawn)
        if is_drawn:
            await _fit_around(act, before, place)
            if before["parent_id"] is not None:
                whole = await asset.by_key(act, before["parent_id"])
                assert whole is not None, "a foreign key holds it"
                await _fit_into(act, whole, {**after, "id": asset_id}, place)
            issues += await _place_issues(act, after, place)
        await asset.amend(act, asset_id, plain(row))
        is_moved = is_drawn or "floor_no" in changed
        parted = await asset.meet_neighbours(act, [asset_id]) if is_moved else []
        await _not_outgrown(act, asset_id)
        await asset.set_issues(act, asset_id, issues + area_issues(after | row))
        act.did("asset.amended", "asset", asset_id, **{k: v for k, v in row.items() if k not in GEOMETRY})
        record_parted(act, parted, asset_id)
        roots = await asset.roots_for_outcome(act, [asset_id])
        if is_drawn or "plot_id" in changed:
            await claim_actions.take_over(act, roots, today)
        related = await _relate(act, asset_id, near) + await settle_code(act, before, changed)
        followed = await asset.refresh(act, roots, [asset_id, *related], today)
        for part_id in sorted({*followed} - {asset_id}):
            act.did("asset.followed", "asset", part_id, whole_id=asset_id)
        act.answer = await answering(act, asset_id, 200)
    return act.answer


async def _locked_to_amend(
    act: Act,
    home: asset.AssetHome,
    asset_id: UUID,
    changed: Mapping[str, Any],
    drawn: Mapping[str, Any],
    if_match: str | None,
) -> tuple[Any, list[UUID]]:
    """The unit under the locks that its changes need, and the roots near it before and after where it is a root."""
    near: list[UUID] = []
    if drawn or not changed.keys().isdisjoint(DRAWN):
        is_root = home.root_id == asset_id
        outline = drawn.get("geom") if is_root else None
        near = await asset.lock_drawn(act, [asset_id], plot_id=changed.get("plot_id"), outline=outline, is_root=is_root)
    else:
        await asset.lock(act, [asset_id])
    return await at_revision(act, asset_id, if_match), near


async def _may_leave_plot(act: Act, before: Any, changed: Mapping[str, Any], today: date) -> None:
    """Refuses to take a building off the plot with which a deal has taken it, and to put one on what is no plot."""
    if "plot_id" not in changed or changed["plot_id"] == before["plot_id"]:
        return
    await _check_plot(act, changed["plot_id"])
    if before["plot_id"] is not None and await claim.taken_with_plot(act, before["id"], today):
        raise Conflict("taken_with_plot", "properties.plot_id")


async def _check_plot(act: Act, plot_id: UUID | None) -> None:
    plot = None if plot_id is None else await asset.by_key(act, plot_id)
    if plot is not None and plot["level"] != Level.plot:
        raise Invalid("not_a_plot", "properties.plot_id")


def kept_issues(before: Any, changed: Mapping[str, Any], *, is_drawn: bool) -> list[dict[str, object]]:
    """The issues of a unit that its changes leave as they are; those with another unit are seen to by `_relate`."""
    gone = {"areas_differ"}
    if changed.get("code", before["code"]) != before["code"]:
        gone.add("code_doubled")
    return [
        issue
        for issue in json.loads(before["issues"])
        if issue["code"] not in gone
        and (not is_drawn or issue["field"] != "geometry" or issue.get("other_id") is not None)
    ]


async def _relate(act: Act, root_id: UUID, near: Sequence[UUID]) -> list[UUID]:
    """Makes issues of what overlaps a root, on either side; the units whose issues changed."""
    if not near:
        return []
    changed = await asset.relate(act, [root_id], near)
    for asset_id in changed:
        if asset_id != root_id:
            act.did("asset.related", "asset", asset_id, other_id=root_id)
    return changed


async def settle_code(act: Act, before: Any, changed: Mapping[str, Any]) -> list[UUID]:
    """A unit that gives up a code it had in one of several spellings leaves it to the others; those that changed."""
    is_doubled = any(issue["code"] == "code_doubled" for issue in json.loads(before["issues"]))
    if not is_doubled or changed.get("code", before["code"]) == before["code"]:
        return []
    settled = await asset.settle_code(act, before["code"])
    for asset_id in settled:
        act.did("asset.code_settled", "asset", asset_id, code=before["code"])
    return settled


def record_parted(act: Act, parted: Sequence[UUID], drawn_id: UUID) -> None:
    """Units that lie beside one no more; by these events rankings learn what is still on offer beside them."""
    for asset_id in parted:
        act.did("asset.parted", "asset", asset_id, drawn_id=drawn_id)


async def list_asset(
    db: Database,
    actor: Actor,
    asset_id: UUID,
    listing: Listing,
    *,
    if_match: str | None,
    once: Once | None,
    today: date,
    answering: Answering = rest_answer,
) -> Answer:
    """Publishes or withdraws a unit. Raises Conflict for one that is so already, or that no path allows to be taken."""
    home = await home_of(db, actor, asset_id)
    async with db.write(actor, home.park_id, once=once) as act:
        before = await _locked(act, asset_id, if_match)
        if before["listing"] == listing:
            raise Conflict("already_so", "listing", listing=listing.value)
        if listing is Listing.published and not before["allowed_paths"]:
            raise Conflict("nothing_allowed", "allowed_paths")
        await asset.list_as(act, asset_id, listing.value)
        act.did(f"asset.{listing.value}", "asset", asset_id)
        await asset.refresh(act, [before["root_id"]], [asset_id], today)
        act.answer = await answering(act, asset_id, 200)
    return act.answer


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as stored: amounts inside `works` are JSON numbers, for which two decimals are exact enough."""
    if not row.get("works"):
        return dict(row)
    items = [{k: float(v) if isinstance(v, Decimal) else v for k, v in item.items()} for item in row["works"]]
    return {**row, "works": items}


async def home_of(db: Database, actor: Actor, asset_id: UUID) -> asset.AssetHome:
    """Where a unit is kept. Raises NotFound, NotSignedIn or Forbidden, as its caller is to learn it."""
    home = await asset.home(db, asset_id)
    if home is None:
        raise NotFound("no_such")
    require_hidden(actor, "asset.write", is_visible=home.is_public, park_id=home.park_id)
    return home


def park_of(
    actor: Actor, verb: str, home: asset.AssetHome | None, *, unknown: Refusal, firm_id: UUID | None = None
) -> UUID:
    """The park of a unit that a caller names. Raises `unknown` where it may not know of it, else as `require`."""
    if home is None:
        raise unknown
    try:
        require_hidden(actor, verb, is_visible=home.is_public, park_id=home.park_id, firm_id=firm_id)
    except NotFound as hidden:
        raise unknown from hidden
    return home.park_id


async def _locked(act: Act, asset_id: UUID, if_match: str | None) -> Any:
    """The unit under the lock of its tree, at the revision the caller names."""
    await asset.lock(act, [asset_id])
    return await at_revision(act, asset_id, if_match)


async def at_revision(act: Act, asset_id: UUID, if_match: str | None) -> Any:
    """The unit at the revision the caller names, its tree locked."""
    row = await asset.by_key(act, asset_id)
    if row is None:
        raise NotFound("no_such")
    match_revision(if_match, row["revision"])
    if row["retired_on"] is not None:
        raise Conflict("retired", "", on=row["retired_on"])
    return row


async def _whole(act: Act, parent_id: UUID | None, level: Level, today: date) -> Any:
    """The unit a new part hangs below, open for parts; None for a root.

    Raises: Conflict where a deal has it whole, or where it is a leaf that ever was let: a part would lack the claim.
    """
    if parent_id is None:
        if PARENT_LEVELS[level]:
            raise Invalid("parent_missing", "properties.parent_id", level=level.value)
        return None
    whole = await asset.by_key(act, parent_id)
    if whole is None:
        raise Invalid("unknown_reference", "properties.parent_id")
    if whole["retired_on"] is not None:
        raise Conflict("retired", "properties.parent_id", on=whole["retired_on"])
    if whole["level"] not in PARENT_LEVELS[level]:
        raise Invalid("level_does_not_fit", "properties.level", level=level.value, parent=whole["level"])
    if whole["is_leaf"] and not await asset.open_for_parts(act, [parent_id]):
        raise Conflict("whole_has_claims", "properties.parent_id")
    if await claim.taken_whole(act, [parent_id], today):
        raise Conflict("whole_is_claimed", "properties.parent_id")
    return whole


def inherited(whole: Any) -> dict[str, object]:
    """What a part takes from its whole unless it says otherwise."""
    if whole is None:
        return {}
    return {"floor_no": whole.get("floor_no"), "previously_part_of": list(whole.get("previously_part_of") or ())}


def precisions(changed: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, object]:
    """How exactly the days among the changes are known: to the day where nothing else is or was stated."""
    return {
        f"{name}_precision": None if after.get(name) is None else after.get(f"{name}_precision") or DatePrecision.day
        for name in DAYS
        if not changed.keys().isdisjoint({name, f"{name}_precision"})
    }


def fact_faults(facts: Mapping[str, Any], level: Level | None, path: str = "properties.") -> list[Fault]:
    """What is wrong with the facts of a unit; with None for its level, of one that is there and has others too."""
    faults = value_faults(facts, path)
    faults += attribute_faults(facts.get("attributes") or {}, ASSET_ATTRIBUTES, f"{path}attributes")
    for n, item in enumerate(facts.get("works") or []):
        faults += value_faults(item, f"{path}works.{n}.")
    if level is None:
        return faults
    expected, kind = KIND_OF_LEVEL[level], facts.get("kind")
    if kind is not None and kind != expected:
        faults.append(Fault("kind_does_not_fit", f"{path}kind", {"level": level.value, "kind": expected.value}))
    return faults + pair_faults(facts, facts, level, path)


def pair_faults(
    changed: Mapping[str, Any], facts: Mapping[str, Any], level: Level, path: str = "properties."
) -> list[Fault]:
    """Facts that only make sense together, among all of a unit as it will be; of those changed a half may be stored."""
    faults = []
    if (facts.get("stated_area") is None) != (facts.get("stated_area_unit") is None):
        faults.append(Fault("goes_together", f"{path}stated_area_unit", {"other": "stated_area"}))
    if facts.get("stated_idle_since") is not None and facts.get("idle_basis") is None:
        faults.append(Fault("goes_together", f"{path}idle_basis", {"other": "stated_idle_since"}))
    for name in DAYS:
        if changed.get(f"{name}_precision") is not None and facts.get(name) is None:
            faults.append(Fault("goes_together", f"{path}{name}", {"other": f"{name}_precision"}))
    if level is Level.floor and "level" in facts and facts.get("floor_no") is None:
        faults.append(Fault("missing", f"{path}floor_no"))
    if facts.get("plot_id") is not None and level is not Level.building:
        faults.append(Fault("only_buildings", f"{path}plot_id"))
    return faults


def extent_faults(row: Mapping[str, Any], path: str = "properties.") -> list[Fault]:
    """A unit without an outline has at least a stated area."""
    has_extent = row.get("measured_area_m2") is not None or row.get("stated_area") is not None
    return [] if has_extent else [Fault("outline_or_area", f"{path}stated_area")]


def geometry_columns(place: Geometry) -> dict[str, Any]:
    """A geometry as it is stored: an outline with its area, or a point, as hex EWKB."""
    area = getattr(place, "measured_area_m2", None)
    drawn = None if place is None else place.ewkb.hex()
    outline, point = (None, drawn) if area is None else (drawn, None)
    return {"geom": outline, "point": point, "measured_area_m2": area}


async def check_codes(act: Act, facts: Mapping[str, Any]) -> None:
    for name in CODE_FIELDS:
        unknown = await reference.unknown_industries(act.conn, facts[name]) if facts.get(name) else []
        if unknown:
            raise Invalid("unknown_industry", f"properties.{name}", value=", ".join(unknown))


async def _place_issues(act: Act, row: Mapping[str, Any], place: Geometry) -> list[dict[str, object]]:
    """Refuses what lies off its park or zone; gives the issues of what is partly outside or was drawn in 3-D."""
    placed = await asset.placement(act, row.get("zone_id"), None if place is None else place.ewkb.hex())
    if placed is None:
        raise NotFound("no_such_park", "properties.park_id")
    if not placed["meets_park"]:
        raise Invalid("outside_park", "geometry")
    if row.get("zone_id") is not None and placed["meets_zone"] is not True:
        raise Invalid("outside_zone" if placed["meets_zone"] is False else "unknown_reference", "properties.zone_id")
    issues: list[dict[str, object]] = []
    if not placed["inside_park"]:
        issues.append({"code": "partly_outside_park", "field": "geometry"})
    return issues + [{"code": fault.code, "field": "geometry"} for fault in (() if place is None else place.issues)]


def area_issues(row: Mapping[str, Any]) -> list[dict[str, object]]:
    """What staff should look at: stated and drawn area that differ too much; a building states all its storeys."""
    if row.get("stated_area") is None or row.get("measured_area_m2") is None:
        return []
    stated_m2 = area_m2(Decimal(row["stated_area"]), AreaUnit(row["stated_area_unit"]))
    drawn_m2 = row["measured_area_m2"] * (row.get("storeys") or 1)
    if not areas_differ(stated_m2, drawn_m2):
        return []
    return [
        {
            "code": "areas_differ",
            "field": "stated_area",
            "stated_m2": str(stated_m2),
            "measured_m2": str(drawn_m2),
        }
    ]


async def _fit_into(act: Act, whole: Any, row: Mapping[str, Any], place: Geometry) -> None:
    """Refuses a part that leaves its whole or overlaps a sibling on its floor by more than surveying leaves."""
    columns = geometry_columns(place)
    drawn = columns["geom"]
    if drawn is None:  # bounded by stated areas alone
        return
    slack = max(SURVEY_SLACK_M2, SURVEY_SLACK_SHARE * float(columns["measured_area_m2"]))
    outside = await asset.outside_whole_m2(act, whole["id"], drawn)
    if outside > slack:
        raise Conflict("outside_whole", "geometry", whole=whole["code"], area_m2=f"{outside:.2f}")
    other = await asset.worst_overlap(act, whole["root_id"], whole["id"], row["id"], row.get("floor_no"), drawn)
    if other is not None and other["overlap_m2"] > slack:
        raise Conflict("parts_overlap", "geometry", other=other["code"], area_m2=f"{other['overlap_m2']:.2f}")


async def _fit_around(act: Act, before: Any, place: Geometry) -> None:
    """Refuses a new outline that leaves one of the unit's parts outside."""
    drawn = geometry_columns(place)["geom"]
    if drawn is None:
        return
    worst = await asset.worst_part_outside(act, before["root_id"], before["id"], drawn)
    if worst is not None and worst["outside_m2"] > SURVEY_SLACK_M2:
        raise Conflict("part_left_outside", "geometry", other=worst["code"], area_m2=f"{worst['outside_m2']:.2f}")


async def _not_outgrown(act: Act, asset_id: UUID) -> None:
    """Refuses parts whose stated areas together exceed the stated area of their whole, whichever of them changed."""
    outgrown = await asset.outgrown(act, [asset_id], SURVEY_SLACK_M2)
    if outgrown:
        raise Conflict("parts_exceed_whole", "properties.stated_area", area_m2=f"{max(outgrown.values()):.2f}")
