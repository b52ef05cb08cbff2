"""Webhooks over HTTP: where the events of a park or firm are sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, post
from litestar.params import FromPath

from actions import webhook as webhook_actions
from api.bodies import NewWebhook
from api.paging import after_id, keyed, listed
from api.queries import WebhookQuery
from api.request import request_context
from api.response import Reply, written
from domain.actor import ANONYMOUS
from domain.errors import NotFound, NotSignedIn
from store import webhook

ROUTE = "/api/v1/webhooks"
WEBHOOK_ROUTE = f"{ROUTE}/{{webhook_id:uuid}}"
TAGS = ["webhooks"]
TESTS_PER_MINUTE = 10


@get(ROUTE, opt={"query": WebhookQuery}, tags=TAGS)
async def list_webhooks(request: Request[Any, Any, Any]) -> Reply:
    """Webhooks of the caller's parks or firm, with how far each has come; for an admin of every park."""
    context = await request_context(request)
    if context.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    query = context.query
    async with context.db.read(context.actor, park_id=query.park) as conn:
        rows = await webhook.page(conn, query.park, after_id(context, ROUTE), query.limit + 1)
    return listed(context, ROUTE, *keyed(rows, query.limit, "id", "document"))


@get(WEBHOOK_ROUTE, tags=TAGS)
async def read_webhook(request: Request[Any, Any, Any], webhook_id: FromPath[UUID]) -> Reply:
    """One webhook: active, failing since when, or paused and why; never its secret."""
    context = await request_context(request)
    scope_id = await webhook_actions.scope_of(context.db, context.actor, webhook_id, verb="park.follow")
    async with context.db.read(context.actor, park_id=scope_id) as conn:
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
    context = await request_context(request)
    body = context.body
    answer = await webhook_actions.add_webhook(
        context.db,
        context.actor,
        url=body.url,
        park_id=body.park_id,
        label=body.label,
        allow_private=context.state.settings.webhook_allow_private,
        once=context.once,
    )
    return written(answer)


@delete(WEBHOOK_ROUTE, status_code=200, tags=TAGS)
async def remove_webhook(request: Request[Any, Any, Any], webhook_id: FromPath[UUID]) -> Reply:
    """Removes a webhook; what is on its way may still arrive."""
    context = await request_context(request)
    return written(await webhook_actions.remove_webhook(context.db, context.actor, webhook_id, once=context.once))


@post(f"{WEBHOOK_ROUTE}/secret", status_code=200, tags=TAGS)
async def rotate_secret(request: Request[Any, Any, Any], webhook_id: FromPath[UUID]) -> Reply:
    """A new secret, shown this once; for a day messages carry a signature of the old one as well."""
    context = await request_context(request)
    return written(await webhook_actions.rotate_secret(context.db, context.actor, webhook_id, once=context.once))


@post(f"{WEBHOOK_ROUTE}/test", status_code=200, tags=TAGS)
async def test_webhook(request: Request[Any, Any, Any], webhook_id: FromPath[UUID]) -> Reply:
    """Sends a signed test message and says what became of it; a paused webhook that accepts it goes on."""
    context = await request_context(request)
    context.state.limits.spend("webhook_test", str(context.actor.id), TESTS_PER_MINUTE)
    answer = await webhook_actions.test_webhook(
        context.db,
        context.actor,
        webhook_id,
        allow_private=context.state.settings.webhook_allow_private,
        once=context.once,
    )
    return written(answer)


ROUTES = [list_webhooks, read_webhook, add_webhook, remove_webhook, rotate_secret, test_webhook]
