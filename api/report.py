"""Papers over HTTP: the list of deals, one page a deal, figures, the month, the decision sheet of a ranking."""

from __future__ import annotations

import asyncio
import json
from calendar import monthrange
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath
from msgspec import Meta, Struct

from actions.demand import ranking_home
from actions.ranking import ranking_document
from actions.replay import replay
from api.figures import for_staff, in_reach, instant, period
from api.queries import AsOf
from api.ranking import RANKINGS
from api.reasons import readable
from api.request import RequestContext, request_context
from api.response import NO_STORE, Reply, saved_as
from api.statistics import closed_years
from domain.actor import ANONYMOUS
from domain.errors import Conflict, Malformed, NotFound, NotSignedIn
from domain.words import Role
from outcomes.figures import BESIDE, counted, summed, year_before
from reports.decision import decision_sheet
from reports.figures import PeriodFigures, figures_paper, month_report
from reports.outcomes import outcome_list, outcome_page, revived_part
from reports.paper import Paper, Part
from reports.pdf import pdf_of
from reports.spreadsheet import csv_of, xlsx_of
from reports.words import ReportWords, months_in
from store import catalogue, pin, report
from store import ranking as ranking_store
from store.statistics import Figures, figures
from texts.lookup import tag

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


async def _signed_in(request: Request[Any, Any, Any]) -> RequestContext:
    context = await request_context(request)
    if context.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    return context


async def _sent(context: RequestContext, made: Paper, form: str) -> Reply:
    """The paper in a form, made beside the event loop, with a name to be saved under."""
    media, make = MEDIA[form]
    body = await asyncio.to_thread(make, made)
    saved = saved_as(f"{made.name}.{form}", f"{made.title}-{context.today}.{form}")
    headers = {**NO_STORE, **saved, "Content-Language": tag(context.language)}
    return Reply(body, media, headers=headers)


@get("/api/v1/papers/outcomes", opt={"query": ListQuery, "also": (XLSX, CSV)}, tags=TAGS)
async def outcome_list_paper(request: Request[Any, Any, Any]) -> Reply:
    """Deals of the caller's parks or firm as a sheet, at most 10,000; for an admin of every park."""
    context = await _signed_in(request)
    async with context.db.read(context.actor, park_id=context.query.park) as conn:
        rows = await report.outcomes(conn, context.query.park)
        parks = await report.parks(conn, context.query.park)
    count = rows[0]["count"] if rows else 0
    paper = outcome_list(rows, count, parks, context.language, context.today)
    return await _sent(context, paper, context.query.format)


