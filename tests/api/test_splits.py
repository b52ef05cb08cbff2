"""A unit is split into parts with its past and what is claimed of it; undone, it is as it was."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.api.story import EMPTY, SQUARE_M, Headers, box, counted
from tests.api.test_claims import PATHS, StaffClient, staff_client
from tests.conftest import TODAY

__all__ = ["staff_client"]

ASSETS = "/api/v1/assets"
Unit = dict[str, Any]
LEFT, RIGHT = (0.0, 0.6), (0.6, 1.0)


def strip(park: dict[str, Any], n: int, share: tuple[float, float]) -> dict[str, Any]:
    """What lies between two shares of a square, from west to east."""
    (west, south), _, (_, north), *_ = box(park, n)["coordinates"][0]
    a, b = (round(west + SQUARE_M * part, 7) for part in share)
    return {"type": "Polygon", "coordinates": [[[a, south], [b, south], [b, north], [a, north], [a, south]]]}


class Splitter(StaffClient):
    """Staff of the park who split and merge."""

    async def split(self, asset_id: str, *parts: Unit, **more: Any) -> httpx.Response:
        headers = self.staff | {"If-Match": more.pop("if_match", "*")}
        return await self.client.post(f"{ASSETS}/{asset_id}/split", headers=headers, json={"parts": parts, **more})

    async def done(self, asset_id: str, *parts: Unit, **more: Any) -> dict[str, Any]:
        answer = await self.split(asset_id, *parts, **more)
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def undo(self, batch_id: str, status: int = 201) -> dict[str, Any]:
        answer = await self.client.post(f"{ASSETS}/batches/{batch_id}/undo", headers=self.staff)
        assert answer.status_code == status, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def facts(self, asset_id: str) -> Unit:
        properties: Unit = (await self.read(asset_id))["properties"]
        return properties

    async def claims(self, asset_id: str) -> list[tuple[str, ...]]:
        """All claims of a leaf, whatever their ids."""
        rows = await self.conn.fetch(
            "SELECT claim, source_kind, source_id::text, holder_id::text, during::text FROM panhuo.occupancy "
            "WHERE leaf_id = $1 ORDER BY claim, during",
            asset_id,
        )
        return [tuple(row) for row in rows]

    async def verdicts(self, asset_id: str) -> list[tuple[Any, ...]]:
        rows = await self.conn.fetch(
            "SELECT outcome_id::text, verdict, clause, idle_since, is_idle_told_afterwards, revived_from "
            "FROM panhuo.revival WHERE leaf_id = $1 ORDER BY revived_from",
            asset_id,
        )
        return [tuple(row) for row in rows]

    async def figures(self, **query: str) -> list[Any]:
        """All the district's figures of the past years, and of the stock."""
        period = {"from": "2019-01-01", "to": str(TODAY), **query}
        answers = [
            (await self.client.get(f"/api/v1/stats/{name}", params=period)).json() for name in ("revitalized", "growth")
        ]
        for day in (str(TODAY), "2024-12-31"):
            stock = (await self.client.get("/api/v1/stats/idle", params={"on": day, **query})).json()
            areas = {kind: [stock[kind]["to_verify"], *stock[kind].items()] for kind in ("land", "factory")}
            answers.append({kind: [about for about in areas[kind] if "area" in str(about)] for kind in areas})
        return answers

    async def consistent(self) -> None:
        for check in ("claims", "space", "availability", "deals", "overlaps", "wholes", "holdings", "revivals"):
            assert await self.findings(check) == [], check


@pytest_asyncio.fixture(loop_scope="session")
async def splitter(staff_client: StaffClient) -> Splitter:
    return Splitter(**vars(staff_client))


def part(code: str, geometry: object = None, **facts: Any) -> Unit:
    return {"geometry": geometry, "properties": {"code": code, "name": code, **facts}}


def area(m2: float) -> dict[str, Any]:
    return {"stated_area": m2, "stated_area_unit": "m2"}


