"""What only time changes becomes an act: what runs out, lights, listings that lapse, people kept long enough.

Old keys are forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from actions import check, enquiry_steps, light
from actions import outcome as outcome_actions
from domain.actor import SYSTEM
from domain.errors import Refusal
from store import account, asset, outcome, sign_up, tenancy, webhook
from store.db import Database


async def run_daily_update(db: Database, *, today: date) -> int:
    """Brings every stored state up to the day; how many acts that took. Run again on the same day it does nothing."""
    done = 0
    for _, outcome_id in await outcome.expired_reservations(db, today):
        try:
            await outcome_actions.release_expired(db, SYSTEM, outcome_id, today=today)
            done += 1
        except Refusal:
            continue  # someone signed or withdrew it meanwhile: nothing is left to let go
    for _, outcome_id in await outcome.renewals_begun(db, today):
        try:
            await outcome_actions.begin_renewal(db, SYSTEM, outcome_id, today=today)
            done += 1
        except Refusal:
            continue  # it was withdrawn meanwhile
    for park_id, roots in await asset.overtaken(db, today):
        await _bring_up_to_date(db, park_id, roots, today)
        done += 1
    for park_id in await tenancy.unnoticed(db, today):
        await _announce_ends(db, park_id, today)
        done += 1
    done += await check.lapse_unchecked(db, today)
    done += await light.relight_due(db, today)
    done += await enquiry_steps.erase_outlived(db, today)
    await db.purge_keys()
    await account.purge(db)
    await sign_up.purge(db, today)
    await webhook.forget_secrets(db)
    return done


async def _bring_up_to_date(db: Database, park_id: UUID, roots: Sequence[UUID], today: date) -> None:
    async with db.write(SYSTEM, park_id) as act:
        await asset.lock(act, roots)
        for asset_id in await asset.refresh(act, roots, [], today):
            act.did("asset.turned_over", "asset", asset_id, day=today)
        if not act.events:
            act.did("park.turned_over", "park", park_id, day=today)


async def _announce_ends(db: Database, park_id: UUID, today: date) -> None:
    """One event for each tenancy 180, 90 and 30 days before its end, and one when it is past without a recorded end."""
    async with db.write(SYSTEM, park_id) as act:
        for row in await tenancy.notice(act, today):
            about = {name: row[name] for name in ("ends_on", "asset_id", "firm_id", "outcome_id")}
            if row["days"] == 0:
                act.did("tenancy.to_verify", "tenancy", row["id"], **about)
            else:
                act.did("tenancy.ends_soon", "tenancy", row["id"], days=row["days"], **about)
        if not act.events:
            act.did("park.turned_over", "park", park_id, day=today)
