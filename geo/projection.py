"""Reference systems of survey files: which one a file is in, its outlines in degrees, why one is not in it."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from domain.errors import Fault, Invalid
from geo.zones import CHINA, LARGEST_DEGREE, likely_crs, without_zone, zone_of

if TYPE_CHECKING:
    import pyproj

#: Datums that lie some 100 m beside CGCS2000; only local parameters bring them closer. Source: CH/T 2014-2016.
OLD_DATUMS = re.compile(r"beijing|xi'?an", re.IGNORECASE)
CGCS2000 = "EPSG:4490"
#: How far from the middle of its zone an easting lies, and northings of China, in metres; zones are at most 6° wide,
#: and surveys go on a little into the next. Source: GB/T 18314; PROJ, 3° to 54° N.
MOST_OFF_M, NORTHINGS_M = 500_000.0, (300_000.0, 6_000_000.0)
#: The middle of a zone whose number does not lead its eastings.
PLAIN_MIDDLE_M = 500_000.0
Projection = Callable[[Any], tuple[Any, Fault | None]]


def reference_system(named: str | None, requested: str | None, file: str) -> tuple[pyproj.CRS, list[Fault]]:
    """The system outlines are read in, and what to tell of it. What the caller says comes before what the file says."""
    own = None if named is None else _system(named)
    if requested is None:
        if own is None:
            raise Invalid("crs_missing", "crs", file=file)
        crs = own
    else:
        known = _system(requested)
        if known is None:
            raise Invalid("crs_unknown", "crs", crs=requested)
        crs = known
    notes = [Fault("crs_read", "", {"crs": _crs_name(crs)})]
    if requested is not None and own is not None and own != crs:
        notes.append(Fault("crs_overridden", "", {"own": _crs_name(own), "crs": _crs_name(crs)}))
    geodetic = crs.geodetic_crs
    if geodetic is not None and OLD_DATUMS.search(f"{geodetic.name} {geodetic.datum}"):
        notes.append(Fault("crs_old_datum", "", {"crs": geodetic.name}))
    return crs, notes


def _system(text: str) -> pyproj.CRS | None:
    import pyproj

    try:
        crs = pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.ProjError:
        return None
    return crs if crs.is_geographic or crs.is_projected else None


def _crs_name(crs: pyproj.CRS) -> str:
    code = crs.to_authority()
    return crs.name if code is None else f"{crs.name} ({':'.join(code)})"


def projection(crs: pyproj.CRS) -> Projection:
    """Turns an outline into degrees, east first; one whose form is wrong stays, its form is refused later."""
    import pyproj

    is_same = crs.to_authority() in (("EPSG", "4326"), ("OGC", "CRS84"))
    transformer = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    middle_m = _middle_m(crs)

    def projected(geometry: Any) -> tuple[Any, Fault | None]:
        positions = list(_positions(geometry.get("coordinates"))) if isinstance(geometry, Mapping) else []
        if not positions or not all(map(_is_position, positions)):
            return geometry, None
        xs, ys = [position[0] for position in positions], [position[1] for position in positions]
        lon, lat = (xs, ys) if is_same else transformer.transform(xs, ys)
        for n, (position, x, y) in enumerate(zip(positions, lon, lat, strict=True)):
            is_in_china = _is_in_china(x, y)
            fault = _misplaced(position, crs, middle_m, is_in_china=is_in_china) if n == 0 or not is_in_china else None
            if fault is not None:
                return None, fault
            if not (math.isfinite(x) and math.isfinite(y)):
                return None, _fault("not_in_system", position, crs, likely_crs(*position[:2]))
        if is_same:
            return geometry, None
        moved = iter(zip(lon, lat, strict=True))
        return {**geometry, "coordinates": _replaced(geometry["coordinates"], moved)}, None

    return projected


def _is_in_china(lon: float, lat: float) -> bool:
    west, south, east, north = CHINA
    return west <= lon <= east and south <= lat <= north


def _positions(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list):
        if value and not isinstance(value[0], list):
            yield value
        else:
            for item in value:
                yield from _positions(item)


def _is_position(values: list[Any]) -> bool:
    """Whether these are two or three numbers; whole ones can be larger than any float, and those are none."""
    return len(values) in (2, 3) and all(
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
        for value in values
    )


def _replaced(value: list[Any], moved: Iterator[tuple[float, float]]) -> list[Any]:
    if value and not isinstance(value[0], list):
        return [*next(moved), *value[2:]]
    return [_replaced(item, moved) for item in value]


def _middle_m(crs: pyproj.CRS) -> float | None:
    """The easting of the middle of a zone, with its number in front where the system has it; None: it has no zones."""
    operation = crs.coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    return next((float(parameter.value) for parameter in operation.params if parameter.name == "False easting"), None)


def _misplaced(
    position: Sequence[float], crs: pyproj.CRS, middle_m: float | None, *, is_in_china: bool
) -> Fault | None:
    """Why a position is not meant in the system; None where it may be, or where nobody can tell.

    Codes: `degrees_in_metres`, `metres_in_degrees`, `zone_in_easting`, `zone_missing`, `zone_differs`,
    `north_before_east`; each with {x, y, crs, likely}.
    """
    x, y = position[:2]
    is_degrees = abs(x) <= LARGEST_DEGREE and abs(y) <= LARGEST_DEGREE
    if crs.is_geographic:
        return None if is_degrees else _fault("metres_in_degrees", position, crs, likely_crs(x, y))
    if is_degrees and not is_in_china:
        return _fault("degrees_in_metres", position, crs, CGCS2000)
    if middle_m is None or _fits(x, y, middle_m):
        return None
    if _fits(y, x, middle_m):
        return _fault("north_before_east", position, crs, _crs_name(crs))
    return _zone_fault(position, crs, middle_m)


def _fits(east: float, north: float, middle_m: float) -> bool:
    return abs(east - middle_m) <= MOST_OFF_M and NORTHINGS_M[0] <= north <= NORTHINGS_M[1]


def _zone_fault(position: Sequence[float], crs: pyproj.CRS, middle_m: float) -> Fault | None:
    """What the number of a zone in front of the easting, or its absence, says beside that of the system."""
    x, y = position[:2]
    zone, own = zone_of(max(x, y)), zone_of(middle_m)
    if zone is not None and own is None:
        return _fault("zone_in_easting", position, crs, likely_crs(x, y))
    if zone is not None and zone != own:
        return _fault("zone_differs", position, crs, likely_crs(x, y))
    if zone is None and own is not None and (_fits(x, y, PLAIN_MIDDLE_M) or _fits(y, x, PLAIN_MIDDLE_M)):
        return _fault("zone_missing", position, crs, without_zone(own))
    return None


def _fault(code: str, position: Sequence[float], crs: pyproj.CRS, likely: str) -> Fault:
    x, y = position[:2]
    return Fault(code, "geometry", {"x": x, "y": y, "crs": _crs_name(crs), "likely": likely})
