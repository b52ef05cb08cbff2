"""The answer in numbers: its shape, every rule once, and nothing of what only staff may read."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

import pytest

from domain.words import Mortgage
from matching.rules import RULES
from tests.matching.samples import ALIKE, SPINE, crowd, need, only, random_demand, ranked, rule, unit


def test_document_has_its_shape() -> None:
    document = ranked(need(importances=ALIKE), [unit()], parameters=SPINE)

    assert list(document) == ["model_version", "chain_version", "day", "compared", "other_kinds", "missing", "lists"]
    assert (document["model_version"], document["chain_version"], document["day"]) == (
        "R1-spine",
        "sample",
        "2025-06-01",
    )
    assert list(document["lists"]["factory"]["totals"]) == [
        "compared",
        "fit",
        "fit_after_works",
        "to_confirm",
        "no_fit",
        "out_by",
    ]
    result = only(document)
    assert list(result) == [
        "asset_ids",
        "score",
        "points",
        "status",
        "path",
        "taken_m2",
        "remainder_m2",
        "yearly_cost_yuan",
        "hard",
        "soft",
        "unknown",
        "would_stand",
        "robustness",
        "like_it",
    ]
    assert rule(result, "H3") == {
        "id": "H3",
        "required": 6.0,
        "offered": 8.0,
        "unit": "m",
        "status": "pass",
        "cure": None,
    }
    assert rule(result, "power") == {
        "id": "power",
        "required": 800.0,
        "offered": 630.0,
        "unit": "kVA",
        "d": 130 / 300,
        "weight": 1 / 7,
        "contribution": 87408103,
        "points": "8.7",
        "gain": 93131780,
    }


def test_document_is_json_and_nothing_but_numbers_statuses_and_words() -> None:
    document = ranked(need(), crowd(Random(1), 100))

    assert json.loads(json.dumps(document, allow_nan=False)) == document


@pytest.mark.parametrize("seed", range(6))
def test_every_rule_stands_once_in_its_order(seed: int) -> None:
    random = Random(seed)
    document = ranked(random_demand(random), crowd(random, 100))

    results = [result for listing in document["lists"].values() for result in listing["results"]]
    assert results
    for result in results:
        assert tuple(entry["id"] for entry in result["hard"]) == RULES
        statuses = {entry["status"] for entry in result["hard"] if entry["cure"] is None}
        assert "fail" not in statuses
        assert (result["status"] == "to_confirm") == ("unknown" in statuses)
        assert (result["status"] == "fit") == (statuses <= {"pass", "not_applicable"} and not _cures(result))


def _cures(result: dict[str, Any]) -> list[Any]:
    return [entry["cure"] for entry in result["hard"] if entry["cure"] is not None]


def test_area_that_was_only_measured_is_flagged() -> None:
    measured = unit(available_area_m2=None, measured_area_m2=Decimal(5000))

    assert rule(only(ranked(need(), [measured])), "H2")["basis"] == "measured"
    assert rule(only(ranked(need(), [unit()])), "H2")["basis"] == "available"


def test_mortgage_and_seizure_show_nowhere() -> None:
    """Whatever staff know of them, units alike in standing get the same answer to the letter."""
    facts = [
        {"mortgage": mortgage, "is_seized": seized}
        for mortgage, seized in product([None, *(str(m) for m in Mortgage)], [None, False])
    ]
    candidates = [unit(allowed_paths=["sale"], price_yuan_m2=Decimal(2000), **fact) for fact in facts]

    answers = [ranked(need(accepted_paths=["sale"]), [candidate]) for candidate in candidates]

    by_status: dict[str, set[str]] = {}
    for answer in answers:
        result = only(answer)
        assert rule(result, "H12")["offered"] is None
        by_status.setdefault(result["status"], set()).add(json.dumps(answer))
    assert {status: len(texts) for status, texts in by_status.items()} == {"fit": 1, "to_confirm": 1}
    words = json.dumps(answers)
    assert not [word for word in ("mortgage", "seiz", "unreleased", "consented", "released") if word in words]


def test_entry_names_what_keeps_a_firm_from_being_sure() -> None:
    result = only(ranked(need(product_codes=["26"]), [unit()]))

    entry = rule(result, "H7")
    assert (entry["status"], entry["required"], entry["offered"]) == ("unknown", ["26"], ["2614"])
    assert result["unknown"] == ["product_codes"]
