"""Outlines are read off the event loop: a large one takes tens of milliseconds."""

from __future__ import annotations

import asyncio

from geo.outline import Outline, read_outline


async def read(geometry: object) -> Outline:
    """The outline of a decoded GeoJSON geometry. Raises Invalid for each fault, at its own path below `geometry`."""
    return await asyncio.to_thread(read_outline, geometry)
