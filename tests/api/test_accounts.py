"""Accounts over HTTP: made, disabled, given parks and passwords; what ends with them ends in every worker at once."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from actions.snapshot_cache import SnapshotCache
from api import streams
from api.app import create
from api.limits import Limits
from api.request import ApplicationState
from ops.logs import JsonLines
from ops.settings import read
from store.db import Database
from tests.api.listener import Listener, listening
from tests.api.story import Headers
from tests.conftest import Dazu

ACCOUNTS, AUTH = "/api/v1/accounts", "/api/v1/auth"
LOGIN, PASSWORD, OTHER = "park-staff", "swan-river-granite-7", "copper-lantern-meadow-3"
ENDS_WITHIN_S = 2.0


@pytest_asyncio.fixture(loop_scope="session")
async def other_app(dazu: Dazu) -> AsyncIterator[Litestar]:
    """Another process's application on the same database: its own connections, streams and signal."""
    settings = read({"DATABASE_URL": dazu.url, "PUBLIC_URL": "http://panhuo.test"})
    app, db = create(settings), await Database.connect(dazu.url, size=4, public_size=1)
    app.state.application_state = state = ApplicationState(db, SnapshotCache(db), settings, Limits())
    yield app
    await state.streams.close()
    await db.close()


@pytest.fixture
def admin(keys: dict[str, Headers]) -> Headers:
    return keys["demo-admin"]


@pytest.fixture
async def account(client: httpx.AsyncClient, admin: Headers, park: dict[str, Any]) -> dict[str, Any]:
    """A new account of the park's staff."""
    body = {"login": LOGIN, "password": PASSWORD, "role": "staff", "park_ids": [park["id"]]}
    made = await client.post(ACCOUNTS, headers=admin, json=body)
    assert made.status_code == 201, made.text
    document: dict[str, Any] = made.json()
    return document


async def signed_in(client: httpx.AsyncClient, password: str = PASSWORD) -> dict[str, Any]:
    answer = await client.post(f"{AUTH}/login", json={"login": LOGIN, "password": password})
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


def bearer(tokens: dict[str, Any]) -> Headers:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def key_of(client: httpx.AsyncClient, headers: Headers) -> tuple[str, Headers]:
    made = (await client.post(f"{AUTH}/keys", headers=headers, json={"label": "x"})).json()
    return made["id"], {"X-API-Key": made["key"]}


async def status(client: httpx.AsyncClient, headers: Headers) -> int:
    return (await client.get(f"{AUTH}/me", headers=headers)).status_code


async def ended_all(listeners: list[Listener]) -> float:
    """How long it takes until all have ended, s."""
    began_at = time.monotonic()
    await asyncio.gather(*(listener.ended() for listener in listeners))
    return time.monotonic() - began_at


async def test_disabling_ends_sessions_keys_and_streams_in_every_worker(
    app: Litestar, other_app: Litestar, client: httpx.AsyncClient, admin: Headers, account: dict[str, Any]
) -> None:
    tokens = await signed_in(client)
    _, key = await key_of(client, bearer(tokens))
    async with AsyncExitStack() as stack:
        open_streams = [
            await stack.enter_async_context(listening(worker, headers))
            for worker in (app, other_app)
            for headers in (bearer(tokens), key)
        ]
        kept = await stack.enter_async_context(listening(other_app, admin, f"park={account['park_ids'][0]}"))
        await asyncio.sleep(0.5)

        disabled = await client.post(f"{ACCOUNTS}/{account['id']}/disable", headers=admin)
        took_s = await ended_all(open_streams)

        assert (disabled.status_code, disabled.json()["is_active"]) == (200, False)
        assert took_s < ENDS_WITHIN_S
        assert not kept.has_ended
    other = httpx.AsyncClient(transport=httpx.ASGITransport(app=other_app), base_url="http://panhuo.test")
    for worker in (client, other):
        assert [await status(worker, headers) for headers in (bearer(tokens), key)] == [401, 401]
        spent = await worker.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})
        wrong = await worker.post(f"{AUTH}/login", json={"login": LOGIN, "password": PASSWORD})
        assert (spent.status_code, wrong.status_code) == (401, 401)
    await other.aclose()

    await client.post(f"{ACCOUNTS}/{account['id']}/enable", headers=admin)

    assert [await status(client, headers) for headers in (bearer(tokens), key)] == [401, 401]  # they do not come back
    assert await status(client, bearer(await signed_in(client))) == 200


