"""Refusals of whatever is sent are sentences of ours, in the caller's language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from litestar.handlers import HTTPRouteHandler
from msgspec import inspect

from api.app import ROUTES
from api.request import decoded, query_of
from domain.errors import Fault, Refusal
from tests.api.requests import REQUESTS
from tests.api.story import Headers
from tests.api.test_faults import ENGLISH
from texts.refusal_sentences import sentence


def handlers() -> dict[str, HTTPRouteHandler]:
    return {route.handler_name: route for route in ROUTES if isinstance(route, HTTPRouteHandler)}


BODIES = {name: handler.opt["body"] for name, handler in handlers().items() if "body" in handler.opt}
QUERIES = {name: handler.opt["query"] for name, handler in handlers().items() if "query" in handler.opt}
#: Words of the decoder, of its types and of regular expressions.
DECODERS = re.compile(
    r"Expected|Invalid|matching|regex|length|RFC ?3339|out of range|field `|\^\[|[<>]="
    r"|\b(?:array|object|got|str|int|float|decimal|uuid|bool|contains)\b"
)
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(10**17, 10**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "x", "2025-02-30", "2025-06-30T00:00:00Z", "NaN", "lease", "a\u0000", "x" * 70, "x" * 5000]),
    st.just([]),
    st.just([None] * 300),
    st.just({}),
    st.just({"x": 1}),
    st.just([[1]]),
)


def sometimes(right: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(right, ANYTHING)


def values(info: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of a type, right or wrong in any of their parts."""
    match info:
        case inspect.Metadata():
            return values(info.type)
        case inspect.UnionType():
            return st.one_of(*(values(kind) for kind in info.types))
        case inspect.StructType():
            fields: dict[str, st.SearchStrategy[Any]] = {field.encode_name: values(field.type) for field in info.fields}
            if info.tag_field is not None:
                fields[info.tag_field] = sometimes(st.just(info.tag))
            extra = st.sampled_from([{}, {"colour": 1}, {"id": 1, "revision": 1}])
            known = st.lists(st.sampled_from(sorted(fields)), max_size=6, unique=True).flatmap(
                lambda names: st.fixed_dictionaries({name: fields[name] for name in names})
            )
            return sometimes(st.builds(lambda a, b: {**a, **b}, known, extra))
        case inspect.ListType():
            return sometimes(st.lists(values(info.item_type), max_size=2))
        case inspect.EnumType():
            return sometimes(st.sampled_from([cl.value for cl in info.cls]))
        case inspect.LiteralType():
            return sometimes(st.sampled_from(info.values))
        case _:
            return ANYTHING


def check_sentences(faults: tuple[Fault, ...]) -> None:
    """Every fault has its own sentence, filled, and no word of the decoder but names of fields and words they take."""
    for fault in faults:
        zh, en = sentence(fault, "zh"), sentence(fault, "en")
        assert fault.code not in ("value_form", zh, en), fault
        assert "?" not in zh + en, (fault, zh, en)
        bare = zh
        for name in ("allowed", "known", "name", "other"):
            bare = bare.replace(str(_shown(fault.params.get(name, "-"))), "")
        assert DECODERS.search(bare) is None, (fault, zh)


def _shown(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("name", BODIES)
def test_no_refusal_of_a_body_speaks_the_decoders_words(name: str) -> None:
    record = BODIES[name]

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(values(inspect.type_info(record)))
    @example([])
    @example({})
    def check(body: Any) -> None:
        raw = json.dumps(body).encode()
        try:
            decoded(raw, record)
        except Refusal as refusal:
            check_sentences(refusal.faults)

    check()


@pytest.mark.parametrize("name", QUERIES)
def test_no_refusal_of_a_query_speaks_the_decoders_words(name: str) -> None:
    record = QUERIES[name]
    info = inspect.type_info(record)
    assert isinstance(info, inspect.StructType)
    texts = st.sampled_from(
        ["", "x", "0", "-1", "1e999", "NaN", "null", "9" * 40, "9" * 5000, "2025-02-30", "true", "x" * 5000, "a%2Cb"]
    )
    names = [field.encode_name for field in info.fields]

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.dictionaries(st.sampled_from([*names, "colour"]), texts, max_size=6))
    def check(query: dict[str, str]) -> None:
        try:
            query_of("&".join(f"{name}={text}" for name, text in query.items()).encode(), record)
        except Refusal as refusal:
            check_sentences(refusal.faults)

    check()


async def test_what_fits_is_told_in_the_callers_language(client: httpx.AsyncClient, keys: dict[str, Headers]) -> None:
    text = "00000000-0000-4000-8000-000000000001"
    place, body = f"/api/v1/outcomes/{text}/approvals", {"items": [{"item": "Ü"}], "agent_id": 1}
    zh = await client.post(place, json=body, headers=keys["demo-admin"])
    en = await client.post(place, json=body, headers=keys["demo-admin"] | ENGLISH)

    assert [error["message"] for error in zh.json()["errors"]] == [
        "事项代码为 1–64 个小写字母或 _，以字母开头",
        "应为 UUID",
    ]
    assert [error["message"] for error in en.json()["errors"]] == [
        "The code of an item has 1 to 64 lower-case letters or _, and begins with a letter",
        "Should be a UUID",
    ]
    month = await client.get("/api/v1/papers/month?month=2025-6", headers=keys["demo-admin"])
    assert month.json()["detail"] == "应为月份，如 2025-06"


def test_requests_reach_every_body() -> None:
    """A body that no test sends right could be refused for ever; those of /ogc are sent by its own tests."""
    described = {name for name in BODIES if "hidden" not in handlers()[name].opt}
    assert described <= REQUESTS.keys()


def test_records_have_no_pattern_without_words() -> None:
    def patterns(info: Any, explained: bool = False) -> Iterator[bool]:
        if isinstance(info, inspect.Metadata):
            yield from patterns(info.type, "fault" in (info.extra or {}))
        elif isinstance(info, inspect.StrType) and info.pattern is not None:
            yield explained
        elif isinstance(info, inspect.StructType):
            for field in info.fields:
                yield from patterns(field.type)
        elif isinstance(info, inspect.UnionType):
            for kind in info.types:
                yield from patterns(kind)
        elif isinstance(info, inspect.ListType):
            yield from patterns(info.item_type)

    result = [
        pattern for record in (*BODIES.values(), *QUERIES.values()) for pattern in patterns(inspect.type_info(record))
    ]

    assert result == [True] * len(result)
    assert len(result) >= 2
