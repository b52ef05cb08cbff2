"""The reference systems that features are answered in: those of the standards, and the zones that the parks lie in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from domain.actor import Actor
from domain.errors import Malformed
from geo.reference_systems import CRS84, Box, ReferenceSystem, systems
from store import features
from store.db import Database

#: Of a service without any park: the middle of China's zones.
CRS84_MIDDLE: Final = 105.0


async def systems_offered(db: Database, actor: Actor) -> tuple[Box | None, tuple[ReferenceSystem, ...]]:
    """The box around all parks, and the systems that features are given in there."""
    async with db.read(actor) as conn:
        box = await features.extent(conn)
    return box, systems(*((CRS84_MIDDLE, CRS84_MIDDLE) if box is None else (box[0], box[2])))


async def system_of(db: Database, actor: Actor, text: str | None) -> ReferenceSystem:
    """The system that the parameter `crs` names; CRS84 where there is none. Raises Malformed for one not offered."""
    return CRS84 if text is None else system_named(text, "crs", (await systems_offered(db, actor))[1])


def system_named(text: str, parameter: str, known: Sequence[ReferenceSystem]) -> ReferenceSystem:
    """The system of an address, or of its short name. Raises Malformed naming the parameter for one not offered."""
    for system in known:
        if text in (system.uri, f"EPSG:{system.srid}" if system is not CRS84 else "CRS84"):
            return system
    raise Malformed("crs_not_offered", parameter, allowed=[system.uri for system in known])


def written_in(system: ReferenceSystem, zoom: int | None = None) -> features.GeometryForm:
    """How pages write geometries in a system: in the order of its axes; for a zoom of WebMercatorQuad."""
    return features.GeometryForm(system.srid, system.is_north_first, system.places, zoom)


def content_crs(system: ReferenceSystem) -> dict[str, str]:
    """The header that names the system of an answer. Source: OGC API Features part 2 §6.3.4."""
    return {"Content-Crs": f"<{system.uri}>"}
