"""What values the facts of a unit, a need, a park may have, beyond their type: ranges, texts, codes.

The same bounds stand as named constraints in the database; here they give all faults at once, each with its field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from domain.errors import Fault, Invalid
from domain.field import Bound
from domain.fields import AREA, MONEY, PAID, TABLES
from domain.industry import is_code_shape
from domain.text import text_fault

_COLUMNS = [field for table in TABLES.values() for field in table.values() if field.store == "column"]
#: Bounds of the figures of every record by name: those of the tables of fields, and those of other records.
NUMBERS: dict[str, Bound] = {
    "value": Bound("0", "9999999999999999", 2),
    "share": Bound("0.000000000001", "1", 12),
    "due_area_m2": AREA,
    "developed_area_m2": Bound("0", "999999999", 2),
    "planned_investment_yuan": PAID,
    "invested_yuan": MONEY,
    "land_price_yuan": MONEY,
    "cost_yuan": MONEY,
    "up_to": Bound("0.01", "10000000", 2),
} | {field.name: field.bound for field in _COLUMNS if field.type == "number" and field.bound is not None}

#: Field → longest text, in characters.
TEXTS: dict[str, int] = {
    "note": 4000,
    "payer": 200,
    "label": 100,
    "determination_no": 100,
    "request": 4000,
    "answer": 4000,
    "department": 200,
    "phone": 50,
    "firm_name": 200,
    "proof": 1000,
    "meeting_place": 200,
    "office": 200,
    "hours": 200,
    "agreement": 1000,
} | {field.name: field.most for field in _COLUMNS if field.type == "text" and field.most is not None}
#: Field → most codes of industries.
CODES: dict[str, int] = {
    field.name: field.most for field in _COLUMNS if field.type == "codes" and field.most is not None
}
#: Days a record may name; outside them it is a slip of the pen.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def bounds(name: str) -> dict[str, Any]:
    """What the value of a field is held to beyond its type, as JSON Schema. Empty: nothing."""
    if name in NUMBERS:
        return {"minimum": float(NUMBERS[name].least), "maximum": float(NUMBERS[name].most)}
    return {"minLength": 1, "maxLength": TEXTS[name]} if name in TEXTS else {}


def value_faults(facts: Mapping[str, object], path: str = "") -> list[Fault]:
    """Every fault of the values given, each at `path` and its own name; absent and None are no fault here."""
    faults: list[Fault] = []
    for name, value in facts.items():
        at = f"{path}{name}"
        if value is None:
            continue
        if name in NUMBERS and isinstance(value, Decimal):
            faults += _at(at, NUMBERS[name].fault(value))
        elif isinstance(value, date):
            faults += [] if FIRST_DAY <= value <= LAST_DAY else [_day_fault(at)]
        elif name in TEXTS and isinstance(value, str):
            faults += _at(at, Fault("empty") if not value.strip() else text_fault(value, max_chars=TEXTS[name]))
        elif name in CODES and isinstance(value, list):
            faults += _code_faults(at, value, CODES[name])
        elif name == "illustrative" and isinstance(value, list):
            faults += [
                fault for n, text in enumerate(value) for fault in _at(f"{at}.{n}", text_fault(text, max_chars=64))
            ]
    return faults


def _day_fault(path: str) -> Fault:
    return Fault("out_of_range", path, {"least": str(FIRST_DAY), "most": str(LAST_DAY)})


def _at(path: str, fault: Fault | None) -> list[Fault]:
    return [] if fault is None else [Fault(fault.code, path, fault.params)]


def _code_faults(path: str, codes: Iterable[object], most: int) -> list[Fault]:
    codes = list(codes)
    if len(codes) > most:
        return [Fault("too_many_items", path, {"most": most})]
    return [
        Fault("industry_form", f"{path}.{n}", {"value": str(code)[:16]})
        for n, code in enumerate(codes)
        if not (isinstance(code, str) and is_code_shape(code))
    ]


def refuse(faults: list[Fault]) -> None:
    """Raises Invalid with all of them, if there are any."""
    if faults:
        raise Invalid.of(faults)
