"""Survey files of several kinds: what is read of them, in which encoding and reference system, and within limits."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Fault, Invalid
from geo.files import SurveyLimits, read_survey, write_features
from tests.geo.survey_samples import refusal, shapefile, square, unit, written


def as_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".fgb"])
def test_what_is_written_is_read_again(tmp_path: Path, ending: str) -> None:
    features = [unit(1, allowed_paths=["lease", "sale"], works=[]), unit(2, clear_height_m=None, is_divisible=True)]
    path = tmp_path / f"units{ending}"

    write_features(path, features)

    read = read_survey(path).features
    by_code = {item["properties"]["code"]: item["properties"] for item in read}
    assert as_json(by_code["F-1"]["allowed_paths"]) == ["lease", "sale"]
    assert by_code["F-1"]["clear_height_m"] == 7.5
    assert by_code["F-1"]["storeys"] == 2
    assert "clear_height_m" not in by_code["F-2"]
    assert as_json(by_code["F-2"]["is_divisible"]) is True
    assert {item["geometry"]["type"] for item in read} == {"Polygon"}


def test_a_file_without_a_reference_system_needs_one(tmp_path: Path) -> None:
    import geopandas
    import shapely

    path = tmp_path / "plain.shp"
    frame = geopandas.GeoDataFrame({"code": ["1"]}, geometry=[shapely.box(560000, 3280000, 560010, 3280010)])
    with pytest.warns(UserWarning, match="crs"):
        frame.to_file(path)

    with pytest.raises(Invalid, match="crs_missing"):
        read_survey(path)
    with pytest.raises(Invalid, match="crs_unknown"):
        read_survey(path, crs="EPSG:1")
    (plot,) = read_survey(path, crs="EPSG:4544").features  # CGCS2000, 3 degrees, 105° E
    assert plot["geometry"]["coordinates"][0][0][0] == pytest.approx(105.62, abs=0.01)


@pytest.mark.parametrize("ending", [".geojson", ".json", ".gpkg", ".fgb", ".shp"])
def test_a_file_that_names_another_is_not_followed(tmp_path: Path, ending: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("code,WKT\nstolen,POINT(105 29)\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        for source in (str(secret), f"/vsicurl/{address}", f"WFS:{address}"):
            path = tmp_path / f"survey{ending}"
            path.write_text(
                f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource>'
                "<GeometryType>wkbPoint</GeometryType></OGRVRTLayer></OGRVRTDataSource>"
            )
            for part in (".shx", ".dbf"):
                path.with_suffix(part).write_bytes(b"")

            assert refusal(path).code == "file_content"
        path.write_text(f"<OGRWFSDataSource><URL>{address}</URL></OGRWFSDataSource>")
        assert refusal(path).code == "file_content"
        with pytest.raises(TimeoutError):
            server.accept()


def test_the_reading_process_has_one_driver_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyogrio

    from geo import files, reading_process

    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    environment = reading_process.child_environment(str(tmp_path)) | files._environment("GPKG")

    script = "import os, pyogrio; print(sorted(pyogrio.list_drivers()), [n for n in os.environ if 'DATABASE' in n])"
    child = subprocess.run(
        [sys.executable, "-I", "-c", script], env=environment, capture_output=True, text=True, check=True
    )

    assert {"OGR_VRT", "WFS", "HTTP"} < set(pyogrio.list_drivers())
    assert child.stdout.strip() == "['GPKG'] []"


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE VIEW endless AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n)"
        " SELECT fid, x'' AS geom FROM n",
        "CREATE VIRTUAL TABLE other USING rtree_of_another(id)",
        "ALTER TABLE survey ADD COLUMN much TEXT GENERATED ALWAYS AS (hex(zeroblob(1000000000))) VIRTUAL",
    ],
)
def test_a_geopackage_that_computes_is_refused_at_once(tmp_path: Path, sql: str) -> None:
    path = tmp_path / "survey.gpkg"
    write_features(path, [unit(1)])
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        if "VIRTUAL TABLE" in sql:  # no library here knows the module, so its row is written by hand
            conn.execute("PRAGMA writable_schema = ON")
            conn.execute("INSERT INTO sqlite_schema VALUES ('table', 'other', 'other', 0, ?)", (sql,))
        else:
            conn.execute(sql)
        if "VIEW" in sql:
            conn.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('endless','features','e')"
            )
            conn.execute("INSERT INTO gpkg_geometry_columns VALUES ('endless', 'geom', 'POLYGON', 4326, 0, 0)")
    began = time.monotonic()

    assert refusal(path).code == "file_computes"
    assert time.monotonic() - began < 20


def test_what_takes_too_much_is_stopped(tmp_path: Path) -> None:
    path = written(tmp_path / "survey.geojson", [unit(n) for n in range(3)])
    big = written(tmp_path / "big.geojson", [unit(1, name="厂" * 20_000_000)])

    assert refusal(path, limits=SurveyLimits(file_bytes=100)).code == "file_too_large"
    assert refusal(path, limits=SurveyLimits(features=2)).code == "too_many_features"
    assert refusal(path, limits=SurveyLimits(wall_s=0.001)).code == "file_too_heavy"
    assert refusal(path, limits=SurveyLimits(answer_bytes=100)).code == "file_too_heavy"
    assert refusal(big, limits=SurveyLimits(memory_bytes=150 << 20)).code == "file_too_heavy"
    assert refusal(big, limits=SurveyLimits(cpu_s=0)).code == "file_too_heavy"


def test_a_flatgeobuf_that_claims_a_thousand_million_features_is_refused(tmp_path: Path) -> None:
    import pyogrio

    path = tmp_path / "survey.fgb"
    write_features(path, [unit(1), unit(2)])
    raw = path.read_bytes()
    count = struct.pack("<Q", 2)
    assert raw.count(count) >= 1
    path.write_bytes(raw.replace(count, struct.pack("<Q", 10**9)))
    assert pyogrio.read_info(path)["features"] == 10**9

    assert refusal(path, limits=SurveyLimits(memory_bytes=1 << 30, wall_s=30)).code == "file_cut"


# How a file is read


def test_values_of_geojson_stay_what_they_are(tmp_path: Path) -> None:
    mixed = [
        unit(1, code="007", name="2024/05/01", storeys=3, tags=None),
        unit(2, code="8", name="[3号]", storeys=None),
    ]
    mixed[1]["properties"]["is_divisible"] = True

    first, second = (feature["properties"] for feature in read_survey(written(tmp_path / "a.geojson", mixed)).features)

    assert (first["code"], first["name"], first["storeys"]) == ("007", "2024/05/01", 3)
    assert (second["code"], second["name"], second["is_divisible"]) == ("8", "[3号]", True)
    assert "storeys" not in second


def test_a_missing_value_leaves_its_column_whole(tmp_path: Path) -> None:
    import geopandas
    import pandas
    from shapely.geometry import shape

    path = tmp_path / "a.gpkg"
    numbers = pandas.array([2**60 + 1, None], dtype="Int64")
    truths = pandas.array([True, None], dtype="boolean")
    frame = geopandas.GeoDataFrame({"n": numbers, "is": truths}, geometry=[shape(square(1))] * 2, crs=4490)
    frame.to_file(path)

    assert [feature["properties"] for feature in read_survey(path).features] == [{"n": 2**60 + 1, "is": True}, {}]


@pytest.mark.parametrize(
    ("encoding", "page", "names"),
    [
        ("GBK", None, ["标准厂房一号", "丂丄厂房仓库"]),
        ("GBK", "936", ["标准厂房一号"]),
        ("GBK", "GBK", ["一"]),
        ("UTF-8", None, ["标准厂房一号"]),
        ("UTF-8", "UTF-8", ["标准厂房一号", "Müller"]),
    ],
)
def test_texts_of_a_shapefile_are_read_in_their_encoding(
    tmp_path: Path, encoding: str, page: str | None, names: list[str]
) -> None:
    survey = read_survey(shapefile(tmp_path / "a.shp", names, encoding=encoding, page=page))

    assert [feature["properties"]["name"] for feature in survey.features] == names
    assert [note.params["encoding"] for note in survey.notes if note.code == "encoding_read"] == [encoding]


def test_an_encoding_that_is_not_certain_is_asked_for(tmp_path: Path) -> None:
    false_page = shapefile(tmp_path / "false.shp", ["标准厂房"], encoding="GBK", page="UTF-8")
    latin_page = shapefile(tmp_path / "latin.shp", ["标准厂房"], encoding="GBK", page="ISO-8859-1")
    both = shapefile(tmp_path / "both.shp", ["摹模"], encoding="GBK", page=None)

    for path in (false_page, latin_page, both):
        assert refusal(path).code == "encoding_unclear"
    assert refusal(false_page, encoding="UTF-8").code == "encoding_wrong"
    (feature,) = read_survey(false_page, encoding="GBK").features
    assert feature["properties"]["name"] == "标准厂房"


def test_files_of_several_layers_or_missing_parts_are_called_what_they_are(tmp_path: Path) -> None:
    import geopandas
    from shapely.geometry import shape

    path, bundle = tmp_path / "two.gpkg", tmp_path / "bundle.gdb"
    frame = geopandas.GeoDataFrame({"code": ["1"]}, geometry=[shape(square(1))], crs=4490)
    for layer in ("宗地", "厂房"):
        frame.to_file(path, layer=layer)
    frame.to_file(bundle, driver="OpenFileGDB")
    lost = shapefile(tmp_path / "lost.shp", ["a"], encoding="UTF-8", page=None)
    lost.with_suffix(".shx").unlink()
    folder = tmp_path / "folder.gpkg"
    folder.mkdir()
    open_elsewhere = tmp_path / "open.gpkg"
    frame.to_file(open_elsewhere)
    (tmp_path / "open.gpkg-wal").write_bytes(b"x")

    assert refusal(path) == Fault("layer_needed", "layer", {"file": "two.gpkg", "layers": ["宗地", "厂房"]})
    assert refusal(path, layer="道路").code == "layer_unknown"
    assert len(read_survey(path, layer="厂房").features) == 1
    assert len(read_survey(bundle).features) == 1
    assert refusal(lost) == Fault("file_part_missing", "file", {"file": "lost.shp", "part": "lost.shx"})
    assert refusal(folder).code == "file_is_folder"
    assert refusal(open_elsewhere).code == "file_in_use"


def test_the_key_of_a_file_is_all_of_it(tmp_path: Path) -> None:
    first = shapefile(tmp_path / "a.shp", ["甲厂房"], encoding="GBK", page="GBK")
    key = read_survey(first).key
    renamed = shapefile(tmp_path / "b.shp", ["甲厂房"], encoding="GBK", page="GBK")
    other_names = shapefile(tmp_path / "c.shp", ["乙厂房"], encoding="GBK", page="GBK")
    other_page = shapefile(tmp_path / "d.shp", ["甲厂房"], encoding="GBK", page="936")
    other_system = shapefile(tmp_path / "e.shp", ["甲厂房"], encoding="GBK", page="GBK", crs=4326)

    assert first.read_bytes() == other_names.read_bytes()
    assert read_survey(renamed).key == key
    keys = {read_survey(path).key for path in (other_names, other_page, other_system)}
    assert len(keys | {key, read_survey(first, crs="EPSG:4214").key}) == 5


def test_reference_systems_are_said_and_old_ones_warn(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "a.shp", ["a"], encoding="UTF-8", page=None)

    def codes(**options: Any) -> list[str]:
        return [note.code for note in read_survey(path, **options).notes]

    assert codes() == ["crs_read"]
    assert codes(crs="EPSG:4610") == ["crs_read", "crs_overridden", "crs_old_datum"]
    assert codes(crs="EPSG:4214") == ["crs_read", "crs_overridden", "crs_old_datum"]
    (note,) = read_survey(path).notes
    assert note.params == {"crs": "China Geodetic Coordinate System 2000 (EPSG:4490)"}


def test_coordinates_that_cannot_be_projected_say_why(tmp_path: Path) -> None:
    zoned = unit(1)
    zoned["geometry"]["coordinates"] = [[[35_560_000 + x, 3_280_000 + y] for x, y in ((0, 0), (9, 0), (9, 9), (0, 0))]]

    survey = read_survey(written(tmp_path / "a.geojson", [zoned, unit(2)]), crs="EPSG:4544")

    (fault,) = survey.row_faults[1]
    assert (fault.code, fault.params["likely"]) == ("zone_in_easting", "EPSG:4523")
