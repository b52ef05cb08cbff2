"""The steps of a service request. Source: DOMAIN handbook §1.5 (企业吹哨, a closed loop)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from domain.errors import Conflict


class Topic(StrEnum):
    """What a request is about."""

    approvals = "approvals"
    land = "land"
    power = "power"
    water = "water"
    labour = "labour"
    finance = "finance"
    logistics = "logistics"
    policy = "policy"
    safety = "safety"
    other = "other"


class RequestStage(StrEnum):
    """Where a request stands."""

    raised = "raised"
    dispatched = "dispatched"
    answered = "answered"
    closed = "closed"


#: A department that is not the right one hands it on; an answer that does not serve goes back to one.
EDGES: Mapping[RequestStage, frozenset[RequestStage]] = {
    RequestStage.raised: frozenset({RequestStage.dispatched}),
    RequestStage.dispatched: frozenset({RequestStage.dispatched, RequestStage.answered}),
    RequestStage.answered: frozenset({RequestStage.dispatched, RequestStage.closed}),
    RequestStage.closed: frozenset(),
}


def step(current: RequestStage, target: RequestStage) -> None:
    """Raises Conflict, naming what is possible instead, where no edge leads there."""
    if target not in EDGES[current]:
        possible = ", ".join(sorted(EDGES[current])) or "-"
        raise Conflict("no_such_step", "stage", current=current.value, target=target.value, possible=possible)
