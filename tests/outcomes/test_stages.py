"""Every stage is reached from the first, every way ends, nothing leads out of an end; what a path says is there."""

from __future__ import annotations

import json
from pathlib import Path as File

import pytest

from actions.turns import TURNS
from api.deal_bodies import Step
from domain.errors import Conflict
from domain.words import Path
from outcomes.stages import WAYS_OUT, Stage, routes

DATA = File(__file__).parents[2] / "fixtures" / "reference" / "paths_2.json"
ROUTES = routes(json.loads(DATA.read_text(encoding="utf-8")))
#: Path → the stage its revival counts at. Source: issue "Outcomes", item 1.
COUNTS_AT = {
    Path.lease: Stage.handed_over,
    Path.sublease: Stage.handed_over,
    Path.part_use: Stage.handed_over,
    Path.temporary_use: Stage.handed_over,
    Path.owner_restart: Stage.trial_production,
    Path.joint_development: Stage.construction_started,
    Path.built_to_suit: Stage.construction_started,
    Path.sale: Stage.title_registered,
    Path.equity_swap: Stage.title_registered,
    Path.judicial_auction: Stage.ruling_served,
    Path.repurchase_resupply: Stage.resupplied,
    Path.share_purchase: Stage.equity_registered,
    Path.merger: Stage.equity_registered,
}


@pytest.mark.parametrize("path", list(Path))
def test_every_stage_is_reached_and_every_way_ends(path: Path) -> None:
    route = ROUTES[path]
    reached, following = set(), {route.first}
    while following:
        reached |= following
        following = {target for stage in following for target in route.edges.get(stage, frozenset())} - reached

    assert reached == {*route.stages, *(way for way in WAYS_OUT if way in reached)}
    assert {Stage.corrected, Stage.ended} <= reached
    assert all(route.edges.get(end) is None for end in WAYS_OUT)
    assert route.edges[Stage.ended] == {Stage.corrected}


@pytest.mark.parametrize("path", list(Path))
def test_a_revival_is_corrected_never_withdrawn_and_ends_only_once_it_counts(path: Path) -> None:
    route = ROUTES[path]
    counts_at = route.stages.index(route.revives_at)

    assert route.revives_at is COUNTS_AT[route.path]
    for n, stage in enumerate(route.stages):
        assert (Stage.corrected in route.edges[stage]) is not (Stage.withdrawn in route.edges[stage])
        assert Stage.corrected in route.edges[stage] or n < counts_at
        assert Stage.ended not in route.edges[stage] or n >= counts_at


@pytest.mark.parametrize("path", list(Path))
def test_gates_and_effects_are_known(path: Path) -> None:
    route = ROUTES[path]
    asked = {name for gate in route.gates.values() for name in (gate.day, *gate.needs, *gate.may)}

    assert asked <= set(Step.__struct_fields__)
    assert {effect for effects in route.effects.values() for effect in effects} <= set(TURNS)


def test_title_that_passed_is_corrected_never_withdrawn() -> None:
    swap = ROUTES[Path.equity_swap]
    swap.step(Stage.tax_cleared, Stage.withdrawn)
    swap.step(Stage.title_registered, Stage.corrected)

    with pytest.raises(Conflict) as refused:
        swap.step(Stage.title_registered, Stage.withdrawn)

    assert refused.value.faults[0].params["possible"] == "corrected, equity_registered, pre_registered, tenant_notified"


def test_going_back_stops_at_what_is_there_to_stay() -> None:
    swap = ROUTES[Path.equity_swap]

    assert swap.behind(Stage.contracted, Stage.valuation) == (Stage.resolved, Stage.contracted)
    assert swap.behind(Stage.full_production, Stage.trial_production) == (Stage.full_production,)
    with pytest.raises(Conflict) as refused:
        swap.behind(Stage.equity_registered, Stage.contracted)
    assert refused.value.faults[0].code == "only_corrected"


def test_land_taken_back_is_no_longer_withdrawn() -> None:
    resupply = ROUTES[Path.repurchase_resupply]

    resupply.step(Stage.proposed, Stage.withdrawn)
    with pytest.raises(Conflict):
        resupply.step(Stage.repurchased, Stage.withdrawn)
    resupply.step(Stage.repurchased, Stage.corrected)
