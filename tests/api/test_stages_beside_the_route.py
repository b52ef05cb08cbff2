"""Stages beside the route over HTTP: when they may come, how they are taken back, what they count for."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.story import Headers, box, register
from tests.api.test_law import CONTRACTED, PRE_REGISTERED, STARTED, another_case, day
from tests.api.test_paths import TITLE, WALKS, opened
from tests.conftest import TODAY, Dazu


async def test_construction_starts_before_or_after_title_and_the_deal_stands_where_it_stood(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], dazu: Dazu
) -> None:
    case = await opened(client, keys, park, "sale", 0, level="plot")
    await case.refused("stage", "no_such_step", 409, **STARTED)
    await case.through({"stage": "due_diligence"}, CONTRACTED)

    seen = await case.step(**STARTED)

    assert (seen["stage"], seen["revived_on"]) == ("contracted", None)
    construction_started = {milestone["stage"]: milestone for milestone in seen["milestones"]}["construction_started"]
    assert (construction_started["happened_on"], construction_started["precision"], construction_started["facts"]) == (
        str(TODAY),
        "day",
        {"permit_no": "施-9"},
    )
    await case.refused("stage", "already_reached", 409, **STARTED)
    await case.through(*TITLE[:2])
    await case.step(**PRE_REGISTERED)
    async with dazu.db.system() as conn:
        acts = await conn.fetch("SELECT act FROM event WHERE subject_id = $1 ORDER BY rev, n", case.outcome["id"])
    moved = [row["act"] for row in acts if row["act"] != "outcome.judged"]
    assert moved[-2:] == ["sale.title_registered", "sale.pre_registered"]


async def test_days_of_stages_beside_the_route_make_sense(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    staff = keys["demo-shuangqiao"]
    first = await opened(client, keys, park, "sale", 0, level="plot")
    unit = await register(
        client, staff, park, "B-1", box(park, 1), level="plot", allowed_paths=["sale"], land_right="allocated",
        title_is_registered=True, mortgage="none", is_seized=False,
    )  # fmt: skip
    case = await another_case(first, "sale", first.taker, [unit["id"]], owner_firm_id=first.giver, opened_on=day(-100))
    past: dict[str, Any] = {"happened_on": day(-50)}
    await case.through({"stage": "due_diligence", **past}, CONTRACTED | past)

    await case.refused("happened_on", "dates_reversed", 422, **STARTED, happened_on=day(-51))
    await case.refused("happened_on", "in_the_future", 422, **STARTED, happened_on=day(1))
    await case.refused("happened_on", "missing", 422, **STARTED, happened_on=None)
    await case.refused("permit_no", "missing", 422, stage="construction_started", **past)
    await case.step(**PRE_REGISTERED, happened_on=day(-30))
    await case.through({"stage": "tax_cleared", "happened_on": day(-40)})
    await case.refused("happened_on", "dates_reversed", 422, **TITLE[1], happened_on=day(-31))
    await case.step(**TITLE[1], happened_on=day(-20))
    await case.step(stage="pre_registered", reason="日期写错")
    await case.refused("happened_on", "after_the_stage", 422, **PRE_REGISTERED, happened_on=day(-19))
    await case.step(**PRE_REGISTERED, happened_on=day(-20))
    await case.step(**STARTED, happened_on=day(-45))


async def test_a_stage_beside_the_route_is_taken_back_with_a_reason_and_told_anew(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], dazu: Dazu
) -> None:
    case = await opened(client, keys, park, "sale", 0, level="plot")
    await case.through({"stage": "due_diligence"}, CONTRACTED, PRE_REGISTERED, STARTED)

    back = await case.step(stage="construction_started", reason="尚未开工")

    assert [milestone["stage"] for milestone in back["milestones"]] == [
        "proposed", "due_diligence", "contracted", "pre_registered",
    ]  # fmt: skip
    await case.refused("permit_no", "missing", 422, stage="construction_started", reason="再撤一次")
    async with dazu.db.system() as conn:
        kept = await conn.fetchrow(
            "SELECT is_reversed, reason FROM milestone WHERE outcome_id = $1 AND kind = 'construction_started'",
            case.outcome["id"],
        )
    assert tuple(kept) == (True, "尚未开工")
    back = await case.step(stage="due_diligence", reason="重签")
    assert [milestone["stage"] for milestone in back["milestones"]] == ["proposed", "due_diligence"]
    await case.through(CONTRACTED, STARTED)


async def test_a_deal_that_has_counted_leaves_by_correction_only(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    case = await opened(client, keys, park, "sale", 0, level="plot")
    await case.through({"stage": "due_diligence"}, CONTRACTED, STARTED)

    for way in ("withdrawn", "rejected"):
        await case.refused("stage", "only_corrected", 409, stage=way, reason="不做了")
    await case.refused("stage", "only_corrected", 409, stage="due_diligence", reason="重来")

    assert (await case.step(stage="corrected", reason="记错了"))["stage"] == "corrected"
    await case.refused("stage", "no_such_step", 409, **PRE_REGISTERED)
    await case.refused("stage", "no_such_step", 409, stage="construction_started", reason="记错了")
    other = await opened(client, keys, park, "sale", 1, level="plot")
    await other.through({"stage": "due_diligence"}, CONTRACTED, PRE_REGISTERED)
    await other.refused("stage", "no_such_step", 409, stage="corrected", reason="记错了")
    assert (await other.step(stage="withdrawn", reason="不做了"))["stage"] == "withdrawn"


@pytest.mark.parametrize("path", ["lease", "sublease", "part_use"])
async def test_construction_on_let_land_is_told_once_it_is_signed(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], path: str
) -> None:
    case = await opened(client, keys, park, path, 0, level="plot")
    await case.refused("stage", "no_such_step", 409, **STARTED)
    await case.through(WALKS[path][1])

    assert (await case.step(**STARTED))["stage"] == "signed"

    await case.refused("stage", "only_corrected", 409, stage="withdrawn", reason="不租了")
    hall = await opened(client, keys, park, path, 1)
    await hall.through(WALKS[path][1])
    await hall.refused("stage", "not_land", 409, **STARTED)
    await hall.step(stage="withdrawn", reason="不租了")


async def test_construction_counts_on_papers_alone(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    first = await opened(client, keys, park, "sale", 0, level="plot")
    unit = await register(client, first.staff, park, "B-2", box(park, 1), level="plot", allowed_paths=["sale"])
    case = await another_case(first, "sale", first.taker, [unit["id"]], owner_firm_id=first.giver, opened_on=day(-100))
    afterwards: dict[str, Any] = {"happened_on": day(-60), "evidence": "not_stated"}
    await case.through({"stage": "due_diligence", **afterwards}, {"stage": "contracted", **afterwards})

    await case.refused("stage", "evidence_missing", 409, **STARTED)
    await case.refused(
        "evidence",
        "evidence_of_a_live_deal",
        422,
        stage="construction_started",
        happened_on=day(0),
        evidence="not_stated",
    )
    await case.step(stage="construction_started", happened_on=day(-30), evidence="not_stated")


async def test_a_stage_beside_the_route_can_be_planned_and_is_on_the_chart(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    case = await opened(client, keys, park, "sale", 0, level="plot")
    plan = {"stage": "construction_started", "planned_on": day(90)}
    planned = await client.post(f"{case.place}/milestones", headers=case.staff, json=plan)
    assert planned.status_code == 201, planned.text
    await case.through({"stage": "due_diligence"}, CONTRACTED, STARTED)

    rows = (await client.get(f"{case.place}/timeline", headers=case.staff)).json()["rows"]

    assert [(row["stage"], row["name_zh"], row["is_reached"]) for row in rows][-1] == (
        "construction_started",
        "开工",
        True,
    )
    chart = await client.get(f"{case.place}/chart.svg", headers=case.staff)
    assert "Construction started" in chart.text
