"""Every operation of the description has an example, and each says what is so: it is made by asking."""

from __future__ import annotations

import copy
import json
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from api.description import EXAMPLES
from tests.api.district import District
from tests.api.examples import RECORDED_ON, differing, recorded
from tests.api.requests import REQUESTS
from tests.conftest import Dazu

MOST_BYTES = 2_200  # of an operation, on average


@pytest.fixture
def kept() -> dict[str, Any]:
    examples: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return examples


async def test_the_examples_are_true(district: District, pytestconfig: pytest.Config) -> None:
    made = await recorded(district)
    if pytestconfig.getoption("--examples"):
        text = json.dumps(made, ensure_ascii=False, indent=1)
        EXAMPLES.write_text(text + "\n", encoding="utf-8")

    assert differing(json.loads(EXAMPLES.read_text(encoding="utf-8")), made) == [], "run `make examples`"


async def test_every_operation_has_one_and_its_body_is_what_the_schema_says(
    client: httpx.AsyncClient, kept: dict[str, Any]
) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    facts = {method["operationId"]: method for methods in document["paths"].values() for method in methods.values()}
    faults = []
    for name, operation in facts.items():
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            schema = content["application/json"]["schema"]
            checker = Draft202012Validator({**schema, "components": document["components"]})
            faults += [f"{name}: {fault.message}" for fault in checker.iter_errors(kept[name]["body"])]

    assert set(kept) - {RECORDED_ON} == set(facts) == set(REQUESTS)
    assert faults == []


def test_the_file_is_short_and_holds_no_secret(kept: dict[str, Any], dazu: Dazu) -> None:
    text = EXAMPLES.read_text(encoding="utf-8")

    assert len(text.encode()) < MOST_BYTES * len(kept)
    assert kept["log_in"]["response"]["body"]["access_token"] == "ph_a_not-a-real-token"
    assert [
        account["login"]
        for account in dazu.accounts.values()
        if account["password"] in text or account["api_key"] in text
    ] == []


def test_days_may_have_passed_and_nothing_else(kept: dict[str, Any]) -> None:
    later = (date.fromisoformat(kept[RECORDED_ON]) + timedelta(days=40)).isoformat()
    shifted = json.loads(json.dumps(kept).replace(kept[RECORDED_ON], later))
    other = copy.deepcopy(shifted)
    other["revitalized"]["response"]["body"]["land"]["area_mu"] = "858.00"
    other["read_firm"]["response"]["body"]["name"] += "x"

    assert differing(kept, shifted) == []
    assert differing(kept, other) == ["read_firm", "revitalized"]
