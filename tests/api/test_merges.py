"""Parts of one whole become one unit: what is past stays theirs, what runs goes on; undone, they are parts again."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.api.story import EMPTY, Headers, box, counted
from tests.api.test_claims import staff_client
from tests.api.test_splits import ASSETS, LEFT, RIGHT, Splitter, Unit, area, revived, splitter, strip
from tests.conftest import TODAY

__all__ = ["splitter", "staff_client"]


class Merger(Splitter):
    """Staff of the park; another firm to let to."""

    other_id: str

    async def merge(self, asset_id: str, *sisters: str, **facts: Any) -> httpx.Response:
        if_match = facts.pop("if_match", "*")
        named = [{"asset_id": other, "revision": (await self.facts(other))["revision"]} for other in sisters]
        body = {"sisters": named, "properties": {"code": "M", "name": "M", **facts}}
        return await self.client.post(
            f"{ASSETS}/{asset_id}/merge", headers=self.staff | {"If-Match": if_match}, json=body
        )

    async def merged(self, *units: str, **facts: Any) -> dict[str, Any]:
        answer = await self.merge(*units, **facts)
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def refused(self, *units: str, code: str, field: str, **facts: Any) -> str:
        before = [await self.read(unit) for unit in units]
        answer = await self.merge(*units, **facts)
        assert answer.status_code in (409, 422), answer.text
        fault = answer.json()["errors"][0]
        assert (fault["code"], fault["field"]) == (code, field)
        assert [await self.read(unit) for unit in units] == before
        return str(fault["message"])


@pytest_asyncio.fixture(loop_scope="session")
async def merger(splitter: Splitter) -> Merger:
    made = Merger(**vars(splitter))
    other = await made.client.post("/api/v1/firms", headers=made.staff, json={"name": "示例后来者"})
    made.other_id = other.json()["id"]
    return made


async def bays(merger: Merger, *shares: tuple[float, float], **facts: Any) -> tuple[str, list[str]]:
    """A floor and its bays side by side, all published."""
    hall = await merger.unit("H", box(merger.park, 0), "building", **area(2000))
    about = {**area(1000), **EMPTY, "parent_id": hall, "floor_no": 1}
    whole = await merger.unit("F", box(merger.park, 0), "floor", **about)
    parts = [
        await merger.unit(f"B-{n}", strip(merger.park, 0, share), "bay", parent_id=whole, **{**area(400), **facts})
        for n, share in enumerate(shares or (LEFT, RIGHT))
    ]
    return whole, parts


async def test_bays_with_different_pasts_become_one(merger: Merger) -> None:
    whole, parts = await bays(merger)
    await revived(merger, parts[0], days=(-500, -300))
    firm_id, merger.firm_id = merger.firm_id, merger.other_id
    await revived(merger, parts[1], days=(-200, -100))
    merger.firm_id = firm_id
    pasts = [(await merger.claims(part), await merger.verdicts(part)) for part in parts]
    figures, listed = await merger.figures(), await units(merger)

    made = await merger.merged(*parts)

    unit = await merger.read(made["asset_id"])
    assert [unit["asset_id"] for unit in made["units"]] == parts
    assert [(unit["listing"], unit["availability"]) for unit in made["units"]] == [("withdrawn", "withdrawn")] * 2
    facts = unit["properties"]
    assert (facts["level"], facts["parent_id"], facts["listing"], facts["is_leaf"]) == ("bay", whole, "published", True)
    assert (facts["stated_area"], facts["availability"]) == (800, "available")
    assert facts["measured_area_m2"] == pytest.approx((await merger.facts(whole))["measured_area_m2"], rel=1e-5)
    assert unit["staff"]["previously_part_of"] == parts
    for part, past in zip(parts, pasts, strict=True):
        assert (await merger.claims(part), await merger.verdicts(part)) == past
        assert (await merger.facts(part))["retired_on"] == str(TODAY)
    assert await merger.claims(made["asset_id"]) == []
    assert await merger.figures() == figures
    # idle since the last of what was in any of its parts
    assert facts["idle_since"] == (await merger.facts(parts[1]))["idle_since"]
    assert await units(merger) == (listed - {*parts}) | {made["asset_id"]}
    await merger.consistent()


async def units(merger: Merger) -> set[str]:
    """The units on the list of the park."""
    query = {"park": merger.park["id"], "limit": 1000}
    features = (await merger.client.get(ASSETS, headers=merger.staff, params=query)).json()["features"]
    return {unit["id"] for unit in features}


async def test_the_tenant_of_one_of_its_parts_renews(merger: Merger) -> None:
    """Who was the last in a part of it takes nothing idle; another firm does."""
    _, parts = await bays(merger)
    await revived(merger, parts[0], days=(-500, -300))
    firm_id, merger.firm_id = merger.firm_id, merger.other_id
    await revived(merger, parts[1], days=(-200, -100))
    merger.firm_id = firm_id
    made = await merger.merged(*parts)

    await merger.hand_over(await merger.open(made["asset_id"], days=(0, 99)))

    assert [verdict[1] for verdict in await merger.verdicts(made["asset_id"])] == ["renewal"]


async def test_it_counts_where_each_part_would(merger: Merger) -> None:
    before = await counted(merger.client)
    _, parts = await bays(merger)
    firm_id, merger.firm_id = merger.firm_id, merger.other_id
    for part in parts:
        await revived(merger, part, days=(-500, -300))
    merger.firm_id = firm_id
    made = await merger.merged(*parts)
    opened = await merger.open(made["asset_id"], days=(0, 99))

    await merger.hand_over(opened)

    ((_, verdict, clause, idle_since, is_afterwards, _),) = await merger.verdicts(made["asset_id"])
    assert (verdict, clause, is_afterwards) == ("counted", "7c", False)
    assert str(idle_since) == (await merger.facts(parts[0]))["idle_since"]
    assert float((await counted(merger.client))[1]) == float(before[1]) + 800


async def test_what_counted_this_year_does_not_count_again_as_one(merger: Merger) -> None:
    _, parts = await bays(merger)
    opened = await merger.open(parts[0], days=(-60, -40))
    await merger.hand_over(opened)
    assert (await merger.end(parts[0], "left", left_on=opened.json()["ends_on"])).status_code == 200
    made = await merger.merged(*parts)
    merger.firm_id = merger.other_id

    await merger.hand_over(await merger.open(made["asset_id"], days=(0, 99)))

    ((_, verdict, *_),) = await merger.verdicts(made["asset_id"])
    in_one_year = str(opened.json()["starts_on"])[:4] == str(TODAY)[:4]
    assert verdict == ("repeated" if in_one_year else "counted")


async def test_what_runs_goes_on_in_it(merger: Merger) -> None:
    """One lease of both bays: cut at the day, and the new unit's until its end, when its tenant leaves."""
    _, parts = await bays(merger)
    leased = await merger.hand_over(await merger.open(*parts, days=(-30, 300)))
    figures, lease = await merger.figures(), leased.json()["id"]

    made = await merger.merged(*parts)

    day = str(TODAY)
    for part in parts:
        assert [(claim[2], claim[4].split(",")[1]) for claim in await merger.claims(part) if claim[0] == "use"] == [
            (lease, f"{day})")
        ]
        assert (await merger.facts(part))["availability"] == "withdrawn"
    ((claim, kind, source, holder, during),) = await merger.claims(made["asset_id"])
    assert (claim, kind, source, holder, during.split(",")[0]) == ("use", "tenancy", lease, merger.firm_id, f"[{day}")
    assert (await merger.facts(made["asset_id"]))["availability"] == "occupied"
    assert await merger.figures() == figures
    await merger.consistent()
    left = await merger.end(parts[0], "left", left_on=day)
    assert left.status_code == 200, left.text
    assert [claim[4] for claim in await merger.claims(made["asset_id"])] == [f"[{day},{_after(day)})"]
    await merger.consistent()


