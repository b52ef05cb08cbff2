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
class StaffClient:
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
        issues = (await self.read(asset_id))["staff"]["issues"]
        return [(issue["code"], issue.get("other", "")) for issue in issues if issue["code"] != "areas_differ"]

    async def open(self, *asset_ids: str, days: tuple[int, int] = (0, 99), **facts: Any) -> httpx.Response:
        body = {
            "path": "lease",
            "asset_ids": list(asset_ids),
            "firm_id": self.firm_id,
            "opened_on": _day(min(days[0], 0)),
        }
        body |= {"starts_on": _day(days[0]), "ends_on": _day(days[1]), **facts}
        return await self.client.post(OUTCOMES, headers=self.staff, json=body)

    async def sign(self, outcome: httpx.Response, **facts: Any) -> httpx.Response:
        """Signs a lease on the day it was opened."""
        body = {"stage": "signed", "signed_on": outcome.json()["opened_on"], **facts}
        place = f"{OUTCOMES}/{outcome.json()['id']}/stages"
        return await self.client.post(place, headers=self.staff | {"If-Match": "*"}, json=body)

    async def hand_over(self, outcome: httpx.Response) -> httpx.Response:
        signed = await self.sign(outcome)
        assert signed.status_code == 200, signed.text
        return await step(
            self.client, self.staff, signed, stage="handed_over", handed_over_on=outcome.json()["starts_on"]
        )

    async def let(self, *asset_ids: str, **facts: Any) -> httpx.Response:
        """A lease, opened and signed."""
        opened = await self.open(*asset_ids, **facts)
        assert opened.status_code == 201, opened.text
        signed = await self.sign(opened)
        assert signed.status_code == 200, signed.text
        return signed

    async def end(self, asset_id: str, what: str, **facts: Any) -> httpx.Response:
        """Says of the one tenancy of a unit how it ended."""
        query = {"asset": asset_id}
        (item,) = (await self.client.get("/api/v1/tenancies", headers=self.staff, params=query)).json()["items"]
        place = f"/api/v1/tenancies/{item['id']}/{what}"
        return await self.client.post(place, headers=self.staff | {"If-Match": "*"}, json=facts)

    async def uses(self, asset_id: str) -> list[tuple[str, str]]:
        """Who has the use of a leaf, and when."""
        rows = await self.conn.fetch(
            "SELECT source_id::text, during::text FROM panhuo.occupancy WHERE leaf_id = $1 AND claim = 'use' "
            "ORDER BY during",
            asset_id,
        )
        return [tuple(row) for row in rows]

    async def findings(self, check: str) -> list[str]:
        return await doctor.findings(self.db, check, today=TODAY, most=20)


@pytest_asyncio.fixture(loop_scope="session")
async def staff_client(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    staff: Headers,
    park: dict[str, Any],
    conn: asyncpg.Connection,
    db: Database,
) -> StaffClient:
    return StaffClient(client, staff, park, await firm_of(client, keys), conn, db)


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


async def _hall(staff_client: StaffClient, n: int = 0) -> tuple[str, str, str]:
    """A hall with two floors, each published."""
    hall = await staff_client.unit(f"H-{n}", box(staff_client.park, n), "building", stated_area=1000)
    floors = [
        await staff_client.unit(f"H-{n}-{k}", box(staff_client.park, n), "floor", parent_id=hall, floor_no=k)
        for k in (1, 2)
    ]
    return hall, *floors


@pytest.mark.parametrize("is_signed", [False, True])
async def test_a_whole_under_a_deal_takes_no_part(staff_client: StaffClient, is_signed: bool) -> None:
    hall, first, _ = await _hall(staff_client)
    outcome = await (staff_client.let if is_signed else staff_client.open)(hall)
    about = {"parent_id": hall, "floor_no": 3}

    refused = await staff_client.draft("H-0-3", box(staff_client.park, 0), "floor", **about)

    _refused(refused, "whole_is_claimed", "properties.parent_id")
    below = await staff_client.draft("H-0-1a", box(staff_client.park, 0, part=0.5), "bay", parent_id=first)
    _refused(below, "whole_has_claims", "properties.parent_id")  # a leaf with claims waits for a split
    assert await staff_client.findings("claims") == []
    left = await step(staff_client.client, staff_client.staff, outcome, stage="withdrawn", reason="不租了")
    assert left.status_code == 200
    assert (await staff_client.draft("H-0-3", box(staff_client.park, 0), "floor", **about)).status_code == 201


