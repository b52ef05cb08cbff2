"""An access token in the address: off unless the settings let it, for reading below /ogc alone, carried into links."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from tests.conftest import Dazu

ITEMS = "/ogc/collections/factory/items"


@pytest_asyncio.fixture(loop_scope="session")
async def token(client: httpx.AsyncClient, dazu: Dazu) -> str:
    account = dazu.accounts["demo-shuangqiao"]
    answer = await client.post("/api/v1/auth/login", json={"login": "demo-shuangqiao", "password": account["password"]})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


@pytest_asyncio.fixture(loop_scope="session")
async def allowed(app: Litestar) -> AsyncIterator[None]:
    """The setting is on."""
    state = app.state.application_state
    app.state.application_state = replace(state, settings=replace(state.settings, query_token=True))
    yield
    app.state.application_state = state


async def test_it_is_off_and_undeclared_by_default(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.get(ITEMS, params={"token": token})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "token")
    assert "token" not in (await client.get("/ogc/api")).json()["components"]["securitySchemes"]


async def test_it_shows_drafts_and_is_carried_into_the_links(
    client: httpx.AsyncClient,
    keys: dict[str, dict[str, str]],
    token: str,
    allowed: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    public = await client.get(ITEMS, params={"limit": 5})
    wanted = (await client.get(ITEMS, params={"limit": 1}, headers=keys["demo-shuangqiao"])).json()["numberMatched"]
    with caplog.at_level(logging.INFO, logger="panhuo"):
        page = await client.get(ITEMS, params={"limit": 5, "token": token})
    body, ids = page.json(), []
    assert body["numberMatched"] == wanted > public.json()["numberMatched"]
    assert page.headers["etag"] != public.headers["etag"] and page.headers["cache-control"] == "private, no-cache"
    while True:
        ids += [feature["id"] for feature in body["features"]]
        onward = [link["href"] for link in body["links"] if link["rel"] == "next"]
        if not onward:
            break
        assert f"token={token}" in onward[0]
        body = (await client.get(onward[0])).json()
    assert len(set(ids)) == len(ids) == wanted
    own = [record for record in caplog.records if record.name.startswith("panhuo")]
    assert own and all(token not in str(vars(record)) for record in own)
    html = (await client.get(ITEMS, params={"token": token, "f": "html", "limit": 5})).text
    assert html.count(f"token={token}") > 5
    schemes = (await client.get("/ogc/api")).json()["components"]["securitySchemes"]
    assert schemes["token"] == {"type": "apiKey", "in": "query", "name": "token"}


async def test_pages_of_two_tokens_have_two_tags(
    client: httpx.AsyncClient, dazu: Dazu, token: str, allowed: None
) -> None:
    """Whoever keeps a page keeps its links, and with them the token that has run out."""
    account = dazu.accounts["demo-shuangqiao"]
    login = {"login": "demo-shuangqiao", "password": account["password"]}
    other = (await client.post("/api/v1/auth/login", json=login)).json()["access_token"]
    first = await client.get(ITEMS, params={"limit": 5, "token": token})
    second = await client.get(
        ITEMS, params={"limit": 5, "token": other}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert second.status_code == 200 and token not in second.headers["etag"]


@pytest.mark.parametrize("path", ["", "/collections", "/conformance", "/collections/factory/queryables"])
async def test_a_wrong_token_is_refused_everywhere_and_a_key_is_none(
    client: httpx.AsyncClient, dazu: Dazu, allowed: None, path: str
) -> None:
    for wrong in (dazu.key("demo-shuangqiao"), "ph_a_wrong", ""):
        answer = await client.get(f"/ogc{path}", params={"token": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (401, "token"), wrong


async def test_it_writes_nothing_and_is_nothing_elsewhere(
    client: httpx.AsyncClient, keys: dict[str, dict[str, str]], token: str, allowed: None
) -> None:
    feature = (await client.get(ITEMS, params={"token": token, "limit": 1})).json()["features"][0]["id"]
    written = await client.request("DELETE", f"{ITEMS}/{feature}", params={"token": token})
    assert written.status_code in (400, 401), written.text
    posted = await client.post(ITEMS, params={"token": token}, json={"type": "Feature"},
                               headers={"Content-Type": "application/geo+json"})  # fmt: skip
    assert posted.status_code in (400, 401), posted.text
    answer = await client.get("/api/v1/assets", params={"token": token})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "token")
    with_header = await client.get(ITEMS, params={"token": "ph_a_wrong", "limit": 1}, headers=keys["demo-shuangqiao"])
    assert with_header.status_code == 200  # a header goes before it
