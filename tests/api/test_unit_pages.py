"""Pages for people: of a unit, of a park, the first one; their papers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
import pypdf
import pytest
from litestar import Litestar
from PIL import Image

from actions.daily_update import run_daily_update
from tests.api.story import Headers, box, register
from tests.conftest import TODAY, Dazu

UNIT = "/a/shuangqiao/SQ-F-01"
UNIT_BY_CODE = "/api/v1/assets?park=shuangqiao&q=SQ-F-01&limit=1"


class PageReader(HTMLParser):
    """The text of a page, the addresses in it, and what its head says."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.og: dict[str, str] = {}
        self._is_style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append(tag)
        self._is_style = tag == "style"
        self.addresses += [value for name in ("href", "src", "action") if (value := named.get(name))]
        if tag == "meta" and "property" in named:
            self.og[str(named["property"])] = str(named["content"])

    def handle_endtag(self, tag: str) -> None:
        self._is_style = False

    def handle_data(self, data: str) -> None:
        if not self._is_style:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


async def read(client: httpx.AsyncClient, path: str, **headers: str) -> PageReader:
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 200
    return PageReader(answer.text)


async def test_the_page_of_a_unit_says_what_it_is_and_what_is_not_known(client: httpx.AsyncClient) -> None:
    answer = await client.get(UNIT)
    page = PageReader(answer.text)

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert (answer.headers["cache-control"], answer.headers["content-language"]) == ("no-cache", "zh-CN")
    assert len(answer.content) < 30_000
    for words in (
        "建筑面积 ▨ 8,640 m²",
        "净高 ▨ 9 m",
        "双桥经开区",
        "未登记",
        "示意",
        "SQ-F-01",
        "位置与轮廓",
        "登记 8,640.00 m²",
    ):
        assert words in page.text, words
    assert "script" not in page.tags and {"svg", "title", "h1", "table"} <= set(page.tags)
    assert page.og == {
        "og:type": "website", "og:title": "示例1号钢结构厂房 · 双桥经开区", "og:url": f"http://panhuo.test{UNIT}",
        "og:image": f"http://panhuo.test{UNIT}?f=png",
        "og:description": "建筑面积 8,640 m² · 净高 9 m · 楼面荷载 20 kN/m² · 行车起重量 10 t · 可用电力 800 kVA · "
        "火灾危险性类别 丁类 · 租金 9.5 元/m²·月 · 可交付日期 2026-11-01",
    }  # fmt: skip
    assert {address for address in page.addresses if re.match(r"(https?|data):", address)} == {
        f"http://panhuo.test{UNIT}",
        "data:,",
    }


async def test_a_page_is_in_the_language_of_its_reader(client: httpx.AsyncClient) -> None:
    preferred = await read(client, UNIT, **{"Accept-Language": "en-GB,en;q=0.9"})
    chosen = await read(client, f"{UNIT}?lang=en", **{"Accept-Language": "zh"})

    assert "Floor area ▨ 8,640 m²" in preferred.text and "Floor area ▨ 8,640 m²" in chosen.text
    assert "/a/shuangqiao" in preferred.addresses and "/a/shuangqiao?lang=en" in chosen.addresses
    refused = await client.get(f"{UNIT}?lang=fr")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "lang")


async def test_who_rents_and_for_how_much_is_on_no_page(client: httpx.AsyncClient, conn: Any) -> None:
    rows = await conn.fetch(
        "SELECT p.code AS park, a.code, a.source, f.name FROM panhuo.tenancy AS t "
        "JOIN panhuo.asset AS a ON a.id = t.asset_id JOIN panhuo.park AS p ON p.id = a.park_id "
        "JOIN panhuo.outcome AS o ON o.id = t.outcome_id JOIN panhuo.firm AS f ON f.id = o.firm_id "
        "WHERE a.listing = 'published'"
    )
    assert len(rows) >= 3
    for row in rows:
        page = await read(client, f"/a/{row['park']}/{row['code']}")
        assert "在用与空闲" in page.text
        source = row["source"] or "-"  # where a newspaper tells of it, it is told
        assert row["name"] not in page.text.replace(" ".join(source.split()), "")


