"""The law before the act, over HTTP: what is refused and its mended twin, what is noted, stages beside the route."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from actions.reference import add_scheme
from domain.actor import SYSTEM
from fixtures import reference
from fixtures.load import load_reference
from store import doctor
from tests.api.story import EMPTY, Headers, box, counted, register
from tests.api.test_equity_swap import BEFORE_TITLE, STAGES
from tests.api.test_paths import LET, TITLE, WALKS, Case, opened
from tests.conftest import TODAY, Dazu

PLOT = {"level": "plot", "land_right": "granted"}
CONTRACTED: dict[str, Any] = {"stage": "contracted", "price_yuan": 8_000_000, "contract_no": "HT-2"}
STARTED: dict[str, Any] = {"stage": "construction_started", "permit_no": "施-9"}
PRE_REGISTERED: dict[str, Any] = {"stage": "pre_registered", "registration_no": "预告-1"}


def day(days: int) -> str:
    return str(TODAY + timedelta(days=days))


async def say(case: Case, **properties: Any) -> None:
    answer = await case.client.patch(
        f"/api/v1/assets/{case.unit['id']}",
        headers=case.staff | {"If-Match": "*"},
        json={"properties": properties},
    )
    assert answer.status_code == 200, answer.text


async def develop(case: Case, **facts: Any) -> None:
    place = f"/api/v1/assets/{case.unit['id']}/idle-clock"
    answer = await case.client.put(place, headers=case.staff | {"If-Match": "*"}, json={"source": "示例", **facts})
    assert answer.status_code == 200, answer.text


async def firm(case: Case, name: str) -> str:
    return str((await case.client.post("/api/v1/firms", headers=case.staff, json={"name": name})).json()["id"])


async def another_case(case: Case, path: str, firm_id: str, asset_ids: list[str], **facts: Any) -> Case:
    """Another deal by the same staff."""
    body = {"path": path, "asset_ids": asset_ids, "firm_id": firm_id, **facts}
    answer = await case.client.post("/api/v1/outcomes", headers=case.staff, json=body)
    assert answer.status_code == 201, answer.text
    return Case(case.client, case.staff, case.unit, firm_id, "", answer.json())


async def refused_to_open(case: Case, field: str, code: str, **body: Any) -> str:
    """The message of the refusal."""
    answer = await case.client.post("/api/v1/outcomes", headers=case.staff, json=body)
    fault = answer.json()["errors"][0]
    assert (answer.status_code, fault["field"], fault["code"]) == (422, field, code)
    return str(fault["message"])


async def notes_of(case: Case) -> list[str]:
    return [note["code"] for note in (await case.client.get(case.place, headers=case.staff)).json()["notes"]]


# Days of a lease


@pytest.mark.parametrize("path", ["lease", "sublease", "part_use", "temporary_use"])
async def test_no_lease_is_longer_than_twenty_years_opened_or_signed(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], path: str
) -> None:
    case = await opened(client, keys, park, path, 0)
    long, right = (TODAY.replace(day=1, year=TODAY.year + 20) + timedelta(days=n) for n in (0, -1))
    first = str(TODAY.replace(day=1))
    signed = WALKS[path][1] | {"starts_on": first}

    await case.refused("ends_on", "too_long", 422, **signed, ends_on=str(long))
    await case.step(**signed, ends_on=str(right))

    hall = await register(client, case.staff, park, "T-1", box(park, 1), level="building", allowed_paths=[path])
    body = {"path": path, "asset_ids": [hall["id"]], "firm_id": case.taker, "starts_on": first}
    body |= {"owner_firm_id": case.giver} if path == "sublease" else {}
    refusal = await refused_to_open(case, "ends_on", "too_long", **body, ends_on=str(long))
    assert "民法典第705条 Civil Code art. 705" in refusal and str(right) in refusal
    assert (await client.post("/api/v1/outcomes", headers=case.staff, json=body | {"ends_on": str(right)})).is_success


async def test_nothing_is_let_beyond_the_end_of_its_land(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    """The land of a bay is the plot that its building stands on."""
    end, over = day(700), day(701)
    case = await opened(client, keys, park, "lease", 0, level="plot", term_ends_on=end, is_land_alone=True)
    staff = case.staff
    hall = await register(
        client, staff, park, "E-1", box(park, 0, part=0.5), level="building", plot_id=case.unit["id"], stated_area=800,
        stated_area_unit="m2",
    )  # fmt: skip
    floor = await register(
        client, staff, park, "E-1-1", box(park, 0, part=0.5), level="floor", parent_id=hall["id"], floor_no=1
    )

    await case.refused("ends_on", "beyond_the_land", 422, **LET[1], ends_on=over)
    body = {"path": "lease", "asset_ids": [floor["id"]], "firm_id": case.taker, "starts_on": day(0)}
    assert end in await refused_to_open(case, "ends_on", "beyond_the_land", **body, ends_on=over)

    assert (await case.step(**LET[1], ends_on=end))["stage"] == "signed"
    assert (await client.post("/api/v1/outcomes", headers=staff, json=body | {"ends_on": end})).status_code == 201


async def test_nothing_is_let_on_beyond_the_lease_it_is_let_on_from(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    head = await opened(client, keys, park, "lease", 0, allowed_paths=["lease", "sublease"])
    await head.through(*LET[1:])
    other = await firm(head, "次承租人")
    body = {"path": "sublease", "asset_ids": [head.unit["id"]], "firm_id": other, "owner_firm_id": head.taker}
    body |= {"starts_on": day(0)}

    refusal = await refused_to_open(head, "ends_on", "beyond_the_head_lease", **body, ends_on=day(366))
    let_on = await another_case(
        head, "sublease", other, [head.unit["id"]], owner_firm_id=head.taker, starts_on=day(0), ends_on=day(365)
    )
    signed = LET[1] | {"consent_no": "同意-1"}
    await let_on.refused("ends_on", "beyond_the_head_lease", 422, **signed, ends_on=day(366))

    assert "第717条" in refusal
    await let_on.step(**signed)


async def test_temporary_use_of_land_needs_its_permit_and_two_years_of_a_hall_neither(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    land = await opened(client, keys, park, "temporary_use", 0, level="plot")
    hall = await opened(client, keys, park, "temporary_use", 1)
    three_years = {"starts_on": "2026-01-01", "ends_on": "2028-12-31"}

    await land.refused("permit_no", "missing", 422, **LET[1])
    await land.refused("ends_on", "too_long", 422, **LET[1], permit_no="临-1", **three_years)
    await land.step(**LET[1], permit_no="临-1", starts_on="2026-01-01", ends_on="2027-12-31")
    await hall.step(**LET[1], **three_years)

    plot = await register(client, land.staff, park, "T-2", box(park, 2), level="plot", allowed_paths=["temporary_use"])
    body = {"path": "temporary_use", "asset_ids": [plot["id"]], "firm_id": land.taker, "starts_on": "2026-01-01"}
    refusal = await refused_to_open(land, "ends_on", "too_long", **body, ends_on="2028-01-01")
    assert "第57条" in refusal and "第12条" in refusal
    await land.refused("stage", "no_such_step", 409, **STARTED)  # nothing lasting is built on it


@pytest.mark.parametrize(
    ("starts", "handed_over", "precision", "revived_on", "revived_precision"),
    [
        ("2026-06-20", "2026-07-10", "day", "2026-07-10", "day"),
        ("2026-06-20", "2026-07-10", "month", "2026-07-01", "month"),
        ("2026-06-20", "2026-06-10", "day", "2026-06-20", "day"),
        ("2026-06-20", "2026-06-10", "month", "2026-06-01", "month"),
        ("2026-06-30", "2026-06-01", "month", "2026-06-30", "day"),
        ("2026-07-01", "2026-06-01", "month", "2026-07-01", "day"),
        ("2026-06-20", "2026-01-01", "year", "2026-01-01", "year"),
    ],
)
@pytest.mark.parametrize("path", ["lease", "temporary_use"])
async def test_let_space_is_revived_on_the_later_of_first_day_and_handover(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], path: str,
    starts: str, handed_over: str, precision: str, revived_on: str, revived_precision: str,
) -> None:  # fmt: skip
    first = await opened(client, keys, park, path, 0)
    hall = await register(client, first.staff, park, "R-1", box(park, 1), level="building", allowed_paths=[path])
    let = await another_case(
        first, path, first.taker, [hall["id"]], starts_on=starts, ends_on="2027-06-30", opened_on="2025-12-01"
    )
    await let.step(stage="signed", signed_on="2026-01-01", precision=precision)

    seen = await let.step(stage="handed_over", handed_over_on=handed_over, precision=precision)

    assert (seen["revived_on"], seen["revived_on_precision"]) == (revived_on, revived_precision)
    ended = await let.step(stage="ended", ended_on="2026-07-31")
    assert ended["revived_on"] == revived_on


async def test_the_figure_follows_the_handover(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    first = await opened(client, keys, park, "lease", 0)
    facts = {"stated_area": 700, "stated_area_unit": "m2", **EMPTY}
    hall = await register(client, first.staff, park, "R-2", box(park, 1), level="building", **facts)
    let = await another_case(
        first, "lease", first.taker, [hall["id"]], starts_on="2025-06-20", ends_on="2027-06-30", opened_on="2025-06-01"
    )
    june, july = ({"from": f"2025-0{n}-01", "to": f"2025-0{n}-30"} for n in (6, 7))
    before = [float((await counted(client, **month))[1]) for month in (june, july)]
    await let.through(
        {"stage": "signed", "signed_on": "2025-06-10"}, {"stage": "handed_over", "handed_over_on": "2025-07-10"}
    )

    after = [float((await counted(client, **month))[1]) for month in (june, july)]

    assert after == [before[0], before[1] + 700]


# Titles


async def test_granted_land_is_pre_registered_until_a_quarter_is_invested(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    case = await opened(client, keys, park, "sale", 0, **PLOT)
    await case.through({"stage": "due_diligence"}, CONTRACTED, TITLE[0])

    await case.refused("asset_ids.0", "invested_unknown", 409, **TITLE[1])
    await develop(case, planned_investment_yuan=1000, invested_yuan="249.99")
    await case.refused("asset_ids.0", "invested_too_little", 409, **TITLE[1])
    fault = (await case.step(409, **TITLE[1]))["errors"][0]
    assert "25.0%" in fault["message"] and "第39条" in fault["message"]
    assert (await case.step(**PRE_REGISTERED))["stage"] == "tax_cleared"
    await develop(case, planned_investment_yuan=1000, invested_yuan=250)

    assert (await case.step(**TITLE[1]))["notes"] == []
    assert await case.holders() == {case.taker: 1}


async def test_a_swap_of_granted_land_asks_the_same_and_a_part_follows_its_plot(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    first = await opened(client, keys, park, "equity_swap", 0, **PLOT)
    part = await register(
        client, first.staff, park, "A-1", box(park, 1), **PLOT, is_divisible=True, allowed_paths=["equity_swap"]
    )
    half = await register(
        client, first.staff, park, "A-1-1", box(park, 1, part=0.5), level="part", parent_id=part["id"],
        allowed_paths=["equity_swap"], title_is_registered=True, mortgage="none", is_seized=False,
    )  # fmt: skip
    case = await another_case(first, "equity_swap", first.taker, [half["id"]], owner_firm_id=first.giver)
    case.unit = part
    await case.through(*BEFORE_TITLE)

    await case.refused("asset_ids.0", "invested_unknown", 409, **STAGES[5])
    await develop(case, planned_investment_yuan=1000, invested_yuan=200)
    await case.refused("asset_ids.0", "invested_too_little", 409, **STAGES[5])
    await develop(case, planned_investment_yuan=1000, invested_yuan=300)

    await case.step(**STAGES[5])


async def test_a_completed_building_passes_and_so_does_the_plot_below_it(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    plot = await opened(client, keys, park, "sale", 0, **PLOT, is_land_alone=True)
    await plot.through({"stage": "due_diligence"}, CONTRACTED, TITLE[0])
    await plot.refused("asset_ids.0", "invested_unknown", 409, **TITLE[1])
    hall = await register(
        client, plot.staff, park, "H-1", box(park, 0, part=0.5), level="building", plot_id=plot.unit["id"],
        completed_on="2020-05-01", completed_on_precision="month", allowed_paths=["sale"], land_right="granted",
        title_is_registered=True, mortgage="consented", is_seized=False,
    )  # fmt: skip
    sale = await another_case(plot, "sale", plot.taker, [hall["id"]], owner_firm_id=plot.giver)

    await sale.through({"stage": "due_diligence"}, CONTRACTED, *TITLE[:2])
    await plot.step(**TITLE[1])


async def test_land_whose_right_nobody_stated_is_noted(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    case = await opened(client, keys, park, "sale", 0, level="plot")

    await case.through({"stage": "due_diligence"}, CONTRACTED, *TITLE[:2])

    assert await notes_of(case) == ["land_right_unknown"]


async def test_the_page_s_swap_is_loaded_and_notes_what_is_not_known(
    client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    staff = keys["demo-shuangqiao"]
    items = (await client.get("/api/v1/outcomes", headers=staff, params={"stage": "trial_production"})).json()["items"]
    (case,) = [item for item in items if item["path"] == "equity_swap"]

    assert case["notes"] == [
        {
            "code": "invested_share_unknown",
            "article": "城市房地产管理法第39条 Urban Real Estate Administration Law art. 39",
        }
    ]


async def test_secured_property_is_sold_with_consent_and_contributed_once_released(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    sale = await opened(client, keys, park, "sale", 0, mortgage="consented")
    await sale.through({"stage": "due_diligence"}, CONTRACTED, *TITLE[:2])
    swap = await opened(client, keys, park, "equity_swap", 1, mortgage="consented")

    fault = (await swap.step(409, stage="due_diligence"))["errors"][0]

    assert (fault["field"], fault["code"]) == ("asset_ids.0", "contribution_secured")
    assert "第13条" in fault["message"]
    await say(swap, mortgage="released")
    await swap.through(*BEFORE_TITLE)
    await say(swap, mortgage="consented")
    await swap.refused("asset_ids.0", "contribution_secured", 409, **STAGES[5])
    await say(swap, mortgage="none")
    await swap.step(**STAGES[5])


async def test_a_ruling_that_was_served_is_not_withdrawn_and_needs_its_number(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], dazu: Dazu
) -> None:
    case = await opened(client, keys, park, "judicial_auction", 0, is_seized=True)
    await case.through(*WALKS["judicial_auction"][:2])

    await case.refused("stage", "no_such_step", 409, stage="tax_cleared")
    await case.refused("ruling_no", "missing", 422, stage="ruling_served")
    await case.through(WALKS["judicial_auction"][2])

    await case.refused("stage", "only_corrected", 409, stage="withdrawn", reason="流拍")
    await case.through({"stage": "tax_cleared"})
    assert await doctor.findings(dazu.db, "deals", today=TODAY, most=9) == []
    await case.refused("stage", "only_corrected", 409, stage="won", reason="重来")
    await case.refused("certificate_no", "missing", 422, stage="title_registered")


# Versions


async def test_a_deal_of_version_1_goes_by_what_version_1_asks(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], dazu: Dazu
) -> None:
    first = reference.versions("paths")[0]
    await add_scheme(dazu.db, SYSTEM, "paths", "paths-1-again", first | {"version": "paths-1-again"})
    auction = await opened(client, keys, park, "judicial_auction", 0, is_seized=True)
    walk = WALKS["judicial_auction"]
    await auction.through(*walk[:2])
    await auction.refused("stage", "no_such_step", 409, **walk[2])
    await auction.through(walk[3])
    assert await auction.holders() == {}
    await auction.through(walk[4])
    assert await auction.holders() == {auction.taker: 1}

    land = await opened(client, keys, park, "sale", 1, **PLOT)
    await land.through({"stage": "due_diligence"}, CONTRACTED)
    await land.refused("stage", "no_such_step", 409, **STARTED)
    await land.through(*TITLE[:2])
    swap = await opened(client, keys, park, "equity_swap", 2, mortgage="consented")
    await swap.through(*BEFORE_TITLE, STAGES[5])
    hall = await opened(client, keys, park, "temporary_use", 3)
    await hall.refused("permit_no", "missing", 422, **LET[1])
    lease = await opened(client, keys, park, "lease", 4)
    await lease.step(**LET[1], ends_on=str(TODAY.replace(day=1, year=TODAY.year + 30)))
    assert await notes_of(land) == await notes_of(swap) == []


async def test_a_service_that_starts_after_an_upgrade_follows_the_second_version(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], dazu: Dazu
) -> None:
    conn = await asyncpg.connect(dazu.superuser_url)
    await conn.execute("DELETE FROM panhuo.scheme WHERE kind = 'paths' AND version = 'paths-2'")
    before = await opened(client, keys, park, "lease", 0)
    await load_reference(dazu.db)
    after = await opened(client, keys, park, "lease", 1)
    await load_reference(dazu.db)
    versions = await conn.fetch("SELECT version FROM panhuo.scheme WHERE kind = 'paths' ORDER BY recorded_at")
    await conn.close()

    assert (before.outcome["paths_version"], after.outcome["paths_version"]) == ("paths-1", "paths-2")
    assert [row["version"] for row in versions] == ["paths-1", "paths-2"]


@pytest.mark.parametrize("notes", ['{"code": "x", "article": "y"}', '["x"]', '[{"code": "x"}]', '[{"article": "y"}]'])
async def test_a_note_without_its_article_is_not_kept(conn: asyncpg.Connection, notes: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await conn.execute("UPDATE panhuo.outcome SET notes = $1::jsonb", notes)

    assert refused.value.constraint_name == "notes_name_their_article"
    await conn.execute("UPDATE panhuo.outcome SET notes = $1::jsonb", '[{"code": "x", "article": "y"}]')
