"""New units and outlines among many changes, and the undoing of such an act while nothing was built on it."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import pytest

from tests.api.story import Headers, box
from tests.api.test_bulk_changes import ASSETS, CHANGES, draft

Unit = dict[str, Any]
BATCHES = f"{ASSETS}/batches"
STATED = {"stated_area": 900, "stated_area_unit": "m2"}


def new(level: str, code: str, geometry: object = None, **more: Any) -> dict[str, Any]:
    codes = {name: more.pop(name) for name in ("parent_code", "plot_code") if name in more}
    facts = {"level": level, "code": code, "name": code, **({} if geometry else STATED), **more}
    return {"geometry": geometry, "properties": facts, **codes}


def tree(park: dict[str, Any]) -> list[dict[str, Any]]:
    """A plot, a building on it, two floors and a bay, wholes after their parts."""
    return [
        new("bay", "T-B1-F1-1", parent_code="t-b1-f1", stated_area=200),
        new("floor", "T-B1-F1", parent_code="T-B1", floor_no=1, stated_area=300),
        new("floor", "T-B1-F2", parent_code="T-B1", floor_no=2, stated_area=300),
        new("building", "T-B1", plot_code="T-P"),
        new("plot", "T-P", box(park, 3)),
    ]


async def sent(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], **body: Any) -> httpx.Response:
    body = {"park_id": park["id"], "act": "amend"} | body
    return await client.post(CHANGES, headers=staff | {"If-Match": "*"}, json=body)


async def done(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], **body: Any) -> dict[str, Any]:
    answer = await sent(client, staff, park, **body)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def undo(client: httpx.AsyncClient, staff: Headers, batch_id: str) -> httpx.Response:
    return await client.post(f"{BATCHES}/{batch_id}/undo", headers=staff)


async def units_of(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> dict[str, Unit]:
    """The park's units by code, what every act writes anew left out."""
    features = (await client.get(f"{ASSETS}?park={park['id']}&limit=1000", headers=staff)).json()["features"]
    return {unit["properties"]["code"]: plain(unit) for unit in features}


def plain(unit: Unit) -> Unit:
    facts = {name: value for name, value in unit["properties"].items() if name not in ("revision", "recorded_at")}
    return {**unit, "properties": facts}