async def test_drafts_withdrawn_units_and_what_never_was_are_the_same_404(
    client: httpx.AsyncClient, staff: Headers
) -> None:
    bodies = set()
    for path in (
        "/a/shuangqiao/SQ-L-41",
        "/a/shuangqiao/SQ-L-44",
        "/a/shuangqiao/none",
        "/a/none",
        f"/a/{uuid4()}",
        "/a/none/x",
    ):
        answer = await client.get(path, headers=staff)
        assert answer.status_code == 404 and "单元未公开" in answer.text
        bodies.add(answer.content)
    assert len(bodies) == 1


async def test_codes_are_found_as_people_write_them(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    unit = await register(
        client, staff, park, "厂房 A/1#?%", box(park, 0), level="building", stated_area=100, stated_area_unit="m2"
    )
    path = "/a/shuangqiao/%E5%8E%82%E6%88%BF%20A%2F1%23%3F%25"

    sent = await client.get(f"/a/{unit['id']}")

    assert (sent.status_code, sent.headers["location"]) == (302, path)
    for address in (path, path.replace("A%2F1", "a/1"), path.replace("%20A", "%20%EF%BC%A1"), f"{path}/"):
        assert "厂房 A/1#?%" in (await read(client, address.replace("shuangqiao", "ShuangQiao"))).text


async def test_a_page_is_sent_again_only_once_it_has_changed(
    client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any]
) -> None:
    path = "/a/shuangqiao/I-1"
    first = await client.get(path)
    known = {"If-None-Match": first.headers["etag"]}
    assert (await client.get(path, headers=known)).status_code == 304
    assert (await client.get(path, headers={**known, "Accept-Language": "en"})).status_code == 200
    headers = {**staff, "If-Match": "*", "Content-Type": "application/merge-patch+json"}

    async def amend(asset_id: str, height: float) -> None:
        patch = {"properties": {"clear_height_m": height}}
        assert (await client.patch(f"/api/v1/assets/{asset_id}", headers=headers, json=patch)).status_code == 200

    other = (await client.get(UNIT_BY_CODE)).json()["features"][0]
    await amend(other["id"], 8.1)  # another act in the park
    assert (await client.get(path, headers=known)).status_code == 304

    await amend(hall["id"], 8.5)
    changed = await client.get(path, headers=known)

    assert changed.status_code == 200 and "净高 8.5 m" in PageReader(changed.text).text


async def test_what_people_type_is_text_on_a_page(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    name = "<script>alert(1)</script>\"'>&amp;"
    await register(client, staff, park, "X-1", box(park, 0), level="building", name=name, source=name)

    for path in ("/a/shuangqiao/X-1", "/a/shuangqiao"):
        page = PageReader((await client.get(path)).text)
        assert "script" not in page.tags and name in page.text
    sheet = await client.get("/a/shuangqiao/X-1?f=pdf")
    assert "<script>alert(1)</script>" in pypdf.PdfReader(BytesIO(sheet.content)).pages[0].extract_text()


async def test_a_sheet_and_a_poster_show_the_unit(client: httpx.AsyncClient) -> None:
    sheet, poster = await client.get(f"{UNIT}?f=pdf"), await client.get(f"{UNIT}?f=png")

    assert (sheet.headers["content-type"], poster.headers["content-type"]) == ("application/pdf", "image/png")
    pages = pypdf.PdfReader(BytesIO(sheet.content)).pages
    text = pages[0].extract_text()
    assert len(pages) == 1 and "示例 1 号钢结构厂房" in text.replace("示例1", "示例 1 ").replace("  ", " ")
    assert f"http://panhuo.test{UNIT}" in text and "8,640" in text
    assert poster.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(poster.content[16:20]), int.from_bytes(poster.content[20:24])) == (1080, 1440)
    for form in ("svg", "xlsx", ""):
        refused = await client.get(UNIT, params={"f": form})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "f")


