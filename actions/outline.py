"""Outlines are read off the event loop: a large one takes tens of milliseconds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from domain.errors import Fault, Invalid
from domain.facts import refuse

if TYPE_CHECKING:
    from geo.outline import Outline


async def read(geometry: object, *, field: str = "geometry", beside: Sequence[Fault] = ()) -> Outline:
    """The outline of a decoded GeoJSON geometry.

    Raises: Invalid for each fault, at its own path below `field`, and for those of the values beside it.
    """
    try:
        outline = await asyncio.to_thread(_read, geometry, field)
    except Invalid as refusal:
        raise Invalid.of([*beside, *refusal.faults]) from refusal
    refuse(list(beside))
    return outline


def _read(geometry: object, field: str) -> Outline:
    from geo.outline import read_outline  # 45 MB of geometry that a process which only reads never needs

    return read_outline(geometry, field=field)
