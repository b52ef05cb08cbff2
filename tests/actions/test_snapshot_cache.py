"""Two workers follow one database: neither misses an acknowledged write, both hold what a fresh reading gives."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import pytest
import pytest_asyncio

from actions.asset import amend_asset
from actions.snapshot_cache import Offer, SnapshotCache
from domain.actor import SYSTEM
from domain.words import Equipment
from matching import Catalogue
from matching.catalogue import table
from matching.catalogue.columns import COLUMNS
from matching.position import PLANE, POSITION
from store import asset, catalogue
from store.asset import SQL as ASSET
from store.backup import raise_epoch
from store.db import Database
from tests.conftest import TODAY, Dazu, address
from tests.matching.samples import connected, crowd

INDUSTRIES = ("allowed_industries", "forbidden_industries")
STORE = Path(__file__).parents[2] / "store"
PLAIN = """
  SELECT id::text, coalesce(zone_id, park_id)::text AS facts_key, kind, available_area_m2, area_m2, measured_area_m2,
    is_divisible, min_divisible_m2, power_kva, expandable_kva, fire_hazard_class,
    coalesce(clear_height_m, (inherited ->> 'clear_height_m')::numeric) AS clear_height_m,
    coalesce(clear_height_at, inherited ->> 'clear_height_at') AS clear_height_at,
    coalesce(floor_load_kn_m2, (inherited ->> 'floor_load_kn_m2')::numeric) AS floor_load_kn_m2,
    coalesce(rent_yuan_m2_month, (inherited ->> 'rent_yuan_m2_month')::numeric) AS rent_yuan_m2_month,
    allowed_paths, allowed_industries, forbidden_industries,
    property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, available_from, idle_since, title_is_registered,
    mortgage, is_seized, works, effluent_types, effluent_free_t_d, lon_e7, lat_e7, x_e9, y_e9, z_e9, condition_grade,
    (attributes ->> 'built_year')::integer AS built_year, connections,
    (attributes ->> 'is_levelled')::boolean AS is_levelled, crane_t, span_m, truck_length_m,
    coalesce((SELECT sum(n.usable_area_m2) FROM panhuo.asset_adjacency AS j
      JOIN panhuo.asset AS n ON n.park_id = j.park_id AND n.id = j.neighbour_id AND n.availability = 'available'
      WHERE j.park_id = asset.park_id AND j.asset_id = asset.id), 0) AS adjacent_m2,
    (attributes - 'built_year')::text AS fittings, CASE WHEN is_leaf AND id <> root_id THEN root_id END AS root_id
  FROM panhuo.asset WHERE availability = 'available'
"""
#: What a unit of the samples says in columns of the table, but for its paths.
NOT_WRITTEN = {"kind", "allowed_paths", "built_year", "is_levelled", "adjacent_m2", "root_id", *POSITION, *PLANE}
WRITTEN = sorted(COLUMNS.keys() - NOT_WRITTEN | {"available_area_m2", "works", *INDUSTRIES})


@pytest_asyncio.fixture(loop_scope="session")
async def workers(dazu: Dazu) -> AsyncIterator[list[SnapshotCache]]:
    """Two processes' worth of the catalogue, each on connections of its own."""
    databases = [await Database.connect(dazu.url, size=3, public_size=1) for _ in range(2)]
    yield [SnapshotCache(db) for db in databases]
    for db in databases:
        await db.close()


