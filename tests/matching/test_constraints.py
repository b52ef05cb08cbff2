"""Every hard rule on one unit: passed, failed, unknown, not applicable; exact at its bound."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.matching.samples import PARAMETERS, SECOND, need, only, ranked, rule, unit


def status(name: str, candidate: dict[str, Any], demand: dict[str, Any]) -> str:
    """The status of a rule; a unit that is not listed fails what its list says it is out by."""
    (kind,) = demand["kinds"]
    listing = ranked(demand, [candidate])["lists"][kind]
    if listing["results"]:
        return str(rule(listing["results"][0], name)["status"])
    assert [out for out, count in listing["totals"]["out_by"].items() if count] == [name]
    return "fail"


@pytest.mark.parametrize(
    ("name", "unit_change", "need_change", "expected"),
    [
        ("H2", {"available_area_m2": Decimal("4200")}, {}, "pass"),
        ("H2", {"available_area_m2": Decimal("4199.99")}, {}, "fail"),
        ("H2", {"available_area_m2": Decimal("5500")}, {}, "pass"),
        ("H2", {"available_area_m2": Decimal("5500.01")}, {}, "fail"),
        ("H2", {"available_area_m2": None}, {}, "unknown"),
        ("H2", {}, {"floor_area_m2_min": None, "floor_area_m2_max": None}, "not_applicable"),
        ("H2", {"available_area_m2": Decimal(9000), "is_divisible": None}, {}, "unknown"),
        ("H2", {"available_area_m2": Decimal(9000), "is_divisible": True}, {}, "unknown"),
        (
            "H2",
            {"available_area_m2": Decimal(9000), "is_divisible": True, "min_divisible_m2": Decimal(4800)},
            {},
            "pass",
        ),
        (
            "H2",
            {"available_area_m2": Decimal(9000), "is_divisible": True, "min_divisible_m2": Decimal("4800.01")},
            {},
            "fail",
        ),
        ("H3", {"clear_height_m": Decimal("6.00")}, {}, "pass"),
        ("H3", {"clear_height_m": Decimal("5.99")}, {}, "fail"),
        ("H3", {"clear_height_m": None}, {}, "unknown"),
        ("H3", {}, {"clear_height_m_min": None}, "not_applicable"),
        ("H3", {"clear_height_at": "under_beam"}, {"clear_height_at": "under_beam"}, "pass"),
        ("H3", {"clear_height_at": "under_hook"}, {"clear_height_at": "under_beam"}, "pass"),
        ("H3", {"clear_height_at": None}, {"clear_height_at": "under_beam"}, "pass"),
        ("H3", {"clear_height_at": "under_beam"}, {"clear_height_at": "under_hook"}, "unknown"),
        ("H3", {"clear_height_at": None}, {"clear_height_at": "under_hook"}, "unknown"),
        ("H3", {"clear_height_at": "under_hook"}, {"clear_height_at": "under_hook"}, "pass"),
        (
            "H3",
            {"clear_height_at": "under_beam", "clear_height_m": Decimal(5)},
            {"clear_height_at": "under_hook"},
            "fail",
        ),
        (
            "H3",
            {"clear_height_at": "under_hook", "clear_height_m": Decimal(5)},
            {"clear_height_at": "under_beam"},
            "unknown",
        ),
        ("H4", {"floor_load_kn_m2": Decimal("8.00")}, {}, "pass"),
        ("H4", {"floor_load_kn_m2": Decimal("7.99")}, {}, "fail"),
        ("H4", {"floor_load_kn_m2": None}, {}, "unknown"),
        ("H5", {"power_kva": Decimal("500.0")}, {}, "pass"),
        ("H5", {"power_kva": Decimal("499.9")}, {}, "fail"),
        ("H5", {"power_kva": Decimal("499.9"), "expandable_kva": Decimal(2000)}, {}, "fail"),
        ("H5", {"power_kva": None}, {}, "unknown"),
        ("H6", {"fire_hazard_class": "B"}, {}, "pass"),
        ("H6", {"fire_hazard_class": "C"}, {}, "pass"),
        ("H6", {"fire_hazard_class": "D"}, {}, "fail"),
        ("H6", {"fire_hazard_class": None}, {}, "unknown"),
        ("H6", {"fire_hazard_class": "E"}, {"fire_hazard_class": None}, "not_applicable"),
        ("H7", {}, {}, "pass"),
        ("H7", {}, {"product_codes": ["2614"]}, "fail"),
        ("H7", {"park_id": "unsaid"}, {}, "unknown"),
        ("H7", {"park_id": "nowhere"}, {}, "unknown"),
        ("H7", {"forbidden_industries": ["37"]}, {}, "fail"),
        ("H7", {"allowed_industries": ["37", "2929"]}, {}, "pass"),
        ("H7", {}, {"product_codes": None}, "not_applicable"),
        ("H9", {"allowed_paths": ["sale"]}, {}, "fail"),
        ("H9", {"allowed_paths": ["lease", "sale"]}, {}, "pass"),
        ("H9", {"allowed_paths": []}, {}, "unknown"),
        ("H10", {"rent_yuan_m2_month": Decimal("14.00")}, {}, "pass"),
        ("H10", {"rent_yuan_m2_month": Decimal("14.01")}, {}, "fail"),
        ("H10", {"rent_yuan_m2_month": None}, {}, "unknown"),
        ("H10", {"rent_yuan_m2_month": None}, {"rent_yuan_m2_month_max": None}, "not_applicable"),
        ("H10", {}, {"yearly_cost_yuan_max": Decimal(600000)}, "pass"),
        ("H10", {}, {"yearly_cost_yuan_max": Decimal("599999.99")}, "fail"),
        ("H10", {"property_fee_yuan_m2_month": None}, {"yearly_cost_yuan_max": Decimal(600000)}, "unknown"),
        ("H10", {"property_fee_yuan_m2_month": None}, {"yearly_cost_yuan_max": Decimal(599999)}, "fail"),
        ("H11", {"available_from": date(2025, 8, 30)}, {}, "pass"),
        ("H11", {"available_from": date(2025, 8, 31)}, {}, "fail"),
        ("H11", {"available_from": date(2025, 7, 1)}, {"timing_tolerance_days": 0}, "pass"),
        ("H11", {"available_from": date(2025, 7, 2)}, {"timing_tolerance_days": 0}, "fail"),
        ("H11", {"available_from": None}, {}, "unknown"),
        ("H11", {"available_from": date(2030, 1, 1)}, {"need_on": None}, "not_applicable"),
    ],
)
def test_rule(name: str, unit_change: dict[str, Any], need_change: dict[str, Any], expected: str) -> None:
    assert status(name, unit(**unit_change), need(**need_change)) == expected


def test_857_mu_of_land_fits_a_need_of_857_mu() -> None:
    stated = (Decimal(857) * 2000 / 3).quantize(Decimal("0.01"))
    demand = need(kinds=["land"], land_area_m2_min=stated, land_area_m2_max=stated)

    assert status("H2", unit(kind="land", available_area_m2=stated), demand) == "pass"
    assert status("H2", unit(kind="land", available_area_m2=stated - Decimal("0.01")), demand) == "fail"
    assert status("H2", unit(kind="land", available_area_m2=float(stated)), demand) == "pass"


def test_bare_land_has_no_height_load_or_hazard() -> None:
    plot = unit(kind="land", clear_height_m=None, floor_load_kn_m2=Decimal(1), fire_hazard_class="E")
    demand = need(kinds=["land"], land_area_m2_min=Decimal(4200))

    result = only(ranked(demand, [plot]), "land")

    assert result["status"] == "fit"
    assert {name: rule(result, name)["status"] for name in ("H3", "H4", "H6")} == dict.fromkeys(
        ("H3", "H4", "H6"), "not_applicable"
    )
    assert {entry["id"] for entry in result["soft"]} == {"size", "industry", "power", "cost", "timing"}


FIELDS = {
    "available_area_m2": "available_area_m2",
    "clear_height_m": "clear_height_m",
    "floor_load_kn_m2": "floor_load_kn_m2",
    "power_kva": "power_kva",
    "fire_hazard_class": "fire_hazard_class",
    "allowed_paths": "allowed_paths",
    "rent_yuan_m2_month": "rent_yuan_m2_month",
    "available_from": "available_from",
}


@pytest.mark.parametrize("column", sorted(FIELDS))
def test_unknown_value_neither_passes_nor_rejects_and_is_named(column: str) -> None:
    result = only(ranked(need(), [unit(**{column: None})]))

    assert result["status"] == "to_confirm"
    assert result["unknown"] == [FIELDS[column]]


def test_value_nobody_asked_for_may_be_unknown() -> None:
    demand = need(clear_height_m_min=None, power_kva_min=None)

    result = only(ranked(demand, [unit(clear_height_m=None, power_kva=None, price_yuan_m2=None)]))

    assert (result["status"], result["unknown"]) == ("fit", [])


@pytest.mark.parametrize(
    ("area", "lot", "preferred", "taken"),
    [
        ("9000", "500", None, 4620.0),
        ("9000", "4500", None, 4500.0),
        ("9000", "500", "6000", 5500.0),
        ("9000", "500", "4000", 4200.0),
        ("5000", "100", "5000", 5000.0),
    ],
)
def test_divisible_unit_is_taken_in_the_part_wished_for(
    area: str, lot: str, preferred: str | None, taken: float
) -> None:
    candidate = unit(available_area_m2=Decimal(area), is_divisible=True, min_divisible_m2=Decimal(lot))

    result = only(ranked(need(floor_area_m2_pref=preferred and Decimal(preferred)), [candidate]))

    assert (result["status"], result["taken_m2"]) == ("fit", taken)


@pytest.mark.parametrize("unsaid", [{"is_divisible": None}, {"is_divisible": True, "min_divisible_m2": None}])
def test_part_of_what_may_not_be_divisible_is_to_be_confirmed_without_a_bound_of_area(unsaid: dict[str, Any]) -> None:
    candidate = unit(**{"available_area_m2": Decimal(9000), "min_divisible_m2": Decimal(500)} | unsaid)
    unbounded = {"floor_area_m2_min": None, "floor_area_m2_max": None, "floor_area_m2_pref": Decimal(4500)}

    dear = need(**unbounded, yearly_cost_yuan_max=Decimal(700_000))
    part, before = (only(ranked(dear, [candidate], parameters=version)) for version in (SECOND, PARAMETERS))
    whole = only(ranked(need(**unbounded), [candidate], parameters=SECOND))

    assert (part["status"], part["taken_m2"], rule(part, "H2")["status"]) == ("to_confirm", 4500.0, "unknown")
    assert (before["status"], before["taken_m2"]) == ("fit", 4500.0)
    assert (whole["status"], whole["taken_m2"], rule(whole, "H2")["status"]) == ("fit", 9000.0, "not_applicable")


def test_unit_out_by_several_rules_is_counted_under_each() -> None:
    document = ranked(need(), [unit(clear_height_m=Decimal(4), power_kva=Decimal(1), available_area_m2=Decimal(10))])

    out_by = document["lists"]["factory"]["totals"]["out_by"]
    assert {name for name, count in out_by.items() if count} == {"H2", "H3", "H5"}
