"""Nothing is let twice, whatever is registered when: parts, buildings on plots, outlines that overlap."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from store import doctor
from store.db import Database
from tests.api.story import SQUARE_M, Headers, box, firm_of, register, step
from tests.conftest import TODAY

ASSETS, OUTCOMES = "/api/v1/assets", "/api/v1/outcomes"
PATHS = ["lease", "sublease", "sale", "temporary_use"]


@dataclass
class Desk:
    """Staff of the park, letting and registering; a firm to let to."""

    client: httpx.AsyncClient
    staff: Headers
    park: dict[str, Any]
    firm_id: str
    conn: asyncpg.Connection
    db: Database

    async def unit(self, code: str, geometry: dict[str, Any], level: str, **facts: Any) -> str:
        facts = {"allowed_paths": PATHS, "stated_area": 100, "stated_area_unit": "m2", **facts}
        made = await register(self.client, self.staff, self.park, code, geometry, level=level, **facts)
        return str(made["id"])

    async def draft(self, code: str, geometry: dict[str, Any], level: str, **facts: Any) -> httpx.Response:
        properties = {"park_id": self.park["id"], "code": code, "name": code, "level": level, **facts}
        body = {"type": "Feature", "geometry": geometry, "properties": properties}
        return await self.client.post(ASSETS, headers=self.staff, json=body)

    async def amend(self, asset_id: str, geometry: dict[str, Any] | None = None, **changed: Any) -> httpx.Response:
        body = ({} if geometry is None else {"geometry": geometry}) | ({"properties": changed} if changed else {})
        return await self.client.patch(f"{ASSETS}/{asset_id}", headers=self.staff | {"If-Match": "*"}, json=body)

    async def read(self, asset_id: str) -> dict[str, Any]:
        unit: dict[str, Any] = (await self.client.get(f"{ASSETS}/{asset_id}", headers=self.staff)).json()
        return unit

    async def issues(self, asset_id: str) -> list[tuple[str, str]]:
        """Codes of a unit's issues, with the code of the unit they are with."""
        found = (await self.read(asset_id))["staff"]["issues"]
        return [(one["code"], one.get("other", "")) for one in found if one["code"] != "areas_differ"]

    async def open(self, *asset_ids: str, days: tuple[int, int] = (0, 99), **facts: Any) -> httpx.Response:
        body = {
            "path": "lease",
            "asset_ids": list(asset_ids),
            "firm_id": self.firm_id,
            "opened_on": _day(min(days[0], 0)),
        }
        body |= {"starts_on": _day(days[0]), "ends_on": _day(days[1]), **facts}
        return await self.client.post(OUTCOMES, headers=self.staff, json=body)

    async def sign(self, deal: httpx.Response, **facts: Any) -> httpx.Response:
        """Signs a lease on the day it was opened."""
        said = {"stage": "signed", "signed_on": deal.json()["opened_on"], **facts}
        place = f"{OUTCOMES}/{deal.json()['id']}/stages"
        return await self.client.post(place, headers=self.staff | {"If-Match": "*"}, json=said)

    async def hand_over(self, deal: httpx.Response) -> httpx.Response:
        signed = await self.sign(deal)
        assert signed.status_code == 200, signed.text
        return await step(self.client, self.staff, signed, stage="handed_over", handed_over_on=deal.json()["starts_on"])

    async def let(self, *asset_ids: str, **facts: Any) -> httpx.Response:
        """A lease, opened and signed."""
        opened = await self.open(*asset_ids, **facts)
        assert opened.status_code == 201, opened.text
        signed = await self.sign(opened)
        assert signed.status_code == 200, signed.text
        return signed

    async def end(self, asset_id: str, what: str, **said: Any) -> httpx.Response:
        """Says of the one tenancy of a unit how it ended."""
        asked = {"asset": asset_id}
        (one,) = (await self.client.get("/api/v1/tenancies", headers=self.staff, params=asked)).json()["items"]
        place = f"/api/v1/tenancies/{one['id']}/{what}"
        return await self.client.post(place, headers=self.staff | {"If-Match": "*"}, json=said)

    async def uses(self, asset_id: str) -> list[tuple[str, str]]:
        """Who has the use of a leaf, and when."""
        rows = await self.conn.fetch(
            "SELECT source_id::text, during::text FROM panhuo.occupancy WHERE leaf_id = $1 AND claim = 'use' "
            "ORDER BY during",
            asset_id,
        )
        return [tuple(row) for row in rows]

    async def found(self, check: str) -> list[str]:
        return await doctor.findings(self.db, check, today=TODAY, most=20)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    staff: Headers,
    park: dict[str, Any],
    conn: asyncpg.Connection,
    db: Database,
) -> Desk:
    return Desk(client, staff, park, await firm_of(client, keys), conn, db)


