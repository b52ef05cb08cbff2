"""The reference systems that features are given in: their names, which axis comes first, and boxes in them.

Source: OGC handbook §5.3; EPSG. CGCS2000 and WGS 84 lie less than a metre apart and are one here, as in PostGIS.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    from geo.cql2_geometry import Transform

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class ReferenceSystem:
    """A system by its OGC name; `srid` of EPSG. `places`: decimals of a coordinate, about a centimetre or finer."""

    uri: str
    srid: int
    is_north_first: bool
    is_projected: bool

    @property
    def places(self) -> int:
        return 3 if self.is_projected else 7


def _epsg(srid: int, *, is_north_first: bool, is_projected: bool) -> ReferenceSystem:
    uri = f"http://www.opengis.net/def/crs/EPSG/0/{srid}"
    return ReferenceSystem(uri, srid, is_north_first, is_projected)


CRS84: Final = ReferenceSystem("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326, False, False)
ALWAYS: Final = (
    CRS84,
    _epsg(4326, is_north_first=True, is_projected=False),
    _epsg(4490, is_north_first=True, is_projected=False),
    _epsg(3857, is_north_first=False, is_projected=True),
)
#: The first of the CGCS2000 zones of 3° by number, 25: eastings without it and with it.
FIRST_ZONE, WITHOUT_NUMBER, WITH_NUMBER = 25, 4534, 4513
#: No place of the earth lies farther from the origin of a system, metres.
MOST_M: Final = 2e8
#: At most 20 systems a collection.
MOST_ZONES: Final = 8


def systems(west: float, east: float) -> tuple[ReferenceSystem, ...]:
    """The systems for data between two longitudes: those that always are, and the 3° zones they touch, both series."""
    first, last = (min(max(math.floor(lon / 3 + 0.5), FIRST_ZONE), FIRST_ZONE + 20) for lon in (west, east))
    zones = range(first, min(last, first + MOST_ZONES - 1) + 1)
    return ALWAYS + tuple(
        _epsg(series + zone - FIRST_ZONE, is_north_first=True, is_projected=True)
        for zone in zones
        for series in (WITHOUT_NUMBER, WITH_NUMBER)
    )


def in_degrees(box: Sequence[float], system: ReferenceSystem) -> Box | None:
    """A box of a system, in its order of axes, as west, south, east, north; None where it meets no place of the earth.

    West of 180° may be east of east, as sent. Nothing beyond the poles or a system's own extent is an error.
    """
    x1, y1, x2, y2 = (box[1], box[0], box[3], box[2]) if system.is_north_first else box
    if not system.is_projected:
        if y1 > 90 or y2 < -90:
            return None
        return _within(x1, 180), max(y1, -90.0), _within(x2, 180), min(y2, 90.0)
    x1, y1, x2, y2 = (_within(value, MOST_M) for value in (x1, y1, x2, y2))
    west, south, east, north = _transformer(system.srid).transform_bounds(x1, y1, x2, y2)
    if not all(map(math.isfinite, (west, south, east, north))):
        return None
    return west, south, east, north


def into_degrees(system: ReferenceSystem) -> Transform | None:
    """Turns positions of a system, in its order of axes, into longitudes and latitudes; None where they are these."""
    if system == CRS84:
        return None

    def turned(positions: NDArray[np.float64]) -> NDArray[np.float64]:
        x_y = positions[:, ::-1] if system.is_north_first else positions
        if not system.is_projected:
            return x_y
        return np.column_stack(_transformer(system.srid).transform(x_y[:, 0], x_y[:, 1]))

    return turned


def geometry_in_degrees(geometry: object, system: ReferenceSystem) -> object:
    """A decoded GeoJSON geometry of a system, in its order of axes, with longitude and latitude in every position.

    What is no position, or lies on no place of the earth, stays as it is: whoever reads the geometry refuses it.
    """
    turned = into_degrees(system)
    if turned is None or not isinstance(geometry, dict):
        return geometry
    positions: list[list[Any]] = []
    coordinates = _copied(geometry.get("coordinates"), positions)
    if not positions:
        return geometry
    xy = np.array([[float(_within(value, MOST_M)) for value in position[:2]] for position in positions])
    for position, (lon, lat) in zip(positions, turned(xy).tolist(), strict=True):
        if math.isfinite(lon) and math.isfinite(lat):
            position[:2] = [lon, lat]
    return {**geometry, "coordinates": coordinates}


def _copied(value: object, positions: list[list[Any]]) -> object:
    """The same arrays in arrays, and in `positions` those of them that are two numbers or more."""
    if not isinstance(value, list):
        return value
    if len(value) > 1 and all(isinstance(number, int | float) and not isinstance(number, bool) for number in value[:2]):
        positions.append(position := list(value))
        return position
    return [_copied(item, positions) for item in value]


def _within(value: float, most: float) -> float:
    return min(max(value, -most), most)


@cache
def _transformer(srid: int) -> pyproj.Transformer:
    import pyproj

    return pyproj.Transformer.from_crs(srid, 4326, always_xy=True)
