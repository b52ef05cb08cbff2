"""Facts beyond those that rules and criteria read: kept as documented attributes of a unit or a need.

A name that is not here is refused, so that two parks never say the same thing in two ways.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.errors import Fault
from domain.field import Field, Fields
from domain.fields import ASSET, DEMAND
from domain.text import text_fault

ASSET_ATTRIBUTES: Fields = {name: field for name, field in ASSET.items() if field.store == "attributes"}
DEMAND_ATTRIBUTES: Fields = {name: field for name, field in DEMAND.items() if field.store == "attributes"}


def attribute_faults(values: Mapping[str, object], known: Mapping[str, Field], path: str) -> list[Fault]:
    """What is wrong with a set of attributes, each fault at its own path."""
    faults = []
    for name, value in values.items():
        at = f"{path}.{name[:64]}"
        if name not in known:
            faults.append(Fault("unknown_attribute", at))
        elif (fault := _value_fault(value, known[name])) is not None:
            faults.append(Fault(fault.code, at + fault.field, fault.params))
    return faults


def _value_fault(value: object, field: Field) -> Fault | None:
    match field.type:
        case "flag":
            return None if isinstance(value, bool) else _other_type("bool")
        case "number":
            if isinstance(value, bool) or not isinstance(value, int | float):
                return _other_type("float")
            return _range_fault(value, field)
        case "text":
            if not isinstance(value, str):
                return _other_type("str")
            return text_fault(value, max_chars=1000, is_multiline=True)
        case "texts":
            if not isinstance(value, list):
                return _other_type("texts")
            if field.most is not None and len(value) > field.most:
                return Fault("too_many_items", params={"most": field.most})
            return next((fault for n, text in enumerate(value) if (fault := _item_fault(n, text))), None)
    return None


def _range_fault(value: float, field: Field) -> Fault | None:
    """A number of JSON against its bound; NaN lies in none."""
    if field.bound is None or float(field.bound.least) <= value <= float(field.bound.most):
        return None
    return Fault("out_of_range", params={"least": field.bound.least, "most": field.bound.most})


def _item_fault(n: int, text: object) -> Fault | None:
    """What is wrong with the text at a place of a list, there."""
    if not isinstance(text, str):
        return _other_type("str", f".{n}")
    fault = text_fault(text, max_chars=200)
    return None if fault is None else Fault(fault.code, f".{n}", fault.params)


def _other_type(name: str, path: str = "") -> Fault:
    return Fault("wrong_type", path, {"expected": [name]})
