"""统一社会信用代码: the worked example of the standard, each fault, each corrected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.credit_code import ALPHABET, fault, normalise, with_check_digit
from domain.errors import Fault

GOOD = "91350100M000100Y43"


def test_good_code_has_no_fault() -> None:
    assert fault(GOOD) is None


@pytest.mark.parametrize("typed", [" 91350100m000100y43\n", "９１３５０１００Ｍ０００１００Ｙ４３"])
def test_normalise_takes_width_case_and_blanks(typed: str) -> None:
    assert normalise(typed) == GOOD


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("", Fault("credit_code_length", params={"length": 0})),
        (GOOD[:-1], Fault("credit_code_length", params={"length": 17})),
        (GOOD + "3", Fault("credit_code_length", params={"length": 19})),
        (
            "9135O100M000100Y43",
            Fault("credit_code_letter", params={"letter": "O", "position": 5, "meant": "0"}),
        ),
        (
            "9I350100M000100Y43",
            Fault("credit_code_letter", params={"letter": "I", "position": 2, "meant": "1"}),
        ),
        ("91350100M000100-43", Fault("credit_code_character", params={"character": "-", "position": 16})),
        ("91350100M000100Y44", Fault("credit_code_check", params={"given": "4", "expected": "3"})),
    ],
)
def test_fault_says_what_would_be_right(code: str, expected: Fault) -> None:
    assert fault(code) == expected


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(first_17: str, position: int, other: str) -> None:
    code = with_check_digit(first_17)

    changed = code[:position] + other + code[position + 1 :]

    assert fault(code) is None
    assert (fault(changed) is None) == (changed == code)


@pytest.mark.parametrize("first", ["9135", "9135O100M000100Y4"])
def test_with_check_digit_takes_17_characters_of_the_alphabet_only(first: str) -> None:
    with pytest.raises(ValueError):
        with_check_digit(first)
