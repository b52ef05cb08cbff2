"""Outlines from outside: what is taken, and every fault with its place, its hint and its corrected form."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import pytest
import shapely

from domain.errors import Fault, Invalid
from geo.outline import read_outline

Positions = list[list[float]]
SQUARE_M2 = Decimal("10737.67")


def ring(*steps: tuple[float, float]) -> Positions:
    """Positions in thousandths of a degree (about 100 m) from 105.7 E, 29.6 N."""
    return [[round(105.7 + x / 1000, 9), round(29.6 + y / 1000, 9)] for x, y in steps]


def square(x: float, y: float, side: float) -> Positions:
    return ring((x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y))


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def multi(*parts: Any) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": list(parts)}


SQUARE = polygon(square(0, 0, 1))


def faults_of(geojson: object) -> tuple[Fault, ...]:
    with pytest.raises(Invalid) as refusal:
        read_outline(geojson)
    return refusal.value.faults


def test_square_is_measured_and_boxed() -> None:
    outline = read_outline(SQUARE)

    assert outline.measured_area_m2 == SQUARE_M2
    assert outline.bbox == (105.7, 29.6, 105.701, 29.601)
    assert (outline.points, outline.issues) == (5, ())


def test_outline_is_a_multipolygon_in_4326_without_height() -> None:
    shape = shapely.from_wkb(read_outline(SQUARE).ewkb)

    assert (shape.geom_type, shapely.get_srid(shape), shape.has_z) == ("MultiPolygon", 4326, False)


def test_direction_of_rings_is_normalised() -> None:
    hole = square(0.2, 0.2, 0.4)
    outlines = [
        read_outline(polygon(outer, inner)) for outer in both_orders(square(0, 0, 1)) for inner in both_orders(hole)
    ]

    shapes = [shapely.from_wkb(outline.ewkb) for outline in outlines]

    assert {outline.measured_area_m2 for outline in outlines} == {Decimal("9019.64")}
    assert all(shape.geoms[0].exterior.is_ccw and not shape.geoms[0].interiors[0].is_ccw for shape in shapes)


def both_orders(positions: Positions) -> list[Positions]:
    return [positions, positions[::-1]]


def test_multipart_counts_each_part() -> None:
    outline = read_outline(multi([square(0, 0, 1)], [square(5, 0, 1), square(5.2, 0.2, 0.4)]))

    assert float(outline.measured_area_m2) == pytest.approx(float(SQUARE_M2) + 9019.64, abs=0.02)
    assert outline.points == 15
    assert outline.bbox == (105.7, 29.6, 105.706, 29.601)


def test_hole_touching_the_outer_ring_at_a_point_is_valid() -> None:
    outline = read_outline(polygon(square(0, 0, 1), ring((0, 0.5), (0.3, 0.3), (0.3, 0.7), (0, 0.5))))

    assert outline.measured_area_m2 == Decimal("10093.41")


def test_one_square_metre_is_taken() -> None:
    step_x, step_y = 1 / 96.9, 1 / 110.85
    tiny = ring((0, 0), (step_x, 0), (step_x, step_y), (0, step_y), (0, 0))

    assert read_outline(polygon(tiny)).measured_area_m2 == Decimal("1.00")


def test_altitude_is_dropped_with_an_issue() -> None:
    outline = read_outline(polygon([[*position, 380.5] for position in square(0, 0, 1)]))

    assert outline.measured_area_m2 == SQUARE_M2
    assert outline.issues == (Fault("altitude_dropped", "geometry.coordinates", {"positions": 5}),)


def test_whole_numbers_are_numbers() -> None:
    outline = read_outline(polygon([[105, 29], [106, 29], [106, 30], [105, 30], [105, 29]]))

    assert outline.bbox == (105.0, 29.0, 106.0, 30.0)


BOW_TIE = ring((0, 0), (1, 1), (1, 0), (0, 1), (0, 0))
OPEN = square(0, 0, 1)[:-1]
SWAPPED = [position[::-1] for position in square(0, 0, 1)]
ORIGIN = [[0, 0], [0.001, 0], [0.001, 0.001], [0, 0]]
ACROSS_180 = [[179.9, 30], [-179.9, 30], [-179.9, 30.1], [179.9, 30]]
CHINA = {"west": 73.0, "south": 3.0, "east": 136.0, "north": 54.0}


def replaced(value: Any) -> Any:
    """A square whose second position's latitude is another value."""
    positions: list[list[Any]] = [list(position) for position in square(0, 0, 1)]
    positions[1][1] = value
    return polygon(positions)


