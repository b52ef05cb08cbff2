"""Corner points in every form they come in: the rings they make, the system they are in, the area they state."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyproj
import pytest
import shapely

from domain.errors import Invalid
from geo.corner_points import Corner, CornerOutline, corner_outline, is_corner_text, parsed_corner_text
from geo.written_coordinates import coordinate, written_system

#: A plot of 100 m by 60 m in Dazu: northings and eastings of CGCS2000, 3 degrees, 105° E, without the zone's number.
NORTH, EAST = 3_280_000.0, 575_000.0
SQUARE = [(NORTH, EAST), (NORTH, EAST + 100), (NORTH + 60, EAST + 100), (NORTH + 60, EAST)]
HOLE = [(NORTH + 20, EAST + 20), (NORTH + 20, EAST + 30), (NORTH + 30, EAST + 30), (NORTH + 30, EAST + 20)]
AWAY = [(north, east + 500) for north, east in SQUARE]
IN_DEGREES = [pyproj.Transformer.from_crs(4544, 4326, always_xy=True).transform(east, north) for north, east in SQUARE]
HEAD = """[属性描述]
格式版本号=1.01
数据产生单位=某测绘院
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=35
精度=0.001
转换参数=,,,,,,
[地块坐标]
"""


def lines(
    ring: list[tuple[float, float]], number: int = 1, *, zone: int = 35, close: bool = True, first: int = 1
) -> str:
    points = [*enumerate(ring, first), *([(first, ring[0])] if close else [])]
    return "".join(f"J{n},{number},{north:.3f},{east + zone * 1_000_000:.3f}\n" for n, (north, east) in points)


def outlines(text: str, **options: Any) -> list[CornerOutline]:
    assert is_corner_text(text)
    file = parsed_corner_text(text)
    assert file.faults == ()
    return [
        corner_outline(plot.corners, area=plot.area, head=file.head, file="a.txt", **options) for plot in file.plots
    ]


def shape(outline: CornerOutline) -> Any:
    return shapely.MultiPolygon([(part[0], part[1:]) for part in outline.geometry["coordinates"]])


def is_the_square(outline: CornerOutline) -> bool:
    expected = shapely.Polygon(IN_DEGREES)
    return bool(shape(outline).symmetric_difference(expected).area < 1e-5 * expected.area)


FORMS = {
    "standard, closed": HEAD + "5,0.6000,DK-01,地块一,面,,工业用地,0601,@\n" + lines(SQUARE),
    "not closed, not counted": HEAD + "0,0.6000,DK-01,地块一,面,,,,@\n" + lines(SQUARE, close=False),
    "plain point numbers": HEAD + "4,0.6,DK-01,地块一,面,,,,@\n" + lines(SQUARE).replace("J", ""),
    "provincial head": HEAD + "0,0,500111101,万古镇,DK-01,地块一,面,,,,@\n" + lines(SQUARE),
    "no point count": HEAD + "0.6公顷,DK-01,地块一,面,,,,@\n" + lines(SQUARE),
    "fourteen members": HEAD + "5,0.6,DK-01,地块一,面,,,,水田,9,无,,,@\n" + lines(SQUARE),
    "full-width signs": HEAD + "5，0.6，DK-01，地块一，面，，，，@\n" + lines(SQUARE).replace(",", "，"),
    "other brackets": HEAD.replace("[", "【").replace("]", "】") + "5,0.6,DK-01,地块一,面,,,,@\n" + lines(SQUARE),
    "no head": "5,0.6,DK-01,地块一,面,,,,@\n" + lines(SQUARE),
    "zone in the head alone": HEAD + "5,0.6,DK-01,地块一,面,,,,@\n" + lines(SQUARE, zone=0),
    "east before north": HEAD + "5,0.6,DK-01,地块一,面,,,,@\n"
    + "".join(f"J{n},1,{east + 35e6:.3f},{north:.3f}\n" for n, (north, east) in enumerate(SQUARE, 1)),
    "degrees": "[地块坐标]\n4,0.6,DK-01,地块一,面,,,,@\n"
    + "".join(f"J{n},1,{lat:.9f},{lon:.9f}\n" for n, (lon, lat) in enumerate(IN_DEGREES, 1)),
    "coordinates alone": "".join(f"{north} {east + 35e6}\n" for north, east in SQUARE),
    "a list with numbers": "".join(f"{n}\t{north}\t{east + 35e6}\n" for n, (north, east) in enumerate(SQUARE, 1)),
    "windows line ends": (HEAD + "5,0.6,DK-01,地块一,面,,,,@\n" + lines(SQUARE)).replace("\n", "\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_outline(form: str) -> None:
    (outline,) = outlines(FORMS[form])

    assert is_the_square(outline)


@pytest.mark.parametrize("form", [form for form in FORMS if "DK-01" in FORMS[form]])
def test_a_plot_is_called_by_its_head(form: str) -> None:
    (plot,) = parsed_corner_text(FORMS[form]).plots

    assert (plot.code, plot.name, plot.shape) == ("DK-01", "地块一", "面")


@pytest.mark.parametrize(
    "rings",
    [
        lines(SQUARE) + lines(HOLE, 2),
        lines(SQUARE) + lines(HOLE, 1),
        lines(SQUARE, close=False) + lines(HOLE, 2, close=False, first=5),
        lines(SQUARE, close=False) + lines(HOLE, 1, close=False),
        lines(HOLE) + lines(SQUARE, 2),
        lines(SQUARE) + "5,0.1,DK-01,地块一,面,,,,@\n" + lines(HOLE),
    ],
)
def test_a_ring_within_another_is_its_hole(rings: str) -> None:
    (outline,) = outlines(HEAD + "9,0.59,DK-01,地块一,面,,,,@\n" + rings)

    assert [len(part) for part in outline.geometry["coordinates"]] == [2]
    assert shape(outline).area == pytest.approx(shapely.Polygon(IN_DEGREES).area * 59 / 60, rel=1e-4)


def test_a_ring_beside_another_is_a_part_and_one_in_a_hole_too() -> None:
    inner = [(NORTH + 22, EAST + 22), (NORTH + 22, EAST + 28), (NORTH + 28, EAST + 28), (NORTH + 28, EAST + 22)]

    (outline,) = outlines(
        HEAD + "9,1.2,DK-01,地块一,面,,,,@\n" + lines(SQUARE) + lines(HOLE, 2) + lines(inner, 3) + lines(AWAY, 4)
    )

    assert sorted(len(part) for part in outline.geometry["coordinates"]) == [1, 1, 2]
    assert shape(outline).is_valid


def test_many_plots_stand_in_one_text() -> None:
    text = HEAD + "5,0.6,DK-01,地块一,面,,,,@\n" + lines(SQUARE) + "5,0.6,DK-02,地块二,面,,,,@\n" + lines(AWAY)

    assert [plot.code for plot in parsed_corner_text(text).plots] == ["DK-01", "DK-02"]
    assert [is_the_square(outline) for outline in outlines(text)] == [True, False]


@pytest.mark.parametrize(
    ("written", "area"),
    [
        ("0.6", (Decimal("0.6"), "ha")),
        ("6000.00", (Decimal("6000.00"), "m2")),
        ("9", (Decimal("9"), "mu")),
        ("7.7", (Decimal("7.7"), "ha")),
        ("6000平方米", (Decimal("6000"), "m2")),
        ("9.1亩", (Decimal("9.1"), "mu")),
        ("0", None),
        ("", None),
    ],
)
def test_the_area_is_in_the_unit_in_which_it_agrees(written: str, area: tuple[Decimal, str] | None) -> None:
    (outline,) = outlines(HEAD + f"5,{written},DK-01,地块一,面,,,,@\n" + lines(SQUARE))

    assert outline.area == area


def test_the_place_of_the_points_comes_before_the_zone_of_the_head() -> None:
    text = HEAD.replace("带号=35", "带号=38") + "5,0.6,DK-01,地块一,面,,,,@\n"

    for rings in (lines(SQUARE), lines(SQUARE, zone=0)):
        (outline,) = outlines(text + rings)
        assert is_the_square(outline)
        assert [note.code for note in outline.system.notes] == ["zone_contradicts"]


def test_an_old_datum_is_said_and_read_in_its_own_system() -> None:
    (outline,) = outlines(HEAD.replace("2000国家", "80国家") + "5,0.6,DK-01,地块一,面,,,,@\n" + lines(SQUARE))

    assert outline.system.crs == "EPSG:2359"
    assert [note.code for note in outline.notes] == ["crs_read", "crs_old_datum"]


def test_the_word_of_the_caller_comes_first() -> None:
    (outline,) = outlines("5,0.6,DK-01,地块一,面,,,,@\n" + lines(SQUARE, zone=0), crs="EPSG:4545")

    assert outline.system.crs == "EPSG:4545"
    assert shape(outline).centroid.x == pytest.approx(shapely.Polygon(IN_DEGREES).centroid.x + 3, abs=0.01)


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ([(NORTH, 300_000.0)] * 4, "corners_few"),
        ([(1_900_000.0 + n, 410_000.0 + n * n) for n in range(4)], "zone_unknown"),
        ([(7.0, 7.0), (8.0, 7.0), (8.0, 9.0)], "outside_china"),
        ([(NORTH, EAST), (EAST, NORTH), (NORTH + 60, EAST)], "coordinates_mixed"),
        ([(29.6, 105.7), (105.8, 29.6), (29.7, 105.8)], "coordinates_mixed"),
        ([(NORTH, EAST + 35e6), (NORTH, EAST + 36e6), (NORTH + 60, EAST + 35e6)], "coordinates_mixed"),
        ([(90_000_000.0, 5.0), (9.0, 5.0), (9.0, 1.0)], "coordinates_nowhere"),
        ([], "corners_missing"),
    ],
)
def test_corners_that_make_no_outline_are_refused_by_name(points: list[tuple[float, float]], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        corner_outline([Corner(str(n), "1", *point) for n, point in enumerate(points, 1)], file="a.txt")


def test_a_line_that_is_no_point_is_named() -> None:
    file = parsed_corner_text(HEAD + "5,0.6,DK-01,地块一,面,,,,@\n" + lines(SQUARE) + "J9,1,北,东\n")

    ((number, fault),) = file.faults
    assert (number, fault.code, fault.params["value"]) == (18, "corner_line", "J9,1,北,东")


@pytest.mark.parametrize(
    "text",
    [
        "编号,名称\nA,一号\nB,二号\n", "", "a@b.com\n", "点号,X,Y\n1,2,3\n", "编号,面积\n1,200\n2,300\n",
        '编号,备注,名称\nA,"联系,@\n1 2",一号\n',
    ],
)  # fmt: skip
def test_a_table_is_no_text_of_corners(text: str) -> None:
    assert not is_corner_text(text)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("105°46′12.3″", 105 + 46 / 60 + 12.3 / 3600),
        ("29-35-06", 29 + 35 / 60 + 6 / 3600),
        ("105.7703", 105.7703),
        ("３５５７５０００．１", 35575000.1),
        ("29°75′00″", None),
        ("北", None),
        ("", None),
    ],
)
def test_coordinates_are_read_as_they_are_written(written: str, value: float | None) -> None:
    assert coordinate(written) == (value if value is None else pytest.approx(value, abs=1e-12))


def test_a_zone_is_guessed_in_dazu_alone() -> None:
    system = written_system([(NORTH, EAST)])

    assert (system.crs, system.is_north_first) == ("EPSG:4544", True)
    assert [note.code for note in system.notes] == ["zone_guessed"]
    assert written_system([(EAST + 35e6, NORTH)]).crs == "EPSG:4523"
