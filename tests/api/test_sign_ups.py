"""Accounts for firms over HTTP: what is known is told to nobody, who accepts is whose firm it is, the proof is kept."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from actions.daily_update import run_daily_update
from domain.credit_code import with_check_digit
from tests.api.story import Headers, box, firm_of, lease, register
from tests.api.test_enquiries import solved, tables_with
from tests.conftest import TODAY, Dazu

ROUTE, PASSWORD = "/api/v1/sign-ups", "示例-swan-river-granite"
PROOF = {"proof": "营业执照副本与授权委托书原件"}
NEW = with_check_digit("91500000MA5U12345")


async def sign_up(
    client: httpx.AsyncClient, park: dict[str, Any], code: str, login: str, /, **facts: Any
) -> httpx.Response:
    body = {"credit_code": code, "firm_name": "来注册的企业", "park_id": park["id"], "login": login}
    body |= {"password": PASSWORD, "name": "经办人甲乙丙", "phone": "13987654321", "consent": True}
    return await client.post(ROUTE, json=body | {"question": await solved(client)} | facts)


async def waiting(client: httpx.AsyncClient, who: Headers) -> list[str]:
    return [item["login"] for item in (await client.get(ROUTE, headers=who)).json()["items"]]


async def id_of(client: httpx.AsyncClient, keys: dict[str, Headers], login: str) -> str:
    items = (await client.get(ROUTE, headers=keys["demo-admin"])).json()["items"]
    return next(str(item["id"]) for item in items if item["login"] == login)


async def own_code(client: httpx.AsyncClient, keys: dict[str, Headers]) -> str:
    """The credit code of the demo's firm with an account, which has none at first."""
    code = with_check_digit("91500000MA5U99999")
    place, who = f"/api/v1/firms/{await firm_of(client, keys)}", keys["demo-zhiding"] | {"If-Match": "*"}
    assert (await client.patch(place, headers=who, json={"credit_code": code})).status_code == 200
    return code


async def log_in(client: httpx.AsyncClient, login: str) -> httpx.Response:
    return await client.post("/api/v1/auth/login", json={"login": login, "password": PASSWORD})


async def test_a_new_firm_is_accepted_by_the_park_it_names_and_until_then_there_is_nothing_to_see(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    sent = await sign_up(client, park, NEW.lower(), "new-firm")
    assert (sent.status_code, sent.content) == (202, b'{"received": true}')
    assert (await log_in(client, "new-firm")).status_code == 401
    assert await waiting(client, keys["demo-dazu-gaoxin"]) == []
    (item,) = (await client.get(ROUTE, headers=staff)).json()["items"]
    assert (item["credit_code"], item["firm_id"], item["phone"]) == (NEW, None, "13987654321")
    assert "password" not in json.dumps(item)
    place = f"{ROUTE}/{item['id']}/acceptance"

    for login, status in (("demo-dazu-gaoxin", 404), ("demo-zhiding", 403), ("demo-leader", 403)):
        assert (await client.post(place, headers=keys[login], json=PROOF)).status_code == status, login
    assert (await client.post(place, json=PROOF)).status_code == 401
    assert (await client.post(place, headers=staff, json={})).json()["errors"][0]["field"] == "proof"
    once = staff | {"Idempotency-Key": "accept-1"}
    accepted = await client.post(place, headers=once, json=PROOF)
    assert accepted.status_code == 200, accepted.text
    assert (await client.post(place, headers=once, json=PROOF)).json() == accepted.json()
    assert (await client.post(place, headers=staff, json=PROOF)).status_code == 404

    token = (await log_in(client, "new-firm")).json()["access_token"]
    me = (await client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})).json()
    assert (me["role"], me["firm_id"]) == ("firm", accepted.json()["firm_id"])
    firm = (await client.get(f"/api/v1/firms/{me['firm_id']}", headers=staff)).json()
    assert (firm["credit_code"], firm["registering_park_id"]) == (NEW, park["id"])
    rows = await conn.fetch("SELECT act, body FROM panhuo.event WHERE scope_id = $1 ORDER BY n", UUID(me["firm_id"]))
    assert [row["act"] for row in rows] == ["firm.added", "account.added", "sign_up.accepted"]
    assert json.loads(rows[2]["body"])["proof"] == PROOF["proof"]
    for text in ("经办人甲乙丙", "13987654321"):
        assert await tables_with(conn, text) == set(), text
    assert await tables_with(conn, PASSWORD) == set()


