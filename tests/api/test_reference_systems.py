"""Units of the REST interface in another reference system: the same as under /ogc, in the order of its axes."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import pytest

from tests.conftest import Dazu

ASSETS = "/api/v1/assets"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
Headers = dict[str, str]


def epsg(code: int) -> str:
    return f"http://www.opengis.net/def/crs/EPSG/0/{code}"


SYSTEMS = (CRS84, *map(epsg, (4326, 4490, 3857, 4544, 4523)))


def first_position(feature: dict[str, Any]) -> list[float]:
    position = feature["geometry"]["coordinates"]
    while isinstance(position[0], list):
        position = position[0]
    return list(position)


@pytest.mark.parametrize("login", [None, "demo-shuangqiao"])
@pytest.mark.parametrize("query", [{"kind": "factory", "limit": 5}, {"q": "厂房", "limit": 5}])
async def test_every_form_is_in_the_system_asked_for(
    client: httpx.AsyncClient, keys: dict[str, Headers], query: dict[str, Any], login: str | None
) -> None:
    """Known places: north first in 4326, 4490 and the Gauss-Krüger zones, east first in CRS84 and 3857."""
    client.headers.update({} if login is None else keys[login])
    plain = (await client.get(ASSETS, params=query)).json()["features"]
    assert len(plain) == 5

    for system in SYSTEMS:
        page = await client.get(ASSETS, params={**query, "crs": system})
        assert page.headers["content-crs"] == f"<{system}>"
        assert [feature["id"] for feature in page.json()["features"]] == [feature["id"] for feature in plain]
        flat = await client.get(f"{ASSETS}.geojson", params={"fields": "code,longitude", "crs": system})
        assert flat.headers["content-crs"] == f"<{system}>"
        by_id = {feature["id"]: feature for feature in flat.json()["features"]}
        for feature, in_degrees in zip(page.json()["features"], plain, strict=True):
            assert feature["properties"] == in_degrees["properties"]
            single = await client.get(f"{ASSETS}/{feature['id']}", params={"crs": system})
            assert single.headers["content-crs"] == f"<{system}>" and single.json() == feature
            assert by_id[feature["id"]]["geometry"] == feature["geometry"]
            item = await client.get(f"/ogc/collections/factory/items/{feature['id']}", params={"crs": system})
            assert item.status_code == 404 or item.json()["geometry"] == feature["geometry"]
            (lon, lat), (x, y) = first_position(in_degrees), first_position(feature)
            if system == CRS84:
                assert (x, y) == (lon, lat)
            elif system in (epsg(4326), epsg(4490)):
                assert (x, y) == (lat, lon)
            elif system == epsg(3857):
                assert (x, y) == pytest.approx((lon * 111319.4908, 3.42e6), rel=0.01)
            else:
                assert 3_200_000 < x < 3_400_000 and 400_000 < y % 1_000_000 < 650_000
                assert (y > 35_000_000) == (system == epsg(4523))
            decimals = max(len(str(number).partition(".")[2]) for number in (x, y))
            assert decimals <= (7 if abs(x) < 200 else 3)


async def test_short_names_mean_the_same_and_the_next_page_keeps_the_system(client: httpx.AsyncClient) -> None:
    page = await client.get(ASSETS, params={"crs": "EPSG:4544", "limit": 2})
    assert page.headers["content-crs"] == f"<{epsg(4544)}>"

    following = await client.get(page.json()["links"][0]["href"])

    assert following.headers["content-crs"] == f"<{epsg(4544)}>"
    assert first_position(following.json()["features"][0])[0] > 3_200_000
    assert (await client.get(ASSETS, params={"crs": "CRS84", "limit": 2})).headers["content-crs"] == f"<{CRS84}>"
    assert (await client.get(f"{ASSETS}?limit=2")).headers["content-crs"] == f"<{CRS84}>"


async def test_each_system_has_tags_of_its_own(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    unit = (await client.get(ASSETS)).json()["features"][0]["id"]
    for place, query in ((ASSETS, {"limit": 3}), (f"{ASSETS}/{unit}", {})):
        for caller in ({}, keys["demo-shuangqiao"]):
            tags = []
            for system in (CRS84, *map(epsg, (4326, 3857, 4544, 4523))):
                page = await client.get(place, params={**query, "crs": system}, headers=caller)
                tags.append(page.headers["etag"])
                known = {"If-None-Match": tags[-1], **caller}
                again = await client.get(place, params={**query, "crs": system}, headers=known)
                assert again.status_code == 304 and again.headers["content-crs"] == f"<{system}>"
                other = CRS84 if system != CRS84 else epsg(4544)
                assert (await client.get(place, params={**query, "crs": other}, headers=known)).status_code == 200
            assert len(set(tags)) == 5


async def test_a_point_and_a_unit_without_a_place_have_theirs(client: httpx.AsyncClient, dazu: Dazu) -> None:
    conn = await asyncpg.connect(dazu.superuser_url)
    ids = await conn.fetch(
        "SELECT id FROM panhuo.asset WHERE listing = 'published' AND root_id = id ORDER BY 1 LIMIT 2"
    )
    lon, lat = 105.7654321, 29.4567891
    for row, geometry, point in (
        (ids[0], f'{{"type":"Point","coordinates":[{lon},{lat}]}}', f"POINT({lon} {lat})"), (ids[1], "null", None),
    ):  # fmt: skip
        await conn.execute(
            "UPDATE panhuo.asset SET geom = NULL, measured_area_m2 = NULL, point = ST_GeomFromText($3, 4326), "
            "feature = substr(feature, 1, 73) "
            "|| $2 || substr(feature, strpos(feature, ',\"properties\":')) WHERE id = $1", row["id"], geometry, point,
        )  # fmt: skip
    await conn.close()

    for row, coordinates in zip(ids, ([lat, lon], None), strict=True):
        single = (await client.get(f"{ASSETS}/{row['id']}", params={"crs": epsg(4490)})).json()
        flat = (await client.get(f"{ASSETS}.geojson", params={"crs": epsg(4490)})).json()["features"]
        feature = next(feature for feature in flat if feature["id"] == str(row["id"]))
        assert single["geometry"] == feature["geometry"]
        if coordinates is None:
            assert single["geometry"] is None
        else:
            assert single["geometry"] == {"type": "Point", "coordinates": coordinates}
            assert (feature["properties"]["longitude"], feature["properties"]["latitude"]) == (lon, lat)


async def test_parks_too_are_in_the_system_asked_for(client: httpx.AsyncClient) -> None:
    plain = (await client.get("/api/v1/parks?limit=2")).json()["features"]

    for system in SYSTEMS:
        page = await client.get("/api/v1/parks", params={"limit": 2, "crs": system})
        single = await client.get(f"/api/v1/parks/{plain[0]['id']}", params={"crs": system})
        item = await client.get(f"/ogc/collections/parks/items/{plain[0]['id']}", params={"crs": system})

        assert page.headers["content-crs"] == single.headers["content-crs"] == f"<{system}>"
        assert single.json() == page.json()["features"][0]
        assert single.json()["geometry"] == item.json()["geometry"]
        assert single.json()["properties"] == plain[0]["properties"]
        assert (single.json()["geometry"] == plain[0]["geometry"]) == (system == CRS84)
        following = await client.get(page.json()["links"][0]["href"])
        assert following.headers["content-crs"] == f"<{system}>"


async def test_a_system_that_is_not_offered_is_refused_by_name(client: httpx.AsyncClient) -> None:
    unit = (await client.get(ASSETS)).json()["features"][0]["id"]
    for text in ("EPSG:2000", epsg(4555), "x", "EPSG:4326; DROP TABLE asset", "crs84"):
        for place in (ASSETS, f"{ASSETS}.geojson", f"{ASSETS}/{unit}"):
            answer = await client.get(place, params={"crs": text})
            assert answer.status_code == 400, answer.text
            assert [error["field"] for error in answer.json()["errors"]] == ["crs"]
    assert (await client.get(f"{ASSETS}.csv", params={"crs": "EPSG:4544"})).status_code == 400