def _day(days: int) -> str:
    return str(TODAY + timedelta(days=days))


def _refused(answer: httpx.Response, code: str, field: str, **says: str) -> None:
    assert answer.status_code in (409, 422), answer.text
    fault = answer.json()["errors"][0]
    assert (fault["code"], fault["field"]) == (code, field)
    for word in says.values():
        assert word in fault["message"], fault["message"]


def _span(n: float, share: float = 1.0, *, park: dict[str, Any]) -> dict[str, Any]:
    """A square that begins `n` squares to the east, `share` of one wide."""
    west = box(park, 0)["coordinates"][0][0][0] + n * SQUARE_M
    south = box(park, 0)["coordinates"][0][0][1]
    east, north = west + SQUARE_M * share, south + SQUARE_M
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


async def _hall(desk: Desk, n: int = 0) -> tuple[str, str, str]:
    """A hall with two floors, each published."""
    hall = await desk.unit(f"H-{n}", box(desk.park, n), "building", stated_area=1000)
    floors = [await desk.unit(f"H-{n}-{k}", box(desk.park, n), "floor", parent_id=hall, floor_no=k) for k in (1, 2)]
    return hall, *floors


@pytest.mark.parametrize("is_signed", [False, True])
async def test_a_whole_under_a_deal_takes_no_part(desk: Desk, is_signed: bool) -> None:
    hall, first, _ = await _hall(desk)
    deal = await (desk.let if is_signed else desk.open)(hall)
    about = {"parent_id": hall, "floor_no": 3}

    refused = await desk.draft("H-0-3", box(desk.park, 0), "floor", **about)

    _refused(refused, "whole_is_claimed", "properties.parent_id")
    below = await desk.draft("H-0-1a", box(desk.park, 0, part=0.5), "bay", parent_id=first)
    _refused(below, "whole_has_claims", "properties.parent_id")  # a leaf with claims waits for a split
    assert await desk.found("claims") == []
    left = await step(desk.client, desk.staff, deal, stage="withdrawn", reason="不租了")
    assert left.status_code == 200
    assert (await desk.draft("H-0-3", box(desk.park, 0), "floor", **about)).status_code == 201


async def test_a_claim_of_the_coming_year_counts_and_one_that_is_past_does_not(desk: Desk) -> None:
    hall, *_ = await _hall(desk)
    coming, *_ = await _hall(desk, 1)
    past = await desk.hand_over(await desk.open(hall, days=(-900, -600)))
    about = {"parent_id": hall, "floor_no": 3}
    unsaid = await desk.draft("H-0-3", box(desk.park, 0), "floor", **about)  # nobody said that the tenant left
    _refused(unsaid, "whole_is_claimed", "properties.parent_id")
    past = await step(desk.client, desk.staff, past, stage="ended", ended_on=_day(-600))
    await desk.let(coming, days=(300, 600))

    there = await desk.draft("H-0-3", box(desk.park, 0), "floor", **about)
    _refused(
        await desk.draft("H-1-3", box(desk.park, 1), "floor", parent_id=coming, floor_no=3),
        "whole_is_claimed",
        "properties.parent_id",
    )

    assert past.json()["revived_on"] == _day(-900)
    assert there.status_code == 201


async def test_a_part_is_added_beside_one_that_is_let(desk: Desk) -> None:
    hall, first, _ = await _hall(desk)
    await desk.let(first)

    added = await desk.draft("H-0-3", box(desk.park, 0), "floor", parent_id=hall, floor_no=3)

    assert added.status_code == 201
    assert await desk.found("claims") == []


