"""Search as people type it, over HTTP: each way in each collection, in order, page by page, within rights."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.story import Headers, box, register

UNITS = {
    "18号标准厂房": ["18号标准厂房"],
    "18号 标准": ["18号标准厂房"],
    "１８号标准": ["18号标准厂房"],
    "18haobiaozhun": ["18号标准厂房"],
    "18号biaozhunc": ["18号标准厂房"],
    "18hbzcf": ["18号标准厂房"],
    "18号厂房": ["18号标准厂房"],  # the characters apart
    "重型": ["示例7号重型厂房"],
    "zhongxing": ["示例7号重型厂房"],
    "zxc": ["示例7号重型厂房"],
    "gx-f-28": ["示例28号厂房"],
    "shili GX-33": ["示例案例地块GX-33", "示例案例厂房GX-33"],
    "钢": ["示例1号钢结构厂房"],
    "巧克力": [],
}
#: What is typed wrong, and the unit that comes first.
SLIPS = {
    "18号标淮厂方": "18号标准厂房",  # 淮 for 准, 方 for 房
    "１８號標準": "18号标准厂房",
    "重形厂房": "示例7号重型厂房",
    "zhongxinchangfang": "示例7号重型厂房",
}
INDUSTRIES = {
    "3311": ["3311"],
    "33": ["33", "331", "3311", "3312"],
    "C": ["C"],
    "铝": ["0916", "3216", "3252"],
    "汽车整车": ["361"],
    "qichezhengche": ["361"],
    "qczcz": ["361"],
    "３３１１": ["3311"],
    "巧克力蛋糕": [],
    "气车整车": ["361"],  # 气 for 汽
}
FIRMS = {
    "智鼎": ["重庆智鼎产品设计"],
    "重庆": ["重庆智鼎产品设计", "重庆金若管道"],
    "chongqing": ["重庆智鼎产品设计", "重庆金若管道"],
    "cq": ["重庆智鼎产品设计", "重庆金若管道"],
    "cq zhid": ["重庆智鼎产品设计"],
    "志鼎": ["重庆智鼎产品设计"],  # 志 for 智
    "zhidingchanpingsheji": ["重庆智鼎产品设计"],  # pin with a g
    "华为技术有限公司": [],
}
HOSTILE = [
    *"%_'\"\\&|!:*()<>,;#+-/?^=·　",
    "' OR 1=1 --",
    "a & b | !c",
    "'房':*",
    "<->",
    "\\'",
    "=18",
    "^厂",
    "+chang",
    "🏭",
    "👩‍👩‍👧‍👦厂",
    "\u202e厂房",
    "\ud7ff\uffff",
    "x" * 100,
    "xian" * 25,
    "厂" * 100,
    "a1" * 50,
    "ﷺ" * 100,
]


async def names_found(
    client: httpx.AsyncClient, place: str, q: str, headers: Headers | None = None, **more: Any
) -> list[str]:
    """What the list shows first to last: names of units and firms, codes of industries."""
    answer = await client.get(f"/api/v1/{place}", params={"q": q, **more}, headers=headers)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    rows = [feature["properties"] for feature in body["features"]] if place == "assets" else body["items"]
    return [row["code"] if place == "industries" else row["name"] for row in rows]


async def test_each_way_finds_its_rows(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    signed_in = keys["demo-zhiding"]

    for q, names in UNITS.items():
        assert await names_found(client, "assets", q) == names, q
    for q, name in SLIPS.items():
        assert (await names_found(client, "assets", q))[0] == name, q
    for q, codes in INDUSTRIES.items():
        assert (await names_found(client, "industries", q))[: len(codes) or 1] == codes, q
    for q, names in FIRMS.items():
        assert await names_found(client, "firms", q, signed_in) == names, q


async def test_ue_after_l_and_n_is_typed_for_ü(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> None:
    for n, name in enumerate(("韬略", "暴虐", "旱路鹅")):
        await register(client, staff, park, f"U-{n}", box(park, 20 + n), level="plot", name=name)

    for typed in ("taolue", "taolve", "taolüe", "lue", "lve"):
        assert (await names_found(client, "assets", typed))[0] == "韬略", typed
    for typed in ("baonue", "baonve", "nue"):
        assert (await names_found(client, "assets", typed))[0] == "暴虐", typed
    assert await names_found(client, "assets", "hanlue") == ["旱路鹅"]


async def test_a_credit_code_comes_first(client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers) -> None:
    code = "91350100M000100Y43"
    for name, own in ((f"{code}的分公司", None), ("示例榫卯", code)):
        made = await client.post("/api/v1/firms", headers=staff, json={"name": name, "credit_code": own})
        assert made.status_code == 201

    assert await names_found(client, "firms", code.lower(), staff) == ["示例榫卯", f"{code}的分公司"]
    assert await names_found(client, "firms", code[9:], staff) == [f"{code}的分公司", "示例榫卯"]


async def test_the_better_way_comes_first_on_every_page(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    """Equal code, beginning, part, sound: registered the other way round, and read one and three at a time."""
    named = [("S-4", "库区榫MAO"), ("S-3", "新sm馆"), ("S-2", "旧SM厅"), ("S-1", "sm坊"), ("SM", "坊")]
    for n, (code, name) in enumerate(named):
        await register(client, staff, park, code, box(park, 20 + n), level="plot", name=name)
    right = ["坊", "sm坊", "新sm馆", "旧SM厅", "库区榫MAO"]

    for limit in (1, 3):
        met, url = [], f"/api/v1/assets?q=sm&code=&limit={limit}".replace("code=&", "park=" + park["id"] + "&")
        while url:
            page = (await client.get(url)).json()
            met += [feature["properties"]["name"] for feature in page["features"]]
            url = page["links"][0]["href"] if page["links"] else ""
        assert met == right, limit


async def test_pages_of_every_list_meet_each_row_once(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    for place, q in (("assets", "厂房"), ("firms", "shili"), ("industries", "qiche"), ("assets", "地块 段号")):
        whole, met = await names_found(client, place, q, keys["demo-admin"], limit=1000), []
        url = f"/api/v1/{place}?q={q}&limit=2"
        while url:
            page = (await client.get(url, headers=keys["demo-admin"])).json()
            rows = [feature["properties"] for feature in page["features"]] if place == "assets" else page["items"]
            met += [row["code"] if place == "industries" else row["name"] for row in rows]
            url = (page["links"][0]["href"] if page["links"] else "") if place == "assets" else page["next"]
        assert len(met) > 2, q
        assert met == whole, q


async def test_search_is_one_filter_among_others(client: httpx.AsyncClient) -> None:
    every = await names_found(client, "assets", "shili", limit=1000)
    land = await names_found(client, "assets", "shili", kind="land", limit=1000)
    sorted_ = await client.get(
        "/api/v1/assets", params={"q": "示例", "kind": "land", "sort": "-area_m2", "limit": 1000}
    )

    areas = [feature["properties"]["usable_area_m2"] for feature in sorted_.json()["features"]]
    assert 0 < len(land) < len(every)
    assert len(areas) == len(land)
    assert areas == sorted(areas, reverse=True)
    assert await names_found(client, "assets", "18号厂房", kind="land") == []


async def test_what_is_hidden_is_not_found(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    """A draft of 大足高新区, by each way: its own staff alone; firms by name for whoever is signed in."""
    for q in ("GX-F-41", "（草稿）", "caogao", "41hcfcg", "41草稿", "草搞41号厂房"):
        assert (await names_found(client, "assets", q, keys["demo-dazu-gaoxin"]))[:1] == ["示例41号厂房（草稿）"], q
        for other in (None, keys["demo-shuangqiao"], keys["demo-zhiding"]):
            assert "示例41号厂房（草稿）" not in await names_found(client, "assets", q, other), q
    assert (await client.get("/api/v1/firms?q=zd")).status_code == 401


async def test_names_and_codes_alone_are_searched(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    hidden = {"source": "榫卯档案", "mortgage": "unreleased", "lowest_rent_yuan_m2_month": 7.77}
    await register(client, staff, park, "S-1", box(park, 20), level="plot", name="珍稀地块", **hidden)

    for q in ("榫卯", "sunmao", "unreleased", "777", "珍稀 榫卯"):
        assert await names_found(client, "assets", q, staff) == [], q
    assert await names_found(client, "assets", "zhenxi", staff) == ["珍稀地块"]


async def test_a_new_name_is_searched_and_the_old_is_not(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], keys: dict[str, Headers]
) -> None:
    long = "ﷺ" * 60  # 18 letters each, once width does not count
    unit = await register(client, staff, park, "S-1" + long, box(park, 20), level="plot", name="珍稀地块" + long)
    assert await names_found(client, "assets", long) == ["珍稀地块" + long]
    every = staff | {"If-Match": "*"}

    for change in ({"name": "榫卯坊"}, {"code": "QX-9"}):
        answer = await client.patch(f"/api/v1/assets/{unit['id']}", headers=every, json={"properties": change})
        assert answer.status_code == 200
    assert [await names_found(client, "assets", q) for q in ("sunmao", "榫毛坊", "qx9")] == [["榫卯坊"]] * 3
    assert [await names_found(client, "assets", q) for q in ("zhenxi", "S-1 坊")] == [[]] * 2
    refused = await client.patch(f"/api/v1/assets/{unit['id']}", headers=every, json={"properties": {"name": None}})
    assert refused.status_code == 422

    firm = (await client.get("/api/v1/firms?q=zhiding", headers=staff)).json()["items"][0]
    own = keys["demo-zhiding"] | {"If-Match": "*"}
    answer = await client.patch(f"/api/v1/firms/{firm['id']}", headers=own, json={"name": "榫卯设计"})
    assert answer.status_code == 200
    assert [await names_found(client, "firms", q, staff) for q in ("sunmao", "zhiding")] == [["榫卯设计"], []]


async def test_hostile_text_is_harmless(client: httpx.AsyncClient, staff: Headers) -> None:
    for place in ("assets", "firms", "industries"):
        for q in HOSTILE:
            answer = await client.get(f"/api/v1/{place}", params={"q": q}, headers=staff)
            assert answer.status_code == 200, (place, q, answer.text)
            if not any(item.isalnum() for item in q):
                assert not answer.json().get("features", answer.json().get("items")), (place, q)
        assert (await client.get(f"/api/v1/{place}", params={"q": "厂" * 101}, headers=staff)).status_code == 400


@pytest.mark.parametrize("place", ["assets", "firms", "industries"])
async def test_the_description_says_what_is_understood(client: httpx.AsyncClient, place: str) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    (q,) = [
        parameter
        for parameter in document["paths"][f"/api/v1/{place}"]["get"]["parameters"]
        if parameter["name"] == "q"
    ]

    body = str(q)
    assert "拼音首字母" in body
    assert "initials" in body