async def test_a_claim_of_the_coming_year_counts_and_one_that_is_past_does_not(staff_client: StaffClient) -> None:
    hall, *_ = await _hall(staff_client)
    coming, *_ = await _hall(staff_client, 1)
    past = await staff_client.hand_over(await staff_client.open(hall, days=(-900, -600)))
    about = {"parent_id": hall, "floor_no": 3}
    unsaid = await staff_client.draft(
        "H-0-3", box(staff_client.park, 0), "floor", **about
    )  # nobody said that the tenant left
    _refused(unsaid, "whole_is_claimed", "properties.parent_id")
    past = await step(staff_client.client, staff_client.staff, past, stage="ended", ended_on=_day(-600))
    await staff_client.let(coming, days=(300, 600))

    there = await staff_client.draft("H-0-3", box(staff_client.park, 0), "floor", **about)
    _refused(
        await staff_client.draft("H-1-3", box(staff_client.park, 1), "floor", parent_id=coming, floor_no=3),
        "whole_is_claimed",
        "properties.parent_id",
    )

    assert past.json()["revived_on"] == _day(-900)
    assert there.status_code == 201


async def test_a_part_is_added_beside_one_that_is_let(staff_client: StaffClient) -> None:
    hall, first, _ = await _hall(staff_client)
    await staff_client.let(first)

    added = await staff_client.draft("H-0-3", box(staff_client.park, 0), "floor", parent_id=hall, floor_no=3)

    assert added.status_code == 201
    assert await staff_client.findings("claims") == []


async def test_a_deal_on_a_plot_takes_the_buildings_on_it_and_counts_the_plot(staff_client: StaffClient) -> None:
    plot = await staff_client.unit("L-1", box(staff_client.park, 0), "plot", stated_area=3, stated_area_unit="mu")
    hall = await staff_client.unit("L-1-F", box(staff_client.park, 0, part=0.4), "building", plot_id=plot)

    lease = await staff_client.let(plot)

    outcome_id = lease.json()["id"]
    assert [asset["asset_id"] for asset in lease.json()["assets"]] == [plot]
    assert await staff_client.uses(hall) == await staff_client.uses(plot) == [(outcome_id, f"[{_day(0)},{_day(100)})")]
    assert (await staff_client.read(hall))["properties"]["availability"] == "occupied"
    _refused(await staff_client.open(hall), "already_taken", "asset_ids")
    assert await staff_client.issues(hall) == []
    assert await staff_client.findings("claims") == []


async def test_a_building_in_use_blocks_its_plot_unless_the_deal_is_about_land_alone(staff_client: StaffClient) -> None:
    plot = await staff_client.unit("L-1", box(staff_client.park, 0), "plot")
    hall = await staff_client.unit("L-1-F", box(staff_client.park, 0, part=0.4), "building", plot_id=plot)
    under_way = await staff_client.open(hall)
    _refused(await staff_client.open(plot), "building_taken", "asset_ids", other="L-1-F")
    await staff_client.hand_over(under_way)  # the deal on the hall is done: the plot's may begin, and is not signed
    opened = await staff_client.open(plot)
    assert opened.status_code == 201, opened.text
    _refused(await staff_client.sign(opened), "building_taken", "asset_ids", other="L-1-F")
    await step(staff_client.client, staff_client.staff, opened, stage="withdrawn", reason="另谈")

    land = await staff_client.let(plot, is_land_alone=True)

    assert land.json()["is_land_alone"] is True
    assert [item for item, _ in await staff_client.uses(hall)] == [under_way.json()["id"]]
    _refused(await staff_client.open(hall, is_land_alone=True), "not_land_alone", "is_land_alone")


async def test_a_part_of_a_plot_takes_the_buildings_its_outline_meets(staff_client: StaffClient) -> None:
    plot = await staff_client.unit("L-2", _span(0, 2, park=staff_client.park), "plot", stated_area=1000)
    west = await staff_client.unit("L-2-W", _span(0, park=staff_client.park), "part", parent_id=plot)
    east = await staff_client.unit("L-2-E", _span(1, park=staff_client.park), "part", parent_id=plot)
    item = await staff_client.unit("L-2-F1", _span(0.1, 0.5, park=staff_client.park), "building", plot_id=plot)
    two = await staff_client.unit("L-2-F2", _span(1.1, 0.5, park=staff_client.park), "building", plot_id=plot)

    outcome_id = (await staff_client.let(west)).json()["id"]

    assert [who for who, _ in await staff_client.uses(item)] == [outcome_id]
    assert await staff_client.uses(two) == await staff_client.uses(east) == []
    across = await staff_client.draft("L-2-F3", _span(0.7, 0.6, park=staff_client.park), "building", plot_id=plot)
    assert [who for who, _ in await staff_client.uses(across.json()["id"])] == [outcome_id]  # it lies on both
    grown = await staff_client.amend(two, _span(0.8, 0.8, park=staff_client.park))
    assert grown.status_code == 200, grown.text
    assert [who for who, _ in await staff_client.uses(two)] == [outcome_id]
    assert await staff_client.findings("claims") == []