def halves(splitter: Splitter, n: int = 0, *, code: str = "P") -> tuple[Unit, Unit]:
    """Two parts that tile the square, of 600 and 400 m²."""
    return (
        part(f"{code}-1", strip(splitter.park, n, LEFT), **area(600)),
        part(f"{code}-2", strip(splitter.park, n, RIGHT), **area(400)),
    )


async def plot(splitter: Splitter, n: int = 0, **facts: Any) -> str:
    return await splitter.unit("P", box(splitter.park, n), "plot", **{**area(1000), **EMPTY, **facts})


async def floor(splitter: Splitter, n: int = 0, **facts: Any) -> str:
    """A floor of a hall, published; its hall has it alone."""
    hall = await splitter.unit("H", box(splitter.park, n), "building", **area(1000))
    about = {**area(1000), **EMPTY, "parent_id": hall, "floor_no": 1, **facts}
    return await splitter.unit("P", box(splitter.park, n), "floor", **about)


async def revived(splitter: Splitter, asset_id: str, *, days: tuple[int, int] = (-400, -200)) -> str:
    """A lease of the past that counted, and whose tenant left at its end."""
    opened = await splitter.open(asset_id, days=days)
    assert opened.status_code == 201, opened.text
    await splitter.hand_over(opened)
    ended = await splitter.end(asset_id, "left", left_on=opened.json()["ends_on"])
    assert ended.status_code == 200, ended.text
    return str(opened.json()["id"])


async def test_parts_have_the_past_and_what_is_claimed(splitter: Splitter) -> None:
    whole = await floor(splitter)
    past = await revived(splitter, whole)
    running = (await splitter.let(whole, days=(-30, 300))).json()["id"]
    claims, verdicts = await splitter.claims(whole), await splitter.verdicts(whole)
    figures = await splitter.figures()
    assert {claim[2] for claim in claims} == {past, running}
    assert [verdict[1] for verdict in verdicts] == ["counted"]

    made = await splitter.done(whole, *halves(splitter))

    assert made["asset_id"] == whole
    assert [unit["code"] for unit in made["units"]] == ["P-1", "P-2"]
    assert [(unit["listing"], unit["availability"]) for unit in made["units"]] == [("published", "occupied")] * 2
    assert await splitter.claims(whole) == []
    for unit in made["units"]:
        assert await splitter.claims(unit["asset_id"]) == claims
        assert await splitter.verdicts(unit["asset_id"]) == verdicts
        facts = await splitter.facts(unit["asset_id"])
        assert (facts["parent_id"], facts["level"], facts["floor_no"]) == (whole, "bay", 1)
        assert facts["allowed_paths"] == PATHS
    assert await splitter.verdicts(whole) == []
    assert ((await splitter.facts(whole))["is_leaf"], (await splitter.facts(whole))["availability"]) == (
        False,
        "occupied",
    )
    assert await splitter.figures() == figures
    await splitter.consistent()
    revivals = (await splitter.client.get(f"/api/v1/outcomes/{past}", headers=splitter.staff)).json()["revivals"]
    assert {row["asset_id"] for row in revivals} == {unit["asset_id"] for unit in made["units"]}


async def test_undone_the_whole_is_as_it_was(splitter: Splitter) -> None:
    whole = await floor(splitter)
    await revived(splitter, whole)
    await splitter.let(whole, days=(-30, 300))
    before = (await splitter.claims(whole), await splitter.verdicts(whole), await splitter.figures())
    listed = await splitter.facts(whole)
    made = await splitter.done(whole, *halves(splitter))

    undone = await splitter.undo(made["batch_id"])

    assert (undone["kind"], undone["voided"]) == ("undo", 2)
    assert (await splitter.claims(whole), await splitter.verdicts(whole), await splitter.figures()) == before
    facts = await splitter.facts(whole)
    assert facts == {**listed, "revision": facts["revision"], "recorded_at": facts["recorded_at"]}
    for unit in made["units"]:
        gone = await splitter.client.get(f"{ASSETS}/{unit['asset_id']}", headers=splitter.staff)
        assert gone.status_code == 404
    await splitter.consistent()
    again = await splitter.done(whole, *halves(splitter))  # the codes are free, too
    assert len(again["units"]) == 2


