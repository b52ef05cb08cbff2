"""The service below a path of a shared address, by a proxy that strips the path and by one that does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from litestar import Litestar

from tests.api.district import District
from tests.api.requests import REQUESTS

pytestmark = pytest.mark.asyncio(loop_scope="session")

OUTSIDE = "http://panhuo.test/panhuo"
NEED = {"kinds": ["factory"], "floor_area_m2_min": 500, "product_codes": ["3752"]}


@pytest.fixture
def below(app: Litestar) -> Iterator[None]:
    """The application, found from outside below /panhuo."""
    state = app.state.application_state
    app.state.application_state = replace(state, settings=replace(state.settings, public_url=OUTSIDE))
    yield
    app.state.application_state = state


def paths_in(answer: Any) -> Iterator[str]:
    """Every text of an answer that is a path or an address of the service."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, list):
        for member in answer:
            yield from paths_in(member)
    elif isinstance(answer, str) and re.match(r"(https?://panhuo\.test)?/\w", answer):
        yield answer


async def follow(client: httpx.AsyncClient, link: str, headers: dict[str, str]) -> httpx.Response:
    """What is found there from outside."""
    address = urljoin(OUTSIDE + "/", link)
    assert address.startswith(OUTSIDE + "/"), link
    return await client.get(address, headers=headers)


@pytest.mark.usefixtures("below")
async def test_every_link_of_an_answer_leads_below_the_path(
    client: httpx.AsyncClient, keys: dict[str, dict[str, str]]
) -> None:
    staff = keys["demo-admin"]
    links, parks = set(), await client.get("/panhuo/api/v1/parks?limit=1")
    park_id = parks.json()["features"][0]["id"]
    for answer in (
        parks,
        await client.get("/panhuo/api/v1/assets?limit=2"),
        await client.post("/panhuo/api/v1/rankings?limit=2", json=NEED),
        await client.get(f"/panhuo/api/v1/events?park={park_id}&limit=3&after=start", headers=staff),
    ):
        assert answer.status_code == 200, answer.text
        leading = set(paths_in(answer.json()))
        assert leading, answer.url
        links |= leading

    for link in sorted(links):
        assert (await follow(client, link, staff)).status_code == 200, link


@pytest.mark.usefixtures("below")
async def test_no_answer_of_any_operation_leads_beside_the_path(district: District) -> None:
    beside = {}
    for name, make in REQUESTS.items():
        answer = await district.send(await make(district))
        assert answer.is_success, (name, answer.text)
        has_links = (
            "json" in answer.headers["content-type"] and name != "openapi"
        )  # its examples are of another service
        links = set(paths_in(answer.json())) if has_links else set()
        links |= {answer.headers["location"]} if "location" in answer.headers else set()
        if wrong := {link for link in links if not urljoin(OUTSIDE + "/", link).startswith(OUTSIDE + "/")}:
            beside[name] = wrong

    assert beside == {}


@pytest.mark.usefixtures("below")
async def test_a_problem_leads_to_its_page(client: httpx.AsyncClient) -> None:
    refused = (await client.get("/panhuo/api/v1/assets?limit=0")).json()

    page = (await follow(client, refused["type"], {})).json()

    assert page["type"] == refused["type"]
    assert (await client.get("/panhuo/problems/out_of_range")).json()["type"] == "/panhuo/problems/out_of_range"


@pytest.mark.usefixtures("below")
async def test_a_made_thing_is_found_where_its_location_says(
    client: httpx.AsyncClient, keys: dict[str, dict[str, str]]
) -> None:
    made = await client.post("/api/v1/auth/keys", json={"label": "GIS"}, headers=keys["demo-admin"])
    unit = (await client.get("/panhuo/api/v1/assets?q=SQ-F-01&limit=1")).json()["features"][0]
    sent = await client.get(f"/panhuo/a/{unit['id']}")

    assert made.status_code == 201, made.text
    assert made.headers["location"].startswith("/panhuo/api/v1/auth/keys/")
    assert (sent.status_code, sent.headers["location"]) == (302, "/panhuo/a/shuangqiao/SQ-F-01")


@pytest.mark.usefixtures("below")
async def test_the_pages_of_the_interface_find_their_files(client: httpx.AsyncClient) -> None:
    page = await client.get("/panhuo/docs")

    files = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    assert len(files) == 4
    for file in files:
        assert (await client.get(urljoin(OUTSIDE + "/docs", file))).status_code == 200, file
    start = (await client.get("/panhuo/docs/start.js")).text
    (description,) = re.findall(r'url: "([^"]+)"', start)
    described = (await client.get(urljoin(OUTSIDE + "/docs", description))).json()
    assert described["servers"] == [{"url": "/panhuo"}]


@pytest.mark.usefixtures("below")
async def test_a_proxy_may_strip_the_path(client: httpx.AsyncClient) -> None:
    stripped, whole = await client.get("/api/v1/assets?limit=2"), await client.get("/panhuo/api/v1/assets?limit=2")

    assert stripped.json() == whole.json()
    assert (await client.get("/panhuoapi/v1/assets")).status_code == 404


async def test_without_a_path_no_link_has_one(client: httpx.AsyncClient) -> None:
    ranked = (await client.post("/api/v1/rankings?limit=1", json=NEED)).json()

    assert ranked["lists"]["factory"]["results"][0]["assets"][0]["href"].startswith("/api/v1/assets/")
