"""Whom the public calls about a park or a unit, over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, delete, get, put
from litestar.params import FromPath
from msgspec import Struct

from actions import public_contact as acts
from api.bodies import Names, Text, sent_fields
from api.request import RequestContext, request_context
from api.response import Reply, conditional, written
from domain.errors import NotFound
from store import public_contact

OF_PARK = "/api/v1/parks/{park_id:uuid}/public-contact"
OF_UNIT = "/api/v1/assets/{asset_id:uuid}/public-contact"


class AgreedPerson(Struct, forbid_unknown_fields=True, kw_only=True):
    """A person who agreed to be named to the public: on which day, and how that is known."""

    name: Text
    phone: Text | None = None
    agreed_on: date
    agreement: Text


class NewPublicContact(Struct, forbid_unknown_fields=True, kw_only=True):
    """Whom the public calls: an office with telephone or mail; a person only who agreed."""

    office: Text
    phone: Text | None = None
    mail: Text | None = None
    hours: Text | None = None
    person: AgreedPerson | None = None
    illustrative: Names = []


def _shown(context: RequestContext, row: tuple[str | None, int] | None, unknown: NotFound) -> Reply:
    if row is None:
        raise unknown
    document, revision = row
    if document is None:
        raise NotFound("no_public_contact")
    return conditional(context, document, revision)


@get(OF_PARK, tags=["parks"])
async def park_contact(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """Whom to call about a park: its office, and a person where one agreed to be named. A zone has that of its park."""
    context = await request_context(request)
    async with context.db.read(context.actor) as conn:
        row = await public_contact.of_park(conn, park_id)
    return _shown(context, row, NotFound("no_such_park"))


@put(OF_PARK, opt={"body": NewPublicContact}, status_code=200, tags=["parks"])
async def state_park_contact(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """Says whom the public calls about a park, in place of what stood there; for its staff.

    A person is named only with the day on which they agreed and how that is known; one who is named no more is erased.
    """
    context = await request_context(request)
    facts = sent_fields(context.body)
    answer = await acts.state_park_contact(
        context.db, context.actor, park_id, facts, once=context.once, today=context.today
    )
    return written(answer)


@delete(OF_PARK, status_code=200, tags=["parks"])
async def remove_park_contact(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """Takes away whom the public calls about a park; for its staff."""
    context = await request_context(request)
    return written(await acts.remove_park_contact(context.db, context.actor, park_id, once=context.once))


@get(OF_UNIT, tags=["assets"])
async def unit_contact(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Whom to call about a unit: its own office, or that of what it lies in, or of its park."""
    context = await request_context(request)
    async with context.db.read(context.actor) as conn:
        row = await public_contact.of_unit(conn, asset_id)
    return _shown(context, row, NotFound("no_such"))


@put(OF_UNIT, opt={"body": NewPublicContact}, status_code=200, tags=["assets"])
async def state_unit_contact(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Says whom the public calls about a unit and its parts, where that is not its park's office; for staff."""
    context = await request_context(request)
    facts = sent_fields(context.body)
    answer = await acts.state_unit_contact(
        context.db, context.actor, asset_id, facts, once=context.once, today=context.today
    )
    return written(answer)


@delete(OF_UNIT, status_code=200, tags=["assets"])
async def remove_unit_contact(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Takes a unit's own office away, so that it has that of what it lies in; for staff."""
    context = await request_context(request)
    return written(await acts.remove_unit_contact(context.db, context.actor, asset_id, once=context.once))


ROUTES = [
    park_contact,
    state_park_contact,
    remove_park_contact,
    unit_contact,
    state_unit_contact,
    remove_unit_contact,
]
