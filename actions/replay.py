"""Ranks again from what was kept with a ranking, and says whether the same comes out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from actions.demand import ranking_home
from actions.ranking import ranking_facts
from actions.snapshot_cache import chain_of
from domain.actor import Actor
from domain.errors import Conflict, NotFound
from matching import Model, Parameters, rank
from matching.answers.replay import differences, unpacked
from matching.parks import ParkProfile, Parks
from store import ranking, reference
from store.db import Database


async def replay(db: Database, actor: Actor, ranking_id: UUID) -> dict[str, Any]:
    """Scores, statuses, contributions and order computed anew under the versions that were in force, and compared.

    Raises: NotFound for a ranking the caller may not read; Conflict where it was kept without its rows, or this
    release cannot read the version it was made under.
    """
    firm_id, _ = await ranking_home(db, actor, ranking_id)
    async with db.read(actor, scope_id=firm_id) as conn:
        row = await ranking.replayable(conn, firm_id, ranking_id)
    if row is None:
        raise NotFound("no_such")
    async with db.system() as conn:
        model = await reference.scheme_of_version(conn, "matching", row["model_version"])
        chain = await reference.scheme_of_version(conn, "chain", row["chain_version"])
    if model is None or chain is None:
        raise Conflict("version_gone", version=row["model_version"] if model is None else row["chain_version"])
    return await asyncio.to_thread(_replayed, ranking_id, row, model, chain)


def _replayed(
    ranking_id: UUID, row: Mapping[str, Any], model: Mapping[str, Any], chain: Mapping[str, Any]
) -> dict[str, Any]:
    inputs, stored = json.loads(row["inputs"]), json.loads(row["answer"])
    if "rows" not in inputs:
        raise Conflict("rows_not_kept")
    try:
        parameters = Parameters.from_document(model)
    except ValueError as fault:
        raise Conflict("version_gone", version=row["model_version"]) from fault
    rows = unpacked(inputs["rows"])
    edges = [(start, end, float(weight)) for start, end, _, weight in chain["edges"]]
    of_chain = chain_of(row["chain_version"], edges)
    kept = {key: ParkProfile.kept(facts) for key, facts in (inputs["park_facts"] or {}).items()}
    then = Model(parameters, row["day"], Parks(kept), of_chain, inputs["sections"])
    again = rank(ranking_facts(inputs["demand"]), rows, then, limit=inputs["limit"])
    differing = differences(stored, json.loads(json.dumps(again.to_document())))
    return {
        "ranking_id": str(ranking_id),
        "day": row["day"].isoformat(),
        "model_version": row["model_version"],
        "chain_version": row["chain_version"],
        "rows": len(rows),
        "identical": not differing,
        "differences": differing,
    }
