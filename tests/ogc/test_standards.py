"""Each assertion of the official suites and of the standards that have none, as a test of our own.

The first line of each says which: 1/… of OGC API Features part 1, 2/… of part 2, by the numbers of their abstract
tests; 3, 5, 6, 7 and 8 are the parts, whose requirements have names. Tests of the same in other files here
name theirs too; `test_every_assertion_has_a_test` holds that none is left out.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import shapely
from openapi_spec_validator import OpenAPIV30SpecValidator

from api.ogc.items import CRS_PARAMETERS
from api.ogc.service import CLASSES
from domain.collections import COLLECTIONS, Collection
from tests.api.story import box, register
from tests.conftest import Dazu
from tests.ogc.test_features import CRS84, epsg, read, rels, walk
from tests.server import serving

#: Abstract tests of parts 1 and 2 that a service of GeoJSON, HTML and OpenAPI 3.0 meets; 1/19 is the parameter
#: parameters of filters, which are 3 here.
ASSERTIONS = {*(f"1/{n}" for n in range(1, 30) if n != 19), *(f"2/{n}" for n in range(1, 11))}
GEOJSON = "application/geo+json"
OGC_REL = "http://www.opengis.net/def/rel/ogc/1.0"
#: The boxes that the suite asks for, beside the extent.
BOXES = (
    "-1.5000000,50.0,1.5,53",
    "-80,-5,-70,5",
    "177,65,-177,70",
    "-180,85,180,90",
    "-180,-90,180,-85",
    "105,29,106,30",
)
#: A wrong value of each parameter that does not take any text.
WRONG = {
    "limit": "unlimited", "bbox": "1,2,3", "bbox-crs": "http://www.opengis.net/def/crs/0/unsupported",
    "crs": "http://www.opengis.net/def/crs/0/unsupported", "filter-crs": "http://www.opengis.net/def/crs/0/unsupported",
    "datetime": "yesterday", "properties": "nothing", "sortby": "nothing", "cursor": "é", "count": "guess",
    "filter": "area_m2 >", "filter-lang": "sql", "f": "xml", "lang": "tlh", "zoom-level": "far", "type": "delete",
}  # fmt: skip
PLACED = [name for name, collection in COLLECTIONS.items() if collection.shape != "none"]


def parameter_of(document: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    """A parameter of the description, wherever it stands in it."""
    if "$ref" not in parameter:
        return parameter
    whole: dict[str, Any] = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return whole


async def description(client: httpx.AsyncClient) -> dict[str, Any]:
    return await read(client, "/api")


def gets(document: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every path that is read, and its parameters."""
    for path, methods in document["paths"].items():
        yield path, [parameter_of(document, parameter) for parameter in methods["get"]["parameters"]]


def test_every_assertion_has_a_test() -> None:
    named: set[str] = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        for text in re.findall(r'"""([^"]*)"""', file.read_text(encoding="utf-8")):
            named |= set(re.findall(r"\b[12]/\d+\b", text))
            for part, first, last in re.findall(r"\b([12])/(\d+) to [12]/(\d+)", text):
                named |= {f"{part}/{n}" for n in range(int(first), int(last) + 1)}
    assert ASSERTIONS - named == set()


@pytest.mark.slow
def test_the_status_line_says_http_1_1(dazu: Dazu) -> None:
    """1/1."""
    with serving(dazu.url) as (_, port):
        answer = httpx.get(f"http://127.0.0.1:{port}/ogc")
    assert answer.http_version == "HTTP/1.1" and answer.status_code == 200


async def test_every_position_lies_on_the_earth(client: httpx.AsyncClient) -> None:
    """1/2."""
    for name in PLACED:
        features = await walk(client, f"/collections/{name}/items")
        for feature in features:
            west, south, east, north = shapely.from_geojson(str(feature["geometry"]).replace("'", '"')).bounds
            assert -180 <= west <= east <= 180 and -90 <= south <= north <= 90


