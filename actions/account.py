"""Accounts and API keys are made, change and end. Who follows the nil scope hears of it at once: streams end by it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from actions.authorization import new_id, require
from actions.sign_in import HASHER, KEY_PREFIX, LOGIN, hashed, is_password, new_token
from domain.actor import OF_PARKS, Actor, may
from domain.answer import Answer, Once
from domain.errors import Conflict, Fault, Invalid, NotFound, NotSignedIn
from domain.facts import refuse, value_faults
from domain.text import text_fault
from domain.words import Role
from store import account, park
from store.db import NIL, Act, Database

LEAST_PASSWORD, MOST_PASSWORD = 10, 128
#: A guesser who is slowed down gets this far. Source: zxcvbn, score 2 (safe from guesses over the network).
LEAST_GUESSES = 1_000_000
#: As much of a password as is looked at for being common.
MOST_LOOKED_AT = 72
KEY_LIFE = timedelta(days=365)


async def add_account(
    db: Database,
    actor: Actor,
    *,
    login: str,
    password: str,
    role: Role,
    park_ids: Sequence[UUID] = (),
    firm_id: UUID | None = None,
    once: Once | None = None,
) -> Answer:
    """A new account: of staff, a leader or an auditor of parks, of a firm, or an admin.

    Raises Invalid for a weak password, and where parks or firm are named that do not go with the role, or are not.
    """
    require(actor, "account.write")
    if LOGIN.fullmatch(login) is None:
        raise Invalid("login_form", "login")
    if (role is Role.firm) != (firm_id is not None):
        raise Invalid("firm_account_names_firm", "firm_id")
    _check_parks(role, park_ids)
    password_hash = await hashed_password(password, login)
    account_id = new_id()
    async with _write(db, actor, once) as act:
        await act.fix_instant()
        await _check_are_there(act, park_ids)
        await account.insert(act, account_id, login, password_hash, role, firm_id, park_ids)
        act.did("account.added", "account", account_id, role=role.value, park_ids=list(park_ids), firm_id=firm_id)
        act.answer = await _answer(act, account_id, status=201)
    return act.answer


def _check_parks(role: Role, park_ids: Sequence[UUID]) -> None:
    if (role in OF_PARKS) != bool(park_ids):
        raise Invalid("staff_account_names_parks", "park_ids")


async def _check_are_there(act: Act, park_ids: Sequence[UUID]) -> None:
    unknown = await park.unknown(act, park_ids)
    refuse([Fault("unknown_reference", f"park_ids.{n}") for n, park_id in enumerate(park_ids) if park_id in unknown])


async def hashed_password(password: str, login: str, field: str = "password") -> str:
    """The hash of a new password. Raises Invalid for one that is short, long or soon guessed, or is no text."""
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise Invalid("password_length", field, least=LEAST_PASSWORD, most=MOST_PASSWORD)
    fault = text_fault(password, max_chars=MOST_PASSWORD)
    if fault is not None:
        raise Invalid.of([Fault(fault.code, field, fault.params)])
    if await asyncio.to_thread(_is_common, password, login):
        raise Invalid("password_common", field)
    return await asyncio.to_thread(HASHER.hash, password)


def _is_common(password: str, login: str) -> bool:
    """Whether a guesser comes to it soon: from lists of common passwords, words, dates, rows of keys, or the login."""
    from zxcvbn import zxcvbn  # 18 MB of lists, needed only where a password is set

    estimate = zxcvbn(password[:MOST_LOOKED_AT], user_inputs=[login, "panhuo"])
    return bool(estimate["guesses"] < LEAST_GUESSES)


@asynccontextmanager
async def _write(db: Database, actor: Actor, once: Once | None) -> AsyncIterator[Act]:
    """An act on accounts in the caller's name. Accounts and sessions are rows of the service, whoever changes them."""
    async with db.write(replace(actor, role=Role.system), NIL, once=once) as act:
        yield act


async def _answer(act: Act, account_id: UUID, *, status: int = 200) -> Answer:
    shown = await account.document(act.conn, account_id)
    if shown is None:
        raise NotFound("no_such")
    return Answer(shown, status=status, location=f"/api/v1/accounts/{account_id}" if status == 201 else None)


async def set_active(db: Database, actor: Actor, account_id: UUID, *, is_active: bool, once: Once | None) -> Answer:
    """Lets an account sign in again, or disables it: its sessions, keys and streams end, for good.

    Raises: Conflict where it is so already, and for the last admin.
    """
    require(actor, "account.write")
    async with _write(db, actor, once) as act:
        row, other_admins = await _locked(act, account_id)
        if row["is_active"] == is_active:
            raise Conflict("account_active" if is_active else "account_disabled", "account_id")
        if row["role"] == Role.admin and not is_active and not other_admins:
            raise Conflict("last_admin", "account_id")
        await account.set_active(act, account_id, is_active=is_active)
        if not is_active:
            await account.end_sessions(act, account_id)
            await account.revoke_keys(act, account_id)
        act.did("account.enabled" if is_active else "account.disabled", "account", account_id)
        act.answer = await _answer(act, account_id)
    return act.answer


