"""A deal of any path: opened on units of one park, moved along the edges of its route, given up or gone back.

Side stages, beside the route, are recorded whenever they come about; they leave the deal where it stands.

An open deal claims `deal` on every leaf of its units from the day it was opened; the constraint no_double_letting has
the last word throughout. Which stage follows which, and what it needs, is data (`routes`); what a stage moves in claims
and ledger is in `stage_effects`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from actions import claim as claim_actions
from actions import law, light, revival, stage_effects
from actions import route as route_actions
from actions.asset import park_of
from actions.authorization import Replayed, match_revision, new_id, only_park, require, require_hidden
from actions.demand import demand_home, ranking_home
from actions.stage_effects import StageChange
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.entity_tags import entity_tag
from domain.errors import Conflict, Fault, Invalid, KeyReused, NotFound
from domain.facts import refuse, value_faults
from domain.words import DatePrecision, Evidence, Kind, Path
from outcomes import checks
from outcomes.checks import StageRecord
from outcomes.stages import EXITS, Route, Stage
from store import asset, claim, outcome, title
from store.db import Act, Database
from texts.lookup import side_by_side

#: What the record of a stage holds beside its own day and the figures of its gate.
RECORD_FIELDS = ("precision", "evidence", "source", "reason")


async def open_outcome(
    db: Database,
    actor: Actor,
    path: Path,
    asset_ids: Sequence[UUID],
    firm_id: UUID,
    *,
    owner_firm_id: UUID | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    opened_on: date | None = None,
    demand_id: UUID | None = None,
    ranking_id: UUID | None = None,
    is_land_alone: bool = False,
    promises: Mapping[str, Decimal | None] | None = None,
    source: str | None = None,
    illustrative: Sequence[str] = (),
    once: Once | None,
    today: date,
) -> Answer:
    """A new deal on units of one park; from `opened_on` no other deal may touch any leaf of them that is not over.

    Raises: Conflict (already_taken) where another has one; Invalid for units of several parks, drafts, days in the
    future or reversed, a giver that is the taker.
    """
    day = today if opened_on is None else opened_on
    if day > today:
        raise Invalid("in_the_future", "opened_on", today=today)
    if owner_firm_id == firm_id:
        raise Invalid("giver_is_taker", "owner_firm_id")
    facts = {
        **(promises or {}),
        "firm_id": firm_id,
        "owner_firm_id": owner_firm_id,
        "demand_id": demand_id,
        "ranking_id": ranking_id,
        "is_land_alone": is_land_alone,
        "intended": None if starts_on is None else stage_effects.days_of(starts_on, ends_on),
        "source": source,
        "illustrative": list(illustrative),
    }
    refuse(value_faults(facts))
    park_id = await _park_of(db, actor, asset_ids)
    await _require_references(db, actor, demand_id, ranking_id)
    outcome_id = new_id()
    async with db.write(actor, park_id, once=once) as act:
        version = await route_actions.in_force(act)
        roots, has_land = await _lock_units(act, asset_ids, path, is_land_alone=is_land_alone)
        route = await route_actions.load(act, version, path, has_land=has_land)
        if starts_on is not None:
            await law.check_term(act, route, asset_ids, starts_on, ends_on, owner_firm_id)
        if path is Path.owner_restart:
            await _require_owner(act, asset_ids, firm_id, day)
        named = {"park_id": park_id, "id": outcome_id, "path": path.value, "paths_version": version}
        await outcome.insert(act, {**facts, **named, "stage": route.first.value, "opened_on": day})
        await outcome.take_assets(act, outcome_id, asset_ids)
        leaves = await claim.leaves(act, outcome_id)
        await claim_actions.begin(act, outcome_id, leaves, firm_id, day, today)
        if "begin_swap" in route.effects.get(route.first, ()):
            await outcome.insert_swap(act, outcome_id)
        await _add_milestone(act, outcome_id, route.first, StageRecord(day, source=source), {})
        name = f"{path.value}.{route.first.value}"
        act.did(name, "outcome", outcome_id, firm_id=firm_id, asset_ids=list(asset_ids), opened_on=day)
        await _refresh_readers(act, roots, asset_ids, today, name, outcome_id)
        act.answer = await outcome_answer(act, outcome_id, status=201)
    return act.answer


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
    target = Stage(stage)
    async with LockedOutcome(db, actor, outcome_id, if_match, once) as locked:
        if target in locked.route.beside:
            await _reach_or_reverse_side_stage(locked, target, facts, today)
        elif target in EXITS:
            locked.route.step(locked.stage, target, has_counted=_has_counted(locked))
            await _give_up(locked, target, _reason(target, facts), today)
        elif locked.route.is_back(locked.stage, target):
            await _go_back(locked, target, _reason(target, facts), today)
        else:
            locked.route.step(locked.stage, target, has_counted=_has_counted(locked))
            await _reach(locked, target, facts, today)
    return locked.answer


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
    await locked.reach(Stage.handed_over, facts, today)


async def release_expired(db: Database, actor: Actor, outcome_id: UUID, *, today: date) -> Answer:
    """A reservation has run out: the deal is open again, the space free. Raises Conflict where it no longer is one."""
    async with LockedOutcome(db, actor, outcome_id, "*", None) as locked:
        if locked.stage is not Stage.reserved:
            raise Conflict("no_such_step", "stage", current=locked.stage, target=locked.route.first, possible="-")
        await _go_back(locked, locked.route.first, side_by_side("sources", "source", "reservation_over"), today)
    return locked.answer


class LockedOutcome:
    """A deal locked by one act: who may, its locks, the revision the caller names, its route.

    An act that does not move it (`is_moved` false) touches no claim, and locks the deal without the trees of its units.
    """

    act: Act
    row: Any
    route: Route
    asset_ids: list[UUID]
    roots: list[UUID]
    reached: list[Any]  # its milestones; of a deal that is moved alone
    answer: Answer

    def __init__(
        self,
        db: Database,
        actor: Actor,
        outcome_id: UUID,
        if_match: str | None,
        once: Once | None,
        *,
        is_moved: bool = True,
    ) -> None:
        self._db, self._actor, self.outcome_id = db, actor, outcome_id
        self._if_match, self._once, self._is_moved = if_match, once, is_moved

    @property
    def stage(self) -> Stage:
        return Stage(self.row["stage"])

    async def __aenter__(self) -> Self:
        park_id = only_park(self._actor)
        if park_id is None:
            return await self._begin(await self._home())
        require(self._actor, "outcome.write", park_id=park_id)
        try:
            return await self._begin(park_id)
        except (
            NotFound,
            Replayed,
            KeyReused,
        ):  # it lies in another park, or did when it was answered: then that decides
            await self._home()
            raise

    async def _home(self) -> UUID:
        """The park of the deal. Raises NotFound, Forbidden or NotSignedIn, as its caller is to learn it."""
        home = await outcome.home(self._db, self.outcome_id)
        if home is None:
            raise NotFound("no_such")
        is_party = self._actor.firm_id is not None and self._actor.firm_id in home.firm_ids
        require_hidden(self._actor, "outcome.write", is_visible=is_party, park_id=home.park_id)
        return home.park_id

    async def _begin(self, park_id: UUID) -> Self:
        lock = None if self._is_moved else outcome.hold(park_id, self.outcome_id)
        async with AsyncExitStack() as stack:
            self.act = await stack.enter_async_context(self._db.write(self._actor, park_id, once=self._once, lock=lock))
            await self._lock()
            self._transaction = stack.pop_all()
        return self

    async def _lock(self) -> None:
        if self._is_moved:
            self.asset_ids = await outcome.assets(self.act, self.outcome_id)
            self.roots = await asset.lock_for_outcome(self.act, self.asset_ids)
            await self._read(await outcome.lock(self.act, self.outcome_id))
        else:
            await self._read(self.act.held)

    async def _read(self, row: Any) -> None:
        """The deal from its locked row, at the revision the caller names, with its route."""
        if row is None:
            raise NotFound("no_such")
        match_revision(self._if_match, row["revision"])
        self.row = row
        self.route = await route_actions.load(
            self.act, row["paths_version"], Path(row["path"]), has_land=row["has_land"]
        )
        if self._is_moved:
            self.reached = await outcome.milestones(self.act, self.outcome_id)

    async def __aexit__(self, kind: Any, fault: Any, trace: Any) -> None:
        await self._transaction.__aexit__(kind, fault, trace)

    @classmethod
    async def on_same_trees(cls, locked: LockedOutcome, outcome_id: UUID) -> LockedOutcome:
        """Another deal on trees that the same act has locked."""
        other = cls(locked._db, locked._actor, outcome_id, "*", None)
        other.act, other.roots = locked.act, locked.roots
        other.asset_ids = await outcome.assets(other.act, outcome_id)
        await other._read(await outcome.lock(other.act, outcome_id))
        return other

    async def reach(self, target: Stage, facts: Mapping[str, Any], today: date, *, reason: str | None = None) -> None:
        """Moves the deal to a stage that is known to follow, with all that the stage moves."""
        await _reach(self, target, facts, today, reason=reason)

    async def open_successor(self, facts: Mapping[str, object], asset_ids: Sequence[UUID], day: date) -> LockedOutcome:
        """A deal that takes these units over from this one: it claims nothing until it is signed."""
        outcome_id = new_id()
        version = await route_actions.in_force(self.act)
        route = await route_actions.load(self.act, version, self.route.path, has_land=self.route.has_land)
        named = {"park_id": self.act.scope_id, "id": outcome_id, "path": route.path.value, "paths_version": version}
        await outcome.insert(self.act, {**facts, **named, "stage": route.first.value, "opened_on": day})
        await outcome.take_assets(self.act, outcome_id, asset_ids)
        await _add_milestone(self.act, outcome_id, route.first, StageRecord(day), {})
        self.act.did(f"{route.path.value}.{route.first.value}", "outcome", outcome_id, opened_on=day)
        return await LockedOutcome.on_same_trees(self, outcome_id)

    async def move(
        self,
        stage: Stage,
        name: str,
        today: date,
        *,
        notes: Sequence[law.Note] = (),
        because: str | None = None,
        **changed: object,
    ) -> None:
        """Sets the stage and the facts of the step, judges what counts, and shows readers the new state.

        `because`: why a closed year changes, should one.
        """
        act = f"{self.route.path.value}.{name}"
        noted = await law.notes(self.act, self.route, self.row, notes)
        await outcome.advance(self.act, self.outcome_id, {**changed, "notes": noted, "stage": stage.value})
        self.act.did(act, "outcome", self.outcome_id, **changed, stage=stage.value)
        leaves = {*await asset.leaves_of(self.act, self.asset_ids), *await claim.leaves(self.act, self.outcome_id)}
        await revival.judge(self.act, leaves, reason=because, by_outcome=self.outcome_id)
        await light.relight(self.act, self.outcome_id, today)
        await _refresh_readers(self.act, self.roots, self.asset_ids, today, act, self.outcome_id)
        self.act.answer = self.answer = await outcome_answer(self.act, self.outcome_id)


async def _reach(
    locked: LockedOutcome, target: Stage, facts: Mapping[str, Any], today: date, *, reason: str | None = None
) -> None:
    route = locked.route
    on_the_way = [row for row in locked.reached if row["kind"] not in (*route.beside, target)]
    bounded = [
        row for row in locked.reached if row["kind"] in route.beside and route.beside[row["kind"]].until is target
    ]
    is_counted = target in (route.revives_at, Stage.ended)
    change = _stage_change(locked, target, facts, on_the_way, [*on_the_way, *bounded], today, day_is_needed=is_counted)
    changed: dict[str, Any] = {}
    if target is route.revives_at:
        day, precision = await stage_effects.revival(change)
        _require_evidence(locked, change, day, precision)
        changed = {"revived_on": day, "revived_on_precision": precision.value}
    for effect in route.effects.get(target, ()):
        changed |= await stage_effects.EFFECTS[effect](change) or {}
    await _add_milestone(locked.act, locked.outcome_id, target, change.record, change.facts)
    changed |= {} if reason is None else {"reason": reason}
    because = facts.get("reason", reason)
    await locked.move(target, target.value, today, notes=change.notes, because=because, **changed)


async def _reach_or_reverse_side_stage(
    locked: LockedOutcome, target: Stage, facts: Mapping[str, Any], today: date
) -> None:
    """Records a side stage, or with a reason alone takes it back; the deal stays in its stage."""
    locked.route.step_beside(locked.stage, target)
    is_reached = target in {row["kind"] for row in locked.reached}
    name, changed = target.value, dict[str, Any]()
    if is_reached and facts.keys() == {"reason"}:
        name, changed = f"{target.value}_reversed", {"reason": facts["reason"]}
        await outcome.reverse_milestones(locked.act, locked.outcome_id, [target.value], facts["reason"])
    elif is_reached and not locked.route.beside[target].is_repeatable:
        raise Conflict("already_reached", "stage", stage=target.value)
    else:
        await _reach_side_stage(locked, target, facts, today)
    await locked.move(locked.stage, name, today, because=facts.get("reason"), **changed)


async def _reach_side_stage(locked: LockedOutcome, target: Stage, facts: Mapping[str, Any], today: date) -> None:
    route, rule = locked.route, locked.route.beside[target]
    passed = () if rule.since is None else route.stages[: route.stages.index(rule.since) + 1]
    before = [row for row in locked.reached if row["kind"] in passed]
    change = _stage_change(locked, target, facts, before, before, today, day_is_needed=True)
    for row in locked.reached:
        if row["kind"] == rule.until and row["happened_on"] is not None:
            until = checks.last_day(row["happened_on"], DatePrecision(row["happened_on_precision"]))
            checks.not_after(change.record, route.gates[target].day, row["kind"], until)
    if target is Stage.construction_started:
        _require_evidence(locked, change, change.day, change.record.precision)
    for effect in route.effects.get(target, ()):
        await stage_effects.EFFECTS[effect](change)
    await _add_milestone(locked.act, locked.outcome_id, target, change.record, change.facts)


def _has_counted(locked: LockedOutcome) -> bool:
    """Whether the deal counts already: its revival is reached, or on land its construction has started."""
    has_started = Stage.construction_started in {row["kind"] for row in locked.reached}
    return locked.row["revived_on"] is not None or (locked.route.has_land and has_started)


def _stage_change(
    locked: LockedOutcome,
    target: Stage,
    facts: Mapping[str, Any],
    reached: Sequence[Any],
    before: Sequence[Any],
    today: date,
    *,
    day_is_needed: bool,
) -> StageChange:
    """The record of a stage, checked: its figures, and its day against those of the milestones `before`."""
    gate = locked.route.gates[target]
    about = {name: value for name, value in facts.items() if name not in (*RECORD_FIELDS, gate.day)}
    record = _stage_record(target, facts, gate.day, today)
    checks.figures(target, gate, record, about, day_is_needed=day_is_needed)
    known = [row["happened_on"] for row in before if row["happened_on"] is not None]
    ends_a_tenancy = "tenant_leaves" in locked.route.effects.get(target, ())
    recorded_on = locked.reached[0]["recorded_on"]
    checks.days(record, gate.day, known, recorded_on=recorded_on, today=today, may_be_ahead=ends_a_tenancy)
    if record.happened_on is not None:
        record = replace(record, happened_on=checks.first_day(record.happened_on, record.precision))
    return StageChange(
        locked.act, locked.outcome_id, locked.route, locked.row, locked.asset_ids, target, record, about, reached, today
    )


def _stage_record(target: Stage, facts: Mapping[str, Any], day: str, today: date) -> StageRecord:
    """The record of a stage from the caller's facts; a reservation is made today."""
    happened_on = today if target is Stage.reserved and facts.get(day) is None else facts.get(day)
    precision = DatePrecision(facts.get("precision", DatePrecision.day))
    return StageRecord(happened_on, precision, Evidence(facts.get("evidence", Evidence.stated)), facts.get("source"))


