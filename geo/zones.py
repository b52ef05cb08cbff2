"""The window of China, and the zones its projected coordinates are in: what numbers alone say of a system."""

from __future__ import annotations

#: West, south, east, north.
Bbox = tuple[float, float, float, float]
#: Its land and seas, in whole degrees. Longitudes and latitudes do not overlap, so swapped axes are never ambiguous.
CHINA: Bbox = (73.0, 3.0, 136.0, 54.0)
LARGEST_DEGREE = 180.0
#: Northings and eastings (m) of Dazu, told apart by zone. Source: PROJ, the corners of 105.47–106.03 E, 29.37–29.87 N.
DAZU_NORTHINGS = (3_250_000.0, 3_310_000.0)
DAZU_EASTINGS = {"EPSG:4544": (545_000.0, 600_500.0), "EPSG:4545": (254_000.0, 310_000.0)}
#: CGCS2000 in Gauss-Krüger zones of 3° and of 6° by the number that leads the easting: the system whose eastings carry
#: the number of the first, and the one whose eastings do not. Those of 13–15 look like web Mercator. Source: EPSG.
ZONES = {range(25, 46): (4513, 4534), range(16, 24): (4494, 4505)}
#: CGCS2000 / 3° Gauss-Krüger, with and without zone numbers: all that an unknown metre value may be.
SOME_ZONE = "EPSG:4513…4554"


def likely_crs(x: float, y: float) -> str:
    """The reference system that metres are most likely in, a hint only; Chinese tables put north first or second."""
    east = max(x, y)
    zone = zone_of(east)
    if zone is not None:
        return _system_of(zone, 0)
    if DAZU_NORTHINGS[0] <= east <= DAZU_NORTHINGS[1]:
        for crs, (low, high) in DAZU_EASTINGS.items():
            if low <= min(x, y) <= high:
                return crs
    return SOME_ZONE


def zone_of(east: float) -> int | None:
    """The number of the zone that leads an easting; None where none does."""
    zone = int(east // 1_000_000)
    return zone if any(zone in zones for zones in ZONES) else None


def without_zone(zone: int) -> str:
    """The system of a zone whose eastings do not carry its number."""
    return _system_of(zone, 1)


def _system_of(zone: int, which: int) -> str:
    zones, systems = next((zones, systems) for zones, systems in ZONES.items() if zone in zones)
    return f"EPSG:{systems[which] + zone - zones.start}"
