"""Who holds the title of a unit, and how it came to them, over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath

from api.asset import home_of_staff
from api.queries import RightsQuery
from api.request import request_context
from api.response import PER_CALLER, Reply
from domain.instants import instant_of
from store import title


@get("/api/v1/assets/{asset_id:uuid}/rights", opt={"query": RightsQuery}, tags=["assets"])
async def asset_rights(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Who holds a unit's title on a day, as known now or at an instant; for staff of its park. Empty: not recorded."""
    context = await request_context(request)
    home = await home_of_staff(context, asset_id)
    as_of = None if context.query.as_of is None else instant_of(context.query.as_of, context.now)
    on = context.query.on or context.today
    async with context.db.read(context.actor, park_id=home.park_id) as conn:
        holders, transactions = await title.holdings(conn, home.park_id, asset_id, as_of=as_of, on=on)
    about = {"asset_id": str(asset_id), "on": on.isoformat(), "as_of": None if as_of is None else as_of.isoformat()}
    body = f'{json.dumps(about)[:-1]},"holders":{holders},"transactions":{transactions}}}'
    return Reply(body.encode(), headers=PER_CALLER)


ROUTES = [asset_rights]