def _require_evidence(locked: LockedOutcome, change: StageChange, day: date, precision: DatePrecision) -> None:
    """Raises Conflict where what counts now rests on no papers; only what is recorded afterwards may lack them."""
    unproven = [row["kind"] for row in change.reached if row["evidence"] == Evidence.not_stated]
    if unproven and checks.last_day(day, precision) >= locked.reached[0]["recorded_on"]:
        raise Conflict("evidence_missing", "stage", stages=unproven)


async def _give_up(locked: LockedOutcome, target: Stage, reason: str, today: date) -> None:
    """Withdrawn, rejected, or corrected: it never happened, and what claims and ledger say of it is taken back.

    What was known before stays known as of then. Raises: Conflict (passed_on) where a title that would come back has
    passed on since.
    """
    await outcome.release(locked.act, locked.outcome_id, ["deal", "reservation", "tenancy", "own_use"])
    await outcome.void_tenancies(locked.act, locked.outcome_id)
    if locked.row["renews_tenancy_id"] is not None:
        await stage_effects.unrenew(locked.act, locked.row["renews_tenancy_id"])
    await stage_effects.take_back(locked.act, locked.outcome_id)
    if any("yield_use" in effects for effects in locked.route.effects.values()):
        await stage_effects.give_use_back(locked.act, locked.row, None)
    cleared: dict[str, Any] = dict.fromkeys(("revived_on", "revived_on_precision", "ended_on", "reserved_until"))
    await locked.move(target, target.value, today, because=reason, reason=reason, **cleared)


