"""What every act begins with: who may, and what a caller learns of a thing that is not theirs."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from uuid import UUID

from domain import actor as rights
from domain.actor import Actor
from domain.errors import Forbidden, NotFound, NotSignedIn, PreconditionMissing, Stale
from domain.words import Role
from store.db import Database, Replayed

__all__ = ["Database", "Replayed", "etag", "match_revision", "new_id", "only_park", "require", "require_hidden"]


def require(
    actor: Actor,
    verb: str,
    *,
    park_id: UUID | None = None,
    firm_id: UUID | None = None,
    mandates: Collection[str] = (),
) -> None:
    """Raises NotSignedIn for a stranger, Forbidden for a caller without the right."""
    if rights.may(actor, verb, park_id=park_id, firm_id=firm_id, mandates=mandates):
        return
    if actor.role is Role.anonymous:
        raise NotSignedIn("sign_in")
    raise Forbidden("mandate_needed" if rights.lacks_mandate(actor, verb, mandates) else "not_yours")


def require_hidden(
    actor: Actor,
    verb: str,
    *,
    seen: bool,
    park_id: UUID | None = None,
    firm_id: UUID | None = None,
    mandates: Collection[str] = (),
) -> None:
    """The same for a thing that may be hidden: to whom it is hidden, it is not there."""
    try:
        require(actor, verb, park_id=park_id, firm_id=firm_id, mandates=mandates)
    except (Forbidden, NotSignedIn):
        if seen:
            raise
        raise NotFound("no_such") from None


def only_park(actor: Actor) -> UUID | None:
    """The one park in which the caller can act at all; None for whoever acts in several, or in none."""
    (park_id,) = actor.park_ids if actor.role is Role.staff and len(actor.park_ids) == 1 else (None,)
    return park_id


def match_revision(if_match: str | None, revision: int) -> None:
    """Raises PreconditionMissing without an If-Match, Stale where it names another revision; `*` matches any."""
    if if_match is None:
        raise PreconditionMissing("if_match_missing", "If-Match")
    wanted = [tag.strip() for tag in if_match.split(",")]
    if "*" not in wanted and f'"{revision}"' not in wanted:
        raise Stale("stale", "If-Match", current=revision)


def etag(revision: int) -> str:
    """Strong entity tag of a revision."""
    return f'"{revision}"'


def new_id() -> UUID:
    """A UUIDv7: milliseconds since 1970, then random bits. Source: RFC 9562 §5.7."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    return UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)
