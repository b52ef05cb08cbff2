"""Version R2: what it does differently from R1, point by point, on the same units and demands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from matching import Catalogue, Parameters, rank
from matching.answers.bundles import Neighbours
from matching.codes import MORTGAGES
from matching.sentences.reasons import sentence
from tests.matching.samples import DAY, MODEL, PARAMETERS, PARKS, SECOND, columns, need, only, ranked, rule, unit
from tests.matching.test_cases import STATED, WISHED, swap

BOTH = (PARAMETERS, SECOND)
CRF = SECOND.numbers.capital_recovery_factor
TAXES = 0.03 + 0.0005


def d(
    name: str, candidate: dict[str, Any], demand: dict[str, Any], kind: str = "factory", **more: Any
) -> tuple[Any, ...]:
    """The desirability of a criterion in both versions; None where it does not weigh."""
    answers = (only(ranked(demand, [candidate], parameters=version, **more), kind) for version in BOTH)
    return tuple(next((entry["d"] for entry in answer["soft"] if entry["id"] == name), None) for answer in answers)


def weighing(*names: str, **changes: Any) -> dict[str, Any]:
    return need(importances=dict.fromkeys(names, 3), **changes)


@pytest.mark.parametrize(("free", "first", "second"), [(500, 0.0, 0.625), (650, 0.5, 0.8125), (800, 1.0, 1.0)])
def test_power_that_just_suffices_is_a_share_of_the_preferred(free: int, first: float, second: float) -> None:
    assert d("power", unit(power_kva=free), weighing("power")) == (first, second)


@pytest.mark.parametrize(("rent", "first", "second"), [("9.8", 1.0, 1.0), ("14", 0.0, 1 / 3), ("11.9", 0.5, 2 / 3)])
def test_cost_at_the_bound_keeps_a_third(rent: str, first: float, second: float) -> None:
    taken = unit(available_area_m2=Decimal(4620), rent_yuan_m2_month=Decimal(rent))

    assert d("cost", taken, weighing("cost")) == (pytest.approx(first), pytest.approx(second))


def test_anchors_nobody_knows_leave_their_share_to_the_others() -> None:
    facts = {name: value for name, value in PARKS["moto"].items() if name != "anchors"}

    first, second = d("industry", unit(), weighing("industry"), parks={"moto": facts})

    density = rule(only(ranked(weighing("industry"), [unit()])), "industry")["parts"]["density"]
    assert first == pytest.approx(0.4 + 0.4 * density + 0.2 * 0.3)
    assert second == pytest.approx(0.5 + 0.5 * density)
    entry = only(ranked(weighing("industry"), [unit()], parameters=SECOND, parks={"moto": facts}))
    assert (rule(entry, "industry")["parts"]["anchor"], entry["unknown"]) == (None, ["anchors"])


def test_manufacturing_alone_is_no_kinship() -> None:
    facts = {"leading_industries": ["2730"], "negative_list": [], "tenants": [], "anchors": []}

    assert d("industry", unit(), weighing("industry"), parks={"moto": facts}) == (0.4 * 0.25, 0.0)


def test_a_contribution_is_held_against_the_price_a_firm_would_pay() -> None:
    plant = unit(allowed_paths=["equity_swap"], contribution_yuan=Decimal(9_000_000))
    demand = weighing("cost", accepted_paths=["equity_swap"], price_yuan_m2_max=Decimal(2500))

    answers = [ranked(demand | {"importances": {"size": 1, "cost": 2}}, [plant], parameters=v) for v in BOTH]

    assert [[entry["id"] for entry in only(answer)["soft"]] for answer in answers] == [["size"], ["size", "cost"]]
    entry = rule(only(answers[1]), "cost")
    bound, yearly = 2500 * 4620 * CRF * (1 + TAXES), 9_000_000 * (0.08 + TAXES * CRF)
    assert (entry["required"], entry["offered"]) == (pytest.approx(bound, abs=0.01), pytest.approx(yearly, abs=0.01))
    assert entry["d"] == pytest.approx(1 - (yearly / bound - 0.7) / 0.45)
    assert entry["transfer_taxes"] == {"deed_tax": 270_000.0, "stamp_duty": 4_500.0}


def test_taxes_on_a_transfer_are_part_of_the_yearly_cost() -> None:
    sold = unit(allowed_paths=["sale"], price_yuan_m2=Decimal(2000))
    demand = need(accepted_paths=["sale"], price_yuan_m2_max=Decimal(2500))

    first, second = (only(ranked(demand, [sold], parameters=version)) for version in BOTH)

    assert first["yearly_cost_yuan"] == round(2000 * 5000 * CRF, 2)
    assert second["yearly_cost_yuan"] == round(2000 * 5000 * CRF * (1 + TAXES), 2)
    assert "transfer_taxes" not in rule(first, "cost")
    assert rule(second, "cost")["transfer_taxes"] == {"deed_tax": 300_000.0, "stamp_duty": 5_000.0}
    assert "（一次性税费：契税 300000.00 元、印花税 5000.00 元）" in sentence(rule(second, "cost"), "zh")
    assert " (taxes once: deed tax 300000.00 yuan, stamp duty 5000.00 yuan)" in sentence(rule(second, "cost"), "en")
    # the asked price stays what the price bound is held against
    assert rule(second, "H10")["offered"] == {"price_yuan_m2": 2000.0}


def test_a_yearly_bound_counts_the_taxes() -> None:
    sold = unit(allowed_paths=["sale"], price_yuan_m2=Decimal(2000))
    demand = need(accepted_paths=["sale"], yearly_cost_yuan_max=Decimal(780_000))

    totals = [ranked(demand, [sold], parameters=v)["lists"]["factory"]["totals"] for v in BOTH]

    assert [(t["fit"], t["out_by"]["H10"]) for t in totals] == [(1, 0), (0, 1)]


@pytest.mark.parametrize(
    ("mortgage", "path", "statuses", "formality"),
    [
        ("released", "equity_swap", ("pass", "pass"), None),
        ("none", "equity_swap", ("pass", "pass"), None),
        ("consented", "equity_swap", ("pass", "unknown"), "encumbrance_release"),
        ("unreleased", "equity_swap", ("unknown", "unknown"), "encumbrance_release"),
        (None, "equity_swap", ("unknown", "unknown"), "encumbrance_release"),
        ("consented", "sale", ("pass", "pass"), None),
        ("unreleased", "sale", ("unknown", "unknown"), "encumbrance_clearance"),
    ],
)
def test_secured_property_is_released_before_it_is_contributed(
    mortgage: str | None, path: str, statuses: tuple[str, str], formality: str | None
) -> None:
    owned = unit(allowed_paths=[path], mortgage=mortgage, price_yuan_m2=2000, contribution_yuan=9_000_000)

    entries = [rule(only(ranked(need(accepted_paths=[path]), [owned], parameters=v)), "H12") for v in BOTH]

    assert tuple(entry["status"] for entry in entries) == statuses
    assert entries[1]["formalities"] == ([] if formality is None else [formality])


def test_of_several_units_the_least_cleared_mortgage_counts() -> None:
    states = ["none", "consented", "unreleased"]
    swapped = {"available_area_m2": 2500, "allowed_paths": ["equity_swap"], "contribution_yuan": 1}
    pairs = [
        unit(id=f"{n}{side}", mortgage=state if side == "a" else "released", **swapped)
        for n, state in enumerate(states)
        for side in "ab"
    ]
    near = Neighbours([(f"{n}a", f"{n}b") for n in range(3)])

    answer = ranked(need(accepted_paths=["equity_swap"]), pairs, parameters=SECOND, adjacency=near)

    bundles = answer["lists"]["factory"]["alternatives"]["bundles"]
    assert {bundle["asset_ids"][0]: rule(bundle, "H12")["status"] for bundle in bundles} == {
        "0a": "pass", "1a": "unknown", "2a": "unknown"
    }  # fmt: skip


def test_mortgages_kept_before_are_clear_to_the_versions_before() -> None:
    """Rows that were kept hold a 1 for whatever is not unreleased; their version asks for no more."""
    states = ("unreleased", "consented", "none", "released")
    assert [MORTGAGES[state] >= 1 for state in states] == [False, True, True, True]
    assert MORTGAGES["consented"] == 1


LAND = {"kind": "land", "clear_height_m": None, "condition_grade": None}
SEVEN = ["road", "water_supply", "drainage", "power_supply", "telecom", "gas", "heating"]


@pytest.mark.parametrize(
    ("facts", "second"),
    [
        ({"connections": SEVEN, "is_levelled": True}, 1.0),
        ({"connections": SEVEN, "is_levelled": False}, 7 / 8),
        ({"connections": SEVEN[:3], "is_levelled": None}, 3 / 7),
        ({"connections": [], "is_levelled": True}, 1 / 8),
        ({"connections": [], "is_levelled": None, "condition_grade": 4}, 0.0),
        ({"connections": None, "is_levelled": True, "condition_grade": 4}, 0.8),
        ({"connections": None, "is_levelled": True}, 0.3),
    ],
)
def test_the_condition_of_land_is_what_reaches_it(facts: dict[str, Any], second: float) -> None:
    demand = weighing("condition", "size", kinds=["land"], land_area_m2_min=Decimal(4200))

    assert d("condition", unit(**LAND | facts), demand, "land") == (None, pytest.approx(second))


def test_the_condition_of_a_building_stays_its_grade_else_its_age() -> None:
    built = unit(condition_grade=None, built_year=2015, connections=SEVEN, is_levelled=True)

    assert d("condition", built, weighing("condition")) == (pytest.approx(0.6), pytest.approx(0.6))


def test_the_sentence_of_land_names_its_connections() -> None:
    plot = unit(**LAND | {"connections": ["road", "gas"], "is_levelled": True})
    demand = weighing("condition", kinds=["land"])

    entry = rule(only(ranked(demand, [plot], parameters=SECOND), "land"), "condition")

    assert sentence(entry, "zh").startswith("空间状况 七通 通路、通燃气、场平 有，期望 七通 通路、通给水、通排水、通电")
    assert sentence(entry, "en").startswith(
        "Condition connections road, gas, levelled site yes, wished connections road"
    )


def test_units_to_confirm_have_rows_of_their_own_where_twenty_fit() -> None:
    fit = [unit(id=f"f{n:02}") for n in range(25)]
    confirm = [unit(id=f"x{n}", power_kva=None) for n in range(7)]

    lists = [ranked(need(), [*fit, *confirm], parameters=v)["lists"]["factory"]["results"] for v in BOTH]

    assert [[r["status"] for r in shown] for shown in lists] == [["fit"] * 20, ["fit"] * 20 + ["to_confirm"] * 5]
    few = ranked(need(), [*fit[:2], *confirm], parameters=SECOND, limit=3)["lists"]["factory"]["results"]
    assert [r["asset_ids"][0] for r in few] == ["f00", "f01", "x0", "x1", "x2"]
    assert ranked(need(), fit, parameters=SECOND, limit=0)["lists"]["factory"]["results"] == []


def test_built_to_suit_is_held_against_its_budget() -> None:
    built = unit(allowed_paths=["built_to_suit"], price_yuan_m2=Decimal(2600))
    demand = need(accepted_paths=["built_to_suit"], price_yuan_m2_max=Decimal(2500))

    totals = [ranked(demand, [built], parameters=v)["lists"]["factory"]["totals"] for v in BOTH]

    assert [(t["fit"], t["out_by"]["H10"]) for t in totals] == [(1, 0), (0, 1)]


@pytest.mark.parametrize("parameters", BOTH)
def test_a_radius_that_is_only_wished_excludes_nothing(parameters: Parameters) -> None:
    far = unit(lon=106.5)
    place = {"lon": 105.72, "lat": 29.48, "radius_m": 5000.0}

    strict = ranked(need(places=[place]), [far], parameters=parameters)["lists"]["factory"]
    loose = only(ranked(need(places=[place | {"is_required": False}]), [far], parameters=parameters))

    assert (strict["results"], strict["totals"]["out_by"]["H13"]) == ([], 1)
    assert (loose["status"], rule(loose, "H13")["status"]) == ("fit", "not_applicable")
    assert rule(loose, "location")["required"] == [{"name": None, "weight": 1.0, "scale_m": 5000.0}]
    assert (
        ranked(need(places=[place | {"is_required": True}]), [far], parameters=parameters)["lists"]["factory"] == strict
    )


@pytest.mark.parametrize(
    ("left_out", "effluents", "quota", "expected"),
    [
        ("effluent_free_t_d", ["saline"], None, "fail"),
        ("effluent_free_t_d", ["process"], 99, "pass"),
        ("effluent_types", ["saline"], 99, "fail"),
        ("effluent_types", ["saline"], 20, "pass"),
        ("effluent_free_t_d", [], 99, "not_applicable"),
    ],
)
def test_a_discharge_is_judged_by_the_column_there_is(
    left_out: str, effluents: list[str], quota: int | None, expected: str
) -> None:
    values = {name: column for name, column in columns([unit()]).items() if name != left_out}
    demand = need(effluent_types=effluents, effluent_t_d_min=quota)

    answer = ranked_columns(demand, values)

    assert answer["missing"]["H8"] == [left_out]
    out = answer["lists"]["factory"]["totals"]["out_by"]["H8"]
    if expected == "fail":
        assert out == 1
    else:
        assert (out, rule(only(answer), "H8")["status"]) == (0, expected)


def ranked_columns(demand: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    return rank(demand, Catalogue.from_columns(values), MODEL, near_misses=True).to_document()


def test_number_18_under_the_second_version() -> None:
    """The worked case of R1: what changes is power, cost and the score."""
    demand, floor = need(importances=STATED, **WISHED), unit(crane_t=Decimal(0), available_from=DAY)

    first, second = (only(ranked(demand, [floor], parameters=version)) for version in BOTH)

    changed = {
        e["id"]: (e["d"], f["d"]) for e, f in zip(first["soft"], second["soft"], strict=True) if e["d"] != f["d"]
    }
    assert changed == {
        "power": (pytest.approx(130 / 300), pytest.approx(630 / 800)),
        "cost": (pytest.approx(1 - (10 / 14 - 0.7) / 0.3), pytest.approx(1 - (10 / 14 - 0.7) / 0.45)),
    }
    assert (first["status"], second["status"], second["path"]) == ("fit", "fit", "lease")
    assert second["score"] > first["score"]


def test_the_equity_swap_under_the_second_version() -> None:
    """The plant that needs a refit for 8 million: taxes on 20 million come to it, and a price bound is a reference."""
    demand = need(accepted_paths=["equity_swap"], price_yuan_m2_max=Decimal(6000))

    first, second = (only(ranked(demand, [swap()], parameters=version)) for version in BOTH)

    assert (first["status"], second["status"]) == ("fit_after_works", "fit_after_works")
    taxes = 20_000_000 * TAXES * CRF
    assert second["yearly_cost_yuan"] == pytest.approx(first["yearly_cost_yuan"] + taxes, abs=0.01)
    assert [e["id"] for e in second["soft"] if e["id"] not in {f["id"] for f in first["soft"]}] == ["cost"]


def test_rows_read_back_keep_what_the_second_version_reads() -> None:
    plots = [unit(id="a", **LAND | {"connections": ["gas", "road"], "is_levelled": False, "mortgage": "consented"})]
    kept = Catalogue.from_columns(columns(plots)).of_kind("land").rows(np.arange(1))

    assert (kept[0]["connections"], kept[0]["is_levelled"], kept[0]["mortgage"]) == (
        ["road", "gas"],
        False,
        "consented",
    )