async def _go_back(locked: LockedOutcome, target: Stage, reason: str, today: date) -> None:
    """Back to an earlier stage: what was recorded since is reversed, with the reason."""
    reached = [row["kind"] for row in locked.reached]
    is_renewal = locked.row["renews_tenancy_id"] is not None  # it is signed, or it is not
    if target not in reached or is_renewal or "hold" in locked.route.effects.get(target, ()):  # a hold is made anew
        raise Conflict("never_reached", "stage", stage=target.value)
    undone = locked.route.behind(locked.stage, target)
    beside = locked.route.since(undone)
    if Stage.construction_started in beside and _has_counted(locked):
        raise Conflict("only_corrected", "stage", stage=Stage.construction_started.value)
    changed: dict[str, Any] = {}
    for stage in undone:
        for effect in locked.route.effects.get(stage, ()):
            changed |= (
                await stage_effects.UNDONE[effect](locked.act, locked.outcome_id)
                if effect in stage_effects.UNDONE
                else {}
            )
    if any("yield_use" in locked.route.effects.get(stage, ()) for stage in undone):
        await stage_effects.give_use_back(locked.act, locked.row, None)
    await outcome.reverse_milestones(locked.act, locked.outcome_id, [*undone, *beside], reason)
    await locked.move(target, "reopened", today, because=reason, **changed, reason=reason)


