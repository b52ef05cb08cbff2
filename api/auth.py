"""Signing in, tokens and keys over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post
from litestar.params import FromPath

from actions import accounts, sign_in
from api.bodies import Login, NewKey, Refresh
from api.replies import Reply, written
from api.request import bearer, opened
from domain.actor import ANONYMOUS
from domain.address import network_of
from domain.errors import NotSignedIn, TooMany
from store import account

ROUTE = "/api/v1/auth"
TAGS = ["auth"]
LOGINS_PER_MINUTE = 30


def _said(body: object) -> Reply:
    return Reply(msgspec.json.encode(body))


@post(f"{ROUTE}/login", opt={"body": Login, "not_once": True, "reads_token": True}, status_code=200, tags=TAGS)
async def log_in(request: Request[Any, Any, Any]) -> Reply:
    """A bearer token for login and password, and the refresh token that renews it."""
    call = await opened(request)
    try:
        call.office.limits.spend("login", network_of(call.address), LOGINS_PER_MINUTE)
    except TooMany:
        sign_in.security("sign_in_refused", call.address)
        raise
    return _said(await sign_in.log_in(call.db, call.body.login, call.body.password, call.address))


@post(f"{ROUTE}/refresh", opt={"body": Refresh, "not_once": True, "reads_token": True}, status_code=200, tags=TAGS)
async def refresh(request: Request[Any, Any, Any]) -> Reply:
    """New tokens for a refresh token, once only: one that was used before ends its session.

    Within 10 s the same tokens come again, for two tabs of one browser.
    """
    call = await opened(request)
    return _said(await sign_in.refresh(call.db, call.body.refresh_token, call.address))


@post(f"{ROUTE}/logout", opt={"not_once": True, "reads_token": True}, status_code=200, tags=TAGS)
async def log_out(request: Request[Any, Any, Any]) -> Reply:
    """Ends the session of the bearer token, also of one that has run out or was renewed."""
    call = await opened(request)
    await sign_in.log_out(call.db, bearer(request.headers.get("authorization")), call.address)
    return _said({"signed_out": True})


@get(f"{ROUTE}/me", tags=TAGS)
async def me(request: Request[Any, Any, Any]) -> Reply:
    """Who the caller is, and where they may act."""
    call = await opened(request)
    row = None if call.actor is ANONYMOUS else await account.by_id(call.db, call.actor.id)
    if row is None:
        raise NotSignedIn("sign_in")
    return _said(dict(row))


@get(f"{ROUTE}/keys", tags=TAGS)
async def list_keys(request: Request[Any, Any, Any]) -> Reply:
    """The caller's API keys; the keys themselves are not shown again."""
    call = await opened(request)
    if call.actor is ANONYMOUS:
        raise NotSignedIn("sign_in")
    async with call.db.read(call.actor) as conn:
        keys = await account.keys(conn, call.actor.id)
    return _said({"items": [json.loads(key) for key in keys], "next": None})


@post(f"{ROUTE}/keys", opt={"body": NewKey}, status_code=201, tags=TAGS)
async def add_key(request: Request[Any, Any, Any]) -> Reply:
    """A new API key, shown this once; it works for a year at most."""
    call = await opened(request)
    answer = await accounts.add_key(
        call.db,
        call.actor,
        label=call.body.label,
        expires_on=call.body.expires_on,
        once=call.once,
        today=call.today,
    )
    return written(answer)


@delete(f"{ROUTE}/keys/{{key_id:uuid}}", status_code=200, tags=TAGS)
async def revoke_key(request: Request[Any, Any, Any], key_id: FromPath[UUID]) -> Reply:
    """Revokes a key of the caller."""
    call = await opened(request)
    return written(await accounts.revoke_key(call.db, call.actor, key_id, once=call.once))


ROUTES = [log_in, refresh, log_out, me, list_keys, add_key, revoke_key]
