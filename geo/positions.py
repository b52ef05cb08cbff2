"""The form of a GeoJSON polygon or point: arrays in arrays, numbers in positions, counts within limits; no GEOS.

Counts are taken before positions are looked at, so that a body of a million vertices costs its decoding only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from domain.errors import Fault, Invalid

#: Depth of `coordinates` by type: a position, rings of positions, or parts of them.
DEPTHS = {"Point": 1, "Polygon": 3, "MultiPolygon": 4}
OUTLINES = ("Polygon", "MultiPolygon")
MEMBERS = frozenset({"type", "coordinates", "bbox"})
#: Surveyed plots have tens of vertices, digitised parks a few thousand; validity checks grow faster than the count.
MOST_VERTICES = 20_000
MOST_RINGS = 1_000
LEAST_POSITIONS = 4
#: No projected coordinate on earth is larger: zone-numbered eastings end at 60,999,999 m.
LARGEST_COORDINATE = 1e8


@dataclass(frozen=True, slots=True)
class Ring:
    """One ring and where it stood.

    Shapes: `xy` is (positions, 2), lon and lat.
    """

    path: str
    xy: NDArray[np.float64]


@dataclass(slots=True)
class Reading:
    """What is being gathered while positions are read."""

    faults: list[Fault] = field(default_factory=list)
    altitudes: int = 0

    def add(self, code: str, path: str, **params: object) -> None:
        self.faults.append(Fault(code, path, params))


def read_parts(geojson: object, path: str) -> tuple[list[list[Ring]], tuple[Fault, ...]]:
    """Parts of rings, the outer ring first, and the issues to keep.

    Raises: Invalid where the form is wrong; once the counts are right, with every fault.
    """
    kind, coordinates = _members(geojson, path, OUTLINES)
    inside = f"{path}.coordinates"
    first = coordinates[: MOST_RINGS + 1]
    parts = [(inside, coordinates)] if kind == "Polygon" else [(f"{inside}[{n}]", p) for n, p in enumerate(first)]
    rings = [_rings(part, at, kind) for at, part in parts]
    _check_counts(rings, inside)
    reading = Reading()
    parsed = [[_ring(ring, at, kind, reading) for at, ring in part] for part in rings]
    if reading.faults:
        raise Invalid.of(reading.faults)
    dropped = Fault("altitude_dropped", inside, {"positions": reading.altitudes})
    return parsed, (dropped,) if reading.altitudes else ()


def read_position(geojson: object, path: str) -> tuple[Ring, tuple[Fault, ...]]:
    """The one position of a point, and the issues to keep. Raises: as `read_parts`."""
    kind, coordinates = _members(geojson, path, tuple(DEPTHS))
    inside, reading = f"{path}.coordinates", Reading()
    if not coordinates:
        raise Invalid("geometry_empty", inside)
    xy = _position(coordinates, inside, kind, reading)
    if reading.faults:
        raise Invalid.of(reading.faults)
    dropped = Fault("altitude_dropped", inside, {"positions": 1})
    return Ring(inside, np.array([xy])), (dropped,) if reading.altitudes else ()


def _members(geojson: object, path: str, allowed: Sequence[str]) -> tuple[str, list[object]]:
    if not isinstance(geojson, Mapping):
        raise Invalid("geometry_not_object", path, got=json_type(geojson))
    kind = geojson.get("type")
    if not isinstance(kind, str) or kind not in allowed:
        got = kind[:40] if isinstance(kind, str) else json_type(kind)
        raise Invalid("geometry_type", f"{path}.type", got=got, allowed=", ".join(allowed))
    unknown = sorted(str(name)[:40] for name in geojson.keys() - MEMBERS)
    if unknown:
        raise Invalid.of([Fault("unknown_field", f"{path}.{name}", {"name": name}) for name in unknown])
    coordinates = geojson.get("coordinates")
    if not isinstance(coordinates, list):
        raise _depth_fault(f"{path}.coordinates", kind, coordinates)
    return kind, coordinates


def _depth_fault(path: str, kind: str, got: object) -> Invalid:
    return Invalid("coordinates_depth", path, type=kind, depth=DEPTHS[kind], got=json_type(got))


def _rings(part: object, path: str, kind: str) -> list[tuple[str, list[object]]]:
    if not isinstance(part, list):
        raise _depth_fault(path, kind, part)
    if len(part) == 0:
        raise Invalid("geometry_empty", path)
    if len(part) > MOST_RINGS:
        raise Invalid("too_many_rings", path, most=MOST_RINGS)
    rings: list[tuple[str, list[object]]] = []
    for number, ring in enumerate(part):
        if not isinstance(ring, list):
            raise _depth_fault(f"{path}[{number}]", kind, ring)
        rings.append((f"{path}[{number}]", ring))
    return rings


def _check_counts(parts: Sequence[Sequence[tuple[str, list[object]]]], path: str) -> None:
    lengths = [len(ring) for part in parts for _, ring in part]
    if sum(lengths) == 0:
        raise Invalid("geometry_empty", path)
    if len(lengths) > MOST_RINGS:
        raise Invalid("too_many_rings", path, most=MOST_RINGS)
    if sum(lengths) > MOST_VERTICES:
        raise Invalid("too_many_vertices", path, vertices=sum(lengths), most=MOST_VERTICES)


def _ring(positions: list[object], path: str, kind: str, reading: Reading) -> Ring:
    faults_before = len(reading.faults)
    xy = [_position(position, f"{path}[{number}]", kind, reading) for number, position in enumerate(positions)]
    if len(xy) < LEAST_POSITIONS:
        reading.add("ring_too_short", path, positions=len(xy), least=LEAST_POSITIONS)
    elif len(reading.faults) == faults_before and xy[0] != xy[-1]:
        reading.add("ring_not_closed", path, first=_shown(xy[0]), last=_shown(xy[-1]))
    return Ring(path, np.array(xy, dtype=np.float64).reshape(-1, 2))


def _position(position: object, path: str, kind: str, reading: Reading) -> tuple[float, float]:
    if not isinstance(position, list) or any(isinstance(value, list) for value in position):
        raise _depth_fault(path, kind, position)
    if len(position) not in (2, 3):
        reading.add("position_length", path, got=len(position))
        return 0.0, 0.0
    reading.altitudes += len(position) == 3
    x, y, *_ = [_number(value, path, axis, reading) for axis, value in enumerate(position)]
    return x, y


def _number(value: object, path: str, axis: int, reading: Reading) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        reading.add("coordinate_not_number", f"{path}[{axis}]", got=json_type(value))
        return 0.0
    if not abs(value) < math.inf:  # NaN too
        reading.add("coordinate_not_finite", f"{path}[{axis}]", got=str(value))
        return 0.0
    if abs(value) > LARGEST_COORDINATE:
        got = f"{value:.4g}" if isinstance(value, float) else "> 1e8"
        reading.add("coordinate_out_of_range", f"{path}[{axis}]", got=got)
        return 0.0
    return float(value)


def _shown(xy: tuple[float, float]) -> str:
    return f"[{xy[0]}, {xy[1]}]"


JSON_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}


def json_type(value: object) -> str:
    """The JSON name of a decoded value's type."""
    return "null" if value is None else JSON_TYPES.get(type(value), type(value).__name__)
