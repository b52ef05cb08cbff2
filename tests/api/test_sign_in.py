"""Signing in: guesses are slowed and refused without keeping the owner out, a stolen token ends its session."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from actions import sign_in
from actions.account import add_account
from domain.actor import SYSTEM
from domain.words import Role
from ops.logs import JsonLines
from tests.api.story import Headers
from tests.conftest import TODAY, Dazu

LOGIN, REFRESH, LOGOUT = (f"/api/v1/auth/{name}" for name in ("login", "refresh", "logout"))
ME = "/api/v1/auth/me"
NAME, PASSWORD = "guessed-at", "seven floors of idle space"


@pytest.fixture(autouse=True)
def proxied(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Behind a proxy on loopback that is trusted, and without the small budget of one process."""
    state = app.state.application_state
    settings = replace(state.settings, trusted_proxies=(ip_network("127.0.0.0/8"),))
    app.state.application_state = replace(state, settings=settings)
    monkeypatch.setattr("api.account.LOGINS_PER_MINUTE", 0)
    yield
    app.state.application_state = state


@pytest.fixture
async def account(dazu: Dazu) -> dict[str, str]:
    await add_account(dazu.db, SYSTEM, login=NAME, password=PASSWORD, role=Role.admin)
    return {"login": NAME, "password": PASSWORD}


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What the log says, line by line."""
    kept: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: kept.append(JsonLines().format(record))  # type: ignore[method-assign]
    root = logging.getLogger("panhuo")
    root.addHandler(handler)
    logging.getLogger("panhuo.security").setLevel(logging.INFO)
    yield kept
    root.removeHandler(handler)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each try would wait; none does."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    # Of sign-in alone: what else a process does sleeps too.
    monkeypatch.setattr(sign_in, "asyncio", SimpleNamespace(sleep=sleep, to_thread=asyncio.to_thread))
    return waits


def from_(address: str) -> Headers:
    return {"X-Forwarded-For": address}


async def guess(client: httpx.AsyncClient, address: str, name: str = NAME) -> httpx.Response:
    return await client.post(LOGIN, headers=from_(address), json={"login": name, "password": "a wrong password"})


async def tokens(client: httpx.AsyncClient, account: dict[str, str]) -> dict[str, Any]:
    answered = await client.post(LOGIN, headers=from_("192.0.2.200"), json=account)
    assert answered.status_code == 200, answered.text
    made: dict[str, Any] = answered.json()
    return made


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post(REFRESH, json={"refresh_token": token})


async def is_accepted(client: httpx.AsyncClient, token: str) -> bool:
    return (await client.get(ME, headers={"Authorization": f"Bearer {token}"})).status_code == 200


async def test_guesses_on_one_account_from_one_network_are_refused_and_its_owner_is_not(
    client: httpx.AsyncClient, account: dict[str, str], slept: list[float]
) -> None:
    answers = [await guess(client, f"2001:db8:0:1::{n}") for n in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert 0 < int(answers[-1].headers["retry-after"]) <= 900
    right = await client.post(LOGIN, headers=from_("2001:db8:0:1::77"), json=account)
    assert right.status_code == 429  # or the answer would tell a right guess
    owner = await client.post(LOGIN, headers=from_("2001:db8:0:2::1"), json=account)
    assert owner.status_code == 200, owner.text
    assert max(slept) == sign_in.LONGEST_DELAY_S
    assert slept[:3] == [0, 0, 0]
    assert (await client.post(LOGIN, headers=from_("2001:db8:0:2::1"), json=account)).status_code == 200
    assert slept[-1] == 0  # the owner has come in: counting begins anew


async def test_guesses_from_everywhere_only_delay_the_owner(
    client: httpx.AsyncClient, account: dict[str, str], slept: list[float]
) -> None:
    answers = [await guess(client, f"198.51.100.{n}") for n in range(40)]
    assert {answer.status_code for answer in answers} == {401}
    assert (await client.post(LOGIN, headers=from_("192.0.2.1"), json=account)).status_code == 200
    assert slept[-1] == sign_in.LONGEST_DELAY_S


async def test_guesses_on_many_accounts_from_one_network_are_refused(
    client: httpx.AsyncClient, account: dict[str, str], slept: list[float]
) -> None:
    answers = [await guess(client, "203.0.113.5", f"account-{n}") for n in range(60)]
    assert [answer.status_code for answer in answers] == [401] * 50 + [429] * 10
    assert (await client.post(LOGIN, headers=from_("203.0.113.6"), json=account)).status_code == 200


async def test_a_wrong_password_kept_in_one_machine_does_not_shut_out_its_network(
    client: httpx.AsyncClient, account: dict[str, str], slept: list[float]
) -> None:
    answers = [await guess(client, "203.0.113.5", "some-machine") for _ in range(100)]
    assert [answer.status_code for answer in answers].count(401) == 10
    assert (await client.post(LOGIN, headers=from_("203.0.113.5"), json=account)).status_code == 200


async def test_guesses_at_once_are_counted_each(
    client: httpx.AsyncClient, account: dict[str, str], slept: list[float]
) -> None:
    answers = await asyncio.gather(*(guess(client, "203.0.113.5") for _ in range(30)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(401) <= 10
    assert set(statuses) <= {401, 429}


async def test_tries_of_all_kinds_at_once_do_not_end_each_other(dazu: Dazu) -> None:
    """Counted, forgotten and taken back by many at once, over the same accounts and networks."""
    names, networks = ("first", "second", ""), ("192.0.2.1", "192.0.2.2")

    async def tries(n: int) -> None:
        for k in range(12):
            name, network = names[(n + k) % 3], networks[n % 2]
            own, whole, anywhere = (
                sign_in._counted(*parts) for parts in ((name, network), (None, network), (name, None))
            )
            most = 1_000_000
            await sign_in.account.count_try(dazu.db, [(own, most), (whole, most)], anywhere, sign_in.TRIES_LIFE)
            if (n + k) % 2:
                await sign_in.account.forget_tries(dazu.db, [own, anywhere])
                await sign_in.account.take_back_tries(dazu.db, [whole])
            else:
                await sign_in.account.take_back_tries(dazu.db, [own, whole, anywhere])
            await sign_in.account.purge(dazu.db)

    await asyncio.gather(*(tries(n) for n in range(8)))


async def test_tries_without_a_login_count_as_one_account_and_once(
    client: httpx.AsyncClient, conn: asyncpg.Connection, slept: list[float]
) -> None:
    answers = [await guess(client, "203.0.113.5", "") for _ in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert await conn.fetchval("SELECT array_agg(tries) FROM panhuo.sign_in_tries") == [10, 10, 10]


async def test_a_refusal_of_one_process_is_told_as_well(
    client: httpx.AsyncClient, lines: list[str], slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.account.LOGINS_PER_MINUTE", 1)
    assert [(await guess(client, "203.0.113.9")).status_code for _ in range(2)] == [401, 429]
    facts = [json.loads(line) for line in lines]
    assert [(line["message"], line["address"]) for line in facts if line["log"] == "panhuo.security"] == [
        ("sign_in_failed", "203.0.113.9"),
        ("sign_in_refused", "203.0.113.9"),
    ]


async def test_what_others_forward_is_not_believed(
    app: Litestar, client: httpx.AsyncClient, account: dict[str, str], slept: list[float]
) -> None:
    state = app.state.application_state
    app.state.application_state = replace(state, settings=replace(state.settings, trusted_proxies=()))
    answers = [await guess(client, f"198.51.100.{n}") for n in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2


async def test_counting_begins_anew_after_its_time(
    client: httpx.AsyncClient, account: dict[str, str], slept: list[float], conn: asyncpg.Connection, dazu: Dazu
) -> None:
    for _ in range(11):
        await guess(client, "203.0.113.5")
    await conn.execute("UPDATE panhuo.sign_in_tries SET ends_at = clock_timestamp()")
    assert (await guess(client, "203.0.113.5")).status_code == 401
    await conn.execute("UPDATE panhuo.sign_in_tries SET ends_at = clock_timestamp()")
    await sign_in.account.purge(dazu.db)
    assert await conn.fetchval("SELECT count(*) FROM panhuo.sign_in_tries") == 0


async def test_a_refresh_token_used_again_ends_its_session_however_old_it_is(
    client: httpx.AsyncClient, account: dict[str, str], monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    monkeypatch.setattr(sign_in, "TABS_APART", timedelta(0))
    first = await tokens(client, account)
    other = await tokens(client, account)
    newer = first
    for _ in range(3):
        newer = (await refresh(client, newer["refresh_token"])).json()
    assert await is_accepted(client, newer["access_token"])
    assert (await refresh(client, first["refresh_token"])).status_code == 401
    assert not await is_accepted(client, newer["access_token"])
    assert (await refresh(client, newer["refresh_token"])).status_code == 401
    assert await is_accepted(client, other["access_token"])
    assert [json.loads(line)["message"] for line in lines].count("refresh_token_reused") == 1


async def test_two_tabs_that_refresh_at_once_get_the_same_tokens(
    client: httpx.AsyncClient, account: dict[str, str]
) -> None:
    first = await tokens(client, account)
    answers = await asyncio.gather(*(refresh(client, first["refresh_token"]) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    newer = answers[0].json()
    assert await is_accepted(client, newer["access_token"])
    assert (await refresh(client, newer["refresh_token"])).status_code == 200
    # What followed has been used: now the first is one used twice, also within the ten seconds.
    assert (await refresh(client, first["refresh_token"])).status_code == 401


async def test_signing_out_works_with_a_token_that_has_run_out(
    client: httpx.AsyncClient, account: dict[str, str], conn: asyncpg.Connection
) -> None:
    made = await tokens(client, account)
    await conn.execute("UPDATE panhuo.session SET access_until = clock_timestamp() - interval '1 hour'")
    held = {"Authorization": f"Bearer {made['access_token']}"}
    assert not await is_accepted(client, made["access_token"])
    for _ in range(2):
        assert (await client.post(LOGOUT, headers=held)).json() == {"signed_out": True}
    assert (await refresh(client, made["refresh_token"])).status_code == 401


async def test_signing_out_works_with_a_token_that_was_renewed(
    client: httpx.AsyncClient, account: dict[str, str]
) -> None:
    """Another tab renewed it: this one signs out, and means the session."""
    first = await tokens(client, account)
    newest = first
    for _ in range(2):
        newest = (await refresh(client, newest["refresh_token"])).json()
    held = {"Authorization": f"Bearer {first['access_token']}"}
    assert not await is_accepted(client, first["access_token"])
    assert (await client.post(LOGOUT, headers=held)).json() == {"signed_out": True}
    assert not await is_accepted(client, newest["access_token"])
    assert (await refresh(client, newest["refresh_token"])).status_code == 401


async def test_signing_out_while_tokens_are_renewed_ends_the_session(
    client: httpx.AsyncClient, account: dict[str, str], conn: asyncpg.Connection
) -> None:
    for _ in range(8):
        made = await tokens(client, account)
        held = {"Authorization": f"Bearer {made['access_token']}"}
        lock = conn.transaction()
        await lock.start()
        await conn.execute("SELECT FROM panhuo.session FOR UPDATE")  # both find the session as it was
        renewing = asyncio.create_task(refresh(client, made["refresh_token"]))
        leaving = asyncio.create_task(client.post(LOGOUT, headers=held))
        await asyncio.sleep(0.1)
        await lock.rollback()
        renewed = await renewing
        assert (await leaving).json() == {"signed_out": True}
        if renewed.status_code == 200:
            assert not await is_accepted(client, renewed.json()["access_token"])


async def test_a_token_that_has_run_out_is_no_reason_to_refuse_its_renewal(
    client: httpx.AsyncClient, account: dict[str, str], conn: asyncpg.Connection
) -> None:
    """Clients that send their token with everything send it here, too."""
    made = await tokens(client, account)
    await conn.execute("UPDATE panhuo.session SET access_until = clock_timestamp() - interval '1 hour'")
    held = {"Authorization": f"Bearer {made['access_token']}"}
    renewed = await client.post(REFRESH, headers=held, json={"refresh_token": made["refresh_token"]})
    assert renewed.status_code == 200, renewed.text
    assert (await client.post(LOGIN, headers=held, json=account)).status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer ph_a_nobody"}, {"Authorization": "Basic x"}, {"X-API-Key": "ph_k_x"}]
)
async def test_signing_out_says_when_there_is_no_session(client: httpx.AsyncClient, headers: Headers) -> None:
    assert (await client.post(LOGOUT, headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "password",
    ["1234567890", "password123", "qwertyuiop", "iloveyou12", "guessed-at", "Panhuo2026", "aaaaaaaaaaaaaaaa"],
)
async def test_passwords_that_are_soon_guessed_are_refused(dazu: Dazu, password: str) -> None:
    with pytest.raises(Exception, match="password_common"):
        await add_account(dazu.db, SYSTEM, login=NAME, password=password, role=Role.admin)


@pytest.mark.parametrize(
    "password", ["盘活闲置厂房三万八千平方", "seven floors of idle space", "hTt7-4qLw0vB", "x" * 60 + "7Kq" * 20]
)
async def test_other_passwords_are_taken(dazu: Dazu, password: str) -> None:
    assert await add_account(dazu.db, SYSTEM, login=NAME, password=password, role=Role.admin)


async def test_a_key_works_a_year_at_most(client: httpx.AsyncClient, staff: Headers) -> None:
    async def made(**body: Any) -> httpx.Response:
        return await client.post("/api/v1/auth/keys", headers=staff, json={"label": "GIS", **body})

    year = TODAY + timedelta(days=365)
    assert (await made()).json()["expires_on"] == str(year)
    assert (await made(expires_on=str(year))).status_code == 201
    late = await made(expires_on=str(year + timedelta(days=1)))
    assert (late.status_code, late.json()["errors"][0]["field"]) == (422, "expires_on")


async def test_the_security_log_says_who_and_whence_and_no_secret(
    client: httpx.AsyncClient, account: dict[str, str], lines: list[str], slept: list[float]
) -> None:
    await client.post(LOGIN, headers=from_("192.0.2.1"), json={"login": PASSWORD, "password": PASSWORD})
    await guess(client, "192.0.2.2")
    made = await tokens(client, account)
    newer = (await refresh(client, made["refresh_token"])).json()
    await client.get(ME, headers={"Authorization": "Bearer ph_a_made-up", **from_("192.0.2.3")})
    await client.post(LOGOUT, headers={"Authorization": f"Bearer {newer['access_token']}", **from_("192.0.2.4")})
    facts = [json.loads(line) for line in lines if json.loads(line)["log"] == "panhuo.security"]
    assert [(line["message"], line["address"], line["account"] is None) for line in facts] == [
        ("sign_in_failed", "192.0.2.1", True),
        ("sign_in_failed", "192.0.2.2", False),
        ("signed_in", "192.0.2.200", False),
        ("token_refused", "192.0.2.3", True),
        ("signed_out", "192.0.2.4", False),
    ]
    secrets = {PASSWORD, "a wrong password", "ph_a_made-up", *made.values(), *newer.values()} - {"Bearer", 900}
    assert [secret for secret in secrets if any(secret in line for line in lines)] == []
