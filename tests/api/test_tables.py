"""Whole selections as tables: what plain readers of GeoJSON and spreadsheets get, and what it costs."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import threading
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pyogrio
import pytest
from litestar import Litestar
from litestar.exceptions.base_exceptions import LitestarException

from api.asset import table_rows
from api.queries import AssetCsvQuery
from api.request import query_of
from api.table import CSV, table_bytes, table_columns
from domain.actor import ANONYMOUS
from domain.fields import ASSET
from ledger.columns import COLUMNS, POINT, STAFF_COLUMNS, title
from store import db as database
from tests.api.story import Headers, box, register
from tests.conftest import Dazu
from texts.lookup import languages

ASSETS, PARKS, REVIVALS = (f"/api/v1/{name}" for name in ("assets", "parks", "revivals"))
HALF_YEAR = "from=2025-01-01&to=2025-06-30"


async def whole_list(client: httpx.AsyncClient, query: str = "", caller: Headers | None = None) -> list[dict[str, Any]]:
    features, url = [], f"{ASSETS}?limit=1000{query and f'&{query}'}"
    while url:
        page = (await client.get(url, headers=caller)).json()
        features += page["features"]
        url = page["links"][0]["href"] if page["links"] else ""
    return features


def sheet_of(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_gdal_reads_every_unit(client: httpx.AsyncClient, conn: asyncpg.Connection) -> None:
    await conn.execute("UPDATE panhuo.asset SET listing = 'published'")
    listed = await whole_list(client)

    first, read = [
        pyogrio.read_dataframe(io.BytesIO((await client.get(place)).content)) for place in (ASSETS, f"{ASSETS}.geojson")
    ]

    assert len(listed) > len(first) == 100, "the list itself is a page"
    assert sorted(read["id"]) == sorted(feature["id"] for feature in listed)
    assert set(read.geometry.geom_type) == {"MultiPolygon"}
    assert set(COLUMNS["asset"]) <= set(read.columns)
    assert {*read["park_code"]} == {"shuangqiao", "dazu-gaoxin", "dazu-gongye", "dazu-wenchuang"}


@pytest.mark.parametrize("login", [None, "demo-shuangqiao"])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "kind=factory&area_m2_min=2000",
        "near=105.77,29.49&radius_m=9000",
        "clear_height_m_min=8&path=lease",
        "q=厂房",
    ],
)
async def test_it_is_the_whole_list_under_the_same_filters(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], query: str, login: str | None
) -> None:
    caller = {} if login is None else keys[login]
    if login is not None:
        facts = {"park_id": park["id"], "level": "building", "code": "D-1", "name": "厂房 D-1", "clear_height_m": 9}
        facts |= {"stated_area": 9000, "stated_area_unit": "m2", "allowed_paths": ["lease"]}
        draft = {"type": "Feature", "geometry": box(park, 0), "properties": facts}
        assert (await client.post(ASSETS, headers=caller, json=draft)).status_code == 201
    listed = await whole_list(client, query, caller)

    answer = await client.get(f"{ASSETS}.geojson?{query}", headers=caller)

    assert len(listed) > 0
    features = answer.json()["features"]
    assert [feature["id"] for feature in features] == sorted(feature["id"] for feature in listed)
    by_id = {feature["id"]: feature for feature in listed}
    for feature in features:
        stated = by_id[feature["id"]]
        assert feature["geometry"] == stated["geometry"]
        assert tuple(feature["properties"]) == (COLUMNS if login is None else STAFF_COLUMNS)["asset"][1:]
        for name, value in stated["properties"].items():
            if name in feature["properties"] and not isinstance(value, list):
                assert feature["properties"][name] == value, name
        for name, value in stated["properties"]["attributes"].items():
            assert feature["properties"][name] == value, name
    assert not any(isinstance(v, list | dict) for feature in features for v in feature["properties"].values())
    lists = [(by_id[f["id"]]["properties"]["allowed_paths"], f["properties"]["allowed_paths"]) for f in features]
    assert all(", ".join(words) == text for words, text in lists)


async def test_columns_are_chosen_and_titled(client: httpx.AsyncClient, park: dict[str, Any]) -> None:
    query = f"kind=factory&park={park['id']}&fields=code,park_code,park_name,rent_yuan_m2_month"
    names = (await client.get(f"{ASSETS}.geojson?{query}")).json()["features"][0]["properties"]
    zh = (await client.get(f"{ASSETS}.geojson?{query}&titles=zh")).json()["features"][0]["properties"]
    en = sheet_of(await client.get(f"{ASSETS}.csv?{query}&titles=en"))

    assert list(names) == ["code", "park_code", "park_name", "rent_yuan_m2_month"]
    assert list(zh) == ["资产编号", "所属园区代码", "所属园区名称", "租金 (元/m²·月)"]
    assert list(zh.values()) == list(names.values())
    assert en[0] == ["Code", "Code of the park", "Name of the park", "Rent (yuan/m² a month)"]
    assert (names["park_code"], names["park_name"]) == ("shuangqiao", park["properties"]["name_zh"])
    assert en[1][2] == park["properties"]["name_en"]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("thing", COLUMNS)
def test_no_two_columns_have_one_title(thing: str, language: str) -> None:
    titles = [title(thing, name, language) for name in COLUMNS[thing]]

    assert len(set(titles)) == len(titles)
    if thing == "asset":
        shown = {name for name, field in ASSET.items() if field.reader == "public"}
        beside = {"park_code", "park_name", "zone_code", "parent_code", "plot_code", *POINT}
        assert set(COLUMNS[thing]) - beside == shown - {"geometry", "attributes"}


async def test_a_sheet_opens_in_spreadsheets_and_computes_nothing(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], tmp_path: Path
) -> None:
    facts = {"level": "building", "name": '=HYPERLINK("http://x")', "source": "一行, 二行", "floor_no": -1}
    unit = await register(client, staff, park, "T-1", box(park, 0), **facts)

    answer = await client.get(f"{ASSETS}.csv?q=T-1&fields=id,code,name,source,floor_no,is_leaf,crane_t&wkt=true")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    head, row = sheet_of(answer)
    assert head == ["id", "code", "name", "source", "floor_no", "is_leaf", "crane_t", "WKT"]
    assert row[:-1] == [unit["id"], "T-1", '\'=HYPERLINK("http://x")', "一行, 二行", "-1", "true", ""]
    assert row[-1].startswith("MULTIPOLYGON(((")
    (tmp_path / "assets.csv").write_bytes(answer.content)
    read = pyogrio.read_dataframe(tmp_path / "assets.csv")
    assert read["code"].iloc[0] == "T-1"
    assert read.geometry.iloc[0].geom_type == "MultiPolygon"


async def test_an_empty_selection_is_a_table_too(client: httpx.AsyncClient) -> None:
    nothing = "area_m2_min=900000000"

    assert (await client.get(f"{ASSETS}.geojson?{nothing}")).json() == {"type": "FeatureCollection", "features": []}
    assert sheet_of(await client.get(f"{ASSETS}.csv?{nothing}&fields=code,name")) == [["code", "name"]]


async def test_parks_and_zones(client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]) -> None:
    zone = {"type": "Feature", "geometry": box(park, 0), "properties": {"code": "z-1", "name_zh": "园中园"}}
    made = await client.post(f"{PARKS}/{park['id']}/zones", headers=keys["demo-shuangqiao"], json=zone)
    assert made.status_code == 201, made.text

    features = {f["id"]: f["properties"] for f in (await client.get(f"{PARKS}.geojson")).json()["features"]}
    rows = sheet_of(await client.get(f"{PARKS}.csv?fields=code,park_code&titles=zh"))

    listed = (await client.get(PARKS)).json()["features"]
    assert set(features) == {feature["id"] for feature in listed}
    assert features[made.json()["id"]]["park_code"] == features[park["id"]]["park_code"] == "shuangqiao"
    assert features[park["id"]]["leading_industries"] == ", ".join(park["properties"]["leading_industries"])
    assert rows[0] == ["园区代码", "所属园区代码"]
    assert ["z-1", "shuangqiao"] in rows


async def test_revivals_are_for_those_who_may_see_the_records(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    own = f"{REVIVALS}.geojson?{HALF_YEAR}&park={park['id']}"
    explained = f"/api/v1/stats/revitalized?{HALF_YEAR}&explain=records"
    answers = [
        await client.get(own),
        await client.get(own, headers=keys["demo-zhiding"]),
        await client.get(f"{REVIVALS}.geojson?{HALF_YEAR}", headers=keys["demo-shuangqiao"]),
        await client.get(own, headers=keys["demo-shuangqiao"]),
        await client.get(f"{REVIVALS}.geojson?{HALF_YEAR}", headers=keys["demo-admin"]),
    ]
    unknown = await client.get(f"{own[:-1]}{'0' if own[-1] != '0' else '1'}", headers=keys["demo-admin"])

    assert [answer.status_code for answer in answers] == [401, 403, 400, 200, 200]
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (404, "park")
    for answer, query in ((answers[3], f"&park={park['id']}"), (answers[4], "")):
        records = (await client.get(explained + query, headers=keys["demo-admin"])).json()["records"]
        features = answer.json()["features"]
        assert sorted(f["properties"]["leaf_id"] for f in features) == sorted(record["leaf_id"] for record in records)
        assert all(feature["geometry"]["type"] == "MultiPolygon" for feature in features)
    land = [f["properties"] for f in answers[4].json()["features"] if f["properties"]["kind"] == "land"]
    assert sum(row["area_mu"] for row in land if row["verdict"] == "counted") == 857
    assert {row["park_code"] for row in land} <= {"shuangqiao", "dazu-gaoxin", "dazu-gongye", "dazu-wenchuang"}
    before = await client.get(f"{own}&as_of=2000-01-01", headers=keys["demo-admin"])
    assert before.json()["features"] == []


async def test_rows_are_read_in_portions_of_one_snapshot(
    client: httpx.AsyncClient, dazu: Dazu, app: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the table: no more rows are in hand than two portions, and a change meanwhile is not seen."""
    monkeypatch.setattr(database, "PORTION", 7)
    conn = await asyncpg.connect(dazu.superuser_url)
    sizes: list[int] = []
    plain = database.portions

    async def watched(*args: Any) -> AsyncIterator[list[Any]]:
        async for rows in plain(*args):
            sizes.append(len(rows))
            if len(sizes) == 1:
                await conn.execute("UPDATE panhuo.asset SET listing = 'withdrawn'")
            yield rows

    monkeypatch.setattr("store.asset_search.portions", watched)
    answer = await client.get(f"{ASSETS}.geojson?fields=listing")
    await conn.close()

    assert sizes == [7] * 12 + [6]
    assert {feature["properties"]["listing"] for feature in answer.json()["features"]} == {"published"}
    assert (await client.get(f"{ASSETS}.geojson")).json()["features"] == []


