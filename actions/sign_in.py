"""Signing in and out, tokens and who holds them: no acts, so they leave lines in the security log and no event."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.low_level import Type, hash_secret_raw

from actions.authorization import new_id
from domain.actor import Actor
from domain.address import network_of
from domain.errors import NotSignedIn, TooMany
from store import account
from store.db import Database

#: OWASP's first choice for argon2id: 46 MiB, one pass, one lane.
HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
#: Verified for logins that do not exist, so that they take as long as those that do.
NOBODY = HASHER.hash(secrets.token_hex(16))
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(hours=2)
SESSION_LIFE = timedelta(hours=12)
ACCESS_PREFIX, REFRESH_PREFIX, KEY_PREFIX = "ph_a_", "ph_r_", "ph_k_"
#: Failed tries within this time: on one account from one network, from one network, on one account before delays.
TRIES_LIFE = timedelta(minutes=15)
MOST_TRIES_ON_ACCOUNT, MOST_TRIES, FREE_TRIES = 10, 50, 3
LONGEST_DELAY_S = 2.0
#: Two tabs of one browser that find their token run out use the refresh token within this time.
TABS_APART = timedelta(seconds=10)
SECURITY_LOG = logging.getLogger("panhuo.security")
MOST_WAITING = 20
_verifying = asyncio.Semaphore(2)
_waiting = 0


async def log_in(db: Database, login: str, password: str, address: str) -> dict[str, object]:
    """Fresh tokens. Raises NotSignedIn, the same for an unknown login and a wrong password; TooMany after many of them.

    Tries are counted for all workers: many from one network, or on one account from one network, are refused. Those on
    an account from anywhere only delay the next, so that nobody keeps its owner out.
    """
    name = login.strip().lower()[:64]
    network = network_of(address)
    own, whole, anywhere = (_counted(*parts) for parts in ((name, network), (None, network), (name, None)))
    try:
        tries = await account.count_try(db, [(own, MOST_TRIES_ON_ACCOUNT), (whole, MOST_TRIES)], anywhere, TRIES_LIFE)
    except TooMany:
        log_security("sign_in_refused", address)
        raise
    await asyncio.sleep(delay_s(tries))
    row = await account.by_login(db, name) if LOGIN.fullmatch(name) else None
    try:
        is_right = await _matches(NOBODY if row is None else row["password_hash"], password)
    except TooMany:
        await account.take_back_tries(db, [own, whole, anywhere])
        raise
    if not is_right or row is None or not row["is_active"]:
        log_security("sign_in_failed", address, None if row is None else row["id"])
        raise NotSignedIn("wrong_login")
    await account.forget_tries(db, [own, anywhere])
    await account.take_back_tries(db, [whole])
    access, refresh = new_token(ACCESS_PREFIX), new_token(REFRESH_PREFIX)
    lives = (ACCESS_LIFE, REFRESH_LIFE, SESSION_LIFE)
    if not await account.open_session(db, new_id(), row, hashed(access), hashed(refresh), lives):
        log_security("sign_in_failed", address, row["id"])
        raise NotSignedIn("wrong_login")
    log_security("signed_in", address, row["id"])
    return _tokens(access, refresh)


def delay_s(tries: int) -> float:
    """How long a try waits, by how many there were on its account in all; at most 2 s."""
    return 0.0 if tries <= FREE_TRIES else min(LONGEST_DELAY_S, 0.125 * 2.0 ** min(tries - FREE_TRIES, 10))


def _counted(name: str | None, network: str | None) -> bytes:
    """What tries are counted by; None: whatever it is. Hashed: people type passwords where their login belongs."""
    return hashlib.sha256(ascii((name, network)).encode()).digest()


async def is_password(db: Database, account_id: UUID, known: Mapping[str, str], password: str, address: str) -> bool:
    """Whether it is the password of whoever is signed in; guesses count as those to sign in do. Raises TooMany."""
    own, anywhere = _counted(known["login"], network_of(address)), _counted(known["login"], None)
    tries = await account.count_try(db, [(own, MOST_TRIES_ON_ACCOUNT)], anywhere, TRIES_LIFE)
    await asyncio.sleep(delay_s(tries))
    is_right = await _matches(known["password_hash"], password)
    if is_right:
        await account.take_back_tries(db, [own, anywhere])
    else:
        log_security("sign_in_failed", address, account_id)
    return is_right


def slow_digest(fingerprint: bytes, key: str) -> bytes:
    """Of a request with a password in it: as slow to guess from as the hash the password is kept as."""
    kind, salt = Type.ID, hashlib.sha256(key.encode()).digest()
    costs = HASHER.time_cost, HASHER.memory_cost, HASHER.parallelism
    return hash_secret_raw(fingerprint, salt, *costs, 32, kind)


async def refresh(db: Database, token: str, address: str) -> dict[str, object]:
    """New tokens for a refresh token. Raises NotSignedIn for one used before, and ends its session.

    Two tabs may use it at once: within 10 s the second gets what the first got, until that is used itself.
    """
    spent = hashed(token)
    async with db.system(is_read_only=False) as conn:
        locked = await account.lock_session(conn, spent)
        if locked is None:
            raise NotSignedIn("refresh_spent")
        session_id, session = locked
        used = await account.spent_token(conn, spent, TABS_APART)
        salt = secrets.token_bytes(32) if used is None else used["salt"]
        access, following = (prefix + _derived(salt, prefix, token) for prefix in (ACCESS_PREFIX, REFRESH_PREFIX))
        if used is None:
            await account.rotate(
                conn, session_id, spent, salt, hashed(access), hashed(following), (ACCESS_LIFE, REFRESH_LIFE)
            )
            return _tokens(access, following)
        if used["is_recent"] and session["refresh_hash"] == hashed(following):
            return _tokens(access, following)
        await account.revoke_session(conn, session_id)
    log_security("refresh_token_reused", address, session["account_id"])
    raise NotSignedIn("refresh_spent")


def _derived(salt: bytes, prefix: str, token: str) -> str:
    """What follows a token: nobody gets there without its salt, and whoever holds both gets there again."""
    digest = hmac.digest(salt, f"{prefix}{token}".encode("utf-8", "replace"), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def log_out(db: Database, token: str, address: str) -> None:
    """Ends the session of an access token, also of one that has run out or was followed by another.

    Raises NotSignedIn where there is none.
    """
    account_id = await account.log_out(db, hashed(token))
    if account_id is None:
        raise NotSignedIn("token_invalid", "Authorization")
    log_security("signed_out", address, account_id)


def log_security(what: str, address: str, account_id: UUID | None = None) -> None:
    """One line of the security log: what happened, from where, to which account; never what was typed."""
    SECURITY_LOG.info(what, extra={"address": address, "account": None if account_id is None else str(account_id)})


async def token_holder(db: Database, token: str, today: date) -> Actor | None:
    """The caller behind a bearer token or an API key; None where it is not or no longer good."""
    if token.startswith(KEY_PREFIX):
        return await account.by_key(db, hashed(token), today)
    return await account.by_access(db, hashed(token))


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


def new_token(prefix: str) -> str:
    return prefix + secrets.token_urlsafe(32)


def _tokens(access: str, refresh: str) -> dict[str, object]:
    seconds = int(ACCESS_LIFE.total_seconds())
    return {"access_token": access, "token_type": "Bearer", "expires_in": seconds, "refresh_token": refresh}
