"""Enquiries without an account: from the question to a visit and a deal, over HTTP; spam, isolation, erasure."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from litestar import Litestar

from actions.daily_update import run_daily_update
from domain.enquiry_terms import CONSENT
from domain.instants import SHANGHAI
from domain.working_hours import after_working_hours
from tests.api.story import Headers, box, firm_of, lease, register, state_need
from tests.api.test_stats import figure_of
from tests.conftest import TODAY, Dazu
from texts.lookup import tables

ROUTE, QUESTION = "/api/v1/enquiries", "/api/v1/enquiries/question"
NAME, PHONE, MAIL, MESSAGE = "欧阳独一无二", "13987654321", "unique-asker@example.org", "想看独一无二的厂房"
PERSON = {"name": NAME, "phone": "+86 139 8765 4321", "mail": MAIL, "message": f"{MESSAGE}\n第二行", "consent": True}
VISIT_ON = TODAY + timedelta(days=7)
VISIT = {"visit_on": str(VISIT_ON), "starts": "14:30", "minutes": 90, "meeting_place": "独一无二楼前; 一楼, 东门"}


async def solved(client: httpx.AsyncClient, language: str = "zh") -> dict[str, Any]:
    """A question with its right answer, as a person reads it."""
    answer = await client.get(QUESTION, headers={"Accept-Language": language})
    question = answer.json()
    numbers = {word: int(n) for n, word in tables("enquiry", language)["number"].items()}
    pattern = r"(\w+)加(\w+)等于几" if language == "zh" else r"How much is (\w+) plus (\w+)\?"
    match = re.search(pattern, question["question"])
    assert match is not None, question
    return {"token": question["token"], "answer": numbers[match[1]] + numbers[match[2]]}


async def enquire(client: httpx.AsyncClient, **facts: Any) -> httpx.Response:
    return await client.post(ROUTE, json=PERSON | facts | {"question": await solved(client)})


async def step(client: httpx.AsyncClient, who: Headers, enquiry_id: str, what: str, **body: Any) -> httpx.Response:
    read = await client.get(f"{ROUTE}/{enquiry_id}", headers=who)
    tag = {"If-Match": read.headers.get("etag", "*")}
    return await client.post(f"{ROUTE}/{enquiry_id}/{what}", headers=who | tag, json=body)


async def only(client: httpx.AsyncClient, who: Headers, **query: str) -> dict[str, Any]:
    (item,) = (await client.get(ROUTE, headers=who, params=query)).json()["items"]
    body: dict[str, Any] = item
    return body


async def test_an_enquiry_becomes_an_answer_a_visit_a_firm_a_need_and_a_deal(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    hall = await register(client, staff, park, "E-1", box(park, 0), level="building", stated_area=1800,
                          stated_area_unit="m2")  # fmt: skip
    period = {"from": str(TODAY), "to": str(TODAY), "park": park["id"]}
    before = await figure_of(client, "funnel", **period)
    then = datetime.now(UTC)

    sent = await enquire(client, asset_id=hall["id"], wants_visit=True)
    assert sent.status_code == 201, sent.text
    assert sent.json().keys() == {"reference"}
    item = await only(client, staff, state="new", asset=hall["id"])
    assert item["reference"] == sent.json()["reference"]
    assert item["person"] == {
        "name": NAME, "phone": PHONE, "mail": MAIL, "message": PERSON["message"], "answer": None, "meeting_place": None,
    }  # fmt: skip
    received = datetime.fromisoformat(item["received_at"])
    assert datetime.fromisoformat(item["due_at"]) == after_working_hours(received, 16)
    assert (item["wants_visit"], item["consent"], item["is_overdue"]) == (True, CONSENT, False)

    answered = await step(client, staff, item["id"], "answer", answered_by="phone", answer="已电话说明独一无二")
    assert (answered.status_code, answered.json()["state"]) == (200, "answered"), answered.text
    assert (await client.get(f"{ROUTE}/{item['id']}/visit.ics", headers=staff)).status_code == 404
    arranged = await step(client, staff, item["id"], "visit", **VISIT)
    assert (arranged.status_code, arranged.json()["state"]) == (200, "visit_arranged"), arranged.text
    starts_at = datetime(VISIT_ON.year, VISIT_ON.month, VISIT_ON.day, 14, 30, tzinfo=SHANGHAI)
    assert datetime.fromisoformat(arranged.json()["visit_starts_at"]) == starts_at
    calendar = await client.get(f"{ROUTE}/{item['id']}/visit.ics", headers=staff)
    assert calendar.headers["content-type"] == "text/calendar; charset=utf-8"
    lines = calendar.text.replace("\r\n ", "").split("\r\n")
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert f"DTSTART:{starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}" in lines
    assert f"DTEND:{starts_at.astimezone(UTC) + timedelta(minutes=90):%Y%m%dT%H%M%SZ}" in lines
    assert f"SUMMARY:看现场：E-1（咨询 {item['reference']}）" in lines
    assert "LOCATION:独一无二楼前\\; 一楼\\, 东门" in lines
    assert NAME not in calendar.text

    firm = await client.post("/api/v1/firms", headers=staff, json={"name": "新来的企业", "park_id": park["id"]})
    firm_id = firm.json()["id"]
    early = await step(client, staff, item["id"], "links", outcome_id=park["id"])
    assert early.json()["errors"][0]["code"] == "firm_before_need"
    linked = await step(client, staff, item["id"], "links", firm_id=firm_id)
    assert linked.json()["firm_id"] == firm_id, linked.text
    demand_id = await state_need(client, staff, firm_id=firm_id, listing="published")
    assert (await step(client, staff, item["id"], "links", demand_id=demand_id)).json()["demand_id"] == demand_id
    opened = await client.post(
        "/api/v1/outcomes", headers=staff, json=lease([hall["id"]], firm_id) | {"demand_id": demand_id}
    )
    assert opened.status_code == 201, opened.text
    linked = await step(client, staff, item["id"], "links", outcome_id=opened.json()["id"])
    assert (linked.json()["outcome_id"], linked.json()["state"]) == (opened.json()["id"], "visit_arranged")
    closed = await step(client, staff, item["id"], "close", closed_as="served")
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    again = await step(client, staff, item["id"], "visit", **VISIT)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "enquiry_closed")

    assert before["enquiries"] == {"received": 1, "answered": 1, "visits": 1, "outcomes": 0}
    after = await figure_of(client, "funnel", **period)
    assert after["enquiries"] == {"received": 2, "answered": 2, "visits": 2, "outcomes": 1}
    past = await figure_of(client, "funnel", **period, as_of=then.isoformat())
    assert past["enquiries"] == before["enquiries"]


async def test_a_question_is_spent_once_and_the_same_enquiry_again_is_answered_alike(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    body = PERSON | {"park_id": park["id"], "question": await solved(client, "en")}

    first = await client.post(ROUTE, json=body)
    again = await client.post(ROUTE, json=body)
    other = await client.post(ROUTE, json=body | {"message": "另一件事"})

    assert (first.status_code, again.content, again.status_code) == (201, first.content, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert (other.status_code, other.json()["errors"][0]["code"]) == (409, "question_spent")
    item = await only(client, staff, reference=first.json()["reference"].lower())
    assert (item["asset_id"], item["park_id"]) == (None, park["id"])


async def test_a_hundred_posts_of_one_machine_are_stopped(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    statuses = [(await enquire(client, park_id=park["id"], message=f"spam {n}")).status_code for n in range(100)]

    assert statuses == [201] * 10 + [429] * 90
    stopped = await enquire(client, park_id=park["id"])
    assert int(stopped.headers["retry-after"]) > 60
    assert len((await client.get(ROUTE, headers=staff, params={"state": "new"})).json()["items"]) == 10


async def test_a_park_is_not_flooded_from_many_addresses(app: Litestar, park: dict[str, Any]) -> None:
    statuses = []
    for n in range(70):
        transport = httpx.ASGITransport(app=app, client=(f"192.0.2.{n}", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://panhuo.test") as http:
            statuses.append((await enquire(http, park_id=park["id"])).status_code)

    assert statuses == [201] * 60 + [429] * 10


async def test_a_firm_that_signed_in_asks_from_its_ranking_and_reads_what_came_of_it(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, hall: dict[str, Any], shown: dict[str, Any]
) -> None:
    firm = keys["demo-zhiding"]
    body = PERSON | {"asset_id": hall["id"], "ranking_id": shown["id"], "wants_visit": True}

    sent = await client.post(ROUTE, headers=firm | {"Idempotency-Key": "visit-1"}, json=body)

    assert sent.status_code == 201, sent.text
    item = await only(client, staff, asset=hall["id"])
    assert (item["firm_id"], item["ranking_id"]) == (await firm_of(client, keys), shown["id"])
    rankings = await client.get(f"/api/v1/demands/{item['demand_id']}/rankings", headers=firm)
    assert [ranking["id"] for ranking in rankings.json()["items"]] == [shown["id"]]
    own = await only(client, firm)
    assert (own["id"], own["person"]) == (item["id"], None)
    assert (await step(client, firm, item["id"], "close", closed_as="served")).status_code == 403
    assert (await step(client, staff, item["id"], "visit", **VISIT)).status_code == 200
    calendar = await client.get(f"{ROUTE}/{item['id']}/visit.ics", headers=firm | {"Accept-Language": "en"})
    assert "LOCATION:Shuangqiao Economic Development Zone I-1" in calendar.text.replace("\r\n ", "")
    other = await client.post("/api/v1/firms", headers=staff, json={"name": "别家", "park_id": item["park_id"]})
    theirs = await state_need(client, staff, firm_id=other.json()["id"], listing="published")
    crossed = await step(client, staff, item["id"], "links", demand_id=theirs)
    assert (crossed.status_code, crossed.json()["errors"][0]["field"]) == (422, "demand_id")
    taken = await step(client, staff, item["id"], "links", firm_id=other.json()["id"])
    assert (taken.status_code, taken.json()["errors"][0]["code"]) == (409, "enquiry_of_another_firm")


async def test_other_parks_and_firms_know_nothing_of_it_and_leaders_read_no_person(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    assert (await enquire(client, park_id=park["id"])).status_code == 201
    item = await only(client, staff, state="new")
    place = f"{ROUTE}/{item['id']}"

    for login in ("demo-dazu-gaoxin", "demo-zhiding"):
        who = keys[login]
        assert (await client.get(ROUTE, headers=who)).json()["items"] == []
        assert (await client.get(place, headers=who)).status_code == 404
        assert (await client.get(f"{place}/visit.ics", headers=who)).status_code == 404
        assert (await client.delete(f"{place}/person", headers=who)).status_code == 404
        for what, body in (
            ("answer", {"answered_by": "phone", "answer": "x"}),
            ("visit", VISIT),
            ("links", {"firm_id": str(UUID(int=1))}),
            ("close", {"closed_as": "spam"}),
        ):
            answer = await client.post(f"{place}/{what}", headers=who | {"If-Match": "*"}, json=body)
            assert answer.status_code == 404, (login, what, answer.text)
    for login in ("demo-leader", "demo-auditor"):
        read = (await client.get(place, headers=keys[login])).json()
        assert (read["reference"], read["person"]) == (item["reference"], None)
        assert (await client.delete(f"{place}/person", headers=keys[login])).status_code == 403
    assert (await client.get(place, headers=keys["demo-admin"])).json()["person"]["name"] == NAME
    assert (await client.get(ROUTE)).status_code == 401
    assert (await client.get(place)).status_code == 401
    terms = f"/api/v1/parks/{park['id']}/enquiry-terms"
    put = await client.put(terms, headers=keys["demo-dazu-gaoxin"], json={"answer_hours": 1, "kept_days": 1})
    assert put.status_code == 403


async def test_what_waits_too_long_comes_up_by_the_terms_of_the_park(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    terms = f"/api/v1/parks/{park['id']}/enquiry-terms"
    assert (await client.get(terms, headers=staff)).json() == {
        "park_id": park["id"], "answer_hours": 16, "kept_days": 730,
    }  # fmt: skip
    stated = {"answer_hours": 4, "kept_days": 30}
    assert (await client.put(terms, headers=staff, json=stated)).json() == {"park_id": park["id"], **stated}
    for message in ("first", "second"):
        assert (await enquire(client, park_id=park["id"], message=message)).status_code == 201
    items = (await client.get(ROUTE, headers=staff, params={"state": "new"})).json()["items"]
    received = datetime.fromisoformat(items[0]["received_at"])
    assert datetime.fromisoformat(items[0]["due_at"]) == after_working_hours(received, 4)
    assert (await client.get(ROUTE, headers=staff, params={"overdue": "true"})).json()["items"] == []

    await conn.execute("UPDATE panhuo.enquiry SET due_at = now() - interval '1 minute'")
    await step(client, staff, items[1]["id"], "answer", answered_by="mail", answer="已回邮件")

    overdue = await only(client, staff, overdue="true")
    assert (overdue["id"], overdue["is_overdue"]) == (items[0]["id"], True)


EVERY_ROW = """
SELECT table_schema || '.' || table_name AS relation FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND table_schema IN ('panhuo', 'history', 'public')
"""


async def tables_with(conn: asyncpg.Connection, text: str) -> set[str]:
    """The tables of the database in which a text stands anywhere."""
    relations = [row["relation"] for row in await conn.fetch(EVERY_ROW)]
    return {
        relation
        for relation in relations
        if await conn.fetchval(f"SELECT EXISTS (SELECT FROM {relation} AS t WHERE t::text LIKE '%' || $1 || '%')", text)
    }


async def test_nothing_personal_is_recorded_and_all_of_it_is_erased(
    client: httpx.AsyncClient,
    staff: Headers,
    park: dict[str, Any],
    conn: asyncpg.Connection,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for message in ("独一无二之一", "独一无二之二"):
        sent = await enquire(client, park_id=park["id"], message=message)
        assert sent.status_code == 201
    refused = await enquire(client, park_id=park["id"], phone="12345")
    assert refused.status_code == 422
    once = {"Idempotency-Key": "answer-1", "If-Match": "*"}
    first, second = (await client.get(ROUTE, headers=staff, params={"state": "new"})).json()["items"]
    body = {"answered_by": "phone", "answer": f"{NAME}独一无二"}
    answered = await client.post(f"{ROUTE}/{first['id']}/answer", headers=staff | once, json=body)
    assert answered.status_code == 200
    visited = await client.post(f"{ROUTE}/{first['id']}/visit", headers=staff | {"If-Match": "*"}, json=VISIT)
    assert visited.status_code == 200

    for text in (NAME, PHONE, MAIL, "独一无二"):
        assert await tables_with(conn, text) == {"panhuo.enquirer"}, text
    assert [text for text in (NAME, PHONE, MAIL, "独一无二", "8765") if text in caplog.text] == []
    assert await conn.fetchval("SELECT count(*) FROM history.enquiry WHERE id = $1", UUID(first["id"])) == 2

    erased = await client.delete(f"{ROUTE}/{second['id']}/person", headers=staff)
    assert erased.json() == {"park_id": park["id"], "enquiry_ids": sorted([first["id"], second["id"]])}
    for text in (NAME, PHONE, MAIL, "独一无二"):
        assert await tables_with(conn, text) == set(), text
    read = (await client.get(f"{ROUTE}/{first['id']}", headers=staff)).json()
    assert (read["person"], read["erased_at"] is None) == (None, False)
    late = await step(client, staff, first["id"], "answer", answered_by="mail", answer="迟")
    assert (late.status_code, late.json()["errors"][0]["code"]) == (409, "enquirer_erased")
    assert (await client.delete(f"{ROUTE}/{first['id']}/person", headers=staff)).status_code == 404
    assert (await step(client, staff, first["id"], "close", closed_as="unreachable")).status_code == 200


async def test_who_asked_is_erased_when_the_term_is_over(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection, dazu: Dazu
) -> None:
    assert (await enquire(client, park_id=park["id"])).status_code == 201
    item = await only(client, staff, state="new")

    await run_daily_update(dazu.db, today=TODAY + timedelta(days=729))
    assert await tables_with(conn, NAME) == {"panhuo.enquirer"}
    await run_daily_update(dazu.db, today=TODAY + timedelta(days=730))

    assert await tables_with(conn, NAME) == set()
    acts = await conn.fetch("SELECT act, body FROM panhuo.event WHERE subject_id = $1 ORDER BY rev", UUID(item["id"]))
    assert [row["act"] for row in acts] == ["enquiry.received", "enquiry.person_erased"]
    assert (await client.get(f"{ROUTE}/{item['id']}", headers=staff)).json()["person"] is None


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"name": "王\r\nBcc: x@example.org"}, "name", "text_control"),
        ({"name": " "}, "name", "empty"),
        ({"name": "王\u202e"}, "name", "text_hidden"),
        ({"name": "王" * 101}, "name", "text_too_long"),
        ({"phone": "12345", "mail": None}, "phone", "telephone_form"),
        ({"phone": "11111111111"}, "phone", "telephone_form"),
        ({"phone": "43331234"}, "phone", "telephone_area_code"),
        ({"phone": "139\u000087654321"}, "phone", "text_control"),
        ({"phone": None, "mail": None}, "phone", "phone_or_mail"),
        ({"mail": "a@example.org\r\nBcc: b@example.org"}, "mail", "text_control"),
        ({"mail": "王 <a@example.org>"}, "mail", "mail_form"),
        ({"message": "看\u0000房"}, "message", "text_control"),
        ({"message": "看\u200b房"}, "message", "text_hidden"),
        ({"message": "\n"}, "message", "empty"),
        ({"message": "看" * 2001}, "message", "text_too_long"),
        ({"consent": False}, "consent", "consent_needed"),
        ({"consent": "yes"}, "consent", "wrong_type"),
        ({"park_id": None}, "asset_id", "unit_or_park"),
        ({"asset_id": str(UUID(int=1))}, "asset_id", "unknown_reference"),
        ({"question": None}, "question", "missing"),
        ({"question": {"token": "x", "answer": 1}}, "question.token", "question_token"),
        ({"colour": 1}, "colour", "unknown_field"),
    ],
)
async def test_bad_input_is_refused_by_name_and_leaves_the_question_unspent(
    client: httpx.AsyncClient, park: dict[str, Any], changed: dict[str, Any], field: str, code: str
) -> None:
    body = PERSON | {"park_id": park["id"], "question": await solved(client)}

    refused = await client.post(ROUTE, json=body | changed)

    assert refused.status_code == 422, refused.text
    assert (field, code) in [(fault["field"], fault["code"]) for fault in refused.json()["errors"]]
    assert (await client.post(ROUTE, json=body)).status_code == 201


async def test_a_wrong_answer_and_what_is_hidden_are_refused(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    question = await solved(client)
    body = PERSON | {"park_id": park["id"], "question": question | {"answer": question["answer"] + 1}}
    wrong = await client.post(ROUTE, json=body)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "question.answer")
    facts = {"park_id": park["id"], "level": "plot", "code": "E-9", "name": "E-9"}
    feature = {"type": "Feature", "geometry": box(park, 3), "properties": facts}
    draft = await client.post("/api/v1/assets", headers=staff, json=feature)
    hidden = await enquire(client, asset_id=draft.json()["id"])
    assert (hidden.status_code, hidden.json()["errors"][0]["code"]) == (422, "unknown_reference")
    demand_id = await state_need(client, keys["demo-zhiding"])
    signed_out = await enquire(client, park_id=park["id"], demand_id=demand_id)
    assert signed_out.status_code == 401
    nowhere = await enquire(client, park_id=str(UUID(int=1)))
    assert (nowhere.status_code, nowhere.json()["errors"][0]["code"]) == (404, "no_such_park")
    for login, status in (("demo-shuangqiao", 201), ("demo-dazu-gaoxin", 403), ("demo-leader", 403)):
        noted = await client.post(ROUTE, headers=keys[login], json=PERSON | {"park_id": park["id"]})
        assert noted.status_code == status, (login, noted.text)
    for starts, field in (("24:00", "starts"), ("9:00", "starts"), ("09:00", "visit_on")):
        item = (await client.get(ROUTE, headers=staff)).json()["items"][0]
        late = {"starts": starts, "visit_on": str(TODAY - timedelta(days=1))}
        refused = await step(client, staff, item["id"], "visit", **VISIT | late)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), refused.text
