"""Bodies sent under /ogc: what they must have, and how the others are refused."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from litestar import Litestar

from domain.collections import COLLECTIONS
from geo.reference_systems import CRS84
from tests.api.story import Headers, box
from tests.conftest import Dazu
from tests.ogc.editing import AREA, GEOJSON, ITEMS, PATCH_TYPE, WRITTEN, Feature, add, added, events, faults, new, point


@pytest.mark.parametrize("collection", WRITTEN)
async def test_the_schemas_of_bodies_are_those_that_are_taken(
    client: httpx.AsyncClient, staff: Headers, park: Feature, collection: str
) -> None:
    here = f"/ogc/collections/{collection}/schema"
    schemas = {}
    for body in ("create", "replace"):
        answer = await client.get(here, params={"type": body})
        assert answer.status_code == 200 and answer.headers["content-type"] == "application/schema+json"
        schemas[body] = answer.json()
    assert schemas["create"]["required"] == ["level", "code", "name"]
    assert schemas["replace"]["required"] == [
        *([] if collection.endswith("unplaced") else ["geometry"]), "code", "name",
    ]  # fmt: skip
    wrong = await client.get(here, params={"type": "x"})
    assert faults(wrong) == (400, [("type", "not_in_vocabulary")])
    geometry = {"outline": box(park, 0), "point": point(box(park, 0)), "none": None}[COLLECTIONS[collection].shape]
    level = "plot" if collection.startswith("land") else "building"
    for name in schemas["create"]["required"]:
        body = new(geometry, level=level, **AREA)
        del body["properties"][name]
        assert faults(await add(client, staff, body, collection)) == (422, [(f"properties.{name}", "missing")])
    address = await added(client, staff, new(geometry, level=level, **AREA), collection)
    assert f"/{collection}/" in address


HOSTILE: list[tuple[Any, int, tuple[str, str]]] = [
    (b"", 400, ("body", "body_missing")),
    (b"{", 400, ("body", "json_malformed")),
    (b"\xff", 400, ("body", "not_utf8")),
    (b'{"type":"Feature","type":"Feature"}', 400, ("body", "json_repeated_name")),
    (b"[" * 100 + b"]" * 100, 400, ("body", "json_too_deep")),
    (b"[]", 422, ("body", "wrong_type")),
    ({"type": "FeatureCollection", "features": []}, 422, ("type", "not_in_vocabulary")),
    ({"type": "Feature", "geometry": None, "properties": None}, 422, ("properties", "wrong_type")),
    ({"type": "Feature", "geometry": None, "properties": {}, "crs": {}}, 422, ("crs", "unknown_field")),
    ({"type": "Feature", "geometry": None, "properties": {"x" * 5000: 1}}, 422,
     ("properties." + "x" * 64, "unknown_field")),
]  # fmt: skip
#: Properties and what is wrong with them, by the name they were sent under.
WRONG: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"nothing": 1}, ("properties.nothing", "unknown_field")),
    ({"mortgage": "none"}, ("properties.mortgage", "unknown_field")),
    ({"attributes": {"address": "x"}}, ("properties.attributes", "unknown_field")),
    ({"rent_yuan_m2_month": "much"}, ("properties.rent_yuan_m2_month", "wrong_type")),
    ({"rent_yuan_m2_month": -1}, ("properties.rent_yuan_m2_month", "out_of_range")),
    ({"rent_yuan_m2_month": 10**400}, ("properties.rent_yuan_m2_month", "out_of_range")),
    ({"storeys": 2.5}, ("properties.storeys", "wrong_type")),
    ({"power_kva": True}, ("properties.power_kva", "wrong_type")),
    ({"available_from": "soon"}, ("properties.available_from", "wrong_type")),
    ({"available_from": "0001-01-01"}, ("properties.available_from", "out_of_range")),
    ({"allowed_paths": "lease,theft"}, ("properties.allowed_paths", "not_in_vocabulary")),
    ({"allowed_paths": ["lease"]}, ("properties.allowed_paths", "wrong_type")),
    ({"allowed_industries": "C33"}, ("properties.allowed_industries", "industry_form")),
    ({"works": "no"}, ("properties.works", "no_json_text")),
    ({"works": "[" * 9000}, ("properties.works", "no_json_text")),
    ({"works": "{}"}, ("properties.works", "wrong_type")),
    (
        {"works": '[{"rule":"H4","up_to":-1,"cost_yuan":1,"days":1,"source":"a","payer":"b"}]'},
        ("properties.works.0.up_to", "out_of_range"),
    ),
    ({"address": 5}, ("properties.address", "wrong_type")),
    ({"address": "a\0b"}, ("properties.address", "text_control")),
    ({"dock_doors": -5}, ("properties.dock_doors", "out_of_range")),
    ({"has_sprinklers": "yes"}, ("properties.has_sprinklers", "wrong_type")),
    ({"name": ""}, ("properties.name", "empty")),
    ({"name": "x" * 5000}, ("properties.name", "text_too_long")),
    ({"kind": "land"}, ("properties.kind", "not_in_vocabulary")),
    ({"level": "plot"}, ("properties.kind", "kind_does_not_fit")),
    ({"area_m2": 5}, ("properties.area_m2", "read_only")),
]


@pytest.mark.parametrize(("body", "status", "fault"), HOSTILE)
async def test_what_is_no_feature_is_refused(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: Feature, body: Any, status: int, fault: tuple[str, str]
) -> None:
    address = await added(client, staff, new(box(park, 0)))
    n = await events(dazu)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    for method, path in (("POST", ITEMS.format("factory")), ("PUT", address), ("PATCH", address)):
        answer = await client.request(method, path, headers={**staff, **GEOJSON}, content=content)
        assert answer.status_code == status and fault in faults(answer)[1], answer.text
    for kind in ("text/plain", "application/xml", None):
        headers = {**staff, **({} if kind is None else {"Content-Type": kind})}
        answer = await client.request("PUT", address, headers=headers, content=content)
        assert faults(answer) == (415, [("Content-Type", "content_type")])
    assert await events(dazu) == n


@pytest.mark.parametrize(("properties", "fault"), WRONG)
async def test_what_is_wrong_with_a_property_is_said_under_its_name(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: Feature, properties: Any, fault: tuple[str, str]
) -> None:
    address = await added(client, staff, new(box(park, 0)))
    n = await events(dazu)
    answers = [
        await add(
            client,
            staff,
            new(box(park, 1), "G-2", **properties)
            if "name" not in properties
            else {**new(box(park, 1), "G-2"), "properties": {"code": "G-2", "level": "building", **properties}},
        )
    ]
    if "kind" not in properties and "level" not in properties:
        whole = {"type": "Feature", "geometry": box(park, 0), "properties": {"code": "c", "name": "n", **properties}}
        answers += [
            await client.put(address, headers={**staff, **GEOJSON}, json=whole),
            await client.patch(address, headers={**staff, **PATCH_TYPE}, json={"properties": properties}),
        ]
    for answer in answers:
        assert faults(answer) == (422, [fault]), answer.text
        message = answer.json()["errors"][0]["message"]
        english = await client.send(with_language(answer.request))
        assert english.json()["errors"][0]["message"] != message
    assert await events(dazu) == n


def with_language(request: httpx.Request) -> httpx.Request:
    return httpx.Request(
        request.method, request.url, headers={**request.headers, "Accept-Language": "en"}, content=request.content
    )


@pytest.mark.parametrize(
    ("coordinates", "fault"),
    [
        ([[[105.7, 29.6], [105.8, 29.6], [105.8, 29.7], [105.7, 29.7]]], "ring_not_closed"),
        ([[[105.7, 29.6], [105.8, 29.6], [105.7, 29.6]]], "ring_too_short"),
        ([[[105.7, 29.6], [105.8, 29.6]]], "ring_too_short"),
        ([[]], "geometry_empty"),
        ([], "geometry_empty"),
        (None, "coordinates_depth"),
        ([105.7, 29.6], "coordinates_depth"),
        ([[["a", "b"]] * 4], "coordinate_not_number"),
        ([[[105.7, 29.6], [105.8, 29.7], [105.8, 29.6], [105.7, 29.7], [105.7, 29.6]]], "self_intersection"),
        ([[[29.6, 105.7], [29.6, 105.8], [29.7, 105.8], [29.6, 105.7]]], "axes_swapped"),
        ([[[1e5, 3e6], [2e5, 3e6], [2e5, 4e6], [1e5, 3e6]]], "looks_projected"),
        ([[[0, 0], [1, 0], [1, 1], [0, 0]]], "outside_china"),
        ([[[10**400, 0], [1, 0], [1, 1], [10**400, 0]]], None),
        ([[[True, False]] * 4], None),
        ([[[105.7, 29.6, 1, 2, 3]] * 4], None),
    ],
)
async def test_outlines_that_are_none_are_refused_in_any_system(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, coordinates: Any, fault: str | None
) -> None:
    n = await events(dazu)
    systems = (await client.get("/ogc/collections/factory")).json()["crs"]
    for system in systems:
        body = new({"type": "Polygon", "coordinates": coordinates})
        answer = await client.post(
            ITEMS.format("factory"), headers={**staff, **GEOJSON, "Content-Crs": system}, json=body
        )
        assert answer.status_code == 422, answer.text
        (field, code), *_ = faults(answer)[1]
        assert field.startswith("geometry")
        if fault is not None and system == CRS84.uri:
            assert code == fault
    for geometry in ("here", 5, [], {}, {"type": 5}, {"type": "Polygon"}, {"type": "LineString", "coordinates": []}):
        answer = await add(client, staff, new(geometry))
        assert answer.status_code == 422 and faults(answer)[1][0][0].startswith("geometry"), answer.text
    assert await events(dazu) == n


async def test_a_body_over_the_limit_is_refused(client: httpx.AsyncClient, app: Litestar, staff: Headers) -> None:
    most = app.state.application_state.settings.body_limit_bytes
    answer = await client.post(ITEMS.format("factory"), headers={**staff, **GEOJSON}, content=b" " * (most + 1))
    assert faults(answer) == (413, [("body", "body_too_large")])


async def test_a_taken_code_and_an_overlap_are_refused_as_the_register_refuses_them(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: Feature
) -> None:
    building = await added(client, staff, new(box(park, 0)))
    n = await events(dazu)
    assert faults(await add(client, staff, new(box(park, 1)))) == (409, [("properties.code", "taken")])
    part = {"level": "floor", "floor_no": 1, "parent_id": building.rpartition("/")[2]}
    outside = await add(client, staff, new(box(park, 1), "G-1-1", **part))
    assert faults(outside) == (409, [("geometry", "outside_whole")])
    await added(client, staff, new(box(park, 0), "G-1-1", **part))
    assert await events(dazu) == n + 1
    kept = await client.delete(building, headers=staff)
    assert kept.status_code == 409  # a draft with parts
    assert (await client.get(building, headers=staff)).status_code == 200
