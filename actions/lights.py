"""The light of a deal: computed anew by every act that tells of its plan or its figures, and by turnover."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from actions import schemes
from domain.actor import SYSTEM
from outcomes.stages import WAYS_OUT, Stage
from outcomes.supervision import WORDS, Colour, light, read, thresholds
from store import outcome, supervision
from store.db import Act, Database

KIND = "lights"
#: As many points as the column holds; a figure a thousand times the promise is as far ahead as any.
MOST_POINTS = Decimal(99_999)


async def relight(act: Act, outcome_id: UUID, today: date) -> None:
    """Computes the light of a deal and keeps it; another colour is an event. An unsupervised deal has none."""
    document = await supervision.lit(act, outcome_id)
    if document is None or Stage(document["stage"]) in (*WAYS_OUT, Stage.ended):
        return
    of = read(document)
    limits = thresholds(await schemes.of_version(act, KIND, document["version"]))
    now, was = light(of, limits, today), document["colour"]
    behind = None if now.behind_points is None else max(-MOST_POINTS, min(MOST_POINTS, now.behind_points))
    facts = (now.colour.value, behind, now.late_days, list(now.reasons), limits.version, today, now.next_on)
    await supervision.put_light(act, outcome_id, *facts)
    if was != now.colour:
        word_zh, word_en = WORDS[Colour(now.colour)]
        changed = {"colour": now.colour.value, "word_zh": word_zh, "word_en": word_en, "reasons": list(now.reasons)}
        act.did(f"light.{now.colour.value}", "outcome", outcome_id, **changed, was=was, firm_id=document["firm_id"])


async def turn(db: Database, today: date) -> int:
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
