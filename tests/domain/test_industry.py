"""Codes of the classification by their shape."""

from __future__ import annotations

import pytest

from domain.industry import is_code_shape, level_of


@pytest.mark.parametrize("code", ["A", "T", "01", "375", "3752"])
def test_code_shape(code: str) -> None:
    assert is_code_shape(code)


@pytest.mark.parametrize("code", ["", "U", "c", "1", "37520", "C37", "37 ", "３７", "3752\n", "37a"])
def test_no_code_shape(code: str) -> None:
    assert not is_code_shape(code)


def test_level_of_each_level() -> None:
    assert [level_of(code) for code in ("C", "37", "375", "3752")] == [1, 2, 3, 4]
