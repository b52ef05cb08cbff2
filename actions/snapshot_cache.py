"""The ranking's snapshot of all space on offer, one per process, checked against the heads before every answer.

A ranking asked for after a write was acknowledged sees that write: a request waits for a check that started after it
arrived, and shares it with all who arrived before that.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from matching import Catalogue, Chain, Model, Parameters, ParkProfile, Ranking, rank
from matching.industry import Relatedness
from matching.parks import Parks
from matching.position import apart_m
from store import catalogue as store
from store.db import Database

#: Fewer changed units are taken over in less time than it takes to hand them to a thread and back on an idle machine.
MANY = 1000


@dataclass(frozen=True)
class Offer:
    """Everything a ranking reads, true as of `token` or later."""

    token: store.Token
    catalogue: Catalogue
    parks: Parks
    chain: Chain
    sections: dict[str, str]
    parameters: Parameters
    relatedness: Relatedness

    def rank(
        self, facts: Mapping[str, Any], today: date, limit: int, *, among: Catalogue | None = None, **more: Any
    ) -> Ranking:
        """The ranking of a need among all on offer, or `among` these units alone; `more` goes to `matching.rank`."""
        return rank(facts, self.catalogue if among is None else among, self.model(today), limit=limit, **more)

    def model(self, today: date) -> Model:
        """What a ranking rests on beside the units."""
        return Model(self.parameters, today, self.parks, self.chain, self.sections, self.relatedness)


class SnapshotCache:
    """Keeps the latest offer of a process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._offer: Offer | None = None
        self._running: asyncio.Task[Offer] | None = None
        self._next: asyncio.Task[Offer] | None = None

    async def current(self) -> Offer:
        """The offer as of now, or newer."""
        if self._next is None:
            before = self._running if self._running is not None and not self._running.done() else None
            self._next = asyncio.create_task(self._refresh(before))
        return await asyncio.shield(self._next)

    async def _refresh(self, before: asyncio.Task[Offer] | None) -> Offer:
        if before is not None:
            await asyncio.wait([before])
        # From here on a newcomer needs a later check: this one has begun.
        self._running, self._next = self._next, None
        token = await store.changed_since(self._db, None if self._offer is None else self._offer.token)
        if token is not None:
            self._offer = await self._read(self._offer, token)
        assert self._offer is not None, "without an offer everything has changed"
        return self._offer

    async def _read(self, known: Offer | None, token: store.Token) -> Offer:
        """Another epoch may have lost what was known: everything is read anew."""
        if known is None or known.token.epoch != token.epoch:
            return await asyncio.to_thread(_offer, await store.snapshot(self._db, token))
        read = await store.changes(self._db, known.token, token)
        return await asyncio.to_thread(_changed, known, read) if len(read.gone) > MANY else _changed(known, read)


def _offer(read: store.Snapshot) -> Offer:
    return Offer(read.token, read.catalogue, _facts(read.park_facts), **_versions(read.schemes))


def _changed(known: Offer, read: store.Changes) -> Offer:
    catalogue = known.catalogue.changed(read.gone, read.fresh) if len(read.gone) else known.catalogue
    parks = Parks({**known.parks, **_facts(read.park_facts)}) if read.park_facts else known.parks
    offer = replace(
        known,
        token=read.token,
        catalogue=catalogue,
        parks=parks,
    )
    if read.schemes is None:
        return offer
    return replace(offer, **_versions(read.schemes))


def _versions(schemes: store.Schemes) -> dict[str, Any]:
    """The versioned data of an offer, and the tables of relatedness that stand as long as it does."""
    chain, sections = chain_of(schemes.chain_version, schemes.chain_edges), dict(schemes.sections)
    parameters = Parameters.from_document(dict(schemes.parameters))
    relatedness = Relatedness(parameters.numbers, chain, sections)
    return {"chain": chain, "sections": sections, "parameters": parameters, "relatedness": relatedness}


def _facts(rows: Sequence[Mapping[str, Any]]) -> Parks:
    return Parks({facts["id"]: _profile(**facts) for facts in rows})


def _profile(firms: str | None, lon: float, lat: float, **facts: Any) -> ParkProfile:
    return ParkProfile.kept({**facts, "anchors": _anchors(firms, lon, lat)})


def _anchors(firms: str | None, lon: float, lat: float) -> list[tuple[str, float]] | None:
    """The nearest above-scale firm of every industry around a point, with its distance in m."""
    if firms is None:
        return None
    nearest: dict[str, float] = {}
    for code, east, north in json.loads(firms):
        far = apart_m((lon, lat), (east, north))
        nearest[code] = min(far, nearest.get(code, far))
    return sorted(nearest.items())


def chain_of(version: str, edges: Sequence[tuple[str, str, float]]) -> Chain:
    """A version of the chain table as the ranking reads it."""
    return Chain.from_edges(edges, version)
