"""The ranking's snapshot of all space on offer, one per process, checked against the heads before every answer.

A ranking asked for after a write was acknowledged sees that write: a request waits for a check that started after it
arrived, and shares it with all who arrived before that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from matching import Catalogue, Chain, Parameters, ParkFacts
from store import catalogue as store
from store.db import Database


@dataclass(frozen=True)
class Offer:
    """Everything a ranking reads, true as of `token` or later."""

    token: store.Token
    catalogue: Catalogue
    parks: dict[str, ParkFacts]
    chain: Chain
    sections: dict[str, str]
    parameters: Parameters


class Shelf:
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
        if token is not None or self._offer is None:
            assert token is not None, "without an offer everything has changed"
            snapshot = await store.snapshot(self._db, token)
            self._offer = await asyncio.to_thread(_offer, snapshot)
        return self._offer


def _offer(snapshot: store.Snapshot) -> Offer:
    return Offer(
        snapshot.token,
        Catalogue.from_columns(snapshot.columns),
        {
            facts["id"]: ParkFacts(
                tuple(facts["leading_industries"]), tuple(facts["negative_list"]), facts["is_chemical_park"]
            )
            for facts in snapshot.park_facts
        },
        chain_of(snapshot.chain_version, snapshot.chain_edges),
        dict(snapshot.sections),
        Parameters.from_document(dict(snapshot.parameters)),
    )


def chain_of(version: str, edges: Sequence[tuple[str, str, float]]) -> Chain:
    """A version of the chain table as the ranking reads it."""
    return Chain.from_edges(edges, version)