async def test_a_reader_that_reads_nothing_is_cut_off_as_well(
    app: Litestar, client: httpx.AsyncClient, admin: Headers, account: dict[str, Any]
) -> None:
    """Its stream hangs in the middle of a chunk, and asks nothing until that is taken."""
    headers, stuck, ended = bearer(await signed_in(client)), asyncio.Event(), asyncio.Event()

    async def receive() -> Any:
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            stuck.set()
            await asyncio.Event().wait()

    from tests.api.listener import _request

    answering = asyncio.create_task(app(_request(headers, ""), receive, send))
    await asyncio.wait_for(stuck.wait(), 5)
    began_at = time.monotonic()
    await client.post(f"{ACCOUNTS}/{account['id']}/disable", headers=admin)
    await asyncio.wait_for(answering, 10)

    assert time.monotonic() - began_at < ENDS_WITHIN_S
    ended.set()


async def test_parks_taken_away_and_keys_revoked_end_streams_too(
    app: Litestar, other_app: Litestar, client: httpx.AsyncClient, admin: Headers, account: dict[str, Any]
) -> None:
    assert streams.RECHECK_S > 10  # it is the signal that ends them
    session = bearer(await signed_in(client))
    key_id, key = await key_of(client, session)
    parks = (await client.get("/api/v1/parks")).json()["features"]
    elsewhere = next(park["id"] for park in parks if park["properties"]["code"] == "dazu-gaoxin")
    async with listening(other_app, key) as by_key, listening(other_app, session) as by_session:
        await asyncio.sleep(0.5)

        revoked = await client.delete(f"{AUTH}/keys/{key_id}", headers=admin)

        assert revoked.status_code == 200
        assert await ended_all([by_key]) < ENDS_WITHIN_S
        assert not by_session.has_ended
        body = {"park_ids": [elsewhere]}
        moved = await client.put(f"{ACCOUNTS}/{account['id']}/parks", headers=admin, json=body)
        assert moved.json()["park_ids"] == [elsewhere]
        assert await ended_all([by_session]) < ENDS_WITHIN_S
    assert (await client.get(f"{AUTH}/me", headers=session)).json()["park_ids"] == [elsewhere]
    assert await status(client, key) == 401


async def test_a_changed_password_ends_the_other_sessions(client: httpx.AsyncClient, account: dict[str, Any]) -> None:
    own, other = bearer(await signed_in(client)), bearer(await signed_in(client))
    _, key = await key_of(client, own)
    place = f"{AUTH}/password"

    wrong = await client.post(place, headers=own, json={"old_password": OTHER, "password": OTHER})
    weak = await client.post(place, headers=own, json={"old_password": PASSWORD, "password": "password12345"})
    changed = await client.post(place, headers=own, json={"old_password": PASSWORD, "password": OTHER})

    for answer, field, code in ((wrong, "old_password", "wrong_password"), (weak, "password", "password_common")):
        fault = answer.json()["errors"][0]
        assert (answer.status_code, fault["field"], fault["code"]) == (422, field, code)
    assert changed.status_code == 200
    assert [await status(client, headers) for headers in (own, other, key)] == [200, 401, 200]
    stranger = await client.post(place, json={"old_password": OTHER, "password": PASSWORD})
    assert stranger.status_code == 401
    await signed_in(client, OTHER)


async def test_the_old_password_cannot_be_guessed(client: httpx.AsyncClient, account: dict[str, Any]) -> None:
    own = bearer(await signed_in(client))
    body = {"old_password": OTHER, "password": OTHER}

    answers = [await client.post(f"{AUTH}/password", headers=own, json=body) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [422] * 10 + [429]


async def test_a_password_set_by_an_admin_ends_all_sessions(
    client: httpx.AsyncClient, admin: Headers, account: dict[str, Any]
) -> None:
    session = bearer(await signed_in(client))

    done = await client.post(f"{ACCOUNTS}/{account['id']}/password", headers=admin, json={"password": OTHER})

    assert (done.status_code, done.json()) == (200, account)
    assert await status(client, session) == 401
    await signed_in(client, OTHER)


async def test_a_session_is_not_opened_behind_a_change(
    client: httpx.AsyncClient, dazu: Dazu, admin: Headers, account: dict[str, Any], conn: asyncpg.Connection
) -> None:
    """The account is disabled while a password that was right is on its way to a session."""
    lock = conn.transaction()
    await lock.start()
    await conn.execute("UPDATE panhuo.account SET is_active = false WHERE login = $1", LOGIN)
    signing_in = asyncio.create_task(client.post(f"{AUTH}/login", json={"login": LOGIN, "password": PASSWORD}))
    while not await conn.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
        await asyncio.sleep(0.02)
    await lock.commit()

    answer = await signing_in

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "wrong_login")
    assert await conn.fetchval("SELECT count(*) FROM panhuo.session AS s JOIN panhuo.account AS a "
                               "ON a.id = s.account_id WHERE a.login = $1", LOGIN) == 0  # fmt: skip


