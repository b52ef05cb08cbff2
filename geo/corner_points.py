"""Tables of corner points: survey texts (勘测定界 TXT) and the rings that their points, or those of a sheet, make.

The forms in use differ in nearly all that the format says: sections may lack, a plot's line has 4 to 14 members, rings
are numbered, closed or only begun anew, holes are rings like others. So a line is read by what stands in it, rings part
where the number of the ring changes, a ring closes or its points begin anew, and which ring is a hole is decided by
where it lies. Source: DOMAIN handbook §4.5 (practice documents and public exporters).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.errors import Fault, Invalid
from domain.quantity import area_m2, areas_differ
from domain.words import AreaUnit
from geo.written_coordinates import WrittenSystem, coordinate, in_degrees, written_system

END_OF_HEAD = "@"
SHAPES = ("面", "线", "点")
#: Units an area may end in; without one it is in hectares, or in what agrees with the outline.
AREA_UNITS = {"公顷": AreaUnit.ha, "亩": AreaUnit.mu, "平方米": AreaUnit.m2, "m2": AreaUnit.m2}
ZONE, DATUM = "带号", "坐标系"
_SECTION = re.compile(r"[\[【](.+?)[\]】]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
#: Positions of a ring, its end apart.
LEAST_CORNERS = 3
#: Characters of a line that are read; one of a plot has some tens.
LONGEST_LINE = 1000
#: Lines by which a text without sections is known, and the share of them that must be points.
SAMPLE, POINT_SHARE = 40, 0.8


@dataclass(frozen=True)
class Corner:
    """One corner as it is written: its number, that of its ring, both coordinates in their order."""

    number: str
    ring: str
    first: float
    second: float


@dataclass(frozen=True)
class CornerPlot:
    """One plot of a text and the line it begins at. `shape` is 面 where it is one; `area` as it is written."""

    line: int
    code: str
    name: str
    area: str
    shape: str
    corners: tuple[Corner, ...]


@dataclass(frozen=True)
class CornerFile:
    """What a text of corner points holds; `faults` by number of line."""

    head: Mapping[str, str]
    plots: tuple[CornerPlot, ...]
    faults: tuple[tuple[int, Fault], ...]


@dataclass(frozen=True)
class CornerOutline:
    """The outline that corners make, as GeoJSON in degrees; the stated area in the unit it is meant in."""

    geometry: dict[str, Any]
    area: tuple[Decimal, AreaUnit] | None
    system: WrittenSystem
    notes: tuple[Fault, ...]


def is_corner_text(text: str) -> bool:
    """Whether this is a survey text: it begins like one and a point follows a plot's line, or nearly all are points."""
    lines = [plain for line in text.splitlines() if (plain := _plain(line))][:SAMPLE]
    points = [_corner(line) is not None for line in lines]
    heads = [line.endswith(END_OF_HEAD) and "," in line for line in lines]
    if not lines or not (points[0] or heads[0] or "=" in lines[0] or _SECTION.fullmatch(lines[0])):
        return False
    if any(is_head and is_point for is_head, is_point in zip(heads, points[1:], strict=False)):
        return True
    return len(points) >= LEAST_CORNERS and points[0] and sum(points) >= POINT_SHARE * len(points)


def parsed_corner_text(text: str) -> CornerFile:
    """The plots of a survey text, in their order. Lines that are none of its parts are faults, and skipped."""
    head: dict[str, str] = {}
    plots: dict[object, CornerPlot] = {}
    faults: list[tuple[int, Fault]] = []
    current: CornerPlot | None = None
    has_heads = any(_plain(line).endswith(END_OF_HEAD) for line in text.splitlines())
    corners: dict[int, list[Corner]] = {}
    for number, line in enumerate(map(_plain, text.splitlines()), 1):
        if not line:
            current = current if has_heads else None
        elif _SECTION.fullmatch(line):
            continue
        elif line.endswith(END_OF_HEAD):
            plot = _head(line, number)
            current = plots.setdefault((plot.code, plot.name) if plot.code or plot.name else number, plot)
            corners.setdefault(current.line, [])
        elif (corner := _corner(line)) is not None:
            if current is None:
                current = plots.setdefault(number, CornerPlot(number, "", "", "", SHAPES[0], ()))
            corners.setdefault(current.line, []).append(corner)
        elif current is None and "=" in line:
            name, _, value = line.partition("=")
            head[name.strip()] = value.strip()
        else:
            faults.append((number, Fault("corner_line", "geometry", {"line": number, "value": line[:100]})))
    whole = [
        CornerPlot(plot.line, plot.code, plot.name, plot.area, plot.shape, tuple(corners[plot.line]))
        for plot in plots.values()
    ]
    return CornerFile(head, tuple(whole), tuple(faults))


def _plain(line: str) -> str:
    """A line in one width, without the mark of its encoding and spaces around it."""
    return unicodedata.normalize("NFKC", line[:LONGEST_LINE]).strip().strip("\ufeff").replace("、", ",")


def _head(line: str, number: int) -> CornerPlot:
    """A plot by its line: number and name stand before the kind of its shape, the area before these."""
    members = [member.strip() for member in line.removesuffix(END_OF_HEAD).split(",")]
    at = next((n for n, member in enumerate(members) if member in SHAPES), min(4, len(members)))
    code = members[at - 2] if at >= 2 else ""
    name = members[at - 1] if at >= 1 else ""
    area = members[1] if at >= 4 else members[0] if at == 3 else ""
    return CornerPlot(number, code, name, area, members[at] if at < len(members) else SHAPES[0], ())


