"""What firms need and nobody has: every published need held against all space on offer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from actions.authorization import require
from actions.ranking import ranking_facts
from actions.snapshot_cache import Offer, SnapshotCache
from domain.actor import Actor
from domain.errors import Invalid
from matching.answers.gap import RankedDemand, gap
from store import demand
from store.db import Database

#: Needs held against the offer at once, the newest; an answer says where there are more.
MOST_DEMANDS = 500
#: Unmet needs named one by one, the newest.
MOST_NAMED = 100


async def unmet_demands(db: Database, cache: SnapshotCache, actor: Actor, *, today: date) -> dict[str, Any]:
    """Counts of published needs that nothing fits today, and the newest of them with what would help each.

    A need that leaves a kind nothing to weigh cannot be ranked: it is counted apart.
    """
    require(actor, "demand.gap")
    async with db.read(actor) as conn:
        rows = await demand.published(conn, MOST_DEMANDS + 1)
    offer = await cache.current()
    ranked_demands, not_ranked = await asyncio.to_thread(
        _ranked_demands, [ranking_facts(facts) for facts in rows[:MOST_DEMANDS]], offer, today
    )
    return {
        "day": today.isoformat(),
        "capped": len(rows) > MOST_DEMANDS,
        "not_ranked": not_ranked,
        **gap(ranked_demands),
        "needs": [_named(ranked) for ranked in ranked_demands if ranked.is_unmet][:MOST_NAMED],
    }


def _ranked_demands(demands: Sequence[Mapping[str, Any]], offer: Offer, today: date) -> tuple[list[RankedDemand], int]:
    ranked_demands, not_ranked = [], 0
    for facts in demands:
        try:
            ranking = offer.rank(facts, today, 0)
        except Invalid:
            not_ranked += 1
        else:
            ranked_demands.append(RankedDemand.of(facts, ranking.to_document()))
    return ranked_demands, not_ranked


def _named(ranked: RankedDemand) -> dict[str, Any]:
    return {
        "demand_id": ranked.facts["id"],
        "title": ranked.facts["title"],
        "kinds": {
            kind: {name: totals[name] for name in ("compared", "to_confirm", "out_by")}
            for kind, totals in ranked.totals.items()
        },
        "nearest": ranked.nearest,
    }
