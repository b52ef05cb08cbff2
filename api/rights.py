"""Who holds the title of a unit, and how it came to them, over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath

from api.assets import home_of_staff
from api.instants import instant_of
from api.queries import RightsQuery
from api.replies import PER_CALLER, Reply
from api.request import opened
from store import ledger


@get("/api/v1/assets/{asset_id:uuid}/rights", opt={"query": RightsQuery}, tags=["assets"])
async def asset_rights(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Who holds a unit's title on a day, as known now or at an instant; for staff of its park. Empty: not recorded."""
    call = await opened(request)
    home = await home_of_staff(call, asset_id)
    as_of = None if call.query.as_of is None else instant_of(call.query.as_of, call.now)
    on = call.query.on or call.today
    async with call.db.read(call.actor, park_id=home.park_id) as conn:
        holders, transactions = await ledger.rights(conn, home.park_id, asset_id, as_of=as_of, on=on)
    about = {"asset_id": str(asset_id), "on": on.isoformat(), "as_of": None if as_of is None else as_of.isoformat()}
    body = f'{json.dumps(about)[:-1]},"holders":{holders},"transactions":{transactions}}}'
    return Reply(body.encode(), headers=PER_CALLER)


ROUTES = [asset_rights]
