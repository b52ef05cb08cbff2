"""Units that staff pinned for a need, or set aside, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, post
from litestar.params import FromPath

from actions import demand
from actions.authorization import require
from actions.pin import pin_asset, unpin
from api.bodies import NewPin
from api.demand import DEMANDS
from api.queries import PinQuery
from api.request import request_context
from api.response import NO_STORE, Reply, written
from domain.words import Role
from store import pin

PINS = f"{DEMANDS}/{{demand_id:uuid}}/pins"


@post(PINS, opt={"body": NewPin}, status_code=201, tags=["rankings"])
async def pin_unit(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """Pins a unit for a need or sets it aside, with the reason the firm reads and a note the park alone reads.

    For staff of the unit's park. Rankings show it beside the computed order, which stays as it is.
    """
    context = await request_context(request)
    body: NewPin = context.body
    answer = await pin_asset(
        context.db,
        context.actor,
        demand_id,
        body.asset_id,
        placement=body.placement,
        reason=body.reason,
        note=body.note,
        once=context.once,
    )
    return written(answer)


@get(PINS, opt={"query": PinQuery}, tags=["rankings"])
async def list_pins(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """Units pinned for a need or set aside; with `past=true`, for staff, those taken away as well."""
    context = await request_context(request)
    firm_id = await demand.demand_home(context.db, context.actor, demand_id, verb="ranking.read")
    if context.query.past:
        require(context.actor, "pin.read")
        parks = None if context.actor.role is Role.admin else context.actor.park_ids
        items = await pin.past(context.db, firm_id, demand_id, parks)
    else:
        async with context.db.read(context.actor) as conn:
            items = await pin.of_demand(conn, demand_id)
    return Reply(f'{{"items":[{",".join(items)}]}}'.encode(), headers=NO_STORE)


@delete(f"{PINS}/{{asset_id:uuid}}", status_code=200, tags=["rankings"])
async def unpin_unit(request: Request[Any, Any, Any], demand_id: FromPath[UUID], asset_id: FromPath[UUID]) -> Reply:
    """Takes a pin away; for staff of the unit's park."""
    context = await request_context(request)
    return written(await unpin(context.db, context.actor, demand_id, asset_id, once=context.once))


ROUTES = [pin_unit, list_pins, unpin_unit]
