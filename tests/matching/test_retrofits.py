"""Works that cure a rule: only from the unit's own facts, with their days and their cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.matching.reference import ORDER, Judge
from tests.matching.samples import DAY, PARKS, need, only, ranked, related, rule, unit


def retrofit(name: str = "H4", up_to: Any = 8, cost: Any = 100000, days: int = 30, **changes: Any) -> dict[str, Any]:
    return {
        "rule": name,
        "up_to": up_to,
        "cost_yuan": cost,
        "days": days,
        "source": "survey",
        "payer": "park",
    } | changes


def weak(*entries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A hall whose floor carries too little."""
    return unit(floor_load_kn_m2=Decimal(5), works=list(entries)) | changes


def test_cure_is_shown_with_its_terms_and_enters_cost_and_date() -> None:
    result = only(ranked(need(), [weak(retrofit(up_to=15))]))

    assert result["status"] == "fit_after_works"
    entry = rule(result, "H4")
    assert (entry["required"], entry["offered"], entry["status"]) == (8.0, 5.0, "fail")
    assert entry["cure"] == {"up_to": 15.0, "cost_yuan": 100000.0, "days": 30, "source": "survey", "payer": "park"}
    assert result["yearly_cost_yuan"] == 12 * 10 * 5000 + 10000
    assert rule(result, "H11")["offered"] == "2025-07-01"
    assert rule(result, "timing")["offered"] == "2025-07-01"
    assert (rule(result, "load")["offered"], rule(result, "load")["d"]) == (8.0, 0.5)


@pytest.mark.parametrize(
    "entry",
    [
        retrofit(up_to=Decimal("7.99")),
        retrofit(up_to=None),
        retrofit(source=None),
        retrofit(payer=""),
        retrofit(cost=None),
        retrofit("H5", up_to=900),
        retrofit(days=91),
    ],
)
def test_works_that_do_not_suffice_cure_nothing(entry: dict[str, Any]) -> None:
    listing = ranked(need(), [weak(entry)])["lists"]["factory"]

    assert listing["results"] == []
    assert {name for name, count in listing["totals"]["out_by"].items() if count} == {"H4"}


def test_no_works_no_cure() -> None:
    totals = ranked(need(), [weak()])["lists"]["factory"]["totals"]

    assert (totals["fit_after_works"], totals["out_by"]["H4"]) == (0, 1)


def test_works_begin_when_the_unit_is_free_and_not_before_today() -> None:
    early = only(ranked(need(), [weak(retrofit(), available_from=date(2024, 1, 1))]))
    later = only(ranked(need(), [weak(retrofit(), available_from=date(2025, 6, 20))]))

    assert rule(early, "H11")["offered"] == "2025-07-01"
    assert rule(later, "H11")["offered"] == "2025-07-20"


def test_power_is_cured_no_further_than_it_can_be_added() -> None:
    def low(**changes: Any) -> dict[str, Any]:
        return unit(power_kva=Decimal(400), **changes)

    assert only(ranked(need(), [low(works=[retrofit("H5", 800)])]))["status"] == "fit_after_works"
    by_grid = only(ranked(need(), [low(works=[retrofit("H5", None)], expandable_kva=Decimal(630))]))
    assert rule(by_grid, "H5")["cure"]["up_to"] == 630.0
    refused = ranked(need(), [low(works=[retrofit("H5", 800)], expandable_kva=Decimal(499))])["lists"]["factory"]
    assert (refused["results"], refused["totals"]["out_by"]["H5"]) == ([], 1)


def test_two_cures_add_their_days_and_costs() -> None:
    both = weak(retrofit(days=30), retrofit("H5", 800, cost=50000, days=20), power_kva=Decimal(400))

    result = only(ranked(need(), [both]))

    assert result["yearly_cost_yuan"] == 600000 + 10000 + 5000
    assert rule(result, "H11")["offered"] == "2025-07-21"


def test_of_several_works_those_are_taken_that_leave_the_unit_fit() -> None:
    slow_and_cheap, fast_and_dear = retrofit(cost=1000, days=200), retrofit(cost=900000, days=10)

    result = only(ranked(need(), [weak(slow_and_cheap, fast_and_dear)]))

    assert (result["status"], rule(result, "H4")["cure"]["days"]) == ("fit_after_works", 10)


def test_works_over_the_yearly_budget_leave_the_unit_out() -> None:
    demand = need(yearly_cost_yuan_max=Decimal(605000))

    assert only(ranked(demand, [weak(retrofit(cost=50000))]))["status"] == "fit_after_works"
    assert ranked(demand, [weak(retrofit(cost=Decimal("50000.1")))])["lists"]["factory"]["results"] == []


def test_unit_with_a_cure_and_an_unknown_would_stand_behind_all_that_fit() -> None:
    units = [
        unit(id="a"),
        weak(retrofit(), id="b"),
        weak(retrofit(), id="c", available_area_m2=Decimal(4620), power_kva=None),
        weak(retrofit(), id="d", power_kva=None),
    ]

    results = ranked(need(), units)["lists"]["factory"]["results"]

    assert [(r["asset_ids"][0], r["status"], r["would_stand"]) for r in results] == [
        ("a", "fit", None),
        ("b", "fit_after_works", None),
        ("c", "to_confirm", 2),
        ("d", "to_confirm", 3),
    ]


def test_unknown_is_not_cured() -> None:
    result = only(ranked(need(), [unit(floor_load_kn_m2=None, works=[retrofit(up_to=20)])]))

    assert (result["status"], rule(result, "H4")["cure"]) == ("to_confirm", None)


@pytest.mark.parametrize("seed", range(20))
def test_cures_equal_the_plain_reference(seed: int) -> None:
    random = Random(seed)
    units = [
        unit(
            id=f"u{place:03d}",
            floor_load_kn_m2=Decimal(random.choice(["5", "7.99", "8", "9"])),
            power_kva=random.choice([None, Decimal(400), Decimal(450), Decimal(630)]),
            expandable_kva=random.choice([None, Decimal(499), Decimal(700)]),
            available_from=random.choice([date(2025, 5, 1), date(2025, 6, 20), date(2025, 8, 1)]),
            allowed_paths=random.choice([["lease"], ["lease", "sale"]]),
            price_yuan_m2=Decimal(1500),
            mortgage=random.choice(["none", None]),
            works=[
                retrofit(
                    *random.choice([("H4", Decimal(7)), ("H4", Decimal(8)), ("H5", Decimal(600)), ("H5", None)]),
                    Decimal(random.choice([0, 100000, 1500000])),
                    random.choice([0, 25, 80]),
                )
                for _ in range(random.randint(0, 4))
            ],
        )
        for place in range(40)
    ]
    demand = need(accepted_paths=["lease", "sale"], yearly_cost_yuan_max=Decimal(700000), rent_yuan_m2_month_max=None)

    listing = ranked(demand, units, limit=1000)["lists"]["factory"]

    judge = Judge(demand, "factory", PARKS, related, DAY)
    judged = [judge.judge(candidate) for candidate in units]
    shown = [way for way in judged if way["status"] != "no_fit"]
    expected = sorted(shown, key=lambda way: (ORDER.index(way["status"]), way["order"]))
    assert [(r["asset_ids"][0], r["status"], r["score"], set(r["unknown"])) for r in listing["results"]] == [
        (way["id"], way["status"], way["score"], way["unknown"]) for way in expected
    ]
    assert listing["totals"]["fit_after_works"] > 0
