"""Coordinates as people write them into tables: in which reference system, and which of the two is north.

Names of columns and the order of a format are no evidence: what mathematics calls y, surveys in China call X, and both
orders occur. In China northings, eastings and degrees do not overlap, so the values themselves tell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from domain.errors import Fault, Invalid
from geo.projection import CGCS2000, NORTHINGS_M, Projection, projection, reference_system
from geo.zones import CHINA, LARGEST_DEGREE, SOME_ZONE, likely_crs, zone_of

LATEST = "2000"
#: CGCS2000, Xi'an 1980, Beijing 1954 in zones of 3° (25–45) and 6° (13–23): the system of the first zone whose
#: eastings carry its number, and the one whose eastings do not. Source: EPSG 2327–2442, 4491–4554, 21413–21473.
ZONE_SYSTEMS = {
    LATEST: {25: (4513, 4534), 13: (4491, 4502)},
    "80": {25: (2349, 2370), 13: (2327, 2338)},
    "54": {25: (2401, 2422), 13: (21413, 21453)},
}
ZONE_COUNTS = {25: 21, 13: 11}
#: Characters of a coordinate, with room for spaces.
LONGEST = 60
T = TypeVar("T")
#: Degrees with minutes and seconds: 105°46′12.3″, 105-46-12.3, 105 46 12.3.
_SEXAGESIMAL = re.compile(r"[ENen]?(\d{1,3})[°º\-\s:](\d{1,2})[′'\-\s:]+(\d{1,2}(?:\.\d+)?)[″′\"']*[ENen]?")
_DECIMAL = re.compile(r"[ENen]?([+-]?\d{1,9}(?:\.\d+)?)[°º]?[ENen]?")


@dataclass(frozen=True)
class WrittenSystem:
    """The system that pairs of coordinates are in, as pyproj takes it, and whether the first of a pair is north."""

    crs: str
    is_north_first: bool
    notes: tuple[Fault, ...] = ()


def coordinate(text: str) -> float | None:
    """A coordinate as it is written: metres, degrees, or degrees with minutes and seconds; None where it is none."""
    if len(text) > LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    if (match := _DECIMAL.fullmatch(plain)) is not None:
        return float(match[1])
    if (match := _SEXAGESIMAL.fullmatch(plain)) is not None and float(match[2]) < 60 and float(match[3]) < 60:
        return int(match[1]) + int(match[2]) / 60 + float(match[3]) / 3600
    return None


def written_system(
    pairs: Sequence[tuple[float, float]], *, crs: str | None = None, zone: int | None = None, datum: str = LATEST
) -> WrittenSystem:
    """The system of these pairs, all written in one manner. `crs` is the caller's word, `zone` and `datum` the file's.

    Raises: Invalid where they are of several manners, lie in no part of China, or nothing tells their zone.
    """
    if all(max(map(abs, pair)) <= LARGEST_DEGREE for pair in pairs):
        return _degrees(pairs, crs)
    answers = [_is_northing(*pair) for pair in pairs]
    if None in answers:
        x, y = pairs[answers.index(None)]
        raise Invalid("coordinates_nowhere", "geometry", x=x, y=y)
    is_north_first = _agreed(pairs, answers)
    led_by = _agreed(pairs, [zone_of(pair[1] if is_north_first else pair[0]) for pair in pairs])
    if crs is not None:
        return WrittenSystem(crs, bool(is_north_first))
    if led_by is not None:
        own: str | None = _zone_system(led_by, datum, 0)
        stated = None if zone is None else _zone_system(zone, datum, 0)
    else:
        likely = likely_crs(*pairs[0]) if datum == LATEST else SOME_ZONE
        own = None if likely == SOME_ZONE else likely
        stated = None if zone is None else _zone_system(zone, datum, 1)
    if own is None and stated is None:
        raise Invalid("zone_unknown", "geometry", x=pairs[0][0], y=pairs[0][1])
    notes = []
    if own is not None and stated is not None and own != stated:
        notes = [Fault("zone_contradicts", "geometry", {"stated": stated, "crs": own})]
    elif led_by is None and stated is None:
        notes = [Fault("zone_guessed", "geometry", {"crs": own})]
    return WrittenSystem(own or str(stated), bool(is_north_first), tuple(notes))


def _degrees(pairs: Sequence[tuple[float, float]], crs: str | None) -> WrittenSystem:
    west, south, east, north = CHINA
    answers = []
    for first, second in pairs:
        is_east_first = west <= first <= east and south <= second <= north
        if not is_east_first and not (west <= second <= east and south <= first <= north):
            raise Invalid(
                "outside_china", "geometry", lon=first, lat=second, west=west, south=south, east=east, north=north
            )
        answers.append(not is_east_first)
    return WrittenSystem(crs or CGCS2000, bool(_agreed(pairs, answers)))


def _is_northing(first: float, second: float) -> bool | None:
    """Whether the first of two lengths is the northing; None where the pair is none of China."""
    low, high = NORTHINGS_M
    for northing, easting, is_first in ((first, second, True), (second, first, False)):
        plain = easting % 1_000_000 if zone_of(easting) is not None else easting
        if low <= northing <= high and 0 < plain < 1_000_000 and (easting >= 1e7 or northing > easting):
            return is_first
    return None


def _agreed(pairs: Sequence[tuple[float, float]], answers: Sequence[T]) -> T:
    """The one answer of all pairs."""
    if len(set(answers)) > 1:
        other = pairs[[answer == answers[0] for answer in answers].index(False)]
        raise Invalid("coordinates_mixed", "geometry", first=_shown(pairs[0]), other=_shown(other))
    return answers[0]


def _shown(pair: tuple[float, float]) -> str:
    return f"{pair[0]:.15g}, {pair[1]:.15g}"


def _zone_system(zone: int, datum: str, which: int) -> str:
    first = next(first for first in ZONE_COUNTS if first <= zone < first + ZONE_COUNTS[first])
    return f"EPSG:{ZONE_SYSTEMS[datum][first][which] + zone - first}"


def in_degrees(system: WrittenSystem, geometry: dict[str, Any], file: str) -> tuple[dict[str, Any], list[Fault]]:
    """A geometry whose positions are as written, in degrees, east first, and what is to be told of its system.

    Raises: Invalid where the system is unknown or a position lies outside it.
    """
    project, notes = _projection(system.crs, file)
    turned = {**geometry, "coordinates": _turned(geometry["coordinates"])} if system.is_north_first else geometry
    placed, fault = project(turned)
    if fault is not None:
        raise Invalid.of([fault])
    return placed, notes


@lru_cache(maxsize=64)
def _projection(crs: str, file: str) -> tuple[Projection, list[Fault]]:
    system, notes = reference_system(None, crs, file)
    return projection(system), notes


def _turned(value: list[Any]) -> list[Any]:
    if value and not isinstance(value[0], list):
        return [value[1], value[0]]
    return [_turned(item) for item in value]
