"""Survey files in metres: what is read, and why coordinates that the system named does not have are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyproj import Transformer

from domain.errors import Fault
from geo.files import Survey, read_survey
from texts.refusal_sentences import sentence

#: The corners of a square near Dazu, in degrees.
CORNERS = [(105.70, 29.60), (105.71, 29.60), (105.71, 29.61), (105.70, 29.60)]


def survey(tmp_path: Path, positions: list[list[float]], crs: str | None, *, named: str | None = None) -> Survey:
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [positions]}, "properties": {}}
    document: dict[str, Any] = {"type": "FeatureCollection", "features": [feature]}
    if named is not None:
        document["crs"] = {"type": "name", "properties": {"name": named}}
    path = tmp_path / "survey.geojson"
    path.write_text(json.dumps(document), encoding="utf-8")
    return read_survey(path, crs=crs)


def drawn_in(crs: str) -> list[list[float]]:
    to = Transformer.from_crs(4326, crs, always_xy=True)
    return [list(to.transform(*corner)) for corner in CORNERS]


def swapped(positions: list[list[float]]) -> list[list[float]]:
    return [position[::-1] for position in positions]


ZONE_35, CM_105, ZONE_36, CM_108 = "EPSG:4523", "EPSG:4544", "EPSG:4524", "EPSG:4545"
ZONE_18, CM_6_105 = "EPSG:4496", "EPSG:4507"


@pytest.mark.parametrize(
    "crs", [ZONE_35, CM_105, ZONE_36, CM_108, ZONE_18, CM_6_105, "EPSG:2359", "EPSG:32648", "EPSG:3857"]
)
def test_what_is_drawn_in_a_system_is_read_in_it(tmp_path: Path, crs: str) -> None:
    read = survey(tmp_path, drawn_in(crs), crs)

    assert dict(read.row_faults) == {}
    (feature,) = read.features
    for (lon, lat), corner in zip(feature["geometry"]["coordinates"][0], CORNERS, strict=True):
        assert (lon, lat) == pytest.approx(corner, abs=1e-5)


#: What is drawn in one system and read in another: how it is drawn, the system named, the code, what it likely is.
WRONG: list[tuple[list[list[float]], str, str, str]] = [
    (drawn_in(ZONE_35), CM_105, "zone_in_easting", ZONE_35),
    (drawn_in(ZONE_18), CM_6_105, "zone_in_easting", ZONE_18),
    (swapped(drawn_in(ZONE_35)), CM_105, "zone_in_easting", ZONE_35),
    (drawn_in(CM_105), ZONE_35, "zone_missing", CM_105),
    (drawn_in(CM_6_105), ZONE_18, "zone_missing", CM_6_105),
    (drawn_in(ZONE_35), ZONE_36, "zone_differs", ZONE_35),
    (drawn_in(ZONE_36), ZONE_35, "zone_differs", ZONE_36),
    (drawn_in(ZONE_35), "EPSG:32648", "zone_in_easting", ZONE_35),
    (swapped(drawn_in(CM_105)), CM_105, "north_before_east", ""),
    (swapped(drawn_in(ZONE_35)), ZONE_35, "north_before_east", ""),
    ([list(corner) for corner in CORNERS], CM_105, "degrees_in_metres", "EPSG:4490"),
    ([list(corner) for corner in CORNERS], "EPSG:3857", "degrees_in_metres", "EPSG:4490"),
    (drawn_in(CM_105), "EPSG:4490", "metres_in_degrees", CM_105),
    (drawn_in(ZONE_35), "EPSG:4490", "metres_in_degrees", ZONE_35),
    (drawn_in(ZONE_35), "EPSG:4326", "metres_in_degrees", ZONE_35),
]


@pytest.mark.parametrize(("positions", "crs", "code", "likely"), WRONG)
def test_what_a_system_does_not_have_says_why(
    tmp_path: Path, positions: list[list[float]], crs: str, code: str, likely: str
) -> None:
    read = survey(tmp_path, positions, crs)

    ((fault,),) = read.row_faults.values()
    assert (fault.code, fault.field) == (code, "geometry")
    assert (fault.params["x"], fault.params["y"]) == tuple(positions[0])
    body = [sentence(fault, "zh"), sentence(fault, "en")]
    assert all(crs.removeprefix("EPSG:") in text and likely in text for text in body)


def test_a_zone_number_that_the_system_has_not_is_named(tmp_path: Path) -> None:
    read = survey(tmp_path, drawn_in(ZONE_35), CM_105)

    fault: Fault = read.row_faults[1][0]
    x, y = drawn_in(ZONE_35)[0]
    assert sentence(fault, "en") == (
        f"[{x}, {y}] cannot be projected: the easting carries a zone number, the system named "
        "(CGCS2000 / 3-degree Gauss-Kruger CM 105E (EPSG:4544)) does not; it is likely EPSG:4523"
    )


def test_a_file_that_names_its_system_is_judged_by_it(tmp_path: Path) -> None:
    read = survey(tmp_path, drawn_in(CM_105), None, named=f"urn:ogc:def:crs:EPSG::{ZONE_35[5:]}")

    assert [fault.code for fault in read.row_faults[1]] == ["zone_missing"]