async def test_a_deal_on_a_plot_takes_the_buildings_on_it_and_counts_the_plot(desk: Desk) -> None:
    plot = await desk.unit("L-1", box(desk.park, 0), "plot", stated_area=3, stated_area_unit="mu")
    hall = await desk.unit("L-1-F", box(desk.park, 0, part=0.4), "building", plot_id=plot)

    deal = await desk.let(plot)

    outcome_id = deal.json()["id"]
    assert [one["asset_id"] for one in deal.json()["assets"]] == [plot]
    assert await desk.uses(hall) == await desk.uses(plot) == [(outcome_id, f"[{_day(0)},{_day(100)})")]
    assert (await desk.read(hall))["properties"]["availability"] == "occupied"
    _refused(await desk.open(hall), "already_taken", "asset_ids")
    assert await desk.issues(hall) == []
    assert await desk.found("claims") == []


async def test_a_building_in_use_blocks_its_plot_unless_the_deal_is_about_land_alone(desk: Desk) -> None:
    plot = await desk.unit("L-1", box(desk.park, 0), "plot")
    hall = await desk.unit("L-1-F", box(desk.park, 0, part=0.4), "building", plot_id=plot)
    under_way = await desk.open(hall)
    _refused(await desk.open(plot), "building_taken", "asset_ids", other="L-1-F")
    await desk.hand_over(under_way)  # the deal on the hall is done: the plot's may begin, and is not signed
    opened = await desk.open(plot)
    assert opened.status_code == 201, opened.text
    _refused(await desk.sign(opened), "building_taken", "asset_ids", other="L-1-F")
    await step(desk.client, desk.staff, opened, stage="withdrawn", reason="另谈")

    land = await desk.let(plot, is_land_alone=True)

    assert land.json()["is_land_alone"] is True
    assert [one for one, _ in await desk.uses(hall)] == [under_way.json()["id"]]
    _refused(await desk.open(hall, is_land_alone=True), "not_land_alone", "is_land_alone")


async def test_a_part_of_a_plot_takes_the_buildings_its_outline_meets(desk: Desk) -> None:
    plot = await desk.unit("L-2", _span(0, 2, park=desk.park), "plot", stated_area=1000)
    west = await desk.unit("L-2-W", _span(0, park=desk.park), "part", parent_id=plot)
    east = await desk.unit("L-2-E", _span(1, park=desk.park), "part", parent_id=plot)
    one = await desk.unit("L-2-F1", _span(0.1, 0.5, park=desk.park), "building", plot_id=plot)
    two = await desk.unit("L-2-F2", _span(1.1, 0.5, park=desk.park), "building", plot_id=plot)

    deal = (await desk.let(west)).json()["id"]

    assert [who for who, _ in await desk.uses(one)] == [deal]
    assert await desk.uses(two) == await desk.uses(east) == []
    across = await desk.draft("L-2-F3", _span(0.7, 0.6, park=desk.park), "building", plot_id=plot)
    assert [who for who, _ in await desk.uses(across.json()["id"])] == [deal]  # it lies on both
    grown = await desk.amend(two, _span(0.8, 0.8, park=desk.park))
    assert grown.status_code == 200, grown.text
    assert [who for who, _ in await desk.uses(two)] == [deal]
    assert await desk.found("claims") == []


async def test_a_part_that_grows_over_a_building_takes_it(desk: Desk) -> None:
    plot = await desk.unit("L-2", _span(0, 2, park=desk.park), "plot", stated_area=1000)
    west = await desk.unit("L-2-W", _span(0, park=desk.park), "part", parent_id=plot)
    hall = await desk.unit("L-2-F", _span(1.2, 0.5, park=desk.park), "building", plot_id=plot)
    deal = (await desk.let(west)).json()["id"]

    grown = await desk.amend(west, _span(0, 1.5, park=desk.park))

    assert grown.status_code == 200, grown.text
    assert [who for who, _ in await desk.uses(hall)] == [deal]
    assert (await desk.read(hall))["properties"]["availability"] == "occupied"