async def test_the_description_is_valid_and_has_every_resource(client: httpx.AsyncClient) -> None:
    """1/5, 1/6, 1/7: it is asked for by the type its link has; all later tests hang on its paths."""
    landing = await read(client, "")
    link = next(link for link in landing["links"] if link["rel"] == "service-desc")
    assert re.sub(r"\s", "", link["type"]) == "application/vnd.oai.openapi+json;version=3.0"
    answer = await client.get(link["href"], headers={"Accept": link["type"]})
    document = answer.json()
    assert [str(fault.message) for fault in OpenAPIV30SpecValidator(document).iter_errors()] == []
    assert document["servers"] == [{"url": "http://panhuo.test/ogc"}]
    for name in COLLECTIONS:
        assert {f"/collections/{name}", f"/collections/{name}/items"} <= document["paths"].keys()
    ids = [method["operationId"] for methods in document["paths"].values() for method in methods.values()]
    assert len(ids) == len(set(ids))


async def test_every_path_of_the_description_answers(client: httpx.AsyncClient) -> None:
    """1/7, 1/9, 1/11, 1/13, 1/27."""
    for path, parameters in gets(await description(client)):
        if any(parameter["in"] == "path" for parameter in parameters) or path.endswith("/download"):
            continue
        answer = await client.get(f"/ogc{path}", params={"limit": 1} if path.endswith("/items") else None)
        assert answer.status_code == 200, path


async def test_conformance_lists_classes_by_their_addresses(client: httpx.AsyncClient) -> None:
    """1/8."""
    listed = (await read(client, "/conformance"))["conformsTo"]
    assert listed == list(CLASSES) and len(set(listed)) == len(listed)
    assert all(uri.startswith("http://www.opengis.net/spec/") for uri in listed)
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in listed


async def test_collections_say_where_they_are_and_in_which_systems(client: httpx.AsyncClient) -> None:
    """1/9, 1/10, 1/13, 2/1, 2/2, 2/3: links with types, CRS84 first, items as GeoJSON."""
    body = await read(client, "/collections")
    assert body["crs"][0] == CRS84 and all(re.fullmatch(r"http://www\.opengis\.net/def/crs/\w+/[\d.]+/\w+", uri)
                                           for uri in body["crs"])  # fmt: skip
    for listed in [body, *body["collections"]]:
        by_rel = {link["rel"]: link for link in listed["links"]}
        assert by_rel["self"]["type"] == "application/json" and by_rel["alternate"]["type"] == "text/html"
        assert all(link.get("type") and urlsplit(link["href"]).netloc == "panhuo.test" for link in listed["links"])
    for listed in body["collections"]:
        by_rel = {link["rel"]: link for link in listed["links"]}
        assert by_rel["items"]["type"] == GEOJSON
        assert {"id", "title", "description", "extent", "crs", "itemType"} <= listed.keys()
        assert listed.get("storageCrs", CRS84) in listed["crs"]


