"""A firm gets a notice when a newly published unit would stand among the first ten for a published need of its own.

Work of the service, in rounds: a round takes what was published since the last, and goes through the needs some at a
time. It can be left at any point and taken up by any worker; no firm gets two of a unit for one version of a need.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from actions.ranking import ranking_facts
from actions.snapshot_cache import Offer, SnapshotCache
from domain.actor import SYSTEM
from domain.errors import Invalid
from matching import Catalogue
from store import demand, notice
from store.db import Database
from store.notice import PublishedDemand

#: There is a notice of a unit where it would stand this high in its kind's list.
FIRST = 10
#: Needs looked at in one step of a round.
MOST_DEMANDS = 200


class _NothingNew(Exception):
    """Leaves the transaction of an act that turned out to have nothing to do."""


async def notify_firms(db: Database, cache: SnapshotCache, *, today: date) -> int:
    """One step of the round: how many notices came of it."""
    under_way = await notice.current(db)
    if under_way is None:
        return 0
    demands = await notice.demands(db, under_way.demand_id, MOST_DEMANDS) if under_way.fresh else []
    notices = 0
    if demands:
        offer = await cache.current()
        for published in demands:
            matches = await asyncio.to_thread(_matches, published.facts, offer, under_way.fresh, today)
            notices += await _notify(db, published, matches) if matches else 0
    if len(demands) < MOST_DEMANDS:
        await notice.finish(db, under_way)
    else:
        await notice.save_position(db, under_way, demands[-1].id)
    return notices


def _matches(facts: Mapping[str, Any], offer: Offer, fresh: Sequence[str], today: date) -> list[dict[str, Any]]:
    """Of the fresh units those that would be shown. The fresh alone are ranked first: most needs end there."""
    fresh_ids = set(fresh)
    try:
        if not any(part["results"] for part in _lists(facts, offer, Catalogue.of(offer.catalogue.take(fresh)), today)):
            return []
        lists = _lists(facts, offer, offer.catalogue, today)
    except Invalid:  # a need that leaves nothing to weigh cannot be ranked
        return []
    return [
        {"asset_id": result["asset_ids"][0], "kind": part["kind"], "place": place, "status": result["status"]}
        for part in lists
        for place, result in enumerate(part["results"], 1)
        if result["asset_ids"][0] in fresh_ids
    ]


def _lists(facts: Mapping[str, Any], offer: Offer, candidates: Catalogue, today: date) -> list[dict[str, Any]]:
    ranking = offer.rank(ranking_facts(facts), today, FIRST, among=candidates)
    return [{"kind": kind, "results": listing.results} for kind, listing in ranking.lists.items()]


async def _notify(db: Database, published: PublishedDemand, matches: Sequence[Mapping[str, Any]]) -> int:
    """Notices of one need, an event each in the firm's scope. One that changed meanwhile is passed over:
    whoever changes a need ranks it anew."""
    notices = 0
    try:
        async with db.write(SYSTEM, published.firm_id) as act:
            row = await demand.lock(act, published.id)
            if row is None or row["version"] != published.version or row["listing"] != "published":
                raise _NothingNew
            for match in matches:
                if await notice.insert(
                    act, published, UUID(match["asset_id"]), match["kind"], match["place"], match["status"]
                ):
                    act.did("demand.new_match", "demand", published.id, demand_version=published.version, **match)
                    notices += 1
            if not notices:
                raise _NothingNew
    except _NothingNew:
        return 0
    return notices