def _after(day: str) -> str:
    return str(date.fromisoformat(day) + timedelta(days=1))


async def test_undone_the_parts_are_units_again(merger: Merger) -> None:
    _, parts = await bays(merger)
    await merger.hand_over(await merger.open(*parts, days=(-30, 300)))
    before = [
        (await merger.claims(part), await merger.verdicts(part), plain(await merger.read(part))) for part in parts
    ]
    figures, listed = await merger.figures(), await units(merger)
    made = await merger.merged(*parts)

    undone = await merger.undo(made["batch_id"])

    assert (undone["kind"], undone["voided"], undone["amended"]) == ("undo", 1, 2)
    after = [(await merger.claims(part), await merger.verdicts(part), plain(await merger.read(part))) for part in parts]
    assert after == before
    assert await merger.figures() == figures
    assert await units(merger) == listed
    gone = await merger.client.get(f"{ASSETS}/{made['asset_id']}", headers=merger.staff)
    assert gone.status_code == 404
    await merger.consistent()
    again = await merger.undo(made["batch_id"], 409)
    assert again["errors"][0]["code"] == "undone_already"


def plain(unit: Unit) -> Unit:
    facts = {name: value for name, value in unit["properties"].items() if name not in ("revision", "recorded_at")}
    return {**unit, "properties": facts}