async def test_a_part_that_grows_over_a_building_takes_it(staff_client: StaffClient) -> None:
    plot = await staff_client.unit("L-2", _span(0, 2, park=staff_client.park), "plot", stated_area=1000)
    west = await staff_client.unit("L-2-W", _span(0, park=staff_client.park), "part", parent_id=plot)
    hall = await staff_client.unit("L-2-F", _span(1.2, 0.5, park=staff_client.park), "building", plot_id=plot)
    outcome_id = (await staff_client.let(west)).json()["id"]

    grown = await staff_client.amend(west, _span(0, 1.5, park=staff_client.park))

    assert grown.status_code == 200, grown.text
    assert [who for who, _ in await staff_client.uses(hall)] == [outcome_id]
    assert (await staff_client.read(hall))["properties"]["availability"] == "occupied"


async def test_a_building_registered_on_a_claimed_plot_takes_its_claims(staff_client: StaffClient) -> None:
    plot = await staff_client.unit("L-3", box(staff_client.park, 0), "plot")
    outcome_id = (await staff_client.let(plot)).json()["id"]

    hall = (await staff_client.draft("L-3-F", box(staff_client.park, 0, part=0.4), "building", plot_id=plot)).json()[
        "id"
    ]

    rows = await staff_client.conn.fetch(
        "SELECT claim, source_id::text FROM panhuo.occupancy WHERE leaf_id = $1 ORDER BY claim", hall
    )
    assert [tuple(row) for row in rows] == [("deal", outcome_id), ("use", outcome_id)]
    _refused(
        await staff_client.draft("L-3-F-1", box(staff_client.park, 0, part=0.4), "floor", parent_id=hall, floor_no=1),
        "whole_has_claims",
        "properties.parent_id",
    )
    _refused(await staff_client.amend(hall, plot_id=None), "taken_with_plot", "properties.plot_id")
    assert await staff_client.findings("claims") == []


async def test_a_building_moved_to_a_claimed_plot_takes_its_claims_or_stays(staff_client: StaffClient) -> None:
    plot = await staff_client.unit("L-4", box(staff_client.park, 0), "plot")
    hall = await staff_client.unit("L-4-F", box(staff_client.park, 0, part=0.4), "building")
    let = await staff_client.unit("L-4-G", _span(0.5, 0.4, park=staff_client.park), "building")
    _, floor, _ = await _hall(staff_client, 2)
    assert await staff_client.issues(hall) == [("plot_not_named", "L-4")]
    outcome_id = (await staff_client.let(plot)).json()["id"]
    own = (await staff_client.let(let)).json()["id"]

    moved, refused = await staff_client.amend(hall, plot_id=plot), await staff_client.amend(let, plot_id=plot)

    assert moved.status_code == 200, moved.text
    assert [who for who, _ in await staff_client.uses(hall)] == [outcome_id]
    assert (await staff_client.read(hall))["properties"]["availability"] == "occupied"
    assert await staff_client.issues(hall) == []
    _refused(refused, "building_taken", "properties.plot_id", other="L-4-G")
    assert [who for who, _ in await staff_client.uses(let)] == [own]
    _refused(await staff_client.amend(let, plot_id=hall), "not_a_plot", "properties.plot_id")
    _refused(
        await staff_client.draft("L-4-H", box(staff_client.park, 4), "building", plot_id=floor),
        "not_a_plot",
        "properties.plot_id",
    )


