"""Columns, demands, parks, numbers and arguments that cannot be read: each is refused by name, none is scored."""

from __future__ import annotations

import json
import math
import re
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from domain.errors import Invalid
from domain.fields import DEMAND
from matching import Catalogue, Chain, Demand, Parameters, rank, rank_many
from matching.answers.explain import explain
from matching.answers.replay import packed, unpacked
from matching.catalogue.columns import NAMES
from matching.ranking.robustness import Draws, checksum
from tests.matching.samples import DAY, DOCUMENT, MODEL, NEAR, PARAMETERS, PARKS, ROOT, columns, need, unit

CURE = {"rule": "H5", "up_to": Decimal(800), "cost_yuan": Decimal(90000), "days": 30, "source": "grid", "payer": "park"}
NAT = np.datetime64("NaT")


def places(count: int = 2) -> dict[str, Any]:
    """Two units at the sample's place, in steps."""
    steps = Catalogue.from_columns({"id": ["a"], "lon": [105.72], "lat": [29.48]}).take(["a"])
    return {name: [int(column.values[0])] * count for name, column in steps.columns.items()}


#: Column, its values in the rows b and a, and which value is at fault for what.
COLUMNS: list[tuple[str, Any, str, str]] = [
    ("condition_grade", [4, 6], "row 1, id 'a', value 6", "outside 1 to 5"),
    ("condition_grade", [-3, 4], "row 0, id 'b', value -3", "outside 1 to 5"),
    ("condition_grade", [0, 4], "row 0, id 'b', value 0", "outside 1 to 5"),
    ("condition_grade", [4.5, 4], "row 0, id 'b', value 4.5", "no whole number"),
    ("condition_grade", np.array([4, 6]), "row 1, id 'a', value 6", "outside 1 to 5"),
    ("clear_height_m", [8, 400], "row 1, id 'a', value 400", "outside 0 to 100"),
    ("crane_t", [4000, 5], "row 0, id 'b', value 4000", "outside 0 to 1000"),
    ("span_m", [24, 328], "row 1, id 'a', value 328", "outside 0 to 300"),
    ("truck_length_m", [-1, 5], "row 0, id 'b', value -1", "outside 0 to 100"),
    ("built_year", [2015, 20155], "row 1, id 'a', value 20155", "outside 0 to 2200"),
    ("rent_yuan_m2_month", [10, -10], "row 1, id 'a', value -10", "outside 0 to 9999999"),
    ("rent_yuan_m2_month", [10, -0.001], "row 1, id 'a', value -0.001", "outside 0 to 9999999"),
    ("property_fee_yuan_m2_month", [-1, 0], "row 0, id 'b', value -1", "outside 0 to 9999999"),
    ("price_yuan_m2", [Decimal(-5), None], "row 0, id 'b', value Decimal('-5')", "outside 0 to 999999999"),
    ("contribution_yuan", [-5, None], "row 0, id 'b', value -5", "outside 0 to 999999999999"),
    ("available_area_m2", [5000, -1], "row 1, id 'a', value -1", "outside 0 to 999999999"),
    ("area_m2", [-1, None], "row 0, id 'b', value -1", "outside 0 to 999999999"),
    ("measured_area_m2", np.array([-1.5, math.nan]), "row 0, id 'b', value -1.5", "outside 0 to 999999999"),
    ("adjacent_m2", [0, -1], "row 1, id 'a', value -1", "outside 0 to 999999999"),
    ("min_divisible_m2", [0, -1], "row 1, id 'a', value -1", "outside 0 to 999999999"),
    ("power_kva", ["630", 630], "row 0, id 'b', value '630'", "no number"),
    ("power_kva", [True, 630], "row 0, id 'b', value True", "no number"),
    ("power_kva", np.array([True, False]), "row 1, id 'a', value False", "no number"),
    ("power_kva", np.array(["630", "1"]), "row 1, id 'a', value '1'", "no number"),
    ("power_kva", np.array([630, "1"], object), "row 1, id 'a', value '1'", "no number"),
    ("power_kva", [630, [630]], "row 1, id 'a', value [630]", "no number"),
    ("power_kva", [630, 10**400], "row 1, id 'a', value 1000", "cannot be read"),
    ("power_kva", [630, math.inf], "row 1, id 'a', value inf", "does not fit whole steps"),
    ("power_kva", [630, 2**53 + 1], "row 1, id 'a', value 9007199254740993", "does not fit whole steps"),
    ("power_kva", [630, 1 + 2j], "row 1, id 'a', value (1+2j)", "no number"),
    ("power_kva", np.array(["NaT", "2025-06-01"], "datetime64[D]"), "row 1, id 'a', value datetime", "no number"),
    ("is_seized", [False, "no"], "row 1, id 'a', value 'no'", "words outside the vocabulary: no"),
    ("is_seized", [2, False], "row 0, id 'b', value 2", "words outside the vocabulary: 2"),
    ("mortgage", ["none", ["none"]], "row 1, id 'a', value ['none']", "cannot be read"),
    ("fire_hazard_class", ["F", "C"], "row 0, id 'b', value 'F'", "words outside the vocabulary: F"),
    ("available_from", [DAY, "soon"], "row 1, id 'a', value 'soon'", "Invalid isoformat string"),
    ("available_from", [DAY, "12025-06-01"], "row 1, id 'a', value '12025-06-01'", "Invalid isoformat string"),
    ("available_from", [20240, 10**7], "row 1, id 'a', value 10000000", "no day from 0001-01-01 to 9999-12-31"),
    ("available_from", np.array([20240, -(10**6)]), "row 1, id 'a', value -1000000", "no day from"),
    ("available_from", np.array([20240, 2**64 - 1], np.uint64), "row 1, id 'a', value 18446744073709551615", "no day"),
    ("available_from", np.array(["2025-06-01", "99999-01-01"], "datetime64[D]"), "row 1, id 'a', value", "no day"),
    ("available_from", [DAY, True], "row 1, id 'a', value True", "no day from"),
    ("available_from", [DAY, 20240.5], "row 1, id 'a', value 20240.5", "no day from"),
    ("idle_since", [DAY, ["2025-01-01"]], "row 1, id 'a', value ['2025-01-01']", "no day from"),
    ("allowed_paths", np.array([1, 1 << 13]), "row 1, id 'a', value 8192", "bits outside the vocabulary"),
    ("allowed_paths", np.array([-1, 1]), "row 0, id 'b', value -1", "bits outside the vocabulary"),
    ("effluent_types", np.array([1, 1 << 7]), "row 1, id 'a', value 128", "bits outside the vocabulary"),
    ("connections", np.array([1, 1 << 7]), "row 1, id 'a', value 128", "bits outside the vocabulary"),
    ("connections", [["road"], "road"], "row 1, id 'a', value 'road'", "no list"),
    ("connections", [["road"], ["lava"]], "row 1, id 'a', value ['lava']", "words outside the vocabulary: lava"),
    ("is_levelled", [True, "yes"], "row 1, id 'a', value 'yes'", "words outside the vocabulary: yes"),
    ("allowed_paths", ["lease", ["lease"]], "row 0, id 'b', value 'lease'", "no list"),
    ("allowed_paths", [["lease"], ["gift"]], "row 1, id 'a', value ['gift']", "words outside the vocabulary: gift"),
    ("allowed_paths", [["lease"], [["lease"]]], "row 1, id 'a', value [['lease']]", "cannot be read"),
    ("allowed_paths", [["lease"], {"lease": 1}], "row 1, id 'a', value {'lease': 1}", "no list"),
    ("allowed_industries", [["37"], "3752"], "row 1, id 'a', value '3752'", "no list"),
    ("forbidden_industries", ["3752", []], "row 0, id 'b', value '3752'", "no list"),
    ("forbidden_industries", [[3752], []], "row 0, id 'b', value [3752]", "no list of industry codes"),
    ("allowed_industries", [["37521"], []], "row 0, id 'b', value ['37521']", "no list of industry codes"),
    ("fittings", [{}, {"gas_m3_d": "500"}], "row 1, id 'a', value {'gas_m3_d': '500'}", "gas_m3_d: no finite number"),
    ("fittings", [{}, {"gas_m3_d": math.inf}], "row 1, id 'a', value {'gas_m3_d': inf}", "gas_m3_d: no finite number"),
    ("fittings", [{}, {"gas_m3_d": -5}], "row 1, id 'a', value {'gas_m3_d': -5}", "gas_m3_d: no finite number"),
    ("fittings", [{}, {"gas_m3": 500}], "row 1, id 'a', value {'gas_m3': 500}", "gas_m3 (gas_m3_d?)"),
    ("fittings", [{}, ["has_sprinklers"]], "row 1, id 'a', value ['has_sprinklers']", "no table of amounts"),
    ("works", [[], CURE], "row 1, id 'a', value {", "no list"),
    ("works", [[], ["H5"]], "row 1, id 'a', value ['H5']", "no list of works"),
    ("works", [[], [CURE | {"rule": "H99"}]], "row 1, id 'a', value [{", "rule: none of H1, H2"),
    ("works", [[], [CURE | {"cost_yuan": -1}]], "row 1, id 'a', value [{", "cost_yuan: no number from 0"),
    ("works", [[], [CURE | {"days": -1}]], "row 1, id 'a', value [{", "days: no number from 0"),
    ("works", [[], [CURE | {"days": "30"}]], "row 1, id 'a', value [{", "days: no number from 0"),
    ("works", [[], [CURE | {"days": 30.5}]], "row 1, id 'a', value [{", "days: no whole number"),
    ("works", [[], [CURE | {"up_to": -1}]], "row 1, id 'a', value [{", "up_to: no number from 0"),
    ("works", [[], [CURE | {"cost": 5}]], "row 1, id 'a', value [{", "unknown: cost (cost_yuan?)"),
    ("works", [[], [CURE | {"payer": 5}]], "row 1, id 'a', value [{", "source, payer: no text"),
    ("works", [[], [CURE | {"effluent_types": "process"}]], "row 1, id 'a', value [{", "effluent_types: no list"),
    ("works", [[], [CURE | {"effluent_types": ["tea"]}]], "row 1, id 'a', value [{", "effluent_types: none of"),
    ("lon", [105.72, 181], "row 1, id 'a', value 181", "outside -180 to 180"),
    ("lat", [-90.5, 29.48], "row 0, id 'b', value -90.5", "outside -90 to 90"),
    ("park_id", ["moto", 1.0], "row 1, id 'a', value 1.0", "no text, whole number or UUID"),
    ("park_id", ["moto", True], "row 1, id 'a', value True", "no text, whole number or UUID"),
    ("facts_key", ["moto", ["moto"]], "row 1, id 'a', value ['moto']", "no text, whole number or UUID"),
    ("root_id", ["r", 1.5], "row 1, id 'a', value 1.5", "no whole number of 0 or more"),
    ("root_id", ["r", -1], "row 1, id 'a', value -1", "no whole number of 0 or more"),
    ("root_id", ["r", ["r"]], "row 1, id 'a', value ['r']", "no text, number or UUID"),
    ("id", ["b", None], "row 1, id None", "no text, number or UUID"),
    ("id", ["b", ["a"]], "row 1, id ['a']", "no text, number or UUID"),
    ("id", [1.0, math.nan], "row 1, id nan", "no finite number"),
    ("id", ["b", "b"], "row 1, id 'b'", "an id stands twice"),
    ("id", ["b", 1], "id: texts, numbers or UUIDs", "and not two of them"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "values", "place", "problem"), COLUMNS)