async def test_a_deal_on_it_keeps_it(merger: Merger) -> None:
    _, parts = await bays(merger)
    made = await merger.merged(*parts)
    assert (await merger.open(made["asset_id"])).status_code == 201

    refused = await merger.undo(made["batch_id"], 409)

    assert {fault["code"] for fault in refused["errors"]} == {"built_on_since"}


async def test_units_that_are_held_differently_are_refused(merger: Merger) -> None:
    _, parts = await bays(merger)
    await merger.hand_over(await merger.open(parts[0], days=(-30, 300)))
    message = await merger.refused(*parts, code="claims_differ", field="")
    assert "B-0" in message
    assert "B-1" in message
    await merger.hand_over(await merger.open(parts[1], days=(-20, 300)))
    await merger.refused(*parts, code="claims_differ", field="")


async def test_a_deal_under_way_or_an_end_to_verify_is_refused(merger: Merger) -> None:
    _, parts = await bays(merger)
    opened = await merger.open(*parts, days=(0, 99))
    assert "B-0" in await merger.refused(*parts, code="deal_under_way", field="")
    withdrawn = {"stage": "withdrawn", "reason": "示例"}
    place = f"/api/v1/outcomes/{opened.json()['id']}/stages"
    await merger.client.post(place, headers=merger.staff | {"If-Match": "*"}, json=withdrawn)
    await merger.hand_over(await merger.open(parts[0], days=(-90, -60)))

    assert "B-0" in await merger.refused(*parts, code="tenant_unsaid", field="")


async def test_what_is_no_sister_is_refused(merger: Merger) -> None:
    whole, (first, second) = await bays(merger)
    hall = (await merger.facts(whole))["parent_id"]
    await merger.refused(hall, first, code="only_parts_merge", field="")
    await merger.refused(first, hall, code="no_sister", field="sisters.0.asset_id")
    await merger.refused(first, second, first, code="listed_twice", field="sisters.1.asset_id")
    second_floor = {**area(1000), **EMPTY, "parent_id": hall, "floor_no": 2}
    upper = await merger.unit("F2", box(merger.park, 0), "floor", **second_floor)
    await merger.refused(upper, whole, code="unit_has_parts", field="sisters.0.asset_id")
    stale = {"sisters": [{"asset_id": second, "revision": 99}], "properties": {"code": "M", "name": "M"}}
    place, headers = f"{ASSETS}/{first}/merge", merger.staff | {"If-Match": "*"}
    answer = await merger.client.post(place, headers=headers, json=stale)
    assert [(f["field"], f["code"]) for f in answer.json()["errors"]] == [("sisters.0.revision", "row_changed")]
    stale["sisters"] = [{"asset_id": "018f0000-0000-7000-8000-000000000000", "revision": 1}]
    unknown = await merger.client.post(place, headers=headers, json=stale)
    elsewhere = (await merger.client.get(f"{ASSETS}?park=dazu-gaoxin&limit=1")).json()["features"][0]["id"]
    stale["sisters"] = [{"asset_id": elsewhere, "revision": 1}]
    away = await merger.client.post(place, headers=headers, json=stale)
    assert unknown.json()["errors"] == away.json()["errors"]
    assert unknown.json()["errors"][0]["code"] == "unknown_reference"


async def test_units_apart_or_that_differ_are_refused(merger: Merger) -> None:
    _, parts = await bays(merger, (0.0, 0.3), (0.7, 1.0))
    assert "B-1" in await merger.refused(*parts, code="units_apart", field="sisters")
    await merger.amend(parts[1], allowed_paths=["lease"])
    await merger.refused(*parts, code="facts_differ", field="properties.allowed_paths")