def _corner(line: str) -> Corner | None:
    parts = [part.strip() for part in re.split(r"[,;]" if re.search("[,;]", line) else r"\s+", line)]
    if parts and parts[-1] == "":
        parts.pop()
    if not 2 <= len(parts) <= 6:
        return None
    number, ring = parts[0] if len(parts) > 2 else "", parts[1] if len(parts) > 3 else ""
    first, second = (coordinate(part) for part in parts[min(len(parts) - 2, 2) :][:2])
    return None if first is None or second is None else Corner(number, ring, first, second)


def corner_outline(
    corners: Sequence[Corner],
    *,
    area: str = "",
    head: Mapping[str, str] | None = None,
    crs: str | None = None,
    file: str,
) -> CornerOutline:
    """The outline of these corners. `head` is what their file says of itself, `crs` the caller's word before it.

    Raises: Invalid where they make no ring, or nothing tells where they lie.
    """
    rings = list(_rings(corners))
    if not rings:
        raise Invalid("corners_missing", "geometry")
    if any(len(set(ring)) < LEAST_CORNERS for ring in rings):
        raise Invalid("corners_few", "geometry", least=LEAST_CORNERS)
    head = head or {}
    system = written_system(
        [(corner.first, corner.second) for corner in corners], crs=crs, zone=_zone(head), datum=_datum(head)
    )
    geometry, notes = in_degrees(system, {"type": "MultiPolygon", "coordinates": _parts(rings)}, file)
    stated = _stated_area(area, geometry)
    return CornerOutline(geometry, stated, system, (*system.notes, *notes))


def _zone(head: Mapping[str, str]) -> int | None:
    match = re.search(r"\d+", head.get(ZONE, ""))
    return int(match[0]) if match is not None and (13 <= int(match[0]) <= 23 or 25 <= int(match[0]) <= 45) else None


def _datum(head: Mapping[str, str]) -> str:
    return next((datum for datum in ("80", "54") if datum in head.get(DATUM, "").replace("2000", "")), "2000")


def _rings(corners: Sequence[Corner]) -> Iterator[list[tuple[float, float]]]:
    """Closed rings of positions as written: a new one begins with another ring number, or where points begin anew."""
    ring: list[tuple[float, float]] = []
    first: Corner | None = None
    for corner in corners:
        position = (corner.first, corner.second)
        is_closed = len(ring) > LEAST_CORNERS and ring[0] == ring[-1]
        begins_anew = first is not None and (
            corner.ring != first.ring
            or is_closed
            or (corner.number == first.number != "" and position != ring[0] and len(ring) >= LEAST_CORNERS)
        )
        if begins_anew:
            yield _closed(ring)
            ring = []
        if not ring:
            first = corner
        if not ring or ring[-1] != position:
            ring.append(position)
    if ring:
        yield _closed(ring)


def _closed(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return ring if ring[0] == ring[-1] and len(ring) > 1 else [*ring, ring[0]]


def _parts(rings: list[list[tuple[float, float]]]) -> list[list[list[list[float]]]]:
    """Parts with their holes: a ring within an odd number of others is a hole of the smallest of them."""
    import shapely

    shapes = [shapely.Polygon(ring) for ring in rings]
    order = sorted(range(len(rings)), key=lambda n: -shapes[n].area)
    around = {n: [m for m in order[:place] if _is_within(shapes[n], shapes[m])] for place, n in enumerate(order)}
    parts: dict[int, list[list[list[float]]]] = {}
    for n in order:
        positions = [list(position) for position in rings[n]]
        if len(around[n]) % 2 == 0:
            parts[n] = [positions]
        else:
            parts[around[n][-1]].append(positions)
    return list(parts.values())


def _is_within(inner: Any, outer: Any) -> bool:
    """Whether a ring lies in another; of rings that cross themselves nobody can tell, and they are refused later."""
    import shapely

    return bool(inner.is_valid and outer.is_valid and shapely.covers(outer, inner))


def _stated_area(text: str, geometry: dict[str, Any]) -> tuple[Decimal, AreaUnit] | None:
    """The stated area in the unit its text names, else the one in which it agrees with the outline, else hectares."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    match = _NUMBER.match(plain)
    if match is None or Decimal(match[0]) == 0:
        return None
    value, unit = Decimal(match[0]), plain[match.end() :].strip("()")
    if unit in AREA_UNITS:
        return value, AREA_UNITS[unit]
    measured = _measured_m2(geometry)
    if measured is None:
        return value, AreaUnit.ha
    likely = (AreaUnit.ha, AreaUnit.m2, AreaUnit.mu)
    return value, next((unit for unit in likely if not areas_differ(area_m2(value, unit), measured)), AreaUnit.ha)


def _measured_m2(geometry: dict[str, Any]) -> Decimal | None:
    import shapely

    from geo.measure import geodesic_area_m2

    shape = shapely.MultiPolygon([(part[0], part[1:]) for part in geometry["coordinates"]])
    return geodesic_area_m2(shape) if shape.is_valid else None
