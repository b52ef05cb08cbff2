"""What every act begins with: who may, and what a caller learns of a thing that is not theirs."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from uuid import UUID

from domain import actor as rights
from domain.actor import Actor
from domain.entity_tags import listed_tags, names_revision
from domain.errors import Forbidden, NotFound, NotSignedIn, PreconditionMissing, Stale
from domain.words import Role
from store import park
from store.db import Database, Replayed

__all__ = [
    "Database",
    "Replayed",
    "match_revision",
    "new_id",
    "only_park",
    "require",
    "require_hidden",
    "require_in_park",
]


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
    is_visible: bool,
    park_id: UUID | None = None,
    firm_id: UUID | None = None,
    mandates: Collection[str] = (),
) -> None:
    """The same for a thing that may be hidden: to whom it is hidden, it is not there."""
    try:
        require(actor, verb, park_id=park_id, firm_id=firm_id, mandates=mandates)
    except (Forbidden, NotSignedIn):
        if is_visible:
            raise
        raise NotFound("no_such") from None


async def require_in_park(
    db: Database, actor: Actor, verb: str, park_id: UUID, field: str, *, firm_id: UUID | None = None
) -> None:
    """As `require`; a park that is not there is so to everyone, since parks are public. Raises NotFound naming it."""
    if park_id not in actor.park_ids and not await park.is_there(db, park_id):
        raise NotFound("no_such_park", field)
    require(actor, verb, park_id=park_id, firm_id=firm_id)


def only_park(actor: Actor) -> UUID | None:
    """The one park in which the caller can act at all; None for whoever acts in several, or in none."""
    (park_id,) = actor.park_ids if actor.role is Role.staff and len(actor.park_ids) == 1 else (None,)
    return park_id


def match_revision(if_match: str | None, revision: int) -> None:
    """Raises PreconditionMissing without an If-Match, Stale where it names other revisions; `*` matches any.

    What is shown beside the record is derived anew by every act: the revision alone is what another may have changed.
    """
    if if_match is None:
        raise PreconditionMissing("if_match_missing", "If-Match")
    if not names_revision(listed_tags(if_match, "If-Match"), revision):
        raise Stale("stale", "If-Match", current=revision)


def new_id() -> UUID:
    """A UUIDv7: milliseconds since 1970, then random bits. Source: RFC 9562 §5.7."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    return UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)