async def _locked(act: Act, account_id: UUID) -> tuple[Any, int]:
    """The account, locked, and how many other admins are active. Raises NotFound."""
    row, other_admins = await account.lock(act, account_id)
    await act.fix_instant()
    if row is None:
        raise NotFound("no_such", "account_id")
    return row, other_admins


async def set_password(db: Database, actor: Actor, account_id: UUID, password: str, *, once: Once | None) -> Answer:
    """A new password of any account; all its sessions end. Raises Invalid for a weak one."""
    require(actor, "account.write")
    async with db.system() as conn:
        known = await account.secret_of(conn, account_id)
    if known is None:
        raise NotFound("no_such", "account_id")
    password_hash = await hashed_password(password, known["login"])
    async with _write(db, actor, once) as act:
        await _locked(act, account_id)
        await account.set_password(act, account_id, password_hash)
        await account.end_sessions(act, account_id)
        act.did("account.password_set", "account", account_id)
        act.answer = await _answer(act, account_id)
    return act.answer


async def change_password(
    db: Database, actor: Actor, old: str, new: str, *, token: str | None, address: str, once: Once | None
) -> Answer:
    """A new password for the caller, who says the old one; their sessions end, but that of the `token` they call with.

    Raises: Invalid for a wrong old one and a weak new one, TooMany after many guesses.
    """
    if actor.role is Role.anonymous:
        raise NotSignedIn("sign_in")
    async with db.system() as conn:
        known = await account.secret_of(conn, actor.id)
    if known is None:
        raise NotSignedIn("sign_in")
    if not await is_password(db, actor.id, known, old, address):
        raise Invalid("wrong_password", "old_password")
    password_hash = await hashed_password(new, known["login"])
    async with _write(db, actor, once) as act:
        row, _ = await _locked(act, actor.id)
        if row["password_hash"] != known["password_hash"]:
            raise Invalid("wrong_password", "old_password")
        await account.set_password(act, actor.id, password_hash)
        await account.end_sessions(act, actor.id, but=None if token is None else hashed(token))
        act.did("account.password_changed", "account", actor.id)
        act.answer = await _answer(act, actor.id)
    return act.answer


async def set_parks(
    db: Database, actor: Actor, account_id: UUID, park_ids: Sequence[UUID], *, once: Once | None
) -> Answer:
    """The parks an account works for from now on. Raises Invalid where its role has none, or none are named."""
    require(actor, "account.write")
    async with _write(db, actor, once) as act:
        row, _ = await _locked(act, account_id)
        _check_parks(Role(row["role"]), park_ids)
        await _check_are_there(act, park_ids)
        await account.set_parks(act, account_id, park_ids)
        act.did("account.parks_set", "account", account_id, park_ids=list(park_ids))
        act.answer = await _answer(act, account_id)
    return act.answer


async def add_key(
    db: Database,
    actor: Actor,
    *,
    label: str,
    expires_on: date | None = None,
    login: str | None = None,
    once: Once | None,
    today: date,
) -> Answer:
    """A new API key for the caller, or by an admin for the account of a login.

    It works until `expires_on`, by default and at most for a year. The key itself is shown this once and never again,
    not even to a repetition. Raises NotFound for an unknown login.
    """
    require(actor, "key.write" if login is None else "account.write")
    refuse(value_faults({"label": label}))
    latest = today + KEY_LIFE
    expires_on = latest if expires_on is None else expires_on
    if expires_on < today:
        raise Invalid("in_the_past", "expires_on", today=today)
    if expires_on > latest:
        raise Invalid("key_too_long", "expires_on", latest=latest)
    owner_id = actor.id if login is None else await _account_of(db, login)
    key = new_token(KEY_PREFIX)
    key_id = new_id()
    async with db.write(actor, NIL, once=once) as act:
        await act.fix_instant()
        await account.insert_key(act, key_id, owner_id, label, key[:12], hashed(key), expires_on)
        act.did("key.added", "api_key", key_id, account_id=owner_id, label=label, expires_on=expires_on)
        shown = {"id": str(key_id), "label": label, "expires_on": str(expires_on)}
        act.answer = Answer(
            json.dumps({**shown, "key": key}, ensure_ascii=False),
            status=201,
            location=f"/api/v1/auth/keys/{key_id}",
            without_secrets=json.dumps({**shown, "key": None}, ensure_ascii=False),
        )
    return act.answer


async def _account_of(db: Database, login: str) -> UUID:
    row = await account.by_login(db, login)
    if row is None:
        raise NotFound("no_such", "login")
    owner_id: UUID = row["id"]
    return owner_id


async def revoke_key(db: Database, actor: Actor, key_id: UUID, *, once: Once | None) -> Answer:
    """The key works no more; an admin revokes anyone's. Raises NotFound where the caller has no such key in use."""
    require(actor, "key.write")
    async with db.write(actor, NIL, once=once) as act:
        await act.fix_instant()
        owner_id = await account.revoke_key(act, key_id, None if may(actor, "account.write") else actor.id)
        if owner_id is None:
            raise NotFound("no_such")
        act.did("key.revoked", "api_key", key_id, account_id=owner_id)
        act.answer = Answer(json.dumps({"id": str(key_id), "revoked": True}))
    return act.answer
