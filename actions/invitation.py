"""A firm lets somebody join it: the token is shown once, and is good once."""

from __future__ import annotations

import json
from datetime import date, timedelta
from uuid import UUID

from actions.authorization import new_id, require
from actions.sign_in import hashed, new_token
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import NotFound
from domain.words import Role
from store import firm, invitation
from store.db import Database

VERB = "invitation.write"
PREFIX = "ph_i_"
LIFE = timedelta(days=7)


async def require_own(db: Database, actor: Actor, firm_id: UUID) -> None:
    """Raises for whoever is not of the firm; NotFound where there is none, which all who signed in may know."""
    if actor.role is not Role.anonymous and actor.firm_id != firm_id:
        async with db.read(actor) as conn:
            if await firm.visible(conn, firm_id) is None:
                raise NotFound("no_such")
    require(actor, VERB, firm_id=firm_id)


async def invite(db: Database, actor: Actor, firm_id: UUID, *, once: Once | None, today: date) -> Answer:
    """A token with which one person signs up for the firm within a week; a repetition does not show it again."""
    await require_own(db, actor, firm_id)
    token, invitation_id, expires_on = new_token(PREFIX), new_id(), today + LIFE
    async with db.write(actor, firm_id, once=once) as act:
        if await firm.lock(act) is None:
            raise NotFound("no_such")
        await invitation.insert(act, invitation_id, hashed(token), expires_on)
        act.did("firm.invited", "firm", firm_id, invitation_id=invitation_id, expires_on=expires_on)
        shown = {"firm_id": str(firm_id), "id": str(invitation_id), "expires_on": str(expires_on)}
        act.answer = Answer(
            json.dumps({**shown, "token": token}), 201, without_secrets=json.dumps({**shown, "token": None})
        )
    return act.answer


async def withdraw_invitation(
    db: Database, actor: Actor, firm_id: UUID, invitation_id: UUID, *, once: Once | None
) -> Answer:
    """Nobody joins by it any more. Raises NotFound where it was used or taken back."""
    await require_own(db, actor, firm_id)
    async with db.write(actor, firm_id, once=once) as act:
        if await firm.lock(act) is None or not await invitation.withdraw(act, invitation_id):
            raise NotFound("no_such")
        act.did("firm.invitation_withdrawn", "firm", firm_id, invitation_id=invitation_id)
        act.answer = Answer(json.dumps({"firm_id": str(firm_id), "id": str(invitation_id), "removed": True}))
    return act.answer
