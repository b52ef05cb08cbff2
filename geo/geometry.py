"""Where a unit lies: its outline, a point while nobody has drawn one, or nothing at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely

from domain.errors import Fault, Invalid
from geo.outline import DECIMALS, SRID, Outline, read_outline
from geo.place import place_fault
from geo.positions import OUTLINES, read_position
from geo.zones import CHINA, Bbox


@dataclass(frozen=True, slots=True)
class UnitPoint:
    """A point in 4326. `ewkb` carries the srid; `issues` are kept beside the record and shown."""

    ewkb: bytes
    issues: tuple[Fault, ...] = ()


Geometry = Outline | UnitPoint | None


def read_geometry(geojson: object, *, window: Bbox = CHINA, field: str = "geometry") -> Geometry:
    """The outline of a decoded GeoJSON Polygon or MultiPolygon, or a Point, rounded like one. Empty: null is None.

    Raises: Invalid as `read_outline`, each fault at its own path below `field`.
    """
    if geojson is None:
        return None
    if isinstance(geojson, Mapping) and geojson.get("type") in OUTLINES:
        return read_outline(geojson, window=window, field=field)
    position, issues = read_position(geojson, field)
    fault = place_fault([position], window, field)
    if fault is not None:
        raise Invalid.of([replace(fault, field=position.path)])
    lon, lat = np.round(position.xy[0], DECIMALS)
    point = shapely.set_srid(shapely.Point(lon, lat), SRID)
    return UnitPoint(shapely.to_wkb(point, include_srid=True), issues)
