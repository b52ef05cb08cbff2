"""A kept ranking is computed anew: the same from what was kept, another from anything else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from tests.api.story import Headers, state_need
from tests.conftest import Dazu


@pytest_asyncio.fixture(loop_scope="session")
async def superuser(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(dazu.superuser_url, server_settings={"search_path": "panhuo, public"})
    yield conn
    await conn.close()


async def ranked(client: httpx.AsyncClient, firm: Headers, **changes: Any) -> str:
    demand_id = await state_need(client, firm, **changes)
    made = await client.post(f"/api/v1/demands/{demand_id}/rankings", headers=firm)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def replayed(client: httpx.AsyncClient, firm: Headers, ranking_id: str) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/rankings/{ranking_id}/replay", headers=firm)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_the_same_comes_out(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    ranking_id = await ranked(client, keys["demo-zhiding"], kinds=["factory", "land"])

    replay = await replayed(client, keys["demo-zhiding"], ranking_id)

    assert (replay["identical"], replay["differences"]) == (True, [])
    assert replay["rows"] >= 3


async def test_what_is_asked_beside_the_lists_changes_nothing(
    client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    firm = keys["demo-zhiding"]
    place = f"/api/v1/demands/{await state_need(client, firm)}/rankings?robustness=true&near_misses=true"
    made = await client.post(place, headers=firm)

    assert (made.status_code, (await replayed(client, firm, made.json()["id"]))["identical"]) == (201, True)


INPUTS = {
    "a bound of the need": ("{demand,clear_height_m_min}", "9.9"),
    "an importance": ("{demand,importances}", '{"industry": 5}'),
    "a product": ("{demand,product_codes}", '["2614"]'),
    "how many are shown": ("{limit}", "1"),
    "the rents": ("{rows,columns,rent_yuan_m2_month,values}", None),
    "the ids": ("{rows,ids}", None),
    "what leads in the parks": ("{park_facts}", "{}"),
}


@pytest.mark.parametrize("what", INPUTS)
async def test_one_altered_input_gives_another_answer(
    client: httpx.AsyncClient, keys: dict[str, Headers], superuser: asyncpg.Connection, what: str
) -> None:
    ranking_id = await ranked(client, keys["demo-zhiding"])
    path, value = INPUTS[what]
    if value is None:
        was = await superuser.fetchval(f"SELECT inputs #> '{path}' FROM ranking WHERE id = $1", ranking_id)
        values = json.loads(was)
        value = json.dumps([f"{value}x" if isinstance(value, str) else (value or 0) + 50 for value in values])

    await superuser.execute(
        f"UPDATE ranking SET inputs = jsonb_set(inputs, '{path}', $2::jsonb) WHERE id = $1", ranking_id, value
    )

    assert (await replayed(client, keys["demo-zhiding"], ranking_id))["identical"] is False


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("{lists,factory,results,0,score}", "1"),
        ("{lists,factory,results,0,status}", '"no_fit"'),
        ("{lists,factory,results,0,soft,0,contribution}", "7"),
        ("{lists,factory,results,0,hard,1,status}", '"unknown"'),
        ("{day}", '"2020-01-01"'),
    ],
)
async def test_an_altered_answer_is_not_identical(
    client: httpx.AsyncClient, keys: dict[str, Headers], superuser: asyncpg.Connection, path: str, value: str
) -> None:
    ranking_id = await ranked(client, keys["demo-zhiding"])

    await superuser.execute(
        f"UPDATE ranking SET answer = jsonb_set(answer, '{path}', $2::jsonb) WHERE id = $1", ranking_id, value
    )

    replay = await replayed(client, keys["demo-zhiding"], ranking_id)
    assert replay["identical"] is False
    assert [(difference["field"], difference["stored"]) for difference in replay["differences"]] == [
        (path.strip("{}").replace(",", "."), json.loads(value))
    ]


async def test_order_is_part_of_the_answer(
    client: httpx.AsyncClient, keys: dict[str, Headers], superuser: asyncpg.Connection
) -> None:
    ranking_id = await ranked(client, keys["demo-zhiding"])

    await superuser.execute(
        """UPDATE ranking SET answer = jsonb_set(jsonb_set(answer, '{lists,factory,results,0}',
             answer #> '{lists,factory,results,1}'), '{lists,factory,results,1}', answer #> '{lists,factory,results,0}')
           WHERE id = $1""",
        ranking_id,
    )

    replay = await replayed(client, keys["demo-zhiding"], ranking_id)
    assert (replay["identical"], replay["differences"][0]["field"]) == (False, "lists.factory.results.0.asset_ids.0")


async def test_an_old_ranking_replays_under_its_own_version(
    client: httpx.AsyncClient, keys: dict[str, Headers], dazu: Dazu, superuser: asyncpg.Connection
) -> None:
    from actions.reference import add_scheme
    from domain.actor import SYSTEM

    firm = keys["demo-zhiding"]
    old = await ranked(client, firm)
    before = await replayed(client, firm, old)
    text = "SELECT body FROM scheme WHERE kind = 'matching' ORDER BY recorded_at DESC, version DESC LIMIT 1"
    document = json.loads(await superuser.fetchval(text))
    document["version"] = "R2-test"
    document["numbers"]["score_exponent"]["value"] = 1

    assert await add_scheme(dazu.db, SYSTEM, "matching", "R2-test", document)
    new = await ranked(client, firm)

    assert (await replayed(client, firm, old)) == before
    after = await replayed(client, firm, new)
    assert (before["identical"], after["identical"]) == (True, True)
    assert (before["model_version"] != "R2-test", after["model_version"]) == (True, "R2-test")
    scores = [
        [
            result["score"]
            for result in (await client.get(f"/api/v1/rankings/{item}", headers=firm)).json()["lists"]["factory"][
                "results"
            ]
        ]
        for item in (old, new)
    ]
    assert scores[0] != scores[1]
    await superuser.execute(
        "UPDATE scheme SET body = jsonb_set(body, '{numbers,unknown_value,value}', '0.9') WHERE version = $1",
        before["model_version"],
    )
    assert (await replayed(client, firm, old))["identical"] is False


async def test_what_cannot_be_replayed_is_refused(
    client: httpx.AsyncClient, keys: dict[str, Headers], superuser: asyncpg.Connection
) -> None:
    firm = keys["demo-zhiding"]
    ranking_id = await ranked(client, firm)
    place = f"/api/v1/rankings/{ranking_id}/replay"

    assert (await client.get(place)).status_code == 404
    assert (await client.get(place, headers=keys["demo-shuangqiao"])).status_code == 404
    await superuser.execute("UPDATE ranking SET inputs = inputs - 'rows' WHERE id = $1", ranking_id)
    gone = await client.get(place, headers=firm)
    assert (gone.status_code, gone.json()["errors"][0]["code"]) == (409, "rows_not_kept")
