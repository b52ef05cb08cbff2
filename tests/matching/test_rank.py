"""The whole ranking: against a plain reference, and the properties of a ranking one can trust."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from matching import Catalogue, Model, rank
from tests.matching.reference import ORDER, Judge
from tests.matching.samples import (
    DAY,
    MODEL,
    NEAR,
    PARAMETERS,
    PARKS,
    ROOT,
    SECOND,
    SPINE,
    columns,
    connected,
    crowd,
    facts_of,
    need,
    only,
    random_demand,
    ranked,
    related,
    rule,
    second_demand,
    unit,
)

EVERYTHING = 10_000
SEEDS = st.integers(0, 2**32).map(Random)


def standing(result: dict[str, Any] | None) -> tuple[int, int]:
    """Where a result stands, the smaller the better; a unit that is not shown does not fit."""
    return (ORDER.index("no_fit"), 0) if result is None else (ORDER.index(result["status"]), -result["score"])


def alone(demand: dict[str, Any], candidate: dict[str, Any]) -> dict[str, Any] | None:
    results = ranked(demand, [candidate])["lists"]["factory"]["results"]
    return results[0] if results else None


def ids(document: dict[str, Any], kind: str = "factory") -> list[str]:
    return [result["asset_ids"][0] for result in document["lists"][kind]["results"]]


#: Seeds in which the best of a unit would be a part of what may not be divisible, and no bound of area is stated.
IN_DOUBT = (2213, 2245, 2315, 3442, 3652)


@pytest.mark.parametrize("version", ["R1", "R2"])
@pytest.mark.parametrize("seed", [*range(60), *IN_DOUBT])
def test_ranking_equals_the_plain_reference(seed: int, version: str) -> None:
    random = Random(seed)
    units, demand, parameters = crowd(random, 120), random_demand(random), PARAMETERS
    if version == "R2":
        units, demand, parameters = connected(random, units), second_demand(random), SECOND

    document = ranked(demand, units, limit=EVERYTHING, parameters=parameters)

    for kind, listing in document["lists"].items():
        judge = Judge(demand, kind, PARKS, partial(related, parameters=parameters), DAY, version)
        judged = [judge.judge(candidate) for candidate in units if candidate["kind"] == kind]
        expected = [
            way for status in ORDER[:3] for way in sorted((w for w in judged if w["status"] == status), key=_order)
        ]
        assert [_brief(result) for result in listing["results"]] == [
            (w["id"], w["status"], w["score"], w["path"], w["taken"], w["unknown"], w["yearly"]) for w in expected
        ]
        assert listing["totals"] == _totals(judged)


def _order(way: dict[str, Any]) -> Any:
    return way["order"]


def _brief(result: dict[str, Any]) -> tuple[Any, ...]:
    yearly = result["yearly_cost_yuan"]
    return (
        result["asset_ids"][0],
        result["status"],
        result["score"],
        result["path"],
        None if result["taken_m2"] is None else Decimal(str(result["taken_m2"])),
        set(result["unknown"]),
        float("inf") if yearly is None else pytest.approx(yearly, abs=0.006),
    )


def _totals(judged: list[dict[str, Any]]) -> dict[str, Any]:
    out = [way["out_by"] for way in judged if way["status"] == "no_fit"]
    rules = ("H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9", "H10", "H11", "H12", "H13")
    return {
        "compared": len(judged),
        **{status: sum(way["status"] == status for way in judged) for status in ORDER},
        "out_by": {name: sum(name in failed for failed in out) for name in rules},
    }


def test_references_see_every_status() -> None:
    statuses: set[str] = set()

    for seed in range(20):
        random = Random(seed)
        units, demand = crowd(random, 90), random_demand(random)
        for kind in demand["kinds"]:
            judge = Judge(demand, kind, PARKS, related, DAY)
            statuses |= {judge.judge(candidate)["status"] for candidate in units if candidate["kind"] == kind}

    assert statuses == set(ORDER)


BETTER = {
    "clear_height_m": [None, "0.1", "5.9", "6", "6.4", "7", "9"],
    "floor_load_kn_m2": [None, "0.1", "7", "8", "8.5", "9.6", "20"],
    "power_kva": [None, "0.1", "400", "500", "640", "800", "2000"],
    "rent_yuan_m2_month": [None, "1000", "14.01", "14", "12", "10", "0.01"],
    "property_fee_yuan_m2_month": [None, "1000", "20", "5", "1", "0"],
    "price_yuan_m2": [None, "1000000", "9000", "2000", "1"],
    "effluent_free_t_d": [None, "0", "0.1", "39.9", "40", "100"],
    "condition_grade": [None, "1", "2", "4", "5"],
    "crane_t": [None, "0", "4", "16", "40"],
    "adjacent_m2": [None, "0", "1000", "3000", "9000"],
}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(BETTER)), SEEDS, st.data())
def test_better_value_never_stands_worse(column: str, random: Random, data: st.DataObject) -> None:
    values = BETTER[column][1:]
    worse, better = sorted(data.draw(st.tuples(*[st.integers(0, len(values) - 1)] * 2)))
    (candidate,) = crowd(random, 1)
    demand = random_demand(random) | {"kinds": ["factory"]}

    low = alone(demand, candidate | {"kind": "factory", column: Decimal(values[worse])})
    high = alone(demand, candidate | {"kind": "factory", column: Decimal(values[better])})

    assert standing(high) <= standing(low)
    if low is not None and high is not None and low["status"] == high["status"]:
        assert high["score"] >= low["score"]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(BETTER)), SEEDS)
def test_unknown_stands_between_best_and_worst(column: str, random: Random) -> None:
    (candidate,) = crowd(random, 1)
    candidate["works"] = []  # a worst value that works would cure stands before what must be confirmed
    candidate["built_year"] = None  # of a building nobody surveyed its age would speak, and it can be worn to nothing
    demand = random_demand(random) | {"kinds": ["factory"]}
    worst, best = BETTER[column][1], BETTER[column][-1]

    stands = [
        standing(alone(demand, candidate | {"kind": "factory", column: value and Decimal(value)}))
        for value in (best, None, worst)
    ]

    assert stands == sorted(stands)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.data())
def test_relaxed_bound_never_shrinks_what_is_feasible(random: Random, data: st.DataObject) -> None:
    relaxed: dict[str, Any] = {
        "floor_area_m2_min": Decimal(3000),
        "floor_area_m2_max": Decimal(9000),
        "clear_height_m_min": Decimal(5),
        "floor_load_kn_m2_min": Decimal(5),
        "power_kva_min": Decimal(400),
        "fire_hazard_class": "E",
        "accepted_paths": ["lease", "sublease", "sale", "equity_swap", "merger", "part_use"],
        "rent_yuan_m2_month_max": Decimal(20),
        "price_yuan_m2_max": Decimal(3000),
        "yearly_cost_yuan_max": Decimal(900000),
        "timing_tolerance_days": 90,
        "needs_chemical_park": False,
        "effluent_types": [],
        "effluent_t_d_min": Decimal("0.1"),
        "within": {"type": "Polygon", "coordinates": [[[105, 29], [107, 29], [107, 30], [105, 30], [105, 29]]]},
        "places": [{**NEAR[0], "radius_m": 20_000.0}],
    }
    demand = random_demand(random) | {"kinds": ["factory"], "floor_area_m2_pref": Decimal(5000), "importances": {}}
    if demand.get("places") == NEAR[1:]:  # no radius that could be wider
        del relaxed["places"]
    bound = data.draw(st.sampled_from(sorted(set(relaxed) & set(demand))))
    units = crowd(random, 60)

    before, after = (
        ranked(demand, units, limit=EVERYTHING),
        ranked(demand | {bound: relaxed[bound]}, units, limit=EVERYTHING),
    )

    assert set(ids(before)) <= set(ids(after))


def test_other_units_change_no_score_and_no_order() -> None:
    units = crowd(Random(7), 240)
    demand = need(accepted_paths=["lease", "sale"])

    whole = ranked(demand, units, limit=EVERYTHING)["lists"]["factory"]["results"]
    half = ranked(demand, units[::2], limit=EVERYTHING)["lists"]["factory"]["results"]

    kept = {candidate["id"] for candidate in units[::2]}
    assert len(half) > 5
    assert [_without_place(r) for r in whole if r["asset_ids"][0] in kept] == [_without_place(r) for r in half]


def _without_place(result: dict[str, Any]) -> dict[str, Any]:
    """A place among others is the one thing others may change."""
    return {name: value for name, value in result.items() if name != "would_stand"}


def test_order_of_rows_columns_and_criteria_changes_nothing() -> None:
    units = crowd(Random(3), 80)
    demand = need(importances={"size": 5, "industry": 4, "cost": 3, "timing": 2})
    shuffled = Random(1).sample(units, len(units))
    turned = [dict(reversed(row.items())) for row in shuffled]
    backwards = dict(reversed(columns(turned).items()))

    plain = ranked(demand, units)
    mixed = rank(
        demand | {"importances": dict(reversed(demand["importances"].items()))},
        backwards,
        replace(MODEL, parks=facts_of(PARKS)),
    ).to_document()

    assert json.dumps(mixed) == json.dumps(plain)


def test_decimal_and_float_figures_give_the_same_answer() -> None:
    units = crowd(Random(5), 80)
    floats = [{k: float(v) if isinstance(v, Decimal) else v for k, v in row.items()} for row in units]
    demand = need()
    loose = {k: float(v) if isinstance(v, Decimal) else v for k, v in demand.items()}

    assert ranked(loose, floats) == ranked(demand, units)


@pytest.mark.parametrize("factor", [0.5, 2, 3])
def test_scaled_importances_change_nothing(factor: float) -> None:
    units = crowd(Random(11), 60)
    importances = {"size": 1, "industry": 1.5, "power": 1, "cost": 0.5}

    ranking = ranked(need(importances=importances), units)
    other = ranked(need(importances={name: factor * i for name, i in importances.items()}), units)

    assert ids(ranking) == ids(other)
    assert ranking["lists"]["factory"]["results"] == other["lists"]["factory"]["results"]


def test_importance_of_zero_is_absence() -> None:
    units = crowd(Random(11), 60)

    zero = ranked(need(importances={"size": 2, "cost": 3, "industry": 0, "timing": 0}), units)
    absent = ranked(need(importances={"size": 2, "cost": 3}), units)

    assert zero["lists"]["factory"]["results"] == absent["lists"]["factory"]["results"]
    assert {entry["id"] for r in zero["lists"]["factory"]["results"] for entry in r["soft"]} == {"size", "cost"}


def test_duplicates_score_alike_and_stand_by_id() -> None:
    units = [unit(id=name) for name in ("c", "a", "b")]

    results = ranked(need(), units)["lists"]["factory"]["results"]

    assert [r["asset_ids"] for r in results] == [["a"], ["b"], ["c"]]
    assert len({r["score"] for r in results}) == 1


def test_contributions_and_shown_points_add_up() -> None:
    results = ranked(need(), crowd(Random(2), 400), limit=EVERYTHING)["lists"]["factory"]["results"]

    assert len(results) > 15
    for result in results:
        assert sum(entry["contribution"] for entry in result["soft"]) == result["score"]
        assert sum(Decimal(entry["points"]) for entry in result["soft"]) == Decimal(result["points"])
        assert abs(Decimal(result["points"]) - Decimal(result["score"]) / 10**7) <= Decimal("0.05")


def test_equal_scores_stand_by_unknowns_then_cost_then_idleness() -> None:
    demand = need(importances={"size": 1}, power_kva_min=None, rent_yuan_m2_month_max=None)
    units = [
        unit(id="a", idle_since=None),
        unit(id="b", idle_since=date(2024, 6, 1)),
        unit(id="c", idle_since=date(2025, 5, 1)),
        unit(id="d", rent_yuan_m2_month=Decimal(9), idle_since=None),
        unit(id="e", rent_yuan_m2_month=None, idle_since=date(2020, 1, 1)),
    ]

    assert ids(ranked(demand, units)) == ["d", "b", "c", "a", "e"]


def test_top_is_a_prefix_of_the_whole_at_every_limit() -> None:
    units = [unit(id=f"u{n:02d}", available_area_m2=Decimal(4500 + 50 * (n % 7))) for n in range(40)]

    whole = ids(ranked(need(), units, limit=EVERYTHING))

    for limit in (0, 1, 2, 5, 6, 7, 39, 40):
        assert ids(ranked(need(), units, limit=limit)) == whole[:limit]


def test_plots_equal_but_for_their_park_rank_opposite_for_opposite_codes() -> None:
    plots = [
        unit(id="a", park_id="moto", kind="land", available_area_m2=Decimal(5000)),
        unit(id="b", park_id="pharma", kind="land", available_area_m2=Decimal(5000)),
    ]
    demand = need(kinds=["land"], land_area_m2_min=Decimal(4200), land_area_m2_max=Decimal(5500))

    covers = ranked(demand | {"product_codes": ["3752"]}, plots, parameters=SPINE)
    remedies = ranked(demand | {"product_codes": ["2730"]}, plots, parameters=SPINE)

    assert ids(covers, "land") == ["a", "b"]
    assert ids(remedies, "land") == ["b", "a"]
    shares = [rule(result, "industry")["d"] for result in covers["lists"]["land"]["results"]]
    assert shares == [1.0, 0.25]


def test_zone_with_facts_of_its_own_is_judged_by_them() -> None:
    parks = PARKS | {"strontium": {"leading_industries": ["2613"], "negative_list": ["37"], "is_chemical_park": True}}

    document = ranked(need(), [unit(id="a"), unit(id="b", facts_key="strontium")], parks=parks)

    assert ids(document) == ["a"]
    assert document["lists"]["factory"]["totals"]["out_by"]["H7"] == 1


def test_lists_are_apart_and_other_kinds_are_counted() -> None:
    units = [unit(id="a"), unit(id="b", kind="land"), unit(id="c", kind="land")]

    document = ranked(need(), units)

    assert list(document["lists"]) == ["factory"]
    assert (document["compared"], document["other_kinds"]) == (3, 2)
    assert document["lists"]["factory"]["totals"]["compared"] == 1


def test_statuses_stand_in_order_and_no_fit_is_only_counted() -> None:
    cure = {"rule": "H4", "up_to": 15, "cost_yuan": 0, "days": 0, "source": "survey", "payer": "park"}
    units = [
        unit(id="a", power_kva=None),
        unit(id="b", floor_load_kn_m2=Decimal(5), works=[cure]),
        unit(id="c", available_area_m2=Decimal(4200)),
        unit(id="d", clear_height_m=Decimal(4)),
    ]

    document = ranked(need(), units)

    results = document["lists"]["factory"]["results"]
    assert [(r["asset_ids"][0], r["status"]) for r in results] == [
        ("c", "fit"),
        ("b", "fit_after_works"),
        ("a", "to_confirm"),
    ]
    totals = document["lists"]["factory"]["totals"]
    assert (totals["no_fit"], totals["out_by"]["H3"]) == (1, 1)


def test_few_fit_keep_seats_for_units_to_confirm() -> None:
    cure = {"rule": "H4", "up_to": 15, "cost_yuan": 0, "days": 0, "source": "survey", "payer": "park"}
    retrofit = [unit(id=f"w{n}", floor_load_kn_m2=Decimal(5), works=[cure]) for n in range(6)]
    confirm = [unit(id=f"x{n}", power_kva=None) for n in range(4)]

    assert ids(ranked(need(), [unit(id="f"), *retrofit, *confirm], limit=5)) == ["f", "w0", "w1", "x0", "x1"]


def test_unit_to_confirm_says_where_it_would_stand() -> None:
    units = [
        unit(id="a", clear_height_m=Decimal(9)),
        unit(id="b", available_area_m2=Decimal(5500), power_kva=Decimal(500), rent_yuan_m2_month=Decimal(14)),
        unit(id="c", clear_height_m=None),
    ]

    results = ranked(need(), units)["lists"]["factory"]["results"]

    assert [(r["asset_ids"][0], r["would_stand"]) for r in results] == [("a", None), ("b", None), ("c", 2)]


def test_missing_columns_make_their_rules_inapplicable_and_are_named() -> None:
    arrays = columns([unit()])
    for name in ("clear_height_m", "title_is_registered", "mortgage", "is_seized", "available_from"):
        del arrays[name]

    document = rank(
        need(accepted_paths=["sale"]), arrays | {"allowed_paths": [["sale"]]}, Model(PARAMETERS, DAY)
    ).to_document()

    result = only(document)
    assert {name: rule(result, name)["status"] for name in ("H3", "H7", "H11", "H12")} == {
        "H3": "not_applicable",
        "H7": "not_applicable",
        "H11": "not_applicable",
        "H12": "not_applicable",
    }
    assert document["missing"] == {
        "H3": ["clear_height_m"],
        "H7": ["parks"],
        "H11": ["available_from"],
        "H12": ["title_is_registered", "mortgage", "is_seized"],
    }


def test_no_units_give_an_empty_list() -> None:
    document = ranked(need(), [])

    assert document["lists"]["factory"]["results"] == []
    assert document["lists"]["factory"]["totals"]["compared"] == 0


def test_demand_that_weighs_nothing_is_refused_naming_importances() -> None:
    with pytest.raises(Invalid) as refused:
        ranked(need(kinds=["land"], importances={"height": 5, "load": 3}), [unit()])

    (fault,) = refused.value.faults
    assert (fault.code, fault.field) == ("no_criterion_weighs", "importances")
    assert fault.params == {"kind": "land"}


DIGEST = """
import hashlib, json
from random import Random
from tests.matching.samples import FITTED, NEAR, crowd, need, ranked, random_demand
units = crowd(Random(99), 400)
wished = {"places": NEAR, "equipment": FITTED, "expansion_m2": 3000, "policies": ["rent_relief", "loan_interest"]}
paths = (["lease"], ["lease", "sale", "equity_swap"])
answers = [ranked(need(accepted_paths=accepted, **wished), units, limit=200) for accepted in paths]
answers += [ranked(random_demand(Random(seed)), units, limit=200) for seed in range(12)]
print(hashlib.sha256(json.dumps(answers).encode()).hexdigest())
"""


def test_answer_is_the_same_bytes_without_vector_extensions() -> None:
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    switched_off = " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name))

    plain, scalar = (
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | extra,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for extra in ({}, {"NPY_DISABLE_CPU_FEATURES": switched_off} if switched_off else {})
    )

    assert len(plain.strip()) == 64
    assert scalar == plain


def test_catalogue_is_reused_between_rankings() -> None:
    catalogue = Catalogue.from_columns(columns(crowd(Random(4), 50)))

    first, second = (rank(need(), catalogue, Model(PARAMETERS, DAY, PARKS)).to_document() for _ in range(2))

    assert first == second
