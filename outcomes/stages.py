"""The stages of a deal and the edges between them, path by path. A stage moves only along an edge.

Going back is a correction. Source: DOMAIN handbook §1.5 (negotiation, signing, handover), §1.6 (厂房入股, side exits).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from domain.errors import Conflict
from domain.words import Path


class Stage(StrEnum):
    """Where a deal stands."""

    opened = "opened"
    reserved = "reserved"
    signed = "signed"
    proposed = "proposed"
    due_diligence = "due_diligence"
    valuation = "valuation"
    resolved = "resolved"
    contracted = "contracted"
    tax_cleared = "tax_cleared"
    title_registered = "title_registered"
    equity_registered = "equity_registered"
    supervision_agreement_signed = "supervision_agreement_signed"
    handed_over = "handed_over"
    retrofit = "retrofit"
    trial_production = "trial_production"
    full_production = "full_production"
    ended = "ended"
    withdrawn = "withdrawn"
    rejected = "rejected"
    corrected = "corrected"


Edges = Mapping[Stage, frozenset[Stage]]

_LEASE: Edges = {
    Stage.opened: frozenset({Stage.reserved, Stage.signed, Stage.withdrawn}),
    Stage.reserved: frozenset({Stage.opened, Stage.signed, Stage.withdrawn}),
    Stage.signed: frozenset({Stage.handed_over, Stage.withdrawn}),
    Stage.handed_over: frozenset({Stage.ended, Stage.corrected}),
    Stage.ended: frozenset({Stage.corrected}),
}
#: A swap's stages before title passes, when it can still come to nothing, and those after.
SWAP_BEFORE_TITLE = (
    Stage.proposed,
    Stage.due_diligence,
    Stage.valuation,
    Stage.resolved,
    Stage.contracted,
    Stage.tax_cleared,
)
SWAP_AFTER_TITLE = (
    Stage.title_registered,
    Stage.equity_registered,
    Stage.supervision_agreement_signed,
    Stage.handed_over,
    Stage.retrofit,
    Stage.trial_production,
    Stage.full_production,
)
_IN_USE = SWAP_AFTER_TITLE[SWAP_AFTER_TITLE.index(Stage.handed_over) :]


def _swap() -> Edges:
    line = (*SWAP_BEFORE_TITLE, *SWAP_AFTER_TITLE)
    edges = {stage: {following} for stage, following in pairwise(line)}
    edges[line[-1]] = set()
    for stage in SWAP_BEFORE_TITLE:
        edges[stage] |= {Stage.withdrawn, Stage.rejected}
    for stage in SWAP_AFTER_TITLE:
        edges[stage].add(Stage.corrected)
    for stage in _IN_USE:
        edges[stage].add(Stage.ended)
    edges[Stage.ended] = {Stage.corrected}
    return {stage: frozenset(targets) for stage, targets in edges.items()}


EDGES: Mapping[Path, Edges] = MappingProxyType({Path.lease: _LEASE, Path.equity_swap: _swap()})


def step(path: Path, current: Stage, target: Stage) -> None:
    """Raises Conflict, naming what is possible instead, where no edge of the path leads there."""
    following = EDGES[path].get(current, frozenset())
    if target not in following:
        possible = ", ".join(sorted(following)) or "-"
        raise Conflict("no_such_step", "stage", current=current.value, target=target.value, possible=possible)
