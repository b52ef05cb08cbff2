"""Units that staff pinned for a need, or set aside, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, post
from litestar.params import FromPath

from actions import needs
from actions.desk import require
from actions.pins import pin_unit as pin_one
from actions.pins import unpin
from api.bodies import NewPin
from api.needs import DEMANDS
from api.queries import PinQuery
from api.replies import NO_STORE, Reply, written
from api.request import opened
from domain.words import Role
from store import pin

PINS = f"{DEMANDS}/{{demand_id:uuid}}/pins"


@post(PINS, opt={"body": NewPin}, status_code=201, tags=["rankings"])
async def pin_unit(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """Pins a unit for a need or sets it aside, with the reason the firm reads and a note the park alone reads.

    For staff of the unit's park. Rankings show it beside the computed order, which stays as it is.
    """
    call = await opened(request)
    body: NewPin = call.body
    answer = await pin_one(
        call.db,
        call.actor,
        demand_id,
        body.asset_id,
        placement=body.placement,
        reason=body.reason,
        note=body.note,
        once=call.once,
    )
    return written(answer)


@get(PINS, opt={"query": PinQuery}, tags=["rankings"])
async def list_pins(request: Request[Any, Any, Any], demand_id: FromPath[UUID]) -> Reply:
    """Units pinned for a need or set aside; with `past=true`, for staff, those taken away as well."""
    call = await opened(request)
    firm_id = await needs.demand_home(call.db, call.actor, demand_id, verb="ranking.read")
    if call.query.past:
        require(call.actor, "pin.write")
        parks = None if call.actor.role is Role.admin else call.actor.park_ids
        items = await pin.past(call.db, firm_id, demand_id, parks)
    else:
        async with call.db.read(call.actor) as conn:
            items = await pin.of_demand(conn, demand_id)
    return Reply(f'{{"items":[{",".join(items)}]}}'.encode(), headers=NO_STORE)


@delete(f"{PINS}/{{asset_id:uuid}}", status_code=200, tags=["rankings"])
async def unpin_unit(request: Request[Any, Any, Any], demand_id: FromPath[UUID], asset_id: FromPath[UUID]) -> Reply:
    """Takes a pin away; for staff of the unit's park."""
    call = await opened(request)
    return written(await unpin(call.db, call.actor, demand_id, asset_id, once=call.once))


ROUTES = [pin_unit, list_pins, unpin_unit]
