"""A park is amended by an admin, a zone by staff of its park: at the revision named, with its event; zones follow."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from tests.api.story import Headers, box, register
from tests.conftest import Dazu

PARKS = "/api/v1/parks"


@pytest.fixture
def admin(keys: dict[str, Headers]) -> Headers:
    return keys["demo-admin"]


async def read(client: httpx.AsyncClient, park_id: str) -> tuple[dict[str, Any], str]:
    answer = await client.get(f"{PARKS}/{park_id}")
    return answer.json(), answer.headers["etag"]


async def test_a_park_is_amended_and_its_zones_follow(
    client: httpx.AsyncClient, admin: Headers, staff: Headers, park: dict[str, Any]
) -> None:
    zone = {"type": "Feature", "geometry": box(park, 0), "properties": {"code": "z-1", "name_zh": "园中园"}}
    zone_id = (await client.post(f"{PARKS}/{park['id']}/zones", headers=staff, json=zone)).json()["id"]
    before, tag = await read(client, park["id"])
    changes = {"properties": {"name_en": "Shuangqiao Zone", "negative_list": ["25"], "leading_industries": None}}
    sent = admin | {"If-Match": tag, "Idempotency-Key": "amend"}

    first, again = [await client.patch(f"{PARKS}/{park['id']}", headers=sent, json=changes) for _ in range(2)]

    assert (first.status_code, again.text, again.headers["idempotency-replayed"]) == (200, first.text, "true")
    after, new_tag = await read(client, park["id"])
    assert first.json() == after
    assert after["properties"] == before["properties"] | {
        "name_en": "Shuangqiao Zone",
        "negative_list": ["25"],
        "leading_industries": [],
        "revision": before["properties"]["revision"] + 1,
    }
    assert after["geometry"] == before["geometry"]
    assert (await read(client, zone_id))[0]["properties"]["negative_list"] == ["25"]
    stale = await client.patch(f"{PARKS}/{park['id']}", headers=admin | {"If-Match": tag}, json=changes)
    missing = await client.patch(f"{PARKS}/{park['id']}", headers=admin, json=changes)
    assert (stale.status_code, missing.status_code, new_tag != tag) == (412, 428, True)
    history = (await client.get(f"{PARKS}/{park['id']}/history", headers=staff)).json()
    assert [version["negative_list"] for version in history["versions"]] == [
        ["25"],
        before["properties"]["negative_list"],
    ]
    assert history["versions"][0]["known_until"] is None
    assert history["versions"][1]["known_until"] == history["versions"][0]["known_from"]
    event = history["events"][0]
    assert (event["act"], event["changed"]["name_en"]) == ("park.amended", "Shuangqiao Zone")
    followed = (await client.get(f"/api/v1/events?limit=1000&park={park['id']}", headers=staff)).json()["items"]
    assert followed[-1]["act"] == "park.amended"


async def test_an_outline_leaves_nothing_outside(
    client: httpx.AsyncClient, admin: Headers, park: dict[str, Any]
) -> None:
    body = {"geometry": box(park, 0)}

    answer = await client.patch(f"{PARKS}/{park['id']}", headers=admin | {"If-Match": "*"}, json=body)

    fault = answer.json()["errors"][0]
    assert (answer.status_code, fault["code"], fault["field"]) == (409, "park_leaves_outside", "geometry")
    new = {"type": "Feature", "geometry": box(park, -80), "properties": {"code": "empty", "name_zh": "空园区"}}
    made = (await client.post(PARKS, headers=admin, json=new)).json()
    moved = await client.patch(
        f"{PARKS}/{made['id']}", headers=admin | {"If-Match": '"1"'}, json={"geometry": box(park, -81)}
    )
    assert moved.status_code == 200
    assert moved.json()["geometry"] != made["geometry"]


async def test_who_may_and_what_is_wrong(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    place, nowhere = f"{PARKS}/{park['id']}", f"{PARKS}/01990000-0000-7000-8000-000000000001"
    change = {"properties": {"name_en": "x"}}
    for login, status in (("demo-shuangqiao", 403), ("demo-zhiding", 403), (None, 401)):
        headers = ({} if login is None else keys[login]) | {"If-Match": "*"}
        assert (await client.patch(place, headers=headers, json=change)).status_code == status
        assert (await client.patch(nowhere, headers=headers, json=change)).status_code == 404
    other = await client.get(f"{place}/history", headers=keys["demo-dazu-gaoxin"])
    assert (other.status_code, (await client.get(f"{place}/history")).status_code) == (403, 401)
    admin = keys["demo-admin"] | {"If-Match": "*"}
    wrongs: list[tuple[dict[str, Any], str, str]] = [
        ({"properties": {"code": "other"}}, "properties.code", "unknown_field"),
        ({"properties": {"name_zh": None}}, "properties.name_zh", "wrong_type"),
        ({"properties": {"negative_list": ["9999"]}}, "properties.negative_list", "unknown_industry"),
        ({"properties": {"revision": 3}}, "properties.revision", "read_only"),
        ({"properties": {}}, "properties", "missing"),
        ({"id": "x", **change}, "id", "other_id"),
        ({"geometry": None}, "geometry", "missing"),
    ]
    for wrong, field, code in wrongs:
        answer = await client.patch(place, headers=admin, json=wrong)
        fault = answer.json()["errors"][0]
        assert (answer.status_code // 100, fault["field"], fault["code"]) == (4, field, code), answer.text
    assert await conn.fetchval("SELECT count(*) FROM panhuo.event WHERE act = 'park.amended'") == 0


async def fits(client: httpx.AsyncClient, hall: dict[str, Any]) -> bool:
    """Whether a hall is ranked for a maker of motorcycles."""
    need = {"kinds": ["factory"], "accepted_paths": ["lease"], "product_codes": ["3752"]}
    lists = (await client.post("/api/v1/rankings?limit=100", json=need)).json()["lists"]["factory"]
    return hall["id"] in str(lists["results"])


async def test_a_ranking_reads_the_park_as_it_was_amended(
    client: httpx.AsyncClient, admin: Headers, hall: dict[str, Any], park: dict[str, Any], dazu: Dazu
) -> None:
    assert await fits(client, hall)
    body = {"properties": {"negative_list": ["3752"]}}
    await client.patch(f"{PARKS}/{park['id']}", headers=admin | {"If-Match": "*"}, json=body)

    assert not await fits(client, hall)


@pytest_asyncio.fixture(loop_scope="session")
async def zone(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> dict[str, Any]:
    """A zone with industries of its own, all else as its park."""
    facts = {"code": "z-1", "name_zh": "园中园", "leading_industries": ["3752"]}
    body = {"type": "Feature", "geometry": box(park, 0), "properties": facts}
    made: dict[str, Any] = (await client.post(f"{PARKS}/{park['id']}/zones", headers=staff, json=body)).json()
    return made


async def test_a_zone_is_amended_and_takes_from_its_park_what_it_clears(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], zone: dict[str, Any]
) -> None:
    place = f"{PARKS}/{zone['id']}"
    sent = staff | {"If-Match": (await read(client, zone["id"]))[1], "Idempotency-Key": "amend-zone"}
    changes = {"properties": {"name_zh": "灯具园", "leading_industries": None, "negative_list": ["26"]}}

    first, again = [await client.patch(place, headers=sent, json=changes) for _ in range(2)]

    assert (first.status_code, again.text, again.headers["idempotency-replayed"]) == (200, first.text, "true")
    after, new_tag = await read(client, zone["id"])
    assert first.json() == after
    assert after["geometry"] == zone["geometry"]
    assert after["properties"] == zone["properties"] | {
        "name_zh": "灯具园",
        "leading_industries": park["properties"]["leading_industries"],
        "negative_list": ["26"],
        "revision": 2,
    }
    assert (await read(client, park["id"]))[0] == park
    stale = await client.patch(place, headers=sent | {"Idempotency-Key": "late"}, json=changes)
    missing = await client.patch(place, headers=staff, json=changes)
    assert (stale.status_code, missing.status_code) == (412, 428)
    moved = await client.patch(place, headers=staff | {"If-Match": new_tag}, json={"geometry": box(park, 1)})
    assert (moved.status_code, moved.json()["geometry"] == zone["geometry"]) == (200, False)
    followed = (await client.get(f"/api/v1/events?limit=1000&park={park['id']}", headers=staff)).json()["items"]
    assert [(event["act"], event["subject_id"]) for event in followed[-2:]] == [("zone.amended", zone["id"])] * 2


async def test_a_zone_stays_in_its_park_and_keeps_its_units(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], zone: dict[str, Any]
) -> None:
    await register(client, staff, park, "Z-1", box(park, 0), level="building", zone_id=zone["id"])
    corner = {"type": "Point", "coordinates": box(park, 0)["coordinates"][0][0]}
    area = {"stated_area": 900, "stated_area_unit": "m2"}
    await register(client, staff, park, "Z-3", corner, level="building", zone_id=zone["id"], **area)

    faults = []
    for column in (-80, 1):
        body = {"geometry": box(park, column)}
        answer = await client.patch(f"{PARKS}/{zone['id']}", headers=staff | {"If-Match": "*"}, json=body)
        fault = answer.json()["errors"][0]
        faults.append((answer.status_code, fault["code"], fault["field"], fault["message"]))

    assert [fault[:3] for fault in faults] == [
        (409, "outside_park", "geometry"), (409, "park_leaves_outside", "geometry"),
    ]  # fmt: skip
    assert "2" in faults[1][3], "the unit that is a point too"
    assert (await read(client, zone["id"]))[0] == zone


async def test_a_zone_is_amended_by_staff_of_its_park_and_admins_alone(
    client: httpx.AsyncClient, keys: dict[str, Headers], zone: dict[str, Any]
) -> None:
    place, change = f"{PARKS}/{zone['id']}", {"properties": {"name_en": "x"}}
    statuses = {}
    for login in (None, "demo-zhiding", "demo-dazu-gaoxin", "demo-leader", "demo-auditor", "demo-admin"):
        headers = ({} if login is None else keys[login]) | {"If-Match": "*"}
        statuses[login] = (await client.patch(place, headers=headers, json=change)).status_code

    assert statuses == {
        None: 401,
        "demo-zhiding": 403,
        "demo-dazu-gaoxin": 403,
        "demo-leader": 403,
        "demo-auditor": 403,
        "demo-admin": 200,
    }
    wrong = await client.patch(
        place, headers=keys["demo-admin"] | {"If-Match": "*"}, json={"properties": {"negative_list": ["9999"]}}
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "unknown_industry")


async def test_a_ranking_reads_the_zone_as_it_was_amended(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], zone: dict[str, Any]
) -> None:
    hall = await register(client, staff, park, "Z-2", box(park, 0), level="building", zone_id=zone["id"])
    assert await fits(client, hall)
    body = {"properties": {"negative_list": ["3752"]}}
    await client.patch(f"{PARKS}/{zone['id']}", headers=staff | {"If-Match": "*"}, json=body)

    assert not await fits(client, hall)
