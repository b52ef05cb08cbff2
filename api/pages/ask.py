"""The form by which anybody asks about a unit, a page of its own: it carries a question for its reader alone.

What is wrong stands beside its field, and what was typed stays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import UUID

from litestar import Request

from actions import enquiry as acts
from api.enquiry import spend_network, spend_park
from api.ogc.markup import HTML
from api.pages.frame import PAGE_HEADERS, PageRequest, path_of, rendered
from api.pages.unit import park_name
from api.request import MOST_PARAMETERS, received_body
from api.response import NO_STORE, Reply
from domain.actor import ANONYMOUS
from domain.answer import Once
from domain.enquiry_terms import CONSENT
from domain.errors import Conflict, Fault, Invalid, Malformed, NotFound, TooLarge, TooMany
from domain.question import new_question
from store import unit_page
from texts.lookup import tables, tag
from texts.refusal_sentences import sentence

#: Bytes of a form: its longest texts, percent-encoded.
MOST_BYTES: Final = 64 << 10
FIELDS: Final = ("name", "phone", "mail", "message")


async def ask_form(page: PageRequest, asset_id: UUID) -> Reply:
    """The form, with nothing in it."""
    return await _form(page, asset_id, {}, [], 200)


async def ask(request: Request[Any, Any, Any], page: PageRequest, asset_id: UUID) -> Reply:
    """Takes what was asked: a page with its reference, or the form again with what is wrong."""
    typed = await _typed(request)
    context = page.context
    facts: dict[str, Any] = {name: typed.get(name, "").strip() or None for name in ("phone", "mail")}
    facts |= {"name": typed.get("name", ""), "message": typed.get("message", "").replace("\r\n", "\n")}
    facts |= {"asset_id": asset_id, "wants_visit": "wants_visit" in typed, "consent": "consent" in typed}
    try:
        spend_network(context, "enquiry")
        acts.check_sender(facts)
        subject = await acts.subject_of(context.db, ANONYMOUS, facts)
        answer = typed.get("answer", "").strip()
        if not (answer.isascii() and answer.isdigit() and len(answer) < 5):
            raise Invalid("question_answer", "question.answer")
        now_s = int(context.now.timestamp())
        question = await acts.check_question(context.db, typed.get("token", "")[:300], int(answer), now_s)
        spend_park(context, subject.park_id)
        digest = hashlib.sha256(repr(sorted(facts.items(), key=str)).encode()).digest()
        once = Once(f"question {question.nonce}", digest)
        done = await acts.receive(context.db, ANONYMOUS, subject, facts, question=question, once=once)
    except (Invalid, Malformed, Conflict) as refusal:
        return await _form(page, asset_id, typed, refusal.faults, 422)
    except TooMany as refusal:
        return await _form(page, asset_id, typed, refusal.faults, 429)
    return await _thanks(page, asset_id, done.body)


async def _typed(request: Request[Any, Any, Any]) -> dict[str, str]:
    """What a form sent. Raises TooLarge, Malformed for what is none."""
    raw, size = await received_body(request, MOST_BYTES)
    if size > MOST_BYTES:
        raise TooLarge("body_too_large", "body", most=MOST_BYTES)
    try:
        text = raw.decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS))
    except ValueError as fault:
        raise Malformed("query_form", "body", most=MOST_PARAMETERS) from fault


async def _unit(page: PageRequest, asset_id: UUID) -> dict[str, Any]:
    async with page.context.db.read(ANONYMOUS) as conn:
        row = await unit_page.facts(conn, asset_id)
    if row is None:
        raise NotFound("no_such")
    properties = row["feature"]["properties"]
    return {
        "name": str(properties["name"] or properties["code"]),
        "code": properties["code"],
        "park": park_name(page, row),
        "href": page.link(path_of(row["park_code"], properties["code"])),
    }


async def _form(
    page: PageRequest, asset_id: UUID, typed: Mapping[str, str], faults: Sequence[Fault], status: int
) -> Reply:
    unit, texts = await _unit(page, asset_id), tables("enquiry", page.language)
    question = new_question(await page.context.db.cursor_key(), CONSENT, int(page.context.now.timestamp()))
    beside = {fault.field.rpartition(".")[2]: sentence(fault, page.language) for fault in faults}
    shown = {*FIELDS, "consent", "answer"}
    numbers = texts["number"]
    sum_ = texts["question"]["sum"].format(first=numbers[str(question.first)], second=numbers[str(question.second)])
    body = rendered(
        page, "ask.html", page.texts["ask_title"], unit=unit, ask=tables("pages", page.language)["ask"],
        typed={name: typed.get(name, "") for name in FIELDS}, wants_visit="wants_visit" in typed,
        beside=beside, others=[text for name, text in beside.items() if name not in shown],
        question=sum_, token=question.token, consent=texts["consent"][CONSENT],
        action=f"{page.context.state.link(page.path)}?f=ask&lang={page.language}",
    )  # fmt: skip
    return _reply(page, body, status)


async def _thanks(page: PageRequest, asset_id: UUID, answer: str) -> Reply:
    unit = await _unit(page, asset_id)
    body = rendered(page, "thanks.html", page.texts["thanks_title"], unit=unit,
                    ask=tables("pages", page.language)["ask"], reference=json.loads(answer)["reference"])  # fmt: skip
    return _reply(page, body, 201)


def _reply(page: PageRequest, body: bytes, status: int) -> Reply:
    headers = {**PAGE_HEADERS, **NO_STORE, "Content-Language": tag(page.language)}
    return Reply(body, HTML, status=status, headers=headers)
