"""The plan of a unit as a drawing: its outline in its park, with what stands around it, north up, with a scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo.reference_systems import Box

#: Width and height of a drawing; how much of it the unit takes at most; the smallest part that is drawn.
WIDTH, HEIGHT, SHARE, STEP = 640, 360, 0.22, 0.5
#: Metres of a degree of latitude. Source: the sphere of the same volume as the ellipsoid of CGCS2000, 6 371 000 m.
M_PER_DEGREE: Final = 111_195
#: Lengths of a scale, m.
SCALES: Final = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


def window(outline: Mapping[str, Any]) -> Box:
    """What of the world is drawn around an outline or a point: west, south, east, north in degrees."""
    west, south, east, north = shape(outline).bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    across = max(1e-6, math.cos(math.radians(lat)))
    metres = max((east - west) * across / WIDTH, (north - south) / HEIGHT, 60 / M_PER_DEGREE / HEIGHT) / SHARE
    half_lon, half_lat = metres * WIDTH / across / 2, metres * HEIGHT / 2
    return lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat


def plan_svg(
    outline: Mapping[str, Any],
    boundary: Mapping[str, Any] | None,
    neighbours: Iterable[Mapping[str, Any]],
    title: str,
    unit_m: str,
) -> str:
    """The plan as SVG, `title` what it is for those who do not see it, `unit_m` how metres are called. Classes `park`,
    `other` and `unit` are coloured by whoever shows it.
    """
    box = window(outline)
    west, _, east, north = box
    steps = WIDTH / (east - west), HEIGHT / (north - box[1])

    def placed(lon: float, lat: float) -> str:
        return f"{(lon - west) * steps[0]:.1f},{(north - lat) * steps[1]:.1f}"

    pieces = [] if boundary is None else [_path(shape(boundary), "park", placed, steps)]
    pieces += [_path(shape(other), "other", placed, steps) for other in neighbours]
    own = shape(outline)
    if own.geom_type == "Point":
        x, y = placed(own.x, own.y).split(",")
        pieces.append(f'<circle class="unit" cx="{x}" cy="{y}" r="8"/>')
    else:
        pieces.append(_path(own, "unit", placed, steps))
    return (
        f'<svg class="plan" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{_escaped(title)}</title>{''.join(pieces)}{_scale(steps[1], unit_m)}{_NORTH}</svg>"
    )


_NORTH: Final = (
    f'<g class="north"><path d="M{WIDTH - 28},44V20m-5,8 5,-8 5,8"/>'
    f'<text x="{WIDTH - 28}" y="60" text-anchor="middle">N</text></g>'
)


def _path(geometry: BaseGeometry, kind: str, placed: Any, steps: Sequence[float]) -> str:
    """The rings of polygons as one path, without what is smaller than a step of the drawing."""
    simple = geometry.simplify(STEP / max(steps))
    polygons = getattr(simple, "geoms", [simple])
    rings = [ring for polygon in polygons if polygon.geom_type == "Polygon"
             for ring in (polygon.exterior, *polygon.interiors)]  # fmt: skip
    lines = ["M" + "L".join(placed(*position[:2]) for position in ring.coords[:-1]) + "Z" for ring in rings]
    return f'<path class="{kind}" fill-rule="evenodd" d="{"".join(lines)}"/>' if lines else ""


def _scale(steps_per_degree: float, unit_m: str) -> str:
    """A bar of about a sixth of the width."""
    per_m = steps_per_degree / M_PER_DEGREE
    length = max((m for m in SCALES if m * per_m <= WIDTH / 4), default=SCALES[0])
    y, end = HEIGHT - 16, 16 + length * per_m
    return (
        f'<g class="scale"><path d="M16,{y - 5}v5H{end:.1f}v-5"/>'
        f'<text x="{end + 6:.1f}" y="{y}">{length} {_escaped(unit_m)}</text></g>'
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