async def test_parameters_of_items_are_defined_as_clients_read_them(client: httpx.AsyncClient) -> None:
    """1/14, 1/16, 1/18: forms and bounds of bbox, limit and datetime."""
    document = await description(client)
    for name in COLLECTIONS:
        parameters = {p["name"]: p for p in dict(gets(document))[f"/collections/{name}/items"]}
        for key in ("limit", "bbox", "datetime"):
            assert (parameters[key]["in"], parameters[key]["required"]) == ("query", False)
            assert (parameters[key]["style"], parameters[key]["explode"]) == ("form", False)
        assert parameters["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1000}
        schema = parameters["bbox"]["schema"]
        assert (schema["type"], schema["minItems"], schema["maxItems"]) == ("array", 4, 6)
        assert schema["items"] == {"type": "number"}
        assert parameters["datetime"]["schema"] == {"type": "string"}
        assert document["components"]["parameters"]["limit"] == parameters["limit"]


@pytest.mark.parametrize("name", PLACED)
async def test_what_a_box_gives_meets_it(client: httpx.AsyncClient, name: str) -> None:
    """1/15: the extent, and boxes over the sea, the date line and the poles."""
    extent = (await read(client, f"/collections/{name}"))["extent"]["spatial"]["bbox"][0]
    in_all = (await read(client, f"/collections/{name}/items", limit=1))["numberMatched"]
    for text in (",".join(map(str, extent)), *BOXES):
        west, south, east, north = map(float, text.split(","))
        parts = [(west, 180), (-180, east)] if west > east else [(west, east)]
        places = shapely.union_all([shapely.box(x1, south, x2, north) for x1, x2 in parts])
        features = await walk(client, f"/collections/{name}/items", bbox=text)
        for feature in features:
            assert shapely.from_geojson(str(feature["geometry"]).replace("'", '"')).intersects(places)
        if text == ",".join(map(str, extent)):
            assert len(features) == in_all


async def test_a_page_never_has_more_than_its_limit(client: httpx.AsyncClient) -> None:
    """1/17, 1/24, 1/25, 1/26."""
    for limit in (1, 2, 50, 100, 10_000, 10_001, 10**11):
        page = await read(client, "/collections/factory/items", limit=limit)
        assert len(page["features"]) == page["numberReturned"] == min(limit, page["numberMatched"])
        assert (limit < page["numberMatched"]) == ("next" in rels(page))


async def test_pages_and_features_have_their_links(client: httpx.AsyncClient) -> None:
    """1/22, 1/23, 1/27, 1/28, 1/29: the address of a feature is that of its items and its id as it stands."""
    for name in COLLECTIONS:
        page = await read(client, f"/collections/{name}/items", limit=2)
        assert page["type"] == "FeatureCollection"
        by_rel = {link["rel"]: link for link in page["links"]}
        assert by_rel["self"]["type"] == GEOJSON and by_rel["alternate"]["type"] == "text/html"
        for feature in page["features"]:
            assert re.fullmatch(r"[0-9a-f-]{36}", feature["id"])
            alone = await read(client, f"/collections/{name}/items/{feature['id']}")
            by_rel = {link["rel"]: link for link in alone["links"]}
            assert by_rel["self"]["type"] == GEOJSON and by_rel["alternate"]["type"] == "text/html"
            assert by_rel["collection"]["href"] == f"http://panhuo.test/ogc/collections/{name}"
            assert (await client.get(by_rel["self"]["href"])).json() == alone


async def test_every_system_is_answered_by_its_name(client: httpx.AsyncClient) -> None:
    """2/4, 2/6, 2/7: the header says which, CRS84 where none was named."""
    for name in COLLECTIONS:
        listed = await read(client, f"/collections/{name}")
        features = (await read(client, f"/collections/{name}/items", limit=1))["features"]
        paths = [f"/ogc/collections/{name}/items", *(f"/ogc/collections/{name}/items/{f['id']}" for f in features)]
        for path in paths:
            assert (await client.get(path)).headers["content-crs"] == f"<{CRS84}>"
            for uri in listed["crs"]:
                answer = await client.get(path, params={"crs": uri})
                assert (answer.status_code, answer.headers["content-crs"]) == (200, f"<{uri}>")


async def test_a_system_that_is_not_offered_is_refused(client: httpx.AsyncClient) -> None:
    """2/5, 2/9: on items and on a feature."""
    feature = (await read(client, "/collections/factory/items", limit=1))["features"][0]["id"]
    for path, name in (("", "crs"), (f"/{feature}", "crs"), ("", "bbox-crs"), ("", "filter-crs")):
        answer = await client.get(f"/ogc/collections/factory/items{path}", params={name: WRONG[name]})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, name)
    assert set(CRS_PARAMETERS) == {"crs", "bbox-crs", "filter-crs"}


