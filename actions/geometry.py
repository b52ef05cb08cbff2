"""Geometries are read off the event loop: a large one takes tens of milliseconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from domain.errors import Fault, Invalid
from domain.facts import refuse

if TYPE_CHECKING:
    from geo.geometry import Geometry
    from geo.outline import Outline

T = TypeVar("T")


async def read_outline(geometry: object, *, field: str = "geometry", beside: Sequence[Fault] = ()) -> Outline:
    """The outline of a decoded GeoJSON geometry.

    Raises: Invalid for each fault, at its own path below `field`, and for those of the values beside it.
    """
    return await _off_loop(_read_outline, geometry, field, beside)


async def read_geometry(geometry: object, *, field: str = "geometry", beside: Sequence[Fault] = ()) -> Geometry:
    """The outline or the point of a unit. Empty: null is None. Raises: as `read_outline`."""
    return await _off_loop(_read_geometry, geometry, field, beside)


async def _off_loop(reader: Callable[[object, str], T], geometry: object, field: str, beside: Sequence[Fault]) -> T:
    try:
        place = await asyncio.to_thread(reader, geometry, field)
    except Invalid as refusal:
        raise Invalid.of([*beside, *refusal.faults]) from refusal
    refuse(list(beside))
    return place


def _read_geometry(geometry: object, field: str) -> Geometry:
    from geo.geometry import read_geometry as read_now  # as below

    return read_now(geometry, field=field)


def _read_outline(geometry: object, field: str) -> Outline:
    from geo.outline import read_outline as read_now  # 45 MB of geometry that a process which only reads never needs

    return read_now(geometry, field=field)
