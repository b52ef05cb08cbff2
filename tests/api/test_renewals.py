"""Renewals of a tenancy over HTTP: a deal of their own, from the day after the old term."""

from __future__ import annotations

from tests.api.story import box, register
from tests.api.tenancy_case import PATHS, TenancyCase, on, place

__all__ = ["place"]


async def test_a_renewal_is_one_signed_deal_that_needs_no_handover(place: TenancyCase) -> None:
    lease = await place.let(-400, -1)
    old = await place.tenancy(lease)

    made = await place.say(lease, "renewal", 201, ends_on=on(364), rent_yuan_m2_month=9.5, contract_no="续-1")

    facts = {name: made[name] for name in ("path", "stage", "firm_id", "renews_tenancy_id", "starts_on", "ends_on")}
    assert facts == {
        "path": "lease",
        "stage": "handed_over",
        "firm_id": place.tenant,
        "renews_tenancy_id": old["id"],
        "starts_on": on(0),
        "ends_on": on(364),
    }
    assert (made["revived_on"], made["signed_on"]) == (on(0), on(0))
    new = await place.tenancy(made["id"])
    assert (new["handed_over_on"], new["rent_yuan_m2_month"]) == (None, 9.5)
    after = await place.tenancy(lease)
    assert (after["state"], after["renewed_from"], after["ends_on"]) == ("renewed", on(0), on(-1))
    assert await place.use() == [(place.tenant, on(-400), on(-1)), (place.tenant, on(0), on(364))]
    async with place.dazu.db.system() as conn:
        assert await conn.fetchval("SELECT count(*) FROM occupancy WHERE source_id = $1", made["id"]) == 1
    assert await place.availability() == "occupied"
    await place.refused(lease, "left", 409, "state", "end_said", left_on=on(-1))
    await place.refused(lease, "renewal", 409, "state", "end_said", ends_on=on(900))
    await place.step(made["id"], stage="retrofit", happened_on=on(0))
    assert (await place.left(made["id"], 30))["state"] == "left"


async def test_a_renewal_signed_ahead_is_reached_on_its_first_day(place: TenancyCase) -> None:
    lease = await place.let(-400, 5)
    made = await place.say(lease, "renewal", 201, ends_on=on(700))
    assert (made["stage"], made["revived_on"]) == ("signed", None)

    await place.turn(5)
    assert (await place.get(f"outcomes/{made['id']}"))["stage"] == "signed"
    await place.turn(6)
    for _ in range(50):
        assert await place.turn(6) == 0

    begun = await place.get(f"outcomes/{made['id']}")
    assert (begun["stage"], begun["revived_on"]) == ("handed_over", on(6))
    assert await place.availability() == "occupied"
    assert await place.events("tenancy.%") == [("tenancy.renewed", None)]


async def test_a_renewal_given_up_leaves_the_old_tenancy_to_verify(place: TenancyCase) -> None:
    lease = await place.let(-400, -3)
    made = await place.say(lease, "renewal", 201, starts_on=on(0), ends_on=on(700))
    assert await place.use() == [(place.tenant, on(-400), on(-1)), (place.tenant, on(0), on(700))]
    back = await place.step(made["id"], 409, stage="opened", reason="重来")
    assert back["errors"][0]["code"] in ("never_reached", "only_corrected")

    await place.step(made["id"], stage="corrected", reason="续租合同未生效")

    assert await place.use() == [(place.tenant, on(-400), on(-3))]
    assert (await place.tenancy(lease))["state"] == "to_verify"
    assert await place.availability() == "to_verify"
    assert (await place.say(lease, "stays"))["state"] == "stays"


async def test_a_renewal_of_one_who_stays_or_has_no_end_names_its_first_day(place: TenancyCase) -> None:
    lease = await place.let(-400, None)
    await place.refused(lease, "renewal", 422, "starts_on", "missing", ends_on=on(700))
    await place.refused(lease, "renewal", 422, "starts_on", "dates_reversed", starts_on=on(-400), ends_on=on(700))
    await place.refused(lease, "renewal", 422, "ends_on", "dates_reversed", starts_on=on(10), ends_on=on(9))

    made = await place.say(lease, "renewal", 201, starts_on=on(10), ends_on=on(700))

    assert await place.use() == [(place.tenant, on(-400), on(9)), (place.tenant, on(10), on(700))]
    await place.step(made["id"], stage="withdrawn", reason="未能谈成")
    assert await place.use() == [(place.tenant, on(-400), None)]


async def test_a_renewal_gives_way_to_who_has_the_space_and_keeps_what_its_path_says(place: TenancyCase) -> None:
    lease = await place.let(-400, -1, path="part_use")
    made = await place.say(lease, "renewal", 201, ends_on=on(30))
    assert float(made["assets"][0]["stated_area"]) == 400
    await place.left(made["id"], 0)

    temporary = await place.let(1, 60, is_handed_over=False, path="temporary_use")
    await place.refused(temporary, "renewal", 409, "stage", "not_handed_over", ends_on=on(90))
    await place.refused(temporary, "left", 409, "stage", "not_handed_over", left_on=on(60))
    await place.step(temporary, stage="withdrawn", reason="未批")


async def test_a_temporary_use_of_land_renewed_keeps_to_two_years_in_all(place: TenancyCase) -> None:
    about = {"allowed_paths": PATHS, "level": "plot"}
    plot = await register(place.client, place.staff, place.park, "E-T", box(place.park, 5), **about)
    used = await place.let(-600, -500, path="temporary_use", asset_ids=[plot["id"]])
    await place.refused(used, "renewal", 422, "permit_no", "missing", starts_on=on(-499), ends_on=on(-450))
    whole = {"starts_on": on(-499), "permit_no": "临-2"}
    await place.refused(used, "renewal", 422, "ends_on", "too_long", ends_on=on(131), **whole)
    await place.let(-400, -300, is_handed_over=False, firm_id=place.other, asset_ids=[plot["id"]])
    await place.refused(used, "renewal", 409, "asset_ids", "already_taken", ends_on=on(-350), **whole)
    await place.say(used, "renewal", 201, ends_on=on(-410), **whole)
