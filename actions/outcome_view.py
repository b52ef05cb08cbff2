"""What is shown of a deal; who may move it also sees `next`, the stages it may go to, each with its fields."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any
from uuid import UUID

from actions import route as route_actions
from domain.actor import Actor, may
from domain.answer import Answer
from domain.entity_tags import entity_tag
from domain.errors import NotFound
from domain.words import Kind, Path
from outcomes.stage_fields import fields, schema
from outcomes.standing import OutcomeStanding
from store import outcome
from store.db import Act, Database


async def read(db: Database, actor: Actor, outcome_id: UUID) -> tuple[str, int] | None:
    """The deal as its caller sees it, and its revision. Empty: None where there is none, or none for this caller."""
    async with db.read(actor) as conn:
        return await _shown(conn, actor, outcome_id)


async def outcome_answer(act: Act, outcome_id: UUID, *, status: int = 200) -> Answer:
    """The deal as its caller sees it now."""
    shown = await _shown(act.conn, act.actor, outcome_id)
    if shown is None:
        raise NotFound("no_such")
    body, revision = shown
    return Answer(body, status, entity_tag(body, revision), f"/api/v1/outcomes/{outcome_id}" if status == 201 else None)


async def _shown(conn: Any, actor: Actor, outcome_id: UUID) -> tuple[str, int] | None:
    visible = await outcome.visible(conn, outcome_id)
    if visible is None:
        return None
    document, revision = visible
    facts = json.loads(document)
    if not may(actor, "outcome.write", park_id=UUID(facts["park_id"])):
        return visible
    has_land = any(asset["kind"] == Kind.land for asset in facts["assets"])
    route = await route_actions.load(conn, facts["paths_version"], Path(facts["path"]), has_land=has_land)
    reached = [milestone["stage"] for milestone in facts["milestones"]]
    return f'{document[:-1]},"next":{_next(OutcomeStanding.of(route, facts, reached))}}}', revision


@lru_cache(maxsize=1024)
def _next(standing: OutcomeStanding) -> str:
    """JSON of the stages a deal may go to: made once for all deals that stand alike."""
    return json.dumps(
        [
            {
                "stage": stage,
                "direction": direction,
                "fields": [
                    {**field._asdict(), "schema": schema(field.name)}
                    for field in fields(standing.route, stage, direction)
                ],
            }
            for stage, direction in standing.following()
        ],
        separators=(",", ":"),
    )
