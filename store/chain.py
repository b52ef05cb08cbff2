"""Whether the events are those that were once written: every act's digest and every head's hash, recomputed.

Read in pages along the key in one snapshot, so that neither a million events nor acts that commit meanwhile matter.
It shows what was changed without the head following; whoever can write events and heads alike can forge both, which
only heads kept elsewhere tell (`departures`).
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from uuid import UUID

import asyncpg

from store.db import NIL, Database, Event, digest
from store.sql import load

SQL = load("chain")
LAST = UUID(int=2**128 - 1)
PAGE = 500  # events: their digests take less than 20 ms
MOST_SUSPECTS = 8  # acts out of order in time whose exchange is tried: 36 pairs at most
MOST_IN_ACT = 50  # events of an act whose exchange is tried: 1,225 pairs at most


class BreakKind(StrEnum):
    """What is wrong with a link."""

    act_missing = "act_missing"  #: no event is left of the acts `rev` to `other`
    event_missing = "event_missing"  #: event `n` of act `rev` is gone, later ones of the act are there
    act_altered = "act_altered"  #: the events of `rev` are not those of its digest: one changed, or the last dropped
    events_swapped = "events_swapped"  #: events `n` and `other` of act `rev` have changed places
    acts_swapped = "acts_swapped"  #: acts `rev` and `other` have changed places
    head_mismatch = "head_mismatch"  #: the acts up to `rev` are whole, and the head is not what follows from them
    head_missing = "head_missing"  #: acts up to `rev`, and no head
    anchor_mismatch = "anchor_mismatch"  #: the acts up to `rev` are not those of a head kept outside


@dataclass(frozen=True)
class Break:
    """One broken link of a scope's chain; `n` and `other` for the kinds that have them."""

    scope_id: UUID
    kind: BreakKind
    rev: int
    n: int | None = None
    other: int | None = None


async def breaks(db: Database, scope_id: UUID | None = None, *, most: int = 100) -> list[Break]:
    """What is wrong with the chain of a scope, or of all, in order of scope and act; the first `most` of it.

    A head's hash is judged only where the acts before it are whole. Empty: the chain holds.
    """
    first, last = (NIL, LAST) if scope_id is None else (scope_id, scope_id)
    async with db.system() as conn:
        await conn.execute(SQL.one_snapshot)
        emptied = await conn.fetch(SQL.emptied, first, last, most)
        broken = [_emptied(row["scope_id"], row["rev"]) for row in emptied]
        async for link in _scope_breaks(conn, first, last):
            broken.append(link)
            if len(broken) >= most:
                break
    return sorted(broken, key=lambda link: (link.scope_id, link.rev))[:most]


async def departures(
    db: Database, anchored: Mapping[UUID, tuple[int, bytes]], *, most: int = 100
) -> tuple[list[Break], dict[UUID, tuple[int, bytes]]]:
    """Where the acts are not those that gave heads kept outside, the first `most`; and the heads of today.

    Empty: what stood then stands now. Both are of one snapshot.
    """
    broken: list[Break] = []
    async with db.system() as conn:
        await conn.execute(SQL.one_snapshot)
        for scope_id, (rev, hash_then) in sorted(anchored.items()):
            if len(broken) < most and await _hash_at(conn, scope_id, rev) != hash_then:
                broken.append(Break(scope_id, BreakKind.anchor_mismatch, rev))
        heads = {row["scope_id"]: (row["rev"], row["hash"]) for row in await conn.fetch(SQL.heads)}
    return broken, heads


async def _hash_at(conn: asyncpg.Connection, scope_id: UUID, rev: int) -> bytes | None:
    """What the acts up to one give; None: one of them is missing."""
    made, last = b"", 0
    while last < rev and (rows := await conn.fetch(SQL.digests_after, scope_id, last, PAGE)):
        for row in rows[: rev - last]:
            if row["rev"] != last + 1:
                return None
            last, made = row["rev"], link(made, row["rev"], row["digest"])
    return made if last == rev else None


def _emptied(scope_id: UUID, rev: int) -> Break:
    if rev == 0:
        return Break(scope_id, BreakKind.head_mismatch, 0)
    return Break(scope_id, BreakKind.act_missing, 1, other=rev)


async def _scope_breaks(conn: asyncpg.Connection, first: UUID, last: UUID) -> AsyncIterator[Break]:
    chain: _Chain | None = None
    async for act in _acts(conn, first, last):
        if chain is None or chain.scope_id != act[0]["scope_id"]:
            if chain is not None:
                for broken in await _head_breaks(conn, chain):
                    yield broken
            chain = _Chain(act[0]["scope_id"], act[0]["head_rev"], act[0]["head_hash"])
        for broken in chain.take(act):
            yield broken
    if chain is not None:
        for broken in await _head_breaks(conn, chain):
            yield broken


