"""`next` over HTTP: who sees it, what it says of the fields, and that a deal is taken to its end by it alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from outcomes.stage_fields import SCHEMAS, schema
from tests.api.story import Headers, box, firm_of, lease, register
from tests.api.test_paths import COUNTS, opened
from tests.conftest import TODAY

REASON = {"name": "reason", "is_needed": True, "schema": {"type": "string", "minLength": 1, "maxLength": 1000}}


def value(schema: dict[str, Any]) -> Any:
    """Something the schema lets through."""
    match schema:
        case {"format": "date"}:
            return str(TODAY)
        case {"format": "decimal"}:
            return max(schema["minimum"], min(schema["maximum"], 500))
    assert schema["type"] == "string"
    return "示例"


def step(named: dict[str, Any]) -> dict[str, Any]:
    """The body of a step, with what it needs."""
    needed = {field["name"]: value(field["schema"]) for field in named["fields"] if field["is_needed"]}
    return {"stage": named["stage"], **needed}


@pytest.mark.parametrize("path", [*COUNTS, "equity_swap"])
async def test_a_client_that_knows_next_alone_takes_a_deal_to_its_end(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], path: str
) -> None:
    case = await opened(client, keys, park, path, 0)
    outcome, walked = case.outcome, []

    while forward := [named for named in outcome["next"] if named["direction"] == "forward"]:
        outcome = await case.step(**step(forward[0]))
        walked.append(outcome["stage"])
        shown = await client.get(case.place, headers=case.staff)
        assert shown.json() == outcome
    (correction,) = [named for named in outcome["next"] if named["direction"] != "beside"]
    corrected = await case.step(**step(correction))

    assert (walked[-1], outcome["revived_on"]) == ("ended", str(TODAY))
    assert correction == {"stage": "corrected", "direction": "exit", "fields": [REASON]}
    assert (corrected["stage"], corrected["next"]) == ("corrected", [])


async def test_what_a_lease_may_do_when_it_is_opened(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    case = await opened(client, keys, park, "lease", 0)
    day = {"type": "string", "format": "date"}

    shown = (await client.get(case.place, headers=case.staff)).json()["next"]

    assert [(named["stage"], named["direction"]) for named in shown] == [
        ("reserved", "forward"),
        ("signed", "forward"),
        ("withdrawn", "exit"),
    ]
    assert shown[1]["fields"][:4] == [
        {"name": "signed_on", "is_needed": True, "schema": day},
        {"name": "starts_on", "is_needed": False, "schema": day},
        {"name": "ends_on", "is_needed": False, "schema": day},
        {
            "name": "rent_yuan_m2_month",
            "is_needed": False,
            "schema": {"type": ["number", "string"], "format": "decimal", "minimum": 0, "maximum": 9999999},
        },
    ]
    assert shown[2]["fields"] == [REASON]


async def test_next_is_for_those_who_may_move_the_deal(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    staff, firm, admin = keys["demo-shuangqiao"], keys["demo-zhiding"], keys["demo-admin"]
    hall = await register(client, staff, park, "N-1", box(park, 0), level="building")
    made = await client.post("/api/v1/outcomes", headers=staff, json=lease([hall["id"]], await firm_of(client, keys)))
    place = made.headers["location"]

    seen = {login: await client.get(place, headers=keys[login]) for login in keys}

    own, of_firm = seen["demo-shuangqiao"], seen["demo-zhiding"]
    assert own.json() == made.json() == seen["demo-admin"].json()
    assert of_firm.json() == {name: fact for name, fact in own.json().items() if name != "next"}
    for login in ("demo-leader", "demo-auditor"):
        assert seen[login].status_code == 200
    others = set(keys) - {"demo-shuangqiao", "demo-zhiding", "demo-admin", "demo-leader", "demo-auditor"}
    assert others and {seen[login].status_code for login in others} == {404}
    assert own.headers["etag"] == made.headers["etag"] != of_firm.headers["etag"]
    for reader, tag in ((staff, own.headers["etag"]), (firm, of_firm.headers["etag"])):
        assert (await client.get(place, headers=reader | {"If-None-Match": tag})).status_code == 304
    known = staff | {"If-None-Match": of_firm.headers["etag"]}
    assert (await client.get(place, headers=known)).json() == own.json()
    signed = {"stage": "signed", "signed_on": str(TODAY)}
    refused = await client.post(f"{place}/stages", headers=firm | {"If-Match": of_firm.headers["etag"]}, json=signed)
    assert refused.status_code == 403
    page = await client.get("/api/v1/outcomes", headers=admin, params={"park": park["id"], "limit": 1000})
    assert hall["id"] in page.text
    assert [outcome for outcome in page.json()["items"] if "next" in outcome] == []


async def test_the_schema_of_a_field_is_that_of_the_step(client: httpx.AsyncClient) -> None:
    schemas = (await client.get("/api/v1/openapi.json")).json()["components"]["schemas"]
    name = SCHEMAS.partition("#")[0]

    for field, described in schemas["Step"]["properties"].items():
        if field == "stage":
            continue
        (shape,) = [shape for shape in described["anyOf"] if shape != {"type": "null"}]
        if "$ref" in shape:
            shape = {"enum": schemas[shape["$ref"].rpartition("/")[2]]["enum"]}
        if "items" in shape:
            shape["items"] = {"$ref": name + shape["items"]["$ref"]}
        assert schema(field) == shape, field


async def test_the_description_says_what_next_holds(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    answered = document["paths"]["/api/v1/outcomes/{outcome_id}"]["get"]["responses"]["200"]["content"]

    assert answered["application/json"]["schema"] == {"$ref": "#/components/schemas/Outcome"}
    shown = document["components"]["schemas"]["Outcome"]["properties"]["next"]
    assert shown["items"] == {"$ref": "#/components/schemas/NextStage"}
    assert "可去的阶段" in shown["description"] and "The stages it may go to" in shown["description"]
    assert document["components"]["schemas"]["NextStage"]["required"] == ["stage", "direction", "fields"]
