"""What was put back to use, over HTTP: in a period, in groups, and against the same period a year before."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from litestar import Request, get

from api.figures import instant, is_explained, m2, mu, names, period, told, when
from api.queries import PeriodQuery, RevitalizedQuery
from api.replies import Reply
from api.request import opened
from domain.errors import Malformed
from domain.facts import FIRST_DAY
from domain.quantity import decimal_text
from store.statistics import figures, inside

TAGS = ["statistics"]
SUMS = ("area_mu", "area_m2", "cases", "illustrative_area_mu", "illustrative_area_m2", "cases_without_area")


@get("/api/v1/stats/revitalized", opt={"query": RevitalizedQuery}, tags=TAGS)
async def revitalized(request: Request[Any, Any, Any]) -> Reply:
    """Idle land (in mu) and factory space (in m²) put back to use in a period, as known now or at an instant.

    Temporary use is counted apart.
    """
    call = await opened(request)
    starts_on, ends_on = period(call)
    as_of, explained = instant(call), is_explained(call)
    async with figures(call.db, as_of=as_of, park_id=call.query.park) as known:
        rows = await known.revived(starts_on, ends_on, call.query.group_by)
        stated = inside(await known.stated(), starts_on, ends_on)
        found = await known.names(call.query.group_by, [row["key"] for row in rows])
        records = await known.revived_records(starts_on, ends_on) if explained else None
    lasting = [row for row in rows if not row["is_temporary"]]
    body = {
        "from": starts_on.isoformat(),
        "to": ends_on.isoformat(),
        "as_of": when(as_of),
        **_kinds(lasting),
        "temporary_use": _kinds([row for row in rows if row["is_temporary"]]),
        "stated_by_source": [
            {name: one[name] for name in ("area_mu", "area_m2", "source") if name in one} for one in stated
        ],
    }
    if call.query.group_by is not None:
        keys = list(dict.fromkeys(row["key"] for row in lasting))
        groups = [names(found, key) | _kinds([row for row in lasting if row["key"] == key]) for key in keys]
        body |= {"group_by": call.query.group_by, "groups": groups}
    return told(body, records)


@get("/api/v1/stats/growth", opt={"query": PeriodQuery}, tags=TAGS)
async def growth(request: Request[Any, Any, Any]) -> Reply:
    """What was put back to use in a period, against the same period a year before; from nothing there is no rate."""
    call = await opened(request)
    starts_on, ends_on = period(call)
    if starts_on.year == FIRST_DAY.year:
        raise Malformed("out_of_range", "from", least=date(FIRST_DAY.year + 1, 1, 1), most="-")
    before = year_before(starts_on), year_before(ends_on)
    as_of, explained = instant(call), is_explained(call)
    async with figures(call.db, as_of=as_of, park_id=call.query.park) as known:
        now_rows, then_rows = await known.revived(starts_on, ends_on), await known.revived(*before)
        records = None
        if explained:
            records = [*await known.revived_records(*before), *await known.revived_records(starts_on, ends_on)]
    now, then = (summed([row for row in rows if not row["is_temporary"]]) for rows in (now_rows, then_rows))
    body = {
        "from": starts_on.isoformat(),
        "to": ends_on.isoformat(),
        "before": {"from": before[0].isoformat(), "to": before[1].isoformat()},
        "as_of": when(as_of),
        "land": _growth(now["land"], then["land"], "area_mu"),
        "factory": _growth(now["factory"], then["factory"], "area_m2"),
    }
    return told(body, records)


def year_before(day: date) -> date:
    """The same day a year before; the last day of a month stays the last."""
    last = monthrange(day.year, day.month)[1]
    last_then = monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=last_then if day.day == last else min(day.day, last_then))


def _growth(now: Mapping[str, Any], then: Mapping[str, Any], unit: str) -> dict[str, Any]:
    text = mu if unit == "area_mu" else m2
    told: dict[str, Any] = {unit: text(now[unit]), f"{unit}_before": text(then[unit])}
    told |= {"cases": now["cases"], "cases_before": then["cases"]}
    return told | {"area_growth": rate(now[unit], then[unit]), "cases_growth": rate(now["cases"], then["cases"])}


def rate(now: Decimal | int, then: Decimal | int) -> str | None:
    """Growth as a share of what was, four decimals; None from nothing."""
    return None if then == 0 else decimal_text((Decimal(now - then) / Decimal(then)).quantize(Decimal("0.0001")))


def summed(rows: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """Per kind the sums over groups; a deal lies in one group of each kind."""
    return {
        kind: {name: sum(row[name] for row in rows if row["kind"] == kind and row[name] is not None) for name in SUMS}
        for kind in ("land", "factory")
    }


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


ROUTES = [revitalized, growth]
