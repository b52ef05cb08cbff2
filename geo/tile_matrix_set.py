"""WebMercatorQuad: which tiles there are, where each lies, and which of them lie over a box.

Columns go east and rows south, from 180° west and the top. Source: OGC 17-083r4, annex D.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from geo.reference_systems import Box

ID: Final = "WebMercatorQuad"
URI: Final = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
CRS: Final = "http://www.opengis.net/def/crs/EPSG/0/3857"
#: The last zoom of tiles here: a step of 4096 is 4 cm. The set itself goes to 24.
DEEPEST, DEEPEST_OF_ALL = 18, 24
#: Versions of what is shown are kept by tile of this zoom (migration 0023).
CELL_ZOOM: Final = 10
#: The earth as Mercator takes it, metres; half the side of the square map.
RADIUS_M: Final = 6378137.0
HALF_M: Final = math.pi * RADIUS_M
#: Scale denominator of a step of 1 m: a step of a screen is 0.28 mm.
STEPS_PER_M: Final = 1 / 0.00028
#: Steps of a tile on a screen.
STEPS: Final = 256
#: Where the square map ends, degrees.
NORTH: Final = math.degrees(math.atan(math.sinh(math.pi)))


@dataclass(frozen=True)
class TileAddress:
    """A tile by its zoom, row and column."""

    z: int
    row: int
    column: int

    @property
    def box_m(self) -> Box:
        """Where it lies in EPSG:3857, metres."""
        side = 2 * HALF_M / 2**self.z
        west, north = self.column * side - HALF_M, HALF_M - self.row * side
        return west, north - side, west + side, north

    @property
    def cells(self) -> tuple[int, int, int, int]:
        """First and last column, first and last row of the cells under it; of a small tile the one it lies in."""
        columns = _under(self.column, CELL_ZOOM - self.z)
        return *columns, *_under(self.row, CELL_ZOOM - self.z)


def _under(n: int, zooms: int) -> tuple[int, int]:
    return (n << zooms, (n + 1 << zooms) - 1) if zooms >= 0 else (n >> -zooms, n >> -zooms)


@dataclass(frozen=True)
class TileLimits:
    """The tiles of a zoom that lie over a box; of both rows and columns first and last."""

    z: int
    rows: tuple[int, int]
    columns: tuple[int, int]


def in_degrees(box_m: Sequence[float]) -> Box:
    """A box of EPSG:3857 as west, south, east, north in degrees."""
    west, south, east, north = box_m
    return _longitude(west), _latitude(south), _longitude(east), _latitude(north)


def in_metres(box: Sequence[float]) -> Box:
    """A box in degrees as one of EPSG:3857."""
    west, south, east, north = box
    return _x(west), _y(south), _x(east), _y(north)


def _longitude(x: float) -> float:
    return math.degrees(x / RADIUS_M)


def _latitude(y: float) -> float:
    return math.degrees(math.atan(math.sinh(y / RADIUS_M)))


@lru_cache
def limits(box: Box, z: int) -> TileLimits:
    """The tiles over a box in degrees, west, south, east, north."""
    west, south, east, north = box
    return TileLimits(z, (_row(north, z), _row(south, z)), (_column(west, z), _column(east, z)))


def _x(longitude: float) -> float:
    return math.radians(longitude) * RADIUS_M


def _y(latitude: float) -> float:
    return math.asinh(math.tan(math.radians(min(max(latitude, -NORTH), NORTH)))) * RADIUS_M


def _column(longitude: float, z: int) -> int:
    return _within((longitude + 180) / 360, z)


def _row(latitude: float, z: int) -> int:
    return _within((1 - _y(latitude) / HALF_M) / 2, z)


def _within(share: float, z: int) -> int:
    tiles = 1 << z
    return min(max(int(share * tiles), 0), tiles - 1)
