"""Units that overlap: one of them is let, and the overlap is an issue on both."""

from __future__ import annotations

import asyncio

import pytest

from tests.api.story import box
from tests.api.test_claims import ASSETS, StaffClient, _day, _refused, _span, staff_client

__all__ = ["staff_client"]


async def test_nobody_stays_where_what_overlaps_is_let(staff_client: StaffClient) -> None:
    item = await staff_client.unit("O-1", _span(0, park=staff_client.park), "building")
    two = await staff_client.unit("O-2", _span(0.9, park=staff_client.park), "building")
    await staff_client.hand_over(await staff_client.open(item, days=(-400, -10)))
    await staff_client.let(two, days=(30, 60))

    _refused(await staff_client.end(item, "stays"), "overlapping_taken", "asset_ids", other="O-2")

    assert (await staff_client.end(item, "left", left_on=_day(0))).status_code == 200
    assert await staff_client.findings("space") == []


@pytest.mark.parametrize("level", ["building", "plot"])
async def test_of_two_roots_that_overlap_one_is_let(staff_client: StaffClient, level: str) -> None:
    item = await staff_client.unit("O-1", _span(0, park=staff_client.park), level)
    two = await staff_client.unit("O-2", _span(0.9, park=staff_client.park), level)
    beside = await staff_client.unit("O-3", _span(1.86, park=staff_client.park), level)  # by 4 % alone
    assert await staff_client.issues(item) == [("roots_overlap", "O-2")]
    assert await staff_client.issues(two) == [("roots_overlap", "O-1")]
    assert await staff_client.issues(beside) == []
    first = await staff_client.open(item)

    _refused(await staff_client.open(two), "overlapping_taken", "asset_ids", other="O-1")
    await staff_client.hand_over(first)
    opened = await staff_client.open(two)
    assert opened.status_code == 201, opened.text
    _refused(await staff_client.sign(opened), "overlapping_taken", "asset_ids", other="O-1")
    later = await staff_client.sign(opened, starts_on=_day(100), ends_on=_day(130))
    assert later.status_code == 200, later.text  # on other days it is let
    assert (await staff_client.let(beside)).status_code == 200
    assert await staff_client.findings("space") == []


async def test_units_said_to_be_separate_are_let_beside_each_other(staff_client: StaffClient) -> None:
    item = await staff_client.unit("O-1", _span(0, park=staff_client.park), "building")
    two = await staff_client.unit("O-2", _span(0.9, park=staff_client.park), "building")
    plot = await staff_client.unit("O-4", box(staff_client.park, 3), "plot")
    place, body = f"{ASSETS}/{two}/separations", {"other_id": item, "reason": "两栋之间有变形缝，测绘有误差"}
    for other, field in ((two, "other_id"), (plot, "other_id")):
        answer = await staff_client.client.post(place, headers=staff_client.staff, json=body | {"other_id": other})
        _refused(answer, "not_two_roots", field)

    response = await staff_client.client.post(place, headers=staff_client.staff, json=body)

    assert (response.status_code, response.json()) == (201, body | {"asset_id": two})
    _refused(
        await staff_client.client.post(place, headers=staff_client.staff, json=body), "already_separate", "other_id"
    )
    assert await staff_client.issues(item) == await staff_client.issues(two) == []
    await staff_client.let(item)
    await staff_client.let(two)
    assert await staff_client.findings("space") == []
    history = (await staff_client.client.get(f"{ASSETS}/{item}/history", headers=staff_client.staff)).json()["events"]
    assert [item["act"] for item in history if item["act"] == "asset.separated"] == ["asset.separated"]


async def test_an_overlap_is_an_issue_as_long_as_it_is_one(staff_client: StaffClient) -> None:
    item = await staff_client.unit("O-1", _span(0, park=staff_client.park), "building")
    two = await staff_client.unit("O-2", _span(2, park=staff_client.park), "building")
    await staff_client.let(item)
    await staff_client.let(two)
    before = (await staff_client.read(item))["properties"]["revision"]

    over = await staff_client.amend(two, _span(0.9, park=staff_client.park))

    assert over.status_code == 200, over.text
    assert await staff_client.issues(item) == [("roots_overlap", "O-2")]
    assert await staff_client.issues(two) == [("roots_overlap", "O-1")]
    assert (await staff_client.read(item))["properties"]["revision"] == before + 1
    assert await staff_client.findings("space") == [f"{staff_client.park['id']}/O-1 + O-2"]
    assert (await staff_client.amend(two, code="O-9")).status_code == 200
    assert await staff_client.issues(item) == [("roots_overlap", "O-9")]
    assert (await staff_client.amend(two, rent_yuan_m2_month=9)).status_code == 200
    assert await staff_client.issues(two) == [("roots_overlap", "O-1")]
    assert (await staff_client.amend(two, _span(2, park=staff_client.park))).status_code == 200
    assert await staff_client.issues(item) == await staff_client.issues(two) == []


async def test_a_building_on_a_plot_it_does_not_name_is_an_issue_whichever_comes_first(
    staff_client: StaffClient,
) -> None:
    first = await staff_client.unit("N-1", box(staff_client.park, 0, part=0.4), "building")
    assert await staff_client.issues(first) == []
    plot = await staff_client.unit("N-2", box(staff_client.park, 0), "plot")
    second = await staff_client.unit("N-3", _span(0.5, 0.4, park=staff_client.park), "building")

    assert await staff_client.issues(first) == await staff_client.issues(second) == [("plot_not_named", "N-2")]
    assert await staff_client.issues(plot) == []
    assert (await staff_client.amend(first, plot_id=plot)).status_code == 200
    assert await staff_client.issues(first) == []


async def test_fifty_let_two_halls_that_overlap(staff_client: StaffClient) -> None:
    item = await staff_client.unit("O-1", _span(0, park=staff_client.park), "building")
    two = await staff_client.unit("O-2", _span(0.5, park=staff_client.park), "building")

    answers = await asyncio.gather(*(staff_client.open((item, two)[n % 2]) for n in range(50)))

    statuses = [answer.status_code for answer in answers]
    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 409, 503}