def _reason(target: Stage, facts: Mapping[str, Any]) -> str:
    """Why. Raises Invalid where it is missing, and for what says more."""
    faults = [Fault("other_stage", name, {"stage": target}) for name in sorted(set(facts) - {"reason"})]
    refuse(faults if "reason" in facts else [Fault("missing", "reason"), *faults])
    return str(facts["reason"])


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


async def _refresh_readers(
    act: Act, roots: Sequence[UUID], asset_ids: Sequence[UUID], today: date, because: str, outcome_id: UUID
) -> None:
    """Brings what readers see up to date; each unit whose availability changed says why in its own history."""
    changed = await asset.refresh(act, roots, asset_ids, today)
    for asset_id in sorted({*changed, *asset_ids}):
        act.did(because, "asset", asset_id, outcome_id=outcome_id)


async def _add_milestone(
    act: Act, outcome_id: UUID, stage: Stage, record: StageRecord, about: Mapping[str, Any]
) -> None:
    precision = None if record.happened_on is None else record.precision.value
    await outcome.reach_milestone(
        act, outcome_id, stage.value, record.happened_on, precision, record.evidence.value, about, record.source
    )


async def outcome_answer(act: Act, outcome_id: UUID, *, status: int = 200) -> Answer:
    """The deal as its caller sees it now."""
    visible = await outcome.visible(act.conn, outcome_id)
    if visible is None:
        raise NotFound("no_such")
    body, revision = visible
    return Answer(body, status, entity_tag(body, revision), f"/api/v1/outcomes/{outcome_id}" if status == 201 else None)
