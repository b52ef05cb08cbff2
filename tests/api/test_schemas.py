"""What the description says of an answer is what is answered: recorded examples fit their schema, member by member."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from api.schemas import SHOWN
from domain.fields import TABLES

EXAMPLES = json.loads((Path(__file__).parents[2] / "api/examples.json").read_text(encoding="utf-8"))
#: What not every answer has: facts for staff, attributes that nobody stated, where a deal of a list may go.
SOMETIMES = ("staff", "attributes", "next")


def strict(schema: Any, within: str = "") -> Any:
    """A schema that wants every member it names and takes no other."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value, key if key != "properties" else within) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and within != "geometry":
        made["properties"] = {name: strict(member, name) for name, member in schema["properties"].items()}
        wanted = [name for name in schema["properties"] if name not in SOMETIMES]
        made |= {"additionalProperties": within == "list"} | ({} if within in SOMETIMES else {"required": wanted})
    return made


@pytest.mark.parametrize("operation", sorted(SHOWN))
async def test_an_example_fits_its_schema(client: httpx.AsyncClient, operation: str) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    described = next(
        described
        for methods in document["paths"].values()
        for described in methods.values()
        if described["operationId"] == operation
    )
    recorded = EXAMPLES[operation]["response"]
    (answer,) = [answer for status, answer in described["responses"].items() if status != "default"]
    schema = answer["content"][recorded["media_type"]]["schema"]
    known = document["components"]["schemas"]
    known |= {name: strict(known[name]) for name in map(str.capitalize, TABLES)}

    validator = Draft202012Validator(schema | {"components": {"schemas": known}})

    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(recorded["body"])] == []


async def test_a_schema_tells_what_a_field_is_called_and_means(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    asset = document["components"]["schemas"]["Asset"]["properties"]

    assert asset["properties"]["properties"]["clear_height_m"]["type"] == ["number", "null"]
    assert asset["properties"]["properties"]["clear_height_m"]["title"] == "净高 clear height"
    assert asset["properties"]["properties"]["crane_t"]["description"].startswith("最大一台行车的起重量")
    assert set(asset["staff"]["properties"]) == {
        "lowest_rent_yuan_m2_month", "lowest_price_yuan_m2", "mortgage", "is_seized", "issues",
    }  # fmt: skip