async def test_a_building_registered_on_a_claimed_plot_takes_its_claims(desk: Desk) -> None:
    plot = await desk.unit("L-3", box(desk.park, 0), "plot")
    deal = (await desk.let(plot)).json()["id"]

    hall = (await desk.draft("L-3-F", box(desk.park, 0, part=0.4), "building", plot_id=plot)).json()["id"]

    rows = await desk.conn.fetch(
        "SELECT claim, source_id::text FROM panhuo.occupancy WHERE leaf_id = $1 ORDER BY claim", hall
    )
    assert [tuple(row) for row in rows] == [("deal", deal), ("use", deal)]
    _refused(
        await desk.draft("L-3-F-1", box(desk.park, 0, part=0.4), "floor", parent_id=hall, floor_no=1),
        "whole_has_claims",
        "properties.parent_id",
    )
    _refused(await desk.amend(hall, plot_id=None), "taken_with_plot", "properties.plot_id")
    assert await desk.found("claims") == []


async def test_a_building_moved_to_a_claimed_plot_takes_its_claims_or_stays(desk: Desk) -> None:
    plot = await desk.unit("L-4", box(desk.park, 0), "plot")
    hall = await desk.unit("L-4-F", box(desk.park, 0, part=0.4), "building")
    let = await desk.unit("L-4-G", _span(0.5, 0.4, park=desk.park), "building")
    _, floor, _ = await _hall(desk, 2)
    assert await desk.issues(hall) == [("plot_not_named", "L-4")]
    deal = (await desk.let(plot)).json()["id"]
    own = (await desk.let(let)).json()["id"]

    moved, refused = await desk.amend(hall, plot_id=plot), await desk.amend(let, plot_id=plot)

    assert moved.status_code == 200, moved.text
    assert [who for who, _ in await desk.uses(hall)] == [deal]
    assert (await desk.read(hall))["properties"]["availability"] == "occupied"
    assert await desk.issues(hall) == []
    _refused(refused, "building_taken", "properties.plot_id", other="L-4-G")
    assert [who for who, _ in await desk.uses(let)] == [own]
    _refused(await desk.amend(let, plot_id=hall), "not_a_plot", "properties.plot_id")
    _refused(
        await desk.draft("L-4-H", box(desk.park, 4), "building", plot_id=floor), "not_a_plot", "properties.plot_id"
    )


async def test_a_tenant_of_a_plot_who_lets_on_a_building_has_it_again_afterwards(desk: Desk) -> None:
    plot = await desk.unit("L-5", box(desk.park, 0), "plot")
    hall = await desk.unit("L-5-F", box(desk.park, 0, part=0.4), "building", plot_id=plot)
    lease = await desk.hand_over(await desk.open(plot, days=(-50, 99)))
    sub = (await desk.client.post("/api/v1/firms", headers=desk.staff, json={"name": "次承租人"})).json()["id"]
    about = {"path": "sublease", "owner_firm_id": desk.firm_id, "firm_id": sub}

    opened = await desk.open(hall, days=(0, 30), **about)
    signed = await desk.sign(opened, consent_no="同意-1")
    assert signed.status_code == 200, signed.text
    given = await step(desk.client, desk.staff, signed, stage="handed_over", handed_over_on=_day(0))
    assert [who for who, _ in await desk.uses(hall)] == [lease.json()["id"], opened.json()["id"]]
    await step(desk.client, desk.staff, given, stage="ended", ended_on=_day(0))

    assert await desk.uses(hall) == [
        (lease.json()["id"], f"[{_day(-50)},{_day(0)})"),
        (opened.json()["id"], f"[{_day(0)},{_day(1)})"),
        (lease.json()["id"], f"[{_day(1)},{_day(100)})"),
    ]