def test_a_value_that_cannot_be_read_is_named(column: str, values: Any, place: str, problem: str) -> None:
    table = columns([unit(id="b"), unit(id="a")]) | {column: values}

    for function in (
        lambda: Catalogue.from_columns(table),
        lambda: rank(need(), table, MODEL),
        lambda: rank_many([need()], table, MODEL),
    ):
        with pytest.raises(ValueError, match=column) as refused:
            function()
        assert place in str(refused.value)
        assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"id": ["a", "b"], "kind": "land"}, "kind: no list of values, one a unit"),
        ({"id": ["a"], "kind": {"land"}}, "kind: no list of values, one a unit"),
        ({"id": ["a"], "kind": 5}, "kind: no list of values, one a unit"),
        ({"id": ["a"], "power_kva": np.array([[1.0]])}, "power_kva: no list of values, one a unit"),
        ({"id": ["a"], "power_kva": np.float64(5)}, "power_kva: no list of values, one a unit"),
        ({"id": ["a"], "clear_hight_m": [5]}, "columns unknown: clear_hight_m (clear_height_m?)"),
        ({"id": ["a"], 5: [5], "tint": [1]}, "columns unknown: 5, tint"),
        (5, "columns: int is no table"),
        (None, "columns: NoneType is no table"),
        ({"id": ["a"], "lon": [1.0]}, "lat: missing; a position takes lon, lat"),
        ({"id": ["a"], "x_m": [1.0]}, "y_m: missing; a position takes x_m, y_m"),
        ({"id": ["a"], "x_e9": [10**9]}, "lon_e7, lat_e7, y_e9, z_e9: missing"),
        ({"id": ["a"], **places(1), "x_e9": [10**9]}, "x_e9, row 0, id 'a', value 1000000000: x_e9, y_e9, z_e9 are no"),
        ({"id": ["a"], **places(1), "lon_e7": [1_900_000_000]}, "lon_e7, row 0, id 'a', value 1900000000: outside"),
    ],
)
def test_a_table_that_is_none_is_refused(table: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        Catalogue.from_columns(table)


def test_what_nobody_knows_is_unknown_in_every_column() -> None:
    nothing = [None, math.nan, np.float64("nan")]
    names = sorted(NAMES - {"id", "x_m", "y_m", "x_mm", "y_mm"} - places().keys())
    table = {name: nothing for name in names} | {"id": ["a", "b", "c"]}

    read = Catalogue.from_columns(table | {"available_from": [None, NAT, math.nan]})

    assert read.facts_keys == ("",)
    (units,) = (units for units in read.tables.values() if len(units))
    is_unknown = {name: not column.known.any() for name, column in units.columns.items()}
    assert {name for name, unknown in is_unknown.items() if not unknown} == {"facts", "policy", "root_id"}
    assert (units.policies, units["root_id"].values.tolist()) == ((((), (), ()),), [-1, -1, -1])


def test_a_day_nobody_knows_is_to_confirm_and_a_masked_value_is_unknown() -> None:
    table = columns([unit(), unit(id="u2")]) | {"available_from": [NAT, DAY]}

    assert rank_many([need()], table, MODEL).unit.tolist() == ["u2", "u1"]
    assert rank_many([need()], table, MODEL).status.tolist() == [0, 2]
    hidden = table | {"power_kva": np.ma.array([630, 9999], mask=[False, True])}
    (factories,) = (units for units in Catalogue.from_columns(hidden).tables.values() if len(units))
    assert factories["power_kva"].known.tolist() == [True, False]


def test_a_unit_that_is_free_on_the_last_day_there_is_has_no_later_one() -> None:
    late = unit(available_from=date.max, works=[CURE | {"days": 400}], power_kva=1, expandable_kva=None)

    answer = rank(need(need_on=None), columns([late]), MODEL).to_document()

    assert answer["lists"]["factory"]["totals"]["fit_after_works"] == 1
    assert rank(need(need_on=date.max), columns([unit()]), MODEL).lists["factory"].totals["fit"] == 1


def test_a_park_nobody_names_has_the_facts_of_none() -> None:
    table = columns([unit()]) | {"park_id": [math.nan]}

    for parks in ({"nan": PARKS["moto"]}, {"None": PARKS["moto"]}):
        (result,) = rank(need(), table, replace(MODEL, parks=parks)).lists["factory"].results
        (industry,) = (entry for entry in result["soft"] if entry["id"] == "industry")
        assert industry["parts"] == {"lead": None, "density": None, "anchor": None}


#: Fields of a demand, and the code and field of the refusal.
DEMANDS: list[tuple[dict[str, Any], str, str]] = [
    ({"clear_hight_m_min": 6}, "unknown_field", "clear_hight_m_min"),
    ({"floor_area_m2_min": 5000, "floor_area_m2_max": 4000}, "bounds_reversed", "floor_area_m2_max"),
    ({"land_area_m2_min": 5000, "land_area_m2_max": 4000}, "bounds_reversed", "land_area_m2_max"),
    ({"clear_height_m_min": -6}, "out_of_range", "clear_height_m_min"),
    ({"clear_height_m_min": 400}, "out_of_range", "clear_height_m_min"),
    ({"truck_length_m": 400}, "out_of_range", "truck_length_m"),
    ({"rent_yuan_m2_month_max": -1}, "out_of_range", "rent_yuan_m2_month_max"),
    ({"floor_area_m2_min": 0.001}, "out_of_range", "floor_area_m2_min"),
    ({"power_kva_min": math.nan}, "not_a_number", "power_kva_min"),
    ({"power_kva_min": Decimal("NaN")}, "not_a_number", "power_kva_min"),
    ({"power_kva_min": math.inf}, "not_a_number", "power_kva_min"),
    ({"power_kva_min": 10**400}, "out_of_range", "power_kva_min"),
    ({"power_kva_min": "500"}, "wrong_type", "power_kva_min"),
    ({"power_kva_min": True}, "wrong_type", "power_kva_min"),
    ({"power_kva_min": [500]}, "wrong_type", "power_kva_min"),
    ({"timing_tolerance_days": -1}, "out_of_range", "timing_tolerance_days"),
    ({"timing_tolerance_days": 30.5}, "wrong_type", "timing_tolerance_days"),
    ({"timing_tolerance_days": 10**6}, "out_of_range", "timing_tolerance_days"),
    ({"need_on": "soon"}, "wrong_type", "need_on"),
    ({"need_on": NAT}, "wrong_type", "need_on"),
    ({"need_on": ["2025-06-01"]}, "wrong_type", "need_on"),
    ({"kinds": "factory"}, "wrong_type", "kinds"),
    ({"kinds": 5}, "wrong_type", "kinds"),
    ({"kinds": [["factory"]]}, "not_in_vocabulary", "kinds"),
    ({"accepted_paths": "lease"}, "wrong_type", "accepted_paths"),
    ({"accepted_paths": {"lease": 1}}, "wrong_type", "accepted_paths"),
    ({"effluent_types": "process"}, "wrong_type", "effluent_types"),
    ({"policies": "rent_relief"}, "wrong_type", "policies"),
    ({"product_codes": "3752"}, "wrong_type", "product_codes"),
    ({"product_codes": ["3752", 2929]}, "industry_form", "product_codes.1"),
    ({"product_codes": ["37521"]}, "industry_form", "product_codes.0"),
    ({"product_codes": [""]}, "industry_form", "product_codes.0"),
    ({"product_codes": [], "registered_industry_code": 3752}, "industry_form", "registered_industry_code"),
    ({"fire_hazard_class": ["C"]}, "not_in_vocabulary", "fire_hazard_class"),
    ({"needs_chemical_park": "no"}, "wrong_type", "needs_chemical_park"),
    ({"template": ["metalwork"]}, "wrong_type", "template"),
    ({"template": "alchemy"}, "not_in_vocabulary", "template"),
    ({"importances": {"size": 6}}, "out_of_range", "importances.size"),
    ({"importances": {"size": -1}}, "out_of_range", "importances.size"),
    ({"importances": {"size": math.nan}}, "not_a_number", "importances.size"),
    ({"importances": {"size": "5"}}, "wrong_type", "importances.size"),
    ({"importances": {"sizee": 5, "size": 5}}, "unknown_field", "importances.sizee"),
    ({"importances": ["size"]}, "wrong_type", "importances"),
    ({"within": "everywhere"}, "area_form", "within"),
    ({"within": {"type": "Point", "coordinates": [105, 29]}}, "area_form", "within"),
    ({"within": {"type": "Polygon", "coordinates": []}}, "area_form", "within"),
    ({"within": {"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [2, 1], [1.5, 1]]]}}, "area_form", "within"),
    ({"within": {"type": "Polygon", "coordinates": [[[1, 1], [2, 99], [2, 1], [1, 1]]]}}, "area_form", "within"),
    ({"within": {"type": "Polygon", "coordinates": [[[1, 1], [math.nan, 2], [2, 1], [1, 1]]]}}, "area_form", "within"),
    ({"places": {"lon": 105.75, "lat": 29.5}}, "wrong_type", "places"),
    ({"places": ["chongqing"]}, "wrong_type", "places.0"),
    ({"places": [*NEAR, {"lon": 205.75, "lat": 29.5}]}, "out_of_range", "places.2.lon"),
    ({"places": [{"lon": 105.75, "lat": 129.5}]}, "out_of_range", "places.0.lat"),
    ({"places": [{"lon": math.nan, "lat": 29.5}]}, "not_a_number", "places.0.lon"),
    ({"places": [{"lon": "105.75", "lat": 29.5}]}, "wrong_type", "places.0.lon"),
    ({"places": [NEAR[0] | {"weight": 0}]}, "out_of_range", "places.0.weight"),
    ({"places": [NEAR[0] | {"weight": -1}]}, "out_of_range", "places.0.weight"),
    ({"places": [NEAR[0] | {"weight": math.inf}]}, "not_a_number", "places.0.weight"),
    ({"places": [NEAR[0] | {"radius_m": 0}]}, "out_of_range", "places.0.radius_m"),
    ({"places": [NEAR[0] | {"radius": 8000}]}, "unknown_field", "places.0.radius"),
    ({"places": [NEAR[0] | {"name": 5}]}, "wrong_type", "places.0.name"),
    ({"equipment": "crane_t"}, "wrong_type", "equipment"),
    ({"equipment": [{"at_least": 5}]}, "missing", "equipment.0.item"),
    ({"equipment": [{"item": "rocket"}]}, "not_in_vocabulary", "equipment"),
    ({"equipment": [{"item": "crane_t", "atleast": 5}]}, "unknown_field", "equipment.0.atleast"),
    ({"equipment": [{"item": "crane_t", "at_least": -5}]}, "out_of_range", "equipment.0.at_least"),
    ({"equipment": [{"item": "crane_t", "weight": 0}]}, "out_of_range", "equipment.0.weight"),
    ({"equipment": [{"item": "crane_t", "weight": math.nan}]}, "not_a_number", "equipment.0.weight"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "code", "field"), DEMANDS)
def test_a_demand_that_cannot_be_read_names_its_field(changes: dict[str, Any], code: str, field: str) -> None:
    table = columns([unit()])

    for function in (
        lambda demand: rank(demand, table, MODEL),
        lambda demand: rank_many([need(), demand], table, MODEL),
        lambda demand: explain(demand, Catalogue.from_columns(table), Catalogue.from_columns(table), MODEL),
    ):
        with pytest.raises(Invalid) as refused:
            function(need(**changes))
        (fault,) = refused.value.faults
        assert (fault.code, fault.field) == (code, field)


def test_a_field_nobody_knows_names_the_one_that_was_meant_and_the_demand() -> None:
    with pytest.raises(Invalid) as refused:
        rank_many([need(), need(clear_hight_m_min=6)], columns([unit()]), MODEL)

    assert refused.value.faults[0].params == {"nearest": "clear_height_m_min"}
    assert refused.value.__notes__ == ["demand 1"]


@pytest.mark.parametrize("demand", [None, 5, "factory", [("kinds", ["factory"])]])
def test_a_demand_that_is_none_is_refused(demand: Any) -> None:
    with pytest.raises(Invalid, match="wrong_type demand"):
        rank(demand, columns([unit()]), MODEL)
    with pytest.raises(ValueError, match="demands: no list of demands"):
        rank_many(need(), columns([unit()]), MODEL)  # type: ignore[arg-type]


def test_the_whole_record_of_a_need_is_a_demand() -> None:
    record = {name: None for name in DEMAND} | need(
        title="hall", jobs=5, attributes={"products": ["covers"]}, firm_id="f"
    )

    assert Demand.from_fields(record | {"registered_industry_code": "3752"}) == Demand.from_fields(need())


@pytest.mark.parametrize(
    ("parks", "problem"),
    [
        ({1: PARKS["moto"]}, "parks: the key 1 is neither text nor UUID"),
        ([PARKS["moto"]], "parks: no table of facts by the key of the park"),
        ({"moto": ["3752"]}, "parks, 'moto': no facts of a park"),
        ({"moto": {"leading_industry": ["3752"]}}, "parks, 'moto': unknown: leading_industry (leading_industries?)"),
        ({"moto": {"leading_industries": "3752"}}, "parks, 'moto': leading_industries: '3752' is no list"),
        ({"moto": {"leading_industries": [3752]}}, "parks, 'moto': leading_industries: 3752 is not an industry code"),
        ({"moto": {"negative_list": "26"}}, "parks, 'moto': negative_list: '26' is no list"),
        ({"moto": {"negative_list": ["26141"]}}, "parks, 'moto': negative_list: '26141' is not an industry code"),
        ({"moto": {"is_chemical_park": "no"}}, "parks, 'moto': is_chemical_park: neither true, false nor None"),
        ({"moto": {"policies": "rent_relief"}}, "parks, 'moto': policies: 'rent_relief' is no list"),
        ({"moto": {"policies": ["rent_releif"]}}, "parks, 'moto': policies: 'rent_releif' is not one of"),
        ({"moto": {"tenants": "3752"}}, "parks, 'moto': tenants: '3752' is no list"),
        ({"moto": {"tenants": [("3752", 0)]}}, "parks, 'moto': tenants: ('3752', 0) is not"),
        ({"moto": {"tenants": [("3752", 1.5)]}}, "parks, 'moto': tenants: ('3752', 1.5) is not"),
        ({"moto": {"tenants": [("3752", math.inf)]}}, "parks, 'moto': tenants: ('3752', inf) is not"),
        ({"moto": {"tenants": [(3752, 1)]}}, "parks, 'moto': tenants: (3752, 1) is not"),
        ({"moto": {"anchors": [("3752", -1.0)]}}, "parks, 'moto': anchors: ('3752', -1.0) is not"),
        ({"moto": {"anchors": [("3752", math.nan)]}}, "parks, 'moto': anchors: ('3752', nan) is not"),
        ({"moto": {"anchors": ["3752"]}}, "parks, 'moto': anchors: '3752' is not"),
    ],
)
def test_parks_that_cannot_be_read_are_named(parks: Any, problem: str) -> None:
    for function in (rank, lambda demand, *rest: rank_many([demand], *rest)):
        with pytest.raises(ValueError, match="park") as refused:
            function(need(), columns([unit()]), replace(MODEL, parks=parks))
        assert problem in str(refused.value)


def test_a_uuid_is_the_key_its_text_is() -> None:
    key = UUID(int=7)

    by_uuid, by_text = (
        rank(need(), columns([unit(park_id=key)]), replace(MODEL, parks={park: PARKS["moto"]})).to_document()
        for park in (key, str(key))
    )

    assert by_uuid == by_text
    assert by_text["lists"]["factory"]["results"][0]["soft"][1]["parts"]["lead"] == 1.0


@pytest.mark.parametrize("count", [-1, 2.0, "20", True, None])
def test_an_argument_that_counts_is_whole(count: Any) -> None:
    catalogue = Catalogue.from_columns(columns([unit()]))

    for name, function in (
        ("limit", lambda: rank(need(), catalogue, MODEL, limit=count)),
        ("keep", lambda: rank(need(), catalogue, MODEL, keep=count)),
        ("limit", lambda: rank_many([need()], catalogue, MODEL, limit=count)),
        ("limit", lambda: explain(need(), catalogue, catalogue, MODEL, limit=count)),
    ):
        with pytest.raises(ValueError, match=f"{name}: .* is no whole number of 0 or more"):
            function()


@pytest.mark.parametrize("day", ["soon", None, NAT, 10**9, 1.5, True, ["2025-06-01"]])
def test_a_day_that_is_none_is_refused(day: Any) -> None:
    with pytest.raises(ValueError, match="day: "):
        rank(need(), columns([unit()]), replace(MODEL, day=day))
    with pytest.raises(ValueError, match="day: "):
        rank_many([need()], columns([unit()]), replace(MODEL, day=day))


def test_other_arguments_that_are_none_are_refused() -> None:
    catalogue = Catalogue.from_columns(columns([unit()]))

    with pytest.raises(ValueError, match="model: no Model"):
        rank(need(), catalogue, PARAMETERS)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="model: no Model"):
        rank_many([need()], catalogue, PARAMETERS)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="model: no Model"):
        explain(need(), catalogue, catalogue, PARAMETERS)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="draws: no Draws"):
        rank(need(), catalogue, MODEL, draws=[[1.0]])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="adjacency: no Neighbours"):
        rank(need(), catalogue, MODEL, adjacency=[("u1", "u2")])  # type: ignore[arg-type]
    for subject in (Catalogue.from_columns(columns([])), Catalogue.from_columns({"id": ["u1"]})):
        with pytest.raises(ValueError, match="unit: not a catalogue of one row"):
            explain(need(), subject, catalogue, MODEL)


