"""Sends events to webhooks: signed, in order, at least once; one batch at a time to each, no transaction meanwhile."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import msgspec

from actions.authorization import new_id
from actions.feed import public_event
from actions.webhook_request import TIMEOUT_S, Result, post
from domain.actor import SYSTEM
from domain.errors import Conflict, Refusal
from store import webhook
from store.db import Database
from store.feed import ChangeSignal
from store.webhook import Batch

LOG = logging.getLogger("panhuo")
#: About 400 bytes an event: a body stays below 20 kB, as Standard Webhooks asks.
MOST_EVENTS = 50
#: Longer than one attempt can take, so that a lease ends only where its worker has died.
LEASE = timedelta(seconds=3 * TIMEOUT_S)
MOST_AT_ONCE = 8
FIRST_PAUSE_S, LONGEST_PAUSE_S, GROWTH = 5.0, 4 * 3600.0, 3.0
LOOK_S = 5.0


async def deliver_for_ever(db: Database, *, allow_private: bool, public_path: str = "") -> None:
    """Delivers as events come, until it is cancelled; a database that is away is waited for.

    `public_path` is where the service is found from outside.
    """
    signal = ChangeSignal()
    try:
        with signal.waiting(db, None) as changed:
            while True:
                changed.clear()
                try:
                    await deliver_due(db, allow_private=allow_private, public_path=public_path)
                except Refusal as refusal:
                    # Nothing was lost: cursors stand where they stood, and leases end by themselves.
                    LOG.warning("webhooks: %s", refusal.faults[0].code)
                try:
                    await asyncio.wait_for(changed.wait(), LOOK_S)
                except TimeoutError:
                    continue
    finally:
        await signal.close()


async def deliver_due(db: Database, *, allow_private: bool, public_path: str = "") -> int:
    """Sends until nothing is due: how many batches were accepted. A slow receiver holds up no other."""
    running: set[asyncio.Task[bool]] = set()
    accepted = 0
    try:
        while True:
            batch = await webhook.claim(db, MOST_EVENTS, LEASE) if len(running) < MOST_AT_ONCE else None
            if batch is not None:
                running.add(asyncio.create_task(_deliver(db, batch, allow_private, public_path)))
                continue
            if not running:
                return accepted
            done, running = await asyncio.wait(running, timeout=1, return_when=asyncio.FIRST_COMPLETED)
            accepted += sum(task.result() for task in done)
    finally:
        if running:
            await asyncio.wait(running)


async def _deliver(db: Database, batch: Batch, allow_private: bool, public_path: str) -> bool:
    """One attempt, and what follows from it; whether the batch was accepted."""
    if not batch.is_vouched_for:
        await _pause(db, batch, "rights")
        return False
    last = batch.events[-1]
    message_id = f"evt_{batch.webhook_id}_{str(batch.epoch)[:8]}_{last['rev']}_{last['n']}"
    result = await _send(batch.url, message_id, _body(batch, public_path), batch.secrets, allow_private=allow_private)
    if result.kind == "accepted":
        return await webhook.accepted(db, batch)
    pause = pause_s(batch.attempts, random.random(), result.retry_after_s)
    is_worn_out = await webhook.failed(db, batch, result.kind, timedelta(seconds=pause))
    if result.kind == "gone" or is_worn_out:
        await _pause(db, batch, "gone" if result.kind == "gone" else "failing")
    return False


def _body(batch: Batch, public_path: str) -> bytes:
    """The same bytes at every attempt: nothing in it depends on when it is sent."""
    events = [public_event(event, public_path) for event in batch.events]
    data = {"epoch": str(batch.epoch), "events": events}
    return msgspec.json.encode({"type": "events", "timestamp": batch.events[-1]["at"], "data": data})


async def _send(url: str, message_id: str, body: bytes, keys: Sequence[bytes], *, allow_private: bool) -> Result:
    stamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "panhuo-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signature(key, message_id, stamp, body) for key in keys),
    }
    return await post(url, headers, body, allow_private=allow_private)


def signature(key: bytes, message_id: str, stamp: str, body: bytes) -> str:
    """One signature over number, time and body. Source: Standard Webhooks 1.0."""
    signed = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def pause_s(attempts: int, chance: float, least_s: float) -> float:
    """Seconds until the next attempt: growing, spread by `chance` in 0…1, no shorter than the receiver asked for.

    Source: Standard Webhooks 1.0, from 5 s to hours over three days.
    """
    grown = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * GROWTH ** min(attempts, 20))
    return max(grown * (0.8 + 0.4 * chance), min(least_s, LONGEST_PAUSE_S))


async def _pause(db: Database, batch: Batch, reason: str) -> None:
    with suppress(Conflict):
        async with db.write(SYSTEM, batch.scope_id) as act:
            await act.fix_instant()
            if not await webhook.pause(act, batch, reason):
                raise Conflict("changed_meanwhile")  # removed, or another worker's by now: nothing is left to pause
            act.did("webhook.paused", "webhook", batch.webhook_id, reason=reason)
        LOG.warning("webhook %s is paused: %s", batch.webhook_id, reason)


async def send_test(db: Database, scope_id: UUID, webhook_id: UUID, url: str, *, allow_private: bool) -> str:
    """Sends a test that is no event, and says what became of it, as a class and no more."""
    keys = await webhook.secrets(db, scope_id, webhook_id)
    body = json.dumps({"type": "test", "data": {"webhook_id": str(webhook_id)}}).encode()
    return (await _send(url, f"test_{new_id()}", body, keys, allow_private=allow_private)).kind