async def test_a_plot_to_verify_keeps_its_buildings_until_somebody_says_how_it_ended(desk: Desk) -> None:
    plot = await desk.unit("L-6", box(desk.park, 0), "plot")
    hall = await desk.unit("L-6-F", box(desk.park, 0, part=0.4), "building", plot_id=plot)
    lease = await desk.hand_over(await desk.open(plot, days=(-400, -10)))
    assert (await desk.read(hall))["properties"]["availability"] == "to_verify"

    later = (await desk.draft("L-6-G", _span(0.5, 0.4, park=desk.park), "building", plot_id=plot)).json()["id"]
    opened = await desk.open(hall)
    signed = await desk.sign(opened)
    assert signed.status_code == 200, signed.text
    tag = {"If-Match": signed.headers["etag"]}
    place = f"{OUTCOMES}/{opened.json()['id']}/stages"
    said = {"stage": "handed_over", "handed_over_on": _day(0)}
    refused = await desk.client.post(place, headers=desk.staff | tag, json=said)

    _refused(refused, "tenant_to_verify", "handed_over_on")
    _refused(await desk.amend(later, plot_id=None), "taken_with_plot", "properties.plot_id")
    await step(desk.client, desk.staff, signed, stage="withdrawn", reason="另谈")
    stays = await desk.end(plot, "stays")
    assert stays.status_code == 200, stays.text
    whole = [(lease.json()["id"], f"[{_day(-400)},)")]
    assert await desk.uses(hall) == await desk.uses(later) == await desk.uses(plot) == whole
    assert (await desk.read(hall))["properties"]["availability"] == "occupied"
    assert await desk.found("claims") == await desk.found("availability") == []


async def test_nobody_stays_where_what_overlaps_is_let(desk: Desk) -> None:
    one = await desk.unit("O-1", _span(0, park=desk.park), "building")
    two = await desk.unit("O-2", _span(0.9, park=desk.park), "building")
    await desk.hand_over(await desk.open(one, days=(-400, -10)))
    await desk.let(two, days=(30, 60))

    _refused(await desk.end(one, "stays"), "overlapping_taken", "asset_ids", other="O-2")

    assert (await desk.end(one, "left", left_on=_day(0))).status_code == 200
    assert await desk.found("space") == []


@pytest.mark.parametrize("level", ["building", "plot"])
async def test_of_two_roots_that_overlap_one_is_let(desk: Desk, level: str) -> None:
    one = await desk.unit("O-1", _span(0, park=desk.park), level)
    two = await desk.unit("O-2", _span(0.9, park=desk.park), level)
    beside = await desk.unit("O-3", _span(1.86, park=desk.park), level)  # by 4 % alone
    assert await desk.issues(one) == [("roots_overlap", "O-2")]
    assert await desk.issues(two) == [("roots_overlap", "O-1")]
    assert await desk.issues(beside) == []
    first = await desk.open(one)

    _refused(await desk.open(two), "overlapping_taken", "asset_ids", other="O-1")
    await desk.hand_over(first)
    opened = await desk.open(two)
    assert opened.status_code == 201, opened.text
    _refused(await desk.sign(opened), "overlapping_taken", "asset_ids", other="O-1")
    later = await desk.sign(opened, starts_on=_day(100), ends_on=_day(130))
    assert later.status_code == 200, later.text  # on other days it is let
    assert (await desk.let(beside)).status_code == 200
    assert await desk.found("space") == []


async def test_units_said_to_be_separate_are_let_beside_each_other(desk: Desk) -> None:
    one = await desk.unit("O-1", _span(0, park=desk.park), "building")
    two = await desk.unit("O-2", _span(0.9, park=desk.park), "building")
    plot = await desk.unit("O-4", box(desk.park, 3), "plot")
    place, said = f"{ASSETS}/{two}/separations", {"other_id": one, "reason": "两栋之间有变形缝，测绘有误差"}
    for other, field in ((two, "other_id"), (plot, "other_id")):
        answer = await desk.client.post(place, headers=desk.staff, json=said | {"other_id": other})
        _refused(answer, "not_two_roots", field)

    told = await desk.client.post(place, headers=desk.staff, json=said)

    assert (told.status_code, told.json()) == (201, said | {"asset_id": two})
    _refused(await desk.client.post(place, headers=desk.staff, json=said), "already_separate", "other_id")
    assert await desk.issues(one) == await desk.issues(two) == []
    await desk.let(one)
    await desk.let(two)
    assert await desk.found("space") == []
    history = (await desk.client.get(f"{ASSETS}/{one}/history", headers=desk.staff)).json()["events"]
    assert [one["act"] for one in history if one["act"] == "asset.separated"] == ["asset.separated"]


