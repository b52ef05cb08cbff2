"""`panhuo import` and `panhuo export`: files of several kinds, trees of units, what is refused and why."""

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
from uuid import UUID

import httpx
import numpy as np
import pytest

from actions.survey_file import _wholes_first
from domain.errors import Fault, Forbidden, Invalid, NotFound
from geo.files import SurveyLimits, read_survey, write_features
from ops.survey_files import export_file, import_file
from tests.api.test_cli import panhuo
from tests.conftest import TODAY, Dazu

Headers = dict[str, str]

STAFF = "demo-shuangqiao"
WEST, SOUTH = 105.78, 29.62


def silent(what: str, done: int, total: int) -> None:
    """Hears nothing."""


def square(n: int, side: float = 0.0005) -> dict[str, Any]:
    west = WEST + 0.001 * n
    ring = [[west, SOUTH], [west + side, SOUTH], [west + side, SOUTH + side], [west, SOUTH + side], [west, SOUTH]]
    return {"type": "Polygon", "coordinates": [ring]}


def unit(n: int, **facts: Any) -> dict[str, Any]:
    known = {"code": f"F-{n}", "name": f"文件{n}号", "level": "building", "clear_height_m": 7.5, "storeys": 2}
    return {"type": "Feature", "geometry": square(n), "properties": {**known, **facts}}


@pytest.fixture
async def park(client: httpx.AsyncClient) -> dict[str, Any]:
    parks = (await client.get("/api/v1/parks")).json()["features"]
    return next(park for park in parks if park["properties"]["code"] == "shuangqiao")


async def count(dazu: Dazu) -> int:
    async with dazu.db.system() as conn:
        value: int = await conn.fetchval("SELECT count(*) FROM asset")
    return value


