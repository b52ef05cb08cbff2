"""Acts on many units at once, over HTTP: which there were, and the undoing of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath

from actions.authorization import require, require_hidden
from actions.undo import undo_batch
from api.asset import ROUTE
from api.paging import after_id, keyed, listed
from api.queries import BatchQuery
from api.request import request_context
from api.response import Reply, written
from domain.errors import NotFound
from store import batch

BATCHES = f"{ROUTE}/batches"
BATCH = f"{BATCHES}/{{batch_id:uuid}}"
TAGS = ["assets"]


@get(BATCHES, opt={"query": BatchQuery}, tags=TAGS)
async def list_batches(request: Request[Any, Any, Any]) -> Reply:
    """Changes of many units at once, the latest first: how many units each registered or changed, from which file.

    For staff, leaders and auditors of their parks.
    """
    context = await request_context(request)
    query = context.query
    require(context.actor, "asset.history", park_id=query.park)
    async with context.db.read(context.actor, park_id=query.park) as conn:
        rows = await batch.page(conn, query.park, after_id(context, BATCHES), query.limit + 1)
    return listed(context, BATCHES, *keyed(rows, query.limit, "id", "document"))


@get(BATCH, tags=TAGS)
async def read_batch(request: Request[Any, Any, Any], batch_id: FromPath[UUID]) -> Reply:
    """One of them, and the act that undid it."""
    context = await request_context(request)
    park_id = await batch.home(context.db, batch_id)
    if park_id is None:
        raise NotFound("no_such")
    require_hidden(context.actor, "asset.history", is_visible=False, park_id=park_id)
    async with context.db.read(context.actor, park_id=park_id) as conn:
        document = await batch.read(conn, park_id, batch_id)
    if document is None:
        raise NotFound("no_such")
    return Reply(document.encode())


@post(f"{BATCH}/undo", status_code=201, tags=TAGS)
async def undo_changes(request: Request[Any, Any, Any], batch_id: FromPath[UUID]) -> Reply:
    """Undoes a change of many units: new ones never were, facts are what they were, what it published is withdrawn.

    Refused where anything was built on one of its units since: changed, published or claimed. Each is named.
    """
    context = await request_context(request)
    return written(await undo_batch(context.db, context.actor, batch_id, once=context.once, today=context.today))


ROUTES = [list_batches, read_batch, undo_changes]
