"""Areas on the ellipsoid against values found another way."""

from __future__ import annotations

import math
from decimal import Decimal

import pyproj
import pytest
import shapely

from geo.measure import geodesic_area_m2

CELL = shapely.box(105.7, 29.6, 105.701, 29.601)


def test_cell_equals_the_closed_formula_between_parallels() -> None:
    area = geodesic_area_m2(CELL)

    assert area == Decimal("10737.67")
    assert float(area) == pytest.approx(cell_m2(0.001, 29.6, 29.601), abs=0.01)


def cell_m2(width: float, south: float, north: float) -> float:
    """Area between two meridians and two parallels of WGS84; over 100 m a parallel is a geodesic to 0.001 m²."""
    a, f = 6_378_137.0, 1 / 298.257223563
    e = math.sqrt(f * (2 - f))

    def zone(latitude: float) -> float:
        s = math.sin(math.radians(latitude))
        return s / (1 - (e * s) ** 2) + math.atanh(e * s) / e

    return (a * (1 - f)) ** 2 / 2 * math.radians(width) * (zone(north) - zone(south))


def test_antarctica_equals_the_published_example() -> None:
    """Source: GeographicLib's documentation, its 18-point Antarctica."""
    lat_lon = [
        *[(-63.1, -58), (-72.9, -74), (-71.9, -102), (-74.9, -102), (-74.3, -131), (-77.5, -163)],
        *[(-77.4, 163), (-71.7, 172), (-65.9, 140), (-65.7, 113), (-66.6, 88), (-66.9, 59)],
        *[(-69.8, 25), (-70.0, -4), (-71.0, -14), (-77.3, -33), (-77.9, -46), (-74.7, -61)],
    ]

    area = geodesic_area_m2(shapely.Polygon([(lon, lat) for lat, lon in lat_lon]))

    assert float(area) == pytest.approx(13_662_703_680_020.1, abs=0.1)


def test_plane_area_in_the_local_zone_is_within_three_in_ten_thousand() -> None:
    plot = shapely.Polygon([(105.71, 29.70), (105.72, 29.701), (105.719, 29.709), (105.708, 29.706)])
    to_plane = pyproj.Transformer.from_crs(4326, 4544, always_xy=True)

    plane = shapely.transform(plot, to_plane.transform, interleaved=False).area

    assert float(geodesic_area_m2(plot)) == pytest.approx(plane, rel=3e-4)


def test_hole_is_taken_out_and_parts_are_added_whatever_their_direction() -> None:
    hole = shapely.box(105.7002, 29.6002, 105.7004, 29.6004)
    holed = shapely.Polygon(CELL.exterior.coords, [hole.exterior.coords])
    pair = shapely.MultiPolygon([holed, shapely.box(105.71, 29.6, 105.711, 29.601).reverse()])

    areas = [geodesic_area_m2(shape) for shape in (CELL, hole, holed, holed.reverse(), pair)]

    assert areas[2] == areas[3]
    assert float(areas[2]) == pytest.approx(float(areas[0] - areas[1]), abs=0.011)
    assert float(areas[4]) == pytest.approx(float(areas[2] + areas[0]), abs=0.011)


def test_network_is_off() -> None:
    assert pyproj.network.is_network_enabled() is False  # type: ignore[attr-defined]