async def test_a_unit_without_a_place_has_a_page(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    facts = {"park_id": park["id"], "code": "N-1", "name": "N-1", "kind": "land", "level": "plot", "stated_area": 3,
             "stated_area_unit": "mu", "allowed_paths": ["lease"]}  # fmt: skip
    body = {"type": "Feature", "geometry": None, "properties": facts}
    made = await client.post("/api/v1/assets", headers=staff, json=body)
    assert made.status_code == 201, made.text
    headers = {**staff, "If-Match": "*"}
    shown = await client.post(f"/api/v1/assets/{made.json()['id']}/publish", headers=headers)
    assert shown.status_code == 200, shown.text

    page = await read(client, "/a/shuangqiao/N-1")

    assert "图形待补" in page.text and "N-1" in page.text
    assert (await client.get("/a/shuangqiao/N-1?f=png")).status_code == 200


async def test_the_page_of_a_park_lists_what_is_on_offer(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/api/v1/assets?park=shuangqiao&availability=available&limit=500")).json()["features"]

    page = await read(client, "/a/shuangqiao")

    assert f"可供 {len(listed)} 处" in page.text
    linked = {address.rpartition("/")[2] for address in page.addresses if address.startswith("/a/shuangqiao/")}
    assert linked == {unit["properties"]["code"] for unit in listed}


async def test_the_first_page_leads_to_every_park(client: httpx.AsyncClient) -> None:
    parks = (await client.get("/api/v1/parks?limit=100")).json()["features"]
    codes = {park["properties"]["code"] for park in parks if park["properties"].get("zone_of") is None}

    page = await read(client, "/")

    assert {a.removeprefix("/a/") for a in page.addresses if a.startswith("/a/")} == codes
    assert {"/ogc?f=html", "/docs"} <= set(page.addresses)


async def test_pages_lead_below_the_path_of_a_shared_address(app: Litestar, client: httpx.AsyncClient) -> None:
    state = app.state.application_state
    outside = replace(state.settings, public_url="https://district.example/panhuo")
    app.state.application_state = replace(state, settings=outside)

    page = await read(client, f"/panhuo{UNIT}")

    assert page.og["og:url"] == f"https://district.example/panhuo{UNIT}"
    assert {"/panhuo/", "/panhuo/a/shuangqiao", f"/panhuo{UNIT}?f=pdf&lang=zh"} <= set(page.addresses)
    app.state.application_state = state


@pytest.mark.parametrize(
    "path", ["/a/%00", "/a/shuangqiao/%FF%FE", "/a/" + "x" * 3000, "/a//", "/a/../x", "/a/%2e%2e/x"]
)
async def test_odd_addresses_are_no_fault_of_the_service(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code in (400, 404)


async def test_a_booklet_has_a_page_of_each_unit_that_is_selected(client: httpx.AsyncClient) -> None:
    query = "park=shuangqiao&kind=land&availability=available"
    listed = (await client.get(f"/api/v1/assets?{query}&limit=100")).json()["features"]

    answer = await client.get(f"/api/v1/papers/units?{query}")

    pages = [page.extract_text() for page in pypdf.PdfReader(BytesIO(answer.content)).pages]
    assert answer.headers["content-type"] == "application/pdf" and len(pages) == 1 + len(listed)
    for unit, page in zip(sorted(listed, key=lambda unit: unit["properties"]["code"]), pages[1:], strict=True):
        code = unit["properties"]["code"]
        assert f"http://panhuo.test/a/shuangqiao/{code}" in page and code in pages[0]
    in_all = (await client.get("/api/v1/assets?count=exact&limit=1")).json()["numberMatched"]
    whole = pypdf.PdfReader(BytesIO((await client.get("/api/v1/papers/units")).content))
    assert in_all > 50 and f"共 {in_all} 处，本册为前 50 处" in whole.pages[0].extract_text() and len(whole.pages) >= 51
    none = await client.get("/api/v1/papers/units?park=shuangqiao&area_mu_min=99999")
    assert "目前没有可供" in pypdf.PdfReader(BytesIO(none.content)).pages[0].extract_text()


async def send_form(client: httpx.AsyncClient, path: str, **typed: str) -> httpx.Response:
    """The form of a page sent as a browser sends it, its question solved."""
    empty = await client.get(f"{path}?f=ask&lang=en")
    assert empty.status_code == 200 and empty.headers["cache-control"] == "no-store"
    token = re.search(r'name="token" value="([^"]+)"', empty.text)
    question = re.search(r"(\w+) plus (\w+)", empty.text)
    assert token is not None and question is not None, empty.text
    numbers = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ]
    answer = str(sum(map(numbers.index, question.groups())))
    sent = {"token": token[1], "answer": answer, "consent": "1", **typed}
    return await client.post(
        f"{path}?f=ask&lang=en", data={name: value for name, value in sent.items() if value != "-"}
    )


async def test_anybody_asks_about_a_unit_from_its_page(client: httpx.AsyncClient, staff: Headers) -> None:
    typed = {
        "name": "王小明",
        "phone": "13800138000",
        "mail": "",
        "message": "还在吗？\r\n<b>何时</b>可看",
        "wants_visit": "1",
    }

    answer = await send_form(client, UNIT, **typed)

    assert answer.status_code == 201, answer.text
    page = PageReader(answer.text)
    reference = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", page.text)
    assert reference is not None
    listed = await client.get(f"/api/v1/enquiries?reference={reference[0]}", headers=staff)
    (enquiry,) = listed.json()["items"]
    assert (enquiry["person"]["name"], enquiry["person"]["message"]) == ("王小明", "还在吗？\n<b>何时</b>可看")
    assert enquiry["wants_visit"] is True


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"phone": "123"}, "phone-fault"),
        ({"phone": "", "mail": ""}, "-fault"),
        ({"mail": "a@b.example\nBcc: c@d.example", "phone": ""}, "mail-fault"),
        ({"name": ""}, "name-fault"),
        ({"consent": "-"}, "consent-fault"),
        ({"answer": "1"}, "answer-fault"),
        ({"answer": "二"}, "answer-fault"),
        ({"token": "x"}, "Not sent yet"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    client: httpx.AsyncClient, wrong: dict[str, str], sentence: str
) -> None:
    typed = {"name": "Li <Wei>", "phone": "13800138000", "message": "Still free?"} | wrong

    answer = await send_form(client, UNIT, **typed)

    assert answer.status_code == 422 and sentence in answer.text
    assert "Still free?</textarea>" in answer.text and ("Li &lt;Wei&gt;" in answer.text or "name" in wrong)


