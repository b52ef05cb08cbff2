"""Every trade of GB/T 4754-2017 can be stated, by whoever states trades, in new databases and in old ones."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import pytest

from fixtures.load import load_reference
from tests.api.story import NEED, Headers, box, register
from tests.conftest import Dazu

#: Warehousing, software, research and testing, road haulage: none of them makes anything.
TRADES = ["5990", "6513", "7320", "5431"]


@pytest.mark.parametrize("code", TRADES)
async def test_a_firm_that_makes_nothing_states_its_trade(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any], code: str
) -> None:
    firm = {"name": f"示例企业{code}", "industry_code": code}
    added = await client.post("/api/v1/firms", headers=staff, json=firm)
    need = await client.post("/api/v1/demands", headers=keys["demo-zhiding"], json=NEED | {"product_codes": [code]})
    unit = await register(client, staff, park, f"T-{code}", box(park, 0), level="plot", allowed_industries=[code])
    ranked = await client.post("/api/v1/rankings", json=NEED | {"product_codes": [code]})

    assert (added.status_code, need.status_code, ranked.status_code) == (201, 201, 200), added.text + need.text
    assert unit["properties"]["allowed_industries"] == [code]


async def test_trades_are_found_by_what_is_typed(client: httpx.AsyncClient) -> None:
    for typed, code in (("其他仓储业", "5990"), ("yingyongruanjian", "6513"), ("yyrjkf", "6513"), ("7320", "7320")):
        answer = await client.get("/api/v1/industries", params={"q": typed})
        assert code in [item["code"] for item in answer.json()["items"]], typed
    assert (await client.get("/api/v1/industries", params={"q": "其他仓储业"})).json()["items"][0]["code"] in (
        "599",
        "5990",
    )


async def test_a_database_of_an_earlier_release_gets_what_it_lacks(
    client: httpx.AsyncClient, dazu: Dazu, conn: asyncpg.Connection
) -> None:
    await conn.execute(
        """DELETE FROM panhuo.industry WHERE level = 4 AND left(code, 2) NOT BETWEEN '13' AND '43' AND code <> '1020'
             AND NOT EXISTS (SELECT FROM panhuo.firm WHERE industry_code = code)"""
    )
    before = await conn.fetchval("SELECT count(*) FROM panhuo.industry")

    await load_reference(dazu.db)

    loaded = "SELECT (body::json ->> 'count')::int FROM panhuo.event WHERE act = 'industries.loaded' ORDER BY rev"
    counts = [row[0] for row in await conn.fetch(loaded)]
    assert (await conn.fetchval("SELECT count(*) FROM panhuo.industry"), counts) == (1971, [1971, 1971 - before])
    assert (await client.get("/api/v1/industries", params={"q": "7320"})).json()["items"][0]["code"] == "7320"
