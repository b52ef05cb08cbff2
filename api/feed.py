"""The change feed over HTTP: a stream of server-sent events, or pages of the same events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, get

from actions.feed import public_event
from api.paging import following
from api.queries import EventQuery
from api.request import RequestContext, caller, request_context
from api.response import NO_STORE, Reply
from api.streams import AGAIN_S, Stream, revoked_reading
from domain.actor import ANONYMOUS, Actor, may
from domain.errors import Forbidden, Malformed, NotFound, NotSignedIn, Unavailable
from domain.words import Role
from store import feed
from store.feed import Position

ROUTE = "/api/v1/events"
SSE = "text/event-stream"
MOST_PARKS = 50
#: Events read at once for a stream: what a slow reader holds in memory.
CHUNK = 200
HEARTBEAT_S = 15.0
RETRY_MS = 3000
#: Headers the route reads, and the keys of their texts in its description.
HEADERS_READ = {"Last-Event-ID": "last_event_id"}
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@get(ROUTE, opt={"query": EventQuery, "headers": HEADERS_READ, "also": [SSE]}, tags=["events"])
async def follow_events(request: Request[Any, Any, Any]) -> Reply | Stream:
    """What happened in parks, or to the caller's firm.

    `park` names the parks, at most 50 ids with commas between; for staff, leaders, auditors and admins. With
    `Accept: text/event-stream` a stream: `id` is a position, and `Last-Event-ID` or `after` goes on behind it. Else a
    page, with `position` for the next one. `after` may be `start` or `now`; left out, a stream begins now and a page at
    the start. Positions from before a restore are 410.
    """
    context = await request_context(request)
    scopes = scopes_of(context.actor, context.query.park)
    now = await feed.present(context.db, scopes)
    if len(now.marks) != len(scopes):
        raise NotFound("no_such_park", "park")
    is_stream = SSE in request.headers.get("accept", "")
    position = _start(context, request.headers.get("last-event-id"), now, is_stream=is_stream)
    if not is_stream:
        return await _page(context, position)
    reader = _Reader(context, dict(request.headers), now)
    streams = context.state.streams
    leave = streams.enter(str(context.actor.id))
    chunks = _chunks(context, reader, position)
    return Stream(chunks, SSE, headers=HEADERS, leave=leave, revoked=reader.revoked, ending=streams.ending)


def scopes_of(actor: Actor, park_list: str | None) -> list[UUID]:
    """The parks or the firm whose events the caller reads. Raises NotSignedIn, Malformed, Forbidden."""
    if actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    if actor.role is Role.firm and park_list is None and actor.firm_id is not None:
        return [actor.firm_id]
    if park_list is None and actor.role is Role.admin:
        raise Malformed("missing", "park")
    try:
        parks = sorted(actor.park_ids) if park_list is None else sorted({UUID(text) for text in park_list.split(",")})
    except ValueError as fault:
        raise Malformed("wrong_type", "park", expected=["uuids"]) from fault
    if len(parks) > MOST_PARKS:
        raise Malformed("too_many_items", "park", most=MOST_PARKS)
    if not all(may(actor, "park.follow", park_id=park) for park in parks):
        raise Forbidden("not_yours", "park")
    return parks


def _start(context: RequestContext, last_event_id: str | None, now: Position, *, is_stream: bool) -> Position:
    """Behind the last event a stream got, else behind `after`, else now for a stream and the beginning for a page."""
    default = now if is_stream else feed.beginning(now)
    position_text, field = (
        (last_event_id, "Last-Event-ID") if is_stream and last_event_id else (context.query.after, "after")
    )
    match position_text:
        case None:
            return default
        case "now":
            return now
        case "start":
            return feed.beginning(now)
    return feed.resumed(Position.parsed(position_text, field), now, default)


def _narrowed(actor: Actor, scopes: Sequence[UUID]) -> Actor:
    """The caller, seeing the asked parks and no others."""
    return actor if actor.role is Role.firm else replace(actor, park_ids=frozenset(scopes))


async def _page(context: RequestContext, position: Position) -> Reply:
    async with context.db.read(_narrowed(context.actor, list(position.marks))) as conn:
        rows = await feed.after(conn, position, context.query.limit)
    for row in rows:
        position = position.past(row)
    parameters = {"park": context.query.park, "after": str(position), "limit": context.query.limit}
    link = urlencode({name: value for name, value in parameters.items() if value is not None})
    href = f"{context.state.settings.public_url}{ROUTE}?{link}" if len(rows) == context.query.limit else None
    items = [public_event(row, context.state.settings.public_path) for row in rows]
    body = {"items": items, "position": str(position), "next": href}
    return Reply(msgspec.json.encode(body), headers={**NO_STORE, **following(href)})


class _Reader:
    """Who reads a stream: asked anew after every act on accounts and keys, and from time to time."""

    def __init__(self, context: RequestContext, headers: dict[str, str], now: Position) -> None:
        self._context, self._headers, self._epoch, self._scopes = context, headers, now.epoch, sorted(now.marks)
        self.actor = _narrowed(context.actor, self._scopes)

    async def revoked(self) -> None:
        """Returns once the key or session is gone, a park was taken away, or the database was restored."""
        await revoked_reading(self._context.state.streams.signal, self._context.db, self._still_may)

    async def _still_may(self) -> bool:
        try:
            actor = await caller(self._headers, self._context.db, datetime.now(UTC))
            park_list = None if actor.role is Role.firm else ",".join(map(str, self._scopes))
            if scopes_of(actor, park_list) != self._scopes:
                return False
        except (NotSignedIn, Forbidden, Malformed):
            return False
        now = await feed.present(self._context.db, self._scopes)
        self.actor = _narrowed(actor, self._scopes)
        return now.epoch == self._epoch


async def _chunks(context: RequestContext, reader: _Reader, position: Position) -> AsyncGenerator[bytes, None]:
    """The chunks of a stream. A database that is away is waited for; the position says where to go on."""
    yield f"retry: {RETRY_MS}\nid: {position}\n\n".encode()
    with context.state.streams.signal.waiting(context.db, list(position.marks)) as changed:
        while True:
            changed.clear()
            try:
                async with context.db.read(reader.actor) as conn:
                    rows = await feed.after(conn, position, CHUNK)
            except Unavailable:
                yield b": waiting\n\n"
                await asyncio.sleep(AGAIN_S)
                continue
            if rows:
                chunk = []
                for row in rows:
                    position = position.past(row)
                    event = msgspec.json.encode(public_event(row, context.state.settings.public_path))
                    chunk.append(b"id: %s\ndata: %s\n\n" % (str(position).encode(), event))
                yield b"".join(chunk)
            if len(rows) < CHUNK:
                try:
                    await asyncio.wait_for(changed.wait(), HEARTBEAT_S)
                except TimeoutError:
                    yield b": \n\n"


ROUTES = [follow_events]