async def test_a_box_in_a_system_gives_no_more_than_in_degrees(client: httpx.AsyncClient) -> None:
    """2/8, 2/10: boxes with axes as the suite believes them, too; far away ones are empty and no fault."""
    for uri in (await read(client, "/collections"))["crs"]:
        for text in (
            "103.5,29.0,106.5,30.0", "29.0,103.5,30.0,106.5", "-85,-175,85,175", "-175,-85,175,85", "0,0,0,0",
            "1e9,1e9,1e9,1e9", "-20037508,-20048966,20037508,20048966", "3200000,400000,3400000,700000",
        ):  # fmt: skip
            answer = await client.get(
                "/ogc/collections/factory/items", params={"bbox": text, "bbox-crs": uri, "limit": 10_000}
            )
            assert answer.status_code == 200, (uri, text, answer.text)
    lat_first = await walk(client, "/collections/factory/items", bbox="29,105,30,107", **{"bbox-crs": epsg(4490)})
    assert len(lat_first) == (await read(client, "/collections/factory/items", limit=1))["numberMatched"]


@pytest.mark.parametrize(("name", "collection"), COLLECTIONS.items())
async def test_schemas_say_what_they_are(client: httpx.AsyncClient, name: str, collection: Collection) -> None:
    """3 queryables, 5 schemas, 8 sortables: linked, of their type, with ids, types and roles."""
    listed = await read(client, f"/collections/{name}")
    links = {link["rel"]: link for link in listed["links"]}
    for part in ("queryables", "sortables", "schema"):
        link = links[f"{OGC_REL}/{part}"]
        answer = await client.get(link["href"], headers={"Accept": "application/schema+json"})
        assert answer.headers["content-type"] == link["type"] == "application/schema+json"
        schema = answer.json()
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["$id"] == link["href"] and schema["type"] == "object"
        assert schema["additionalProperties"] is False
        for key, member in schema["properties"].items():
            if key == "geometry":
                assert member["format"] in ("geometry-multipolygon", "geometry-point")
                assert member.keys().isdisjoint({"type", "$ref"})
            else:
                assert member["type"] in ("string", "number", "integer", "boolean")
                assert member.get("format") in (None, "date", "date-time", "uuid")
    whole = (await read(client, f"/collections/{name}/schema"))["properties"]
    roles = [member["x-ogc-role"] for member in whole.values() if "x-ogc-role" in member]
    assert roles.count("id") == 1 and roles.count("primary-geometry") == (collection.shape != "none")
    assert roles.count("primary-instant") == (collection.instant is not None)
    assert {*whole} - {"id", "geometry"} == {*collection.properties}
    feature = (await client.get(links["describedby"]["href"])).json()
    assert {*feature["properties"]["properties"]["properties"]} == {*collection.properties}


async def test_filters_are_declared_with_their_languages(client: httpx.AsyncClient) -> None:
    """3 filter: filter-lang has its words and its default; GDAL looks for the third."""
    parameters = (await description(client))["components"]["parameters"]
    assert parameters["filter-lang"]["schema"] == {
        "type": "string", "enum": ["cql2-text", "cql2-json", "cql-text"], "default": "cql2-text",
    }  # fmt: skip
    assert parameters["filter-crs"]["schema"]["enum"][0] == CRS84


async def test_conditions_are_all_met_at_once(client: httpx.AsyncClient) -> None:
    """3 features-filter: filter, bbox, datetime and properties are joined by and."""
    path = "/collections/factory/items"
    parameters = {"filter": "area_m2 > 2000", "level": "floor", "bbox": "105,29,105.8,30", "datetime": "2020-01-01/.."}
    ids = {}
    for name, value in parameters.items():
        ids[name] = {f["id"] for f in await walk(client, path, **{name: value})}
    met = {f["id"] for f in await walk(client, path, **parameters)}
    assert met == set.intersection(*ids.values()) and 0 < len(met) < min(len(ids["filter"]), len(ids["level"]))


