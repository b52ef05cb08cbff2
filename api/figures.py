"""What all routes of figures need: the period, the instant, who may see the records behind them, areas as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from api.request import RequestContext
from api.response import NO_CACHE, NO_STORE, Reply
from domain.actor import ANONYMOUS, may
from domain.errors import Forbidden, Malformed, NotSignedIn
from domain.facts import FIRST_DAY, LAST_DAY
from domain.instants import instant_of
from domain.quantity import decimal_text, shown_mu, two_places
from domain.words import Role
from store.statistics import MOST_RECORDS


def instant(context: RequestContext) -> datetime | None:
    """The instant as of which figures are read; None: now."""
    return None if context.query.as_of is None else instant_of(context.query.as_of, context.now)


def period(context: RequestContext) -> tuple[date, date]:
    """The period asked for. Raises Malformed where it is reversed or out of reach."""
    for name, day in (("from", context.query.starts_on), ("to", context.query.ends_on)):
        in_reach(name, day)
    if context.query.starts_on > context.query.ends_on:
        raise Malformed("period_reversed", "from")
    return context.query.starts_on, context.query.ends_on


def in_reach(name: str, day: date) -> date:
    """The day itself. Raises Malformed for one that lies out of reach."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Malformed("out_of_range", name, least=FIRST_DAY, most=LAST_DAY)
    return day


def is_explained(context: RequestContext) -> bool:
    """Whether the records are asked for too. Raises a refusal to whoever may not see them, or names no park."""
    if context.query.explain is None:
        return False
    for_readers_of_records(context, Malformed("needs_other", "explain", other="park"))
    return True


def for_readers_of_records(context: RequestContext, park_missing: Malformed) -> None:
    """Raises a refusal to whoever may not see the records behind a figure; an admin may have those of all parks."""
    sees_every_park = context.actor.role is Role.admin
    if context.actor is not ANONYMOUS and context.query.park is None and not sees_every_park:
        raise park_missing
    for_staff(context)


def for_staff(context: RequestContext) -> None:
    """Raises a refusal to whoever is not staff: a sum of few deals tells what each of them promised and paid."""
    if context.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    if not may(context.actor, "outcome.explain", park_id=context.query.park):
        raise Forbidden("not_yours")


def figures_reply(body: Mapping[str, Any], records: Sequence[str] | None) -> Reply:
    """The figures, with the records behind them where these were asked for."""
    text = json.dumps(body, ensure_ascii=False)
    if records is None:
        return Reply(text.encode(), headers=NO_CACHE)
    is_cut = "true" if len(records) > MOST_RECORDS else "false"
    text = f'{text[:-1]},"records":[{",".join(records[:MOST_RECORDS])}],"records_are_cut":{is_cut}}}'
    return Reply(text.encode(), headers=NO_STORE)


def instant_text(as_of: datetime | None) -> str | None:
    return None if as_of is None else as_of.isoformat()


def mu(value: Decimal | None) -> str:
    """A sum of areas in mu as text; nothing to sum is 0."""
    return shown_mu(value or Decimal(0))


def m2(value: Decimal | None) -> str:
    """A sum of areas in m² as text; nothing to sum is 0."""
    return decimal_text(two_places(value or Decimal(0)))


def two_decimals(value: Decimal) -> str:
    """A sum as text, two decimals."""
    return decimal_text(two_places(value))


def share(part: Decimal | None, whole: Decimal | None) -> str | None:
    """Part of a whole, four decimals; None without a whole."""
    return None if not whole else decimal_text(((part or Decimal(0)) / whole).quantize(Decimal("0.0001")))


def names(rows: Mapping[str, Any], key: str | None) -> dict[str, Any]:
    """A group's key, and its names where it has some."""
    row = rows.get(key or "")
    return {"key": key} | ({} if row is None else {"name_zh": row["name_zh"], "name_en": row["name_en"]})