async def test_nothing_is_undone_once_something_was_built_on_it(splitter: Splitter) -> None:
    whole = await floor(splitter)
    made = await splitter.done(whole, *halves(splitter))
    opened = await splitter.open(made["units"][0]["asset_id"])
    assert opened.status_code == 201, opened.text

    refused = await splitter.undo(made["batch_id"], 409)

    assert {fault["code"] for fault in refused["errors"]} == {"built_on_since"}
    assert not (await splitter.facts(whole))["is_leaf"]
    withdrawn = {"stage": "withdrawn", "reason": "示例"}
    place = f"/api/v1/outcomes/{opened.json()['id']}/stages"
    await splitter.client.post(place, headers=splitter.staff | {"If-Match": "*"}, json=withdrawn)
    assert (await splitter.undo(made["batch_id"], 409))["errors"][0]["code"] == "built_on_since"


async def test_a_part_let_afterwards_is_judged_by_the_past_of_the_whole(splitter: Splitter) -> None:
    """Its tenant of before who takes a part again renews; a leaf counts once a year, as its whole did."""
    whole = await floor(splitter)
    await revived(splitter, whole, days=(-400, -200))
    made = await splitter.done(whole, *halves(splitter))
    first = made["units"][0]["asset_id"]

    await splitter.hand_over(await splitter.open(first, days=(0, 100)))

    assert [verdict[1] for verdict in await splitter.verdicts(first)] == ["counted", "renewal"]
    assert [verdict[1] for verdict in await splitter.verdicts(made["units"][1]["asset_id"])] == ["counted"]


async def test_figures_of_a_correction_follow_the_parts(splitter: Splitter) -> None:
    before = await counted(splitter.client)
    whole = await floor(splitter)
    opened = await splitter.open(whole, days=(0, 100))
    await splitter.hand_over(opened)
    with_it = await counted(splitter.client)
    assert with_it != before
    await splitter.done(whole, *halves(splitter))
    assert await counted(splitter.client) == with_it

    place = f"/api/v1/outcomes/{opened.json()['id']}/stages"
    body = {"stage": "corrected", "reason": "登记有误"}
    corrected = await splitter.client.post(place, headers=splitter.staff | {"If-Match": "*"}, json=body)

    assert corrected.status_code == 200, corrected.text
    assert await counted(splitter.client) == before
    await splitter.consistent()


async def test_what_is_left_is_named_or_refused(splitter: Splitter) -> None:
    whole = await plot(splitter)
    first = part("P-1", strip(splitter.park, 0, LEFT), **area(600))

    bare = await splitter.split(whole, first)

    fault = bare.json()["errors"][0]
    assert (bare.status_code, fault["code"], fault["field"]) == (409, "not_tiled", "remainder")
    made = await splitter.done(whole, first, remainder={"properties": {"code": "P-R", "name": "余地"}})
    rest = await splitter.read(made["units"][1]["asset_id"])
    assert (rest["properties"]["code"], rest["properties"]["stated_area"]) == ("P-R", 400)
    drawn = await splitter.facts(whole)
    shown = await splitter.facts(made["units"][0]["asset_id"])
    together = shown["measured_area_m2"] + rest["properties"]["measured_area_m2"]
    assert together == pytest.approx(drawn["measured_area_m2"], rel=1e-5)
    await splitter.consistent()


