"""Space to verify, over HTTP: neither idle nor in use, and what of a whole and its parts is."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.story import Headers, box, register
from tests.api.tenancy_case import PATHS, TenancyCase, on, place

__all__ = ["place"]


async def test_buildings_let_with_their_plot_are_to_verify_with_it(place: TenancyCase) -> None:
    """Nor is anything registered beside them that the tenant who stays would not have."""
    client, staff, park = place.client, place.staff, place.park
    plot = await register(client, staff, park, "E-P", box(park, 7), level="plot", allowed_paths=PATHS)
    about: dict[str, Any] = {"level": "building", "plot_id": plot["id"], "storeys": 2, "allowed_paths": PATHS}
    hall = await register(client, staff, park, "E-P-1", box(park, 7, part=0.5), **about)
    lease = await place.let(-400, -1, asset_ids=[plot["id"]])
    seen = [await place.availability(unit["id"]) for unit in (plot, hall)]
    assert seen == ["to_verify", "to_verify"]

    later = await register(client, staff, park, "E-P-2", box(park, 7, part=0.4), **about)
    assert await place.availability(later["id"]) == "to_verify"
    ring = box(park, 7, part=0.5)
    floor = {"park_id": park["id"], "code": "E-P-1-1", "name": "一层", "level": "floor", "floor_no": 1}
    body = {"type": "Feature", "geometry": ring, "properties": floor | {"parent_id": hall["id"]}}
    assert (await client.post("/api/v1/assets", headers=staff, json=body)).status_code == 409
    rival = await place.let(0, 90, asset_ids=[hall["id"]], firm_id=place.other, is_handed_over=False)
    refused = await place.step(rival, 409, stage="handed_over", handed_over_on=on(0))
    assert refused["errors"][0]["code"] == "tenant_to_verify"
    await place.step(rival, stage="withdrawn", reason="另选")

    await place.say(lease, "stays")

    assert [await place.availability(unit["id"]) for unit in (plot, hall, later)] == ["occupied"] * 3


async def test_a_unit_reserved_while_it_is_to_verify_is_not_idle(place: TenancyCase) -> None:
    await place.let(-400, -1)
    await place.open(30, 90, firm_id=place.other, opened_on=on(0))
    for _ in range(3):
        await place.turn()

    unit = (await place.get(f"assets/{place.id}"))["properties"]
    assert (unit["availability"], unit["idle_since"]) == ("reserved", None)
    assert await place.turn() == 0
    assert (await place.idle())[1] == 1


async def test_days_to_verify_are_no_idle_days_of_a_revival(place: TenancyCase) -> None:
    """Until it is said when the tenant left: then they are judged again, in that act."""
    over = await place.let(-500, -100)
    sale = {"path": "sale", "asset_ids": [place.id], "firm_id": place.other, "owner_firm_id": place.tenant}
    outcome_id = (await place.post("outcomes", sale | {"opened_on": on(-5)}, 201))["id"]
    await place.step(outcome_id, stage="due_diligence", happened_on=on(-5))
    await place.step(outcome_id, stage="contracted", happened_on=on(-4), price_yuan=8_000_000, contract_no="HT-2")
    await place.step(outcome_id, stage="tax_cleared", happened_on=on(-3))
    sold = await place.step(outcome_id, stage="title_registered", happened_on=on(-2), certificate_no="渝-2")
    assert sold["revivals"][0]["verdict"] != "counted"

    await place.left(over, -100)

    again = (await place.get(f"outcomes/{outcome_id}"))["revivals"][0]
    assert (again["verdict"], again["idle_since"]) == ("counted", on(-99))


async def test_a_reservation_that_has_run_out_lets_the_space_go(place: TenancyCase) -> None:
    opened = await place.open(0, 90)
    await place.step(opened, stage="reserved", reserved_until=on(5))

    await place.turn(5)
    assert (await place.get(f"outcomes/{opened}"))["stage"] == "reserved"
    assert await place.turn(6) > 0

    assert (await place.get(f"outcomes/{opened}"))["stage"] == "opened"
    assert await place.use() == []


async def test_own_use_takes_no_space_that_is_to_verify(place: TenancyCase, keys: dict[str, Headers]) -> None:
    await place.let(-400, -1)
    owner = {"path": "owner_restart", "asset_ids": [place.id], "firm_id": place.other, "opened_on": on(0)}
    restart = (await place.post("outcomes", owner, 201))["id"]
    await place.step(restart, stage="signed", signed_on=on(0), plan_no="复产-1")
    await place.step(restart, stage="trial_production", happened_on=on(0))

    assert await place.use() == [(place.tenant, on(-400), on(-1))]
    assert await place.availability() == "to_verify"


async def test_a_whole_is_occupied_reserved_to_verify_withdrawn_or_available_in_this_order(
    place: TenancyCase, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    whole = await register(client, staff, park, "E-W", box(park, 3), level="building", stated_area=3000,
                           stated_area_unit="m2", is_divisible=True, storeys=3)  # fmt: skip
    floors = [
        (await register(client, staff, park, f"E-W-{n}", box(park, 3), level="floor", floor_no=n,
                        parent_id=whole["id"], stated_area=1000, stated_area_unit="m2"))["id"]
        for n in (1, 2, 3)
    ]  # fmt: skip

    async def both() -> str:
        return await place.availability(whole["id"])

    assert await both() == "available"
    over = await place.let(-400, -1, asset_ids=[floors[0]])
    assert (await place.availability(floors[0]), await both()) == ("to_verify", "to_verify")
    held = await place.open(0, 90, asset_ids=[floors[1]], opened_on=on(0))
    assert await both() == "reserved"
    used = await place.let(-30, 90, asset_ids=[floors[2]])
    assert await both() == "occupied"
    await place.left(used, -1)
    assert await both() == "reserved"
    await place.step(held, stage="withdrawn", reason="另选")
    assert await both() == "to_verify"
    await client.post(f"/api/v1/assets/{whole['id']}/withdraw", headers=staff | {"If-Match": "*"})
    assert await both() == "to_verify"
    await place.left(over, -1)
    assert await both() == "withdrawn"


async def test_the_parts_of_a_whole_let_as_one_are_to_verify(
    place: TenancyCase, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    whole = await register(client, staff, park, "E-V", box(park, 3), level="building", storeys=1)
    floor = await register(client, staff, park, "E-V-1", box(park, 3), level="floor", floor_no=1, parent_id=whole["id"])
    lease = await place.let(-400, -1, asset_ids=[whole["id"]])

    assert await place.availability(floor["id"]) == "to_verify"
    await place.left(lease, -1)
    assert await place.availability(floor["id"]) == "available"


async def test_a_sublease_past_its_term_is_to_verify_and_gives_the_use_back_when_left(place: TenancyCase) -> None:
    head = await place.let(-400, 100)
    sub = await place.let(-200, -1, path="sublease", owner_firm_id=place.tenant, firm_id=place.other)
    assert await place.availability() == "to_verify"

    await place.left(sub, -1)

    assert await place.use() == [
        (place.tenant, on(-400), on(-201)),
        (place.other, on(-200), on(-1)),
        (place.tenant, on(0), on(100)),
    ]
    assert await place.availability() == "occupied"
    await place.left(sub, 0, reason="实际今日搬离")
    assert (await place.use())[1:] == [(place.other, on(-200), on(0)), (place.tenant, on(1), on(100))]
    await place.left(head, 50)
    assert (await place.use())[-1] == (place.tenant, on(1), on(50))


async def test_a_head_lease_let_on_from_its_first_day_is_to_verify_when_its_own_term_is_over(
    place: TenancyCase,
) -> None:
    head = await place.let(-400, -1)
    about = {"path": "sublease", "owner_firm_id": place.tenant, "firm_id": place.other, "opened_on": on(-400)}
    sub = await place.let(-400, -1, **about)
    await place.left(sub, -1)

    assert await place.use() == [(place.other, on(-400), on(-1))]
    assert await place.availability() == "to_verify"
    await place.left(head, -1)
    assert await place.availability() == "available"
