"""The clock of Order 53 (闲置土地处置办法) over HTTP: what it says of a plot, and what staff state for it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get, put
from litestar.params import FromPath
from msgspec import Meta, Struct, structs

from actions import development as acts
from api.asset import home_of_staff
from api.bodies import Text
from api.figures import in_reach, instant_text
from api.request import request_context
from api.response import PER_CALLER, Reply, conditional, written
from domain.errors import Conflict
from domain.instants import instant_of
from domain.quantity import decimal_text
from domain.words import Kind
from outcomes.idle_clock import Cause, Clock, Development, read
from store import development
from texts.lookup import Language, tables

ROUTE = "/api/v1/assets/{asset_id:uuid}/idle-clock"
#: The findings are in the caller's language.
HEADERS = {**PER_CALLER, "Vary": f"{PER_CALLER['Vary']}, Accept-Language"}


class ClockQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """The clock on a day, as known at an instant."""

    on: date | None = None
    as_of: Annotated[str, Meta(max_length=40)] | None = None


class DevelopmentFacts(Struct, forbid_unknown_fields=True, kw_only=True):
    """What was agreed for a plot and what came of it; what is left out is not known.

    `reason` is asked for where a closed year changes by it.
    """

    source: Text
    reason: Text | None = None
    agreed_start_on: date | None = None
    delivered_on: date | None = None
    land_permit_on: date | None = None
    has_started: bool | None = None
    started_on: date | None = None
    stopped_on: date | None = None
    due_area_m2: Decimal | None = None
    developed_area_m2: Decimal | None = None
    planned_investment_yuan: Decimal | None = None
    invested_yuan: Decimal | None = None
    land_price_yuan: Decimal | None = None
    determination_no: Text | None = None
    determined_on: date | None = None
    cause: Cause | None = None


@get(ROUTE, opt={"query": ClockQuery}, tags=["assets"])
async def idle_clock(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Since when a plot is suspected idle under Order 53, and what follows; each finding names its article. For staff.

    Days of fee and taking back stand only with a determination and its cause on the holder's side.
    """
    context = await request_context(request)
    home = await home_of_staff(context, asset_id)
    as_of = None if context.query.as_of is None else instant_of(context.query.as_of, context.now)
    on = in_reach("on", context.query.on or context.today)
    async with context.db.read(context.actor, park_id=home.park_id) as conn:
        row = await development.known(conn, home.park_id, asset_id, as_of)
        revision = await development.revision(conn, home.park_id, asset_id)
        labels = await development.labels(conn, home.park_id, asset_id)
    if labels["kind"] != Kind.land:
        raise Conflict("not_land", "asset_id")
    facts = {} if row is None else dict(row)
    read_of = {name: value for name, value in facts.items() if name not in ("source", "recorded_at")}
    cause = facts.get("cause")
    known = Development(**{**read_of, "cause": None if cause is None else Cause(cause)})
    body = {
        "asset_id": asset_id,
        "on": on,
        "as_of": instant_text(as_of),
        "facts": {name: _plain(value) for name, value in facts.items()} or None,
        "clock": _clock_body(read(known, on), context.language),
        "labels": {name: labels[name] for name in ("idle_basis", "stuck_type")}
        | {"note": tables("idle_clock", context.language)["about"]["labels"]},
    }
    return conditional(context, msgspec.json.encode(body), revision or 0, headers=HEADERS)


def _plain(value: Any) -> Any:
    return decimal_text(value) if isinstance(value, Decimal) else value


def _clock_body(clock: Clock, language: Language) -> dict[str, Any]:
    texts = tables("idle_clock", language)
    return {
        "status": clock.status.value,
        "ground": clock.ground,
        "start_due_on": clock.start_due_on,
        "since": clock.since,
        "runs_out_on": clock.runs_out_on,
        "fee_from": clock.fee_from,
        "fee_yuan": None if clock.fee_yuan is None else decimal_text(clock.fee_yuan),
        "repurchase_from": clock.repurchase_from,
        "law": texts["about"]["law"],
        "findings": [
            {"code": finding.code, "article": finding.article, "text": texts["finding"][finding.code]}
            for finding in clock.findings
        ],
    }


@put(ROUTE, opt={"body": DevelopmentFacts, "if_match": True}, status_code=200, tags=["assets"])
async def state_development(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """States what was agreed for a plot and what came of it; over an earlier one it needs If-Match."""
    context = await request_context(request)
    facts = {name: getattr(value, "value", value) for name, value in structs.asdict(context.body).items()}
    reason = facts.pop("reason")
    answer = await acts.state_development(
        context.db,
        context.actor,
        asset_id,
        facts,
        reason=reason,
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


ROUTES = [idle_clock, state_development]
