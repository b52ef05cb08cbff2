"""Geometries and boxes that a filter names, as the database takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from domain.errors import Malformed
from geo.cql2_text import FILTER, GEOMETRIES, Node
from geo.outline import SRID, invalid_reason

#: Positions (n, 2) in the system of the filter, in the order of its axes → longitudes and latitudes (n, 2).
Transform: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.float64]]
DEPTHS = dict(GEOMETRIES.values())
#: Straight pieces that each side of a box of a projected system is cut into, since it is bent in degrees.
SIDE_PIECES = 16
#: No ordinate on earth is greater in any system; far beyond, GEOS overflows.
FARTHEST = 1e9


def literal_ewkb(literal: Mapping[str, Node], transform: Transform | None, *, may_be_mixed: bool) -> bytes:
    """A geometry of GeoJSON, or `{"bbox": …}`, as EWKB in 4326; without `transform` it is in degrees, longitude first.

    A box whose west lies east of its east crosses 180°; one without width or height is a line or a point. Heights are
    left out. Collections become one geometry; `may_be_mixed`: also one of points, lines and areas together.
    Raises: Malformed for `filter` where it is none, invalid, or lies outside the system it is given in.
    """
    geometry = _box(literal["bbox"], transform) if "bbox" in literal else _placed(_shape(literal), transform)
    _check_place(shapely.get_coordinates(geometry))
    if not shapely.is_valid(geometry):
        _, place = invalid_reason(geometry)
        raise Malformed("shape_invalid", FILTER, lon=place["lon"], lat=place["lat"])
    if geometry.geom_type == "GeometryCollection":
        geometry = shapely.unary_union(geometry)
        if geometry.geom_type == "GeometryCollection" and not may_be_mixed:
            raise Malformed("filter_mixed", FILTER)
    return bytes(shapely.to_wkb(shapely.set_srid(geometry, SRID), include_srid=True))


def _check_place(positions: NDArray[np.float64]) -> None:
    if not (np.abs(positions) <= FARTHEST).all():  # NaN is not either
        raise Malformed("filter_outside_crs", FILTER)


def _placed(geometry: shapely.Geometry, transform: Transform | None) -> shapely.Geometry:
    return geometry if transform is None else shapely.transform(geometry, transform)


def _shape(literal: object) -> shapely.Geometry:
    kind = literal.get("type") if isinstance(literal, Mapping) else None
    if not isinstance(literal, Mapping) or kind not in DEPTHS:
        raise Malformed("filter_geometry", FILTER, type=kind, known=list(DEPTHS))
    if kind == "GeometryCollection":
        members = literal.get("geometries")
        if not isinstance(members, list) or not members:
            raise Malformed("geometry_empty", FILTER)
        return shapely.GeometryCollection([_shape(member) for member in members])
    try:
        return shape({"type": kind, "coordinates": _positions(literal.get("coordinates"), DEPTHS[kind])})
    except (ValueError, shapely.GEOSException) as fault:  # a line of one position, a ring of two
        raise Malformed("filter_positions", FILTER, type=kind) from fault


def _positions(value: object, depth: int) -> list[object]:
    """Raises: ValueError where they are nested otherwise, or are no two to four numbers."""
    if not isinstance(value, list) or not value:
        raise ValueError
    if depth:
        return [_positions(item, depth - 1) for item in value]
    return list(_numbers(value, (2, 3, 4))[:2])


def _numbers(value: object, counts: tuple[int, ...]) -> list[float]:
    if not isinstance(value, list) or len(value) not in counts:
        raise ValueError
    if any(isinstance(item, bool) or not isinstance(item, int | float) for item in value):
        raise ValueError
    return [float(item) for item in value]


def _box(value: object, transform: Transform | None) -> shapely.Geometry:
    try:
        numbers = _numbers(value, (4, 6))
    except ValueError as fault:
        raise Malformed("filter_bbox", FILTER) from fault
    half = len(numbers) // 2
    (x1, y1), (x2, y2) = numbers[:2], numbers[half : half + 2]
    corners = np.array([(x1, y1), (x2, y2), (x1, y2), (x2, y1)])
    if transform is not None:
        corners = transform(corners)
    _check_place(corners)
    (west, south), (east, north) = (tuple(map(float, corner)) for corner in corners[:2])
    if south > north:
        raise Malformed("bbox_order", FILTER)
    if west > east:
        return shapely.union_all([_rectangle(west, south, 180, north), _rectangle(-180, south, east, north)])
    if all(len(np.unique(ordinates)) <= 2 for ordinates in corners.T):
        return _rectangle(west, south, east, north)
    sides = shapely.segmentize(_rectangle(x1, y1, x2, y2), max(x2 - x1, y2 - y1) / SIDE_PIECES)
    return _placed(sides, transform)


def _rectangle(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)