async def test_properties_and_order_are_those_asked_for(client: httpx.AsyncClient) -> None:
    """6 properties, 8 sorting: on a page and on a feature; a key that is none is refused."""
    page = await read(client, "/collections/factory/items", properties="name,area_m2", sortby="-area_m2", limit=20)
    areas = [f["properties"]["area_m2"] for f in page["features"]]
    assert all(list(f["properties"]) == ["name", "area_m2"] for f in page["features"])
    assert areas == sorted(areas, reverse=True) and len(set(areas)) > 5
    path = f"/collections/factory/items/{page['features'][0]['id']}"
    assert list((await read(client, path, properties="code"))["properties"]) == ["code"]


async def test_a_wrong_value_of_any_parameter_of_any_path_is_refused_by_its_name(client: httpx.AsyncClient) -> None:
    """1/20, 1/21: 400, never 422 and never 5xx; and so is a parameter that is none, on every path."""
    document = await description(client)
    feature = (await read(client, "/collections/factory/items", limit=1))["features"][0]["id"]
    values = {"{featureId}": feature, "{tileMatrix}": "12", "{tileRow}": "1700", "{tileCol}": "3250"}
    tried = 0
    for template, parameters in gets(document):
        path = re.sub(r"\{\w+\}", lambda match: values[match[0]], template)
        for name, value in [("unknownQueryParameter123", "1"), *(
            (p["name"], wrong_value(p)) for p in parameters if p["in"] == "query"
        )]:  # fmt: skip
            form = {"f": "shp"} if path.endswith("/download") else {}
            answer = await client.get(f"/ogc{path}", params={**form, name: value})
            assert answer.status_code == 400, (path, name, value, answer.text[:300])
            assert answer.headers["content-type"] == "application/problem+json"
            assert [error["field"] for error in answer.json()["errors"]] == [name], (path, name)
            tried += 1
    assert tried > 1500


def wrong_value(parameter: dict[str, Any]) -> str:
    """A text that no value of the parameter is; where any text is one, a character that none has."""
    if parameter["name"] in WRONG:
        return WRONG[parameter["name"]]
    schema = parameter["schema"]
    if "enum" in schema or schema["type"] != "string" or schema.get("format") in ("date", "date-time"):
        return "castle"
    return "a\0b"


@pytest.mark.parametrize("name", COLLECTIONS)
async def test_what_is_odd_and_no_fault_is_answered(client: httpx.AsyncClient, name: str) -> None:
    """1/15, 1/17, 1/19: repeated parameters, years that no calendar has, boxes over everything and of no width."""
    for query in (
        "limit=10&limit=3", "f=html&f=json", "limit=10001", "datetime=0000-01-01T00:00:00Z/9999-12-31T23:59:59Z",
        "datetime=../9999-12-31", "datetime=0000-01-01/..", "datetime=9999-12-31T00:00:00Z", "datetime=2025-01-01T",
        "bbox=-180,-90,180,90", "bbox=-200,-100,200,100", "bbox=170,-10,-170,10", "bbox=105.77,29.47,105.77,29.48",
        "bbox=105.77,29.47,105.77,29.47", "bbox=105,29,-100,107,30,9000", "bbox=-180,89,180,91",
        f"bbox=-1e300,-1e300,1e300,1e300&bbox-crs={epsg(4544)}", f"bbox=0,0,1,1&bbox-crs={epsg(3857)}",
    ):  # fmt: skip
        answer = await client.get(f"/ogc/collections/{name}/items?{query}")
        assert answer.status_code == 200, (query, answer.text)
        if query.startswith("limit=10&"):
            assert parse_qs(urlsplit(answer.json()["links"][0]["href"]).query)["limit"] == ["3"]
            assert answer.json()["numberReturned"] <= 3


