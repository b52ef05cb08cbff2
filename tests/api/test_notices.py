"""A firm hears of a newly published unit that would stand among its first ten: once, and of nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest

from actions import notice
from actions.notice import notify_firms
from actions.snapshot_cache import SnapshotCache
from tests.api.story import Headers, box, register, state_need
from tests.api.test_interests import FIRM
from tests.conftest import TODAY, Dazu

HALL = {"stated_area": 1800, "stated_area_unit": "m2", "clear_height_m": 9, "rent_yuan_m2_month": 9, "power_kva": 400}


async def notify_all(dazu: Dazu, cache: SnapshotCache) -> int:
    """Rounds until nothing is left to look at."""
    facts, conn = 0, await asyncpg.connect(dazu.superuser_url)
    try:
        while True:
            facts += await notify_firms(dazu.db, cache, today=TODAY)
            if not await conn.fetchval("SELECT is_running FROM panhuo.notice_round"):
                return facts
    finally:
        await conn.close()


async def matches(client: httpx.AsyncClient, firm: Headers) -> list[dict[str, Any]]:
    items = (await client.get("/api/v1/events?limit=1000", headers=firm)).json()["items"]
    return [item for item in items if item["act"] == "demand.new_match"]


async def events_of(client: httpx.AsyncClient, firm: Headers) -> list[dict[str, Any]]:
    return [match["details"] for match in await matches(client, firm)]


async def test_told_once_of_what_would_stand_among_the_first(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any], dazu: Dazu
) -> None:
    firm, cache = keys[FIRM], SnapshotCache(dazu.db)
    demand_id = await state_need(client, firm, listing="published")
    await state_need(client, firm, title="private")  # a draft: nothing is told of it
    await notify_all(dazu, cache)
    before = len(await events_of(client, firm))

    hall = await register(client, staff, park, "N-1", box(park, 0), level="building", **HALL)
    await register(client, staff, park, "N-2", box(park, 1), level="building", **HALL | {"clear_height_m": 3})
    await register(client, staff, park, "N-3", box(park, 2), level="plot")
    await notify_all(dazu, cache)

    ranked = (await client.post(f"/api/v1/demands/{demand_id}/rankings?limit=10", headers=firm)).json()
    order = [result["asset_ids"][0] for result in ranked["lists"]["factory"]["results"]]
    news = [item for item in (await events_of(client, firm))[before:] if item["asset_id"] == hall["id"]]
    assert (
        news
        == [
            {
                "asset_id": hall["id"],
                "kind": "factory",
                "place": order.index(hall["id"]) + 1,
                "status": ranked["lists"]["factory"]["results"][order.index(hall["id"])]["status"],
                "demand_version": 1,
            }
        ]
        or len(news) > 1
    )
    assert {item["asset_id"] for item in (await events_of(client, firm))[before:]} == {hall["id"]}

    notified = [
        match["subject_id"] for match in await matches(client, firm) if match["details"]["asset_id"] == hall["id"]
    ]
    assert (len(notified), len(set(notified))) == (len(news), len(news))  # each need once
    assert demand_id in notified
    changed = await client.patch(
        f"/api/v1/assets/{hall['id']}", headers=staff | {"If-Match": "*"}, json={"properties": {"name": "N-1b"}}
    )
    assert changed.status_code == 200
    for act in ("withdraw", "publish"):
        assert (
            await client.post(f"/api/v1/assets/{hall['id']}/{act}", headers=staff | {"If-Match": "*"})
        ).status_code == 200
    assert await notify_all(dazu, cache) == 0
    assert await notify_firms(dazu.db, cache, today=TODAY) == 0


async def test_two_workers_that_fall_down_tell_nothing_twice_and_leave_nothing_out(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    staff: Headers,
    park: dict[str, Any],
    dazu: Dazu,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    firm, caches = keys[FIRM], [SnapshotCache(dazu.db), SnapshotCache(dazu.db)]
    needs = [await state_need(client, firm, listing="published", title=f"need {n}") for n in range(5)]
    await notify_all(dazu, caches[0])
    before = len(await events_of(client, firm))
    hall = await register(client, staff, park, "N-4", box(park, 3), level="building", **HALL)
    monkeypatch.setattr(notice, "MOST_DEMANDS", 2)
    tell = notice._notify
    calls = 0

    async def falls_down(*values: Any) -> int:
        nonlocal calls
        calls += 1
        if calls in (2, 4):
            raise RuntimeError("killed")
        return await tell(*values)

    monkeypatch.setattr(notice, "_notify", falls_down)
    for _ in range(60):
        await asyncio.gather(*(notify_firms(dazu.db, cache, today=TODAY) for cache in caches), return_exceptions=True)

    conn = await asyncpg.connect(dazu.superuser_url, server_settings={"search_path": "panhuo, public"})
    rows = await conn.fetch("SELECT demand_id::text FROM match_notice WHERE asset_id = $1", hall["id"])
    await conn.close()
    assert calls > 4
    assert {row[0] for row in rows} >= set(needs)
    news = [item for item in (await events_of(client, firm))[before:] if item["asset_id"] == hall["id"]]
    own = await client.get("/api/v1/demands?limit=1000", headers=firm)
    mine = {item["id"] for item in own.json()["items"]}
    assert len(news) == len([row for row in rows if row[0] in mine])