async def test_a_portion_is_written_while_the_next_one_is_read(dazu: Dazu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PORTION", 40)
    query = query_of(b"fields=code", AssetCsvQuery)
    rows = await table_rows(dazu.db, ANONYMOUS, query)
    requests, has_overlapped, portions = threading.Semaphore(0), list[bool](), rows.portions

    async def watched(*args: Any) -> AsyncIterator[Any]:
        async for portion in portions(*args):
            yield portion
            requests.release()  # the next one is asked for
        requests.release()

    class Slow(CSV.writer):  # type: ignore[name-defined, misc]  # a class that is kept as what makes writers
        def add(self, portion: Any) -> bytes:
            has_overlapped.append(requests.acquire(timeout=5))
            return bytes(super().add(portion))

    columns = table_columns(CSV, rows, query, "zh")
    form = replace(CSV, writer=Slow)
    chunks = [chunk async for chunk in table_bytes(dazu.db, form, replace(rows, portions=watched), columns)]

    assert has_overlapped == [True] * 3
    assert len(b"".join(chunks).splitlines()) == 1 + 90


async def test_a_column_in_which_nothing_stands_keeps_its_rows(client: httpx.AsyncClient) -> None:
    whole = sheet_of(await client.get(f"{ASSETS}.csv"))
    name = next(names[0] for names in zip(*whole, strict=True) if not any(names[1:]))

    answer = await client.get(f"{ASSETS}.xlsx?fields={name}")

    sheet = zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/worksheets/sheet1.xml")
    assert re.findall(rb'<row r="(\d+)"', sheet) == [b"%d" % n for n in range(1, len(whole) + 1)]
    assert sheet.count(b"<c r=") == 1
    assert len(whole) == 91


async def asgi_read(
    app: Litestar, place: str, *, chunks: int, then: Callable[[], None] | None = None
) -> list[dict[str, Any]]:
    """Reads so many chunks of an answer and hangs up, or does what comes then."""
    path, _, query = place.partition("?")
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
             "headers": [(b"host", b"panhuo.test")], "http_version": "1.1", "scheme": "http", "client": ("10.0.0.9", 1),
             "server": ("panhuo.test", 80), "root_path": ""}  # fmt: skip
    messages: list[dict[str, Any]] = []
    enough = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        messages.append(message)
        if sum(message["type"] == "http.response.body" for message in messages) >= chunks:
            (then or enough.set)()
            await asyncio.sleep(3600)

    await asyncio.wait_for(app(scope, receive, send), 20)  # type: ignore[arg-type]
    return messages