@pytest.mark.parametrize(
    ("edge", "problem"),
    [
        (("3752", "2929", 1.5), "weight outside 0 to 1"),
        (("3752", "2929", "0.5"), "weight outside 0 to 1"),
        (("3752", "2929", math.nan), "weight outside 0 to 1"),
        (("3752", "2929", True), "weight outside 0 to 1"),
        ((3752, "2929", 0.5), "an end is no industry code"),
    ],
)
def test_an_edge_of_a_chain_that_cannot_be_read_is_named(edge: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=f"edge {edge[0]} - 2929: {problem}"):
        Chain.from_edges([edge], "hostile")


@pytest.mark.parametrize("factors", [[["a"]], [[math.inf]], [[0.0]], [], [[1.0], [1.0, 2.0]], [[1e300]], 5])
def test_draws_that_cannot_be_read_are_refused(factors: Any) -> None:
    document = {"version": "d", "criteria": ["size"], "factors": factors, "sha256": checksum(factors)}

    with pytest.raises(ValueError, match="factors: "):
        Draws.from_document(document)


def numbered(**values: Any) -> dict[str, Any]:
    document = deepcopy(DOCUMENT)
    document["numbers"] |= {name: {"value": v, "meaning": "m", "source": "s"} for name, v in values.items()}
    return document


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("unknown_value", 1.5), ("size_floor", 2), ("met_exactly", 1.1), ("same_class", 1.01), ("expansion_floor", 7),
        ("code_weight_main", 3), ("density_floor", 1.2), ("condition_best", 4), ("condition_unsurveyed", 1.5),
        ("capital_recovery_factor", 0), ("anchor_scale_m", 0), ("location_scale_m", 1e-300), ("density_half", 0),
        ("timing_zero_days", 0), ("works_life_years", 1e-300), ("height_comfort_m", 1e300), ("few_fit", 1e300),
    ],
)  # fmt: skip
def test_a_number_outside_its_range_is_named(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name}: .* outside "):
        Parameters.from_document(numbered(**{name: value}))


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("power_zero_ratio", 1.5, "outside 0 to 1"),
        ("rows_to_confirm", 101, "outside 0 to 100"),
        ("rows_to_confirm", 5.5, "no whole number"),
    ],
)
def test_a_number_of_the_version_after_is_held_to_its_range(name: str, value: float, problem: str) -> None:
    document = json.loads((ROOT / "fixtures/reference/matching_4.json").read_text(encoding="utf-8"))
    document["numbers"][name]["value"] = value

    with pytest.raises(ValueError, match=f"{name}: .*{problem}"):
        Parameters.from_document(document)


