"""Units of one building with the same status are shown as the best of them: against folding everything by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Catalogue, Parameters, rank
from matching.answers.difference import difference
from matching.answers.explain import explain
from matching.answers.replay import differences, packed, park_facts, unpacked
from matching.catalogue.columns import ALONE, COLUMNS, tree_numbers
from matching.ranking.order import MOST_NAMED
from matching.sentences.counts import standing
from matching.sentences.reasons import summary
from tests.matching.reference import ORDER
from tests.matching.samples import (
    MODEL,
    PARAMETERS,
    PARKS,
    SECOND,
    columns,
    crowd,
    facts_of,
    need,
    random_demand,
    ranked,
    unit,
)

EVERYTHING = 10_000
Unit = dict[str, Any]
#: The id of a shown unit, and of those behind it.
Line = tuple[str, list[str]]


def in_buildings(random: Random, count: int) -> list[Unit]:
    """A crowd of which many share a building, some in few and large ones."""
    buildings = [None, *(f"b{place}" for place in range(random.choice([1, 3, 12])))]
    return [item | {"root_id": random.choice(buildings)} for item in crowd(random, count, unknown=0.02)]


def grown(random: Random, units: list[Unit]) -> Catalogue:
    """The units as a catalogue of which some came as changes."""
    later = {unit["id"] for unit in units if random.random() < 0.3}
    base = [unit | {"root_id": "elsewhere"} for unit in units]
    fresh = [unit for unit in units if unit["id"] in later]
    unchanged = [unit for unit in units if unit["id"] not in later]
    before = [item for item in base if item["id"] in later]
    catalogue = Catalogue.from_columns(columns(sorted([*unchanged, *before], key=lambda row: str(row["id"]))))
    return catalogue.changed(np.array(sorted(later), np.str_), Catalogue.from_columns(columns(fresh)))


def folded(results: list[dict[str, Any]], roots: dict[str, Any], limit: int, own: int) -> list[Line]:
    """What is shown of all results, by definition."""
    lists: dict[str, list[Line]] = {status: [] for status in ORDER[:3]}
    for result in results:
        (item,) = result["asset_ids"]
        mine = lists[result["status"]]
        front = next((line for line in mine if roots[item] is not None and roots[line[0]] == roots[item]), None)
        if front is None:
            mine.append((item, []))
        else:
            front[1].append(item)
    fit, after_works, to_confirm = (lists[status] for status in ORDER[:3])
    page = fit[:limit]
    if own:
        page = page + after_works[: limit - len(page)]
        return page + to_confirm[: max(min(own, limit), limit - len(page))]
    kept = min(len(to_confirm), max(int(MODEL.numbers.few_fit) - len(fit), 0), limit - len(page))
    page = page + after_works[: limit - len(page) - kept]
    return page + to_confirm[: limit - len(page)]


def brief(result: dict[str, Any]) -> Any:
    return result["asset_ids"], result["like_it"]


def named(line: Line) -> Any:
    return [line[0]], {"count": len(line[1]), "asset_ids": line[1][:MOST_NAMED]}


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    limit=st.integers(0, 12),
    count=st.sampled_from([0, 1, 30, 150]),
    parameters=st.sampled_from([PARAMETERS, SECOND]),
)
def test_a_page_is_everything_folded_and_cut(seed: int, limit: int, count: int, parameters: Parameters) -> None:
    random = Random(seed)
    units, demand = in_buildings(random, count), random_demand(random)
    roots = {unit["id"]: unit["root_id"] for unit in units}
    unfolded = ranked(demand, [unit | {"root_id": None} for unit in units], limit=EVERYTHING, parameters=parameters)

    answer = rank(demand, grown(random, units), replace(MODEL, parameters=parameters), limit=limit).to_document()

    for kind, listing in answer["lists"].items():
        everything = unfolded["lists"][kind]
        assert [brief(result) for result in listing["results"]] == [
            named(line) for line in folded(everything["results"], roots, limit, int(parameters.numbers.rows_to_confirm))
        ]
        assert listing["totals"] == everything["totals"]
        whole = {result["asset_ids"][0]: result for result in everything["results"]}
        for result in listing["results"]:
            assert result | {"like_it": None} == whole[result["asset_ids"][0]] | {"like_it": None}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("limit", "keep"), [(3, 5), (10, 20), (2, 0)])
@pytest.mark.parametrize("parameters", [PARAMETERS, SECOND], ids=["R1", "R2"])
def test_replayed_from_the_kept_rows_alone(seed: int, limit: int, keep: int, parameters: Parameters) -> None:
    random = Random(seed)
    catalogue, demand = Catalogue.from_columns(columns(in_buildings(random, 80))), random_demand(random)
    model = replace(MODEL, parameters=parameters)
    first = rank(demand, catalogue, model, limit=limit, keep=keep)
    rows = packed(catalogue, [item for listing in first.lists.values() for item in listing.kept])
    inputs = json.loads(json.dumps({"rows": rows, "parks": park_facts(facts_of(PARKS), rows["facts_keys"])}))

    again = rank(demand, unpacked(inputs["rows"]), replace(model, parks=inputs["parks"]), limit=limit).to_document()

    assert differences(json.loads(json.dumps(first.to_document())), json.loads(json.dumps(again))) == []


@pytest.mark.parametrize("seed", range(6))
def test_a_folded_unit_says_behind_which_and_keeps_its_place(seed: int) -> None:
    random = Random(seed)
    units, demand = in_buildings(random, 50), random_demand(random)
    catalogue = Catalogue.from_columns(columns(units))
    plain = ranked(demand, [unit | {"root_id": None} for unit in units], limit=EVERYTHING)
    answer = ranked(demand, units, limit=EVERYTHING)

    for kind, listing in answer["lists"].items():
        fronts = {item: shown for shown in listing["results"] for item in shown["like_it"]["asset_ids"]}
        shown = {result["asset_ids"][0]: result for result in listing["results"]}
        places: dict[str, int] = {}
        for result in plain["lists"][kind]["results"]:
            places[result["status"]] = places.get(result["status"], 0) + 1
            (asset_id,) = result["asset_ids"]
            item = Catalogue.from_columns(columns([unit for unit in units if unit["id"] == asset_id]))
            explanation = explain(demand, item, catalogue, MODEL, limit=EVERYTHING)
            assert explanation["standing"]["place"] == places[result["status"]]
            if asset_id in shown:
                assert (explanation["standing"]["behind"], explanation["result"]) == (None, shown[asset_id])
            elif asset_id in fronts:
                assert explanation["standing"]["behind"] == {"asset_ids": fronts[asset_id]["asset_ids"]}
                assert explanation["standing"]["is_shown"] is False
                assert explanation["result"]["like_it"]["count"] == 0
            else:  # more than are named
                assert explanation["standing"]["behind"] is not None


def eight(**changes: Any) -> list[Unit]:
    """A building of eight floors, the ground floor best, and a hall elsewhere."""
    floors = [unit(id=f"f{n}", root_id="b", clear_height_m=8 - n / 10, **changes) for n in range(8)]
    return [*floors, unit(id="hall", clear_height_m=6, root_id=None, **changes)]


def test_seven_like_it_are_said_and_leave_room_on_the_page() -> None:
    answer = ranked(need(), eight(), limit=2)

    first, second = answer["lists"]["factory"]["results"]
    assert (first["asset_ids"], second["asset_ids"], second["like_it"]["count"]) == (["f0"], ["hall"], 0)
    assert first["like_it"] == {"count": 7, "asset_ids": [f"f{n}" for n in range(1, 8)]}
    assert answer["lists"]["factory"]["totals"]["fit"] == 9
    assert summary(first, "zh").endswith("；同栋另有 7 个类似单元")
    assert summary(first, "en").endswith("; +7 like it in the same building")
    assert "类似" not in summary(second, "zh")


def test_plots_say_so_by_their_own_word() -> None:
    plots = eight(kind="land")
    answer = ranked(need(kinds=["land"], land_area_m2_min=4200), plots, limit=2)

    first = answer["lists"]["land"]["results"][0]
    assert summary(first, "zh").endswith("；同一地块另有 7 个类似单元")
    assert summary(first, "en").endswith("; +7 like it on the same plot")


def test_another_status_stands_by_itself() -> None:
    units = [unit(id="a", root_id="b"), unit(id="c", root_id="b", power_kva=None), unit(id="d", root_id="b")]

    results = ranked(need(), units)["lists"]["factory"]["results"]

    assert [(result["asset_ids"], result["status"], result["like_it"]["count"]) for result in results] == [
        (["a"], "fit", 1),
        (["c"], "to_confirm", 0),
    ]


def test_more_than_are_named_are_counted() -> None:
    units = [unit(id=f"u{n:02d}", root_id="b") for n in range(40)]

    (result,) = ranked(need(), units)["lists"]["factory"]["results"]

    assert result["like_it"] == {"count": 39, "asset_ids": [f"u{n:02d}" for n in range(1, 21)]}


def test_where_it_stands_is_said_of_a_folded_unit() -> None:
    units = eight()
    item = Catalogue.from_columns(columns([units[3]]))

    facts = explain(need(), item, Catalogue.from_columns(columns(units)), MODEL) | {"availability": None}

    assert facts["standing"]["behind"] == {"asset_ids": ["f0"]}
    assert standing(facts, "zh").startswith("在“满足”中列第 4 位（共 9 个）；列表中归入同栋更靠前的类似单元")
    assert standing(facts, "en").startswith("Place 4 of 9 among: fit; shown behind a better one in the same building")


def test_a_unit_that_went_behind_a_better_one_is_still_ranked() -> None:
    hall = unit(id="x", root_id="b")
    old, new = ranked(need(), [hall]), ranked(need(), [hall, unit(id="w", root_id="b")])
    inputs: dict[str, Any] = {"demand": {}}

    factory = difference(old, new, inputs, inputs)["lists"]["factory"]
    back = difference(new, old, inputs, inputs)["lists"]["factory"]

    (left,) = factory["left"]
    assert (left["asset_ids"], left["behind"], left["is_still_ranked"]) == (["x"], ["w"], True)
    (entered,) = back["entered"]
    assert (entered["asset_ids"], entered["behind"]) == (["x"], ["w"])
    assert [(item["behind"], item["is_still_ranked"]) for item in back["left"]] == [(None, False)]


def test_trees_are_told_by_one_number_however_they_are_read() -> None:
    ids = [UUID(int=n << 64 | n % 7) for n in range(1, 2000)] + [UUID(int=n << 8) for n in range(1, 2000)]
    keys = np.array([item.bytes for item in ids], "S16")

    numbers = COLUMNS["root_id"].read([*map(str, ids), None, float("nan"), 7, "hall"])

    assert numbers.is_known
    assert numbers.values[: len(ids)].tolist() == tree_numbers(keys).tolist()
    assert len(set(numbers.values.tolist())) == len(set(ids)) + 3
    assert numbers.values[-4:-1].tolist() == [ALONE, ALONE, 7]
    assert tree_numbers(np.array([b"", UUID(int=256).bytes], "S16")).tolist()[0] == ALONE
    assert COLUMNS["root_id"].plain(ALONE) is None