async def test_a_form_is_taken_once_and_a_flood_of_them_ends(client: httpx.AsyncClient) -> None:
    statuses = [
        (await send_form(client, UNIT, name="x", phone="13800138000", message=f"{n}")).status_code for n in range(12)
    ]
    assert statuses == [201] * 10 + [429] * 2
    assert (await client.post(f"{UNIT}?f=ask", content=b"x=" + b"y" * 70_000)).status_code == 413
    assert (await client.post("/a/shuangqiao/none?f=ask", data={"name": "x"})).status_code == 404


async def test_a_page_says_whom_to_call_and_shows_photos(
    client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any]
) -> None:
    before = await read(client, "/a/shuangqiao/I-1")
    assert "400-000-0000" in before.text and "tel:400-000-0000" in before.addresses
    assert before.tags.count("img") == 1  # the poster
    picture = BytesIO()
    Image.new("RGB", (1200, 800), "green").save(picture, "JPEG")
    path = f"/api/v1/assets/{hall['id']}/attachments?kind=photo&file_name=a.jpg"
    headers = {**staff, "Content-Type": "image/jpeg"}
    for readers in ("public", "staff"):
        made = await client.post(
            f"{path}&readers={readers}&title={readers}", headers=headers, content=picture.getvalue()
        )
        assert made.status_code == 201, made.text

    page = await read(client, "/a/shuangqiao/I-1")

    sources = [address for address in page.addresses if "/attachments/" in address and "medium" in address]
    assert page.tags.count("img") == 2 and len(sources) == 1
    assert (await client.get(sources[0])).headers["content-type"] == "image/jpeg"


async def test_a_page_says_when_it_was_checked(client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any]) -> None:
    assert "核验于" not in (await read(client, "/a/shuangqiao/I-1")).text
    done = await client.post(f"/api/v1/assets/{hall['id']}/checks", headers=staff, json={"how": "seen"})
    assert done.status_code in (200, 201), done.text
    assert "0 天前" in (await read(client, "/a/shuangqiao/I-1")).text


async def test_a_lapsed_unit_keeps_its_page_and_leaves_its_park(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], dazu: Dazu
) -> None:
    headers = {**keys["demo-admin"], "If-Match": "*", "Content-Type": "application/merge-patch+json"}
    days = {"properties": {"lapse_after_days": 90}}
    assert (await client.patch(f"/api/v1/parks/{park['id']}", headers=headers, json=days)).status_code == 200
    await run_daily_update(dazu.db, today=TODAY + timedelta(days=400))

    page, listed = await read(client, UNIT), await read(client, "/a/shuangqiao")

    assert f"久未核验：{TODAY + timedelta(days=400)}起视为失效" in page.text and "咨询这处空间" in page.text
    assert "目前没有可供的土地或厂房" in listed.text and UNIT not in listed.addresses
