"""Enquiries without an account and of firms, and what the staff of a park do with them, over HTTP."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post, put
from litestar.params import FromPath
from msgspec import Meta, Struct

from actions import enquiry as acts
from actions import enquiry_steps as steps
from actions.authorization import require_in_park
from api.bodies import Text, sent_fields
from api.paging import after_id, keyed, listed
from api.queries import PageQuery
from api.request import RequestContext, request_context
from api.response import NO_STORE, Reply, conditional, saved_as, written
from domain.actor import ANONYMOUS
from domain.address import network_of
from domain.answer import Once
from domain.enquiry_terms import CONSENT, MOST_ANSWER_HOURS, MOST_KEPT_DAYS
from domain.errors import Invalid, NotFound, NotSignedIn
from domain.question import SolvedQuestion, new_question
from outcomes.enquiry import AnswerMeans, ClosedAs, EnquiryState
from outcomes.visit_calendar import visit_ics
from store import enquiry
from texts.lookup import tables

ROUTE, TAGS = "/api/v1/enquiries", ["enquiries"]
TERMS = "/api/v1/parks/{park_id:uuid}/enquiry-terms"
#: Enquiries of strangers in an hour, from one network and to one park. A person who looks at ten units asks about each.
PER_NETWORK, PER_PARK, HOUR_S = 10, 60, 3600.0
CALENDAR = "text/calendar"


class EnquiryQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """Enquiries to one park, about one unit, in one state, of a reference, or those that wait for too long."""

    park: UUID | None = None
    asset: UUID | None = None
    state: EnquiryState | None = None
    overdue: bool = False
    reference: Annotated[str, Meta(max_length=20)] | None = None


class QuestionAnswer(Struct, forbid_unknown_fields=True, kw_only=True):
    """The answer to a question, with its token."""

    token: Annotated[str, Meta(max_length=300)]
    answer: Annotated[int, Meta(ge=0, le=1000)]


class NewEnquiry(Struct, forbid_unknown_fields=True, kw_only=True):
    """What somebody asks about a unit or a park, how they can be reached, and that they agree to both being kept."""

    name: Annotated[str, Meta(max_length=acts.MOST_NAME)]
    phone: Text | None = None
    mail: Text | None = None
    message: Annotated[str, Meta(max_length=acts.MOST_MESSAGE)]
    asset_id: UUID | None = None
    park_id: UUID | None = None
    demand_id: UUID | None = None
    ranking_id: UUID | None = None
    wants_visit: bool = False
    consent: bool
    question: QuestionAnswer | None = None


class EnquiryAnswer(Struct, forbid_unknown_fields=True, kw_only=True):
    """How an enquiry was answered, and in which words."""

    answered_by: AnswerMeans
    answer: Annotated[str, Meta(max_length=4000)]


class NewVisitTime(Struct, forbid_unknown_fields=True, kw_only=True):
    """When a visit is, in the time of Asia/Shanghai, and where one meets."""

    visit_on: date
    starts: Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", extra={"fault": "time_form"})]
    minutes: Annotated[int, Meta(ge=15, le=480)] = 60
    meeting_place: Annotated[str, Meta(max_length=200)] | None = None


class EnquiryLinks(Struct, forbid_unknown_fields=True, kw_only=True):
    """What came of an enquiry: a firm, its need, a deal with it."""

    firm_id: UUID | None = None
    demand_id: UUID | None = None
    outcome_id: UUID | None = None


class EnquiryClosing(Struct, forbid_unknown_fields=True, kw_only=True):
    """What an enquiry is closed as."""

    closed_as: ClosedAs


class NewEnquiryTerms(Struct, forbid_unknown_fields=True, kw_only=True):
    """Within how many working hours a park answers, and for how many days it keeps who asked."""

    answer_hours: Annotated[int, Meta(ge=1, le=MOST_ANSWER_HOURS)]
    kept_days: Annotated[int, Meta(ge=1, le=MOST_KEPT_DAYS)]


@get(f"{ROUTE}/question", tags=TAGS)
async def enquiry_question(request: Request[Any, Any, Any]) -> Reply:
    """A small sum that a stranger solves before they write, and the consent line that they agree to.

    Its token goes back with the answer within an hour, for one enquiry or one sign-up.
    """
    context = await request_context(request)
    question = new_question(await context.db.cursor_key(), CONSENT, int(context.now.timestamp()))
    texts = tables("enquiry", context.language)
    numbers = texts["number"]
    body = {
        "question": texts["question"]["sum"].format(
            first=numbers[str(question.first)], second=numbers[str(question.second)]
        ),
        "token": question.token,
        "expires_at": datetime.fromtimestamp(question.expires_s, UTC).isoformat(),
        "consent": {"version": CONSENT, "text": texts["consent"][CONSENT]},
    }
    return Reply(json.dumps(body, ensure_ascii=False).encode(), headers=NO_STORE)


@post(ROUTE, opt={"body": NewEnquiry}, status_code=201, tags=TAGS)
async def make_enquiry(request: Request[Any, Any, Any]) -> Reply:
    """Asks a park about a unit or about itself, without an account; firms that signed in may name need and ranking.

    Strangers send the answer to a question of `GET /api/v1/enquiries/question`; it is spent by it, and the same request
    again gets the same answer. Staff write down for somebody who called. The answer is a reference and nothing else.
    """
    context = await request_context(request)
    body: NewEnquiry = context.body
    facts = {name: value for name, value in sent_fields(body).items() if name != "question"}
    if context.actor is ANONYMOUS:
        spend_network(context, "enquiry")
    acts.check_sender(facts)
    subject = await acts.subject_of(context.db, context.actor, facts)
    question, once = await solved_question(context, body.question)
    if question is not None:
        spend_park(context, subject.park_id)
    answer = await acts.receive(context.db, context.actor, subject, facts, question=question, once=once)
    return written(answer)


def spend_network(context: RequestContext, budget: str) -> None:
    """Raises TooMany for the eleventh such request of a stranger's network in an hour."""
    context.state.limits.spend(budget, network_of(context.address), PER_NETWORK, window_s=HOUR_S)


