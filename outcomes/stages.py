"""The stages of a lease and the edges between them. A stage moves only along an edge; going back is a correction.

Source: DOMAIN handbook §1.5 (negotiation, signing, handover) and §1.6 (side exits).
"""

from __future__ import annotations

from enum import StrEnum

from domain.errors import Conflict


class Stage(StrEnum):
    """Where a lease stands."""

    opened = "opened"
    reserved = "reserved"
    signed = "signed"
    handed_over = "handed_over"
    ended = "ended"
    withdrawn = "withdrawn"
    corrected = "corrected"


LEASE_EDGES: dict[Stage, frozenset[Stage]] = {
    Stage.opened: frozenset({Stage.reserved, Stage.signed, Stage.withdrawn}),
    Stage.reserved: frozenset({Stage.opened, Stage.signed, Stage.withdrawn}),
    Stage.signed: frozenset({Stage.handed_over, Stage.withdrawn}),
    Stage.handed_over: frozenset({Stage.ended, Stage.corrected}),
    Stage.ended: frozenset({Stage.corrected}),
    Stage.withdrawn: frozenset(),
    Stage.corrected: frozenset(),
}


def step(current: Stage, target: Stage) -> None:
    """Raises Conflict, naming what is possible instead, where no edge leads there."""
    if target not in LEASE_EDGES[current]:
        possible = ", ".join(sorted(LEASE_EDGES[current])) or "-"
        raise Conflict("no_such_step", "stage", current=current.value, target=target.value, possible=possible)