async def test_the_last_admin_stays(
    client: httpx.AsyncClient, admin: Headers, conn: asyncpg.Connection, account: dict[str, Any]
) -> None:
    own = (await client.get(f"{AUTH}/me", headers=admin)).json()["id"]
    body = {"login": "second-admin", "password": PASSWORD, "role": "admin"}
    second = (await client.post(ACCOUNTS, headers=admin, json=body)).json()

    async def disable(account_id: str) -> int:
        return (await client.post(f"{ACCOUNTS}/{account_id}/disable", headers=admin)).status_code

    assert await disable(second["id"]) == 200
    refused = await client.post(f"{ACCOUNTS}/{own}/disable", headers=admin)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "last_admin")
    assert await disable(account["id"]) == 200
    await client.post(f"{ACCOUNTS}/{second['id']}/enable", headers=admin)
    tokens = await client.post(f"{AUTH}/login", json={"login": "second-admin", "password": PASSWORD})
    other = bearer(tokens.json())

    answers = await asyncio.gather(
        client.post(f"{ACCOUNTS}/{own}/disable", headers=other),
        client.post(f"{ACCOUNTS}/{second['id']}/disable", headers=admin),
    )

    assert await conn.fetchval("SELECT count(*) FROM panhuo.account WHERE role = 'admin' AND is_active") == 1
    assert sorted(answer.status_code for answer in answers)[0] == 200


