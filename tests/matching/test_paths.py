"""Costs, budgets and titles, judged path by path."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.matching.samples import PARAMETERS, need, only, ranked, rule, unit

CRF = PARAMETERS.numbers.capital_recovery_factor


def offered_by(paths: list[str], **changes: Any) -> dict[str, Any]:
    return unit(allowed_paths=paths, price_yuan_m2=Decimal(2000), contribution_yuan=Decimal(9000000)) | changes


@pytest.mark.parametrize(
    ("path", "changes", "yearly"),
    [
        ("lease", {}, 12 * 10 * 5000),
        ("lease", {"property_fee_yuan_m2_month": Decimal("2.5")}, 12 * 12.5 * 5000),
        ("temporary_use", {}, 12 * 10 * 5000),
        ("sale", {}, round(2000 * 5000 * CRF, 2)),
        ("sale", {"property_fee_yuan_m2_month": Decimal(2)}, round(2000 * 5000 * CRF + 12 * 2 * 5000, 2)),
        ("equity_swap", {}, 720000),
        ("merger", {}, None),
        ("lease", {"property_fee_yuan_m2_month": None}, None),
        ("lease", {"rent_yuan_m2_month": None}, None),
        ("sale", {"price_yuan_m2": None}, None),
        ("equity_swap", {"contribution_yuan": None}, None),
        ("equity_swap", {"property_fee_yuan_m2_month": None, "available_area_m2": None}, 720000),
    ],
)
def test_yearly_cost(path: str, changes: dict[str, Any], yearly: float | None) -> None:
    demand = need(accepted_paths=[path], rent_yuan_m2_month_max=None)

    assert only(ranked(demand, [offered_by([path], **changes)]))["yearly_cost_yuan"] == yearly


def test_land_without_a_fee_has_none() -> None:
    demand = need(kinds=["land"], land_area_m2_min=Decimal(4200))

    result = only(ranked(demand, [unit(kind="land", property_fee_yuan_m2_month=None)]), "land")

    assert (result["yearly_cost_yuan"], result["unknown"]) == (600000.0, [])


@pytest.mark.parametrize(
    ("changes", "status", "formalities"),
    [
        ({}, "pass", []),
        ({"mortgage": "released"}, "pass", []),
        ({"mortgage": "consented"}, "pass", []),
        ({"mortgage": "unreleased"}, "unknown", ["encumbrance_clearance"]),
        ({"mortgage": None}, "unknown", ["encumbrance_clearance"]),
        ({"is_seized": None}, "unknown", ["encumbrance_clearance"]),
        ({"title_is_registered": False}, "unknown", ["title_registration"]),
        ({"title_is_registered": None}, "unknown", ["title_registration"]),
        (
            {"title_is_registered": None, "mortgage": "unreleased", "is_seized": None},
            "unknown",
            ["title_registration", "encumbrance_clearance"],
        ),
    ],
)
@pytest.mark.parametrize("path", ["sale", "equity_swap"])
def test_title_that_cannot_pass_yet_names_the_formality(
    path: str, changes: dict[str, Any], status: str, formalities: list[str]
) -> None:
    result = only(ranked(need(accepted_paths=[path]), [offered_by([path], **changes)]))

    entry = rule(result, "H12")
    assert (entry["status"], entry["formalities"]) == (status, formalities)
    assert result["unknown"] == ([] if status == "pass" else ["title"])
    assert result["status"] == ("fit" if status == "pass" else "to_confirm")


@pytest.mark.parametrize("path", ["sale", "equity_swap"])
def test_seizure_fails_a_path_that_moves_title(path: str) -> None:
    listing = ranked(need(accepted_paths=[path]), [offered_by([path], is_seized=True)])["lists"]["factory"]

    assert listing["results"] == []
    assert listing["totals"]["out_by"]["H12"] == 1


def test_affordable_lease_is_not_refused_for_its_title() -> None:
    seized = offered_by(["lease", "sale"], is_seized=True, title_is_registered=False, mortgage="unreleased")

    result = only(ranked(need(accepted_paths=["lease", "sale"]), [seized]))

    assert (result["status"], result["path"], result["unknown"]) == ("fit", "lease", [])
    assert rule(result, "H12")["status"] == "not_applicable"


def test_lease_too_dear_gives_way_to_a_sale_within_its_bound() -> None:
    demand = need(accepted_paths=["lease", "sale"], price_yuan_m2_max=Decimal(2000))

    result = only(ranked(demand, [offered_by(["lease", "sale"], rent_yuan_m2_month=Decimal(20))]))

    assert (result["path"], result["status"]) == ("sale", "fit")
    assert rule(result, "H10")["required"] == {"price_yuan_m2": 2000.0}


def test_path_that_passes_goes_before_a_cheaper_one_to_confirm() -> None:
    demand = need(accepted_paths=["lease", "sale"], rent_yuan_m2_month_max=None, yearly_cost_yuan_max=Decimal(900000))
    candidate = offered_by(["lease", "sale"], price_yuan_m2=Decimal(100), mortgage="unreleased")

    assert only(ranked(demand, [candidate]))["path"] == "lease"
    assert only(ranked(demand, [candidate | {"mortgage": "none"}]))["path"] == "sale"


def test_path_is_judged_whole_and_not_rule_by_rule() -> None:
    demand = need(accepted_paths=["lease", "sale"], price_yuan_m2_max=Decimal(2000))
    candidate = offered_by(["lease", "sale"], rent_yuan_m2_month=Decimal(20), is_seized=True)

    totals = ranked(demand, [candidate])["lists"]["factory"]["totals"]

    assert totals["no_fit"] == 1
    assert (totals["out_by"]["H10"], totals["out_by"]["H12"]) == (1, 0)


def test_unknown_paths_are_taken_as_the_first_accepted_one_to_confirm() -> None:
    result = only(ranked(need(accepted_paths=["sublease", "lease"]), [unit(allowed_paths=None)]))

    assert (result["path"], result["status"], result["unknown"]) == ("lease", "to_confirm", ["allowed_paths"])


def test_cost_bound_of_no_accepted_path_weighs_nothing() -> None:
    demand = need(accepted_paths=["sale"], rent_yuan_m2_month_max=Decimal(14))

    result = only(ranked(demand, [offered_by(["sale"])]))

    assert rule(result, "H10")["status"] == "not_applicable"
    assert "cost" not in {entry["id"] for entry in result["soft"]}