@get("/api/v1/papers/outcomes/{outcome_id:uuid}", opt={"query": SheetQuery, "also": (PDF, XLSX)}, tags=TAGS)
async def outcome_paper(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """One deal on one page: who, what, rent and term, stages, what was promised and delivered, lines to sign."""
    context = await _signed_in(request)
    async with context.db.read(context.actor) as conn:
        row = await report.outcome(conn, outcome_id)
    if row is None:
        raise NotFound("no_such")
    return await _sent(context, outcome_page(row, context.language, context.today), context.query.format)


@get("/api/v1/papers/statistics", opt={"query": FiguresQuery, "also": (XLSX, CSV, PDF)}, tags=TAGS)
async def statistics_paper(request: Request[Any, Any, Any]) -> Reply:
    """All figures of a period as a sheet or on paper, as known now or at an instant, with totals; for staff."""
    context = await request_context(request)
    for_staff(context)
    starts_on, ends_on = period(context)
    _has_a_year_before(starts_on, "from")
    as_of = instant(context)
    async with figures(context.db, as_of=as_of, park_id=context.query.park) as known:
        period_figures = await _period_figures(known, starts_on, ends_on, context.today, months_from=starts_on)
    made = figures_paper(period_figures, context.language, context.today)
    return await _sent(context, made, context.query.format)


async def _period_figures(
    known: Figures, starts_on: date, ends_on: date, today: date, *, months_from: date
) -> PeriodFigures:
    """Every figure of a period; `year` runs from 1 January to its end, the months from `months_from`."""
    groups = {name: counted(await known.revived(starts_on, ends_on, name)) for name in ("park", "path", "industry")}
    judged = await known.revived(starts_on, ends_on)
    on = min(ends_on, today)
    return PeriodFigures(
        starts_on,
        ends_on,
        summed(groups["path"]),
        summed(counted(await known.revived(ends_on.replace(month=1, day=1), ends_on))),
        summed(counted(await known.revived(year_before(starts_on), year_before(ends_on)))),
        groups,
        {name: await known.names(name, [row["key"] for row in rows]) for name, rows in groups.items()},
        await known.stock(on),
        await known.waited(starts_on, ends_on),
        await known.totals(),
        {row["is_shown"]: row for row in await known.shown(starts_on, ends_on)},
        await known.promised(ends_on.year),
        await known.requests(starts_on, ends_on, on),
        await known.parks(),
        [row for row in judged if row["verdict"] in BESIDE],
        await closed_years(known, starts_on, ends_on),
        known.as_of,
        months_in(months_from, on),
        counted(await known.revived(months_from, ends_on, "month")),
        await known.stock(on, "age"),
    )


def _has_a_year_before(day: date, name: str) -> None:
    if in_reach(name, day).year == 1900:
        raise Malformed("out_of_range", name, least="1901-01-01", most="2199-12-31")


@get("/api/v1/papers/month", opt={"query": MonthQuery, "also": (PDF, XLSX)}, tags=TAGS)
async def month_paper(request: Request[Any, Any, Any]) -> Reply:
    """The report of a month: what was revived, stock, funnel, requests; for staff, with the deals of their park."""
    context = await request_context(request)
    for_staff(context)
    year, month = int(context.query.month[:4]), int(context.query.month[5:])
    starts_on = date(max(year, 1), month, 1)
    _has_a_year_before(starts_on, "month")
    if starts_on > context.today:
        raise Malformed("in_the_future", "month", today=context.today)
    ends_on = starts_on.replace(day=monthrange(year, month)[1])
    async with figures(context.db, as_of=None, park_id=context.query.park) as known:
        from_january = starts_on.replace(month=1)
        period_figures = await _period_figures(known, starts_on, ends_on, context.today, months_from=from_january)
    has_outcomes = context.query.park is not None or context.actor.role is Role.admin
    outcome_part = await _revived(context, starts_on, ends_on) if has_outcomes else None
    made = month_report(period_figures, outcome_part, context.language, context.today)
    return await _sent(context, made, context.query.format)


async def _revived(context: RequestContext, starts_on: date, ends_on: date) -> Part:
    """The deals that count in a month, of a park or for an admin of all."""
    async with context.db.read(context.actor, park_id=context.query.park) as conn:
        rows = await report.revived(conn, context.query.park, starts_on, ends_on)
    return revived_part(rows, ReportWords(context.language)("revived_this_month"), context.language)


@get(
    f"{RANKINGS}/{{ranking_id:uuid}}/decision-sheet", opt={"query": SheetQuery, "also": (PDF, XLSX)}, tags=["rankings"]
)
async def decision_sheet_paper(request: Request[Any, Any, Any], ranking_id: FromPath[UUID]) -> Reply:
    """The decision sheet of a kept ranking: need, weights, the first five that fit and the first five to confirm.

    With the reasons of each, what is left out, pinned or set aside, and a replay.
    """
    context = await _signed_in(request)
    firm_id, home = await ranking_home(context.db, context.actor, ranking_id)
    async with context.db.read(context.actor, scope_id=firm_id) as conn:
        row = await ranking_store.read(conn, firm_id, ranking_id)
        kept = await ranking_store.replayable(conn, firm_id, ranking_id)
        demand_row = await report.demand(conn, firm_id, home)
    if row is None or kept is None or demand_row is None:
        raise NotFound("no_such")
    ranking = ranking_document(ranking_id, home, row["demand_version"], json.loads(row["answer"]))
    facts = {"title": demand_row["title"], **json.loads(kept["inputs"])["demand"]}
    ids = {
        asset_id for part in ranking["lists"].values() for result in part["results"] for asset_id in result["asset_ids"]
    }
    async with context.db.read(context.actor) as conn:
        pins = [json.loads(text) for text in await pin.of_demand(conn, home)]
        shown_ids = sorted(ids | {item["asset_id"] for item in pins})
        names = {key: json.loads(text) for key, text in (await catalogue.names(conn, shown_ids)).items()}
        industries = await report.industries(conn, facts.get("product_codes") or [])
    made = decision_sheet(
        readable(ranking, names, context.language, pins),
        facts,
        demand_row["firm"],
        await _replayed(context, ranking_id),
        context.language,
        str(context.today),
        industries,
        names,
    )
    return await _sent(context, made, context.query.format)


async def _replayed(context: RequestContext, ranking_id: UUID) -> dict[str, Any] | None:
    """What a replay says; None for a ranking this release cannot replay."""
    try:
        return await replay(context.db, context.actor, ranking_id)
    except Conflict:
        return None


ROUTES = [outcome_list_paper, outcome_paper, statistics_paper, month_paper, decision_sheet_paper]
