"""What tests over HTTP share: a park and its staff, a hall a firm was shown, a district to ask everything of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from tests.api.district import District
from tests.api.receiver import receiving
from tests.api.story import Headers, box, firm_of, register, state_need
from tests.conftest import Dazu


@pytest.fixture
async def park(client: httpx.AsyncClient) -> dict[str, Any]:
    """The park 双桥经开区."""
    parks = (await client.get("/api/v1/parks")).json()["features"]
    return next(park for park in parks if park["properties"]["code"] == "shuangqiao")


@pytest.fixture
def staff(keys: dict[str, Headers]) -> Headers:
    return keys["demo-shuangqiao"]


@pytest_asyncio.fixture(loop_scope="session")
async def conn(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection: every row there is."""
    conn = await asyncpg.connect(dazu.superuser_url)
    yield conn
    await conn.close()


@pytest.fixture
async def hall(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> dict[str, Any]:
    facts = {"stated_area": 1800, "stated_area_unit": "m2", "clear_height_m": 9, "rent_yuan_m2_month": 9}
    return await register(client, staff, park, "I-1", box(park, 0), level="building", power_kva=400, **facts)


@pytest.fixture
async def shown(client: httpx.AsyncClient, keys: dict[str, Headers], hall: dict[str, Any]) -> dict[str, Any]:
    """A ranking of the firm's that shows the hall."""
    demand_id = await state_need(client, keys["demo-zhiding"], listing="published")
    made = await client.post(f"/api/v1/demands/{demand_id}/rankings?limit=100", headers=keys["demo-zhiding"])
    assert hall["id"] in made.text
    ranking: dict[str, Any] = made.json()
    return ranking


@pytest_asyncio.fixture(loop_scope="session")
async def district(
    app: Litestar, client: httpx.AsyncClient, keys: dict[str, Headers], dazu: Dazu
) -> AsyncIterator[District]:
    """The district, and a receiver of its webhooks on loopback."""
    state = app.state.application_state
    app.state.application_state = replace(state, settings=replace(state.settings, webhook_allow_private=True))
    parks = (await client.get("/api/v1/parks")).json()["features"]
    park = next(park for park in parks if park["properties"]["code"] == "shuangqiao")
    document = (await client.get("/api/v1/openapi.json")).json()
    async with receiving() as receiver:
        firm_id = await firm_of(client, keys)
        yield District(client, keys, dazu.accounts, document, park, firm_id, receiver.url, app.state.application_state)
