"""Figures over HTTP: what was put back to use, what stands idle and how long, how deals come about, what they bring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from litestar import Request, get

from api.figures import (
    figures_reply,
    for_staff,
    in_reach,
    instant,
    instant_text,
    is_explained,
    m2,
    mu,
    names,
    period,
    share,
    two_decimals,
)
from api.queries import DayQuery, PeriodQuery, RevitalizedQuery, StockQuery, YearQuery
from api.request import RequestContext, request_context
from api.response import Reply
from domain.errors import Malformed
from domain.facts import FIRST_DAY
from domain.instants import SHANGHAI
from outcomes.figures import BESIDE, ClosedYear, counted, in_units, rate, summed, year_before
from store.statistics import Figures, figures, inside

TAGS = ["statistics"]
KINDS = ("land", "factory")
PROMISES = ("promised", "promised_of_reported", "delivered")


@get("/api/v1/stats/revitalized", opt={"query": RevitalizedQuery}, tags=TAGS)
async def revitalized(request: Request[Any, Any, Any]) -> Reply:
    """Idle land (in mu) and factory space (in m²) put back to use in a period, as known now or at an instant.

    What the rule of counting leaves out of the figure stands beside it, a line for each verdict; of years that parks
    have closed, `closed_years` gives the figure as it was when they were closed and the difference since.
    """
    context = await request_context(request)
    starts_on, ends_on = period(context)
    as_of, explained = instant(context), is_explained(context)
    async with figures(context.db, as_of=as_of, park_id=context.query.park) as known:
        rows = await known.revived(starts_on, ends_on, context.query.group_by)
        stated = inside(await known.stated(), starts_on, ends_on)
        group_names = await known.names(context.query.group_by, [row["key"] for row in rows])
        records = await known.revived_records(starts_on, ends_on) if explained else None
        closed = await closed_years(known, starts_on, ends_on)
    figure = counted(rows)
    body = {
        "from": starts_on.isoformat(),
        "to": ends_on.isoformat(),
        "as_of": instant_text(as_of),
        **_kinds(figure),
        "beside": {verdict: _kinds([row for row in rows if row["verdict"] == verdict]) for verdict in BESIDE},
        "closed_years": [_closed_year(year) for year in closed],
        "stated_by_source": [
            {name: total[name] for name in ("area_mu", "area_m2", "source") if name in total} for total in stated
        ],
    }
    if context.query.group_by is not None:
        keys = list(dict.fromkeys(row["key"] for row in figure))
        groups = [names(group_names, key) | _kinds([row for row in figure if row["key"] == key]) for key in keys]
        body |= {"group_by": context.query.group_by, "groups": groups}
    return figures_reply(body, records)


async def closed_years(known: Figures, starts_on: date, ends_on: date) -> list[ClosedYear]:
    """The years of a period that at least one of the parks has closed; none where the figures are as of an instant."""
    if known.as_of is not None:
        return []
    years: dict[int, list[datetime | None]] = defaultdict(list)
    for row in await known.closings(range(starts_on.year, min(ends_on.year, starts_on.year + 50) + 1)):
        years[row["year"]].append(row["closed_at"])
    results = []
    for year, closings in years.items():
        closed = [closed_at for closed_at in closings if closed_at is not None]
        if not closed:
            continue
        days = max(starts_on, date(year, 1, 1)), min(ends_on, date(year, 12, 31))
        then = in_units(await known.revived_as_closed(year, *days))
        now = in_units(counted(await known.revived(*days)))
        results.append(ClosedYear(year, *days, len(closed) == len(closings), max(closed), then, now))
    return results


def _closed_year(closed: ClosedYear) -> dict[str, Any]:
    difference = {kind: closed.now[kind] - closed.then[kind] for kind in KINDS}
    return {
        "year": closed.year,
        "from": closed.starts_on.isoformat(),
        "to": closed.ends_on.isoformat(),
        "closed": closed.is_closed,
        "closed_at": closed.closed_at.isoformat(),
        "as_closed": {"land": {"area_mu": mu(closed.then["land"])}, "factory": {"area_m2": m2(closed.then["factory"])}},
        "as_known_now": {
            "land": {"area_mu": mu(closed.now["land"])},
            "factory": {"area_m2": m2(closed.now["factory"])},
        },
        "difference": {"land": {"area_mu": mu(difference["land"])}, "factory": {"area_m2": m2(difference["factory"])}},
    }


@get("/api/v1/stats/growth", opt={"query": PeriodQuery}, tags=TAGS)
async def growth(request: Request[Any, Any, Any]) -> Reply:
    """What was put back to use in a period, against the same period a year before; from nothing there is no rate."""
    context = await request_context(request)
    starts_on, ends_on = period(context)
    if starts_on.year == FIRST_DAY.year:
        raise Malformed("out_of_range", "from", least=date(FIRST_DAY.year + 1, 1, 1), most="-")
    before = year_before(starts_on), year_before(ends_on)
    as_of, explained = instant(context), is_explained(context)
    async with figures(context.db, as_of=as_of, park_id=context.query.park) as known:
        now_rows, then_rows = await known.revived(starts_on, ends_on), await known.revived(*before)
        records = None
        if explained:
            records = [*await known.revived_records(*before), *await known.revived_records(starts_on, ends_on)]
    now, then = summed(counted(now_rows)), summed(counted(then_rows))
    body = {
        "from": starts_on.isoformat(),
        "to": ends_on.isoformat(),
        "before": {"from": before[0].isoformat(), "to": before[1].isoformat()},
        "as_of": instant_text(as_of),
        "land": _growth(now["land"], then["land"], "area_mu"),
        "factory": _growth(now["factory"], then["factory"], "area_m2"),
    }
    return figures_reply(body, records)


def _growth(now: Mapping[str, Any], then: Mapping[str, Any], unit: str) -> dict[str, Any]:
    text = mu if unit == "area_mu" else m2
    row: dict[str, Any] = {unit: text(now[unit]), f"{unit}_before": text(then[unit])}
    row |= {"cases": now["cases"], "cases_before": then["cases"]}
    return row | {"area_growth": rate(now[unit], then[unit]), "cases_growth": rate(now["cases"], then["cases"])}


def _kinds(rows: Sequence[Any]) -> dict[str, Any]:
    sums = summed(rows)
    return {"land": _land(sums["land"]), "factory": _factory(sums["factory"])}


def _land(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "area_mu": mu(row["area_mu"]),
        "area_m2": m2(row["area_m2"]),
        "cases": row["cases"],
        "illustrative_area_mu": mu(row["illustrative_area_mu"]),
        "cases_without_area": row["cases_without_area"],
    }


def _factory(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "area_m2": m2(row["area_m2"]),
        "cases": row["cases"],
        "illustrative_area_m2": m2(row["illustrative_area_m2"]),
        "cases_without_area": row["cases_without_area"],
    }


def _day(context: RequestContext) -> date:
    """The day of a stock: the one named, else the day of `as_of`, else today. Raises Malformed for a day to come."""
    as_of = instant(context)
    day: date = context.query.on or (context.today if as_of is None else as_of.astimezone(SHANGHAI).date())
    if in_reach("on", day) > context.today:
        raise Malformed("in_the_future", "on", today=context.today)
    return day


@get("/api/v1/stats/idle", opt={"query": StockQuery}, tags=TAGS)
async def idle(request: Request[Any, Any, Any]) -> Reply:
    """The idle stock on a day: registered leaves that nobody uses then, their area, and how long they have waited.

    Beside it what is to verify: a term is over, and nobody said whether the tenant left; it counts as in use.
    """
    context = await request_context(request)
    on, as_of, explained = _day(context), instant(context), is_explained(context)
    async with figures(context.db, as_of=as_of, park_id=context.query.park) as known:
        rows = await known.stock(on, context.query.group_by)
        whole = rows if context.query.group_by is None else await known.stock(on)
        group_names = await known.names(context.query.group_by, [row["key"] for row in rows])
        records = await known.stock_records(on) if explained else None
    body = {"on": on.isoformat(), "as_of": instant_text(as_of), **_by_kind(whole, _idle)}
    if context.query.group_by is not None:
        keys = list(dict.fromkeys(row["key"] for row in rows if row["idle_units"] or row["to_verify_units"]))
        groups = [names(group_names, key) | _by_kind([row for row in rows if row["key"] == key], _idle) for key in keys]
        body |= {"group_by": context.query.group_by, "groups": groups}
    return figures_reply(body, records)


def _by_kind(rows: Sequence[Any], shape: Any) -> dict[str, Any]:
    return {kind: shape(kind, next((row for row in rows if row["kind"] == kind), None)) for kind in KINDS}


def _idle(kind: str, row: Mapping[str, Any] | None) -> dict[str, Any]:
    in_mu = {"area_mu": mu(_value(row, "idle_area_mu"))} if kind == "land" else {}
    invented = mu(_value(row, "illustrative_area_mu")) if kind == "land" else m2(_value(row, "illustrative_area_m2"))
    return {
        **in_mu,
        "area_m2": m2(_value(row, "idle_area_m2")),
        "units": _value(row, "idle_units") or 0,
        "illustrative_area_mu" if kind == "land" else "illustrative_area_m2": invented,
        "units_without_area": _value(row, "idle_units_without_area") or 0,
        **_days(row, _value(row, "idle_units")),
        "to_verify": {
            **({"area_mu": mu(_value(row, "to_verify_area_mu"))} if kind == "land" else {}),
            "area_m2": m2(_value(row, "to_verify_area_m2")),
            "units": _value(row, "to_verify_units") or 0,
            "units_without_area": _value(row, "to_verify_units_without_area") or 0,
        },
    }


def _days(row: Mapping[str, Any] | None, units: int | None) -> dict[str, Any]:
    """The median of days idle, and how many units it leaves out because nobody knows since when."""
    return {
        "median_idle_days": _value(row, "median_days"),
        "units_without_day": (units or 0) - (_value(row, "units_dated") or 0),
    }


def _value(row: Mapping[str, Any] | None, name: str) -> Any:
    return None if row is None else row[name]


@get("/api/v1/stats/idle-days", opt={"query": PeriodQuery}, tags=TAGS)
async def idle_days(request: Request[Any, Any, Any]) -> Reply:
    """Median days idle: of the stock at the end of a period, and of what was put back to use in it, apart."""
    context = await request_context(request)
    starts_on, ends_on = period(context)
    as_of, explained = instant(context), is_explained(context)
    on = min(ends_on, context.today)
    async with figures(context.db, as_of=as_of, park_id=context.query.park) as known:
        stock, revived = await known.stock(on), await known.waited(starts_on, ends_on)
        records = await known.waited_records(starts_on, ends_on) if explained else None
    body = {
        "from": starts_on.isoformat(),
        "to": ends_on.isoformat(),
        "as_of": instant_text(as_of),
        "stock": {
            "on": on.isoformat(),
            **_by_kind(
                stock, lambda _, row: {"units": _value(row, "idle_units") or 0, **_days(row, _value(row, "idle_units"))}
            ),
        },
        "revived": _by_kind(
            revived, lambda _, row: {"units": _value(row, "units") or 0, **_days(row, _value(row, "units"))}
        ),
    }
    return figures_reply(body, records)


@get("/api/v1/stats/vacancy", opt={"query": DayQuery}, tags=TAGS)
async def vacancy(request: Request[Any, Any, Any]) -> Reply:
    """Idle area over registered area on a day, and how much of the park is registered; what is to verify is not idle.

    Without the whole area of the park neither can be judged: both are null, and the areas stand by themselves.
    """
    context = await request_context(request)
    on, as_of, explained = _day(context), instant(context), is_explained(context)
    async with figures(context.db, as_of=as_of, park_id=context.query.park) as known:
        rows, totals = await known.stock(on), await known.totals()
        records = await known.stock_records(on) if explained else None

    def shape(kind: str, row: Mapping[str, Any] | None) -> dict[str, Any]:
        registered, whole = _value(row, "area_m2"), totals.get(kind)
        return {
            "vacancy": None if whole is None else share(_value(row, "idle_area_m2"), registered),
            "coverage": share(registered, whole),
            "idle_area_m2": m2(_value(row, "idle_area_m2")),
            "registered_area_m2": m2(registered),
            "whole_area_m2": None if whole is None else m2(whole),
            "units_without_area": _value(row, "units_without_area") or 0,
        }

    return figures_reply({"on": on.isoformat(), "as_of": instant_text(as_of), **_by_kind(rows, shape)}, records)


@get("/api/v1/stats/funnel", opt={"query": PeriodQuery}, tags=TAGS)
async def funnel(request: Request[Any, Any, Any]) -> Reply:
    """Needs that were shown space in a period and how far they have come; deals without a ranking apart.

    Beside them the enquiries received in the period, those closed as spam left out, and what came of them.
    """
    context = await request_context(request)
    starts_on, ends_on = period(context)
    as_of, explained = instant(context), is_explained(context)
    async with figures(context.db, as_of=as_of, park_id=context.query.park) as known:
        rows = {row["is_shown"]: row for row in await known.shown(starts_on, ends_on)}
        received = await known.enquiries(starts_on, ends_on)
        records = await known.shown_records(starts_on, ends_on) if explained else None
    ranked, apart = rows.get(True), rows.get(False)
    body = {
        "from": starts_on.isoformat(),
        "to": ends_on.isoformat(),
        "as_of": instant_text(as_of),
        "needs": {name: _value(ranked, name) or 0 for name in ("shown", "viewed", "visited", "signed", "producing")},
        "deals_without_ranking": {name: _value(apart, name) or 0 for name in ("signed", "producing")},
        "enquiries": {name: received[name] for name in ("received", "answered", "visits", "outcomes")},
    }
    return figures_reply(body, records)


@get("/api/v1/stats/delivery", opt={"query": YearQuery}, tags=TAGS)
async def delivery(request: Request[Any, Any, Any]) -> Reply:
    """Figures promised for a year against what was delivered in the periods reported; for staff."""
    context = await request_context(request)
    for_staff(context)
    year, group_by = context.query.year, context.query.group_by
    as_of, explained = instant(context), is_explained(context)
    async with figures(context.db, as_of=as_of, park_id=context.query.park) as known:
        rows = await known.promised(year)
        grouped = [] if group_by is None else await known.promised(year, group_by)
        group_names = await known.names(group_by, [row["key"] for row in grouped])
        records = await known.promised_records(year) if explained else None
    body = {"year": year, "as_of": instant_text(as_of), "figures": [_delivered(row) for row in rows]}
    if group_by is not None:
        keys = list(dict.fromkeys(row["key"] for row in grouped))
        groups = [
            names(group_names, key) | {"figures": [_delivered(row) for row in grouped if row["key"] == key]}
            for key in keys
        ]
        body |= {"group_by": group_by, "groups": groups}
    return figures_reply(body, records)


def _delivered(row: Mapping[str, Any]) -> dict[str, Any]:
    body = {name: row[name] for name in ("name", "unit", "per")}
    body |= {name: None if row[name] is None else two_decimals(row[name]) for name in PROMISES}
    body["delivered_share"] = share(row["delivered"], row["promised_of_reported"])
    return body | {"promises": row["figures"], "promises_without_report": row["figures"] - row["figures_reported"]}


@get("/api/v1/stats/service-requests", opt={"query": PeriodQuery}, tags=TAGS)
async def service_requests(request: Request[Any, Any, Any]) -> Reply:
    """Requests of firms raised in a period (企业吹哨): the share closed, days until then, the age of those open."""
    context = await request_context(request)
    starts_on, ends_on = period(context)
    as_of, explained = instant(context), is_explained(context)
    day = context.today if as_of is None else as_of.astimezone(SHANGHAI).date()
    async with figures(context.db, as_of=as_of, park_id=context.query.park) as known:
        row = await known.requests(starts_on, ends_on, day)
        records = await known.request_records(starts_on, ends_on) if explained else None
    body = {
        "from": starts_on.isoformat(),
        "to": ends_on.isoformat(),
        "as_of": instant_text(as_of),
        **{name: row[name] for name in ("raised", "dispatched", "answered", "closed")},
        "closure_rate": share(Decimal(row["closed"]), Decimal(row["raised"])),
        "satisfied_share": share(Decimal(row["satisfied"]), Decimal(row["asked"])),
        **{name: row[name] for name in ("median_days_to_close", "median_age_open", "oldest_open")},
    }
    return figures_reply(body, records)


ROUTES = [revitalized, growth, service_requests, delivery, idle, idle_days, vacancy, funnel]
