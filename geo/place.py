"""Where coordinates lie: degrees within a window, x before y; and what those outside it most likely are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from domain.errors import Fault
from geo.positions import Ring
from geo.zones import LARGEST_DEGREE, Bbox, likely_crs


def place_fault(rings: Sequence[Ring], window: Bbox, field: str) -> Fault | None:
    """What is wrong with where the rings lie, at the first position that shows it; None where all are in the window.

    Codes: `axes_swapped` {x, y, lon, lat}, the other order would fit; `looks_projected` {x, y, likely}, metres;
    `outside_china` {lon, lat, west, south, east, north}.
    """
    xy = np.concatenate([ring.xy for ring in rings])
    is_inside = _is_inside(xy, window)
    if is_inside.all():
        return None
    if _is_inside(xy[:, ::-1], window).all():
        x, y = (float(value) for value in xy[0])
        return Fault("axes_swapped", f"{field}.coordinates", {"x": x, "y": y, "lon": y, "lat": x})
    is_metres = (np.abs(xy) > LARGEST_DEGREE).any(axis=1)
    index = int(np.argmax(is_metres if is_metres.any() else ~is_inside))
    x, y = (float(value) for value in xy[index])
    if is_metres[index]:
        return Fault("looks_projected", _path(rings, index), {"x": x, "y": y, "likely": likely_crs(x, y)})
    west, south, east, north = window
    bounds = {"west": west, "south": south, "east": east, "north": north}
    return Fault("outside_china", _path(rings, index), {"lon": x, "lat": y, **bounds})


def _is_inside(xy: NDArray[np.float64], window: Bbox) -> NDArray[np.bool_]:
    west, south, east, north = window
    x, y = xy.T
    is_inside: NDArray[np.bool_] = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return is_inside


def _path(rings: Sequence[Ring], index: int) -> str:
    for ring in rings:
        if index < len(ring.xy):
            return f"{ring.path}[{index}]"
        index -= len(ring.xy)
    raise IndexError(index)