@pytest.mark.parametrize(
    ("part", "value", "problem"),
    [
        ("version", 5, "version: no text"),
        ("numbers", [], "numbers: no object"),
        ("numbers", {"score_exponent": 0.5}, "numbers: missing or unknown"),
        ("importances", ["size"], "importances: no object"),
        ("importances", {"size": 6}, "importances: missing or unknown"),
        ("cost_forms", ["lease"], "cost_forms: no object"),
        ("cost_forms", {"lease": ["rent"]}, "cost_forms: unknown: lease"),
        ("templates", ["vehicles"], "templates: no object"),
        ("templates", {"vehicles": 5}, "template vehicles: no object"),
    ],
)
def test_a_document_of_another_shape_is_refused(part: str, value: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Parameters.from_document(DOCUMENT | {part: value})


def test_importances_and_codes_of_a_document_are_held_to_their_ranges() -> None:
    heavy, spelled = deepcopy(DOCUMENT), deepcopy(DOCUMENT)
    heavy["importances"]["size"]["value"] = 50
    spelled["templates"]["vehicles"]["codes"] = "37"

    with pytest.raises(ValueError, match="size: 50 is outside 0 to 5"):
        Parameters.from_document(heavy)
    with pytest.raises(ValueError, match="template vehicles: codes: no list of industry codes"):
        Parameters.from_document(spelled)
    with pytest.raises(ValueError, match="document: no object"):
        Parameters.from_document([])  # type: ignore[arg-type]


def test_rows_an_older_version_kept_are_read_whatever_they_hold() -> None:
    rows = packed(Catalogue.from_columns(columns([unit()])), ["u1"])
    rows["columns"]["condition_grade"]["values"] = [6]
    rows["policies"] = [[["37521"], [], [["gas", 5.0]]]]

    assert unpacked(json.loads(json.dumps(rows))).take(["u1"])["condition_grade"].values.tolist() == [6]
