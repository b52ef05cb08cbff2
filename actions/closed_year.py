"""What a park states of itself for its figures: its whole area, and which years are closed."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from uuid import UUID

from actions.authorization import require_in_park
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Invalid, NotFound
from domain.facts import refuse, value_faults
from domain.words import Kind
from store import closed_year, park
from store.db import Database


async def state_total(
    db: Database, actor: Actor, park_id: UUID, *, kind: Kind, area_m2: Decimal, source: str, once: Once | None
) -> Answer:
    """States the whole area of a park of one kind; what was stated before stays known as of then."""
    await require_in_park(db, actor, "book.write", park_id, "park_id")
    refuse(value_faults({"area_m2": area_m2, "source": source}))
    async with db.write(actor, park_id, once=once) as act:
        if not await park.lock(act):
            raise NotFound("no_such_park", "park_id")
        await closed_year.state_total(act, kind.value, area_m2, source)
        act.did("park.total_stated", "park", park_id, kind=kind.value, area_m2=area_m2, source=source)
        body = {"park_id": str(park_id), "kind": kind.value, "area_m2": format(area_m2, "f"), "source": source}
        act.answer = Answer(json.dumps(body, ensure_ascii=False))
    return act.answer


async def close_year(
    db: Database, actor: Actor, park_id: UUID, year: int, *, note: str, once: Once | None, today: date
) -> Answer:
    """Closes a year of a park that is over; from then on its reports change by corrections with a reason alone."""
    await require_in_park(db, actor, "book.write", park_id, "park_id")
    refuse(value_faults({"note": note}))
    if year >= today.year:
        raise Invalid("year_not_over", "year", year=year)
    async with db.write(actor, park_id, once=once) as act:
        if await closed_year.lock_year(act, year):
            raise Conflict("already_closed", "year", year=year)
        await closed_year.close_year(act, year, note)
        act.did("park.year_closed", "park", park_id, year=year, note=note)
        closed_at = None if act.at is None else act.at.isoformat()
        body = {"park_id": str(park_id), "year": year, "closed_at": closed_at, "note": note}
        act.answer = Answer(json.dumps(body, ensure_ascii=False))
    return act.answer
