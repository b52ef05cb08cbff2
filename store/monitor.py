"""Whether the database answers and can write: checked again and again over one connection that does nothing else.

A database that was killed refuses at once; one that hangs says nothing, and everyone who asked would wait for the
limits of a statement, a roll-back and a cancel one after the other. So what is lent is cut off when no answer comes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from store.faults import DRIVER_FAULTS
from store.sql import load

SQL = load("monitor")
EVERY_S = 0.25
#: How long an answer may take. The second look is for a loop of ours that was busy when the answer came.
PATIENCE_S, SECOND_LOOK_S = 1.0, 0.3
#: How often it is tried whether there is room for something to be written.
DISK_S = 2.0


@dataclass
class DatabaseMonitor:
    """What is known of the database, and the connections lent out, to be cut off when it hangs."""

    lent: set[Any] = field(default_factory=set)
    hangs: bool = False
    is_full: bool = False
    _checking_since: float = float("inf")
    _conn: asyncpg.Connection | None = None
    _disk_checked_at: float = float("-inf")

    @property
    def is_silent(self) -> bool:
        """Whether the database hangs or an answer is overdue that has not been given up yet."""
        return self.hangs or time.monotonic() - self._checking_since > PATIENCE_S

    async def watch(self, url: str, on_hang: Callable[[], Awaitable[object]]) -> None:
        """Checks for ever; `on_hang` is called each time that no answer came."""
        check: asyncio.Task[None] | None = None
        try:
            while True:
                self._checking_since = time.monotonic()
                check = asyncio.create_task(self._check(url))
                await asyncio.wait({check}, timeout=PATIENCE_S)
                await asyncio.wait({check}, timeout=SECOND_LOOK_S)
                self.hangs = not check.done()
                if self.hangs:
                    check.cancel()
                    self._drop()
                    await on_hang()
                    for conn in list(self.lent):
                        cut(conn)
                self._checking_since = float("inf")
                await asyncio.sleep(EVERY_S)
        finally:
            if check is not None:
                check.cancel()
            self._drop()

    async def _check(self, url: str) -> None:
        with suppress(*DRIVER_FAULTS):  # one that refuses says so to everyone who asks
            if self._conn is None or self._conn.is_closed():
                settings = {"application_name": "panhuo monitor", "work_mem": "64kB", "jit": "off"}
                self._conn = await asyncpg.connect(url, timeout=PATIENCE_S * 2, server_settings=settings)
            await self._conn.fetchval(SQL.check)
            if time.monotonic() - self._disk_checked_at >= DISK_S:
                await self._check_disk(self._conn)
            return
        self._drop()

    async def _check_disk(self, conn: asyncpg.Connection) -> None:
        try:
            await conn.fetchval(SQL.write)
            self.is_full = False
        except asyncpg.DiskFullError:
            self.is_full = True
        self._disk_checked_at = time.monotonic()

    def _drop(self) -> None:
        if self._conn is not None:
            self._conn.terminate()
        self._conn = None


def cut(conn: asyncpg.Connection) -> None:
    """Ends a connection without a word to the server; one that a pool has back already is left alone."""
    with suppress(asyncpg.InterfaceError):
        conn.terminate()
