"""What only time changes becomes an act: reservations, tenancies, lights. Old keys are forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from actions import deals, lights
from domain.actor import SYSTEM
from domain.errors import Refusal
from store import asset, outcome, webhook
from store.db import Database


async def turn_over(db: Database, *, today: date) -> int:
    """Brings every stored state up to the day; how many acts that took. Run again on the same day it does nothing."""
    done = 0
    for _, outcome_id in await outcome.expired_reservations(db, today):
        try:
            await deals.release_expired(db, SYSTEM, outcome_id, today=today)
            done += 1
        except Refusal:
            continue  # someone signed or withdrew it meanwhile: nothing is left to let go
    for park_id, roots in await asset.overtaken(db, today):
        await _bring_up_to_date(db, park_id, roots, today)
        done += 1
    done += await lights.turn(db, today)
    await db.purge_keys()
    await webhook.forget_secrets(db)
    return done


async def _bring_up_to_date(db: Database, park_id: UUID, roots: Sequence[UUID], today: date) -> None:
    async with db.write(SYSTEM, park_id) as act:
        await asset.lock(act, roots)
        for asset_id in await asset.refresh(act, roots, [], today):
            act.did("asset.turned_over", "asset", asset_id, day=today)
        if not act.events:
            act.did("park.turned_over", "park", park_id, day=today)
