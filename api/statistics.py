"""The district's figures over HTTP."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from litestar import Request, get

from api.instants import instant_of
from api.queries import RevitalizedQuery
from api.replies import NO_CACHE, Reply
from api.request import opened
from domain.errors import Malformed
from domain.facts import FIRST_DAY, LAST_DAY
from domain.quantity import decimal_text, shown_mu, two_places
from store import statistics


@get("/api/v1/stats/revitalized", opt={"query": RevitalizedQuery}, tags=["statistics"])
async def revitalized(request: Request[Any, Any, Any]) -> Reply:
    """Idle land (in mu) and factory space (in m²) put back to use in a period, as known now or at an instant."""
    call = await opened(request)
    query: RevitalizedQuery = call.query
    for name, day in (("from", query.starts_on), ("to", query.ends_on)):
        if not FIRST_DAY <= day <= LAST_DAY:
            raise Malformed("out_of_range", name, least=FIRST_DAY, most=LAST_DAY)
    if query.starts_on > query.ends_on:
        raise Malformed("period_reversed", "from")
    as_of = None if query.as_of is None else instant_of(query.as_of, call.now)
    rows, stated = await statistics.revitalized(
        call.db, query.starts_on, query.ends_on, as_of=as_of, park_id=query.park
    )
    body = {
        "from": query.starts_on.isoformat(),
        "to": query.ends_on.isoformat(),
        "as_of": None if as_of is None else as_of.isoformat(),
        "land": _land(rows.get("land")),
        "factory": _factory(rows.get("factory")),
        "stated_by_source": [
            {name: one[name] for name in ("area_mu", "area_m2", "source") if name in one} for one in stated
        ],
    }
    return Reply(json.dumps(body, ensure_ascii=False).encode(), headers=NO_CACHE)


def _land(row: Any) -> dict[str, Any]:
    area_mu, illustrative_mu, area_m2 = _figures(row, "area_mu", "illustrative_area_mu", "area_m2")
    return {
        "area_mu": shown_mu(area_mu),
        "area_m2": decimal_text(two_places(area_m2)),
        "cases": _count(row, "cases"),
        "illustrative_area_mu": shown_mu(illustrative_mu),
        "cases_without_area": _count(row, "cases_without_area"),
    }


def _factory(row: Any) -> dict[str, Any]:
    area_m2, illustrative_m2 = _figures(row, "area_m2", "illustrative_area_m2")
    return {
        "area_m2": decimal_text(two_places(area_m2)),
        "cases": _count(row, "cases"),
        "illustrative_area_m2": decimal_text(two_places(illustrative_m2)),
        "cases_without_area": _count(row, "cases_without_area"),
    }


def _figures(row: Any, *names: str) -> list[Decimal]:
    return [Decimal(0) if row is None or row[name] is None else row[name] for name in names]


def _count(row: Any, name: str) -> int:
    return 0 if row is None else int(row[name])


ROUTES = [revitalized]
