"""The description leaves nothing unsaid: each answer has a record, each member and parameter a meaning, each word one.

That answers are as described is held by the client of all tests (`tests/described.py`), and of the examples here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.answers import ANSWERS
from api.app import ROUTES
from api.description import EXAMPLES
from api.queries import fields_of
from api.vocabularies import VOCABULARIES
from tests.described import document, faults_of
from texts.lookup import tables

KEPT = json.loads(EXAMPLES.read_text(encoding="utf-8"))
#: Operations that answer no JSON of their own: papers, pictures, tables, metrics, the description itself.
NO_JSON = {
    "outcome_list_paper", "outcome_paper", "statistics_paper", "month_paper", "unit_booklet", "decision_sheet_paper",
    "read_chart",
    "metrics", "openapi", "assets_csv", "assets_xlsx", "asset_template", "parks_csv", "revivals_csv",
    "import_issues", "attachment_content", "asset_packet", "outcome_packet", "park_packet", "visit_calendar",
}  # fmt: skip
QUERIES = {route.opt["query"] for route in ROUTES if "query" in route.opt}
CHINESE, LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]{2}")


def operations() -> Iterator[dict[str, Any]]:
    return (operation for methods in document()["paths"].values() for operation in methods.values())


def in_both_languages(text: str) -> bool:
    return bool(CHINESE.search(text) and LATIN.search(text))


def test_every_answer_has_a_record() -> None:
    named = {route.handler_name for route in ROUTES if "hidden" not in route.opt}

    assert named - NO_JSON - set(ANSWERS) == set(), "say what these answer in ANSWERS of api/answers/__init__.py"
    assert set(ANSWERS) - named == set(), "these are no operations"


def test_every_member_and_parameter_says_what_it_means_in_both_languages() -> None:
    members = {
        f"{name}.{member}": schema.get("description", "")
        for name, record in document()["components"]["schemas"].items()
        for member, schema in record.get("properties", {}).items()
    }
    parameters = {
        f"{operation['operationId']}({parameter['name']})": parameter.get("description", "")
        for operation in operations()
        for parameter in operation["parameters"]
    }

    unsaid = sorted(name for name, text in (members | parameters).items() if not in_both_languages(text))

    assert unsaid == [], "say what they mean in texts/*/members.toml, by name or by record and name"


def test_every_meaning_is_one_of_a_member_or_a_parameter() -> None:
    records = document()["components"]["schemas"]
    names = {f"{record}.{name}" for record in records for name in records[record].get("properties", {})}
    names |= {f"{query.__name__}.{field.encode_name}" for query in QUERIES for field in fields_of(query)}
    names |= {f".{parameter['name']}" for operation in operations() for parameter in operation["parameters"]}
    names |= {name.partition(".")[2] for name in names}

    assert sorted(set(tables("members", "zh")["member"]) - names) == []


def test_every_record_and_vocabulary_says_what_it_is_in_both_languages() -> None:
    schemas = document()["components"]["schemas"]

    unsaid = [name for name, schema in schemas.items() if not in_both_languages(about(schema))]

    assert unsaid == [], "say what they are: docstring and texts/zh/members.toml; texts/*/vocabularies.toml"
    assert len(schemas) > 400
    assert schemas["ParkTotalArea"]["description"] == "填报的园区总面积。 The whole area of a park, as it is stated."


def about(schema: dict[str, Any]) -> str:
    """What a schema says of itself, without the words of a vocabulary."""
    return str(schema.get("description", "")).partition("\n\n- `")[0]


def test_every_text_of_a_record_or_a_vocabulary_is_one_of_a_schema() -> None:
    schemas = document()["components"]["schemas"]
    vocabularies = {name for name, schema in schemas.items() if "enum" in schema}

    assert set(tables("members", "zh")["record"]) == schemas.keys() - vocabularies
    assert set(tables("vocabularies", "zh")["vocabulary"]) == vocabularies


def test_every_unit_of_measurement_is_said() -> None:
    rent = document()["components"]["schemas"]["AssetProperties"]["properties"]["rent_yuan_m2_month"]
    within = next(parameter for parameter in parameters_of("list_assets") if parameter["name"] == "area_mu_min")

    assert (rent["x-unit"], rent["description"].endswith("[元/m²·月 / yuan/m² a month]")) == ("yuan/m2/month", True)
    assert (within["schema"]["x-unit"], within["description"]) == (
        "mu",
        "市制面积不低于此值。 At least this area in Chinese measure. [亩 / mu]",
    )


def parameters_of(name: str) -> list[dict[str, Any]]:
    return next(operation["parameters"] for operation in operations() if operation["operationId"] == name)


def words_outside(schema: Any, at: str) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("enum"), list):
            yield at
        for name, value in schema.items():
            yield from words_outside(value, f"{at}.{name}") if name != "example" else ()
    if isinstance(schema, list):
        for item in schema:
            yield from words_outside(item, at)


def test_every_vocabulary_is_a_component_that_explains_its_words() -> None:
    components = document()["components"]["schemas"]
    named = {name: schema for name, schema in components.items() if "enum" in schema}
    records = {name: schema for name, schema in components.items() if name not in named}

    assert list(words_outside([records, document()["paths"]], "")) == [], "name it in VOCABULARIES"
    assert set(named) <= set(VOCABULARIES)
    for name, schema in named.items():
        lines = schema["description"].split("\n\n", 1)[1].split("\n")
        assert [line.partition("`: ")[0] for line in lines] == [f"- `{word}" for word in schema["enum"]], name
        assert all(line.partition("`: ")[2] for line in lines), name
    assert "- `H4`: 楼面荷载：" in named["Rule"]["description"]


def test_null_is_said_where_it_may_stand_and_nowhere_else() -> None:
    components = document()["components"]["schemas"]
    facts, ranked = components["AssetProperties"], components["RankedUnit"]

    assert facts["properties"]["clear_height_m"]["anyOf"] == [{"type": "number"}, {"type": "null"}]
    assert facts["properties"]["clear_height_m"]["title"] == "净高 clear height"
    assert facts["properties"]["area_m2"]["anyOf"] == [{"type": "number"}, {"type": "null"}]
    assert ranked["properties"]["points"]["type"] == "string"
    assert ranked["additionalProperties"] is False
    assert {"points", "score", "hard", "soft"} <= set(ranked["required"])
    assert set(components["AssetStaff"]["properties"]) == {
        "lowest_rent_yuan_m2_month", "lowest_price_yuan_m2", "mortgage", "is_seized", "issues",
        "previously_part_of", "checked_how", "checked_by", "check_note",
    }  # fmt: skip


def test_geojson_is_described_under_its_own_media_type() -> None:
    answers = {operation["operationId"]: operation["responses"] for operation in operations()}

    assert set(answers["read_asset"]["200"]["content"]) == {"application/geo+json"}
    assert {media: form["schema"] for media, form in answers["rank_demand"]["201"]["content"].items()} == {
        "application/json": {"$ref": "#/components/schemas/Ranking"},
        "application/geo+json": {"$ref": "#/components/schemas/RankedFeatures"},
    }
    assert answers["month_paper"]["200"]["content"]["application/pdf"]["schema"]["format"] == "binary"


@pytest.mark.parametrize("operation", sorted(ANSWERS))
def test_an_example_fits_its_schema(operation: str) -> None:
    recorded = KEPT[operation]["response"]
    (status, *_) = next(shown["responses"] for shown in operations() if shown["operationId"] == operation)

    assert faults_of(operation, int(status), recorded["media_type"], recorded["body"]) == []


def test_a_missing_and_an_unexpected_member_are_found() -> None:
    body = dict(KEPT["me"]["response"]["body"])

    missing = {name: value for name, value in body.items() if name != "role"}

    assert faults_of("me", 200, "application/json", body) == []
    assert faults_of("me", 200, "application/json", missing) == ["$: 'role' is a required property"]
    assert len(faults_of("me", 200, "application/json", {**body, "more": 1})) == 1
