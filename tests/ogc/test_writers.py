"""Who writes under /ogc, once and on which condition, and how clients learn what they may."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from openapi_spec_validator import validate

from domain.collections import COLLECTIONS
from tests.api.story import Headers, box
from tests.conftest import Dazu
from tests.ogc.editing import AREA, GEOJSON, ITEMS, PATCH_TYPE, WRITTEN, Feature, add, added, events, faults, new, read


async def test_a_key_repeated_does_it_once_and_answers_the_same(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: Feature
) -> None:
    made = new(None, **AREA)
    headers = {**staff, "Idempotency-Key": "made"}
    first = await add(client, headers, made)
    n = await events(dazu)
    again = await add(client, headers, made)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"] and again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotency-replayed"] == "true" and await events(dazu) == n
    reused = await add(client, headers, {**made, "geometry": box(park, 0)})
    assert faults(reused) == (422, [("Idempotency-Key", "key_reused")])
    in_other = await add(client, {**headers, "Content-Crs": "http://www.opengis.net/def/crs/EPSG/0/4326"}, made)
    assert faults(in_other) == (422, [("Idempotency-Key", "key_reused")])

    address = first.headers["location"]
    whole = await read(client, address, staff)
    body = {**whole, "geometry": box(park, 0), "properties": {**whole["properties"], "name": "moved"}}
    about = {"url": address, "headers": {**staff, **GEOJSON, "Idempotency-Key": "moved"}, "json": body}
    first = await client.put(**about)
    n = await events(dazu)
    again = await client.put(**about)  # the unit is elsewhere now, at another revision
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content), again.text
    assert again.headers["location"] == first.headers["location"] and await events(dazu) == n
    about = {"url": first.headers["location"], "headers": {**staff, **PATCH_TYPE, "Idempotency-Key": "patched"}}
    first, again = [await client.patch(**about, json={"properties": {"name": "patched"}}) for _ in range(2)]
    assert (first.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"


async def test_conditions_are_held_where_they_are_sent(
    client: httpx.AsyncClient, staff: Headers, park: Feature
) -> None:
    address = await added(client, staff, new(box(park, 0)))
    tag = (await client.get(address, headers=staff)).headers["etag"]
    headers = {**staff, **PATCH_TYPE, "If-Match": tag}

    answers = await asyncio.gather(
        *(client.patch(address, headers=headers, json={"properties": {"name": f"n{n}"}}) for n in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    won = next(answer for answer in answers if answer.status_code == 200)
    assert won.headers["etag"] != tag and won.json() == await read(client, address, staff)
    assert faults(next(answer for answer in answers if answer.status_code == 412)) == (412, [("If-Match", "stale")])
    whole = await read(client, address, staff)
    stale = await client.put(address, headers={**staff, **GEOJSON, "If-Match": tag}, json=whole)  # nothing changes
    assert stale.status_code == 412
    for condition in (won.headers["etag"], "*"):
        answer = await client.patch(
            address, headers={**headers, "If-Match": condition}, json={"properties": {"name": "m"}}
        )
        assert answer.status_code == 200, answer.text
    broken = await client.patch(address, headers={**headers, "If-Match": "7"}, json={"properties": {"name": "m"}})
    assert faults(broken) == (400, [("If-Match", "tags_form")])


async def test_changes_at_once_without_a_condition_all_hold(
    client: httpx.AsyncClient, staff: Headers, park: Feature
) -> None:
    address = await added(client, staff, new(box(park, 0)))
    numbers = [name for name, field in COLLECTIONS["factory"].properties.items()
               if field.type == "number" and field.entry == "any" and field.name != "stated_area"][:16]  # fmt: skip
    sent = {"name": "甲", "power_kva": 400, "dock_doors": 4, "address": "路", **dict.fromkeys(numbers, 3)}

    answers = await asyncio.gather(
        *(
            client.patch(address, headers={**staff, **PATCH_TYPE}, json={"properties": {name: value}})
            for name, value in sent.items()
        )
    )

    assert [answer.status_code for answer in answers] == [200] * len(sent) and len(sent) > 15
    properties = (await read(client, address, staff))["properties"]
    assert {name: properties[name] for name in sent} == sent


async def test_who_may_not_write_is_told_so(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, keys: dict[str, Headers], park: Feature
) -> None:
    address = await added(client, staff, new(box(park, 0), allowed_paths="lease"))
    other = keys["demo-dazu-gaoxin"]
    patched = {"properties": {"name": "x"}}

    async def answers(who: Headers) -> list[httpx.Response]:
        whole = new(box(park, 1), "G-2")
        return [
            await client.post(ITEMS.format("factory"), headers=who, json=whole),
            await client.put(address, headers=who, json=whole),
            await client.patch(address, headers=who, json=patched),
            await client.delete(address, headers=who),
        ]

    n = await events(dazu)
    for is_public in (False, True):
        for answer in await answers({}):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == 'Basic realm="panhuo", Bearer realm="panhuo"'
        assert [answer.status_code for answer in await answers({"X-API-Key": "wrong"})] == [401] * 4
        assert [answer.status_code for answer in await answers(keys["demo-zhiding"])] == [403] * 4
        # their own park is another: the outline lies off it
        assert [answer.status_code for answer in await answers(other)] == [422, *[403 if is_public else 404] * 3]
        assert await events(dazu) == n
        if not is_public:
            shown = await client.post(
                f"/api/v1/assets/{address.rpartition('/')[2]}/publish", headers={**staff, "If-Match": "*"}
            )
            assert shown.status_code == 200
            n = await events(dazu)
    for content in (b"", b"no JSON"):
        assert (await client.post(ITEMS.format("factory"), content=content)).status_code == 401
    basic = await client.patch(address, auth=("whoever", dazu.key("demo-shuangqiao")), json=patched)
    assert basic.status_code == 200


async def test_options_say_what_the_caller_may_do(
    client: httpx.AsyncClient, staff: Headers, keys: dict[str, Headers]
) -> None:
    """QGIS lets its users edit by these two answers, the second to the first feature or to one that is not there."""
    reading = "GET, HEAD, OPTIONS"
    first = (await client.get(ITEMS.format("factory"), params={"limit": 1})).json()["features"][0]["id"]
    for name, collection in COLLECTIONS.items():
        for who, may_write in (({}, False), (keys["demo-zhiding"], False), (staff, True), (keys["demo-admin"], True)):
            is_written = may_write and collection.is_written
            answer = await client.options(ITEMS.format(name), headers=who)
            assert (answer.status_code, answer.content) == (200, b"")
            assert answer.headers["allow"] == (f"{reading}, POST" if is_written else reading)
            for feature_id in (first, "unknown_id"):
                answer = await client.options(f"{ITEMS.format(name)}/{feature_id}", headers=who)
                allowed = "DELETE, GET, HEAD, OPTIONS, PATCH, PUT" if is_written else reading
                assert (answer.status_code, answer.headers["allow"]) == (200, allowed)
    assert (await client.options(ITEMS.format("castle"))).status_code == 404
    assert (await client.options(ITEMS.format("land"), headers={"X-API-Key": "wrong"})).status_code == 401
    preflight = {"Origin": "http://elsewhere.test", "Access-Control-Request-Method": "GET"}
    for path in (ITEMS.format("land"), f"{ITEMS.format('land')}/{first}"):
        answer = await client.options(path, headers=preflight)
        assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == "*"
        assert "X-API-Key" in answer.headers["access-control-allow-headers"]
    assert (await client.options("/ogc/collections")).headers["allow"] == reading


@pytest.mark.parametrize("collection", [name for name in COLLECTIONS if name not in WRITTEN])
async def test_nobody_writes_to_what_follows_from_units(
    client: httpx.AsyncClient, staff: Headers, collection: str
) -> None:
    for who in ({}, staff):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            path = ITEMS.format(collection) + ("" if method == "POST" else "/unknown_id")
            answer = await client.request(method, path, headers=who)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
            assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get(f"/ogc/collections/{collection}/schema", params={"type": "create"})).status_code == 400


async def test_part_4_is_claimed_for_whoever_may_write(
    client: httpx.AsyncClient, staff: Headers, keys: dict[str, Headers]
) -> None:
    part = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/"
    for who, claimed in (({}, set()), (keys["demo-zhiding"], set()),
                         (staff, {"create-replace-delete", "update", "features"})):  # fmt: skip
        classes = (await client.get("/ogc/conformance", headers=who)).json()["conformsTo"]
        assert {name.removeprefix(part) for name in classes if name.startswith(part)} == claimed


async def test_the_description_has_the_writing_and_is_valid(client: httpx.AsyncClient) -> None:
    document = (await client.get("/ogc/api")).json()
    validate(document)
    for name in COLLECTIONS:
        items, item = (document["paths"][f"/collections/{name}/items{rest}"] for rest in ("", "/{featureId}"))
        is_written = name in WRITTEN
        assert ("post" in items) == is_written and ({"put", "patch", "delete"} <= item.keys()) == is_written
    facts = document["components"]["schemas"]["land_facts"]["properties"]
    assert {"level", "code", "park_code", "address"} <= facts.keys() and "area_m2" not in facts
