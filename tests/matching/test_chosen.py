"""Rules, criteria and cures chosen by the caller, and positions in a plane."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import numpy as np
import pytest

from domain.errors import Invalid
from matching import RULES, Buckets, Catalogue, Parameters, rank, rank_many
from tests.matching.samples import (
    AREA,
    MODEL,
    PARAMETERS,
    columns,
    crowd,
    need,
    only,
    random_demand,
    ranked,
    rule,
    unit,
)

#: A rule, its columns that serve nothing else but the criteria named beside it.
OWN_COLUMNS: list[tuple[str, set[str], set[str]]] = [
    ("H3", {"clear_height_m", "clear_height_at"}, {"height"}),
    ("H4", {"floor_load_kn_m2"}, {"load"}),
    ("H5", {"power_kva", "expandable_kva"}, {"power"}),
    ("H6", {"fire_hazard_class"}, set()),
    ("H7", {"allowed_industries", "forbidden_industries", "fittings", "park_id"}, {"industry", "equipment", "policy"}),
    ("H8", {"effluent_types", "effluent_free_t_d"}, set()),
    ("H9", {"allowed_paths"}, set()),
    ("H11", {"available_from"}, {"timing"}),
    ("H12", {"title_is_registered", "mortgage", "is_seized"}, set()),
    ("H13", {"lon", "lat"}, {"location"}),
]


def without(names: set[str]) -> Parameters:
    return PARAMETERS.with_rules(set(RULES) - names)


def lists(demand: dict[str, Any], values: Any, parameters: Parameters, **options: Any) -> dict[str, Any]:
    """Per list: the units in order with standing, score and the rules' verdicts; counts and near misses."""
    changes = {name: options.pop(name) for name in ("parks",) if name in options}
    document = rank(demand, values, replace(MODEL, parameters=parameters, **changes), **options).to_document()
    return {
        kind: (
            [
                (r["asset_ids"], r["status"], r["score"], r["unknown"], [(h["id"], h["status"]) for h in r["hard"]])
                for r in item["results"]
            ],
            item["totals"],
            item["relaxations"],
        )
        for kind, item in document["lists"].items()
    }


def arrays(demands: list[dict[str, Any]], values: Any, parameters: Parameters) -> list[list[Any]]:
    many = rank_many(demands, values, replace(MODEL, parameters=parameters))
    return [item.tolist() for item in (many.demand, many.kind, many.unit, many.rank, many.status, many.score)]


@pytest.mark.parametrize("seed", range(6))
def test_everything_chosen_is_the_default(seed: int) -> None:
    random = Random(seed)
    values, demands = columns(crowd(random, 60)), [random_demand(random) for _ in range(3)]
    chosen = PARAMETERS.with_rules(RULES).with_criteria(PARAMETERS.importances)

    assert [lists(demand, values, chosen) for demand in demands] == [
        lists(demand, values, PARAMETERS) for demand in demands
    ]
    assert arrays(demands, values, chosen) == arrays(demands, values, PARAMETERS)


@pytest.mark.parametrize(("name", "own", "criteria"), OWN_COLUMNS)
def test_a_rule_switched_off_is_one_whose_columns_are_left_out(name: str, own: set[str], criteria: set[str]) -> None:
    random = Random(name)
    arrays = columns(crowd(random, 80))
    fewer = {column: values for column, values in arrays.items() if column not in own}
    demands = [random_demand(random) | {"importances": None} for _ in range(4)]
    parameters = PARAMETERS.with_criteria(set(PARAMETERS.importances) - criteria)
    off = parameters.with_rules(set(RULES) - {name})
    parks = {"parks": None} if name == "H7" else {}

    for demand in demands:
        assert lists(demand, arrays, off, near_misses=True) == lists(
            demand, fewer, parameters, near_misses=True, **parks
        )
    assert name not in rank(demands[0], fewer, replace(MODEL, parameters=off)).missing


