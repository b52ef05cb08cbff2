"""GeoJSON as it is answered. Source: RFC 7946."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

#: Longitude, latitude; EPSG:4326, degrees.
Position = Annotated[list[float], Meta(min_length=2, max_length=2)]
Polygon = list[list[Position]]
_GEOMETRIES = [{"$ref": f"#/components/schemas/{name}"} for name in ("MultiPolygon", "Point")]
_NOTHING = {"type": "null"}


class MultiPolygon(Struct, forbid_unknown_fields=True, kw_only=True):
    """An outline, longitude first."""

    type: Literal["MultiPolygon"]
    coordinates: list[Polygon]


class Point(Struct, forbid_unknown_fields=True, kw_only=True):
    """Where a unit lies that has no outline yet, longitude first."""

    type: Literal["Point"]
    coordinates: Position


class GeometryCollection(Struct, forbid_unknown_fields=True, kw_only=True):
    """The outlines of several units."""

    type: Literal["GeometryCollection"]
    geometries: list[Annotated[Any, Meta(extra_json_schema={"oneOf": _GEOMETRIES})]]


#: An outline, a point, or nothing known.
UnitGeometry = Annotated[Any, Meta(extra_json_schema={"oneOf": [*_GEOMETRIES, _NOTHING]})]
#: The same of one unit or of several.
Geometry = Annotated[
    Any,
    Meta(extra_json_schema={"oneOf": [*_GEOMETRIES, {"$ref": "#/components/schemas/GeometryCollection"}, _NOTHING]}),
]
