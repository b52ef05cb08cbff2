"""Webhooks: no event lost and none out of order whatever the receiver does, signed, and only for those who may."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from actions import webhook_delivery, webhook_request
from actions.daily_update import run_daily_update
from actions.webhook_delivery import deliver_due, deliver_for_ever
from ops.settings import read
from tests.api.receiver import Receiver, is_signed, receiving
from tests.api.story import Headers
from tests.api.test_events import act, heads, park_ids, written
from tests.conftest import TODAY, Dazu

ROUTE = "/api/v1/webhooks"


@pytest.fixture(autouse=True)
def private(app: Litestar) -> None:
    """The test's receivers are on loopback."""
    state = app.state.application_state
    settings = read({"DATABASE_URL": state.settings.database_url, "PANHUO_WEBHOOK_ALLOW_PRIVATE": "true"})
    app.state.application_state = type(state)(state.db, state.snapshot_cache, settings, state.limits, state.streams)


@pytest.fixture(autouse=True)
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short waits, and yet time for an answer on a busy machine."""
    monkeypatch.setattr(webhook_request, "TIMEOUT_S", 2)
    monkeypatch.setattr(webhook_delivery, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(webhook_delivery, "LONGEST_PAUSE_S", 0.1)


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def none_yet(dazu: Dazu) -> None:
    """The demo has a webhook of its own."""
    await run(dazu, "DELETE FROM panhuo.webhook")


async def added(client: httpx.AsyncClient, headers: Headers, park_id: str | None, to: Receiver) -> dict[str, Any]:
    body = {"url": to.url, "label": "测试"} | ({} if park_id is None else {"park_id": park_id})
    answer = await client.post(ROUTE, headers=headers, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def delivered(dazu: Dazu, receiver: Receiver, count: int, within_s: float = 20) -> list[str]:
    """Works until the receiver has accepted so many events."""
    async with asyncio.timeout(within_s):
        while len(receiver.ids()) < count:
            await deliver_due(dazu.db, allow_private=True)
            await asyncio.sleep(0.02)
    return receiver.ids()


async def run(dazu: Dazu, statement: str, *arguments: Any) -> None:
    conn = await asyncpg.connect(dazu.superuser_url)
    await conn.execute(statement, *arguments)
    await conn.close()


async def test_a_receiver_that_fails_in_every_way_gets_all_events_in_order(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: dict[str, Any]
) -> None:
    wrong = (
        "500 Oops",
        "silence",
        "302 Found\r\nLocation: http://127.0.0.1:1/",
        "429 Slow\r\nRetry-After: 0",
        "404 No",
    )
    async with receiving(*wrong, "200 OK", "503 Busy", "204 No Content") as receiver:
        before = await heads(dazu, [park["id"]])
        made = await added(client, staff, park["id"], receiver)
        await act(dazu.db, park["id"], events=120)
        await act(dazu.db, park["id"], fails=True)
        await act(dazu.db, park["id"], events=2)
        events = await delivered(dazu, receiver, 123)
        read_back = (await client.get(f"{ROUTE}/{made['id']}", headers=staff)).json()

    assert events == await written(dazu, [park["id"]], before)
    first_bodies = {body for _, _, body in receiver.got[: len(wrong) + 1]}
    assert len(first_bodies) == 1  # a repetition is the same message
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got[: len(wrong) + 1]}) == 1
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 3
    for line, headers, body in receiver.got:
        assert line == "POST /hook?a=1 HTTP/1.1"
        assert is_signed(headers, body, made["secret"])
        assert not is_signed(headers, body + b" ", made["secret"])
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
        assert len(body) < 20_000
    assert (read_back["state"], read_back["attempts"], read_back["last_result"]) == ("active", 0, "accepted")
    assert "secret" not in read_back


async def test_several_workers_send_nothing_twice_and_a_slow_receiver_holds_up_no_other(
    client: httpx.AsyncClient, dazu: Dazu, keys: dict[str, Headers]
) -> None:
    here, there, *_ = await park_ids(client)
    async with receiving() as quick, receiving() as slow:
        slow.takes_s = 0.3
        before = await heads(dazu, [here, there])
        await added(client, keys["demo-admin"], here, quick)
        await added(client, keys["demo-admin"], there, slow)
        working = [asyncio.create_task(deliver_for_ever(dazu.db, allow_private=True)) for _ in range(3)]
        for _ in range(8):
            await asyncio.gather(act(dazu.db, here), act(dazu.db, there))
        async with asyncio.timeout(20):
            while len(quick.ids()) < 9:
                await asyncio.sleep(0.01)
            slow_by_then = len(slow.ids())
            while len(slow.ids()) < 9:
                await asyncio.sleep(0.01)
        for task in working:
            task.cancel()
        await asyncio.wait(working)

    assert slow_by_then < 9
    assert quick.ids() + slow.ids() == await written(dazu, [here], before) + await written(dazu, [there], before)
    assert (quick.most_busy, slow.most_busy) == (1, 1)


async def test_a_worker_that_dies_while_it_sends_loses_nothing(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving("200 OK") as receiver:
        receiver.takes_s = 0.4
        before = await heads(dazu, [park["id"]])
        made = await added(client, staff, park["id"], receiver)
        batch = await webhook_delivery.webhook.claim(dazu.db, 50, webhook_delivery.LEASE)
        assert batch is not None
        dying = asyncio.create_task(webhook_delivery._deliver(dazu.db, batch, True, ""))
        await asyncio.sleep(0.2)  # sent, not yet answered
        dying.cancel()
        await asyncio.wait([dying])
        await act(dazu.db, park["id"])
        assert await deliver_due(dazu.db, allow_private=True) == 0  # the lease of the dead holds
        await run(dazu, "UPDATE panhuo.webhook SET leased_until = now()")
        await delivered(dazu, receiver, 2)
        assert await webhook_delivery.webhook.accepted(dazu.db, batch) is False  # who lost the lease settles nothing

    first, again = receiver.got[:2]
    assert first[1]["webhook-id"] == again[1]["webhook-id"]
    assert first[2] == again[2]
    assert list(dict.fromkeys(receiver.ids())) == await written(dazu, [park["id"]], before)
    assert made["state"] == "active"


async def test_three_days_of_failure_pause_it_and_a_test_lets_it_go_on(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: dict[str, Any]
) -> None:
    async with receiving("500 Oops") as receiver:
        before = await heads(dazu, [park["id"]])
        made = await added(client, staff, park["id"], receiver)
        place = f"{ROUTE}/{made['id']}"
        await deliver_due(dazu.db, allow_private=True)
        failing = (await client.get(place, headers=staff)).json()
        assert (failing["state"], failing["last_result"]) == ("failing", "failed")
        await run(
            dazu, "UPDATE panhuo.webhook SET failing_since = now() - interval '71 hours', next_attempt_at = now()"
        )
        await deliver_due(dazu.db, allow_private=True)
        assert (await client.get(place, headers=staff)).json()["state"] == "failing"
        await run(
            dazu, "UPDATE panhuo.webhook SET failing_since = now() - interval '73 hours', next_attempt_at = now()"
        )
        await deliver_due(dazu.db, allow_private=True)
        paused = (await client.get(place, headers=staff)).json()
        assert (paused["state"], paused["pause_reason"]) == ("paused", "failing")
        sent = len(receiver.got)
        await run(dazu, "UPDATE panhuo.webhook SET next_attempt_at = now()")
        await deliver_due(dazu.db, allow_private=True)
        assert len(receiver.got) == sent

        tried = await client.post(f"{place}/test", headers=staff)
        assert tried.json() == {"id": made["id"], "result": "failed", "resumed": False}
        assert (await client.get(place, headers=staff)).json()["state"] == "paused"
        receiver.says = ["200 OK"]
        tried = await client.post(f"{place}/test", headers=staff)
        assert tried.json() == {"id": made["id"], "result": "accepted", "resumed": True}
        assert is_signed(*receiver.got[-1][1:], made["secret"])
        facts = await delivered(dazu, receiver, 5)

    assert facts == await written(dazu, [park["id"]], before)
    events = (await client.get(f"/api/v1/events?after=start&limit=1000&park={park['id']}", headers=staff)).json()[
        "items"
    ]
    assert [event["act"] for event in events[-5:]] == [
        "webhook.added", "webhook.paused", "webhook.tested", "webhook.tested", "webhook.resumed"
    ]  # fmt: skip


@pytest.mark.parametrize(("says", "reason"), [("410 Gone", "gone")])
async def test_a_receiver_that_is_gone_is_paused_at_once(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: dict[str, Any], says: str, reason: str
) -> None:
    async with receiving(says) as receiver:
        made = await added(client, staff, park["id"], receiver)
        await deliver_due(dazu.db, allow_private=True)

    assert (await client.get(f"{ROUTE}/{made['id']}", headers=staff)).json()["pause_reason"] == reason


async def test_nothing_is_sent_once_its_account_has_lost_the_right(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    async with receiving() as receiver:
        made = await added(client, staff, park["id"], receiver)
        await run(dazu, "DELETE FROM panhuo.account_park WHERE park_id = $1", UUID(park["id"]))
        await deliver_due(dazu.db, allow_private=True)

        assert receiver.got == []
        shown = await client.get(f"{ROUTE}/{made['id']}", headers=keys["demo-admin"])
        assert (shown.json()["state"], shown.json()["pause_reason"]) == ("paused", "rights")
        assert (await client.get(f"{ROUTE}/{made['id']}", headers=staff)).status_code == 404
        await client.post(f"{ROUTE}/{made['id']}/test", headers=keys["demo-admin"])  # who tests it vouches for it
        assert len(await delivered(dazu, receiver, 4)) == 4


async def test_a_rotated_secret_signs_beside_the_old_one_for_a_day(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: dict[str, Any]
) -> None:
    async with receiving() as receiver:
        made = await added(client, staff, park["id"], receiver)
        once = {"Idempotency-Key": "rotate-1"}
        turned = await client.post(f"{ROUTE}/{made['id']}/secret", headers=staff | once)
        again = await client.post(f"{ROUTE}/{made['id']}/secret", headers=staff | once)
        assert turned.json()["secret"] != made["secret"]
        assert again.json() == {**turned.json(), "secret": None}
        await delivered(dazu, receiver, 2)
        _, headers, body = receiver.got[-1]
        assert is_signed(headers, body, turned.json()["secret"])
        assert is_signed(headers, body, made["secret"])

        await run(dazu, "UPDATE panhuo.webhook_secret SET created_at = created_at - interval '25 hours'")
        await act(dazu.db, park["id"])
        await delivered(dazu, receiver, 3)
        _, headers, body = receiver.got[-1]
        assert is_signed(headers, body, turned.json()["secret"])
        assert not is_signed(headers, body, made["secret"])
        await run_daily_update(dazu.db, today=TODAY)
        conn = await asyncpg.connect(dazu.superuser_url)
        assert await conn.fetchval("SELECT count(*) FROM panhuo.webhook_secret") == 1
        await conn.close()


async def test_secrets_are_read_by_the_service_alone(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: dict[str, Any]
) -> None:
    async with receiving() as receiver:
        made = await added(client, staff, park["id"], receiver)
    me = (await client.get("/api/v1/auth/me", headers=staff)).json()
    conn = await asyncpg.connect(dazu.url, server_settings={"role": "panhuo_app", "search_path": "panhuo,public"})
    count = "SELECT count(*) FROM webhook_secret"
    for role, seen in (("staff", 0), ("admin", 0), ("system", 1)):
        async with conn.transaction():
            for name, value in (
                ("park_ids", park["id"]),
                ("scope_id", park["id"]),
                ("role", role),
                ("actor_id", me["id"]),
            ):
                await conn.execute("SELECT set_config($1, $2, true)", f"app.{name}", value)
            assert await conn.fetchval(count) == seen
    await conn.close()
    whole = (await client.get(ROUTE, headers=staff)).text + (await client.get("/api/v1/events", headers=staff)).text
    assert made["secret"] not in whole
    assert made["id"] in whole


async def test_rights_and_removal(
    client: httpx.AsyncClient, dazu: Dazu, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    firm, admin = keys["demo-zhiding"], keys["demo-admin"]
    other = next(item for item in await park_ids(client) if item != park["id"])

    async def code(method: str, place: str, headers: Headers, **body: Any) -> tuple[int, str]:
        answer = await client.request(method, place, headers=headers, **({"json": body} if body else {}))
        return answer.status_code, answer.json().get("errors", [{"code": ""}])[0]["code"]

    async with receiving() as receiver:
        assert await code("POST", ROUTE, {}, url=receiver.url, park_id=park["id"]) == (401, "sign_in")
        assert await code("POST", ROUTE, staff, url=receiver.url, park_id=other) == (403, "not_yours")
        assert await code("POST", ROUTE, firm, url=receiver.url, park_id=park["id"]) == (403, "not_yours")
        assert await code("POST", ROUTE, staff, url=receiver.url) == (422, "missing")
        assert await code("GET", ROUTE, {}) == (401, "sign_in")
        parks = await added(client, staff, park["id"], receiver)
        firms = await added(client, firm, None, receiver)
        assert parks["park_id"] == park["id"]
        for place, stranger in ((parks["id"], firm), (firms["id"], staff), (firms["id"], admin), (parks["id"], {})):
            for method, end in (("GET", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/secret")):
                assert (await code(method, f"{ROUTE}/{place}{end}", stranger))[0] == 404
        assert [item["id"] for item in (await client.get(ROUTE, headers=firm)).json()["items"]] == [firms["id"]]
        assert [item["id"] for item in (await client.get(ROUTE, headers=staff)).json()["items"]] == [parks["id"]]
        assert [
            item["id"] for item in (await client.get(f"{ROUTE}?park={park['id']}", headers=admin)).json()["items"]
        ] == [parks["id"]]
        once = staff | {"Idempotency-Key": "remove-1"}
        assert await code("DELETE", f"{ROUTE}/{parks['id']}", once) == (200, "")
        assert await code("DELETE", f"{ROUTE}/{parks['id']}", once) == (200, "")
        assert await code("DELETE", f"{ROUTE}/{parks['id']}", staff) == (404, "no_such")
        await deliver_due(dazu.db, allow_private=True)
        facts = [event for body in receiver.accepted for event in body["data"]["events"]]
        assert [(fact["act"], fact["firm_id"], "actor_id" in fact) for fact in facts] == [
            ("webhook.added", firms["firm_id"], False)
        ]


async def test_ten_webhooks_and_no_more(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> None:
    async with receiving() as receiver:
        made = [await added(client, staff, park["id"], receiver) for _ in range(10)]
        body = {"url": receiver.url, "park_id": park["id"]}
        full = await client.post(ROUTE, headers=staff, json=body)

    assert (full.status_code, full.json()["errors"][0]["code"]) == (409, "too_many_webhooks")
    place, met = f"{ROUTE}?limit=3", []
    while place is not None:
        page = (await client.get(place, headers=staff)).json()
        met += [item["id"] for item in page["items"]]
        place = page["next"]
    assert met == [item["id"] for item in made]


async def test_a_body_says_what_happened(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: dict[str, Any]
) -> None:
    async with receiving() as receiver:
        await added(client, staff, park["id"], receiver)
        await delivered(dazu, receiver, 1)
    body = receiver.accepted[0]
    listed = (await client.get(f"/api/v1/events?limit=1000&park={park['id']}", headers=staff)).json()["items"]

    assert body["data"]["events"] == [listed[-1]]
    assert (body["type"], body["timestamp"]) == ("events", listed[-1]["at"])
    assert datetime.fromisoformat(body["timestamp"]) <= datetime.now(UTC)


async def test_below_a_path_of_a_shared_address_an_event_says_so(
    client: httpx.AsyncClient, dazu: Dazu, staff: Headers, park: dict[str, Any]
) -> None:
    async with receiving() as receiver:
        await added(client, staff, park["id"], receiver)
        await act(dazu.db, park["id"], events=1)
        await deliver_due(dazu.db, allow_private=True, public_path="/panhuo")

    (body,) = receiver.accepted
    assert body["data"]["events"][-1]["href"] == f"/panhuo/api/v1/parks/{park['id']}"
