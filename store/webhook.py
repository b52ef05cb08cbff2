"""Webhooks: where events are sent, what is due, and up to where each has received them.

A worker claims a batch under a lease and sends it with no transaction open. The cursor moves only when the batch was
accepted, and only by the worker whose lease is the latest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg

from store.db import Act, Database
from store.sql import load

SQL = load("webhook")


class WebhookHome(NamedTuple):
    """The park or firm a webhook belongs to."""

    scope_id: UUID
    is_park: bool


@dataclass(frozen=True)
class Batch:
    """Events to send to one address, held under a lease."""

    scope_id: UUID
    webhook_id: UUID
    url: str
    lease: int
    attempts: int
    epoch: UUID
    is_vouched_for: bool
    events: Sequence[asyncpg.Record]
    secrets: Sequence[bytes]


async def home(db: Database, webhook_id: UUID) -> WebhookHome | None:
    """The park or firm of a webhook, for any caller; nothing of it is shown."""
    async with db.system() as conn:
        row = await conn.fetchrow(SQL.home, webhook_id)
    return None if row is None else WebhookHome(row["scope_id"], row["kind"] == "park")


async def count(act: Act) -> int:
    return int(await act.conn.fetchval(SQL.count, act.scope_id))


async def insert(act: Act, webhook_id: UUID, url: str, label: str | None) -> None:
    await act.conn.execute(SQL.insert, act.scope_id, webhook_id, act.actor.id, url, label)


async def insert_secret(act: Act, webhook_id: UUID, secret_id: UUID, secret: bytes) -> None:
    await act.conn.execute(SQL.insert_secret, act.scope_id, webhook_id, secret_id, secret)


async def lock(act: Act, webhook_id: UUID) -> bool | None:
    """Locks it and fixes the act's instant: whether it is paused; None where it is not there."""
    row = await act.conn.fetchrow(SQL.lock, act.scope_id, webhook_id)
    await act.fix_instant(None if row is None else row["at"])
    return None if row is None else row["is_paused"]


async def delete(act: Act, webhook_id: UUID) -> None:
    await act.conn.execute(SQL.delete, act.scope_id, webhook_id)


async def resume(act: Act, webhook_id: UUID) -> None:
    """Goes on where it stopped; the act's account vouches for it from now on."""
    await act.conn.execute(SQL.resume, act.scope_id, webhook_id, act.actor.id)


async def page(
    conn: asyncpg.Connection, scope_id: UUID | None, after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.page, scope_id, None, after, limit))


async def document(conn: asyncpg.Connection, webhook_id: UUID) -> str | None:
    row = await conn.fetchrow(SQL.page, None, webhook_id, None, 1)
    return None if row is None else row["document"]


async def secrets(db: Database, scope_id: UUID, webhook_id: UUID) -> list[bytes]:
    """The keys that sign, the newest first; shown to nobody."""
    async with db.system() as conn:
        return [row["secret"] for row in await conn.fetch(SQL.secrets, scope_id, webhook_id)]


async def forget_secrets(db: Database) -> None:
    async with db.system(is_read_only=False) as conn:
        await conn.execute(SQL.forget_secrets)


async def claim(db: Database, most: int, lease: timedelta) -> Batch | None:
    """The next batch that is due, of at most so many events; None where nothing is."""
    async with db.system(is_read_only=False) as conn:
        row = await conn.fetchrow(SQL.claim, most, lease)
        if row is None:
            return None
        ends = (row["cursor_rev"], row["cursor_n"], row["batch_rev"], row["batch_n"])
        events = await conn.fetch(SQL.batch, row["scope_id"], *ends)
        keys = [secret["secret"] for secret in await conn.fetch(SQL.secrets, row["scope_id"], row["id"])]
    about = (row["scope_id"], row["id"], row["url"], row["lease"], row["attempts"], row["epoch"])
    return Batch(*about, row["is_vouched_for"], events, keys)


async def accepted(db: Database, batch: Batch) -> bool:
    """Moves the cursor behind the batch; False where another worker has taken over."""
    async with db.system(is_read_only=False) as conn:
        return bool(await conn.fetchval(SQL.accepted, batch.scope_id, batch.webhook_id, batch.lease))


async def failed(db: Database, batch: Batch, result: str, pause: timedelta) -> bool:
    """Puts the same batch off; whether nothing was accepted for three days."""
    async with db.system(is_read_only=False) as conn:
        key = (batch.scope_id, batch.webhook_id, batch.lease)
        return bool(await conn.fetchval(SQL.failed, *key, result, pause))


async def pause(act: Act, batch: Batch, reason: str) -> bool:
    """Sends nothing more to it; False where that was settled otherwise meanwhile."""
    return bool(await act.conn.fetchval(SQL.pause, batch.scope_id, batch.webhook_id, batch.lease, reason))
