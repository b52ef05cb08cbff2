"""The records alone suffice to recompute a figure: the script in `docs/` does it from an answer of the service."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.counting import Counting
from tests.api.story import Headers

SCRIPT = Path(__file__).parents[2] / "docs" / "recompute_figure.py"
DEMO = {"from": "2025-01-01", "to": "2025-06-30", "explain": "records"}


def recomputed(answer: dict[str, Any]) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, SCRIPT], input=json.dumps(answer), capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


async def figure_of(client: httpx.AsyncClient, headers: Headers, **query: str) -> dict[str, Any]:
    answer = await client.get("/api/v1/stats/revitalized", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_the_district_s_figure_follows_from_its_records(
    client: httpx.AsyncClient, keys: dict[str, Headers]
) -> None:
    answer = await figure_of(client, keys["demo-admin"], **DEMO)

    status, text = recomputed(answer)

    assert status == 0, text
    assert f"{answer['land']['area_mu']} 亩" in text and f"{answer['factory']['area_m2']} m²" in text
    parks = {record["park_id"] for record in answer["records"]}
    own = [await figure_of(client, keys["demo-admin"], **DEMO, park=park) for park in sorted(parks)]
    assert sorted(json.dumps(record) for part in own for record in part["records"]) == sorted(
        json.dumps(record) for record in answer["records"]
    )


def _shorter(record: dict[str, Any]) -> None:
    record["leaves"][1]["idle_since"] = "2012-03-03"


def _without_ground(record: dict[str, Any]) -> None:
    record["leaves"][0]["idle_ground"] = None


def _by_the_last_user(record: dict[str, Any]) -> None:
    record["leaves"][0]["firm_before_id"] = record["firm_id"]


def _larger(record: dict[str, Any]) -> None:
    record["stated_area"] = 1000.01


def _by_another_clause(record: dict[str, Any]) -> None:
    record["leaves"][0]["clause"] = "3"


@pytest.mark.parametrize("spoil", [_shorter, _without_ground, _by_the_last_user, _larger, _by_another_clause])
async def test_a_record_that_does_not_fit_is_found(
    client: httpx.AsyncClient,
    staff: Headers,
    park: dict[str, Any],
    spoil: Callable[[dict[str, Any]], None],
) -> None:
    park_of = Counting(client, staff, park)
    whole, _ = await park_of.building({}, {})
    await park_of.let(whole, await park_of.firm(), "2012-04-01", "2013-12-31")
    query = {"from": "2012-01-01", "to": "2012-12-31", "park": park["id"], "explain": "records"}
    answer = await figure_of(client, staff, **query)
    assert recomputed(answer)[0] == 0

    spoil(next(record for record in answer["records"] if record["asset_id"] == whole))

    assert recomputed(answer)[0] == 1


async def test_a_unit_counted_twice_is_found(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> None:
    park_of = Counting(client, staff, park)
    whole, (floor, _) = await park_of.building({}, {})
    let = await park_of.let(whole, await park_of.firm(), "2012-04-01", "2012-12-31")
    await park_of.end(let, "2012-05-31")
    again = await park_of.let(floor, await park_of.firm(), "2012-08-01", "2013-12-31")
    query = {"from": "2012-01-01", "to": "2012-12-31", "park": park["id"], "explain": "records"}
    answer = await figure_of(client, staff, **query)
    assert recomputed(answer)[0] == 0

    record = next(record for record in answer["records"] if record["outcome_id"] == again)
    record["verdict"], record["leaves"][0]["clause"] = "counted", "7c"
    answer["factory"]["area_m2"] = "1400.00"

    assert recomputed(answer) == (1, recomputed(answer)[1])
    assert "counted that year already" in recomputed(answer)[1]
