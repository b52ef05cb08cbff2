"""Geometries of any system in degrees."""

from __future__ import annotations

import math
from typing import Any

import pytest

from geo.reference_systems import CRS84, ReferenceSystem, geometry_in_degrees, systems

BY_SRID = {system.srid: system for system in systems(105.0, 106.0)}
ZONE = BY_SRID[4544]


def line(*positions: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(positions)]}


def test_positions_are_turned_and_the_rest_is_left() -> None:
    turned = geometry_in_degrees({**line([29.6, 105.7, 300], [29, 105]), "bbox": [1]}, BY_SRID[4490])

    assert turned == {**line([105.7, 29.6, 300], [105, 29]), "bbox": [1]}
    assert geometry_in_degrees({"type": "Point", "coordinates": [29.6, 105.7]}, BY_SRID[4490]) == {
        "type": "Point",
        "coordinates": [105.7, 29.6],
    }
    same = line([105.7, 29.6])
    assert geometry_in_degrees(same, CRS84) is same


def test_a_place_is_the_same_in_metres() -> None:
    radius = 6378137  # spherical Mercator: EPSG guidance note 7-2, §3.2.1.2
    x, y = radius * math.radians(105.7), radius * math.log(math.tan(math.pi / 4 + math.radians(29.6) / 2))

    turned: Any = geometry_in_degrees({"type": "Point", "coordinates": [x, y]}, BY_SRID[3857])

    assert turned["coordinates"] == pytest.approx([105.7, 29.6], abs=1e-9)
    middle: Any = geometry_in_degrees({"type": "Point", "coordinates": [3276000.0, 500000.0]}, ZONE)
    assert middle["coordinates"] == pytest.approx([105, 29.6], abs=0.05)  # its middle meridian


@pytest.mark.parametrize("system", [BY_SRID[4326], ZONE, BY_SRID[3857]])
@pytest.mark.parametrize(
    "geometry",
    [
        None, 5, "x", [], {}, {"coordinates": None}, {"coordinates": []}, {"coordinates": [[], [[]]]},
        {"coordinates": ["a", "b"]}, {"coordinates": [True, False]}, {"coordinates": [1]},
    ],
)  # fmt: skip
def test_what_has_no_position_stays_as_it_is(geometry: object, system: ReferenceSystem) -> None:
    assert geometry_in_degrees(geometry, system) == geometry


def test_numbers_beyond_every_system_are_no_error() -> None:
    for number in (10**400, -(10**400), 1e308, 2.5e8):
        for system in BY_SRID.values():
            assert geometry_in_degrees({"type": "Point", "coordinates": [number, number]}, system) is not None