async def test_by_areas_alone(splitter: Splitter) -> None:
    whole = await plot(splitter)
    bare = await splitter.split(whole, part("P-1", **area(600)), part("P-2", **area(300)))
    assert bare.json()["errors"][0]["code"] == "not_tiled"
    over = await splitter.split(whole, part("P-1", **area(600)), part("P-2", **area(500)))
    assert over.json()["errors"][0]["code"] == "parts_exceed_whole"

    made = await splitter.done(
        whole, part("P-1", **area(600)), part("P-2", **area(300)), remainder={"properties": {"code": "R", "name": "R"}}
    )

    areas = [(await splitter.facts(unit["asset_id"]))["stated_area"] for unit in made["units"]]
    assert areas == [600, 300, 100]
    assert (await splitter.read(made["units"][2]["asset_id"]))["geometry"] is None


async def test_a_building_is_split_into_floors_by_areas(splitter: Splitter) -> None:
    outline = box(splitter.park, 0)
    hall = await splitter.unit("H", outline, "building", **area(2000), storeys=2)
    floors = [part(f"H-{n}", outline, floor_no=n, **area(1000)) for n in (1, 2)]
    missing = await splitter.split(hall, part("H-1", outline, **area(1000)), floors[1])
    assert [(fault["field"], fault["code"]) for fault in missing.json()["errors"]] == [
        ("parts.0.properties.floor_no", "missing")
    ]

    made = await splitter.done(hall, *floors)

    assert [(await splitter.facts(unit["asset_id"]))["level"] for unit in made["units"]] == ["floor"] * 2


@pytest.mark.parametrize(
    ("spoilt", "field", "code"),
    [
        ({"properties": {"code": "P-2", "name": "P-2"}}, "parts.1.properties.stated_area", "outline_or_area"),
        ({"properties": {"code": "p-1 ", "name": "P", **area(1)}}, "parts.1.properties.code", "taken"),
        ({"properties": {"code": "P-2", "name": "P", "level": "bay"}}, "parts.1.properties.level", "unknown_field"),
        ({"properties": {"code": "P-2", "name": "P", "storeys": 900}}, "parts.1.properties.storeys", "out_of_range"),
        ({"properties": {"name": "P"}}, "parts.1.properties.code", "missing"),
    ],
)
async def test_bad_parts_are_named(splitter: Splitter, spoilt: dict[str, Any], field: str, code: str) -> None:
    whole = await plot(splitter)
    claims, first = await splitter.figures(), part("P-1", **area(999))

    answer = await splitter.split(whole, first, spoilt)

    assert answer.status_code in (409, 422), answer.text
    assert [(fault["field"], fault["code"]) for fault in answer.json()["errors"]] == [(field, code)]
    assert (await splitter.facts(whole))["is_leaf"]
    assert await splitter.figures() == claims


async def test_outlines_that_do_not_fit_are_refused(splitter: Splitter) -> None:
    whole = await plot(splitter)
    first, other = halves(splitter)
    over = await splitter.split(whole, first, part("P-2", strip(splitter.park, 0, (0.5, 1.0)), **area(400)))
    assert [(f["field"], f["code"]) for f in over.json()["errors"]] == [("parts.1.geometry", "parts_overlap")]
    outside = await splitter.split(whole, first, part("P-2", strip(splitter.park, 0, (0.6, 1.4)), **area(400)))
    assert [(f["field"], f["code"]) for f in outside.json()["errors"]] == [("parts.1.geometry", "outside_whole")]
    nothing = await splitter.split(whole, first, other, remainder={"properties": {"code": "R", "name": "R"}})
    assert [(f["field"], f["code"]) for f in nothing.json()["errors"]] == [("remainder", "nothing_left")]
    alone = await splitter.split(whole, part("P-1", box(splitter.park, 0), **area(1000)))
    assert [(f["field"], f["code"]) for f in alone.json()["errors"]] == [("parts", "too_few_parts")]


