"""Codes of GB/T 4754-2017: a section is a letter, a division 2 digits, a group 3, a class 4.

Each shorter prefix of digits is an ancestor. The letter is not part of the number: only the row of a division
knows its section, as its parent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CODE_SHAPE = re.compile(r"[A-T]|[0-9]{2,4}")


@dataclass(frozen=True, slots=True)
class IndustryRow:
    """One line of the classification; `level` 1 section, 2 division, 3 group, 4 class; a section has no parent."""

    code: str
    level: int
    parent: str | None
    name_zh: str


def is_code_shape(code: str) -> bool:
    """Whether the text could be a code; whether it is one, the loaded table says."""
    return CODE_SHAPE.fullmatch(code) is not None


def level_of(code: str) -> int:
    """Level of a well-shaped code, 1…4."""
    return 1 if code.isalpha() else len(code)