async def test_a_tenant_of_a_plot_who_lets_on_a_building_has_it_again_afterwards(staff_client: StaffClient) -> None:
    plot = await staff_client.unit("L-5", box(staff_client.park, 0), "plot")
    hall = await staff_client.unit("L-5-F", box(staff_client.park, 0, part=0.4), "building", plot_id=plot)
    lease = await staff_client.hand_over(await staff_client.open(plot, days=(-50, 99)))
    sub = (
        await staff_client.client.post("/api/v1/firms", headers=staff_client.staff, json={"name": "次承租人"})
    ).json()["id"]
    about = {"path": "sublease", "owner_firm_id": staff_client.firm_id, "firm_id": sub}

    opened = await staff_client.open(hall, days=(0, 30), **about)
    signed = await staff_client.sign(opened, consent_no="同意-1")
    assert signed.status_code == 200, signed.text
    stepped = await step(staff_client.client, staff_client.staff, signed, stage="handed_over", handed_over_on=_day(0))
    assert [who for who, _ in await staff_client.uses(hall)] == [lease.json()["id"], opened.json()["id"]]
    await step(staff_client.client, staff_client.staff, stepped, stage="ended", ended_on=_day(0))

    assert await staff_client.uses(hall) == [
        (lease.json()["id"], f"[{_day(-50)},{_day(0)})"),
        (opened.json()["id"], f"[{_day(0)},{_day(1)})"),
        (lease.json()["id"], f"[{_day(1)},{_day(100)})"),
    ]


async def test_a_plot_to_verify_keeps_its_buildings_until_somebody_says_how_it_ended(staff_client: StaffClient) -> None:
    plot = await staff_client.unit("L-6", box(staff_client.park, 0), "plot")
    hall = await staff_client.unit("L-6-F", box(staff_client.park, 0, part=0.4), "building", plot_id=plot)
    lease = await staff_client.hand_over(await staff_client.open(plot, days=(-400, -10)))
    assert (await staff_client.read(hall))["properties"]["availability"] == "to_verify"

    later = (
        await staff_client.draft("L-6-G", _span(0.5, 0.4, park=staff_client.park), "building", plot_id=plot)
    ).json()["id"]
    opened = await staff_client.open(hall)
    signed = await staff_client.sign(opened)
    assert signed.status_code == 200, signed.text
    tag = {"If-Match": signed.headers["etag"]}
    place = f"{OUTCOMES}/{opened.json()['id']}/stages"
    facts = {"stage": "handed_over", "handed_over_on": _day(0)}
    refused = await staff_client.client.post(place, headers=staff_client.staff | tag, json=facts)

    _refused(refused, "tenant_to_verify", "handed_over_on")
    _refused(await staff_client.amend(later, plot_id=None), "taken_with_plot", "properties.plot_id")
    await step(staff_client.client, staff_client.staff, signed, stage="withdrawn", reason="另谈")
    stays = await staff_client.end(plot, "stays")
    assert stays.status_code == 200, stays.text
    whole = [(lease.json()["id"], f"[{_day(-400)},)")]
    assert await staff_client.uses(hall) == await staff_client.uses(later) == await staff_client.uses(plot) == whole
    assert (await staff_client.read(hall))["properties"]["availability"] == "occupied"
    assert await staff_client.findings("claims") == await staff_client.findings("availability") == []


RACED = """
SELECT count(*) FROM panhuo.occupancy AS o JOIN panhuo.asset AS w ON w.id = ANY ($1)
CROSS JOIN LATERAL panhuo.leaves_of_deal(o.park_id, o.source_id) AS l
WHERE o.source_id IN (SELECT n.outcome_id FROM panhuo.outcome_asset AS n WHERE n.asset_id = w.id)
  AND NOT EXISTS (SELECT FROM panhuo.occupancy AS c WHERE c.leaf_id = l.leaf_id AND c.source_id = o.source_id)
"""


@pytest.mark.parametrize("lets_first", [False, True])
async def test_parts_and_buildings_registered_while_fifty_let_the_whole(
    staff_client: StaffClient, lets_first: bool
) -> None:
    hall, *_ = await _hall(staff_client)
    plot = await staff_client.unit("R-1", _span(4, 2, park=staff_client.park), "plot", stated_area=1000)

    async def attempt(n: int) -> httpx.Response:
        match (n + lets_first) % 4:
            case 0:
                return await staff_client.draft(
                    f"H-0-x{n}", box(staff_client.park, 0), "floor", parent_id=hall, floor_no=n + 3
                )
            case 1:
                return await staff_client.open(hall, plot)
            case 2:
                outline = _span(4 + n / 30, 1 / 40, park=staff_client.park)
                return await staff_client.draft(f"R-1-{n}", outline, "building", plot_id=plot)
            case _:
                return await staff_client.open((hall, plot)[n // 4 % 2])

    answers = await asyncio.gather(*(attempt(n) for n in range(50)))

    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    assert await staff_client.conn.fetchval(RACED, [hall, plot]) == 0
    assert await staff_client.findings("claims") == await staff_client.findings("space") == []
    value = await staff_client.conn.fetchval(
        "SELECT count(*) FROM panhuo.occupancy WHERE claim = 'deal' AND leaf_id = ANY ($1)", [plot]
    )
    assert value == 1