async def test_who_may_and_at_which_revision(
    splitter: Splitter, keys: dict[str, Headers], client: httpx.AsyncClient
) -> None:
    whole = await plot(splitter)
    body = {"parts": halves(splitter)}
    refusals = {"demo-leader": 403, "demo-auditor": 403, "demo-zhiding": 403, "demo-dazu-gaoxin": 403}
    for login, status in refusals.items():
        answer = await client.post(f"{ASSETS}/{whole}/split", headers=keys[login] | {"If-Match": "*"}, json=body)
        assert (login, answer.status_code) == (login, status)
    assert (await client.post(f"{ASSETS}/{whole}/split", headers={"If-Match": "*"}, json=body)).status_code == 401
    assert (await client.post(f"{ASSETS}/{whole}/split", headers=splitter.staff, json=body)).status_code == 428
    assert (await splitter.split(whole, *halves(splitter), if_match='"77"')).status_code == 412
    hidden = await splitter.draft("D", box(splitter.park, 2), "plot", **area(1000))
    away = await client.post(
        f"{ASSETS}/{hidden.json()['id']}/split", headers=keys["demo-dazu-gaoxin"] | {"If-Match": "*"}, json=body
    )
    unknown = await client.post(
        f"{ASSETS}/018f0000-0000-7000-8000-000000000000/split",
        headers=keys["demo-dazu-gaoxin"] | {"If-Match": "*"},
        json=body,
    )
    assert away.status_code == unknown.status_code == 404
    assert away.json()["errors"] == unknown.json()["errors"]


async def test_said_twice_it_is_done_once(splitter: Splitter) -> None:
    whole = await plot(splitter)
    headers = splitter.staff | {"If-Match": "*", "Idempotency-Key": "split-once"}
    answers = [
        await splitter.client.post(f"{ASSETS}/{whole}/split", headers=headers, json={"parts": halves(splitter)})
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    again = await splitter.split(whole, *halves(splitter, code="Q"))
    assert again.json()["errors"][0]["code"] == "unit_has_parts"


async def test_a_transfer_against_a_split(splitter: Splitter) -> None:
    """Whichever comes first: the deal takes the parts, or the split finds it on the whole and carries it."""
    whole = await floor(splitter)

    made, *leases = await asyncio.gather(
        splitter.split(whole, *halves(splitter)), *(splitter.open(whole, days=(0, 99)) for _ in range(4))
    )

    assert made.status_code == 201, made.text
    assert sorted(answer.status_code for answer in leases) == [201, 409, 409, 409]
    (taken,) = [answer.json()["id"] for answer in leases if answer.status_code == 201]
    claims = [await splitter.claims(unit["asset_id"]) for unit in made.json()["units"]]
    assert claims[0] == claims[1]
    assert {claim[2] for claim in claims[0]} == {taken}
    assert await splitter.claims(whole) == []
    await splitter.consistent()


async def test_a_closed_year_stays_as_it_was_closed(splitter: Splitter) -> None:
    """What moves in it says why, and adds what it added: as closed, and as known now."""
    whole = await floor(splitter)
    await revived(splitter, whole, days=(-800, -700))
    ((*_, revived_from),) = await splitter.verdicts(whole)
    place = f"/api/v1/parks/{splitter.park['id']}/closed-years"
    closed = await splitter.client.post(place, headers=splitter.staff, json={"year": revived_from.year, "note": "定稿"})
    assert closed.status_code in (200, 201), closed.text
    period = {"from": f"{revived_from.year}-01-01", "to": f"{revived_from.year}-12-31", "park": splitter.park["id"]}
    before = (await splitter.client.get("/api/v1/stats/revitalized", params=period)).json()

    made = await splitter.done(whole, *halves(splitter))
    after = (await splitter.client.get("/api/v1/stats/revitalized", params=period)).json()
    await splitter.undo(made["batch_id"])

    assert (after["factory"], after["closed_years"]) == (before["factory"], before["closed_years"])
    assert (await splitter.client.get("/api/v1/stats/revitalized", params=period)).json() == before
    reason = await splitter.conn.fetchval("SELECT reason FROM panhuo.revival WHERE leaf_id = $1", whole)
    assert "拆分" in reason
