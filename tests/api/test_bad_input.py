"""Each refused input gets a 4xx problem that names the field and says what would be right, in Chinese and in English;
no row of any table is written for it; the same request put right is accepted, under the same idempotency key.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from tests.api.story import Headers, box, firm_of, register
from tests.conftest import TODAY, Dazu
from texts.lookup import tables

ASSETS, FIRMS, DEMANDS, OUTCOMES = (f"/api/v1/{name}" for name in ("assets", "firms", "demands", "outcomes"))
CHANGES = f"{ASSETS}/changes"
OF_JSON = {"Content-Type": "application/json"}
STATS, HALF_YEAR = "/api/v1/stats/revitalized", "from=2025-01-01&to=2025-06-30"
REVIVALS, OWN_REVIVALS = "/api/v1/revivals.geojson", f"{HALF_YEAR}&park={{park}}"
PAST = f"{HALF_YEAR}&as_of=2025-07-01"
Corners = tuple[list[float], list[float], list[float], list[float]]

#: Name, the outline made wrong from the four corners of a square, field, what the sentence says.
OUTLINES: list[tuple[str, Callable[[Corners], Any], str, str]] = [
    ("swapped axes", lambda c: polygon(*[item[::-1] for item in closed(c)]), "geometry.coordinates", "longitude first"),
    ("not closed", lambda c: polygon(*c), "geometry.coordinates[0]", "should be the same"),
    ("bow-tie", lambda c: polygon(c[0], c[2], c[1], c[3], c[0]), "geometry.coordinates[0]", "crosses itself at"),
    ("two points", lambda c: polygon(c[0], c[1]), "geometry.coordinates[0]", "at least 4 positions"),
    ("no rings", lambda c: {"type": "Polygon", "coordinates": []}, "geometry.coordinates", "empty"),
    ("an empty ring", lambda c: polygon(), "geometry.coordinates", "empty"),
    ("null", lambda c: None, "properties.stated_area", "a stated area"),
    ("a point", lambda c: {"type": "Point", "coordinates": c[0]}, "properties.stated_area", "a stated area"),
    ("a line", lambda c: {"type": "LineString", "coordinates": c[:2]}, "geometry.type", "Polygon, MultiPolygon"),
    ("a text", lambda c: "POINT(105 29)", "geometry", "GeoJSON geometry object"),
    ("rings too deep", lambda c: polygon([c[0]]), "geometry.coordinates[0][0]", "nested 3 deep"),
    ("in the China Sea", lambda c: moved(c, 17, 1), "geometry", "off the park"),
    ("at 0, 0", lambda c: moved(c, -c[0][0], -c[0][1]), "geometry.coordinates[0][0]", "outside China"),
    ("no area", lambda c: polygon(c[0], c[1], c[0], c[1], c[0]), "geometry.coordinates[0]", "area is zero"),
    ("metres", lambda c: moved(c, 574000, 3264000), "geometry.coordinates[0][0]", "EPSG:4326"),
    ("a word", lambda c: polygon(["x", 29.5], *closed(c)[1:]), "geometry.coordinates[0][0][0]", "is a number"),
]


def mu(area: object) -> dict[str, Any]:
    return {"stated_area": area, "stated_area_unit": "mu"}


#: Facts of a unit: wrong, right, field below `properties`, what the sentence says.
FACTS: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"colour": 1}, {"span_m": 1}, "colour", "no such field"),
    ({"revision": 1}, {}, "revision", "cannot be written"),
    (mu(5) | {"stated_area_unit": "acre"}, mu(5), "stated_area_unit", "m2, mu, ha"),
    ({"stated_area": 5}, mu(5), "stated_area_unit", "stated_area"),
    (mu(0), mu(1), "stated_area", "0.000001"),
    (mu("NaN"), mu("1"), "stated_area", "finite number"),
    (mu("1e1000000"), mu("1e1"), "stated_area", "999999999"),
    ({"clear_height_m": "tall"}, {"clear_height_m": "7.25"}, "clear_height_m", "number"),
    ({"clear_height_m": 7.125}, {"clear_height_m": 7.12}, "clear_height_m", "2 decimal places"),
    ({"is_divisible": "yes"}, {"is_divisible": True}, "is_divisible", "true or false"),
    ({"storeys": 1.5}, {"storeys": 1}, "storeys", "whole number"),
    ({"allowed_industries": ["9999"]}, {"allowed_industries": ["3752"]}, "allowed_industries", "/api/v1/industries?q="),
    ({"allowed_industries": ["x"]}, {"allowed_industries": ["37"]}, "allowed_industries.0", "2 to 4 digits"),
    ({"name": "a\u0000b"}, {"name": "ab"}, "name", "U+0000"),
    ({"name": "a\u202eb"}, {"name": "ab"}, "name", "U+202E"),
    ({"name": ""}, {"name": "b"}, "name", "empty"),
    ({"available_from": "2025-02-30"}, {"available_from": "2025-02-28"}, "available_from", "date"),
    ({"available_from": "9999-12-31"}, {"available_from": "2099-12-31"}, "available_from", "2199-12-31"),
    ({"floor_no": 10**30}, {"floor_no": 1}, "floor_no", "between -10 and 200"),
    (
        {"attributes": {"colour": "red"}},
        {"attributes": {"structure": "red"}},
        "attributes.colour",
        "docs/attributes.md",
    ),
    ({"attributes": {"dock_doors": "2"}}, {"attributes": {"dock_doors": 2}}, "attributes.dock_doors", "a number"),
    (
        {"attributes": {"is_levelled": 1}},
        {"attributes": {"is_levelled": True}},
        "attributes.is_levelled",
        "true or false",
    ),
    ({"kind": "factory"}, {"kind": "land"}, "kind", "land"),
    ({"level": "hall"}, {"level": "plot"}, "level", "building"),
    ({"zone_id": "x"}, {"zone_id": None}, "zone_id", "UUID"),
]

#: Queries: address, wrong, right, field, what the sentence says.
QUERIES: list[tuple[str, str, str, str, str]] = [
    (ASSETS, "limit=0", "limit=1", "limit", "1"),
    (ASSETS, "limit=1000000000", "limit=10000", "limit", "10000"),
    (ASSETS, "limit=ten", "limit=10", "limit", "whole number"),
    ("/api/v1/parks", "count=yes", "count=exact", "count", "exact"),
    (ASSETS, "bbox=105,29,106", "bbox=105,29,106,30", "bbox", "west,south,east,north"),
    (ASSETS, "bbox=105,29,106,nan", "bbox=105,29,106,30", "bbox", "4 numbers"),
    (ASSETS, "bbox=105,30,106,29", "bbox=105,29,106,30", "bbox", "south"),
    (ASSETS, "bbox=29,105,30,106", "bbox=105,29,106,30", "bbox", "longitude first"),
    (ASSETS, "colour=red", "kind=land", "colour", "clear_height_m_min"),
    (ASSETS, "limit=1&limit=2", "limit=1", "limit", "once"),
    (ASSETS, "cursor=AAAA", "limit=1", "cursor", "first page"),
    (ASSETS, "cursor=%FF", "limit=1", "query", "UTF-8"),
    (ASSETS, "&".join(f"a{n}=1" for n in range(61)), "limit=1", "query", "at most 60"),
    (ASSETS, "area_m2_min=NaN", "area_m2_min=0", "area_m2_min", "between 0"),
    (ASSETS, "area_m2_min=large", "area_m2_min=9", "area_m2_min", "number"),
    (ASSETS, "near=105,29", "near=105,29&radius_m=9", "near", "radius_m"),
    (ASSETS, "near=29&radius_m=9", "near=105,29&radius_m=9", "near", "longitude,latitude"),
    (ASSETS, "industry=zz", "industry=3752", "industry", "2 to 4 digits"),
    (ASSETS, "q=%00", "q=0", "q", "U+0000"),
    (ASSETS, "q=", "q=0", "q", "empty"),
    (ASSETS, "sort=colour", "sort=-area_m2", "sort", "-area_m2"),
    (ASSETS, "kind=Land", "kind=land", "kind", "land, factory"),
    (ASSETS, "park=nowhere", f"park={UUID(int=1)}", "park", "/api/v1/parks"),
    (ASSETS, "park=", "park=shuangqiao", "park", "empty"),
    (ASSETS, "near=NOWHERE-1&radius_m=9", "near=shuangqiao&radius_m=9", "near", "NOWHERE-1"),
    (ASSETS, "near=105,91&radius_m=9", "near=105,29&radius_m=9", "near", "longitude,latitude"),
    (ASSETS, "near=shuangqiao", "near=shuangqiao&radius_m=9", "near", "radius_m"),
    (ASSETS, "rent_yuan_m2_month_max=cheap", "rent_yuan_m2_month_max=12.5", "rent_yuan_m2_month_max", "number"),
    (ASSETS, "price_yuan_m2_min=-1", "price_yuan_m2_min=0", "price_yuan_m2_min", "between 0"),
    (ASSETS, "fire_hazard_class=F", "fire_hazard_class=C", "fire_hazard_class", "A, B, C, D, E"),
    (ASSETS, "idle_basis=empty", "idle_basis=vacant_building", "idle_basis", "vacant_building"),
    (ASSETS, "idle_since_before=2024", "idle_since_before=2024-01-01", "idle_since_before", "date"),
    (ASSETS, "idle_since_after=2025-02-30", "idle_since_after=2025-02-28", "idle_since_after", "date"),
    (ASSETS, "listing=hidden", "listing=draft", "listing", "draft, published, withdrawn"),
    (ASSETS, "missing=colour", "missing=rent_yuan_m2_month,dock_doors", "missing", "rent_yuan_m2_month"),
    (ASSETS, "missing=mortgage", "missing=price_yuan_m2", "missing", "rent_yuan_m2_month"),
    (f"{ASSETS}.csv", "missing=name", "missing=source", "missing", "rent_yuan_m2_month"),
    (ASSETS, "available_by=2025-02-30", "available_by=2025-02-28", "available_by", "date"),
    (ASSETS, "count=all", "count=exact", "count", "exact"),
    (f"{ASSETS}.geojson", "fields=colour", "fields=code", "fields", "park_code"),
    (f"{ASSETS}.geojson", "fields=", "fields=code,name", "fields", "empty"),
    (f"{ASSETS}.csv", "fields=issues", "fields=lowest_rent_yuan_m2_month", "fields", "rent_yuan"),
    (f"{ASSETS}.geojson", "titles=fr", "titles=en", "titles", "en, zh"),
    (f"{ASSETS}.geojson", "limit=10", "kind=land", "limit", "titles"),
    (f"{ASSETS}.geojson", "bbox=105,30,106,29", "bbox=105,29,106,30", "bbox", "south"),
    (f"{ASSETS}.csv", "wkt=maybe", "wkt=true", "wkt", "true or false"),
    ("/api/v1/parks.geojson", "fields=colour", "fields=code", "fields", "leading_industries"),
    ("/api/v1/parks.csv", "kind=land", "titles=zh", "kind", "wkt"),
    (REVIVALS, f"{HALF_YEAR}&park=x", OWN_REVIVALS, "park", "UUID"),
    (REVIVALS, "from=2025-07-01&to=2025-06-30", OWN_REVIVALS, "from", "after to"),
    (REVIVALS, HALF_YEAR, OWN_REVIVALS, "park", "required"),
    (REVIVALS, f"{OWN_REVIVALS}&fields=leaves", OWN_REVIVALS, "fields", "area_mu"),
    (OUTCOMES, "stage=gone", "stage=ended", "stage", "opened, reserved"),
    ("/api/v1/industries", "q=a%00", "q=a", "q", "U+0000"),
    (FIRMS, "q=a%00", "q=a", "q", "U+0000"),
    (FIRMS, "credit_code=%00", "credit_code=91350100M000100Y43", "credit_code", "U+0000"),
    (STATS, "from=2025-01-01", HALF_YEAR, "to", "required"),
    (STATS, "from=2025-07-01&to=2025-06-30", "from=2025-06-30&to=2025-06-30", "from", "after to"),
    (STATS, f"{HALF_YEAR}&as_of=0001-01-01", HALF_YEAR, "as_of", "1900-01-01"),
    (STATS, f"{HALF_YEAR}&as_of=0001-01-01T00:00:00%2B10:00", f"{PAST}T00:00:00%2B10:00", "as_of", "1900-01-01"),
    (STATS, f"{HALF_YEAR}&as_of=9999-12-31T23:59:59-10:00", f"{PAST}T23:59:59-10:00", "as_of", "future"),
]

NEED: dict[str, Any] = {"title": "厂房", "kinds": ["factory"], "accepted_paths": ["lease"]}
RIGHT_CODE = "91350100M000100Y43"
#: Other records: address, wrong, right, field, what the sentence says.
RECORDS: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    (FIRMS, {"credit_code": "91350100M000100Y44"}, {"credit_code": RIGHT_CODE}, "credit_code", "should be 3, not 4"),
    (FIRMS, {"credit_code": "91350100M000100Y4"}, {"credit_code": None}, "credit_code", "18 characters, this has 17"),
    (FIRMS, {"credit_code": "9135O100M000100Y43"}, {"credit_code": None}, "credit_code", "perhaps 0"),
    (FIRMS, {"credit_code": "91350100M000100Y4!"}, {"credit_code": None}, "credit_code", "! at 18"),
    (FIRMS, {"industry_code": "9999"}, {"industry_code": "3752"}, "industry_code", "has no 9999"),
    (FIRMS, {"industry_code": "x"}, {"industry_code": None}, "industry_code", "has no x"),
    (FIRMS, {"name": "x" * 201}, {"name": "x" * 200}, "name", "at most 200"),
    (DEMANDS, {"kinds": ["hall"]}, {"kinds": ["factory"]}, "kinds.0", "land, factory"),
    (DEMANDS, {"kinds": []}, {"kinds": ["land"]}, "kinds", "empty"),
    (DEMANDS, {"product_codes": ["3752", "9999"]}, {"product_codes": ["3752"]}, "product_codes", "has no 9999"),
    (
        DEMANDS,
        {"floor_area_m2_min": 9, "floor_area_m2_max": 8},
        {"floor_area_m2_min": 8, "floor_area_m2_max": 8},
        "floor_area_m2_max",
        "less than floor_area_m2_min",
    ),
    (
        DEMANDS,
        {"attributes": {"products": "灯"}},
        {"attributes": {"products": ["灯"]}},
        "attributes.products",
        "a list of texts",
    ),
    (DEMANDS, {"importances": {"size": 6}}, {"importances": {"size": 5}}, "importances.size", "5"),
    (DEMANDS, {"timing_tolerance_days": -1}, {"timing_tolerance_days": 0}, "timing_tolerance_days", "0"),
    (CHANGES, {"act": "sell"}, {"act": "publish"}, "act", "amend, check, publish, withdraw"),
    (CHANGES, {"asset_ids": []}, {}, "asset_ids", "empty"),
    (CHANGES, {"asset_ids": ["x"]}, {}, "asset_ids.0", "UUID"),
    (CHANGES, {"asset_ids": [str(UUID(int=1))] * 2}, {}, "asset_ids.1", "asset_ids.0"),
    (CHANGES, {"asset_ids": [str(UUID(int=n)) for n in range(1001)]}, {}, "asset_ids", "1000"),
    (CHANGES, {"filter": {}}, {}, "asset_ids", "no other"),
    (CHANGES, {"filter": {"kind": "hall"}}, {}, "filter.kind", "land, factory"),
    (CHANGES, {"filter": {"colour": 1}}, {}, "filter.colour", "no such field"),
    (CHANGES, {"properties": {"source": "x"}}, {}, "properties", "act=publish"),
    (CHANGES, {"act": "amend"}, {"act": "amend", "properties": {"source": "x"}}, "properties", "required"),
    (CHANGES, {"act": "amend", "properties": {"code": "x"}}, {}, "properties.code", "one by one"),
    (CHANGES, {"act": "amend", "properties": {"far_max": 99}}, {}, "properties.far_max", "50"),
    (
        CHANGES,
        {"act": "amend", "properties": {"allowed_industries": ["9999"]}},
        {},
        "properties.allowed_industries",
        "/api/v1/industries",
    ),
    (CHANGES, {"dry_run": "maybe"}, {}, "dry_run", "true or false"),
    (CHANGES, {"colour": 1}, {}, "colour", "no such field"),
    (OUTCOMES, {"ends_on": "2026-01-01"}, {"ends_on": "2031-01-01"}, "ends_on", "before"),
    (OUTCOMES, {"path": "gift"}, {"path": "lease"}, "path", "lease, sublease"),
    (OUTCOMES, {"firm_id": str(UUID(int=1))}, {}, "firm_id", "no record"),
    (OUTCOMES, {"asset_ids": []}, {}, "asset_ids", "empty"),
    (OUTCOMES, {"starts_on": "1066-01-01"}, {}, "starts_on", "1900-01-01"),
]

#: Bodies that cannot be read as they are: what is done to the JSON text of a right one, its type, status, field, words.
BODIES: list[tuple[Callable[[bytes], bytes], str, int, str, str]] = [
    (lambda raw: b"\xff" + raw, "application/json", 400, "body", "UTF-8 (byte 0"),
    (lambda raw: raw.replace(b"Q-", b"Q\xc3"), "application/json", 400, "body", "UTF-8"),
    (lambda raw: raw[:-1], "application/json", 400, "body", "not JSON"),
    (lambda raw: raw + b"{}", "application/json", 400, "body", "not JSON"),
    (lambda raw: b"", "application/json", 400, "body", "is needed"),
    (lambda raw: re.sub(rb"\d+\.\d+", b"NaN", raw, count=1), "application/json", 400, "body", "null for unknown"),
    (lambda raw: b"[]", "application/json", 422, "body", "an object"),
    (lambda raw: b"[" * 100_000, "application/json", 400, "body", "too deeply"),
    (lambda raw: b'{"geometry":' + b"[" * 100_000, "application/json", 400, "body", "too deeply"),
    (lambda raw: raw + b" " * 30_000_000, "application/json", 413, "body", "larger than 2097152 bytes"),
    (lambda raw: raw, "text/plain", 415, "Content-Type", "application/geo+json"),
    (lambda raw: raw, "", 415, "Content-Type", "application/json"),
]


def polygon(*ring: list[float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(ring)]}


def closed(corners: Corners) -> list[list[float]]:
    return [*corners, corners[0]]


def moved(corners: Corners, east: float, north: float) -> dict[str, Any]:
    return polygon(*[[x + east, y + north] for x, y in closed(corners)])


def feature(park: dict[str, Any], geometry: Any, facts: dict[str, Any]) -> dict[str, Any]:
    properties = {"park_id": park["id"], "level": "plot", "code": "Q-1", "name": "Q-1", **facts}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


@dataclass
class StaffClient:
    """Sends requests as one caller, and counts the rows of every table."""

    client: httpx.AsyncClient
    headers: Headers
    conn: asyncpg.Connection
    counting: str
    sent: int = 0

    async def rows(self) -> dict[str, int]:
        return dict(await self.conn.fetch(self.counting))

    async def refused(self, status: int, field: str, says: str, method: str, place: str, **request: Any) -> None:
        """Refused in both languages with every part of the sentence filled, and nothing written."""
        before = await self.rows()
        for language, sent in (("zh-CN", "zh"), ("en", "en")):
            answer = await self._send(method, place, {"Accept-Language": sent}, **request)
            text = f"{place} {field}: {answer.text}"
            assert answer.status_code == status, text
            assert answer.headers["content-type"] == "application/problem+json", text
            assert answer.headers["content-language"] == language, text
            problem = answer.json()
            fault = problem["errors"][0]
            assert (fault["field"], problem["detail"]) == (field, fault["message"]), text
            assert_filled(tables("refusals", sent)["refusal"][fault["code"]], fault["message"])
        assert says in fault["message"], text
        assert await self.rows() == before, text

    async def accepted(self, method: str, place: str, **request: Any) -> httpx.Response:
        """The request put right is taken under the very key that came with the refused one."""
        answer = await self._send(method, place, {}, **request)
        self.sent += 1
        assert answer.status_code in (200, 201), (place, answer.text)
        return answer

    async def _send(self, method: str, place: str, more: Headers, **request: Any) -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": f"try-{self.sent}"} | more | request.pop("headers", {})
        return await self.client.request(method, place, headers=headers, **request)


def assert_filled(template: str, message: str) -> None:
    """The sentence is its template with something in each hole; `?` stands in one that was left open."""
    parts = re.split(r"{\w+}", template)
    match = re.fullmatch("(.+)".join(map(re.escape, parts)), message, re.S)
    assert match is not None, (template, message)
    assert "?" not in match.groups(), (template, message)


@pytest.fixture
async def staff_client(dazu: Dazu, client: httpx.AsyncClient, staff: Headers) -> AsyncIterator[StaffClient]:
    """The staff of a park."""
    conn = await asyncpg.connect(dazu.superuser_url)
    tables = await conn.fetch(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace IN ('panhuo'::regnamespace, 'history'::regnamespace) "
        "AND relname <> 'sign_in_tries' ORDER BY 1"  # a try that failed is counted, and is no record
    )
    counts = [f"SELECT '{table}', count(*) FROM {table}" for (table,) in tables]
    assert {"panhuo.asset", "panhuo.event", "panhuo.head", "panhuo.idempotency", "history.asset"} <= {
        t for (t,) in tables
    }
    yield StaffClient(client, staff, conn, " UNION ALL ".join(counts))
    await conn.close()


async def test_outlines(staff_client: StaffClient, park: dict[str, Any]) -> None:
    for n, (name, wrong, field, says) in enumerate(OUTLINES):
        right = box(park, n)
        corners = copy.deepcopy(right["coordinates"][0][:4])
        bad = feature(park, wrong(corners), {"code": name})
        await staff_client.refused(422, field, says, "POST", ASSETS, json=bad)
        await staff_client.accepted("POST", ASSETS, json=feature(park, right, {"code": name}))


async def test_facts(staff_client: StaffClient, park: dict[str, Any]) -> None:
    for n, (wrong, right, field, says) in enumerate(FACTS):
        code = {"code": f"Q-{n}"}
        bad = feature(park, box(park, n), code | wrong)
        await staff_client.refused(422, f"properties.{field}", says, "POST", ASSETS, json=bad)
        await staff_client.accepted("POST", ASSETS, json=feature(park, box(park, n), code | right))


async def test_queries(staff_client: StaffClient, park: dict[str, Any]) -> None:
    for place, wrong, right, field, says in QUERIES:
        await staff_client.refused(400, field, says, "GET", f"{place}?{wrong.format(park=park['id'])}")
        await staff_client.accepted("GET", f"{place}?{right.format(park=park['id'])}")


async def test_records(staff_client: StaffClient, keys: dict[str, Headers], park: dict[str, Any]) -> None:
    firm_id = await firm_of(staff_client.client, keys)
    staff = staff_client.headers
    for n, (place, wrong, right, field, says) in enumerate(RECORDS):
        base: dict[str, Any] = {FIRMS: {"name": "示例"}, DEMANDS: NEED}.get(place, {})
        if place == OUTCOMES:
            hall = await register(staff_client.client, staff, park, f"R-{n}", box(park, n), level="building")
            base = {"path": "lease", "asset_ids": [hall["id"]], "firm_id": firm_id, "starts_on": str(TODAY)}
        staff_client.headers = keys["demo-zhiding"] if place == DEMANDS else staff
        if place == CHANGES:
            made = await staff_client.accepted("POST", ASSETS, json=feature(park, box(park, n), {"code": f"R-{n}"}))
            base = {"park_id": park["id"], "act": "publish", "asset_ids": [made.json()["id"]], "dry_run": True}
        await staff_client.refused(422, field, says, "POST", place, json=base | wrong)
        await staff_client.accepted("POST", place, json=base | right)


async def test_bodies(staff_client: StaffClient, park: dict[str, Any]) -> None:
    for n, (spoilt, kind, status, field, says) in enumerate(BODIES):
        right = json.dumps(feature(park, box(park, n), {"code": f"Q-{n}"})).encode()
        of_kind = {"Content-Type": kind}
        await staff_client.refused(status, field, says, "POST", ASSETS, content=spoilt(right), headers=of_kind)
        await staff_client.accepted("POST", ASSETS, content=right, headers={"Content-Type": "application/geo+json"})


async def test_a_name_is_stored_composed(staff_client: StaffClient) -> None:
    for written in ('"Ti\u00ea\u0301ng"', r'"Ti\u00ea\u0301ng"', r'"Ti\u0065\u0302\u0301ng"'):
        made = await staff_client.accepted("POST", FIRMS, content=f'{{"name": {written}}}'.encode(), headers=OF_JSON)
        assert made.json()["name"] == "Ti\u1ebfng"


async def test_marks_piled_up_are_refused_by_name(staff_client: StaffClient) -> None:
    piled = json.dumps({"name": "a" + "\u0301\u0316" * 40}, ensure_ascii=False).encode()
    await staff_client.refused(422, "name", "marks", "POST", FIRMS, content=piled, headers=OF_JSON)


async def test_a_cursor_is_neither_forged_nor_carried_over(staff_client: StaffClient) -> None:
    first = (await staff_client.accepted("GET", f"{ASSETS}?limit=2&kind=land")).json()
    href = first["links"][0]["href"]
    at = href.index("cursor=") + len("cursor=") + 30
    forged = href[:at] + ("A" if href[at] != "A" else "B") + href[at + 1 :]

    for wrong in (forged, href.replace("kind=land", "kind=factory"), href + "AAAA"):
        await staff_client.refused(400, "cursor", "first page", "GET", wrong)
    following = (await staff_client.accepted("GET", href)).json()
    assert len({feature["id"] for feature in first["features"] + following["features"]}) == 4


async def test_changes_name_the_revision_they_change(staff_client: StaffClient, park: dict[str, Any]) -> None:
    made = await staff_client.accepted("POST", ASSETS, json=feature(park, box(park, 0), {}))
    place = f"{ASSETS}/{made.json()['id']}"
    change = {"properties": {"name": "other"}}

    await staff_client.refused(428, "If-Match", "ETag", "PATCH", place, json=change)
    await staff_client.refused(
        412, "If-Match", "revision 1;", "PATCH", place, json=change, headers={"If-Match": '"99"'}
    )
    await staff_client.accepted("PATCH", place, json=change, headers={"If-Match": made.headers["etag"]})


async def test_strangers_firms_and_addresses_that_are_not_there(
    staff_client: StaffClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    right, staff = feature(park, box(park, 0), {}), staff_client.headers

    await staff_client.refused(404, "", "/api/v1/openapi.json", "GET", "/api/v1/nowhere")
    staff_client.headers = {}
    await staff_client.refused(401, "", "Sign in", "POST", ASSETS, json=right)
    staff_client.headers = keys["demo-zhiding"]
    await staff_client.refused(403, "", "not do that", "POST", ASSETS, json=right)
    staff_client.headers = staff
    await staff_client.accepted("POST", ASSETS, json=right)
