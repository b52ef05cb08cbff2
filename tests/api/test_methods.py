"""HEAD and OPTIONS on every route, and what a method that is not there is told."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.api.story import Headers

UNIT = "/api/v1/assets/0196f1a0-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "place", ["/api/v1/assets?limit=3", "/api/v1/parks", "/api/v1/openapi.json", "/health/live", "/metrics", UNIT]
)
async def test_head_is_get_without_its_body(client: httpx.AsyncClient, place: str) -> None:
    plain = {"Accept-Encoding": "identity"}
    read, head = await client.get(place, headers=plain), await client.head(place, headers=plain)

    assert (head.status_code, head.content) == (read.status_code, b"")
    varying = {"x-request-id", "content-length"} if place == "/metrics" or place == UNIT else {"x-request-id"}
    for name in set(read.headers) - varying:
        assert head.headers[name] == read.headers[name]


async def test_options_names_every_method_of_every_route(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/api/v1/openapi.json")).json()["paths"]
    for path, operations in paths.items():
        place = path
        for name in ("asset_id", "park_id", "firm_id", "demand_id", "ranking_id", "outcome_id", "key_id"):
            place = place.replace(f"{{{name}}}", "0196f1a0-0000-7000-8000-000000000000")
        own = {method.upper() for method in operations}
        wanted = own | {"OPTIONS"} | ({"HEAD"} if "GET" in own else set())

        answer = await client.options(place)

        assert (answer.status_code, answer.content) == (204, b""), place
        assert set(answer.headers["allow"].split(", ")) == wanted, place
        assert "content-length" not in answer.headers


async def test_what_is_not_there_says_what_is_and_under_which_number(client: httpx.AsyncClient) -> None:
    gone, put = await client.options("/api/v1/nowhere"), await client.put("/api/v1/assets", json={})
    odd = await client.request("PROPFIND", UNIT)

    assert gone.status_code == 404
    assert (put.status_code, put.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert "GET, HEAD, OPTIONS, POST" in put.json()["detail"]
    assert (odd.status_code, odd.headers["allow"]) == (405, "DELETE, GET, HEAD, OPTIONS, PATCH")
    for answer in (gone, put, odd):
        assert answer.json()["instance"] == f"urn:panhuo:request:{answer.headers['x-request-id']}"


async def test_a_made_up_method_makes_no_series_of_its_own(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    for n in range(3):
        await client.request(f"MADE{n}", "/api/v1/assets")

    figures = (await client.get("/metrics")).text
    assert "MADE" not in figures
    assert 'panhuo_requests_total{method="-",route="-",status="405"}' in figures


async def test_head_of_a_stream_ends(client: httpx.AsyncClient, staff: Headers) -> None:
    query = staff | {"Accept": "text/event-stream"}
    head = await asyncio.wait_for(client.head("/api/v1/events", headers=query), 5)

    assert (head.status_code, head.headers["content-type"], head.content) == (200, "text/event-stream", b"")
