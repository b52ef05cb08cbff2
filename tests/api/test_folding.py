"""Floors of one building in a list over HTTP: the best of them, with how many are like it, wherever it is read."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.story import Headers, box, register, state_need
from tests.api.test_comparison import GEOJSON, ranked
from tests.api.test_explanation import place
from tests.api.test_interests import FIRM


async def test_floors_stand_behind_the_best_and_the_whole_beside_them(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> None:
    facts = {"clear_height_m": 9, "power_kva": 400, "allowed_paths": ["lease"], "stated_area_unit": "m2"}
    outline = box(park, 2)
    whole = await register(
        client,
        staff,
        park,
        "F-0",
        outline,
        level="building",
        storeys=4,
        stated_area=5600,
        rent_yuan_m2_month=10,
        **facts,
    )
    floors = [
        await register(
            client, staff, park, f"F-{n}", outline, level="floor", parent_id=whole["id"], floor_no=n, stated_area=1800,
            rent_yuan_m2_month=8 + n / 10, **facts,
        )
        for n in (1, 2, 3)
    ]  # fmt: skip
    ids = [floor["id"] for floor in floors]
    firm = keys[FIRM]
    demand_id = await state_need(client, firm)

    ranking = await ranked(client, firm, demand_id)

    results = ranking["lists"]["factory"]["results"]
    shown = [result["asset_ids"][0] for result in results]
    assert whole["id"] in shown
    (first,) = [result for result in results if result["asset_ids"][0] in ids]
    assert first["like_it"]["count"] == 2
    assert [first["asset_ids"][0], *first["like_it"]["asset_ids"]] == ids
    assert first["summary"].endswith("；同栋另有 2 个类似单元")
    assert sum(ranking["lists"]["factory"]["totals"][s] for s in ("fit", "fit_after_works", "to_confirm")) == (
        len(results) + sum(result["like_it"]["count"] for result in results)
    )
    read = f"/api/v1/rankings/{ranking['id']}"
    drawn = (await client.get(read, headers=firm | GEOJSON)).json()
    assert [feature["properties"]["like_it"] for feature in drawn["features"]] == [
        result["like_it"] for result in results
    ]
    assert (await client.get(f"{read}/replay", headers=firm)).json()["identical"] is True
    body = (await client.get(place(demand_id, ids[2]), headers=firm | {"Accept-Language": "en"})).json()
    assert body["standing"]["behind"] == {"asset_ids": ids[:1]}
    assert "shown behind a better one in the same building" in body["text"]
