"""Each refused input gets a 4xx problem that names the field, and nothing is written; corrected, it is accepted."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.test_story import Headers, box, park, staff

__all__ = ["park", "staff"]


def body(park: dict[str, Any], geometry: Any = None, **facts: Any) -> dict[str, Any]:
    properties = {"park_id": park["id"], "level": "plot", "code": "Q-1", "name": "Q-1", **facts}
    return {"type": "Feature", "geometry": box(park, 20) if geometry is None else geometry, "properties": properties}


def polygon(*ring: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(map(list, ring))]}


A, B, C, D = (105.77, 29.49), (105.78, 29.49), (105.78, 29.5), (105.77, 29.5)
OUTLINES: dict[str, Any] = {
    "swapped": polygon(*[(lat, lon) for lon, lat in (A, B, C, D, A)]),
    "not closed": polygon(A, B, C, D),
    "bow-tie": polygon(A, C, B, D, A),
    "two points": polygon(A, B),
    "empty": {"type": "Polygon", "coordinates": []},
    "point": {"type": "Point", "coordinates": [105.77, 29.49]},
    "in the sea": polygon((122.5, 30.5), (122.6, 30.5), (122.6, 30.6), (122.5, 30.5)),
    "no area": polygon(A, B, A, B, A),
    "projected": polygon((574000.0, 3264000.0), (574100.0, 3264000.0), (574100.0, 3264100.0), (574000.0, 3264000.0)),
}
FACTS: list[tuple[dict[str, Any], str]] = [
    ({"colour": 1}, "properties.colour"),
    ({"revision": 1}, "properties.revision"),
    ({"stated_area": 5, "stated_area_unit": "acre"}, "properties.stated_area_unit"),
    ({"stated_area": 5}, "properties.stated_area_unit"),
    ({"stated_area": 0, "stated_area_unit": "mu"}, "properties.stated_area"),
    ({"stated_area": "NaN", "stated_area_unit": "mu"}, "properties.stated_area"),
    ({"stated_area": "1e1000000", "stated_area_unit": "mu"}, "properties.stated_area"),
    ({"allowed_industries": ["9999"]}, "properties.allowed_industries"),
    ({"allowed_industries": ["x"]}, "properties.allowed_industries.0"),
    ({"name": "a\u0000b"}, "properties.name"),
    ({"name": "a\u202eb"}, "properties.name"),
    ({"name": ""}, "properties.name"),
    ({"available_from": "2025-02-30"}, "properties.available_from"),
    ({"available_from": "9999-12-31"}, "properties.available_from"),
    ({"floor_no": 10**30}, "properties.floor_no"),
    ({"attributes": {"colour": "red"}}, "properties.attributes.colour"),
    ({"kind": "factory"}, "properties.kind"),
]


async def refused(answer: httpx.Response, status: int) -> str:
    """The first field a problem names."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["detail"]
    return str(answer.json()["errors"][0]["field"])


async def test_outlines_that_are_not_right(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> None:
    before = (await client.get("/api/v1/assets?limit=1000", headers=staff)).json()["numberReturned"]

    for name, geometry in OUTLINES.items():
        answer = await client.post("/api/v1/assets", headers=staff, json=body(park, geometry))
        field = await refused(answer, 422)
        assert field.startswith("geometry"), name

    assert (await client.get("/api/v1/assets?limit=1000", headers=staff)).json()["numberReturned"] == before
    assert (await client.post("/api/v1/assets", headers=staff, json=body(park))).status_code == 201


async def test_facts_that_are_not_right(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> None:
    for facts, field in FACTS:
        answer = await client.post("/api/v1/assets", headers=staff, json=body(park, **facts))
        assert await refused(answer, 422) == field

    assert (await client.post("/api/v1/assets", headers=staff, json=body(park))).status_code == 201


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1000000000", "limit"),
        ("bbox=105,29,106", "bbox"),
        ("bbox=105,29,106,nan", "bbox"),
        ("colour=red", "colour"),
        ("limit=1&limit=2", "limit"),
        ("cursor=AAAA", "cursor"),
        ("cursor=%FF", "query"),
        ("area_m2_min=NaN", "area_m2_min"),
        ("near=105,29", "near"),
        ("industry=zz", "industry"),
        ("q=%00", "q"),
        ("sort=colour", "sort"),
    ],
)
async def test_queries_that_are_not_right(client: httpx.AsyncClient, query: str, field: str) -> None:
    assert await refused(await client.get(f"/api/v1/assets?{query}"), 400) == field


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ("/api/v1/industries?q=a%00", "q"),
        ("/api/v1/firms?q=a%00", "q"),
        ("/api/v1/firms?credit_code=%00", "credit_code"),
        ("/api/v1/stats/revitalized?from=2025-01-01&to=2025-06-30&as_of=0001-01-01", "as_of"),
        ("/api/v1/stats/revitalized?from=2025-01-01&to=2025-06-30&as_of=0001-01-01T00:00:00%2B10:00", "as_of"),
        ("/api/v1/stats/revitalized?from=2025-01-01&to=2025-06-30&as_of=9999-12-31T23:59:59-10:00", "as_of"),
    ],
)
async def test_queries_the_database_could_not_take(
    client: httpx.AsyncClient, staff: Headers, place: str, field: str
) -> None:
    assert await refused(await client.get(place, headers=staff), 400) == field


