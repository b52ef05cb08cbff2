"""The other side: the firm's score unchanged, the park's value beside it, both in one order."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.answers.reverse import BEST_FIRST, harmonic, reverse
from matching.answers.value import Benchmarks, value
from tests.matching.samples import ROOT, crowd, need, random_demand, ranked, unit

DOCUMENT = json.loads((ROOT / "fixtures/reference/value_1.json").read_text(encoding="utf-8"))
BENCHMARKS = Benchmarks.from_document(DOCUMENT)
SCORES = st.integers(0, 10**9)
NUMBERS = {"unknown_value": 0.3, "exponent": 0.5}


def reversed_list(demands: list[dict[str, Any]], candidate: dict[str, Any]) -> dict[str, Any]:
    kind = candidate["kind"]
    answers = [
        (demand, kind, ranked(demand, [candidate], limit=1)["lists"][kind])
        for demand in demands
        if kind in demand["kinds"]
    ]
    return reverse(answers, candidate["park_id"], BENCHMARKS, **NUMBERS)


@pytest.mark.parametrize("seed", range(12))
def test_reverse_list_shows_the_forward_score(seed: int) -> None:
    random = Random(seed)
    units = crowd(random, 25)
    demands = [random_demand(random) | {"id": f"d{place:02d}"} for place in range(12)]
    forward = {
        (demand["id"], result["asset_ids"][0]): (result["score"], result["status"], result["path"])
        for demand in demands
        for listing in ranked(demand, units, limit=1000)["lists"].values()
        for result in listing["results"]
    }

    backward = {
        (result["demand_id"], candidate["id"]): (result["score"], result["status"], result["path"])
        for candidate in units
        for result in reversed_list(demands, candidate)["results"]
    }

    assert backward == forward != {}


@pytest.mark.parametrize("seed", range(6))
def test_order_is_status_then_what_both_gain(seed: int) -> None:
    random = Random(seed)
    demands = [
        need(floor_area_m2_max=None, clear_height_m_min=random.choice([None, 6, 9]))
        | {"id": f"d{place:02d}", "tax_yuan_year": random.choice([None, 0, 100000, 9000000])}
        | {"rent_yuan_m2_month_max": Decimal(random.choice([11, 14, 20]))}
        for place in range(30)
    ]

    answer = reversed_list(demands, unit(available_area_m2=Decimal(random.choice([5000, 7000]))))

    keys = [(BEST_FIRST.index(o["status"]), -o["both"], -o["score"], o["demand_id"]) for o in answer["results"]]
    assert keys == sorted(keys)
    assert len(keys) + answer["no_fit"] == 30
    assert answer["out_by"]["H3"] == answer["no_fit"] == sum(d.get("clear_height_m_min") == 9 for d in demands)


@given(SCORES, SCORES)
def test_what_both_gain_is_the_harmonic_mean(left: int, other: int) -> None:
    exact = Fraction(2 * left * other, left + other) if left + other else Fraction(0)

    assert abs(harmonic(left, other) - exact) <= Fraction(1, 2)
    assert harmonic(left, other) == harmonic(other, left)


def test_nothing_from_either_is_nothing() -> None:
    assert (harmonic(0, 0), harmonic(0, 10**9), harmonic(10**9, 10**9)) == (0, 0, 10**9)


def test_value_is_the_mean_of_what_a_thousand_square_metres_bring() -> None:
    facts = {"tax_yuan_year": 300_000, "output_yuan_year": 99_000_000, "jobs": 9, "attributes": {"energy_tce": 900}}

    result = value(facts, "factory", 5000.0, None, BENCHMARKS, **NUMBERS)

    assert [(e["id"], e["per_area"], round(e["d"], 9)) for e in result["terms"]] == [
        ("tax_yuan_year", 60_000.0, 0.5),
        ("output_yuan_year", 19_800_000.0, 1.0),
        ("jobs", 1.8, 0.4),
        ("energy_tce", 180.0, 0.5),
    ]
    root = 0.4 * math.sqrt(0.5) + 0.3 + 0.2 * math.sqrt(0.4) + 0.1 * math.sqrt(0.5)
    assert result["value"] == pytest.approx(root * root * 1e9, abs=1)
    assert result["unknown"] == []


def test_value_of_land_is_per_mu() -> None:
    result = value({"tax_yuan_year": 800_000}, "land", 20_000 / 3, None, BENCHMARKS, **NUMBERS)

    tax = result["terms"][0]
    assert (round(tax["per_area"], 6), round(tax["d"], 9), tax["is_illustrative"]) == (80_000.0, 1.0, False)
    assert result["unknown"] == ["output_yuan_year", "jobs", "energy_tce"]


@pytest.mark.parametrize(("facts", "taken"), [({}, 5000.0), ({"tax_yuan_year": 10**7}, None)])
def test_what_nobody_knows_takes_the_unknown_value(facts: dict[str, Any], taken: float | None) -> None:
    result = value(facts, "factory", taken, None, BENCHMARKS, **NUMBERS)

    assert (result["value"], len(result["unknown"])) == (300_000_000, 4)


def test_a_park_may_weigh_for_itself() -> None:
    weights = {
        **DOCUMENT["weights"],
        "by_park": {"p1": {**dict.fromkeys(DOCUMENT["weights"]["default"], 0), "jobs": 7}},
    }
    own = Benchmarks.from_document({**DOCUMENT, "weights": weights})

    assert value({"jobs": 45}, "factory", 10_000.0, "p1", own, **NUMBERS)["value"] == 10**9
    assert value({"jobs": 45}, "factory", 10_000.0, "p2", own, **NUMBERS)["value"] < 10**9


@pytest.mark.parametrize(
    "wrong",
    [
        {"jobs": 1},
        {**DOCUMENT["weights"]["default"], "jobs": -1},
        dict.fromkeys(DOCUMENT["weights"]["default"], 0),
        {**DOCUMENT["weights"]["default"], "jobs": True},
    ],
)
def test_weights_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"weights\.default|no number"):
        Benchmarks.from_document({**DOCUMENT, "weights": {**DOCUMENT["weights"], "default": wrong}})


def test_value_never_enters_a_firms_list() -> None:
    rich = need() | {"tax_yuan_year": 10**9, "output_yuan_year": 10**10, "jobs": 10**4}
    units = [unit(id="a"), unit(id="b", rent_yuan_m2_month=Decimal(12))]

    assert ranked(rich, units) == ranked(need(), units)
    assert "value" not in json.dumps(ranked(rich, units))