async def test_an_overlap_is_an_issue_as_long_as_it_is_one(desk: Desk) -> None:
    one = await desk.unit("O-1", _span(0, park=desk.park), "building")
    two = await desk.unit("O-2", _span(2, park=desk.park), "building")
    await desk.let(one)
    await desk.let(two)
    before = (await desk.read(one))["properties"]["revision"]

    over = await desk.amend(two, _span(0.9, park=desk.park))

    assert over.status_code == 200, over.text
    assert await desk.issues(one) == [("roots_overlap", "O-2")]
    assert await desk.issues(two) == [("roots_overlap", "O-1")]
    assert (await desk.read(one))["properties"]["revision"] == before + 1
    assert await desk.found("space") == [f"{desk.park['id']}/O-1 + O-2"]
    assert (await desk.amend(two, code="O-9")).status_code == 200
    assert await desk.issues(one) == [("roots_overlap", "O-9")]
    assert (await desk.amend(two, rent_yuan_m2_month=9)).status_code == 200
    assert await desk.issues(two) == [("roots_overlap", "O-1")]
    assert (await desk.amend(two, _span(2, park=desk.park))).status_code == 200
    assert await desk.issues(one) == await desk.issues(two) == []


async def test_a_building_on_a_plot_it_does_not_name_is_an_issue_whichever_comes_first(desk: Desk) -> None:
    first = await desk.unit("N-1", box(desk.park, 0, part=0.4), "building")
    assert await desk.issues(first) == []
    plot = await desk.unit("N-2", box(desk.park, 0), "plot")
    second = await desk.unit("N-3", _span(0.5, 0.4, park=desk.park), "building")

    assert await desk.issues(first) == await desk.issues(second) == [("plot_not_named", "N-2")]
    assert await desk.issues(plot) == []
    assert (await desk.amend(first, plot_id=plot)).status_code == 200
    assert await desk.issues(first) == []


RACED = """
SELECT count(*) FROM panhuo.occupancy AS o JOIN panhuo.asset AS w ON w.id = ANY ($1)
CROSS JOIN LATERAL panhuo.leaves_of_deal(o.park_id, o.source_id) AS l
WHERE o.source_id IN (SELECT n.outcome_id FROM panhuo.outcome_asset AS n WHERE n.asset_id = w.id)
  AND NOT EXISTS (SELECT FROM panhuo.occupancy AS c WHERE c.leaf_id = l.leaf_id AND c.source_id = o.source_id)
"""


@pytest.mark.parametrize("lets_first", [False, True])
async def test_parts_and_buildings_registered_while_fifty_let_the_whole(desk: Desk, lets_first: bool) -> None:
    hall, *_ = await _hall(desk)
    plot = await desk.unit("R-1", _span(4, 2, park=desk.park), "plot", stated_area=1000)

    async def one(n: int) -> httpx.Response:
        match (n + lets_first) % 4:
            case 0:
                return await desk.draft(f"H-0-x{n}", box(desk.park, 0), "floor", parent_id=hall, floor_no=n + 3)
            case 1:
                return await desk.open(hall, plot)
            case 2:
                outline = _span(4 + n / 30, 1 / 40, park=desk.park)
                return await desk.draft(f"R-1-{n}", outline, "building", plot_id=plot)
            case _:
                return await desk.open((hall, plot)[n // 4 % 2])

    answers = await asyncio.gather(*(one(n) for n in range(50)))

    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    assert await desk.conn.fetchval(RACED, [hall, plot]) == 0
    assert await desk.found("claims") == await desk.found("space") == []
    deals = await desk.conn.fetchval(
        "SELECT count(*) FROM panhuo.occupancy WHERE claim = 'deal' AND leaf_id = ANY ($1)", [plot]
    )
    assert deals == 1


async def test_fifty_let_two_halls_that_overlap(desk: Desk) -> None:
    one = await desk.unit("O-1", _span(0, park=desk.park), "building")
    two = await desk.unit("O-2", _span(0.5, park=desk.park), "building")

    answers = await asyncio.gather(*(desk.open((one, two)[n % 2]) for n in range(50)))

    statuses = [answer.status_code for answer in answers]
    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 409, 503}
