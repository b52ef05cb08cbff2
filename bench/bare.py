"""The anchor: handlers that return the text of one prepared statement for the same pages, and nothing else."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
from granian import Granian
from granian.constants import Interfaces
from litestar import Litestar, Request, Response, get
from litestar.params import FromPath

PAGE = """
SELECT coalesce(string_agg(feature, ',' ORDER BY id), ''), count(*) FROM (
  SELECT feature, id FROM asset_visible WHERE geom && ST_MakeEnvelope($1, $2, $3, $4, 4326)
    AND ST_Intersects(geom, ST_MakeEnvelope($1, $2, $3, $4, 4326)) ORDER BY id LIMIT $5) AS page"""
WHOLE = """
SELECT coalesce(string_agg(feature, ',' ORDER BY id), ''), count(*) FROM (
  SELECT feature, id FROM asset_visible ORDER BY id LIMIT $1) AS page"""
RANGE = """
SELECT coalesce(string_agg(feature, ',' ORDER BY id), ''), count(*) FROM (
  SELECT feature, id FROM asset_visible WHERE kind = $1 AND usable_area_m2 >= $2 AND usable_area_m2 <= $3
  ORDER BY id LIMIT $4) AS page"""
SINGLE = "SELECT feature FROM asset_visible WHERE id = $1"


@get("/health/live")
async def live() -> str:
    return "live"


@get("/api/v1/assets")
async def page(request: Request[Any, Any, Any]) -> Response[bytes]:
    query = request.query_params
    async with request.app.state.pool.acquire() as conn:
        if "bbox" in query:
            box = [float(part) for part in query["bbox"].split(",")]
            features, count = await conn.fetchrow(PAGE, *box, int(query["limit"]))
        elif "kind" in query:
            bounds = [Decimal(query[name]) for name in ("area_m2_min", "area_m2_max")]
            features, count = await conn.fetchrow(RANGE, query["kind"], *bounds, int(query["limit"]))
        else:
            features, count = await conn.fetchrow(WHOLE, int(query["limit"]))
    body = f'{{"type":"FeatureCollection","numberReturned":{count},"features":[{features}]}}'
    return Response(body.encode(), media_type="application/geo+json")


@get("/api/v1/assets/{asset_id:uuid}")
async def single(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Response[bytes]:
    async with request.app.state.pool.acquire() as conn:
        feature = await conn.fetchval(SINGLE, asset_id)
    return Response(feature.encode(), media_type="application/geo+json")


async def _nothing(conn: asyncpg.Connection) -> None:
    """No reset, as in the service."""


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    settings = {"role": "panhuo_public", "search_path": "panhuo, public", "jit": "off"}
    app.state.pool = await asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=0, max_size=10, server_settings=settings, reset=_nothing
    )
    yield
    await app.state.pool.close()


def app() -> Litestar:
    return Litestar([live, page, single], lifespan=[lifespan], openapi_config=None, logging_config=None)


if __name__ == "__main__":
    Granian(
        "bench.bare:app", factory=True, port=int(os.environ["PORT"]), interface=Interfaces.ASGI, websockets=False
    ).serve()