async def test_wholes_and_parts_come_together_in_any_order(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    before = await units_of(client, staff, park)
    trial = await sent(client, staff, park, new_units=tree(park), dry_run=True)
    assert trial.status_code == 200, trial.text
    assert [row["faults"] for row in trial.json()["rows"]] == [[]] * 5, trial.text
    assert await units_of(client, staff, park) == before

    batch = await done(client, staff, park, new_units=tree(park))

    after = await units_of(client, staff, park)
    assert after.keys() - before.keys() == {unit["properties"]["code"] for unit in tree(park)}
    facts = {code: unit["properties"] for code, unit in after.items()}
    building = after["T-B1"]["id"]
    assert facts["T-B1"]["plot_id"] == after["T-P"]["id"]
    assert [facts[code]["parent_id"] for code in ("T-B1-F1", "T-B1-F2")] == [building] * 2
    assert [facts[code]["root_id"] for code in ("T-B1-F1-1", "T-B1-F1", "T-B1")] == [building] * 3
    leaves = [facts[code]["is_leaf"] for code in ("T-B1", "T-B1-F1", "T-B1-F2", "T-B1-F1-1")]
    assert leaves == [False, False, True, True]
    assert facts["T-B1-F1-1"]["floor_no"] == 1  # as its floor
    events = await conn.fetch(
        "SELECT act, body::jsonb AS body FROM panhuo.event WHERE scope_id = $1 AND rev = (SELECT rev FROM panhuo.event "
        "WHERE subject_id = $2) ORDER BY n",
        park["id"],
        batch["batch_id"],
    )
    assert [row["act"] for row in events] == ["asset.registered"] * 5 + ["batch.change"]
    read = (await client.get(f"{BATCHES}/{batch['batch_id']}", headers=staff)).json()
    assert (read["kind"], read["registered"], read["amended"], read["undone_by"]) == ("change", 5, 0, None)


async def test_it_is_the_same_as_registered_one_by_one(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    """Neighbours, overlaps with what is there, parts of a drawn whole, a plot not named: all as by single acts."""
    square = box(park, 4)
    ids: list[dict[str, str]] = []
    for prefix in ("ONE", "ALL"):
        hall = await draft(client, staff, park, f"{prefix}-HALL", 6)
        plan = [
            new("plot", f"{prefix}-P", square),
            new("building", f"{prefix}-H", square),  # on the plot, which it does not name
            new("building", f"{prefix}-O", hall["geometry"]),  # over one that is there
        ]
        if prefix == "ONE":
            for unit in plan:
                facts = {**unit["properties"], "park_id": park["id"]}
                body = {"type": "Feature", "geometry": unit["geometry"], "properties": facts}
                assert (await client.post(ASSETS, headers=staff, json=body)).status_code == 201
        else:
            await done(client, staff, park, new_units=plan)
        units = await units_of(client, staff, park)
        ids.append({code.removeprefix(prefix): unit["id"] for code, unit in units.items() if code.startswith(prefix)})
        shown = {unit["id"]: code.removeprefix(prefix) for code, unit in units.items()}
        issues = {
            code: [{**issue, "other_id": shown.get(issue.get("other_id", "")), "other": ""} for issue in issues_]
            for code, unit_id in ids[-1].items()
            for issues_ in [(await client.get(f"{ASSETS}/{unit_id}", headers=staff)).json()["staff"]["issues"]]
        }
        pairs = await conn.fetch(
            "SELECT asset_id, neighbour_id, basis FROM panhuo.asset_adjacency WHERE asset_id = ANY ($1)",
            list(ids[-1].values()),
        )
        beside = sorted((shown[str(a)], shown[str(b)], basis) for a, b, basis in pairs if str(b) in ids[-1].values())
        made = (issues, beside)
        if prefix == "ONE":
            by_one = made
            for unit_id in reversed(ids[0].values()):
                answer = await client.delete(f"{ASSETS}/{unit_id}", headers=staff | {"If-Match": "*"})
                assert answer.status_code == 200, answer.text
    assert made == by_one
    assert {issue["code"] for issues_ in made[0].values() for issue in issues_} == {"roots_overlap", "plot_not_named"}


async def test_every_row_at_fault_is_named(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> None:
    hall = await draft(client, staff, park, "HALL", 2, **{"stated_area": 100, "stated_area_unit": "m2"})
    far = {"type": "Point", "coordinates": [106.9, 29.9]}
    wrong = [
        (new("building", "hall "), "properties.code", "taken"),
        (new("building", "N-1", far, **STATED), "geometry", "outside_park"),
        (new("floor", "N-2", floor_no=1), "properties.parent_id", "parent_missing"),
        (new("floor", "N-3", parent_code="nobody", floor_no=1), "parent_code", "unknown_reference"),
        (new("building", "N-4", plot_code="HALL"), "plot_code", "not_a_plot"),
        (new("plot", "N-5", **{"allowed_industries": ["9999"]}), "properties.allowed_industries", "unknown_industry"),
        (new("floor", "N-6", parent_code="N-4", floor_no=1), "parent_code", "whole_refused"),
        (new("bay", "N-7", parent_code="N-5"), "parent_code", "level_does_not_fit"),
        (new("floor", "N-8", parent_code="HALL", floor_no=1), "properties.stated_area", "parts_exceed_whole"),
        (new("building", "N-9"), None, None),
        (new("building", "n-9"), "properties.code", "taken"),
        (new("building", "N-10", stated_area=None, stated_area_unit=None), "properties.stated_area", "outline_or_area"),
        (new("floor", "N-11", box(park, 5), parent_code="HALL", floor_no=1), "geometry", "outside_whole"),
    ]
    units = [unit for unit, _, _ in wrong]
    rows = [{"asset_id": hall["id"], "revision": 1, "properties": {"storeys": 2}}]

    answer = await sent(client, staff, park, new_units=units, rows=rows, dry_run=True)
    assert answer.status_code == 200, answer.text
    trial = answer.json()

    faults = [[(fault["field"], fault["code"]) for fault in row["faults"]] for row in trial["rows"]]
    assert faults[0] == []
    expected = [[] if code is None else [(f"new_units.{n}.{field}", code)] for n, (_, field, code) in enumerate(wrong)]
    assert faults[1:] == expected
    refused = await sent(client, staff, park, new_units=units, rows=rows)
    assert refused.status_code in (409, 422)
    assert (await client.get(f"{ASSETS}/{hall['id']}", headers=staff)).json()["properties"]["revision"] == 1


async def test_an_outline_comes_later_for_many(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    await done(client, staff, park, new_units=[new("building", f"L-{n}") for n in range(3)])
    rows = [{"code": f"L-{n}", "geometry": box(park, n)} for n in range(2)]

    batch = await done(client, staff, park, rows=rows)

    units = await units_of(client, staff, park)
    assert [units[f"L-{n}"]["geometry"] is None for n in range(3)] == [False, False, True]
    assert units["L-0"]["properties"]["measured_area_m2"] > 0
    gone = await undo(client, staff, batch["batch_id"])
    assert gone.status_code == 201, gone.text
    units = await units_of(client, staff, park)
    assert [units[f"L-{n}"]["geometry"] for n in range(3)] == [None] * 3


@pytest.fixture
async def rented(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> list[Unit]:
    facts: dict[str, Any] = {
        "allowed_paths": ["lease"],
        "rent_yuan_m2_month": 9.5,
        "attributes": {"dock_doors": 3},
        "completed_on": "2015-06-01",
    }
    return [await draft(client, staff, park, f"R-{n}", n, **facts) for n in range(3)]


async def test_undone_as_if_nothing_had_been(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection, rented: list[Unit]
) -> None:
    before = await units_of(client, staff, park)
    patch = {
        "rent_yuan_m2_month": 12,
        "attributes": {"dock_doors": None, "address": "双桥大道 1 号"},
        "name": "新厂房",
        "completed_on": None,
        "allowed_paths": ["lease", "sale"],
        "code": "R-9",
    }
    rows: list[dict[str, Any]] = [{"code": "R-0", "properties": patch, "geometry": box(park, 5)}]
    rows.append({"code": "R-1", "properties": {"storeys": 2}})
    batch = await done(client, staff, park, rows=rows, new_units=tree(park))
    assert await units_of(client, staff, park) != before

    answer = await undo(client, staff, batch["batch_id"])

    assert answer.status_code == 201, answer.text
    assert await units_of(client, staff, park) == before
    shown = answer.json()
    assert (shown["kind"], shown["undoes"], shown["amended"], shown["voided"]) == ("undo", batch["batch_id"], 2, 5)
    listed = (await client.get(f"{BATCHES}?park={park['id']}", headers=staff)).json()["items"]
    assert [(item["id"], item["undone_by"]) for item in listed[:2]] == [
        (shown["id"], None),
        (batch["batch_id"], shown["id"]),
    ]
    again = await undo(client, staff, batch["batch_id"])
    assert (again.status_code, [fault["code"] for fault in again.json()["errors"]]) == (409, ["undone_already"])
    await done(client, staff, park, new_units=tree(park))  # their codes are free


async def test_not_undone_where_something_was_built_on_it(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], rented: list[Unit]
) -> None:
    rows = [{"code": f"R-{n}", "properties": {"rent_yuan_m2_month": 12}} for n in range(3)]
    batch = await done(client, staff, park, rows=rows, new_units=tree(park))
    await done(client, staff, park, act="publish", asset_ids=[rented[1]["id"]])
    await done(client, staff, park, rows=[{"code": "T-B1", "properties": {"storeys": 3}}])

    answer = await undo(client, staff, batch["batch_id"])

    assert answer.status_code == 409
    messages = sorted(fault["message"] for fault in answer.json()["errors"])
    assert [message.partition("：")[0] for message in messages] == ["R-1", "T-B1"]
    assert {fault["code"] for fault in answer.json()["errors"]} == {"built_on_since"}
    units = await units_of(client, staff, park)
    assert units["R-0"]["properties"]["rent_yuan_m2_month"] == 12


async def test_what_was_published_is_withdrawn(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], rented: list[Unit]
) -> None:
    ids = [unit["id"] for unit in rented]
    batch = await done(client, staff, park, act="publish", asset_ids=ids)
    answer = await undo(client, staff, batch["batch_id"])
    assert answer.json()["withdrawn"] == 3
    redone = await undo(client, staff, answer.json()["id"])
    assert redone.json()["published"] == 3
    units = await units_of(client, staff, park)
    assert {units[f"R-{n}"]["properties"]["listing"] for n in range(3)} == {"published"}


async def test_who_may(
    client: httpx.AsyncClient, staff: Headers, keys: dict[str, Headers], park: dict[str, Any], rented: list[Unit]
) -> None:
    other_staff = keys["demo-dazu-gaoxin"]
    batch = await done(client, staff, park, rows=[{"code": "R-0", "properties": {"storeys": 2}}])
    for headers in (other_staff, {}):
        assert (await undo(client, headers, batch["batch_id"])).status_code == 404
        assert (await client.get(f"{BATCHES}/{batch['batch_id']}", headers=headers)).status_code == 404
    assert (await client.get(BATCHES)).status_code == 401
    assert batch["batch_id"] not in (await client.get(BATCHES, headers=other_staff)).text
