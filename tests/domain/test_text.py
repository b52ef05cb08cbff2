"""Text from people: what cannot be stored, and its one form."""

from __future__ import annotations

import pytest

from domain.errors import Fault
from domain.text import composed, text_fault


@pytest.mark.parametrize("text", ["", "大足高新区 18号标准厂房", "Café №18", "𠮷野家", "👷 a"])
def test_ordinary_text_is_stored(text: str) -> None:
    assert text_fault(text, max_chars=40) is None


@pytest.mark.parametrize(
    ("text", "code", "character", "position"),
    [
        ("a\x00", "text_control", "U+0000", 2),
        ("\x1b[0m", "text_control", "U+001B", 1),
        ("a\nb", "text_control", "U+000A", 2),
        ("a\x85", "text_control", "U+0085", 2),
        ("a\u2028b", "text_control", "U+2028", 2),
        ("厂\u202e房", "text_hidden", "U+202E", 2),
        ("厂\u2066房", "text_hidden", "U+2066", 2),
        ("厂\u200b房", "text_hidden", "U+200B", 2),
        ("\ufeff厂房", "text_hidden", "U+FEFF", 1),
        ("厂\ud800", "text_surrogate", "U+D800", 2),
    ],
)
def test_unseen_characters_are_refused(text: str, code: str, character: str, position: int) -> None:
    assert text_fault(text, max_chars=40) == Fault(code, params={"character": character, "position": position})


def test_too_long_counts_characters_as_stored() -> None:
    assert text_fault("房" * 40, max_chars=40) is None
    assert text_fault("房" * 41, max_chars=40) == Fault("text_too_long", params={"chars": 41, "max_chars": 40})
    assert text_fault("\u0958", max_chars=1) == Fault("text_too_long", params={"chars": 2, "max_chars": 1})


def test_lines_are_allowed_where_asked_for() -> None:
    assert text_fault("a\r\n\tb", max_chars=40, is_multiline=True) is None
    assert text_fault("a\x00", max_chars=40, is_multiline=True) == Fault(
        "text_control", params={"character": "U+0000", "position": 2}
    )


def test_text_is_composed() -> None:
    assert composed("Cafe\u0301 \U00011099\U000110ba") == "Caf\u00e9 \U0001109a"
    assert composed("厂房 №18") == "厂房 №18"


def test_marks_piled_up_are_refused_and_cost_no_time() -> None:
    assert text_fault("a" + "\u0301" * 30, max_chars=40) is None
    piled = "a" + "\u0301\u0316" * 1000
    assert text_fault(piled, max_chars=4000) == Fault("text_marks", params={"most": 30, "position": 32})
    assert composed(piled) == piled
