"""/ogc as its readers meet it: what the standards ask of landing page, collections, pages and single features.

Numbers are those of the abstract tests of OGC API Features part 1 (1/…) and part 2 (2/…).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import pytest
from litestar import Litestar

from domain.collections import COLLECTIONS
from store import features as store_features
from tests.conftest import Dazu

#: Areas of one unit in another.
IN = {"mu": {"mu": 1, "ha": 15, "m2": 3 / 2000}, "m2": {"m2": 1, "ha": 10_000, "mu": 2000 / 3}}
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def epsg(code: int) -> str:
    return f"http://www.opengis.net/def/crs/EPSG/0/{code}"


async def read(client: httpx.AsyncClient, path: str, **parameters: Any) -> dict[str, Any]:
    answer = await client.get(f"/ogc{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def rels(body: dict[str, Any]) -> set[str]:
    return {link["rel"] for link in body["links"]}


async def walk(client: httpx.AsyncClient, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """All features of a collection, page after page."""
    page = await read(client, path, **parameters)
    features = page["features"]
    while (href := next((link["href"] for link in page["links"] if link["rel"] == "next"), None)) is not None:
        answer = await client.get(href)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        features += page["features"]
    return list(features)


async def test_landing_page_names_description_conformance_and_data(client: httpx.AsyncClient) -> None:
    """1/3, 1/4, 1/5: a client begins with this address alone."""
    for path in ("", "/"):
        body = await read(client, path)
        assert {"self", "service-desc", "conformance", "data"} <= rels(body)
    described = next(link for link in body["links"] if link["rel"] == "service-desc")
    assert described["type"] == "application/vnd.oai.openapi+json;version=3.0"
    answer = await client.get(described["href"])
    assert answer.status_code == 200 and answer.headers["content-type"] == described["type"]
    assert answer.json()["openapi"] == "3.0.3"


async def test_a_collection_is_the_same_in_the_list_and_alone(client: httpx.AsyncClient) -> None:
    """1/9, 1/11, 1/12, 2/1 to 2/3."""
    body = await read(client, "/collections")

    assert [listed["id"] for listed in body["collections"]] == list(COLLECTIONS)
    for listed in body["collections"]:
        assert await read(client, f"/collections/{listed['id']}") == listed
        assert {"self", "items"} <= rels(listed)
        if COLLECTIONS[listed["id"]].shape != "none":
            assert listed["crs"][0] == CRS84 and listed["storageCrs"] in listed["crs"] and len(listed["crs"]) <= 20
    assert epsg(4544) in body["crs"] and epsg(4523) in body["crs"]


@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_a_walk_meets_every_feature_once(
    client: httpx.AsyncClient, dazu: Dazu, keys: dict[str, dict[str, str]], collection: str
) -> None:
    """1/22 to 1/26: numbers add up, links are there, every property is."""
    described = COLLECTIONS[collection]
    for headers in ({}, keys["demo-shuangqiao"]):
        client.headers.update(headers)
        first = await read(client, f"/collections/{collection}/items", limit=7)
        features = await walk(client, f"/collections/{collection}/items", limit=7)
        ids = [feature["id"] for feature in features]
        assert len(set(ids)) == len(ids) == first["numberMatched"] and ids == sorted(ids)
        for feature in features:
            assert list(feature["properties"]) == list(described.properties)
            assert (feature["geometry"] or {}).get("type") == described.geometry_type
            assert not any(isinstance(value, list | dict) for value in feature["properties"].values())
        for feature in features[:2]:
            alone = await read(client, f"/collections/{collection}/items/{feature['id']}")
            assert {"self", "collection"} <= rels(alone)
            assert {name: alone[name] for name in feature} == feature


async def test_the_collections_hold_what_the_register_holds(client: httpx.AsyncClient, dazu: Dazu) -> None:
    conn = await asyncpg.connect(dazu.superuser_url)
    counts = dict(
        await conn.fetch(
            "SELECT kind, count(*) FROM panhuo.asset WHERE listing = 'published' AND retired_on IS NULL GROUP BY kind"
        )
    )
    available = dict(
        await conn.fetch("SELECT kind, count(*) FROM panhuo.asset WHERE availability = 'available' GROUP BY kind")
    )
    await conn.close()

    for kind in ("land", "factory"):
        numbers = [
            (await read(client, f"/collections/{kind}{ending}/items", limit=1))["numberMatched"]
            for ending in ("", "-points", "-unplaced")
        ]
        assert numbers[1] + numbers[2] == counts[kind] and numbers[0] <= numbers[1]
        assert (await read(client, f"/collections/idle-{kind}-points/items"))["numberMatched"] == available[kind]


async def test_revitalized_features_make_the_public_figure(client: httpx.AsyncClient) -> None:
    figure = (await client.get("/api/v1/stats/revitalized", params={"from": "2025-01-01", "to": "2025-06-30"})).json()
    parameters = {"datetime": "2025-01-01/2025-06-30", "limit": 10_000}

    features = [
        feature
        for name in ("revitalizations", "revitalizations-unplaced")
        for feature in await walk(client, f"/collections/{name}/items", **parameters)
        if feature["properties"]["revived_on_precision"] != "year"  # a whole year counts in no half of it
    ]

    for kind, unit, sum_ in (("land", "mu", 857), ("factory", "m2", 38_000)):
        areas = [f["properties"] for f in features if f["properties"]["kind"] == kind]
        assert sum(p["stated_area"] * IN[unit][p["stated_area_unit"]] for p in areas) == pytest.approx(sum_)
    assert "857" in str(figure) and "38000" in str(figure)


async def test_a_box_gives_what_meets_it_whatever_its_system(client: httpx.AsyncClient) -> None:
    """1/15, 2/8, 2/10: the same box in every system gives the same features; impossible boxes give none."""
    collection = await read(client, "/collections/factory")
    feature = (await read(client, "/collections/factory/items", limit=1))["features"][0]
    lon, lat = feature["geometry"]["coordinates"][0][0][0]
    near = [lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001]
    met = await walk(client, "/collections/factory/items", bbox=",".join(map(str, near)))
    assert feature["id"] in [f["id"] for f in met] and 0 < len(met) < collection["extent"]["spatial"]["bbox"][0][2]

    for system in collection["crs"]:
        answer = await client.get(f"/ogc/collections/factory/items/{feature['id']}", params={"crs": system})
        assert answer.headers["content-crs"] == f"<{system}>"
        assert answer.json()["geometry"].keys() == {"type", "coordinates"}  # the header alone names the system
        x, y = answer.json()["geometry"]["coordinates"][0][0][0][:2]
        step = 0.001 if abs(x) < 400 else 100
        box = f"{x - step},{y - step},{x + step},{y + step}"
        parameters = {"bbox": box, "bbox-crs": system}
        assert feature["id"] in [f["id"] for f in await walk(client, "/collections/factory/items", **parameters)]
        for box in ("-180,-90,180,90", "-90,-180,90,180", "-1.5,50,1.5,53", "177,65,-177,70", "103.5,29,106.5,30"):
            answer = await client.get("/ogc/collections/factory/items", params={"bbox": box, "bbox-crs": system})
            assert answer.status_code == 200, answer.text


async def test_axes_come_in_the_order_of_their_system(client: httpx.AsyncClient) -> None:
    """Known places: north first in 4326, 4490 and the Gauss-Krüger zones, east first in CRS84 and 3857."""
    feature = (await read(client, "/collections/factory/items", limit=1))["features"][0]
    path = f"/ogc/collections/factory/items/{feature['id']}"
    at = {}
    for system in (CRS84, *map(epsg, (4326, 4490, 3857, 4544, 4523))):
        answer = await client.get(path, params={"crs": system})
        at[system] = answer.json()["geometry"]["coordinates"][0][0][0]
    lon, lat = at[CRS84]
    assert 105 < lon < 107 and 29 < lat < 30
    assert at[epsg(4326)] == [lat, lon] == at[epsg(4490)]
    assert at[epsg(3857)] == pytest.approx([lon * 111319.49, 3.42e6], rel=0.01)
    north, east = at[epsg(4544)]
    assert 3_200_000 < north < 3_400_000 and 400_000 < east < 650_000
    assert at[epsg(4523)] == pytest.approx([north, east + 35_000_000], abs=0.002)


async def test_an_unchanged_page_is_known_again_and_a_write_changes_it(
    client: httpx.AsyncClient, keys: dict[str, dict[str, str]]
) -> None:
    page = await client.get("/ogc/collections/factory/items")
    again = await client.get("/ogc/collections/factory/items", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304 and again.content == b""
    of_land = await client.get("/ogc/collections/land/items")

    staff = keys["demo-shuangqiao"]
    own = (await client.get("/ogc/collections/factory/items", headers=staff)).json()["features"]
    own = [f for f in own if f["properties"]["park_code"] == "shuangqiao"]
    unit = next(f for f in own if f["properties"]["listing"] == "published")
    before = await client.get(f"/api/v1/assets/{unit['id']}", headers=staff)
    changed = await client.patch(
        f"/api/v1/assets/{unit['id']}",
        headers={**staff, "If-Match": before.headers["etag"], "Content-Type": "application/merge-patch+json"},
        json={"properties": {"span_m": 21}},
    )
    assert changed.status_code == 200, changed.text

    after = await client.get("/ogc/collections/factory/items", headers={"If-None-Match": page.headers["etag"]})
    assert after.status_code == 200
    assert next(f for f in after.json()["features"] if f["id"] == unit["id"])["properties"]["span_m"] == 21
    kept = await client.get("/ogc/collections/land/items", headers={"If-None-Match": of_land.headers["etag"]})
    assert kept.status_code == 304


async def test_a_cursor_goes_with_its_query_and_the_size_may_change(client: httpx.AsyncClient) -> None:
    page = await read(client, "/collections/factory/items", limit=3, level="floor")
    href = next(link["href"] for link in page["links"] if link["rel"] == "next")
    assert (await client.get(f"{href}&limit=1")).json()["numberReturned"] == 1
    cursor = parse_qs(urlsplit(href).query)["cursor"][0]
    other = ("y" if cursor[0] == "x" else "x") + cursor[1:]
    for parameters in ({"cursor": cursor}, {"cursor": other, "level": "floor"}, {"cursor": "é"}):
        answer = await client.get("/ogc/collections/factory/items", params=parameters)
        assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("order", ["name", "-area_m2", "rent_yuan_m2_month", "-changed_at", "idle_since"])
async def test_sorted_walks_meet_every_feature_once(client: httpx.AsyncClient, order: str) -> None:
    features = await walk(client, "/collections/factory/items", limit=5, sortby=order)
    values = [f["properties"][order.lstrip("-")] for f in features]
    known = [value for value in values if value is not None]
    assert len({f["id"] for f in features}) == len(features) > 20
    assert values[: len(known)] == known
    if order != "name":  # texts are in the order of the database
        assert known == sorted(known, reverse=order.startswith("-"))


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"limit": "unlimited"}, "limit"),
        ({"limit": "0"}, "limit"),
        ({"zoom-level": "25"}, "zoom-level"),
        ({"zoom-level": "-1"}, "zoom-level"),
        ({"zoom-level": "x"}, "zoom-level"),
        ({"unknownQueryParameter123": "1"}, "unknownQueryParameter123"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"bbox": "nan,0,1,1"}, "bbox"),
        ({"bbox": "0,5,1,1"}, "bbox"),
        ({"bbox-crs": "http://www.opengis.net/def/crs/0/unsupported"}, "bbox-crs"),
        ({"crs": "http://www.opengis.net/def/crs/0/unsupported"}, "crs"),
        ({"datetime": "yesterday"}, "datetime"),
        ({"datetime": "../.."}, "datetime"),
        ({"datetime": "2025-02-30"}, "datetime"),
        ({"datetime": "2026-01-01/2025-01-01"}, "datetime"),
        ({"properties": "nothing"}, "properties"),
        ({"sortby": "nothing"}, "sortby"),
        ({"count": "guess"}, "count"),
        ({"f": "xml"}, "f"),
        ({"level": "castle"}, "level"),
        ({"area_m2": "large"}, "area_m2"),
        ({"is_leaf": "perhaps"}, "is_leaf"),
        ({"idle_since": "soon"}, "idle_since"),
        ({"name": "a\0b"}, "name"),
        ({"name": "x" * 20_000}, "name"),
    ],
)
async def test_a_wrong_value_is_refused_by_its_name(
    client: httpx.AsyncClient, parameters: dict[str, str], field: str
) -> None:
    """1/20, 1/21, 2/5, 2/9."""
    answer = await client.get("/ogc/collections/factory/items", params=parameters)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert field in [error["field"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    "parameters",
    [
        "limit=3&limit=2",
        "limit=999999",
        "datetime=0000-01-01T00:00:00Z/9999-12-31T23:59:59Z",
        "datetime=../9999-12-31T00:00:00Z",
        "datetime=2026-01-01T00:00:00.123456789%2B08:00/",
        "bbox=105,29,105,29",
        "bbox=.5000000,-.5000000,1.0,1.0",
        "bbox=105,29,0,107,30,9999",
        "bbox=-180,85,180,90",
        "bbox=-180,-100,180,100",
        "sortby=%2Barea_m2",
        "count=none",
    ],
)
async def test_what_clients_send_is_no_fault(client: httpx.AsyncClient, parameters: str) -> None:
    answer = await client.get(f"/ogc/collections/factory/items?{parameters}")
    assert answer.status_code == 200, answer.text


async def test_the_key_comes_as_a_password_too_and_a_wrong_one_is_refused(
    client: httpx.AsyncClient, dazu: Dazu
) -> None:
    public = (await read(client, "/collections/factory/items", limit=1))["numberMatched"]
    key = dazu.key("demo-shuangqiao")
    counted = set()
    for auth, headers in (
        (httpx.BasicAuth("whoever", key), {}), (None, {"X-API-Key": key}), (None, {"Authorization": f"Bearer {key}"}),
    ):  # fmt: skip
        answer = await client.get("/ogc/collections/factory/items", params={"limit": 1}, auth=auth, headers=headers)
        counted.add(answer.json()["numberMatched"])
    assert len(counted) == 1 and counted.pop() > public
    wrong = await client.get("/ogc/collections/factory/items", auth=("whoever", "wrong"))
    assert wrong.status_code == 401 and wrong.headers["www-authenticate"].startswith("Basic")
    broken = await client.get("/ogc", headers={"Authorization": "Basic §".encode("latin-1")})
    assert broken.status_code == 401


async def test_an_id_that_is_none_is_not_found(client: httpx.AsyncClient) -> None:
    for path in ("items/5", "items/00000000-0000-0000-0000-000000000000"):
        answer = await client.get(f"/ogc/collections/factory/{path}")
        assert answer.status_code == 404 and answer.json()["errors"][0]["field"] == "featureId"
    assert (await client.get("/ogc/collections/castle/items")).status_code == 404


async def test_a_park_gets_another_name_in_every_feature(
    client: httpx.AsyncClient, keys: dict[str, dict[str, str]]
) -> None:
    page = await client.get("/ogc/collections/factory/items")
    park_id = page.json()["features"][0]["properties"]["park_id"]
    before = await client.get(f"/api/v1/parks/{park_id}")

    changed = await client.patch(
        f"/api/v1/parks/{park_id}",
        headers={**keys["demo-admin"], "If-Match": before.headers["etag"]},
        json={"properties": {"name_zh": "另一个名字"}},
    )
    assert changed.status_code == 200, changed.text

    after = await client.get("/ogc/collections/factory/items", headers={"If-None-Match": page.headers["etag"]})
    names = {f["properties"]["park_id"]: f["properties"]["park_name"] for f in after.json()["features"]}
    assert names[park_id] == "另一个名字" and len(set(names.values())) == len(names) > 1


@pytest.mark.parametrize(
    ("text", "is_met"),
    [
        ("area_m2 > 3000", lambda p: p["area_m2"] is not None and p["area_m2"] > 3000),
        ("level = 'floor' AND NOT rent_yuan_m2_month IS NULL",
         lambda p: p["level"] == "floor" and p["rent_yuan_m2_month"] is not None),
        ("CASEI(code) LIKE CASEI('sq-%')", lambda p: p["code"].lower().startswith("sq-")),
        ("park_code IN ('shuangqiao')", lambda p: p["park_code"] == "shuangqiao"),
        ("idle_since >= DATE('2024-01-01')", lambda p: (p["idle_since"] or "") >= "2024-01-01"),
        ("T_AFTER(changed_at, TIMESTAMP('2020-01-01T00:00:00Z'))", lambda p: True),
        ("S_INTERSECTS(geometry, BBOX(100, 20, 110, 40))", lambda p: True),
        ("S_INTERSECTS(geometry, POINT(0 0))", lambda p: False),
        ("area_m2 * 2 > 6000 + 0", lambda p: p["area_m2"] is not None and p["area_m2"] > 3000),
    ],
)  # fmt: skip
async def test_a_filter_selects_what_it_says(client: httpx.AsyncClient, text: str, is_met: Any) -> None:
    path = "/collections/factory/items"
    wanted = [f["id"] for f in await walk(client, path) if is_met(f["properties"])]

    page = await read(client, path, filter=text, limit=3)
    met = await walk(client, path, filter=text, limit=3)

    assert [f["id"] for f in met] == wanted and page["numberMatched"] == len(wanted)


async def test_a_filter_is_read_in_the_system_it_names(client: httpx.AsyncClient) -> None:
    path = "/collections/factory/items"
    for system in (CRS84, *map(epsg, (4326, 4490, 3857, 4544, 4523))):
        feature = (await read(client, path, limit=1, crs=system))["features"][0]
        x, y = feature["geometry"]["coordinates"][0][0][0]
        parameters = {"filter": f"S_INTERSECTS(geometry,POINT({x} {y}))", "filter-crs": system}
        step = 1e-6 if abs(x) < 400 else 0.2
        parameters["filter"] = f"S_INTERSECTS(geometry,BBOX({x - step},{y - step},{x + step},{y + step}))"
        assert feature["id"] in [f["id"] for f in await walk(client, path, **parameters)], system


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"filter": "area_m2 >"}, "filter"),
        ({"filter": "nothing = 1"}, "filter"),
        ({"filter": "area_m2 = 'large'"}, "filter"),
        ({"filter": "pg_sleep(10) = 1"}, "filter"),
        ({"filter": "code = 'x'; DROP TABLE asset"}, "filter"),
        ({"filter": "(" * 5000 + "area_m2 = 1"}, "filter"),
        ({"filter": "lowest_rent_yuan_m2_month > 1"}, "filter"),
        ({"filter": "{}", "filter-lang": "cql2-json"}, "filter"),
        ({"filter": "area_m2 = 1", "filter-lang": "sql"}, "filter-lang"),
        ({"filter": "area_m2 = 1", "filter-crs": "http://www.opengis.net/def/crs/0/unsupported"}, "filter-crs"),
    ],
)
async def test_a_wrong_filter_is_refused(client: httpx.AsyncClient, parameters: dict[str, str], field: str) -> None:
    answer = await client.get("/ogc/collections/factory/items", params=parameters)
    assert answer.status_code == 400, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def some_value(schema: dict[str, Any]) -> str:
    """A value that a property of this schema can be asked to have."""
    if "enum" in schema:
        return str(schema["enum"][0])
    formats = {"date": "2025-01-01", "date-time": "2025-01-01T00:00:00Z"}
    return formats.get(schema.get("format", "")) or {"number": "1.5", "integer": "2", "boolean": "true"}.get(
        schema["type"], "x"
    )


@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_every_property_is_asked_for_filtered_and_sorted_by(client: httpx.AsyncClient, collection: str) -> None:
    here = f"/collections/{collection}"
    queryables = (await read(client, f"{here}/queryables"))["properties"]
    for name, schema in queryables.items():
        if name != "geometry":
            for parameters in ({name: some_value(schema)}, {"filter": f"{name} IS NULL"}):
                answer = await client.get(f"/ogc{here}/items", params=parameters)
                assert answer.status_code == 200, answer.text
    sortables = (await read(client, f"{here}/sortables"))["properties"]
    assert len(sortables) > 3
    for name in sortables:
        page = await read(client, f"{here}/items", sortby=f"-{name}", limit=2)
        for link in page["links"]:
            assert (await client.get(link["href"])).status_code == 200


async def test_a_walk_is_counted_once_and_by_its_application(client: httpx.AsyncClient, app: Litestar) -> None:
    """Another application in the process may read another database at the same version."""
    counts = app.state.application_state.feature_counts
    assert counts == {}
    assert len(await walk(client, "/collections/factory/items", level="floor", limit=2)) in counts.values()
    assert len(counts) == 1


async def test_outlines_are_simpler_for_a_zoom_and_keep_their_type(client: httpx.AsyncClient) -> None:
    path = "/collections/parks/items"
    whole = await walk(client, path)
    numbers = []
    for zoom in (6, 12, 24):
        drawn = await walk(client, path, **{"zoom-level": zoom, "limit": 1})
        assert [f["id"] for f in drawn] == [f["id"] for f in whole]
        assert {f["geometry"]["type"] for f in drawn} == {"MultiPolygon"}
        numbers.append(sum(str(f["geometry"]).count("[") for f in drawn))
        alone = await read(client, f"{path}/{whole[0]['id']}", **{"zoom-level": zoom})
        assert alone["geometry"] == drawn[0]["geometry"]
    assert numbers[0] < numbers[1] <= numbers[2] == sum(str(f["geometry"]).count("[") for f in whole)
    point = await walk(client, "/collections/factory-points/items", **{"zoom-level": 0})
    assert point == await walk(client, "/collections/factory-points/items")


async def test_what_takes_too_long_to_count_is_not_counted(
    client: httpx.AsyncClient, keys: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_features, "FEW", 0)
    monkeypatch.setattr(store_features, "COUNT_S", 1e-9)
    path = "/collections/factory/items"
    for headers in ({}, keys["demo-shuangqiao"]):
        client.headers.update(headers)
        page = await read(client, path, level="floor", limit=2)
        assert "numberMatched" not in page and page["numberReturned"] == 2
        assert len(await walk(client, path, level="floor", limit=2)) > 2
        assert "numberMatched" in await read(client, path, limit=2)


async def test_a_page_is_made_once_a_version_and_for_the_public_alone(
    client: httpx.AsyncClient, app: Litestar, keys: dict[str, dict[str, str]], dazu: Dazu
) -> None:
    path = "/ogc/collections/factory/items"
    cache = app.state.application_state.pages
    first = await client.get(path, params={"limit": 5}, headers={"Accept-Encoding": "identity"})
    size = cache.size
    assert size > len(first.content)
    for coding in ("identity", "gzip", "gzip"):
        again = await client.get(path, params={"limit": 5}, headers={"Accept-Encoding": coding})
        assert again.content == first.content and again.headers["link"] == first.headers["link"]
    gzipped = cache.size - size
    assert 0 < gzipped < len(first.content)
    assert again.headers["content-encoding"] == "gzip" and again.headers["etag"].endswith('-gzip"')

    staff = await client.get(path, params={"limit": 5}, headers=keys["demo-shuangqiao"])
    assert staff.status_code == 200 and cache.size == size + gzipped

    conn = await asyncpg.connect(dazu.superuser_url)
    await conn.execute("UPDATE panhuo.asset SET flat = replace(flat, '\"code\":', '\"cod\":')")
    assert (await client.get(path, params={"limit": 5})).content == first.content  # what no act wrote no version tells
    await conn.execute("UPDATE panhuo.counter SET version = version + 1")
    await conn.close()
    assert '"cod":' in (await client.get(path, params={"limit": 5})).text
    assert cache.size > 0
