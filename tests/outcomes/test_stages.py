"""Every stage is reached from the first, every way ends, nothing leads out of an end; what a path says is there."""

from __future__ import annotations

import pytest

from actions.stage_effects import EFFECTS
from api.outcome_bodies import Step
from domain.errors import Conflict
from domain.words import Path
from fixtures import reference
from outcomes.stages import EXITS, Route, Stage, routes

FIRST, ROUTES = (routes(version, EFFECTS) for version in reference.versions("paths"))
ON_LAND = routes(reference.rules("paths"), EFFECTS, has_land=True)
EVERY = [*FIRST.values(), *ROUTES.values(), *ON_LAND.values()]
#: Path → the stage its revival counts at; version 1 counted an auction at the registration.
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


@pytest.mark.parametrize("route", EVERY)
def test_every_stage_is_reached_and_every_way_ends(route: Route) -> None:
    reached, following = set(), {route.first}
    while following:
        reached |= following
        following = {target for stage in following for target in route.edges.get(stage, frozenset())} - reached

    assert reached == {*route.stages, *(way for way in EXITS if way in reached)}
    assert {Stage.corrected, Stage.ended} <= reached
    assert all(route.edges.get(end) is None for end in EXITS)
    assert route.edges[Stage.ended] == {Stage.corrected}


def test_a_revival_counts_at_its_stage() -> None:
    assert {path: route.revives_at for path, route in ROUTES.items()} == COUNTS_AT
    assert {path: route.revives_at for path, route in FIRST.items()} == {
        **COUNTS_AT,
        Path.judicial_auction: Stage.title_registered,
    }


@pytest.mark.parametrize("route", EVERY)
def test_a_revival_is_corrected_never_withdrawn_and_ends_only_once_it_counts(route: Route) -> None:
    counts_at = route.stages.index(route.revives_at)

    for n, stage in enumerate(route.stages):
        assert (Stage.corrected in route.edges[stage]) is not (Stage.withdrawn in route.edges[stage])
        assert Stage.corrected in route.edges[stage] or n < counts_at
        assert Stage.ended not in route.edges[stage] or n >= counts_at


@pytest.mark.parametrize("route", EVERY)
def test_gates_and_effects_are_known(route: Route) -> None:
    query = {name for gate in route.gates.values() for name in (gate.day, *gate.needs, *gate.may)}

    assert query <= set(Step.__struct_fields__)
    assert {effect for effects in route.effects.values() for effect in effects} <= set(EFFECTS.values())


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


def test_version_1_knows_no_stage_beside_the_way_and_one_rule_of_law() -> None:
    assert {path for path, route in FIRST.items() if route.beside} == set()
    assert {path: list(route.law) for path, route in FIRST.items() if route.law} == {Path.temporary_use: ["term"]}
    assert FIRST[Path.temporary_use].gates[Stage.signed].needs == ("permit_no",)


def test_what_stands_beside_the_way_of_each_path() -> None:
    title = {
        Path.sale,
        Path.equity_swap,
        Path.share_purchase,
        Path.judicial_auction,
        Path.repurchase_resupply,
        Path.merger,
    }
    beside = {
        stage: {path for path, route in ROUTES.items() if stage in route.beside}
        for stage in (Stage.construction_started, Stage.pre_registered, Stage.tenant_notified)
    }

    assert beside == {
        Stage.construction_started: {*title, Path.lease, Path.sublease, Path.part_use},
        Stage.pre_registered: {*title, Path.lease, Path.part_use},
        Stage.tenant_notified: {Path.sale, Path.equity_swap, Path.judicial_auction},
    }
    assert all(not set(route.beside) & set(route.stages) for route in EVERY)
    assert ROUTES[Path.sale].order[:6] == [
        Stage.tenant_notified,
        Stage.proposed,
        Stage.due_diligence,
        Stage.valuation,
        Stage.resolved,
        Stage.contracted,
    ]
    assert ROUTES[Path.sale].order[6:8] == [Stage.pre_registered, Stage.construction_started]


def test_a_deal_that_has_counted_leaves_by_correction_only() -> None:
    sale = ON_LAND[Path.sale]
    sale.step(Stage.contracted, Stage.withdrawn)
    sale.step(Stage.contracted, Stage.corrected, has_counted=True)
    sale.step(Stage.contracted, Stage.tax_cleared, has_counted=True)

    for way in (Stage.withdrawn, Stage.rejected):
        with pytest.raises(Conflict) as refused:
            sale.step(Stage.contracted, way, has_counted=True)
        assert refused.value.faults[0].code == "only_corrected"
    with pytest.raises(Conflict):
        sale.step(Stage.contracted, Stage.corrected)


def test_a_permit_is_for_temporary_use_of_land() -> None:
    assert ON_LAND[Path.temporary_use].gates[Stage.signed].needs == ("permit_no",)
    assert ROUTES[Path.temporary_use].gates[Stage.signed].needs == ()


@pytest.mark.parametrize("route", [*ROUTES.values(), *ON_LAND.values()])
def test_every_rule_of_law_names_its_article(route: Route) -> None:
    assert all("条" in rule["article"] and "art" in rule["article"].lower() for rule in route.law.values())
    notice = route.law.get("tenant_notice")
    assert notice is None or notice["before"] in route.stages
