"""A value of a field as people read it on a page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from domain.field import Field
from domain.instants import SHANGHAI
from texts.lookup import Language
from texts.words import words_of

#: How columns of a type stand: numbers to the right.
NUMERIC: Final = {"number": "number", "integer": "number"}


def shown_value(field: Field, value: Any, language: Language, words: Mapping[str, str]) -> str:
    """A value in a language; `words`: what stands for yes, no, and what is not known."""
    if value is None:
        return words["unknown"]
    if field.type == "flag":
        return words["yes" if value else "no"]
    if isinstance(value, list):
        value = ",".join(map(str, value))
    if field.type in ("word", "words") and field.words:
        called = words_of(field.words, language)
        return ", ".join(called.get(part, part) for part in str(value).split(","))
    if field.type == "instant":
        return f"{datetime.fromisoformat(value).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{value:,}" if isinstance(value, int | float) and "year" not in field.name else str(value)
