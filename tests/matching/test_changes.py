"""A catalogue that followed its changes is the one that is made anew, whatever came, went and came back."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Catalogue, rank
from matching.catalogue import table
from tests.matching.samples import MODEL, columns, crowd, random_demand

Unit = dict[str, Any]


def made(units: dict[str, Unit]) -> Catalogue:
    return Catalogue.from_columns(columns(list(units.values())))


def plain(catalogue: Catalogue) -> list[Unit]:
    """Every unit that stands, in the order of places within its kind."""
    result = []
    for units in catalogue.tables.values():
        rows = units.standing()
        result += units.rows(rows[np.argsort(units.places(rows))])
    return result


def document(catalogue: Catalogue, demand: dict[str, Any]) -> dict[str, Any]:
    return rank(demand, catalogue, MODEL, limit=15).to_document()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), tail=st.sampled_from([1, 4, 4096]), steps=st.integers(1, 8))
def test_base_and_delta_are_the_catalogue_made_anew(seed: int, tail: int, steps: int) -> None:
    random = Random(seed)
    pool = {unit["id"]: unit for unit in crowd(random, 60)}
    offered = dict(random.sample(sorted(pool.items()), random.randint(0, 60)))
    catalogue, first = made(offered), plain(made(offered))
    before = catalogue
    rows, share, table.TAIL_ROWS, table.TAIL_SHARE = table.TAIL_ROWS, table.TAIL_SHARE, tail, 0

    try:
        for _ in range(steps):
            touched = random.sample(sorted(pool), random.randint(0, 12))
            changed = {unit["id"]: unit for unit in crowd(random, 60) if unit["id"] in touched}
            stay = {item: changed[item] for item in touched if random.random() < 0.7}
            offered = {item: unit for item, unit in offered.items() if item not in touched} | stay
            catalogue = catalogue.changed(np.array(touched, np.str_), made(stay))
    finally:
        table.TAIL_ROWS, table.TAIL_SHARE = rows, share

    assert len(catalogue) == len(offered)
    assert plain(catalogue) == plain(made(offered))
    assert plain(before) == first
    demand = random_demand(random)
    assert document(catalogue, demand) == document(made(offered), demand)


def test_two_changes_of_one_version_do_not_meet() -> None:
    units = {unit["id"]: unit for unit in crowd(Random(3), 30, unknown=0)}
    base = Catalogue.from_columns(columns(list(units.values()))).changed(np.array(["u0001"]), made({}))
    item, other = crowd(Random(4), 30)[2], crowd(Random(5), 30)[2]

    first, second = (base.changed(np.array(["u0002"]), made({"u0002": unit})) for unit in (item, other))

    rest = {key: unit for key, unit in units.items() if key not in ("u0001", "u0002")}
    assert plain(first) == plain(made(rest | {"u0002": item}))
    assert plain(second) == plain(made(rest | {"u0002": other}))


@pytest.mark.parametrize("seed", range(5))
def test_rows_are_plain_values_and_read_back_the_same(seed: int) -> None:
    catalogue = Catalogue.from_columns(columns(crowd(Random(seed), 50)))

    again = Catalogue.from_rows(plain(catalogue))

    assert plain(again) == plain(catalogue)
    for kind, units in catalogue.tables.items():
        for name, column in units.columns.items():
            if name not in ("facts", "policy"):
                assert again.tables[kind][name].values.tolist() == column.values.tolist()


def test_a_unit_is_found_where_it_stands_now() -> None:
    units = {unit["id"]: unit for unit in crowd(Random(1), 20)}
    catalogue = made(units)
    kind = str(units["u0003"]["kind"])
    moved = units["u0003"] | {"kind": "land" if kind == "factory" else "factory"}

    changed = catalogue.changed(np.array(["u0003", "u0004"]), made({"u0003": moved}))

    result = changed.find("u0003")
    assert result is not None
    assert result[0] == moved["kind"]
    assert changed.find("u0004") is None
    assert "u0004" not in changed.ids
    assert len(changed) == 19
