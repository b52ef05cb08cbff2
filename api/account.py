"""Signing in, tokens and keys over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post
from litestar.params import FromPath

from actions import account as account_actions
from actions import sign_in
from api.bodies import Login, NewKey, Refresh
from api.request import bearer, request_context
from api.response import Reply, written
from domain.actor import ANONYMOUS
from domain.address import network_of
from domain.errors import NotSignedIn, TooMany
from store import account

ROUTE = "/api/v1/auth"
TAGS = ["auth"]
LOGINS_PER_MINUTE = 30


def _reply(body: object) -> Reply:
    return Reply(msgspec.json.encode(body))


@post(f"{ROUTE}/login", opt={"body": Login, "not_once": True, "reads_token": True}, status_code=200, tags=TAGS)
async def log_in(request: Request[Any, Any, Any]) -> Reply:
    """A bearer token for login and password, and the refresh token that renews it."""
    context = await request_context(request)
    try:
        context.state.limits.spend("login", network_of(context.address), LOGINS_PER_MINUTE)
    except TooMany:
        sign_in.log_security("sign_in_refused", context.address)
        raise
    return _reply(await sign_in.log_in(context.db, context.body.login, context.body.password, context.address))


@post(f"{ROUTE}/refresh", opt={"body": Refresh, "not_once": True, "reads_token": True}, status_code=200, tags=TAGS)
async def refresh(request: Request[Any, Any, Any]) -> Reply:
    """New tokens for a refresh token, once only: one that was used before ends its session.

    Within 10 s the same tokens come again, for two tabs of one browser.
    """
    context = await request_context(request)
    return _reply(await sign_in.refresh(context.db, context.body.refresh_token, context.address))


@post(f"{ROUTE}/logout", opt={"not_once": True, "reads_token": True}, status_code=200, tags=TAGS)
async def log_out(request: Request[Any, Any, Any]) -> Reply:
    """Ends the session of the bearer token, also of one that has run out or was renewed."""
    context = await request_context(request)
    await sign_in.log_out(context.db, bearer(request.headers.get("authorization")), context.address)
    return _reply({"signed_out": True})


@get(f"{ROUTE}/me", tags=TAGS)
async def me(request: Request[Any, Any, Any]) -> Reply:
    """Who the caller is, and where they may act."""
    context = await request_context(request)
    row = None if context.actor is ANONYMOUS else await account.by_id(context.db, context.actor.id)
    if row is None:
        raise NotSignedIn("sign_in")
    return _reply(dict(row))


@get(f"{ROUTE}/keys", tags=TAGS)
async def list_keys(request: Request[Any, Any, Any]) -> Reply:
    """The caller's API keys; the keys themselves are not shown again."""
    context = await request_context(request)
    if context.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    async with context.db.read(context.actor) as conn:
        keys = await account.keys(conn, context.actor.id)
    return _reply({"items": [json.loads(key) for key in keys], "next": None})


@post(f"{ROUTE}/keys", opt={"body": NewKey}, status_code=201, tags=TAGS)
async def add_key(request: Request[Any, Any, Any]) -> Reply:
    """A new API key, shown this once; it works for a year at most."""
    context = await request_context(request)
    answer = await account_actions.add_key(
        context.db,
        context.actor,
        label=context.body.label,
        expires_on=context.body.expires_on,
        once=context.once,
        today=context.today,
    )
    return written(answer)


@delete(f"{ROUTE}/keys/{{key_id:uuid}}", status_code=200, tags=TAGS)
async def revoke_key(request: Request[Any, Any, Any], key_id: FromPath[UUID]) -> Reply:
    """Revokes a key of the caller."""
    context = await request_context(request)
    return written(await account_actions.revoke_key(context.db, context.actor, key_id, once=context.once))


ROUTES = [log_in, refresh, log_out, me, list_keys, add_key, revoke_key]
