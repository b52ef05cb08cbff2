"""Which published needs nothing fits, over HTTP: for staff, and for nobody else."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.story import NEED, Headers, state_need

GAP = "/api/v1/stats/gap"


async def publish(client: httpx.AsyncClient, firm: Headers, demand_id: str) -> None:
    read = await client.get(f"/api/v1/demands/{demand_id}", headers=firm)
    tag = {"If-Match": read.headers["etag"]}
    shown = await client.post(f"/api/v1/demands/{demand_id}/publish", headers=firm | tag)
    assert shown.status_code == 200, shown.text


def tallest(facts: dict[str, Any]) -> tuple[int, int]:
    """Needs of 12 m and more, and those of them that nothing fits."""
    return next(
        ((band["asked"], band["unmet"]) for band in facts["by"]["clear_height_m_min"] if band["from"] == 12), (0, 0)
    )


async def test_staff_see_what_nothing_fits_and_what_would_help(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers
) -> None:
    firm = keys["demo-zhiding"]
    before = (await client.get(GAP, headers=staff)).json()
    high = await state_need(client, firm, clear_height_m_min=30)
    await state_need(client, firm, clear_height_m_min=31)  # never published
    await publish(client, firm, high)

    answer = await client.get(GAP, headers=staff | {"Accept-Language": "en"})

    after = answer.json()
    assert answer.status_code == 200, answer.text
    assert (after["published"], after["unmet"]) == (before["published"] + 1, before["unmet"] + 1)
    assert [new - old for old, new in zip(tallest(before), tallest(after), strict=True)] == [1, 1]
    (need,) = (need for need in after["needs"] if need["demand_id"] == high)
    assert need["title"] == NEED["title"]
    assert need["nearest"]["rules"] == ["H3"]
    assert need["nearest"]["text"].startswith("With the clear height changed from 30.00 m to ")
    assert (after["capped"], after["not_ranked"]) == (False, 0)


async def test_needs_are_staffs_to_see(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    stranger = await client.get(GAP)
    firm = await client.get(GAP, headers=keys["demo-zhiding"])
    admin = await client.get(GAP, headers=keys["demo-admin"])
    wrong = await client.get(f"{GAP}?park=x", headers=keys["demo-admin"])

    assert [answer.status_code for answer in (stranger, firm, admin, wrong)] == [401, 403, 200, 400]
