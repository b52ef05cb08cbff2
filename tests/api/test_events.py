"""The feed: every event once and in order, whatever writers, readers and connections do; and for whom."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from litestar import Litestar

from actions.authorization import new_id
from api import feed, streams
from domain.actor import SYSTEM
from store.db import Database
from tests.api.listener import listening
from tests.api.story import Headers
from tests.conftest import Dazu

ROUTE = "/api/v1/events"


async def park_ids(client: httpx.AsyncClient) -> list[str]:
    parks = (await client.get("/api/v1/parks")).json()["features"]
    return sorted(park["id"] for park in parks if park["properties"].get("zone_of") is None)


async def act(db: Database, scope: str, *, events: int = 1, hold_s: float = 0.0, fails: bool = False) -> None:
    """An act of so many events that holds its transaction open; one that fails leaves nothing."""
    try:
        async with db.write(SYSTEM, UUID(scope)) as doing:
            await doing.fix_instant()
            await asyncio.sleep(hold_s)
            for _ in range(events):
                doing.did("park.turned_over", "park", UUID(scope))
            if fails:
                raise KeyError("rolled back")
    except KeyError:
        pass


async def written(dazu: Dazu, scopes: list[str], after: dict[str, int]) -> list[str]:
    """The ids of all events in the database behind these revs, in order within a park."""
    conn = await asyncpg.connect(dazu.superuser_url)
    try:
        rows = await conn.fetch(
            "SELECT scope_id, rev, n FROM panhuo.event WHERE scope_id = ANY ($1::uuid[]) ORDER BY scope_id, rev, n",
            [UUID(scope) for scope in scopes],
        )
    finally:
        await conn.close()
    return [f"{row[0]}-{row[1]}-{row[2]}" for row in rows if row[1] > after[str(row[0])]]


def by_park(reports: list[dict[str, Any]]) -> list[str]:
    """Ids as they came within each park, park after park."""
    parks = defaultdict(list)
    for event in reports:
        parks[event["park_id"]].append(event["id"])
    return [park for park_id in sorted(parks) for park in parks[park_id]]


async def heads(dazu: Dazu, scopes: list[str]) -> dict[str, int]:
    async with dazu.db.system() as conn:
        rows = await conn.fetch(
            "SELECT scope_id, rev FROM panhuo.head WHERE scope_id = ANY ($1)", list(map(UUID, scopes))
        )
    return {str(row[0]): row[1] for row in rows}


async def test_pages_meet_every_event_once_and_lead_to_what_they_name(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    place, facts = f"{ROUTE}?park={park['id']}&limit=37", []
    while place is not None:
        page = (await client.get(place, headers=staff)).json()
        facts += page["items"]
        place = page["next"]

    assert [fact["id"] for fact in facts] == await written(dazu, [park["id"]], {park["id"]: 0})
    assert len(facts) > 100
    for item in {fact["act"]: fact for fact in facts}.values():
        read = await client.get(item["href"], headers=staff)
        assert read.status_code == 200, item
        assert read.json()["id"] == item["subject_id"]
    first = facts[0]
    assert set(first) == {
        "id", "park_id", "rev", "n", "at", "act", "subject_kind", "subject_id", "href", "actor_id"
    }  # fmt: skip
    assert (first["park_id"], first["rev"], first["n"]) == (park["id"], 1, 1)
    await act(dazu.db, park["id"])
    later = (await client.get(f"{ROUTE}?park={park['id']}&after={page['position']}", headers=staff)).json()
    assert [item["act"] for item in later["items"]] == ["park.turned_over"]


async def test_a_stream_loses_nothing_under_writers_that_overlap_and_readers_that_come_back(
    app: Litestar, client: httpx.AsyncClient, dazu: Dazu, keys: dict[str, Headers]
) -> None:
    """Two parks, writers that hold, fail and cross; a reader that hangs up again and again, in the middle of acts."""
    scopes, chance = await park_ids(client), random.Random(7)
    before = await heads(dazu, scopes)
    facts: list[dict[str, Any]] = []

    async def writer() -> None:
        for _ in range(12):
            hold_s = chance.random() * 0.05
            await act(dazu.db, chance.choice(scopes), events=chance.randint(1, 3), hold_s=hold_s, fails=hold_s > 0.04)

    text, headers = f"park={','.join(scopes)}", keys["demo-admin"]
    async with listening(app, headers, text) as listener:
        position = listener.position
    writing = asyncio.gather(*(writer() for _ in range(6)))
    ended = False
    async with asyncio.timeout(120):  # an event that is lost would be waited for without end
        while not ended or len(facts) < len(await written(dazu, scopes, before)):
            async with listening(app, headers | {"Last-Event-ID": position}, text) as listener:
                await asyncio.wait([asyncio.ensure_future(listener.until(chance.randint(1, 9), 2))])
            facts, position = facts + listener.events, listener.position
            ended = writing.done()
    await writing

    assert by_park(facts) == await written(dazu, scopes, before)
    assert len(facts) > 60


async def test_an_act_of_many_events_is_cut_and_goes_on_in_its_middle(
    app: Litestar, client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: dict[str, Any]
) -> None:
    async with listening(app, staff) as listener:
        await act(dazu.db, park["id"], events=1000)
        whole = [item["n"] for item in await listener.until(1000)]
    middle = (await client.get(f"{ROUTE}?limit=1000", headers=staff)).json()
    assert whole == list(range(1, 1001))
    while not (middle["items"] and middle["items"][-1]["n"] > 1):
        middle = (await client.get(f"{ROUTE}?limit=1000&after={middle['position']}", headers=staff)).json()
    rest = (await client.get(f"{ROUTE}?limit=1000&after={middle['position']}", headers=staff)).json()
    assert rest["items"][0]["n"] == middle["items"][-1]["n"] + 1


async def test_a_stream_begins_now_and_says_how_to_come_back(
    app: Litestar,
    client: httpx.AsyncClient,
    dazu: Dazu,
    staff: Headers,
    park: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed, "HEARTBEAT_S", 0.05)
    async with listening(app, staff) as listener:
        async with asyncio.timeout(10):
            while listener.beats < 3:
                await asyncio.sleep(0.02)
        assert (listener.retry, listener.events) == ("3000", [])
        now = (await client.get(f"{ROUTE}?after=now", headers=staff)).json()["position"]
        assert listener.position == now
        await act(dazu.db, park["id"])
        assert [item["act"] for item in await listener.until(1)] == ["park.turned_over"]


async def test_a_bell_that_was_lost_is_made_anew_and_nothing_with_it(
    app: Litestar, dazu: Dazu, staff: Headers, park: dict[str, Any]
) -> None:
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
    async with listening(app, staff) as listener:
        await act(dazu.db, park["id"])
        await listener.until(1)
        conn = await asyncpg.connect(dazu.superuser_url)
        await conn.fetch(kill, dazu.name)
        await conn.close()
        for _ in range(20):  # the writer's own connections were cut as well
            try:
                await act(dazu.db, park["id"])
                break
            except Exception:
                await asyncio.sleep(0.1)
        await listener.until(2)
        await asyncio.sleep(1.5)
        await act(dazu.db, park["id"])
        events = await listener.until(3, within_s=2)  # far below the heartbeat: the signal came
        assert not listener.has_ended
    assert len({event["id"] for event in events}) == 3


async def test_a_restore_is_told_as_gone(client: httpx.AsyncClient, dazu: Dazu, staff: Headers) -> None:
    held = (await client.get(f"{ROUTE}?after=now", headers=staff)).json()["position"]
    assert (await client.get(f"{ROUTE}?after={held}", headers=staff)).status_code == 200
    conn = await asyncpg.connect(dazu.superuser_url)
    await conn.execute("UPDATE panhuo.instance SET epoch = gen_random_uuid()")
    await conn.close()

    page = await client.get(f"{ROUTE}?after={held}", headers=staff)
    assert page.status_code == 410  # a stream that is let in would not end
    stream = await client.get(ROUTE, headers=staff | {"Accept": "text/event-stream", "Last-Event-ID": held})

    for answer in (page, stream):
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (410, "feed_restarted")
        assert "after=now" in answer.json()["detail"]


async def test_a_position_ahead_of_the_database_is_gone_too(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: dict[str, Any]
) -> None:
    await act(dazu.db, park["id"])
    held = (await client.get(f"{ROUTE}?after=now", headers=staff)).json()["position"]
    conn = await asyncpg.connect(dazu.superuser_url)
    await conn.execute("UPDATE panhuo.head SET rev = rev - 1 WHERE scope_id = $1", UUID(park["id"]))
    await conn.close()

    assert (await client.get(f"{ROUTE}?after={held}", headers=staff)).status_code == 410


async def test_a_park_the_position_does_not_know_begins_as_without_one(
    app: Litestar, client: httpx.AsyncClient, dazu: Dazu, keys: dict[str, Headers]
) -> None:
    here, there, *_ = await park_ids(client)
    admin = keys["demo-admin"]
    held = (await client.get(f"{ROUTE}?park={here}&after=now", headers=admin)).json()["position"]

    page = (await client.get(f"{ROUTE}?park={here},{there}&after={held}&limit=1000", headers=admin)).json()["items"]
    async with listening(app, admin | {"Last-Event-ID": held}, f"park={here},{there}") as listener:
        await act(dazu.db, there)
        events = await listener.until(1)

    assert [item["id"] for item in page] == (await written(dazu, [there], {there: 0}))[:-1]
    assert [event["act"] for event in events] == ["park.turned_over"]


async def test_the_description_tells_of_the_stream(client: httpx.AsyncClient) -> None:
    facts = (await client.get("/api/v1/openapi.json")).json()["paths"][ROUTE]["get"]

    assert "text/event-stream" in facts["responses"]["200"]["content"]
    assert [parameter["name"] for parameter in facts["parameters"]] == ["park", "after", "limit", "Last-Event-ID"]


async def test_rights(client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]) -> None:
    scopes = await park_ids(client)
    other = next(scope for scope in scopes if scope != park["id"])
    firm, own, admin = keys["demo-zhiding"], keys["demo-shuangqiao"], keys["demo-admin"]

    async def code(headers: Headers, query: str) -> tuple[int, str]:
        for accept in ("application/json", "text/event-stream"):
            answer = await client.get(f"{ROUTE}?{query}", headers=headers | {"Accept": accept})
            first = answer.json()["errors"][0]
        return answer.status_code, first["code"]

    assert await code({}, "") == (401, "sign_in")
    assert await code(own, f"park={other}") == (403, "not_yours")
    assert await code(own, f"park={park['id']},{other}") == (403, "not_yours")
    assert await code(firm, f"park={park['id']}") == (403, "not_yours")
    assert await code(admin, "") == (400, "missing")
    assert await code(admin, f"park={new_id()}") == (404, "no_such_park")
    assert await code(admin, "park=x") == (400, "wrong_type")
    assert await code(admin, "park=" + ",".join(str(new_id()) for _ in range(51))) == (400, "too_many_items")
    assert await code(own, "after=AAAA") == (400, "position")
    assert await code(own, "colour=red") == (400, "unknown_parameter")
    both = (await client.get(f"{ROUTE}?limit=1000&park={','.join(scopes)}", headers=admin)).json()
    assert {item["park_id"] for item in both["items"]} == set(scopes)


async def test_a_firm_follows_itself_and_learns_no_account(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    firm = keys["demo-zhiding"]
    firm_id = (await client.get("/api/v1/auth/me", headers=firm)).json()["firm_id"]

    items = (await client.get(ROUTE, headers=firm)).json()["items"]

    assert {item["firm_id"] for item in items} == {firm_id}
    assert {"demand.posted"} <= {item["act"] for item in items}
    assert all("actor_id" not in item and "park_id" not in item and "body" not in item for item in items)
    for item in items:
        assert (await client.get(item["href"], headers=firm)).status_code == 200, item


async def test_a_right_taken_away_ends_the_stream(
    app: Litestar,
    client: httpx.AsyncClient,
    dazu: Dazu,
    staff: Headers,
    park: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert streams.RECHECK_S + feed.HEARTBEAT_S <= 60
    monkeypatch.setattr(streams, "RECHECK_S", 0.2)
    monkeypatch.setattr(feed, "HEARTBEAT_S", 0.1)
    made = (await client.post("/api/v1/auth/keys", headers=staff, json={"label": "feed"})).json()
    async with listening(app, {"X-API-Key": made["key"]}) as listener, listening(app, staff) as kept:
        await asyncio.sleep(0.5)
        assert not listener.has_ended
        await client.delete(f"/api/v1/auth/keys/{made['id']}", headers=staff)
        await listener.ended()
        assert not kept.has_ended
        conn = await asyncpg.connect(dazu.superuser_url)
        await conn.execute("DELETE FROM panhuo.account_park WHERE park_id = $1", UUID(park["id"]))
        await conn.close()
        await kept.ended()


async def test_so_many_streams_and_no_more(
    app: Litestar,
    client: httpx.AsyncClient,
    staff: Headers,
    keys: dict[str, Headers],
    park: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "MOST_PER_CALLER", 2)
    monkeypatch.setattr(streams, "MOST", 3)
    as_stream = {"Accept": "text/event-stream"}
    async with listening(app, staff), listening(app, staff):
        third = await client.get(ROUTE, headers=staff | as_stream)
        assert (third.status_code, third.headers["retry-after"]) == (429, "15")
        async with listening(app, keys["demo-zhiding"]):
            other = await client.get(f"{ROUTE}?park={park['id']}", headers=keys["demo-admin"] | as_stream)
            assert (other.status_code, other.headers["retry-after"]) == (503, "15")
    async with listening(app, staff) as listener:  # hung up, the places were free again
        assert (listener.status, listener.headers["content-type"]) == (200, "text/event-stream")


async def test_streams_end_with_the_service(app: Litestar, staff: Headers) -> None:
    async with listening(app, staff) as listener:
        app.state.application_state.streams.ending.set()
        await listener.ended()
