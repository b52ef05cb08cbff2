"""A deal of any path: opened on units of one park, moved along the edges of its route, given up or gone back.

Side stages, beside the route, are recorded whenever they come about; they leave the deal where it stands. Where a deal
may go is judged by `outcomes/standing`; `stage` and `reversal` do what a move does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict, Unpack
from uuid import UUID

from actions import claim as claim_actions
from actions import law, reversal
from actions import route as route_actions
from actions import stage as stage_actions
from actions.asset import park_of
from actions.authorization import new_id
from actions.demand import demand_home, ranking_home
from actions.locked_outcome import LockedOutcome, add_milestone, refresh_readers
from actions.outcome_view import outcome_answer
from actions.stage_change import StageChange
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Fault, Invalid, NotFound
from domain.facts import refuse, value_faults
from domain.words import Kind, Path
from outcomes.checks import StageRecord
from outcomes.stages import Route, Stage
from outcomes.standing import Direction
from store import asset, claim, outcome, title
from store.db import Act, Database
from texts.lookup import side_by_side


class Terms(TypedDict, total=False):
    """What a deal is opened with, beside its path, its units and its firm."""

    owner_firm_id: UUID | None
    starts_on: date | None
    ends_on: date | None
    opened_on: date | None
    demand_id: UUID | None
    ranking_id: UUID | None
    is_land_alone: bool
    promises: Mapping[str, Decimal | None] | None
    source: str | None
    illustrative: Sequence[str]


async def open_outcome(
    db: Database,
    actor: Actor,
    path: Path,
    asset_ids: Sequence[UUID],
    firm_id: UUID,
    *,
    once: Once | None,
    today: date,
    **terms: Unpack[Terms],
) -> Answer:
    """A new deal on units of one park; from `opened_on` no other deal may touch any leaf of them that is not over.

    Raises: Conflict (already_taken) where another has one; Invalid for units of several parks, drafts, days in the
    future or reversed, a giver that is the taker.
    """
    facts = _facts(firm_id, terms, today)
    park_id = await _park_of(db, actor, asset_ids)
    await _require_references(db, actor, facts["demand_id"], facts["ranking_id"])
    async with db.write(actor, park_id, once=once) as act:
        version = await route_actions.in_force(act.conn)
        roots, has_land = await _lock_units(act, asset_ids, path, is_land_alone=facts["is_land_alone"])
        route = await route_actions.load(act.conn, version, path, has_land=has_land)
        if (starts_on := terms.get("starts_on")) is not None:
            await law.check_term(act, route, asset_ids, starts_on, terms.get("ends_on"), facts["owner_firm_id"])
        if path is Path.owner_restart:
            await _require_owner(act, asset_ids, firm_id, facts["opened_on"])
        outcome_id = await _insert(act, facts, asset_ids, route, version)
        await _begin(act, outcome_id, facts, asset_ids, route, today)
        await refresh_readers(act, roots, asset_ids, today, f"{path.value}.{route.first.value}", outcome_id)
        act.answer = await outcome_answer(act, outcome_id, status=201)
    return act.answer


def _facts(firm_id: UUID, terms: Terms, today: date) -> dict[str, Any]:
    """The facts of a new deal by column. Raises Invalid for days or values that are not right."""
    opened_on, starts_on = terms.get("opened_on"), terms.get("starts_on")
    day = today if opened_on is None else opened_on
    if day > today:
        raise Invalid("in_the_future", "opened_on", today=today)
    if terms.get("owner_firm_id") == firm_id:
        raise Invalid("giver_is_taker", "owner_firm_id")
    facts = {
        **(terms.get("promises") or {}),
        "firm_id": firm_id,
        "owner_firm_id": terms.get("owner_firm_id"),
        "demand_id": terms.get("demand_id"),
        "ranking_id": terms.get("ranking_id"),
        "is_land_alone": terms.get("is_land_alone", False),
        "intended": None if starts_on is None else claim_actions.days_of(starts_on, terms.get("ends_on")),
        "source": terms.get("source"),
        "illustrative": list(terms.get("illustrative", ())),
    }
    refuse(value_faults(facts))
    return facts | {"opened_on": day}


async def _park_of(db: Database, actor: Actor, asset_ids: Sequence[UUID]) -> UUID:
    """The one park all these units lie in."""
    if len(set(asset_ids)) != len(asset_ids):
        raise Invalid("listed_twice", "asset_ids")
    homes = [await asset.home(db, asset_id) for asset_id in asset_ids]
    parks = {
        park_of(actor, "outcome.write", home, unknown=Invalid("unknown_reference", f"asset_ids.{n}"))
        for n, home in enumerate(homes)
    }
    if len(parks) != 1:
        raise Invalid("several_parks" if parks else "empty", "asset_ids")
    return parks.pop()


async def _require_references(db: Database, actor: Actor, demand_id: UUID | None, ranking_id: UUID | None) -> None:
    """Raises Invalid for a demand or a ranking that is not there or that the caller may not read: for both alike."""
    try:
        if demand_id is not None:
            await demand_home(db, actor, demand_id, verb="ranking.read", field="demand_id")
        if ranking_id is not None:
            await ranking_home(db, actor, ranking_id, field="ranking_id")
    except NotFound as hidden:
        raise Invalid("unknown_reference", hidden.faults[0].field) from hidden


async def _lock_units(
    act: Act, asset_ids: Sequence[UUID], path: Path, *, is_land_alone: bool
) -> tuple[list[UUID], bool]:
    """Locks all that a deal on these units touches; the roots of their trees and of the buildings on them.

    And whether there is land among the units. Refuses a unit not published or not offered this way, and one that is not
    land where the deal is about land alone.
    """
    roots, has_land = await asset.lock_for_outcome(act, asset_ids), False
    for n, asset_id in enumerate(asset_ids):
        row = await asset.by_key(act, asset_id)
        if row is None:
            raise Invalid("unknown_reference", f"asset_ids.{n}")
        if row["listing"] != "published":
            raise Conflict("not_published", f"asset_ids.{n}", listing=row["listing"])
        if path.value not in row["allowed_paths"]:
            raise Conflict("path_not_allowed", f"asset_ids.{n}", path=path.value)
        has_land = has_land or row["kind"] == Kind.land
        if is_land_alone and row["kind"] != Kind.land:
            raise Invalid("not_land_alone", "is_land_alone")
    leaves = await asset.leaves_of(act, asset_ids)
    if sum([len(await asset.leaves_of(act, [asset_id])) for asset_id in asset_ids]) != len(leaves):
        raise Invalid("listed_twice", "asset_ids")
    return roots, has_land


async def _require_owner(act: Act, asset_ids: Sequence[UUID], firm_id: UUID, day: date) -> None:
    """Raises Conflict where the ledger says that others held the title of a unit on that day."""
    for asset_id in asset_ids:
        owners = await title.owners(act, asset_id, day)
        if owners and firm_id not in owners:
            raise Conflict("not_the_owner", "firm_id", owner=", ".join(str(owner) for owner in owners))


async def _insert(act: Act, facts: Mapping[str, Any], asset_ids: Sequence[UUID], route: Route, version: str) -> UUID:
    """The id of a new deal that stands at the first stage of its route."""
    outcome_id = new_id()
    named = {"park_id": act.scope_id, "id": outcome_id, "path": route.path.value, "paths_version": version}
    await outcome.insert(act, {**facts, **named, "stage": route.first.value})
    await outcome.take_assets(act, outcome_id, asset_ids)
    return outcome_id


async def _begin(
    act: Act, outcome_id: UUID, facts: Mapping[str, Any], asset_ids: Sequence[UUID], route: Route, today: date
) -> None:
    """A new deal claims its units, and reaches its first stage with what that moves."""
    first, firm_id, day = route.first, facts["firm_id"], facts["opened_on"]
    await claim_actions.begin(act, outcome_id, await claim.leaves(act, outcome_id), firm_id, day, today)
    record = StageRecord(day, source=facts["source"])
    change = StageChange(act, outcome_id, route, facts, asset_ids, first, record, {}, [], today)
    for effect in route.effects_of(first):
        await effect.run(change)
    await add_milestone(act, outcome_id, first, record, {})
    name = f"{route.path.value}.{first.value}"
    act.did(name, "outcome", outcome_id, firm_id=firm_id, asset_ids=list(asset_ids), opened_on=day)


async def open_successor(
    locked: LockedOutcome, facts: Mapping[str, object], asset_ids: Sequence[UUID], day: date
) -> LockedOutcome:
    """A deal that takes these units over from another: it claims nothing until it is signed."""
    act, path = locked.act, locked.route.path
    version = await route_actions.in_force(act.conn)
    route = await route_actions.load(act.conn, version, path, has_land=locked.route.has_land)
    outcome_id = await _insert(act, {**facts, "opened_on": day}, asset_ids, route, version)
    await add_milestone(act, outcome_id, route.first, StageRecord(day), {})
    act.did(f"{path.value}.{route.first.value}", "outcome", outcome_id, opened_on=day)
    return await LockedOutcome.on_same_trees(locked, outcome_id)


async def advance(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    stage: str,
    facts: Mapping[str, Any],
    *,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """Moves a deal to another stage: on along an edge, out of it, or back; `facts` is what is recorded of the stage.

    A side stage is recorded, or with a reason alone taken back.
    Raises: Invalid for figures, days or evidence that are not right, or a missing reason; Conflict where no edge leads
    there, or where title, shares or claims stand against it.
    """
    refuse(value_faults(facts))
    async with LockedOutcome(db, actor, outcome_id, if_match, once) as locked:
        await go(locked, Stage(stage), facts, today)
    return locked.answer


async def go(locked: LockedOutcome, target: Stage, facts: Mapping[str, Any], today: date) -> None:
    """Moves a deal that the act has locked, wherever that is from where it stands."""
    direction = locked.standing.direction(target, is_reason_alone=facts.keys() == {"reason"})
    if direction is Direction.back:
        _require_reason(target, facts)
    locked.standing.require(target, direction)
    match direction:
        case Direction.forward:
            await stage_actions.reach(locked, target, facts, today)
        case Direction.beside:
            await stage_actions.reach_beside(locked, target, facts, today)
        case Direction.back if target in locked.route.beside:
            await reversal.take_side_stage_back(locked, target, facts["reason"], today)
        case Direction.back:
            await reversal.go_back(locked, target, facts["reason"], today)
        case Direction.exit:
            _require_reason(target, facts)
            await reversal.give_up(locked, target, facts["reason"], today)


def _require_reason(target: Stage, facts: Mapping[str, Any]) -> None:
    """Raises Invalid where the reason is missing, and for what says more."""
    faults = [Fault("other_stage", name, {"stage": target}) for name in sorted(set(facts) - {"reason"})]
    refuse(faults if "reason" in facts else [Fault("missing", "reason"), *faults])


async def begin_renewal(db: Database, actor: Actor, outcome_id: UUID, *, today: date) -> Answer:
    """The first day of a renewal has come: it needs no handover. Raises Conflict where it no longer is to begin."""
    async with LockedOutcome(db, actor, outcome_id, "*", None) as locked:
        if locked.stage is not Stage.signed:
            raise Conflict("no_such_step", "stage", current=locked.stage, target=Stage.handed_over, possible="-")
        await begin(locked, today, reason=side_by_side("sources", "source", "renewal_begins"))
    return locked.answer


async def begin(locked: LockedOutcome, today: date, *, reason: str | None = None) -> None:
    """A renewal reaches its first day; the record has that day, or the day it was signed, if later.

    `reason`: why a closed year changes, should that day lie in one.
    """
    day = max(locked.row["intended_from"], locked.row["signed_on"])
    facts = {locked.route.gates[Stage.handed_over].day: day} | ({} if reason is None else {"reason": reason})
    await stage_actions.reach(locked, Stage.handed_over, facts, today)


async def release_expired(db: Database, actor: Actor, outcome_id: UUID, *, today: date) -> Answer:
    """A reservation has run out: the deal is open again, the space free. Raises Conflict where it no longer is one."""
    async with LockedOutcome(db, actor, outcome_id, "*", None) as locked:
        if locked.stage is not Stage.reserved:
            raise Conflict("no_such_step", "stage", current=locked.stage, target=locked.route.first, possible="-")
        await reversal.go_back(locked, locked.route.first, side_by_side("sources", "source", "reservation_over"), today)
    return locked.answer