async def test_the_answer_is_the_same_whatever_is_known(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    kept = await conn.fetchval("SELECT credit_code FROM panhuo.firm WHERE registering_park_id = $1 "
                               "AND credit_code IS NOT NULL LIMIT 1", UUID(park["id"]))  # fmt: skip
    own = await own_code(client, keys)
    assert kept is not None

    answers = {
        "a new firm": await sign_up(client, park, NEW, "a-login"),
        "the same again": await sign_up(client, park, NEW, "a-login"),
        "a firm that the park keeps": await sign_up(client, park, kept, "b-login"),
        "a firm with an account": await sign_up(client, park, own, "c-login"),
        "a login that is taken": await sign_up(client, park, NEW, "demo-zhiding"),
        "no such invitation": await sign_up(client, park, own, "d-login", invitation="ph_i_nothing"),
    }

    shapes = {(a.status_code, a.content, tuple(sorted(set(a.headers) - {"date"}))) for a in answers.values()}
    assert len(shapes) == 1
    assert next(iter(shapes))[:2] == (202, b'{"received": true}')
    assert await waiting(client, keys["demo-admin"]) == ["a-login", "a-login", "b-login", "demo-zhiding"]


async def test_a_known_firm_is_accepted_only_where_it_is_kept_or_has_a_deal(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    other, third = keys["demo-dazu-gaoxin"], keys["demo-dazu-gongye"]
    parks = (await client.get("/api/v1/parks")).json()["features"]
    elsewhere = next(item for item in parks if item["properties"]["code"] == "dazu-gaoxin")
    firm = {"name": "别处登记的企业", "credit_code": NEW, "park_id": elsewhere["id"]}
    firm_id = (await client.post("/api/v1/firms", headers=other, json=firm)).json()["id"]

    assert (await sign_up(client, park, NEW, "known-firm")).status_code == 202
    assert await waiting(client, staff) == []  # it was named, but the firm is another's
    assert await waiting(client, other) == ["known-firm"]
    place = f"{ROUTE}/{await id_of(client, keys, 'known-firm')}"
    assert (await client.post(f"{place}/acceptance", headers=staff, json=PROOF)).status_code == 404
    assert (await client.delete(place, headers=staff)).status_code == 404

    hall = await register(client, staff, park, "S-1", box(park, 0), level="building", stated_area=900,
                          stated_area_unit="m2")  # fmt: skip
    opened = await client.post("/api/v1/outcomes", headers=staff, json=lease([hall["id"]], firm_id))
    assert opened.status_code == 201, opened.text
    assert (await waiting(client, staff), await waiting(client, third)) == (["known-firm"], [])
    accepted = await client.post(f"{place}/acceptance", headers=staff, json=PROOF)
    assert (accepted.status_code, accepted.json()["firm_id"]) == (200, firm_id)
    assert (await log_in(client, "known-firm")).status_code == 200


async def test_a_firm_with_an_account_is_joined_by_its_invitation_alone(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    firm_id = await firm_of(client, keys)
    code = await own_code(client, keys)
    where = f"/api/v1/firms/{firm_id}/invitations"
    assert (await client.post(where, headers=staff)).status_code == 403
    assert (await client.post(where)).status_code == 401
    made = [(await client.post(where, headers=keys["demo-zhiding"])).json() for _ in range(2)]

    first, second = (item["token"] for item in made)
    assert (await sign_up(client, park, NEW, "joiner", invitation=first)).status_code == 202  # of another firm
    assert (await log_in(client, "joiner")).status_code == 401
    assert (await sign_up(client, park, code, "demo-admin", invitation=first)).status_code == 202  # a login of another
    assert (await sign_up(client, park, code, "joiner", invitation=first)).status_code == 202
    token = (await log_in(client, "joiner")).json()["access_token"]
    me = (await client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})).json()
    assert me["firm_id"] == firm_id
    assert (await sign_up(client, park, code, "second", invitation=first)).status_code == 202  # spent
    withdrawn = await client.delete(f"{where}/{made[1]['id']}", headers=keys["demo-zhiding"])
    assert withdrawn.status_code == 200
    assert (await sign_up(client, park, code, "third", invitation=second)).status_code == 202
    for login in ("second", "third"):
        assert (await log_in(client, login)).status_code == 401
        assert login not in await waiting(client, keys["demo-admin"])
    items = (await client.get(where, headers=keys["demo-zhiding"])).json()["items"]
    assert [(item["id"], item["is_open"]) for item in items] == [(made[1]["id"], False), (made[0]["id"], False)]
    assert (await client.delete(f"{where}/{made[0]['id']}", headers=keys["demo-zhiding"])).status_code == 404


async def test_a_taken_login_is_answered_with_another_and_refused_ones_are_gone(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any],
    conn: asyncpg.Connection, dazu: Dazu,
) -> None:  # fmt: skip
    for login in ("demo-admin", "one-more"):
        assert (await sign_up(client, park, NEW, login)).status_code == 202
    taken = f"{ROUTE}/{await id_of(client, keys, 'demo-admin')}"
    refused = f"{ROUTE}/{await id_of(client, keys, 'one-more')}"

    assert (await client.delete(refused, headers=staff)).json()["refused"] is True
    assert (await client.delete(refused, headers=staff)).status_code == 404
    conflict = await client.post(f"{taken}/acceptance", headers=staff, json=PROOF)
    assert (conflict.status_code, conflict.json()["errors"][0]["field"]) == (409, "login")
    mended = await client.post(f"{taken}/acceptance", headers=staff, json=PROOF | {"login": "another-login"})
    assert mended.status_code == 200
    assert (await log_in(client, "another-login")).status_code == 200

    other = with_check_digit("91500000MA5U54321")
    assert (await sign_up(client, park, other, "late")).status_code == 202
    await run_daily_update(dazu.db, today=TODAY + timedelta(days=29))
    assert await waiting(client, staff) == ["late"]
    await run_daily_update(dazu.db, today=TODAY + timedelta(days=30))
    assert await conn.fetchval("SELECT count(*) FROM panhuo.sign_up") == 0


