"""Answers a question about one unit: why it stands where it stands for a need, or why it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from actions.demand import demand_home
from actions.ranking import ranking_facts
from actions.snapshot_cache import Offer, SnapshotCache
from domain.actor import Actor
from domain.errors import NotFound
from matching import Catalogue
from matching.answers.explain import explain
from store import asset, catalogue, demand
from store.db import Database


async def explain_asset(
    db: Database, cache: SnapshotCache, actor: Actor, demand_id: UUID, asset_id: UUID, *, limit: int, today: date
) -> dict[str, Any]:
    """Every rule and criterion of any unit the caller sees, its place today, and the last unit shown.

    Raises: NotFound for a need or a unit the caller does not see, Invalid on `importances` as a ranking does.
    """
    firm_id = await demand_home(db, actor, demand_id, verb="ranking.read")
    stored = await demand.facts(db, firm_id, demand_id)
    home = await asset.home(db, asset_id)
    async with db.read(actor, park_id=None if home is None else home.park_id) as conn:
        availability = await catalogue.availability(conn, asset_id)
    if stored is None or availability is None:
        raise NotFound("no_such")
    version, facts = stored
    offer = await cache.current()
    subject = await catalogue.asset_catalogue(db, asset_id)
    explanation = await asyncio.to_thread(_explain, ranking_facts(facts), subject, offer, limit, today)
    return {"demand": {"id": str(demand_id), "version": version}, "availability": availability, **explanation}


def _explain(facts: Mapping[str, Any], subject: Catalogue, offer: Offer, limit: int, today: date) -> dict[str, Any]:
    return explain(facts, subject, offer.catalogue, offer.model(today), limit=limit)
