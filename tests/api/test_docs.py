"""The description is valid and complete; the pages made of it load, and ask nothing of any other address."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.api.story import Headers
from tests.conftest import Dazu
from tests.described import document as whole_description

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
async def description(client: httpx.AsyncClient) -> dict[str, Any]:
    document: dict[str, Any] = (await client.get("/api/v1/openapi.json")).json()
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


async def test_the_description_is_valid_openapi_3_1(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    assert [str(fault.message) for fault in OpenAPIV31SpecValidator(description).iter_errors()] == []


async def test_every_operation_has_a_name_of_its_own_in_both_languages(description: dict[str, Any]) -> None:
    facts = dict(operations(description))
    tags = {tag["name"] for tag in description["tags"]}

    assert len({operation["operationId"] for operation in facts.values()}) == len(facts) >= 40
    for where, operation in facts.items():
        zh, _, en = operation["summary"].partition(" · ")
        assert any("一" <= letter <= "鿿" for letter in zh), where
        assert en[:1].isascii(), where
        assert en, where
        assert not re.search(r"[`\n]|\.\s", en), where  # one sentence, shown as it stands
        assert en.count("(") == en.count(")"), where
        assert set(operation["tags"]) <= tags, where
        assert operation["tags"], where


async def test_what_needs_a_revision_says_so(client: httpx.AsyncClient, description: dict[str, Any]) -> None:
    """A change without If-Match is refused by 428 where the description asks for it, and nowhere else."""
    for where, operation in operations(description):
        asks = any(parameter["name"] == "If-Match" for parameter in operation["parameters"])
        assert asks == ("needs If-Match" in operation["description"]), where


async def test_the_first_page_leads_to_the_pages_and_they_are_kept(client: httpx.AsyncClient) -> None:
    first = await client.get("/")
    page = await client.get("/docs")
    bundle = await client.get("/docs/swagger-ui-bundle.js")
    kept = await client.get("/docs/swagger-ui-bundle.js", headers={"If-None-Match": bundle.headers["etag"]})

    assert 'href="/docs"' in first.text and page.headers["content-type"] == "text/html; charset=utf-8"
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert (kept.status_code, kept.content) == (304, b"")
    for name in ("swagger-ui-bundle.js.map", "..%2f__init__.py", "index.html"):
        assert (await client.get(f"/docs/{name}")).status_code == 404


async def test_what_is_read_works_as_it_stands_with_the_key_it_names(
    client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    logins = ("demo-shuangqiao", "demo-zhiding", "demo-admin")
    documents = {login: (await client.get("/api/v1/openapi.json", headers=keys[login])).json() for login in logins}
    refused = {}
    for login, document in documents.items():
        for path, methods in document["paths"].items():
            operation = methods.get("get")
            if operation is None or f" {login}." not in operation["description"]:
                continue
            values: dict[str, dict[str, Any]] = {at: {} for at in ("path", "query", "header")}
            for parameter in operation["parameters"]:
                if "example" in parameter:
                    values[parameter["in"]][parameter["name"]] = parameter["example"]
            answer = await client.get(path.format(**values["path"]), params=values["query"], headers=keys[login])
            if answer.status_code != 200:
                refused[operation["operationId"]] = (login, answer.status_code, answer.text[:200])

    assert refused == {}


async def test_the_first_post_works_as_it_stands(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    document = (await client.get("/api/v1/openapi.json", headers=keys["demo-shuangqiao"])).json()
    path, methods = next((path, methods) for path, methods in document["paths"].items() if "post" in methods)
    body = methods["post"]["requestBody"]["content"]["application/json"]["example"]

    made = await client.post(path, headers=keys["demo-shuangqiao"], json=body)

    assert (path, made.status_code) == ("/api/v1/assets", 201), made.text


async def test_the_pages_say_where_the_keys_of_the_demo_lie(description: dict[str, Any]) -> None:
    about = description["info"]["description"]

    assert about.count("demo-accounts.json") == 4  # with and without containers, in both languages
    assert "点 Authorize" in about
    assert "press Authorize" in about


@pytest.fixture
def served(dazu: Dazu) -> Iterator[str]:
    """The application as a process on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    own = {"DATABASE_URL": dazu.url, "PORT": str(port), "PANHUO_WORK": "false", "PANHUO_LOG_LEVEL": "error"}
    server = subprocess.Popen([sys.executable, "-m", "ops.cli", "serve"], env=own)
    try:
        for _ in range(100):
            try:
                httpx.get(f"{address}/health/live", timeout=1)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt install chromium")
async def test_the_pages_work_in_a_browser_and_ask_nothing_of_another_address(served: str, dazu: Dazu) -> None:
    from playwright.async_api import async_playwright, expect

    query: list[str] = []
    body: list[str] = []
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(viewport={"width": 1280, "height": 1600})
        page.on("request", lambda request: query.append(request.url))
        page.on("console", lambda message: body.append(message.text) if message.type == "error" else None)
        await page.goto(f"{served}/docs")
        await expect(page.locator(".opblock")).to_have_count(sum(1 for _ in operations(whole_description())))
        # What the browser's own search does.
        names = ("查询单元", "更换推送密钥", "A new secret, shown this once", "/health/ready", "no such operation")
        has_found = [await page.evaluate("name => window.find(name, false, false, true)", name) for name in names]
        await page.fill(".operation-filter-input", "stats/revitalized")
        await page.click("#operations-statistics-revitalized .opblock-summary-control")
        await page.fill("#operations-statistics-revitalized tr[data-param-name=from] input", "2025-01-01")
        await page.fill("#operations-statistics-revitalized tr[data-param-name=to] input", "2025-06-30")
        await page.click("#operations-statistics-revitalized .execute")
        answer = page.locator("#operations-statistics-revitalized .live-responses-table .highlight-code").first
        text = await answer.inner_text()
        await page.fill(".operation-filter-input", "闲置天数")
        await expect(page.locator(".opblock")).to_have_count(1)
        shown = await page.locator(".opblock-summary-description").all_inner_texts()
        await page.fill(".operation-filter-input", "read_asset")
        await page.click(".btn.authorize")
        await page.locator(".auth-container input").last.fill(dazu.key("demo-shuangqiao"))
        await page.locator(".auth-container .authorize").last.click()
        await page.click(".btn-done")
        await page.click("#operations-assets-read_asset .opblock-summary-control")
        example = page.locator("#operations-assets-read_asset tr[data-param-name=asset_id] input")
        await expect(example).to_have_value(re.compile("^(?!01990000)[0-9a-f]{8}-"))
        await page.click("#operations-assets-read_asset .execute")
        await page.wait_for_selector("#operations-assets-read_asset .live-responses-table .highlight-code")
        status = await page.locator("#operations-assets-read_asset .live-responses-table").first.inner_text()
        linked = await browser.new_page()
        await linked.goto(f"{served}/docs#/statistics/vacancy")
        summary = linked.locator("#operations-statistics-vacancy .opblock-summary")
        await expect(summary).to_be_in_viewport(timeout=30_000)
        await browser.close()

    assert json.loads(text[text.index("{") : text.rindex("}") + 1])["land"]["area_mu"] == "857.00"
    assert {url.split("/")[2] for url in query if not url.startswith(("data:", "blob:"))} == {served.split("/")[2]}
    assert body == []
    assert has_found == [True, True, True, True, False]
    assert [text.partition(" · ")[0] for text in shown] == ["闲置天数"]
    assert "200" in status
