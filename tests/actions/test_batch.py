"""Many units written by one act are what an act for each would have made of them, as the rules of readers say."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from actions.asset import register_asset
from actions.authorization import new_id
from actions.batch import JudgedRow, UnitRow, prepare, write_rows
from domain.actor import Actor
from domain.words import AreaUnit, DatePrecision, Level
from store import asset
from store.db import Act
from store.flat import FLAT
from tests.actions.test_outcomes import square, staff_of
from tests.conftest import TODAY, Dazu

#: Rows of units by code, without their ids and the instant of the act.
ROWS = """SELECT a.code,
  to_jsonb(a) - ARRAY['id', 'root_id', 'plot_id', 'recorded_at', 'changed_at', 'feature', 'flat'],
  regexp_replace(replace(a.feature, a.id::text, 'own'), '"(plot_id|recorded_at)":"[^"]*"', '', 'g'),
  regexp_replace(replace(a.flat, a.id::text, 'own'), '"(plot_id|recorded_at|changed_at)":"[^"]*"', '', 'g')
  FROM panhuo.asset AS a WHERE a.code LIKE 'many-%' ORDER BY a.code"""
EVENTS = """SELECT e.act FROM panhuo.event AS e JOIN panhuo.asset AS a ON a.id = e.subject_id
  WHERE a.code LIKE 'many-%' ORDER BY e.rev, e.n"""
PAST = "SELECT count(*) FROM history.asset WHERE code LIKE 'many-%'"
#: Units whose readers get another text than their facts make.
STALE = f"""SELECT a.code FROM asset AS a JOIN park AS p ON p.id = a.park_id WHERE a.code LIKE 'many-%'
  AND (a.feature, a.flat) IS DISTINCT FROM (asset_feature(a), {FLAT})"""
#: A corner of a park.
CORNER = """SELECT ST_X(corner), ST_Y(corner)
  FROM park, ST_PointN(ST_ExteriorRing(ST_GeometryN(boundary, 1)), 1) AS corner WHERE id = $1"""


def unit(code: str, place: object, level: Level = Level.building, **facts: Any) -> UnitRow:
    stated = {"stated_area": Decimal("1234.5"), "stated_area_unit": AreaUnit.m2} | facts
    known = {"level": level, "code": f"many-{code}", "name": code, "geometry": place}
    return UnitRow(stated | known, new_id(), is_new=True, path=code)


def idle(days: int, precision: DatePrecision | None = None) -> dict[str, Any]:
    """Idle since so many days before today."""
    exact = {} if precision is None else {"stated_idle_since_precision": precision}
    return {"idle_basis": "vacant_building", "stated_idle_since": TODAY - timedelta(days), **exact}


def alone(spot: tuple[float, float]) -> list[UnitRow]:
    """Units without a part: outlines, points and neither, areas in every unit, idle starts past and to come."""
    plot = unit("plot", square(spot, 500), Level.plot, stated_area=Decimal("12.34"), stated_area_unit=AreaUnit.mu)
    point = {"type": "Point", "coordinates": [*spot, 3.5]}
    return [
        plot,
        unit("on-plot", square(spot, 500, west=0.2, east=0.8), plot_id=plot.asset_id, **idle(400)),
        unit("point", point, stated_area=Decimal("0.75"), stated_area_unit=AreaUnit.ha, **idle(0)),
        unit("nowhere", None, available_area_m2=Decimal("99.9"), **idle(-1)),
        unit("differs", square(spot, 502), stated_area=Decimal(9), **idle(40, DatePrecision.month)),
        unit("to-come", square(spot, 504), **idle(0, DatePrecision.year)),
        unit("unstated", square(spot, 506), stated_area=None, stated_area_unit=None, rent_yuan_m2_month=Decimal("8.5")),
        unit("long-ago", None, illustrative=["stated_area"], **idle(2000, DatePrecision.year)),
    ]


async def written(act: Act, rows: list[UnitRow]) -> list[JudgedRow]:
    judged = await prepare(rows)
    await write_rows(act, judged, TODAY)
    assert [row.faults for row in judged] == [[] for _ in rows]
    return judged


class TakenBack(Exception):
    pass


async def test_many_new_units_are_as_one_by_one(dazu: Dazu) -> None:
    staff, spot = await staff_of(dazu.db)
    (park_id,) = staff.park_ids
    rows, many = alone(spot), []

    try:
        async with dazu.db.write(staff, park_id) as act:
            await written(act, rows)
            many = [tuple(row) for row in await act.conn.fetch(ROWS)]
            acts = [event.act for event in act.events]
            raise TakenBack
    except TakenBack:
        pass
    await one_by_one(dazu, staff, park_id, rows)

    conn = await asyncpg.connect(dazu.superuser_url, server_settings={"timezone": "UTC"})
    assert many == [tuple(row) for row in await conn.fetch(ROWS)]
    assert len(many) == len(rows) and await conn.fetchval(PAST) == 0
    assert acts == [row["act"] for row in await conn.fetch(EVENTS)]
    await conn.close()


async def one_by_one(dazu: Dazu, staff: Actor, park_id: UUID, rows: list[UnitRow]) -> None:
    """Registers each by an act of its own, buildings on the plot that is there by then."""
    ids: dict[UUID, UUID] = {}
    for row in rows:
        facts = {name: value for name, value in row.facts.items() if name != "geometry"}
        if "plot_id" in facts:
            facts["plot_id"] = ids[facts["plot_id"]]
        answer = await register_asset(dazu.db, staff, park_id, row.facts["geometry"], facts, once=None, today=TODAY)
        assert row.asset_id is not None
        ids[row.asset_id] = UUID(json.loads(answer.body)["id"])


async def test_many_new_units_are_what_their_readers_are_told(dazu: Dazu) -> None:
    staff, spot = await staff_of(dazu.db)
    (park_id,) = staff.park_ids
    whole = unit("whole", square(spot, 510), rent_yuan_m2_month=Decimal("7.25"), **idle(300))
    below = {"parent_id": whole.asset_id, "stated_area": Decimal(500)}
    floors = [unit(f"floor-{n}", None, Level.floor, floor_no=n, **below) for n in (1, 2)]
    bay = unit("bay", None, Level.bay, parent_id=floors[0].asset_id, stated_area=Decimal(100), **idle(30))
    over = unit("over", square(spot, 502, west=0.5), **idle(10))

    async with dazu.db.write(staff, park_id) as act:
        rows = await written(act, [*alone(spot), whole, *floors, bay, over])
        stale = await act.conn.fetch(STALE)
        again = await asset.refresh(act, [row.asset_id for row in rows if row.asset_id is not None], [], TODAY)
        issues = await act.conn.fetchval("SELECT issues::text FROM panhuo.asset WHERE code = 'many-over'")

    assert stale == []
    assert again == []
    assert [issue["code"] for issue in json.loads(issues)] == ["areas_differ", "roots_overlap"]


async def test_a_new_unit_partly_outside_its_park(dazu: Dazu) -> None:
    staff, _ = await staff_of(dazu.db)
    (park_id,) = staff.park_ids

    async with dazu.db.write(staff, park_id) as act:
        x, y = await act.conn.fetchrow(CORNER, park_id)
        (row,) = await written(act, [unit("corner", square((x - 0.0002, y - 0.0002), 312), stated_area=Decimal(1719))])
        issues = await act.conn.fetchval("SELECT issues::text FROM asset WHERE id = $1", row.asset_id)

    assert json.loads(issues) == [{"code": "partly_outside_park", "field": "geometry"}]
