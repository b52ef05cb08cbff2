"""Many units of a park changed by one act: all or none, tried beforehand, an event each, once."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import pytest

from tests.api.story import Headers, box, register

ASSETS = "/api/v1/assets"
CHANGES = f"{ASSETS}/changes"
Unit = dict[str, Any]
#: A thousand and one drafts like the one named, each of hazard class E.
PLANT = """
INSERT INTO panhuo.asset (park_id, id, root_id, level, kind, code, name, geom, measured_area_m2, allowed_paths, listing,
  search, spelling, recorded_at, changed_at, fire_hazard_class)
SELECT a.park_id, u.id, u.id, a.level, a.kind, 'P-' || n, a.name, a.geom, a.measured_area_m2, a.allowed_paths,
  a.listing, a.search, a.spelling, a.recorded_at, a.changed_at, 'E'
FROM panhuo.asset AS a, generate_series(1, 1001) AS n, LATERAL (SELECT md5('p' || n)::uuid AS id) AS u
WHERE a.id = $1::text::uuid"""


async def draft(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], code: str, n: int, **facts: Any
) -> Unit:
    properties = {"park_id": park["id"], "level": "building", "code": code, "name": code, **facts}
    body = {"type": "Feature", "geometry": box(park, n), "properties": properties}
    made = await client.post(ASSETS, headers=staff, json=body)
    assert made.status_code == 201, made.text
    unit: Unit = made.json()
    return unit


@pytest.fixture
async def drafts(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> list[Unit]:
    """Three drafts of the park that could be published."""
    return [await draft(client, staff, park, f"B-{n}", n, allowed_paths=["lease"]) for n in range(3)]


async def change(client: httpx.AsyncClient, staff: Headers, body: dict[str, Any], **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(CHANGES, headers=staff | sent, json=body)


async def tried(client: httpx.AsyncClient, staff: Headers, body: dict[str, Any]) -> dict[str, Any]:
    answer = await change(client, staff, body | {"dry_run": True}, Accept_Encoding="identity")  # one tag, not gzip's
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    assert answer.headers["etag"] == tag(shown)
    return shown


def tag(trial: dict[str, Any]) -> str:
    return f'"{trial["token"]}"'


async def listings(conn: asyncpg.Connection, ids: list[str]) -> list[str]:
    listing = "SELECT listing FROM panhuo.asset WHERE id = $1::text::uuid"
    return [await conn.fetchval(listing, asset_id) for asset_id in ids]


async def acts(conn: asyncpg.Connection, ids: list[str]) -> list[tuple[str, str]]:
    rows = await conn.fetch(
        "SELECT subject_id::text, act FROM panhuo.event WHERE subject_id::text = ANY ($1) "
        "AND act <> 'asset.registered' ORDER BY rev, n",
        ids,
    )
    return [(row["subject_id"], row["act"]) for row in rows]


async def test_tried_then_published_then_withdrawn(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection, drafts: list[Unit]
) -> None:
    ids = [unit["id"] for unit in drafts]
    body = {"park_id": park["id"], "act": "publish", "asset_ids": ids}

    trial = await tried(client, staff, body)

    assert (trial["units"], trial["units_at_fault"]) == (3, 0)
    assert [row["asset_id"] for row in trial["rows"]] == ids
    assert [(row["listing"], row["becomes"]["listing"]) for row in trial["rows"]] == [("draft", "published")] * 3
    assert {row["becomes"]["availability"] for row in trial["rows"]} == {"available"}
    assert (await listings(conn, ids), await acts(conn, ids)) == (["draft"] * 3, [])

    done = await change(client, staff, body, If_Match=tag(trial), Idempotency_Key="bulk-1")
    again = await change(client, staff, body, If_Match=tag(trial), Idempotency_Key="bulk-1")

    assert done.status_code == 200, done.text
    assert done.json()["rows"] == trial["rows"]
    assert (again.content, again.headers["idempotency-replayed"]) == (done.content, "true")
    assert await listings(conn, ids) == ["published"] * 3
    assert await acts(conn, ids) == [(asset_id, "asset.published") for asset_id in ids]
    for row in done.json()["rows"]:
        public = (await client.get(f"{ASSETS}/{row['asset_id']}")).json()["properties"]
        assert {name: public[name] for name in row["becomes"]} == row["becomes"]
    drawn_back = {"park_id": park["id"], "act": "withdraw", "filter": {"q": "B-", "listing": "published"}}
    trial = await tried(client, staff, drawn_back)
    withdrawn = await change(client, staff, drawn_back, If_Match=tag(trial))
    assert (withdrawn.status_code, withdrawn.json()["units"]) == (200, 3), withdrawn.text
    assert await listings(conn, ids) == ["withdrawn"] * 3


async def test_rents_of_many_by_filter(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection, drafts: list[Unit]
) -> None:
    ids = [unit["id"] for unit in drafts]
    facts: Unit = {"rent_yuan_m2_month": 8.8, "stated_idle_since": "2025-01-01", "idle_basis": "vacant_building"}
    facts |= {"attributes": {"dock_doors": 2}, "stated_area": 900, "stated_area_unit": "m2"}
    chosen = {"listing": "draft", "missing": "rent_yuan_m2_month", "near": "B-1", "radius_m": 200, "kind": "factory"}
    body = {"park_id": park["id"], "act": "amend", "filter": chosen, "properties": facts}

    trial = await tried(client, staff, body)
    done = await change(client, staff, body, If_Match=tag(trial))

    assert done.status_code == 200, done.text
    assert {row["asset_id"] for row in done.json()["rows"]} == set(ids)
    for asset_id in ids:
        alone = (await client.get(f"{ASSETS}/{asset_id}", headers=staff)).json()
        own = alone["properties"]
        assert (own["rent_yuan_m2_month"], own["stated_idle_since_precision"]) == (8.8, "day")
        assert (own["attributes"], own["idle_since"]) == ({"dock_doors": 2}, "2025-01-01")
        assert [issue["code"] for issue in alone["staff"]["issues"]] == ["areas_differ"]
    assert await acts(conn, ids) == [(asset_id, "asset.amended") for asset_id in sorted(ids)]
    empty = await tried(client, staff, body)
    nothing = await change(client, staff, body, If_Match=tag(empty))
    assert (empty["units"], empty["rows"]) == (0, [])
    assert (nothing.status_code, nothing.json()["errors"][0]["code"]) == (422, "nothing_selected")


async def test_it_is_the_same_as_one_by_one(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    facts: Unit = {"allowed_paths": ["sale"], "available_from": "2027-01-01", "attributes": {"structure": "钢"}}
    retrofit = {"rule": "H5", "up_to": 1000, "cost_yuan": 120000.5, "days": 40, "source": "报价单", "payer": "业主"}
    facts |= {"completed_on": "2020-05-01", "works": [retrofit], "rent_yuan_m2_month": None, "stated_area": 1600}
    about = {"rent_yuan_m2_month": 5, "stated_area_unit": "m2", "stated_area": 1, "attributes": {"dock_doors": 1}}
    single, many = [await draft(client, staff, park, f"S-{n}", n, **about) for n in range(2)]

    alone = await client.patch(
        f"{ASSETS}/{single['id']}", headers=staff | {"If-Match": "*"}, json={"properties": facts}
    )
    body = {"park_id": park["id"], "act": "amend", "asset_ids": [many["id"]], "properties": facts}
    done = await change(client, staff, body, If_Match="*")

    assert (alone.status_code, done.status_code) == (200, 200), done.text
    both = [(await client.get(f"{ASSETS}/{unit['id']}", headers=staff)).json() for unit in (single, many)]
    own = {"code", "name", "recorded_at", "root_id", "measured_area_m2"}
    first, second = ({k: v for k, v in unit["properties"].items() if k not in own} for unit in both)
    assert first == second
    assert [i["code"] for i in both[0]["staff"]["issues"]] == [i["code"] for i in both[1]["staff"]["issues"]]
    bodies = await conn.fetch(
        "SELECT body FROM panhuo.event WHERE act = 'asset.amended' AND subject_id::text = ANY ($1)",
        [single["id"], many["id"]],
    )
    assert len(bodies) == 2 and bodies[0]["body"] == bodies[1]["body"]


async def test_a_token_holds_while_nothing_of_the_selection_changes(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection, drafts: list[Unit]
) -> None:
    ids = [unit["id"] for unit in drafts]
    by_ids = {"park_id": park["id"], "act": "publish", "asset_ids": ids}
    by_filter = {"park_id": park["id"], "act": "publish", "filter": {"q": "B-", "listing": "draft"}}
    tokens = [tag(await tried(client, staff, body)) for body in (by_ids, by_filter)]

    without = await change(client, staff, by_ids)
    other = await change(client, staff, by_ids | {"act": "withdraw"}, If_Match=tokens[0])
    await draft(client, staff, park, "B-9", 9, allowed_paths=["lease"])
    more = await change(client, staff, by_filter, If_Match=tokens[1])
    amended = await client.patch(
        f"{ASSETS}/{ids[1]}", headers=staff | {"If-Match": "*"}, json={"properties": {"source": "x"}}
    )
    stale = await change(client, staff, by_ids, If_Match=tokens[0])

    assert amended.status_code == 200
    assert [answer.status_code for answer in (without, other, more, stale)] == [428, 412, 412, 412]
    assert {answer.json()["errors"][0]["code"] for answer in (other, more, stale)} == {"selection_changed"}
    assert await listings(conn, ids) == ["draft"] * 3


async def test_every_row_at_fault_is_named_and_nothing_is_done(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection, drafts: list[Unit]
) -> None:
    shut = await draft(client, staff, park, "C-1", 5)
    shown = await register(client, staff, park, "C-2", box(park, 6), level="building")
    others = (await client.get(f"{ASSETS}?park=dazu-gaoxin&limit=1")).json()["features"][0]
    ids = [drafts[0]["id"], shut["id"], shown["id"], others["id"]]
    body = {"park_id": park["id"], "act": "publish", "asset_ids": ids}

    trial = await change(client, staff | {"Accept-Language": "en"}, body | {"dry_run": True})
    refused = await change(client, staff | {"Accept-Language": "en"}, body, If_Match="*")

    rows = trial.json()["rows"]
    assert (trial.status_code, trial.json()["units_at_fault"]) == (200, 3)
    codes = [[fault["code"] for fault in row["faults"]] for row in rows]
    assert codes == [[], ["nothing_allowed"], ["already_so"], ["unknown_reference"]]
    assert (refused.status_code, refused.json()["errors_total"]) == (409, 3)
    assert refused.json()["errors"] == [fault for row in rows for fault in row["faults"]]
    assert refused.json()["errors"][0]["field"] == "asset_ids.1.allowed_paths"
    assert refused.json()["errors"][0]["message"].startswith("C-1: Say in allowed_paths")
    assert rows[3]["code"] is None, "a unit of another park is none of this one's"
    assert await listings(conn, ids[:2]) == ["draft", "draft"]


async def test_faults_of_a_patch_by_row(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], drafts: list[Unit]
) -> None:
    stated = await draft(client, staff, park, "G-1", 6, stated_area=5, stated_area_unit="m2")
    body = {"park_id": park["id"], "act": "amend", "asset_ids": [drafts[0]["id"], stated["id"]]}

    trial = await tried(client, staff, body | {"properties": {"stated_area": 6}})

    faults = [[(fault["field"], fault["code"]) for fault in row["faults"]] for row in trial["rows"]]
    assert faults == [[("asset_ids.0.stated_area_unit", "goes_together")], []]


async def test_rows_have_a_patch_each(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection, drafts: list[Unit]
) -> None:
    first, second, _ = drafts
    rows = [
        {"asset_id": first["id"], "revision": 1, "properties": {"rent_yuan_m2_month": 7.5, "name": "重庆三号车间"}},
        {"code": " b-1 ", "revision": 1, "properties": {"allowed_industries": ["31"], "attributes": {"dock_doors": 3}}},
    ]
    body = {"park_id": park["id"], "act": "amend", "rows": rows}

    trial = await tried(client, staff, body)
    done = await change(client, staff, body)  # every row has its revision

    assert (trial["units_at_fault"], [row["asset_id"] for row in trial["rows"]]) == (0, [first["id"], second["id"]])
    assert (done.status_code, done.json()["rows"]) == (200, trial["rows"]), done.text
    facts = [(await client.get(f"{ASSETS}/{unit['id']}", headers=staff)).json()["properties"] for unit in drafts]
    assert [fact["rent_yuan_m2_month"] for fact in facts] == [7.5, None, None]
    assert [fact["name"] for fact in facts] == ["重庆三号车间", "B-1", "B-2"]
    assert [fact["allowed_industries"] for fact in facts] == [None, ["31"], None]
    assert facts[1]["attributes"] == {"dock_doors": 3}
    ids = [unit["id"] for unit in drafts]
    assert await acts(conn, ids) == [(unit["id"], "asset.amended") for unit in (first, second)]
    for typed in ("sanhaochejian", "b-0"):  # found by its new name, and still by its code
        matches = await client.get(f"{ASSETS}?q={typed}&listing=draft", headers=staff)
        assert [feature["id"] for feature in matches.json()["features"]] == [first["id"]]

    again = await change(client, staff, body)
    assert (again.status_code, [(fault["field"], fault["code"]) for fault in again.json()["errors"]]) == (
        409,
        [("rows.0.revision", "row_changed"), ("rows.1.revision", "row_changed")],
    )
    wanting = [{key: row[key] for key in row if key != "revision"} for row in rows]
    assert (await change(client, staff, body | {"rows": wanting})).status_code == 428


async def test_rows_at_fault_are_named_one_by_one(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection, drafts: list[Unit]
) -> None:
    def rows_of(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"park_id": park["id"], "act": "amend", "rows": list(rows), **more}

    rent = {"properties": {"rent_yuan_m2_month": 7}}
    wrong_rent = {"properties": {"rent_yuan_m2_month": -1}}
    first, second = ({"asset_id": unit["id"], **rent} for unit in drafts[:2])
    wrong = rows_of(
        first,
        {"code": "B-1", "properties": {"allowed_industries": ["31", "9999"]}},
        {"code": "B-9", **rent},
        {"code": "B-2", "properties": {"stated_area": 5}},
    )

    trial = await tried(client, staff, wrong)
    refused = await change(client, staff, wrong, If_Match="*")

    codes = [[(fault["field"], fault["code"]) for fault in row["faults"]] for row in trial["rows"]]
    assert codes == [
        [],
        [("rows.1.properties.allowed_industries", "unknown_industry")],
        [("rows.2.code", "unknown_reference")],
        [("rows.3.properties.stated_area_unit", "goes_together")],
    ]
    assert (refused.status_code, refused.json()["errors_total"]) == (409, 3)
    for body, fault in (
        (rows_of(first, {"code": "B-0", **rent}), ("rows.1", "told_twice")),
        (rows_of(first | {"code": "B-0"}), ("rows.0.asset_id", "one_of_two")),
        (rows_of(rent), ("rows.0.asset_id", "one_of_two")),
        (rows_of({"code": "B-0", "properties": {}}), ("rows.0.properties", "missing")),
        (rows_of({"code": "B-0", **wrong_rent}), ("rows.0.properties.rent_yuan_m2_month", "")),
        (rows_of(first, properties={"source": "x"}), ("properties", "not_with")),
        (rows_of(first, act="publish"), ("rows", "not_with")),
        (rows_of(first, asset_ids=[drafts[0]["id"]]), ("asset_ids", "one_of_these")),
        (rows_of(), ("rows", "")),
        (rows_of(*[second] * 1001), ("rows", "")),
    ):
        answer = await change(client, staff, body, If_Match="*")
        assert answer.status_code == 422, answer.text
        first_fault = answer.json()["errors"][0]
        assert (first_fault["field"], first_fault["code"] if fault[1] else "") == fault
    assert await acts(conn, [unit["id"] for unit in drafts]) == []


async def test_a_filter_that_makes_no_sense_is_refused_where_it_stands(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    for wrong, field in (
        ({"bbox": "1,2"}, "filter.bbox"),
        ({"park": "nowhere"}, "filter.park"),
        ({"near": "nowhere", "radius_m": 5}, "filter.near"),
        ({"missing": "colour"}, "filter.missing"),
        ({"limit": 5}, "filter.limit"),
    ):
        body = {"park_id": park["id"], "act": "publish", "filter": wrong, "dry_run": True}
        refused = await change(client, staff, body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), refused.text


async def test_parts_do_not_outgrow_their_whole(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    area = {"stated_area": 1000, "stated_area_unit": "m2"}
    whole = await draft(client, staff, park, "W", 0, **area)
    floors = []
    for n in (1, 2):
        facts = {"park_id": park["id"], "parent_id": whole["id"], "level": "floor", "floor_no": n, "code": f"W-{n}"}
        facts |= {"name": f"W-{n}", "stated_area": 400, "stated_area_unit": "m2"}
        made = await client.post(
            ASSETS, headers=staff, json={"type": "Feature", "geometry": box(park, 0), "properties": facts}
        )
        floors.append(made.json()["id"])
    body = {"park_id": park["id"], "act": "amend", "asset_ids": floors}

    trial = await tried(client, staff, body | {"properties": {"stated_area": 600}})
    refused = await change(client, staff, body | {"properties": {"stated_area": 600}}, If_Match="*")
    done = await change(client, staff, body | {"properties": {"stated_area": 500}}, If_Match="*")

    assert [row["faults"][0]["code"] for row in trial["rows"]] == ["parts_exceed_whole"] * 2
    assert (refused.status_code, refused.json()["errors_total"], done.status_code) == (409, 2, 200)


async def test_who_may(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], drafts: list[Unit]
) -> None:
    body = {"park_id": park["id"], "act": "publish", "filter": {"listing": "draft"}}
    callers = [{}, keys["demo-zhiding"], keys["demo-dazu-gongye"], keys["demo-admin"]]

    answers = [await change(client, caller, body | {"dry_run": True}) for caller in callers]
    unknown = await change(client, keys["demo-admin"], body | {"park_id": drafts[0]["id"], "dry_run": True})

    assert [answer.status_code for answer in answers] == [401, 403, 403, 200]
    assert answers[3].json()["units"] > 3
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (404, "park_id")


async def test_a_thousand_and_no_more(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], conn: asyncpg.Connection, drafts: list[Unit]
) -> None:
    await conn.execute(PLANT, drafts[0]["id"])
    body = {"park_id": park["id"], "act": "publish", "filter": {"fire_hazard_class": "E", "listing": "draft"}}
    many = await change(client, staff, body | {"dry_run": True})
    await conn.execute("DELETE FROM panhuo.asset WHERE code = 'P-1001'")

    done = await change(client, staff, body, If_Match="*")

    assert (many.status_code, many.json()["errors"][0]["code"]) == (422, "too_many_units")
    assert done.status_code == 200, done.text
    assert done.json()["units"] == 1000
    last = "rev = (SELECT max(rev) FROM panhuo.event WHERE scope_id::text = $1)"
    events = f"SELECT count(*) FROM panhuo.event WHERE act = 'asset.published' AND scope_id::text = $1 AND {last}"
    assert await conn.fetchval(events, park["id"]) == 1000
