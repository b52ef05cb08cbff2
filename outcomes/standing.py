"""Where a deal stands on its route, and where it may go from there: judged once, for the act and for whoever asks.

A deal goes forward along an edge, records a stage beside its route, goes back behind what was recorded, or leaves by an
exit. What a stage needs is in `stage_fields`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.errors import Conflict
from outcomes.stages import EXITS, Route, Stage


class Direction(StrEnum):
    """How a deal gets to a stage; back: what was recorded since is reversed, or a side stage is taken back."""

    forward = "forward"
    beside = "beside"
    back = "back"
    exit = "exit"


@dataclass(frozen=True)
class OutcomeStanding:
    """A deal's stage, all that it has reached, whether space was revived by it, whether it renews a tenancy."""

    route: Route
    stage: Stage
    reached: frozenset[str]
    is_revived: bool
    is_renewal: bool

    @classmethod
    def of(cls, route: Route, facts: Mapping[str, Any], reached: Sequence[str]) -> OutcomeStanding:
        """From the facts of a deal, and the kinds of its milestones."""
        revived, renews = facts["revived_on"] is not None, facts["renews_tenancy_id"] is not None
        return cls(route, Stage(facts["stage"]), frozenset(reached), revived, renews)

    @property
    def has_counted(self) -> bool:
        """Whether the deal counts already: its revival is reached, or on land its construction has started."""
        return self.is_revived or (self.route.has_land and Stage.construction_started in self.reached)

    def direction(self, target: Stage, *, is_reason_alone: bool) -> Direction:
        """How the deal would get to a stage, if it may; a reason alone takes a side stage back that was reached."""
        if target in self.route.beside:
            return Direction.back if is_reason_alone and target in self.reached else Direction.beside
        if target in EXITS:
            return Direction.exit
        return Direction.back if self.route.is_back(self.stage, target) else Direction.forward

    def require(self, target: Stage, direction: Direction) -> None:
        """Raises Conflict where the deal may not go there so."""
        if target in self.route.beside:
            self.route.step_beside(self.stage, target)
            is_again = direction is Direction.beside and target in self.reached
            if is_again and not self.route.beside[target].is_repeatable:
                raise Conflict("already_reached", "stage", stage=target.value)
        elif direction is Direction.back:
            self.undone(target)
        else:
            self.route.step(self.stage, target, has_counted=self.has_counted)

    def undone(self, target: Stage) -> tuple[Sequence[Stage], Sequence[Stage]]:
        """The stages that going back to one undoes, and those beside the route. Raises Conflict where one is to stay.

        A renewal is signed or it is not, and a hold is made anew: to these nobody goes back.
        """
        is_made_anew = any(effect.is_made_anew for effect in self.route.effects_of(target))
        if target not in self.reached or self.is_renewal or is_made_anew:
            raise Conflict("never_reached", "stage", stage=target.value)
        undone = self.route.behind(self.stage, target)
        beside = self.route.since(undone)
        if Stage.construction_started in beside and self.has_counted:
            raise Conflict("only_corrected", "stage", stage=Stage.construction_started.value)
        return undone, beside

    def following(self) -> list[tuple[Stage, Direction]]:
        """The stages it may go to, in the order of the route, exits last; twice where it may in two directions."""
        return [
            (target, direction)
            for target in (*self.route.order, *EXITS)
            for direction in dict.fromkeys(self.direction(target, is_reason_alone=alone) for alone in (False, True))
            if self._may_go(target, direction)
        ]

    def _may_go(self, target: Stage, direction: Direction) -> bool:
        try:
            self.require(target, direction)
        except Conflict:
            return False
        return True
