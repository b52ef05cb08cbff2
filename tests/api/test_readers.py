"""Leaders and auditors: of their parks they read what staff read, but no person. They write nothing: neither by their
rights nor in the database.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio

from actions.account import add_account, add_key
from api.request import caller
from domain import actor as rights
from domain.actor import READERS, SYSTEM, Actor
from domain.errors import Unavailable
from domain.instants import SHANGHAI
from domain.words import Role
from tests.api.district import STAFF, District, SampleRequest
from tests.api.requests import ALSO, REQUESTS
from tests.api.story import Headers, box
from tests.api.test_bad_input import StaffClient, staff_client
from tests.conftest import TODAY, Dazu

__all__ = ["staff_client"]
PASSWORD = "swan-river-granite-7"
#: About whoever calls, or what staff may do next, or filled with the caller's own records: other than for staff.
OWN = {"me", "list_keys", "read_outcome", "list_accounts", "read_account", "account_keys", "openapi"} | {
    "enquiry_question"
}
#: Persons: for staff and the firm alone.
PERSONS = {"firm_officers", "list_sign_ups"}
#: What readers read without the person in it.
WITHOUT_PERSON = {"list_enquiries", "read_enquiry"}
#: Of a contact, staff read how the person agreed.
WITHOUT_AGREEMENT = {"park_contact", "unit_contact"}
#: What answers a question and keeps nothing of it, as anybody may.
KEEPS_NOTHING = {"rank_need"}
#: Of one's own account and session.
SIGNING_IN = {"log_in", "refresh", "log_out", "change_password"}


async def reader(dazu: Dazu, role: Role, park_id: str) -> Headers:
    """A key of a new account of this role, of one park."""
    facts = {"login": f"a-{role}", "password": PASSWORD, "role": role}
    await add_account(dazu.db, SYSTEM, **facts, park_ids=[UUID(park_id)])
    made = await add_key(dazu.db, SYSTEM, label="x", login=f"a-{role}", once=None, today=TODAY)
    return {"X-API-Key": json.loads(made.body)["key"]}


@pytest_asyncio.fixture(loop_scope="session")
async def readers(dazu: Dazu, park: dict[str, Any]) -> AsyncIterator[dict[Role, Headers]]:
    yield {role: await reader(dazu, role, park["id"]) for role in sorted(READERS)}


async def actor_of(dazu: Dazu, headers: Headers) -> Actor:
    return await caller({name.lower(): value for name, value in headers.items()}, dazu.db, datetime.now(SHANGHAI))


async def as_caller(district: District, request: SampleRequest, headers: Headers) -> httpx.Response:
    return await district.send(SampleRequest(request.operation, request.parameters, request.body, headers))


async def test_every_operation(
    district: District, readers: dict[Role, Headers], staff_client: StaffClient, keys: dict[str, Headers]
) -> None:
    wrong = {}
    for name, make in {**REQUESTS, **ALSO}.items():
        sample = await make(district)
        method, _, _ = district.operation(sample.operation)
        if name in SIGNING_IN:
            continue
        before = await staff_client.rows()
        for role, headers in readers.items():
            answer = await as_caller(district, sample, headers)
            if method == "GET":
                if not await _reads_as_staff(district, sample, role, answer):
                    wrong[name, role] = (answer.status_code, answer.text[:200])
            elif (answer.status_code not in (403, 404)) != (name in KEEPS_NOTHING):
                wrong[name, role] = (answer.status_code, answer.text[:200])
        if await staff_client.rows() != before:
            wrong[name, "rows"] = (0, "were written")

    assert wrong == {}


async def _reads_as_staff(district: District, sample: SampleRequest, role: Role, answer: httpx.Response) -> bool:
    name = sample.operation
    if name in PERSONS:
        return answer.status_code == 403
    if name in ("list_accounts", "read_account", "account_keys"):
        return answer.status_code == (200 if role is Role.auditor else 403)
    staffs = await as_caller(district, sample, district.keys[STAFF])
    for names, member in ((WITHOUT_PERSON, "person"), (WITHOUT_AGREEMENT, "agreement")):
        if name in names:
            return answer.status_code == 200 and answer.json() == _without(staffs.json(), member)
    is_same = name in OWN or "json" not in staffs.headers["content-type"] or _plain(answer) == _plain(staffs)
    return answer.status_code == staffs.status_code and is_same


def _without(body: Any, member: str) -> Any:
    if isinstance(body, list):
        return [_without(item, member) for item in body]
    if isinstance(body, dict):
        return {key: None if key == member else _without(value, member) for key, value in body.items()}
    return body


def _plain(answer: httpx.Response) -> Any:
    body = answer.json()
    return {key: value for key, value in body.items() if key != "instance"} if isinstance(body, dict) else body


async def test_staff_facts_are_read_and_persons_are_not(
    client: httpx.AsyncClient,
    dazu: Dazu,
    readers: dict[Role, Headers],
    staff: Headers,
    park: dict[str, Any],
    hall: dict[str, Any],
) -> None:
    facts = {"park_id": park["id"], "level": "plot", "code": "D-1", "name": "D-1", "stated_area": 9}
    facts |= {"stated_area_unit": "mu"}
    feature = {"type": "Feature", "geometry": box(park, 3), "properties": facts}
    draft = (await client.post("/api/v1/assets", headers=staff, json=feature)).json()
    firm = (await client.post("/api/v1/firms", headers=staff, json={"name": "一家"})).json()["id"]
    officer = {"park_id": park["id"], "name": "王专员", "phone": "13800000000"}
    await client.post(f"/api/v1/firms/{firm}/officer", headers=staff, json=officer)
    for headers in readers.values():
        own = await client.get(f"/api/v1/assets/{draft['id']}", headers=headers)
        assert (own.status_code, own.json()) == (200, draft)
        assert "staff" in own.json()
        for place in (f"/api/v1/firms/{firm}/officer", f"/api/v1/firms/{firm}", "/api/v1/events?limit=1000"):
            answer = await client.get(place, headers=headers)
            assert "王专员" not in answer.text and "13800000000" not in answer.text
        for query in ("SELECT count(*) FROM contact", "SELECT count(*) FROM firm_officer_visible"):
            async with dazu.db.read(await actor_of(dazu, headers)) as conn:
                assert await conn.fetchval(query) == 0
            async with dazu.db.read(await actor_of(dazu, staff)) as conn:
                assert await conn.fetchval(query) > 0


async def test_other_parks_are_as_for_staff(client: httpx.AsyncClient, readers: dict[Role, Headers]) -> None:
    parks = (await client.get("/api/v1/parks")).json()["features"]
    other = next(park["id"] for park in parks if park["properties"]["code"] == "dazu-gaoxin")
    for headers in readers.values():
        assert (await client.get(f"/api/v1/outcomes?park={other}", headers=headers)).json()["items"] == []
        assert (await client.get(f"/api/v1/events?park={other}", headers=headers)).status_code == 403
        assert (await client.get(f"/api/v1/parks/{other}/history", headers=headers)).status_code == 403
        stats = f"/api/v1/stats/revitalized?from=2025-01-01&to=2025-06-30&explain=records&park={other}"
        assert (await client.get(stats, headers=headers)).status_code == 403


async def test_the_database_takes_no_write_of_theirs(
    client: httpx.AsyncClient,
    dazu: Dazu,
    readers: dict[Role, Headers],
    park: dict[str, Any],
    staff_client: StaffClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With their rights out of the way: what they send is let through, and stops at the transaction."""
    everyone = {verb: roles | READERS for verb, roles in rights.RIGHTS.items()}
    monkeypatch.setattr(rights, "RIGHTS", everyone)
    facts = {"park_id": park["id"], "level": "plot", "code": "W-1", "name": "W-1"}
    feature = {"type": "Feature", "geometry": box(park, 4), "properties": facts}
    before = await staff_client.rows()
    for headers in readers.values():
        for key in ({}, {"Idempotency-Key": "w"}):
            answer = await client.post("/api/v1/assets", headers=headers | key, json=feature)
            assert answer.status_code == 503, answer.text
        who = await actor_of(dazu, headers)
        for opened in (dazu.db.read(who), dazu.db.system()):
            with pytest.raises(Unavailable) as refused:
                async with opened as conn:
                    assert await conn.fetchval("SHOW transaction_read_only") == "on"
                    await conn.execute("UPDATE asset SET name = name")
            assert isinstance(refused.value.__cause__, asyncpg.ReadOnlySQLTransactionError)
        with pytest.raises(Unavailable) as refused:
            async with dazu.db.write(who, UUID(park["id"])) as act:
                assert await act.conn.fetchval("SHOW transaction_read_only") == "on"
                await act.conn.execute("UPDATE asset SET name = name")
        assert isinstance(refused.value.__cause__, asyncpg.ReadOnlySQLTransactionError)

    assert await staff_client.rows() == before


async def test_roles_are_named_in_the_database(conn: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as broken:
        await conn.execute("UPDATE panhuo.account SET role = 'mayor' WHERE role = 'staff'")

    assert broken.value.constraint_name == "account_role"


async def test_their_streams_and_papers(client: httpx.AsyncClient, readers: dict[Role, Headers]) -> None:
    for headers in readers.values():
        for place in (
            "/api/v1/papers/outcomes?format=csv",
            "/api/v1/papers/statistics?from=2025-01-01&to=2025-06-30&format=csv",
            "/api/v1/papers/month?month=2025-06&format=xlsx",
            "/api/v1/stats/refusals?from=2025-01-01&to=2025-06-30",
        ):
            answer = await client.get(place, headers=headers)
            assert answer.status_code == 200, (place, answer.text)
