"""The curves of the criteria at their corners, and the weights."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.matching.samples import ALIKE, SPINE, need, only, ranked, rule, unit


def d(name: str, unit_change: dict[str, Any], need_change: dict[str, Any] | None = None) -> float:
    """The desirability of one criterion for one unit."""
    return float(rule(only(ranked(need(**(need_change or {})), [unit(**unit_change)])), name)["d"])


@pytest.mark.parametrize(
    ("area", "expected"),
    [(4200, 0.3), (4300, 0.3), (4600, 0.5), (5000, 1.0), (5250, 1.0), (7125, 0.5), (9000, 0.0), (9500, 0.0)],
)
def test_size_of_a_factory(area: int, expected: float) -> None:
    bounds = {"floor_area_m2_pref": Decimal(5000), "floor_area_m2_max": None}

    assert d("size", {"available_area_m2": Decimal(area)}, bounds) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("area", "expected"), [(5250, 1.0), (6375, 0.5), (7500, 0.0)])
def test_size_of_land_tolerates_less_waste(area: int, expected: float) -> None:
    demand = need(kinds=["land"], land_area_m2_min=Decimal(4200), land_area_m2_pref=Decimal(5000))

    result = only(ranked(demand, [unit(kind="land", available_area_m2=Decimal(area))]), "land")

    assert rule(result, "size")["d"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("height", "expected"), [("6", 0.5), ("6.5", 0.75), ("7", 1.0), ("20", 1.0)])
def test_height_is_half_when_just_met_and_whole_a_metre_above(height: str, expected: float) -> None:
    assert d("height", {"clear_height_m": Decimal(height)}) == expected


@pytest.mark.parametrize(("load", "expected"), [("8", 0.5), ("8.8", 0.75), ("9.6", 1.0), ("50", 1.0)])
def test_load_is_half_when_just_met_and_whole_a_fifth_above(load: str, expected: float) -> None:
    assert d("load", {"floor_load_kn_m2": Decimal(load)}) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("power", "expected"), [("500", 0.0), ("630", 130 / 300), ("800", 1.0), ("9000", 1.0)])
def test_power_rises_from_the_minimum_to_the_preferred(power: str, expected: float) -> None:
    assert d("power", {"power_kva": Decimal(power)}) == expected


def test_power_wished_without_a_minimum_is_no_rule_but_weighs() -> None:
    result = only(ranked(need(power_kva_min=None, power_kva_pref=Decimal(800)), [unit(power_kva=Decimal(200))]))

    assert (rule(result, "H5")["status"], rule(result, "power")["d"]) == ("not_applicable", 0.25)


@pytest.mark.parametrize(
    ("rent", "expected"), [("9.8", 1.0), ("10", 1 - (10 / 14 - 0.7) / 0.3), ("11.9", 0.5), ("14", 0.0)]
)
def test_cost_against_the_greatest_rent(rent: str, expected: float) -> None:
    fields = {"floor_area_m2_pref": Decimal(5000)}

    assert d("cost", {"rent_yuan_m2_month": Decimal(rent)}, fields) == pytest.approx(expected, abs=1e-12)


def test_stated_yearly_cost_goes_before_the_greatest_rent() -> None:
    result = only(ranked(need(yearly_cost_yuan_max=Decimal(800000)), [unit()]))

    assert (rule(result, "cost")["required"], rule(result, "cost")["offered"]) == (800000.0, 600000.0)
    assert rule(result, "cost")["d"] == pytest.approx((1 - 0.75) / 0.3)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2025, 1, 1), 1.0), (date(2025, 7, 1), 1.0), (date(2025, 8, 15), 0.5), (date(2025, 8, 30), 1 / 3)],
)
def test_timing_falls_to_nothing_in_ninety_days(day: date, expected: float) -> None:
    assert d("timing", {"available_from": day}) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("size", {"available_area_m2": None}),
        ("industry", {"park_id": "unsaid"}),
        ("condition", {"condition_grade": None, "built_year": None}),
        ("height", {"clear_height_m": None}),
        ("load", {"floor_load_kn_m2": None}),
        ("power", {"power_kva": None}),
        ("cost", {"property_fee_yuan_m2_month": None}),
        ("timing", {"available_from": None}),
    ],
)
def test_unknown_value_takes_three_tenths(name: str, change: dict[str, Any]) -> None:
    assert d(name, change) == 0.3


def test_unknown_fee_never_counts_better_than_no_fee() -> None:
    dear = {"rent_yuan_m2_month": Decimal("13.9"), "floor_area_m2_pref": None}

    known = d("cost", {"rent_yuan_m2_month": dear["rent_yuan_m2_month"], "available_area_m2": Decimal(4620)})
    unknown = d(
        "cost",
        {
            "rent_yuan_m2_month": dear["rent_yuan_m2_month"],
            "available_area_m2": Decimal(4620),
            "property_fee_yuan_m2_month": None,
        },
    )

    assert 0 < unknown == known < 0.3


def test_weights_are_squared_importances() -> None:
    result = only(ranked(need(importances={"size": 1, "cost": 2, "industry": 2}), [unit()]))

    assert {entry["id"]: entry["weight"] for entry in result["soft"]} == {
        "size": 1 / 9,
        "industry": 4 / 9,
        "cost": 4 / 9,
    }


def test_without_importances_all_criteria_of_the_first_version_weigh_alike() -> None:
    result = only(ranked(need(), [unit()], parameters=SPINE))

    assert {entry["weight"] for entry in result["soft"]} == {1 / 7}
    assert [entry["id"] for entry in result["soft"]] == [
        "size",
        "industry",
        "height",
        "load",
        "power",
        "cost",
        "timing",
    ]


def test_criteria_not_mentioned_carry_no_weight() -> None:
    demand = need(need_on=None, power_kva_min=None, rent_yuan_m2_month_max=None, importances=ALIKE)
    result = only(ranked(demand, [unit()]))

    assert {entry["id"]: entry["weight"] for entry in result["soft"]} == dict.fromkeys(
        ("size", "industry", "height", "load"), 0.25
    )


@pytest.mark.parametrize(
    ("grade", "built", "expected"),
    [(5, 1950, 1.0), (1, None, 0.2), (None, 2025, 0.7), (None, 2005, 0.5), (None, 1900, 0.0), (None, 2030, 0.7)],
)
def test_condition_by_grade_else_by_age(grade: int | None, built: int | None, expected: float) -> None:
    assert d("condition", {"condition_grade": grade, "built_year": built}) == pytest.approx(expected)


@pytest.mark.parametrize(("beside", "expected"), [("0", 0.3), ("1500", 0.65), ("3000", 1.0), ("9000", 1.0)])
def test_expansion_by_the_space_beside(beside: str, expected: float) -> None:
    fields = {"expansion_m2": Decimal(3000)}

    assert d("expansion", {"adjacent_m2": Decimal(beside)}, fields) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("crane", "sprinklers", "expected"),
    [("0", False, 0.0), ("10", True, 0.75), ("30", None, 0.825), (None, True, 0.475)],
)
def test_equipment_by_the_weight_of_each_wish(crane: str | None, sprinklers: bool | None, expected: float) -> None:
    fields = {"equipment": [{"item": "crane_t", "at_least": 15, "weight": 3}, {"item": "has_sprinklers"}]}
    values = {"crane_t": crane and Decimal(crane), "fittings": {"has_sprinklers": sprinklers}}

    assert d("equipment", values, fields) == pytest.approx(expected)


def test_policy_is_the_share_of_what_was_wished() -> None:
    fields = {"policies": ["rent_relief", "loan_interest", "fast_approval"]}

    assert d("policy", {}, fields) == pytest.approx(2 / 3)
    assert d("policy", {"park_id": "pharma"}, fields | {"product_codes": ["2730"]}) == 0.0
    assert d("policy", {"park_id": "unsaid"}, fields) == 0.3


def test_location_is_a_mean_by_weight_and_a_quarter_at_the_radius() -> None:
    here, south = {"lon": 105.72, "lat": 29.48}, {"lon": 105.72, "lat": 29.48 - 0.0899322}

    assert d("location", {}, {"places": [here]}) == 1.0
    assert d("location", {}, {"places": [south | {"radius_m": 10_001}]}) == pytest.approx(0.25, abs=1e-4)
    assert d("location", {}, {"places": [south]}) == pytest.approx(0.81, abs=1e-4)
    assert d("location", {}, {"places": [here | {"weight": 3}, south]}) == pytest.approx((3 + 0.81) / 4, abs=1e-4)


def test_template_of_the_sector_weighs_and_is_named() -> None:
    document = ranked(need(), [unit()])["lists"]["factory"]

    assert document["importances"]["basis"] == "template"
    assert document["importances"]["template"]["id"] == "vehicles"
    assert document["importances"]["by_criterion"]["industry"] == 5
    stated = ranked(need(importances={"size": 2}), [unit()])["lists"]["factory"]["importances"]
    assert stated == {"basis": "stated", "template": None, "by_criterion": {"size": 2}}
    plain = ranked(need(), [unit()], parameters=SPINE)["lists"]["factory"]["importances"]
    assert plain == {"basis": "version", "template": None, "by_criterion": ALIKE}
