"""Webhooks: events of a park or firm are sent to an address; its secret is shown once."""

from __future__ import annotations

import base64
import json
import secrets
from urllib.parse import urlsplit
from uuid import UUID

from actions.authorization import new_id, require, require_hidden, require_in_park
from actions.webhook_delivery import send_test
from actions.webhook_request import check_url
from domain.actor import Actor, may
from domain.answer import Answer, Once
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.facts import refuse, value_faults
from domain.words import Role
from store import webhook
from store.db import NIL, Act, Database

MOST_PER_SCOPE = 10
#: Source: Standard Webhooks 1.0: 24 to 64 random bytes, written whsec_ and base64.
SECRET_BYTES, SECRET_PREFIX = 32, "whsec_"


async def add_webhook(
    db: Database,
    actor: Actor,
    *,
    url: str,
    park_id: UUID | None,
    label: str | None,
    allow_private: bool,
    once: Once | None,
) -> Answer:
    """A new webhook of a park or of the caller's firm, for what happens from now on; its secret is shown this once.

    Raises Invalid for an address that may not be called, Conflict where there are enough already.
    """
    scope_id = await _scope(db, actor, park_id)
    refuse(value_faults({} if label is None else {"label": label}))
    await check_url(url, allow_private=allow_private)
    webhook_id = new_id()
    async with db.write(actor, scope_id, once=once) as act:
        await act.fix_instant()
        if await webhook.count(act) >= MOST_PER_SCOPE:
            raise Conflict("too_many_webhooks", "url", most=MOST_PER_SCOPE)
        await webhook.insert(act, webhook_id, url, label)
        # The host alone: a path may hold a key, and events are for ever.
        act.did("webhook.added", "webhook", webhook_id, host=urlsplit(url).hostname, label=label)
        act.answer = await _with_secret(act, webhook_id, 201)
    return act.answer


async def _scope(db: Database, actor: Actor, park_id: UUID | None) -> UUID:
    """The park named, or the caller's own firm."""
    if actor.role is Role.firm and actor.firm_id is not None:
        if park_id is not None:
            raise Forbidden("not_yours", "park_id")
        return actor.firm_id
    if park_id is None:
        require(actor, "park.webhook")
        raise Invalid("missing", "park_id")
    await require_in_park(db, actor, "park.webhook", park_id, "park_id")
    return park_id


async def _with_secret(act: Act, webhook_id: UUID, status: int) -> Answer:
    """The webhook with a new secret, which is in the answer and in no repetition of it."""
    secret = secrets.token_bytes(SECRET_BYTES)
    await webhook.insert_secret(act, webhook_id, new_id(), secret)
    shown = await webhook.document(act.conn, webhook_id)
    if shown is None:
        raise NotFound("no_such")
    written = SECRET_PREFIX + base64.b64encode(secret).decode()
    return Answer(
        f'{shown[:-1]},"secret":"{written}"}}',
        status=status,
        location=f"/api/v1/webhooks/{webhook_id}",
        without_secrets=f'{shown[:-1]},"secret":null}}',
    )


async def remove_webhook(db: Database, actor: Actor, webhook_id: UUID, *, once: Once | None) -> Answer:
    """Nothing more is sent to it. Raises NotFound where the caller has none such."""
    try:
        scope_id = await scope_of(db, actor, webhook_id)
    except NotFound:
        if once is None or actor.role is Role.anonymous:
            raise
        async with db.write(actor, NIL, once=once):  # a repetition of the removal is answered before this
            raise
    async with db.write(actor, scope_id, once=once) as act:
        if await webhook.lock(act, webhook_id) is None:
            raise NotFound("no_such")
        await webhook.delete(act, webhook_id)
        act.did("webhook.removed", "webhook", webhook_id)
        act.answer = Answer(json.dumps({"id": str(webhook_id), "removed": True}))
    return act.answer


async def rotate_secret(db: Database, actor: Actor, webhook_id: UUID, *, once: Once | None) -> Answer:
    """A new secret, shown this once; for a day the old one signs beside it."""
    scope_id = await scope_of(db, actor, webhook_id)
    async with db.write(actor, scope_id, once=once) as act:
        if await webhook.lock(act, webhook_id) is None:
            raise NotFound("no_such")
        act.answer = await _with_secret(act, webhook_id, 200)
        act.did("webhook.secret_rotated", "webhook", webhook_id)
    return act.answer


async def test_webhook(
    db: Database, actor: Actor, webhook_id: UUID, *, allow_private: bool, once: Once | None
) -> Answer:
    """Sends a signed test at once and says what became of it; a paused webhook that accepts it goes on.

    Who tests it vouches for it from then on, where it was paused.
    """
    scope_id = await scope_of(db, actor, webhook_id)
    async with db.read(actor, park_id=scope_id) as conn:
        shown = await webhook.document(conn, webhook_id)
    if shown is None:
        raise NotFound("no_such")
    result = await send_test(db, scope_id, webhook_id, json.loads(shown)["url"], allow_private=allow_private)
    async with db.write(actor, scope_id, once=once) as act:
        is_paused = await webhook.lock(act, webhook_id)
        if is_paused is None:
            raise NotFound("no_such")
        goes_on = is_paused and result == "accepted"
        act.did("webhook.tested", "webhook", webhook_id, result=result)
        if goes_on:
            await webhook.resume(act, webhook_id)
            act.did("webhook.resumed", "webhook", webhook_id)
        act.answer = Answer(json.dumps({"id": str(webhook_id), "result": result, "resumed": goes_on}))
    return act.answer


async def scope_of(db: Database, actor: Actor, webhook_id: UUID, *, verb: str = "park.webhook") -> UUID:
    """The scope of a webhook the caller may change, or with `park.follow` read. Raises NotFound to all others."""
    home = await webhook.home(db, webhook_id)
    if home is None:
        raise NotFound("no_such")
    if home.is_park:
        is_visible = may(actor, "park.follow", park_id=home.scope_id)
        require_hidden(actor, verb, is_visible=is_visible, park_id=home.scope_id)
    else:
        require_hidden(actor, "firm.follow", is_visible=False, firm_id=home.scope_id)
    return home.scope_id