async def test_a_retired_unit_is_read_only_and_off_every_offer(
    merger: Merger, client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    whole, (first, second) = await bays(merger)
    made = await merger.merged(first, second)
    staff = merger.staff | {"If-Match": "*"}
    refusals = [
        await merger.amend(first, name="示例"),
        await client.post(f"{ASSETS}/{first}/publish", headers=staff),
        await client.post(f"{ASSETS}/{first}/withdraw", headers=staff),
        await client.delete(f"{ASSETS}/{first}", headers=staff),
        await merger.split(first, {"properties": {"code": "X", "name": "X", **area(1)}}),
    ]
    assert [answer.status_code for answer in refusals] == [409] * 5
    codes = [answer.json()["errors"][0]["code"] for answer in refusals]
    assert codes == ["retired"] * 4 + ["has_no_parts"]
    await merger.refused(made["asset_id"], second, code="retired", field="sisters.0.asset_id")
    rows = [{"asset_id": first, "properties": {"name": "示例"}}]
    body = {"park_id": merger.park["id"], "act": "amend", "rows": rows}
    bulk = await client.post(f"{ASSETS}/changes", headers=staff, json=body)
    assert bulk.json()["errors"][0]["code"] == "retired"
    assert (await merger.open(first)).json()["errors"][0]["code"] == "not_published"
    assert (await client.get(f"{ASSETS}/{first}")).status_code == 404  # the public sees it no more
    versions = (await client.get(f"{ASSETS}/{first}/history", headers=merger.staff)).json()
    assert versions["versions"][0]["retired_on"] == str(TODAY)
    assert [event["act"] for event in versions["events"]][:1] == ["asset.retired"]
    # the ground is taken by the new one: no other part is drawn over it, where a retired one lies
    over = await merger.draft("N", strip(merger.park, 0, LEFT), "bay", parent_id=whole, **area(1))
    assert over.json()["errors"][0]["code"] == "parts_overlap"
    assert "M" in over.json()["errors"][0]["message"]
    beside = await merger.conn.fetchval(
        "SELECT count(*) FROM panhuo.asset_adjacency WHERE asset_id = ANY ($1) OR neighbour_id = ANY ($1)",
        [first, second],
    )
    assert beside == 0


async def test_a_deal_before_the_merge_is_not_recorded_on_it(merger: Merger) -> None:
    _, parts = await bays(merger)
    made = await merger.merged(*parts)

    late = await merger.open(made["asset_id"], days=(-30, 300))

    assert [(f["code"], f["field"]) for f in late.json()["errors"]] == [("not_yet_merged", "asset_ids")]


async def test_a_whole_let_and_revived_before_keeps_its_figure(merger: Merger) -> None:
    """A lease of the floor reached its day before two of its bays became one: the new one is no new leaf of it."""
    whole, parts = await bays(merger, (0.0, 0.3), (0.3, 0.6), (0.6, 1.0), stated_area=300)
    opened = await merger.open(whole, days=(-30, 300))
    await merger.hand_over(opened)
    figures = await merger.figures()
    made = await merger.merged(parts[0], parts[1])

    assert await merger.figures() == figures
    assert await merger.verdicts(made["asset_id"]) == []
    place = f"/api/v1/outcomes/{opened.json()['id']}/stages"
    ended = {"stage": "ended", "ended_on": str(TODAY), "evidence": "stated"}
    answer = await merger.client.post(place, headers=merger.staff | {"If-Match": "*"}, json=ended)
    assert answer.status_code == 200, answer.text
    assert [verdict[1] for verdict in await merger.verdicts(parts[0])] == ["counted"]
    assert await merger.verdicts(made["asset_id"]) == []
    await merger.consistent()


async def test_it_is_split_again_and_merged_again(merger: Merger) -> None:
    """Parts of a plot: the past of the first two is that of every later piece of them."""
    whole = await merger.unit("P", box(merger.park, 0), "plot", **area(1000))
    first, second = [
        str(unit["asset_id"])
        for unit in (
            await merger.done(
                whole,
                {"geometry": strip(merger.park, 0, LEFT), "properties": {"code": "A", "name": "A", **area(600)}},
                {"geometry": strip(merger.park, 0, RIGHT), "properties": {"code": "B", "name": "B", **area(400)}},
            )
        )["units"]
    ]
    await revived(merger, first, days=(-300, -200))
    merged = (await merger.merged(first, second))["asset_id"]
    pieces = await merger.done(
        merged,
        {"geometry": strip(merger.park, 0, (0.0, 0.5)), "properties": {"code": "C", "name": "C", **area(500)}},
        {"geometry": strip(merger.park, 0, (0.5, 1.0)), "properties": {"code": "D", "name": "D", **area(500)}},
    )
    last = await merger.merged(*(unit["asset_id"] for unit in pieces["units"]), code="M2", name="M2")

    read = await merger.read(last["asset_id"])

    assert read["staff"]["previously_part_of"] == [*(unit["asset_id"] for unit in pieces["units"]), first, second]
    assert read["properties"]["idle_since"] == (await merger.facts(first))["idle_since"]
    await merger.consistent()
    await merger.undo(last["batch_id"])
    await merger.consistent()


async def test_leases_race_a_merge(merger: Merger) -> None:
    _, parts = await bays(merger)
    named = [{"asset_id": parts[1], "revision": (await merger.facts(parts[1]))["revision"]}]
    body = {"sisters": named, "properties": {"code": "M", "name": "M"}}
    place, headers = f"{ASSETS}/{parts[0]}/merge", merger.staff | {"If-Match": "*"}

    merged, *leases = await asyncio.gather(
        merger.client.post(place, headers=headers, json=body), *(merger.open(parts[1]) for _ in range(3))
    )

    won = [lease for lease in leases if lease.status_code == 201]
    assert (merged.status_code, len(won)) in ((201, 0), (409, 1))
    await merger.consistent()


async def test_who_may_merge(merger: Merger, keys: dict[str, Headers], client: httpx.AsyncClient) -> None:
    _, (first, second) = await bays(merger)
    body = {"sisters": [{"asset_id": second, "revision": 1}], "properties": {"code": "M", "name": "M"}}
    place = f"{ASSETS}/{first}/merge"
    for login in ("demo-leader", "demo-auditor", "demo-zhiding", "demo-dazu-gaoxin"):
        answer = await client.post(place, headers=keys[login] | {"If-Match": "*"}, json=body)
        assert (login, answer.status_code) == (login, 403)
    assert (await client.post(place, headers={"If-Match": "*"}, json=body)).status_code == 401
    assert (await client.post(place, headers=merger.staff, json=body)).status_code == 428
    assert (await client.post(place, headers=merger.staff | {"If-Match": '"99"'}, json=body)).status_code == 412
    empty = await client.post(place, headers=merger.staff | {"If-Match": "*"}, json={**body, "sisters": []})
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "sisters")


