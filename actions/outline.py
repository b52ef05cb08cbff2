"""Outlines are read off the event loop: a large one takes tens of milliseconds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo.outline import Outline


async def read(geometry: object, *, field: str = "geometry") -> Outline:
    """The outline of a decoded GeoJSON geometry. Raises Invalid for each fault, at its own path below `field`."""
    return await asyncio.to_thread(_read, geometry, field)


def _read(geometry: object, field: str) -> Outline:
    from geo.outline import read_outline  # 45 MB of geometry that a process which only reads never needs

    return read_outline(geometry, field=field)
