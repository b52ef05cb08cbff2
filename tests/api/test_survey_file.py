"""`panhuo import` and `panhuo export`: files of several kinds, trees of units, what is refused and why."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest
from openpyxl import load_workbook

from actions.survey_file import _wholes_first
from domain.errors import Fault, Forbidden, Invalid, NotFound
from geo.files import read_survey, write_features
from ledger.assembly import read_ledger
from ledger.workbook import read_workbook
from ops.survey_files import export_file, import_file
from tests.api.story import box
from tests.api.test_cli import panhuo
from tests.conftest import TODAY, Dazu
from tests.geo.survey_samples import SOUTH, WEST, refusal, unit, written
from tests.work import counting_calls

Headers = dict[str, str]

STAFF = "demo-shuangqiao"


def silent(what: str, done: int, total: int) -> None:
    """Hears nothing."""


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


@pytest.mark.parametrize("ending", [".xlsx", ".csv", ".geojson", ".gpkg"])
async def test_an_account_gets_what_it_sees_into_a_new_file(
    dazu: Dazu, client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], tmp_path: Path, ending: str
) -> None:
    facts = {"park_id": park["id"], "code": "D-1", "name": "D-1", "level": "building", "lowest_price_yuan_m2": 1234}
    body = {"type": "Feature", "geometry": box(park, 0), "properties": facts}
    assert (await client.post("/api/v1/assets", headers=keys[STAFF], json=body)).status_code == 201
    own, public, query = tmp_path / f"own{ending}", tmp_path / f"public{ending}", "park=shuangqiao&kind=factory"

    counts = [await export_file(dazu.db, own, query, STAFF), await export_file(dazu.db, public, query)]

    listed = [(await client.get(f"/api/v1/assets?{query}&limit=1000", headers=by)).json() for by in (keys[STAFF], {})]
    assert counts == [page["numberReturned"] for page in listed]
    if ending in (".geojson", ".gpkg"):
        rows = [feature["properties"] for feature in read_survey(own).features]
        assert [row["lowest_price_yuan_m2"] for row in rows if row["code"] == "D-1"] == [1234]
        assert "D-1" not in {feature["properties"]["code"] for feature in read_survey(public).features}
    else:
        ledgers = [read_ledger(read_workbook(path)).rows for path in (own, public)]
        facts_by_code = [{row.facts["code"]: row.facts for row in rows} for rows in ledgers]
        assert [len(rows) for rows in ledgers] == counts
        assert facts_by_code[0]["D-1"]["lowest_price_yuan_m2"] == 1234 and "D-1" not in facts_by_code[1]
    with pytest.raises(Invalid, match="file_exists"):
        await export_file(dazu.db, own, query, STAFF)
    with pytest.raises(NotFound, match="no_such"):
        await export_file(dazu.db, tmp_path / f"none{ending}", query, "nobody")
    assert {path.name for path in tmp_path.iterdir()} == {own.name, public.name}


async def test_an_export_that_breaks_off_leaves_no_file(
    dazu: Dazu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.sheet.SheetWriter.end", lambda writer: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        await export_file(dazu.db, tmp_path / "all.xlsx", "")

    assert list(tmp_path.iterdir()) == []


def test_a_template_is_written_into_a_new_workbook(dazu: Dazu, tmp_path: Path) -> None:
    made, again = (panhuo(dazu, "template", str(tmp_path / "a.xlsx"), "--language", "en") for _ in range(2))
    other = panhuo(dazu, "template", str(tmp_path / "a.csv"))

    assert made.returncode == 0, made.stderr
    assert load_workbook(tmp_path / "a.xlsx").sheetnames == ["Ledger", "How to fill it in"]
    assert [(refused.returncode, refused.stderr[:6]) for refused in (again, other)] == [(1, "file: ")] * 2


async def test_the_command_line_says_what_was_refused(dazu: Dazu, park: dict[str, Any], tmp_path: Path) -> None:
    path, lost = tmp_path / "survey.geojson", tmp_path / "lost.csv"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": inside(park, [unit(1), unit(2, level="roof")])})
    )
    lost.write_text("a,b\n1,2\n")

    tried = panhuo(dazu, "--json", "import", str(path), "--as", STAFF, "--park", park["id"], "--dry-run")
    done = panhuo(dazu, "import", str(path), "--as", STAFF, "--park", park["id"])
    no_headings = panhuo(dazu, "import", str(lost), "--as", STAFF, "--park", park["id"])
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
    assert (no_headings.returncode, "lost.csv" in no_headings.stdout) == (1, True)
    for refused, field in ((no_file, "file: "), (out, "file: ")):
        assert refused.returncode == 1
        assert refused.stderr.startswith(field)


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


async def test_a_garbled_text_is_refused_with_what_it_was(dazu: Dazu, park: dict[str, Any], tmp_path: Path) -> None:
    garbled = "标准厂房".encode("gbk").decode("latin-1")
    path = written(tmp_path / "a.geojson", inside(park, [unit(1, name=garbled), unit(2, name="Müller ±2 m²")]))

    outcome = await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=True, today=TODAY, on_progress=silent)

    assert [fault.params["likely"] for fault in outcome.rows[0].faults] == ["标准厂房"]
    assert outcome.rows[1].faults == ()


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
    line = {"type": "LineString", "coordinates": [[105, 29]]}
    many = unit(1, **{f"field_{n}": n for n in range(60)}) | {"geometry": line}
    over = unit(2, **{f"field_{n}": n for n in range(3000)})
    path = written(tmp_path / "many.geojson", [many, over])

    outcome = await import_file(dazu.db, STAFF, UUID(park["id"]), path, is_trial=True, today=TODAY, on_progress=silent)

    first, second = (row.faults for row in outcome.rows)
    assert (len(first), first[-1]) == (51, Fault("more_faults", "", {"count": 11}))
    assert [fault.code for fault in second] == ["too_many_members"]


def test_a_long_chain_of_parts_is_ordered_in_steps_that_grow_with_it() -> None:
    """A chain of 50,000: what looks for every whole among all of them would take a thousand million."""
    chain = [unit(n, id=n, parent_id=n + 1) for n in range(50_000)]
    circle = [unit(n, id=f"c{n}", plot_id=f"c{1 - n}") for n in range(2)]

    with counting_calls() as calls:
        ordered = [number for number, _ in _wholes_first([*chain, *circle])]

    assert ordered == [*range(50_000, 0, -1), 50_001, 50_002]
    assert calls.count < 60 * len(chain)
