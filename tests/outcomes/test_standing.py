"""Where a deal may go: in the order of its route, exits last, with the fields that each step takes."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import pytest

from actions.stage_effects import EFFECTS
from domain.errors import Conflict, Fault, Invalid
from domain.words import Path
from fixtures import reference
from outcomes.stage_fields import RECORD_FIELDS, fields
from outcomes.stages import EXITS, Route, Stage, route, routes
from outcomes.standing import Direction, OutcomeStanding

FIRST, ROUTES = (routes(version, EFFECTS) for version in reference.versions("paths"))
ON_LAND = routes(reference.rules("paths"), EFFECTS, has_land=True)
FORWARD, BESIDE, BACK, EXIT = Direction


def stands(
    route: Route, stage: Stage, *beside: Stage, without: Sequence[Stage] = (), is_revived: bool = False,
    is_renewal: bool = False,
) -> OutcomeStanding:  # fmt: skip
    """A deal at a stage that has reached all before it, some left out, and these beside the route."""
    passed = route.stages[: route.stages.index(stage) + 1]
    return OutcomeStanding(route, stage, frozenset({*passed, *beside} - {*without}), is_revived, is_renewal)


def test_a_lease_goes_on_over_what_it_may_leave_out_or_is_withdrawn() -> None:
    assert stands(ROUTES[Path.lease], Stage.opened).following() == [
        (Stage.reserved, FORWARD),
        (Stage.signed, FORWARD),
        (Stage.withdrawn, EXIT),
    ]


def test_a_hold_is_made_anew_and_a_renewal_is_signed_or_it_is_not() -> None:
    signed = [(Stage.pre_registered, BESIDE), (Stage.handed_over, FORWARD), (Stage.withdrawn, EXIT)]

    assert stands(ROUTES[Path.lease], Stage.signed).following() == [(Stage.opened, BACK), *signed]
    assert stands(ROUTES[Path.lease], Stage.signed, is_renewal=True).following() == signed


def test_a_side_stage_is_taken_back_and_one_that_may_come_again_is_named_twice() -> None:
    sale = ROUTES[Path.sale]

    assert stands(sale, Stage.contracted, Stage.tenant_notified, Stage.pre_registered, without=[Stage.valuation]
                  ).following() == [
        (Stage.tenant_notified, BESIDE),
        (Stage.tenant_notified, BACK),
        (Stage.proposed, BACK),
        (Stage.due_diligence, BACK),
        (Stage.resolved, BACK),
        (Stage.pre_registered, BACK),
        (Stage.tax_cleared, FORWARD),
        (Stage.withdrawn, EXIT),
        (Stage.rejected, EXIT),
    ]  # fmt: skip


def test_construction_on_land_counts_and_is_left_by_correction_alone() -> None:
    started = stands(ON_LAND[Path.sale], Stage.contracted, Stage.construction_started)

    following = started.following()

    assert started.has_counted
    assert [stage for stage, direction in following if direction is EXIT] == [Stage.corrected]
    assert [stage for stage, direction in following if direction is BACK] == [Stage.construction_started]
    assert (Stage.construction_started, BESIDE) not in stands(ROUTES[Path.sale], Stage.contracted).following()


@pytest.mark.parametrize("route", [*FIRST.values(), *ROUTES.values(), *ON_LAND.values()])
def test_every_stage_leads_on_by_its_edges_and_an_exit_nowhere(route: Route) -> None:
    for stage in route.stages:
        is_revived = route.stages.index(stage) >= route.stages.index(route.revives_at)
        following = stands(route, stage, is_revived=is_revived).following()
        onward = [target for target, direction in following if direction in (FORWARD, EXIT)]
        assert set(onward) == route.edges[stage]
        assert onward == sorted(onward, key=[*route.stages, *EXITS].index)
        back = [target for target, direction in following if direction is BACK]
        assert all(not route.lasts(undone) for target in back[:1] for undone in route.behind(stage, target))
    for stage in EXITS:
        assert OutcomeStanding(route, stage, frozenset(route.stages), False, False).following() == []


def test_what_is_not_named_is_refused() -> None:
    signed = stands(ROUTES[Path.lease], Stage.signed)

    with pytest.raises(Conflict) as refused:
        signed.require(Stage.reserved, BACK)

    assert refused.value.faults == (Fault("never_reached", "stage", {"stage": "reserved"}),)


def test_a_step_takes_its_day_its_figures_and_what_any_record_holds() -> None:
    may = [(name, False) for name in RECORD_FIELDS]
    lease, swap, use = ROUTES[Path.lease], ROUTES[Path.equity_swap], ON_LAND[Path.temporary_use]
    terms = [("starts_on", False), ("ends_on", False), ("rent_yuan_m2_month", False), ("contract_no", False)]

    assert fields(lease, Stage.reserved, FORWARD) == [("happened_on", False), ("reserved_until", True), *may]
    assert fields(lease, Stage.signed, FORWARD) == [("signed_on", True), *terms, *may]
    assert fields(use, Stage.signed, FORWARD) == [("signed_on", True), ("permit_no", True), *terms, *may]
    agreed = [("contribution_yuan", True), ("equity_share", True), ("area_m2", False)]
    assert fields(swap, Stage.contracted, FORWARD) == [("happened_on", True), *agreed, *may]
    assert fields(swap, Stage.proposed, BACK) == fields(swap, Stage.rejected, EXIT) == [("reason", True)]
    assert fields(swap, Stage.tenant_notified, BACK) == [("reason", True)]


def test_an_effect_that_is_not_in_the_registry_is_refused_by_name() -> None:
    document = deepcopy(reference.rules("paths"))
    document["paths"]["sale"]["effects"]["contracted"] = ["bind", "annul"]
    document["paths"]["lease"]["effects"]["signed"] = ["let", "contract"]

    with pytest.raises(Invalid) as unknown:
        route(document, Path.sale, EFFECTS)
    with pytest.raises(Invalid) as lacking:
        route(document, Path.lease, EFFECTS)

    assert unknown.value.faults == (Fault("unknown_effect", "paths.sale.effects.contracted", {"effect": "annul"}),)
    params = {"effect": "contract", "missing": "contribution_yuan, equity_share"}
    assert lacking.value.faults == (Fault("effect_lacks", "paths.lease.effects.signed", params),)


def test_every_effect_of_the_registry_is_used_by_a_version() -> None:
    used = {
        effect for route in (*FIRST.values(), *ROUTES.values()) for each in route.effects.values() for effect in each
    }

    assert used == set(EFFECTS.values())
