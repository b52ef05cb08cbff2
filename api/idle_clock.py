"""The clock of Order 53 (闲置土地处置办法) over HTTP: what it says of a plot, and what staff state for it."""

from __future__ import annotations

from collections.abc import Mapping
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
from texts.refusal_sentences import Language

ROUTE = "/api/v1/assets/{asset_id:uuid}/idle-clock"
LAW = ("《闲置土地处置办法》（国土资源部令第 53 号）", "Measures on Disposal of Idle Land (Order 53, 2012)")
#: The findings are in the caller's language.
HEADERS = {**PER_CALLER, "Vary": f"{PER_CALLER['Vary']}, Accept-Language"}
#: Finding → its sentence.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "start_unknown": ("不知是否已动工，无法判断", "Whether construction has started is not known: nothing can be said"),
    "agreed_start_unknown": (
        "约定动工日期、交付土地日期和建设用地批准书日期均不详，无法计算",
        "Neither an agreed day of start nor the day of delivery nor that of the land permit is known: nothing can be "
        "counted",
    ),
    "start_a_year_after_delivery": (
        "未约定动工日期：以实际交付土地（交地确认书）之日起一年为动工日期（条文待律师核对）",
        "No start was agreed: it is due one year from the delivery of the land (a lawyer has still to check the "
        "article)",
    ),
    "start_a_year_after_the_permit": (
        "未约定动工日期且交付日期不明：以核发建设用地批准书之日起一年为动工日期（条文待律师核对）",
        "No start was agreed and the day of delivery is not known: it is due one year from the land permit (a lawyer "
        "has still to check the article)",
    ),
    "year_not_full": ("尚未满一年", "The year is not full yet"),
    "a_year_without_start": (
        "超过约定、规定的动工日期满一年未动工，涉嫌闲置",
        "A full year has passed since the day on which the start was due, without a start: suspected idle",
    ),
    "going_on": ("已动工，未记录中止", "Started, and no stop is recorded"),
    "area_below_a_third": ("已开发面积不足应开发面积的三分之一", "Less than a third of the area due is developed"),
    "investment_below_a_quarter": ("已投资额不足总投资额的 25%", "Less than 25 % of the total is invested"),
    "a_year_stopped": ("中止开发建设满一年，涉嫌闲置", "Stopped for a full year: suspected idle"),
    "shares_unknown": (
        "已开发面积或已投资额不详，无法判断",
        "The area developed or the amount invested is not known: nothing can be said",
    ),
    "developed_enough": (
        "已开发面积不少于三分之一且已投资额不少于 25%，不属于闲置",
        "A third of the area and a quarter of the investment are reached: not idle",
    ),
    "not_determined": (
        "尚无闲置土地认定书：仅为涉嫌，不产生闲置费或收回",
        "There is no determination: suspected only, and neither fee nor taking back follows",
    ),
    "facts_do_not_show_it": (
        "已有认定书，但所记事实不足以得出闲置",
        "There is a determination, but the facts recorded do not show it",
    ),
    "cause_unknown": (
        "闲置原因不详：不能判断应征缴闲置费、收回，还是按政府原因处置",
        "The cause is not known: whether a fee, taking back, or relief follows cannot be said",
    ),
    "cause_not_the_holders": (
        "属政府原因或不可抗力：协商延期、调整用途、临时使用、有偿收回或置换，不征缴闲置费",
        "The cause lies with government or force majeure: extension, change of use, temporary use, paid taking back or "
        "exchange; no fee",
    ),
    "no_day_to_count_from": ("所记事实没有可起算的日期", "The facts recorded give no day to count from"),
    "fee_for_land_not_started_only": (
        "闲置费与无偿收回仅适用于未动工的土地；已动工后中止的不适用",
        "Fee and taking back without pay are for land not started; they do not apply to land started and stopped",
    ),
    "fee": (
        "未动工满一年：按土地价款的 20% 征缴土地闲置费，不得列入生产成本",
        "Not started for a full year: a fee of 20 % of the land price, which may not enter production cost",
    ),
    "repurchase": (
        "未动工满两年：可依法无偿收回国有建设用地使用权",
        "Not started for two full years: the land-use right may be taken back without pay",
    ),
    "price_unknown": ("土地价款不详，闲置费数额未知", "The land price is not known, and so the amount of the fee"),
}
LABELS_NOTE = (
    "低效、四久等为地方管理标签，与法定闲置无关",
    "Local labels such as inefficient or long-stuck are no part of idleness in law",
)


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
        | {"note": LABELS_NOTE[context.language == "en"]},
    }
    return conditional(context, msgspec.json.encode(body), revision or 0, headers=HEADERS)


def _plain(value: Any) -> Any:
    return decimal_text(value) if isinstance(value, Decimal) else value


def _clock_body(clock: Clock, language: Language) -> dict[str, Any]:
    place = 0 if language == "zh" else 1
    return {
        "status": clock.status.value,
        "ground": clock.ground,
        "start_due_on": clock.start_due_on,
        "since": clock.since,
        "runs_out_on": clock.runs_out_on,
        "fee_from": clock.fee_from,
        "fee_yuan": None if clock.fee_yuan is None else decimal_text(clock.fee_yuan),
        "repurchase_from": clock.repurchase_from,
        "law": LAW[place],
        "findings": [
            {"code": finding.code, "article": finding.article, "text": SENTENCES[finding.code][place]}
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
