"""What tests that write under /ogc share: bodies, and how they are sent and read back."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx

from domain.collections import COLLECTIONS
from tests.api.story import Headers
from tests.conftest import Dazu

Feature = dict[str, Any]
ITEMS = "/ogc/collections/{}/items"
PATCH_TYPE = {"Content-Type": "application/merge-patch+json"}
GEOJSON = {"Content-Type": "application/geo+json"}
WRITTEN = [name for name, collection in COLLECTIONS.items() if collection.is_written]
AREA = {"stated_area": 2000, "stated_area_unit": "m2"}


def new(geometry: Any, code: str = "G-1", **properties: Any) -> Feature:
    facts = {"level": "building", "code": code, "name": code, **properties}
    return {"type": "Feature", "geometry": geometry, "properties": facts}


def point(outline: dict[str, Any]) -> dict[str, Any]:
    """A point in an outline."""
    ring = outline["coordinates"][0][:-1]
    lon, lat = (round(sum(position[axis] for position in ring) / len(ring), 7) for axis in (0, 1))
    return {"type": "Point", "coordinates": [lon, lat]}


async def add(client: httpx.AsyncClient, staff: Headers, body: Feature, collection: str = "factory") -> httpx.Response:
    return await client.post(ITEMS.format(collection), headers={**staff, **GEOJSON}, json=body)


async def added(client: httpx.AsyncClient, staff: Headers, body: Feature, collection: str = "factory") -> str:
    """The address of a new feature."""
    answer = await add(client, staff, body, collection)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def read(client: httpx.AsyncClient, address: str, staff: Headers, **parameters: Any) -> Feature:
    answer = await client.get(address, headers=staff, params=parameters)
    assert answer.status_code == 200, answer.text
    feature: Feature = answer.json()
    return feature


def faults(answer: httpx.Response) -> tuple[int, list[tuple[str, str]]]:
    return answer.status_code, [(fault["field"], fault["code"]) for fault in answer.json()["errors"]]


async def events(dazu: Dazu) -> int:
    conn = await asyncpg.connect(dazu.superuser_url)
    n: int = await conn.fetchval("SELECT count(*) FROM panhuo.event")
    await conn.close()
    return n
