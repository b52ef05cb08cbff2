"""Whether two geometries are one, however each is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, shape

#: Degrees that count, about 1 cm. Source: RFC 7946 §11.2.
GRID = 1e-7


def is_same_geometry(first: Mapping[str, Any] | None, second: Mapping[str, Any] | None) -> bool:
    """Whether two GeoJSON geometries are one, wherever their rings begin and whichever way they run."""
    if first is None or second is None:
        return first is second
    shapes = [shapely.normalize(_multi(shapely.set_precision(shape(dict(each)), GRID))) for each in (first, second)]
    return bool(shapely.equals_exact(*shapes, tolerance=GRID))


def _multi(geometry: Any) -> Any:
    return MultiPolygon([geometry]) if geometry.geom_type == "Polygon" else geometry