@pytest.mark.parametrize("name", RULES[1:])
def test_many_demands_leave_out_the_same_rules_as_one(name: str) -> None:
    random = Random(name)
    arrays, demands = columns(crowd(random, 60)), [random_demand(random) for _ in range(4)]
    buckets = Buckets.of(Catalogue.from_columns(arrays))

    rankings = rank_many(demands, buckets, replace(MODEL, parameters=without({name})))

    facts = list(zip(rankings.demand.tolist(), rankings.unit.tolist(), rankings.score.tolist(), strict=True))
    expected = [
        (place, row[0][0], row[2])
        for place, demand in enumerate(demands)
        for rows, _, _ in lists(demand, arrays, without({name})).values()
        for row in rows
    ]
    assert facts == expected


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("H2", {"available_area_m2": 9000}),
        ("H3", {"clear_height_m": 3}),
        ("H4", {"floor_load_kn_m2": 3}),
        ("H5", {"power_kva": 100}),
        ("H6", {"fire_hazard_class": "E"}),
        ("H7", {"forbidden_industries": ["37"]}),
        ("H8", {"effluent_free_t_d": 0}),
        ("H9", {"allowed_paths": ["sublease"]}),
        ("H10", {"rent_yuan_m2_month": 20}),
        ("H11", {"available_from": date(2026, 6, 1)}),
        ("H12", {"is_seized": True}),
        ("H13", {"lon": 120.0}),
    ],
)
def test_a_rule_not_in_force_puts_nothing_out(name: str, bad: dict[str, Any]) -> None:
    demand = need(
        effluent_t_d_min=1,
        accepted_paths=["sale"] if name == "H12" else ["lease"],
        places=[{"lon": 105.7, "lat": 29.5, "radius_m": 50_000}],
    )
    offered = [unit(**({"allowed_paths": ["sale"], "price_yuan_m2": 2000} if name == "H12" else {}) | bad)]

    strict = ranked(demand, offered)
    loose = ranked(demand, offered, parameters=without({name}))

    assert strict["lists"]["factory"]["results"] == []
    assert only(loose)["status"] == "fit"
    assert rule(only(loose), name)["status"] == "not_applicable"


def test_a_rule_in_force_without_its_column_is_named() -> None:
    values = {name: values for name, values in columns([unit()]).items() if name != "clear_height_m"}

    ranking = rank(need(), values, replace(MODEL, parameters=PARAMETERS.with_rules(["H1", "H2", "H3"])))

    assert ranking.missing == {"H3": ("clear_height_m",)}


def test_criteria_that_were_not_chosen_weigh_nothing() -> None:
    parameters = PARAMETERS.with_criteria(["size", "cost"])

    result = only(ranked(need(importances={"size": 3, "cost": 4, "timing": 5}), [unit()], parameters=parameters))

    assert [(entry["id"], entry["weight"]) for entry in result["soft"]] == [("size", 9 / 25), ("cost", 16 / 25)]
    with pytest.raises(Invalid):
        ranked(need(importances={"timing": 5}), [unit()], parameters=parameters)


def test_without_cures_a_unit_stands_as_it_is() -> None:
    retrofit = {"rule": "H5", "up_to": 800, "cost_yuan": 1, "days": 1, "source": "survey", "payer": "park"}
    weak = [unit(power_kva=100, works=[retrofit])]
    off = PARAMETERS.without_cures()

    assert only(ranked(need(), weak))["status"] == "fit_after_works"
    assert ranked(need(), weak, parameters=off)["lists"]["factory"]["totals"]["out_by"]["H5"] == 1
    assert arrays([need()], columns(weak), PARAMETERS)[2] == ["u1"]
    assert arrays([need()], columns(weak), off)[2] == []


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="rules: unknown: H14"):
        PARAMETERS.with_rules([*RULES, "H14"])
    with pytest.raises(ValueError, match="criteria: unknown: colour"):
        PARAMETERS.with_criteria(["size", "colour"])
    with pytest.raises(ValueError, match="rules: H1 makes the lists"):
        PARAMETERS.with_rules(["H2"])


