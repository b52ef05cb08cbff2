"""Parks and the zones inside them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

import asyncpg

from domain.actor import ANONYMOUS
from domain.fields import PARK
from store import flat
from store.db import Act, Database, portions
from store.features import DEGREES, GeometryForm, listed_feature
from store.sql import columns, fill, load

SQL = load("park")
AMEND, AMEND_ZONE, VERSIONS = (
    fill(query, columns=columns(PARK)) for query in (SQL.amend, SQL.amend_zone, SQL.versions)
)


async def insert(act: Act, facts: Mapping[str, object]) -> None:
    """A new park with a head of its own."""
    await act.open_scope(UUID(str(facts["id"])), "park")
    await act.conn.execute(SQL.insert, json.dumps(facts, ensure_ascii=False, default=str))
    await act.conn.execute(SQL.refresh_feature, facts["id"])


async def insert_zone(act: Act, facts: Mapping[str, object]) -> None:
    await act.conn.execute(SQL.insert_zone, json.dumps(facts, ensure_ascii=False, default=str))
    await act.conn.execute(SQL.refresh_zone_feature, act.scope_id, facts["id"])


async def zone_outside_m2(act: Act, boundary: str) -> float | None:
    """Area of a zone outside its park; None where there is no such park."""
    outside = await act.conn.fetchval(SQL.zone_inside, act.scope_id, boundary)
    return None if outside is None else float(outside)


async def home_of_zone(db: Database, zone_id: UUID) -> UUID | None:
    """The park that a zone lies in; None where it is no zone."""
    async with db.system() as conn:
        park_id: UUID | None = await conn.fetchval(SQL.home_of_zone, zone_id)
    return park_id


async def revision(act: Act, zone_id: UUID | None) -> int:
    """The revision that the park of the act, or a zone of it, is at."""
    number: int = await act.conn.fetchval(SQL.revision, act.scope_id, zone_id)
    return number


async def left_outside(act: Act, boundary: str, slack_m2: float) -> tuple[int, int]:
    """How many zones of the park would reach outside a new outline, and how many of its units would lie off it."""
    row = await act.conn.fetchrow(SQL.left_outside, act.scope_id, boundary, slack_m2)
    return row["zones"], row["units"]


async def left_outside_zone(act: Act, boundary: str, zone_id: UUID) -> int:
    """How many units of a zone would lie off a new outline of it."""
    return int(await act.conn.fetchval(SQL.left_outside_zone, act.scope_id, boundary, zone_id))


async def amend(act: Act, changed: Mapping[str, object], zone_id: UUID | None) -> None:
    """Changes a zone of the park of the act, or the park itself and what its zones show of it."""
    facts = json.dumps(changed, ensure_ascii=False, default=str)
    if zone_id is None:
        await act.conn.execute(AMEND, act.scope_id, facts)
        await act.conn.execute(SQL.refresh_feature, act.scope_id)
        if "name_zh" in changed:
            await flat.write_park(act)
    else:
        await act.conn.execute(AMEND_ZONE, act.scope_id, facts, zone_id)
    await act.conn.execute(SQL.refresh_zone_feature, act.scope_id, zone_id)


async def history(conn: asyncpg.Connection, park_id: UUID) -> tuple[list[str], list[str]]:
    """Versions and events of a park, the latest first, each as JSON text."""
    versions, events = await conn.fetch(VERSIONS, park_id), await conn.fetch(SQL.events, park_id)
    return [row[0] for row in versions], [row[0] for row in events]


async def codes(db: Database) -> dict[str, str]:
    """The code of every park by its id."""
    async with db.system() as conn:
        return {str(row["id"]): row["code"] for row in await conn.fetch(SQL.codes)}


async def unknown(act: Act, park_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these ids that are of no park."""
    return {row["id"] for row in await act.conn.fetch(SQL.unknown, list(park_ids))}


async def is_there(db: Database, park_id: UUID) -> bool:
    async with db.system() as conn:
        return bool(await conn.fetchval(SQL.is_there, park_id))


async def lock(act: Act) -> bool:
    """Locks the park of the act and fixes its instant; False where there is none the caller may write."""
    row = await act.conn.fetchrow(SQL.lock, act.scope_id)
    await act.fix_instant(row["at"])
    return bool(row["found"])


async def page(
    conn: asyncpg.Connection, after: UUID | None, limit: int, crs: GeometryForm = DEGREES
) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(fill(SQL.page, feature=listed_feature(crs, "boundary")), after, limit))


async def count(conn: asyncpg.Connection) -> int:
    """How many parks and zones there are."""
    return int(await conn.fetchval(SQL.count))


def selection(conn: asyncpg.Connection, *, with_wkt: bool) -> AsyncIterator[list[asyncpg.Record]]:
    """All parks and zones in portions."""
    return portions(conn, SQL.selection, with_wkt)


async def names(conn: asyncpg.Connection) -> list[asyncpg.Record]:
    """What parks and zones are called, by id."""
    return list(await conn.fetch(SQL.names))


async def called(db: Database, text: str) -> list[UUID]:
    """The parks and zones of this code or name; these are public."""
    async with db.read(ANONYMOUS) as conn:
        return [row["id"] for row in await conn.fetch(SQL.called, text)]


async def at(conn: asyncpg.Connection, place: str) -> list[UUID]:
    """The parks that a geometry, hex EWKB, meets; the one that has most of it first."""
    return [row["id"] for row in await conn.fetch(SQL.at, place)]


async def visible(
    conn: asyncpg.Connection, park_id: UUID, crs: GeometryForm = DEGREES
) -> tuple[str, int, UUID | None] | None:
    """Feature text, revision, and the park it is a zone of."""
    row = await conn.fetchrow(fill(SQL.visible, feature=listed_feature(crs, "boundary")), park_id)
    return None if row is None else (row["feature"], row["revision"], row["zone_of"])
