"""Accounts and keys are made; logging in, refreshing and logging out are no acts and leave no event."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from actions.desk import new_id, require
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Invalid, NotFound, NotSignedIn, TooMany
from domain.facts import refuse, value_faults
from domain.words import Role
from store import account
from store.db import NIL, Database

#: OWASP's first choice for argon2id: 46 MiB, one pass, one lane.
HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
#: Verified for logins that do not exist, so that they take as long as those that do.
NOBODY = HASHER.hash(secrets.token_hex(16))
ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(hours=2)
SESSION_LIFE = timedelta(hours=12)
ACCESS_PREFIX, REFRESH_PREFIX, KEY_PREFIX = "ph_a_", "ph_r_", "ph_k_"
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
LEAST_PASSWORD, MOST_PASSWORD = 10, 128
MOST_WAITING = 20
_verifying = asyncio.Semaphore(2)
_waiting = 0


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


async def log_in(db: Database, login: str, password: str) -> dict[str, object]:
    """Fresh tokens. Raises NotSignedIn, the same for an unknown login and a wrong password."""
    name = login.strip().lower()[:64]
    row = await account.by_login(db, name) if LOGIN.fullmatch(name) else None
    known = NOBODY if row is None else row["password_hash"]
    if not await _matches(known, password[:MOST_PASSWORD]) or row is None or not row["is_active"]:
        raise NotSignedIn("wrong_login")
    access, refresh = _token(ACCESS_PREFIX), _token(REFRESH_PREFIX)
    lives = (ACCESS_LIFE, REFRESH_LIFE, SESSION_LIFE)
    await account.open_session(db, new_id(), row["id"], hashed(access), hashed(refresh), lives)
    return _tokens(access, refresh)


async def refresh(db: Database, token: str) -> dict[str, object]:
    """New tokens for a refresh token, once only. Raises NotSignedIn; a token shown twice ends its session."""
    access, refresh = _token(ACCESS_PREFIX), _token(REFRESH_PREFIX)
    if not await account.rotate(db, hashed(token), hashed(access), hashed(refresh), (ACCESS_LIFE, REFRESH_LIFE)):
        raise NotSignedIn("refresh_spent")
    return _tokens(access, refresh)


async def who(db: Database, token: str, today: date) -> Actor | None:
    """The caller behind a bearer token or an API key; None where it is not or no longer good."""
    if token.startswith(KEY_PREFIX):
        return await account.by_key(db, hashed(token), today)
    return await account.by_access(db, hashed(token))


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

    The key itself is shown this once and never again, not even to a repetition. Raises NotFound for an unknown login.
    """
    require(actor, "key.write" if login is None else "account.add")
    refuse(value_faults({"label": label}))
    if expires_on is not None and expires_on < today:
        raise Invalid("in_the_past", "expires_on", today=today)
    owner_id = actor.id if login is None else await _account_of(db, login)
    key = _token(KEY_PREFIX)
    key_id = new_id()
    async with db.write(actor, NIL, once=once) as act:
        await act.fix_instant()
        await account.insert_key(act, key_id, owner_id, label, key[:12], hashed(key), expires_on)
        act.did("key.added", "api_key", key_id, account_id=owner_id, label=label, expires_on=expires_on)
        shown = {"id": str(key_id), "label": label, "expires_on": None if expires_on is None else str(expires_on)}
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


def hashed(token: str) -> bytes:
    """Tokens are random, so one fast hash keeps them."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


async def _matches(known: str, password: str) -> bool:
    """Compares in a thread, two at a time: each takes 46 MiB. Raises TooMany when a crowd waits."""
    global _waiting
    if _waiting >= MOST_WAITING:
        raise TooMany("too_many_logins", retry_after_s=2)
    _waiting += 1
    try:
        async with _verifying:
            return await asyncio.to_thread(HASHER.verify, known, password)
    except VerificationError:
        return False
    finally:
        _waiting -= 1


def _token(prefix: str) -> str:
    return prefix + secrets.token_urlsafe(32)


def _tokens(access: str, refresh: str) -> dict[str, object]:
    seconds = int(ACCESS_LIFE.total_seconds())
    return {"access_token": access, "token_type": "Bearer", "expires_in": seconds, "refresh_token": refresh}
