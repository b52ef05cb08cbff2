"""Idempotency keys are kept 7 days and no longer."""

from __future__ import annotations

import asyncpg

from actions.daily_update import run_daily_update
from tests.conftest import TODAY, Dazu

PLANT = """INSERT INTO panhuo.idempotency (actor_id, key, fingerprint, created_at)
SELECT gen_random_uuid(), 'k' || n, '', now() - n * interval '1 hour' FROM generate_series(1, 2200) AS n"""
LEFT = "SELECT count(*) FROM panhuo.idempotency WHERE fingerprint = ''"


async def test_turnover_forgets_keys_after_a_week(dazu: Dazu) -> None:
    conn = await asyncpg.connect(dazu.superuser_url)
    try:
        await conn.execute(PLANT)

        await run_daily_update(dazu.db, today=TODAY)

        assert await conn.fetchval(LEFT) == 7 * 24 - 1
    finally:
        await conn.close()
