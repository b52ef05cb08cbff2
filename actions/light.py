"""The light of a deal: computed anew by every act on its plan or its figures, and by the daily update."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions import scheme
from domain.actor import SYSTEM
from outcomes.stages import EXITS, Stage
from outcomes.supervision import light, read, thresholds
from store import outcome, supervision
from store.db import Act, Database
from texts.bilingual import Bilingual

KIND = "lights"
#: As many points as the column holds; a figure a thousand times the promise is as far ahead as any.
MOST_POINTS = Decimal(99_999)


async def relight(act: Act, outcome_id: UUID, today: date) -> None:
    """Computes the light of a deal and keeps it; another colour is an event. An unsupervised deal has none any more."""
    known = await supervision.lit(act, outcome_id)
    now = await compute(act, known, today)
    if now is not None:
        await supervision.put_light(act, outcome_id, now)
    elif known["colour"] is not None and Stage(known["stage"]) not in (*EXITS, Stage.ended):
        await supervision.drop_light(act, outcome_id)
        act.did("light.off", "outcome", outcome_id, was=known["colour"], firm_id=known["firm_id"])
    record_change(act, outcome_id, known, now)


async def compute(act: Act, known: Mapping[str, Any], today: date) -> supervision.LightRow | None:
    """The light of a deal from what is known of it. Empty: None where nothing is promised or planned, or it is over."""
    supervised = read(known)
    is_planned = any(plan.planned_on is not None for plan in supervised.plans)
    if Stage(known["stage"]) in (*EXITS, Stage.ended) or not (supervised.figures or is_planned):
        return None
    limits = thresholds(await scheme.of_version(act, KIND, known["version"]))
    now = light(supervised, limits, today)
    behind = None if now.behind_points is None else max(-MOST_POINTS, min(MOST_POINTS, now.behind_points))
    return supervision.LightRow(
        now.colour.value, behind, now.late_days, list(now.reasons), limits.version, today, now.next_on
    )


def record_change(act: Act, outcome_id: UUID, known: Mapping[str, Any], now: supervision.LightRow | None) -> None:
    """Another colour than the one that stood is an event."""
    was = known["colour"]
    if now is not None and was != now.colour:
        word_zh, word_en = Bilingual().labels("light", now.colour)
        changed = {"colour": now.colour, "word_zh": word_zh, "word_en": word_en, "reasons": now.reasons}
        act.did(f"light.{now.colour}", "outcome", outcome_id, **changed, was=was, firm_id=known["firm_id"])


async def relight_due(db: Database, today: date) -> int:
    """Brings the lights up to the day; how many it looked at."""
    due = await supervision.may_change(db, today)
    for park_id, outcome_id in due:
        async with db.write(SYSTEM, park_id) as act:
            await outcome.lock(act, outcome_id)
            await act.fix_instant()
            await relight(act, outcome_id, today)
            if not act.events:
                act.did("light.confirmed", "outcome", outcome_id, day=today)
    return len(due)
