"""A small sum that strangers solve before they write, in place of a picture puzzle of somebody else.

The question is signed and kept nowhere: its token holds no answer, and only who has the key can tell a right one. It
stops the simplest machines; the limits by address and by park stop the others.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from domain.errors import Fault, Invalid

PREFIX = "ph_q_"
LIFE_S = 3600
LEAST_TERM, MOST_TERM = 1, 12
_TOKEN = re.compile(rf"{PREFIX}([0-9]{{1,8}})-([0-9]{{1,12}})-([0-9a-f]{{32}})-([0-9a-f]{{64}})")


@dataclass(frozen=True)
class SignedQuestion:
    """Two numbers to be added, the token that goes back with their sum, and until when (seconds since 1970)."""

    first: int
    second: int
    token: str
    expires_s: int


@dataclass(frozen=True)
class SolvedQuestion:
    """A question that was solved: what makes it this one and no other, and the consent line shown with it."""

    nonce: str
    consent: str


def new_question(key: bytes, consent: str, now_s: int) -> SignedQuestion:
    """A question that is good for an hour; `consent` is the version of the line shown with it."""
    first, second = (LEAST_TERM + secrets.randbelow(MOST_TERM) for _ in range(2))
    expires_s, nonce = now_s + LIFE_S, secrets.token_hex(16)
    mac = _mac(key, consent, expires_s, nonce, first + second)
    return SignedQuestion(first, second, f"{PREFIX}{consent}-{expires_s}-{nonce}-{mac}", expires_s)


def solved(key: bytes, token: str, answer: int, now_s: int, field: str = "question") -> SolvedQuestion:
    """What a right answer gives. Raises Invalid for a token that is none of ours or is over, and for a wrong answer."""
    parsed = _TOKEN.fullmatch(token)
    if parsed is None:
        raise Invalid.of([Fault("question_token", f"{field}.token")])
    consent, expires_s, nonce, mac = parsed.groups()
    if int(expires_s) < now_s:
        raise Invalid.of([Fault("question_over", f"{field}.token")])
    if not hmac.compare_digest(mac, _mac(key, consent, int(expires_s), nonce, answer)):
        raise Invalid.of([Fault("question_answer", f"{field}.answer")])
    return SolvedQuestion(nonce, consent)


def _mac(key: bytes, consent: str, expires_s: int, nonce: str, answer: int) -> str:
    text = f"question {consent} {expires_s} {nonce} {answer}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