def inside(park: dict[str, Any], features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same squares in the middle of a park."""
    west, south, east, north = park["bbox"] if "bbox" in park else _bbox(park["geometry"])
    dx, dy = (west + east) / 2 - WEST, (south + north) / 2 - SOUTH
    for feature in features:
        feature["geometry"]["coordinates"] = [
            [[x + dx, y + dy] for x, y in ring] for ring in feature["geometry"]["coordinates"]
        ]
    return features


def _bbox(geometry: dict[str, Any]) -> tuple[float, float, float, float]:
    points = [point for part in geometry["coordinates"] for ring in part for point in ring]
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs), min(ys), max(xs), max(ys)


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


async def test_a_tree_of_units_comes_in_whole_and_once(
    dazu: Dazu, client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], tmp_path: Path
) -> None:
    floor = unit(2, id="floor", parent_id="house", level="floor", floor_no=1)
    house = unit(1, id="house", allowed_paths=["lease"])
    floor["geometry"] = json.loads(json.dumps(house["geometry"]))
    bad = unit(3, clear_height_m=-1)
    path = tmp_path / "survey.gpkg"
    write_features(path, inside(park, [floor, house, bad]))
    before = await count(dazu)
    about: dict[str, Any] = {"today": TODAY, "on_progress": silent}

    tried = await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=True, **about)
    assert [row.asset_id for row in tried.rows] == [None] * 3
    assert [bool(row.faults) for row in tried.rows] == [False, False, True]
    assert await count(dazu) == before

    with pytest.raises(NotFound):
        await import_file(dazu.db, "nobody", UUID(park["id"]), path, is_trial=False, **about)
    with pytest.raises(Forbidden, match="not_yours"):
        await import_file(dazu.db, "demo-zhiding", UUID(park["id"]), path, is_trial=False, **about)
    rows = (await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=False, **about)).rows
    again = (await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=False, **about)).rows

    assert [bool(row.faults) for row in rows] == [False, False, True]
    assert [fault.field for fault in rows[2].faults] == ["properties.clear_height_m"]
    assert [row.asset_id for row in again] == [row.asset_id for row in rows]
    assert [row.was_there for row in again] == [True, True, False]
    assert await count(dazu) == before + 2
    kept = (await client.get(f"/api/v1/assets/{rows[0].asset_id}", headers=keys[STAFF])).json()["properties"]
    assert (kept["parent_id"], kept["listing"], kept["clear_height_m"]) == (rows[1].asset_id, "draft", 7.5)


async def test_what_is_published_goes_out_and_comes_back(dazu: Dazu, client: httpx.AsyncClient, tmp_path: Path) -> None:
    path = tmp_path / "factories.gpkg"
    url = "/api/v1/assets?kind=factory&area_m2_min=2000&limit=1000"
    public = (await client.get(url)).json()["features"]

    assert await export_file(dazu.db, path, "kind=factory&area_m2_min=2000") == len(public) > 0

    read = {feature["properties"]["id"]: feature["properties"] for feature in read_survey(path).features}
    assert read.keys() == {item["id"] for item in public}
    for item in public:
        assert read[item["id"]]["code"] == item["properties"]["code"]
        assert read[item["id"]].get("area_m2") == item["properties"]["area_m2"]
    with pytest.raises(Invalid, match="file_exists"):
        await export_file(dazu.db, path, "")


async def test_the_command_line_says_what_was_refused(dazu: Dazu, park: dict[str, Any], tmp_path: Path) -> None:
    path, lost = tmp_path / "survey.geojson", tmp_path / "lost.csv"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": inside(park, [unit(1), unit(2, level="roof")])})
    )
    lost.write_text("a,b\n1,2\n")

    tried = panhuo(dazu, "--json", "import", str(path), "--as", STAFF, "--park", park["id"], "--dry-run")
    done = panhuo(dazu, "import", str(path), "--as", STAFF, "--park", park["id"])
    no_outline = panhuo(dazu, "import", str(lost), "--as", STAFF, "--park", park["id"])
    no_file = panhuo(dazu, "import", str(tmp_path / "none.gpkg"), "--as", STAFF, "--park", park["id"])
    out = panhuo(dazu, "export", str(tmp_path / "all.xyz"))

    document = json.loads(tried.stdout)
    assert (tried.returncode, document["refused"], document["rows"][1]["errors"][0]["field"]) == (
        1,
        1,
        "properties.level",
    )
    assert done.returncode == 1
    assert "1 / 2" in done.stdout
    assert "2 F-2  properties.level: " in done.stdout
    for refused, field in ((no_outline, "file: "), (no_file, "file: "), (out, "file: ")):
        assert refused.returncode == 1
        assert refused.stderr.startswith(field)


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


# Files that want more than to be read


def written(path: Path, features: list[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def refusal(path: Path, **options: Any) -> Fault:
    with pytest.raises(Invalid) as refused:
        read_survey(path, **options)
    return refused.value.faults[0]


def shapefile(path: Path, names: list[str], *, encoding: str, page: str | None, crs: int = 4490) -> Path:
    import geopandas
    from shapely.geometry import shape

    shapes = [shape(square(n)) for n, _ in enumerate(names)]
    codes = [f"S-{n}" for n, _ in enumerate(names)]
    frame = geopandas.GeoDataFrame({"code": codes, "name": names}, geometry=shapes, crs=crs)
    frame.to_file(path, encoding=encoding)
    table = path.with_suffix(".dbf")
    raw = bytearray(table.read_bytes())
    raw[29] = 0
    table.write_bytes(raw)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if page is not None:
        path.with_suffix(".cpg").write_text(page)
    return path


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

    from geo.files import _environment

    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    environment = _environment("GPKG", str(tmp_path))

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


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".shp"])
async def test_a_ring_of_two_points_is_that_units_fault_alone(
    dazu: Dazu, park: dict[str, Any], tmp_path: Path, ending: str
) -> None:
    ring = struct.pack("<BIII4d", 1, 3, 1, 2, WEST, SOUTH, WEST, SOUTH)
    path = tmp_path / f"survey{ending}"
    if ending == ".geojson":
        short = unit(1)
        short["geometry"]["coordinates"] = [[[WEST, SOUTH], [WEST, SOUTH]]]
        written(path, [short, *inside(park, [unit(2)])])
    else:
        import pyogrio.raw
        import shapely
        from shapely.geometry import shape

        good = shapely.to_wkb(shape(inside(park, [unit(2)])[0]["geometry"]))
        fields = {"code": ["F-1", "F-2"], "name": ["一号", "二号"], "level": ["building"] * 2}
        pyogrio.raw.write(
            path, np.array([ring, good], dtype=object), [np.array(column, dtype=object) for column in fields.values()],
            list(fields), geometry_type="Polygon", crs="EPSG:4326", encoding="UTF-8",
        )  # fmt: skip

    outcome = await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=True, today=TODAY, on_progress=silent)

    first, second = outcome.rows
    assert [fault.code for fault in first.faults] == ["ring_too_short"]
    assert second.faults == ()


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


async def test_what_the_service_gives_comes_in_again(
    dazu: Dazu, client: httpx.AsyncClient, park: dict[str, Any], tmp_path: Path
) -> None:
    url = f"/api/v1/assets?park={park['id']}&limit=1000"
    features = (await client.get(url)).json()["features"]
    for feature in features:
        feature["properties"]["code"] += "-NEU"
        feature["properties"].pop("zone_id", None)
    path = written(tmp_path / "own.geojson", features)

    outcome = await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=True, today=TODAY, on_progress=silent)

    assert len(outcome.rows) == len(features) > 3
    assert [(row.code, row.faults) for row in outcome.rows if row.faults] == []


async def test_an_instant_is_its_day_in_shanghai_and_texts_stay_texts(
    dazu: Dazu, client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], tmp_path: Path
) -> None:
    import geopandas
    import pandas
    from shapely.geometry import shape

    path = tmp_path / "survey.gpkg"
    geometry = shape(inside(park, [unit(1)])[0]["geometry"])
    days = pandas.to_datetime(["2024-05-01T16:30:00Z"])
    facts = {"code": ["T-1"], "name": ["true"], "level": ["building"], "source": ["2024/05/01"], "available_from": days}
    geopandas.GeoDataFrame(facts, geometry=[geometry], crs=4490).to_file(path)

    outcome = await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=False, today=TODAY, on_progress=silent)

    (row,) = outcome.rows
    assert row.faults == ()
    kept = (await client.get(f"/api/v1/assets/{row.asset_id}", headers=keys[STAFF])).json()["properties"]
    assert (kept["name"], kept["available_from"], kept["source"]) == ("true", "2024-05-02", "2024/05/01")


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


async def test_a_garbled_text_is_refused_with_what_it_was(dazu: Dazu, park: dict[str, Any], tmp_path: Path) -> None:
    garbled = "标准厂房".encode("gbk").decode("latin-1")
    path = written(tmp_path / "a.geojson", inside(park, [unit(1, name=garbled), unit(2, name="Müller ±2 m²")]))

    outcome = await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=True, today=TODAY, on_progress=silent)

    assert [fault.params["likely"] for fault in outcome.rows[0].faults] == ["标准厂房"]
    assert outcome.rows[1].faults == ()


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


# What is said to be registered is


async def test_the_dry_run_says_what_the_run_would(dazu: Dazu, park: dict[str, Any], tmp_path: Path) -> None:
    path = written(tmp_path / "a.geojson", inside(park, [unit(1, code="X-1"), unit(2, code="ｘ-1 "), unit(3)]))
    far = written(tmp_path / "b.geojson", [unit(1, code="X-2")])
    about: dict[str, Any] = {"today": TODAY, "on_progress": silent}
    before = await count(dazu)

    async def tried(path: Path, login: str = STAFF, park_id: str = park["id"]) -> list[list[str]]:
        outcome = await import_file(dazu.db, login, UUID(park_id), path, is_trial=True, **about)
        return [[fault.code for fault in row.faults] for row in outcome.rows]

    assert await tried(path) == [[], ["taken"], []]
    assert await tried(far) == [["outside_park"]]
    with pytest.raises(Forbidden):
        await tried(path, login="demo-zhiding")
    with pytest.raises(NotFound, match="no_such_park"):
        await tried(path, login="demo-admin", park_id="00000000-0000-0000-0000-000000000001")
    assert await count(dazu) == before
    await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=False, **about)
    again = written(tmp_path / "c.geojson", inside(park, [unit(4, code="X-1")]))
    assert await tried(again) == [["taken"]]


async def test_a_voided_unit_is_not_called_registered(
    dazu: Dazu, client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], tmp_path: Path
) -> None:
    path = written(tmp_path / "a.geojson", inside(park, [unit(1), unit(2)]))

    async def run() -> list[Any]:
        return (
            await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=False, today=TODAY, on_progress=silent)
        ).rows

    first, _ = await run()
    url = f"/api/v1/assets/{first.asset_id}"
    tag = (await client.get(url, headers=keys[STAFF])).headers["etag"]
    gone = await client.request("DELETE", f"{url}?reason=twice", headers={**keys[STAFF], "If-Match": tag})
    assert gone.status_code == 200, gone.text

    anew, other = await run()
    last, _ = await run()

    assert (anew.was_there, other.was_there, last.was_there) == (False, True, True)
    assert anew.asset_id == last.asset_id != first.asset_id
    assert (await client.get(f"/api/v1/assets/{anew.asset_id}", headers=keys[STAFF])).status_code == 200


async def test_what_json_holds_and_no_record_can_is_that_units_fault(
    dazu: Dazu, park: dict[str, Any], tmp_path: Path
) -> None:
    deep: list[Any] = []
    for _ in range(600):
        deep = [deep]
    units = [unit(1, name="\ud800"), unit(2, storeys=10**30), unit(3, attributes={"a": deep}), unit(4)]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": inside(park, units)}))
    endless = tmp_path / "b.geojson"
    endless.write_text(path.read_text().replace("7.5", "1e999"))

    outcome = await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=True, today=TODAY, on_progress=silent)

    assert [bool(row.faults) for row in outcome.rows] == [True, True, True, False]
    assert refusal(endless).code == "json_no_nan"


async def test_one_hostile_value_is_its_units_fault_alone(dazu: Dazu, park: dict[str, Any], tmp_path: Path) -> None:
    """Each broke off the whole file, or was left out in silence."""
    units = [
        unit(1, stated_idle_since="9999-12-31T23:59:59+00:00"),
        unit(2, completed_on="0001-01-01T00:00:00+23:59"),
        unit(3, allowed_paths="[" * 5000),
        unit(4, title_is_registered="NaN"),
        unit(5, title_is_registered="1e999"),
        unit(6),
        unit(7),
    ]
    inside(park, units)
    units[5]["geometry"]["coordinates"][0][2] = [10**400, 29]
    path = written(tmp_path / "hostile.geojson", units)

    outcome = await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=True, today=TODAY, on_progress=silent)

    assert [[(fault.field, fault.code) for fault in row.faults] for row in outcome.rows] == [
        [("properties.stated_idle_since", "wrong_type")],
        [("properties.completed_on", "wrong_type")],
        [("properties.allowed_paths", "wrong_type")],
        [("properties.title_is_registered", "wrong_type")],
        [("properties.title_is_registered", "wrong_type")],
        [("geometry.coordinates[0][2][0]", "coordinate_out_of_range")],
        [],
    ]


async def test_an_id_of_several_features_names_none_of_them(dazu: Dazu, park: dict[str, Any], tmp_path: Path) -> None:
    houses = [unit(1) | {"id": 7}, unit(2) | {"id": 7.0}, unit(3), unit(4)]
    floors = [unit(11, level="floor", floor_no=1, parent_id="7"), unit(12, level="building", plot_id="")]
    path = written(tmp_path / "doubled.geojson", [*inside(park, houses), *inside(park, floors)])

    outcome = await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=True, today=TODAY, on_progress=silent)

    assert [[(fault.field, fault.code) for fault in row.faults] for row in outcome.rows] == [
        [],
        [],
        [],
        [],
        [("properties.parent_id", "id_doubled")],
        [("properties.plot_id", "wrong_type")],
    ]


async def test_features_are_named_by_text_or_number(
    dazu: Dazu, client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], tmp_path: Path
) -> None:
    """Source: RFC 7946 §3.2. A number is the same number however it is written."""
    wholes: list[Any] = [7, 7.5, "house", 0]
    named: list[Any] = [7.0, "7.5", "house", 0]
    houses = [unit(n, allowed_paths=["lease"]) | {"id": whole} for n, whole in enumerate(wholes)]
    floors = [unit(n + 10, level="floor", floor_no=1, parent_id=whole) for n, whole in enumerate(named)]
    inside(park, houses)
    for house, floor in zip(houses, floors, strict=True):
        floor["geometry"] = house["geometry"]
    path = written(tmp_path / "tree.geojson", [*floors, *houses])

    outcome = await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=False, today=TODAY, on_progress=silent)

    assert [row.faults for row in outcome.rows] == [()] * 8
    for floor, house in zip(outcome.rows[:4], outcome.rows[4:], strict=True):
        kept = (await client.get(f"/api/v1/assets/{floor.asset_id}", headers=keys[STAFF])).json()["properties"]
        assert kept["parent_id"] == house.asset_id


async def test_the_faults_of_a_row_are_counted_beyond_fifty(dazu: Dazu, park: dict[str, Any], tmp_path: Path) -> None:
    many = unit(1, **{f"field_{n}": n for n in range(60)}) | {"geometry": {"type": "Point", "coordinates": [105, 29]}}
    over = unit(2, **{f"field_{n}": n for n in range(3000)})
    path = written(tmp_path / "many.geojson", [many, over])

    outcome = await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=True, today=TODAY, on_progress=silent)

    first, second = (row.faults for row in outcome.rows)
    assert (len(first), first[-1]) == (51, Fault("more_faults", "", {"count": 11}))
    assert [fault.code for fault in second] == ["too_many_members"]


def test_a_long_chain_of_parts_is_ordered_soon() -> None:
    chain = [unit(n, id=n, parent_id=n + 1) for n in range(50_000)]
    circle = [unit(n, id=f"c{n}", plot_id=f"c{1 - n}") for n in range(2)]
    started = time.monotonic()

    ordered = [number for number, _ in _wholes_first([*chain, *circle])]

    assert ordered == [*range(50_000, 0, -1), 50_001, 50_002]
    assert time.monotonic() - started < 2
