"""What a part takes from its whole: read where it states none of its own, following the whole, marked."""

from __future__ import annotations

from typing import Any

import httpx
import pytest_asyncio

from domain.fields import ASSET
from tests.api.story import Headers, box, register

Unit = dict[str, Any]
TAKEN = ("clear_height_m", "clear_height_at", "floor_load_kn_m2", "rent_yuan_m2_month")
OF_HALL = {"rent_yuan_m2_month": 9, "clear_height_m": 12, "power_kva": 800}
OF_FLOOR = {"clear_height_m": 7.5, "clear_height_at": "under_hook", "floor_load_kn_m2": 15, "power_kva": 400}


@pytest_asyncio.fixture(loop_scope="session")
async def units(client: httpx.AsyncClient, staff: Headers, park: Unit) -> dict[str, Unit]:
    """A building, its floor, and two bays of which one states its own height."""
    hall = await register(client, staff, park, "I-1", box(park, 40), level="building", **OF_HALL)
    facts = {"level": "floor", "parent_id": hall["id"], "floor_no": 1} | OF_FLOOR
    floor = await register(client, staff, park, "I-1-1", box(park, 40), **facts)
    facts = {"level": "bay", "parent_id": floor["id"]}
    bay = await register(client, staff, park, "I-1-1a", box(park, 40, part=0.4), **facts)
    return {"hall": hall, "floor": floor, "bay": bay}


async def read(client: httpx.AsyncClient, unit: Unit) -> Unit:
    properties: Unit = (await client.get(f"/api/v1/assets/{unit['id']}")).json()["properties"]
    return properties


async def amend(client: httpx.AsyncClient, staff: Headers, unit: Unit, **changed: Any) -> None:
    tag = (await client.get(f"/api/v1/assets/{unit['id']}", headers=staff)).headers["etag"]
    answer = await client.patch(
        f"/api/v1/assets/{unit['id']}", headers=staff | {"If-Match": tag}, json={"properties": changed}
    )
    assert answer.status_code == 200, answer.text


async def test_a_bay_takes_height_load_and_rent_and_a_floor_the_rent(
    client: httpx.AsyncClient, units: dict[str, Unit]
) -> None:
    hall, floor, bay = [await read(client, units[name]) for name in ("hall", "floor", "bay")]

    assert [hall["inherited"], floor["inherited"], bay["inherited"]] == [[], ["rent_yuan_m2_month"], sorted(TAKEN)]
    assert [floor[name] for name in TAKEN] == [7.5, "under_hook", 15, 9]
    assert [bay[name] for name in TAKEN] == [7.5, "under_hook", 15, 9]
    assert (bay["power_kva"], floor["power_kva"]) == (None, 400)


async def test_it_follows_the_whole_and_ends_where_the_part_states_its_own(
    client: httpx.AsyncClient, staff: Headers, units: dict[str, Unit]
) -> None:
    bay, before = units["bay"], (await read(client, units["bay"]))["revision"]

    await amend(client, staff, units["hall"], rent_yuan_m2_month=10)
    await amend(client, staff, units["floor"], floor_load_kn_m2=20)
    followed = await read(client, bay)
    await amend(client, staff, bay, clear_height_m=6)
    own = await read(client, bay)
    await amend(client, staff, bay, clear_height_m=None)
    again = await read(client, bay)
    await amend(client, staff, units["hall"], rent_yuan_m2_month=None)
    without = await read(client, bay)

    assert (followed["rent_yuan_m2_month"], followed["floor_load_kn_m2"], followed["revision"]) == (10, 20, before + 2)
    # the point belongs to the height: one of its own was measured at another, or nobody knows where
    assert (own["clear_height_m"], own["clear_height_at"], own["inherited"]) == (6, None, sorted(TAKEN[2:]))
    assert set(TAKEN) == {name for name, field in ASSET.items() if field.follows}
    assert (again["clear_height_m"], again["inherited"]) == (7.5, sorted(TAKEN))
    assert (without["rent_yuan_m2_month"], without["inherited"]) == (None, sorted(TAKEN[:3]))


