"""Every declared field stands wherever it has to; what lacks one is named with the place."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from api.bodies import FirmPatch, NewFirm, ParkFacts
from api.outcome_bodies import NewLease, NewSale, Step
from api.queries import fields_of
from domain.field import Field
from domain.fields import ASSET, DEMAND, FIRM, OUTCOME, PARK, TABLES
from domain.words import Level
from tests.conftest import Dazu

#: Columns that are no fact of the thing: keys of ours, and what is derived for the database's own use.
OWN = {
    "asset": {"geom", "point", "feature", "flat", "label", "search", "spelling", "parent_is_leaf", "changed_at",
              "is_code_doubled", "offered_on",
              "code_key", "lon_e7", "lat_e7", "x_e9", "y_e9", "z_e9"},
    "demand": set(),
    "firm": {"search", "spelling"},
    "park": {"boundary", "feature", "recorded_at"},
    "outcome": {"intended"},
}  # fmt: skip
#: Facts of a deal that are kept as a range, or in another table.
ELSEWHERE = {"asset_ids", "starts_on", "ends_on"}
#: Type of a field → types of its column.
TYPES = {
    "number": "numeric", "integer": "integer|bigint", "flag": "boolean", "day": "date", "instant": "timestamp", "text":
    "text", "word": "text", "words": r"text\[\]", "codes": r"text\[\]", "names": r"text\[\]|jsonb", "id": "uuid",
    "ids": r"uuid\[\]", "outline": "geometry", "object": "jsonb", "objects": "jsonb",
}  # fmt: skip


def columns_of(thing: str) -> dict[str, Field]:
    return {
        name: field
        for name, field in TABLES[thing].items()
        if field.store == "column" and field.entry != "stage" and (thing != "outcome" or name not in ELSEWHERE)
    }


@pytest_asyncio.fixture(loop_scope="session")
async def conn(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(dazu.superuser_url, server_settings={"search_path": "panhuo, public"})
    yield conn
    await conn.close()


async def stored(conn: asyncpg.Connection, relation: str) -> dict[str, tuple[str, str]]:
    """Column → type and who reads it, by the comment."""
    rows = await conn.fetch(
        "SELECT attname, format_type(atttypid, atttypmod) AS type, "
        "substring(col_description(attrelid, attnum) FROM '\\[(\\w+)\\]$') AS reader "
        "FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped",
        relation,
    )
    return {row["attname"]: (row["type"], row["reader"]) for row in rows}


@pytest.mark.parametrize("thing", TABLES)
async def test_each_field_has_its_column_and_each_column_its_field(conn: asyncpg.Connection, thing: str) -> None:
    columns, fields = await stored(conn, thing), columns_of(thing)
    if thing == "park":
        fields.pop("recorded_at")

    assert {f"{thing} lacks {name}" for name in fields.keys() - columns.keys()} == set()
    assert {f"domain/fields.py lacks {thing}.{name}" for name in columns.keys() - fields.keys() - OWN[thing]} == set()
    wrong = [
        f"{thing}.{name}: {columns[name]} is no {field.type} for {field.reader}"
        for name, field in fields.items()
        if not re.match(TYPES[field.type], columns[name][0]) or columns[name][1] != field.reader
    ]
    # a double precision figure: degrees
    assert [line for line in wrong if "double precision" not in line] == []


@pytest.mark.parametrize("thing", ["asset", "demand"])
async def test_figures_have_room_for_their_bounds(conn: asyncpg.Connection, thing: str) -> None:
    columns = await stored(conn, thing)

    for name, field in columns_of(thing).items():
        if field.type == "number" and field.entry == "any" and field.bound is not None:
            digits, places = map(int, re.findall(r"\d+", columns[name][0]))
            assert (places, len(field.bound.most.partition(".")[0]) <= digits - places) == (field.bound.places, True), (
                name
            )


@pytest.mark.parametrize("thing", ["asset", "demand"])
async def test_the_past_keeps_what_people_state(conn: asyncpg.Connection, thing: str) -> None:
    twin, view = await stored(conn, f"history.{thing}"), await stored(conn, f"{thing}_known")
    wanted = {name for name, field in columns_of(thing).items() if field.entry != "derived"}

    assert {f"history.{thing} lacks {name}" for name in wanted - twin.keys()} == set()
    assert {f"{thing}_known lacks {name}" for name in twin.keys() - view.keys()} == set()


async def test_making_readers_and_pasts_again_changes_nothing(conn: asyncpg.Connection) -> None:
    described = """SELECT array_agg(pg_get_viewdef(v::text::regclass) ORDER BY v) FROM unnest(ARRAY['asset_visible',
      'asset_known', 'demand_visible', 'demand_known']) AS v"""
    written = "SELECT array_agg(prosrc ORDER BY proname) FROM pg_proc WHERE pronamespace = 'panhuo'::regnamespace"
    before = await conn.fetchval(described), await conn.fetchval(written)

    await conn.execute(
        "SET ROLE panhuo_owner; SELECT make_past('asset'), make_past('demand'); "
        "SELECT make_asset_readers(), make_demand_readers()"
    )

    assert (await conn.fetchval(described), await conn.fetchval(written)) == before


async def test_a_feature_shows_what_all_and_what_staff_may_read(
    client: httpx.AsyncClient, keys: dict[str, dict[str, str]]
) -> None:
    shown = (await client.get("/api/v1/assets?limit=1&kind=factory", headers=keys["demo-shuangqiao"])).json()
    (feature,) = shown["features"]
    beside = {"id", "geometry"}

    public = {name for name, field in ASSET.items() if field.store == "column" and field.reader == "public"}
    staff = {name for name, field in ASSET.items() if field.store == "column" and field.reader == "staff"}
    assert set(feature["properties"]) == public - beside
    assert set(feature["staff"]) == staff


async def test_documents_show_every_field(conn: asyncpg.Connection) -> None:
    for thing, fields in (("demand", DEMAND), ("firm", FIRM)):
        document = json.loads(await conn.fetchval(f"SELECT {thing}_document({thing}) FROM {thing} LIMIT 1"))
        assert set(document) == {name for name, field in fields.items() if field.store == "column"}, thing
    outcome = json.loads(await conn.fetchval("SELECT outcome_document(outcome) FROM outcome LIMIT 1"))
    assert {f"domain/fields.py lacks outcome.{name}" for name in outcome.keys() - OUTCOME.keys()} == {
        f"domain/fields.py lacks outcome.{name}" for name in ("light", "assets", "revivals", "milestones")
    }


def test_bodies_state_declared_fields_alone() -> None:
    for body, fields in ((NewFirm, FIRM), (FirmPatch, FIRM), (ParkFacts, PARK), (Step, OUTCOME)):
        stated = {field.name for field in fields_of(body)}
        if body is NewFirm:
            stated -= {"park_id"}  # the park whose staff registers it: registering_park_id
        assert stated - fields.keys() == set(), body.__name__
    opened = {field.name for body in (NewLease, NewSale) for field in fields_of(body)}
    assert opened - OUTCOME.keys() == set()
    assert {name for name, field in FIRM.items() if field.entry == "any"} == {
        field.name for field in fields_of(FirmPatch)
    }
    assert {name for name, field in OUTCOME.items() if field.entry == "once"} - opened == {"path"}


async def test_parts_take_what_is_declared_from_their_whole(conn: asyncpg.Connection) -> None:
    """As `inherited_facts` gives it for a bay and a floor whose wholes state everything."""
    values: dict[str, Any] = {"clear_height_m": 7, "clear_height_at": "under_beam", "floor_load_kn_m2": 9,
                              "rent_yuan_m2_month": 11, "power_kva": 500, "crane_t": 5}  # fmt: skip
    stated = ", ".join(f"{name} = {value!r}" for name, value in values.items())
    cleared = ", ".join(f"{name} = NULL" for name in values)
    for level, above in ((Level.floor, Level.building), (Level.bay, Level.floor)):
        part = await conn.fetchrow(f"SELECT id, parent_id FROM asset WHERE level = '{level}' ORDER BY id LIMIT 1")
        assert part is not None, f"the demonstration has a {level}"
        await conn.execute(f"UPDATE asset SET {stated} WHERE id = $1 AND level = '{above}'", part["parent_id"])
        await conn.execute(f"UPDATE asset SET {cleared} WHERE id = $1", part["id"])

        taken = json.loads(await conn.fetchval("SELECT inherited_facts(asset) FROM asset WHERE id = $1", part["id"]))

        assert set(taken) - {"illustrative"} == {name for name, field in ASSET.items() if level in field.follows}, level
