"""The tiles that a process keeps, each at one version; the longest unused are forgotten, so that they fit in memory.

How a tile stands is read for every answer, for all who ask at once. Whoever asks for a tile at a version that is being
made waits for it: a write does not make it many times.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from api.shared_reading import SharedReading, retrieve
from geo.tile_matrix_set import Box, TileAddress
from store.tiles import TileState

#: Bytes of tiles in a process; what Python keeps beside each.
MOST_BYTES, BESIDE_EACH = 64 << 20, 500
#: Compressing more would hold up all other requests.
ASIDE_FROM, LEVEL = 32_768, 5
#: Id of a collection, and the tile.
Key = tuple[str, TileAddress]


@dataclass
class KeptTile:
    """Its bytes, and gzipped once somebody took them so."""

    version: int
    body: bytes
    gzipped: bytes | None = None

    @property
    def size(self) -> int:
        return len(self.body) + len(self.gzipped or b"") + BESIDE_EACH


class TileCache:
    """Tiles by key; `extent`: the box around all parks, at a version of their outlines."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.extent: tuple[int, Box | None] | None = None
        self.size = 0
        self._most_bytes = most_bytes
        self._tiles: OrderedDict[Key, KeptTile] = OrderedDict()
        self._making: dict[tuple[Key, int], asyncio.Task[KeptTile]] = {}
        self.states: SharedReading[TileAddress, TileState] = SharedReading()

    async def tile(self, key: Key, version: int, make: Callable[[], Awaitable[tuple[int, bytes]]]) -> KeptTile:
        """The tile at this version or a later one; `make` gives its version and bytes where it is not kept."""
        kept = self._tiles.get(key)
        if kept is not None and kept.version == version:
            self._tiles.move_to_end(key)
            return kept
        making = self._making.get((key, version))
        if making is None:
            making = self._making[key, version] = asyncio.create_task(self._made(key, make))
            making.add_done_callback(partial(self._forget, (key, version)))
        return await asyncio.shield(making)  # one who hangs up does not end it for the others

    async def _made(self, key: Key, make: Callable[[], Awaitable[tuple[int, bytes]]]) -> KeptTile:
        kept = KeptTile(*await make())
        self._drop(key)
        self._tiles[key] = kept
        self._grow(kept.size)
        return kept

    def _forget(self, making: tuple[Key, int], task: asyncio.Task[KeptTile]) -> None:
        del self._making[making]
        retrieve(task)

    async def gzipped(self, key: Key, kept: KeptTile) -> bytes:
        """A tile as it is sent to those who take it gzipped."""
        if kept.gzipped is None:
            compress = partial(gzip.compress, kept.body, LEVEL, mtime=0)
            body = compress() if len(kept.body) < ASIDE_FROM else await asyncio.to_thread(compress)
            if kept.gzipped is None:
                kept.gzipped = body
                if self._tiles.get(key) is kept:
                    self._grow(len(body))
        return kept.gzipped

    def _grow(self, size: int) -> None:
        self.size += size
        while self.size > self._most_bytes:
            self._drop(next(iter(self._tiles)))

    def _drop(self, key: Key) -> None:
        dropped = self._tiles.pop(key, None)
        if dropped is not None:
            self.size -= dropped.size
