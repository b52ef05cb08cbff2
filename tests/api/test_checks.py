"""Listings are checked by one click or by many; those nobody checked for long lapse, and come back by a check."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from actions.check import ListingCheck, check_asset
from actions.daily_update import run_daily_update
from domain.actor import Actor
from domain.completeness import COMPLETING
from domain.field import can_be_missing
from domain.words import Level, Role
from store import doctor
from store.db import Database
from tests.api.story import NEED, Headers, box, firm_of, lease, register, step
from tests.conftest import TODAY

ASSETS = "/api/v1/assets"
LATER = TODAY + timedelta(days=400)
KINDS = ("land", "factory")
COLLECTIONS = [f"{stem}{kind}{ending}" for stem in ("", "idle-") for kind in KINDS for ending in ("", "-points")]
LAPSED = {"lapsed_on_after": "2000-01-01"}
WIDE_NEED = {"kinds": ["land", "factory"], "accepted_paths": ["lease", "sale", "equity_swap", "sublease"]}
#: The tile of zoom 12 in the middle of 双桥经开区, and that of zoom 8 around it.
MIDDLE = 105.77, 29.49


def tile(z: int) -> str:
    lon, lat = MIDDLE
    column = int((lon + 180) / 360 * 2**z)
    row = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return f"tiles/WebMercatorQuad/{z}/{row}/{column}"


async def seen(client: httpx.AsyncClient) -> dict[str, Any]:
    """What the public is shown of units: counts and ids of lists, collections, tiles, and a ranking."""
    listed = await client.get(f"{ASSETS}?limit=10000&availability=available&count=exact")
    shown: dict[str, Any] = {
        "list": [unit["id"] for unit in listed.json()["features"]],
        "count": listed.json()["numberMatched"],
        "csv": len((await client.get(f"{ASSETS}.csv?availability=available")).text.splitlines()) - 1,
    }
    for name in COLLECTIONS:
        page = (await client.get(f"/ogc/collections/{name}/items?limit=10000")).json()
        of_page = [f for f in page["features"] if f["properties"]["availability"] == "available"]
        shown[name] = page["numberMatched"], [feature["id"] for feature in of_page]
        for z in (8, 12):
            drawn = await client.get(f"/ogc/collections/{name}/{tile(z)}")
            shown[f"{name} at {z}"] = drawn.content
    ranked = (await client.post("/api/v1/rankings?limit=100", json=WIDE_NEED)).json()
    shown["ranking"] = {kind: [row["asset_ids"] for row in part["results"]] for kind, part in ranked["lists"].items()}
    return shown


def on_offer(shown: Mapping[str, Any]) -> dict[str, Any]:
    """What of it is about units on offer, by where it was seen, each empty where nothing is."""
    named = {name: shown[name][1] for name in COLLECTIONS}
    drawn = {name: shown[name] for name in shown if name.startswith("idle-") and " at " in name}
    return {"list": shown["list"], "ranking": [*shown["ranking"].values()], "csv": shown["csv"]} | named | drawn


async def let_lapse_after(client: httpx.AsyncClient, admin: Headers, park_id: str, days: int | None) -> dict[str, Any]:
    answer = await client.patch(
        f"/api/v1/parks/{park_id}",
        headers=admin | {"If-Match": "*"},
        json={"type": "Feature", "properties": {"lapse_after_days": days}},
    )
    assert answer.status_code == 200, answer.text
    park: dict[str, Any] = answer.json()
    return park


async def parks_of(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    parks = (await client.get("/api/v1/parks")).json()["features"]
    return [park for park in parks if park["properties"]["zone_of"] is None]


async def checked(client: httpx.AsyncClient, staff: Headers, asset_id: str, **body: Any) -> httpx.Response:
    return await client.post(f"{ASSETS}/{asset_id}/checks", headers=staff, json={"how": "seen"} | body)


async def read(client: httpx.AsyncClient, asset_id: str, headers: Headers | None = None) -> dict[str, Any]:
    answer = await client.get(f"{ASSETS}/{asset_id}", headers=headers)
    assert answer.status_code == 200, answer.text
    unit: dict[str, Any] = answer.json()
    return unit


async def test_without_days_nothing_lapses_with_them_all_does_and_an_act_a_park_brings_all_back(
    client: httpx.AsyncClient, keys: dict[str, Headers], db: Database, conn: asyncpg.Connection
) -> None:
    admin, parks = keys["demo-admin"], await parks_of(client)
    assert {park["properties"]["lapse_after_days"] for park in parks} == {0}
    await run_daily_update(db, today=LATER)
    before, stock = await seen(client), (await client.get("/api/v1/stats/idle")).json()
    assert all(value for name, value in on_offer(before).items() if not name.endswith(" at 12"))
    assert any(value for name, value in on_offer(before).items() if name.endswith(" at 12"))
    assert await conn.fetchval("SELECT count(*) FROM panhuo.event WHERE act = 'asset.lapsed'") == 0

    for park in parks:
        await let_lapse_after(client, admin, park["id"], 90)
    assert await run_daily_update(db, today=LATER) > 0
    gone = await seen(client)

    assert {name: value for name, value in on_offer(gone).items() if value not in ([], b"", 0, [[], []])} == {}
    assert [gone[name][0] for name in COLLECTIONS if name.startswith("idle-")] == [0, 0, 0, 0]
    for kind in KINDS:
        assert gone[kind][0] == before[kind][0] - before[f"idle-{kind}"][0]
    assert await doctor.findings(db, "features", today=LATER, most=10) == []
    assert await doctor.findings(db, "availability", today=LATER, most=10) == []
    assert (await client.get("/api/v1/stats/idle")).json() == stock
    unit = await read(client, before["list"][0])
    assert (unit["properties"]["is_lapsed"], unit["properties"]["lapsed_on"]) == (True, str(LATER))
    assert unit["properties"]["availability"] == "available"
    assert await run_daily_update(db, today=LATER) == 0

    back = 0
    for park in parks:
        body = {"park_id": park["id"], "act": "check", "filter": LAPSED, "check": {"how": "told"}}
        answer = await client.post(f"{ASSETS}/changes", headers=admin | {"If-Match": "*"}, json=body)
        assert (answer.status_code, answer.json()["act"]) == (200, "checked"), answer.text
        batch = (await client.get(f"{ASSETS}/batches/{answer.json()['batch_id']}", headers=admin)).json()
        assert (batch["checked"], batch["amended"]) == (answer.json()["units"], 0)
        back += answer.json()["units"]

    assert back == before["count"]
    again = await seen(client)
    tiles = {name for name in before if " at " in name}
    assert {name: again[name] for name in again if name not in tiles} == {
        name: before[name] for name in before if name not in tiles
    }
    assert {name: len(again[name]) > 0 for name in tiles} == {name: len(before[name]) > 0 for name in tiles}
    assert {name: again[name] for name in tiles} == {name: before[name] for name in tiles}
    assert await doctor.findings(db, "features", today=LATER, most=10) == []
    assert (await read(client, before["list"][0]))["properties"]["checked_on"] == str(TODAY)


async def test_staff_still_see_what_lapsed_and_rank_it_where_they_ask(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any], db: Database
) -> None:
    unit = await register(client, staff, park, "LAPSE-1", box(park, 0), level="building", stated_area=1800,
                          stated_area_unit="m2", clear_height_m=9, power_kva=400)  # fmt: skip
    await let_lapse_after(client, keys["demo-admin"], park["id"], 90)
    before = await client.get(f"{ASSETS}?q=LAPSE-1")
    assert [f["id"] for f in before.json()["features"]] == [unit["id"]]
    tag = (await client.get(f"{ASSETS}?park={park['id']}")).headers["etag"]
    await run_daily_update(db, today=TODAY + timedelta(days=90))

    for reader, there in ((None, False), (keys["demo-zhiding"], False), (keys["demo-dazu-gaoxin"], False),
                          (staff, True), (keys["demo-admin"], True)):  # fmt: skip
        listed = (await client.get(f"{ASSETS}?q=LAPSE-1", headers=reader)).json()["features"]
        assert [f["id"] for f in listed] == [unit["id"]] * there
        assert [f["properties"]["is_lapsed"] for f in listed] == [True] * there
        flat = f"/ogc/collections/factory/items/{unit['id']}"
        assert (await client.get(flat, headers=reader)).status_code == (200 if there else 404)
        idle = f"/ogc/collections/idle-factory/items/{unit['id']}"
        assert (await client.get(idle, headers=reader)).status_code == 404
        assert (await read(client, unit["id"], reader))["properties"]["is_lapsed"] is True
    fresh = await client.get(f"{ASSETS}?park={park['id']}", headers={"If-None-Match": tag})
    assert fresh.status_code == 200

    ranked = {}
    for parameter in ("", "&include_lapsed=true"):
        answer = await client.post(f"/api/v1/rankings?limit=100{parameter}", headers=staff, json=NEED)
        results = answer.json()["lists"]["factory"]["results"]
        ranked[parameter] = {unit["id"]: unit["is_lapsed"] for result in results for unit in result["assets"]}
    assert ranked[""].get(unit["id"]) is None
    assert ranked["&include_lapsed=true"][unit["id"]] is True
    firm = await client.post("/api/v1/rankings?include_lapsed=true", headers=keys["demo-zhiding"], json=NEED)
    stranger = await client.post("/api/v1/rankings?include_lapsed=true", json=NEED)
    assert (firm.status_code, stranger.status_code) == (403, 401)


async def test_one_click_says_when_how_and_for_staff_by_whom(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    unit = await register(client, staff, park, "K-1", box(park, 0), level="building")
    account = (await client.get("/api/v1/auth/me", headers=staff)).json()["id"]
    yesterday = str(TODAY - timedelta(days=1))

    first = await checked(client, staff, unit["id"], how="told", checked_on=yesterday, note="业主王先生来电")
    once = {"Idempotency-Key": "check-1"}
    second, again = [await checked(client, staff | once, unit["id"]) for _ in range(2)]

    assert (first.status_code, first.json()["properties"]["checked_on"]) == (200, yesterday)
    assert (second.status_code, second.text) == (again.status_code, again.text)
    assert second.json() == await read(client, unit["id"], staff)
    shown = second.json()["staff"]
    assert (shown["checked_how"], shown["checked_by"], shown["check_note"]) == ("seen", account, None)
    public = await read(client, unit["id"])
    assert public["properties"]["checked_on"] == str(TODAY)
    assert "checked_by" not in str(public)
    flat = (await client.get(f"/ogc/collections/factory/items/{unit['id']}")).json()["properties"]
    assert (flat["checked_on"], flat["lapsed_on"], "checked_by" in flat) == (str(TODAY), None, False)
    csv = (await client.get(f"{ASSETS}.csv?q=K-1&titles=zh&fields=code,checked_on")).text.lstrip("\ufeff")
    assert csv.split() == ["资产编号,核验日" if "资产编号" in csv else csv.split()[0], f"K-1,{TODAY}"]
    versions = (await client.get(f"{ASSETS}/{unit['id']}/history", headers=staff)).json()["versions"]
    assert [(v["checked_on"], v["checked_how"]) for v in versions] == [
        (str(TODAY), "seen"), (yesterday, "told"), (None, None), (None, None)
    ]  # fmt: skip
    bodies = await conn.fetch("SELECT body FROM panhuo.event WHERE act = 'asset.checked' ORDER BY rev")
    assert len(bodies) == 2
    assert not any("王先生" in row["body"] for row in bodies)


async def test_a_check_that_cannot_be_is_refused_by_its_field(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any], db: Database
) -> None:
    unit = await register(client, staff, park, "K-2", box(park, 0), level="building")
    draft = await client.post(
        ASSETS,
        headers=staff,
        json={"type": "Feature", "geometry": box(park, 1), "properties":
              {"park_id": park["id"], "level": "building", "code": "K-3", "name": "K-3"}},
    )  # fmt: skip
    assert (await checked(client, staff, unit["id"])).status_code == 200

    async def refusal(asset_id: str, headers: Headers | None, **body: Any) -> tuple[int, list[tuple[str, str]]]:
        answer = await client.post(f"{ASSETS}/{asset_id}/checks", headers=headers, json=body)
        errors = answer.json().get("errors", [])
        return answer.status_code, [(error["field"], error["code"]) for error in errors]

    tomorrow, yesterday = str(TODAY + timedelta(days=1)), str(TODAY - timedelta(days=1))
    assert await refusal(unit["id"], staff, how="seen", checked_on=tomorrow) == (422, [("checked_on", "in_the_future")])
    late = await refusal(unit["id"], staff, how="seen", checked_on=yesterday)
    assert late == (409, [("checked_on", "checked_later")])
    assert (await refusal(unit["id"], staff, how="guessed"))[0] == 422
    assert (await refusal(unit["id"], staff))[0] == 422
    assert (await refusal(unit["id"], staff, how="seen", note="\u0000"))[0] == 422
    assert (await refusal(unit["id"], None, how="seen"))[0] == 401
    assert (await refusal(unit["id"], keys["demo-dazu-gaoxin"], how="seen"))[0] == 403
    assert (await refusal(draft.json()["id"], keys["demo-dazu-gaoxin"], how="seen"))[0] == 404
    assert (await refusal("0198c0de-0000-7000-8000-000000000000", staff, how="seen"))[0] == 404
    await let_lapse_after(client, keys["demo-admin"], park["id"], 1)
    await run_daily_update(db, today=LATER)
    other = await register(client, staff, park, "K-4", box(park, 2), level="building")
    assert (await refusal(other["id"], staff, how="file", checked_on="2020-01-01"))[0] == 200  # it counts from today
    changes = {"park_id": park["id"], "act": "check", "asset_ids": [unit["id"]]}
    lacking = await client.post(f"{ASSETS}/changes", headers=staff | {"If-Match": "*"}, json=changes)
    assert [e["field"] for e in lacking.json()["errors"]] == ["check"]
    early = changes | {"check": {"how": "seen", "checked_on": yesterday}, "dry_run": True}
    tried = (await client.post(f"{ASSETS}/changes", headers=staff, json=early)).json()
    assert [fault["code"] for fault in tried["rows"][0]["faults"]] == ["checked_later"]


async def test_the_clock_runs_only_on_offer_and_a_check_restarts_it(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any], db: Database,
    conn: asyncpg.Connection,
) -> None:  # fmt: skip
    idle, seen_later, taken = [
        await register(client, staff, park, f"C-{n}", box(park, n), level="building", stated_area=900,
                       stated_area_unit="m2")
        for n in range(3)
    ]  # fmt: skip
    taking = lease([taken["id"]], await firm_of(client, keys))
    opened = await client.post("/api/v1/outcomes", headers=staff, json=taking)
    assert opened.status_code == 201, opened.text
    reserved = await client.post(
        f"/api/v1/outcomes/{opened.json()['id']}/stages",
        headers=staff | {"If-Match": opened.headers["etag"]},
        json={"stage": "reserved", "reserved_until": str(TODAY + timedelta(days=80))},
    )
    assert reserved.status_code == 200, reserved.text
    await let_lapse_after(client, keys["demo-admin"], park["id"], 90)
    park_id = UUID(park["id"])
    person = Actor(UUID(int=7), Role.staff, frozenset({park_id}))

    async def lapsed_after(days: int) -> list[str]:
        await run_daily_update(db, today=TODAY + timedelta(days=days))
        rows = await conn.fetch("SELECT code FROM panhuo.asset WHERE is_lapsed AND code LIKE 'C-%' ORDER BY code")
        return [row["code"] for row in rows]

    assert await lapsed_after(50) == []
    then = TODAY + timedelta(days=50)
    await check_asset(db, person, UUID(seen_later["id"]), ListingCheck("seen", then), once=None, today=then)
    assert await lapsed_after(89) == []
    assert await lapsed_after(90) == ["C-0"]
    assert await lapsed_after(139) == ["C-0"]
    assert await lapsed_after(140) == ["C-0", "C-1"]
    # C-2 was let go by its reservation and is held by its deal: not on offer, its days do not count.
    assert await lapsed_after(400) == ["C-0", "C-1"]
    opened_again = await client.get(f"/api/v1/outcomes/{opened.json()['id']}", headers=staff)

    await step(client, staff, opened_again, stage="withdrawn", reason="不租了")
    assert await lapsed_after(89) == ["C-0", "C-1"]
    assert await lapsed_after(90) == ["C-0", "C-1", "C-2"]
    # A check so old that its days are over keeps nothing on offer.
    late = TODAY + timedelta(days=179)
    old = ListingCheck("file", TODAY + timedelta(days=60))
    with pytest.raises(Exception, match="check_too_old"):
        await check_asset(db, person, UUID(seen_later["id"]), old, once=None, today=late)
    withdrawn = await client.post(f"{ASSETS}/{idle['id']}/withdraw", headers=staff | {"If-Match": "*"})
    assert (withdrawn.json()["properties"]["is_lapsed"], withdrawn.status_code) == (False, 200)
    events = (await client.get(f"{ASSETS}/{idle['id']}/history", headers=staff)).json()["events"]
    assert [event["act"] for event in events][:2] == ["asset.withdrawn", "asset.lapsed"]


async def test_a_zone_has_its_own_days_and_a_park_its_usual_ones_again(
    client: httpx.AsyncClient, keys: dict[str, Headers], db: Database, conn: asyncpg.Connection
) -> None:
    admin = keys["demo-admin"]
    places = (await client.get("/api/v1/parks")).json()["features"]
    zone = next(place for place in places if place["properties"]["zone_of"] is not None)
    park_id = zone["properties"]["zone_of"]
    assert (await let_lapse_after(client, admin, park_id, 30))["properties"]["lapse_after_days"] == 30
    inherited = (await client.get(f"/api/v1/parks/{zone['id']}")).json()
    assert inherited["properties"]["lapse_after_days"] == 30
    await let_lapse_after(client, admin, zone["id"], 0)

    await run_daily_update(db, today=LATER)

    rows = await conn.fetch(
        "SELECT zone_id IS NOT NULL AS in_zone, is_lapsed, count(*) AS n FROM panhuo.asset "
        "WHERE park_id = $1::text::uuid AND availability = 'available' GROUP BY 1, 2 ORDER BY 1",
        park_id,
    )
    assert [(row["in_zone"], row["is_lapsed"]) for row in rows] == [(False, True), (True, False)]
    assert (await let_lapse_after(client, admin, park_id, None))["properties"]["lapse_after_days"] == 90
    flat = (await client.get(f"/ogc/collections/parks/items/{park_id}")).json()
    assert flat["properties"]["lapse_after_days"] == 90
    for wrong in (-1, 3651, 1.5):
        body = {"type": "Feature", "properties": {"lapse_after_days": wrong}}
        refused = await client.patch(f"/api/v1/parks/{park_id}", headers=admin | {"If-Match": "*"}, json=body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "properties.lapse_after_days"


async def test_how_complete_a_unit_is_stands_with_its_publishing(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    facts = {"park_id": park["id"], "level": "floor", "code": "T-1F", "name": "T", "floor_no": 1, "power_kva": 0,
             "allowed_paths": ["lease"], "stated_area": 900, "stated_area_unit": "m2"}  # fmt: skip
    whole = await register(client, staff, park, "T", box(park, 0), level="building", rent_yuan_m2_month=9)
    made = await client.post(
        ASSETS,
        headers=staff,
        json={"type": "Feature", "geometry": None, "properties": facts | {"parent_id": whole["id"]}},
    )
    assert made.status_code == 201, made.text
    asset_id = made.json()["id"]

    published = await client.post(f"{ASSETS}/{asset_id}/publish", headers=staff | {"If-Match": made.headers["etag"]})

    known = ["stated_area", "power_kva", "allowed_paths", "rent_yuan_m2_month"]  # the rent is that of the building
    missing = ["geometry", "is_divisible", "clear_height_m", "floor_load_kn_m2", "crane_t", "truck_length_m",
               "fire_hazard_class", "idle_basis", "title_is_registered"]  # fmt: skip
    expected = {"percent": 30, "known": known, "missing": missing}
    assert published.json()["completeness"] == expected
    unit = await client.get(f"{ASSETS}/{asset_id}", headers=staff)
    assert unit.headers["etag"] == published.headers["etag"]
    assert {**unit.json(), "completeness": expected} == published.json()
    alone = await client.get(f"{ASSETS}/{asset_id}/completeness")
    assert (alone.status_code, alone.json()) == (200, {"asset_id": asset_id, **expected})
    full = dict(is_divisible=False, clear_height_m=8, floor_load_kn_m2=10, crane_t=0, truck_length_m=12,
                fire_hazard_class="D", idle_basis="vacant_building", title_is_registered=False)  # fmt: skip
    body = {"type": "Feature", "geometry": box(park, 0), "properties": full}
    await client.patch(f"{ASSETS}/{asset_id}", headers=staff | {"If-Match": "*"}, json=body)
    assert (await client.get(f"{ASSETS}/{asset_id}/completeness")).json()["percent"] == 100
    await client.post(f"{ASSETS}/{asset_id}/withdraw", headers=staff | {"If-Match": "*"})
    assert (await client.get(f"{ASSETS}/{asset_id}/completeness")).status_code == 404


def test_what_completes_a_unit_can_be_missing() -> None:
    named = {field.name: field for fields in COMPLETING.values() for field in fields}
    assert [name for name, field in named.items() if not can_be_missing(field)] == []
    for level in Level:
        assert all(level in field.levels for field in COMPLETING[level])
