"""A stored set of answers: rankings, near misses, bundles, explanations, the reverse list, the gap, sentences.

Each part is the SHA-256 of its answers as JSON. A change of a hash is a change of what people are answered: it needs a
version of the model or a line in the changelog, never a new hash alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from matching import Catalogue, Model, Parameters, rank, rank_many
from matching.answers.bundles import Neighbours
from matching.answers.difference import difference
from matching.answers.explain import explain
from matching.answers.gap import RankedDemand, gap
from matching.answers.replay import packed, park_facts, unpacked
from matching.answers.reverse import reverse
from matching.answers.value import Benchmarks
from matching.ranking.robustness import Draws
from matching.sentences.counts import counted, moved, robustness_sentence, standing
from matching.sentences.near_misses import relaxation_sentence
from matching.sentences.reasons import sentence, summary
from tests.matching.samples import (
    DAY,
    MODEL,
    PARAMETERS,
    PARKS,
    ROOT,
    SPINE,
    columns,
    crowd,
    facts_of,
    need,
    random_demand,
    unit,
)

LANGUAGES = ("zh", "en")


def reference(name: str) -> Any:
    return json.loads((ROOT / "fixtures/reference" / name).read_text(encoding="utf-8"))


def answer(demand: Any, catalogue: Catalogue, parameters: Parameters = PARAMETERS, **options: Any) -> dict[str, Any]:
    return rank(demand, catalogue, replace(MODEL, parameters=parameters), **options).to_document()


def samples() -> Iterator[tuple[Random, dict[str, Any], list[dict[str, Any]], Catalogue]]:
    """A random, a demand and its units, some of them parts of the same buildings."""
    for seed in range(10):
        random = Random(seed)
        units = crowd(random, 140, unknown=random.choice([0.0, 0.05, 0.2]))
        for candidate in units:
            candidate["root_id"] = random.choice([None, "b1", "b2", "b3"])
        yield random, random_demand(random), units, Catalogue.from_columns(columns(units))


def rankings() -> Iterator[Any]:
    draws = Draws.from_document(reference("draws_1.json"))
    fewer = PARAMETERS.with_rules(["H1", "H2", "H3", "H5", "H7", "H10", "H12"]).without_cures()
    for _, demand, units, catalogue in samples():
        yield answer(demand, catalogue, limit=20, keep=60, near_misses=True, draws=draws)
        yield answer(demand | {"template": None, "importances": None}, catalogue, SPINE, limit=5, near_misses=True)
        yield answer(demand, catalogue, fewer, limit=20, near_misses=True)
        some = [name for name in unit() if name not in ("clear_height_at", "effluent_types", "mortgage", "area_m2")]
        values = {name: [unit[name] for unit in units] for name in some}
        yield answer(demand, Catalogue.from_columns(values), limit=7)
        plain = {name: values[name] for name in ("id", "available_area_m2", "rent_yuan_m2_month", "price_yuan_m2")}
        unstated = demand | {"template": None, "importances": {"size": 3}, "kinds": ["land", "factory"]}
        yield rank(
            unstated | {"floor_area_m2_min": 5, "land_area_m2_min": 9}, plain, Model(PARAMETERS, DAY)
        ).to_document()


def near_misses() -> Iterator[Any]:
    strict = {"accepted_paths": ["lease", "sale"], "price_yuan_m2_max": 1900, "effluent_types": ["process"]}
    for random, _, _, catalogue in samples():
        tight = need(clear_height_m_min=9, floor_load_kn_m2_min=18, yearly_cost_yuan_max=random.choice([500000, None]))
        yield answer(tight, catalogue, limit=3)["lists"]["factory"]["relaxations"]
        hook = need(clear_height_at=random.choice(["under_hook", "under_beam"]), clear_height_m_min=8, **strict)
        yield answer(hook, catalogue, limit=3, near_misses=True)["lists"]["factory"]["relaxations"]
        near = need(places=[{"lon": 105.9, "lat": 29.6, "radius_m": 900}], effluent_t_d_min=300, power_kva_min=1300)
        yield answer(near, catalogue, limit=3)["lists"]["factory"]["relaxations"]
        large = need(floor_area_m2_min=9100, floor_area_m2_max=9500, kinds=["factory", "land"], land_area_m2_min=9100)
        yield answer(large, catalogue, limit=3)["lists"]


def bundles() -> Iterator[Any]:
    for random, demand, units, catalogue in samples():
        ids = [unit["id"] for unit in units]
        pairs = [tuple(random.sample(ids, 2)) for _ in range(400)]
        near = Neighbours(
            pairs, {item: random.choice("xy") for item in ids[:90]}, {item: random.choice([1, 2]) for item in ids[40:]}
        )
        for preference in (demand, need(floor_area_m2_min=9800, floor_area_m2_max=16000)):
            for part in answer(preference, catalogue, limit=15, adjacency=near)["lists"].values():
                yield part["alternatives"]


def explanations() -> Iterator[Any]:
    for _, demand, units, catalogue in samples():
        for candidate in units[:40]:
            alone = Catalogue.from_columns(columns([candidate]))
            yield explain(demand, alone, catalogue, MODEL, limit=4)


def many() -> Iterator[Any]:
    for random, _, _, catalogue in samples():
        demands = [random_demand(random) for _ in range(40)]
        rankings = rank_many(demands, catalogue, MODEL, limit=6)
        yield {
            name: (str(getattr(rankings, name).dtype), getattr(rankings, name).tolist())
            for name in ("demand", "kind", "unit", "rank", "status", "score")
        }


def other_sides() -> Iterator[Any]:
    benchmarks = Benchmarks.from_document(reference("value_1.json"))
    for random, _, units, catalogue in samples():
        demands = [
            random_demand(random) | {"id": place, "jobs": 10 * place, "tax_yuan_year": 1e5} for place in range(12)
        ]
        answers = [(demand, answer(demand, catalogue, limit=0)) for demand in demands]
        yield gap([RankedDemand.of(*pair) for pair in answers])
        alone = [
            (demand, demand["kinds"][0], answer(demand, Catalogue.from_columns(columns(units[:1])), limit=1))
            for demand in demands
        ]
        listed = [(item, kind, document["lists"][kind]) for item, kind, document in alone]
        yield reverse(listed, "moto", benchmarks, unknown_value=0.3, exponent=0.5)


def replays() -> Iterator[Any]:
    for _, demand, _, catalogue in samples():
        ranking = rank(demand, catalogue, MODEL, keep=30)
        ids = [item for part in ranking.lists.values() for item in part.kept]
        rows = packed(catalogue, ids)
        yield rows
        yield park_facts(facts_of(PARKS), rows["facts_keys"])
        yield catalogue.take(ids).rows(range(len(rows["ids"])))
        kept = unpacked(json.loads(json.dumps(rows)))
        again = answer(demand, kept)
        yield again
        other = answer(demand | {"rent_yuan_m2_month_max": 12}, catalogue, limit=9)
        inputs = ({"demand": {"a": 1}, "rows": rows}, {"demand": {"a": 2}, "limit": 9, "rows": rows})
        changed = difference(ranking.to_document(), other, *inputs)
        yield changed
        entries = [entry for part in changed["lists"].values() for entry in part["moved"]]
        yield [moved(entry, language) for entry in entries for language in LANGUAGES]


def sentences() -> Iterator[Any]:
    def of_result(result: Mapping[str, Any]) -> Iterator[Any]:
        for language in LANGUAGES:
            yield summary(result, language)
            for entry in result["hard"]:
                yield sentence({**entry, "taken_m2": result["taken_m2"]}, language)
            yield [sentence(entry, language) for entry in result["soft"]]

    for _, demand, units, catalogue in samples():
        for part in answer(demand, catalogue, limit=12, near_misses=True)["lists"].values():
            for language in LANGUAGES:
                yield counted(part["totals"], language)
                yield [relaxation_sentence(relaxation, language) for relaxation in part["relaxations"]]
                yield robustness_sentence(0.5, language)
            yield [list(of_result(result)) for result in part["results"]]
        for candidate in units[40:60]:
            alone = Catalogue.from_columns(columns([candidate]))
            explanation = explain(demand, alone, catalogue, MODEL, limit=2)
            yield [standing({**explanation, "availability": "occupied"}, language) for language in LANGUAGES]


STORED = {
    "rankings": (50, "8fb8521eb48ca4e2e98877aa70565260f04f525b91bc273a27b489d2f721facd"),
    "near_misses": (40, "13a36eba6bf50c92197677760a6ad9bf904666ff0b03db2f90677e80a471f0f6"),
    "bundles": (23, "0120ebd283ad2d141aad5be064c9a5cb867474ecefac22287d063880f87836c3"),
    "explanations": (400, "28cda6bdced5ac7cd6480a33093d8eb27d3cd0e3d6cda0217e99a83db4c49b85"),
    "many": (10, "69190891d1e203425df0c932ffb793df8d8584f3d72e85891b359a6ea0d2cb4f"),
    "other_sides": (20, "c15a1777902c198a59a18c0a009755d20c059b8a18e9e58d3b5cbba4e8a06195"),
    "replays": (60, "ca30c7cfc503e941c7a7f85216ed7db530c8d9bb95ec55293866f3c1dfe64699"),
    "sentences": (291, "fe13bd0d0719d55bf80c83cf2f39b5f65e1f7e790554738f7e4050da3780df68"),
}


@pytest.mark.parametrize("part", [rankings, near_misses, bundles, explanations, many, other_sides, replays, sentences])
def test_answers_are_those_that_were_stored(part: Callable[[], Iterator[Any]]) -> None:
    digest, count = hashlib.sha256(), 0
    for document in part():
        digest.update(json.dumps(document, ensure_ascii=False, default=str).encode())
        count += 1

    assert (count, digest.hexdigest()) == STORED[part.__name__]
