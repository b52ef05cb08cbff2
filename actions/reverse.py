"""Which published needs a unit would serve, for the staff of its park."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from actions.authorization import require_hidden
from actions.ranking import ranking_facts
from actions.snapshot_cache import Offer, SnapshotCache
from domain.actor import Actor
from domain.errors import Conflict, Invalid, NotFound
from matching import Catalogue
from matching.answers.reverse import reverse
from matching.answers.value import Benchmarks
from store import asset, catalogue, demand, reference
from store.db import Database

#: Published needs held against one unit, the newest; an answer says where there are more.
MOST_DEMANDS = 500


async def demands_for(
    db: Database, cache: SnapshotCache, actor: Actor, asset_id: UUID, *, limit: int, today: date
) -> dict[str, Any]:
    """Needs by how well they and the unit serve each other; for a unit on offer or not.

    Raises: NotFound for a unit the caller does not see, Forbidden for one of another park.
    """
    home = await asset.home(db, asset_id)
    if home is None:
        raise NotFound("no_such")
    require_hidden(actor, "asset.demands", is_visible=home.is_public, park_id=home.park_id)
    async with db.read(actor, park_id=home.park_id) as conn:
        demands = await demand.published(conn, MOST_DEMANDS + 1)
        scheme = await reference.scheme_in_force(conn, "value")
    if scheme is None:
        raise Conflict("scheme_missing", "", kind="value")
    subject = await catalogue.asset_catalogue(db, asset_id)
    offer = await cache.current()
    all_facts = [ranking_facts(facts) for facts in demands[:MOST_DEMANDS]]
    benchmarks = Benchmarks.from_document(scheme[1])
    summary = await asyncio.to_thread(_reversed, all_facts, subject, str(home.park_id), offer, benchmarks, today)
    return {
        "asset_id": str(asset_id),
        "day": today.isoformat(),
        "compared": len(all_facts),
        "capped": len(demands) > MOST_DEMANDS,
        **summary,
        "results": summary["results"][:limit],
    }


def _reversed(
    demands: Sequence[Mapping[str, Any]],
    subject: Catalogue,
    park_id: str,
    offer: Offer,
    benchmarks: Benchmarks,
    today: date,
) -> dict[str, Any]:
    numbers = offer.parameters.numbers
    (kind,) = (kind for kind, units in subject.tables.items() if len(units))
    same_kind = [facts for facts in demands if kind in facts["kinds"]]
    answers = [(facts, kind, listing) for facts, listing in _listings(same_kind, kind, subject, offer, today)]
    summary = reverse(
        answers, park_id, benchmarks, unknown_value=numbers.unknown_value, exponent=numbers.score_exponent
    )
    return {"other_kinds": len(demands) - len(same_kind), "not_ranked": len(same_kind) - len(answers), **summary}


def _listings(
    demands: Sequence[Mapping[str, Any]], kind: str, subject: Catalogue, offer: Offer, today: date
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each need's list of this unit alone. A need that leaves nothing to weigh is passed over."""
    for facts in demands:
        try:
            ranking = offer.rank({**facts, "kinds": [kind]}, today, 1, among=subject)
        except Invalid:
            continue
        yield facts, ranking.to_document()["lists"][kind]
