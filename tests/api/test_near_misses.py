"""Near misses over HTTP: where few fit or on request, sentences in the caller's language, kept with the ranking."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.story import NEED, Headers

HIGH = NEED | {"clear_height_m_min": 30}
ENGLISH = {"Accept-Language": "en"}


async def rank(client: httpx.AsyncClient, need: dict[str, Any], query: str = "", **headers: str) -> dict[str, Any]:
    answer = await client.post(f"/api/v1/rankings{query}", json=need, headers=headers)
    assert answer.status_code == 200, answer.text
    part: dict[str, Any] = answer.json()["lists"]["factory"]
    return part


async def test_a_need_nothing_fits_is_told_what_would_help(client: httpx.AsyncClient) -> None:
    chinese = await rank(client, HIGH)
    english = await rank(client, HIGH, **ENGLISH)

    first = chinese["relaxations"][0]
    assert (chinese["totals"]["fit"], first["rules"]) == (0, ["H3"])
    (change,) = first["changes"]
    assert (change["bound"], change["from"]) == ("clear_height_m_min", 30)
    assert first["text"].startswith(f"若净高要求由 30.00 m 调整为 {change['to']:.2f} m，有 {first['units']} 处满足")
    assert english["relaxations"][0]["text"].startswith(
        f"With the clear height changed from 30.00 m to {change['to']:.2f} m, {first['units']} would fit"
    )
    assert first["asset"]["id"] == first["asset_id"]
    helped = await rank(client, HIGH | {"clear_height_m_min": change["to"]})
    assert first["asset_id"] in {r["asset_ids"][0] for r in helped["results"] if r["status"] == "fit"}
    assert first["asset"]["name"] == next(
        r["assets"][0]["name"] for r in helped["results"] if r["asset_ids"] == [first["asset_id"]]
    )
    assert helped["totals"]["fit"] == first["units"]


async def test_near_misses_are_asked_for_where_enough_fits(client: httpx.AsyncClient) -> None:
    modest = {"kinds": ["factory"], "power_kva_min": 100}

    assert (await rank(client, modest))["totals"]["fit"] >= 3
    assert (await rank(client, modest))["relaxations"] is None
    assert (await rank(client, modest, "?near_misses=true"))["relaxations"] is not None
    wrong = await client.post("/api/v1/rankings?near_misses=perhaps", json=modest)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "near_misses")


async def test_near_misses_are_kept_with_the_ranking(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    firm = keys["demo-zhiding"]
    posted = await client.post("/api/v1/demands", headers=firm, json=HIGH)

    made = await client.post(f"/api/v1/demands/{posted.json()['id']}/rankings", headers=firm)
    again = await client.get(made.headers["location"], headers=firm)

    assert again.json()["lists"]["factory"]["relaxations"] == made.json()["lists"]["factory"]["relaxations"] != []


async def test_robustness_is_told_on_request(client: httpx.AsyncClient) -> None:
    modest = {"kinds": ["factory"], "power_kva_min": 100}

    plain = await rank(client, modest)
    ranking = await rank(client, modest, "?robustness=true", **ENGLISH)

    shares = [result["robustness"] for result in ranking["results"] if result["status"] == "fit"]
    assert {result["robustness"] for result in plain["results"]} == {None}
    assert {result["robustness_text"] for result in plain["results"]} == {None}
    if len(shares) > 3:
        assert sum(shares) == 3.0
        assert ranking["results"][0]["robustness_text"] == f"in the top 3 in {shares[0]:.0%} of plausible weightings"
    else:
        assert set(shares) == {None}
