"""Answers that a process keeps, each at one version; the longest unused are forgotten, so that they fit in memory.

Whoever asks for an answer at a version that is being made waits for it: a write does not make it many times.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from api.shared_reading import SharedReading, retrieve
from geo.reference_systems import Box
from geo.tile_matrix_set import TileAddress
from store.tiles import TileState

#: Bytes of answers in a cache; what Python keeps beside each.
MOST_BYTES, BESIDE_EACH = 64 << 20, 500
#: Compressing more would hold up all other requests.
ASIDE_FROM, LEVEL = 32_768, 5
#: In place of a version that nobody knows yet.
FIRST = object()


class MadeAnswer(NamedTuple):
    """What an answer is made as: of which version, its bytes, and the headers that only making it tells."""

    version: Hashable
    body: bytes
    headers: Mapping[str, str] = {}


@dataclass
class KeptAnswer:
    """An answer, and its bytes gzipped once somebody took them so."""

    version: Hashable
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    gzipped: bytes | None = None

    @property
    def size(self) -> int:
        return len(self.body) + len(self.gzipped or b"") + BESIDE_EACH


class AnswerCache:
    """Answers by key. One that is larger than an eighth of them all is made for whoever asks, and not kept."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.size = 0
        self._most_bytes = most_bytes
        self._answers: OrderedDict[Hashable, KeptAnswer] = OrderedDict()
        self._making: dict[tuple[Hashable, Hashable], asyncio.Task[KeptAnswer]] = {}

    async def answer(self, key: Hashable, version: Hashable, make: Callable[[], Awaitable[MadeAnswer]]) -> KeptAnswer:
        """The answer at this version or a later one; `make` makes it where it is not kept."""
        kept = self._answers.get(key)
        if kept is not None and kept.version == version:
            self._answers.move_to_end(key)
            return kept
        return await self._being_made(key, version, make)

    async def first_answer(self, key: Hashable, make: Callable[[], Awaitable[MadeAnswer]]) -> KeptAnswer | None:
        """The answer where it is not kept in any version, made without asking which version there is.

        None: it is kept, or being made for somebody who came before, so that it might be older than this call.
        """
        if key in self._answers or (key, FIRST) in self._making:
            return None
        return await self._being_made(key, FIRST, make)

    async def _being_made(
        self, key: Hashable, version: Hashable, make: Callable[[], Awaitable[MadeAnswer]]
    ) -> KeptAnswer:
        making = self._making.get((key, version))
        if making is None:
            making = self._making[key, version] = asyncio.create_task(self._made(key, make))
            making.add_done_callback(partial(self._forget, (key, version)))
        return await asyncio.shield(making)  # one who hangs up does not end it for the others

    async def _made(self, key: Hashable, make: Callable[[], Awaitable[MadeAnswer]]) -> KeptAnswer:
        kept = KeptAnswer(*await make())
        self._drop(key)
        if kept.size <= self._most_bytes // 8:
            self._answers[key] = kept
            self._grow(kept.size)
        return kept

    def _forget(self, making: tuple[Hashable, Hashable], task: asyncio.Task[KeptAnswer]) -> None:
        del self._making[making]
        retrieve(task)

    async def gzipped(self, key: Hashable, kept: KeptAnswer) -> bytes:
        """An answer as it is sent to those who take it gzipped."""
        if kept.gzipped is None:
            compress = partial(gzip.compress, kept.body, LEVEL, mtime=0)
            body = compress() if len(kept.body) < ASIDE_FROM else await asyncio.to_thread(compress)
            if kept.gzipped is None:
                kept.gzipped = body
                if self._answers.get(key) is kept:
                    self._grow(len(body))
        return kept.gzipped

    def _grow(self, size: int) -> None:
        self.size += size
        while self.size > self._most_bytes:
            self._drop(next(iter(self._answers)))

    def _drop(self, key: Hashable) -> None:
        dropped = self._answers.pop(key, None)
        if dropped is not None:
            self.size -= dropped.size


class TileCache(AnswerCache):
    """Tiles, and how those stand that are asked for now; `extent`: the box around all parks, at a version of theirs."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        super().__init__(most_bytes)
        self.extent: tuple[int, Box | None] | None = None
        self.states: SharedReading[TileAddress, TileState] = SharedReading()