@pytest_asyncio.fixture(loop_scope="session")
async def superuser(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(dazu.superuser_url)
    yield conn
    await conn.close()


def plain(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Every unit on offer as plain values, in id order within its kind."""
    result = []
    for units in catalogue.tables.values():
        rows = units.standing()
        result += units.rows(rows[np.argsort(units.places(rows))])
    return result


async def fresh(db: Database) -> Offer:
    """What a worker holds that starts now."""
    return await SnapshotCache(db).current()


async def units_of(superuser: asyncpg.Connection, count: int) -> list[asyncpg.Record]:
    """Leaves on offer, of several parks."""
    rows = await superuser.fetch(
        "SELECT park_id, id FROM panhuo.asset WHERE availability = 'available' AND is_leaf "
        "ORDER BY md5(id::text) LIMIT $1",
        count,
    )
    assert len(rows) == count
    return rows


async def write(
    db: Database, unit: asyncpg.Record, changed: dict[str, Any], *, hold_s: float = 0, fails: bool = False
) -> None:
    """An act that changes facts of a unit; it may hold its locks and be rolled back at the very end."""
    try:
        async with db.write(SYSTEM, unit["park_id"]) as act:
            await asset.lock(act, [unit["id"]])
            listing = changed.get("listing")
            if listing is not None:
                await asset.list_as(act, unit["id"], listing)
            await asset.amend(act, unit["id"], {k: v for k, v in changed.items() if k != "listing"})
            roots = [await act.conn.fetchval("SELECT root_id FROM asset WHERE id = $1", unit["id"])]
            await asset.refresh(act, roots, [unit["id"]], TODAY)
            await asyncio.sleep(hold_s)
            act.did("asset.amended", "asset", unit["id"])
            if fails:
                raise KeyError("rolled back")
    except KeyError:
        pass


def exact(amount: str | float | None) -> Decimal | None:
    """An amount that JSON keeps as the text of a decimal."""
    return None if amount is None else Decimal(amount)


def power_of(offer: Offer, asset_id: UUID) -> float | None:
    """The power the catalogue knows of a unit; None where it is not on offer."""
    result = offer.catalogue.find(str(asset_id))
    if result is None:
        return None
    kind, row = result
    power: float = offer.catalogue.of_kind(kind).rows(np.array([row]))[0]["power_kva"]
    return power


async def test_packed_units_are_the_plain_ones(dazu: Dazu, superuser: asyncpg.Connection) -> None:
    chance = Random(11)
    await superuser.execute("SET search_path = panhuo, public")
    samples = connected(chance, crowd(chance, 30, unknown=0.2))
    for row, unit in zip(await units_of(superuser, 30), samples, strict=True):
        await write(
            dazu.db,
            row,
            {name: unit[name] for name in WRITTEN if name in unit}
            | {"truck_length_m": chance.choice([None, 0, 9.6, 17.5])}
            | {"attributes": {**unit["fittings"], **{name: unit[name] for name in ("built_year", "is_levelled")}}},
        )
        await superuser.execute(
            "UPDATE asset SET allowed_paths = $2 WHERE id = $1", row["id"], unit["allowed_paths"] or []
        )
    rows = [dict(row) for row in await superuser.fetch(PLAIN)]
    for row in rows:
        entries = json.loads(row["works"])
        row["works"] = [entry | {name: exact(entry[name]) for name in ("up_to", "cost_yuan")} for entry in entries]
        row["fittings"] = {k: v for k, v in json.loads(row["fittings"]).items() if k in set(Equipment)}

    offer = await fresh(dazu.db)

    expected = Catalogue.from_columns({name: [row[name] for row in rows] for name in rows[0]})
    for first, other in zip(plain(offer.catalogue), plain(expected), strict=True):
        assert first == other
    for kind, units in offer.catalogue.tables.items():
        for name, column in expected.tables[kind].columns.items():
            if name not in ("facts", "policy"):
                assert units[name].values.tolist() == column.values.tolist(), name
                assert units[name].values.dtype == column.values.dtype, name
    assert any(unit["works"] for unit in plain(expected))
    assert any(unit["forbidden_industries"] for unit in plain(expected))
    assert any(unit["fittings"] for unit in plain(expected))
    assert any(unit["adjacent_m2"] for unit in plain(expected))


@pytest.mark.parametrize("tail", [3, 4096])
async def test_no_acknowledged_write_is_missed(
    dazu: Dazu, workers: list[SnapshotCache], superuser: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, tail: int
) -> None:
    """Writers that hold, fail and cross, in several parks; after every answer each worker is asked."""
    monkeypatch.setattr(table, "TAIL_ROWS", tail)
    monkeypatch.setattr(table, "TAIL_SHARE", 0)
    units, chance = await units_of(superuser, 8), Random(7)
    query = 0

    async def writer(mine: list[asyncpg.Record], start: int) -> None:
        nonlocal query
        for step in range(12):
            unit, power, hold_s = chance.choice(mine), start + step, chance.random() * 0.02
            fails, listing = chance.random() < 0.25, chance.choice(["published", "published", "withdrawn"])
            before = power_of(await chance.choice(workers).current(), unit["id"])
            await write(dazu.db, unit, {"power_kva": power, "listing": listing}, hold_s=hold_s, fails=fails)
            expected = before if fails else power if listing == "published" else None
            for worker in workers:
                assert power_of(await worker.current(), unit["id"]) == expected
                query += 1

    await asyncio.gather(*(writer(units[at::4], 1000 * (at + 1)) for at in range(4)))

    anew = plain((await fresh(dazu.db)).catalogue)
    assert query == 96
    for worker in workers:
        assert plain((await worker.current()).catalogue) == anew


async def test_a_restore_makes_every_worker_read_anew(
    dazu: Dazu, workers: list[SnapshotCache], superuser: asyncpg.Connection
) -> None:
    """After a restore the heads stand lower and say other things; then they move on to where they stood before."""
    (unit,) = await units_of(superuser, 1)
    rev = "SELECT rev FROM panhuo.head WHERE scope_id = $1"
    await write(dazu.db, unit, {"power_kva": 111})
    as_saved = await superuser.fetchval(rev, unit["park_id"])
    await write(dazu.db, unit, {"power_kva": 222})
    assert [power_of(await worker.current(), unit["id"]) for worker in workers] == [222, 222]

    await superuser.execute("UPDATE panhuo.asset SET power_kva = 111 WHERE id = $1", unit["id"])
    await superuser.execute("ALTER TABLE panhuo.event DISABLE TRIGGER USER")
    await superuser.execute("DELETE FROM panhuo.event WHERE scope_id = $1 AND rev > $2", unit["park_id"], as_saved)
    await superuser.execute("UPDATE panhuo.head SET rev = $2 WHERE scope_id = $1", unit["park_id"], as_saved)
    await raise_epoch(address("panhuo_admin", dazu.name))

    assert [power_of(await worker.current(), unit["id"]) for worker in workers] == [111, 111]
    await write(dazu.db, unit, {"power_kva": 333})
    assert [power_of(await worker.current(), unit["id"]) for worker in workers] == [333, 333]


async def test_who_lay_beside_a_unit_that_was_redrawn_is_read_anew(
    dazu: Dazu, workers: list[SnapshotCache], superuser: asyncpg.Connection
) -> None:
    pair = await superuser.fetchrow(
        "SELECT a.id, a.revision, j.neighbour_id, ST_AsGeoJSON(ST_Scale(a.geom, ST_MakePoint(0.5, 0.5), "
        "ST_Centroid(a.geom))) AS smaller FROM panhuo.asset_adjacency AS j "
        "JOIN panhuo.asset AS a ON a.park_id = j.park_id AND a.id = j.asset_id AND a.availability = 'available' "
        "JOIN panhuo.asset AS n ON n.park_id = j.park_id AND n.id = j.neighbour_id AND n.availability = 'available' "
        "WHERE j.basis = 'shared_edge' ORDER BY a.id LIMIT 1"
    )
    for worker in workers:
        await worker.current()

    smaller = {"geometry": json.loads(pair["smaller"])}
    await amend_asset(dazu.db, SYSTEM, pair["id"], smaller, if_match="*", once=None, today=TODAY)

    anew = plain((await fresh(dazu.db)).catalogue)
    for worker in workers:
        assert plain((await worker.current()).catalogue) == anew
    rows = await superuser.fetch("SELECT subject_id FROM panhuo.event WHERE act = 'asset.parted'")
    assert pair["neighbour_id"] in {row["subject_id"] for row in rows}


async def test_park_facts_and_schemes_follow(
    dazu: Dazu, workers: list[SnapshotCache], superuser: asyncpg.Connection
) -> None:
    before = await workers[0].current()
    park_id = await superuser.fetchval("SELECT id FROM panhuo.park ORDER BY id LIMIT 1")
    async with dazu.db.write(SYSTEM, park_id) as act:
        await act.fix_instant()
        await act.conn.execute("UPDATE park SET leading_industries = '{3752}' WHERE id = $1", park_id)
        act.did("park.amended", "park", park_id)

    after = await workers[0].current()

    assert after.parks[str(park_id)].leading_industries == ("3752",)
    assert after.catalogue is before.catalogue


def test_whatever_raises_a_revision_says_when() -> None:
    """The units of an act are found by its instant: a statement that forgets it would be missed by every worker."""
    updates = [
        statement
        for file in STORE.glob("*.sql")
        for statement in re.split(r"^-- name: .*$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        if re.search(r"UPDATE asset\b", statement)
    ]
    of_texts = re.compile(r"UPDATE asset( AS a)? SET (feature|flat|issues|search) =")
    derived = [update for update in updates if of_texts.search(update)]

    assert len(updates) - len(derived) >= 5
    for statement in updates:
        assert (statement in derived) != ("changed_at = act_at()" in statement), statement
    columns = ASSET.insert[: ASSET.insert.index("SELECT")]
    assert "changed_at" not in columns  # the default says it


async def test_an_unknown_unit_is_none(dazu: Dazu) -> None:
    assert len(await catalogue.asset_catalogue(dazu.db, UUID(int=0))) == 0