def spend_park(context: RequestContext, park_id: UUID) -> None:
    """Raises TooMany for more enquiries of strangers to a park than it gets in an hour."""
    context.state.limits.spend("enquiries of a park", str(park_id), PER_PARK, window_s=HOUR_S)


async def solved_question(
    context: RequestContext, sent: QuestionAnswer | None
) -> tuple[SolvedQuestion | None, Once | None]:
    """The question that a stranger solved, and what spends it: the key under which this body is done once."""
    if context.actor is not ANONYMOUS:
        return None, context.once
    if sent is None:
        raise Invalid("missing", "question")
    question = await acts.check_question(context.db, sent.token, sent.answer, int(context.now.timestamp()))
    digest = hashlib.sha256(msgspec.json.encode(context.body)).digest()
    return question, Once(f"question {question.nonce}", digest)


def _signed_in(context: RequestContext) -> RequestContext:
    if context.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    return context


def _whole(row: Any) -> str:
    """An enquiry with its person, where the caller may read that."""
    return f'{row["document"][:-1]},"person":{row["person"] or "null"}}}'


@get(ROUTE, opt={"query": EnquiryQuery}, tags=TAGS)
async def list_enquiries(request: Request[Any, Any, Any]) -> Reply:
    """Enquiries to the caller's parks, with who asks for their staff; for a firm its own."""
    context = _signed_in(await request_context(request))
    query: EnquiryQuery = context.query
    after = after_id(context, ROUTE)
    wanted = enquiry.EnquiryFilter(query.park, query.asset, query.state, query.overdue, query.reference)
    async with context.db.read(context.actor, park_id=query.park) as conn:
        rows = await enquiry.page(conn, wanted, after=after, limit=query.limit + 1)
    items = [{"id": row["id"], "document": _whole(row)} for row in rows]
    return listed(context, ROUTE, *keyed(items, query.limit, "id", "document"))


@get(f"{ROUTE}/{{enquiry_id:uuid}}", tags=TAGS)
async def read_enquiry(request: Request[Any, Any, Any], enquiry_id: FromPath[UUID]) -> Reply:
    """One enquiry, with its ETag; who asks is for the staff of its park."""
    context = _signed_in(await request_context(request))
    async with context.db.read(context.actor) as conn:
        row = await enquiry.visible(conn, enquiry_id)
    if row is None:
        raise NotFound("no_such")
    return conditional(context, _whole(row), row["revision"], headers=NO_STORE)


@post(f"{ROUTE}/{{enquiry_id:uuid}}/answer", opt={"body": EnquiryAnswer, "if_match": True}, status_code=200, tags=TAGS)
async def answer_enquiry(request: Request[Any, Any, Any], enquiry_id: FromPath[UUID]) -> Reply:
    """Notes how an enquiry was answered and in which words; needs If-Match. For staff."""
    context = _signed_in(await request_context(request))
    body: EnquiryAnswer = context.body
    answer = await steps.answer_enquiry(
        context.db,
        context.actor,
        enquiry_id,
        means=body.answered_by,
        answer=body.answer,
        if_match=context.if_match,
        once=context.once,
    )
    return written(answer)


@post(f"{ROUTE}/{{enquiry_id:uuid}}/visit", opt={"body": NewVisitTime, "if_match": True}, status_code=200, tags=TAGS)
async def arrange_visit(request: Request[Any, Any, Any], enquiry_id: FromPath[UUID]) -> Reply:
    """Arranges a visit, or moves the one arranged; needs If-Match. For staff."""
    context = _signed_in(await request_context(request))
    body: NewVisitTime = context.body
    answer = await steps.arrange_visit(
        context.db,
        context.actor,
        enquiry_id,
        visit_on=body.visit_on,
        starts=time.fromisoformat(body.starts),
        minutes=body.minutes,
        meeting_place=body.meeting_place,
        if_match=context.if_match,
        once=context.once,
        now=context.now,
    )
    return written(answer)


