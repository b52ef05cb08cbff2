"""Who calls, and the one table of what each may do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from domain.words import Purpose, Role


@dataclass(frozen=True)
class Actor:
    """A caller: an account with its role, the parks it works for, the firm it speaks for."""

    id: UUID
    role: Role
    park_ids: frozenset[UUID] = frozenset()
    firm_id: UUID | None = None


ANONYMOUS = Actor(UUID(int=0), Role.anonymous)
#: The service itself: the daily update, statistics, the catalogue, authentication.
SYSTEM = Actor(UUID(int=0), Role.system)

#: Who reads everything of their parks but persons, and writes nothing: in READ ONLY transactions.
READERS = frozenset({Role.leader, Role.auditor})
#: Whose accounts name parks.
OF_PARKS = READERS | {Role.staff}
_STAFF_IN_PARK = frozenset({Role.admin, Role.staff, Role.system})
_READERS_IN_PARK = _STAFF_IN_PARK | READERS
_OWN_FIRM = frozenset({Role.admin, Role.staff, Role.firm, Role.system})
_ADMIN = frozenset({Role.admin, Role.system})

#: Verb → roles. Staff act in their own parks, and for a firm by its mandate (`MANDATES`); leaders and auditors read
#: there; firms for their own firm only; admins everywhere.
RIGHTS: dict[str, frozenset[Role]] = {
    "account.write": _ADMIN,
    "account.read": _ADMIN | {Role.auditor},
    "park.write": _ADMIN,
    "scheme.write": _ADMIN,
    "zone.write": _STAFF_IN_PARK,
    "book.write": _STAFF_IN_PARK,
    "book.read": _READERS_IN_PARK,
    "park.history": _READERS_IN_PARK,
    "public_contact.write": _STAFF_IN_PARK,
    "asset.write": _STAFF_IN_PARK,
    "asset.history": _READERS_IN_PARK,
    "asset.demands": _READERS_IN_PARK,
    "attachment.write": _STAFF_IN_PARK,
    "packet.read": _READERS_IN_PARK,
    "outcome.write": _STAFF_IN_PARK,
    "outcome.explain": _READERS_IN_PARK,
    "request.raise": _OWN_FIRM,
    "request.close": _OWN_FIRM,
    "request.handle": _STAFF_IN_PARK,
    "firm.serve": _STAFF_IN_PARK,
    "firm.add": _STAFF_IN_PARK,
    "firm.write": _OWN_FIRM,
    "firm.state_parent": _OWN_FIRM,
    "mandate.write": frozenset({Role.admin, Role.firm, Role.system}),
    "demand.write": _OWN_FIRM,
    "demand.gap": _READERS_IN_PARK,
    "ranking.make": _OWN_FIRM,
    "ranking.read": _OWN_FIRM | READERS,
    "ranking.lapsed": _READERS_IN_PARK,
    "interest.write": _OWN_FIRM,
    "interest.read": _OWN_FIRM | READERS,
    "contact.read": _OWN_FIRM,
    "enquiry.make": _OWN_FIRM,
    "enquiry.handle": _STAFF_IN_PARK,
    "enquiry.read": _READERS_IN_PARK,
    "pin.write": _STAFF_IN_PARK,
    "pin.read": _READERS_IN_PARK,
    "refusals.read": _READERS_IN_PARK,
    "park.follow": _READERS_IN_PARK,
    "firm.follow": frozenset({Role.firm}),
    "park.webhook": _STAFF_IN_PARK,
    "sign_up.decide": _STAFF_IN_PARK,
    "invitation.write": frozenset({Role.firm, Role.system}),
    "key.write": frozenset({Role.admin, Role.staff, Role.firm}),
}

#: The right that a deal with a firm gives its park: to say whose daughter it is.
PARENT = "parent"
#: Verb → what staff need one of to do it in a firm's name.
MANDATES: dict[str, frozenset[str]] = {
    "firm.write": frozenset({Purpose.firm}),
    "firm.state_parent": frozenset({Purpose.firm, PARENT}),
    "demand.write": frozenset({Purpose.demands}),
    "ranking.make": frozenset({Purpose.demands}),
    "interest.write": frozenset({Purpose.demands}),
}


def may(
    actor: Actor,
    verb: str,
    *,
    park_id: UUID | None = None,
    firm_id: UUID | None = None,
    mandates: Collection[str] = (),
) -> bool:
    """Whether the caller may do this to a thing of that park or firm. An unknown verb is a KeyError.

    `mandates`: what the staff of the caller's parks may write for the firm.
    """
    if actor.role not in RIGHTS[verb] or lacks_mandate(actor, verb, mandates):
        return False
    if actor.role in OF_PARKS and park_id is not None:
        return park_id in actor.park_ids
    if actor.role is Role.firm:
        return firm_id is not None and firm_id == actor.firm_id if verb != "key.write" else True
    return True


def lacks_mandate(actor: Actor, verb: str, mandates: Collection[str]) -> bool:
    """Whether it is a mandate that staff lack for this."""
    return actor.role is Role.staff and verb in MANDATES and MANDATES[verb].isdisjoint(mandates)
