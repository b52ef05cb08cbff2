"""What the fields of a demand state, each of the type its declaration names and within its bound."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from domain.errors import Invalid
from domain.field import Bound
from matching.codes import is_code, nearest
from matching.position import Region
from matching.scaled import is_number, ordinal

#: Weights, radii and capacities that are wished for: above 0, and no more than a sum of them can hold.
ABOVE_NOTHING = Bound("0.000001", "1000000000", 6)


def stated_names(stated: Any, known: Collection[str], path: str = "") -> Mapping[str, Any]:
    """A record that says nothing but what is known. Raises: Invalid naming what is not, with the nearest that is."""
    if not isinstance(stated, Mapping):
        raise Invalid("wrong_type", path.rstrip(".") or "demand", expected=["object"])
    for name in stated:
        if name not in known:
            raise Invalid("unknown_field", f"{path}{name}", nearest=nearest(str(name), known))
    return stated


def number(value: Any, field: str, bound: Bound, *, may_be_none: bool = False, is_whole: bool = False) -> Any:
    """A number within its bound; 0 where it may stand for none. Empty: None is not stated.

    Raises: Invalid on the field for what is no number, and for NaN, infinities and what lies outside the bound.
    """
    if value is None:
        return None
    if not is_number(type(value)):
        raise Invalid("wrong_type", field, expected=["number"])
    if not is_finite(value):
        raise Invalid("not_a_number", field)
    if not (may_be_none and value == 0) and not float(bound.least) <= value <= float(bound.most):
        raise Invalid("out_of_range", field, least=bound.least, most=bound.most)
    if is_whole and value != int(value):
        raise Invalid("wrong_type", field, expected=["int"])
    return value


def is_finite(value: Any) -> bool:
    """Whether a number is neither NaN nor infinite; a whole one may be larger than any float."""
    return value.is_finite() if isinstance(value, Decimal) else bool(abs(value) < math.inf)


def items(value: Any, field: str) -> tuple[Any, ...]:
    """The entries of a list. Empty: None has none. Raises: Invalid on the field for a text and what else is no list."""
    if value is None:
        return ()
    is_list = isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
    if not is_list or (isinstance(value, np.ndarray) and value.ndim != 1):
        raise Invalid("wrong_type", field, expected=["array"])
    return tuple(value)


def words(value: Any, field: str, vocabulary: Collection[str]) -> tuple[str, ...]:
    """The words of a list in the order of their vocabulary, none twice.

    Raises: Invalid on the field for one outside the vocabulary.
    """
    stated = items(value, field)
    for word in stated:
        if not isinstance(word, str) or word not in vocabulary:
            raise Invalid("not_in_vocabulary", field, allowed=[str(allowed) for allowed in vocabulary])
    return tuple(str(word) for word in vocabulary if word in stated)


def word(value: Any, field: str, vocabulary: Collection[str]) -> str | None:
    """One word of a vocabulary. Empty: None is not stated."""
    return None if value is None else words([value], field, vocabulary)[0]


def codes(value: Any, field: str) -> tuple[str, ...]:
    """Codes of industries. Raises: Invalid on the place of what is none."""
    stated = items(value, field)
    for place, code in enumerate(stated):
        if not is_code(code):
            raise Invalid("industry_form", f"{field}.{place}", value=str(code)[:16])
    return stated


def typed(value: Any, field: str, kind: type, name: str) -> Any:
    """A value of one type. Empty: None is not stated. Raises: Invalid on the field for another."""
    if value is None or isinstance(value, kind):
        return value
    raise Invalid("wrong_type", field, expected=[name])


def day(value: Any, field: str) -> int | None:
    """A day as an ordinal. Empty: None is not stated. Raises: Invalid on the field for what is none."""
    try:
        return None if value is None else ordinal(value)
    except (TypeError, ValueError, ArithmeticError) as fault:
        raise Invalid("wrong_type", field, expected=["date"]) from fault


def region(value: Any, field: str) -> Region | None:
    """An area. Empty: None is not stated. Raises: Invalid on the field for what is none."""
    try:
        return None if value is None else Region.of(value)
    except (TypeError, ValueError, ArithmeticError, LookupError) as fault:
        raise Invalid("area_form", field) from fault
