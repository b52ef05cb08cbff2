"""Areas on the ellipsoid, never on a map projection."""

from __future__ import annotations

from decimal import Decimal

import pyproj.network
import shapely
from pyproj import Geod

from domain.quantity import two_places

pyproj.network.set_network_enabled(active=False)  # type: ignore[attr-defined]
#: As PostGIS measures `geography` in 4326. CGCS2000's flattening differs in the eighth digit: below 1e-4 m² on 1 km².
ELLIPSOID = Geod(ellps="WGS84")


def geodesic_area_m2(geometry: shapely.Polygon | shapely.MultiPolygon) -> Decimal:
    """Area within the outline, holes taken out, to 0.01 m²; the direction of its rings does not count."""
    return two_places(Decimal(sum(_part_area_m2(part) for part in shapely.get_parts(geometry))))


def _part_area_m2(part: shapely.Polygon) -> float:
    return _ring_area_m2(part.exterior) - sum(_ring_area_m2(hole) for hole in part.interiors)


def _ring_area_m2(ring: shapely.LinearRing) -> float:
    x, y = shapely.get_coordinates(ring).T
    area, _ = ELLIPSOID.polygon_area_perimeter(x, y)
    return abs(float(area))
