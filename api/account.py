"""Signing in, tokens and keys over HTTP."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post, put
from litestar.params import FromPath

from actions import account as account_actions
from actions import sign_in
from actions.authorization import require
from api.bodies import AccountParks, Login, NewAccount, NewKey, NewPassword, OwnPassword, Refresh
from api.paging import after_id, keyed, listed
from api.queries import PageQuery
from api.request import RequestContext, bearer, request_context
from api.response import NO_STORE, Reply, written
from domain.actor import ANONYMOUS
from domain.address import network_of
from domain.errors import NotFound, NotSignedIn, TooMany
from domain.words import Role
from store import account

ROUTE = "/api/v1/auth"
ACCOUNTS = "/api/v1/accounts"
ACCOUNT = f"{ACCOUNTS}/{{account_id:uuid}}"
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


@post(f"{ROUTE}/password", opt={"body": OwnPassword, "has_password": True}, status_code=200, tags=TAGS)
async def change_password(request: Request[Any, Any, Any]) -> Reply:
    """Changes the caller's own password; the old one is asked for. The caller's other sessions end."""
    context = await request_context(request)
    header = request.headers.get("authorization")
    answer = await account_actions.change_password(
        context.db,
        context.actor,
        context.body.old_password,
        context.body.password,
        token=None if header is None else bearer(header),
        address=context.address,
        once=context.once,
    )
    return written(answer)


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
    """Revokes a key of the caller; an admin revokes anyone's."""
    context = await request_context(request)
    return written(await account_actions.revoke_key(context.db, context.actor, key_id, once=context.once))


@get(ACCOUNTS, opt={"query": PageQuery}, tags=TAGS)
async def list_accounts(request: Request[Any, Any, Any]) -> Reply:
    """Accounts, for admins; an auditor reads those of their parks."""
    context = await request_context(request)
    require(context.actor, "account.read")
    limit = context.query.limit
    rows = await account.page(context.db, _parks(context), after_id(context, ACCOUNTS), limit + 1)
    return listed(context, ACCOUNTS, *keyed(rows, limit, "id", "document"))


def _parks(context: RequestContext) -> Collection[UUID] | None:
    """The parks whose accounts the caller reads; None: all."""
    return None if context.actor.role is Role.admin else context.actor.park_ids


async def _shown(context: RequestContext, account_id: UUID) -> str:
    """One account as the caller reads it. Raises NotFound."""
    require(context.actor, "account.read")
    async with context.db.system() as conn:
        shown = await account.document(conn, account_id, _parks(context))
    if shown is None:
        raise NotFound("no_such", "account_id")
    return shown


@get(ACCOUNT, tags=TAGS)
async def read_account(request: Request[Any, Any, Any], account_id: FromPath[UUID]) -> Reply:
    """One account, for admins; an auditor reads those of their parks."""
    return Reply((await _shown(await request_context(request), account_id)).encode(), headers=NO_STORE)


@get(f"{ACCOUNT}/keys", tags=TAGS)
async def account_keys(request: Request[Any, Any, Any], account_id: FromPath[UUID]) -> Reply:
    """The API keys of an account, for admins, who may revoke them; an auditor reads those of their parks."""
    context = await request_context(request)
    await _shown(context, account_id)
    async with context.db.system() as conn:
        keys = await account.keys(conn, account_id)
    return _reply({"items": [json.loads(key) for key in keys], "next": None})


@post(ACCOUNTS, opt={"body": NewAccount, "has_password": True}, status_code=201, tags=TAGS)
async def add_account(request: Request[Any, Any, Any]) -> Reply:
    """A new account, for admins: of staff, a leader or an auditor of parks, of a firm, or an admin."""
    context = await request_context(request)
    body = context.body
    answer = await account_actions.add_account(
        context.db,
        context.actor,
        login=body.login,
        password=body.password,
        role=Role(body.role),
        park_ids=body.park_ids,
        firm_id=body.firm_id,
        once=context.once,
    )
    return written(answer)


async def _set_active(request: Request[Any, Any, Any], account_id: UUID, *, is_active: bool) -> Reply:
    context = await request_context(request)
    return written(
        await account_actions.set_active(context.db, context.actor, account_id, is_active=is_active, once=context.once)
    )


@post(f"{ACCOUNT}/disable", status_code=200, tags=TAGS)
async def disable_account(request: Request[Any, Any, Any], account_id: FromPath[UUID]) -> Reply:
    """Disables an account: its sessions, API keys and event streams end within 2 s, for good; for admins."""
    return await _set_active(request, account_id, is_active=False)


@post(f"{ACCOUNT}/enable", status_code=200, tags=TAGS)
async def enable_account(request: Request[Any, Any, Any], account_id: FromPath[UUID]) -> Reply:
    """Lets a disabled account sign in again; it needs new API keys; for admins."""
    return await _set_active(request, account_id, is_active=True)


@post(f"{ACCOUNT}/password", opt={"body": NewPassword, "has_password": True}, status_code=200, tags=TAGS)
async def set_password(request: Request[Any, Any, Any], account_id: FromPath[UUID]) -> Reply:
    """Sets the password of an account, whose sessions end; for admins."""
    context = await request_context(request)
    return written(
        await account_actions.set_password(
            context.db, context.actor, account_id, context.body.password, once=context.once
        )
    )


@put(f"{ACCOUNT}/parks", opt={"body": AccountParks}, status_code=200, tags=TAGS)
async def set_account_parks(request: Request[Any, Any, Any], account_id: FromPath[UUID]) -> Reply:
    """Sets the parks an account of staff, a leader or an auditor works for; for admins."""
    context = await request_context(request)
    return written(
        await account_actions.set_parks(context.db, context.actor, account_id, context.body.park_ids, once=context.once)
    )


ROUTES = [
    log_in,
    refresh,
    log_out,
    me,
    change_password,
    list_keys,
    add_key,
    revoke_key,
    list_accounts,
    add_account,
    read_account,
    disable_account,
    enable_account,
    set_password,
    set_account_parks,
    account_keys,
]
