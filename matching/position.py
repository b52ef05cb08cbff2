"""Where units lie: distances as chords between unit vectors, or straight in a plane, and whether a point lies inside an
area, exactly.

Units: degrees in steps of 1e-7, unit vectors in steps of 1e-9, a plane's metres in steps of 0.001, all whole
numbers, so every test is exact and every distance the same bits everywhere. Source: model R1 §5.1, rule H13.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from domain.fields import LATITUDE, LONGITUDE
from matching.scaled import Floats, Ints, Mask

#: Mean radius of the earth, m. Source: IUGG, (2a + b) / 3 of GRS 80.
EARTH_M = 6_371_008.8
DEGREE = 10_000_000
UNIT = 1_000_000_000
#: A position in a catalogue: degrees for areas, a unit vector for distances.
POSITION = ("lon_e7", "lat_e7", "x_e9", "y_e9", "z_e9")
#: A position in a plane, in steps of 1/MILLIMETRE.
PLANE = ("x_mm", "y_mm")
#: Of a ring, the last of them the first. Source: RFC 7946 §3.1.6.
LEAST_POSITIONS = 4
MILLIMETRE = 1000


def unit_vector(lon: float, lat: float) -> tuple[int, int, int]:
    """The point as a unit vector in steps of 1e-9."""
    east, north = math.radians(lon), math.radians(lat)
    across = math.cos(north)
    return round(across * math.cos(east) * UNIT), round(across * math.sin(east) * UNIT), round(math.sin(north) * UNIT)


def distances_m(axes: Sequence[Ints], vector: tuple[int, ...]) -> Floats:
    """How far each point lies from one, m: the chord on three axes, straight in the plane on two."""
    parts = [np.subtract(values, step, dtype=np.int64) for values, step in zip(axes, vector, strict=True)]
    if len(parts) == len(PLANE):
        x, y = (part.astype(np.float64) for part in parts)  # their squares need not fit a whole number
        flat: Floats = np.sqrt(x * x + y * y) / MILLIMETRE
        return flat
    for part in parts:
        part *= part
    parts[0] += parts[1]
    parts[0] += parts[2]
    metres: Floats = parts[0].astype(np.float64)
    np.sqrt(metres, out=metres)
    metres /= UNIT
    metres *= EARTH_M
    return metres


def apart_m(point: tuple[float, float], other: tuple[float, float]) -> float:
    """How far two points (lon, lat) lie from each other: the chord, m."""
    axes = [np.array([part], np.int64) for part in unit_vector(*point)]
    return float(distances_m(axes, unit_vector(*other))[0])


@dataclass(frozen=True, eq=False)
class Region:
    """An area as its edges. Shapes: one entry an edge, closing ones too. Units: 1e-7 degrees."""

    x1: Ints
    y1: Ints
    x2: Ints
    y2: Ints

    @classmethod
    def of(cls, geometry: Mapping[str, Any]) -> Region:
        """The area of a decoded GeoJSON Polygon or MultiPolygon, valid by RFC 7946.

        Raises: ValueError for another type, no ring at all, a ring that is open, and positions outside the earth.
        """
        if geometry["type"] not in ("Polygon", "MultiPolygon"):
            raise ValueError("neither Polygon nor MultiPolygon")
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        rings = [_scaled(ring) for part in parts for ring in part]
        starts = np.concatenate([ring[:-1] for ring in rings])
        ends = np.concatenate([ring[1:] for ring in rings])
        return cls(starts[:, 0], starts[:, 1], ends[:, 0], ends[:, 1])

    def contains(self, lon: Ints, lat: Ints) -> Mask:
        """Whether each point lies inside or on the edge: even-odd by crossings of a ray to the east.

        Points are taken in the order of their latitude, so an edge meets those alone that lie level with it.
        """
        inside = np.zeros(len(lon), np.bool_)
        boxed = (lon >= self.x1.min()) & (lon <= self.x1.max()) & (lat >= self.y1.min()) & (lat <= self.y1.max())
        rows = np.flatnonzero(boxed)
        rows = rows[np.argsort(lat[rows], kind="stable")]
        x, y = lon[rows].astype(np.int64), lat[rows].astype(np.int64)
        odd, touched = np.zeros(len(rows), np.bool_), np.zeros(len(rows), np.bool_)
        low, high = np.minimum(self.y1, self.y2), np.maximum(self.y1, self.y2)
        first, last = np.searchsorted(y, low, "left"), np.searchsorted(y, high, "right")
        for edge in np.flatnonzero(first < last):
            level = slice(int(first[edge]), int(last[edge]))
            rise, run = int(self.y2[edge] - self.y1[edge]), int(self.x2[edge] - self.x1[edge])
            across, along = (x[level] - self.x1[edge]) * rise, (y[level] - self.y1[edge]) * run
            between = (x[level] >= min(self.x1[edge], self.x2[edge])) & (x[level] <= max(self.x1[edge], self.x2[edge]))
            touched[level] |= (across == along) & between
            odd[level] ^= (y[level] < high[edge]) & ((across < along) if rise > 0 else (across > along))
        inside[rows] = odd | touched
        return inside


def _scaled(ring: Sequence[Sequence[float]]) -> Ints:
    degrees = np.array([position[:2] for position in ring], np.float64)
    if not (np.abs(degrees) <= [float(LONGITUDE.most), float(LATITUDE.most)]).all():
        raise ValueError("a position outside the earth")
    steps: Ints = np.rint(degrees * DEGREE).astype(np.int64)
    if len(steps) < LEAST_POSITIONS or (steps[0] != steps[-1]).any():
        raise ValueError("a ring that is not closed")
    return steps
