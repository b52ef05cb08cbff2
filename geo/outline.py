"""A GeoJSON geometry from outside becomes an outline the database will take, or a refusal saying what would be right.

Three passes, each only over what the one before has let through: form (`geo/positions.py`: arrays, numbers, counts, no
GEOS yet), place (degrees within the window, x before y), shape (GEOS: validity and area). Before the last, coordinates
are rounded as they are given out: what is checked, measured and stored is the outline that everyone reads. Nothing else
is mended but the direction of rings and a third ordinate; the latter leaves an issue.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import shapely

from domain.errors import Fault, Invalid
from geo.measure import geodesic_area_m2
from geo.place import place_fault
from geo.positions import Ring, read_parts
from geo.zones import CHINA, Bbox

SRID = 4326
#: Of the degrees that are given out, about 1 cm. Source: RFC 7946 §11.2; `ST_AsGeoJSON(…, 7)`.
DECIMALS = 7
#: About 0.005 m² at 30° N, what rounds to 0.00 m².
LEAST_HULL_DEG2 = 5e-13
#: GEOS's words for what is wrong among the rings of one part whose rings are each sound, and ours.
HOLE_CODES = {
    "Self-intersection": "hole_crosses",
    "Hole lies outside shell": "hole_outside",
    "Holes are nested": "holes_nested",
    "Interior is disconnected": "interior_disconnected",
}


@dataclass(frozen=True, slots=True)
class Outline:
    """A valid multipolygon in 4326, outer rings counter-clockwise.

    `ewkb` carries the srid; `points` counts positions, closing ones too; `issues` are kept beside the record and shown.
    """

    ewkb: bytes
    measured_area_m2: Decimal
    bbox: Bbox
    points: int
    issues: tuple[Fault, ...] = ()


def read_outline(geojson: object, *, window: Bbox = CHINA, field: str = "geometry") -> Outline:
    """The outline a decoded GeoJSON Polygon or MultiPolygon describes.

    Raises: Invalid with every fault of the first pass that finds one, each at its own path below `field`.
    """
    parts, issues = read_parts(geojson, field)
    rings = [ring for part in parts for ring in part]
    fault = place_fault(rings, window, field)
    if fault is not None:
        raise Invalid.of([fault])
    shape = _rounded_shape(parts, field)
    area_m2 = geodesic_area_m2(shape)
    if area_m2 <= 0:
        raise Invalid("zero_area", field)
    west, south, east, north = (float(bound) for bound in shape.bounds)
    ewkb = shapely.to_wkb(shapely.set_srid(shape, SRID), include_srid=True)
    return Outline(ewkb, area_m2, (west, south, east, north), int(shapely.get_num_coordinates(shape)), issues)


def _rounded_shape(parts: Sequence[Sequence[Ring]], field: str) -> shapely.MultiPolygon:
    """The shape as it is given out. Raises Invalid with `too_fine` where only rounding spoils it."""
    try:
        return _shape([[Ring(ring.path, np.round(ring.xy, DECIMALS)) for ring in part] for part in parts], field)
    except Invalid as refusal:
        try:
            _shape(parts, field)
        except Invalid:
            raise refusal from None
        finer = [
            Fault("too_fine", fault.field, {**_place(fault, parts), "places": DECIMALS}) for fault in refusal.faults
        ]
        raise Invalid.of(finer) from refusal


def _place(fault: Fault, parts: Sequence[Sequence[Ring]]) -> dict[str, object]:
    """Where a fault lies: at the beginning of its ring where it is of all of it."""
    if "lon" in fault.params:
        return {name: fault.params[name] for name in ("lon", "lat")}
    ring = next(ring for part in parts for ring in part if ring.path == fault.field)
    lon, lat = (float(value) for value in ring.xy[0])
    return {"lon": lon, "lat": lat}


def _shape(parts: Sequence[Sequence[Ring]], field: str) -> shapely.MultiPolygon:
    lines = [[shapely.linearrings(ring.xy) for ring in part] for part in parts]
    faults = _ring_faults([ring for part in parts for ring in part], [line for part in lines for line in part])
    if faults:
        raise Invalid.of(faults)
    polygons = [shapely.polygons(part[0], holes=part[1:] or None) for part in lines]
    faults = _part_faults([part[0].path.rpartition("[")[0] for part in parts], polygons)
    if faults:
        raise Invalid.of(faults)
    shape = shapely.multipolygons(polygons)
    if not shapely.is_valid(shape):
        _, place = invalid_reason(shape)
        raise Invalid.of([Fault("polygons_overlap", f"{field}.coordinates", place)])
    return shapely.orient_polygons(shape)


def _ring_faults(rings: Sequence[Ring], lines: Sequence[shapely.LinearRing]) -> list[Fault]:
    """Flat rings first: their hull tells, as the area of a bow-tie is zero too."""
    hulls = shapely.area(shapely.convex_hull(lines))
    flat = [Fault("zero_area", ring.path) for ring, hull in zip(rings, hulls, strict=True) if hull < LEAST_HULL_DEG2]
    if flat:
        return flat
    filled = [shapely.polygons(line) for line in lines]
    crossing = [(ring, shape) for ring, shape in zip(rings, filled, strict=True) if not shapely.is_valid(shape)]
    return [Fault("self_intersection", ring.path, invalid_reason(shape)[1]) for ring, shape in crossing]


def _part_faults(paths: Sequence[str], polygons: Sequence[shapely.Polygon]) -> list[Fault]:
    faults = []
    for path, polygon in zip(paths, polygons, strict=True):
        if not shapely.is_valid(polygon):
            reason, place = invalid_reason(polygon)
            faults.append(Fault(HOLE_CODES.get(reason, "shape_invalid"), path, place))
    return faults


def invalid_reason(shape: shapely.Geometry) -> tuple[str, dict[str, object]]:
    """GEOS gives the reason and one place: `Self-intersection[105.7 29.6]`."""
    match = re.fullmatch(r"([^\[]*)\[(\S+) (\S+)\]", str(shapely.is_valid_reason(shape)))
    if match is None:
        return "", {"lon": None, "lat": None}
    return match[1], {"lon": float(match[2]), "lat": float(match[3])}
