"""Ranking again from what was kept gives the same answer; from anything else, another one, and says where."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from matching import Catalogue, Ranking, rank
from matching.answers.replay import differences, packed, park_facts, unpacked
from tests.matching.samples import MODEL, PARKS, columns, crowd, facts_of, need, random_demand, unit


def ranking(
    demand: dict[str, Any], catalogue: Catalogue, parks: dict[str, Any], *, limit: int, keep: int = 0
) -> Ranking:
    return rank(
        demand,
        catalogue,
        replace(MODEL, parks=parks),
        limit=limit,
        keep=keep,
    )


def kept(catalogue: Catalogue, ranking: Ranking) -> dict[str, Any]:
    ids = [item for listing in ranking.lists.values() for item in listing.kept]
    rows = packed(catalogue, ids)
    facts = park_facts(facts_of(PARKS), rows["facts_keys"])
    document: dict[str, Any] = json.loads(json.dumps({"rows": rows, "parks": facts}))
    return document


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize(("limit", "keep"), [(3, 5), (5, 5), (10, 20), (1, 60)])
def test_replayed_from_the_kept_rows_alone(seed: int, limit: int, keep: int) -> None:
    random = Random(seed)
    catalogue, demand = Catalogue.from_columns(columns(crowd(random, 80))), random_demand(random)
    first = ranking(demand, catalogue, PARKS, limit=limit, keep=keep)

    inputs = kept(catalogue, first)
    again = ranking(demand, unpacked(inputs["rows"]), inputs["parks"], limit=limit)

    assert len(inputs["rows"]["ids"]) <= 2 * keep
    stored = json.loads(json.dumps(first.to_document()))
    assert differences(stored, json.loads(json.dumps(again.to_document()))) == []


def test_what_was_kept_is_the_catalogue_again() -> None:
    catalogue = Catalogue.from_columns(columns(crowd(Random(1), 40)))

    again = unpacked(json.loads(json.dumps(packed(catalogue, catalogue.ids))))

    assert again.ids == catalogue.ids
    for kind in ("land", "factory"):
        before, after = catalogue.of_kind(kind), again.of_kind(kind)
        for name, column in before.columns.items():
            if name not in ("facts", "policy"):
                assert after[name].values.dtype == column.values.dtype
                assert after[name].values.tolist() == column.values.tolist()
                assert after[name].known.tolist() == column.known.tolist()
        policies = [[district.policies[row] for row in district["policy"].values] for district in (before, after)]
        assert policies[0] == policies[1]
        assert after.retrofits.source == before.retrofits.source
        assert after.retrofits.cost.tolist() == before.retrofits.cost.tolist()


def test_a_changed_row_is_named_where_the_answer_differs() -> None:
    catalogue = Catalogue.from_columns(columns([unit(id="a"), unit(id="b", clear_height_m=6.5)]))
    first = ranking(need(), catalogue, PARKS, limit=2, keep=2)
    inputs = kept(catalogue, first)

    spoilt = deepcopy(inputs["rows"])
    spoilt["columns"]["clear_height_m"]["values"][1] = 700
    again = ranking(need(), unpacked(spoilt), inputs["parks"], limit=2)

    differing = differences(first.to_document(), again.to_document())
    assert differing[0]["field"] == "lists.factory.results.1.score"
    assert {item["field"] for item in differing} >= {
        "lists.factory.results.1.hard.2.offered",
        "lists.factory.results.1.points",
    }


def test_counts_over_the_catalogue_are_not_compared() -> None:
    catalogue = Catalogue.from_columns(columns([unit(id=f"u{n}") for n in range(9)]))
    first = ranking(need(), catalogue, PARKS, limit=2, keep=2)
    inputs = kept(catalogue, first)

    again = ranking(need(), unpacked(inputs["rows"]), inputs["parks"], limit=2)

    assert (first.compared, again.compared) == (9, 2)
    assert differences(first.to_document(), again.to_document()) == []
