"""Papers over HTTP: the list of deals, one page a deal, figures, the month, the decision sheet of a ranking."""

from __future__ import annotations

import asyncio
import json
from calendar import monthrange
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath
from msgspec import Meta, Struct

from actions.matchmaking import ranking_document
from actions.needs import ranking_home
from actions.replay import replay
from api.figures import for_staff, in_reach, instant, period, when
from api.papers.decision import decision_sheet
from api.papers.figures import figures_paper, month_report, read_all
from api.papers.outcomes import outcome_list, outcome_page
from api.papers.paper import Paper, Part
from api.papers.press import pdf_of
from api.papers.sheets import csv_of, xlsx_of
from api.papers.words import Words
from api.queries import AsOf
from api.rankings import RANKINGS
from api.reasons import readable
from api.replies import NO_STORE, Reply
from api.request import Call, opened
from domain.actor import ANONYMOUS
from domain.errors import Conflict, Malformed, NotFound, NotSignedIn
from domain.words import Role
from outcomes.revival import Verdict
from store import catalogue, demand, outcome, paper
from store.statistics import figures

TAGS = ["papers"]
MEDIA = {
    "pdf": ("application/pdf", pdf_of),
    "csv": ("text/csv; charset=utf-8", csv_of),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_of),
}
PDF, CSV, XLSX = (MEDIA[name][0].partition(";")[0] for name in ("pdf", "csv", "xlsx"))


class ListQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """Deals of one park, or of all the caller may see."""

    park: UUID | None = None
    format: Literal["csv", "xlsx"] = "xlsx"


class FiguresQuery(Struct, forbid_unknown_fields=True, kw_only=True, rename={"starts_on": "from", "ends_on": "to"}):
    """All figures of a period, as known at an instant."""

    starts_on: date
    ends_on: date
    as_of: AsOf = None
    park: UUID | None = None
    format: Literal["csv", "xlsx", "pdf"] = "xlsx"


class MonthQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """A month, such as 2025-06, of one park or all."""

    month: Annotated[str, Meta(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$", max_length=7, extra={"fault": "month_form"})]
    park: UUID | None = None
    format: Literal["pdf", "xlsx"] = "pdf"


class SheetQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """As a page or as a sheet."""

    format: Literal["pdf", "xlsx"] = "pdf"


async def _signed_in(request: Request[Any, Any, Any]) -> Call:
    call = await opened(request)
    if call.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    return call


async def _sent(call: Call, made: Paper, form: str) -> Reply:
    """The paper in a form, made beside the event loop, with a name to be saved under. Source: RFC 6266."""
    media, make = MEDIA[form]
    body = await asyncio.to_thread(make, made)
    name = f"{made.title}-{call.today}.{form}"
    saved = f"attachment; filename=\"{made.name}.{form}\"; filename*=UTF-8''{quote(name)}"
    language = "zh-CN" if call.language == "zh" else "en"
    return Reply(body, media, headers={**NO_STORE, "Content-Disposition": saved, "Content-Language": language})


@get("/api/v1/papers/outcomes", opt={"query": ListQuery, "also": (XLSX, CSV)}, tags=TAGS)
async def outcome_list_paper(request: Request[Any, Any, Any]) -> Reply:
    """Deals of the caller's parks or firm as a sheet, at most 10,000; an admin names the park."""
    call = await _signed_in(request)
    async with call.db.read(call.actor, park_id=call.query.park) as conn:
        rows = await paper.outcomes(conn, call.query.park)
        asked = sorted(call.actor.park_ids) if call.query.park is None else [call.query.park]
        parks = await paper.parks(conn, asked)
    return await _sent(call, outcome_list(rows, parks, call.language, str(call.today)), call.query.format)


@get("/api/v1/papers/outcomes/{outcome_id:uuid}", opt={"query": SheetQuery, "also": (PDF, XLSX)}, tags=TAGS)
async def outcome_paper(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """One deal on one page: who, what, its stages planned and reached, what was promised and delivered."""
    call = await _signed_in(request)
    home = await outcome.home(call.db, outcome_id) if call.actor.role is Role.admin else None
    async with call.db.read(call.actor, park_id=None if home is None else home.park_id) as conn:
        row = await paper.outcome(conn, outcome_id)
    if row is None:
        raise NotFound("no_such")
    return await _sent(call, outcome_page(row, call.language, str(call.today)), call.query.format)


@get("/api/v1/papers/statistics", opt={"query": FiguresQuery, "also": (XLSX, CSV, PDF)}, tags=TAGS)
async def statistics_paper(request: Request[Any, Any, Any]) -> Reply:
    """All figures of a period as a sheet or on paper, as known now or at an instant; for staff."""
    call = await opened(request)
    for_staff(call)
    starts_on, ends_on = period(call)
    _has_a_year_before(starts_on, "from")
    as_of = instant(call)
    async with figures(call.db, as_of=as_of, park_id=call.query.park) as known:
        told = await read_all(known, starts_on, ends_on, call.today)
    made = figures_paper(told, call.language, str(call.today), when(as_of))
    return await _sent(call, made, call.query.format)


def _has_a_year_before(day: date, name: str) -> None:
    if in_reach(name, day).year == 1900:
        raise Malformed("out_of_range", name, least="1901-01-01", most="2199-12-31")


@get("/api/v1/papers/month", opt={"query": MonthQuery, "also": (PDF, XLSX)}, tags=TAGS)
async def month_paper(request: Request[Any, Any, Any]) -> Reply:
    """The report of a month: what was revived, stock, funnel, requests; for staff, with the deals of their park."""
    call = await opened(request)
    for_staff(call)
    year, month = int(call.query.month[:4]), int(call.query.month[5:])
    starts_on = date(max(year, 1), month, 1)
    _has_a_year_before(starts_on, "month")
    if starts_on > call.today:
        raise Malformed("in_the_future", "month", today=call.today)
    ends_on = starts_on.replace(day=monthrange(year, month)[1])
    async with figures(call.db, as_of=None, park_id=call.query.park) as known:
        told = await read_all(known, starts_on, ends_on, call.today)
    deals = None if call.query.park is None else await _revived(call, starts_on, ends_on)
    made = month_report(told, deals, call.language, str(call.today))
    return await _sent(call, made, call.query.format)


async def _revived(call: Call, starts_on: date, ends_on: date) -> Part | None:
    """The deals of a park that count in a month."""
    async with call.db.read(call.actor, park_id=call.query.park) as conn:
        rows = await paper.outcomes(conn, call.query.park)
    shown = []
    for row in rows:
        judged = json.loads(row["document"])["revivals"] or ()
        days = [date.fromisoformat(one["revived_on"]) for one in judged if one["verdict"] == Verdict.counted]
        if any(starts_on <= day <= ends_on for day in days):
            shown.append(row)
    whole = outcome_list(shown, [], call.language, str(call.today)).parts[0]
    columns = [2, 3, 5, 6, 10, 11, 12]
    return Part(
        "table",
        Words(call.language)("本月盘活项目", "Revived this month"),
        [[row[n] for n in columns] for row in whole.rows],
        [whole.columns[n] for n in columns],
        (4, 4, 2, 2, 2, 2, 2),
    )


@get(
    f"{RANKINGS}/{{ranking_id:uuid}}/decision-sheet", opt={"query": SheetQuery, "also": (PDF, XLSX)}, tags=["rankings"]
)
async def decision_sheet_paper(request: Request[Any, Any, Any], ranking_id: FromPath[UUID]) -> Reply:
    """The decision sheet of a kept ranking: need, weights, the first five with reasons, what is left out, replay."""
    call = await _signed_in(request)
    firm_id, home = await ranking_home(call.db, call.actor, ranking_id)
    async with call.db.read(call.actor, scope_id=firm_id) as conn:
        row = await demand.ranking(conn, firm_id, ranking_id)
        kept = await demand.replayable(conn, firm_id, ranking_id)
        need = await paper.need(conn, firm_id, home)
    if row is None or kept is None or need is None:
        raise NotFound("no_such")
    ranking = ranking_document(ranking_id, home, row["demand_version"], json.loads(row["answer"]))
    ids = {one for part in ranking["lists"].values() for result in part["results"] for one in result["asset_ids"]}
    async with call.db.read(call.actor) as conn:
        names = {key: json.loads(text) for key, text in (await catalogue.names(conn, sorted(ids))).items()}
    shown = readable(ranking, names, call.language)
    asked = {"title": need["title"], **json.loads(kept["inputs"])["demand"]}
    made = decision_sheet(shown, asked, need["firm"], await _replayed(call, ranking_id), call.language, str(call.today))
    return await _sent(call, made, call.query.format)


async def _replayed(call: Call, ranking_id: UUID) -> dict[str, Any] | None:
    """What a replay says; None for a ranking this release cannot replay."""
    try:
        return await replay(call.db, call.actor, ranking_id)
    except Conflict:
        return None


ROUTES = [outcome_list_paper, outcome_paper, statistics_paper, month_paper, decision_sheet_paper]
