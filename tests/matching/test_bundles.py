"""Bundles and splits: judged as one unit; a bundle of one is the unit, a split of all of it the whole."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Catalogue
from matching.answers.bundles import MOST_BUNDLES, Neighbours, alternatives, connected_sets, judged, open_rows
from matching.answers.result import ShownOptions, describe
from matching.demand.demand import Demand
from matching.parks import Facts, ParkProfile
from matching.ranking.question import Question
from matching.ranking.screen import screen
from matching.ranking.weights import weights as weights_of
from tests.matching.samples import (
    MODEL,
    PARKS,
    columns,
    crowd,
    need,
    only,
    random_demand,
    ranked,
    unit,
)

SEEDS = st.integers(0, 2**32).map(Random)


def question_of(demand: dict[str, Any], units: list[dict[str, Any]], kind: str = "factory") -> Question:
    catalogue = Catalogue.from_columns(columns(units))
    facts = Facts(ParkProfile.of(PARKS.get(key)) for key in catalogue.facts_keys)
    result = catalogue.of_kind(kind)
    return Question(Demand.from_fields(demand), kind, result, MODEL, facts)


def bundles(demand: dict[str, Any], units: list[dict[str, Any]], neighbours: Neighbours) -> dict[str, Any]:
    question = question_of(demand, units)
    return alternatives(question, screen(question), weights_of(question), neighbours, 500)


def is_connected(ids: tuple[str, ...], pairs: set[frozenset[str]]) -> bool:
    reached = {ids[0]}
    for _ in ids:
        reached |= {item for item in ids if any(frozenset((item, other)) in pairs for other in reached)}
    return reached == set(ids)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(3, 12), st.floats(0.1, 0.6))
def test_sets_are_those_a_search_over_all_combinations_finds(random: Random, count: int, density: float) -> None:
    units = [
        unit(
            id=f"u{place:02d}",
            available_area_m2=Decimal(random.randint(500, 3000)),
            fire_hazard_class=random.choice("CCCD"),
        )
        for place in range(count)
    ]
    names = [unit["id"] for unit in units]
    pairs = [pair for pair in combinations(names, 2) if random.random() < density]
    question = question_of(need(), units)

    rows = open_rows(question, screen(question))
    result, is_capped = connected_sets(question, rows, Neighbours([(b, a) for a, b in pairs]))

    area = {unit["id"]: unit["available_area_m2"] for unit in units}
    good = [unit["id"] for unit in units if unit["fire_hazard_class"] == "C"]
    linked = {frozenset(pair) for pair in pairs}
    expected = {
        frozenset(ids)
        for size in (2, 3, 4)
        for ids in combinations(good, size)
        if 4200 <= sum(area[item] for item in ids) <= 5500 and is_connected(ids, linked)
    }
    named = [frozenset(question.units.id(row) for row in item) for item in result]
    assert len(named) == len(set(named))
    assert set(named) == expected
    assert not is_capped


def test_a_bundle_has_the_least_the_strictest_the_latest_and_the_sum() -> None:
    units = [
        unit(id="a", available_area_m2=Decimal(2000), clear_height_m=Decimal(9), power_kva=Decimal(300))
        | {"allowed_paths": ["lease", "sale"], "rent_yuan_m2_month": Decimal(9)},
        unit(id="b", available_area_m2=Decimal(3000), fire_hazard_class="B", power_kva=Decimal(400))
        | {"floor_load_kn_m2": Decimal(20), "rent_yuan_m2_month": Decimal(14)},
    ]
    neighbours = Neighbours([("b", "a")], owners={"a": "x", "b": "y"}, floors={"a": 1, "b": 2})

    (bundle,) = bundles(need(), units, neighbours)["bundles"]

    offered = {entry["id"]: entry["offered"] for entry in bundle["hard"]}
    assert (bundle["asset_ids"], bundle["status"], bundle["taken_m2"]) == (["a", "b"], "fit", 5000.0)
    assert (offered["H2"], offered["H3"], offered["H4"], offered["H5"]) == (5000.0, 8.0, 10.0, 700.0)
    assert (offered["H6"], offered["H9"], offered["H10"]) == ("C", ["lease"], {"rent_yuan_m2_month": 12.0})
    assert bundle["yearly_cost_yuan"] == 12 * (9 * 2000 + 14 * 3000)
    assert bundle["unity"] == {"owners": 2, "floor_changes": 1, "d": 1 / 3}


def test_what_is_unknown_of_one_is_unknown_of_the_bundle() -> None:
    units = [
        unit(id="a", available_area_m2=Decimal(2000), clear_height_m=None),
        unit(id="b", available_area_m2=Decimal(3000)),
    ]

    (bundle,) = bundles(need(), units, Neighbours([("a", "b")]))["bundles"]

    assert (bundle["status"], bundle["unknown"]) == ("to_confirm", ["clear_height_m"])
    assert bundle["unity"] == {"owners": None, "floor_changes": None, "d": None}


def test_units_that_do_not_let_the_firm_in_are_in_no_bundle() -> None:
    small = {"available_area_m2": Decimal(2500)}
    units = [
        unit(id="a", **small),
        unit(id="b", forbidden_industries=["37"], **small),
        unit(id="c", fire_hazard_class="E", **small),
        unit(id="d", allowed_paths=["sale"], **small),
    ]
    every = Neighbours(list(combinations("abcd", 2)))

    assert bundles(need(), units, every) == {"bundles": [], "capped": False}


def test_paths_that_each_accepts_but_no_two_share_make_no_bundle() -> None:
    small = {"available_area_m2": Decimal(2500), "price_yuan_m2": Decimal(2000)}
    units = [unit(id="a", **small), unit(id="b", allowed_paths=["sale"], **small)]

    assert bundles(need(accepted_paths=["lease", "sale"]), units, Neighbours([("a", "b")]))["bundles"] == []


def test_the_search_says_where_it_ends() -> None:
    units = [unit(id=f"u{place:02d}", available_area_m2=Decimal(1100)) for place in range(20)]
    every = Neighbours(list(combinations([unit["id"] for unit in units], 2)))

    answer = bundles(need(), units, every)

    assert (len(answer["bundles"]), answer["capped"]) == (MOST_BUNDLES, True)
    assert answer["bundles"][0]["asset_ids"] == ["u00", "u01", "u02", "u03"]


@pytest.mark.parametrize("seed", range(25))
def test_a_bundle_of_one_is_the_unit(seed: int) -> None:
    random = Random(seed)
    demand = random_demand(random)
    units = crowd(random, 60)

    for kind in demand["kinds"]:
        question = question_of(demand, units, kind)
        weights = weights_of(question)
        sets = [(row,) for row in range(len(question.units))]
        alone, screened, best = judged(question, sets, weights)
        facts = {}
        for place in range(len(best.standing)):
            chosen = best.take(best.options.unit == best.options.unit[place])
            (shown,) = describe(ShownOptions(alone, screened, chosen, weights), [None])
            if shown["status"] != "no_fit":
                facts[question.units.id(int(best.options.unit[place]))] = shown
        listed = ranked(demand, units, limit=1000)["lists"][kind]["results"]
        expected = {result["asset_ids"][0]: result for result in listed}
        assert facts.keys() == expected.keys()
        for item, result in expected.items():
            same = {"asset_ids", "would_stand"}
            assert {k: v for k, v in facts[item].items() if k not in same} == {
                k: v for k, v in result.items() if k not in same
            }


@settings(max_examples=50, deadline=None)
@given(SEEDS)
def test_a_split_of_the_whole_is_the_unit(random: Random) -> None:
    (candidate,) = crowd(random, 1, unknown=0.0)
    candidate |= {"kind": "factory", "available_area_m2": Decimal(4500), "min_divisible_m2": Decimal(0)}
    demand = random_demand(random) | {"kinds": ["factory"], "floor_area_m2_pref": Decimal(4500)}

    whole = ranked(demand, [candidate | {"is_divisible": False}])["lists"]["factory"]
    split = ranked(demand, [candidate | {"is_divisible": True}])["lists"]["factory"]

    assert split == whole


def test_a_split_shows_what_is_left_and_loses_nothing_by_it() -> None:
    part = only(
        ranked(need(), [unit(available_area_m2=Decimal(9000), is_divisible=True, min_divisible_m2=Decimal(500))])
    )
    whole = only(ranked(need(), [unit(available_area_m2=Decimal(4620))]))

    assert (part["taken_m2"], part["remainder_m2"], whole["remainder_m2"]) == (4620.0, 4380.0, 0.0)
    assert (part["score"], part["status"]) == (whole["score"], whole["status"])