@pytest.mark.parametrize(
    ("changed", "status", "field", "code"),
    [
        ({"credit_code": NEW[:17] + "0"}, 422, "credit_code", "credit_code_check"),
        ({"credit_code": "1"}, 422, "credit_code", "credit_code_length"),
        ({"login": "王"}, 422, "login", "login_form"),
        ({"password": "short"}, 422, "password", "password_length"),
        ({"password": "password123"}, 422, "password", "password_common"),
        ({"name": "王\r\nBcc: x@example.org"}, 422, "name", "text_control"),
        ({"phone": "12345"}, 422, "phone", "telephone_form"),
        ({"phone": None}, 422, "phone", "phone_or_mail"),
        ({"firm_name": "企\u0000业"}, 422, "firm_name", "text_control"),
        ({"invitation": "ph_i_\u0000"}, 422, "invitation", "text_control"),
        ({"consent": False}, 422, "consent", "consent_needed"),
        ({"question": None}, 422, "question", "missing"),
        ({"question": {"token": "x", "answer": 1}}, 422, "question.token", "question_token"),
        ({"park_id": str(UUID(int=1))}, 404, "park_id", "no_such_park"),
    ],
)
async def test_bad_input_is_refused_by_name(
    client: httpx.AsyncClient, park: dict[str, Any], changed: dict[str, Any], status: int, field: str, code: str
) -> None:
    refused = await sign_up(client, park, NEW, "a-login", **changed)

    assert refused.status_code == status, refused.text
    assert (field, code) in [(fault["field"], fault["code"]) for fault in refused.json()["errors"]]


async def test_a_question_is_spent_and_many_sign_ups_of_one_machine_are_stopped(
    client: httpx.AsyncClient, park: dict[str, Any]
) -> None:
    question = await solved(client)
    first = await sign_up(client, park, NEW, "a-login", question=question)
    again = await sign_up(client, park, NEW, "a-login", question=question)
    other = await sign_up(client, park, NEW, "b-login", question=question)
    assert (first.status_code, again.status_code, again.content) == (202, 202, first.content)
    assert (other.status_code, other.json()["errors"][0]["code"]) == (409, "question_spent")

    statuses = [(await sign_up(client, park, NEW, f"login-{n}")).status_code for n in range(12)]

    assert statuses == [202] * 7 + [429] * 5