@pytest.mark.parametrize("order", [None, "-area_m2"])
async def test_a_walk_beside_writers_meets_once_whatever_lived_through_it(
    client: httpx.AsyncClient, keys: dict[str, dict[str, str]], order: str | None
) -> None:
    """1/26: units are registered, changed and withdrawn between and during the pages."""
    staff = keys["demo-shuangqiao"]
    park = next(p for p in (await client.get("/api/v1/parks")).json()["features"]
                if p["properties"]["code"] == "shuangqiao")  # fmt: skip
    path, parameters = "/collections/factory/items", {"limit": 4, **({"sortby": order} if order else {})}
    facts = {"stated_area_unit": "m2", "clear_height_m": 9, "level": "building", "power_kva": 400}
    made = [await register(client, staff, park, f"W-{n}", box(park, n, row=9), stated_area=1000 + n, **facts)
            for n in range(6)]  # fmt: skip
    is_walking = True
    acts = {"made": 0, "changed": 0, "withdrawn": 0}

    async def write() -> None:
        n = 0
        while is_walking:
            unit = await register(
                client, staff, park, f"X-{n}", box(park, n % 40, row=12 + n // 40), stated_area=500 + 90 * n, **facts
            )
            acts["made"] += 1
            for target, body in ((made[n % 6], None), (unit, None)):
                head = await client.get(f"/api/v1/assets/{target['id']}", headers=staff)
                tag = {"If-Match": head.headers["etag"]}
                if target is unit and n % 2:
                    gone = await client.post(f"/api/v1/assets/{target['id']}/withdraw", headers=staff | tag, json=body)
                    assert gone.status_code == 200, gone.text
                    acts["withdrawn"] += 1
                    continue
                changed = await client.patch(
                    f"/api/v1/assets/{target['id']}",
                    headers={**staff, **tag, "Content-Type": "application/merge-patch+json"},
                    json={"properties": {"clear_height_m": 5 + n % 7}},
                )
                assert changed.status_code == 200, changed.text
                acts["changed"] += 1
            n += 1

    async def ids() -> set[str]:
        return {f["id"] for f in (await read(client, path, limit=10_000))["features"]}

    writer = asyncio.create_task(write())
    try:
        walks = 0
        while walks < 3 or not all(acts.values()):
            walks += 1
            before = await ids()
            met = [f["id"] for f in await walk(client, path, **parameters)]
            lived = before & await ids()
            assert len(met) == len(set(met)), "none twice"
            assert lived <= set(met), "none left out"
    finally:
        is_walking = False
        await writer


@pytest.mark.parametrize(
    ("draft", "text"),
    [
        ("(level = 'floor') AND (area_m2 > 3000)", "level = 'floor' AND area_m2 > 3000"),
        ("idle_since <= '2024-01-01T'", "idle_since <= DATE('2024-01-01')"),
        ("changed_at >= '2020-01-01T10:00:00Z'", "changed_at >= TIMESTAMP('2020-01-01T10:00:00Z')"),
        ("changed_at >= '2020-01-01T10:00Z'", "changed_at >= TIMESTAMP('2020-01-01T10:00:00Z')"),
        ("is_leaf = 1", "is_leaf = TRUE"),
        ("NOT (is_leaf = 0)", "NOT is_leaf = FALSE"),
        ("(code ILIKE 'sq-%') OR (name = 'a ILIKE ''b''')", "CASEI(code) LIKE CASEI('sq-%') OR name = 'a ILIKE ''b'''"),
        ("(idle_since IS NULL)", "idle_since IS NULL"),
    ],
)
async def test_the_draft_that_gdal_writes_says_the_same(client: httpx.AsyncClient, draft: str, text: str) -> None:
    """3 filter: dates and flags are texts and numbers in it."""
    path = "/collections/factory/items"
    met = [f["id"] for f in await walk(client, path, **{"filter": draft, "filter-lang": "cql-text"})]
    assert met == [f["id"] for f in await walk(client, path, filter=text)] != []
    for wrong in ("idle_since <= 'soon'", "is_leaf = 2", "nothing = 1", "area_m2 ILIKE 'x'", "code ILIKE"):
        answer = await client.get(f"/ogc{path}", params={"filter": wrong, "filter-lang": "cql-text"})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "filter"), wrong
