"""`next` of a deal and the act agree: what is named is accepted or fails for another reason, what is not is refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from actions import outcome, outcome_view
from actions.locked_outcome import LockedOutcome
from actions.reference import add_scheme
from domain.actor import SYSTEM, Actor
from domain.errors import Fault, Invalid, Refusal
from domain.words import Evidence, Path, Role
from fixtures import reference
from outcomes.stages import Stage
from outcomes.standing import Direction
from store.db import Database
from tests.actions.test_outcomes import OF_THE_STAGE
from tests.conftest import TODAY, Dazu

#: Refusals that say that the fields are not those that the stage takes.
OF_THE_FIELDS = {"missing", "other_stage"}
REASON: dict[str, Any] = {"reason": "示例"}
RECORD: dict[str, Any] = {"happened_on": TODAY, "source": "示例"}
ALL_OUTCOMES = "SELECT id, park_id, path, stage FROM outcome ORDER BY id"


class Undone(Exception):
    """Takes back what was tried."""


async def faults(
    db: Database, staff: Actor, outcome_id: UUID, stage: Stage, facts: Mapping[str, Any]
) -> Sequence[Fault]:
    """Why a step would be refused. Empty: it would not; in either case nothing is done."""
    try:
        async with LockedOutcome(db, staff, outcome_id, "*", None) as locked:
            await outcome.go(locked, stage, facts, TODAY)
            raise Undone
    except Undone:
        return []
    except Refusal as refusal:
        return refusal.faults


def value(name: str, schema: Mapping[str, Any]) -> Any:
    """Something the schema of a field lets through, as the body of a request has it when it is read."""
    match schema:
        case {"enum": _}:
            return Evidence.stated if name == "evidence" else "day"
        case {"format": "date"}:
            return TODAY
        case {"format": "decimal"}:
            return max(Decimal(repr(schema["minimum"])), min(Decimal(repr(schema["maximum"])), Decimal(500)))
        case {"type": "array"}:
            return []
    return "示例"[: schema["maxLength"]]


def needed(named: Mapping[str, Any]) -> dict[str, Any]:
    return {field["name"]: value(field["name"], field["schema"]) for field in named["fields"] if field["is_needed"]}


async def test_every_deal_of_the_demonstration_goes_where_it_says_and_nowhere_else(db: Database) -> None:
    async with db.system() as conn:
        outcome_rows = await conn.fetch(ALL_OUTCOMES)
    accepted: Counter[str] = Counter()
    seen = set()

    for outcome_row in outcome_rows:
        staff = Actor(uuid4(), Role.staff, frozenset({outcome_row["park_id"]}))
        shown = await outcome_view.read(db, staff, outcome_row["id"])
        assert shown is not None
        alike = (outcome_row["path"], outcome_row["stage"], shown[0].partition('"next":')[2])
        if alike in seen:
            continue
        seen.add(alike)
        named = {(entry["stage"], entry["direction"]): needed(entry) for entry in json.loads(shown[0])["next"]}
        for (stage, direction), facts in named.items():
            why = {fault.code for fault in await faults(db, staff, outcome_row["id"], Stage(stage), facts)}
            assert why.isdisjoint(OF_THE_STAGE | OF_THE_FIELDS), (*outcome_row, stage, direction, why)
            accepted[direction] += not why
        for stage in Stage:
            directions = {direction for name, direction in named if name == stage}
            for facts, takes in ((REASON, {"back", "exit"}), (RECORD, {"forward", "beside"})):
                if directions.isdisjoint(takes):
                    why = {fault.code for fault in await faults(db, staff, outcome_row["id"], stage, facts)}
                    assert why, (*outcome_row, stage, facts)
                    assert why <= OF_THE_STAGE | OF_THE_FIELDS, (*outcome_row, stage, facts, why)
                    assert directions or facts is RECORD or why <= OF_THE_STAGE, (*outcome_row, stage, facts, why)

    assert {outcome_row["path"] for outcome_row in outcome_rows} == set(Path)
    assert min(accepted[direction] for direction in Direction) >= 5, accepted


async def test_next_takes_no_statement_of_its_own(dazu: Dazu) -> None:
    db = await Database.connect(dazu.url, size=1, public_size=1)
    async with db.system() as conn:
        (outcome_row, *_) = await conn.fetch(ALL_OUTCOMES)
    staff = Actor(uuid4(), Role.staff, frozenset({outcome_row["park_id"]}))
    await outcome_view.read(db, staff, outcome_row["id"])  # reads the paths
    statements: list[str] = []
    async with db._app.acquire() as lent:
        conn = lent._con
    conn.add_query_logger(lambda logged: statements.append(logged.query))

    shown = await outcome_view.read(db, staff, outcome_row["id"])
    await db.close()

    begin, visible, commit = statements
    assert (begin[:5], "FROM outcome_visible" in visible, commit[:6]) == ("BEGIN", True, "COMMIT")
    assert shown is not None and '"next":[' in shown[0]


async def test_a_version_with_an_effect_that_nobody_knows_is_not_stored(db: Database) -> None:
    document = reference.rules("paths") | {"version": "paths-x"}
    document["paths"]["merger"]["land"] = {"effects": {"contracted": ["bind", "annul"]}}

    with pytest.raises(Invalid) as refused:
        await add_scheme(db, SYSTEM, "paths", "paths-x", document)

    assert refused.value.faults == (Fault("unknown_effect", "paths.merger.effects.contracted", {"effect": "annul"}),)
    async with db.system() as conn:
        assert await conn.fetchval("SELECT count(*) FROM scheme WHERE version = 'paths-x'") == 0
