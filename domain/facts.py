"""What values the facts of a unit, a need, a park may have, beyond their type: ranges, texts, codes.

The same bounds stand as named constraints in the database; here they give all faults at once, each with its field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from domain.errors import Fault, Invalid
from domain.industry import is_code_shape
from domain.text import text_fault


@dataclass(frozen=True)
class Bound:
    """Least and most, both included, and decimal places that are kept."""

    least: str
    most: str
    places: int

    def fault(self, value: Decimal) -> Fault | None:
        if not value.is_finite():
            return Fault("not_a_number")
        if not Decimal(self.least) <= value <= Decimal(self.most):
            return Fault("out_of_range", params={"least": self.least, "most": self.most})
        exponent = value.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.places:
            return Fault("too_precise", params={"places": self.places})
        return None


_AREA = Bound("0.01", "999999999", 2)
_MONEY = Bound("0", "999999999999", 2)
NUMBERS: dict[str, Bound] = {
    "stated_area": Bound("0.000001", "999999999", 6),
    "available_area_m2": _AREA,
    "min_divisible_m2": _AREA,
    "clear_height_m": Bound("0.01", "100", 2),
    "clear_height_m_min": Bound("0.01", "100", 2),
    "floor_load_kn_m2": Bound("0.01", "1000", 2),
    "floor_load_kn_m2_min": Bound("0.01", "1000", 2),
    "crane_t": Bound("0", "1000", 2),
    "span_m": Bound("0.01", "300", 2),
    "power_kva": Bound("0", "10000000", 1),
    "expandable_kva": Bound("0", "10000000", 1),
    "power_kva_min": Bound("0", "10000000", 1),
    "power_kva_pref": Bound("0", "10000000", 1),
    "effluent_free_t_d": Bound("0", "10000000", 1),
    "effluent_t_d_min": Bound("0", "10000000", 1),
    "expansion_m2": _AREA,
    "far_max": Bound("0.01", "50", 2),
    "rent_yuan_m2_month": Bound("0", "9999999", 2),
    "rent_yuan_m2_month_max": Bound("0", "9999999", 2),
    "lowest_rent_yuan_m2_month": Bound("0", "9999999", 2),
    "property_fee_yuan_m2_month": Bound("0", "9999999", 2),
    "price_yuan_m2": Bound("0", "999999999", 2),
    "price_yuan_m2_max": Bound("0", "999999999", 2),
    "lowest_price_yuan_m2": Bound("0", "999999999", 2),
    "contribution_yuan": _MONEY,
    "appraised_yuan": Bound("0.01", "999999999999", 2),
    "amount_yuan": _MONEY,
    "equity_share": Bound("0.00000001", "0.99999999", 8),
    "value": Bound("0", "9999999999999999", 2),
    "purchased_share": Bound("0.00000001", "1", 8),
    "share": Bound("0.000000000001", "1", 12),
    "price_yuan": _MONEY,
    "reserve_price_yuan": _MONEY,
    "yearly_cost_yuan_max": _MONEY,
    "due_area_m2": _AREA,
    "developed_area_m2": Bound("0", "999999999", 2),
    "planned_investment_yuan": Bound("0.01", "999999999999", 2),
    "invested_yuan": _MONEY,
    "land_price_yuan": _MONEY,
    "output_yuan_year": _MONEY,
    "tax_yuan_year": _MONEY,
    "revenue_yuan_year": _MONEY,
    "land_area_m2_min": _AREA,
    "land_area_m2_pref": _AREA,
    "land_area_m2_max": _AREA,
    "floor_area_m2_min": _AREA,
    "floor_area_m2_pref": _AREA,
    "floor_area_m2_max": _AREA,
    "cost_yuan": _MONEY,
    "area_m2": Bound("0.01", "99999999999", 2),
    "up_to": Bound("0.01", "10000000", 2),
}

#: Field → longest text, in characters.
TEXTS = {
    "name": 200,
    "name_zh": 200,
    "name_en": 200,
    "title": 200,
    "code": 64,
    "planned_use_code": 32,
    "source": 1000,
    "stated_idle_since_source": 1000,
    "parent_credit_code_source": 1000,
    "reason": 1000,
    "note": 4000,
    "payer": 200,
    "label": 100,
    "appraiser": 200,
    "appraisal_method": 200,
    "certificate_no": 100,
    "determination_no": 100,
    "contract_no": 100,
    "consent_no": 100,
    "permit_no": 100,
    "plan_no": 100,
    "acceptance_no": 100,
    "decision_no": 100,
    "registration_no": 100,
    "ruling_no": 100,
    "case_no": 100,
    "document_no": 100,
    "court": 200,
    "template": 64,
    "request": 4000,
    "answer": 4000,
    "department": 200,
    "phone": 50,
}
#: Days a record may name; outside them it is a slip of the pen.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
CODES = ("product_codes", "leading_industries", "negative_list", "allowed_industries", "forbidden_industries")
MOST_CODES = 200
MOST_PRODUCTS = 20


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
            faults += _code_faults(at, value, MOST_PRODUCTS if name == "product_codes" else MOST_CODES)
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
