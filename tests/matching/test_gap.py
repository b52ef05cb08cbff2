"""The gap: needs that nothing fits, counted by what they ask for."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from matching.answers.gap import BANDS, RankedDemand, gap
from tests.matching.samples import crowd, need, random_demand, ranked, unit


def ranked_demands(units: list[dict[str, Any]], *demands: dict[str, Any]) -> list[RankedDemand]:
    return [RankedDemand.of(demand, ranked(demand, units, limit=0)) for demand in demands]


def test_bands_hold_who_asks_and_who_finds_nothing() -> None:
    units = [unit(id="a", clear_height_m=Decimal(8)), unit(id="b", clear_height_m=None)]
    low, high, higher = (need(clear_height_m_min=Decimal(height)) for height in ("7.99", "8.01", "13"))
    silent = need(clear_height_m_min=None, fire_hazard_class=None, product_codes=["2929", "3752", "2911"])

    answer = gap(ranked_demands(units, low, high, higher, silent))

    assert (answer["published"], answer["unmet"], answer["unmet_yet_to_confirm"]) == (4, 2, 2)
    assert answer["by"]["clear_height_m_min"] == [
        {"from": 6, "below": 8, "asked": 1, "unmet": 0},
        {"from": 8, "below": 10, "asked": 1, "unmet": 1},
        {"from": 12, "below": None, "asked": 1, "unmet": 1},
    ]
    assert answer["by"]["fire_hazard_class"] == [{"value": "C", "asked": 3, "unmet": 2}]
    assert answer["by"]["industry"] == [
        {"value": "29", "asked": 4, "unmet": 2},
        {"value": "37", "asked": 4, "unmet": 2},
    ]
    assert answer["nearest"] == [{"rules": ["H3"], "needs": 2}]


def test_no_need_no_gap() -> None:
    answer = gap([])

    assert (answer["published"], answer["unmet"], answer["nearest"]) == (0, 0, [])
    assert set(answer["by"]) == {*BANDS, "fire_hazard_class", "industry"}
    assert not any(answer["by"].values())


def test_what_fits_after_works_is_no_gap() -> None:
    retrofit = {"rule": "H4", "up_to": 15, "cost_yuan": 100000, "days": 30, "source": "survey", "payer": "park"}

    (demand,) = ranked_demands([unit(floor_load_kn_m2=Decimal(2), works=[retrofit])], need())

    assert not demand.is_unmet


@pytest.mark.parametrize("seed", range(6))
def test_every_band_adds_up_to_those_who_mention_the_bound(seed: int) -> None:
    random = Random(seed)
    units, demands = crowd(random, 12), [random_demand(random) for _ in range(25)]

    answer = gap(ranked_demands(units, *demands))

    assert 0 < answer["unmet"] < answer["published"] == 25
    for bound in BANDS:
        rows = answer["by"][bound]
        assert sum(row["asked"] for row in rows) == sum(bool(demand.get(bound)) for demand in demands)
        for row in rows:
            inside = [
                demand
                for demand in demands
                if demand.get(bound) and (row["from"] or 0) <= demand[bound] < (row["below"] or Decimal("Infinity"))
            ]
            assert row["asked"] == len(inside)
            assert row["unmet"] == sum(demand.is_unmet for demand in ranked_demands(units, *inside))