async def test_a_wrong_word_is_told_the_right_ones(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    sort = (await client.get("/api/v1/assets?sort=colour")).json()["detail"]
    stage = (await client.get("/api/v1/outcomes?stage=gone", headers=keys["demo-shuangqiao"])).json()["detail"]

    assert "-area_m2" in sort
    assert "opened" in stage


async def test_a_cursor_holds_for_its_own_query_only(client: httpx.AsyncClient) -> None:
    href = (await client.get("/api/v1/assets?limit=2&kind=land")).json()["links"][0]["href"]

    assert (await client.get(href)).status_code == 200
    assert await refused(await client.get(href.replace("kind=land", "kind=factory")), 400) == "cursor"


async def test_bodies_that_cannot_be_read(client: httpx.AsyncClient, staff: Headers) -> None:
    json = staff | {"Content-Type": "application/json"}
    place = "/api/v1/assets"

    assert await refused(await client.post(place, headers=json, content=b"\xff{}"), 400) == "body"
    assert await refused(await client.post(place, headers=json, content=b'{"type":'), 400) == "body"
    assert await refused(await client.post(place, headers=json, content=b'{"geometry":NaN}'), 400) == "body"
    assert await refused(await client.post(place, headers=json, content=b"[" * 100_000), 422) == "body"
    assert await refused(await client.post(place, headers=json, content=b"x" * 30_000_000), 413) == "body"
    text = staff | {"Content-Type": "text/plain"}
    assert await refused(await client.post(place, headers=text, content=b"{}"), 415) == "Content-Type"


async def test_firms_leases_and_strangers(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    wrong = {"name": "示例", "credit_code": "91350100M000100Y44"}
    assert await refused(await client.post("/api/v1/firms", headers=staff, json=wrong), 422) == "credit_code"
    right = wrong | {"credit_code": "91350100M000100Y43"}
    made = await client.post("/api/v1/firms", headers=staff, json=right)
    assert made.status_code == 201
    unit = (await client.get("/api/v1/assets?availability=available&path=lease&limit=1")).json()["features"][0]
    reversed_days = {"starts_on": "2027-05-01", "ends_on": "2027-04-01"}
    deal = {"path": "lease", "asset_ids": [unit["id"]], "firm_id": made.json()["id"], **reversed_days}
    answer = await client.post("/api/v1/outcomes", headers=keys["demo-admin"], json=deal)
    assert await refused(answer, 422) == "ends_on"

    some = await client.post("/api/v1/assets", headers=staff, json=body(park))
    place = f"/api/v1/assets/{some.json()['id']}"
    change = {"properties": {"name": "other"}}
    assert await refused(await client.patch(place, headers=staff, json=change), 428) == "If-Match"
    old = staff | {"If-Match": '"99"'}
    assert await refused(await client.patch(place, headers=old, json=change), 412) == "If-Match"
    assert (await client.patch(place, headers=staff | {"If-Match": "*"}, json=change)).status_code == 200
    await refused(await client.post("/api/v1/assets", json=body(park)), 401)
    await refused(await client.post("/api/v1/assets", headers=keys["demo-zhiding"], json=body(park)), 403)
    await refused(await client.get("/api/v1/nowhere"), 404)