async def test_parts_of_a_whole_that_is_let_become_one(merger: Merger) -> None:
    """A lease of the whole goes on in what its parts become, its end is said there, and undone it is theirs again."""
    hall = await merger.unit("H", box(merger.park, 0), "building", **area(1000))
    about = {**area(1000), **EMPTY, "parent_id": hall, "floor_no": 1}
    whole = await merger.unit("F", box(merger.park, 0), "floor", **about)
    opened = await merger.open(whole, days=(-30, 300))
    outcome_id = opened.json()["id"]
    parts = [
        {"geometry": strip(merger.park, 0, share), "properties": {"code": code, "name": code, **area(500)}}
        for code, share in (("A", LEFT), ("B", RIGHT))
    ]
    ids = [unit["asset_id"] for unit in (await merger.done(whole, *parts))["units"]]
    await merger.refused(*ids, code="deal_under_way", field="")
    await merger.hand_over(opened)
    before = [await merger.claims(part) for part in ids]

    made = await merger.merged(*ids)

    assert [claim[2:4] for claim in await merger.claims(made["asset_id"])] == [(outcome_id, merger.firm_id)]
    await merger.consistent()
    await merger.undo(made["batch_id"])
    assert [await merger.claims(part) for part in ids] == before
    again = (await merger.merged(*ids, code="M2"))["asset_id"]
    assert (await merger.end(whole, "left", left_on=str(TODAY))).status_code == 200
    assert [claim[4] for claim in await merger.claims(again)] == [f"[{TODAY},{_after(str(TODAY))})"]
    await merger.consistent()
