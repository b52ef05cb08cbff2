"""Lists of entity tags, and which of them name what."""

from __future__ import annotations

import time

import pytest

from domain.entity_tags import ANY, entity_tag, gzipped_tag, kept_tag, listed_tags, names_revision
from domain.errors import Malformed


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        ('"1"', ['"1"']),
        (' , "1" ,, W/"2"\t,', ['"1"', 'W/"2"']),
        ('"a,b", ""', ['"a,b"', '""']),
        ("", []),
        (" * ", list(ANY)),
    ],
)
def test_lists_of_tags(value: str, tags: list[str]) -> None:
    assert list(listed_tags(value, "If-Match")) == tags


@pytest.mark.parametrize("value", ["1", '"1" "2"', '*, "1"', '"1', 'w/"1"', '"a b"', '"1", x', "*, *"])
def test_what_is_no_list_of_tags(value: str) -> None:
    with pytest.raises(Malformed) as refused:
        listed_tags(value, "If-None-Match")

    assert (refused.value.faults[0].code, refused.value.faults[0].field) == ("tags_form", "If-None-Match")


@pytest.mark.parametrize(
    "value", ['"a",' * 80_000 + "x", "," * 240_000 + "x", '"a"' + " ," * 120_000 + "x", '"' * 240_001]
)
def test_a_long_list_is_read_in_steps_that_grow_with_it(value: str) -> None:
    """Milliseconds; what looks anew from every character on would take minutes."""
    before = time.perf_counter()
    with pytest.raises(Malformed):
        listed_tags(value, "If-Match")

    assert time.perf_counter() - before < 20


def test_a_revision_is_named_in_either_coding_by_a_strong_tag() -> None:
    tag = entity_tag(b"{}", 7)

    assert entity_tag("{}", 7) == tag != entity_tag("[]", 7)
    for item in ('"7"', tag, gzipped_tag(tag), entity_tag("[]", 7)):
        assert names_revision(['"other"', item], 7), item
        assert not names_revision([f"W/{item}"], 7), item
        assert not names_revision([item], 8), item
    assert names_revision(ANY, 7)
    assert not names_revision([], 7)


def test_which_answer_a_caller_has() -> None:
    tag = entity_tag(b"{}", 7)
    gzipped = gzipped_tag(tag)

    assert kept_tag([tag], tag, is_gzipped=False) == tag
    assert kept_tag([f"W/{tag}"], tag, is_gzipped=True) == tag
    assert kept_tag([gzipped], tag, is_gzipped=True) == gzipped
    assert kept_tag([gzipped], tag, is_gzipped=False) is None
    assert kept_tag(ANY, tag, is_gzipped=True) == gzipped
    assert kept_tag([entity_tag("[]", 7)], tag, is_gzipped=True) is None
