"""A unit asked about by itself: the same numbers as in the ranking, for what is shown and for all that is not."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from matching import Catalogue
from matching.answers.explain import explain
from tests.matching.samples import MODEL, columns, crowd, need, random_demand, ranked, unit

EVERYTHING = 10_000


def explained(demand: dict[str, Any], units: list[dict[str, Any]], item: dict[str, Any], limit: int) -> dict[str, Any]:
    return explain(
        demand,
        Catalogue.from_columns(columns([item])),
        Catalogue.from_columns(columns(units)),
        MODEL,
        limit=limit,
    )


@pytest.mark.parametrize("seed", range(25))
def test_every_unit_is_explained_as_it_is_ranked(seed: int) -> None:
    random = Random(seed)
    units, demand = crowd(random, 60), random_demand(random)

    document = ranked(demand, units, limit=EVERYTHING)

    for kind, listing in document["lists"].items():
        shown = {result["asset_ids"][0]: result for result in listing["results"]}
        counts: Counter[str] = Counter()
        out_by: Counter[str] = Counter()
        for candidate in (candidate for candidate in units if candidate["kind"] == kind):
            explanation = explained(demand, units, candidate, EVERYTHING)
            status = explanation["result"]["status"]
            counts[status] += 1
            if candidate["id"] in shown:
                assert explanation["result"] == shown[candidate["id"]]
                assert (explanation["standing"]["list"], explanation["standing"]["is_shown"]) == (status, True)
            else:
                assert (status, explanation["standing"]["place"]) == ("no_fit", None)
                out_by.update(explanation["out_by"])
                failed = {entry["id"] for entry in explanation["result"]["hard"] if entry["status"] == "fail"}
                cured = any(entry["cure"] for entry in explanation["result"]["hard"])
                assert failed - set(explanation["out_by"]) <= (
                    {"H10", "H11"} if cured else set()
                )  # works cost money and time
                assert set(explanation["out_by"]) <= failed
        totals = listing["totals"]
        assert {name: counts[name] for name in ("fit", "fit_after_works", "to_confirm", "no_fit")} == {
            name: totals[name] for name in ("fit", "fit_after_works", "to_confirm", "no_fit")
        }
        assert {rule: out_by[rule] for rule in totals["out_by"]} == totals["out_by"]
        by_status: dict[str, list[str]] = {}
        for one_id, result in shown.items():
            by_status.setdefault(result["status"], []).append(one_id)
        for status, members in by_status.items():
            for place, one_id in enumerate(members, 1):
                candidate = next(unit for unit in units if unit["id"] == one_id)
                stands = explained(demand, units, candidate, EVERYTHING)["standing"]
                assert (stands["list"], stands["place"], stands["of"]) == (status, place, len(members))


def test_a_unit_off_the_list_is_told_what_it_lacks_to_the_last_one_shown() -> None:
    units = [unit(id=f"u{place}", clear_height_m=7 - place / 10) for place in range(5)]

    explanation = explained(need(), units, units[4], limit=2)

    first_two = ranked(need(), units, limit=2)["lists"]["factory"]["results"]
    assert explanation["is_on_offer"] is True
    assert explanation["standing"]["place"] == 5
    assert explanation["standing"]["is_shown"] is False
    last = explanation["standing"]["last_shown"]
    assert (last["asset_ids"], last["score"], last["points"]) == (
        first_two[1]["asset_ids"],
        first_two[1]["score"],
        first_two[1]["points"],
    )
    assert last["ahead_by"] == first_two[1]["score"] - explanation["result"]["score"] > 0


def test_a_unit_that_is_not_on_offer_has_the_place_it_would_take() -> None:
    units = [unit(id=f"u{place}", clear_height_m=7 - place / 10) for place in range(5)]

    explanation = explained(need(), [unit for unit in units if unit["id"] != "u2"], units[2], limit=20)

    assert explanation["is_on_offer"] is False
    assert (explanation["standing"]["list"], explanation["standing"]["place"], explanation["standing"]["is_shown"]) == (
        "fit",
        3,
        False,
    )
    assert explanation["result"] == ranked(need(), units)["lists"]["factory"]["results"][2]


def test_a_unit_of_another_kind_fails_the_kind_and_has_no_score() -> None:
    plot = unit(id="p", kind="land")

    explanation = explained(need(), [unit()], plot, limit=20)

    assert (explanation["kind"], explanation["is_asked_kind"], explanation["standing"]) == ("land", False, None)
    result = explanation["result"]
    assert (result["score"], result["points"], result["soft"], result["status"]) == (None, None, [], "no_fit")
    assert result["hard"][0] == {
        "id": "H1",
        "required": ["factory"],
        "offered": "land",
        "unit": None,
        "status": "fail",
        "cure": None,
    }


def test_what_works_would_cure_is_told_beside_what_nothing_cures() -> None:
    retrofit = [{"rule": "H5", "up_to": 800, "cost_yuan": 120000, "days": 40, "source": "quote", "payer": "owner"}]
    low = unit(clear_height_m=5, power_kva=100, floor_load_kn_m2=2, allowed_paths=["sale"], works=retrofit)

    result = explained(need(), [unit()], low, limit=20)["result"]

    failed = {
        entry["id"]: entry["cure"] and entry["cure"]["up_to"] for entry in result["hard"] if entry["status"] == "fail"
    }
    assert failed == {"H3": None, "H4": None, "H5": 800.0, "H9": None}
    assert (result["path"], result["status"]) == (None, "no_fit")
    assert sum(entry["contribution"] for entry in result["soft"]) == result["score"]