async def test_acts_are_told_once_and_without_passwords(
    client: httpx.AsyncClient, admin: Headers, conn: asyncpg.Connection, park: dict[str, Any]
) -> None:
    body = {"login": LOGIN, "password": PASSWORD, "role": "auditor", "park_ids": [park["id"]] * 2}
    once = admin | {"Idempotency-Key": "one-account"}

    first, again = [await client.post(ACCOUNTS, headers=once, json=body) for _ in range(2)]
    other = await client.post(ACCOUNTS, headers=once, json=body | {"password": OTHER})

    assert (first.status_code, again.text, again.headers["idempotency-replayed"]) == (201, first.text, "true")
    assert other.json()["errors"][0]["code"] == "key_reused"
    assert first.json()["park_ids"] == [park["id"]]
    place = f"{ACCOUNTS}/{first.json()['id']}"
    for act, sent in (("password", {"password": OTHER}), ("parks", {"park_ids": [park["id"]]}), ("disable", None)):
        method = "PUT" if act == "parks" else "POST"
        answers = [
            await client.request(method, f"{place}/{act}", headers=admin | {"Idempotency-Key": act}, json=sent)
            for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    rows = await conn.fetch("SELECT act, body FROM panhuo.event WHERE subject_kind = 'account' "
                            "AND subject_id = $1 ORDER BY rev", first.json()["id"])  # fmt: skip
    assert [row["act"] for row in rows] == [
        "account.added", "account.password_set", "account.parks_set", "account.disabled"
    ]  # fmt: skip
    assert not [row for row in rows if PASSWORD in row["body"] or OTHER in row["body"]]


async def test_accounts_are_read_by_pages_and_by_whom_it_concerns(
    client: httpx.AsyncClient, keys: dict[str, Headers], admin: Headers, park: dict[str, Any]
) -> None:
    body = {"login": "park-auditor", "password": PASSWORD, "role": "auditor", "park_ids": [park["id"]]}
    await client.post(ACCOUNTS, headers=admin, json=body)
    tokens = await client.post(f"{AUTH}/login", json={"login": "park-auditor", "password": PASSWORD})
    auditor, place, logins = bearer(tokens.json()), f"{ACCOUNTS}?limit=2", []

    while place is not None:
        page = (await client.get(place, headers=admin)).json()
        logins += [item["login"] for item in page["items"]]
        place = page["next"]

    assert sorted(logins) == sorted([*keys, "park-auditor"])
    shown = (await client.get(ACCOUNTS, headers=auditor)).json()["items"]
    assert {item["login"] for item in shown} == {"demo-shuangqiao", "demo-leader", "demo-auditor", "park-auditor"}
    own = next(item["id"] for item in shown if item["login"] == "demo-shuangqiao")
    listed = (await client.get(f"{ACCOUNTS}/{own}/keys", headers=admin)).json()["items"]
    assert [item["label"] for item in listed] == ["demo"]
    assert not {"password_hash", "key_hash", "key"} & set(json.dumps([shown, listed]).replace('"', " ").split())
    other = (await client.get(f"{AUTH}/me", headers=keys["demo-dazu-gaoxin"])).json()["id"]
    assert (await client.get(f"{ACCOUNTS}/{other}", headers=auditor)).status_code == 404
    for who, expected in ((keys["demo-shuangqiao"], 403), (keys["demo-zhiding"], 403), ({}, 401)):
        assert (await client.get(ACCOUNTS, headers=who)).status_code == expected
        assert (await client.post(f"{ACCOUNTS}/{own}/disable", headers=who)).status_code == expected


async def test_what_does_not_go_with_a_role_is_refused(
    client: httpx.AsyncClient, admin: Headers, park: dict[str, Any], account: dict[str, Any]
) -> None:
    nowhere = "01990000-0000-7000-8000-000000000001"
    base = {"login": "new-one", "password": PASSWORD, "role": "leader", "park_ids": [park["id"]]}
    wrongs: list[tuple[dict[str, Any], str, str]] = [
        ({"park_ids": []}, "park_ids", "staff_account_names_parks"),
        ({"role": "admin"}, "park_ids", "staff_account_names_parks"),
        ({"role": "firm", "park_ids": []}, "firm_id", "firm_account_names_firm"),
        ({"firm_id": nowhere}, "firm_id", "firm_account_names_firm"),
        ({"role": "firm", "park_ids": [], "firm_id": nowhere}, "firm_id", "unknown_reference"),
        ({"park_ids": [park["id"], nowhere]}, "park_ids.1", "unknown_reference"),
        ({"login": "New One"}, "login", "login_form"),
        ({"login": LOGIN}, "login", "taken"),
        ({"password": "swan\u200briver-granite"}, "password", "text_hidden"),
        ({"role": "system"}, "role", "not_in_vocabulary"),
    ]
    for wrong, field, code in wrongs:
        answer = await client.post(ACCOUNTS, headers=admin, json=base | wrong)
        fault = answer.json()["errors"][0]
        assert (answer.status_code // 100, fault["field"], fault["code"]) == (4, field, code), (wrong, answer.text)
    missing = await client.post(f"{ACCOUNTS}/{nowhere}/disable", headers=admin)
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (404, "account_id")


async def test_parks_that_stay_keep_what_the_account_handles_there(
    client: httpx.AsyncClient, admin: Headers, conn: asyncpg.Connection, account: dict[str, Any]
) -> None:
    park_id = UUID(account["park_ids"][0])
    outcome_id = await conn.fetchval("SELECT id FROM panhuo.outcome WHERE park_id = $1 LIMIT 1", park_id)
    query = "SELECT agent_id FROM panhuo.approval WHERE item = 'x'"
    await conn.execute(
        "INSERT INTO panhuo.approval (park_id, id, outcome_id, item, name, agent_id) "
        "VALUES ($1, gen_random_uuid(), $2, 'x', 'x', $3)",
        park_id, outcome_id, UUID(account["id"]),
    )  # fmt: skip
    parks = (await client.get("/api/v1/parks")).json()["features"]
    other = next(park["id"] for park in parks if park["properties"]["code"] == "dazu-gaoxin")

    async def set_parks(*park_ids: str) -> None:
        place = f"{ACCOUNTS}/{account['id']}/parks"
        assert (await client.put(place, headers=admin, json={"park_ids": park_ids})).status_code == 200

    await set_parks(other, str(park_id))
    assert str(await conn.fetchval(query)) == account["id"]
    await set_parks(other)
    assert await conn.fetchval(query) is None


async def test_the_access_log_says_which_account_asked(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, caplog: pytest.LogCaptureFixture
) -> None:
    own = (await client.get(f"{AUTH}/me", headers=staff)).json()["id"]
    caplog.set_level(logging.INFO, "panhuo.access")
    caplog.clear()

    await client.get("/api/v1/outcomes?limit=1", headers=staff)
    await client.post("/api/v1/parks", headers=staff, json={})  # refused while it is read
    await client.get("/api/v1/parks?limit=1")
    await client.get("/api/v1/outcomes", headers={"X-API-Key": "ph_k_nobodys"})

    records = [record for record in caplog.records if record.name == "panhuo.access"]
    lines = [json.loads(JsonLines().format(record)) for record in records]
    assert [line["account"] for line in lines] == [own, own, None, None]
    assert [line["status"] for line in lines] == [200, 422, 200, 401]
