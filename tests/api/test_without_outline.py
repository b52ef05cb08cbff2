"""Units without an outline (图形待补): what every reader of a position makes of a point, and of nothing at all."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import pytest

from ops.doctor import CHECKS, CheckResult, lines
from store import doctor
from tests.api.story import Headers, box, register
from tests.conftest import TODAY, Dazu

ASSETS = "/api/v1/assets"
Feature = dict[str, Any]
AREA = {"stated_area": 2000, "stated_area_unit": "m2"}


def middle(outline: dict[str, Any]) -> list[float]:
    ring = outline["coordinates"][0][:-1]
    return [round(sum(position[axis] for position in ring) / len(ring), 7) for axis in (0, 1)]


@pytest.fixture
def point(park: Feature) -> dict[str, Any]:
    return {"type": "Point", "coordinates": middle(box(park, 0))}


def new(park: Feature, geometry: Any, **facts: Any) -> dict[str, Any]:
    properties = {"park_id": park["id"], "level": "building", "code": "W-1", "name": "W-1", **facts}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


async def faults(client: httpx.AsyncClient, staff: Headers, body: Any) -> tuple[int, list[tuple[str, str]]]:
    answer = await client.post(ASSETS, headers=staff, json=body)
    return answer.status_code, [(fault["field"], fault["code"]) for fault in answer.json().get("errors", [])]


async def amended(client: httpx.AsyncClient, staff: Headers, unit: Feature, **patch: Any) -> httpx.Response:
    tag = (await client.get(f"{ASSETS}/{unit['id']}", headers=staff)).headers["etag"]
    return await client.patch(f"{ASSETS}/{unit['id']}", headers=staff | {"If-Match": tag}, json=patch)


async def codes(client: httpx.AsyncClient, query: str, caller: Headers | None = None) -> set[str]:
    answer = await client.get(f"{ASSETS}?limit=1000&{query}", headers=caller)
    assert answer.status_code == 200, answer.text
    return {feature["properties"]["code"] for feature in answer.json()["features"]}


@pytest.fixture
async def placed(client: httpx.AsyncClient, staff: Headers, park: Feature, point: dict[str, Any]) -> Feature:
    return await register(client, staff, park, "AT-A-POINT", point, level="building", **AREA)


@pytest.fixture
async def unplaced(client: httpx.AsyncClient, staff: Headers, park: Feature) -> Feature:
    return await register(client, staff, park, "NOWHERE", None, level="building", **AREA)


async def test_a_unit_has_an_outline_or_a_stated_area(
    client: httpx.AsyncClient, staff: Headers, park: Feature, point: dict[str, Any], conn: asyncpg.Connection
) -> None:
    lon, lat = point["coordinates"]
    swapped, far = {"type": "Point", "coordinates": [lat, lon]}, {"type": "Point", "coordinates": [110.5, 30.5]}
    for geometry in (None, point):
        assert await faults(client, staff, new(park, geometry)) == (
            422,
            [("properties.stated_area", "outline_or_area")],
        )
    for geometry, fault in (
        (swapped, ("geometry.coordinates", "axes_swapped")),
        (far, ("geometry", "outside_park")),
        ({"type": "Point", "coordinates": []}, ("geometry.coordinates", "geometry_empty")),
        ({"type": "Point", "coordinates": [lon]}, ("geometry.coordinates", "position_length")),
        ({"type": "Point", "coordinates": [[lon, lat]]}, ("geometry.coordinates", "coordinates_depth")),
        ({"type": "LineString", "coordinates": []}, ("geometry.type", "geometry_type")),
        ("here", ("geometry", "geometry_not_object")),
    ):
        assert await faults(client, staff, new(park, geometry, **AREA)) == (422, [fault]), geometry

    for columns in ("stated_area = NULL, stated_area_unit = NULL", "measured_area_m2 = 5", "geom = park.boundary"):
        made = await register(client, staff, park, f"W-{columns[:3]}", point, level="building", **AREA)
        with pytest.raises(asyncpg.CheckViolationError):
            await conn.execute(
                f"UPDATE panhuo.asset SET {columns} FROM panhuo.park WHERE park.id = asset.park_id AND asset.id = $1",
                made["id"],
            )


async def test_what_every_reader_of_a_position_makes_of_it(
    client: httpx.AsyncClient,
    staff: Headers,
    park: Feature,
    placed: Feature,
    unplaced: Feature,
    point: dict[str, Any],
    dazu: Dazu,
) -> None:
    lon, lat = point["coordinates"]
    around = f"{lon - 0.0001},{lat - 0.0001},{lon + 0.0001},{lat + 0.0001}"
    both = {"AT-A-POINT", "NOWHERE"}

    # the feature and what tables say
    assert (placed["geometry"], unplaced["geometry"]) == (point, None)
    assert [unit["properties"]["measured_area_m2"] for unit in (placed, unplaced)] == [None, None]
    assert [unit["properties"]["usable_area_m2"] for unit in (placed, unplaced)] == [2000, 2000]
    table = (await client.get(f"{ASSETS}.geojson?missing=geometry")).json()["features"]
    assert {row["properties"]["code"]: row["geometry"] for row in table} == {"AT-A-POINT": point, "NOWHERE": None}
    rows = (await client.get(f"{ASSETS}.csv?missing=geometry&wkt=true&fields=code")).text.splitlines()
    assert sorted(rows[1:]) == sorted([f"AT-A-POINT,POINT({lon} {lat})", "NOWHERE,"])

    # bbox, near, and what can be filtered
    assert await codes(client, "missing=geometry") == both
    everywhere = "bbox=-180,-90,180,90"
    assert await codes(client, everywhere) & both == {"AT-A-POINT"}
    assert await codes(client, f"bbox={around}") & both == {"AT-A-POINT"}
    assert await codes(client, f"bbox={lon},{lat},{lon},{lat}") & both == {"AT-A-POINT"}
    assert await codes(client, f"bbox={lon - 0.0001},{lat},{-lon},{lat + 1}") & both == {"AT-A-POINT"}
    assert await codes(client, f"near={lon},{lat}&radius_m=5") & both == {"AT-A-POINT"}
    assert await codes(client, f"near={lon + 0.01},{lat}&radius_m=5") & both == set()
    assert await codes(client, "near=AT-A-POINT&radius_m=5") & both == {"AT-A-POINT"}
    assert (await client.get(f"{ASSETS}?near=NOWHERE&radius_m=5")).status_code == 400

    # ranking: the point's distance is known, without one it is to be confirmed
    place = {"lon": lon, "lat": lat, "radius_m": 100}
    size = {"floor_area_m2_min": 1900, "floor_area_m2_max": 2100}
    need = {"kinds": ["factory"], "accepted_paths": ["lease"], "places": [place], **size}
    answer = await client.post("/api/v1/rankings?limit=100", json=need)
    assert answer.status_code == 200, answer.text
    lists = answer.json()["lists"]["factory"]
    shown = {result["assets"][0]["code"]: result for result in lists["results"]}
    assert both <= shown.keys()
    unknown = {code: [rule["id"] for rule in shown[code]["hard"] if rule["status"] == "unknown"] for code in both}
    assert ("H13" in unknown["NOWHERE"], "H13" in unknown["AT-A-POINT"]) == (True, False)

    # neighbours and overlaps: none, also beside an outline on the same spot
    drawn = await register(client, staff, park, "DRAWN", box(park, 0), level="building")
    assert drawn["staff"]["issues"] == []
    async with dazu.db.system() as reader:
        assert await reader.fetchval("SELECT count(*) FROM asset_adjacency WHERE asset_id = $1", drawn["id"]) == 0

    # the doctor counts them, which is no fault
    findings = await doctor.findings(dazu.db, "unplaced", today=TODAY, most=9)
    assert findings == [f"{park['properties']['code']}: 2 (1)"]
    check = next(check for check in CHECKS if check.name == "unplaced")
    assert CheckResult(check, findings).is_well
    assert lines(CheckResult(check, findings))[0].startswith("·")
    for name in ("outlines", "areas", "overlaps", "wholes", "space"):
        assert await doctor.findings(dazu.db, name, today=TODAY, most=9) == []


async def test_parts_are_bounded_by_stated_areas(
    client: httpx.AsyncClient, staff: Headers, park: Feature, unplaced: Feature
) -> None:
    first = await register(
        client,
        staff,
        park,
        "W-F1",
        None,
        level="floor",
        floor_no=1,
        parent_id=unplaced["id"],
        **AREA | {"stated_area": 1500},
    )
    over = new(park, None, level="floor", floor_no=2, parent_id=unplaced["id"], **AREA | {"stated_area": 600})

    assert await faults(client, staff, over) == (409, [("properties.stated_area", "parts_exceed_whole")])
    fits = await faults(client, staff, over | {"properties": over["properties"] | {"stated_area": 500}})

    assert fits[0] == 201
    drawn = await amended(client, staff, first, geometry=box(park, 3))  # its whole is not drawn, nor is its sister
    assert drawn.status_code == 200, drawn.text


async def test_an_outline_comes_later_and_goes_again(
    client: httpx.AsyncClient, staff: Headers, park: Feature, placed: Feature, point: dict[str, Any]
) -> None:
    taken = await register(client, staff, park, "DRAWN", box(park, 5), level="building")
    off = {"type": "Point", "coordinates": [110.5, 30.5]}
    tight = box(park, 5, part=0.5)

    assert (await amended(client, staff, placed, geometry=off)).status_code == 422
    assert (
        await amended(client, staff, placed, properties={"stated_area": None, "stated_area_unit": None})
    ).status_code == 422
    drawn = (await amended(client, staff, placed, geometry=tight)).json()
    assert drawn["geometry"]["type"] == "MultiPolygon"
    assert drawn["properties"]["measured_area_m2"] > 500
    both = [drawn, (await client.get(f"{ASSETS}/{taken['id']}", headers=staff)).json()]
    assert ["roots_overlap" in {issue["code"] for issue in unit["staff"]["issues"]} for unit in both] == [True, True]
    assert await codes(client, "missing=geometry") == set()

    back = (await amended(client, staff, placed, geometry=None)).json()
    assert (back["geometry"], back["properties"]["measured_area_m2"], back["staff"]["issues"]) == (None, None, [])
    other = (await client.get(f"{ASSETS}/{taken['id']}", headers=staff)).json()
    assert other["staff"]["issues"] == []
    again = (await amended(client, staff, placed, geometry=point)).json()
    assert again["geometry"] == point
    bare = await amended(client, staff, taken, geometry=None)
    assert (bare.status_code, bare.json()["errors"][0]["code"]) == (422, "outline_or_area")
    history = (await client.get(f"{ASSETS}/{placed['id']}/history", headers=staff)).json()
    assert [version["measured_area_m2"] is None for version in history["versions"]] == [True, True, False, True, True]


async def test_a_park_drawn_anew_holds_its_points(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: Feature, placed: Feature
) -> None:
    sent = keys["demo-admin"] | {"If-Match": (await client.get(f"/api/v1/parks/{park['id']}")).headers["etag"]}
    answer = await client.patch(f"/api/v1/parks/{park['id']}", headers=sent, json={"geometry": box(park, 9)})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "park_leaves_outside")
    empty = await client.patch(f"/api/v1/parks/{park['id']}", headers=sent, json={"geometry": None})
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "geometry")


async def test_a_position_is_found_where_it_is_drawn(
    client: httpx.AsyncClient, staff: Headers, park: Feature, placed: Feature, conn: asyncpg.Connection, dazu: Dazu
) -> None:
    read = "SELECT lon_e7 FROM panhuo.asset WHERE id = $1"
    lon = await conn.fetchval(read, placed["id"])
    await conn.execute("UPDATE panhuo.asset SET lon_e7 = lon_e7 + 5000 WHERE id = $1", placed["id"])

    assert len(await doctor.findings(dazu.db, "areas", today=TODAY, most=9)) == 1
    await amended(client, staff, placed, properties={"rent_yuan_m2_month": 5})
    assert await conn.fetchval(read, placed["id"]) == lon + 5000  # not worked out anew for a rent
    moved = await amended(client, staff, placed, geometry=box(park, 2))
    assert moved.status_code == 200
    assert await doctor.findings(dazu.db, "areas", today=TODAY, most=9) == []
    await amended(client, staff, placed, geometry=None)
    assert await conn.fetchval(read, placed["id"]) is None
