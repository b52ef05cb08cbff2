"""The feed of events: positions in it, what comes after one, and the signal that wakes those who wait.

Order and completeness come from `rev`, which is commit order without gaps within a scope. The signal only wakes:
whoever waits reads the events from the database, and looks by itself from time to time in case no signal came.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import struct
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from domain.errors import Gone, Malformed
from store.db import Database
from store.faults import DRIVER_FAULTS
from store.sql import load

SQL = load("feed")
LOG = logging.getLogger("panhuo")
CHANNEL = "panhuo"
#: How often the listening connection is tried, and how long a new one is waited for.
ALIVE_S, ANSWER_S, AGAIN_S = 15.0, 5.0, 1.0
_MARK = struct.Struct(">16sqi")
_BEFORE_ALL = (0, 0)
_WHOLE_ACT = 2**31 - 1


@dataclass(frozen=True)
class Position:
    """Up to where each scope has been read: (rev, n) of its last event. Opaque text to callers."""

    epoch: UUID
    marks: Mapping[UUID, tuple[int, int]]

    def __str__(self) -> str:
        marks = (_MARK.pack(scope.bytes, *mark) for scope, mark in sorted(self.marks.items()))
        return base64.urlsafe_b64encode(self.epoch.bytes + b"".join(marks)).decode().rstrip("=")

    @classmethod
    def parsed(cls, text: str, field: str) -> Position:
        """Raises Malformed for what is no position."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            marks = {UUID(bytes=scope): (rev, n) for scope, rev, n in _MARK.iter_unpack(raw[16:])}
            return cls(UUID(bytes=raw[:16]), marks)
        except (ValueError, struct.error) as fault:
            raise Malformed("position", field) from fault

    def past(self, event: asyncpg.Record) -> Position:
        """The position once this event was read."""
        return Position(self.epoch, {**self.marks, event["scope_id"]: (event["rev"], event["n"])})


async def present(db: Database, scopes: Sequence[UUID]) -> Position:
    """Where the feed of these scopes stands now; a scope that does not exist is left out."""
    async with db.system() as conn:
        row = await conn.fetchrow(SQL.heads, list(scopes))
    heads = zip(row["scopes"], row["revs"], strict=True)
    return Position(row["epoch"], {scope: (rev, _WHOLE_ACT) for scope, rev in heads if scope is not None})


def beginning(now: Position) -> Position:
    """Before the first event of the same scopes."""
    return Position(now.epoch, dict.fromkeys(now.marks, _BEFORE_ALL))


def resumed(position: Position, now: Position, unknown: Position) -> Position:
    """The given position for the scopes that are read; one it does not know begins as in `unknown`.

    Raises: Gone where the position is of another epoch, or lies ahead of the head: the database was restored.
    """
    if position.epoch != now.epoch or any(
        position.marks.get(scope, _BEFORE_ALL) > mark for scope, mark in now.marks.items()
    ):
        raise Gone("feed_restarted", "after")
    return Position(now.epoch, {scope: position.marks.get(scope, unknown.marks[scope]) for scope in now.marks})


async def after(conn: asyncpg.Connection, position: Position, limit: int) -> Sequence[asyncpg.Record]:
    """At most `limit` events after a position: in order within a scope, scopes taking turns."""
    revs = [rev for rev, _ in position.marks.values()]
    ns = [n for _, n in position.marks.values()]
    rows: Sequence[asyncpg.Record] = await conn.fetch(SQL.after, list(position.marks), revs, ns, limit)
    return rows


class ChangeSignal:
    """Tells who waits when an act in a scope was committed: one connection a process, made anew when it is lost."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._listening: asyncio.Task[None] | None = None

    @contextmanager
    def waiting(self, db: Database, scopes: Collection[UUID] | None) -> Iterator[asyncio.Event]:
        """An event that is set after each act in one of the scopes; None: in any."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen(db))
        changed = asyncio.Event()
        names = [""] if scopes is None else [str(scope) for scope in scopes]
        for name in names:
            self._waiting.setdefault(name, set()).add(changed)
        try:
            yield changed
        finally:
            for name in names:
                self._waiting[name].discard(changed)
                if not self._waiting[name]:
                    del self._waiting[name]

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening

    async def _listen(self, db: Database) -> None:
        last_reason = ""
        while True:
            began_at = time.monotonic()
            try:
                await self._listen_once(db.url)
            except DRIVER_FAULTS as fault:
                reason = type(fault).__name__
                if reason != last_reason or time.monotonic() - began_at > ALIVE_S:  # once an outage
                    LOG.warning("not listening for changes: %s", reason)
                last_reason = reason
            await asyncio.sleep(AGAIN_S)

    async def _listen_once(self, url: str) -> None:
        settings = {"application_name": "panhuo feed"}
        conn = await asyncpg.connect(url, timeout=ANSWER_S, command_timeout=ANSWER_S, server_settings=settings)
        lost = asyncio.Event()
        try:
            conn.add_termination_listener(lambda _: lost.set())
            await conn.add_listener(CHANNEL, self._signal)
            self._signal_all()  # for what was not heard before
            while not lost.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), ALIVE_S)
                if not lost.is_set():
                    await conn.fetchval(SQL.alive)
        finally:
            conn.terminate()

    def _signal(self, _conn: object, _pid: int, _channel: str, scope: object) -> None:
        for name in (str(scope), ""):
            for changed in self._waiting.get(name, ()):
                changed.set()

    def _signal_all(self) -> None:
        for waiting in self._waiting.values():
            for changed in waiting:
                changed.set()
