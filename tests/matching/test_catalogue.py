"""A snapshot of columns: order, areas, unknown values, works, and columns it refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from matching import Catalogue
from matching.catalogue.table import Units
from tests.matching.samples import columns, unit

CURE = {"rule": "H5", "up_to": Decimal(800), "cost_yuan": Decimal(90000), "days": 30, "source": "grid", "payer": "park"}


def catalogue(*units: dict[str, Any]) -> Catalogue:
    return Catalogue.from_columns(columns(units))


def factories(*units: dict[str, Any]) -> Units:
    return catalogue(*units).of_kind("factory")


def test_rows_stand_in_id_order_with_their_values() -> None:
    made = factories(unit(id="b", power_kva=Decimal(2)), unit(id="a", power_kva=Decimal("1.5")))

    assert made.ids == ("a", "b")
    assert made["power_kva"].values.tolist() == [15, 20]


def test_area_is_available_else_stated_else_measured() -> None:
    made = factories(
        unit(id="a", available_area_m2=Decimal(1), area_m2=Decimal(2), measured_area_m2=Decimal(3)),
        unit(id="b", available_area_m2=None, area_m2=Decimal(2), measured_area_m2=Decimal(3)),
        unit(id="c", available_area_m2=None, area_m2=None, measured_area_m2=Decimal(3)),
        unit(id="d", available_area_m2=None, area_m2=None, measured_area_m2=None),
    )

    assert made["area"].values.tolist() == [100, 200, 300, 0]
    assert made["area"].known.tolist() == [True, True, True, False]
    assert made["area_basis"].values.tolist() == [0, 1, 2, 0]


def test_empty_and_missing_paths_are_unknown() -> None:
    made = factories(unit(id="a", allowed_paths=[]), unit(id="b", allowed_paths=None), unit(id="c"))

    assert made["allowed_paths"].known.tolist() == [False, False, True]


def test_zone_goes_before_park_as_facts_key() -> None:
    made = factories(unit(id="a"), unit(id="b", facts_key="zone"))

    assert made.facts_keys == ("moto", "zone")
    assert made["facts"].values.tolist() == [0, 1]


def test_columns_and_masks_cannot_be_written() -> None:
    made = factories(unit())

    for array in (made["area"].values, made["area"].known):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_kinds_are_apart_and_keep_their_works() -> None:
    made = catalogue(unit(id="a", kind="land"), unit(id="b", works=[CURE]), unit(id="c", works=[CURE, CURE]))

    assert made.of_kind("land").ids == ("a",)
    others = made.of_kind("factory")
    assert others.ids == ("b", "c")
    assert others.retrofits.row.tolist() == [0, 1, 1]


def test_works_count_only_with_cost_days_source_and_payer() -> None:
    lists = [CURE, *({**CURE, key: None} for key in ("cost_yuan", "days", "source", "payer")), CURE | {"rule": "H3"}]

    retrofit = factories(unit(works=lists)).retrofits

    assert (retrofit.rule, retrofit.up_to.tolist(), retrofit.cost.tolist(), retrofit.days.tolist()) == (
        ("H5",),
        [8000],
        [9000000],
        [30],
    )


def test_works_that_cost_nothing_and_take_no_time_count() -> None:
    assert factories(unit(works=[CURE | {"cost_yuan": 0, "days": 0}])).retrofits.days.tolist() == [0]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"colour": ["red"]}, "columns unknown: colour"),
        ({"power_kva": [1, 2]}, "columns not as long as id: power_kva"),
        ({"fire_hazard_class": ["F"]}, "words outside the vocabulary: F"),
        ({"allowed_paths": [["gift"]]}, "words outside the vocabulary: gift"),
        ({"power_kva": [float("inf")]}, "does not fit whole steps"),
    ],
)
def test_columns_it_cannot_read_are_refused(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Catalogue.from_columns(columns([unit()]) | change)


def test_repeated_and_missing_ids_are_refused() -> None:
    with pytest.raises(ValueError, match="an id stands twice"):
        catalogue(unit(), unit())
    with pytest.raises(ValueError, match="no column id"):
        Catalogue.from_columns({"kind": ["land"]})
