"""Two rankings of one need side by side."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from actions.demand import ranking_home
from domain.actor import Actor
from domain.errors import Invalid, NotFound
from matching.answers.difference import difference
from store import ranking
from store.db import Database


async def compare_rankings(db: Database, actor: Actor, ranking_id: UUID, other_id: UUID) -> dict[str, Any]:
    """What changed from the other ranking to this one.

    Raises: NotFound for one the caller may not read, Invalid on `from` where they are of different needs.
    """
    firm_id, home = await ranking_home(db, actor, ranking_id)
    _, other_home = await ranking_home(db, actor, other_id, field="from")
    if other_home != home:
        raise Invalid("other_demand", "from")
    async with db.read(actor, scope_id=firm_id) as conn:
        new = await ranking.replayable(conn, firm_id, ranking_id)
        old = await ranking.replayable(conn, firm_id, other_id)
    if new is None or old is None:
        raise NotFound("no_such")
    differences = difference(*(json.loads(row[name]) for name in ("answer", "inputs") for row in (old, new)))
    versions = {
        "from": json.loads(old["inputs"])["demand"].get("version"),
        "to": json.loads(new["inputs"])["demand"].get("version"),
    }
    return {
        "ranking_id": str(ranking_id),
        "from": str(other_id),
        "demand": {"id": str(home), "versions": versions},
        **differences,
    }
