"""Merge patches as the standard gives them."""

from __future__ import annotations

from typing import Any

import pytest

from domain.merge_patch import merged, with_objects_merged

#: The cases of RFC 7396, appendix A, in which an object is patched by an object: before, patch, after.
CASES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("before", "patch", "after"), CASES)
def test_the_cases_of_the_standard(before: dict[str, Any], patch: dict[str, Any], after: dict[str, Any]) -> None:
    assert merged(before, patch) == after


def test_a_stored_object_is_whole_after_its_patch() -> None:
    stored = {"attributes": '{"structure": "钢", "built_year": 2010}', "revision": 3}

    assert with_objects_merged({"name": "x"}, stored, ("attributes",)) == {"name": "x"}
    assert with_objects_merged({"attributes": None}, stored, ("attributes",)) == {"attributes": {}}
    assert with_objects_merged({"attributes": {"structure": None, "dock_doors": 2}}, stored, ("attributes",)) == {
        "attributes": {"built_year": 2010, "dock_doors": 2}
    }