@get(f"{ROUTE}/{{enquiry_id:uuid}}/visit.ics", opt={"also": [CALENDAR]}, tags=TAGS)
async def visit_calendar(request: Request[Any, Any, Any], enquiry_id: FromPath[UUID]) -> Reply:
    """The visit as a calendar file (ICS), for staff and the firm; nobody's name stands in it."""
    context = _signed_in(await request_context(request))
    async with context.db.read(context.actor) as conn:
        row = await enquiry.visible(conn, enquiry_id)
        about = await enquiry.meeting(conn, enquiry_id)
    if row is None or about is None:
        raise NotFound("no_such")
    facts = json.loads(row["document"])
    if facts["visit_starts_at"] is None:
        raise NotFound("no_such")
    park = about["name_zh" if context.language == "zh" else "name_en"]
    unit = about["unit"] or park
    met_at = None if row["person"] is None else json.loads(row["person"])["meeting_place"]
    summary = tables("enquiry", context.language)["visit"]["summary"].format(unit=unit, reference=facts["reference"])
    starts_at, ends_at, at = (
        datetime.fromisoformat(facts[name]).astimezone(UTC)
        for name in ("visit_starts_at", "visit_ends_at", "recorded_at")
    )
    place = met_at or (f"{park} {unit}" if unit != park else park)
    ics = visit_ics(str(enquiry_id), row["revision"], starts_at, ends_at, summary, place, at)
    name = f"visit-{facts['reference']}.ics"
    return Reply(ics, f"{CALENDAR}; charset=utf-8", headers={**NO_STORE, **saved_as(name, name)})


@post(f"{ROUTE}/{{enquiry_id:uuid}}/links", opt={"body": EnquiryLinks, "if_match": True}, status_code=200, tags=TAGS)
async def link_enquiry(request: Request[Any, Any, Any], enquiry_id: FromPath[UUID]) -> Reply:
    """Says which firm, need or deal came of an enquiry; needs If-Match. For staff."""
    context = _signed_in(await request_context(request))
    links = {name: value for name, value in sent_fields(context.body).items() if value is not None}
    answer = await steps.link_enquiry(
        context.db, context.actor, enquiry_id, links, if_match=context.if_match, once=context.once
    )
    return written(answer)


@post(f"{ROUTE}/{{enquiry_id:uuid}}/close", opt={"body": EnquiryClosing, "if_match": True}, status_code=200, tags=TAGS)
async def close_enquiry(request: Request[Any, Any, Any], enquiry_id: FromPath[UUID]) -> Reply:
    """Closes an enquiry for good; needs If-Match. For staff."""
    context = _signed_in(await request_context(request))
    answer = await steps.close_enquiry(
        context.db,
        context.actor,
        enquiry_id,
        closed_as=context.body.closed_as,
        if_match=context.if_match,
        once=context.once,
    )
    return written(answer)


@delete(f"{ROUTE}/{{enquiry_id:uuid}}/person", status_code=200, tags=TAGS)
async def erase_enquirer(request: Request[Any, Any, Any], enquiry_id: FromPath[UUID]) -> Reply:
    """Erases who asked and all words of the enquiry for good, in every enquiry to the park by the same person."""
    context = _signed_in(await request_context(request))
    return written(await steps.erase_enquirer(context.db, context.actor, enquiry_id, once=context.once))


@get(TERMS, tags=TAGS)
async def enquiry_terms(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """How a park treats enquiries: hours until an answer, days for which people are kept; for its staff."""
    context = await request_context(request)
    await require_in_park(context.db, context.actor, "enquiry.read", park_id, "park_id")
    async with context.db.read(context.actor, park_id=park_id) as conn:
        answer_hours, kept_days = await enquiry.terms(conn, park_id)
    body = {"park_id": str(park_id), "answer_hours": answer_hours, "kept_days": kept_days}
    return Reply(json.dumps(body).encode(), headers=NO_STORE)


@put(TERMS, opt={"body": NewEnquiryTerms}, status_code=200, tags=TAGS)
async def state_enquiry_terms(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """Says how a park treats enquiries from now on; for its staff."""
    context = await request_context(request)
    body: NewEnquiryTerms = context.body
    answer = await steps.state_terms(
        context.db,
        context.actor,
        park_id,
        answer_hours=body.answer_hours,
        kept_days=body.kept_days,
        once=context.once,
    )
    return written(answer)


ROUTES = [
    enquiry_question,
    make_enquiry,
    list_enquiries,
    read_enquiry,
    answer_enquiry,
    arrange_visit,
    visit_calendar,
    link_enquiry,
    close_enquiry,
    erase_enquirer,
    enquiry_terms,
    state_enquiry_terms,
]
