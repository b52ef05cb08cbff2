"""An outcome locked by one act: who may, its locks, the revision the caller names, its route; and what an act changes.

An open deal claims `deal` on every leaf of its units from the day it was opened; the constraint no_double_letting has
the last word throughout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import date
from typing import Any, Self
from uuid import UUID

from actions import law, light, revival
from actions import route as route_actions
from actions.authorization import Replayed, match_revision, only_park, require, require_hidden
from actions.outcome_view import outcome_answer
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import KeyReused, NotFound
from domain.words import Path
from outcomes.checks import StageRecord
from outcomes.stages import Route, Stage
from outcomes.standing import OutcomeStanding
from store import asset, claim, outcome
from store.db import Act, Database


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

    @property
    def standing(self) -> OutcomeStanding:
        return OutcomeStanding.of(self.route, self.row, [row["kind"] for row in self.reached])

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
            self.act.conn, row["paths_version"], Path(row["path"]), has_land=row["has_land"]
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
        await refresh_readers(self.act, self.roots, self.asset_ids, today, act, self.outcome_id)
        self.act.answer = self.answer = await outcome_answer(self.act, self.outcome_id)


async def refresh_readers(
    act: Act, roots: Sequence[UUID], asset_ids: Sequence[UUID], today: date, because: str, outcome_id: UUID
) -> None:
    """Brings what readers see up to date; each unit whose availability changed says why in its own history."""
    changed = await asset.refresh(act, roots, asset_ids, today)
    for asset_id in sorted({*changed, *asset_ids}):
        act.did(because, "asset", asset_id, outcome_id=outcome_id)


async def add_milestone(
    act: Act, outcome_id: UUID, stage: Stage, record: StageRecord, about: Mapping[str, Any]
) -> None:
    precision = None if record.happened_on is None else record.precision.value
    await outcome.reach_milestone(
        act, outcome_id, stage.value, record.happened_on, precision, record.evidence.value, about, record.source
    )
