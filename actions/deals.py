"""What every deal does, whatever its path: takes units of one park, moves along an edge, shows readers the new state.

An open deal claims `deal` on every leaf of its units from the day it was opened; the constraint no_double_letting has
the last word throughout. The steps of each path are acts of `leases` and `equity_swaps`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Self
from uuid import UUID

from actions.desk import etag, match_revision, new_id, require_hidden
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Invalid, NotFound
from domain.facts import refuse, value_faults
from domain.words import Path
from outcomes.stages import Stage, step
from store import asset, outcome
from store.db import Act, Database

DAY = timedelta(days=1)


async def open_deal(
    db: Database,
    actor: Actor,
    path: Path,
    first: Stage,
    asset_ids: Sequence[UUID],
    facts: Mapping[str, Any],
    *,
    opened_on: date,
    once: Once | None,
    today: date,
    also: Callable[[Act, UUID], Awaitable[None]] | None = None,
) -> Answer:
    """A new deal on units of one park; from `opened_on` no other deal may touch any leaf of them.

    `also` writes what the path keeps beside the deal. Raises: Conflict (already_taken) where another has one; Invalid
    for units of several parks, drafts, days in the future.
    """
    if opened_on > today:
        raise Invalid("in_the_future", "opened_on", today=today)
    refuse(value_faults(facts))
    park_id = await _park_of(db, actor, asset_ids)
    outcome_id, firm_id = new_id(), facts["firm_id"]
    named = {"park_id": park_id, "id": outcome_id, "path": path.value, "stage": first.value, "opened_on": opened_on}
    async with db.write(actor, park_id, once=once) as act:
        leaves, roots = await _take(act, asset_ids, path)
        await outcome.insert(act, {**facts, **named})
        await outcome.take_units(act, outcome_id, asset_ids)
        await outcome.claim(act, _ids(leaves), leaves, "deal", "deal", outcome_id, firm_id, opened_on, None)
        if also is not None:
            await also(act, outcome_id)
        name = f"{path.value}.{first.value}"
        act.did(name, "outcome", outcome_id, firm_id=firm_id, asset_ids=list(asset_ids), opened_on=opened_on)
        await _show(act, roots, asset_ids, today, name, outcome_id)
        act.answer = await _answer(act, outcome_id, status=201)
    return act.answer


class Step:
    """One step of a deal: who may, the locks on its trees, the deal at the revision the caller names, the edge."""

    act: Act
    row: Any
    asset_ids: list[UUID]
    roots: list[UUID]
    answer: Answer

    def __init__(
        self,
        db: Database,
        actor: Actor,
        outcome_id: UUID,
        path: Path,
        target: Stage,
        if_match: str | None,
        once: Once | None,
    ) -> None:
        self._db, self._actor, self.outcome_id = db, actor, outcome_id
        self._path, self._target, self._if_match, self._once = path, target, if_match, once

    async def __aenter__(self) -> Self:
        home = await outcome.home(self._db, self.outcome_id)
        if home is None:
            raise NotFound("no_such")
        is_party = self._actor.firm_id is not None and self._actor.firm_id in home.firm_ids
        require_hidden(self._actor, "outcome.write", seen=is_party, park_id=home.park_id)
        self._door = self._db.write(self._actor, home.park_id, once=self._once)
        self.act = await self._door.__aenter__()
        try:
            await self._lock()
        except BaseException as fault:
            await self._door.__aexit__(type(fault), fault, fault.__traceback__)
            raise
        return self

    async def _lock(self) -> None:
        self.asset_ids = await outcome.units(self.act, self.outcome_id)
        self.roots = await asset.lock(self.act, self.asset_ids)
        self.row = await outcome.lock(self.act, self.outcome_id)
        if self.row is None or self.row["path"] != self._path:
            raise NotFound("no_such")
        match_revision(self._if_match, self.row["revision"])
        step(self._path, Stage(self.row["stage"]), self._target)

    async def __aexit__(self, kind: Any, fault: Any, trace: Any) -> None:
        await self._door.__aexit__(kind, fault, trace)

    async def claim(self, source_kind: str, starts_on: date, ends_before: date | None) -> None:
        """Takes the use of every leaf for these days."""
        leaves = await asset.leaves_of(self.act, self.asset_ids)
        holder = self.row["firm_id"]
        await outcome.claim(
            self.act, _ids(leaves), leaves, "use", source_kind, self.outcome_id, holder, starts_on, ends_before
        )

    async def claim_free(self, source_kind: str, starts_on: date) -> None:
        """Takes the use of every leaf from a day on, save those that someone else has then or later."""
        leaves = await outcome.free_leaves(self.act, await asset.leaves_of(self.act, self.asset_ids), starts_on)
        holder = self.row["firm_id"]
        await outcome.claim(
            self.act, _ids(leaves), leaves, "use", source_kind, self.outcome_id, holder, starts_on, None
        )

    async def move(self, today: date, **changed: object) -> None:
        """Sets the stage and the facts of the step, notes the event, and shows readers the new state."""
        act = f"{self._path.value}.{'reopened' if self._target is Stage.opened else self._target.value}"
        await outcome.advance(self.act, self.outcome_id, {**changed, "stage": self._target.value})
        self.act.did(act, "outcome", self.outcome_id, **changed)
        await _show(self.act, self.roots, self.asset_ids, today, act, self.outcome_id)
        self.act.answer = self.answer = await _answer(self.act, self.outcome_id)


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


async def _take(act: Act, asset_ids: Sequence[UUID], path: Path) -> tuple[list[UUID], list[UUID]]:
    """Locks the trees of these units; their leaves and roots. Refuses a unit not published or not offered this way."""
    roots = await asset.lock(act, asset_ids)
    for n, asset_id in enumerate(asset_ids):
        unit = await asset.by_key(act, asset_id)
        if unit is None:
            raise Invalid("unknown_reference", f"asset_ids.{n}")
        if unit["listing"] != "published":
            raise Conflict("not_published", f"asset_ids.{n}", listing=unit["listing"])
        if path.value not in unit["allowed_paths"]:
            raise Conflict("path_not_allowed", f"asset_ids.{n}", path=path.value)
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


def _ids(leaves: Sequence[UUID]) -> list[UUID]:
    return [new_id() for _ in leaves]
