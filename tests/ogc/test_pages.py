"""The pages of /ogc for people: who gets one, what stands in it, and that it runs and loads nothing but its own.

Numbers are those of the abstract tests of OGC API Features part 1 (1/…).
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from api.ogc.request import prefers_html
from api.ogc.service import CLASSES
from domain.collections import COLLECTIONS
from tests.conftest import Dazu
from tests.server import serving
from texts import lookup

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
DOCUMENTS = (
    "", "/conformance", "/collections", "/api", "/collections/factory", "/collections/factory/schema",
    "/collections/factory/queryables", "/collections/factory/sortables", "/collections/factory/items",
)  # fmt: skip


class PageReader(HTMLParser):
    """The elements of a page in order, each with its attributes; and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Every element ends where it should."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Notes text."""
        self.text += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of every element of this name."""
        return [attributes for tag, attributes in self.elements if tag == name]


async def page_of(client: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    answer = await client.get(
        path if path.startswith("http") else f"/ogc{path}", headers={"Accept": BROWSER, **headers}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer


async def paths_of(client: httpx.AsyncClient) -> list[str]:
    """A path of every kind."""
    features = (await client.get("/ogc/collections/factory/items?limit=1")).json()["features"]
    return [*DOCUMENTS, f"/collections/factory/items/{features[0]['id']}"]


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        ("", False), ("*/*", False), (BROWSER, True), ("text/html", True), ("application/json", False),
        ("text/html, application/json", False), ("text/html;q=0.5, application/geo+json", False),
        ("text/html, application/json;q=0.9", True), ("application/vnd.oai.openapi+json;version=3.0, */*;q=0.1", False),
        ("application/*;q=0.2, text/html;q=0.3", True), ("text/html;level=1;q=0.1, */*;q=0.2", False),
        ("text/html;q=x", False), ("image/png", False),
    ],
)  # fmt: skip
def test_whoever_prefers_html_gets_it_and_nobody_else(accept: str, is_page: bool) -> None:
    assert prefers_html(accept) is is_page


async def test_every_resource_is_there_in_both_forms_which_lead_to_each_other(client: httpx.AsyncClient) -> None:
    """1/10, 1/23, 1/29: alternate links of every class claimed, and f over Accept."""
    assert any(uri.endswith("ogcapi-features-1/1.0/conf/html") for uri in CLASSES)
    for path in await paths_of(client):
        json = await client.get(f"/ogc{path}", headers={"Accept": "*/*"})
        assert json.headers["content-type"].partition(";")[0].endswith("json")
        body = json.json()
        if "links" in body:
            links = [link for link in body["links"] if link["rel"] == "alternate"]
            assert [link["type"] for link in links] == ["text/html"], path
        else:
            links = [{"href": re.findall(r'<([^>]+)>; rel="alternate"', json.headers["link"])[0]}]

        page = await client.get(links[0]["href"], headers={"Accept": "application/json"})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8"), path
        alternate = [link for link in PageReader(page.text).all("link") if link["rel"] == "alternate"]
        assert [link["type"] for link in alternate] == ["application/json"]
        back = await client.get(str(alternate[0]["href"]), headers={"Accept": BROWSER})
        assert back.json().keys() == body.keys(), path
        for answer in (json, page):
            assert {"Accept", "Accept-Language"} <= {name.strip() for name in answer.headers["vary"].split(",")}
        assert json.headers["etag"] != page.headers["etag"]
        again = await client.get(links[0]["href"], headers={"If-None-Match": page.headers["etag"]})
        assert again.status_code == 304, path
    assert (await client.get("/ogc/collections?f=xml")).status_code == 400
    assert (await client.get("/ogc/collections?lang=fr")).json()["errors"][0]["field"] == "lang"


async def test_the_description_is_readable_and_lists_every_parameter(client: httpx.AsyncClient) -> None:
    document = (await client.get("/ogc/api")).json()
    page = await client.get("/ogc/api.html", headers={"Accept": "*/*"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    parameters = document["components"]["parameters"].values()
    assert [p["name"] for p in parameters if p["in"] == "query" and p["name"] not in page.text] == []
    assert "/ogc/collections/{collectionId}/items/{featureId}" in page.text
    landing = (await client.get("/ogc")).json()
    assert [link["href"] for link in landing["links"] if link["rel"] == "service-doc"] == [
        "http://panhuo.test/ogc/api.html"
    ]


@pytest.mark.parametrize("language", lookup.languages())
async def test_a_page_is_whole_accessible_and_of_this_address_alone(client: httpx.AsyncClient, language: str) -> None:
    for path in [*await paths_of(client), "/api.html", *(f"/collections/{name}/items" for name in COLLECTIONS)]:
        answer = await page_of(client, f"{path}?lang={language}", **{"Accept-Language": "de"})
        page = PageReader(answer.text)

        assert page.open == [], path
        names = [name for name, _ in page.elements]
        assert names.count("h1") == names.count("main") == names.count("header") == names.count("footer") == 1
        levels = [int(name[1]) for name in names if re.fullmatch(r"h[1-6]", name)]
        assert levels[0] == 1 and all(after <= before + 1 for before, after in pairwise(levels))
        assert (
            page.all("html")[0]["lang"] == answer.headers["content-language"] == {"zh": "zh-CN"}.get(language, language)
        )
        assert all(attributes.get("scope") in ("col", "row") for attributes in page.all("th")), path
        assert all(attributes.get("aria-label") for attributes in page.all("nav")), path
        fields = [*page.all("input"), *page.all("select")]
        assert len([field for field in fields if field.get("type") != "hidden"]) == names.count("label")
        ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
        assert len(ids) == len(set(ids))
        for _, attributes in page.elements:
            address = attributes.get("href") or attributes.get("src") or ""
            assert urlsplit(address).netloc in ("", "panhuo.test"), address
        other = next(a for a in page.all("a") if a.get("hreflang") and a.get("aria-current") is None)
        switched = await page_of(client, f"{path}{other['href']}")
        assert PageReader(switched.text).all("html")[0]["lang"] == other["hreflang"]


async def test_the_policy_names_the_style_and_script_that_stand_in_the_page(client: httpx.AsyncClient) -> None:
    for path in await paths_of(client):
        answer = await page_of(client, path)
        policy = answer.headers["content-security-policy"]
        for name in ("style", "script"):
            text = re.findall(rf"<{name}>(.*?)</{name}>", answer.text, re.S)[0]
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"{name}-src 'sha256-{digest}'" in policy
        assert "unsafe" not in policy and "default-src 'none'" in policy
        assert re.findall(r"\son\w+=|\sstyle=", answer.text) == []


async def test_what_people_write_is_text_wherever_it_stands(
    client: httpx.AsyncClient, keys: dict[str, dict[str, str]]
) -> None:
    evil = '<script>alert("1")</script>&\'<td>'
    staff = keys["demo-shuangqiao"]
    features = (await client.get("/ogc/collections/factory/items", headers=staff)).json()["features"]
    unit = next(f for f in features if f["properties"]["park_code"] == "shuangqiao")
    before = await client.get(f"/api/v1/assets/{unit['id']}", headers=staff)
    changed = await client.patch(
        f"/api/v1/assets/{unit['id']}",
        headers={**staff, "If-Match": before.headers["etag"], "Content-Type": "application/merge-patch+json"},
        json={"properties": {"name": evil, "source": evil, "code": "<td>"}},
    )
    assert changed.status_code == 200, changed.text

    parameters = str(httpx.QueryParams({"name": evil, "filter": "name <> '<i>'", "sortby": "-name"}))
    for path in (f"/collections/factory/items/{unit['id']}", f"/collections/factory/items?{parameters}"):
        page = await page_of(client, path)
        assert evil not in page.text and evil in PageReader(page.text).text
        assert len(re.findall("<script", page.text)) == 1
    assert "&lt;i&gt;" in page.text and "<i>" not in page.text


async def test_a_walk_by_the_pages_meets_every_feature_once(client: httpx.AsyncClient) -> None:
    here, met = "/collections/factory/items?limit=20&name=&filter=&sortby=-area_m2&bbox=", []
    while True:
        page = PageReader((await page_of(client, here)).text)
        met += [str(a["href"]).rpartition("/")[2] for a in page.all("a") if "/items/" in str(a["href"])]
        onward = [a for a in page.all("a") if a.get("rel") == "next"]
        if not onward:
            break
        here = f"/collections/factory/items{onward[0]['href']}"
    in_all = (await client.get("/ogc/collections/factory/items?limit=1")).json()["numberMatched"]
    assert len(met) == len(set(met)) == in_all > 40
    assert "First page" in page.text or "回到第一页" in page.text


async def test_what_is_filtered_by_is_shown_and_can_be_left_out(client: httpx.AsyncClient) -> None:
    text = (await page_of(client, "/collections/factory/items?level=floor&bbox=105,29,107,30&lang=zh")).text
    page = PageReader(text)
    matched = (await client.get("/ogc/collections/factory/items?level=floor&limit=1")).json()["numberMatched"]
    assert f"共 {matched} 条" in page.text and "层级: 楼层" in page.text
    away = [str(a["href"]) for a in page.all("a") if str(a.get("aria-label", "")).startswith("去掉条件")]
    assert away == ["?bbox=105,29,107,30&lang=zh", "?level=floor&lang=zh"]
    for link in page.all("a"):
        if "/download?" in str(link["href"]):
            answer = await client.head(str(link["href"]))
            assert answer.status_code == 200 and answer.headers["ogc-numbermatched"] == str(matched), link
    assert text.count("/download?") == 4
    none = await page_of(client, "/collections/factory/items?name=nobody&lang=en")
    assert lookup.tables("ogc", "en")["page"]["none"] in none.text


async def test_every_property_of_a_feature_is_said_also_what_is_not_known(client: httpx.AsyncClient) -> None:
    feature = (await client.get("/ogc/collections/factory/items?limit=1")).json()["features"][0]
    text = PageReader((await page_of(client, f"/collections/factory/items/{feature['id']}?lang=zh")).text).text
    assert text.count("未登记") == list(feature["properties"].values()).count(None) > 0
    invented = set(feature["properties"]["illustrative"].split(","))
    fields = COLLECTIONS["factory"].properties.items()
    invented |= {
        name for name, field in fields if field.store == "attributes" and feature["properties"][name] is not None
    }
    assert text.count("▨") == len(invented - {"attributes"}) > 25


async def test_refusals_stay_problems(client: httpx.AsyncClient) -> None:
    for path in ("/collections/castle", "/collections/factory/items?limit=x", "/collections/factory/items/5"):
        answer = await client.get(f"/ogc{path}", headers={"Accept": BROWSER})
        assert answer.headers["content-type"] == "application/problem+json" and answer.status_code in (400, 404)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt install chromium")
async def test_the_pages_work_in_a_browser_wide_and_narrow(dazu: Dazu) -> None:
    from playwright.async_api import async_playwright

    urls: list[str] = []
    faults: list[str] = []
    widths: dict[str, Any] = {}
    with serving(dazu.url) as (_, port):
        address = f"http://127.0.0.1:{port}"
        feature = httpx.get(f"{address}/ogc/collections/factory/items?limit=1").json()["features"][0]["id"]
        async with async_playwright() as play:
            browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
            page = await context.new_page()
            page.on("request", lambda request: urls.append(request.url))
            page.on("console", lambda message: faults.append(message.text))
            for width in (1440, 390):
                await page.set_viewport_size({"width": width, "height": 844})
                for path in (*DOCUMENTS, "/api.html", f"/collections/factory/items/{feature}"):
                    await page.goto(f"{address}/ogc{path}")
                    widths[f"{path} {width}"] = await page.evaluate("document.documentElement.scrollWidth") - width
            await page.goto(f"{address}/ogc/collections/factory?lang=zh")
            await page.click("button >> nth=1")
            copied = await page.evaluate("navigator.clipboard.readText()")
            await page.goto(f"{address}/ogc/collections/factory/items?lang=zh")
            await page.click("summary")
            await page.select_option("select[name=level]", "floor")
            await page.click("button[type=submit]")
            chips = await page.locator(".chip").all_inner_texts()
            await page.click(".languages a[lang=en]")
            english = await page.locator(".chip").all_inner_texts()
            await browser.close()

    assert {urlsplit(url).netloc for url in urls if not url.startswith("data:")} == {f"127.0.0.1:{port}"}
    assert faults == []
    assert {path: more for path, more in widths.items() if more > 0} == {}
    assert copied == f'ogr2ogr -oo PAGE_SIZE=1000 factory.gpkg "OAPIF:{address}/ogc" factory'
    assert chips == ["层级: 楼层 ✕"] and english == ["Level: floor of a building ✕"]
