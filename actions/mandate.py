"""Who may write for a firm: the firm, an admin, staff of a park as far as the firm gave them a mandate.

Until its first account, the park that registered a firm keeps it; what the staff of a park may write is the function
`mandated`. Acts in a firm's name begin with `require_for_firm` and run in `write_for_firm`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

from actions.authorization import new_id, require
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Invalid, NotFound, Refusal
from domain.facts import refuse, value_faults
from domain.words import Purpose, Role
from store import firm, mandate
from store.db import Act, Database


async def require_for_firm(db: Database, actor: Actor, verb: str, firm_id: UUID, *, unknown: Refusal) -> frozenset[str]:
    """What the caller's parks may write for the firm; no matter for a caller who is not staff.

    Raises: Forbidden (mandate_needed) for staff without a mandate for this, `unknown` where there is no such firm.
    """
    purposes: frozenset[str] | None = frozenset()
    if actor.role is Role.staff:
        async with db.read(actor) as conn:
            purposes = await mandate.held(conn, firm_id)
    if purposes is None:
        raise unknown
    require(actor, verb, firm_id=firm_id, mandates=purposes)
    return purposes


@asynccontextmanager
async def write_for_firm(
    db: Database, actor: Actor, verb: str, firm_id: UUID, *, once: Once | None
) -> AsyncIterator[Act]:
    """One act in a firm's name. Staff are asked for their mandate again where none can be withdrawn before the end."""
    async with db.write(actor, firm_id, once=once) as act:
        if actor.role is Role.staff:
            await mandate.hold(act)
            require(actor, verb, firm_id=firm_id, mandates=await mandate.held(act.conn, firm_id) or ())
        yield act


async def give_mandate(
    db: Database,
    actor: Actor,
    firm_id: UUID,
    *,
    park_id: UUID,
    purposes: Sequence[Purpose],
    ends_on: date,
    source: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """A firm lets the staff of a park write in its name until a day, that day included.

    An admin records one that was given on paper. Raises: Invalid for a day that has passed, and without that paper.
    """
    require(actor, "mandate.write", firm_id=firm_id)
    refuse(value_faults({"ends_on": ends_on, "source": source}))
    if ends_on < today:
        raise Invalid("in_the_past", "ends_on", today=today)
    if source is None and actor.role is not Role.firm:
        raise Invalid("missing", "source")
    mandate_id = new_id()
    words = sorted({purpose.value for purpose in purposes})
    async with db.write(actor, firm_id, once=once) as act:
        if await firm.lock(act) is None:
            raise NotFound("no_such")
        await mandate.insert(act, mandate_id, park_id, words, ends_on, source)
        facts = {"park_id": park_id, "purposes": words, "ends_on": ends_on, "source": source}
        act.did("mandate.given", "mandate", mandate_id, **facts)
        act.answer = await _answer(act, mandate_id, status=201)
    return act.answer


async def withdraw_mandate(db: Database, actor: Actor, firm_id: UUID, mandate_id: UUID, *, once: Once | None) -> Answer:
    """From now on the park's staff write nothing by it. Raises: Conflict for one that is withdrawn already."""
    require(actor, "mandate.write", firm_id=firm_id)
    async with db.write(actor, firm_id, once=once) as act:
        if await firm.lock(act) is None:
            raise NotFound("no_such")
        is_new = await mandate.withdraw(act, mandate_id)
        answer = await _answer(act, mandate_id)
        if not is_new:
            raise Conflict("mandate_withdrawn")
        act.did("mandate.withdrawn", "mandate", mandate_id)
        act.answer = answer
    return answer


async def _answer(act: Act, mandate_id: UUID, *, status: int = 200) -> Answer:
    document = await mandate.document(act, mandate_id)
    if document is None:
        raise NotFound("no_such")
    location = f"/api/v1/mandates?firm={act.scope_id}" if status == 201 else None
    return Answer(document, status, location=location)