FAULTS: dict[str, tuple[object, list[Fault], object]] = {
    "null": (None, [Fault("geometry_not_object", "geometry", {"got": "null"})], SQUARE),
    "text": (
        "POLYGON((0 0, 1 0, 1 1, 0 0))",
        [Fault("geometry_not_object", "geometry", {"got": "string"})],
        SQUARE,
    ),
    "point": (
        {"type": "Point", "coordinates": [105.7, 29.6]},
        [Fault("geometry_type", "geometry.type", {"got": "Point", "allowed": "Polygon, MultiPolygon"})],
        SQUARE,
    ),
    "no type": (
        {"coordinates": [square(0, 0, 1)]},
        [Fault("geometry_type", "geometry.type", {"got": "null", "allowed": "Polygon, MultiPolygon"})],
        SQUARE,
    ),
    "crs member": (
        {**SQUARE, "crs": {"type": "name", "properties": {"name": "EPSG:4544"}}},
        [Fault("unknown_field", "geometry.crs", {"name": "crs"})],
        {**SQUARE, "bbox": [105.7, 29.6, 105.701, 29.601]},
    ),
    "no coordinates": (
        {"type": "Polygon"},
        [Fault("coordinates_depth", "geometry.coordinates", {"type": "Polygon", "depth": 3, "got": "null"})],
        SQUARE,
    ),
    "empty": (polygon(), [Fault("geometry_empty", "geometry.coordinates")], SQUARE),
    "empty ring": (polygon([]), [Fault("geometry_empty", "geometry.coordinates")], SQUARE),
    "empty part": (
        multi([square(0, 0, 1)], []),
        [Fault("geometry_empty", "geometry.coordinates[1]")],
        multi([square(0, 0, 1)]),
    ),
    "positions without a ring": (
        polygon(*square(0, 0, 1)),
        [Fault("coordinates_depth", "geometry.coordinates[0][0]", {"type": "Polygon", "depth": 3, "got": "number"})],
        SQUARE,
    ),
    "multipolygon called polygon": (
        polygon([square(0, 0, 1)]),
        [Fault("coordinates_depth", "geometry.coordinates[0][0]", {"type": "Polygon", "depth": 3, "got": "array"})],
        multi([square(0, 0, 1)]),
    ),
    "two points": (
        polygon(ring((0, 0), (1, 1))),
        [Fault("ring_too_short", "geometry.coordinates[0]", {"positions": 2, "least": 4})],
        SQUARE,
    ),
    "empty hole": (
        polygon(square(0, 0, 1), []),
        [Fault("ring_too_short", "geometry.coordinates[1]", {"positions": 0, "least": 4})],
        SQUARE,
    ),
    "not closed": (
        polygon(OPEN),
        [
            Fault(
                "ring_not_closed",
                "geometry.coordinates[0]",
                {"first": f"{OPEN[0]}", "last": f"{OPEN[-1]}"},
            )
        ],
        polygon([*OPEN, OPEN[0]]),
    ),
    "NaN": (
        replaced(math.nan),
        [Fault("coordinate_not_finite", "geometry.coordinates[0][1][1]", {"got": "nan"})],
        replaced(29.6),
    ),
    "infinity": (
        replaced(-math.inf),
        [Fault("coordinate_not_finite", "geometry.coordinates[0][1][1]", {"got": "-inf"})],
        replaced(29.6),
    ),
    "huge": (
        replaced(1e300),
        [Fault("coordinate_out_of_range", "geometry.coordinates[0][1][1]", {"got": "1e+300"})],
        replaced(29.6),
    ),
    "huge integer": (
        replaced(10**400),
        [Fault("coordinate_out_of_range", "geometry.coordinates[0][1][1]", {"got": "> 1e8"})],
        replaced(29.6),
    ),
    "number as text": (
        replaced("29.6"),
        [Fault("coordinate_not_number", "geometry.coordinates[0][1][1]", {"got": "string"})],
        replaced(29.6),
    ),
    "boolean": (
        replaced(True),
        [Fault("coordinate_not_number", "geometry.coordinates[0][1][1]", {"got": "boolean"})],
        replaced(29.6),
    ),
    "four ordinates": (
        polygon([[*position, 380.5, 7] for position in square(0, 0, 1)]),
        [Fault("position_length", f"geometry.coordinates[0][{number}]", {"got": 4}) for number in range(5)],
        polygon([[*position, 380.5] for position in square(0, 0, 1)]),
    ),
    "axes swapped": (
        polygon(SWAPPED),
        [Fault("axes_swapped", "geometry.coordinates", {"x": 29.6, "y": 105.7, "lon": 105.7, "lat": 29.6})],
        SQUARE,
    ),
    "at zero": (
        polygon(ORIGIN),
        [Fault("outside_china", "geometry.coordinates[0][0]", {"lon": 0.0, "lat": 0.0, **CHINA})],
        SQUARE,
    ),
    "across 180": (
        polygon(ACROSS_180),
        [Fault("outside_china", "geometry.coordinates[0][0]", {"lon": 179.9, "lat": 30.0, **CHINA})],
        SQUARE,
    ),
    "second part far away": (
        multi([square(0, 0, 1)], [ORIGIN]),
        [Fault("outside_china", "geometry.coordinates[1][0][0]", {"lon": 0.0, "lat": 0.0, **CHINA})],
        multi([square(0, 0, 1)]),
    ),
    "bow-tie": (
        polygon(BOW_TIE),
        [Fault("self_intersection", "geometry.coordinates[0]", {"lon": 105.7005, "lat": 29.6005})],
        polygon(ring((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))),
    ),
    "zero area": (
        polygon(ring((0, 0), (1, 1), (2, 2), (0, 0))),
        [Fault("zero_area", "geometry.coordinates[0]")],
        polygon(ring((0, 0), (1, 1), (2, 1), (0, 0))),
    ),
    "one point four times": (
        polygon(ring((0, 0), (0, 0), (0, 0), (0, 0))),
        [Fault("zero_area", "geometry.coordinates[0]")],
        SQUARE,
    ),
    "hole outside": (
        polygon(square(0, 0, 1), square(2, 2, 0.5)),
        [Fault("hole_outside", "geometry.coordinates", {"lon": 105.702, "lat": 29.602})],
        polygon(square(0, 0, 1), square(0.2, 0.2, 0.5)),
    ),
    "hole in a hole": (
        polygon(square(0, 0, 1), square(0.1, 0.1, 0.8), square(0.2, 0.2, 0.1)),
        [Fault("holes_nested", "geometry.coordinates", {"lon": 105.7002, "lat": 29.6002})],
        multi([square(0, 0, 1), square(0.1, 0.1, 0.8)], [square(0.2, 0.2, 0.1)]),
    ),
    "hole crossing the outer ring": (
        polygon(square(0, 0, 1), square(0.5, 0.25, 1)),
        [Fault("hole_crosses", "geometry.coordinates", {"lon": 105.701, "lat": 29.60025})],
        polygon(square(0, 0, 1), square(0.25, 0.25, 0.5)),
    ),
    "hole that parts the inside": (
        polygon(square(0, 0, 1), ring((0, 0.5), (0.5, 0.2), (1, 0.5), (0.5, 0.8), (0, 0.5))),
        [Fault("interior_disconnected", "geometry.coordinates", {"lon": 105.701, "lat": 29.6005})],
        polygon(square(0, 0, 1), ring((0.1, 0.5), (0.5, 0.2), (1, 0.5), (0.5, 0.8), (0.1, 0.5))),
    ),
    "parts that overlap": (
        multi([square(0, 0, 1)], [square(0.5, 0.5, 1)]),
        [Fault("polygons_overlap", "geometry.coordinates", {"lon": 105.7005, "lat": 29.601})],
        multi([square(0, 0, 1)], [square(1, 1, 1)]),
    ),
    "part in a part": (
        multi([square(0, 0, 1)], [square(0.2, 0.2, 0.1)]),
        [Fault("polygons_overlap", "geometry.coordinates", {"lon": 105.7002, "lat": 29.6002})],
        SQUARE,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_refused_and_its_corrected_form_taken(name: str) -> None:
    wrong, faults, right = FAULTS[name]

    result = faults_of(wrong)

    assert [(fault.code, fault.field) for fault in result] == [(fault.code, fault.field) for fault in faults]
    assert [approximate(fault) for fault in result] == [approximate(fault) for fault in faults]
    assert read_outline(right).measured_area_m2 > 0


def approximate(fault: Fault) -> dict[str, object]:
    """GEOS finds the place of a crossing to its last binary digit only."""
    return {name: round(value, 9) if isinstance(value, float) else value for name, value in fault.params.items()}


@pytest.mark.parametrize(
    ("x", "y", "likely"),
    [
        (568_000, 3_276_000, "EPSG:4544"),
        (3_276_000, 568_000, "EPSG:4544"),
        (280_000, 3_276_000, "EPSG:4545"),
        (35_568_000, 3_276_000, "EPSG:4523"),
        (3_276_000, 35_568_000, "EPSG:4523"),
        (36_280_000, 3_276_000, "EPSG:4524"),
        (11_766_000, 3_450_000, "EPSG:4513…4554"),
    ],
)
def test_metres_are_refused_with_what_they_likely_are(x: int, y: int, likely: str) -> None:
    positions = [[x, y], [x + 100, y], [x + 100, y + 100], [x, y]]

    faults = faults_of(polygon(positions))

    assert faults == (Fault("looks_projected", "geometry.coordinates[0][0]", {"x": x, "y": y, "likely": likely}),)


def test_faults_of_several_rings_come_together() -> None:
    faults = faults_of(multi([OPEN], [square(5, 0, 1), ring((5, 0), (6, 0))], [[["a", 29.6], *square(9, 0, 1)]]))

    assert [(fault.code, fault.field) for fault in faults] == [
        ("ring_not_closed", "geometry.coordinates[0][0]"),
        ("ring_too_short", "geometry.coordinates[1][1]"),
        ("coordinate_not_number", "geometry.coordinates[2][0][0][0]"),
    ]


def test_every_fault_is_counted() -> None:
    assert len(faults_of(polygon([["a", "b"]] * 20_000))) == 40_000


def test_vertices_are_capped_before_positions_are_read() -> None:
    faults = faults_of(polygon([None] * 20_001))

    assert faults == (Fault("too_many_vertices", "geometry.coordinates", {"vertices": 20_001, "most": 20_000}),)


def test_twenty_thousand_vertices_are_taken() -> None:
    angles = [number / 19_999 * 2 * math.pi for number in range(19_999)]
    circle = ring(*((math.cos(angle), math.sin(angle)) for angle in angles))

    outline = read_outline(polygon([*circle, circle[0]]))

    assert outline.points == 20_000


@pytest.mark.parametrize(
    ("geojson", "field"),
    [
        (polygon(*[[]] * 1_001), "geometry.coordinates"),
        (multi(*[[square(0, 0, 1)]] * 1_001), "geometry.coordinates"),
        (multi(*[[square(0, 0, 1)] * 501] * 2), "geometry.coordinates"),
        (multi([[]] * 1_001), "geometry.coordinates[0]"),
    ],
)
def test_rings_are_capped(geojson: dict[str, Any], field: str) -> None:
    assert faults_of(geojson) == (Fault("too_many_rings", field, {"most": 1_000}),)


def test_narrower_window_and_other_field_are_honoured() -> None:
    with pytest.raises(Invalid) as refusal:
        read_outline(SQUARE, window=(106.0, 29.0, 107.0, 30.0), field="items[3].geometry")

    bounds = {"west": 106.0, "south": 29.0, "east": 107.0, "north": 30.0}
    assert refusal.value.faults == (
        Fault("outside_china", "items[3].geometry.coordinates[0][0]", {"lon": 105.7, "lat": 29.6, **bounds}),
    )


FINE = 1e-8  # of a degree: about 1 mm


def test_an_outline_is_rounded_before_it_is_measured() -> None:
    fine = polygon([[x + 0.4 * 1e-7, y - 0.3 * 1e-7] for x, y in square(0, 0, 1)])
    rough = read_outline(SQUARE)

    outline = read_outline(fine)

    assert (outline.ewkb, outline.measured_area_m2, outline.bbox) == (rough.ewkb, rough.measured_area_m2, rough.bbox)


def test_what_is_read_again_is_the_same() -> None:
    """Thirds of a degree have no end; what was rounded once stays."""
    outline = read_outline(
        polygon([[105 + 1 / 3, 29 + 1 / 3], [106 + 1 / 7, 29.1], [105.9, 30 + 1 / 9], [105 + 1 / 3, 29 + 1 / 3]])
    )
    again = read_outline(json.loads(shapely.to_geojson(shapely.from_wkb(outline.ewkb))))

    assert again == outline
    assert all(x == round(x, 7) for x in shapely.get_coordinates(shapely.from_wkb(outline.ewkb)).ravel())


SLIVER = [[105.7, 29.6], [105.701, 29.6], [105.701, 29.6 + FINE], [105.7, 29.6 + FINE], [105.7, 29.6]]
SPIKE = [
    [105.7, 29.6], [105.701, 29.6], [105.701, 29.601], [105.7005 + FINE, 29.601], [105.7005 + FINE, 29.602],
    [105.7005, 29.602], [105.7005, 29.601], [105.7, 29.601], [105.7, 29.6],
]  # fmt: skip


FLAT = [[105.7001 + x / 1e5, 29.6001 + y * FINE] for x, y in ((0, 0), (9, 0), (9, 2), (0, 0))]
BESIDE = [[x + 0.001 + 4 * FINE, y] for x, y in square(0, 0, 1)]


@pytest.mark.parametrize(
    ("geojson", "field"),
    [
        (polygon(SLIVER), "geometry.coordinates[0]"),
        (polygon(SPIKE), "geometry.coordinates[0]"),
        (polygon(square(0, 0, 1), FLAT), "geometry.coordinates[1]"),
        (multi([square(0, 0, 1)], [BESIDE]), "geometry.coordinates"),
    ],
)
def test_what_rounding_would_spoil_is_refused_with_the_place(geojson: dict[str, Any], field: str) -> None:
    (fault,) = faults_of(geojson)

    assert (fault.code, fault.field, fault.params["places"]) == ("too_fine", field, 7)
    assert 105.7 <= float(str(fault.params["lon"])) <= 105.702
    assert 29.6 <= float(str(fault.params["lat"])) <= 29.602
