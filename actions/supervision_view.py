"""What supervision shows of a deal: read as its caller may, with what is computed of it on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from actions import route as route_actions
from actions.authorization import Database
from domain.actor import Actor
from domain.errors import Conflict
from domain.words import Path
from outcomes import supervision as rules
from outcomes.timeline import Timeline, timeline
from store import reference, supervision


@dataclass(frozen=True)
class SupervisionView:
    """A deal under supervision on a day, and what is computed of it."""

    document: Mapping[str, Any]
    thresholds: Mapping[str, Any]
    series: Mapping[str, Any]
    order: Sequence[str]
    today: date

    @cached_property
    def _limits(self) -> rules.Thresholds:
        return rules.thresholds(self.thresholds)

    @cached_property
    def timeline(self) -> Timeline:
        return timeline(self.document, self.order, self._limits, self.today)

    def fulfilled(self, indicator_id: UUID) -> list[rules.Fulfilment]:
        """What came of a figure, year by year. Empty: none for one that is replaced or taken back."""
        supervised = rules.read(self.document)
        fulfilments = (
            rules.fulfilment(figure, supervised.reports_for(figure), self.today)
            for figure in supervised.figures
            if figure.id == indicator_id
        )
        return next(fulfilments, [])

    def overdue(self) -> list[dict[str, Any]]:
        """Reports that should have come and did not."""
        supervised = rules.read(self.document)
        return [
            {"indicator_id": figure.id, "name": figure.name, "year": year, "quarter": quarter}
            for figure in supervised.figures
            for year, quarter in rules.overdue(figure, supervised.reports_for(figure), self._limits, self.today)
        ]


async def read(db: Database, actor: Actor, outcome_id: UUID, *, today: date) -> SupervisionView | None:
    """What the caller may see of it; None: nothing."""
    async with db.read(actor) as conn:
        document = await supervision.visible(conn, outcome_id)
        if document is None:
            return None
        schemes = [await reference.scheme_in_force(conn, kind) for kind in ("lights", "approvals")]
        route = await route_actions.load(conn, document["paths_version"], Path(document["path"]), has_land=False)
    if schemes[0] is None or schemes[1] is None:
        raise Conflict("scheme_missing", "", kind="lights, approvals")
    order = [stage.value for stage in route.order]
    return SupervisionView(document, schemes[0][1], schemes[1][1]["series"], order, today)
