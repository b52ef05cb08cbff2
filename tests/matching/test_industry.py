"""Relatedness of industries: the tree, the chain, and both against a walk over single codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from matching import Catalogue, Chain, Demand, ParkProfile, rank_many, relatedness
from matching.industry import Relatedness, RelatednessTable
from matching.parks import Facts
from matching.rules.entry_list import entry_to_park, hits, park_statuses
from matching.rules.verdict import field_bits
from tests.matching.samples import MODEL, PARAMETERS, SECTIONS, columns, crowd, need


def near(a: str, b: str, chain: Chain | None = None) -> float:
    return relatedness(a, b, PARAMETERS, chain, sections=SECTIONS)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("3752", "3752", 1.0),
        ("3752", "3751", 0.85),
        ("3752", "3770", 0.65),
        ("3752", "2730", 0.25),
        ("3752", "7510", 0.0),
        ("3752", "375", 0.85),
        ("375", "375", 0.85),
        ("3752", "37", 0.65),
        ("37", "29", 0.25),
        ("3752", "C", 0.25),
        ("C", "C", 0.25),
        ("C", "M", 0.0),
    ],
)
def test_tree_meets_at_the_shorter_code(a: str, b: str, expected: float) -> None:
    assert near(a, b) == expected
    assert near(b, a) == expected


def test_section_is_unknown_without_a_table_of_divisions() -> None:
    assert relatedness("3752", "2730", PARAMETERS) == 0.0
    assert relatedness("3752", "2730", PARAMETERS, sections={"37": "C", "27": "C"}) == 0.25


def test_edge_holds_both_ways_and_the_greater_counts() -> None:
    chain = Chain.from_edges([("2929", "3752", 0.5), ("3752", "2929", 0.7), ("2929", "3752", 0.6)], "v")

    assert near("2929", "3752", chain) == 0.7
    assert near("3752", "2929", chain) == 0.7


def test_two_edges_multiply_and_three_say_nothing() -> None:
    chain = Chain.from_edges([("2929", "3752", 0.7), ("3752", "7510", 0.9), ("7510", "0111", 1.0)], "v")

    assert near("2929", "7510", chain) == 0.7 * 0.9
    assert near("2929", "0111", chain) == 0.0


def test_edge_holds_for_every_code_below_its_ends() -> None:
    chain = Chain.from_edges([("261", "29", 0.8), ("2929", "7510", 0.5)], "v")

    assert near("2614", "2929", chain) == 0.8
    assert near("2614", "7510", chain) == 0.8 * 0.5
    assert near("26", "2929", chain) == 0.25


def test_chain_never_makes_nearer_codes_farther() -> None:
    chain = Chain.from_edges([("3752", "3751", 0.1)], "v")

    assert near("3752", "3751", chain) == 0.85


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_weight_outside_its_range_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="edge 3752 - 3751: weight outside 0 to 1"):
        Chain.from_edges([("3752", "3751", weight)], "v")


def walked(a: str, b: str, edges: list[tuple[str, str, float]], codes: list[str]) -> float:
    """The best of one or two edges, walked over single codes."""

    def edge(x: str, y: str) -> float:
        return max(
            (w for u, v, w in edges if (x.startswith(u) and y.startswith(v)) or (x.startswith(v) and y.startswith(u))),
            default=0.0,
        )

    return max(edge(a, b), *(edge(a, middle) * edge(middle, b) for middle in codes))


@pytest.mark.parametrize("seed", range(8))
def test_closure_equals_a_walk_over_single_codes(seed: int) -> None:
    random = Random(seed)
    classes = [f"{d}{g}{c}" for d in ("26", "29", "37") for g in (1, 2) for c in (1, 2)]
    ends = sorted({code[:length] for code in classes for length in (2, 3, 4)})
    edges = [(random.choice(ends), random.choice(ends), random.choice([0.3, 0.6, 0.9])) for _ in range(9)]
    chain = Chain.from_edges(edges, "v")

    for a in classes:
        for b in classes:
            assert chain.weight(a, b, {}) == walked(a, b, edges, classes)


CODES = [
    "C",
    "M",
    "X",
    "2",
    "26",
    "261",
    "2614",
    "29",
    "2929",
    "37",
    "375",
    "3751",
    "3752",
    "99",
    "9999",
]


def drawn(seed: int) -> Iterator[str]:
    random = Random(seed)
    yield from CODES
    yield from ("".join(random.choice("2379") for _ in range(random.randint(1, 4))) for _ in range(40))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("sections", [SECTIONS, {}])
def test_table_holds_the_relatedness_of_every_pair(seed: int, sections: dict[str, str]) -> None:
    random, codes = Random(seed), tuple(dict.fromkeys(drawn(seed)))
    edges = [(random.choice(codes), random.choice(codes), random.choice([0.3, 0.6, 0.9])) for _ in range(12)]
    uneven = replace(PARAMETERS, numbers=replace(PARAMETERS.numbers, same_group=0.2, same_section=0.7))
    for chain in (None, Chain.from_edges(edges, "v", sections=sections)):
        for parameters in (PARAMETERS, uneven):
            table = Relatedness(parameters.numbers, chain, sections).table(codes)
            for code in (*codes, "7777"):
                expected = [relatedness(code, other, parameters, chain, sections=sections) for other in codes]
                assert table.row(code).tolist() == expected


def test_a_code_that_many_demands_name_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[str] = []
    compute = RelatednessTable._computed
    monkeypatch.setattr(RelatednessTable, "_computed", lambda self, code: computed.append(code) or compute(self, code))
    demands = [need(product_codes=[code]) for code in ("3752", "2929", "3751") * 20]
    catalogue, model = Catalogue.from_columns(columns(crowd(Random(1), 60))), replace(MODEL, chain=None)
    for day in ("2025-06-01", "2025-06-02"):
        rank_many(demands, catalogue, replace(model, day=day))

    assert sorted(computed) == ["2929", "3751", "3752"]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("sections", [SECTIONS, {}])
def test_all_parks_at_once_take_the_firm_as_each_does(seed: int, sections: dict[str, str]) -> None:
    random = Random(seed)
    lists = [None, [], *(random.sample(CODES, random.randint(1, 4)) for _ in range(30))]
    parks = Facts(
        ParkProfile.of({"negative_list": n, "is_chemical_park": random.choice([True, False, None])}) for n in lists
    )
    table = (
        MODEL.relatedness.table(parks.banned)
        if sections
        else Relatedness(PARAMETERS.numbers, None, {}).table(parks.banned)
    )
    codes = random.sample(CODES, random.randint(0, 3))
    demand = Demand.from_fields(need(product_codes=codes, needs_chemical_park=random.random() < 0.5))

    status, lacking = park_statuses(demand, parks, hits(demand.codes, table))

    entries = [entry_to_park(demand, park, sections) for park in parks]
    assert status.tolist() == [entry.status for entry in entries]
    unknown = [place for place, entry in enumerate(entries) if entry.status == 2]
    assert [int(lacking[place]) for place in unknown] == [field_bits(entries[place].lacking) for place in unknown]