async def test_filters_sorts_and_rankings_read_what_was_taken(
    client: httpx.AsyncClient, staff: Headers, park: Unit, units: dict[str, Unit]
) -> None:
    bay = units["bay"]["id"]
    here = {"park": park["id"], "limit": 1000}

    tall = await client.get("/api/v1/assets", params={**here, "clear_height_m_min": 7.5, "floor_load_kn_m2_min": 15})
    cheap = await client.get("/api/v1/assets", params={**here, "kind": "factory", "sort": "rent_yuan_m2_month"})
    need = {"kinds": ["factory"], "accepted_paths": ["lease"], "clear_height_m_min": 7.5, "floor_load_kn_m2_min": 15}
    ranked = (await client.post("/api/v1/rankings?limit=100", json=need)).json()["lists"]["factory"]["results"]

    assert bay in [unit["id"] for unit in tall.json()["features"]]
    rents = [unit["properties"]["rent_yuan_m2_month"] for unit in cheap.json()["features"]]
    known = [rent for rent in rents if rent is not None]
    assert (known, rents[: len(known)]) == (sorted(known), known)
    (mine,) = [result for result in ranked if result["asset_ids"] == [bay]]
    offered = {rule["id"]: rule["offered"] for rule in mine["hard"]}
    assert (offered["H3"], offered["H4"]) == (7.5, 15)


async def test_the_past_keeps_what_was_stated_alone(
    client: httpx.AsyncClient, staff: Headers, units: dict[str, Unit]
) -> None:
    history = (await client.get(f"/api/v1/assets/{units['bay']['id']}/history", headers=staff)).json()

    assert {version["clear_height_m"] for version in history["versions"]} == {None}
    assert "inherited" not in history["versions"][0]


async def test_a_point_of_its_own_takes_no_height(
    client: httpx.AsyncClient, staff: Headers, units: dict[str, Unit]
) -> None:
    await amend(client, staff, units["bay"], clear_height_at="under_beam")

    bay = await read(client, units["bay"])

    assert (bay["clear_height_m"], bay["clear_height_at"], bay["inherited"]) == (None, "under_beam", sorted(TAKEN[2:]))


async def test_what_a_draft_states_is_taken_by_drafts_alone(
    client: httpx.AsyncClient, staff: Headers, park: Unit
) -> None:
    facts = {"park_id": park["id"], "code": "I-2", "name": "I-2", "level": "building", "rent_yuan_m2_month": 30}
    body = {"type": "Feature", "geometry": box(park, 42), "properties": facts}
    made = await client.post("/api/v1/assets", headers=staff, json=body)
    hall = made.json()
    about = {"level": "floor", "parent_id": hall["id"], "floor_no": 1}
    shown = await register(client, staff, park, "I-2-1", box(park, 42), **about)

    hidden = await read(client, shown)
    await amend(client, staff, hall, allowed_paths=["lease"])
    tag = (await client.get(f"/api/v1/assets/{hall['id']}", headers=staff)).headers["etag"]
    published = await client.post(f"/api/v1/assets/{hall['id']}/publish", headers=staff | {"If-Match": tag})

    assert published.status_code == 200
    assert (hidden["rent_yuan_m2_month"], hidden["inherited"]) == (None, [])
    after = await read(client, shown)
    assert (after["rent_yuan_m2_month"], after["inherited"]) == (30, ["rent_yuan_m2_month"])


async def test_what_is_invented_of_the_whole_is_invented_of_the_part(
    client: httpx.AsyncClient, staff: Headers, units: dict[str, Unit]
) -> None:
    await amend(client, staff, units["hall"], illustrative=["rent_yuan_m2_month", "power_kva"])
    await amend(client, staff, units["bay"], illustrative=["name"])

    assert (await read(client, units["floor"]))["illustrative"] == ["rent_yuan_m2_month"]
    assert sorted((await read(client, units["bay"]))["illustrative"]) == ["name", "rent_yuan_m2_month"]


async def test_parts_that_follow_say_so_in_their_history(
    client: httpx.AsyncClient, staff: Headers, units: dict[str, Unit]
) -> None:
    await amend(client, staff, units["floor"], floor_load_kn_m2=30)

    events = (await client.get(f"/api/v1/assets/{units['bay']['id']}/history", headers=staff)).json()["events"]

    assert (events[0]["act"], events[0]["changed"]) == ("asset.followed", {"whole_id": units["floor"]["id"]})