async def test_a_reader_that_hangs_up_ends_the_query(
    app: Litestar, dazu: Dazu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PORTION", 7)
    conn = await asyncpg.connect(dazu.superuser_url)
    open_ones = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename <> 'postgres' "
        "AND state <> 'idle'"
    )

    for _ in range(6):  # more than the pool lends for this
        messages = await asgi_read(app, f"{ASSETS}.geojson", chunks=2)
        assert len(messages) == 3, "the head and two portions"

    assert await conn.fetchval(open_ones) == 0
    await conn.close()


async def test_a_service_that_ends_breaks_a_table_off(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part is not taken for the whole: it has no end."""
    monkeypatch.setattr(database, "PORTION", 7)

    with pytest.raises(LitestarException):
        await asgi_read(app, f"{ASSETS}.csv", chunks=2, then=app.state.application_state.streams.ending.set)


async def test_some_connections_are_left_to_others(client: httpx.AsyncClient, dazu: Dazu) -> None:
    async with dazu.db.snapshot(ANONYMOUS), dazu.db.snapshot(ANONYMOUS):
        busy = await client.get(f"{ASSETS}.geojson")
        listed = await client.get(f"{ASSETS}?limit=1")
    after = await client.get(f"{ASSETS}.geojson?fields=code")

    assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
    assert busy.headers["content-type"] == "application/problem+json"
    assert (listed.status_code, after.status_code) == (200, 200)


async def test_the_list_counts_when_it_is_told_to(
    client: httpx.AsyncClient, keys: dict[str, Headers], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = (await client.get(f"{ASSETS}?limit=3")).json()
    counted = (await client.get(f"{ASSETS}?limit=3&count=exact")).json()
    second = (await client.get(counted["links"][0]["href"])).json()

    assert "numberMatched" not in plain
    assert (counted["numberMatched"], counted["numberReturned"], second["numberMatched"]) == (90, 3, 90)
    for query in ("kind=land", "q=厂房", "q=cf", "q=厂房&sort=-area_m2", "q=没有这样的名称"):
        some = (await client.get(f"{ASSETS}?limit=1000&count=exact&{query}")).json()
        assert some["numberMatched"] == some["numberReturned"], query

    from domain.errors import Unavailable

    async def too_slow(*_: Any, **__: Any) -> int:
        raise Unavailable("busy", retry_after_s=1)

    monkeypatch.setattr("api.asset.count", too_slow)
    late = await client.get(f"{ASSETS}?limit=3&count=exact")
    assert (late.status_code, "numberMatched" in late.json(), late.json()["numberReturned"]) == (200, False, 3)


async def test_the_list_of_parks_counts_too(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = (await client.get(PARKS)).json()
    first = (await client.get(f"{PARKS}?limit=2&count=exact")).json()
    second = (await client.get(first["links"][0]["href"])).json()

    assert ("numberMatched" in whole, whole["numberReturned"], len(whole["features"])) == (False, 5, 5)
    for page, returned in ((first, 2), (second, 2)):
        assert (page["numberMatched"], page["numberReturned"], len(page["features"])) == (5, returned, returned)

    from domain.errors import Unavailable

    async def refused(code: str) -> httpx.Response:
        async def count(_: Any) -> int:
            raise Unavailable(code, retry_after_s=1)

        monkeypatch.setattr("store.park.count", count)
        return await client.get(f"{PARKS}?limit=2&count=exact")

    late, away = await refused("busy"), await refused("database_away")
    assert (late.status_code, "numberMatched" in late.json(), late.json()["numberReturned"]) == (200, False, 2)
    assert away.status_code == 503


async def test_the_next_page_stands_in_the_header_too(client: httpx.AsyncClient, staff: Headers) -> None:
    page = await client.get(f"{ASSETS}?limit=3")
    parks = await client.get(f"{PARKS}?limit=1")
    outcomes = await client.get("/api/v1/outcomes?limit=1", headers=staff)
    last = await client.get(f"{ASSETS}?limit=1000")

    assert page.links["next"]["url"] == page.json()["links"][0]["href"]
    assert page.links["next"]["type"] == "application/geo+json"
    assert parks.links["next"]["url"] == parks.json()["links"][0]["href"]
    assert outcomes.links["next"]["url"] == outcomes.json()["next"]
    assert "link" not in last.headers
    assert json.loads(last.content)["links"] == []


@pytest.mark.parametrize(
    "place", [f"{ASSETS}?limit=1", f"{ASSETS}.geojson", f"{ASSETS}?limit=0", "/api/v1/nowhere", "/api/v1/webhooks"]
)
async def test_other_origins_may_read_and_never_with_credentials(client: httpx.AsyncClient, place: str) -> None:
    origin = {"Origin": "https://map.example"}
    for method in ("GET", "HEAD"):
        answer = await client.request(method, place, headers=origin)
        assert answer.headers["access-control-allow-origin"] == "*", (method, answer.status_code)
        assert "access-control-allow-credentials" not in answer.headers
    assert "Link" in answer.headers["access-control-expose-headers"]


async def test_other_origins_may_not_write(client: httpx.AsyncClient) -> None:
    origin = {"Origin": "https://map.example", "Access-Control-Request-Headers": "x-api-key"}
    read = await client.options(ASSETS, headers=origin | {"Access-Control-Request-Method": "GET"})
    write = await client.options(ASSETS, headers=origin | {"Access-Control-Request-Method": "POST"})
    posted = await client.post(ASSETS, headers=origin, json={})

    assert (read.status_code, read.headers["access-control-allow-origin"]) == (204, "*")
    assert read.headers["access-control-allow-methods"] == "GET, HEAD"
    assert "X-API-Key" in read.headers["access-control-allow-headers"]
    for answer in (write, posted):
        assert not any(name.startswith("access-control") for name in answer.headers)
