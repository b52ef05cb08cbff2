"""A park that is not there is so to everyone: parks are public, so nobody learns anything by it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.story import Headers, box, firm_of
from tests.conftest import TODAY

NOWHERE = "01990000-0000-7000-8000-000000000001"
CALLERS = ["demo-admin", "demo-shuangqiao", "demo-zhiding", None]


@pytest.mark.parametrize("login", CALLERS)
async def test_acts_on_a_park_that_is_not_there(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], login: str | None
) -> None:
    caller = {} if login is None else keys[login]
    firm = f"/api/v1/firms/{await firm_of(client, keys)}"
    facts = {"park_id": NOWHERE, "level": "plot", "code": "N-1", "name": "N-1", "stated_area": 1}
    query: dict[str, tuple[str, dict[str, Any], str]] = {
        "a unit, with a fault": (
            "/api/v1/assets",
            {"type": "Feature", "geometry": box(park, 0), "properties": facts},
            "properties.park_id",
        ),
        "a zone": (
            f"/api/v1/parks/{NOWHERE}/zones",
            {"type": "Feature", "geometry": box(park, 0), "properties": {"code": "z", "name_zh": "z"}},
            "park_id",
        ),
        "its whole area": (
            f"/api/v1/parks/{NOWHERE}/totals",
            {"kind": "land", "area_m2": 1, "source": "x"},
            "park_id",
        ),
        "a year": (
            f"/api/v1/parks/{NOWHERE}/closed-years",
            {"year": TODAY.year - 1, "note": "x"},
            "park_id",
        ),
    }
    if login is not None:  # these ask first who it is
        query["an officer"] = (f"{firm}/officer", {"park_id": NOWHERE, "name": "x"}, "park_id")
        query["a visit"] = (f"{firm}/visits", {"park_id": NOWHERE, "visited_on": str(TODAY), "note": "x"}, "park_id")
        request = {"park_id": NOWHERE, "topic": "other", "request": "x", "firm_id": firm.rpartition("/")[2]}
        query["a request"] = ("/api/v1/service-requests", request, "park_id")
    if login != "demo-zhiding":  # a firm names none
        query["a webhook"] = ("/api/v1/webhooks", {"url": "https://example.org/", "park_id": NOWHERE}, "park_id")

    for what, (place, body, field) in query.items():
        answer = await client.post(place, headers=caller, json=body)
        fault = answer.json()["errors"][0]
        assert (answer.status_code, fault["code"], fault["field"]) == (404, "no_such_park", field), (what, answer.text)


async def test_a_park_of_others_is_refused_as_before(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    parks = (await client.get("/api/v1/parks")).json()["features"]
    other = next(item for item in parks if item["id"] != park["id"] and item["properties"]["zone_of"] is None)
    facts = {"park_id": other["id"], "level": "plot", "code": "N-2", "name": "N-2"}
    body = {"type": "Feature", "geometry": box(other, 0), "properties": facts}

    answers = {login: await client.post("/api/v1/assets", headers=caller, json=body) for login, caller in keys.items()}
    answers["nobody"] = await client.post("/api/v1/assets", json=body)

    assert (answers["demo-shuangqiao"].status_code, answers["demo-zhiding"].status_code) == (403, 403)
    assert answers["nobody"].status_code == 401
