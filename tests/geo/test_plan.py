"""The plan of a unit: where things are drawn, at which scale, and that a drawing stays small."""

from __future__ import annotations

import math
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from geo.plan import HEIGHT, M_PER_DEGREE, SHARE, WIDTH, plan_svg, window

SVG = "{http://www.w3.org/2000/svg}"


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def drawn(*arguments: Any) -> ElementTree.Element:
    return ElementTree.fromstring(plan_svg(*arguments, "a < b & c", "m"))


def positions(path: ElementTree.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([-\d.]+),([-\d.]+)", path.attrib["d"])]


def test_a_unit_stands_in_the_middle_as_wide_as_its_share() -> None:
    lat, metres = 29.5, 0.001 * M_PER_DEGREE
    unit = box(105.7, lat - 0.00001, 105.7 + 0.001 / math.cos(math.radians(lat)), lat + 0.00001)

    svg = drawn(unit, box(105, 29, 106, 30), [box(105.6999, 29.5003, 105.7, 29.5004)])

    assert svg.find(f"{SVG}title").text == "a < b & c"
    kinds = [path.attrib["class"] for path in svg.findall(f"{SVG}path")]
    assert kinds == ["park", "other", "unit"]
    xs, ys = zip(*positions(svg.findall(f"{SVG}path")[-1]), strict=True)
    assert max(xs) - min(xs) == pytest.approx(WIDTH * SHARE, abs=0.2)
    assert (sum(xs) / 4, sum(ys) / 4) == pytest.approx((WIDTH / 2, HEIGHT / 2), abs=0.2)
    bar = re.match(r"M16,\d+v5H([\d.]+)v-5", svg.find(f"{SVG}g[@class='scale']/{SVG}path").attrib["d"])
    label = svg.find(f"{SVG}g[@class='scale']/{SVG}text").text
    assert bar is not None and label == "100 m"
    assert float(bar[1]) - 16 == pytest.approx(100 / metres * WIDTH * SHARE, abs=0.2)


@pytest.mark.parametrize("place", [
    {"type": "Point", "coordinates": [105.7, 29.5]},
    {"type": "Point", "coordinates": [0, 0]},
    {"type": "Point", "coordinates": [180, 90]},
    box(105.7, 29.5, 105.7 + 1e-9, 29.5 + 1e-9),
    box(-180, -90, 180, 90),
    {"type": "MultiPolygon", "coordinates": [box(1, 1, 2, 2)["coordinates"], box(3, 3, 4, 4)["coordinates"]]},
])  # fmt: skip
def test_any_place_is_drawn(place: dict[str, Any]) -> None:
    west, south, east, north = window(place)

    assert west < east and south < north
    assert len(drawn(place, None, []).findall(".//*[@class='unit']")) == 1


def test_a_hole_stays_a_hole_and_ten_thousand_vertices_are_few() -> None:
    ring = [[105.7 + math.cos(n / 5000 * math.pi) / 1000, 29.5 + math.sin(n / 5000 * math.pi) / 1000]
            for n in range(10_000)]  # fmt: skip
    hole = [[105.6999, 29.4999], [105.7001, 29.4999], [105.7001, 29.5001], [105.6999, 29.4999]]
    place = {"type": "Polygon", "coordinates": [[*ring, ring[0]], hole]}

    text = plan_svg(place, None, [], "x", "m")

    assert text.count("M") == 4 and len(text) < 3000  # two rings, the scale, the arrow
