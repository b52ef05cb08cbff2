"""Ranks the space on offer for a need, stored or given in the request, and keeps what was shown to a firm."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.authorization import new_id, require
from actions.demand import demand_home, read_within
from actions.mandate import write_for_firm
from actions.snapshot_cache import Offer, SnapshotCache
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Invalid, NotFound
from matching import Ranking
from matching.answers.bundles import Neighbours
from matching.answers.replay import packed, park_facts
from matching.ranking.robustness import Draws
from store import catalogue, demand, reference
from store import ranking as ranking_store
from store.db import Database

#: Rows of each kind kept with a ranking, so that it can be replayed. Source: model R1 §5.13.
MOST_KEPT = 200
#: Above this, texts of works included, only the rows that were shown are kept.
MOST_KEPT_BYTES = 512 * 1024
#: Pairs of neighbours read to look for bundles; an answer says where there are more.
MOST_PAIRS = 20_000
GREATEST_AREAS = ("land_area_m2_max", "floor_area_m2_max")


@dataclass(frozen=True)
class RankingOptions:
    """How much of a ranking is asked for: units per kind, near misses even where enough fits, robustness, and units
    whose listings have lapsed.
    """

    limit: int
    shortfalls: bool = False
    robustness: bool = False
    include_lapsed: bool = False


async def rank_for(
    db: Database, cache: SnapshotCache, actor: Actor, facts: Mapping[str, Any], *, options: RankingOptions, today: date
) -> dict[str, Any]:
    """The ranking of a need given in the request: no id, no event, nothing kept."""
    _may_include(actor, options)
    await read_within(facts)
    offer = await _offer(db, cache, options)
    if facts.get("product_codes"):
        async with db.system() as conn:
            unknown = await reference.unknown_industries(conn, facts["product_codes"])
        if unknown:
            raise Invalid("unknown_industry", "product_codes", value=", ".join(unknown))
    ranking = await _ranked(db, facts, offer, options, today)
    return ranking.to_document()


async def rank_demand(
    db: Database,
    cache: SnapshotCache,
    actor: Actor,
    demand_id: UUID,
    *,
    options: RankingOptions,
    once: Once | None,
    today: date,
) -> dict[str, Any]:
    """The ranking of a stored need, kept as the record of what the firm was shown.

    Raises: Conflict where the need changed while it was ranked.
    """
    firm_id = await demand_home(db, actor, demand_id, verb="ranking.make")
    _may_include(actor, options)
    stored = await demand.facts(db, firm_id, demand_id)
    if stored is None:
        raise NotFound("no_such")
    version, facts = stored
    offer = await _offer(db, cache, options)
    ranking = await _ranked(db, ranking_facts(facts), offer, options, today, keep=MOST_KEPT)
    answer, rested_on = await asyncio.to_thread(_kept, ranking, offer)
    ranking_id = new_id()
    models = (str(answer["model_version"]), str(answer["chain_version"]))
    parks = {str(park): rev for park, rev in offer.token.revs.items()}
    inputs = {"demand": facts, "limit": options.limit, "parks": parks, **rested_on}
    document = ranking_document(ranking_id, demand_id, version, answer)
    async with write_for_firm(db, actor, "ranking.make", firm_id, once=once) as act:
        row = await demand.lock(act, demand_id)
        if row is None:
            raise NotFound("no_such")
        if row["version"] != version:
            raise Conflict("changed_meanwhile", "demand_id")
        await ranking_store.insert(act, ranking_id, demand_id, version, today, models, inputs, answer)
        act.did("demand.ranked", "demand", demand_id, ranking_id=ranking_id, demand_version=version)
        location = f"/api/v1/rankings/{ranking_id}"
        act.answer = Answer(json.dumps(document, ensure_ascii=False), status=201, location=location)
    return document


def _may_include(actor: Actor, options: RankingOptions) -> None:
    """Lapsed listings are ranked for staff alone, who know what they ask for."""
    if options.include_lapsed:
        require(actor, "ranking.lapsed")


async def _offer(db: Database, cache: SnapshotCache, options: RankingOptions) -> Offer:
    """All that is on offer; with what has lapsed where that is asked for."""
    offer = await cache.current()
    if not options.include_lapsed:
        return offer
    return replace(offer, catalogue=offer.catalogue.changed(*await catalogue.lapsed(db)))


def ranking_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a stored need as the ranking reads them."""
    need_on = facts.get("need_on")
    return {**facts, "need_on": None if need_on is None else date.fromisoformat(str(need_on))}


def ranking_document(ranking_id: UUID, demand_id: UUID, version: int, answer: Mapping[str, Any]) -> dict[str, Any]:
    """A kept ranking as it is answered: numbers, statuses and order; sentences are made when it is read."""
    return {"id": str(ranking_id), "demand": {"id": str(demand_id), "version": version}, **answer}


def _kept(ranking: Ranking, offer: Offer) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answer, and what a replay needs of the catalogue: the best rows, within a size, and all that are shown."""
    kept = [asset_id for listing in ranking.lists.values() for asset_id in listing.kept]
    rows = packed(offer.catalogue, kept)
    if len(json.dumps(rows)) > MOST_KEPT_BYTES:
        shown = [
            asset_id for part in ranking.lists.values() for result in part.results for asset_id in result["asset_ids"]
        ]
        rows = packed(offer.catalogue, shown)
    facts_of_parks = park_facts(offer.parks, rows["facts_keys"])
    return ranking.to_document(), {"rows": rows, "park_facts": facts_of_parks, "sections": offer.sections}


async def _ranked(
    db: Database, facts: Mapping[str, Any], offer: Offer, options: RankingOptions, today: date, *, keep: int = 0
) -> Ranking:
    """The ranking; where no single unit fits, once more with what lies next to each other."""

    draws = await _draws(db) if options.robustness else None

    def ranked(adjacency: Neighbours) -> Ranking:
        return offer.rank(
            facts,
            today,
            options.limit,
            keep=keep,
            near_misses=options.shortfalls,
            adjacency=adjacency,
            draws=draws,
        )

    ranking = await asyncio.to_thread(ranked, Neighbours(()))
    kinds = [kind for kind, listing in ranking.lists.items() if listing.alternatives is not None]
    if not kinds:
        return ranking
    most = [None if facts.get(name) is None else Decimal(str(facts[name])) for name in GREATEST_AREAS]
    rows = await catalogue.neighbours(db, kinds, most[0], most[1], MOST_PAIRS + 1)
    return await asyncio.to_thread(ranked, _neighbours(rows)) if rows else ranking


async def _draws(db: Database) -> Draws:
    """The plausible weightings in force. Raises Conflict where the reference tables were never loaded."""
    async with db.system() as conn:
        scheme = await reference.scheme_in_force(conn, "draws")
    if scheme is None:
        raise Conflict("scheme_missing", "", kind="draws")
    return Draws.from_document(scheme[1])


def _neighbours(rows: Sequence[Mapping[str, Any]]) -> Neighbours:
    kept = rows[:MOST_PAIRS]
    sides = [(row["one"], row["one_floor"]) for row in kept] + [(row["other"], row["other_floor"]) for row in kept]
    floors = {asset_id: floor for asset_id, floor in sides if floor is not None}
    return Neighbours([(row["one"], row["other"]) for row in kept], floors=floors, is_cut=len(rows) > MOST_PAIRS)
