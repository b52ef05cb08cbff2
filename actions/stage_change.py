"""One stage of a deal being reached: what the effects of the stage are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from actions import claim as claim_actions
from actions import law
from outcomes.checks import StageRecord
from outcomes.stages import Route, Stage
from store import claim, outcome
from store.db import Act

#: Facts of a deal that an effect changes, by name.
Changed = dict[str, Any]


@dataclass(frozen=True)
class StageChange:
    """One stage being reached: the deal, the record of the stage, the stages reached before; notes it leaves."""

    act: Act
    outcome_id: UUID
    route: Route
    row: Any
    asset_ids: Sequence[UUID]
    stage: Stage
    record: StageRecord
    facts: Mapping[str, Any]
    reached: Sequence[Mapping[str, Any]]
    today: date
    notes: list[law.Note] = field(default_factory=list)

    @property
    def day(self) -> date:
        """The day of the stage; where nobody stated it, the latest day known of a stage before."""
        return self.record.happened_on or max(row["happened_on"] for row in self.reached if row["happened_on"])

    async def claim(self, source_kind: str, starts_on: date, ends_before: date | None) -> None:
        """Takes the use of every leaf for these days."""
        leaves = await claim.leaves(self.act, self.outcome_id)
        await self._claim(leaves, source_kind, starts_on, ends_before, self.row["firm_id"])

    async def claim_free(self, holder: UUID) -> None:
        """Takes the use of every leaf from the day of the stage on, save those that someone else has then or later."""
        leaves = await outcome.free_leaves(self.act, await claim.leaves(self.act, self.outcome_id), self.day)
        await self._claim(leaves, "own_use", self.day, None, holder)

    async def _claim(
        self, leaves: Sequence[UUID], kind: str, starts_on: date, ends_before: date | None, holder: UUID
    ) -> None:
        await claim_actions.add(self.act, self.outcome_id, leaves, "use", kind, holder, starts_on, ends_before)
