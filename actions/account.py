"""Accounts and API keys are made and end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from actions.authorization import new_id, require
from actions.sign_in import HASHER, KEY_PREFIX, LOGIN, hashed, new_token
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Invalid, NotFound
from domain.facts import refuse, value_faults
from domain.words import Role
from store import account
from store.db import NIL, Database

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
) -> UUID:
    """A new account: staff of parks, the voice of a firm, or an admin. Raises Invalid for a weak password."""
    require(actor, "account.add")
    if LOGIN.fullmatch(login) is None:
        raise Invalid("login_form", "login")
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise Invalid("password_length", "password", least=LEAST_PASSWORD, most=MOST_PASSWORD)
    if await asyncio.to_thread(_is_common, password, login):
        raise Invalid("password_common", "password")
    if (role is Role.firm) != (firm_id is not None):
        raise Invalid("firm_account_names_firm", "firm_id")
    if (role is Role.staff) != bool(park_ids):
        raise Invalid("staff_account_names_parks", "park_ids")
    password_hash = await asyncio.to_thread(HASHER.hash, password)
    account_id = new_id()
    async with db.write(actor, NIL, once=once) as act:
        await act.fix_instant()
        await account.insert(act, account_id, login, password_hash, role, firm_id, park_ids)
        act.did("account.added", "account", account_id, role=role.value, park_ids=list(park_ids), firm_id=firm_id)
    return account_id


def _is_common(password: str, login: str) -> bool:
    """Whether a guesser comes to it soon: from lists of common passwords, words, dates, rows of keys, or the login."""
    from zxcvbn import zxcvbn  # 18 MB of lists, needed only where an account is made

    estimate = zxcvbn(password[:MOST_LOOKED_AT], user_inputs=[login, "panhuo"])
    return bool(estimate["guesses"] < LEAST_GUESSES)


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
    require(actor, "key.write" if login is None else "account.add")
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
    """The key works no more. Raises NotFound where the caller has no such key in use."""
    require(actor, "key.write")
    async with db.write(actor, NIL, once=once) as act:
        await act.fix_instant()
        if not await account.revoke_key(act, key_id, actor.id):
            raise NotFound("no_such")
        act.did("key.revoked", "api_key", key_id)
        act.answer = Answer(json.dumps({"id": str(key_id), "revoked": True}))
    return act.answer
