"""Where the units of a ledger lie: points from columns of coordinates, outlines from text or from corner points."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import Fault, Invalid
from geo.corner_points import Corner
from geo.outline import read_outline
from geo.well_known_text import from_text
from geo.written_coordinates import coordinate, in_degrees, written_system
from ledger.workbook import EMPTY, Cell

#: Columns of the two coordinates of a point, east before north where a heading says so.
PAIRS = (("longitude", "latitude"), ("x_m", "y_m"))
POINT = "Point"
#: Of the degrees that are kept, about 1 cm. Source: RFC 7946 §11.2.
DECIMALS = 7


@dataclass(frozen=True)
class UnitPlace:
    """A point or an outline as GeoJSON, in degrees, and what is to be told of how it was read."""

    geometry: dict[str, Any]
    warnings: tuple[Fault, ...] = ()


def pair_of(columns: Mapping[str, Any]) -> tuple[str, str] | None:
    """The names of the two columns of coordinates; None where there are none."""
    return next((pair for pair in PAIRS if columns.keys() >= set(pair)), None)


def point(first: Cell, second: Cell, *, crs: str | None, is_named: bool, file: str) -> UnitPlace | None:
    """The point of two cells; None where both are empty. `is_named`: the first is called longitude.

    Raises: Invalid where one is empty or no coordinate, or nothing tells where they lie.
    """
    if first in EMPTY and second in EMPTY:
        return None
    pair = _coordinate(first), _coordinate(second)
    if pair[0] is None or pair[1] is None:
        raise Invalid("cell_not_coordinate", "geometry")
    system = written_system([(pair[0], pair[1])], crs=crs)
    geometry, _ = in_degrees(system, {"type": POINT, "coordinates": list(pair)}, file)
    lon, lat = (round(value, DECIMALS) for value in geometry["coordinates"])
    swapped = Fault("axes_swapped_read", "geometry", {"lon": lon, "lat": lat})
    warnings = (*system.notes, swapped) if is_named and system.is_north_first else system.notes
    return UnitPlace({"type": POINT, "coordinates": [lon, lat]}, warnings)


def _coordinate(value: Cell) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    return coordinate(value) if isinstance(value, str) else None


def point_in_text(value: Cell, *, crs: str | None, file: str) -> UnitPlace | None:
    """The point of a cell that holds both coordinates. Raises: as `point`."""
    if value in EMPTY:
        return None
    parts = [part for part in str(value).replace("，", ",").replace(",", " ").split() if part]
    if len(parts) != 2:
        raise Invalid("cell_not_coordinate", "geometry")
    return point(parts[0], parts[1], crs=crs, is_named=False, file=file)


def outline(value: Any) -> UnitPlace | None:
    """The outline or point that a cell holds as GeoJSON or well-known text. Raises: Invalid with every fault of it."""
    if value in EMPTY:
        return None
    geometry = value if isinstance(value, dict) else _parsed(str(value))
    if geometry is None:
        raise Invalid("cell_not_outline", "geometry")
    if geometry.get("type") == POINT:
        lon_lat = geometry.get("coordinates")
        if not isinstance(lon_lat, list) or len(lon_lat) not in (2, 3):
            raise Invalid("cell_not_outline", "geometry")
        return point(lon_lat[0], lon_lat[1], crs=None, is_named=True, file="-")
    return UnitPlace(geometry, read_outline(geometry).issues)


def _parsed(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return from_text(text)
    try:
        geometry = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return geometry if isinstance(geometry, dict) else None


@dataclass(frozen=True)
class CornerGroup:
    """The rows of one plot in a table of corner points: its first row, what it is called, its corners."""

    row: int
    corners: list[Corner]
    faults: list[tuple[int, Fault]]


def corner_groups(
    numbers: Sequence[Cell], rings: Sequence[Cell], pairs: Sequence[tuple[Cell, Cell]], plots: Sequence[Cell]
) -> Iterator[CornerGroup]:
    """Corner points by their plots: a plot begins where its code is another, or after a row without coordinates."""
    group, current = None, ""
    for row, (number, ring, (first, second), plot) in enumerate(zip(numbers, rings, pairs, plots, strict=True)):
        if first in EMPTY and second in EMPTY:
            if group is not None:
                yield group
            group = None
            continue
        name = _text(plot)
        if group is None or (name and name != current):
            if group is not None:
                yield group
            group, current = CornerGroup(row, [], []), name
        values = _coordinate(first), _coordinate(second)
        if values[0] is None or values[1] is None:
            group.faults.append((row, Fault("cell_not_coordinate", "geometry")))
        else:
            group.corners.append(Corner(_text(number), _text(ring), values[0], values[1]))
    if group is not None:
        yield group


def _text(value: Cell) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value in EMPTY else str(value).strip()
