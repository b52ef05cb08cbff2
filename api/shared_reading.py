"""One reading of the database for all who ask at once: each waits for one that began after it came."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class SharedReading(Generic[Key, Value]):
    """Values by key, none of them kept; `read` gives those of several keys in their order."""

    def __init__(self) -> None:
        self._wanted: dict[Key, int] = {}
        self._reading: asyncio.Task[list[Value]] | None = None
        self._next: asyncio.Task[list[Value]] | None = None

    async def value(self, key: Key, read: Callable[[Sequence[Key]], Awaitable[list[Value]]]) -> Value:
        """The value as it is, or was a moment after the call."""
        if self._next is None:
            self._next = asyncio.create_task(self._read(self._reading, read))
            self._next.add_done_callback(retrieve)
        n = self._wanted.setdefault(key, len(self._wanted))
        return (await asyncio.shield(self._next))[n]

    async def _read(
        self, before: asyncio.Task[list[Value]] | None, read: Callable[[Sequence[Key]], Awaitable[list[Value]]]
    ) -> list[Value]:
        if before is not None:
            await asyncio.wait([before])
        wanted, self._wanted = list(self._wanted), {}
        self._reading, self._next = self._next, None
        return await read(wanted)


def retrieve(task: asyncio.Task[Any]) -> None:
    """Those who wait have what it failed by; there may be none left."""
    if not task.cancelled():
        task.exception()
