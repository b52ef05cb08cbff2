"""Supervision of deals over HTTP: agreements, plans, reports, approvals, the light, the chart of a firm."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from litestar import Request, get, patch, post
from litestar.params import FromPath
from msgspec import structs

from actions import agreement, supervision_view
from actions import supervision as acts
from api.bodies import sent_fields
from api.outcome import ROUTE, TAGS, signed_in
from api.outcome_bodies import (
    ApprovalPatch,
    CorrectedAgreement,
    NewAgreement,
    NewApprovals,
    NewPlan,
    NewReport,
    Withdrawal,
)
from api.queries import TimelineQuery
from api.request import RequestContext, request_context
from api.response import PER_CALLER, SVG, Reply, written
from domain.errors import NotFound
from outcomes.chart import as_svg
from outcomes.supervision import Fulfilment, Light
from outcomes.timeline import BOTH, Bar, Timeline, as_csv, as_ics
from texts.lookup import label

OUTCOME_ROUTE = f"{ROUTE}/{{outcome_id:uuid}}"


async def _view(context: RequestContext, outcome_id: UUID) -> supervision_view.SupervisionView:
    """What supervision knows of a deal that the caller may see."""
    signed_in(context)
    view = await supervision_view.read(context.db, context.actor, outcome_id, today=context.today)
    if view is None:
        raise NotFound("no_such")
    return view


@post(f"{OUTCOME_ROUTE}/agreements", opt={"body": NewAgreement}, status_code=201, tags=TAGS)
async def sign_agreement(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """A supervision agreement beside a deal: figures promised, days planned for stages.

    What is promised already for the same days is refused, unless the agreement replaces the one that promised it.
    """
    context = await request_context(request)
    facts, figures = _agreement(context.body)
    plans = [structs.asdict(plan) for plan in facts.pop("milestones")]
    answer = await agreement.sign_agreement(
        context.db, context.actor, outcome_id, facts, figures, plans, once=context.once, today=context.today
    )
    return written(answer)


def _agreement(body: NewAgreement | CorrectedAgreement) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    facts = structs.asdict(body)
    return facts, [structs.asdict(indicator) for indicator in facts.pop("indicators")]


@post(
    f"{OUTCOME_ROUTE}/agreements/{{agreement_id:uuid}}/correction",
    opt={"body": CorrectedAgreement},
    status_code=200,
    tags=TAGS,
)
async def correct_agreement(
    request: Request[Any, Any, Any], outcome_id: FromPath[UUID], agreement_id: FromPath[UUID]
) -> Reply:
    """Says the whole of an agreement anew, with the reason; a figure that stays keeps its reports."""
    context = await request_context(request)
    facts, figures = _agreement(context.body)
    answer = await agreement.correct_agreement(
        context.db, context.actor, outcome_id, agreement_id, facts, figures, once=context.once, today=context.today
    )
    return written(answer)


@post(
    f"{OUTCOME_ROUTE}/agreements/{{agreement_id:uuid}}/withdrawal", opt={"body": Withdrawal}, status_code=200, tags=TAGS
)
async def withdraw_agreement(
    request: Request[Any, Any, Any], outcome_id: FromPath[UUID], agreement_id: FromPath[UUID]
) -> Reply:
    """Takes an agreement back, with the reason; its reports do not count, what it replaced is in force again."""
    context = await request_context(request)
    answer = await agreement.withdraw_agreement(
        context.db, context.actor, outcome_id, agreement_id, context.body.reason, once=context.once, today=context.today
    )
    return written(answer)


@get(f"{OUTCOME_ROUTE}/agreements", tags=TAGS)
async def list_agreements(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """Agreements of a deal, each figure promised with what came of it year by year: shortfall and breach."""
    view = await _view(await request_context(request), outcome_id)
    indicators = [
        {**indicator, "years": [_fulfilled(year) for year in view.fulfilled(UUID(indicator["id"]))]}
        for indicator in view.document["indicators"]
    ]
    return _json({"outcome_id": outcome_id, "agreements": view.document["agreements"], "indicators": indicators})


def _fulfilled(fulfilment: Fulfilment) -> dict[str, Any]:
    return {**vars(fulfilment), "period": "total" if fulfilment.year is None else str(fulfilment.year)}


@post(f"{OUTCOME_ROUTE}/milestones", opt={"body": NewPlan}, status_code=201, tags=TAGS)
async def plan_milestone(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """When a stage of a deal is planned for, now or anew."""
    context = await request_context(request)
    plan = structs.asdict(context.body)
    return written(
        await acts.plan_milestone(context.db, context.actor, outcome_id, plan, once=context.once, today=context.today)
    )


@post(f"{OUTCOME_ROUTE}/reports", opt={"body": NewReport}, status_code=201, tags=TAGS)
async def add_report(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """What came of a promised figure in a quarter or a year; told again it corrects, and gives a reason."""
    context = await request_context(request)
    facts = structs.asdict(context.body)
    return written(
        await acts.report(context.db, context.actor, outcome_id, **facts, once=context.once, today=context.today)
    )


@get(f"{OUTCOME_ROUTE}/reports", tags=TAGS)
async def list_reports(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """What was reported of a deal, and which reports are overdue."""
    view = await _view(await request_context(request), outcome_id)
    body = {"outcome_id": outcome_id, "reports": view.document["reports"], "overdue": view.overdue()}
    return _json(body)


@post(f"{OUTCOME_ROUTE}/approvals", opt={"body": NewApprovals}, status_code=201, tags=TAGS)
async def add_approvals(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """Items of the checklist of approvals of a deal, with the agent who handles them for the firm."""
    context = await request_context(request)
    items = None if context.body.items is None else [structs.asdict(item) for item in context.body.items]
    answer = await acts.add_approvals(
        context.db, context.actor, outcome_id, items, context.body.agent_id, once=context.once, today=context.today
    )
    return written(answer)


@get(f"{OUTCOME_ROUTE}/approvals", tags=TAGS)
async def list_approvals(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """The checklist of a deal: what is done, how long it took, what it should take, and the series of targets."""
    context = await request_context(request)
    view = await _view(context, outcome_id)
    items = [_approval(approval, context.today) for approval in view.document["approvals"]]
    return _json({"outcome_id": outcome_id, "approvals": items, "series": view.series})


def _approval(approval: dict[str, Any], today: date) -> dict[str, Any]:
    """An item, with its days so far and how it stands."""
    applied_on = None if approval["applied_on"] is None else date.fromisoformat(approval["applied_on"])
    until = today if approval["done_on"] is None else date.fromisoformat(approval["done_on"])
    days = None if applied_on is None else (until - applied_on).days
    is_over = days is not None and approval["target_days"] is not None and days > approval["target_days"]
    status = approval["result"] or ("open" if applied_on is None else "overdue" if is_over else "applied")
    return {**approval, "days": days, "is_over_target": is_over, "status": status}


@patch(f"{OUTCOME_ROUTE}/approvals/{{approval_id:uuid}}", opt={"body": ApprovalPatch, "if_match": True}, tags=TAGS)
async def amend_approval(
    request: Request[Any, Any, Any], outcome_id: FromPath[UUID], approval_id: FromPath[UUID]
) -> Reply:
    """Changes an item of the checklist: applied for, decided, handed to an agent; needs If-Match."""
    context = await request_context(request)
    answer = await acts.amend_approval(
        context.db,
        context.actor,
        outcome_id,
        approval_id,
        sent_fields(context.body),
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


@get(f"{OUTCOME_ROUTE}/light", tags=TAGS)
async def read_light(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """The light of a deal (红黄蓝绿) today: its colour with a word, both measures, reasons, thresholds."""
    view = await _view(await request_context(request), outcome_id)
    body = {"outcome_id": outcome_id, "light": _light(view.timeline.light), "thresholds": view.thresholds}
    return _json(body)


def _light(light: Light | None) -> dict[str, Any] | None:
    if light is None:
        return None
    word_zh, word_en = BOTH.labels("light", light.colour)
    reasons = [
        {"code": reason, **{language: label("light_reason", reason, language) for language in ("zh", "en")}}
        for reason in light.reasons
    ]
    return {**vars(light), "word_zh": word_zh, "word_en": word_en, "reasons": reasons}


@get(
    f"{OUTCOME_ROUTE}/timeline",
    opt={"query": TimelineQuery, "also": ("text/csv", "text/calendar")},
    tags=TAGS,
)
async def read_timeline(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """The plan of a deal and what came of it (一企一图), as JSON, CSV or a calendar (ICS)."""
    context = await request_context(request)
    shown = (await _view(context, outcome_id)).timeline
    if context.query.format == "csv":
        return _file(as_csv(shown), "text/csv; charset=utf-8", f"timeline-{outcome_id}.csv")
    if context.query.format == "ics":
        ics = as_ics(shown, str(outcome_id), f"{context.now:%Y%m%dT%H%M%SZ}")
        return _file(ics, "text/calendar; charset=utf-8", f"timeline-{outcome_id}.ics")
    return _json({"outcome_id": outcome_id, **_timeline(shown)})


def _timeline(computed: Timeline) -> dict[str, Any]:
    rows = [
        {
            **vars(row),
            **dict(zip(("name_zh", "name_en"), BOTH.labels("stage", row.stage), strict=True)),
            "plan": _bar(row.plan),
            "actual": _bar(row.actual),
        }
        for row in computed.rows
    ]
    progress = [
        {
            "name": line.name,
            "name_zh": label("figure", line.name, "zh"),
            "unit": line.unit,
            **_fulfilled(line.fulfilment),
        }
        for line in computed.progress
    ]
    return {**vars(computed), "light": _light(computed.light), "rows": rows, "progress": progress}


def _bar(bar: Bar | None) -> dict[str, Any] | None:
    return None if bar is None else dict(vars(bar))


@get(f"{OUTCOME_ROUTE}/chart.svg", opt={"also": ("image/svg+xml",)}, tags=TAGS)
async def read_chart(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """The same as a drawing: bars of plan and of what came, the light with its word, figures by year."""
    view = await _view(await request_context(request), outcome_id)
    return Reply(as_svg(view.timeline).encode(), SVG, headers=PER_CALLER)


def _file(content: bytes, media_type: str, name: str) -> Reply:
    return Reply(content, media_type, headers={**PER_CALLER, "Content-Disposition": f'attachment; filename="{name}"'})


def _json(body: dict[str, Any]) -> Reply:
    return Reply(json.dumps(body, ensure_ascii=False, default=_plain).encode(), headers=PER_CALLER)


def _plain(value: object) -> object:
    """Decimals as numbers; ids, days and words as text."""
    return float(value) if isinstance(value, Decimal) else str(value)


ROUTES = [
    sign_agreement,
    correct_agreement,
    withdraw_agreement,
    list_agreements,
    plan_milestone,
    add_report,
    list_reports,
    add_approvals,
    list_approvals,
    amend_approval,
    read_light,
    read_timeline,
    read_chart,
]
