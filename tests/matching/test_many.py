"""Many demands at once: for each the lists that `rank` gives."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from domain.errors import Invalid
from matching import RULES, Buckets, Catalogue, Model, Parameters, rank, rank_many
from matching.ranking.judging import Standing
from tests.matching.samples import MODEL, PARAMETERS, SECOND, columns, crowd, need, random_demand, ranked, unit

Row = tuple[int, str, str, int, str, int]


def rows_of(
    demands: list[dict[str, Any]], candidates: Any, limit: int = 20, parameters: Parameters = PARAMETERS
) -> list[Row]:
    many = rank_many(demands, candidates, replace(MODEL, parameters=parameters), limit=limit)
    standings = [Standing(status).name for status in many.status.tolist()]
    listed = (many.demand, many.kind, many.unit, many.rank)
    return list(zip(*(item.tolist() for item in listed), standings, many.score.tolist(), strict=True))


def expected(
    demands: list[dict[str, Any]], units: list[dict[str, Any]], limit: int = 20, parameters: Parameters = PARAMETERS
) -> list[Row]:
    return [
        (place, kind, result["asset_ids"][0], rank, result["status"], result["score"])
        for place, demand in enumerate(demands)
        for kind, listing in ranked(demand, units, limit=limit, parameters=parameters)["lists"].items()
        for rank, result in enumerate(listing["results"], 1)
    ]


@pytest.mark.parametrize("parameters", [PARAMETERS, SECOND], ids=["R1", "R2"])
@pytest.mark.parametrize("seed", range(60))
def test_every_list_is_the_one_rank_gives(seed: int, parameters: Parameters, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(seed)
    monkeypatch.setattr(
        "matching.ranking.many.MANY", random.choice([1, 2, 16])
    )  # so few share a bucket of what is open to them
    units = crowd(random, random.randint(0, 90), unknown=random.choice([0, 0.05, 0.3]))
    demands = [random_demand(random) for _ in range(6)]
    limit = random.choice([1, 5, 20])

    assert rows_of(demands, columns(units), limit, parameters) == expected(demands, units, limit, parameters)


def test_buckets_serve_again_and_a_catalogue_that_followed_changes() -> None:
    random = Random(9)
    units = {item["id"]: item for item in crowd(random, 60)}
    fresh = {item["id"]: item for item in crowd(random, 60) if item["id"] < "u0010"}
    catalogue = Catalogue.from_columns(columns(list(units.values())))
    changed = catalogue.changed(np.array(sorted(fresh)), Catalogue.from_columns(columns(list(fresh.values()))))
    demands = [random_demand(random) for _ in range(5)]

    buckets = Buckets.of(changed)

    for _ in range(2):
        assert rows_of(demands, buckets) == expected(demands, list((units | fresh).values()))


def test_no_demand_and_nothing_that_fits_are_empty() -> None:
    assert rows_of([], columns([unit()])) == []
    assert rows_of([need(clear_height_m_min=50)], columns([unit()])) == []
    assert rows_of([need()], columns([])) == []


@pytest.mark.parametrize("gone", [(), ("clear_height_m", "effluent_types"), ("fire_hazard_class", "mortgage")])
@pytest.mark.parametrize("parks", [MODEL.parks, None])
def test_columns_nobody_gave_are_named_as_rank_names_them(gone: tuple[str, ...], parks: Any) -> None:
    some = {name: values for name, values in columns([unit()]).items() if name not in gone}
    model = replace(MODEL, parks=parks, parameters=MODEL.parameters.with_rules(set(RULES) - {"H6"}))

    many = rank_many([need()], Buckets.of(Catalogue.from_columns(some)), model)

    assert many.missing == rank(need(), some, model).missing
    assert "H6" not in many.missing and ("H3" in many.missing) == ("clear_height_m" in gone)


@pytest.mark.parametrize("model", [MODEL, replace(MODEL, chain=None)])
def test_versions_and_day_are_named_as_rank_names_them(model: Model) -> None:
    answer = rank(need(), columns([unit()]), model).to_document()

    versions = rank_many([need()], columns([unit()]), model).versions

    assert versions == {name: answer[name] for name in ("model_version", "chain_version", "day")}


def test_a_demand_that_weighs_nothing_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        rows_of([need(), need(importances={"size": 0})], columns([unit()]))
    (fault,) = refused.value.faults
    assert (fault.code, fault.field) == ("no_criterion_weighs", "importances")