async def _acts(conn: asyncpg.Connection, first: UUID, last: UUID) -> AsyncIterator[list[asyncpg.Record]]:
    """The events of one act after the other."""
    key = (first, -1, 0)
    act: list[asyncpg.Record] = []
    while rows := await conn.fetch(SQL.events, *key, last, PAGE):
        for row in rows:
            if act and (act[0]["scope_id"], act[0]["rev"]) != (row["scope_id"], row["rev"]):
                yield act
                act = []
            act.append(row)
        key = (rows[-1]["scope_id"], rows[-1]["rev"], rows[-1]["n"])
    if act:
        yield act


@dataclass
class _Chain:
    """A scope while its acts are read: its head, and what the acts so far give."""

    scope_id: UUID
    head_rev: int | None
    head_hash: bytes | None
    rev: int = 0
    hash: bytes = b""
    is_whole: bool = True

    def take(self, act: Sequence[asyncpg.Record]) -> list[Break]:
        """The next act: what is wrong before it and in it."""
        rev = act[0]["rev"]
        gap = None
        if rev != self.rev + 1:
            gap = Break(self.scope_id, BreakKind.act_missing, self.rev + 1, other=rev - 1)
        faults = [fault for fault in (gap, _fault(act)) if fault is not None]
        self.is_whole = self.is_whole and not faults
        self.rev, self.hash = rev, link(self.hash, rev, act[0]["digest"])
        return faults


def link(before: bytes, rev: int, made: bytes) -> bytes:
    """As the statement that ends every act does."""
    return hashlib.sha256(before + rev.to_bytes(8, "big", signed=True) + made).digest()


def _fault(act: Sequence[asyncpg.Record]) -> Break | None:
    """What is wrong within one act."""
    scope_id, rev, numbers = act[0]["scope_id"], act[0]["rev"], [row["n"] for row in act]
    gap = next((n for n in range(1, len(act) + 1) if n not in numbers), None)
    if gap is not None:
        return Break(scope_id, BreakKind.event_missing, rev, n=gap)
    if _is_digested(act):
        return None
    for first, second in combinations(range(min(len(act), MOST_IN_ACT)), 2):
        order = list(act)
        order[first], order[second] = order[second], order[first]
        if _is_digested(order):
            return Break(scope_id, BreakKind.events_swapped, rev, n=first + 1, other=second + 1)
    return Break(scope_id, BreakKind.act_altered, rev)


def _is_digested(act: Sequence[asyncpg.Record]) -> bool:
    """Whether these events, in this order, are those of the digest, which each of them carries."""
    actor_id, at = act[0]["actor_id"], act[0]["at"]
    events = [Event(row["act"], row["subject_kind"], row["subject_id"], {}) for row in act]
    made = digest(actor_id, at, events, [row["body"] for row in act])
    return all((row["actor_id"], row["at"], row["digest"]) == (actor_id, at, made) for row in act)


async def _head_breaks(conn: asyncpg.Connection, chain: _Chain) -> list[Break]:
    """Whether the head is what the acts of its scope give."""
    scope_id, rev = chain.scope_id, chain.rev
    if chain.head_rev is None:
        return [Break(scope_id, BreakKind.head_missing, rev)]
    if rev < chain.head_rev and chain.hash != chain.head_hash:
        return [Break(scope_id, BreakKind.act_missing, rev + 1, other=chain.head_rev)]
    if rev != chain.head_rev:
        return [Break(scope_id, BreakKind.head_mismatch, rev)]
    if chain.hash == chain.head_hash or not chain.is_whole:
        return []
    pair = await _exchanged(conn, chain)
    if pair is None:
        return [Break(scope_id, BreakKind.head_mismatch, rev)]
    return [Break(scope_id, BreakKind.acts_swapped, pair[0], other=pair[1])]


async def _exchanged(conn: asyncpg.Connection, chain: _Chain) -> tuple[int, int] | None:
    """The two acts that give the head once they change places again: digests do not hold an act's place, hashes do.

    Tried are those that stand against the order of time; rivals may do so honestly, so the hash decides.
    """
    late = [row["rev"] for row in await conn.fetch(SQL.earlier_than_before, chain.scope_id, MOST_SUSPECTS)]
    pairs = [(earlier - 1, later) for earlier in late for later in late if earlier <= later]
    places = sorted({rev for pair in pairs for rev in pair})
    digests = {row["rev"]: row["digest"] for row in await conn.fetch(SQL.digests, chain.scope_id, places)}
    moved = {pair: {pair[0]: digests[pair[1]], pair[1]: digests[pair[0]]} for pair in pairs}
    hashes = dict.fromkeys(pairs, b"")
    rev = 0
    while pairs and (rows := await conn.fetch(SQL.digests_after, chain.scope_id, rev, PAGE)):
        for row in rows:
            rev = row["rev"]
            for pair in pairs:
                hashes[pair] = link(hashes[pair], rev, moved[pair].get(rev, row["digest"]))
    return next((pair for pair in pairs if hashes[pair] == chain.head_hash), None)
