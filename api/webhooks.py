"""Webhooks over HTTP: who is told of the events of a park or firm."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, post
from litestar.params import FromPath

from actions import webhooks
from api.bodies import NewWebhook
from api.paging import after_id, keyed, listed
from api.queries import WebhookQuery
from api.replies import Reply, written
from api.request import opened
from domain.actor import ANONYMOUS
from domain.errors import NotFound, NotSignedIn
from store import webhook

ROUTE = "/api/v1/webhooks"
ONE = f"{ROUTE}/{{webhook_id:uuid}}"
TAGS = ["webhooks"]
TESTS_PER_MINUTE = 10


@get(ROUTE, opt={"query": WebhookQuery}, tags=TAGS)
async def list_webhooks(request: Request[Any, Any, Any]) -> Reply:
    """Webhooks of the caller's parks or firm, with how far each has come; an admin names the park."""
    call = await opened(request)
    if call.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    query = call.query
    async with call.db.read(call.actor, park_id=query.park) as conn:
        rows = await webhook.page(conn, query.park, after_id(call, ROUTE), query.limit + 1)
    return listed(call, ROUTE, *keyed(rows, query.limit, "id", "document"))


@get(ONE, tags=TAGS)
async def read_webhook(request: Request[Any, Any, Any], webhook_id: FromPath[UUID]) -> Reply:
    """One webhook: active, failing since when, or paused and why; never its secret."""
    call = await opened(request)
    scope_id = await webhooks.scope_of(call.db, call.actor, webhook_id)
    async with call.db.read(call.actor, park_id=scope_id) as conn:
        shown = await webhook.document(conn, webhook_id)
    if shown is None:
        raise NotFound("no_such")
    return Reply(shown.encode())


@post(ROUTE, opt={"body": NewWebhook}, status_code=201, tags=TAGS)
async def add_webhook(request: Request[Any, Any, Any]) -> Reply:
    """A new webhook; its secret is in this answer and in no other. Staff and admins name the park, a firm gets its own.

    Events come as POSTs of `{"type":"events","timestamp":…,"data":{"epoch":…,"events":[…]}}`, in order, at least once,
    signed as Standard Webhooks says: `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,<base64 HMAC-SHA256>`.
    """
    call = await opened(request)
    told = call.body
    answer = await webhooks.add_webhook(
        call.db,
        call.actor,
        url=told.url,
        park_id=told.park_id,
        label=told.label,
        allow_private=call.office.settings.webhook_allow_private,
        once=call.once,
    )
    return written(answer)


@delete(ONE, status_code=200, tags=TAGS)
async def remove_webhook(request: Request[Any, Any, Any], webhook_id: FromPath[UUID]) -> Reply:
    """Removes a webhook; what is on its way may still arrive."""
    call = await opened(request)
    return written(await webhooks.remove_webhook(call.db, call.actor, webhook_id, once=call.once))


@post(f"{ONE}/secret", status_code=200, tags=TAGS)
async def rotate_secret(request: Request[Any, Any, Any], webhook_id: FromPath[UUID]) -> Reply:
    """A new secret, shown this once; for a day messages carry a signature of the old one as well."""
    call = await opened(request)
    return written(await webhooks.rotate_secret(call.db, call.actor, webhook_id, once=call.once))


@post(f"{ONE}/test", status_code=200, tags=TAGS)
async def test_webhook(request: Request[Any, Any, Any], webhook_id: FromPath[UUID]) -> Reply:
    """Sends a signed test message and says what became of it; a paused webhook that accepts it goes on."""
    call = await opened(request)
    call.office.limits.spend("webhook_test", str(call.actor.id), TESTS_PER_MINUTE)
    answer = await webhooks.test_webhook(
        call.db,
        call.actor,
        webhook_id,
        allow_private=call.office.settings.webhook_allow_private,
        once=call.once,
    )
    return written(answer)


ROUTES = [list_webhooks, read_webhook, add_webhook, remove_webhook, rotate_secret, test_webhook]
