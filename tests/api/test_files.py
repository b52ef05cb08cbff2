"""`panhuo import` and `panhuo export`: files of several kinds, trees of units, what is refused and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from api.files import bring_in, take_out
from domain.errors import Invalid, NotFound
from geo.files import read_features, write_features
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
    return next(one for one in parks if one["properties"]["code"] == "shuangqiao")


async def count(dazu: Dazu) -> int:
    async with dazu.db.system() as conn:
        found: int = await conn.fetchval("SELECT count(*) FROM asset")
    return found


def inside(park: dict[str, Any], features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same squares in the middle of a park."""
    west, south, east, north = park["bbox"] if "bbox" in park else _bbox(park["geometry"])
    dx, dy = (west + east) / 2 - WEST, (south + north) / 2 - SOUTH
    for one in features:
        one["geometry"]["coordinates"] = [
            [[x + dx, y + dy] for x, y in ring] for ring in one["geometry"]["coordinates"]
        ]
    return features


def _bbox(geometry: dict[str, Any]) -> tuple[float, float, float, float]:
    points = [point for part in geometry["coordinates"] for ring in part for point in ring]
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs), min(ys), max(xs), max(ys)


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".fgb"])
def test_what_is_written_is_read_again(tmp_path: Path, ending: str) -> None:
    features = [unit(1, allowed_paths=["lease", "sale"], works=[]), unit(2, clear_height_m=None, is_divisible=True)]
    path = tmp_path / f"units{ending}"

    write_features(path, features)

    read = read_features(path)
    by_code = {one["properties"]["code"]: one["properties"] for one in read}
    assert by_code["F-1"]["allowed_paths"] == ["lease", "sale"]
    assert by_code["F-1"]["clear_height_m"] == 7.5
    assert by_code["F-1"]["storeys"] == 2
    assert "clear_height_m" not in by_code["F-2"]
    assert by_code["F-2"]["is_divisible"] is True
    assert {one["geometry"]["type"] for one in read} == {"Polygon"}


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
    about: dict[str, Any] = {"crs": None, "today": TODAY, "tell": silent}

    tried = await bring_in(dazu.db, STAFF, UUID(park["id"]), path, only_try=True, **about)
    assert [row.asset_id for row in tried] == [None] * 3
    assert await count(dazu) == before

    with pytest.raises(NotFound):
        await bring_in(dazu.db, "nobody", UUID(park["id"]), path, only_try=False, **about)
    foreign = await bring_in(dazu.db, "demo-zhiding", UUID(park["id"]), path, only_try=False, **about)
    assert {fault.code for row in foreign[:2] for fault in row.faults} == {"not_yours", "whole_refused"}
    rows = await bring_in(dazu.db, STAFF, UUID(park["id"]), path, only_try=False, **about)
    again = await bring_in(dazu.db, STAFF, UUID(park["id"]), path, only_try=False, **about)

    assert [bool(row.faults) for row in rows] == [False, False, True]
    assert [fault.field for fault in rows[2].faults] == ["properties.clear_height_m"]
    assert again == rows
    assert await count(dazu) == before + 2
    kept = (await client.get(f"/api/v1/assets/{rows[0].asset_id}", headers=keys[STAFF])).json()["properties"]
    assert (kept["parent_id"], kept["listing"], kept["clear_height_m"]) == (rows[1].asset_id, "draft", 7.5)


async def test_what_is_published_goes_out_and_comes_back(dazu: Dazu, client: httpx.AsyncClient, tmp_path: Path) -> None:
    path = tmp_path / "factories.gpkg"
    asked = "/api/v1/assets?kind=factory&area_m2_min=2000&limit=1000"
    public = (await client.get(asked)).json()["features"]

    assert await take_out(dazu.db, path, "kind=factory&area_m2_min=2000") == len(public) > 0

    read = {one["properties"]["id"]: one["properties"] for one in read_features(path)}
    assert read.keys() == {one["id"] for one in public}
    for one in public:
        assert read[one["id"]]["code"] == one["properties"]["code"]
        assert read[one["id"]].get("area_m2") == one["properties"]["area_m2"]
    with pytest.raises(Invalid, match="file_exists"):
        await take_out(dazu.db, path, "")


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

    said = json.loads(tried.stdout)
    assert (tried.returncode, said["refused"], said["rows"][1]["errors"][0]["field"]) == (1, 1, "properties.level")
    assert done.returncode == 1
    assert "1 / 2" in done.stdout
    assert "2 F-2  properties.level: " in done.stdout
    for refused, field in ((no_outline, "file: "), (no_file, "file: "), (out, "file: ")):
        assert refused.returncode == 1
        assert refused.stderr.startswith(field)


def test_a_file_without_a_reference_system_needs_one(tmp_path: Path) -> None:
    import geopandas

    path = tmp_path / "plain.shp"
    frame = geopandas.GeoDataFrame({"code": ["1"]}, geometry=geopandas.points_from_xy([560000], [3280000]))
    with pytest.warns(UserWarning, match="crs"):
        frame.to_file(path)

    with pytest.raises(Invalid, match="crs_missing"):
        read_features(path)
    with pytest.raises(Invalid, match="crs_unknown"):
        read_features(path, "EPSG:1")
    (point,) = read_features(path, "EPSG:4544")  # CGCS2000, 3 degrees, 105° E
    assert point["geometry"]["coordinates"][0] == pytest.approx(105.62, abs=0.01)
