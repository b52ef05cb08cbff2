"""Refusals: every fault of a request at once, in words of its reader's language, at most 50 and counted, and soon."""

from __future__ import annotations

import asyncio
import json
import re
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest

from geo.outline import read_outline
from tests.api.story import Headers, box, register, state_need
from tests.work import counting_calls

ASSETS, RANKINGS, DEMANDS = "/api/v1/assets", "/api/v1/rankings", "/api/v1/demands"
OF_JSON = {"Content-Type": "application/json"}
ENGLISH = {"Accept-Language": "en"}
MOST_FAULTS, LARGEST_ANSWER = 50, 65_536
#: A refusal takes 8,000 calls; a few for every part of a large body would be hundreds of thousands.
MOST_CALLS = 50_000
ENDLESS_S = 30


def faults_of(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def feature(park: dict[str, Any], geometry: Any, **facts: Any) -> dict[str, Any]:
    properties = {"park_id": park["id"], "level": "plot", "code": "Q-1", "name": "Q-1", **facts}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


# All at once


async def test_all_that_is_wrong_with_a_body_is_told_at_once(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    facts = {
        "park_id": "here", "level": "hall", "name": "a\u0000b", "colour": 1, "revision": 2, "storeys": 0, "far_max": 51,
        "is_divisible": "yes", "available_from": "2025-02-30", "term_ends_on": "9999-12-31", "stated_area": "large",
        "stated_area_unit": "mu", "plot_id": None, "allowed_paths": ["lease", "gift"],
        "works": [{"rule": "H9", "up_to": 0, "cost_yuan": "1", "days": -1, "source": "x"}],
        "attributes": {"colour": "red", "dock_doors": "2"}, "illustrative": ["x" * 65],
    }  # fmt: skip
    open_ring = box(park, 0)
    open_ring["coordinates"][0].pop()
    answer = await client.post(ASSETS, headers=staff, json={"geometry": open_ring, "properties": facts, "x": 1})

    assert answer.status_code == 422
    assert sorted(faults_of(answer)) == sorted(
        [
            ("type", "missing"),
            ("x", "unknown_field"),
            ("geometry.coordinates[0]", "ring_not_closed"),
            ("properties.code", "missing"),
            ("properties.park_id", "wrong_type"),
            ("properties.level", "not_in_vocabulary"),
            ("properties.name", "text_control"),
            ("properties.colour", "unknown_field"),
            ("properties.revision", "read_only"),
            ("properties.storeys", "out_of_range"),
            ("properties.far_max", "out_of_range"),
            ("properties.is_divisible", "wrong_type"),
            ("properties.available_from", "wrong_type"),
            ("properties.term_ends_on", "out_of_range"),
            ("properties.stated_area", "wrong_type"),
            ("properties.allowed_paths.1", "not_in_vocabulary"),
            ("properties.works.0.rule", "not_in_vocabulary"),
            ("properties.works.0.up_to", "out_of_range"),
            ("properties.works.0.days", "out_of_range"),
            ("properties.works.0.payer", "missing"),
            ("properties.attributes.colour", "unknown_attribute"),
            ("properties.attributes.dock_doors", "wrong_type"),
            ("properties.illustrative.0", "text_too_long"),
        ]
    )
    assert answer.json()["errors_total"] == 23


async def test_faults_of_values_and_of_the_outline_come_together(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    swapped = box(park, 0)
    swapped["coordinates"] = [[point[::-1] for point in swapped["coordinates"][0]]]
    bad = {"name": "", "far_max": 99, "attributes": {"colour": 1}, "kind": "factory"}
    facts = [("name", "empty"), ("far_max", "out_of_range"), ("attributes.colour", "unknown_attribute")]
    of_values = [(f"properties.{name}", code) for name, code in facts]
    of_outline = [("geometry.coordinates", "axes_swapped")]

    new = await client.post(ASSETS, headers=staff, json=feature(park, swapped, **bad))
    unit = await register(client, staff, park, "Q-2", box(park, 0), level="plot")
    del bad["kind"]
    change = {"geometry": swapped, "properties": bad}
    changed = await client.patch(f"{ASSETS}/{unit['id']}", headers=staff | {"If-Match": "*"}, json=change)
    need = {"title": "", "kinds": ["land"], "accepted_paths": ["lease"], "within": {"type": "Point"}}
    wished = await client.post(RANKINGS, json=need)

    assert faults_of(new) == [*of_values, ("properties.kind", "kind_does_not_fit"), *of_outline]
    assert faults_of(changed) == [*of_values, *of_outline]
    assert faults_of(wished) == [("title", "empty"), ("within.type", "geometry_type")]


async def test_all_that_is_wrong_with_a_query_is_told_at_once(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        f"{ASSETS}?limit=0&radius_m=0&kind=hall&park=x&area_m2_min=much&colour=red&size=1&q=&available_by=soon&near=a&near=b",
        headers=ENGLISH,
    )

    assert answer.status_code == 400
    assert faults_of(answer) == [
        ("colour", "unknown_parameter"),
        ("size", "unknown_parameter"),
        ("near", "repeated_parameter"),
        ("radius_m", "out_of_range_above"),
        ("area_m2_min", "wrong_type"),
        ("available_by", "wrong_type"),
        ("q", "empty"),
        ("kind", "not_in_vocabulary"),
        ("limit", "out_of_range"),
    ]
    facts = {error["field"]: error["message"] for error in answer.json()["errors"]}
    assert facts["radius_m"] == "Should be above 0 and at most 200000"
    assert facts["limit"] == "Should lie between 1 and 10000"
    assert facts["size"] == "There is no parameter size; there are: …"


async def test_a_deal_on_an_unknown_path_is_judged_by_what_all_paths_share(
    client: httpx.AsyncClient, staff: Headers
) -> None:
    answer = await client.post(
        "/api/v1/outcomes", headers=staff, json={"path": "gift", "asset_ids": [], "starts_on": "soon", "opened_on": 1}
    )

    assert faults_of(answer) == [
        ("path", "not_in_vocabulary"),
        ("asset_ids", "empty"),
        ("opened_on", "wrong_type"),
        ("firm_id", "missing"),
    ]


async def test_what_is_no_json_is_told_before_what_is_wrong_in_it(client: httpx.AsyncClient) -> None:
    answer = await client.post(RANKINGS, content=b'{"colour":1,"kinds":', headers=OF_JSON)
    doubled = await client.post(RANKINGS, content=b'{"colour":1,"colour":2}', headers=OF_JSON)

    assert (answer.status_code, faults_of(answer)) == (400, [("body", "json_malformed")])
    assert (doubled.status_code, faults_of(doubled)) == (400, [("body", "json_repeated_name")])


# How many, how large, how soon


def filled(item: bytes, *, size: int = 2_000_000) -> bytes:
    """So many items, each with its number in place of a `#`, with commas between."""
    return b",".join(item.replace(b"#", b"%d" % n) for n in range(size // (len(item) + 6)))


POSITIONS = b",".join([b'["a","b"]'] * 20_000)
#: Bodies wrong in every one of their parts, of two million bytes or the most that is judged: address, body.
LARGE: dict[str, tuple[str, bytes]] = {
    "attributes": (RANKINGS, b'{"kinds":["land"],"attributes":{' + filled(b'"a#":1') + b"}}"),
    "members": (RANKINGS, b"{" + filled(b'"a#":1') + b"}"),
    "members with blanks": (RANKINGS, b"{" + filled(b'"a#" : 1') + b"}"),
    "objects": (RANKINGS, b'{"kinds":["land"],"places":[' + filled(b'{"x":#}') + b"]}"),
    "empty objects": (RANKINGS, b'{"kinds":["land"],"places":[' + filled(b"{}") + b"]}"),
    "objects in objects": (RANKINGS, b'{"a":' * 300_000 + b"1" + b"}" * 300_000),
    "lists in lists": (RANKINGS, b'{"kinds":' + b"[" * 900_000 + b"]" * 900_000 + b"}"),
    "codes": (RANKINGS, b'{"kinds":["land"],"product_codes":[' + filled(b'"x#"') + b"]}"),
    "long codes": (RANKINGS, b'{"kinds":["land"],"product_codes":[' + filled(b'"' + b"x" * 50 + b'"') + b"]}"),
    "products": (RANKINGS, b'{"kinds":["land"],"attributes":{"products":[' + filled(b"12345") + b"]}}"),
    "one text of colons": (RANKINGS, b'{"kinds":["land"],"title":"' + b":" * 2_000_000 + b'"}'),
    "positions": (DEMANDS, b'{"within":{"type":"Polygon","coordinates":[[' + filled(b'["a","b"]') + b"]]}}"),
    "most positions": (DEMANDS, b'{"within":{"type":"Polygon","coordinates":[[' + POSITIONS + b"]]}}"),
    "rings": (DEMANDS, b'{"within":{"type":"Polygon","coordinates":[' + filled(b"[]") + b"]}}"),
    "polygons": (DEMANDS, b'{"within":{"type":"MultiPolygon","coordinates":[' + filled(b"[]") + b"]}}"),
    "most attributes": (RANKINGS, b'{"kinds":["land"],"attributes":{' + filled(b'"a#":1', size=21_000) + b"}}"),
    "members of an outline": (DEMANDS, b'{"within":{"type":"Polygon",' + filled(b'"a#":1') + b"}}"),
    "names": (ASSETS, b'{"properties":{"illustrative":[' + filled(b"#") + b"]}}"),
}


@pytest.mark.parametrize("name", LARGE)
async def test_a_large_body_is_refused_soon_and_in_few_words(
    client: httpx.AsyncClient, keys: dict[str, Headers], name: str
) -> None:
    place, body = LARGE[name]

    async with asyncio.timeout(ENDLESS_S):
        with counting_calls() as calls:
            answer = await client.post(place, content=body, headers=OF_JSON | keys["demo-zhiding"])

    assert len(body) < 2_097_152
    assert answer.status_code in (400, 413, 422), answer.text[:300]
    assert len(answer.content) < LARGEST_ANSWER
    assert calls.count < MOST_CALLS


async def test_faults_are_told_up_to_fifty_and_all_counted(client: httpx.AsyncClient) -> None:
    for many in (49, 50, 51, 1900):
        attributes = {f"a{n}": n for n in range(many)}
        answer = await client.post(RANKINGS, json={"kinds": ["land"], "attributes": attributes})
        broken = await client.post(RANKINGS, json={"kinds": ["land"], "x": 1, "attributes": attributes})

        assert (len(faults_of(answer)), answer.json()["errors_total"]) == (min(many, MOST_FAULTS), many)
        assert (len(faults_of(broken)), broken.json()["errors_total"]) == (min(many + 1, MOST_FAULTS), many + 1)
        assert len(answer.content) < LARGEST_ANSWER


async def test_the_smallest_bodies_make_no_large_answers(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    """Every fault of a list may name all words it takes; the longest such answer stays small."""
    stages = json.dumps({"milestones": [{"stage": "x"}] * 30, "indicators": [{}] * 50})
    text = "00000000-0000-4000-8000-000000000001"
    answer = await client.post(
        f"/api/v1/outcomes/{text}/agreements", content=stages, headers=OF_JSON | keys["demo-admin"]
    )
    response = await client.get(f"{ASSETS}?{'&'.join(f'a{n}=' for n in range(60))}")

    assert (len(faults_of(answer)), answer.json()["errors_total"] > 200) == (MOST_FAULTS, True)
    assert len(answer.content) < LARGEST_ANSWER
    assert response.json()["errors_total"] == 60
    assert len(response.content) < 10_000


async def test_whole_numbers_beyond_every_float_are_out_of_range(
    client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    huge = "9" * 400
    need = f'{{"kinds":["land"],"jobs":{huge},"timing_tolerance_days":-{huge},"places":[{{"lon":{huge},"lat":29}}]}}'
    unit = f'{{"type":"Feature","id":{huge},"properties":{{"storeys":{huge},"stated_area":{huge},"clear":1}}}}'
    ranked = await client.post(RANKINGS, content=need, headers=OF_JSON | ENGLISH)
    made = await client.post(ASSETS, content=unit, headers=OF_JSON | keys["demo-shuangqiao"])

    assert faults_of(ranked) == [
        ("jobs", "out_of_range"),
        ("timing_tolerance_days", "out_of_range"),
        ("places.0.lon", "not_a_number"),
    ]
    assert ranked.json()["errors"][0]["message"] == "Should lie between 0 and 1000000"
    assert ("properties.storeys", "out_of_range") in faults_of(made)
    assert (made.status_code, len(faults_of(made))) == (422, 8)


@pytest.mark.parametrize("padding", [0, 300_000], ids=["small", "decoded aside"])
async def test_what_lies_deeper_than_any_record_is_refused_for_it(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], padding: int
) -> None:
    """Whatever follows a body member by member: merging, composing, taking it apart."""
    staff, firm = keys["demo-shuangqiao"], keys["demo-zhiding"]
    unit = f"{ASSETS}/{(await register(client, staff, park, 'Q-2', box(park, 0), level='plot'))['id']}"
    need = f"{DEMANDS}/{await state_need(client, firm)}"
    patches = [
        (staff, unit, '{"geometry":%s}'),
        (staff, unit, '{"properties":{"attributes":{"remarks":%s}}}'),
        (firm, need, '{"attributes":{"remarks":%s}}'),
        (firm, need, '{"within":%s}'),
        (firm, need, '{"title":"]}","within":{"coordinates":%s}}'),
    ]
    for caller, place, patch in patches:
        for opened, closed in ("[]", ('{"a":', "}")):
            for depth in (40, 500, 940, 960, 980):
                body = patch % (opened * depth + "1" + closed * depth) + " " * padding
                answer = await client.patch(place, content=body, headers=OF_JSON | caller | {"If-Match": "*"})
                assert (answer.status_code, faults_of(answer)) == (400, [("body", "json_too_deep")]), (patch, depth)


async def test_members_are_counted_outside_texts(client: httpx.AsyncClient) -> None:
    """Colons and commas of a text are none of the JSON's."""
    remarks = '\\":,[' * 190
    body = {"kinds": ["land"], "attributes": {name: remarks for name in ("remarks", "products")}}
    body["attributes"]["products"] = [remarks[:200]] * 50
    most = {f"a{n}": 1 for n in range(1998)}
    answer = await client.post(RANKINGS, json=body)
    full = await client.post(RANKINGS, json={"kinds": ["land"], "attributes": most})
    over = await client.post(RANKINGS, json={"kinds": ["land"], "attributes": {**most, "b": 1}}, headers=ENGLISH)

    assert answer.status_code == 200, answer.text
    assert (full.status_code, full.json()["errors_total"]) == (422, 1998)
    assert (over.status_code, faults_of(over)) == (413, [("body", "too_many_members")])
    assert over.json()["detail"] == "The objects of the body have 2001 fields, at most 2000"


def test_the_problem_is_described(client: httpx.AsyncClient) -> None:
    from api.description import Problem
    from api.schemas import schema_of

    schemas: dict[str, Any] = {}
    schema_of(Problem, schemas)

    assert schemas["Problem"]["properties"]["errors"]["maxItems"] == MOST_FAULTS
    assert schemas["Problem"]["properties"]["errors_total"]["type"] == "integer"


# Ids of features


async def test_the_id_of_a_feature_is_text_or_number_and_its_senders(
    client: httpx.AsyncClient, staff: Headers, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    """Source: RFC 7946 §3.2."""
    for n, taken in enumerate((7, 7.5, "plot-7")):
        body = {**feature(park, box(park, n), code=f"Q-{n}"), "id": taken}
        made = await client.post(ASSETS, headers=staff, json=body)
        assert made.status_code == 201, made.text
        assert made.json()["id"] != taken
    for refused in (None, True, [7], {"id": 7}):
        body = {**feature(park, box(park, 9), code="Q-9"), "id": refused}
        answer = await client.post(ASSETS, headers=staff | ENGLISH, json=body)
        assert (answer.status_code, faults_of(answer)) == (422, [("id", "wrong_type")])
        assert answer.json()["detail"] == "Should be text or a whole number or a number"
    own = {"id": made.json()["id"], "type": "Feature", "properties": {"name": "另一名称"}}
    place, tag = f"{ASSETS}/{own['id']}", staff | {"If-Match": "*"}
    other = await client.patch(place, headers=tag, json={**own, "id": 7})
    changed = await client.patch(place, headers=tag, json=own)
    zone = {**feature(park, box(park, 20)), "id": 3, "properties": {"code": "z-1", "name_zh": "园中园"}}
    added = await client.post(f"/api/v1/parks/{park['id']}/zones", headers=keys["demo-admin"], json=zone)

    assert (other.status_code, faults_of(other)) == (422, [("id", "other_id")])
    assert (changed.status_code, changed.json()["properties"]["name"]) == (200, "另一名称")
    assert added.status_code == 201, added.text


# Outlines


async def test_what_is_measured_and_kept_is_the_outline_that_is_given_out(
    client: httpx.AsyncClient, staff: Headers, keys: dict[str, Headers], park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    drawn = box(park, 0)
    fine = [[x + 0.000000049 * (n % 3), y - 0.000000041 * (n % 2)] for n, (x, y) in enumerate(drawn["coordinates"][0])]
    fine[-1] = fine[0]
    made = await client.post(ASSETS, headers=staff, json=feature(park, {"type": "Polygon", "coordinates": [fine]}))

    unit = made.json()
    outline = read_outline(unit["geometry"])
    assert Decimal(str(unit["properties"]["measured_area_m2"])) == outline.measured_area_m2
    kept = await conn.fetchval("SELECT ST_AsText(geom, 15) FROM panhuo.asset WHERE id = $1", unit["id"])
    given_out = await conn.fetchval("SELECT ST_AsText(ST_GeomFromGeoJSON($1::text), 15)", json.dumps(unit["geometry"]))
    assert kept == given_out


async def test_a_part_over_another_names_it(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> None:
    whole = box(park, 0)
    plot = await register(client, staff, park, "W-1", whole, level="plot")
    part = {"level": "part", "parent_id": plot["id"]}
    await register(client, staff, park, "W-1-甲", box(park, 0, part=0.5), **part)
    over = await client.post(ASSETS, headers=staff, json=feature(park, whole, **part, code="W-1-乙"))
    beyond = await client.post(ASSETS, headers=staff | ENGLISH, json=feature(park, box(park, 1), **part, code="W-1-丙"))

    (error,) = over.json()["errors"]
    assert (over.status_code, error["code"]) == (409, "parts_overlap")
    assert re.fullmatch(r"与同级单元 W-1-甲 的图形重叠 [\d.]+ m²", error["message"])
    assert re.fullmatch(r"Lies [\d.]+ m² outside W-1, the unit it is a part of", beyond.json()["detail"])
