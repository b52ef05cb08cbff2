"""Robustness: stored draws, shares against a plain count, nothing said where few fit."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from matching.ranking.robustness import Draws, checksum
from matching.sentences.counts import robustness_sentence
from tests.matching.samples import ROOT, crowd, need, random_demand, ranked, unit

DOCUMENT = json.loads((ROOT / "fixtures/reference/draws_1.json").read_text(encoding="utf-8"))
DRAWS = Draws.from_document(DOCUMENT)


def test_draws_are_those_of_the_seed_they_name() -> None:
    random = Random(20250630)

    again = [[round(random.uniform(0.7, 1.3), 3) for _ in DOCUMENT["criteria"]] for _ in range(200)]

    assert DOCUMENT["factors"] == again
    assert DOCUMENT["sha256"] == checksum(again)


@pytest.mark.parametrize("place", [0, 199])
def test_altered_draws_are_refused(place: int) -> None:
    altered = deepcopy(DOCUMENT)
    altered["factors"][place][3] += 0.001

    with pytest.raises(ValueError, match="checksum"):
        Draws.from_document(altered)


def plain_shares(results: list[dict[str, Any]]) -> dict[str, float]:
    """How often each is in the first three, counted draw by draw in plain Python; equal scores in the list's order."""
    fits = [result for result in results if result["status"] == "fit"][:50]
    counts = dict.fromkeys((result["asset_ids"][0] for result in fits), 0)
    for factors in DOCUMENT["factors"]:
        district = dict(zip(DOCUMENT["criteria"], factors, strict=True))
        scores = []
        for place, result in enumerate(fits):
            shaken = {entry["id"]: entry["weight"] * district[entry["id"]] ** 2 for entry in result["soft"]}
            total = sum(shaken.values())
            root = sum(shaken[entry["id"]] / total * math.sqrt(entry["d"]) for entry in result["soft"])
            scores.append((-round(root * root * 1e9), -result["score"], place))
        for _, _, place in sorted(scores)[:3]:
            counts[fits[place]["asset_ids"][0]] += 1
    return {name: count / 200 for name, count in counts.items()}


@pytest.mark.parametrize("seed", range(8))
def test_shares_are_those_a_plain_count_finds(seed: int) -> None:
    random = Random(seed)
    rents = [Decimal(random.randint(800, 1400)) / 100 for _ in range(70)]
    units = [
        unit(id=f"u{place:02d}", rent_yuan_m2_month=rent, power_kva=Decimal(random.randint(500, 900)))
        | {
            "available_area_m2": Decimal(random.randint(4200, 5500)),
            "clear_height_m": Decimal(random.randint(60, 75)) / 10,
        }
        for place, rent in enumerate(rents)
    ]

    results = ranked(need(), units, limit=100, draws=DRAWS)["lists"]["factory"]["results"]

    expected = plain_shares(results)
    assert {r["asset_ids"][0]: r["robustness"] for r in results[:50]} == pytest.approx(expected, abs=0.011)
    assert all(result["robustness"] is None for result in results[50:])
    assert len(results) == 70
    assert sum(expected.values()) == pytest.approx(3)


def test_nothing_is_said_where_fewer_than_four_fit() -> None:
    units = [unit(id=name) for name in "abcd"]

    three = ranked(need(), units[:3], draws=DRAWS)["lists"]["factory"]["results"]
    four = ranked(need(), units, draws=DRAWS)["lists"]["factory"]["results"]

    assert [result["robustness"] for result in three] == [None] * 3
    assert [result["robustness"] for result in four] == [1.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize("seed", range(5))
def test_the_answer_is_otherwise_the_same(seed: int) -> None:
    random = Random(seed)
    demand, units = random_demand(random), crowd(random, 60)

    ranking, plain = ranked(demand, units, draws=DRAWS), ranked(demand, units)

    for listing in ranking["lists"].values():
        for result in listing["results"]:
            assert result["status"] == "fit" or result["robustness"] is None
            result["robustness"] = None
    assert ranking == plain


def test_sentence() -> None:
    assert robustness_sentence(0.94, "zh") == "在 94% 的合理权重下位列前三"
    assert robustness_sentence(0.94, "en") == "in the top 3 in 94% of plausible weightings"
