"""What was put back to use, as tables over HTTP."""

from __future__ import annotations

from typing import Any

from litestar import Request, get

from api.figures import for_readers_of_records, instant, period
from api.queries import RevivalCsvQuery, RevivalTableQuery
from api.request import request_context
from api.streams import Stream
from api.table import CSV, GEOJSON, Form, TableRows, table
from domain.actor import SYSTEM
from domain.errors import Malformed, NotFound
from ledger.columns import WKT
from store import park
from store.statistics import Figures

TAGS = ["statistics"]


@get("/api/v1/revivals.geojson", opt={"query": RevivalTableQuery}, tags=TAGS)
async def revivals_geojson(request: Request[Any, Any, Any]) -> Stream:
    """What was put back to use in a period, whole and flat, with outlines; for staff, of the park they name."""
    return await _revivals(request, GEOJSON)


@get("/api/v1/revivals.csv", opt={"query": RevivalCsvQuery, "also": ["text/csv"]}, tags=TAGS)
async def revivals_csv(request: Request[Any, Any, Any]) -> Stream:
    """The same for a spreadsheet; `wkt=true` adds the outline as text."""
    return await _revivals(request, CSV)


async def _revivals(request: Request[Any, Any, Any], form: Form) -> Stream:
    context = await request_context(request)
    days, as_of, park_id = period(context), instant(context), context.query.park
    for_readers_of_records(context, Malformed("missing", "park"))
    if park_id is not None and not await park.is_there(context.db, park_id):
        raise NotFound("no_such_park", "park")
    rows = TableRows(
        "revival",
        SYSTEM,
        lambda conn, names: Figures(conn, as_of, park_id).revived_features(*days, with_wkt=WKT in names),
    )
    return table(request, context, form, rows)


ROUTES = [revivals_geojson, revivals_csv]
