"""What anyone may read."""

from __future__ import annotations

from itertools import pairwise

import httpx
import pytest

from tests.api.story import Headers


async def test_revitalized_is_the_figure_of_the_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/stats/revitalized", params={"from": "2025-01-01", "to": "2025-06-30"})

    assert answer.status_code == 200
    assert answer.json()["land"]["area_mu"] == "857.00"
    assert answer.json()["land"]["illustrative_area_mu"] == "857.00"
    assert answer.json()["factory"]["area_m2"] == "38000.00"


async def test_pages_meet_every_unit_once(client: httpx.AsyncClient) -> None:
    whole = (await client.get("/api/v1/assets?limit=1000")).json()["features"]
    met, url = [], "/api/v1/assets?limit=7"
    while url:
        page = (await client.get(url)).json()
        met += [feature["id"] for feature in page["features"]]
        url = page["links"][0]["href"] if page["links"] else ""

    assert met == [feature["id"] for feature in whole]
    assert len(met) > 40


async def test_pages_by_area_meet_every_unit_once(client: httpx.AsyncClient) -> None:
    met, url = [], "/api/v1/assets?limit=9&sort=-area_m2"
    while url:
        page = (await client.get(url)).json()
        met += [(feature["properties"]["usable_area_m2"], feature["id"]) for feature in page["features"]]
        url = page["links"][0]["href"] if page["links"] else ""

    assert met == sorted(met, key=lambda row: (-row[0], row[1]))
    assert len(met) == len((await client.get("/api/v1/assets?limit=1000")).json()["features"])


async def test_a_unit_read_again_is_not_modified(client: httpx.AsyncClient) -> None:
    some = (await client.get("/api/v1/assets?limit=1")).json()["features"][0]["id"]
    first = await client.get(f"/api/v1/assets/{some}")

    again = await client.get(f"/api/v1/assets/{some}", headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


async def test_description_names_every_parameter(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()

    names = [parameter["name"] for parameter in document["paths"]["/api/v1/assets"]["get"]["parameters"]]
    assert document["openapi"].startswith("3.1")
    assert "bbox" in names
    assert "clear_height_m_min" in names


@pytest.mark.parametrize("query", ["limit=5", "limit=1000&sort=-area_m2", "kind=land&area_m2_min=2000"])
@pytest.mark.parametrize("login", [None, "demo-shuangqiao"])
async def test_a_page_that_has_not_changed_is_not_sent_again(
    client: httpx.AsyncClient, keys: dict[str, Headers], query: str, login: str | None
) -> None:
    caller = {} if login is None else keys[login]
    first = await client.get(f"/api/v1/assets?{query}", headers=caller)
    tag = first.headers["etag"]

    for known in (tag, f'"other", {tag}', f"W/{tag}"):
        again = await client.get(f"/api/v1/assets?{query}", headers=caller | {"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)

    unit = first.json()["features"][0]["id"]
    admin = keys["demo-admin"] | {"If-Match": "*"}
    renamed = await client.patch(f"/api/v1/assets/{unit}", headers=admin, json={"properties": {"name": "改名"}})
    assert renamed.status_code == 200, renamed.text
    changed = await client.get(f"/api/v1/assets?{query}", headers=caller | {"If-None-Match": tag})
    assert (changed.status_code, changed.headers["etag"] == tag) == (200, False)


async def test_a_box_of_no_width_finds_what_lies_there(client: httpx.AsyncClient) -> None:
    unit = (await client.get("/api/v1/assets?limit=1")).json()["features"][0]
    ring = unit["geometry"]["coordinates"][0][0]
    west, south = min(x for x, _ in ring), min(y for _, y in ring)
    east, north = max(x for x, _ in ring), max(y for _, y in ring)
    middle, beyond = (south + north) / 2, east + 1e-5

    async def is_listed(*box: float) -> bool:
        answer = await client.get("/api/v1/assets", params={"bbox": ",".join(map(repr, box)), "limit": "1000"})
        assert answer.status_code == 200, answer.text
        return unit["id"] in [feature["id"] for feature in answer.json()["features"]]

    inside = next(
        (x, y) for n in range(1, 100) for x, y in [(west + (east - west) * n / 100, middle)] if _is_inside(x, y, ring)
    )
    assert await is_listed(west, middle, east, middle), "a line across"
    assert await is_listed(inside[0], south, inside[0], north), "a line upwards"
    assert await is_listed(*inside, *inside), "a point inside"
    assert not await is_listed(beyond, south, beyond, north), "a line beside"
    assert not await is_listed(beyond, middle, beyond, middle), "a point beside"
    assert not await is_listed(180, middle, -180, middle), "a line on the other side of the world"


def _is_inside(x: float, y: float, ring: list[list[float]]) -> bool:
    """Whether a ray to the east from the point crosses the ring an odd number of times."""
    sides = pairwise(ring)
    return sum((b > y) != (d > y) and x < a + (y - b) * (c - a) / (d - b) for (a, b), (c, d) in sides) % 2 == 1