@pytest.mark.parametrize("day", ["2025-06-01", np.datetime64("2025-06-01"), 20240, np.int64(20240)])
def test_the_day_is_read_in_every_form(day: Any) -> None:
    arrays = columns([unit()])

    assert rank(need(), arrays, replace(MODEL, day=day)) == rank(need(), arrays, MODEL)


def in_plane(units: list[dict[str, Any]], x_m: list[Any], y_m: list[Any]) -> dict[str, Any]:
    return {n: v for n, v in columns(units).items() if n not in ("lon", "lat")} | {"x_m": x_m, "y_m": y_m}


def test_in_a_plane_distances_are_straight() -> None:
    values = in_plane([unit(id="a"), unit(id="b"), unit(id="c"), unit(id="d")], [3, 36_500_003, 3.001, None], [4] * 4)
    demand = need(places=[{"x_m": 0, "y_m": 0, "radius_m": 5}], importances={"location": 1})

    document = rank(demand, values, MODEL, near_misses=True).to_document()

    near, nobody_knows = document["lists"]["factory"]["results"]
    assert (near["asset_ids"], near["score"], near["soft"][0]["offered"]) == (["a"], 250_000_000, [5.0])
    assert rule(near, "H13")["offered"] == {"inside": None, "distance_m": [5.0]}
    assert (nobody_knows["asset_ids"], nobody_knows["unknown"]) == (["d"], ["position"])
    assert document["lists"]["factory"]["totals"]["out_by"]["H13"] == 2
    assert "H13" not in document["missing"]
    assert arrays([demand], values, PARAMETERS)[2:4] == [["a", "d"], [1, 2]]


def test_positions_in_a_plane_are_kept_as_they_were() -> None:
    arrays = in_plane([unit(id="a"), unit(id="b")], [36_500_000.125, None], [-4.0005, 1])
    read = Catalogue.from_columns(arrays)

    again = Catalogue.from_rows(read.of_kind("factory").rows(np.arange(2)))

    assert again.of_kind("factory")["x_mm"].values.tolist() == [36_500_000_125, 0]
    assert again.of_kind("factory")["y_mm"].values.tolist() == [-4000, 0]
    assert again.of_kind("factory")["y_mm"].known.tolist() == [True, False]


@pytest.mark.parametrize("beside", ["x_m", "y_m"])
def test_both_kinds_of_position_are_refused(beside: str) -> None:
    with pytest.raises(ValueError, match=f"{beside}: beside lon, lat"):
        Catalogue.from_columns(columns([unit()]) | {beside: [1.0]})


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"places": [{"lon": 105.7, "lat": 29.5}]}, "places"),
        ({"places": [{"x_m": 1, "y_m": 2, "lon": 105.7, "lat": 29.5}]}, "places"),
        ({"places": [{"x_m": 1}]}, "places"),
        ({"places": [{"x_m": float("inf"), "y_m": 2}]}, "places"),
        ({"places": [{"x_m": float("nan"), "y_m": 2}]}, "places"),
        ({"within": AREA}, "within"),
    ],
)
def test_a_place_outside_the_plane_is_refused(fields: dict[str, Any], field: str) -> None:
    arrays = in_plane([unit()], [1], [2])

    for function in (rank, lambda demand, *rest, **more: rank_many([demand], *rest, **more)):
        with pytest.raises(Invalid) as refused:
            function(need(**fields), arrays, MODEL)
        assert [fault.field for fault in refused.value.faults] == [field]


def test_a_place_in_a_plane_is_refused_by_units_in_degrees() -> None:
    with pytest.raises(Invalid) as refused:
        ranked(need(places=[{"x_m": 1, "y_m": 2}]), [unit()])

    assert [(fault.code, fault.field) for fault in refused.value.faults] == [("coordinates", "places")]
